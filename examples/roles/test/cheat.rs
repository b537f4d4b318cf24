//! A trustee of the test who has committed: it deals the trustee of `--seat` a bad share, under a proof that holds.

#![allow(dead_code, unused_macros)]
#[macro_use]
#[path = "../../tool.rs"]
mod tool;
#[path = "../../ceremony/cheat.rs"]
mod cheat;
#[path = "../src/desk.rs"]
mod desk;
#[path = "../src/sealed.rs"]
mod sealed;

use std::process::ExitCode;

use urne::TrusteeIndex;
use urne::bureau::{Commitment, Committed};

fn main() -> ExitCode {
    tool::run("Error:", || {
        let desk = desk::Desk::of_command_line()?;
        let (board, rng) = (desk.board(desk.one::<String>("name")?), &mut desk::rng());
        let memory = sealed::Seal::open(&desk)?.read()?;
        let state = Committed::from_bytes(&memory)?;
        let commitments = desk::all(&board, ".commitment", Commitment::from_bytes)?;
        let (state, honest) = state.reveal(&commitments, rng)?.stored();
        let victim = TrusteeIndex::new(desk.one("seat")?).ok_or("trustees count from 1")?;
        let reveal = cheat::deal_a_bad_share(state.ceremony(), &memory, &honest, victim)?;
        Ok(desk::put(board.join(format!("{}.reveal", state.index())), reveal.to_bytes())?)
    })
}
