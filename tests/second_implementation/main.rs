//! The second implementation of the protocol, tested without the crate: it must agree with the values of
//! another implementation, accept what it makes honestly, and refuse what it bends in the right step.

#[path = "../support/mod.rs"]
mod support;

mod ballots;
mod ceremony;
mod records;
mod vectors;

use support::verifier::{audit, audit_closed};

/// A file of `tests/vectors`.
fn vector(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}
