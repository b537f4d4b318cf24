//! Row 16, the box: every deposit that must not count, with the error that says why, and a box that is as if
//! it had never come. Challenges and the roll have files of their own.

use urne::ballot::BallotError;
use urne::ballot_box::{
    ActivationError, BoxFlaw, ChallengeRefusal, CloseError, Closing, DepositError, ReissueError, Signings,
    SigningsDigest, Validity, VoterState,
};
use urne::{Activation, ActivationNonce, Choice, ClosedBox, Credential, DecodeError, SealedBallot, VoterId};

use crate::polling::acts::{self, OneByOne};
use crate::polling::{END, Elector, OPEN_FOR, Polling, approved, at, box_key, issue, rng, sign, verified};

const LIST_1: Choice = Choice::List(1);

fn ended() -> DepositError {
    DepositError::Ended { ends_at: at(END) }
}

/// A ballot with another scalar at its end.
fn damaged(ballot: &[u8]) -> Vec<u8> {
    let mut damaged = ballot.to_vec();
    let lowest = ballot.len() - 32;
    damaged[lowest] ^= 1;
    damaged
}

#[test]
fn attack_16_deposit_before_the_opening() {
    let mut polling = Polling::open(3);
    polling.activate(0, -500).unwrap();
    let ballot = polling.seal(0, LIST_1);
    for seconds in [-500, -1] {
        let early = polling.deposit(0, &ballot, seconds).unwrap_err();
        assert_eq!(early, DepositError::NotYetOpen { opens_at: at(0) });
        // Even of what is no ballot.
        let early = polling.deposit(0, &[], seconds).unwrap_err();
        assert_eq!(early, DepositError::NotYetOpen { opens_at: at(0) });
    }
    assert!(polling.ballot_box.is_empty());
    polling.assert_unchanged();

    let mut polling = Polling::open(3);
    let (_, receipt) = polling.vote(0, LIST_1, 0);
    assert_eq!(receipt.acknowledgement.at, at(0), "the first second counts");
}

#[test]
fn attack_16_deposit_after_the_end() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    let ballot = polling.seal(0, LIST_1);
    for seconds in [END, END + 1, END * 100] {
        assert_eq!(polling.deposit(0, &ballot, seconds).unwrap_err(), ended());
        let ended = ActivationError::Ended { ends_at: at(END) };
        assert_eq!(polling.activate(0, seconds).unwrap_err(), ended);
        assert_eq!(polling.activate(2, seconds).unwrap_err(), ended);
        let closed = ReissueError::Closed { closes_at: at(OPEN_FOR) };
        assert_eq!(polling.reissue(0, Validity::UntilClose, seconds).unwrap_err(), closed);
        let ended = ChallengeRefusal::Ended { ends_at: at(END) };
        assert_eq!(polling.challenge(0, &ballot, seconds).unwrap_err(), ended);
    }
    // The last second counts, on a clock that went wrong and came back.
    assert!(polling.rebuilt().deposit(&polling.id(0), &ballot, at(END - 1)).is_ok());
    polling.assert_unchanged();
}

/// Who entered a code before the close has the time of the grace to finish; who did not comes too late.
#[test]
fn attack_16_deposit_in_the_grace_without_an_activation_before_the_close() {
    let mut polling = Polling::open(4);
    polling.activate(0, OPEN_FOR - 1).unwrap();
    let [in_time, late] = [0, 1].map(|voter| polling.seal(voter, LIST_1));
    let closes_at = at(OPEN_FOR);
    for seconds in [OPEN_FOR, OPEN_FOR + 720, END - 1] {
        assert_eq!(polling.activate(1, seconds).unwrap_err(), ActivationError::Closed { closes_at });
        let expired = DepositError::Expired { expires_at: closes_at };
        assert_eq!(polling.deposit(1, &late, seconds).unwrap_err(), expired);
        let refused = ChallengeRefusal::Credential(expired);
        assert_eq!(polling.challenge(1, &late, seconds).unwrap_err(), refused);
        // Nor does a new code help, even one that the issuer's slow clock gave out before the close.
        let closed = ReissueError::Closed { closes_at };
        assert_eq!(polling.reissue(1, Validity::UntilClose, seconds).unwrap_err(), closed);
        let state = |voter| polling.ballot_box.state(&polling.id(voter), at(seconds)).unwrap();
        assert_eq!(state(0), VoterState::Open { closes_at, active: true });
        assert_eq!(state(1), VoterState::Closed { closes_at });
        // The active code entered again is answered alike, without a log entry.
        let length = polling.log.len();
        polling.activate(0, seconds).unwrap();
        assert_eq!(polling.log.len(), length);
    }
    // A box made again in the grace knows who was in time.
    polling.ballot_box = polling.rebuilt();
    let expired = DepositError::Expired { expires_at: closes_at };
    assert_eq!(polling.deposit(1, &late, OPEN_FOR + 720).unwrap_err(), expired);
    let receipt = polling.deposit(0, &in_time, END - 1).unwrap();
    let (contest, window) = (polling.contest.contest(), at(END - 1)..=at(END - 1));
    assert_eq!(receipt.verify(contest, polling.opening, &polling.id(0), &in_time, window), Ok(()));
    let (closed, _) = polling.close();
    assert_eq!(closed.closing().size, 1);
}

