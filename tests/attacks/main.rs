//! The rows of the attack list that are tested through the public API.

#[path = "../support/dealer.rs"]
mod dealer;
#[path = "../support/polling.rs"]
mod polling;
mod row_10_ceremony;
mod row_10_complaints;
mod row_11_threshold;
mod row_12_factors;
mod row_13_two_results;
mod row_14_key_of_others;
mod row_15_partial_sums;
mod row_16_box;
mod row_16_server;
mod row_17_signatures;
mod row_19_ceremony;
mod row_4_copies_in_the_box;
mod row_8_ceremony;
