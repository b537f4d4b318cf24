//! The checker: what voters and observers check in a page of their own browser, also of another device.
//!
//! The page gives requests in JSON, and a record, where one is needed, as a file that is read here piece by piece. Nothing
//! is sent anywhere. It keeps nothing from one request to the next.

#![deny(unsafe_code)]

#[macro_use]
#[path = "../../booth/src/forms.rs"]
mod forms;
mod audit;
mod ballot;
#[cfg(target_arch = "wasm32")]
mod host;
#[cfg(target_arch = "wasm32")]
#[path = "../../booth/src/wasm.rs"]
mod wasm;

use std::io::Read;

use forms::{Refusal, written};
use serde::Deserialize;

/// What the page asks for, in JSON: `{"audit": {"expected": null, "seats": 15}}`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Request<'a> {
    /// The audit of a record.
    Audit(audit::Audit),
    /// The ballot of a code in a record.
    Code(#[serde(borrow)] ballot::Code<'a>),
    /// The ballot of a deposit proof, a receipt or a dossier in a record.
    File(ballot::File),
    /// A ballot that its voter opened.
    Challenge(#[serde(borrow)] ballot::Challenge<'a>),
    /// What a form shows of a contest.
    Contest(ballot::Approved),
}

/// Answers a request: `{"Ok": …}`, or `{"Err": {"code": …, "text": …}}`. `record` is the record at hand, and `progress`
/// is told how many of its ballots are verified.
pub fn call(request: &[u8], record: &mut dyn Read, progress: &mut dyn FnMut(usize)) -> Vec<u8> {
    match serde_json::from_slice(request) {
        Err(error) => written(&Err::<(), _>(Refusal::request(&error))),
        Ok(Request::Audit(of)) => written(&of.answer(record, progress)),
        Ok(Request::Code(of)) => written(&of.answer(record)),
        Ok(Request::File(of)) => written(&of.answer(record)),
        Ok(Request::Challenge(of)) => written(&of.answer()),
        Ok(Request::Contest(of)) => written(&of.answer()),
    }
}

#[cfg(target_arch = "wasm32")]
fn answer(request: &[u8]) -> Vec<u8> {
    call(request, &mut host::Record, &mut |ballots| host::progress(ballots))
}
