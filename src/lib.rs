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
mod wire;
pub use key::*;
pub mod contest {
    pub struct Approval;
}
pub mod ceremony {}
