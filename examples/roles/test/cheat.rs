//! A trustee of the test who has committed: it deals the trustee of `--seat` a bad share, under a proof that holds.

#![allow(dead_code, unused_imports, unused_macros)]
#[macro_use]
#[path = "../../tool.rs"]
mod tool;
#[path = "../../ceremony/cheat.rs"]
mod cheat;
#[path = "../src/desk.rs"]
mod desk;
#[path = "../src/sealed.rs"]
mod sealed;

fn main() -> std::process::ExitCode {
    tool::run("Error:", || {
        let desk = desk::Desk::of_command_line()?;
        let (board, memory) = (&desk.board.join(desk.name), sealed::Seal::open(&desk)?.1);
        let state = urne::bureau::Committed::from_bytes(&memory)?;
        let (state, honest) = state.reveal(&desk::all(board)?, &mut desk::rng())?.stored();
        let victim = urne::TrusteeIndex::new(desk.options.one("seat")?).ok_or("trustees count from 1")?;
        let bad = cheat::deal_a_bad_share(state.ceremony(), &memory, &honest, victim)?;
        desk::send_as(state.index(), board, &bad)
    })
}