#[test]
fn attack_16_deposit_into_a_box_that_was_closed_and_made_again() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    let ballot = polling.seal(0, LIST_1);
    let (cast, receipt) = polling.vote(1, LIST_1, 20);
    let (closed, signings, entry) = polling.rebuilt().close(at(END + 5), &mut rng(1)).unwrap();
    polling.store(entry);
    // A clock set back opens nothing again.
    let mut again = polling.rebuilt();
    assert_eq!(again.deposit(&polling.id(0), &ballot, at(30)).unwrap_err(), ended());
    let stranger = Elector::stranger(&polling.contest, "nobody", 30, 77);
    let credential = stranger.credential.public();
    let forged = issue(&polling.contest, &polling.id(0), credential, 30, Validity::UntilClose);
    let closed_at = ReissueError::Closed { closes_at: at(OPEN_FOR) };
    assert_eq!(again.reissue(polling.electors[0].identified(), forged, at(30)).unwrap_err(), closed_at);
    // What was accepted is acknowledged for ever.
    let same = again.deposit(&polling.id(1), &cast, at(30)).unwrap();
    assert_eq!((same.receipt, same.entry), (receipt, None));
    // And there is one closing and one list of signings, at whatever time and with whatever RNG they are
    // asked for.
    for seconds in [0, OPEN_FOR, END + 500] {
        let (same, listed, entry) = polling.rebuilt().close(at(seconds), &mut rng(2)).unwrap();
        assert_eq!((same.closing(), same.digest(), entry), (closed.closing(), closed.digest(), None));
        assert_eq!(listed, signings);
    }
}

#[test]
fn attack_16_closing_before_the_time() {
    for seconds in [OPEN_FOR - 1, OPEN_FOR, END - 1] {
        let mut polling = Polling::open(2);
        polling.vote(0, LIST_1, 10);
        let early = polling.ballot_box.close(at(seconds), &mut rng(1)).unwrap_err();
        assert_eq!(early, CloseError::TooEarly { ends_at: at(END) });
        polling.assert_unchanged();
    }
    // Nor at a time that no record can hold.
    let mut polling = Polling::open(1);
    let never = urne::UnixTime::from_seconds(1 << 53);
    let late = polling.ballot_box.close(never, &mut rng(1)).unwrap_err();
    assert_eq!(late, CloseError::Closing(BoxFlaw::LateNumber { at: never }));
    polling.assert_unchanged();
}

#[test]
fn attack_16_second_vote() {
    let mut polling = Polling::open(3);
    let (first, receipt) = polling.vote(0, LIST_1, 10);
    let second = polling.seal(0, Choice::List(2));
    let voted = DepositError::AlreadyVoted { at: at(10) };
    assert_eq!(polling.deposit(0, &second, 20).unwrap_err(), voted);
    // Nothing is said of what it is: neither of a proof nor of a form that does not hold.
    assert_eq!(polling.deposit(0, &damaged(&first), 20).unwrap_err(), voted);
    assert_eq!(polling.deposit(0, &first[1..], 20).unwrap_err(), voted);
    // Nor by a batch, alone or beside others.
    let (id, other) = (polling.id(0), polling.seal(1, LIST_1));
    let batch =
        [(id.clone(), second.clone()), (polling.id(1), other), (id.clone(), first.clone()), (id, second)];
    let [one, not_active, same, again] = polling.ballot_box.deposit_batch(&batch, at(30)).try_into().unwrap();
    assert_eq!(one.unwrap_err(), voted);
    assert_eq!(not_active.unwrap_err(), DepositError::NotActive);
    let same = same.unwrap();
    assert_eq!((same.receipt, same.entry), (receipt, None));
    assert_eq!(again.unwrap_err(), voted);
    assert_eq!((polling.ballot_box.len(), polling.ballot_box.signings()), (1, 1));
    polling.assert_unchanged();
}

