//! Random sequences of everything that can happen, driven against the model.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use urne::ballot_box::{
    Anchor, Closing, DepositError, IdentityChecked, LogEntry, LogError, LogFlaw, RegistrationError,
    ReissueError, RollError, Signings, Validity, VoterState,
};
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotBox, Choice, Credential, ElectoralRoll, Receipt,
    SealedBallot, VoterId, VotingCode,
};

use crate::model::{Code, Damage, Model, Paper};
use crate::polling::acts::{self, Deposit, OneByOne};
use crate::polling::{END, OPEN_FOR, approved, at, box_key, ceremony, issue, rng, sign_opening, verified};

const PEOPLE: usize = 4;
const CODES: usize = 3;
const OPENED: i64 = -400;

/// Everything that takes time to make, made once.
struct World {
    contest: ApprovedContest,
    credentials: BTreeMap<Code, Credential>,
    papers: BTreeMap<Paper, Vec<u8>>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let (_, mut trustees) = ceremony(&[(1, 1)], 1, 1);
    let [contest, other] = [584, 585].map(|number| approved(number, 1, &mut trustees));
    let mut rng = rng(7);
    let code =
        |(owner, which): Code| VotingCode::from_bytes([u8::try_from(owner * CODES + which).unwrap(); 15]);
    let codes = (0..PEOPLE).flat_map(|owner| (0..CODES).map(move |which| (owner, which)));
    let derived = |contest: &ApprovedContest, of: Code| Credential::derive(contest.contest(), &code(of));
    let credentials: BTreeMap<_, _> = codes.map(|of| (of, derived(&contest, of))).collect();
    let mut papers = BTreeMap::new();
    for (of, credential) in &credentials {
        for (listed, choice) in [(false, Choice::Blank), (true, Choice::List(1))] {
            let sealed = SealedBallot::seal(&contest, choice, credential, &mut rng).unwrap();
            papers.insert(Paper::Cast(*of, listed), sealed.cast());
        }
    }
    for owner in 0..PEOPLE {
        let foreign = derived(&other, (owner, 0));
        let ballot = SealedBallot::seal(&other, Choice::List(1), &foreign, &mut rng).unwrap().cast();
        papers.insert(Paper::Foreign(owner), ballot);
    }
    World { contest, credentials, papers }
});

fn id(person: usize) -> VoterId {
    VoterId::new(format!("person {person}")).unwrap()
}

pub fn ballot_bytes(paper: Paper, damage: Damage) -> Vec<u8> {
    let mut bytes = WORLD.papers[&paper].clone();
    match damage {
        Damage::None => (),
        Damage::Proof => *bytes.last_mut().unwrap() ^= 1,
        Damage::CutShort => bytes.truncate(bytes.len() - 1),
    }
    bytes
}

/// A code to be used: the one in force for the person, or whatever.
#[derive(Clone, Copy, Debug)]
enum Pick {
    InForce,
    Any(Code),
}

#[derive(Clone, Copy, Debug)]
enum Sheet {
    Cast(Pick, bool),
    Foreign(usize),
}

type Delivery = (usize, Sheet, Damage);

#[derive(Clone, Debug)]
enum Step {
    Activate {
        person: usize,
        code: Pick,
        fresh: bool,
    },
    /// Of a code that the issuer issued so many seconds before.
    Reissue {
        person: usize,
        code: Code,
        seconds: Option<u64>,
        before: i64,
    },
    Deposit(Delivery),
    Batch(Vec<Delivery>),
    Challenge(Delivery),
    Crash {
        lose: Option<prop::sample::Index>,
    },
    Close,
}

fn arb_code() -> impl Strategy<Value = Code> {
    (0..PEOPLE, 0..CODES)
}

fn arb_pick() -> impl Strategy<Value = Pick> {
    prop_oneof![4 => Just(Pick::InForce), 1 => arb_code().prop_map(Pick::Any)]
}

fn arb_delivery() -> impl Strategy<Value = Delivery> {
    let sheet = prop_oneof![
        9 => (arb_pick(), any::<bool>()).prop_map(|(pick, list)| Sheet::Cast(pick, list)),
        1 => (0..PEOPLE).prop_map(Sheet::Foreign),
    ];
    let damage = prop_oneof![8 => Just(Damage::None), 1 => Just(Damage::Proof), 1 => Just(Damage::CutShort)];
    (0..PEOPLE, sheet, damage)
}

