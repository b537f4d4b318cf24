//! Row 16, a server that lies: it holds the box key and signs whatever suits it. The voter's own checks, on
//! the voter's own bytes, find it out.

use std::ops::RangeInclusive;

use urne::closed_box::Closing;
use urne::receipt::{DepositProof, Emargement, Head, ReceiptError};
use urne::voter::{Casting, Voted};
use urne::{
    ActivationNonce, BallotReference, BoxKeyError, BoxSecretKey, Choice, ClosedBox, Receipt, UnixTime,
    VoterId, VoterSession, VotingCode,
};

use crate::polling::{OPEN_FOR, Polling, at, box_key, rng};

const LIST_1: Choice = Choice::List(1);
const LIST_2: Choice = Choice::List(2);

/// Between which times the voter sent the ballot and got the answer.
fn window(from: i64, to: i64) -> RangeInclusive<UnixTime> {
    at(from)..=at(to)
}

/// The box that a lying server keeps beside the true one: same contest, roll and key.
fn beside(votes: &[(usize, Choice)]) -> (Polling, Vec<(Vec<u8>, Receipt)>) {
    let mut polling = Polling::open(6);
    let answers =
        (10..).zip(votes).map(|(now, (voter, choice))| polling.vote(*voter, *choice, now)).collect();
    (polling, answers)
}

fn check(polling: &Polling, voter: usize, ballot: &[u8], receipt: &Receipt) -> Result<(), ReceiptError> {
    receipt.verify(polling.contest.contest(), &polling.id(voter), ballot, window(0, 100))
}

fn consistent(proof: &DepositProof, closed: &ClosedBox) -> Result<(), ReceiptError> {
    let path = closed.consistency(proof.head.size).unwrap_or(closed.consistency(1).unwrap());
    let contest = closed.contest().contest();
    proof.head.verify_consistency(contest, closed.closing(), closed.roll().digest(), &path)
}

#[test]
fn attack_16_an_honest_server_passes_every_check() {
    let (mut polling, mut answers) = beside(&[(0, LIST_1), (1, LIST_2), (2, Choice::Blank)]);
    answers.push(polling.vote(3, LIST_1, 50));
    for (voter, (ballot, receipt)) in answers.iter().enumerate() {
        assert_eq!(check(&polling, voter, ballot, receipt), Ok(()));
    }
    let (closed, _) = polling.close();
    for (_, receipt) in &answers {
        let proof = receipt.deposit_proof.as_ref().unwrap();
        assert_eq!(consistent(proof, &closed), Ok(()));
        assert!(closed.references().contains(&receipt.acknowledgement.reference));
    }
}

#[test]
fn attack_16_server_swaps_the_ballot() {
    // The voter sealed list 2; the server deposits a ballot for list 1 in the voter's name (it issued the code,
    // and kept it) and gives a receipt that is right in every part but one: whose ballot it is about.
    let (mut polling, _) = beside(&[]);
    polling.activate(0, 5).unwrap();
    let mine = polling.seal(0, LIST_2);
    let theirs = polling.seal(0, LIST_1);
    let receipt = polling.deposit(0, &theirs, 10).unwrap();
    let contest = polling.contest.contest();
    let [expected, actual] = [&mine, &theirs].map(|ballot| BallotReference::of(contest, ballot));
    let other = Err(ReceiptError::OtherBallot { expected, actual });
    assert_eq!(check(&polling, 0, &mine, &receipt), other);
    // An acknowledgement that echoes the voter's reference is no help: the proof is about the other.
    let mut echo = receipt.clone();
    echo.acknowledgement.reference = expected;
    assert_eq!(check(&polling, 0, &mine, &echo), other);
    // With the reference in the proof changed too, the path does not lead from it.
    echo.deposit_proof.as_mut().unwrap().reference = expected;
    assert_eq!(check(&polling, 0, &mine, &echo), Err(ReceiptError::NotIncluded { reference: expected }));
}

