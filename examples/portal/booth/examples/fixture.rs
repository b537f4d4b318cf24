//! The boxes of an election for tests in another language: a request in JSON a line of standard input, an answer a line
//! of standard output.

use std::io::{BufRead, Write};

use support::BOOKLET;

#[path = "../../../../tests/common/mod.rs"]
mod common;
#[path = "../tests/support/mod.rs"]
mod support;

fn main() -> std::io::Result<()> {
    let mut server = support::Server::new();
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = server.ask(&serde_json::from_str(&line?)?);
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}
