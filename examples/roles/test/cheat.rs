//! A trustee of the test who has committed: it deals the trustee of `--seat` a bad share, under a proof that holds.

#![allow(dead_code, unused_imports, unused_macros)]
#[macro_use]
#[path = "../../tool.rs"]
mod tool;
#[path = "../../ceremony/cheat.rs"]
mod cheat;
#[path = "../src/desk.rs"]
mod desk;
#[path = "../src/post.rs"]
mod post;
#[path = "../src/sealed.rs"]
mod sealed;

use urne::bureau::{Committed, Seat};

fn main() -> std::process::ExitCode {
    tool::run("Error:", || {
        let desk = desk::Desk::of_command_line()?;
        let (board, memory) = (&desk.board.join(desk.name), sealed::Seal::open(&desk)?.1);
        // A part of the seat's form, between what it is for and its complaints, of which there are none.
        let before = 2 + 8 + Seat::from_bytes(&memory)?.label().len() + 1 + 8;
        let secrets = &memory[before..memory.len() - 8 - 32];
        let state = Committed::from_bytes(secrets)?;
        let (state, honest) = state.reveal(&post::all(board)?, &mut desk::rng())?.stored();
        let victim = urne::TrusteeIndex::new(desk.options.one("seat")?).ok_or("trustees count from 1")?;
        let bad = cheat::deal_a_bad_share(state.ceremony(), secrets, &honest, victim)?;
        post::send_as(state.index(), board, &bad)
    })
}
