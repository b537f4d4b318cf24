//! A voter's session against real ballot boxes: every step, every refusal, and the state that each
//! refusal gives back. That a wrong order does not type-check is shown in `src/voter/order.rs`.

#[path = "../examples/common/mod.rs"]
mod common;

use common::{CLOSES_AT, OPENS_AT};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use urne::ballot::BallotError;
use urne::ballot_box::{ActivationError, DepositError, IdentityChecked, VoterState};
use urne::contest::{ContestDescription, Fingerprint};
use urne::electoral_roll::{Issue, Validity};
use urne::receipt::ReceiptError;
use urne::voter::{ActiveSession, Casting, EnteredCode, Participation, SealedChoice, SessionError, Voted};
use urne::{
    ActivationNonce, ApprovedContest, BallotBox, BoxSecretKey, Choice, ClosedBox, Credential, DocumentsError,
    ElectoralRoll, OpenedTally, Receipt, Threshold, Trustee, UnixTime, VoterId, VoterSession, VotingCode,
    documents_text,
};

const NUMBERS: [u64; 3] = [610, 584, 47];
const LISTS: u8 = 3;
const BOOKLET: &[u8] = b"statements and candidates";

fn later(time: UnixTime, seconds: u64) -> UnixTime {
    UnixTime::from_seconds(time.seconds() + seconds)
}

fn before(time: UnixTime) -> UnixTime {
    UnixTime::from_seconds(time.seconds() - 1)
}

fn id(name: &str) -> VoterId {
    VoterId::new(name).unwrap()
}

/// Three contests with a box each, in which Anne and Bruno may vote.
struct Election {
    rng: ChaCha20Rng,
    trustee: Trustee,
    boxes: Vec<BallotBox>,
    anne: VotingCode,
    bruno: VotingCode,
}

