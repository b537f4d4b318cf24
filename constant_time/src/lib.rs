//! What the two checks share. See the README beside this crate's manifest.

pub mod election;
pub mod memory;
