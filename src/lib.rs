//! **urne**: the ballot box that counts without being opened.
//!
//! A library for verifiable electronic voting. A ballot is sealed on the voter's side with ElGamal on
//! ristretto255 and carries a short zero-knowledge proof that it holds exactly one list or blank, made
//! by the holder of a credential. Sealed ballots are added up while they are sealed, a threshold of
//! trustees opens only the total, and anyone can check all of it from one record.
//!
//! **No third party has audited it yet.** As long as that is so and the version is 0.x, take no vote with it on which more
//! depends than on a show of hands.
//!
//! The library is pure: no I/O, no clock, no entropy of its own, `no_std` with `alloc`, no `unsafe`.
//!
//! # The rooms, in the order of an election
//!
//! | room | what happens there | first nouns |
//! |---|---|---|
//! | [`bureau`] | trustees in panels make the election key together; no dealer | [`Bureau`], [`bureau::Ceremony`], [`TrusteeKey`] |
//! | [`contest`] | what is voted on, under which key, and who approved it | [`Contest`], [`ApprovedContest`], [`Fingerprint`] |
//! | [`credential`] | voters get codes, and a credential in each contest | [`VotingCode`], [`Credential`] |
//! | [`ballot`] | ballots are sealed, verified, challenged and added up | [`SealedBallot`], [`Ballot`], [`VerifiedBallot`] |
//! | [`ballot_box`] | codes are issued; the box opens, takes ballots, gives proofs, and closes | [`Issuer`], [`BallotBox`], [`ClosedBox`] |
//! | [`tally`] | closings are endorsed, and the total is opened | [`tally::Endorsement`], [`OpenedTally`], [`ElectionResult`] |
//! | [`trustee`] | what a trustee remembers and does until then | [`Trustee`] |
//! | [`record`] | everything is published, and audited in nine steps | [`Record`], [`AuditReport`] |
//! | [`voter`] | all of it from the voter's side, as a session | [`VoterSession`] |
//! | [`primitives`] | the cellar: group, hashes, proofs, forms | [`UnixTime`], [`SigningKey`] |
//!
//! Each knows only those before it. The specification, byte for byte, is [`protocol`]; what each role stores, checks and
//! deletes is [`running`]; which rule of the law and which attack is met by what is [`requirements`].
//!
//! A ballot's way is one way: bytes → [`Ballot`] → [`VerifiedBallot`] → [`PartialSum`](ballot::PartialSum)
//! → [`SealedTally`](ballot::SealedTally) → [`OpenedTally`] → [`ElectionResult`]. What was verified only verification makes:
//! [`VerifiedBallot`], [`ClosedBox`] and [`OpenedTally`] have no form. A partial sum has, and is as good as who wrote it.
//!
//! A whole election in a hundred lines is in the README; `examples/` has it as programs, and `examples/roles`, `portal` and
//! `cluster` as what applications look like.
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
//! Whatever draws secrets takes an RNG as its last argument ([`rand_core`] is re-exported). Signatures, proofs and ballots
//! hedge: their nonces depend on statement and witness too, so an RNG that repeats itself does not repeat a nonce on another
//! statement; so do codes that an issuer draws. What `generate` gives has nothing to hedge with, and is as good as the RNG.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
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

pub mod ballot;
pub mod ballot_box;
pub mod bureau;
pub mod contest;
pub mod credential;
pub mod primitives;
pub mod record;
pub mod tally;
pub mod trustee;
pub mod voter;

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod test_vectors;

#[doc = include_str!("protocol.md")]
pub mod protocol {}

#[doc = include_str!("running.md")]
pub mod running {}

#[doc = include_str!("requirements.md")]
pub mod requirements {}

pub use ballot::{Ballot, BallotReference, Choice, SealedBallot, VerifiedBallot};
pub use ballot_box::{BallotBox, ClosedBox, ElectoralRoll, Issuer, Receipt, Roll, VoterId};
pub use bureau::{
    Bureau, ElectionKey, IdentityKey, IdentitySecret, Panel, PanelIndex, TrusteeIndex, TrusteeKey,
};
pub use contest::{ApprovedContest, Contest, Fingerprint};
pub use credential::{Activation, ActivationNonce, Credential, PublicCredential, VotingCode};
#[cfg(urne_constant_time)]
#[doc(hidden)]
pub use primitives::declassify::hook as declassify_hook;
pub use primitives::{DecodeError, Form, Proof, Signature, SigningKey, UnixTime, Unsent, VerifyingKey};
pub use rand_core;
pub use record::{AuditReport, ClosedRecord, Record};
pub use tally::{ElectionResult, OpenedTally};
pub use trustee::Trustee;
pub use voter::VoterSession;

/// The code of the README, which must run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
