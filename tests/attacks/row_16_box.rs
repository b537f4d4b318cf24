//! Row 16, the box and its roll: every deposit that must not count, with the error that says why, and a box
//! that is as if it had never come.

use urne::ballot::{BallotError, ChallengedBallot};
use urne::ballot_box::{ActivationError, CloseError, DepositError, RefusalError, ReissueError};
use urne::closed_box::{BoxFlaw, Closing};
use urne::electoral_roll::{RegistrationError, Validity};
use urne::roll::{RollEntry, RollError};
use urne::{
    Activation, ActivationNonce, BallotBox, BoxSecretKey, Choice, ClosedBox, Credential, ElectoralRoll, Roll,
    SealedBallot, VoterId, VotingCode,
};

use crate::polling::{Elector, OPEN_FOR, Polling, approved, at, box_key, rng};
use crate::row_8_nonces::credential_secret;
use crate::support::forger::votes;
use crate::support::prover::{Schedule, Setting, Witness, prove};
use crate::support::text::{base, decode, draw, encode};

const LIST_1: Choice = Choice::List(1);

#[test]
fn attack_16_deposit_before_the_opening() {
    let mut polling = Polling::open(3);
    polling.activate(0, -500).unwrap();
    let ballot = polling.seal(0, LIST_1);
    for seconds in [-500, -1] {
        let early = polling.deposit(0, &ballot, seconds).unwrap_err();
        assert_eq!(early, DepositError::NotYetOpen { opens_at: at(0) });
    }
    // Even of what is no ballot, by nobody: the window comes first.
    let nobody = VoterId::new("nobody").unwrap();
    assert_eq!(
        polling.ballot_box.deposit(&nobody, &[], at(-1)).unwrap_err(),
        DepositError::NotYetOpen { opens_at: at(0) }
    );
    assert!(polling.ballot_box.is_empty());
    polling.assert_unchanged();

    let mut polling = Polling::open(3);
    let (_, receipt) = polling.vote(0, LIST_1, 0);
    assert_eq!(receipt.acknowledgement.at, at(0), "the first second counts");
}

#[test]
fn attack_16_deposit_after_the_close() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    let ballot = polling.seal(0, LIST_1);
    let cast = polling.vote(1, LIST_1, 20).0;
    for seconds in [OPEN_FOR, OPEN_FOR + 1, OPEN_FOR * 100] {
        let closed = DepositError::Closed { closes_at: at(OPEN_FOR) };
        assert_eq!(polling.deposit(0, &ballot, seconds).unwrap_err(), closed);
        assert_eq!(polling.deposit(1, &cast, seconds).unwrap_err(), closed);
        assert_eq!(
            polling.activate(2, seconds).unwrap_err(),
            ActivationError::Closed { closes_at: at(OPEN_FOR) }
        );
        assert_eq!(
            polling.reissue(0, 77, Validity::UntilClose, seconds).unwrap_err(),
            ReissueError::Closed { closes_at: at(OPEN_FOR) }
        );
    }
    // The last second counts, on a clock that went wrong and came back.
    polling.deposit(0, &ballot, OPEN_FOR - 1).unwrap();
    assert_eq!(polling.ballot_box.len(), 2);
    polling.assert_unchanged();
}

#[test]
fn attack_16_deposit_into_a_box_that_was_closed_and_made_again() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    let ballot = polling.seal(0, LIST_1);
    polling.vote(1, LIST_1, 20);
    let (closed, entry) = polling.rebuilt().close(at(OPEN_FOR + 5)).unwrap();
    polling.store(entry);
    // A clock set back opens nothing again.
    let mut again = polling.rebuilt();
    let refused = DepositError::Closed { closes_at: at(OPEN_FOR) };
    assert_eq!(again.deposit(&polling.id(0), &ballot, at(30)).unwrap_err(), refused);
    let identified = polling.electors[0].identified();
    let credential = Elector::new(&polling.contest, "nobody", 77).credential.public();
    assert_eq!(
        again.reissue(identified, credential, Validity::UntilClose, at(30)).unwrap_err(),
        ReissueError::Closed { closes_at: at(OPEN_FOR) }
    );
    // And there is one closing, at whatever time it is asked for.
    for seconds in [0, OPEN_FOR, OPEN_FOR + 500] {
        let (same, entry) = polling.rebuilt().close(at(seconds)).unwrap();
        assert_eq!((same.closing(), same.digest(), entry), (closed.closing(), closed.digest(), None));
    }
}

