//! One deposit, whole (checks, verification, log entry, émargement, head and path), into a box that holds 10^3
//! and 10^5 ballots already: it costs one verification and O(log n) hashing, so the two should be alike.
//!
//! The boxes are filled with real ballots of distinct voters, sealed on all cores and deposited in batches.
//! That takes a minute or two and is not measured.

#[path = "../tests/common/mod.rs"]
mod common;

use std::num::NonZero;
use std::thread;
use std::time::{Duration, Instant};

use common::{OPENS_AT, approve, description, run_ceremony};
use criterion::{BenchmarkId, Criterion, SamplingMode};
use rand_chacha::ChaCha20Rng;
use urne::ballot_box::{Issued, Validity};
use urne::rand_core::SeedableRng;
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotBox, Choice, Credential, ElectoralRoll, Issuer,
    SealedBallot, SigningKey, UnixTime, VoterId, VotingCode,
};

const SIZES: [u64; 2] = [1_000, 100_000];
/// Deposits that are timed in one go.
const AT_A_TIME: u64 = 32;
/// Ballots sealed and deposited in one batch while a box is filled.
const BATCH: u64 = 4_096;
/// How often the two boxes are compared.
const PAIRS: u64 = 31;
/// Criterion asks for about twenty goes.
const SPARE: u64 = (40 + PAIRS) * AT_A_TIME;

/// With the keys of box and issuer.
fn contest(voters: u64) -> (ApprovedContest, SigningKey, SigningKey) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let (key, mut trustees) = run_ceremony("bench", &[(1, 1)], 1, &mut rng).unwrap();
    let [box_key, issuer_key] = [(); 2].map(|()| SigningKey::generate(&mut rng));
    let description = description(1, voters, &box_key, &issuer_key);
    let contest = approve(description, &key, &mut trustees, &mut rng).unwrap();
    (contest, box_key, issuer_key)
}

fn id(voter: u64) -> VoterId {
    VoterId::new(voter.to_le_bytes()).unwrap()
}

/// `make` of every voter, on all cores.
fn on_all_cores<T: Send>(voters: std::ops::Range<u64>, make: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let voters: Vec<_> = voters.collect();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let make = &make;
    thread::scope(|scope| {
        let threads: Vec<_> = voters
            .chunks(voters.len().div_ceil(cores).max(1))
            .map(|chunk| scope.spawn(move || chunk.iter().map(|voter| make(*voter)).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// A box, and the ballots of voters who have entered their codes and not voted yet.
struct Filled {
    ballot_box: BallotBox,
    waiting: Vec<(VoterId, Vec<u8>)>,
}

impl Filled {
    fn new(size: u64, spare: u64) -> Self {
        let voters = size + spare;
        let (contest, box_key, issuer_key) = contest(voters);
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let mut issuer = Issuer::with_empty_memory(issuer_key);
        let mut roll = ElectoralRoll::new(contest.clone());
        let before = UnixTime::from_seconds(OPENS_AT.seconds() - 1);
        let orders: Vec<_> = (0..voters).map(|voter| (id(voter), vec![contest.contest()])).collect();
        let issued = issuer.issue(&orders, Validity::UntilClose, before, &mut rng).unwrap().stored();
        let codes: Vec<VotingCode> = issued
            .into_iter()
            .map(|Issued { code, issues, .. }| {
                issues.into_iter().for_each(|issue| roll.register(issue).unwrap());
                code
            })
            .collect();
        let proposed = roll.propose(before, &box_key).unwrap();
        let opening = issuer.sign_opening(contest.contest(), &proposed).unwrap().stored();
        let (mut ballot_box, _) = BallotBox::open(roll, opening, box_key).unwrap();
        let nonce = ActivationNonce::from_bytes([1; 32]);
        let prepare = |voter: u64| {
            let mut rng = ChaCha20Rng::seed_from_u64(voter);
            let credential = Credential::derive(contest.contest(), &codes[usize::try_from(voter).unwrap()]);
            let answer = Activation::new(&credential, &nonce, &mut rng);
            let ballot = SealedBallot::seal(&contest, Choice::List(1), &credential, &mut rng).unwrap().cast();
            (id(voter), answer, ballot)
        };
        let activated = |voters: std::ops::Range<u64>, ballot_box: &mut BallotBox| -> Vec<_> {
            on_all_cores(voters, prepare)
                .into_iter()
                .map(|(id, answer, ballot)| {
                    ballot_box.activate(&id, &nonce, &answer, OPENS_AT).unwrap();
                    (id, ballot)
                })
                .collect()
        };
        let mut first = 0;
        while first < size {
            let next = size.min(first + BATCH);
            let batch = activated(first..next, &mut ballot_box);
            assert!(ballot_box.deposit_batch(&batch, OPENS_AT).iter().all(Result::is_ok));
            first = next;
        }
        let waiting = activated(size..voters, &mut ballot_box);
        Filled { ballot_box, waiting }
    }

    /// How long the next deposits take.
    fn deposit(&mut self, count: u64, now: UnixTime) -> Duration {
        let at = self.waiting.len() - usize::try_from(count).unwrap();
        let next = self.waiting.split_off(at);
        let start = Instant::now();
        for (voter, ballot) in &next {
            self.ballot_box.deposit(voter, ballot, now).unwrap();
        }
        start.elapsed()
    }
}

fn main() {
    let only_testing = std::env::args().any(|argument| argument == "--test");
    let mut criterion = Criterion::default()
        .configure_from_args()
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200));
    let mut group = criterion.benchmark_group("deposit");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    // Only to see that it runs, a hundredth will do.
    let mut boxes =
        SIZES.map(|size| (size, Filled::new(if only_testing { size / 100 } else { size }, SPARE)));
    for (size, filled) in &mut boxes {
        // Every go times as many deposits, each of another voter, whatever Criterion asks for; it is told what
        // it would have got.
        group.bench_function(BenchmarkId::from_parameter(*size), |bench| {
            bench.iter_custom(|iterations| {
                let each = filled.deposit(AT_A_TIME, OPENS_AT).as_secs_f64() / AT_A_TIME as f64;
                Duration::from_secs_f64(each * iterations as f64)
            });
        });
    }
    group.finish();
    criterion.final_summary();
    if only_testing {
        return;
    }
    // In pairs: the large box, the small one, and again.
    let [(_, small), (_, large)] = &mut boxes;
    let mut ratios: Vec<f64> = (0..PAIRS)
        .map(|_| {
            let time = |filled: &mut Filled| filled.deposit(AT_A_TIME, OPENS_AT).as_secs_f64();
            time(large) / time(small)
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let [median, first, third] = [2, 1, 3].map(|quarters| ratios[(ratios.len() - 1) * quarters / 4]);
    println!("ratio deposit 100000_against_1000 {median:.3} {first:.3} {third:.3}");
}