#[test]
fn attack_16_two_different_votes_of_one_voter_in_one_batch() {
    let mut polling = Polling::open(2);
    polling.activate(0, 5).unwrap();
    let [one, two] = [LIST_1, Choice::List(2)].map(|choice| polling.seal(0, choice));
    let batch = [one.clone(), two, one, vec![]].map(|ballot| (polling.id(0), ballot));
    let [first, second, same, nothing] = polling.ballot_box.deposit_batch(&batch, at(10)).try_into().unwrap();
    let first = first.unwrap();
    polling.store(first.entry);
    let voted = DepositError::AlreadyVoted { at: at(10) };
    assert_eq!(second.unwrap_err(), voted);
    let same = same.unwrap();
    assert_eq!((same.receipt, same.entry), (first.receipt, None));
    assert_eq!(nothing.unwrap_err(), voted);
    assert_eq!((polling.ballot_box.len(), polling.ballot_box.signings()), (1, 1));
    polling.assert_unchanged();
}

/// After a lost connection the voter's side sends again, and gets all of the first answer: also when others
/// have voted since, after the end, and from a box that was made again.
#[test]
fn attack_16_the_same_ballot_again_is_one_vote() {
    let mut polling = Polling::open(5);
    let (ballot, receipt) = polling.vote(0, LIST_1, 10);
    for voter in 1..4 {
        polling.vote(voter, Choice::Blank, 20);
    }
    for seconds in [10, 5, -500, 5_000, OPEN_FOR, END, END * 2] {
        assert_eq!(polling.deposit(0, &ballot, seconds).unwrap(), receipt);
        let in_batch = polling.ballot_box.deposit_batch(&[(polling.id(0), ballot.clone())], at(seconds));
        assert_eq!(in_batch[0].as_ref().unwrap().receipt, receipt);
        assert_eq!(polling.rebuilt().receipt_again(&polling.id(0)), Some(receipt.clone()));
    }
    // To nobody else.
    assert_eq!(polling.deposit(4, &ballot, 30).unwrap_err(), DepositError::OtherCredential);
    assert_eq!(polling.deposit(1, &ballot, 30).unwrap_err(), DepositError::AlreadyVoted { at: at(20) });
    assert_eq!((polling.ballot_box.len(), polling.ballot_box.signings()), (4, 4));
    polling.assert_unchanged();
}

#[test]
fn attack_16_voter_not_on_the_roll() {
    let mut polling = Polling::open(2);
    let stranger = Elector::stranger(&polling.contest, "stranger", 5, 99);
    let forged = stranger.issue.clone();
    polling.electors.insert(1, stranger);
    let ballot = polling.seal(1, LIST_1);
    // At any time, and before the ballot is looked at.
    for seconds in [-10, 10, END] {
        assert_eq!(polling.deposit(1, &ballot, seconds).unwrap_err(), DepositError::NotOnRoll);
        assert_eq!(polling.deposit(1, &[], seconds).unwrap_err(), DepositError::NotOnRoll);
        assert_eq!(polling.challenge(1, &[], seconds).unwrap_err(), ChallengeRefusal::NotOnRoll);
    }
    assert_eq!(polling.activate(1, 10).unwrap_err(), ActivationError::NotOnRoll);
    assert_eq!(polling.take(1, &forged, 10).unwrap_err(), ReissueError::NotOnRoll);
    assert_eq!(polling.ballot_box.can_reissue(&polling.id(1), at(10)), Err(ReissueError::NotOnRoll));
    assert_eq!(polling.ballot_box.state(&polling.id(1), at(10)), None);
    // With a voter's own code and active credential, under a name that is on no roll.
    polling.activate(0, 20).unwrap();
    let ballot = polling.seal(0, LIST_1);
    assert_eq!(polling.deposit(1, &ballot, 20).unwrap_err(), DepositError::NotOnRoll);
    polling.assert_unchanged();
}

