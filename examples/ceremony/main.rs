//! The key ceremony alone. In a first one, trustee 3 deals trustee 5 a share that does not fit its
//! commitment: trustee 5 complains, whoever looks on settles the complaint, and trustee 3 is named. Nothing
//! of that ceremony is used. The second one, with new identity keys and without the culprit's trick, gives
//! the key.
//!
//! ```text
//! cargo run --release --example ceremony
//! cargo run --release --example ceremony -- --trustees 13 --threshold 7 --slots 12
//! ```

mod cheat;
#[path = "../common/mod.rs"]
mod common;

use std::process::ExitCode;

use clap::Parser;
use common::{Board, Failure, rng};
use rand_chacha::ChaCha20Rng;
use urne::ceremony::{Ceremony, CeremonyError, Complaint, Reveal, Revealed};
use urne::{IdentitySecret, Threshold, TrusteeIndex};

/// A key ceremony with a trustee that cheats and is named, then one that succeeds.
#[derive(Parser)]
struct Arguments {
    /// How many trustees hold the key.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u8).range(5..))]
    trustees: u8,
    /// How many trustees open a tally.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    threshold: u8,
    /// How many lists a contest may have with this key.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u8).range(1..))]
    slots: u8,
    /// Makes the run repeatable. For tests: whoever knows the seed knows every secret.
    #[arg(long)]
    seed: Option<u64>,
}

const CHEAT: u8 = 3;
const VICTIM: u8 = 5;

fn main() -> ExitCode {
    common::exit(run(Arguments::parse()))
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut rng = rng(arguments.seed)?;
    let threshold = Threshold::new(arguments.threshold, arguments.trustees)?;
    let (n, t, m) = (arguments.trustees, arguments.threshold, arguments.slots);

    println!("First ceremony: {n} trustees, any {t} open a tally, {m} slots; trustee {CHEAT} cheats");
    let culprit = with_a_cheat(threshold, m, &mut rng)?;
    println!("  Trustee {culprit} is to blame. Nothing of this ceremony is used.\n");

    println!("Second ceremony: new identity keys, and everyone honest");
    let (key, trustees) = common::run_ceremony("council, second ceremony", threshold, m, &mut rng)?;
    println!("  {} trustees have confirmed one key of {} slots:", trustees.len(), key.slots());
    for (slot, points) in (1..).zip(key.to_encodings()) {
        println!("  H_{slot:<3} {}", hex(points.first().ok_or("a slot without a key")?));
    }
    Ok(())
}

/// Runs a ceremony to the complaint that ends it, and gives who is to blame.
fn with_a_cheat(threshold: Threshold, slots: u8, rng: &mut ChaCha20Rng) -> Result<TrusteeIndex, Failure> {
    let secrets: Vec<_> = threshold.indices().map(|_| IdentitySecret::generate(rng)).collect();
    let identities = secrets.iter().map(IdentitySecret::public).collect();
    let ceremony = Ceremony::new("council, first ceremony", threshold, slots, identities)?;
    println!("  ceremony {}, which the trustees compare by telephone", ceremony.digest());

    let mut board = Board { commitments: Vec::new(), reveals: Vec::new(), confirmations: Vec::new() };
    let mut committed = Vec::new();
    for secret in secrets {
        let (state, message) = ceremony.join(secret, rng)?;
        committed.push(state);
        board.commitments.push(message);
    }
    println!("  {} commitments on the board", board.commitments.len());

    let victim = TrusteeIndex::new(VICTIM).ok_or("trustees count from 1")?;
    let mut revealed = Vec::new();
    for state in committed {
        let own_secrets = state.expose_bytes();
        let (state, mut message) = state.reveal(&board.commitments, rng)?;
        if state.index().get() == CHEAT {
            message = cheat::deal_a_bad_share(&ceremony, &own_secrets, &message, victim)?;
        }
        revealed.push(state);
        board.reveals.push(message);
    }
    println!("  {} reveals on the board, each with its proof of possession", board.reveals.len());

    let complaints = complaints(revealed, &board.reveals, rng)?;
    let complaint = complaints.first().ok_or("nobody has noticed the bad share")?;
    println!(
        "  trustee {} complains about trustee {} and opens the share it was sealed",
        complaint.complainant(),
        complaint.dealer()
    );

    // Anyone settles it, from what stands on the board.
    let reveal = board.reveals.iter().find(|reveal| reveal.trustee() == complaint.dealer());
    let culprit = ceremony.settle(reveal.ok_or("a complaint about nobody")?, complaint)?;
    match ceremony.conclude(&board.commitments, &board.reveals, &complaints, &[]) {
        Err(error) => println!("  the ceremony ends: {error}"),
        Ok(_) => return Err("the ceremony went on after a complaint".into()),
    }
    Ok(culprit)
}

/// Every trustee but the cheat checks its shares.
fn complaints(
    revealed: Vec<Revealed>,
    reveals: &[Reveal],
    rng: &mut ChaCha20Rng,
) -> Result<Vec<Complaint>, Failure> {
    let mut complaints = Vec::new();
    for state in revealed {
        if state.index().get() == CHEAT {
            continue;
        }
        match state.check(reveals, rng) {
            Ok(_) => {}
            Err(CeremonyError::BadShares(found)) => complaints.extend(found),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(complaints)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
