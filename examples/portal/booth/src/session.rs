//! A voter's session: its state, and what each request makes of it.

use urne::ballot::ChallengedBallot;
use urne::ballot_box::{SignedOpening, VoterState};
use urne::rand_core::CryptoRng;
use urne::voter::{
    ActiveSession, Casting, Challenging, ContestView, EnteredCode, Participation, Review, SealedChoice,
    Selection,
};
use urne::{
    ActivationNonce, ApprovedContest, Choice, Fingerprint, Receipt, UnixTime, Unsent, VoterId, VoterSession,
    VotingCode,
};
use zeroize::Zeroizing;

use crate::TOLERANCE;
use crate::dossier::acknowledgement;
use crate::forms::{Refusal, contest, fingerprints};
use crate::json::{Json, object};
use crate::qr;
use crate::request::{Open, Request, time};

/// Where the voter is.
#[derive(Default)]
#[allow(clippy::large_enum_variant)]
pub(crate) enum State {
    #[default]
    Empty,
    Session(VoterSession),
    /// With the numbers of all contests.
    Entered(EnteredCode, Vec<(Fingerprint, u64)>),
    Active(ActiveSession),
    Participation(Participation),
    Selection(Selection),
    Review(Review),
    Sealed(SealedChoice),
    Unsent(Unsent<Casting>),
    Casting(Casting),
    Challenging(Challenging),
}

type Step = (State, Result<Json, Refusal>);

/// The state that the library gives back with a refusal.
macro_rules! stays {
    ($state:ident, $refused:expr) => {{
        let error = $refused.error();
        (State::$state($refused.into_state()), Err(error.into()))
    }};
}

impl State {
    /// The state after a request, and its answer. A request that is refused, or does not belong here, changes nothing.
    pub(crate) fn step(self, request: Request<'_>, rng: &mut dyn CryptoRng) -> Step {
        match (self, request) {
            (State::Empty, Request::Open(open)) => opened(open),
            (State::Session(session), Request::EnterCode { code, nonce }) => {
                let nonce = <[u8; 32]>::try_from(&nonce.0[..]);
                let nonce = nonce.map_err(|_| Refusal::new("page/nonce", "a nonce has 32 bytes"));
                let code = code.parse::<VotingCode>().map_err(Refusal::from);
                match code.and_then(|code| Ok((code, nonce?))) {
                    Err(refusal) => (State::Session(session), Err(refusal)),
                    Ok((code, nonce)) => {
                        let numbers: Vec<_> = session.contests().iter().map(named).collect();
                        let entered = session.enter_code(&code, &ActivationNonce::from_bytes(nonce), rng);
                        let answer = activations(&entered, &nonce, &numbers);
                        (State::Entered(entered, numbers), Ok(answer))
                    }
                }
            }
            (State::Entered(entered, numbers), Request::Activated { accepted, now }) => {
                activated(entered, &numbers, &accepted, time(now))
            }
            (State::Active(session), Request::Choose { number, documents, now }) => {
                match session.choose(number, time(now)) {
                    Err(refused) => stays!(Active, refused),
                    Ok(participation) => match participation.check_documents(&documents.0) {
                        Err(error) => (State::Active(participation.leave()), Err(error.into())),
                        Ok(()) => (State::Participation(participation), Ok(Json::Null)),
                    },
                }
            }
            (State::Participation(participation), Request::ActivateSelection) => {
                (State::Selection(participation.activate_selection()), Ok(Json::Null))
            }
            (State::Selection(selection), Request::Select { choice }) => {
                match selection.select(chosen(choice)) {
                    Err(refused) => stays!(Selection, refused),
                    Ok(review) => {
                        let name = review.list_name().map(|name| urne::primitives::escaped(name).to_string());
                        (State::Review(review), Ok(object! { "name": name }))
                    }
                }
            }
            (State::Review(review), Request::Seal) => match review.seal(rng) {
                Err(refused) => stays!(Review, refused),
                Ok(sealed) => {
                    let reference = sealed.reference().to_string();
                    (State::Sealed(sealed), Ok(object! { "reference": reference }))
                }
            },
            (state, Request::Back) => back(state),
            (State::Sealed(sealed), Request::Cast { now }) => {
                let unsent = sealed.cast(time(now));
                let dossier = hex(unsent.to_store());
                (State::Unsent(unsent), Ok(object! { "dossier": dossier }))
            }
            (State::Unsent(unsent), Request::Stored) => {
                let casting = unsent.stored();
                let ballot = hex(casting.ballot());
                (State::Casting(casting), Ok(object! { "ballot": ballot }))
            }
            (State::Casting(casting), Request::Acknowledge { receipt, now }) => {
                acknowledged(casting, &receipt.0, time(now))
            }
            (State::Casting(casting), Request::Refused { now }) => {
                let (session, _) = casting.refused();
                active(session, time(now))
            }
            (State::Sealed(sealed), Request::Challenge) => {
                let challenging = sealed.challenge();
                let ballot = hex(challenging.ballot());
                (State::Challenging(challenging), Ok(object! { "ballot": ballot }))
            }
            (State::Challenging(challenging), Request::Noted { address }) => {
                let (opened, selection) = challenging.noted();
                (State::Selection(selection), Ok(shown(&opened, &address)))
            }
            (State::Challenging(challenging), Request::NotNoted) => {
                (State::Selection(challenging.back()), Ok(Json::Null))
            }
            (state, Request::AnotherCode) => another_code(state),
            (State::Session(session), Request::Contests { now }) => begun(session, time(now)),
            (State::Active(session), Request::Contests { now }) => active(session, time(now)),
            (_, Request::Close) => (State::Empty, Ok(Json::Null)),
            (state, _) => (state, Err(out_of_order())),
        }
    }
}