#[test]
fn attack_16_voter_of_another_contest() {
    let mut polling = Polling::open(2);
    let mut trustees = std::mem::take(&mut polling.trustees);
    let [other, narrow] = [(585, 2), (586, 1)].map(|(number, lists)| approved(number, lists, &mut trustees));
    polling.activate(0, 10).unwrap();
    // The voter's own code, in contests in which they may vote too.
    let foreign = |contest| {
        let credential =
            Credential::derive(urne::ApprovedContest::contest(contest), &polling.electors[0].code);
        SealedBallot::seal(contest, LIST_1, &credential, &mut rng(9)).unwrap().cast()
    };
    let [ballot, shorter] = [foreign(&other), foreign(&narrow)];
    assert_eq!(polling.deposit(0, &ballot, 10).unwrap_err(), DepositError::Ballot(BallotError::Proof));
    let lists = BallotError::Lists { expected: 2, actual: 1 };
    assert_eq!(polling.deposit(0, &shorter, 10).unwrap_err(), DepositError::Ballot(lists));
    polling.assert_unchanged();
}

#[test]
fn attack_16_code_not_activated() {
    let mut polling = Polling::open(2);
    let ballot = polling.seal(0, LIST_1);
    assert_eq!(polling.deposit(0, &ballot, 10).unwrap_err(), DepositError::NotActive);
    // Activated, then replaced by one that is not.
    polling.activate(0, 20).unwrap();
    polling.reissue(0, Validity::TWO_MINUTES, 30).unwrap();
    let ballot = polling.seal(0, LIST_1);
    assert_eq!(polling.deposit(0, &ballot, 40).unwrap_err(), DepositError::NotActive);
    polling.assert_unchanged();
}

#[test]
fn attack_16_activation_that_does_not_hold() {
    let mut polling = Polling::open(3);
    let (mine, stale) = (ActivationNonce::from_bytes([1; 32]), ActivationNonce::from_bytes([2; 32]));
    let answer = |polling: &Polling, voter: usize, nonce: &ActivationNonce| {
        Activation::new(&polling.electors[voter].credential, nonce, &mut rng(5))
    };
    let (good, late, of_other) =
        (answer(&polling, 0, &mine), answer(&polling, 0, &stale), answer(&polling, 1, &mine));
    let id = polling.id(0);
    let activate = |polling: &mut Polling, activation: &Activation| {
        polling.ballot_box.activate(&id, &mine, activation, at(10)).unwrap_err()
    };
    assert_eq!(activate(&mut polling, &late), ActivationError::Proof);
    assert_eq!(activate(&mut polling, &of_other), ActivationError::OtherCode);
    // A public credential without its secret tells nobody whose it is: the same answer for the voter's own
    // and for another's.
    for whose in [0, 1] {
        let mut bytes = late.to_bytes();
        bytes[2..34].copy_from_slice(&polling.electors[whose].credential.public().to_bytes());
        let claimed = Activation::from_bytes(&bytes).unwrap();
        assert_eq!(activate(&mut polling, &claimed), ActivationError::Proof);
    }
    let ballot = polling.seal(0, LIST_1);
    assert_eq!(polling.deposit(0, &ballot, 20).unwrap_err(), DepositError::NotActive);
    let entry = polling.ballot_box.activate(&id, &mine, &good, at(30)).unwrap();
    assert!(entry.is_some());
    polling.store(entry);
    // Once active it stays so, without an entry.
    assert_eq!(polling.ballot_box.activate(&id, &mine, &good, at(40)), Ok(None));
    polling.assert_unchanged();
}

