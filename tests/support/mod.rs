//! A second implementation of the protocol, for tests only, that can be made to lie.
//!
//! It is written from the protocol's text with merlin, curve25519-dalek, ed25519-dalek, sha2 and
//! serde_json, and shares no code with the crate. What it makes honestly must pass; so a lie that is
//! refused is refused for the lie and not for a slip of the liar.
//!
//! - [`text`]: encodings, hashes, transcripts, generators, signatures
//! - [`ceremony`]: what trustees deal, and what is checked of it
//! - [`code`]: voting codes and the credentials that come from them
//! - [`parts`], [`prover`]: ballots, honest and not, and the two equations
//! - [`forgeries`]: ballots that are no votes, and what they would pass
//! - [`shape`], [`forger`], [`digests`]: whole records, and what in them is signed
//! - [`fields`]: every way to change one thing in a record
//! - [`verifier`]: an audit of a record, from its bytes alone
// Every test uses its own part of this.
#![allow(dead_code, unused_imports, non_snake_case)]

pub mod ceremony;
pub mod code;
pub mod digests;
pub mod fields;
pub mod forger;
pub mod forgeries;
pub mod parts;
pub mod prover;
pub mod shape;
pub mod text;
pub mod verifier;