fn out_of_order() -> Refusal {
    Refusal::new("page/order", "this does not belong here")
}

fn opened(Open { voter, published, contests, now }: Open) -> Step {
    let session = || -> Result<VoterSession, Refusal> {
        let voter = VoterId::new(voter.0)
            .ok_or_else(|| Refusal::new("page/voter", "a voter's id has 1 to 256 bytes"))?;
        let published = fingerprints(&published)?;
        let given = contests.iter().map(|given| {
            let contest = ApprovedContest::from_json(given.approved.as_bytes())?;
            let opening = SignedOpening::from_bytes(&given.opening.0)?;
            Ok((contest, opening, VoterState::from_bytes(&given.state.0)?))
        });
        let given = given.collect::<Result<Vec<_>, Refusal>>()?;
        Ok(VoterSession::new(voter, &published, given)?)
    };
    match session() {
        Err(refusal) => (State::Empty, Err(refusal)),
        Ok(session) => begun(session, time(now)),
    }
}

/// A session before the code is entered, with its contests.
fn begun(session: VoterSession, now: UnixTime) -> Step {
    let answer = object! { "contests": views(session.contests().iter(), now) };
    (State::Session(session), Ok(answer))
}

/// One whose code was accepted.
fn active(session: ActiveSession, now: UnixTime) -> Step {
    let answer = object! { "contests": views(session.contests(), now) };
    (State::Active(session), Ok(answer))
}

fn named(view: &ContestView) -> (Fingerprint, u64) {
    (view.contest().fingerprint(), view.contest().description().number)
}

/// For each contest what its box is to be sent: the nonce and the answer.
fn activations(entered: &EnteredCode, nonce: &[u8; 32], numbers: &[(Fingerprint, u64)]) -> Json {
    let body = |(contest, activation): &(Fingerprint, urne::Activation)| {
        let number = numbers.iter().find(|(of, _)| of == contest).map(|(_, number)| *number);
        let body = [&nonce[..], &activation.to_bytes()].concat();
        object! { "number": number, "body": hex(&body) }
    };
    object! { "activations": entered.activations().iter().map(body).collect::<Json>() }
}

