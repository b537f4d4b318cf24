//! Lies in a box of more ballots than are verified at a time. Two ballots that may not stand in one box are found
//! however far apart they are, and every flaw names a ballot's place in the whole box.

use std::sync::LazyLock;

use urne::audit::{AuditReport, Flaw, Outcome, Step};
use urne::ballot::{BallotError, Sealer};
use urne::closed_box::{BoxFlaw, Closing};
use urne::record::HexBytes;
use urne::{BallotReference, Choice, ClosedBox, Credential, OpenedTally, Record, Roll, VotingCode};

use crate::polling::{OPEN_FOR, approved, at, box_key, ceremony, endorse_and_decrypt, rng};
use crate::row_8_nonces::credential_secret;
use crate::support::forger::{fingerprint, setting, votes};
use crate::support::prover::{Schedule, Witness, prove};

/// A stream verifies 512 at a time, a batch 1,024.
const BALLOTS: u16 = 1_102;

struct Large {
    closed: ClosedBox,
    record: Record,
}

/// Made once, by an honest box and an honest trustee.
static LARGE: LazyLock<Large> = LazyLock::new(|| {
    let (_, mut trustees) = ceremony(1, 1, 1, 1);
    let contest = approved(584, 1, &trustees);
    let sealer = Sealer::new(&contest);
    let credentials: Vec<_> =
        (0..BALLOTS).map(|voter| Credential::derive(contest.contest(), &code(voter))).collect();
    let public = credentials.iter().map(Credential::public).collect();
    let roll = Roll::open(contest.contest(), public, at(-1_000), &box_key()).unwrap();
    let mut rng = rng(2);
    let ballots: Vec<_> = credentials
        .iter()
        .map(|credential| sealer.seal(Choice::List(1), credential, &mut rng).unwrap().cast())
        .collect();
    let references: Vec<_> =
        ballots.iter().map(|ballot| BallotReference::of(contest.contest(), ballot)).collect();
    let closing = Closing::sign(contest.contest(), &roll, &references, at(OPEN_FOR), &box_key()).unwrap();
    let closed = ClosedBox::verify(contest, roll, ballots, closing, &mut |_| ()).unwrap();
    let (endorsements, factors) = endorse_and_decrypt(&closed, &mut trustees);
    let opened = OpenedTally::open(&closed, &endorsements, &factors).unwrap();
    let record = Record::new(&closed, &opened);
    Large { closed, record }
});

fn code(voter: u16) -> VotingCode {
    let mut bytes = [0; 15];
    bytes[..2].copy_from_slice(&voter.to_le_bytes());
    VotingCode::from_bytes(bytes)
}

/// The audit of a record in memory and that of the record as a stream, which must say the same.
fn audit(record: &Record) -> AuditReport {
    let (mut whole, mut streamed) = (vec![], vec![]);
    let report = AuditReport::of(record, &mut |ballots| whole.push(ballots));
    let json = record.to_json();
    let mut reader = serde_json::Deserializer::from_str(&json);
    assert_eq!(AuditReport::of_stream(&mut reader, &mut |ballots| streamed.push(ballots)).unwrap(), report);
    assert_eq!(streamed, whole);
    // All threads together may take them at once.
    assert!(whole.len() > 2 || cfg!(feature = "parallel"), "the box is not large: {whole:?}");
    assert!(whole.is_sorted_by(|before, after| before < after));
    assert_eq!(whole.last(), Some(&usize::from(BALLOTS)));
    report
}

/// These ballots in place of the honest ones: the audits must find exactly these flaws in the steps for roll and
/// proofs; and under a closing that fits the ballots, a box that is verified must have these and no others.
fn assert_refused(lies: &[(usize, Vec<u8>)], roll: &[BoxFlaw], proofs: &[BoxFlaw], references: &[BoxFlaw]) {
    let Large { closed, record } = &*LARGE;
    let mut record = record.clone();
    let mut ballots = closed.ballots().to_vec();
    for (at, ballot) in lies {
        record.ballots[*at] = HexBytes(ballot.clone());
        ballots[*at] = ballot.clone();
    }

    let report = audit(&record);
    let found = |flaws: &[BoxFlaw]| match flaws {
        [] => Outcome::Passed,
        flaws => Outcome::Failed(flaws.iter().cloned().map(Flaw::Box).collect()),
    };
    assert_eq!(*report.outcome(Step::Ballots), Outcome::Passed);
    assert_eq!(*report.outcome(Step::Roll), found(roll));
    assert_eq!(*report.outcome(Step::Proofs), found(proofs));

    let contest = closed.contest();
    let new: Vec<_> = ballots.iter().map(|ballot| BallotReference::of(contest.contest(), ballot)).collect();
    let closing = Closing::sign(contest.contest(), closed.roll(), &new, at(OPEN_FOR), &box_key()).unwrap();
    let verified = ClosedBox::verify(contest.clone(), closed.roll().clone(), ballots, closing, &mut |_| ());
    assert_eq!(verified.unwrap_err().as_slice(), [roll, proofs, references].concat());
}

#[test]
fn an_honest_large_box_is_accepted() {
    let report = audit(&LARGE.record);
    assert_eq!(report.verdict(), Ok(()), "{report}");
    assert_eq!(LARGE.record.result.votes, [u64::from(BALLOTS)]);
}

#[test]
fn attack_4_a_copy_far_from_its_ballot_is_found() {
    let copy = LARGE.closed.ballots()[0].clone();
    let (ballot, earlier) = (600, 0);
    assert_refused(
        &[(ballot, copy)],
        &[BoxFlaw::RepeatedCredential { ballot, earlier }, BoxFlaw::RepeatedNonce { ballot, earlier }],
        &[],
        &[BoxFlaw::RepeatedReference { ballot, earlier }],
    );
}

#[test]
fn attack_4_one_nonce_in_two_ballots_far_apart_is_found() {
    let record = serde_json::from_str(&LARGE.record.to_json()).unwrap();
    let (contest, setting) = (fingerprint(&record), setting(&record));
    let witness = |voter, m| Witness::new(credential_secret(&contest, &code(voter)), &votes(&[m]));
    let r = witness(1, 1).r;
    let under_r = |voter, m| {
        let ballot = prove(&setting, &Schedule::strict(), &Witness { r, ..witness(voter, m) });
        (usize::from(voter), ballot.to_bytes())
    };
    assert_refused(
        &[under_r(1, 1), under_r(1_030, 0)],
        &[BoxFlaw::RepeatedNonce { ballot: 1_030, earlier: 1 }],
        &[],
        &[],
    );
}

#[test]
fn attack_7_a_bad_ballot_late_in_a_large_box_is_named() {
    let ballot = 1_100;
    let mut spoilt = LARGE.closed.ballots()[ballot].clone();
    // The last response becomes that of another ballot.
    let last = spoilt.len() - 32;
    spoilt[last..].copy_from_slice(&LARGE.closed.ballots()[3][last..]);
    let flaw = BoxFlaw::Ballot { ballot, error: BallotError::Proof };
    assert_refused(&[(ballot, spoilt)], &[], &[flaw], &[]);
}
