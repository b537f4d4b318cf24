//! A second implementation of the protocol, for tests only, that can be made to lie.
//!
//! It is written from the protocol's text with merlin, curve25519-dalek, ed25519-dalek and sha2, and
//! shares no code with the crate. What it makes honestly must pass; so a lie that is refused is refused
//! for the lie and not for a slip of the liar.

pub mod forger;
pub mod prover;
pub mod text;
