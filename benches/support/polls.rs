//! Boxes filled with real ballots of distinct voters, sealed on all cores and deposited in batches, and the log that a
//! portal would have stored.
#![allow(dead_code)]

use std::num::NonZero;
use std::ops::Range;
use std::thread;

use rand_chacha::ChaCha20Rng;
use urne::ballot_box::{Anchor, UnstoredBox, Validity};
use urne::rand_core::SeedableRng;
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotBox, Choice, Credential, Issuer, SealedBallot,
    SigningKey, UnixTime, VoterId, VotingCode,
};

use crate::common::{OPENS_AT, approve, description, run_ceremony};

/// Ballots sealed and deposited in one transaction while a box is filled.
const BATCH: u64 = 4_096;

/// With the keys of box and issuer.
fn contest(voters: u64, lists: u8) -> (ApprovedContest, SigningKey, SigningKey) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (key, mut trustees) = run_ceremony("bench", &[(1, 1)], lists, &mut rng).unwrap();
    let [box_key, issuer_key] = [(); 2].map(|()| SigningKey::generate(&mut rng));
    let description = description(lists, voters, &box_key, &issuer_key);
    let contest = approve(description, &key, &mut trustees, &mut rng).unwrap();
    (contest, box_key, issuer_key)
}

fn id(voter: u64) -> VoterId {
    VoterId::new(voter.to_le_bytes()).unwrap()
}

/// `make` of every voter, on all cores.
fn on_all_cores<T: Send>(voters: Range<u64>, make: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let voters: Vec<_> = voters.collect();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let make = &make;
    thread::scope(|scope| {
        let threads: Vec<_> = voters
            .chunks(voters.len().div_ceil(cores).max(1))
            .map(|chunk| scope.spawn(move || chunk.iter().map(|voter| make(*voter)).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// A box with its log, and voters of whom the first have voted.
pub struct Polls {
    pub contest: ApprovedContest,
    pub ballot_box: BallotBox,
    pub log: Vec<u8>,
    pub anchor: Anchor,
    codes: Vec<VotingCode>,
    key: [u8; 32],
}

impl Polls {
    /// With so many voters, the first of whom vote.
    pub fn new(voters: u64, ballots: u64, lists: u8) -> Self {
        let (contest, box_key, issuer_key) = contest(voters, lists);
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let mut issuer = Issuer::with_empty_memory(issuer_key);
        let before = UnixTime::from_seconds(OPENS_AT.seconds() - 1);
        let orders: Vec<_> = (0..voters).map(|voter| (id(voter), vec![contest.contest()])).collect();
        let issued = issuer.issue(&orders, Validity::UntilClose, before, &mut rng).unwrap().stored();
        let codes: Vec<VotingCode> = issued.into_iter().map(|letter| letter.code).collect();
        let roll = issuer.electoral_roll(&contest).unwrap();
        let proposed = roll.propose(before, &box_key).unwrap().stored();
        let opening = issuer.sign_opening(contest.contest(), &proposed).unwrap().stored();
        let key = *box_key.expose_seed();
        let opened = BallotBox::open(roll, opening, box_key).unwrap();
        let (log, anchor) = (opened.entries()[0].as_bytes().to_vec(), opened.anchor());
        let mut polls = Polls { contest, ballot_box: opened.stored(), log, anchor, codes, key };
        let mut first = 0;
        while first < ballots {
            let next = ballots.min(first + BATCH);
            let batch = polls.activate(first..next);
            let mut transaction = polls.ballot_box.transaction();
            assert!(transaction.deposit_batch(&batch, OPENS_AT).iter().all(Result::is_ok));
            transaction.entries().iter().for_each(|entry| polls.log.extend(entry.as_bytes()));
            polls.anchor = transaction.anchor();
            transaction.stored();
            first = next;
        }
        polls
    }

    /// Voters enter their codes, and their ballots are given.
    pub fn activate(&mut self, voters: Range<u64>) -> Vec<(VoterId, Vec<u8>)> {
        let nonce = ActivationNonce::from_bytes([1; 32]);
        let Polls { contest, codes, .. } = self;
        let prepare = |voter: u64| {
            let mut rng = ChaCha20Rng::seed_from_u64(voter);
            let credential = Credential::derive(contest.contest(), &codes[usize::try_from(voter).unwrap()]);
            let answer = Activation::new(&credential, &nonce, &mut rng);
            let ballot = SealedBallot::seal(contest, Choice::List(1), &credential, &mut rng).unwrap().cast();
            (id(voter), answer, ballot)
        };
        let prepared = on_all_cores(voters, prepare);
        let mut transaction = self.ballot_box.transaction();
        for (id, answer, _) in &prepared {
            transaction.activate(id, &nonce, answer, OPENS_AT).unwrap();
        }
        transaction.entries().iter().for_each(|entry| self.log.extend(entry.as_bytes()));
        self.anchor = transaction.anchor();
        transaction.stored();
        prepared.into_iter().map(|(id, _, ballot)| (id, ballot)).collect()
    }

    /// The box again, from its log in pieces of 64 KiB.
    pub fn restarted(&self) -> UnstoredBox {
        let key = SigningKey::from_seed(&self.key);
        let mut rebuilding = BallotBox::rebuilding(self.contest.clone(), key, self.anchor);
        self.log.chunks(1 << 16).for_each(|piece| rebuilding.read(piece).unwrap());
        rebuilding.finish().unwrap()
    }
}
