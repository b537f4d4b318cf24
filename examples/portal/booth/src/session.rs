//! A voter's session: its state, and what each request makes of it.
#![allow(clippy::large_enum_variant, clippy::result_large_err)] // One state a page, moved once a request.

use urne::ballot_box::{SignedOpening, VoterState};
use urne::primitives::escaped;
use urne::rand_core::CryptoRng;
use urne::record::HexBytes;
use urne::voter::{
    ActiveSession, Casting, Challenging, ContestView, EnteredCode, Participation, SealedChoice, Selection,
};
use urne::{
    ApprovedContest, Choice, Fingerprint, Receipt, UnixTime, Unsent, VoterId, VoterSession, VotingCode,
};
use zeroize::Zeroizing;

use crate::TOLERANCE;
use crate::dossier::voted;
use crate::forms::Refusal;
use crate::qr;
use crate::request::{Answer, Given, Request, time};

/// Where the voter is.
#[derive(Default)]
pub(crate) enum State {
    #[default]
    Empty,
    Session(VoterSession),
    Entered(EnteredCode),
    Active(ActiveSession),
    Participation(Participation),
    Selection(Selection),
    Sealed(SealedChoice),
    Unsent(Unsent<Casting>),
    Casting(Casting),
    Challenging(Challenging),
}

/// The state that the library gives back with a refusal.
macro_rules! stays {
    ($state:ident) => {
        |refused| (refused.error().into(), State::$state(refused.into_state()))
    };
}

