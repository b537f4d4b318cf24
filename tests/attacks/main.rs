//! Attacks, and that they fail. The name of each test begins with its row of this table; some stand as
//! unit tests beside the private code that they need.
//!
//! | row | attack | its tests |
//! |---|---|---|
//! | 1 | part of a statement not hashed | `row_1_fiat_shamir`; in a record, `false_records`; bind-everything tables in `src/ballot/tests.rs`, `src/credential/activation.rs`, `src/bureau/identity.rs`, `src/tally/factors/tests.rs`, `src/ballot_box/closing.rs`, `src/primitives/proof.rs`, `src/bureau/ceremony/possession.rs`, `src/bureau/ceremony/complaint.rs` |
//! | 2 | ambiguous hashing | `src/primitives/hash.rs` |
//! | 3 | ballot moved to another contest; lists, capacity, packing, grace, panels, quorum or issuer changed | `row_3_moved`; in a record, `false_records` |
//! | 4 | ballot copied | `row_4_copies`, `row_15_shards`, `row_4_copies_in_the_box`, `large_boxes`; in a record, `false_records` |
//! | 5 | invalid choice | `row_5_invalid_choice`; in a record, `false_records` |
//! | 6 | malleable bytes, forms mixed up | `row_6_wire_forms`, `tests/forms.rs`; `src/primitives/group.rs`, `src/ballot/tests.rs`, `src/ballot_box/signings.rs`, `src/ballot_box/receipt.rs`; ceremony messages in `tests/ceremony_forms.rs`; in a record, `false_records` |
//! | 7 | batch: errors that cancel, bad item anywhere, a flood | `src/ballot/tests/batch.rs`, `src/ballot/stream.rs`, `src/primitives/proof.rs`, `src/credential/activation.rs`, `large_boxes` |
//! | 8 | an RNG that repeats | `row_8_nonces`, `row_8_ceremony`; `src/primitives/transcript.rs`, `src/ballot/tests/secrets.rs`, `src/ballot_box/signings.rs`, `src/ballot_box/issuer/tests.rs`, `src/bureau/ceremony/complaint.rs` |
//! | 9 | trapdoored generators | `src/primitives/group.rs` |
//! | 10 | key ceremony | `row_10_ceremony`, `row_10_messages`, `row_10_complaints`; `tests/seat.rs`, `src/bureau/ceremony/tests.rs`, `src/bureau/ceremony/possession.rs` |
//! | 11 | threshold | `row_11_threshold`; `src/tally/opening/tests.rs` |
//! | 12 | false decryption factors | `row_12_factors`; `src/tally/factors/tests.rs`; in a record, `false_records`; `src/record/audit/tests.rs` |
//! | 13 | decryption too early, of a part, of two closings | `row_13_two_results`, `row_13_heads`; `src/tally/endorsement.rs`, `src/trustee/memory/tests.rs`, `src/trustee/ready.rs`; `compile_fail` examples of `Trustee::give_factors`; in a record, `false_records` |
//! | 14 | a key that the trustees did not make | `row_14_key_of_others`, `row_14_stored_keys`; `src/trustee/memory/tests.rs`, `tests/voter_session/`; in a record, `false_records` |
//! | 15 | partial sums and shards that overlap or leave gaps | `row_15_partial_sums`, `row_15_shards`; `src/ballot/sum.rs`; in a record, `false_records` |
//! | 16 | box, roll, server | `row_16_box`, `row_16_challenges`, `row_16_roll`, `row_16_server`, `row_16_trustee`; `src/ballot_box/issuer/tests.rs`, `src/ballot_box/opening.rs`, `src/ballot_box/receipt/head.rs`; `tests/ballot_box/log.rs`, `tests/ballot_box/restart.rs`, `tests/voter_session/`; in a record, `false_records` |
//! | 17 | lax signatures of box or issuer | `row_17_signatures`; `src/primitives/ed25519.rs`; both again in `.ci/lax_features`, where another crate of the build has made the dependencies lax; in a record, `false_records` |
//! | 18 | side channel on the choice | the crate in `constant_time/`, run by `.ci/constant_time` |
//! | 19 | secrets shown or left behind; text from outside that a terminal would obey or that would not be seen | `row_19_ceremony`, `row_19_hostile_text`, `src/primitives/text.rs`, `src/contest/names.rs`, `row_19_wiped`, `tests/left_behind.rs`; `src/primitives/secret.rs`, `src/ballot/challenge.rs`, `src/ballot/seal.rs`, `src/ballot/tests/secrets.rs`, `src/ballot_box/issue.rs`, `src/ballot_box/signings.rs`, `src/ballot_box/voter_id.rs`, `src/bureau/ceremony/committed.rs`, `src/bureau/ceremony/revealed.rs`, `src/bureau/ceremony/confirmed.rs`, `src/bureau/ceremony/seat.rs`, `src/primitives/ed25519.rs`, `src/primitives/transcript.rs`, `src/voter.rs`; `tests/voter_session/` |
//! | 20 | hostile input | `row_20_lax_json`, `tests/audit_memory.rs`, `row_15_shards`, `src/record/audit/tests.rs`; `tests/negative_vectors.rs`; `tests/ballot_box/log.rs`; `tests/corpus.rs` and the fuzzers in `fuzz/` |
//! | 21 | clash: one reference shown to two voters | `row_21_clash`; `src/ballot/challenge.rs` |
//! | 22 | restart from less than was stored | `row_22_trustee`, `row_22_issuer`, `row_22_voter`; `src/trustee/memory/tests.rs`, `src/ballot_box/issuer/memory/tests.rs`, `src/primitives/stored.rs`; of the ceremony, `tests/ceremony.rs`, `tests/seat.rs`; `tests/voter_session/`; of a box, `tests/ballot_box/restart.rs`, `tests/faults.rs`, `row_16_roll` |
#![cfg(feature = "serde")]
#![allow(non_snake_case)]

#[path = "../support/dealer.rs"]
mod dealer;
#[path = "../support/polling.rs"]
mod polling;
#[path = "../support/mod.rs"]
mod support;

// An audit in parts, which must say what the audit of the whole says.
mod by_shards;
// Not an attack: honest records, which must pass both audits.
mod crate_records;
mod false_records;
mod large_boxes;
mod row_10_ceremony;
mod row_10_complaints;
mod row_10_messages;
mod row_11_threshold;
mod row_12_factors;
mod row_13_heads;
mod row_13_two_results;
mod row_14_key_of_others;
mod row_14_stored_keys;
mod row_15_partial_sums;
mod row_15_shards;
mod row_16_box;
mod row_16_challenges;
mod row_16_roll;
mod row_16_server;
mod row_16_trustee;
mod row_17_signatures;
mod row_19_ceremony;
mod row_19_hostile_text;
mod row_19_wiped;
mod row_1_fiat_shamir;
mod row_20_lax_json;
mod row_21_clash;
mod row_22_issuer;
mod row_22_trustee;
mod row_22_voter;
mod row_3_moved;
mod row_4_copies;
mod row_4_copies_in_the_box;
mod row_5_invalid_choice;
mod row_6_wire_forms;
mod row_8_ceremony;
mod row_8_nonces;
