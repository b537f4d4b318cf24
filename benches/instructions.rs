//! One operation, once, for counting its instructions under callgrind, which does not feel the noise of a
//! machine. `.ci/instructions` runs it and compares with `benches/instructions.txt`.
//!
//! ```text
//! instructions OPERATION      runs the one named
//! instructions                runs all of them
//! ```

mod support;

use std::hint::black_box;

use rand_chacha::ChaCha20Rng;
use support::{ballots, contest, take_all};
use urne::ballot::{PartialSum, Sealer, verify_stream};
use urne::rand_core::SeedableRng;
use urne::{Ballot, Choice, Credential, Record, SealedBallot, VotingCode};

const LISTS: u8 = 12;
const BATCH: usize = 256;

/// What callgrind counts: it switches collection on when this is entered, and off when it is left.
#[inline(never)]
fn measured<T>(operation: impl FnOnce() -> T) -> T {
    black_box(operation())
}

fn run(operation: &str) {
    let contest = contest(LISTS);
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    match operation {
        "seal" => {
            let credential = Credential::derive(contest.contest(), &VotingCode::generate(&mut rng));
            measured(|| SealedBallot::seal(&contest, Choice::List(3), &credential, &mut rng).unwrap());
        }
        "seal_many" => {
            let credential = Credential::derive(contest.contest(), &VotingCode::generate(&mut rng));
            let sealer = Sealer::new(&contest);
            measured(|| sealer.seal(Choice::List(3), &credential, &mut rng).unwrap());
        }
        "open" => {
            // Of 12 lists, under seven trustees.
            let record = Record::from_json(include_bytes!("../tests/vectors/record-12-lists.json")).unwrap();
            measured(|| record.contest().unwrap());
        }
        "verify_one" => {
            let bytes = ballots(&contest, 1).swap_remove(0);
            let contest = contest.contest();
            measured(|| Ballot::from_bytes(contest, &bytes).unwrap().verify(contest).unwrap());
        }
        "verify_batch" => {
            let bytes = ballots(&contest, BATCH);
            measured(|| take_all(verify_stream(contest.contest(), &bytes, None)));
        }
        "add" => {
            let all = take_all(verify_stream(contest.contest(), ballots(&contest, BATCH), None));
            let mut sum = PartialSum::new(contest.contest());
            measured(|| (0..).zip(&all).try_for_each(|(index, ballot)| sum.add(index, ballot)).unwrap());
        }
        other => panic!("there is no operation {other}"),
    }
}

fn main() {
    // `cargo bench` passes options that begin with `--`.
    match std::env::args().skip(1).find(|argument| !argument.starts_with("--")) {
        Some(operation) => run(&operation),
        None => ["open", "seal", "seal_many", "verify_one", "verify_batch", "add"].into_iter().for_each(run),
    }
}
