//! urne against what a user would otherwise take, and against the arithmetic itself, in one run on one
//! thread: 3, 13 and 50 choices.
//!
//! The peer is elastic-elgamal 0.4.0-beta.1, whose `EncryptedChoice::single` is the closest thing to a
//! ballot of ours on crates.io: the same group, ElGamal ciphertexts that add up, and proofs that exactly one
//! of them is of 1. It has no blank vote, so a contest of L lists and blank is one of L + 1 options; and no
//! credential, which ours holds in the same proof. Its ballots are read and written with postcard, the most
//! compact form that serde offers.
//!
//! The limit is the arithmetic that no verifier of our proof can do without: `L + 5` point decodings a
//! ballot, and as many points in one large multiscalar multiplication.
//!
//! The last lines are for machines, one figure each: `ratio FIGURE peer X`, the peer's time (or size) over
//! ours; `ratio FIGURE limit X`, ours over the limit.

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, SamplingMode, measurement::WallTime};
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use elastic_elgamal::app::{ChoiceParams, EncryptedChoice, SingleChoice};
use elastic_elgamal::{Ciphertext, DiscreteLogTable as PeerTable, Keypair, group::Ristretto};
use rand_chacha::ChaCha20Rng;
use support::{Limit, ballots, contest, only_testing, random_scalar, ratio, take_all};
use urne::ballot::{Sealer, ballot_length, verify_stream};
use urne::primitives::PackedLogTable;
use urne::rand_core::SeedableRng;
use urne::tally::PartialSum;
use urne::{Ballot, Choice, Credential, SealedBallot, VerifiedBallot, VotingCode};

const LISTS: [u8; 3] = [2, 12, 49];
const BATCH: usize = 1024;
/// The peer has no batches: its time is proportional, and this many of its ballots are enough.
const PEER_BATCH: usize = 16;
/// Ballots in the box whose total is opened.
const COUNT: u64 = 100_000;

type PeerBallot = EncryptedChoice<Ristretto, SingleChoice>;

struct Peer {
    keys: Keypair<Ristretto>,
    params: ChoiceParams<Ristretto, SingleChoice>,
    rng: ChaCha20Rng,
}

impl Peer {
    fn new(choices: usize) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let keys = Keypair::generate(&mut rng);
        Peer { params: ChoiceParams::single(keys.public().clone(), choices), keys, rng }
    }

    fn seal(&mut self) -> PeerBallot {
        EncryptedChoice::single(&self.params, 1, &mut self.rng)
    }

    fn verify(&self, bytes: &[u8]) -> PeerBallot {
        let ballot: PeerBallot = postcard::from_bytes(bytes).unwrap();
        ballot.verify(&self.params).unwrap();
        ballot
    }

    fn add(sums: &mut [Ciphertext<Ristretto>], ballot: &PeerBallot) {
        for (sum, ciphertext) in sums.iter_mut().zip(ballot.choices_unchecked()) {
            *sum += *ciphertext;
        }
    }
}

fn seal(group: &mut BenchmarkGroup<'_, WallTime>, lists: u8, peer: &mut Peer) {
    let contest = contest(lists);
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let credential = Credential::derive(contest.contest(), &VotingCode::generate(&mut rng));
    group.bench_function("seal", |bench| {
        bench.iter(|| {
            SealedBallot::seal(&contest, black_box(Choice::List(1)), &credential, &mut rng).unwrap()
        });
    });
    let sealer = Sealer::new(&contest);
    group.bench_function("seal_many", |bench| {
        bench.iter(|| sealer.seal(black_box(Choice::List(1)), &credential, &mut rng).unwrap());
    });
    group.bench_function("peer_seal", |bench| bench.iter(|| peer.seal()));
}

fn verify(group: &mut BenchmarkGroup<'_, WallTime>, lists: u8, peer: &mut Peer) {
    let contest = contest(lists);
    let bytes = ballots(&contest, BATCH);
    group.bench_function("verify_one", |bench| {
        let one = &bytes[0];
        bench.iter(|| Ballot::from_bytes(&contest, black_box(one)).unwrap().verify(&contest).unwrap());
    });
    group.bench_function("verify_batch", |bench| {
        bench.iter(|| verify_stream(&contest, black_box(&bytes)).filter(Result::is_ok).count());
    });
    let limit = Limit::new(lists, BATCH);
    group.bench_function("limit", |bench| bench.iter(|| limit.run()));

    let theirs: Vec<_> = (0..PEER_BATCH).map(|_| postcard::to_stdvec(&peer.seal()).unwrap()).collect();
    group.bench_function("peer_verify", |bench| {
        bench.iter(|| theirs.iter().map(|bytes| peer.verify(black_box(bytes)).len()).sum::<usize>());
    });
}

