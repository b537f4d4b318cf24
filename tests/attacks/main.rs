//! Attacks, and that they fail. The name of each test begins with its row of this table; some stand as
//! unit tests beside the private code that they need.
//!
//! | row | attack | its tests |
//! |---|---|---|
//! | 1 | part of a statement not hashed | `fiat_shamir`; bind-everything tables in `src/ballot/tests.rs`, `src/activation.rs`, `src/signature.rs`, `src/decryption/tests.rs`, `src/ceremony/possession.rs`, `src/ceremony/complaint.rs` |
//! | 2 | ambiguous hashing | `src/hash.rs` |
//! | 3 | ballot moved to another contest, options reordered | `moved` |
//! | 4 | ballot copied | `copied` |
//! | 5 | invalid choice | `invalid_choice` |
//! | 6 | malleable bytes | `wire_forms`; `src/group.rs`, `src/ballot/tests.rs`; ceremony messages in `tests/ceremony.rs` |
//! | 7 | batch: errors that cancel, bad item anywhere | `src/ballot/tests.rs` |
//! | 8 | an RNG that repeats | `nonces`; `src/transcript.rs`, `src/ballot/tests.rs`, `src/ceremony/complaint.rs`, `tests/ceremony.rs` |
//! | 9 | trapdoored generators | `src/group.rs` |
//! | 10 | key ceremony | `tests/ceremony.rs`; `src/ceremony/tests.rs`, `src/ceremony/possession.rs` |
//! | 12 – 16 | in a published record: factors, endorsements, keys and approvals, sums, roll and closing | `false_records` |
//! | 17 | lax signatures of the box | `src/box_key.rs`, `false_records` |
//! | 19 | secrets shown | `src/ballot/tests.rs`, `tests/ceremony.rs` |
//! | 20 | hostile input: the record | `lax_json` |
#![cfg(feature = "serde")]
#![allow(non_snake_case)]

#[path = "../support/mod.rs"]
mod support;

mod copied;
mod false_records;
mod fiat_shamir;
mod invalid_choice;
mod lax_json;
mod moved;
mod nonces;
mod wire_forms;
