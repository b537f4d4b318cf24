//! A voter's session against real ballot boxes: every step, every refusal, and the state that each
//! refusal gives back. That a wrong order does not type-check is shown in `src/voter/order.rs`.

mod after_the_vote;
#[path = "../common/mod.rs"]
mod common;
mod dossier;
mod election;

use common::{CLOSES_AT, ENDS_AT, OPENS_AT};
use election::*;
use urne::ballot::BallotError;
use urne::ballot_box::{
    ActivationError, ChallengeRefusal, DepositError, DepositProof, ReceiptError, RollError, SignedOpening,
    VoterState,
};
use urne::contest::DocumentsError;
use urne::primitives::VerifyingKeyError;
use urne::voter::SessionError;
use urne::{ApprovedContest, Choice, Credential, Fingerprint, Receipt, VoterSession};

const BOOKLET: &[u8] = b"statements and candidates";

fn numbers<'a>(views: impl Iterator<Item = &'a urne::voter::ContestView>) -> Vec<u64> {
    views.map(|view| view.contest().description().number).collect()
}

#[test]
fn one_contest_after_the_other_until_none_remains() {
    let mut election = Election::new();
    let mut now = OPENS_AT;
    let mut session = election.active("anne", now);
    let mut remaining = NUMBERS.to_vec();
    // The middle one first, so that it has to go back to its place.
    for number in [584, 47, 610] {
        now = later(now, 60);
        assert_eq!(numbers(session.remaining(now)), remaining);
        let (rest, voted) = election.vote("anne", session, number, Choice::List(2), now);
        session = rest;
        remaining.retain(|other| *other != number);
        assert_eq!(numbers(session.contests()), NUMBERS);
        let view = session.contests().find(|view| view.contest().description().number == number).unwrap();
        assert_eq!(view.state(CLOSES_AT), VoterState::Voted { at: now });
        assert_eq!(voted.reference().number(), number);
        assert_eq!(voted.reference(), urne::BallotReference::of(voted.contest(), voted.ballot()));
        assert_eq!(voted.receipt().deposit_proof.reference, voted.reference());
    }
    assert_eq!(numbers(session.remaining(now)), Vec::<u64>::new());
}

#[test]
fn a_contest_that_was_voted_in_cannot_be_chosen_again() {
    let mut election = Election::new();
    let session = election.active("anne", OPENS_AT);
    let (session, _) = election.vote("anne", session, 584, Choice::Blank, OPENS_AT);
    let refused = session.choose(584, later(OPENS_AT, 60)).unwrap_err();
    assert_eq!(refused.error(), SessionError::AlreadyVoted { at: OPENS_AT });
    let (session, _) = election.vote("anne", refused.into_state(), 610, Choice::Blank, OPENS_AT);
    assert_eq!(numbers(session.remaining(OPENS_AT)), [47]);

    // A new session knows it from the boxes, whose answers to the code leave out what was voted in.
    let now = later(OPENS_AT, 120);
    let code = election.code("anne");
    let session = election.session("anne", now);
    let (entered, accepted, refused) = election.enter(session, "anne", &code, now);
    assert_eq!(entered.activations().len(), 1);
    assert_eq!(refused, []);
    // Even for a server that says that it has activated the code where there was a vote.
    let all: Vec<_> = election.boxes.iter().map(|it| it.contest().fingerprint()).collect();
    assert_eq!(accepted, [election.contest(47).fingerprint()]);
    let session = entered.activated(&all).unwrap();
    assert_eq!(numbers(session.remaining(now)), [47]);
    let refused = session.choose(610, now).unwrap_err();
    assert_eq!(refused.error(), SessionError::AlreadyVoted { at: OPENS_AT });
}

/// Whoever has voted everywhere is told so, and not that their code is no good.
#[test]
fn a_voter_who_has_voted_in_every_contest_is_told_so() {
    let mut election = Election::new();
    let mut session = election.active("anne", OPENS_AT);
    for number in NUMBERS {
        (session, _) = election.vote("anne", session, number, Choice::Blank, OPENS_AT);
    }
    let (code, session) = (election.code("anne"), election.session("anne", OPENS_AT));
    let (entered, accepted, _) = election.enter(session, "anne", &code, OPENS_AT);
    assert_eq!((entered.activations().len(), accepted.len()), (0, 0));
    let refused = entered.activated(&accepted).unwrap_err();
    assert_eq!(refused.error(), SessionError::NothingToActivate);
    assert_eq!(refused.to_string(), "you have voted in every contest: no code is needed any more");
}

