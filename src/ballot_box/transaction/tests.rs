//! A box that had transactions which were dropped, beside one that never had them.

use alloc::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::ballot::{BallotReference, Choice, SealedBallot};
use crate::ballot_box::merkle::ReferenceTree;
use crate::ballot_box::{ElectoralRoll, IdentityChecked, Opening, Roll, Validity, Vote, Voter};
use crate::credential::{Activation, ActivationNonce, Credential, PublicCredential};
use crate::primitives::SigningKey;
use crate::test_support::{Dealt, rng};

const VOTERS: u64 = 3;
const CODES: u64 = 3;

/// Everything that takes time to make, made once.
struct World {
    dealt: Dealt,
    /// Of each voter and code.
    credentials: Vec<Credential>,
    activations: Vec<Activation>,
    /// Two of each.
    ballots: Vec<[Vec<u8>; 2]>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let dealt = Dealt::simple(1, 1);
    let credentials: Vec<_> = (0..VOTERS * CODES).map(|code| dealt.credential(code + 1)).collect();
    let activation = |credential| Activation::new(credential, &nonce(), &mut rng(1));
    let seal = |choice, credential| {
        SealedBallot::seal(&dealt.contest, choice, credential, &mut rng(2)).unwrap().cast()
    };
    let ballots = |credential| [Choice::Blank, Choice::List(1)].map(|choice| seal(choice, credential));
    World {
        activations: credentials.iter().map(activation).collect(),
        ballots: credentials.iter().map(ballots).collect(),
        credentials,
        dealt,
    }
});

fn nonce() -> ActivationNonce {
    ActivationNonce::from_bytes([3; 32])
}

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

fn id(voter: u64) -> VoterId {
    VoterId::new(voter.to_le_bytes()).unwrap()
}

fn place(voter: u64, code: u64) -> usize {
    usize::try_from(voter * CODES + code).unwrap()
}

fn issue(voter: u64, code: u64, now: u64) -> Issue {
    let credential = WORLD.credentials[place(voter, code)].public();
    Issue::new(id(voter), WORLD.dealt.contest.fingerprint(), credential, at(now), Validity::UntilClose)
}

fn open() -> BallotBox {
    let Dealt { contest, box_key, issuer_key, .. } = &WORLD.dealt;
    let mut roll = ElectoralRoll::new(contest.clone());
    (0..VOTERS).for_each(|voter| roll.register(issue(voter, 0, 100)).unwrap());
    let proposed = roll.propose(at(900), box_key).unwrap().stored();
    let digest = proposed.verify(contest.contest()).unwrap();
    let opening: Opening = proposed.with(issuer_key.sign(digest.as_bytes()));
    let key = SigningKey::from_seed(&box_key.expose_seed());
    BallotBox::open(roll, opening, key).unwrap().stored()
}

type Known = (Issue, Vec<PublicCredential>, bool, u8, Option<(usize, BallotReference, UnixTime)>);

/// Everything that a box is.
#[derive(Debug, PartialEq)]
struct Fingerprint {
    roll: Roll,
    voters: BTreeMap<VoterId, Known>,
    ballots: Vec<Vec<u8>>,
    references: Vec<BallotReference>,
    tree: ReferenceTree,
    sum: (PartialSum, Vec<u8>),
    deposited: BTreeSet<[u8; 32]>,
    challenged: BTreeSet<[u8; 32]>,
    times: (UnixTime, UnixTime),
    closed: Option<(UnixTime, [u8; 32])>,
    last: Link,
    anchor: Vec<u8>,
    before: bool,
}

fn fingerprint(ballot_box: &BallotBox) -> Fingerprint {
    // No `..`: a new field must be added here, and be undone.
    let BallotBox {
        contest: _,
        key: _,
        roll,
        voters,
        ballots,
        references,
        tree,
        sum,
        deposited,
        challenged,
        clock,
        head_at,
        closed,
        chain,
        before,
    } = ballot_box;
    let known = |voter: &Voter| {
        let Voter { current, revoked, active, challenges, vote } = voter;
        let vote = vote.map(|Vote { index, reference, at }| (index, reference, at));
        ((**current).clone(), revoked.clone(), *active, *challenges, vote)
    };
    Fingerprint {
        roll: roll.clone(),
        voters: voters.iter().map(|(id, voter)| (id.clone(), known(voter))).collect(),
        ballots: ballots.clone(),
        references: references.clone(),
        tree: tree.clone(),
        sum: (sum.clone(), sum.to_bytes()),
        deposited: deposited.clone(),
        challenged: challenged.clone(),
        times: (*clock, *head_at),
        closed: closed.map(|Closed { at, random }| (at, random)),
        last: chain.last,
        anchor: ballot_box.anchor().to_bytes(),
        before: before.is_some(),
    }
}

/// What is asked of a box.
#[derive(Clone, Debug)]
enum Step {
    Activate(u64, u64),
    Reissue(u64, u64),
    Challenge(u64, u64, usize),
    Deposit(u64, u64, usize),
    Batch(Vec<(u64, u64, usize)>),
    Close,
}

