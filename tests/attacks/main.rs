//! The rows of the attack list that are tested through the public API.

#[path = "../support/dealer.rs"]
mod dealer;
#[path = "../support/polling.rs"]
mod polling;
mod row_10_ceremony;
mod row_10_complaints;
mod row_16_box;
mod row_16_server;
mod row_19_ceremony;
mod row_4_copies_in_the_box;
mod row_8_ceremony;