#[test]
fn a_contest_is_gone_to_only_while_it_is_open() {
    let mut election = Election::new();
    let session = election.active("anne", before(OPENS_AT));
    let refused = session.choose(584, before(OPENS_AT)).unwrap_err();
    assert_eq!(refused.error(), SessionError::NotYetOpen { opens_at: OPENS_AT });
    let refused = refused.into_state().choose(585, OPENS_AT).unwrap_err();
    assert_eq!(refused.error(), SessionError::UnknownContest { number: 585 });
    let refused = refused.into_state().choose(584, ENDS_AT).unwrap_err();
    assert_eq!(refused.error(), SessionError::Closed { closes_at: CLOSES_AT });
    let session = refused.into_state();
    assert_eq!(numbers(session.remaining(before(OPENS_AT))), Vec::<u64>::new());
    assert_eq!(numbers(session.remaining(ENDS_AT)), Vec::<u64>::new());
    // The last second is still good, and leaving gives everything back in its place.
    let session = session.choose(584, before(CLOSES_AT)).unwrap().leave();
    let session = session.choose(610, before(CLOSES_AT)).unwrap().activate_selection().leave();
    assert_eq!(numbers(session.contests()), NUMBERS);
    let view = session.contests().next().unwrap();
    assert_eq!((view.countdown(before(CLOSES_AT)), view.countdown(later(CLOSES_AT, 1))), (1, 0));
}

/// Who entered the code before the close may finish within the grace, and nobody else.
#[test]
fn a_code_that_was_entered_before_the_close_serves_until_the_end() {
    let mut election = Election::new();
    let session = election.active("anne", before(CLOSES_AT));
    for now in [CLOSES_AT, before(ENDS_AT)] {
        assert_eq!(numbers(session.remaining(now)), NUMBERS);
        let view = session.contests().next().unwrap();
        assert_eq!(view.state(now), VoterState::Open { closes_at: CLOSES_AT, active: true });
    }
    // Bruno comes when it has closed: no box takes his code, and his session is not active.
    let (code, session_of_bruno) = (election.code("bruno"), election.session("bruno", CLOSES_AT));
    assert!(
        session_of_bruno
            .contests()
            .iter()
            .all(|view| { view.state(CLOSES_AT) == VoterState::Closed { closes_at: CLOSES_AT } })
    );
    let (entered, accepted, refused) = election.enter(session_of_bruno, "bruno", &code, CLOSES_AT);
    assert_eq!(refused, [ActivationError::Closed { closes_at: CLOSES_AT }; 3]);
    assert_eq!(entered.activated(&accepted).unwrap_err().error(), SessionError::NotAccepted);

    // Anne votes in the last second of the grace, with a receipt of that second.
    let last = before(ENDS_AT);
    let (session, voted) = election.vote("anne", session, 584, Choice::List(2), last);
    assert_eq!(voted.receipt().acknowledgement.at, last);
    let view = session.contests().nth(1).unwrap();
    assert_eq!(view.state(ENDS_AT), VoterState::Voted { at: last });
    // A ballot that comes a second later is refused, and the voter is told.
    let casting = election.sealed(session.choose(610, last).unwrap(), Choice::Blank).cast(last).stored();
    let refused = election.ballot_box(610).deposit(&id("anne"), casting.ballot(), ENDS_AT).unwrap_err();
    assert_eq!(refused, DepositError::Ended { ends_at: ENDS_AT });
    let refused = casting.refused().0.choose(610, ENDS_AT).unwrap_err();
    assert_eq!(refused.error(), SessionError::Closed { closes_at: CLOSES_AT });
    assert_eq!(election.result(584), [0, 1, 0, 0]);
}