#[test]
fn attack_16_closing_before_the_time() {
    let mut polling = Polling::open(2);
    polling.vote(0, LIST_1, 10);
    let early = polling.ballot_box.close(at(OPEN_FOR - 1)).unwrap_err();
    assert_eq!(early.error(), CloseError::TooEarly { closes_at: at(OPEN_FOR) });
    polling.ballot_box = early.into_box();
    polling.assert_unchanged();
}

#[test]
fn attack_16_second_vote() {
    let mut polling = Polling::open(3);
    let (first, receipt) = polling.vote(0, LIST_1, 10);
    let second = polling.seal(0, Choice::List(2));
    let voted = DepositError::AlreadyVoted { at: at(10) };
    assert_eq!(polling.deposit(0, &second, 20).unwrap_err(), voted);
    // Nor by a batch, alone or beside others.
    let (id, other) = (polling.id(0), polling.seal(1, LIST_1));
    let batch =
        [(id.clone(), second.clone()), (polling.id(1), other), (id.clone(), first.clone()), (id, second)];
    let [one, not_active, same, again] = polling.ballot_box.deposit_batch(&batch, at(30)).try_into().unwrap();
    assert_eq!(one.unwrap_err(), voted);
    assert_eq!(not_active.unwrap_err(), DepositError::NotActive);
    let same = same.unwrap();
    assert_eq!((same.receipt.acknowledgement, same.entry), (receipt.acknowledgement, None));
    assert_eq!(again.unwrap_err(), voted);
    assert_eq!((polling.ballot_box.len(), polling.ballot_box.signings()), (1, 1));
    polling.assert_unchanged();
}

#[test]
fn attack_16_two_different_votes_of_one_voter_in_one_batch() {
    let mut polling = Polling::open(2);
    polling.activate(0, 5).unwrap();
    let ballots = [polling.seal(0, LIST_1), polling.seal(0, Choice::List(2))];
    let batch = ballots.map(|ballot| (polling.id(0), ballot));
    let [first, second] = polling.ballot_box.deposit_batch(&batch, at(10)).try_into().unwrap();
    polling.store(first.unwrap().entry);
    assert_eq!(second.unwrap_err(), DepositError::AlreadyVoted { at: at(10) });
    assert_eq!((polling.ballot_box.len(), polling.ballot_box.signings()), (1, 1));
    polling.assert_unchanged();
}

#[test]
fn attack_16_the_same_ballot_again_is_one_vote() {
    let mut polling = Polling::open(2);
    let (ballot, receipt) = polling.vote(0, LIST_1, 10);
    for seconds in [10, 5, 5_000] {
        let again = polling.deposit(0, &ballot, seconds).unwrap();
        assert_eq!(again.acknowledgement, receipt.acknowledgement);
        assert_eq!(again.emargement, receipt.emargement);
        assert_eq!(again.deposit_proof, None, "given once");
    }
    assert_eq!((polling.ballot_box.len(), polling.ballot_box.signings()), (1, 1));
    polling.assert_unchanged();
}

