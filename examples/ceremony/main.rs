//! The key ceremony alone, of the bureau that French law asks for: the president or the secretary, and two of
//! five delegates. In a first one, trustee 4 deals trustee 6 a share that does not fit its commitment: trustee 6
//! complains, whoever looks on settles the complaint from itself alone, and trustee 4 is named. Nothing of that
//! ceremony is used. The second one, with new identity keys and without the culprit's trick, gives the key,
//! although somebody puts forged messages on the board.
//!
//! ```text
//! cargo run --release --example ceremony
//! ```

#[macro_use]
#[path = "../tool.rs"]
mod tool;
mod cheat;

use std::error::Error;
use std::process::ExitCode;

use urne::bureau::{Board, Ceremony, Seat, Step};
use urne::rand_core::{CryptoRng, UnwrapErr};
use urne::{Bureau, ElectionKey, IdentitySecret, Panel, Trustee, TrusteeIndex};

type Failure = Box<dyn Error>;

/// Two lists share a slot: enough for a contest of twelve.
const SLOTS: u8 = 6;
const CHEAT: u8 = 4;
const VICTIM: u8 = 6;

const USAGE: &str = "\
A key ceremony of two panels: one with a cheat, who is named, and one that gives the key.

    ceremony
";

fn main() -> ExitCode {
    tool::run("Error:", || {
        tool::Line::read(USAGE, 0)?;
        run(&mut UnwrapErr(getrandom::SysRng))
    })
}

fn run(rng: &mut impl CryptoRng) -> Result<(), Failure> {
    println!("Staged in one process: all seven trustees, and the one who cheats.\n");
    println!("First ceremony: president and secretary (1 of 2), delegates (2 of 5); trustee {CHEAT} cheats");
    let culprit = with_a_cheat(rng)?;
    println!("  trustee {culprit} is to blame; nothing of this ceremony is used\n");

    println!("Second ceremony: new identity keys, and every trustee honest");
    let key = honest(rng)?;
    println!("  the key:");
    for (panel, (of, points)) in (1..).zip(key.bureau().panels().iter().zip(key.to_encodings())) {
        println!("    panel {panel}, {} of {}", of.threshold, of.trustees.len());
        for (slot, points) in (1..).zip(points) {
            println!("      slot {slot}  {}", hex(points.first().ok_or("a slot without a key")?));
        }
    }
    Ok(())
}

/// A seat with a new identity key for every trustee, and the ceremony of their bureau.
fn assemble(label: &str, rng: &mut impl CryptoRng) -> Result<(Ceremony, Vec<Seat>), Failure> {
    let numbers = (1..=7).filter_map(TrusteeIndex::new);
    let seats = numbers.map(|number| Seat::new(label, number, IdentitySecret::generate(rng)));
    let seats = seats.collect::<Result<Vec<_>, _>>()?;
    let mut keys = seats.iter().map(Seat::identity);
    let bureau = Bureau::new(vec![
        Panel { threshold: 1, trustees: keys.by_ref().take(2).collect() },
        Panel { threshold: 2, trustees: keys.collect() },
    ])?;
    let ceremony = Ceremony::new(label, SLOTS, bureau)?;
    println!("  ceremony {}, which the trustees compare by telephone", ceremony.digest());
    Ok((ceremony, seats))
}

/// Each of these trustees takes a step with the same board, and stores its seat before what it says is put there.
fn step(
    ceremony: &Ceremony,
    seats: Vec<Seat>,
    board: &mut Board,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Seat>, Failure> {
    let before = board.clone();
    let mut after = Vec::new();
    for seat in seats {
        let Step::Said(unsent) = seat.next(ceremony, &before, rng)? else {
            return Err("a key before its time".into());
        };
        after.push(Seat::from_bytes(unsent.to_store())?);
        let (_, said) = unsent.stored();
        board.add(said);
    }
    Ok(after)
}

/// Runs a ceremony to the complaint that ends it, and gives who is to blame.
fn with_a_cheat(rng: &mut impl CryptoRng) -> Result<TrusteeIndex, Failure> {
    let (ceremony, seats) = assemble("council, first ceremony", rng)?;
    let mut board = Board::default();
    let seats = step(&ceremony, seats, &mut board, rng)?;
    println!("  {} commitments on the board", board.commitments.len());

    let [cheat, victim] = [CHEAT, VICTIM].map(TrusteeIndex::new);
    let (cheat, victim) = cheat.zip(victim).ok_or("trustees count from 1")?;
    let own_seat = seats.iter().find(|seat| seat.index() == cheat).ok_or("nobody cheats")?.to_bytes();
    let mut seats = step(&ceremony, seats, &mut board, rng)?;
    for reveal in board.reveals.iter_mut().filter(|reveal| reveal.trustee() == cheat) {
        *reveal = cheat::deal_a_bad_share(&ceremony, &own_seat, reveal, victim)?;
    }
    println!("  {} reveals on the board, each with its proof of possession", board.reveals.len());

    // Every trustee but the cheat checks its shares, and complains if it must.
    seats.retain(|seat| seat.index() != cheat);
    step(&ceremony, seats, &mut board, rng)?;
    let complaint = board.complaints.first().ok_or("nobody has noticed the bad share")?;
    println!(
        "  trustee {} complains about trustee {} and opens the shares it was sealed",
        complaint.complainant(),
        complaint.dealer()
    );

    // Anyone settles it. All that it takes has come with the complaint.
    let culprit = ceremony.settle(complaint)?;
    match ceremony.conclude(&board.commitments, &board.reveals, &board.complaints, &board.confirmations) {
        Err(error) => println!("  the ceremony ends: {error}"),
        Ok(_) => return Err("the ceremony went on after a complaint".into()),
    }
    Ok(culprit)
}

/// Runs a ceremony to its end. What each trustee has at each step is read back from its stored form.
fn honest(rng: &mut impl CryptoRng) -> Result<ElectionKey, Failure> {
    let (ceremony, seats) = assemble("council, second ceremony", rng)?;
    let mut board = Board::default();
    let seats = step(&ceremony, seats, &mut board, rng)?;
    let forged = cheat::in_the_name_of_another(&board.commitments)?;
    board.commitments.insert(0, forged);
    let seats = step(&ceremony, seats, &mut board, rng)?;
    let seats = step(&ceremony, seats, &mut board, rng)?;
    println!("  a forged commitment beside the good ones has stopped nothing");

    let Board { commitments, reveals, complaints, confirmations } = &board;
    let key = ceremony.conclude(commitments, reveals, complaints, confirmations)?;
    for seat in seats {
        let Step::Key(of_trustee) = seat.next(&ceremony, &board, rng)? else {
            return Err("a trustee without a key".into());
        };
        let stored = Trustee::after_ceremony(of_trustee).to_bytes();
        let trustee = Trustee::from_bytes(&stored)?;
        if *trustee.key().election_key() != key {
            return Err("a trustee has confirmed another key".into());
        }
    }
    println!("  all {} trustees have confirmed one key of {} slots", key.bureau().trustees(), key.slots());
    Ok(key)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