fn arb_step() -> impl Strategy<Value = Step> {
    let fresh = prop::bool::weighted(0.9);
    prop_oneof![
        6 => (0..PEOPLE, arb_pick(), fresh)
            .prop_map(|(person, code, fresh)| Step::Activate { person, code, fresh }),
        3 => (
            0..PEOPLE,
            arb_code(),
            prop::option::of(prop::sample::select(vec![1u64, 60, 120, 600])),
            prop::sample::select(vec![0, 0, 0, 1, 50, 500]),
        )
            .prop_map(|(person, code, seconds, before)| Step::Reissue { person, code, seconds, before }),
        8 => arb_delivery().prop_map(Step::Deposit),
        2 => prop::collection::vec(arb_delivery(), 0..5).prop_map(Step::Batch),
        3 => arb_delivery().prop_map(Step::Challenge),
        2 => prop::option::of(any::<prop::sample::Index>()).prop_map(|lose| Step::Crash { lose }),
        1 => Just(Step::Close),
    ]
}

/// By how much the clock on the wall moves before a step.
fn arb_move() -> impl Strategy<Value = i64> {
    let to_the_second = prop::sample::select(vec![0i64, 1, 59, 60, 120]);
    prop_oneof![20 => to_the_second, 8 => 0i64..200, 4 => -300i64..0, 1 => -5_000i64..0, 1 => 0..END]
}

struct Run {
    ballot_box: BallotBox,
    model: Model,
    log: Vec<u8>,
    anchor: Anchor,
    /// Before each stored entry: the length of the log, the anchor, the model, and the receipts.
    history: Vec<(usize, Anchor, Model, BTreeMap<usize, Receipt>)>,
    receipts: BTreeMap<usize, Receipt>,
    closing: Option<(Closing, Signings)>,
    nonces: u8,
}

impl Run {
    fn open(registrations: &[(usize, Code)]) -> Run {
        let mut model = Model { clock: OPENED, ..Model::default() };
        let mut roll = ElectoralRoll::new(WORLD.contest.clone());
        assert!(roll.is_empty() && roll.contest() == &WORLD.contest);
        // The first of them, so that the roll is not empty, and the others as it comes.
        for (person, code) in [(0, (0, 0))].iter().chain(registrations) {
            let (voter, credential) = (id(*person), WORLD.credentials[code].public());
            let issue = issue(&WORLD.contest, &voter, credential, OPENED, Validity::UntilClose);
            let known = roll.get(&voter).is_some();
            let expected = model.register(*person, *code, OPENED);
            match roll.register(issue.clone()) {
                Ok(()) => {
                    assert!(expected);
                    assert_eq!(roll.get(&voter), Some(&issue));
                }
                Err(RegistrationError::RepeatedVoter { voter }) => {
                    assert!(known && !expected && voter == id(*person));
                }
                Err(error) => {
                    assert!(!known && !expected);
                    assert!(matches!(error, RegistrationError::RepeatedCredential { .. }));
                }
            }
            assert_eq!(roll.len(), model.people.len());
            assert!(!roll.is_empty());
        }
        let at_opening = |(code, _): &(Code, bool)| WORLD.credentials[code].public();
        model.roll.sort_by_key(at_opening);
        let opening = sign_opening(&roll, OPENED);
        let unstored = BallotBox::open(roll, opening, box_key()).unwrap();
        let anchor = unstored.anchor();
        let (ballot_box, entry) = acts::opened(unstored);
        Run {
            ballot_box,
            model,
            log: entry.as_bytes().to_vec(),
            anchor,
            history: vec![],
            receipts: BTreeMap::new(),
            closing: None,
            nonces: 0,
        }
    }

    fn code(&self, person: usize, pick: Pick) -> Code {
        match pick {
            Pick::InForce => self.model.people.get(&person).map_or((person, 0), |known| known.code),
            Pick::Any(code) => code,
        }
    }

    fn paper(&self, person: usize, sheet: Sheet) -> Paper {
        match sheet {
            Sheet::Cast(pick, listed) => Paper::Cast(self.code(person, pick), listed),
            Sheet::Foreign(owner) => Paper::Foreign(owner),
        }
    }