#[test]
fn attack_16_server_shows_the_reference_of_another() {
    // Two voters of the same choice are shown one ballot, the other's vote is free (Debant and Hirschi 2023).
    let (polling, answers) = beside(&[(0, LIST_1), (1, LIST_1)]);
    let [(mine, own), (theirs, other)] = &answers[..] else { panic!() };
    let contest = polling.contest.contest();
    let [expected, actual] = [mine, theirs].map(|ballot| BallotReference::of(contest, ballot));
    let refused = Err(ReceiptError::OtherBallot { expected, actual });
    let mut shown = own.clone();
    shown.acknowledgement.reference = actual;
    assert_eq!(check(&polling, 0, mine, &shown), refused);
    let mut shown = own.clone();
    shown.deposit_proof = other.deposit_proof.clone();
    shown.deposit_proof.as_mut().unwrap().head.at = own.acknowledgement.at;
    assert_eq!(check(&polling, 0, mine, &shown), refused);
    let proof = other.deposit_proof.as_ref().unwrap();
    assert_eq!(proof.verify(contest, theirs), Ok(()));
    assert_eq!(proof.verify(contest, mine), refused);
    // Or the émargement of another.
    let mut shown = own.clone();
    shown.emargement = other.emargement.clone();
    assert_eq!(check(&polling, 0, mine, &shown), Err(ReceiptError::OtherVoter));
    // Renamed, it is not signed.
    shown.emargement.voter = polling.id(0);
    assert_eq!(check(&polling, 0, mine, &shown), Err(ReceiptError::Emargement(BoxKeyError::Signature)));
}

#[test]
fn attack_16_server_drops_the_ballot() {
    // It acknowledges three, and closes a box without the second.
    let (polling, answers) = beside(&[(0, LIST_1), (1, LIST_2), (2, LIST_1)]);
    drop(polling);
    let (without, _) = beside(&[(0, LIST_1), (2, LIST_1)]);
    let (closed, _) = without.close();
    let verdict = |voter: usize| {
        let proof = answers[voter].1.deposit_proof.as_ref().unwrap();
        consistent(proof, &closed)
    };
    assert_eq!(verdict(1), Err(ReceiptError::Fork { size: 2, closing: 2 }));
    assert_eq!(verdict(2), Err(ReceiptError::Fork { size: 3, closing: 2 }));
    assert!(!closed.references().contains(&answers[1].1.acknowledgement.reference));
}

#[test]
fn attack_16_server_back_dates() {
    let (mut polling, _) = beside(&[(0, LIST_1)]);
    polling.activate(1, 40).unwrap();
    let ballot = polling.seal(1, LIST_1);
    // Sent at 40, by the voter's clock; the server says 20, and signs it.
    let receipt = polling.deposit(1, &ballot, 40).unwrap();
    let (contest, voter) = (polling.contest.contest(), polling.id(1));
    let verify = |receipt: &Receipt| receipt.verify(contest, &voter, &ballot, window(39, 42));
    assert_eq!(verify(&receipt), Ok(()));
    let (mut lying, _) = beside(&[(0, LIST_1)]);
    lying.activate(1, 20).unwrap();
    let early = lying.deposit(1, &ballot, 20).unwrap();
    assert_eq!(verify(&early), Err(ReceiptError::Time { at: at(20) }));
    // One part of it alone: the parts must agree.
    let time = |at| Err(ReceiptError::Time { at });
    let mut mixed = receipt.clone();
    mixed.emargement = early.emargement.clone();
    assert_eq!(verify(&mixed), time(at(40)));
    let mut mixed = receipt.clone();
    mixed.deposit_proof = early.deposit_proof.clone();
    assert_eq!(verify(&mixed), time(at(20)));
    let mut mixed = receipt.clone();
    mixed.acknowledgement.at = at(41);
    assert_eq!(verify(&mixed), time(at(41)));
    // Changed without a signature.
    let mut mixed = receipt;
    mixed.acknowledgement.at = at(41);
    mixed.emargement.at = at(41);
    assert_eq!(verify(&mixed), Err(ReceiptError::Emargement(BoxKeyError::Signature)));
}

#[test]
fn attack_16_server_says_a_time_outside_of_the_contest() {
    // Whatever the voter's clock says, a vote is never before the opening or after the close.
    let (polling, answers) = beside(&[(0, LIST_1)]);
    let (ballot, receipt) = &answers[0];
    for seconds in [-1, OPEN_FOR] {
        let mut receipt = receipt.clone();
        let time = at(seconds);
        receipt.acknowledgement.at = time;
        receipt.emargement = signed_emargement(&polling, polling.id(0), time);
        let verdict =
            receipt.verify(polling.contest.contest(), &polling.id(0), ballot, window(-100, OPEN_FOR + 100));
        assert_eq!(verdict, Err(ReceiptError::Time { at: time }));
    }
}

/// An émargement that the box would not give, under its key.
fn signed_emargement(polling: &Polling, voter: VoterId, at: UnixTime) -> Emargement {
    let contest = polling.contest.fingerprint();
    let digest = crate::polling::hash_of_fields(
        "urne/1 signing",
        &[&contest.to_bytes(), voter.as_bytes(), &at.seconds().to_le_bytes()],
    );
    Emargement { contest, voter, at, signature: crate::polling::sign(&digest) }
}

