//! Attacks, and that they fail. The name of each test begins with its row of this table; some stand as
//! unit tests beside the private code that they need.
//!
//! | row | attack | its tests |
//! |---|---|---|
//! | 1 | part of a statement not hashed | `row_1_fiat_shamir`; bind-everything tables in `src/ballot/tests.rs`, `src/activation.rs`, `src/signature.rs`, `src/decryption/tests.rs`, `src/bureau/ceremony/possession.rs`, `src/bureau/ceremony/complaint.rs` |
//! | 2 | ambiguous hashing | `src/hash.rs` |
//! | 3 | ballot moved to another contest, options reordered | `row_3_moved` |
//! | 4 | ballot copied | `row_4_copies`, `row_4_copies_in_the_box`, `large_boxes` |
//! | 5 | invalid choice | `row_5_invalid_choice` |
//! | 6 | malleable bytes | `row_6_wire_forms`; `src/group.rs`, `src/ballot/tests.rs`; ceremony messages in `tests/ceremony_forms.rs` |
//! | 7 | batch: errors that cancel, bad item anywhere | `src/ballot/tests.rs`, `src/ballot/stream.rs`, `large_boxes` |
//! | 8 | an RNG that repeats | `row_8_nonces`, `row_8_ceremony`; `src/transcript.rs`, `src/ballot/tests.rs`, `src/bureau/ceremony/complaint.rs` |
//! | 9 | trapdoored generators | `src/group.rs` |
//! | 10 | key ceremony | `row_10_ceremony`, `row_10_messages`, `row_10_complaints`; `src/bureau/ceremony/tests.rs`, `src/bureau/ceremony/possession.rs` |
//! | 11 | threshold | `row_11_threshold` |
//! | 12 | false decryption factors | `row_12_factors`; in a record, `false_records` |
//! | 13 | decryption too early, of a part, of two closings | `row_13_two_results`; `compile_fail` examples of `Trustee::decrypt` |
//! | 14 | a key that the trustees did not make | `row_14_key_of_others`, `row_14_stored_keys`; in a record, `false_records` |
//! | 15 | partial sums that overlap or leave gaps | `row_15_partial_sums` |
//! | 16 | box, roll, server | `row_16_box`, `row_16_challenges`, `row_16_roll`, `row_16_server`; `src/ballot_box/issuer/tests.rs`, `src/ballot_box/opening.rs`, `src/ballot_box/receipt/head.rs`, `tests/ballot_box/log.rs`; in a record, `false_records` |
//! | 17 | lax signatures of box or issuer | `row_17_signatures`; `src/primitives/ed25519.rs`; in a record, `false_records` |
//! | 18 | side channel on the choice | the crate in `constant_time/`, run by `.ci/constant_time` |
//! | 19 | secrets shown or left behind | `row_19_ceremony`, `row_19_wiped`; `src/ballot/tests.rs`, `src/ballot/seal.rs`, `src/box_key.rs`, `src/bureau/ceremony/committed.rs`, `src/bureau/ceremony/revealed.rs`, `src/bureau/ceremony/confirmed.rs`, `src/transcript.rs`, `src/voter.rs`; `tests/voter_session.rs` |
//! | 20 | hostile input | `row_20_lax_json`; `tests/negative_vectors.rs`; `tests/corpus.rs` and the fuzzers in `fuzz/` |
#![cfg(feature = "serde")]
#![allow(non_snake_case)]

#[path = "../support/dealer.rs"]
mod dealer;
#[path = "../support/polling.rs"]
mod polling;
#[path = "../support/mod.rs"]
mod support;

mod false_records;
mod large_boxes;
mod row_10_ceremony;
mod row_10_complaints;
mod row_10_messages;
mod row_11_threshold;
mod row_12_factors;
mod row_13_two_results;
mod row_14_key_of_others;
mod row_14_stored_keys;
mod row_15_partial_sums;
mod row_16_box;
mod row_16_challenges;
mod row_16_roll;
mod row_16_server;
mod row_17_signatures;
mod row_19_ceremony;
mod row_19_wiped;
mod row_1_fiat_shamir;
mod row_20_lax_json;
mod row_3_moved;
mod row_4_copies;
mod row_4_copies_in_the_box;
mod row_5_invalid_choice;
mod row_6_wire_forms;
mod row_8_ceremony;
mod row_8_nonces;