/// The same for a ballot: its proof comes before its credential, so that whoever seals nothing, and has only
/// seen credentials, is told the same of all of them.
#[test]
fn attack_16_a_ballot_without_a_proof_tells_nobody_whose_its_credential_is() {
    let mut polling = Polling::open(4);
    polling.activate(0, 10).unwrap();
    polling.reissue(1, Validity::UntilClose, 10).unwrap();
    let own = polling.seal(0, LIST_1);
    let revoked = polling.ballot_box.roll().entries().iter().find(|entry| entry.revoked).unwrap().credential;
    let others = [0, 1, 2].map(|voter| polling.electors[voter].credential.public());
    for credential in others.into_iter().chain([revoked]) {
        let mut claimed = damaged(&own);
        claimed[2..34].copy_from_slice(&credential.to_bytes());
        let no_proof = BallotError::Proof;
        assert_eq!(polling.deposit(0, &claimed, 20).unwrap_err(), DepositError::Ballot(no_proof));
        let refused = polling.challenge(0, &claimed, 20).unwrap_err();
        assert_eq!(refused, ChallengeRefusal::Ballot(no_proof));
    }
    // With a proof it is: the holder of a credential knows whose it is.
    let of_other = polling.seal(2, LIST_1);
    assert_eq!(polling.deposit(0, &of_other, 20).unwrap_err(), DepositError::OtherCredential);
    polling.assert_unchanged();
}

#[test]
fn attack_16_expired_code() {
    let mut polling = Polling::open(3);
    polling.reissue(0, Validity::TWO_MINUTES, 100).unwrap();
    polling.reissue(1, Validity::TWO_MINUTES, 100).unwrap();
    let ballot = polling.seal(0, LIST_1);
    let expires_at = at(220);
    assert_eq!(polling.deposit(0, &ballot, 219).unwrap_err(), DepositError::NotActive);
    for seconds in [220, 221, OPEN_FOR - 1] {
        assert_eq!(polling.activate(0, seconds).unwrap_err(), ActivationError::Expired { expires_at });
        assert_eq!(polling.deposit(0, &ballot, seconds).unwrap_err(), DepositError::Expired { expires_at });
    }
    // Entered in the last second, it serves long after.
    polling.activate(1, 219).unwrap();
    let ballot = polling.seal(1, LIST_1);
    polling.deposit(1, &ballot, END - 1).unwrap();
    // The validity ends by the box's clock, which does not go back.
    let closed = ActivationError::Closed { closes_at: at(OPEN_FOR) };
    assert_eq!(polling.activate(0, 150).unwrap_err(), closed);
    assert_eq!(polling.rebuilt().head(), polling.ballot_box.head());
}

#[test]
fn attack_16_a_validity_beyond_all_time_lasts_until_the_close() {
    let mut polling = Polling::open(3);
    polling.reissue(0, Validity::Seconds(u64::MAX), 100).unwrap();
    polling.reissue(1, Validity::Seconds(u64::MAX), 100).unwrap();
    polling.activate(0, OPEN_FOR - 1).unwrap();
    let closed = ActivationError::Closed { closes_at: at(OPEN_FOR) };
    assert_eq!(polling.activate(1, OPEN_FOR).unwrap_err(), closed);
}

#[test]
fn attack_16_revoked_code() {
    let mut polling = Polling::open(2);
    polling.activate(0, 10).unwrap();
    let ballot = polling.seal(0, LIST_1);
    let nonce = ActivationNonce::from_bytes([1; 32]);
    let old = Activation::new(&polling.electors[0].credential, &nonce, &mut rng(5));
    polling.reissue(0, Validity::UntilClose, 20).unwrap();
    assert_eq!(polling.deposit(0, &ballot, 30).unwrap_err(), DepositError::Revoked);
    let id = polling.id(0);
    assert_eq!(polling.ballot_box.activate(&id, &nonce, &old, at(30)).unwrap_err(), ActivationError::Revoked);
    polling.activate(0, 40).unwrap();
    assert_eq!(polling.deposit(0, &ballot, 50).unwrap_err(), DepositError::Revoked);
    polling.assert_unchanged();
}

