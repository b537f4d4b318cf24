//! Row 16, a server that lies: it holds the box key and signs whatever suits it. The voter's own checks, on
//! the voter's own bytes, find it out.

use std::ops::RangeInclusive;

use urne::ballot_box::{
    Closing, ClosingDigest, DepositProof, Emargement, GivenClosing, Head, ReceiptError, SignedBox,
};
use urne::primitives::VerifyingKeyError;
use urne::record::{CheckError, EndorsedRecord, FoundBallot, GivenRecord, PublishedError};
use urne::tally::EndorsementError;
use urne::voter::{Casting, Voted};
use urne::{
    ActivationNonce, BallotReference, Choice, ClosedBox, ClosedRecord, OpenedTally, PanelIndex, Receipt,
    Record, SigningKey, TrusteeIndex, UnixTime, Unsent, VoterId, VoterSession,
};

use crate::polling::acts::{self, OneByOne};
use crate::polling::{END, Polling, at, box_key, rng, sign_closing};

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
    receipt.verify(polling.contest.contest(), polling.opening, &polling.id(voter), ballot, window(0, 100))
}

fn consistent(proof: &DepositProof, closed: &ClosedBox) -> Result<(), ReceiptError> {
    let path = closed.consistency(proof.head.size).unwrap_or(closed.consistency(1).unwrap());
    let (contest, roll) = (closed.contest().contest(), closed.roll());
    let digest = proof.head.verify_consistency(
        contest,
        roll.opening_digest(),
        closed.closing(),
        roll.digest(),
        &path,
    )?;
    assert_eq!(digest, closed.digest());
    // Whoever has the whole box asks for no path, and finds the same.
    assert_eq!(closed.check_head(&proof.head), Ok(()));
    let references = closed.references();
    assert_eq!(proof.head.verify_references(contest, roll.opening_digest(), references), Ok(()));
    Ok(())
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
        let proof = &receipt.deposit_proof;
        assert_eq!(consistent(proof, &closed), Ok(()));
        assert!(closed.references().contains(&receipt.acknowledgement.reference));
    }
}

#[test]
fn attack_16_server_swaps_the_ballot() {
    // The voter sealed list 2; the server deposits a ballot for list 1 in the voter's name (it issued the
    // code, and kept it) and gives a receipt that is right in every part but one: whose ballot it is about.
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
    echo.deposit_proof.reference = expected;
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
    shown.deposit_proof.head.at = own.acknowledgement.at;
    assert_eq!(check(&polling, 0, mine, &shown), refused);
    let proof = &other.deposit_proof;
    assert_eq!(proof.verify(contest, polling.opening, theirs), Ok(()));
    assert_eq!(proof.verify(contest, polling.opening, mine), refused);
    // Or the émargement of another.
    let mut shown = own.clone();
    shown.emargement = other.emargement.clone();
    assert_eq!(check(&polling, 0, mine, &shown), Err(ReceiptError::OtherVoter));
    // Renamed, it is not signed.
    shown.emargement.voter = polling.id(0);
    assert_eq!(check(&polling, 0, mine, &shown), Err(ReceiptError::Emargement(VerifyingKeyError::Signature)));
}

