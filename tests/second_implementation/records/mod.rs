//! Whole records, honest and bent. They are audited by what the test that has this module calls `audit`
//! and `audit_closed`.

mod bent;
mod range;
mod strict_json;