#[test]
fn attack_16_false_proof() {
    let mut polling = Polling::open(2);
    polling.activate(0, 10).unwrap();
    let good = polling.seal(0, LIST_1);
    let damaged = damaged(&good);
    assert_eq!(polling.deposit(0, &damaged, 20).unwrap_err(), DepositError::Ballot(BallotError::Proof));
    let (expected, actual) = (good.len(), good.len() - 1);
    let short = BallotError::Decode(DecodeError::TooShort { expected, actual });
    assert_eq!(polling.deposit(0, &good[..actual], 20).unwrap_err(), DepositError::Ballot(short));
    // The damaged one does not stand in the way of the good one, in the same batch.
    let batch = [damaged, good[..actual].to_vec(), good].map(|ballot| (polling.id(0), ballot));
    let [first, second, third] = polling.ballot_box.deposit_batch(&batch, at(30)).try_into().unwrap();
    assert_eq!(first.unwrap_err(), DepositError::Ballot(BallotError::Proof));
    assert_eq!(second.unwrap_err(), DepositError::Ballot(short));
    polling.store(third.unwrap().entry);
    polling.assert_unchanged();
}

/// The digest in the closing is that of the list which the bureau is given. What a trustee does with one that
/// differs is tested with the trustees; here, that no box closes with other signings than ballots, and that
/// the digest tells lists apart.
#[test]
fn attack_16_signings_that_differ_from_the_ballots() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    polling.vote(2, Choice::Blank, 20);
    let ids = [0, 1, 2].map(|voter| polling.id(voter));
    let (closed, signings, _) = polling.ballot_box.close(at(END), &mut rng(1)).unwrap();
    assert_eq!(signings.voters(), [ids[0].clone(), ids[2].clone()]);
    let stated = closed.closing().signings_digest;
    assert_eq!(signings.digest(), stated);
    let list = |random, voters: &[VoterId]| Signings::new(random, voters.to_vec()).unwrap().digest();
    let random = *signings.random();
    assert_eq!(list(random, &[ids[2].clone(), ids[0].clone()]), stated, "in whichever order they are given");
    assert_ne!(list(random, &ids[..2]), stated);
    assert_ne!(list(random, &ids), stated);
    assert_ne!(list([0; 32], &[ids[0].clone(), ids[2].clone()]), stated);
    // Both signatures are over it: put in later, it is another closing.
    let forged = SigningsDigest::from_bytes([1; 32]);
    let closing = Closing { signings_digest: forged, ..*closed.closing() };
    let verify = |closing| {
        let (contest, roll) = (closed.contest().clone(), closed.roll().clone());
        ClosedBox::verify(contest, roll, closed.ballots().to_vec(), closing, &mut |_| ())
    };
    let flaws = verify(closing).unwrap_err();
    let signature = urne::primitives::VerifyingKeyError::Signature;
    assert_eq!(flaws.as_slice(), [BoxFlaw::ClosingSignature(signature)]);
    let (opening, roll) = (closed.roll().opening_digest(), closed.roll().digest());
    let digest = closing.digest(closed.contest().contest(), opening, roll);
    let resigned = Closing { box_signature: sign(&digest.to_bytes()), ..closing };
    assert_ne!(verify(resigned).unwrap().digest(), closed.digest());
}

/// Nobody who has the closed box learns when or in which order voters signed, and whoever has no random bytes
/// cannot try names.
#[test]
fn attack_16_the_list_of_signings_has_neither_order_nor_times() {
    let vote = |order: [usize; 3]| {
        let mut polling = Polling::open(3);
        for (voter, seconds) in order.into_iter().zip([10, 20, 30]) {
            polling.vote(voter, LIST_1, seconds);
        }
        polling.ballot_box.close(at(END), &mut rng(1)).unwrap()
    };
    let (one, other) = (vote([0, 1, 2]), vote([2, 0, 1]));
    assert_eq!(one.1.to_bytes(), other.1.to_bytes());
    assert_ne!(one.0.ballots(), other.0.ballots());
}

#[test]
fn attack_16_a_box_of_another_key() {
    let polling = Polling::open(1);
    let wrong = urne::SigningKey::from_seed(&[8; 32]);
    let rebuilt = acts::rebuild(polling.contest.clone(), wrong, &polling.log);
    assert!(rebuilt.is_err());
    let rebuilt = acts::rebuild(polling.contest.clone(), box_key(), &polling.log).unwrap();
    assert_eq!(rebuilt.roll(), polling.ballot_box.roll());
    let (closed, _) = polling.close();
    assert_eq!(verified(&closed).closing().size, 0);
}
