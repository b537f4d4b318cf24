//! False records, each refused for its own reason.
//!
//! Each row takes a good record, makes one thing in it false, and has everything that hangs on it signed,
//! proven and counted anew by trustees, box and issuer who are all in it together. The audit must find exactly
//! what the row says, in the steps that it says, and nothing else; steps that can still be carried out
//! pass. The verifier of the second implementation must find the same steps false, and carry out the same.

mod ballots;
mod closing;
mod contest;
mod fields;
mod keys;
mod opening;
mod results;
mod roll;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use serde_json::{Value, json};
use urne::TrusteeIndex;
use urne::ballot::BallotError;
use urne::ballot_box::{BoxFlaw, RollError};
use urne::bureau::{PanelIndex, TrusteeSignatureError};
use urne::contest::ContestError;
use urne::primitives::VerifyingKeyError;
use urne::record::{AuditReport, Because, Flaw, Outcome, RecordError, Step};
use urne::tally::{EndorsementError, FactorError};

use crate::by_shards::{self, CUTS};
use crate::support::forger::{Forger, Shape, entries, parts, references, setting, votes};
use crate::support::text::{base, draw, hex, merkle_root, unhex};
use crate::support::verifier;

/// What the audit must find.
type Verdict = Vec<(Step, Vec<Flaw>)>;

/// A name, and what it makes false.
type Row = (&'static str, fn(&Forger, &mut Value) -> Verdict);

const VOTERS: usize = 7;
const TRUSTEES: u8 = 6;
/// Numbers are below this.
const LARGE: u64 = 1 << 53;

/// Three lists of which the first two share a slot; the president or the secretary, and two of four
/// delegates, of whom three endorse. The third voter has a code issued anew.
fn forger() -> Forger {
    Forger::of(&Shape::new(&[(1, 2), (2, 4)], 3, VOTERS))
}

/// What the first five of seven voters choose.
fn cast() -> Vec<Vec<Scalar>> {
    [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1]].map(|b| votes(&b)).to_vec()
}

fn good(forger: &Forger) -> Value {
    forger.record(&cast())
}

/// The audit of the whole record, and of its parts, which must say the same.
fn audit(record: &Value) -> AuditReport {
    let json = record.to_string();
    let report = AuditReport::of_json(json.as_bytes(), &mut |_| ());
    by_shards::assert_same(json.as_bytes(), &report, &CUTS);
    report
}

#[test]
fn an_honest_forger_is_accepted() {
    let record = good(&forger());
    assert_eq!(record["result"], json!({ "votes": [2, 1, 1], "blank": 1 }));
    assert_eq!(unexpected(&record, &Vec::new()), [""; 0]);
    assert_eq!(audit(&record).verdict(), Ok(()));
}

/// Whether a flaw of step 1 leaves the contest readable: a bad approval stops nothing.
fn of_an_approval(flaw: &Flaw) -> bool {
    matches!(
        flaw,
        Flaw::Record(
            RecordError::Contest(ContestError::Approval(_) | ContestError::MissingApproval { .. })
                | RecordError::Order { .. }
                | RecordError::UnknownTrustee { .. }
                | RecordError::Proof { .. }
        )
    )
}

/// The failed step for which this one has nothing to work on.
fn hindered(verdict: &Verdict, step: Step) -> Option<Step> {
    let hinders = |failed: &Step, flaws: &[Flaw]| match failed {
        Step::Contest => !flaws.iter().any(of_an_approval),
        Step::Ballots => step >= Step::Tally,
        // Factors that cannot be read, or too few good ones.
        Step::Factors => {
            step == Step::Result
                && flaws.iter().any(|flaw| matches!(flaw, Flaw::Record(_) | Flaw::TooFewFactors { .. }))
        }
        _ => false,
    };
    verdict.iter().find(|(failed, flaws)| *failed < step && hinders(failed, flaws)).map(|(failed, _)| *failed)
}