/// Whether it was accepted. Times may go back.
fn step(transaction: &mut Transaction<'_>, step: &Step, now: u64) -> usize {
    let ballot = |voter, code, which: usize| &WORLD.ballots[place(voter, code)][which];
    match step {
        Step::Activate(voter, code) => {
            let activation = &WORLD.activations[place(*voter, *code)];
            transaction.activate(&id(*voter), &nonce(), activation, at(now)).is_ok().into()
        }
        Step::Reissue(voter, code) => {
            let identity = IdentityChecked::by_application(id(*voter));
            transaction.reissue(identity, issue(*voter, *code, now), at(now)).is_ok().into()
        }
        Step::Challenge(voter, code, which) => {
            transaction.challenge(&id(*voter), ballot(*voter, *code, *which), at(now)).is_ok().into()
        }
        Step::Deposit(voter, code, which) => {
            transaction.deposit(&id(*voter), ballot(*voter, *code, *which), at(now)).is_ok().into()
        }
        Step::Batch(deposits) => {
            let deposits: Vec<_> = deposits
                .iter()
                .map(|(voter, code, which)| (id(*voter), ballot(*voter, *code, *which).clone()))
                .collect();
            transaction.deposit_batch(&deposits, at(now)).iter().filter(|result| result.is_ok()).count()
        }
        Step::Close => transaction.close(at(now), &mut rng(now)).is_ok().into(),
    }
}

fn arb_delivery() -> impl Strategy<Value = (u64, u64, usize)> {
    (0..VOTERS, prop_oneof![4 => Just(0), 1 => 1..CODES], 0..2usize)
}

fn arb_step() -> impl Strategy<Value = (Step, u64)> {
    let code = || (0..VOTERS, prop_oneof![4 => Just(0), 1 => 1..CODES]);
    let step = prop_oneof![
        8 => code().prop_map(|(voter, code)| Step::Activate(voter, code)),
        2 => (0..VOTERS, 1..CODES).prop_map(|(voter, code)| Step::Reissue(voter, code)),
        3 => arb_delivery().prop_map(|(voter, code, which)| Step::Challenge(voter, code, which)),
        6 => arb_delivery().prop_map(|(voter, code, which)| Step::Deposit(voter, code, which)),
        3 => prop::collection::vec(arb_delivery(), 0..5).prop_map(Step::Batch),
        1 => Just(Step::Close),
    ];
    // Before the opening, while it is open, in the grace, after the end.
    (step, prop_oneof![1 => 900..1_000u64, 30 => 1_000..2_000u64, 2 => 2_000..2_300u64, 1 => 2_300..2_400u64])
}

/// What becomes of the steps of a transaction.
#[derive(Clone, Copy, Debug)]
enum End {
    Stored,
    Dropped,
    /// The next transaction takes it back.
    Forgotten,
}

fn arb_transaction() -> impl Strategy<Value = (Vec<(Step, u64)>, End)> {
    let end = prop_oneof![3 => Just(End::Stored), 3 => Just(End::Dropped), 1 => Just(End::Forgotten)];
    (prop::collection::vec(arb_step(), 0..8), end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_dropped_transaction_leaves_the_box_as_it_was(
        transactions in prop::collection::vec(arb_transaction(), 1..12),
    ) {
        let [mut had, mut never] = [open(), open()];
        for (steps, end) in &transactions {
            let mut transaction = had.transaction();
            let accepted: usize = steps.iter().map(|(what, now)| step(&mut transaction, what, *now)).sum();
            let (entries, anchor) = (transaction.entries().to_vec(), transaction.anchor());
            match end {
                End::Stored => {
                    let answers = transaction.stored();
                    prop_assert_eq!(answers.len(), accepted);
                    let mut beside = never.transaction();
                    steps.iter().for_each(|(what, now)| {
                        step(&mut beside, what, *now);
                    });
                    prop_assert_eq!((beside.entries(), beside.anchor()), (&entries[..], anchor));
                    prop_assert_eq!(beside.stored(), answers);
                }
                End::Dropped => drop(transaction),
                End::Forgotten => {
                    core::mem::forget(transaction);
                    drop(had.transaction());
                }
            }
            prop_assert_eq!(fingerprint(&had), fingerprint(&never));
        }
    }
}

#[test]
fn every_change_is_undone() {
    let steps = [
        (Step::Activate(0, 0), 1_100),
        (Step::Challenge(0, 0, 0), 1_200),
        (Step::Reissue(1, 1), 1_300),
        (Step::Activate(1, 1), 1_400),
        (Step::Deposit(0, 0, 1), 1_500),
        (Step::Batch([(1, 1, 0)].to_vec()), 1_600),
        (Step::Close, 2_300),
    ];
    let mut ballot_box = open();
    let mut fingerprints = alloc::vec![fingerprint(&ballot_box)];
    for some in 0..=steps.len() {
        let mut transaction = ballot_box.transaction();
        for (what, now) in &steps[..some] {
            assert_eq!(step(&mut transaction, what, *now), 1, "{what:?}");
        }
        assert_eq!(transaction.entries().len(), some);
        let changed = fingerprint(transaction.ballot_box);
        assert!(!fingerprints.contains(&changed));
        fingerprints.push(changed);
        drop(transaction);
        assert_eq!(fingerprint(&ballot_box), fingerprints[0]);
    }
}
