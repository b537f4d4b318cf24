//! draft
#![no_std]
#![forbid(unsafe_code)]
#![allow(dead_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod box_key;
pub mod group;
mod hash;
mod key;
mod labels;
mod proof;
mod signature;
#[cfg(test)]
mod test_vectors;
mod transcript;
mod trustee_key;
mod wire;
pub use key::*;
pub use proof::Proof;
pub use rand_core;
pub use signature::IdentitySecret;
pub use trustee_key::{TrusteeKey, TrusteeKeyError};
pub use wire::DecodeError;
pub mod contest {
    pub struct Approval;
}
pub mod ceremony;