#[test]
fn two_contests_of_one_number_make_no_session() {
    let mut election = Election::new();
    let state = VoterState::Open { closes_at: CLOSES_AT, active: false };
    let views = [584, 610, 584].map(|number| {
        let ballot_box = election.ballot_box(number);
        (ballot_box.contest().clone(), ballot_box.roll().signed_opening(), state)
    });
    let error = VoterSession::new(id("anne"), &election.published(), views).unwrap_err();
    assert_eq!(error, SessionError::RepeatedContest { number: 584 });
}

/// A server that makes up a contest under a key of its own has the trustees' words against it.
#[test]
fn attack_14_a_contest_that_no_trustee_publishes_makes_no_session() {
    let mut election = Election::new();
    let state = VoterState::Open { closes_at: CLOSES_AT, active: false };
    let [real, made_up] = [584, 610].map(|number| {
        let ballot_box = election.ballot_box(number);
        (ballot_box.contest().clone(), ballot_box.roll().signed_opening(), state)
    });
    let fingerprint = |view: &(ApprovedContest, SignedOpening, VoterState)| view.0.contest().fingerprint();
    let published = [fingerprint(&real)];
    assert!(VoterSession::new(id("anne"), &published, [real.clone()]).is_ok());
    let refused = SessionError::NotPublished { number: 610, fingerprint: fingerprint(&made_up) };
    let both = [real.clone(), made_up];
    assert_eq!(VoterSession::new(id("anne"), &published, both).unwrap_err(), refused);
    let refused = SessionError::NotPublished { number: 584, fingerprint: published[0] };
    assert_eq!(VoterSession::new(id("anne"), &[], [real]).unwrap_err(), refused);
}

/// Everything that a box signs later must be under the opening that both have signed.
#[test]
fn attack_16_without_an_opening_of_both_there_is_no_session() {
    let mut election = Election::new();
    let state = VoterState::Open { closes_at: CLOSES_AT, active: false };
    let (contest, other) = (election.contest(584), election.contest(610).fingerprint());
    let opening = election.ballot_box(584).roll().signed_opening();
    let of_other = election.ballot_box(610).roll().signed_opening();
    let published = election.published();
    let session =
        |opening| VoterSession::new(id("anne"), &published, [(contest.clone(), opening, state)]).map(|_| ());
    let refused = |error| Err(SessionError::Opening { number: 584, error });
    assert_eq!(session(opening), Ok(()));
    let foreign = RollError::ForeignContest { expected: contest.fingerprint(), actual: other };
    assert_eq!(session(of_other), refused(foreign));
    let bytes = opening.to_bytes();
    let signature = VerifyingKeyError::Signature;
    let (last, box_signature) = (bytes.len() - 1, bytes.len() - 65);
    for (at, error) in [
        (last, RollError::IssuerSignature(signature)),
        (box_signature, RollError::BoxSignature(signature)),
        // The number of voters, and a credential's hash.
        (34, RollError::BoxSignature(signature)),
        (50, RollError::BoxSignature(signature)),
    ] {
        let mut changed = bytes.clone();
        changed[at] ^= 4;
        assert_eq!(session(SignedOpening::from_bytes(&changed).unwrap()), refused(error), "{at}");
    }
}

/// A box that keeps a second opening, with one voter more, gives a receipt under that.
#[test]
fn attack_16_a_receipt_under_a_second_opening_is_refused() {
    let (mut election, mut stuffed) = (Election::new(), Election::of(&["anne", "bruno", "nobody"]));
    assert_eq!(election.contest(584), stuffed.contest(584));
    let session = election.active("anne", OPENS_AT);
    stuffed.active("anne", OPENS_AT);
    let casting =
        election.sealed(session.choose(584, OPENS_AT).unwrap(), Choice::Blank).cast(OPENS_AT).stored();
    let receipt = stuffed.deposit("anne", &casting, OPENS_AT);
    let refused = casting.acknowledge(receipt, OPENS_AT, 0).unwrap_err();
    let [expected, actual] =
        [&mut election, &mut stuffed].map(|it| it.ballot_box(584).roll().opening_digest());
    assert_eq!(refused.error(), ReceiptError::OtherOpening { expected, actual });
    // The ballot is still there for the true box.
    let (casting, _) = refused.into_parts();
    let receipt = election.deposit("anne", &casting, OPENS_AT);
    assert!(casting.acknowledge(receipt, OPENS_AT, 0).is_ok());
}

