//! draft
#![no_std]
#![forbid(unsafe_code)]
#![allow(dead_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod audit;
pub mod ballot;
mod box_key;
pub mod closed_box;
mod code;
pub mod contest;
mod credential;
pub mod decryption;
pub mod group;
mod hash;
mod key;
mod labels;
mod parallel;
mod proof;
pub mod record;
pub mod roll;
mod signature;
pub mod tally;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod test_vectors;
mod time;
mod transcript;
mod wire;

pub mod ceremony {}

pub use ballot::BallotReference;
pub use box_key::{BoxPublicKey, BoxSecretKey};
pub use code::{VotingCode, VotingCodeError};
pub use credential::{Credential, PublicCredential};
pub use key::*;
pub use rand_core;
pub use signature::IdentitySecret;
pub use time::UnixTime;
