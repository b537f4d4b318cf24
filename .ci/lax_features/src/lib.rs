//! Nothing: what counts is what the features in `Cargo.toml` make of the crates beside it.