#[test]
fn attack_16_voter_not_on_the_roll() {
    let mut polling = Polling::open(2);
    let stranger = Elector::new(&polling.contest, "stranger", 99);
    polling.electors.insert(1, stranger);
    let ballot = polling.seal(1, LIST_1);
    assert_eq!(polling.deposit(1, &ballot, 10).unwrap_err(), DepositError::NotOnRoll);
    assert_eq!(polling.activate(1, 10).unwrap_err(), ActivationError::NotOnRoll);
    assert_eq!(polling.reissue(1, 98, Validity::UntilClose, 10).unwrap_err(), ReissueError::NotOnRoll);
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
    let other = approved(585, 2, &polling.trustees);
    polling.activate(0, 10).unwrap();
    // The voter's own code, in a contest in which they may vote too.
    let foreign = Elector::new(&other, "voter 0", 0).credential;
    let ballot = urne::SealedBallot::seal(&other, LIST_1, &foreign, &mut rng(9)).unwrap().cast();
    assert_eq!(polling.deposit(0, &ballot, 10).unwrap_err(), DepositError::OtherCredential);
    let narrow = approved(586, 1, &polling.trustees);
    let foreign = Elector::new(&narrow, "voter 0", 0).credential;
    let ballot = urne::SealedBallot::seal(&narrow, LIST_1, &foreign, &mut rng(9)).unwrap().cast();
    assert_eq!(
        polling.deposit(0, &ballot, 10).unwrap_err(),
        DepositError::Ballot(BallotError::Lists { expected: 2, actual: 1 })
    );
    polling.assert_unchanged();
}