#[test]
fn only_the_code_that_is_in_force_opens_a_session() {
    let mut election = Election::new();
    let letter = election.code("anne");
    let mail = election.reissue("anne", 584, OPENS_AT);

    // Too late: no box takes it, and the session is as before.
    let late = later(OPENS_AT, 120);
    let session = election.session("anne", late);
    let (entered, accepted, refused) = election.enter(session, "anne", &mail, late);
    let expired = ActivationError::Expired { expires_at: late };
    assert_eq!(refused, [ActivationError::OtherCode, expired, ActivationError::OtherCode]);
    let refused = entered.activated(&accepted).unwrap_err();
    assert_eq!(refused.error(), SessionError::NotAccepted);

    // The letter's code still serves where nothing was reissued, and there alone.
    let (entered, accepted, refused) = election.enter(refused.into_state(), "anne", &letter, late);
    assert_eq!(refused, [ActivationError::Revoked]);
    let session = entered.activated(&accepted).unwrap();
    assert_eq!(numbers(session.remaining(late)), [610, 47]);
    let refused = session.choose(584, late).unwrap_err();
    assert_eq!(refused.error(), SessionError::NotActive { number: 584 });

    // A second reissue, in time, opens the one that is missing.
    let mail = election.reissue("anne", 584, late);
    let session = refused.into_state().another_code();
    let in_time = later(late, 119);
    let (entered, accepted, _) = election.enter(session, "anne", &mail, in_time);
    let session = entered.activated(&accepted).unwrap();
    assert_eq!(numbers(session.remaining(in_time)), [584]);
    // Once active, it serves beyond the two minutes.
    let (_, voted) = election.vote("anne", session, 584, Choice::Blank, later(late, 600));
    assert_eq!(voted.reference().number(), 584);
}

#[test]
fn a_contest_that_is_not_the_voters_activates_nothing() {
    let mut election = Election::new();
    let stranger = Fingerprint::from_bytes([1; 32]);
    let (code, session) = (election.code("anne"), election.session("anne", OPENS_AT));
    let states = |session: &VoterSession| -> Vec<_> {
        session.contests().iter().map(|view| view.state(OPENS_AT)).collect()
    };
    let before = states(&session);
    let (entered, accepted, _) = election.enter(session, "anne", &code, OPENS_AT);
    let session = entered.activated(&[stranger]).unwrap_err().into_state();
    assert_eq!(numbers(session.contests().iter()), NUMBERS);
    assert_eq!(states(&session), before);

    // Nor is a contest that the code has activated before taken back by a mistyped one.
    let (entered, ..) = election.enter(session, "anne", &code, OPENS_AT);
    let session = entered.activated(&accepted).unwrap().another_code();
    let active = states(&session);
    assert_ne!(active, before);
    let (entered, ..) = election.enter(session, "anne", &code, OPENS_AT);
    let refused = entered.activated(&[stranger]).unwrap_err();
    assert_eq!(refused.error(), SessionError::NotAccepted);
    assert_eq!(states(&refused.into_state()), active);
}

#[test]
fn back_changes_the_choice() {
    let mut election = Election::new();
    let session = election.active("anne", OPENS_AT);
    let confirmation =
        session.choose(584, OPENS_AT).unwrap().activate_selection().select(Choice::List(3)).unwrap();
    assert_eq!(confirmation.list_name(), Some("List 3"));
    let confirmation = confirmation.back().select(Choice::List(1)).unwrap();
    assert_eq!(confirmation.list_name(), Some("List 1"));
    // Back once more from the sealed ballot, which is dropped.
    let sealed = confirmation.seal(&mut election.rng).unwrap();
    let dropped = sealed.reference();
    let confirmation = sealed.back().select(Choice::Blank).unwrap();
    assert_eq!(confirmation.list_name(), None);
    let casting = confirmation.seal(&mut election.rng).unwrap().cast(OPENS_AT).stored();
    assert_ne!(casting.reference(), dropped);
    let receipt = election.deposit("anne", &casting, OPENS_AT);
    casting.acknowledge(receipt, OPENS_AT, 0).unwrap();
    assert_eq!(election.result(584), [0, 0, 0, 1]);
}

