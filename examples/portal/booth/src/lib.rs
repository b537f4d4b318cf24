//! The voting booth: a voter's session, for a page of a browser.
//!
//! The page gives requests in JSON and gets answers in JSON, bytes of the library's forms in hex. All that is secret
//! stays on this side: the code until the credentials are made from it, the credentials, the choice and the nonces are
//! never in an answer, but for a ballot that the voter opens to a second device.
//!
//! The session's states are those of [`urne::VoterSession`], and a request that does not belong to the state at hand is
//! refused and changes nothing. The page fetches, stores and shows; what it fetched is checked here.

#![deny(unsafe_code)]

mod dossier;
mod forms;
#[cfg(target_arch = "wasm32")]
mod host;
mod json;
mod qr;
mod request;
mod session;
#[cfg(target_arch = "wasm32")]
mod wasm;

use forms::{Refusal, written};
use json::Json;
use request::Request;
use session::State;
use urne::rand_core::CryptoRng;
use urne::voter::Resumed;

/// By how many seconds the clocks of device and box may differ.
const TOLERANCE: u64 = 300;

/// A booth, with at most one voter in it.
#[derive(Default)]
pub struct Booth {
    state: State,
    /// A vote of an earlier session of which no answer came.
    resumed: Option<Resumed>,
}

impl Booth {
    /// Answers a request: `{"ok": …}`, or `{"error": {"code": …, "text": …}}`.
    pub fn call(&mut self, request: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
        let answer = serde_json::from_slice(request).map_err(|error| Refusal::request(&error));
        written(answer.and_then(|request| self.answer(request, rng)))
    }

    fn answer(&mut self, request: Request<'_>, rng: &mut dyn CryptoRng) -> Result<Json, Refusal> {
        match request {
            Request::Resume(of) => dossier::resume(&mut self.resumed, of),
            Request::AcknowledgeResumed(of) => dossier::acknowledge(&mut self.resumed, of),
            Request::Proof(of) => dossier::proof(of),
            request => {
                let (state, answer) = std::mem::take(&mut self.state).step(request, rng);
                self.state = state;
                answer
            }
        }
    }
}

#[cfg(target_arch = "wasm32")]
thread_local! {
    /// The one booth of a page.
    static BOOTH: std::cell::RefCell<Booth> = std::cell::RefCell::default();
}

#[cfg(target_arch = "wasm32")]
fn answer(request: &[u8]) -> Vec<u8> {
    BOOTH.with_borrow_mut(|booth| booth.call(request, &mut host::Host))
}
