//! Row 21, a clash (Küsters, Truderung, Vogt 2012): a device shows two voters one reference, which stands in the
//! record as it should, and the vote of one of them is free. Whoever checks starts from the code, on a second
//! device: there the credential is derived, the ballot is found by it, and its reference is compared.

use urne::ballot::ChallengeError;
use urne::ballot_box::GivenClosing;
use urne::record::{BallotList, CheckError, EndorsedRecord, FoundBallot, GivenRecord, HexBytes};
use urne::{
    AuditReport, BallotReference, Choice, ClosedRecord, Credential, Fingerprint, OpenedTally, Record,
    TrusteeIndex, VotingCode,
};

use crate::polling::{END, Polling, at, box_key};

const LIST_1: Choice = Choice::List(1);

/// A second device: it has the code as it was typed, the record from anywhere, the contest's fingerprint from the
/// trustees, and the reference as the first device showed it. Nothing else.
fn second_device(
    json: &str,
    published: Fingerprint,
    code: &VotingCode,
    shown: &BallotReference,
) -> Result<usize, CheckError> {
    let record = EndorsedRecord::verify(&Record::from_json(json.as_bytes()).unwrap(), &[published]).unwrap();
    record.ballots().check_code(code, shown).map(|found| found.index)
}

/// Voters 0 and 1 choose list 1. The devices of both are one liar's: it casts the ballot of voter 1, shows both of
/// them its reference, and casts what it likes for voter 0, or nothing.
#[test]
fn attack_21_a_ballot_is_found_by_the_code_and_its_reference_compared() {
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
        let closed = ended.signed.closed();
        let given = GivenClosing { trustee: TrusteeIndex::new(1).unwrap(), closing: closed.digest() };
        let published = closed.contest().fingerprint();

        // Nothing is wrong with the record, and the reference is in it.
        assert_eq!(AuditReport::of(&record, &mut |_| ()).verdict(), Ok(()));
        let index = if stolen.is_some() { 2 } else { 1 };
        let told = GivenRecord::verify(&ClosedRecord::new(closed), &[given]).unwrap();
        let found = FoundBallot { index, reference: shown };
        assert_eq!(told.ballots().by_reference(&shown), Ok(found));
        let json = record.to_json();
        let check = |code: &VotingCode| {
            let counted = second_device(&json, published, code, &shown);
            // In the time for complaints it is the same.
            assert_eq!(told.ballots().check_code(code, &shown).map(|found| found.index), counted);
            counted
        };
        assert_eq!(check(&codes[1]), Ok(index));
        let expected = match stolen {
            Some(found) => CheckError::OtherReference { shown, found },
            None => CheckError::NoBallot,
        };
        assert_eq!(check(&codes[0]), Err(expected));
        // Who has not voted has no ballot, nor has a code that is nobody's.
        assert_eq!(check(&codes[2]), Err(CheckError::NoBallot));
        assert_eq!(check(&VotingCode::from_bytes([200; 15])), Err(CheckError::NoBallot));
    }
}

/// The ballots of a closed record that the box signs as it stands, and the trustees are given.
fn listed(record: &ClosedRecord) -> BallotList {
    let mut record = record.clone();
    let contest = record.contest().unwrap().contest().clone();
    let references: Vec<_> =
        record.ballots.iter().map(|ballot| BallotReference::of(&contest, &ballot.0)).collect();
    let roll = record.roll(&contest).unwrap();
    let signings = urne::ballot_box::SigningsDigest::from_bytes([0; 32]);
    let closing =
        urne::ballot_box::Closing::sign(&contest, &roll, &references, signings, at(END), &box_key()).unwrap();
    record.closing = (&closing).into();
    let digest = closing.digest(&contest, roll.opening_digest(), roll.digest());
    let given = GivenClosing { trustee: TrusteeIndex::new(1).unwrap(), closing: digest };
    GivenRecord::verify(&record, &[given]).unwrap().ballots().clone()
}

/// Only bytes that can be a ballot of the contest are taken for one, and of two nobody says which is the voter's.
#[test]
fn attack_21_no_other_bytes_are_taken_for_the_ballot() {
    let mut polling = Polling::open(3);
    let reference = polling.vote(0, LIST_1, 10).1.acknowledgement.reference;
    let credential = polling.electors[0].credential.public();
    let code = polling.electors[0].code.clone();
    let closed = polling.close().0;
    let contest = closed.contest().contest().clone();
    assert_eq!(Credential::derive(&contest, &code).public(), credential);
    let honest = ClosedRecord::new(&closed);
    let found = FoundBallot { index: 0, reference };
    assert_eq!(listed(&honest).by_credential(&credential), Ok(found));
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
        assert_eq!(listed(&record).by_code(&code), Err(CheckError::NoBallot));
        assert_eq!(listed(&record).by_reference(&reference), Err(CheckError::NotInTheBox { reference }));
        // The good one behind it is found.
        record.ballots.push(HexBytes(ballot.clone()));
        assert_eq!(listed(&record).by_code(&code), Ok(FoundBallot { index: 1, reference }));
    }
    // A reference is that of the bytes as they are.
    let mut record = honest.clone();
    let last = record.ballots[0].0.len() - 1;
    record.ballots[0].0[last - 31] ^= 1;
    let changed = listed(&record).by_code(&code).unwrap();
    assert_eq!(changed.reference, BallotReference::of(&contest, &record.ballots[0].0));
    assert_ne!(changed.reference, reference);
    let (shown, found) = (reference, changed.reference);
    assert_eq!(listed(&record).check_code(&code, &shown), Err(CheckError::OtherReference { shown, found }));
    // Beside the good one it is one too many.
    record.ballots.push(HexBytes(ballot));
    let two = CheckError::TwoBallots { first: 0, second: 1 };
    assert_eq!(listed(&record).check_code(&code, &shown), Err(two));
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
