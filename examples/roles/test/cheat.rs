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

use urne::bureau::{Board, Ceremony, Said, Seat, Step};

fn main() -> std::process::ExitCode {
    tool::run("Error:", || {
        let desk = desk::Desk::of_command_line()?;
        let (board, memory) = (&desk.ceremony()?, sealed::Seal::open(&desk)?.1);
        let (ceremony, commitments): (Ceremony, _) = (post::get(board)?, post::all(board)?);
        let seen = Board { commitments, ..Board::default() };
        let Step::Said(step) = Seat::from_bytes(&memory)?.next(&ceremony, &seen, &mut desk::rng())? else {
            return Err("the ceremony is over".into());
        };
        let (seat, Said::Reveal(honest)) = step.stored() else { return Err("no reveal is to come".into()) };
        let victim = urne::TrusteeIndex::new(desk.options.one("seat")?).ok_or("trustees count from 1")?;
        let bad = cheat::deal_a_bad_share(&ceremony, &memory, &honest, victim)?;
        post::send_as(seat.index(), board, &bad)
    })
}
