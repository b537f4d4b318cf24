//! urne against what a user would otherwise take, and against the arithmetic itself: 3, 13 and 50 choices, from
//! wire bytes, on one thread whatever features are on.
//!
//! The peer is elastic-elgamal 0.4.0-beta.1, whose `EncryptedChoice::single` is the closest thing to a
//! ballot of ours on crates.io: the same group, ElGamal ciphertexts that add up, and proofs that exactly one
//! of them is of 1. It has no blank vote, so a contest of L lists and blank is one of L + 1 options; and no
//! credential, which ours holds in the same proof. Its ballots are read and written with postcard, the most
//! compact form that serde offers.
//!
//! The limit is the arithmetic that no verifier of our proof can do without: `J + 5` point decodings a
//! ballot, and as many points in one large multiscalar multiplication. `limit17` is that of 17 points, which a
//! ballot of 12 lists with one list a slot would have.
//!
//! Everything is measured in pairs (see `support/pairs.rs`), and each line is printed when it has been measured:
//! `ratio FIGURE AGAINST MEDIAN QUARTILE QUARTILE`. Against the peer, the ratio is the peer's time (or size) over
//! ours; against anything else, ours over the other.
//!
//! ```text
//! cargo bench --bench peers [-- FIGURE …]
//! ```

mod support;

use std::hint::black_box;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use elastic_elgamal::app::{ChoiceParams, EncryptedChoice, SingleChoice};
use elastic_elgamal::{Ciphertext, DiscreteLogTable as PeerTable, Keypair, group::Ristretto};
use rand_chacha::ChaCha20Rng;
use support::pairs::{Side, ratios, seconds};
use support::{CAPACITY, Limit, ballots, contest, points_of_a_ballot, random_scalar};
use urne::ballot::{PartialSum, Sealer, ballot_length, verify_stream};
use urne::primitives::PackedLogTable;
use urne::rand_core::SeedableRng;
use urne::{ApprovedContest, Ballot, Choice, Credential, SealedBallot, VotingCode};

const BATCH: usize = 1024;
/// The peer has no batches: its time is proportional, and this many of its ballots are enough.
const PEER_BATCH: usize = 16;

type PeerBallot = EncryptedChoice<Ristretto, SingleChoice>;

struct Peer {
    keys: Keypair<Ristretto>,
    params: ChoiceParams<Ristretto, SingleChoice>,
    rng: ChaCha20Rng,
}

impl Peer {
    fn new(lists: u8) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let keys = Keypair::generate(&mut rng);
        let params = ChoiceParams::single(keys.public().clone(), usize::from(lists) + 1);
        Peer { keys, params, rng }
    }

    fn seal(&mut self) -> PeerBallot {
        EncryptedChoice::single(&self.params, 1, &mut self.rng)
    }

    fn ballots(&mut self) -> Vec<Vec<u8>> {
        (0..PEER_BATCH).map(|_| postcard::to_stdvec(&self.seal()).unwrap()).collect()
    }

    fn verify(&self, bytes: &[u8]) -> PeerBallot {
        let ballot: PeerBallot = postcard::from_bytes(bytes).unwrap();
        ballot.verify(&self.params).unwrap();
        ballot
    }

    fn verify_all(&self, ballots: &[Vec<u8>]) {
        black_box(ballots).iter().for_each(|bytes| drop(black_box(self.verify(bytes))));
    }

    fn add(sums: &mut [Ciphertext<Ristretto>], ballot: &PeerBallot) {
        for (sum, ciphertext) in sums.iter_mut().zip(ballot.choices_unchecked()) {
            *sum += *ciphertext;
        }
    }
}

/// Votes of so many lists and blank, which share the count: 1, 2, 3, … parts of it, and blank the rest.
fn votes(lists: u8, count: u64) -> Vec<u64> {
    let parts = u64::from(lists) * u64::from(lists + 1) / 2 + 1;
    (1..=u64::from(lists)).map(|list| count * list / parts).collect()
}

/// From the sum of so many ballots to the votes, the secret keys being at hand in one piece: multiplications by
/// them, a table, and the search of every slot.
struct Totals {
    nonce: RistrettoPoint,
    keys: Vec<Scalar>,
    /// One a slot.
    sums: Vec<RistrettoPoint>,
    count: u64,
    votes: Vec<u64>,
}

