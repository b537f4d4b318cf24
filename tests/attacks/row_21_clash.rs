//! Row 21, a clash (Küsters, Truderung, Vogt 2012): a device shows two voters one reference, which stands in the
//! record as it should, and the vote of one of them is free. Whoever checks starts from the code, on a second
//! device: there the credential is derived, the ballot is found by it, and its reference is compared.

use urne::ballot::ChallengeError;
use urne::record::FoundBallot;
use urne::{
    AuditReport, BallotReference, Choice, ClosedRecord, Contest, Credential, OpenedTally, Record, VotingCode,
};

use crate::polling::Polling;

const LIST_1: Choice = Choice::List(1);

/// What the second device says of the reference that the first one showed.
fn check(found: Option<FoundBallot>, shown: &BallotReference) -> Result<usize, Option<BallotReference>> {
    match found {
        Some(found) if found.reference == *shown => Ok(found.index),
        other => Err(other.map(|found| found.reference)),
    }
}

/// Voters 0 and 1 choose list 1. The devices of both are one liar's: it casts the ballot of voter 1, shows both of
/// them its reference, and casts what it likes for voter 0, or nothing.
#[test]
fn attack_21_a_ballot_is_found_by_the_credential_and_its_reference_compared() {
    for cast_for_0 in [Some(Choice::List(2)), None] {
        let mut polling = Polling::open(4);
        polling.vote(3, Choice::Blank, 5);
        let stolen = cast_for_0.map(|choice| polling.vote(0, choice, 10).1.acknowledgement.reference);
        let shown = polling.vote(1, LIST_1, 20).1.acknowledgement.reference;
        let codes: Vec<_> = polling.electors.iter().map(|elector| elector.code.clone()).collect();
        let mut ended = polling.sign_off();
        let (endorsements, factors) = ended.endorse_and_decrypt();
        let opened = OpenedTally::open(&ended.signed, &endorsements, &factors).unwrap();
        let record = Record::new(&ended.signed, &opened);
        let closed = ClosedRecord::new(ended.signed.closed());
        let contest = ended.signed.closed().contest().contest();

        // Nothing is wrong with the record, and the reference is in it.
        assert_eq!(AuditReport::of(&record, &mut |_| ()).verdict(), Ok(()));
        assert!(ended.signed.closed().references().contains(&shown));
        let by_code = |contest: &Contest, code: &VotingCode| {
            let credential = Credential::derive(contest, code).public();
            let found = record.ballot_of(contest, &credential);
            assert_eq!(closed.ballot_of(contest, &credential), found);
            check(found, &shown)
        };
        let index = if stolen.is_some() { 2 } else { 1 };
        assert_eq!(by_code(contest, &codes[1]), Ok(index));
        assert_eq!(by_code(contest, &codes[0]), Err(stolen));
        // Who has not voted has no ballot, nor has a code that is nobody's.
        assert_eq!(by_code(contest, &codes[2]), Err(None));
        assert_eq!(by_code(contest, &VotingCode::from_bytes([200; 15])), Err(None));
    }
}

/// Only bytes that can be a ballot of the contest are taken for one.
#[test]
fn attack_21_no_other_bytes_are_taken_for_the_ballot() {
    let mut polling = Polling::open(3);
    let reference = polling.vote(0, LIST_1, 10).1.acknowledgement.reference;
    let credential = polling.electors[0].credential.public();
    let closed = polling.close().0;
    let contest = closed.contest().contest().clone();
    let honest = ClosedRecord::new(&closed);
    let found = FoundBallot { index: 0, reference };
    assert_eq!(honest.ballot_of(&contest, &credential), Some(found));
    let ballot = honest.ballots[0].0.clone();
    let bent: [fn(&mut Vec<u8>); 4] = [
        |bytes| bytes[0] = 1,
        |bytes| bytes[1] += 1,
        |bytes| bytes.push(0),
        |bytes| {
            bytes.pop();
        },
    ];
    for bend in bent {
        let mut record = honest.clone();
        bend(&mut record.ballots[0].0);
        assert_eq!(record.ballot_of(&contest, &credential), None);
        // The good one behind it is found.
        record.ballots.push(urne::record::HexBytes(ballot.clone()));
        assert_eq!(record.ballot_of(&contest, &credential), Some(FoundBallot { index: 1, reference }));
    }
    // A reference is that of the bytes as they are.
    let mut record = honest;
    let last = record.ballots[0].0.len() - 1;
    record.ballots[0].0[last - 31] ^= 1;
    let changed = record.ballot_of(&contest, &credential).unwrap();
    assert_eq!(changed.reference, BallotReference::of(&contest, &record.ballots[0].0));
    assert_ne!(changed.reference, reference);
}

/// The same lie before a vote: a challenge of the ballot whose reference was shown.
#[test]
fn attack_21_an_opened_ballot_of_another_voter_is_found_out() {
    let mut polling = Polling::open(2);
    let theirs = polling.sealed(1, LIST_1);
    let shown = theirs.reference();
    let own = Credential::derive(polling.contest.contest(), &polling.electors[0].code).public();
    let actual = polling.electors[1].credential.public();
    let refused = theirs.challenge().verify(&polling.contest, &shown, &own, LIST_1);
    assert_eq!(
        refused,
        Err(ChallengeError::Credential { expected: own.to_bytes(), actual: actual.to_bytes() })
    );
}