#[test]
fn attack_16_server_drops_the_ballot() {
    // It acknowledges three, and closes a box without the second.
    let (polling, answers) = beside(&[(0, LIST_1), (1, LIST_2), (2, LIST_1)]);
    drop(polling);
    let (without, _) = beside(&[(0, LIST_1), (2, LIST_1)]);
    let (closed, _) = without.close();
    let verdict = |voter: usize| {
        let proof = &answers[voter].1.deposit_proof;
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
    let opening = polling.opening;
    let verify = |receipt: &Receipt| receipt.verify(contest, opening, &voter, &ballot, window(39, 42));
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
    assert_eq!(verify(&mixed), Err(ReceiptError::Emargement(VerifyingKeyError::Signature)));
}

#[test]
fn attack_16_server_says_a_time_outside_of_the_contest() {
    // Whatever the voter's clock says, a vote is never before the opening or after the end.
    let (polling, answers) = beside(&[(0, LIST_1)]);
    let (ballot, receipt) = &answers[0];
    for seconds in [-1, END] {
        let mut receipt = receipt.clone();
        let time = at(seconds);
        receipt.acknowledgement.at = time;
        receipt.emargement = signed_emargement(&polling, polling.id(0), time);
        let (contest, voter) = (polling.contest.contest(), polling.id(0));
        let verdict = receipt.verify(contest, polling.opening, &voter, ballot, window(-100, END + 100));
        assert_eq!(verdict, Err(ReceiptError::Time { at: time }));
    }
}

/// An émargement that the box would not give, under its key.
fn signed_emargement(polling: &Polling, voter: VoterId, at: UnixTime) -> Emargement {
    let contest = polling.contest.fingerprint();
    let digest = crate::polling::hash_of_fields(
        "urne/2 signing",
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
    let verdict = |answer: &(Vec<u8>, Receipt)| consistent(&answer.1.deposit_proof, &closed);
    assert_eq!(verdict(&shown_to_2[0]), Ok(()));
    assert_eq!(verdict(&shown_to_2[1]), Ok(()));
    assert_eq!(verdict(&shown_to_1[0]), Err(ReceiptError::Fork { size: 1, closing: 3 }));
    assert_eq!(verdict(&shown_to_1[1]), Err(ReceiptError::Fork { size: 2, closing: 3 }));
    // No path that it has helps: those of other sizes, none at all, one of the other log.
    let head = shown_to_1[1].1.deposit_proof.head;
    let contest = closed.contest().contest();
    for size in 1..=3 {
        let path = closed.consistency(size).unwrap();
        let (opening, roll) = (closed.roll().opening_digest(), closed.roll().digest());
        assert_eq!(
            head.verify_consistency(contest, opening, closed.closing(), roll, &path),
            Err(ReceiptError::Fork { size: 2, closing: 3 })
        );
    }
}

#[test]
fn attack_16_server_signs_with_another_key() {
    let (polling, answers) = beside(&[(0, LIST_1)]);
    let (ballot, receipt) = &answers[0];
    let contest = polling.contest.contest();
    let proof = receipt.deposit_proof.clone();
    // Every byte of head and proof counts.
    let bytes = proof.to_bytes();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        if let Ok(changed) = DepositProof::from_bytes(&changed) {
            assert!(changed.verify(contest, polling.opening, ballot).is_err(), "byte {at}");
        }
    }
    let mut other = proof.clone();
    other.head.size = 2;
    assert_eq!(
        other.verify(contest, polling.opening, ballot),
        Err(ReceiptError::Position { index: 0, size: 2 })
    );
    other.index = u64::MAX;
    assert_eq!(
        other.verify(contest, polling.opening, ballot),
        Err(ReceiptError::Position { index: u64::MAX, size: 2 })
    );
    let mut other = proof;
    other.head.root[0] ^= 1;
    assert_eq!(
        other.verify(contest, polling.opening, ballot),
        Err(ReceiptError::Head(VerifyingKeyError::Signature))
    );
}

#[test]
fn attack_16_closing_that_is_not_the_boxs_or_too_early() {
    let (mut polling, _) = beside(&[(0, LIST_1)]);
    let (_, receipt) = polling.vote(1, LIST_2, 1_000);
    let head: Head = receipt.deposit_proof.head;
    let (closed, _) = polling.close();
    let contest = closed.contest().contest();
    let (roll, path) = (closed.roll(), closed.consistency(2).unwrap());
    let verify = |head: &Head, closing: &Closing| {
        head.verify_consistency(contest, roll.opening_digest(), closing, roll.digest(), &path)
    };
    assert_eq!(verify(&head, closed.closing()), Ok(closed.digest()));
    let signings = closed.closing().signings_digest;
    let signed_by =
        |key: &SigningKey| Closing::sign(contest, roll, closed.references(), signings, at(END), key).unwrap();
    let foreign = signed_by(&SigningKey::from_seed(&[8; 32]));
    let bad_signature = Err(ReceiptError::Closing(VerifyingKeyError::Signature));
    assert_eq!(verify(&head, &foreign), bad_signature);
    let closing = Closing { at: at(END + 1), ..*closed.closing() };
    assert_eq!(verify(&head, &closing), bad_signature);
    // A head of a time after the closing; one of the same second is still before it.
    let dated = |at: UnixTime| {
        let digest = crate::polling::hash_of_fields(
            "urne/2 head",
            &[
                &contest.fingerprint().to_bytes(),
                &roll.opening_digest().to_bytes(),
                &head.size.to_le_bytes(),
                &head.root,
                &at.seconds().to_le_bytes(),
            ],
        );
        Head { at, signature: crate::polling::sign(&digest), ..head }
    };
    let late = at(END + 1);
    assert_eq!(
        verify(&dated(late), closed.closing()),
        Err(ReceiptError::ClosedEarlier { head: late, closing: at(END) })
    );
    assert_eq!(verify(&dated(at(END)), closed.closing()), Ok(closed.digest()));
    // The same key, honest about everything, for the record.
    assert_eq!(signed_by(&box_key()), *closed.closing());
}

/// A head of no ballots is the beginning of every box; one that has another root is of none.
#[test]
fn attack_16_head_of_an_empty_box() {
    let (polling, _) = beside(&[]);
    let empty = polling.ballot_box.head();
    let (mut polling, _) = beside(&[(0, LIST_1)]);
    polling.vote(1, LIST_1, 20);
    let (closed, _) = polling.close();
    let (contest, roll) = (closed.contest().contest(), closed.roll());
    let path = closed.consistency(1).unwrap();
    let verify = |head: &Head| {
        head.verify_consistency(contest, roll.opening_digest(), closed.closing(), roll.digest(), &path)
    };
    assert_eq!(verify(&empty), Ok(closed.digest()));
    assert_eq!(closed.check_head(&empty), Ok(()));
    let digest = crate::polling::hash_of_fields(
        "urne/2 head",
        &[
            &contest.fingerprint().to_bytes(),
            &roll.opening_digest().to_bytes(),
            &[0; 8],
            &[7; 32],
            &empty.at.seconds().to_le_bytes(),
        ],
    );
    let other = Head { root: [7; 32], signature: crate::polling::sign(&digest), ..empty };
    let fork = ReceiptError::Fork { size: 0, closing: 2 };
    assert_eq!(verify(&other), Err(fork));
    assert_eq!(closed.check_head(&other), Err(fork));
}

/// A monitor asks for the head now and then: one from before a rollback stands against the shorter box, and
/// one from after it against none.
#[test]
fn attack_16_server_rolls_its_log_back() {
    let mut polling = Polling::open(4);
    polling.vote(0, LIST_1, 10);
    let length = polling.log.len();
    let before = polling.ballot_box.head();
    polling.vote(1, LIST_2, 20);
    let after = polling.ballot_box.head();
    polling.log.truncate(length);
    polling.ballot_box = polling.rebuilt();
    assert_eq!(polling.ballot_box.head(), before);
    polling.vote(2, LIST_1, 30);
    let (closed, _) = polling.close();
    assert_eq!(closed.check_head(&before), Ok(()));
    assert_eq!(closed.check_head(&after), Err(ReceiptError::Fork { size: 2, closing: 2 }));
}

/// The head stops the closing, by whichever way it comes to a trustee; the box finds the rest of its log, and
/// closes anew while the issuer has signed nothing.
#[test]
fn attack_16_a_box_that_finds_the_ballots_it_had_lost_closes_anew() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    let old_copy = polling.log.clone();
    let (_, receipt) = polling.vote(1, LIST_2, 20);
    let head = receipt.deposit_proof.head;
    let close = |log: &[u8], seed| {
        let mut again = acts::rebuild(polling.contest.clone(), box_key(), log).unwrap();
        again.close(at(END), &mut rng(seed)).unwrap().0
    };
    let short = close(&old_copy, 1);
    assert_eq!(short.check_head(&head), Err(ReceiptError::Fork { size: 2, closing: 1 }));
    let whole = close(&polling.log, 2);
    assert_eq!(whole.check_head(&head), Ok(()));
    let signature = sign_closing(&mut polling.issuer, &whole).unwrap();
    assert!(SignedBox::new(whole.clone(), signature).is_ok());
    // And never the first beside it.
    let [signed, actual] = [whole.digest(), short.digest()];
    let refused = urne::ballot_box::IssuerError::OtherClosing { signed, actual };
    assert_eq!(sign_closing(&mut polling.issuer, &short), Err(refused));
}

