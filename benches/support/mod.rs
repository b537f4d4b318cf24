//! What the benches share: contests, ballots, the cost of the arithmetic alone.
#![allow(dead_code)]

pub mod pairs;
pub mod plot;

use std::hint::black_box;

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use rand_chacha::ChaCha20Rng;
use urne::contest::{Approval, ContestDescription};
use urne::primitives::Proof;
use urne::rand_core::{Rng, SeedableRng};
use urne::{
    ApprovedContest, Bureau, Choice, Contest, Credential, ElectionKey, IdentityKey, Panel, SealedBallot,
    SigningKey, TrusteeIndex, UnixTime, VerifiedBallot, VotingCode,
};

/// As many voters as there were in December 2022 fit, and three times over; two lists share a slot.
pub const CAPACITY: u64 = 1_000_000;

/// A contest whose key one hand dealt, approved by the one trustee; fixed seed.
pub fn contest(lists: u8) -> ApprovedContest {
    let mut rng = ChaCha20Rng::seed_from_u64(lists.into());
    let identity = random_scalar(&mut rng);
    let trustee = IdentityKey::from_bytes(&encode(&identity)).unwrap();
    let bureau = Bureau::new(vec![Panel { threshold: 1, trustees: vec![trustee] }]).unwrap();
    let slots = secret_keys(lists).iter().map(|key| vec![encode(key)]).collect();
    let key = ElectionKey::from_encodings(bureau, &[slots]).unwrap();
    let [box_key, issuer_key] = [(); 2].map(|()| SigningKey::generate(&mut rng).public());
    let description = ContestDescription {
        election: "CSAMESR".into(),
        number: 584,
        title: "Bench".into(),
        documents: "".into(),
        lists: (1..=lists).map(|list| format!("List {list}").into()).collect(),
        opens_at: UnixTime::from_seconds(1_669_878_000),
        closes_at: UnixTime::from_seconds(1_670_515_200),
        grace: 1_800,
        capacity: CAPACITY,
        packing: None,
        quorums: None,
        box_key,
        issuer_key,
    };
    let contest = Contest::new(description, &key).unwrap();
    let approval = approval(&identity, &contest.fingerprint().to_bytes(), &random_scalar(&mut rng));
    ApprovedContest::new(contest, vec![approval]).unwrap()
}

/// The secret behind each `H_j`, more of them than a contest of so many lists has slots.
pub fn secret_keys(lists: u8) -> Vec<Scalar> {
    let mut rng = ChaCha20Rng::seed_from_u64(1_000 + u64::from(lists));
    (0..lists).map(|_| random_scalar(&mut rng)).collect()
}

/// A trustee's signature on a contest, as the protocol describes it.
fn approval(identity: &Scalar, fingerprint: &[u8], tau: &Scalar) -> Approval {
    let mut transcript = merlin::Transcript::new(b"urne/2 signature");
    transcript.append_message(b"purpose", b"approval");
    transcript.append_message(b"digest", fingerprint);
    transcript.append_message(b"key", &encode(identity));
    transcript.append_message(b"T", &encode(tau));
    let mut wide = [0; 64];
    transcript.challenge_bytes(b"c", &mut wide);
    let challenge = Scalar::from_bytes_mod_order_wide(&wide);
    let response = tau + challenge * identity;
    let proof = Proof::from_bytes(&[challenge.to_bytes(), response.to_bytes()].concat()).unwrap();
    Approval::new(TrusteeIndex::new(1).unwrap(), proof)
}

fn encode(secret: &Scalar) -> [u8; 32] {
    RistrettoPoint::mul_base(secret).compress().to_bytes()
}

/// So many ballots, as bytes, from a pool of at most 256 that repeat.
pub fn ballots(contest: &ApprovedContest, count: usize) -> Vec<Vec<u8>> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let lists = contest.contest().lists();
    let pool: Vec<_> = (0..=lists)
        .cycle()
        .take(count.min(256))
        .map(|number| {
            let choice = if number == 0 { Choice::Blank } else { Choice::List(number) };
            let credential = Credential::derive(contest.contest(), &VotingCode::generate(&mut rng));
            SealedBallot::seal(contest, choice, &credential, &mut rng).unwrap().cast()
        })
        .collect();
    pool.iter().cycle().take(count).cloned().collect()
}

pub fn random_scalar(rng: &mut ChaCha20Rng) -> Scalar {
    let mut wide = [0; 64];
    rng.fill_bytes(&mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// So many point decodings, and one multiscalar multiplication of these points with scalars of full size.
pub struct Limit {
    encodings: Vec<CompressedRistretto>,
    scalars: Vec<Scalar>,
}

impl Limit {
    pub fn new(points: usize) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let scalars: Vec<_> = (0..points).map(|_| random_scalar(&mut rng)).collect();
        let pool: Vec<_> =
            scalars.iter().take(1024).map(|s| RistrettoPoint::mul_base(s).compress()).collect();
        let encodings = pool.iter().cycle().take(points).copied().collect();
        Limit { encodings, scalars }
    }

    pub fn run(&self) -> RistrettoPoint {
        let points: Vec<_> = self.encodings.iter().map(|e| e.decompress().unwrap()).collect();
        RistrettoPoint::vartime_multiscalar_mul(black_box(&self.scalars), &points)
    }
}

/// The points that a verifier of our proof cannot do without: `J + 5` a ballot.
pub fn points_of_a_ballot(contest: &ApprovedContest) -> usize {
    contest.contest().layout().slots() + 5
}

/// All verified ballots, none of which may be refused.
pub fn take_all<E: std::fmt::Debug>(
    verdicts: impl Iterator<Item = Result<VerifiedBallot, E>>,
) -> Vec<VerifiedBallot> {
    verdicts.map(Result::unwrap).collect()
}

/// Whether everything is only to be run once, so that there is nothing to compare.
pub fn only_testing() -> bool {
    std::env::args().any(|argument| argument == "--test")
}