#[test]
fn attack_16_server_forks_its_log() {
    // One log is shown to voter 1, another, without the vote of 0, to voter 2; the second is closed.
    let (_, shown_to_1) = beside(&[(0, LIST_1), (1, LIST_2)]);
    let (second, shown_to_2) = beside(&[(3, LIST_1), (2, LIST_2), (4, LIST_1)]);
    let (closed, _) = second.close();
    let verdict = |answer: &(Vec<u8>, Receipt)| consistent(answer.1.deposit_proof.as_ref().unwrap(), &closed);
    assert_eq!(verdict(&shown_to_2[0]), Ok(()));
    assert_eq!(verdict(&shown_to_2[1]), Ok(()));
    assert_eq!(verdict(&shown_to_1[0]), Err(ReceiptError::Fork { size: 1, closing: 3 }));
    assert_eq!(verdict(&shown_to_1[1]), Err(ReceiptError::Fork { size: 2, closing: 3 }));
    // No path that it has helps: those of other sizes, none at all, one of the other log.
    let head = shown_to_1[1].1.deposit_proof.as_ref().unwrap().head;
    let contest = closed.contest().contest();
    for size in 1..=3 {
        let path = closed.consistency(size).unwrap();
        assert_eq!(
            head.verify_consistency(contest, closed.closing(), closed.roll().digest(), &path),
            Err(ReceiptError::Fork { size: 2, closing: 3 })
        );
    }
}

#[test]
fn attack_16_server_signs_with_another_key() {
    let (polling, answers) = beside(&[(0, LIST_1)]);
    let (ballot, receipt) = &answers[0];
    let contest = polling.contest.contest();
    let proof = receipt.deposit_proof.clone().unwrap();
    // Every byte of head and proof counts.
    let bytes = proof.to_bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        if let Ok(changed) = DepositProof::from_bytes(&changed) {
            assert!(changed.verify(contest, ballot).is_err(), "byte {at}");
        }
    }
    let mut other = proof.clone();
    other.head.size = 2;
    assert_eq!(other.verify(contest, ballot), Err(ReceiptError::Position { index: 0, size: 2 }));
    other.index = u64::MAX;
    assert_eq!(other.verify(contest, ballot), Err(ReceiptError::Position { index: u64::MAX, size: 2 }));
    let mut other = proof;
    other.head.root[0] ^= 1;
    assert_eq!(other.verify(contest, ballot), Err(ReceiptError::Head(BoxKeyError::Signature)));
}

#[test]
fn attack_16_closing_that_is_not_the_boxs_or_too_early() {
    let (mut polling, _) = beside(&[(0, LIST_1)]);
    let (_, receipt) = polling.vote(1, LIST_2, OPEN_FOR - 1);
    let head: Head = receipt.deposit_proof.unwrap().head;
    let (closed, _) = polling.close();
    let contest = closed.contest().contest();
    let (roll, path) = (closed.roll(), closed.consistency(2).unwrap());
    let verify =
        |head: &Head, closing: &Closing| head.verify_consistency(contest, closing, roll.digest(), &path);
    assert_eq!(verify(&head, closed.closing()), Ok(()));
    let foreign =
        Closing::sign(contest, roll, closed.references(), at(OPEN_FOR), &BoxSecretKey::from_bytes(&[8; 32]))
            .unwrap();
    let bad_signature = Err(ReceiptError::Closing(BoxKeyError::Signature));
    assert_eq!(verify(&head, &foreign), bad_signature);
    let closing = Closing { at: at(OPEN_FOR + 1), ..*closed.closing() };
    assert_eq!(verify(&head, &closing), bad_signature);
    // A head of a time after the closing; one of the same second is still before it.
    let dated = |at: UnixTime| {
        let digest = crate::polling::hash_of_fields(
            "urne/1 head",
            &[
                &contest.fingerprint().to_bytes(),
                &head.size.to_le_bytes(),
                &head.root,
                &at.seconds().to_le_bytes(),
            ],
        );
        Head { at, signature: crate::polling::sign(&digest), ..head }
    };
    let late = at(OPEN_FOR + 1);
    assert_eq!(
        verify(&dated(late), closed.closing()),
        Err(ReceiptError::ClosedEarlier { head: late, closing: at(OPEN_FOR) })
    );
    assert_eq!(verify(&dated(at(OPEN_FOR)), closed.closing()), Ok(()));
    // The same key, honest about everything, for the record.
    let same = Closing::sign(contest, roll, closed.references(), at(OPEN_FOR), &box_key()).unwrap();
    assert_eq!(same, *closed.closing());
}