impl Election {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(584);
        let threshold = Threshold::new(1, 1).unwrap();
        let (key, mut trustees) = common::run_ceremony("test", threshold, LISTS, &mut rng).unwrap();
        let (anne, bruno) = (VotingCode::generate(&mut rng), VotingCode::generate(&mut rng));
        let mut boxes = Vec::new();
        for number in NUMBERS {
            let box_key = BoxSecretKey::generate(&mut rng);
            let description = ContestDescription {
                election: "Test".into(),
                number,
                title: format!("Committee {number}"),
                documents: if number == 47 { String::new() } else { documents_text(BOOKLET) },
                lists: (1..=LISTS).map(|list| format!("List {list}")).collect(),
                opens_at: OPENS_AT,
                closes_at: CLOSES_AT,
                quorum: None,
                box_key: box_key.public(),
            };
            let contest = common::approve(description, &key, &trustees, &mut rng).unwrap();
            let mut roll = ElectoralRoll::new(contest.clone());
            for (voter, code) in [("anne", &anne), ("bruno", &bruno)] {
                let credential = Credential::derive(contest.contest(), code).public();
                let issue = Issue { credential, issued_at: before(OPENS_AT), validity: Validity::UntilClose };
                roll.register(id(voter), issue).unwrap();
            }
            boxes.push(BallotBox::open(roll, before(OPENS_AT), box_key).unwrap().0);
        }
        Election { rng, trustee: trustees.remove(0), boxes, anne, bruno }
    }

    fn ballot_box(&mut self, number: u64) -> &mut BallotBox {
        self.boxes.iter_mut().find(|it| it.contest().contest().description().number == number).unwrap()
    }

    fn contest(&mut self, number: u64) -> ApprovedContest {
        self.ballot_box(number).contest().clone()
    }

    /// The session of a voter as the boxes see them now.
    fn session(&self, voter: &str, now: UnixTime) -> VoterSession {
        let states = self.boxes.iter().map(|it| (it.contest().clone(), it.state(&id(voter), now).unwrap()));
        VoterSession::new(id(voter), states).unwrap()
    }

    /// Enters a code, and gives which boxes accept it and why others do not.
    fn enter(
        &mut self,
        session: VoterSession,
        voter: &str,
        code: &VotingCode,
        now: UnixTime,
    ) -> (EnteredCode, Vec<Fingerprint>, Vec<ActivationError>) {
        let nonce = ActivationNonce::generate(&mut self.rng);
        let entered = session.enter_code(code, &nonce, &mut self.rng);
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for (contest, activation) in entered.activations() {
            let ballot_box = self.boxes.iter_mut().find(|it| it.contest().fingerprint() == *contest).unwrap();
            match ballot_box.activate(&id(voter), &nonce, activation, now) {
                Ok(_) => accepted.push(*contest),
                Err(error) => refused.push(error),
            }
        }
        (entered, accepted, refused)
    }

    fn active(&mut self, voter: &str, now: UnixTime) -> ActiveSession {
        let code = if voter == "anne" { self.anne.clone() } else { self.bruno.clone() };
        let session = self.session(voter, now);
        let (entered, accepted, _) = self.enter(session, voter, &code, now);
        entered.activated(&accepted).unwrap()
    }

    fn sealed(&mut self, participation: Participation, choice: Choice) -> SealedChoice {
        participation.activate_selection().select(choice).unwrap().seal(&mut self.rng).unwrap()
    }

    fn deposit(&mut self, voter: &str, casting: &Casting, now: UnixTime) -> Receipt {
        let number = casting.reference().number();
        self.ballot_box(number).deposit(&id(voter), casting.ballot(), now).unwrap().receipt
    }

    fn vote(
        &mut self,
        voter: &str,
        session: ActiveSession,
        number: u64,
        choice: Choice,
        now: UnixTime,
    ) -> (ActiveSession, Voted) {
        let casting = self.sealed(session.choose(number, now).unwrap(), choice).cast(now);
        let receipt = self.deposit(voter, &casting, now);
        casting.acknowledge(receipt, now, 0).unwrap()
    }

    fn close(self, number: u64) -> (ClosedBox, Trustee, ChaCha20Rng) {
        let Election { boxes, trustee, rng, .. } = self;
        let mut boxes = boxes.into_iter();
        let ballot_box = boxes.find(|it| it.contest().contest().description().number == number).unwrap();
        (ballot_box.close(CLOSES_AT).unwrap().0, trustee, rng)
    }

    /// Votes of each list, then blank.
    fn result(self, number: u64) -> Vec<u64> {
        let (closed, mut trustee, mut rng) = self.close(number);
        let endorsements = [trustee.endorse(&closed, closed.closing().at, &mut rng).unwrap()];
        let factors = [trustee.decrypt(&closed, &endorsements, &mut rng).unwrap()];
        let opened = OpenedTally::open(&closed, &endorsements, &factors).unwrap();
        let result = opened.result();
        result.votes().iter().copied().chain([result.blank()]).collect()
    }
}

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
        assert_eq!(voted.receipt().deposit_proof.as_ref().unwrap().reference, voted.reference());
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
    let code = election.anne.clone();
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

#[test]
fn a_contest_is_gone_to_only_while_it_is_open() {
    let mut election = Election::new();
    let session = election.active("anne", before(OPENS_AT));
    let refused = session.choose(584, before(OPENS_AT)).unwrap_err();
    assert_eq!(refused.error(), SessionError::NotYetOpen { opens_at: OPENS_AT });
    let refused = refused.into_state().choose(585, OPENS_AT).unwrap_err();
    assert_eq!(refused.error(), SessionError::UnknownContest { number: 585 });
    let refused = refused.into_state().choose(584, CLOSES_AT).unwrap_err();
    assert_eq!(refused.error(), SessionError::Closed { closes_at: CLOSES_AT });
    let session = refused.into_state();
    assert_eq!(numbers(session.remaining(before(OPENS_AT))), Vec::<u64>::new());
    assert_eq!(numbers(session.remaining(CLOSES_AT)), Vec::<u64>::new());
    // The last second is still good, and leaving gives everything back in its place.
    let session = session.choose(584, before(CLOSES_AT)).unwrap().leave();
    let session = session.choose(610, before(CLOSES_AT)).unwrap().activate_selection().leave();
    assert_eq!(numbers(session.contests()), NUMBERS);
    let view = session.contests().next().unwrap();
    assert_eq!((view.countdown(before(CLOSES_AT)), view.countdown(later(CLOSES_AT, 1))), (1, 0));
}

#[test]
fn two_contests_of_one_number_make_no_session() {
    let mut election = Election::new();
    let state = VoterState::Open { closes_at: CLOSES_AT, active: false };
    let views = [584, 610, 584].map(|number| (election.contest(number), state));
    let error = VoterSession::new(id("anne"), views).unwrap_err();
    assert_eq!(error, SessionError::RepeatedContest { number: 584 });
}