    /// An entry is there exactly when the model has changed, and is stored.
    fn store(&mut self, before: &Model, entry: Option<&LogEntry>, changed: bool) {
        assert_eq!(entry.is_some(), changed);
        if let Some(entry) = entry {
            self.history.push((self.log.len(), self.anchor, before.clone(), self.receipts.clone()));
            self.log.extend(entry.as_bytes());
            assert_eq!(entry.number(), self.history.len() as u64 + 1);
        }
    }

    fn step(&mut self, step: &Step, now: i64) {
        let before = self.model.clone();
        match step {
            Step::Activate { person, code, fresh } => {
                let code = self.code(*person, *code);
                self.nonces = self.nonces.wrapping_add(1);
                let nonce = ActivationNonce::from_bytes([self.nonces; 32]);
                let old = ActivationNonce::from_bytes([self.nonces.wrapping_sub(1); 32]);
                let answered = if *fresh { &nonce } else { &old };
                let answer = Activation::new(&WORLD.credentials[&code], answered, &mut rng(1));
                let actual = self.ballot_box.activate(&id(*person), &nonce, &answer, at(now));
                let expected = self.model.activate(*person, code, *fresh, now);
                assert_eq!(actual.as_ref().map(Option::is_some), expected.as_ref().copied());
                if let (Ok(entry), Ok(changed)) = (actual, expected) {
                    self.store(&before, entry.as_ref(), changed);
                }
            }
            Step::Reissue { person, code, seconds, before: earlier } => {
                let (voter, credential) = (id(*person), WORLD.credentials[code].public());
                let validity = seconds.map_or(Validity::UntilClose, Validity::Seconds);
                let issued = (now - earlier).max(OPENED);
                let issue = issue(&WORLD.contest, &voter, credential, issued, validity);
                let asked = self.ballot_box.can_reissue(&voter, at(now));
                let identified = IdentityChecked::by_application(voter);
                let actual = self.ballot_box.reissue(identified, issue, at(now));
                // Whoever is refused when asked is refused so.
                // But for one who has this very issue already.
                let refused = actual.as_ref().map(|_| ()).map_err(|error| *error);
                assert!(asked.is_ok() || asked == refused || actual == Ok(None));
                match self.model.reissue(*person, *code, issued, *seconds, now) {
                    Ok(changed) => self.store(&before, actual.unwrap().as_ref(), changed),
                    Err(ReissueError::Roll(RollError::Repeated { entry, .. })) => {
                        let on_roll = self.model.roll.iter().position(|(other, _)| other == code);
                        let earlier = on_roll.unwrap();
                        let expected = ReissueError::Roll(RollError::Repeated { entry, earlier });
                        assert_eq!(actual.unwrap_err(), expected);
                    }
                    Err(expected) => assert_eq!(actual.unwrap_err(), expected),
                }
            }
            Step::Deposit((person, sheet, damage)) => {
                let paper = self.paper(*person, *sheet);
                let actual = self.ballot_box.deposit(&id(*person), &ballot_bytes(paper, *damage), at(now));
                self.answered(*person, paper, *damage, now, actual);
            }
            Step::Batch(deliveries) => {
                let papers: Vec<_> = deliveries
                    .iter()
                    .map(|(person, sheet, damage)| (*person, self.paper(*person, *sheet), *damage))
                    .collect();
                let batch: Vec<_> = papers
                    .iter()
                    .map(|(person, paper, damage)| (id(*person), ballot_bytes(*paper, *damage)))
                    .collect();
                let answers = self.ballot_box.deposit_batch(&batch, at(now));
                assert_eq!(answers.len(), papers.len());
                // The model takes them one after the other.
                for ((person, paper, damage), actual) in papers.into_iter().zip(answers) {
                    self.answered(person, paper, damage, now, actual);
                }
            }
            Step::Challenge((person, sheet, damage)) => {
                let paper = self.paper(*person, *sheet);
                let actual = self.ballot_box.challenge(&id(*person), &ballot_bytes(paper, *damage), at(now));
                let expected = self.model.challenge(*person, paper, *damage, now);
                assert_eq!(actual.as_ref().map(Option::is_some), expected.as_ref().copied());
                if let (Ok(entry), Ok(changed)) = (actual, expected) {
                    self.store(&before, entry.as_ref(), changed);
                }
            }
            Step::Crash { lose } => self.crash(lose.as_ref()),
            Step::Close => self.close(now),
        }
        if !matches!(step, Step::Crash { .. }) {
            self.anchor = self.ballot_box.transaction().anchor();
        }
        self.compare(now);
    }