/// The voter's session up to "I vote", at this time by the voter's clock.
fn casting(polling: &mut Polling, voter: u8, choice: Choice, seconds: i64) -> Casting {
    let nonce = ActivationNonce::from_bytes([voter; 32]);
    let id = polling.id(voter.into());
    let state = polling.ballot_box.state(&id, at(seconds)).unwrap();
    let session = VoterSession::new(id.clone(), [(polling.contest.clone(), state)]).unwrap();
    let code = VotingCode::from_bytes([voter; 15]);
    let entered = session.enter_code(&code, &nonce, &mut rng(voter.into()));
    let (contest, answer) = entered.activations()[0];
    let entry = polling.ballot_box.activate(&id, &nonce, &answer, at(seconds)).unwrap();
    polling.store(entry);
    let session = entered.activated(&[contest]).unwrap();
    let selection = session.choose(584, at(seconds)).unwrap().activate_selection();
    selection.select(choice).unwrap().seal(&mut rng(voter.into())).unwrap().cast(at(seconds))
}

#[test]
fn attack_16_voters_session_takes_no_answer_that_does_not_hold() {
    let mut polling = Polling::open(3);
    let mine = casting(&mut polling, 0, LIST_2, 10);
    let theirs = casting(&mut polling, 1, LIST_1, 10);
    let answer = polling.deposit(0, mine.ballot(), 11).unwrap();
    let of_other = polling.deposit(1, theirs.ballot(), 12).unwrap();
    let [expected, actual] = [mine.reference(), theirs.reference()];

    let refused = mine.acknowledge(of_other, at(12), 5).unwrap_err();
    assert_eq!(refused.error(), ReceiptError::OtherBallot { expected, actual });
    // The ballot is still there, to be sent again; and a box that dates it an hour back is found out.
    let mine = refused.into_state();
    assert_eq!(mine.reference(), expected);
    let (_, voted) = mine.acknowledge(answer.clone(), at(3_700), 5).unwrap();
    assert_eq!(voted.reference(), expected);
    let mut late = Polling::open(3);
    let again = casting(&mut late, 0, LIST_2, 3_600);
    assert_eq!(again.ballot(), voted.ballot());
    let refused = again.acknowledge(answer, at(3_700), 5).unwrap_err();
    assert_eq!(refused.error(), ReceiptError::Time { at: at(11) });
}

#[test]
fn attack_16_voter_finds_out_after_the_close() {
    let mut polling = Polling::open(4);
    polling.vote(3, LIST_1, 5);
    let mine = casting(&mut polling, 0, LIST_2, 10);
    let ballot = mine.ballot().to_vec();
    let answer = polling.deposit(0, &ballot, 10).unwrap();
    let (_, voted) = mine.acknowledge(answer, at(12), 5).unwrap();
    polling.vote(1, LIST_1, 20);
    // The honest closing, and that of a box that forgets the second ballot and goes on.
    let mut forgetful = Polling::open(4);
    for (voter, seconds) in [(3, 5), (1, 20), (2, 30)] {
        forgetful.vote(voter, LIST_1, seconds);
    }
    let check = |voted: &Voted, closed: &ClosedBox| {
        voted.check_closing(closed.closing(), closed.roll().digest(), &closed.consistency(2).unwrap())
    };
    let (honest, _) = polling.close();
    assert_eq!(check(&voted, &honest), Ok(()));
    let (forgetful, _) = forgetful.close();
    assert_eq!(check(&voted, &forgetful), Err(ReceiptError::Fork { size: 2, closing: 3 }));
}

#[test]
fn attack_16_without_a_deposit_proof_the_voter_cannot_check() {
    let mut polling = Polling::open(2);
    let mine = casting(&mut polling, 0, LIST_2, 10);
    let ballot = mine.ballot().to_vec();
    let mut answer = polling.deposit(0, &ballot, 10).unwrap();
    // As a server may say that it has been given before.
    answer.deposit_proof = None;
    let reference = mine.reference();
    let (_, voted) = mine.acknowledge(answer, at(12), 5).unwrap();
    assert_eq!(voted.receipt().deposit_proof, None);
    let (closed, _) = polling.close();
    let path = closed.consistency(1).unwrap();
    assert_eq!(
        voted.check_closing(closed.closing(), closed.roll().digest(), &path),
        Err(ReceiptError::NotIncluded { reference })
    );
}