fn casting(polling: &mut Polling, voter: u8, choice: Choice, seconds: i64) -> Casting {
    unsent(polling, voter, choice, seconds).stored()
}

/// The voter's session up to "I vote", at this time by the voter's clock.
pub(crate) fn unsent(polling: &mut Polling, voter: u8, choice: Choice, seconds: i64) -> Unsent<Casting> {
    let nonce = ActivationNonce::from_bytes([voter; 32]);
    let id = polling.id(voter.into());
    let state = polling.ballot_box.state(&id, at(seconds)).unwrap();
    let opening = polling.ballot_box.roll().signed_opening();
    let published = [polling.contest.contest().fingerprint()];
    let session =
        VoterSession::new(id.clone(), &published, [(polling.contest.clone(), opening, state)]).unwrap();
    let code = polling.electors[usize::from(voter)].code.clone();
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
    let (mine, _) = refused.into_parts();
    assert_eq!(mine.reference(), expected);
    let (_, voted) = mine.acknowledge(answer.clone(), at(3_700), 5).unwrap();
    assert_eq!(voted.reference(), expected);
    let mut late = Polling::open(3);
    let again = casting(&mut late, 0, LIST_2, 3_600);
    assert_eq!(again.ballot(), voted.ballot());
    let refused = again.acknowledge(answer, at(3_700), 5).unwrap_err();
    assert_eq!(refused.error(), ReceiptError::Time { at: at(11) });
}