#[test]
fn attack_16_code_not_activated() {
    let mut polling = Polling::open(2);
    let ballot = polling.seal(0, LIST_1);
    assert_eq!(polling.deposit(0, &ballot, 10).unwrap_err(), DepositError::NotActive);
    // Activated, then replaced by one that is not.
    polling.activate(0, 20).unwrap();
    polling.reissue(0, 50, Validity::TWO_MINUTES, 30).unwrap();
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
    // A public credential without its secret tells nobody whose it is: the same answer for the voter's own and
    // for another's.
    for whose in [0, 1] {
        let mut bytes = late.to_bytes();
        bytes[1..33].copy_from_slice(&polling.electors[whose].credential.public().to_bytes());
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

#[test]
fn attack_16_expired_code() {
    let mut polling = Polling::open(3);
    polling.reissue(0, 50, Validity::TWO_MINUTES, 100).unwrap();
    polling.reissue(1, 51, Validity::TWO_MINUTES, 100).unwrap();
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
    polling.deposit(1, &ballot, 9_000).unwrap();
    // The validity ends by the box's clock, which does not go back.
    assert_eq!(polling.activate(0, 150).unwrap_err(), ActivationError::Expired { expires_at });
    polling.assert_unchanged();
}

#[test]
fn attack_16_a_validity_beyond_all_time_lasts_until_the_close() {
    let mut polling = Polling::open(2);
    polling.reissue(0, 50, Validity::Seconds(u64::MAX), 100).unwrap();
    polling.activate(0, OPEN_FOR - 1).unwrap();
    assert_eq!(
        polling.activate(0, OPEN_FOR).unwrap_err(),
        ActivationError::Closed { closes_at: at(OPEN_FOR) }
    );
}

#[test]
fn attack_16_revoked_code() {
    let mut polling = Polling::open(2);
    polling.activate(0, 10).unwrap();
    let ballot = polling.seal(0, LIST_1);
    let nonce = ActivationNonce::from_bytes([1; 32]);
    let old = Activation::new(&polling.electors[0].credential, &nonce, &mut rng(5));
    polling.reissue(0, 50, Validity::UntilClose, 20).unwrap();
    assert_eq!(polling.deposit(0, &ballot, 30).unwrap_err(), DepositError::Revoked);
    let id = polling.id(0);
    assert_eq!(polling.ballot_box.activate(&id, &nonce, &old, at(30)).unwrap_err(), ActivationError::Revoked);
    polling.activate(0, 40).unwrap();
    assert_eq!(polling.deposit(0, &ballot, 50).unwrap_err(), DepositError::Revoked);
    polling.assert_unchanged();
}

#[test]
fn attack_16_opened_ballot() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    let sealed = polling.sealed(0, LIST_1);
    let opened = sealed.challenge();
    let ballot = opened.ballot().to_vec();
    let entry = polling.ballot_box.refuse_opened(&opened).unwrap();
    assert!(entry.is_some());
    polling.store(entry);
    assert_eq!(polling.ballot_box.refuse_opened(&opened), Ok(None), "once is enough");
    assert_eq!(polling.deposit(0, &ballot, 20).unwrap_err(), DepositError::Opened);
    // For ever: after a crash, and with another code.
    polling.ballot_box = polling.rebuilt();
    assert_eq!(polling.deposit(0, &ballot, 30).unwrap_err(), DepositError::Opened);

    // What is in the box cannot be opened any more, and an opening must hold.
    polling.activate(1, 40).unwrap();
    let cast = polling.seal(1, LIST_1);
    polling.deposit(1, &cast, 40).unwrap();
    let false_opening = |head: &[u8], ballot: &[u8]| {
        ChallengedBallot::from_bytes(&[&[1, 1][..], head, ballot].concat()).unwrap()
    };
    let nonce = &opened.to_bytes()[2..34];
    assert_eq!(
        polling.ballot_box.refuse_opened(&false_opening(nonce, &cast)).unwrap_err(),
        RefusalError::Opening(urne::ballot::ChallengeError::Nonce)
    );
    polling.assert_unchanged();
}

/// The ballot and its opening by a device that uses one nonce for all it seals. The voter holds the code they
/// began with.
pub fn of_one_nonce(polling: &Polling, voter: u8, votes_for: u8) -> ChallengedBallot {
    let contest = polling.contest.contest();
    let slots = contest.key().to_encodings();
    let keys = slots.iter().map(|slot| decode(&slot[0])).collect();
    let setting = Setting { fingerprint: contest.fingerprint().to_bytes(), keys };
    let s = credential_secret(&setting.fingerprint, &VotingCode::from_bytes([voter; 15]));
    let own = polling.electors[usize::from(voter)].credential.public();
    assert_eq!(encode(&base(&s)), own.to_bytes());
    let m: Vec<_> = (1..=contest.lists()).map(|list| i64::from(list == votes_for)).collect();
    let witness = Witness { r: draw(&[b"one nonce"]), s, m: votes(&m) };
    let ballot = prove(&setting, &Schedule::strict(), &witness).to_bytes();
    let opening = [&[1, votes_for][..], witness.r.as_bytes(), &ballot].concat();
    ChallengedBallot::from_bytes(&opening).unwrap()
}

/// An opening shows the nonce, and with it every ballot that was made with it.
#[test]
fn attack_16_another_choice_with_the_nonce_of_an_opened_ballot() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    polling.activate(1, 10).unwrap();
    let [opened, other] = [1, 2].map(|list| of_one_nonce(&polling, 0, list));
    let of_another_voter = of_one_nonce(&polling, 1, 2);
    // It could be cast if the first had not been opened.
    assert!(polling.rebuilt().deposit(&polling.id(0), other.ballot(), at(20)).is_ok());

    let entry = polling.ballot_box.refuse_opened(&opened).unwrap();
    polling.store(entry);
    for _ in 0..2 {
        assert_eq!(polling.deposit(0, other.ballot(), 20).unwrap_err(), DepositError::Opened);
        assert_eq!(polling.deposit(1, of_another_voter.ballot(), 20).unwrap_err(), DepositError::Opened);
        let batch = [(polling.id(0), other.ballot().to_vec())];
        let in_batch = polling.ballot_box.deposit_batch(&batch, at(20)).remove(0);
        assert_eq!(in_batch.unwrap_err(), DepositError::Opened);
        assert_eq!(polling.ballot_box.refuse_opened(&other), Ok(None), "its nonce is refused already");
        polling.ballot_box = polling.rebuilt();
    }
    polling.assert_unchanged();
}