fn add(group: &mut BenchmarkGroup<'_, WallTime>, lists: u8, peer: &mut Peer) {
    let contest = contest(lists);
    let verified: Vec<VerifiedBallot> = take_all(verify_stream(&contest, ballots(&contest, PEER_BATCH)));
    group.bench_function("add", |bench| {
        bench.iter(|| {
            let mut sum = PartialSum::new(contest.contest());
            (0..).zip(black_box(&verified)).for_each(|(index, ballot)| sum.add(index, ballot).unwrap());
            sum
        });
    });
    let theirs: Vec<_> = (0..PEER_BATCH).map(|_| peer.seal()).collect();
    group.bench_function("peer_add", |bench| {
        bench.iter(|| {
            let mut sums = vec![Ciphertext::zero(); usize::from(lists) + 1];
            black_box(&theirs).iter().for_each(|ballot| Peer::add(&mut sums, ballot));
            sums
        });
    });
}

/// From the sum of 100,000 ballots to the votes, the secret key being at hand in one piece: multiplications by
/// it, a table, and the search of every total.
fn open(group: &mut BenchmarkGroup<'_, WallTime>, lists: u8, peer: &mut Peer) {
    let choices = u64::from(lists) + 1;
    let votes = |choice: u64| COUNT * (choice + 1) * 2 / (choices * (choices + 1));
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let nonce = random_scalar(&mut rng);
    let keys: Vec<_> = (0..lists).map(|_| random_scalar(&mut rng)).collect();
    let point = |scalar: &Scalar| RistrettoPoint::mul_base(scalar);
    let sums: Vec<_> =
        (0..).zip(&keys).map(|(i, key)| point(&(nonce * key + Scalar::from(votes(i))))).collect();
    let nonce = point(&nonce);
    group.bench_function("open", |bench| {
        bench.iter(|| {
            let table = PackedLogTable::new(COUNT, COUNT + 1, 1).unwrap();
            let total = |(sum, key): (&RistrettoPoint, &Scalar)| (sum - nonce * key).compress().to_bytes();
            sums.iter()
                .zip(&keys)
                .flat_map(|pair| table.find_vartime(&total(pair), 1, COUNT).unwrap())
                .sum::<u64>()
        });
    });
    let theirs: Vec<Ciphertext<Ristretto>> =
        (0..choices).map(|choice| peer.keys.public().encrypt(votes(choice), &mut peer.rng)).collect();
    group.bench_function("peer_open", |bench| {
        bench.iter(|| {
            let table = PeerTable::new(0..=COUNT);
            theirs.iter().map(|sum| peer.keys.secret().decrypt(*sum, &table).unwrap()).sum::<u64>()
        });
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for lists in LISTS {
        let choices = lists + 1;
        let mut peer = Peer::new(choices.into());
        let mut group = criterion.benchmark_group(format!("peers_{choices}"));
        group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(500));
        group.measurement_time(Duration::from_secs(4));
        seal(&mut group, lists, &mut peer);
        verify(&mut group, lists, &mut peer);
        add(&mut group, lists, &mut peer);
        open(&mut group, lists, &mut peer);
        group.finish();
    }
    criterion.final_summary();
    if only_testing() {
        return;
    }
    for lists in LISTS {
        let choices = lists + 1;
        let id = |what: &str| format!("peers_{choices}/{what}");
        let peer = |figure: &str, theirs: &str, ours: &str, scale: f64| {
            ratio(&format!("{figure}_{choices}"), "peer", &id(theirs), &id(ours), scale);
        };
        peer("seal", "peer_seal", "seal", 1.0);
        peer("seal_many", "peer_seal", "seal_many", 1.0);
        peer("verify_one", "peer_verify", "verify_one", PEER_BATCH as f64);
        peer("verify_batch", "peer_verify", "verify_batch", PEER_BATCH as f64 / BATCH as f64);
        peer("add", "peer_add", "add", 1.0);
        peer("open", "peer_open", "open", 1.0);
        let size = postcard::to_stdvec(&Peer::new(choices.into()).seal()).unwrap().len();
        println!("ratio size_{choices} peer {:.3}", size as f64 / ballot_length(lists) as f64);
        let limit = |figure: &str, ours: &str, scale: f64| {
            ratio(&format!("{figure}_{choices}"), "limit", &id(ours), &id("limit"), scale);
        };
        limit("verify_batch", "verify_batch", 1.0);
        limit("verify_one", "verify_one", 1.0 / BATCH as f64);
    }
}
