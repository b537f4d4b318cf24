//! A trustee of the test who has committed: it deals the trustee of `--seat` a bad share, under a proof that holds.

#![allow(dead_code, unused_macros)]
#[macro_use]
#[path = "../../tool.rs"]
mod tool;
#[path = "../../ceremony/cheat.rs"]
mod cheat;
#[path = "../src/desk.rs"]
mod desk;
#[path = "../src/folder.rs"]
mod folder;
#[path = "../src/sealed.rs"]
mod sealed;

fn main() -> std::process::ExitCode {
    tool::run("Error:", || {
        let desk = desk::Desk::of_command_line()?;
        let (board, rng) = (desk.board.folder(&desk.name), &mut desk::rng());
        let memory = sealed::Seal::open(&desk)?.read()?;
        let state = urne::bureau::Committed::from_bytes(&memory)?;
        let (state, honest) = state.reveal(&board.all()?, rng)?.stored();
        let victim = urne::TrusteeIndex::new(desk.options.one("seat")?).ok_or("trustees count from 1")?;
        board.put_of(state.index(), &cheat::deal_a_bad_share(state.ceremony(), &memory, &honest, victim)?)
    })
}