/// Whatever the two audits say that is not as it should be.
fn unexpected(record: &Value, verdict: &Verdict) -> Vec<String> {
    let report = audit(record);
    let second = verifier::audit(record.to_string().as_bytes());
    let mut wrong = Vec::new();
    for step in Step::ALL {
        let found = verdict.iter().find(|(failed, _)| *failed == step).map(|(_, flaws)| flaws.clone());
        let expected = match (found, hindered(verdict, step)) {
            (Some(flaws), _) => Outcome::Failed(flaws.into()),
            (None, Some(because)) => Outcome::NotCarriedOut { because: Because::Failed(because) },
            (None, None) => Outcome::Passed,
        };
        let actual = report.outcome(step);
        let theirs = second.outcome(step.number().into());
        let same = match (&expected, theirs) {
            (Outcome::Passed, verifier::Outcome::Passed)
            | (Outcome::Failed(_), verifier::Outcome::Failed(_)) => true,
            (
                Outcome::NotCarriedOut { because: Because::Failed(step) },
                verifier::Outcome::NotCarriedOut(number),
            ) => step.number() == *number,
            _ => false,
        };
        if *actual != expected {
            wrong.push(format!("step {}: {actual:?} where {expected:?} is due", step.number()));
        } else if !same {
            wrong.push(format!("step {}: {expected:?}, but the other verifier: {theirs:?}", step.number()));
        }
    }
    if report.verdict().is_ok() != verdict.is_empty() || second.accepts() != verdict.is_empty() {
        wrong.push("the verdict is another".into());
    }
    // The contest is given out when it can be read, and not otherwise.
    let fingerprint = report.contest().map(|contest| contest.fingerprint().to_bytes());
    if fingerprint != second.fingerprint
        || fingerprint.is_some() != hindered(verdict, Step::Ballots).is_none()
    {
        wrong.push("the contest is another".into());
    }
    wrong
}

