//! What the browser gives: random bytes.
#![allow(unsafe_code)]

use std::convert::Infallible;

use urne::rand_core::utils::next_word_via_fill;
use urne::rand_core::{TryCryptoRng, TryRng};

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Fills memory with random bytes.
    safe fn fill(to: *mut u8, len: usize);
}

/// The browser.
pub(crate) struct Host;

impl TryRng for Host {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        fill(to.as_mut_ptr(), to.len());
        Ok(())
    }
}

impl TryCryptoRng for Host {}