#[test]
fn only_a_list_of_the_contest_or_blank_is_selected() {
    let mut election = Election::new();
    let session = election.active("anne", OPENS_AT);
    let mut selection = session.choose(584, OPENS_AT).unwrap().activate_selection();
    for list in [0, LISTS + 1, 255] {
        let refused = selection.select(Choice::List(list)).unwrap_err();
        assert_eq!(refused.error(), BallotError::Choice { lists: LISTS });
        selection = refused.into_state();
    }
    assert_eq!(selection.select(Choice::List(LISTS)).unwrap().list_name(), Some("List 3"));
}

#[test]
fn statements_are_those_the_contest_was_approved_with() {
    let mut election = Election::new();
    let participation = election.active("anne", OPENS_AT).choose(584, OPENS_AT).unwrap();
    assert_eq!(participation.check_documents(BOOKLET), Ok(()));
    assert_eq!(participation.check_documents(b"other statements"), Err(DocumentsError::Other));
    let participation = participation.leave().choose(47, OPENS_AT).unwrap();
    assert_eq!(participation.check_documents(BOOKLET), Err(DocumentsError::Form));
}

#[test]
fn attack_16_a_false_receipt_gives_the_ballot_back_to_be_sent_again() {
    let mut election = Election::new();
    let bruno = election.active("bruno", OPENS_AT);
    let (_, other) = election.vote("bruno", bruno, 584, Choice::List(1), OPENS_AT);
    let bruno = election.active("bruno", OPENS_AT);
    let (_, foreign) = election.vote("bruno", bruno, 610, Choice::List(1), OPENS_AT);
    let (other, foreign) = (other.receipt().clone(), foreign.receipt().clone());

    let (sent, tolerance) = (later(OPENS_AT, 1_000), 5);
    let session = election.active("anne", OPENS_AT);
    let casting = election.sealed(session.choose(584, sent).unwrap(), Choice::List(2)).cast(sent).stored();
    let (bytes, own) = (casting.ballot().to_vec(), casting.reference());
    let honest = election.deposit("anne", &casting, sent);
    let contest = election.contest(584);
    let proof = honest.deposit_proof.clone();
    let head = proof.head;
    let with_proof = |proof| Receipt { deposit_proof: proof, ..honest.clone() };

    let false_receipts = [
        (
            // For a vote elsewhere.
            foreign.clone(),
            ReceiptError::ForeignContest {
                expected: contest.fingerprint(),
                actual: foreign.acknowledgement.contest,
            },
        ),
        (
            // The server shows another voter's reference, with all that belongs to it.
            other.clone(),
            ReceiptError::OtherBallot { expected: own, actual: other.acknowledgement.reference },
        ),
        (Receipt { emargement: other.emargement.clone(), ..honest.clone() }, ReceiptError::OtherVoter),
        (
            // The server has dropped the ballot and gives a proof of another.
            with_proof(DepositProof { head, ..other.deposit_proof.clone() }),
            ReceiptError::OtherBallot { expected: own, actual: other.acknowledgement.reference },
        ),
        (
            with_proof(DepositProof { index: 0, ..proof.clone() }),
            ReceiptError::Position { index: 0, size: 2 },
        ),
    ];
    let mut casting = casting;
    for (receipt, expected) in false_receipts {
        let given = receipt.clone();
        let refused = casting.acknowledge(receipt, sent, tolerance).unwrap_err();
        assert_eq!((refused.error(), refused.receipt()), (expected, &given));
        let (again, answer) = refused.into_parts();
        assert_eq!((again.ballot(), &answer), (&bytes[..], &given));
        casting = again;
    }
    // The answer was lost. The same bytes once more: the same receipt, proof included, and no second vote.
    let received = later(sent, 40);
    let again = election.deposit("anne", &casting, received);
    assert_eq!(again, honest);
    let (session, voted) = casting.acknowledge(again, received, tolerance).unwrap();
    assert_eq!((voted.reference(), voted.ballot()), (own, &bytes[..]));
    assert_eq!(numbers(session.remaining(received)), [610, 47]);
    assert_eq!(election.ballot_box(584).len(), 2);
}

