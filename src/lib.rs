//! **urne**: the ballot box that counts without being opened.
//!
//! A library for verifiable electronic voting. A ballot is sealed on the voter's side with ElGamal on
//! ristretto255 and carries a short zero-knowledge proof that it holds exactly one list or blank, made
//! by the holder of a credential. Sealed ballots are added up while they are sealed, a threshold of
//! trustees opens only the total, and anyone can check all of it from one record.
//!
//! The library is pure: no I/O, no clock, no entropy of its own, `no_std` with `alloc`, no `unsafe`.
//!
//! # Where to find what
//!
//! | noun | room | what it does |
//! |---|---|---|
//! | key ceremony | [`ceremony`] | trustees make the election key together; no dealer |
//! | trustee | [`Trustee`], [`TrusteeKey`] | approves a contest, endorses one closing, decrypts |
//! | contest | [`contest`] | what is voted on; fingerprint and approvals |
//! | voting code, credential | [`VotingCode`], [`Credential`] | what a voter holds |
//! | ballot | [`ballot`] | sealing, reference, challenge, proof, batch verification |
//! | electoral roll | [`electoral_roll`], [`roll`] | who may vote; what of it is published |
//! | ballot box | [`ballot_box`], [`closed_box`] | activation, deposit, reissue, rebuild; the closing |
//! | proofs to the voter | [`receipt`] | acknowledgement, émargement, deposit proof |
//! | voter's session | [`voter`] | from the list of contests to the acknowledgement, as types |
//! | tally | [`tally`], [`decryption`] | partial sums; factors, opening, result |
//! | record, audit | [`record`], [`audit`] | everything published; nine steps that check it |
//! | group | [`group`] | discrete logarithms of totals |
//! | protocol | [`protocol`] | the specification, byte for byte |
//!
//! A ballot's way is one way: bytes → [`Ballot`] → [`VerifiedBallot`] → [`PartialSum`](tally::PartialSum)
//! → [`ElectionResult`]. Each step is a type that only the step before can make.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `serde` | yes | the record as strict JSON; `Serialize` and `Deserialize` for public messages |
//! | `parallel` | no | verification and tally over all cores, with rayon (needs `std`) |
//!
//! # Randomness
//!
//! Whatever draws secrets takes an RNG as its last argument ([`rand_core`] is re-exported), and hedges:
//! secrets depend on the statement and the witness too, so an RNG that repeats itself does not repeat a
//! nonce on another statement.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(missing_debug_implementations, unreachable_pub)]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod bureau;
pub mod contest;
pub mod credential;
pub mod primitives;
// ROOMS-BELOW-ARE-DONE

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod test_vectors;

#[doc = include_str!("protocol.md")]
pub mod protocol {}

pub use bureau::{
    Bureau, ElectionKey, IdentityKey, IdentitySecret, Panel, PanelIndex, TrusteeIndex, TrusteeKey,
};
pub use contest::{ApprovedContest, Contest, Fingerprint};
pub use credential::{Activation, ActivationNonce, Credential, PublicCredential, VotingCode};
#[cfg(urne_constant_time)]
#[doc(hidden)]
pub use primitives::declassify::hook as declassify_hook;
pub use primitives::{DecodeError, Proof, Signature, SigningKey, UnixTime, VerifyingKey};
pub use rand_core;

/// The code of the README, which must run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