#[test]
fn only_the_code_that_is_in_force_opens_a_session() {
    let mut election = Election::new();
    let letter = election.anne.clone();
    let mail = VotingCode::generate(&mut election.rng);
    let contest = election.contest(584);
    let credential = Credential::derive(contest.contest(), &mail).public();
    let anne = IdentityChecked::by_application(id("anne"));
    election.ballot_box(584).reissue(anne, credential, Validity::TWO_MINUTES, OPENS_AT).unwrap();

    // Too late: no box takes it, and the session is as before.
    let late = later(OPENS_AT, 120);
    let session = election.session("anne", late);
    let (entered, accepted, refused) = election.enter(session, "anne", &mail, late);
    let expired = ActivationError::Expired { expires_at: late };
    assert_eq!(refused, [ActivationError::OtherCode, expired, ActivationError::OtherCode]);
    let refused = entered.activated(&accepted).unwrap_err();
    assert_eq!(refused.error(), SessionError::NotActive);

    // The letter's code still serves where nothing was reissued, and there alone.
    let (entered, accepted, refused) = election.enter(refused.into_state(), "anne", &letter, late);
    assert_eq!(refused, [ActivationError::Revoked]);
    let session = entered.activated(&accepted).unwrap();
    assert_eq!(numbers(session.remaining(late)), [610, 47]);
    let refused = session.choose(584, late).unwrap_err();
    assert_eq!(refused.error(), SessionError::NotActive);

    // A second reissue, in time, opens the one that is missing.
    let mail = VotingCode::generate(&mut election.rng);
    let credential = Credential::derive(contest.contest(), &mail).public();
    let anne = IdentityChecked::by_application(id("anne"));
    election.ballot_box(584).reissue(anne, credential, Validity::TWO_MINUTES, late).unwrap();
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
    let (code, session) = (election.anne.clone(), election.session("anne", OPENS_AT));
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
    assert_eq!(refused.error(), SessionError::NotActive);
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
    let casting = confirmation.seal(&mut election.rng).unwrap().cast(OPENS_AT);
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
    let casting = election.sealed(session.choose(584, sent).unwrap(), Choice::List(2)).cast(sent);
    let (bytes, own) = (casting.ballot().to_vec(), casting.reference());
    let honest = election.deposit("anne", &casting, sent);
    let contest = election.contest(584);
    let (head, proof) = (honest.deposit_proof.clone().unwrap().head, honest.deposit_proof.clone().unwrap());
    let with_proof = |proof| Receipt { deposit_proof: Some(proof), ..honest.clone() };

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
            with_proof(
                other.deposit_proof.clone().map(|it| urne::receipt::DepositProof { head, ..it }).unwrap(),
            ),
            ReceiptError::OtherBallot { expected: own, actual: other.acknowledgement.reference },
        ),
        (
            with_proof(urne::receipt::DepositProof { index: 0, ..proof.clone() }),
            ReceiptError::Position { index: 0, size: 2 },
        ),
    ];
    let mut casting = casting;
    for (receipt, expected) in false_receipts {
        let refused = casting.acknowledge(receipt, sent, tolerance).unwrap_err();
        assert_eq!(refused.error(), expected);
        casting = refused.into_state();
        assert_eq!(casting.ballot(), bytes);
    }
    // The same bytes once more: the same acknowledgement, and no second vote.
    let received = later(sent, 40);
    let again = election.deposit("anne", &casting, received);
    assert_eq!(again.acknowledgement, honest.acknowledgement);
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
        let casting = election.sealed(participation, Choice::Blank).cast(later(OPENS_AT, sent));
        let receipt = election.deposit("anne", &casting, later(OPENS_AT, signed));
        let received = later(OPENS_AT, received);
        let refused = casting.acknowledge(receipt.clone(), received, 5).unwrap_err();
        assert_eq!(refused.error(), ReceiptError::Time { at: later(OPENS_AT, signed) });
        // A clock that differs by no more than the tolerance is none.
        assert!(refused.into_state().acknowledge(receipt, received, 6).is_ok());
    }
}

