//! The rows of the attack list that are tested through the public API.

#[path = "../support/polling.rs"]
mod polling;
mod row_16_box;
mod row_16_server;
mod row_4_copies_in_the_box;