#[test]
fn attack_16_opening_of_another_choice_with_the_nonce_of_a_ballot_in_the_box() {
    let mut polling = Polling::open(3);
    polling.activate(0, 10).unwrap();
    let [cast, opened] = [1, 2].map(|list| of_one_nonce(&polling, 0, list));
    assert!(polling.rebuilt().refuse_opened(&opened).unwrap().is_some());

    polling.deposit(0, cast.ballot(), 20).unwrap();
    for opened in [opened, of_one_nonce(&polling, 1, 2)] {
        assert_eq!(polling.ballot_box.refuse_opened(&opened).unwrap_err(), RefusalError::Deposited);
        assert_eq!(polling.rebuilt().refuse_opened(&opened).unwrap_err(), RefusalError::Deposited);
    }
    polling.assert_unchanged();
}

/// Openings are stored for ever: outsiders, who can make up credentials, cannot fill the log with them.
#[test]
fn attack_16_opening_under_a_credential_of_nobody() {
    let mut polling = Polling::open(2);
    let made_up = Credential::derive(polling.contest.contest(), &VotingCode::from_bytes([99; 15]));
    let sealed = SealedBallot::seal(&polling.contest, LIST_1, &made_up, &mut rng(9)).unwrap();
    let refused = polling.ballot_box.refuse_opened(&sealed.challenge()).unwrap_err();
    assert_eq!(refused, RefusalError::UnknownCredential);
    polling.assert_unchanged();
}

#[test]
fn attack_16_opening_after_the_close() {
    let mut polling = Polling::open(2);
    let opened = polling.sealed(0, LIST_1).challenge();
    let (_, entry) = polling.rebuilt().close(at(OPEN_FOR)).unwrap();
    polling.store(entry);
    let mut again = polling.rebuilt();
    assert_eq!(again.refuse_opened(&opened).unwrap_err(), RefusalError::Closed);
}

#[test]
fn attack_16_opening_of_a_ballot_in_the_box() {
    let mut polling = Polling::open(2);
    polling.activate(0, 10).unwrap();
    // A device that keeps the nonce of what it casts, to open it later.
    let opened = polling.sealed(0, LIST_1).challenge();
    polling.deposit(0, opened.ballot(), 20).unwrap();
    assert_eq!(polling.ballot_box.refuse_opened(&opened).unwrap_err(), RefusalError::Deposited);
    polling.assert_unchanged();
}

#[test]
fn attack_16_false_proof() {
    let mut polling = Polling::open(2);
    polling.activate(0, 10).unwrap();
    let good = polling.seal(0, LIST_1);
    let mut damaged = good.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(polling.deposit(0, &damaged, 20).unwrap_err(), DepositError::Ballot(BallotError::Proof));
    // The damaged one does not stand in the way of the good one, in the same batch.
    let batch = [damaged, good].map(|ballot| (polling.id(0), ballot));
    let [first, second] = polling.ballot_box.deposit_batch(&batch, at(30)).try_into().unwrap();
    assert_eq!(first.unwrap_err(), DepositError::Ballot(BallotError::Proof));
    polling.store(second.unwrap().entry);
    polling.assert_unchanged();
}