/// What a voter holds who has voted second, and the box that took it.
fn voted_second() -> (Polling, Voted) {
    let mut polling = Polling::open(4);
    polling.vote(3, LIST_1, 5);
    let mine = casting(&mut polling, 0, LIST_2, 10);
    let ballot = mine.ballot().to_vec();
    let answer = polling.deposit(0, &ballot, 10).unwrap();
    let (_, voted) = mine.acknowledge(answer, at(12), 5).unwrap();
    polling.vote(1, LIST_1, 20);
    (polling, voted)
}

/// The box of the same contest that forgets the second ballot and goes on.
fn forgetful() -> Polling {
    let mut forgetful = Polling::open(4);
    for (voter, seconds) in [(3, 5), (1, 20), (2, 30)] {
        forgetful.vote(voter, LIST_1, seconds);
    }
    forgetful
}

fn given(closing: ClosingDigest) -> GivenClosing {
    GivenClosing { trustee: TrusteeIndex::new(1).unwrap(), closing }
}

/// In the time for complaints, against what the trustees say that they were given.
#[test]
fn attack_16_voter_finds_out_in_the_time_for_complaints() {
    let (polling, voted) = voted_second();
    let told =
        |closed: &ClosedBox, said: &[GivenClosing]| GivenRecord::verify(&ClosedRecord::new(closed), said);
    let (honest, _) = polling.close();
    let found = FoundBallot { index: 1, reference: voted.reference() };
    assert_eq!(voted.check_given(&told(&honest, &[given(honest.digest())]).unwrap()), Ok(found));
    let (forgetful, _) = forgetful().close();
    let fork = voted.check_given(&told(&forgetful, &[given(forgetful.digest())]).unwrap());
    assert!(matches!(fork, Err(CheckError::Fork { closing: 3, .. })), "{fork:?}");
    // The server shows this voter a closing that extends the head, and the trustees the other.
    let other =
        PublishedError::OtherGiven { trustee: TrusteeIndex::new(1).unwrap(), closing: forgetful.digest() };
    assert_eq!(told(&honest, &[given(forgetful.digest())]).unwrap_err(), other);
    // A closing of which no trustee says anything is any.
    assert_eq!(told(&honest, &[]).unwrap_err(), PublishedError::NobodyWasGiven);
}

/// After the count, against what the trustees endorsed, and no other.
#[test]
fn attack_16_server_shows_voters_a_closing_that_nobody_endorsed() {
    let (polling, voted) = voted_second();
    // What the trustees are given leaves the ballot out, and is counted.
    let mut counted = forgetful().sign_off();
    let (endorsements, factors) = counted.endorse_and_decrypt();
    let opened = OpenedTally::open(&counted.signed, &endorsements, &factors).unwrap();
    let published = [polling.contest.fingerprint()];
    let endorsed = EndorsedRecord::verify(&Record::new(&counted.signed, &opened), &published).unwrap();
    let fork = voted.check_counted(&endorsed);
    assert!(matches!(fork, Err(CheckError::Fork { closing: 3, .. })), "{fork:?}");

    // The voter is shown the box with the ballot in it, under good signatures of box and issuer.
    let mut shown = polling.sign_off();
    let (good, factors) = shown.endorse_and_decrypt();
    let honest = Record::new(&shown.signed, &OpenedTally::open(&shown.signed, &good, &factors).unwrap());
    assert!(voted.check_counted(&EndorsedRecord::verify(&honest, &published).unwrap()).is_ok());
    let quorum = EndorsementError::Quorum {
        panel: PanelIndex::new(1).unwrap(),
        required: 1,
        actual: 0,
        rejected: vec![],
    };
    let mut nobody = honest.clone();
    nobody.closing.endorsements.clear();
    let refused = EndorsedRecord::verify(&nobody, &published).unwrap_err();
    assert_eq!(refused, PublishedError::Endorsement(quorum));
    // With the endorsements of the other they do not hold.
    let mut borrowed = honest.clone();
    borrowed.closing.endorsements = Record::new(&counted.signed, &opened).closing.endorsements;
    let refused = EndorsedRecord::verify(&borrowed, &published).unwrap_err();
    let false_one = matches!(refused, PublishedError::Endorsement(EndorsementError::Signature(_)));
    assert!(false_one, "{refused:?}");
    // Nor is a closing endorsed that the issuer has not signed.
    let closed = shown.signed.closed().clone();
    assert!(SignedBox::new(closed, counted.signed.closed().closing().box_signature).is_err());
}
