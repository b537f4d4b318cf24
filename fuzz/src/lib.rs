//! Fuzz targets of urne. Their bodies are shared with `tests/corpus.rs`.

#[path = "../../tests/fixture/mod.rs"]
pub mod fixture;
pub mod targets;