#[test]
fn a_ballot_that_was_opened_is_not_cast_and_the_voter_selects_again() {
    let mut election = Election::new();
    let session = election.active("anne", OPENS_AT);
    let sealed = election.sealed(session.choose(584, OPENS_AT).unwrap(), Choice::List(1));
    let shown = sealed.reference();
    let (opened, selection) = sealed.challenge();
    let contest = election.contest(584);
    assert!(opened.verify(&contest, &shown) == Ok(Choice::List(1)));
    election.ballot_box(584).refuse_opened(&opened).unwrap();
    let refused = election.ballot_box(584).deposit(&id("anne"), opened.ballot(), OPENS_AT).unwrap_err();
    assert_eq!(refused, DepositError::Opened);

    let confirmation = selection.select(Choice::List(2)).unwrap();
    let casting = confirmation.seal(&mut election.rng).unwrap().cast(OPENS_AT);
    let receipt = election.deposit("anne", &casting, OPENS_AT);
    casting.acknowledge(receipt, OPENS_AT, 0).unwrap();
    assert_eq!(election.result(584), [0, 1, 0, 0]);
}

#[test]
fn after_a_refusal_by_the_box_the_contests_are_as_they_were() {
    let mut election = Election::new();
    let session = election.active("anne", OPENS_AT);
    let participation = session.choose(584, before(CLOSES_AT)).unwrap();
    let casting = election.sealed(participation, Choice::Blank).cast(before(CLOSES_AT));
    let refused = election.ballot_box(584).deposit(&id("anne"), casting.ballot(), CLOSES_AT).unwrap_err();
    assert_eq!(refused, DepositError::Closed { closes_at: CLOSES_AT });
    let session = casting.refused();
    assert_eq!(numbers(session.contests()), NUMBERS);
    assert_eq!(numbers(session.remaining(before(CLOSES_AT))), NUMBERS);
}

#[test]
fn attack_16_a_closed_box_that_is_not_the_one_of_the_receipt_is_found_out() {
    let mut election = Election::new();
    // The same election with a box that takes Bruno's ballot in place of Anne's.
    let mut forked = Election::new();
    let bruno = forked.active("bruno", OPENS_AT);
    forked.vote("bruno", bruno, 584, Choice::List(3), OPENS_AT);
    let bruno = election.active("bruno", OPENS_AT);
    let anne = election.active("anne", OPENS_AT);
    let (_, voted) = election.vote("anne", anne, 584, Choice::List(1), OPENS_AT);
    election.vote("bruno", bruno, 584, Choice::List(3), OPENS_AT);

    let (closed, ..) = election.close(584);
    let path = closed.consistency(1).unwrap();
    assert_eq!(voted.check_closing(closed.closing(), closed.roll().digest(), &path), Ok(()));
    let (forked, ..) = forked.close(584);
    let path = forked.consistency(1).unwrap();
    let error = ReceiptError::Fork { size: 1, closing: 1 };
    assert_eq!(voted.check_closing(forked.closing(), forked.roll().digest(), &path), Err(error));
}

#[test]
fn without_a_deposit_proof_nothing_is_said_of_the_closing() {
    let mut election = Election::new();
    let session = election.active("anne", OPENS_AT);
    let casting = election.sealed(session.choose(584, OPENS_AT).unwrap(), Choice::Blank).cast(OPENS_AT);
    // The first answer is lost, and the box gives its proof only once.
    election.deposit("anne", &casting, OPENS_AT);
    let again = election.deposit("anne", &casting, OPENS_AT);
    let (_, voted) = casting.acknowledge(again, OPENS_AT, 0).unwrap();
    assert_eq!(voted.receipt().deposit_proof, None);
    let reference = voted.reference();
    let (closed, ..) = election.close(584);
    let path = closed.consistency(1).unwrap();
    assert_eq!(
        voted.check_closing(closed.closing(), closed.roll().digest(), &path),
        Err(ReceiptError::NotIncluded { reference })
    );
}

#[test]
fn attack_19_no_screen_tells_the_choice_to_a_log() {
    let mut election = Election::new();
    let mut selection = election.active("anne", OPENS_AT).choose(584, OPENS_AT).unwrap().activate_selection();
    let mut shown = Vec::new();
    for choice in [Choice::Blank, Choice::List(1), Choice::List(3)] {
        let confirmation = selection.select(choice).unwrap();
        shown.push(format!("{confirmation:?}"));
        selection = confirmation.back();
    }
    assert!(shown.iter().all(|text| *text == shown[0] && text.contains("Choice(redacted)")));
}