impl Totals {
    fn new(lists: u8, count: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(8);
        let (nonce, votes) = (random_scalar(&mut rng), votes(lists, count));
        let base = CAPACITY + 1;
        let packed =
            votes.chunks(2).map(|slot| slot.iter().rev().fold(0, |packed, votes| packed * base + votes));
        let (keys, sums) = packed
            .map(|packed| {
                let key = random_scalar(&mut rng);
                (key, RistrettoPoint::mul_base(&(nonce * key + Scalar::from(packed))))
            })
            .unzip();
        Totals { nonce: RistrettoPoint::mul_base(&nonce), keys, sums, count, votes }
    }

    /// As a tally is opened: what the slots before have left of the count bounds the next.
    fn open(&self) {
        let table = PackedLogTable::new(self.count, CAPACITY + 1, 2).unwrap();
        let (mut left, mut found) = (self.count, Vec::new());
        for (at, (sum, key)) in self.sums.iter().zip(&self.keys).enumerate() {
            let digits = self.votes.len().saturating_sub(2 * at).min(2) as u8;
            let total = (sum - self.nonce * key).compress().to_bytes();
            let votes = table.find_vartime(&total, digits, left).unwrap();
            left -= votes.iter().sum::<u64>();
            found.extend(votes);
        }
        assert_eq!(found, self.votes);
    }
}

fn peer_opens(peer: &mut Peer, lists: u8, count: u64) -> f64 {
    let votes = votes(lists, count);
    let blank = count - votes.iter().sum::<u64>();
    let totals: Vec<Ciphertext<Ristretto>> =
        votes.iter().chain([&blank]).map(|votes| peer.keys.public().encrypt(*votes, &mut peer.rng)).collect();
    seconds(|| {
        let table = PeerTable::new(0..=count);
        let opened = totals.iter().map(|total| peer.keys.secret().decrypt(*total, &table).unwrap());
        assert_eq!(opened.sum::<u64>(), count);
    })
}

/// The figures asked for; all of them if none is.
struct Wanted(Vec<String>);

impl Wanted {
    fn has(&self, figure: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|wanted| wanted == figure)
    }
}

fn verify_all(contest: &ApprovedContest, ballots: &[Vec<u8>]) {
    let good = verify_stream(contest.contest(), black_box(ballots), None).filter(Result::is_ok).count();
    assert_eq!(good, ballots.len());
}

fn verify_batch(lists: u8, wanted: &Wanted) {
    let figure = format!("verify_batch_{}", lists + 1);
    if !wanted.has(&figure) {
        return;
    }
    let contest = contest(lists);
    let bytes = ballots(&contest, BATCH);
    let mut ours = Side::new(BATCH, || verify_all(&contest, &bytes));
    let mut against = |name: &str, points: usize| {
        let limit = Limit::new(BATCH * points);
        let mut limit = Side::new(BATCH, || limit.run());
        ratios(&mut ours, &mut limit).print(&figure, name);
    };
    against("limit", points_of_a_ballot(&contest));
    if lists == 12 {
        against("limit17", 17);
    }
    let mut peer = Peer::new(lists);
    let theirs = peer.ballots();
    let mut theirs = Side::new(PEER_BATCH, || peer.verify_all(&theirs));
    ratios(&mut theirs, &mut ours).print(&figure, "peer");
}

fn verify_one(lists: u8, wanted: &Wanted) {
    let figure = format!("verify_one_{}", lists + 1);
    if !wanted.has(&figure) {
        return;
    }
    let contest = contest(lists);
    let bytes = ballots(&contest, PEER_BATCH);
    let mut ours = Side::new(PEER_BATCH, || {
        for bytes in black_box(&bytes) {
            Ballot::from_bytes(contest.contest(), bytes).unwrap().verify(contest.contest()).unwrap();
        }
    });
    let mut peer = Peer::new(lists);
    let theirs = peer.ballots();
    let mut theirs = Side::new(PEER_BATCH, || peer.verify_all(&theirs));
    ratios(&mut theirs, &mut ours).print(&figure, "peer");
}

fn seal(lists: u8, wanted: &Wanted) {
    let contest = contest(lists);
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let credential = Credential::derive(contest.contest(), &VotingCode::generate(&mut rng));
    let mut peer = Peer::new(lists);
    let mut theirs = Side::new(1, || peer.seal());
    let figure = format!("seal_{}", lists + 1);
    if wanted.has(&figure) {
        let mut ours = Side::new(1, || {
            let choice = black_box(Choice::List(1));
            SealedBallot::seal(&contest, choice, &credential, &mut rng).unwrap()
        });
        ratios(&mut theirs, &mut ours).print(&figure, "peer");
    }
    let figure = format!("seal_many_{}", lists + 1);
    if wanted.has(&figure) {
        let sealer = Sealer::new(&contest);
        let mut ours = Side::new(1, || {
            let choice = black_box(Choice::List(1));
            sealer.seal(choice, &credential, &mut rng).unwrap()
        });
        ratios(&mut theirs, &mut ours).print(&figure, "peer");
    }
}

