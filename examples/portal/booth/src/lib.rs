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
mod qr;
mod request;
mod session;
#[cfg(target_arch = "wasm32")]
mod wasm;

use forms::{Refusal, written};
use request::{Answer, Request};
use session::State;
use urne::rand_core::CryptoRng;

/// By how many seconds the clocks of device and box may differ.
const TOLERANCE: u64 = 300;

/// A booth, with at most one voter in it.
#[derive(Default)]
pub struct Booth(State);

impl Booth {
    /// Answers a request: `{"Ok": …}`, or `{"Err": {"code": …, "text": …}}`.
    pub fn call(&mut self, request: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
        let request = serde_json::from_slice(request).map_err(|error| Refusal::request(&error));
        written(&request.and_then(|request| self.answer(request, rng)))
    }

    fn answer(&mut self, request: Request<'_>, rng: &mut dyn CryptoRng) -> Result<Answer, Refusal> {
        match request {
            Request::Earlier(kept) => kept.earlier(),
            Request::AcknowledgeEarlier { kept, receipt, now } => kept.acknowledge(&receipt.0, now),
            request => {
                let step = std::mem::take(&mut self.0).step(request, rng);
                let (state, answer) = match step {
                    Ok((state, answer)) => (state, Ok(answer)),
                    Err((refusal, state)) => (state, Err(refusal)),
                };
                self.0 = state;
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
