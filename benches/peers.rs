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

use elastic_elgamal::app::{ChoiceParams, EncryptedChoice, SingleChoice};
use elastic_elgamal::{Ciphertext, Keypair, group::Ristretto};
use rand_chacha::ChaCha20Rng;
use support::pairs::{Side, ratios};
use support::{Limit, ballots, contest, points_of_a_ballot};
use urne::ballot::{Sealer, ballot_length, verify_stream};
use urne::rand_core::SeedableRng;
use urne::{ApprovedContest, Ballot, Choice, Credential, SealedBallot, VotingCode};

const BATCH: usize = 1024;
/// The peer has no batches: its time is proportional, and this many of its ballots are enough.
const PEER_BATCH: usize = 16;

type PeerBallot = EncryptedChoice<Ristretto, SingleChoice>;

struct Peer {
    params: ChoiceParams<Ristretto, SingleChoice>,
    rng: ChaCha20Rng,
}

impl Peer {
    fn new(lists: u8) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let keys = Keypair::generate(&mut rng);
        Peer { params: ChoiceParams::single(keys.public().clone(), usize::from(lists) + 1), rng }
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
        let mut limit = Side::new(BATCH, || drop(black_box(limit.run())));
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
    let mut theirs = Side::new(1, || drop(black_box(peer.seal())));
    let figure = format!("seal_{}", lists + 1);
    if wanted.has(&figure) {
        let mut ours = Side::new(1, || {
            let choice = black_box(Choice::List(1));
            black_box(SealedBallot::seal(&contest, choice, &credential, &mut rng).unwrap());
        });
        ratios(&mut theirs, &mut ours).print(&figure, "peer");
    }
    let figure = format!("seal_many_{}", lists + 1);
    if wanted.has(&figure) {
        let sealer = Sealer::new(&contest);
        let mut ours = Side::new(1, || {
            let choice = black_box(Choice::List(1));
            black_box(sealer.seal(choice, &credential, &mut rng).unwrap());
        });
        ratios(&mut theirs, &mut ours).print(&figure, "peer");
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
    #[cfg(feature = "parallel")]
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    verify_batch(12, &wanted);
    verify_one(12, &wanted);
    seal(12, &wanted);
    size(12, &wanted);
    verify_batch(2, &wanted);
    verify_batch(49, &wanted);
    #[cfg(feature = "parallel")]
    two_threads(12, &wanted);
}