#[test]
fn attack_16_a_box_that_dates_a_vote_wrong_is_not_acknowledged() {
    for (signed, sent, received) in [(100, 106, 106), (120, 106, 114)] {
        let mut election = Election::new();
        let session = election.active("anne", OPENS_AT);
        let participation = session.choose(584, OPENS_AT).unwrap();
        let casting = election.sealed(participation, Choice::Blank).cast(later(OPENS_AT, sent)).stored();
        let receipt = election.deposit("anne", &casting, later(OPENS_AT, signed));
        let received = later(OPENS_AT, received);
        let refused = casting.acknowledge(receipt, received, 5).unwrap_err();
        assert_eq!(refused.error(), ReceiptError::Time { at: later(OPENS_AT, signed) });
        // A clock that differs by no more than the tolerance is none.
        let (casting, receipt) = refused.into_parts();
        assert!(casting.acknowledge(receipt, received, 6).is_ok());
    }
}

#[test]
fn a_ballot_that_was_challenged_is_not_cast_and_the_voter_selects_again() {
    let mut election = Election::new();
    let session = election.active("anne", OPENS_AT);
    let sealed = election.sealed(session.choose(584, OPENS_AT).unwrap(), Choice::List(1));
    let shown = sealed.reference();
    let challenging = sealed.challenge();
    // First the box takes note, of the bytes alone, and the same again is answered alike; only then the ballot is
    // opened.
    let bytes = challenging.ballot().to_vec();
    let ballot_box = election.ballot_box(584);
    assert!(ballot_box.challenge(&id("anne"), &bytes, OPENS_AT).unwrap().is_some());
    assert!(ballot_box.challenge(&id("anne"), &bytes, OPENS_AT).unwrap().is_none());
    let (opened, selection) = challenging.noted();
    assert_eq!(opened.ballot(), bytes);

    // The second device derives the credential from the code.
    let contest = election.contest(584);
    let credential = Credential::derive(contest.contest(), &election.code("anne")).public();
    assert_eq!(opened.verify(&contest, &shown, &credential, Choice::List(1)), Ok(()));
    assert!(opened.verify(&contest, &shown, &credential, Choice::List(2)).is_err());
    let refused = election.ballot_box(584).deposit(&id("anne"), opened.ballot(), OPENS_AT).unwrap_err();
    assert_eq!(refused, DepositError::Challenged);

    let confirmation = selection.select(Choice::List(2)).unwrap();
    let casting = confirmation.seal(&mut election.rng).unwrap().cast(OPENS_AT).stored();
    let receipt = election.deposit("anne", &casting, OPENS_AT);
    casting.acknowledge(receipt, OPENS_AT, 0).unwrap();
    assert_eq!(election.result(584), [0, 1, 0, 0]);
}

/// Where the box cannot take note, nothing is opened, and the voter goes on.
#[test]
fn a_challenge_that_the_box_refuses_opens_nothing() {
    let mut election = Election::new();
    let session = election.active("anne", OPENS_AT);
    let sealed = election.sealed(session.choose(584, OPENS_AT).unwrap(), Choice::List(1));
    let challenging = sealed.challenge();
    let refused = election.ballot_box(584).challenge(&id("anne"), challenging.ballot(), ENDS_AT).unwrap_err();
    assert_eq!(refused, ChallengeRefusal::Ended { ends_at: ENDS_AT });
    assert!(format!("{challenging:?}").contains("redacted"));
    let session = challenging.back().leave();
    assert_eq!(numbers(session.remaining(OPENS_AT)), NUMBERS);
}

#[test]
fn after_a_refusal_by_the_box_the_contests_are_as_they_were() {
    let mut election = Election::new();
    let session = election.active("anne", OPENS_AT);
    let last = before(ENDS_AT);
    let participation = session.choose(584, last).unwrap();
    let casting = election.sealed(participation, Choice::Blank).cast(last).stored();
    let refused = election.ballot_box(584).deposit(&id("anne"), casting.ballot(), ENDS_AT).unwrap_err();
    assert_eq!(refused, DepositError::Ended { ends_at: ENDS_AT });
    let (session, _) = casting.refused();
    assert_eq!(numbers(session.contests()), NUMBERS);
    assert_eq!(numbers(session.remaining(last)), NUMBERS);
}