    fn answered(
        &mut self,
        person: usize,
        paper: Paper,
        damage: Damage,
        now: i64,
        actual: Result<Deposit, DepositError>,
    ) {
        let before = self.model.clone();
        let expected = self.model.deposit(person, paper, damage, now);
        let (deposit, new) = match (actual, expected) {
            (Ok(deposit), Ok(new)) => (deposit, new),
            (actual, expected) => {
                assert_eq!(actual.map(|_| ()), expected.map(|_| ()));
                return;
            }
        };
        let Deposit { receipt, entry } = deposit;
        self.store(&before, entry.as_ref(), new);
        let when = self.model.people[&person].vote.unwrap().1;
        let (contest, opening) = (WORLD.contest.contest(), self.ballot_box.roll().opening_digest());
        let (window, ballot) = (at(when)..=at(when), ballot_bytes(paper, damage));
        assert_eq!(receipt.verify(contest, opening, &id(person), &ballot, window), Ok(()));
        if new {
            let head = receipt.deposit_proof.head;
            assert_eq!(usize::try_from(head.size).unwrap(), self.model.votes.len());
            self.receipts.insert(person, receipt);
        } else {
            assert_eq!(receipt, self.receipts[&person]);
        }
    }

    /// The process dies. With `lose` the last entry was not wholly stored, and nobody was answered.
    fn crash(&mut self, lose: Option<&prop::sample::Index>) {
        let contest = || WORLD.contest.clone();
        // What was stored after the last entry.
        let mut anchor = self.ballot_box.transaction().anchor();
        if let Some(cut) = lose
            && let Some((start, before, model, receipts)) = self.history.pop()
        {
            let torn = start + cut.index(self.log.len() - start);
            let number = self.history.len() as u64 + 2;
            let offset = start as u64;
            // Had it been answered, its loss would be seen.
            let lost = acts::rebuild_to(contest(), box_key(), &self.log[..torn], Some(&anchor)).map(|_| ());
            let flaw = LogFlaw::EndMissing { expected: number, actual: number - 1 };
            assert_eq!(lost, Err(LogError { entry: number, offset, flaw }));
            anchor = before;
            let rebuilt = acts::rebuild_to(contest(), box_key(), &self.log[..torn], Some(&anchor)).unwrap();
            let cut = rebuilt.1.map(|it| (it.entry, it.offset, it.bytes, it.zeros));
            let expected = (torn > start).then(|| (number, offset, (torn - start) as u64, false));
            assert_eq!(cut, expected);
            self.log.truncate(start);
            (self.model, self.receipts) = (model, receipts);
            if !self.model.closed {
                self.closing = None;
            }
        }
        self.ballot_box = acts::rebuild_to(contest(), box_key(), &self.log, Some(&anchor)).unwrap().0;
        self.anchor = self.ballot_box.transaction().anchor();
        assert_eq!(self.anchor.entries(), self.history.len() as u64 + 1);
    }

    fn close(&mut self, now: i64) {
        let before = self.model.clone();
        let expected = self.model.close(now);
        self.nonces = self.nonces.wrapping_add(1);
        match (self.ballot_box.close(at(now), &mut rng(self.nonces.into())), expected) {
            (Ok((closed, signings, entry)), Ok(new)) => {
                self.store(&before, entry.as_ref(), new);
                let closing = (*closed.closing(), signings);
                assert_eq!(*self.closing.get_or_insert(closing.clone()), closing);
            }
            (Err(refused), Err(expected)) => assert_eq!(refused, expected),
            (actual, expected) => panic!("{actual:?} where {expected:?}"),
        }
    }

