//! Row 4, as far as the record and the tally go: another voter's ballot copied. What the ballot box says
//! to a copy is tested with the box.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use urne::ballot::{BallotError, PartialSum, SumError};
use urne::ballot_box::BoxFlaw;
use urne::record::{AuditReport, Flaw, Outcome, Step};
use urne::{Ballot, Contest, Record};

use crate::support::forger::{Forger, Shape, parts, setting, votes};
use crate::support::prover::{
    Item, Parts, Proving, Schedule, Setting, Unequal, Witness, finish, prove, verify,
};
use crate::support::text::{base, draw, generator, hex};

struct Scene {
    forger: Forger,
    record: Value,
    setting: Setting,
    contest: Contest,
    /// The ballot of the first voter.
    victim: Parts,
}

impl Scene {
    fn new() -> Self {
        let forger = Forger::of(&Shape::new(&[(1, 2), (2, 3)], 3, 6));
        let record = forger.record(&[votes(&[0, 1, 0])]);
        let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
        let contest = contest.contest().clone();
        let victim = parts(&record).remove(0);
        Scene { setting: setting(&record), forger, record, contest, victim }
    }

    fn verdict(&self, ballot: &Parts) -> Result<(), BallotError> {
        let ballot = Ballot::from_bytes(&self.contest, &ballot.to_bytes()).unwrap();
        ballot.verify(&self.contest).map(|_| ())
    }

    /// The copier's credential secret.
    fn copier(&self) -> Scalar {
        self.forger.voters[1]
    }

    /// The flaws of a box with these ballots, about which nothing else is false.
    fn flaws(&self, ballots: &[Vec<u8>]) -> Vec<(Step, Flaw)> {
        let mut record = self.record.clone();
        record["ballots"] = ballots.iter().map(|bytes| json!(hex(bytes))).collect();
        self.forger.finish(&mut record);
        flaws(&AuditReport::of_json(record.to_string().as_bytes(), &mut |_| ()))
    }
}

fn flaws(report: &AuditReport) -> Vec<(Step, Flaw)> {
    let failed = report.outcomes().iter().filter_map(|(step, outcome)| match outcome {
        Outcome::Failed(flaws) => Some(flaws.as_slice().iter().map(|flaw| (*step, flaw.clone()))),
        _ => None,
    });
    failed.flatten().collect()
}

#[test]
fn attack_4_ballot_copied_as_it_is() {
    let scene = Scene::new();
    assert_eq!(scene.verdict(&scene.victim), Ok(()), "its proof is good: only the box can notice");
    let bytes = scene.victim.to_bytes();
    let repeated = [
        (Step::Roll, Flaw::Box(BoxFlaw::RepeatedCredential { ballot: 1, earlier: 0 })),
        (Step::Roll, Flaw::Box(BoxFlaw::RepeatedNonce { ballot: 1, earlier: 0 })),
        (Step::References, Flaw::Box(BoxFlaw::RepeatedReference { ballot: 1, earlier: 0 })),
    ];
    assert_eq!(scene.flaws(std::slice::from_ref(&bytes)), []);
    assert_eq!(scene.flaws(&[bytes.clone(), bytes]), repeated);
}

#[test]
fn attack_4_ballot_under_another_credential() {
    let scene = Scene::new();
    let copy = Parts { credential: base(&scene.copier()), ..scene.victim.clone() };
    assert_eq!(scene.verdict(&copy), Err(BallotError::Proof));
    // With the response for the credential made the copier's own, as far as it can be.
    for k in [scene.copier(), scene.victim.k + scene.copier()] {
        assert_eq!(scene.verdict(&Parts { k, ..copy.clone() }), Err(BallotError::Proof));
    }
}

