//! Lies in a box of more ballots than are verified at a time. Two ballots that may not stand in one box are found
//! however far apart they are, and every flaw names a ballot's place in the whole box.

use std::sync::LazyLock;

use urne::ballot::{BallotError, Sealer};
use urne::ballot_box::{BoxFlaw, Closing, SignedBox, Signings};
use urne::contest::ContestDescription;
use urne::record::{Flaw, HexBytes, Outcome, Step};
use urne::{
    ApprovedContest, AuditReport, BallotReference, Choice, ClosedBox, OpenedTally, Record, Roll, VotingCode,
};

use crate::polling::{
    END, Elector, Ended, Office, approve, at, box_key, ceremony, description, rng, sign_as_issuer,
};
use crate::support::code::credential;
use crate::support::digests::{fingerprint, setting};
use crate::support::forger::votes;
use crate::support::prover::{Schedule, Witness, prove};

/// A stream verifies 512 at a time, a batch 1,024.
const BALLOTS: u16 = 1_102;

struct Large {
    codes: Vec<VotingCode>,
    signings: Signings,
    closed: ClosedBox,
    record: Record,
}

/// Made once, by an honest box, an honest issuer and an honest trustee.
static LARGE: LazyLock<Large> = LazyLock::new(|| {
    let (_, mut trustees) = ceremony(&[(1, 1)], 1, 1);
    let contest = approve(ContestDescription { capacity: 2_000, ..description(584, 1) }, &mut trustees);
    let mut office = Office::of(contest.clone(), trustees, 0);
    (0..BALLOTS).for_each(|voter| office.register(&format!("voter {voter}")));
    let polling = office.open();
    let (sealer, mut rng) = (Sealer::new(&contest), rng(2));
    let mut seal =
        |elector: &Elector| sealer.seal(Choice::List(1), &elector.credential, &mut rng).unwrap().cast();
    let ballots: Vec<_> = polling.electors.iter().map(&mut seal).collect();
    let voters: Vec<_> = polling.electors.iter().map(|elector| elector.id.clone()).collect();
    let signings = Signings::new([3; 32], voters.clone()).unwrap();
    let closed = close(&contest, polling.ballot_box.roll(), &signings, ballots).unwrap();
    let signature = sign_as_issuer(&closed.digest().to_bytes());
    let signed = SignedBox::new(closed.clone(), signature).unwrap();
    let voters = voters.into_iter().collect();
    let mut ended = Ended { signed, signings: signings.clone(), voters, trustees: polling.trustees };
    let (endorsements, factors) = ended.endorse_and_decrypt();
    let opened = OpenedTally::open(&ended.signed, &endorsements, &factors).unwrap();
    let record = Record::new(&ended.signed, &opened);
    let codes = polling.electors.into_iter().map(|elector| elector.code).collect();
    Large { codes, signings, closed, record }
});

/// A box of these ballots, under a closing that fits them.
fn close(
    contest: &ApprovedContest,
    roll: &Roll,
    signings: &Signings,
    ballots: Vec<Vec<u8>>,
) -> Result<ClosedBox, Vec<BoxFlaw>> {
    let references: Vec<_> =
        ballots.iter().map(|ballot| BallotReference::of(contest.contest(), ballot)).collect();
    let digest = signings.digest();
    let closing = Closing::sign(contest.contest(), roll, &references, digest, at(END), &box_key()).unwrap();
    ClosedBox::verify(contest.clone(), roll.clone(), ballots, closing, &mut |_| ())
        .map_err(|flaws| flaws.as_slice().to_vec())
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
    let Large { closed, record, signings, .. } = &*LARGE;
    let mut record = record.clone();
    let mut ballots = closed.ballots().to_vec();
    for (at, ballot) in lies {
        record.ballots[*at] = HexBytes(ballot.clone());
        ballots[*at] = ballot.clone();
    }

    let report = audit(&record);
    let found = |flaws: &[BoxFlaw]| match flaws {
        [] => Outcome::Passed,
        flaws => Outcome::Failed(flaws.iter().copied().map(Flaw::Box).collect::<Vec<_>>().into()),
    };
    assert_eq!(*report.outcome(Step::Ballots), Outcome::Passed);
    assert_eq!(*report.outcome(Step::Roll), found(roll));
    assert_eq!(*report.outcome(Step::Proofs), found(proofs));

    let verified = close(closed.contest(), closed.roll(), signings, ballots);
    assert_eq!(verified.unwrap_err(), [roll, proofs, references].concat());
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
    let secret = |voter: u16| {
        let code = LARGE.codes[usize::from(voter)].expose_bytes();
        credential(&contest, &code)
    };
    let witness = |voter, m| Witness::new(secret(voter), &votes(&[m]));
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