fn verify_and_add(contest: &ApprovedContest, ballots: &[Vec<u8>]) -> PartialSum {
    let mut sum = PartialSum::new(contest.contest());
    for (index, verdict) in (0..).zip(verify_stream(contest.contest(), black_box(ballots), None)) {
        sum.add(index, &verdict.unwrap()).unwrap();
    }
    sum
}

/// The whole count of 100,000 ballots: each of them verified from bytes and added, which is measured in pairs, and
/// the total opened, once.
fn count(lists: u8, wanted: &Wanted) {
    const COUNT: u64 = 100_000;
    let figure = format!("count_{}", lists + 1);
    if !wanted.has(&figure) {
        return;
    }
    let contest = contest(lists);
    let bytes = ballots(&contest, BATCH);
    let mut ours = Side::new(BATCH, || verify_and_add(&contest, &bytes));
    let mut peer = Peer::new(lists);
    let our_totals = Totals::new(lists, COUNT);
    let opening = [peer_opens(&mut peer, lists, COUNT), seconds(|| our_totals.open())];
    let theirs = peer.ballots();
    let mut theirs = Side::new(PEER_BATCH, || {
        let mut sums = vec![Ciphertext::zero(); usize::from(lists) + 1];
        theirs.iter().for_each(|bytes| Peer::add(&mut sums, &peer.verify(black_box(bytes))));
        sums
    });
    ratios(&mut theirs, &mut ours).composed(COUNT as f64, opening).print(&figure, "peer");
}

/// Opening the totals of a box, over verifying and adding as many ballots.
fn open(lists: u8, wanted: &Wanted) {
    let figure = format!("open_{}", lists + 1);
    if !wanted.has(&figure) {
        return;
    }
    let contest = contest(lists);
    let bytes = ballots(&contest, BATCH);
    for count in [100_000, 1_000_000] {
        let totals = Totals::new(lists, count);
        let mut opening = Side::new(1, || totals.open());
        let mut ours = Side::new(BATCH, || verify_and_add(&contest, &bytes));
        ratios(&mut opening, &mut ours).times(1.0 / count as f64).print(&format!("{figure}_{count}"), "own");
    }
}

/// Lengths are what they are: the median and both quartiles are the same.
fn size(lists: u8, wanted: &Wanted) {
    let figure = format!("size_{}", lists + 1);
    if wanted.has(&figure) {
        let theirs = postcard::to_stdvec(&Peer::new(lists).seal()).unwrap().len();
        let ours = ballot_length(contest(lists).contest().layout());
        let ratio = theirs as f64 / ours as f64;
        println!("ratio {figure} peer {ratio:.3} {ratio:.3} {ratio:.3}");
    }
}

/// The time of one thread over that of two.
#[cfg(feature = "parallel")]
fn two_threads(lists: u8, wanted: &Wanted) {
    let figure = format!("verify_batch_{}", lists + 1);
    if !wanted.has("threads") {
        return;
    }
    let contest = contest(lists);
    let bytes = ballots(&contest, 4 * BATCH);
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (one, two) = (pool(1), pool(2));
    let mut one = Side::threaded(bytes.len(), || one.install(|| verify_all(&contest, &bytes)));
    let mut two = Side::threaded(bytes.len(), || two.install(|| verify_all(&contest, &bytes)));
    ratios(&mut one, &mut two).print(&figure, "one_thread_over_two");
}

fn main() {
    // `cargo bench` passes options that begin with `--`.
    let wanted = Wanted(std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect());
    // Everything happens in the one thread of this pool, the measuring too.
    #[cfg(feature = "parallel")]
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| on_one_thread(&wanted));
    #[cfg(not(feature = "parallel"))]
    on_one_thread(&wanted);
    #[cfg(feature = "parallel")]
    two_threads(12, &wanted);
}

fn on_one_thread(wanted: &Wanted) {
    verify_batch(12, wanted);
    verify_one(12, wanted);
    seal(12, wanted);
    size(12, wanted);
    count(12, wanted);
    open(12, wanted);
    verify_batch(2, wanted);
    verify_batch(49, wanted);
}
