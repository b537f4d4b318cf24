//! Electoral roll and ballot box: random sequences of everything that can happen to them, against a model;
//! and the log from which a box is made again.

#[path = "../support/polling.rs"]
mod polling;

mod log;
mod model;
mod restart;
mod sequence;
mod signed_entries;