fn activated(entered: EnteredCode, numbers: &[(Fingerprint, u64)], accepted: &[u64], now: UnixTime) -> Step {
    let of = |(contest, number): &(Fingerprint, u64)| accepted.contains(number).then_some(*contest);
    let accepted: Vec<_> = numbers.iter().filter_map(of).collect();
    match entered.activated(&accepted) {
        Err(refused) => stays!(Session, refused),
        Ok(session) => active(session, now),
    }
}

fn acknowledged(casting: Casting, receipt: &[u8], now: UnixTime) -> Step {
    let receipt = match Receipt::from_bytes(receipt) {
        Ok(receipt) => receipt,
        Err(error) => return (State::Casting(casting), Err(error.into())),
    };
    match casting.acknowledge(receipt, now, TOLERANCE) {
        Ok((session, voted)) => {
            let answer = acknowledgement(&voted).with("contests", views(session.contests(), now));
            (State::Active(session), Ok(answer))
        }
        Err(refused) => {
            let error = refused.error();
            (State::Casting(refused.into_parts().0), Err(error.into()))
        }
    }
}

/// "Retour".
fn back(state: State) -> Step {
    let state = match state {
        State::Review(review) => State::Selection(review.back()),
        State::Sealed(sealed) => State::Selection(sealed.back()),
        State::Participation(participation) => State::Active(participation.leave()),
        State::Selection(selection) => State::Active(selection.leave()),
        state => return (state, Err(out_of_order())),
    };
    (state, Ok(Json::Null))
}

/// Another code, also for whoever is in the middle of a choice; not while a ballot is on its way.
fn another_code(state: State) -> Step {
    let session = match state {
        State::Entered(entered, _) => return (State::Session(entered.back()), Ok(Json::Null)),
        State::Active(session) => session,
        State::Participation(participation) => participation.leave(),
        State::Selection(selection) => selection.leave(),
        State::Review(review) => review.back().leave(),
        State::Sealed(sealed) => sealed.back().leave(),
        state => return (state, Err(out_of_order())),
    };
    (State::Session(session.another_code()), Ok(Json::Null))
}

fn chosen(choice: u8) -> Choice {
    if choice == 0 { Choice::Blank } else { Choice::List(choice) }
}

/// The contests as the page shows them.
fn views<'a>(contests: impl Iterator<Item = &'a ContestView>, now: UnixTime) -> Json {
    let view = |view: &ContestView| {
        let (state, at) = match view.state(now) {
            VoterState::NotYetOpen { opens_at } => ("not-yet-open", opens_at),
            VoterState::Open { closes_at, active: true } => ("active", closes_at),
            VoterState::Open { closes_at, active: false } => ("open", closes_at),
            VoterState::Voted { at } => ("voted", at),
            VoterState::Closed { closes_at } => ("closed", closes_at),
        };
        contest(view.contest()).with("state", state).with("at", at.seconds())
    };
    contests.map(view).collect()
}

/// An opened ballot for the second device: as a text, and as a QR code, in which it follows the address of the page that
/// checks it. What follows `#` in an address is sent to no server.
fn shown(opened: &ChallengedBallot, address: &str) -> Json {
    let text = Zeroizing::new(hex(&opened.expose_bytes()));
    // In upper case a digit takes five and a half bits of the code.
    let address = Zeroizing::new(format!("{address}#{}", text.to_uppercase()));
    object! { "opened": text.as_str(), "qr": qr::drawn(&address) }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    // As long as it becomes from the start: it may be of an opened ballot, and leaves no copy where it was shorter.
    let mut text = String::with_capacity(2 * bytes.len());
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    text.extend(digits.map(|digit| char::from_digit(digit.into(), 16).unwrap_or('?')));
    text
}