/// The copier takes the ciphertext, one point of it, or the credential, and makes a proof of its own that
/// follows every step, with a guess for the nonce or the secret that it does not know. Equation (2), which
/// ties the proof to them, is what refuses it.
#[test]
fn attack_4_parts_reused_in_a_proof_of_ones_own() {
    let scene = Scene::new();
    let strict = Schedule::strict();
    let reuse: [fn(&mut Parts, &Parts); 5] = [
        |own, victim| own.credential = victim.credential,
        |own, victim| (own.nonce, own.slots) = (victim.nonce, victim.slots.clone()),
        |own, victim| own.nonce = victim.nonce,
        |own, victim| own.slots[0] = victim.slots[0],
        |own, victim| own.slots[1] = victim.slots[1],
    ];
    for reuse in reuse {
        let witness = Witness::new(scene.copier(), &votes(&[0, 1, 0]));
        let mut proving = Proving::new(&scene.setting, &witness);
        reuse(&mut proving.parts, &scene.victim);
        let copy = finish(proving, &strict, &witness);
        assert_eq!(verify(&scene.setting, &strict, &copy), Err(Unequal(2)));
        assert_eq!(scene.verdict(&copy), Err(BallotError::Proof));
    }
}

/// `R + δ·G`, `C_j + δ·H_j` holds the same vote and looks like another ballot. Everything in the proof can
/// be moved along, `B` by `δ·N` and `z` by `x·δ`, if the challenges do not depend on it.
#[test]
fn attack_4_ballot_re_randomised() {
    let scene = Scene::new();
    let weak = Schedule::strict().without(Item::Nonce).without(Item::Slots).without(Item::B);
    let moved = |schedule: &Schedule, victim: &Parts| {
        let delta = draw(&[b"re-randomised"]);
        let mut copy = victim.clone();
        copy.nonce += base(&delta);
        for (C, H) in copy.slots.iter_mut().zip(&scene.setting.keys) {
            *C += H * delta;
        }
        let x = schedule.challenges(&scene.setting, victim).x;
        copy.B += generator("nonce", 0) * delta;
        copy.z += x * delta;
        copy
    };
    let witness = Witness::new(scene.forger.voters[0], &votes(&[0, 1, 0]));
    let weakly_proven = prove(&scene.setting, &weak, &witness);
    let copy = moved(&weak, &weakly_proven);
    assert_ne!(copy, weakly_proven);
    assert_eq!(verify(&scene.setting, &weak, &copy), Ok(()), "it works against a weak verifier");

    let copy = moved(&Schedule::strict(), &scene.victim);
    assert_eq!(scene.forger.plaintexts(&copy), scene.forger.plaintexts(&scene.victim));
    assert_eq!(scene.verdict(&copy), Err(BallotError::Proof));
}

/// Two ballots of different voters with one `R`, both with good proofs: who knows one nonce knows both.
#[test]
fn attack_4_nonce_shared_by_two_ballots() {
    let scene = Scene::new();
    let strict = Schedule::strict();
    let first = Witness::new(scene.forger.voters[0], &votes(&[1, 0, 0]));
    let second = Witness { r: first.r, ..Witness::new(scene.forger.voters[1], &votes(&[0, 1, 0])) };
    let ballots = [first, second].map(|witness| prove(&scene.setting, &strict, &witness));
    for ballot in &ballots {
        assert_eq!(scene.verdict(ballot), Ok(()));
    }
    assert_eq!(
        scene.flaws(&ballots.map(|ballot| ballot.to_bytes())),
        [(Step::Roll, Flaw::Box(BoxFlaw::RepeatedNonce { ballot: 1, earlier: 0 }))]
    );
}

/// Two shards of a sum hold the same ballot of the box.
#[test]
fn attack_4_copies_in_two_shards() {
    let scene = Scene::new();
    let contest = &scene.contest;
    let verified = |voter| {
        let bytes = scene.forger.ballot(&scene.record, &scene.forger.voters[voter], &votes(&[1, 0, 0]));
        Ballot::from_bytes(&scene.contest, &bytes).unwrap().verify(&scene.contest).unwrap()
    };
    let (mut left, mut right) = (PartialSum::new(contest), PartialSum::new(contest));
    for index in [0, 1, 2] {
        left.add(index, &verified(index.try_into().unwrap())).unwrap();
    }
    for index in [4, 2, 3] {
        right.add(index, &verified(index.try_into().unwrap())).unwrap();
    }
    let before = left.clone();
    assert_eq!(left.merge(&right), Err(SumError::Overlap { index: 2 }));
    assert_eq!(left, before);
    assert_eq!(right.add(3, &verified(3)), Err(SumError::Overlap { index: 3 }));
    assert_eq!(right.clone().merge(&right), Err(SumError::Overlap { index: 2 }));
}