impl State {
    /// The state after a request, and its answer. A request that is refused, or does not belong here, changes nothing.
    #[inline(never)] // Inlined, it is 5 kB more for every voter to fetch.
    pub(crate) fn step(
        self,
        request: Request<'_>,
        rng: &mut dyn CryptoRng,
    ) -> Result<(State, Answer), (Refusal, State)> {
        Ok(match (self, request) {
            (State::Empty, Request::Open { voter, published, contests }) => {
                let session =
                    opened(voter.0, &published, &contests).map_err(|refusal| (refusal, State::Empty))?;
                let contests = session.contests().iter().map(|view| view.contest().into()).collect();
                (State::Session(session), Answer::Contests(contests))
            }
            (State::Session(session), Request::Standings { now }) => {
                let standings = session.contests().iter().map(|view| standing(view, time(now))).collect();
                (State::Session(session), Answer::Standings(standings))
            }
            (State::Active(session), Request::Standings { now }) => {
                let standings = session.contests().map(|view| standing(view, time(now))).collect();
                (State::Active(session), Answer::Standings(standings))
            }
            (State::Session(session), Request::EnterCode { code, nonce }) => match code.parse::<VotingCode>()
            {
                Err(error) => return Err((error.into(), State::Session(session))),
                Ok(code) => {
                    let entered = session.enter_code(&code, &nonce, rng);
                    let activations = entered.activations().to_vec();
                    (State::Entered(entered), Answer::Activations(activations))
                }
            },
            (State::Entered(entered), Request::Activated(accepted)) => {
                let session = entered.activated(&accepted).map_err(stays!(Session))?;
                (State::Active(session), Answer::Done)
            }
            (State::Session(session), Request::AnotherCode) => (State::Session(session), Answer::Done),
            (State::Entered(entered), Request::AnotherCode) => (State::Session(entered.back()), Answer::Done),
            (State::Active(session), Request::AnotherCode) => {
                (State::Session(session.another_code()), Answer::Done)
            }
            (State::Active(session), Request::Choose { number, documents, now }) => {
                let participation = session.choose(number, time(now)).map_err(stays!(Active))?;
                if let Err(error) = participation.check_documents(&documents.0) {
                    return Err((error.into(), State::Active(participation.leave())));
                }
                (State::Participation(participation), Answer::Done)
            }
            (State::Participation(participation), Request::ActivateSelection) => {
                (State::Selection(participation.activate_selection()), Answer::Done)
            }
            (State::Selection(selection), Request::Select { choice }) => {
                let choice = if choice == 0 { Choice::Blank } else { Choice::List(choice) };
                let review = selection.select(choice).map_err(stays!(Selection))?;
                let name = review.list_name().map(|name| escaped(name).to_string());
                let sealed = review.seal(rng).map_err(|refused| {
                    (refused.error().into(), State::Selection(refused.into_state().back()))
                })?;
                let reference = sealed.reference();
                (State::Sealed(sealed), Answer::Sealed { name, reference })
            }
            (State::Participation(left), Request::Back) => (State::Active(left.leave()), Answer::Done),
            (State::Selection(left), Request::Back) => (State::Active(left.leave()), Answer::Done),
            (State::Sealed(left), Request::Back) => (State::Selection(left.back()), Answer::Done),
            (State::Challenging(left), Request::Back) => (State::Selection(left.back()), Answer::Done),
            (State::Sealed(sealed), Request::Cast { now }) => {
                let unsent = sealed.cast(time(now));
                let dossier = HexBytes(unsent.to_store().to_vec());
                (State::Unsent(unsent), Answer::Bytes(dossier))
            }
            (State::Unsent(unsent), Request::Stored) => {
                let casting = unsent.stored();
                let ballot = HexBytes(casting.ballot().to_vec());
                (State::Casting(casting), Answer::Bytes(ballot))
            }
            (State::Casting(casting), Request::Acknowledge { receipt, now }) => {
                let receipt = match Receipt::from_bytes(&receipt.0) {
                    Ok(receipt) => receipt,
                    Err(error) => return Err((error.into(), State::Casting(casting))),
                };
                let (session, acknowledged) = casting
                    .acknowledge(receipt, time(now), TOLERANCE)
                    .map_err(|refused| (refused.error().into(), State::Casting(refused.into_parts().0)))?;
                (State::Active(session), voted(&acknowledged))
            }
            (State::Casting(casting), Request::Refused) => (State::Active(casting.refused().0), Answer::Done),
            (State::Sealed(sealed), Request::Challenge) => {
                let challenging = sealed.challenge();
                let ballot = HexBytes(challenging.ballot().to_vec());
                (State::Challenging(challenging), Answer::Bytes(ballot))
            }
            // An opened ballot for the second device: as a text, and as a QR code, in which it follows the address of the
            // page that checks it. What follows `#` in an address is sent to no server.
            (State::Challenging(challenging), Request::Noted { address }) => {
                let (opened, selection) = challenging.noted();
                let opened = opened.expose_bytes();
                // In upper case a digit takes five and a half bits of the code.
                let text = Zeroizing::new(base16ct::upper::encode_string(&opened));
                let qr = qr::drawn(&Zeroizing::new(format!("{address}#{}", *text)));
                (State::Selection(selection), Answer::Opened { opened: HexBytes(opened.to_vec()), qr })
            }
            (_, Request::Close) => (State::Empty, Answer::Done),
            (state, _) => return Err((Refusal::new("page/order", "this does not belong here"), state)),
        })
    }
}

fn opened(voter: Vec<u8>, published: &[Fingerprint], contests: &[Given]) -> Result<VoterSession, Refusal> {
    let voter =
        VoterId::new(voter).ok_or_else(|| Refusal::new("page/voter", "a voter's id has 1 to 256 bytes"))?;
    let given = contests.iter().map(|Given { approved, opening, state }| {
        let contest = ApprovedContest::from_json(approved.as_bytes())?;
        Ok((contest, SignedOpening::from_bytes(&opening.0)?, VoterState::from_bytes(&state.0)?))
    });
    Ok(VoterSession::new(voter, published, given.collect::<Result<Vec<_>, Refusal>>()?)?)
}

fn standing(view: &ContestView, now: UnixTime) -> (&'static str, u64) {
    let (standing, at) = match view.state(now) {
        VoterState::NotYetOpen { opens_at } => ("not-yet-open", opens_at),
        VoterState::Open { closes_at, active: true } => ("active", closes_at),
        VoterState::Open { closes_at, active: false } => ("open", closes_at),
        VoterState::Voted { at } => ("voted", at),
        VoterState::Closed { closes_at } => ("closed", closes_at),
    };
    (standing, at.seconds())
}