/// Audits every row of a table and tells of all that are not refused as they should be.
fn check(base: &dyn Fn(&Forger) -> Value, table: &[Row]) {
    let forger = forger();
    let base = base(&forger);
    let mut wrong = Vec::new();
    for (name, falsify) in table {
        let mut record = base.clone();
        let verdict = falsify(&forger, &mut record);
        assert_ne!(record, base, "{name} changes nothing");
        assert!(!verdict.is_empty(), "{name}");
        keep(name, &record, &verdict);
        wrong.extend(unexpected(&record, &verdict).into_iter().map(|line| format!("{name}, {line}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// For other audits: `URNE_FALSE_RECORDS` is a folder for every record, with the steps in which it fails.
fn keep(name: &str, record: &Value, verdict: &Verdict) {
    let Some(folder) = std::env::var_os("URNE_FALSE_RECORDS") else { return };
    let steps: Vec<_> = verdict.iter().map(|(step, _)| step.number()).collect();
    let digest = hex(&draw(&[name.as_bytes(), record.to_string().as_bytes()]).to_bytes()[..8]);
    let place = std::path::Path::new(&folder).join(format!("{digest}.json"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(place, json!({ "name": name, "steps": steps, "record": record }).to_string()).unwrap();
}

fn trustee(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

fn panel(number: u8) -> PanelIndex {
    PanelIndex::new(number).unwrap()
}

/// One step fails for one flaw.
fn one(step: Step, flaw: Flaw) -> Verdict {
    vec![(step, vec![flaw])]
}

fn in_box(step: Step, flaw: BoxFlaw) -> Verdict {
    one(step, Flaw::Box(flaw))
}

/// A part of the record cannot be read or breaks a rule.
fn part(step: Step, error: impl Into<RecordError>) -> Verdict {
    one(step, Flaw::Record(error.into()))
}

/// A list of fixed length has another.
fn length(field: &'static str, expected: usize, actual: usize) -> Verdict {
    part(Step::Contest, RecordError::Length { field, expected, actual })
}

fn large(field: &'static str) -> Verdict {
    part(Step::Contest, RecordError::LargeNumber { field, actual: LARGE })
}

const FALSE: VerifyingKeyError = VerifyingKeyError::Signature;

fn unsigned_opening() -> (Step, Vec<Flaw>) {
    (Step::Roll, vec![Flaw::Record(RollError::BoxSignature(FALSE).into())])
}

/// Nothing that was signed for a closing is for this one.
fn unsigned_closing() -> (Step, Vec<Flaw>) {
    let invalid = TrusteeSignatureError::Invalid { trustee: trustee(1) };
    let flaws = vec![
        Flaw::Box(BoxFlaw::ClosingSignature(FALSE)),
        Flaw::Box(BoxFlaw::IssuerSignature(FALSE)),
        Flaw::Endorsement(EndorsementError::Signature(invalid)),
    ];
    (Step::Closing, flaws)
}

/// Nobody has signed factors for this closing, and the first panel needs so many.
fn unsigned_factors(threshold: u8) -> (Step, Vec<Flaw>) {
    let unsigned = |number| Flaw::Factors(FactorError::Signature { trustee: trustee(number) });
    let too_few = Flaw::TooFewFactors { panel: panel(1), expected: threshold, actual: 0 };
    (Step::Factors, (1..=TRUSTEES).map(unsigned).chain([too_few]).collect())
}

/// The closing is not the one that was signed, endorsed and decrypted for.
fn of_another_closing() -> Verdict {
    vec![unsigned_closing(), unsigned_factors(1)]
}

fn root(record: &Value) -> [u8; 32] {
    unhex(record["closing"]["root"].as_str().unwrap()).try_into().unwrap()
}

/// The closing's root is not that of the ballots.
fn other_root(record: &Value) -> Flaw {
    Flaw::Box(BoxFlaw::Root { expected: root(record), actual: merkle_root(&references(record)) })
}

/// The proofs of these ballots do not hold.
fn unproven(ballots: impl IntoIterator<Item = usize>) -> (Step, Vec<Flaw>) {
    let flaw = |ballot| Flaw::Box(BoxFlaw::Ballot { ballot, error: BallotError::Proof });
    (Step::Proofs, ballots.into_iter().map(flaw).collect())
}

/// What is false in the result, by the logarithms of the keys: ballots that are no votes may add up to totals
/// that are none.
fn result_flaws(forger: &Forger, record: &Value) -> Option<(Step, Vec<Flaw>)> {
    let votes: Vec<u64> = entries(record, "/result/votes").iter().map(|n| n.as_u64().unwrap()).collect();
    let blank = record["result"]["blank"].as_u64().unwrap();
    let count = entries(record, "/ballots").len() as u64;
    let scalars: Vec<_> = votes.iter().map(|n| Scalar::from(*n)).collect();
    let mut totals = vec![RistrettoPoint::identity(); forger.slots()];
    for ballot in parts(record) {
        for (total, plaintext) in totals.iter_mut().zip(forger.plaintexts(&ballot)) {
            *total += plaintext;
        }
    }
    let stated = setting(record).packed(&scalars);
    let slots = (1..).zip(totals.iter().zip(&stated)).filter(|(_, (total, stated))| base(stated) != **total);
    let mut flaws: Vec<_> = slots.map(|(slot, _)| Flaw::Votes { slot }).collect();
    if votes.iter().sum::<u64>() + blank != count {
        flaws.push(Flaw::Total { count });
    }
    (!flaws.is_empty()).then_some((Step::Result, flaws))
}

fn array<'a>(record: &'a mut Value, pointer: &str) -> &'a mut Vec<Value> {
    record.pointer_mut(pointer).unwrap().as_array_mut().unwrap()
}

/// Puts a ballot in the place of one that is there.
fn replace(record: &mut Value, ballot: usize, bytes: &[u8]) {
    record["ballots"][ballot] = json!(hex(bytes));
}

/// Adds to an integer of the record.
fn add(record: &mut Value, pointer: &str, add: u64) {
    let value = record.pointer_mut(pointer).unwrap();
    *value = json!(value.as_u64().unwrap() + add);
}

/// The rest of a record of a changed contest, with ballots of the same votes.
fn anew(forger: &Forger, record: &mut Value) {
    forger.approve(record);
    forger.sign_opening(record);
    for (voter, b) in cast().iter().enumerate() {
        record["ballots"][voter] = json!(hex(&forger.ballot(record, &forger.credential(voter), b)));
    }
    forger.finish(record);
}

/// The same signature with `s + ℓ`, which lax verifiers take.
fn malleable(record: &mut Value, pointer: &str) {
    let value = record.pointer_mut(pointer).unwrap();
    let signature = unhex(value.as_str().unwrap());
    let same = [&signature[..32], &crate::support::text::plus_order(&signature[32..])].concat();
    *value = json!(hex(&same));
}