#[test]
fn attack_16_roll_stuffed_after_the_opening() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    let (closed, _) = polling.close();
    let (contest, roll) = (closed.contest(), closed.roll());
    let stuffed = Elector::new(contest, "dead soul", 66).credential.public();
    let added = RollEntry { credential: stuffed, revoked: false };

    // Put behind the others.
    let mut entries = roll.entries().to_vec();
    entries.push(added);
    let verify = |entries, opening| Roll::verify(contest.contest(), opening, entries);
    assert_eq!(verify(entries, *roll.opening()).unwrap_err(), RollError::Standing { voters: 3, actual: 4 });
    // In the place of another, or among those of the opening, with the number changed.
    let mut entries = roll.entries().to_vec();
    entries[2] = added;
    entries.sort_by_key(|entry| entry.credential);
    let false_signature = RollError::Signature(urne::BoxKeyError::Signature);
    assert_eq!(verify(entries, *roll.opening()).unwrap_err(), false_signature);
    let mut entries = roll.entries().to_vec();
    entries.push(added);
    entries.sort_by_key(|entry| entry.credential);
    let mut opening = *roll.opening();
    opening.voters += 1;
    assert_eq!(verify(entries, opening).unwrap_err(), false_signature);
    // In the place of a voter who is revoked without having asked: the roll allows it, as a reissue; the
    // closing, which holds the roll's digest, does not.
    let mut entries = roll.entries().to_vec();
    let unused = entries
        .iter()
        .position(|entry| closed.ballots().iter().all(|b| b[2..34] != entry.credential.to_bytes()))
        .unwrap();
    entries[unused].revoked = true;
    let revoked = entries[unused];
    entries.push(added);
    let roll = verify(entries, *roll.opening()).unwrap();
    let nobody = Elector::new(contest, "nobody", 67).credential.public();
    assert_eq!(
        [&revoked.credential, &stuffed, &nobody].map(|credential| roll.get(credential)),
        [Some(&revoked), Some(&added), None]
    );
    let flaws =
        ClosedBox::verify(contest.clone(), roll, closed.ballots().to_vec(), *closed.closing(), &mut |_| ())
            .unwrap_err();
    assert_eq!(flaws.as_slice(), [BoxFlaw::ClosingSignature(urne::BoxKeyError::Signature)]);
}

#[test]
fn attack_16_roll_opened_after_the_contest() {
    let polling = Polling::open(1);
    let mut roll = ElectoralRoll::new(polling.contest.clone());
    let Elector { id, .. } = &polling.electors[0];
    roll.register(id.clone(), polling.electors[0].issue(0, Validity::UntilClose)).unwrap();
    assert!(BallotBox::open(roll.clone(), at(0), box_key()).is_ok());
    assert_eq!(
        BallotBox::open(roll.clone(), at(1), box_key()).map(|_| ()).unwrap_err(),
        RollError::Late { at: at(1), opens_at: at(0) }
    );
    // By another box than the contest's.
    assert_eq!(
        BallotBox::open(roll, at(0), BoxSecretKey::from_bytes(&[8; 32])).map(|_| ()).unwrap_err(),
        RollError::Signature(urne::BoxKeyError::Signature)
    );
}

/// A roll that holds for another contest holds for that one only: its opening is not of this contest, and may
/// be later, or another box's.
#[test]
fn attack_16_roll_of_another_contest() {
    let mut polling = Polling::open(2);
    polling.vote(0, LIST_1, 10);
    let other = approved(585, 2, &polling.trustees);
    let (closed, _) = polling.close();
    let contest = closed.contest().clone();
    let mut credentials: Vec<_> = closed.roll().entries().iter().map(|entry| entry.credential).collect();
    credentials.push(Elector::new(&contest, "dead soul", 66).credential.public());
    let roll = Roll::open(other.contest(), credentials, at(0), &box_key()).unwrap();
    let foreign = BoxFlaw::ForeignRoll { expected: contest.fingerprint(), actual: other.fingerprint() };

    let signed = Closing::sign(contest.contest(), &roll, closed.references(), at(OPEN_FOR), &box_key());
    assert_eq!(signed.unwrap_err(), foreign);
    // A box that signs it all the same.
    let mut closing = *closed.closing();
    let digest = closing.digest(contest.contest(), roll.digest());
    closing.signature = crate::polling::sign(&digest.to_bytes());
    let flaws =
        ClosedBox::verify(contest, roll, closed.ballots().to_vec(), closing, &mut |_| ()).unwrap_err();
    assert_eq!(flaws.as_slice(), [foreign]);
}