    /// Everything that can be seen of the box is as in the model.
    fn compare(&self, now: i64) {
        let (ballot_box, model) = (&self.ballot_box, &self.model);
        assert_eq!((ballot_box.len(), ballot_box.signings()), (model.votes.len(), model.votes.len()));
        assert_eq!(ballot_box.is_empty(), model.votes.is_empty());
        let roll: Vec<_> = ballot_box.roll().entries().iter().map(|e| (e.credential, e.revoked)).collect();
        let expected = model.roll.iter().map(|(code, revoked)| (WORLD.credentials[code].public(), *revoked));
        assert_eq!(roll, expected.collect::<Vec<_>>());
        // The head is that of the last deposit, and can be asked for at any time.
        let head = ballot_box.head();
        let last = model.votes.last().map(|(person, _)| model.people[person].vote.unwrap().1);
        if let Some((person, _)) = model.votes.last() {
            assert_eq!(head, self.receipts[person].deposit_proof.head);
        }
        assert_eq!((head.size, head.at), (model.votes.len() as u64, at(last.unwrap_or(OPENED))));
        assert_eq!(head.verify(WORLD.contest.contest(), ballot_box.roll().opening_digest()), Ok(()));
        let clock = now.max(model.clock);
        for person in 0..PEOPLE {
            assert_eq!(ballot_box.receipt_again(&id(person)).as_ref(), self.receipts.get(&person));
            let expected = model.people.get(&person).map(|known| match known.vote {
                Some((_, when)) => VoterState::Voted { at: at(when) },
                None if clock < 0 => VoterState::NotYetOpen { opens_at: at(0) },
                None if clock >= END || (clock >= OPEN_FOR && !known.active) => {
                    VoterState::Closed { closes_at: at(OPEN_FOR) }
                }
                None => VoterState::Open { closes_at: at(OPEN_FOR), active: known.active },
            });
            assert_eq!(ballot_box.state(&id(person), at(now)), expected);
            let signed = ballot_box.emargement(&id(person));
            assert_eq!(signed.as_ref(), self.receipts.get(&person).map(|receipt| &receipt.emargement));
            assert_eq!(
                signed.is_some(),
                model.votes.iter().filter(|(voter, _)| *voter == person).count() == 1
            );
        }
    }

    /// The box, and the box made again from its log, close the same; what is closed holds the votes of the
    /// model and passes verification.
    fn finish(mut self) {
        let again = acts::rebuild(WORLD.contest.clone(), box_key(), &self.log).unwrap();
        let now = at(END + 7);
        let close = |mut ballot_box: BallotBox| ballot_box.close(now, &mut rng(8)).unwrap();
        let [(closed, signings, entry), (again, listed, logged)] = [self.ballot_box, again].map(close);
        assert_eq!(entry, logged, "same entry, so same chain");
        assert_eq!((closed.closing(), closed.digest()), (again.closing(), again.digest()));
        assert_eq!((closed.ballots(), closed.tally()), (again.ballots(), again.tally()));
        assert_eq!(signings, listed);
        let closing = (*closed.closing(), signings.clone());
        assert_eq!(*self.closing.get_or_insert(closing.clone()), closing);

        let votes = self.model.votes.iter().map(|(_, paper)| ballot_bytes(*paper, Damage::None));
        assert_eq!(closed.ballots(), votes.collect::<Vec<_>>());
        let mut signed: Vec<_> = self.model.votes.iter().map(|(person, _)| id(*person)).collect();
        signed.sort();
        assert_eq!(signings.voters(), signed);
        assert_eq!(signings.digest(), closed.closing().signings_digest);
        assert_eq!(verified(&closed).tally(), closed.tally());
        // Heads never go back in time, and all lead to the closing.
        let mut heads: Vec<_> = self.receipts.values().map(|receipt| receipt.deposit_proof.head).collect();
        heads.sort_by_key(|head| head.size);
        assert!(heads.is_sorted_by_key(|head| head.at));
        let (opening, roll) = (closed.roll().opening_digest(), closed.roll().digest());
        for head in heads {
            assert_eq!(closed.check_head(&head), Ok(()));
            let path = closed.consistency(head.size).unwrap();
            let contest = WORLD.contest.contest();
            let checked = head.verify_consistency(contest, opening, closed.closing(), roll, &path);
            assert_eq!(checked, Ok(closed.digest()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn roll_and_box_do_what_the_model_does(
        registrations in prop::collection::vec((0..PEOPLE, arb_code()), 0..8),
        start in -300i64..50,
        steps in prop::collection::vec((arb_move(), arb_step()), 0..40),
    ) {
        let mut run = Run::open(&registrations);
        let mut now = start;
        for (moved, step) in &steps {
            now = (now + moved).max(OPENED - 5_000);
            run.step(step, now);
        }
        run.finish();
    }
}