#[test]
fn attack_16_two_voters_with_one_credential_and_one_voter_with_two() {
    let polling = Polling::open(2);
    let [one, other] = &polling.electors[..] else { panic!() };
    let mut roll = ElectoralRoll::new(polling.contest.clone());
    roll.register(one.id.clone(), one.issue(0, Validity::UntilClose)).unwrap();
    assert_eq!(
        roll.register(other.id.clone(), one.issue(0, Validity::UntilClose)).unwrap_err(),
        RegistrationError::RepeatedCredential { other: one.id.clone() }
    );
    assert_eq!(
        roll.register(one.id.clone(), other.issue(0, Validity::UntilClose)).unwrap_err(),
        RegistrationError::RepeatedVoter { voter: one.id.clone() }
    );
    assert_eq!((roll.len(), roll.get(&other.id)), (1, None));
    // The credential that was refused is not taken.
    roll.register(other.id.clone(), other.issue(0, Validity::UntilClose)).unwrap();
}

#[test]
fn attack_16_reissue_of_a_credential_that_is_on_the_roll() {
    let mut polling = Polling::open(3);
    // Another voter's, one's own, and one's own that is revoked. Codes are numbered like the voters.
    for code in [1, 0] {
        let error = polling.reissue(0, code, Validity::UntilClose, 10).unwrap_err();
        assert!(matches!(error, ReissueError::Roll(RollError::Repeated { entry: 3, .. })), "{error:?}");
    }
    polling.reissue(0, 50, Validity::UntilClose, 20).unwrap();
    let error = polling.reissue(0, 0, Validity::UntilClose, 30).unwrap_err();
    assert!(matches!(error, ReissueError::Roll(RollError::Repeated { entry: 4, .. })), "{error:?}");
    polling.assert_unchanged();
}

#[test]
fn attack_16_revoking_a_used_credential() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    let used = polling.electors[0].credential.public();
    let roll = polling.ballot_box.roll().digest();
    assert_eq!(
        polling.reissue(0, 50, Validity::UntilClose, 20).unwrap_err(),
        ReissueError::AlreadyVoted { at: at(10) }
    );
    assert_eq!(polling.activate(0, 20).unwrap_err(), ActivationError::AlreadyVoted { at: at(10) });
    assert_eq!(polling.ballot_box.roll().digest(), roll);
    assert_eq!(polling.ballot_box.roll().entries().len(), 3);

    // A box that does it all the same and signs what it did: everyone sees it.
    let (closed, _) = polling.close();
    let mut roll = closed.roll().clone();
    roll.reissue(&used, Elector::new(closed.contest(), "nobody", 50).credential.public()).unwrap();
    let contest = closed.contest().clone();
    let closing =
        Closing::sign(contest.contest(), &roll, closed.references(), at(OPEN_FOR), &box_key()).unwrap();
    let flaws =
        ClosedBox::verify(contest, roll, closed.ballots().to_vec(), closing, &mut |_| ()).unwrap_err();
    assert_eq!(flaws.as_slice(), [BoxFlaw::RevokedCredential { ballot: 0 }]);
}

#[test]
fn attack_16_refused_reissue_leaves_the_box_as_it_was() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    polling.reissue(0, 50, Validity::UntilClose, 5_000).unwrap_err();
    polling.activate(0, 6_000).unwrap_err();
    polling.assert_unchanged();
}

#[test]
fn attack_16_signings_that_differ_from_the_ballots() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    polling.vote(1, Choice::Blank, 20);
    let (closed, _) = polling.close();
    // The digest is of public values, so a lying box signs what it likes.
    for signings in [1, 3] {
        let contest = closed.contest().clone();
        let mut closing = Closing { signings, ..*closed.closing() };
        let digest = closing.digest(contest.contest(), closed.roll().digest());
        closing.signature = crate::polling::sign(&digest.to_bytes());
        let roll = closed.roll().clone();
        let flaws =
            ClosedBox::verify(contest, roll, closed.ballots().to_vec(), closing, &mut |_| ()).unwrap_err();
        assert_eq!(flaws.as_slice(), [BoxFlaw::Signings { size: 2, signings }]);
    }
}
