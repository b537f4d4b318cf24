//! An election small enough for valgrind, and the messages' way over the wire.

use rand_chacha::ChaCha20Rng;
use urne::ceremony::{Ceremony, Commitment, Committed, Confirmation, Reveal, Revealed};
use urne::closed_box::Closing;
use urne::contest::{ApprovedContest, ContestDescription};
use urne::rand_core::{CryptoRng, SeedableRng};
use urne::*;

/// An RNG whose output is the same in every run.
#[must_use]
pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// What happens to a message on its way from one side to the other.
pub type Wire = fn(Vec<u8>) -> Vec<u8>;

/// The key ceremony in one process. Every message goes over the wire, and whatever a trustee may store is
/// shown to `stored` and read back.
///
/// # Panics
///
/// When the ceremony fails.
pub fn key_ceremony<R: CryptoRng>(
    threshold: Threshold,
    slots: u8,
    wire: Wire,
    stored: fn(&[u8]),
    rng: &mut R,
) -> Vec<TrusteeKey> {
    let secrets: Vec<_> = threshold
        .indices()
        .map(|_| {
            let secret = IdentitySecret::generate(rng);
            stored(secret.expose_bytes().as_ref());
            IdentitySecret::from_bytes(&secret.expose_bytes()).unwrap()
        })
        .collect();
    let identities = secrets
        .iter()
        .map(|secret| IdentityKey::from_bytes(&wire(secret.public().to_bytes().to_vec())).unwrap())
        .collect();
    let ceremony = Ceremony::new("constant time", threshold, slots, identities).unwrap();

    let (committed, commitments): (Vec<_>, Vec<_>) = secrets
        .into_iter()
        .map(|secret| {
            let (state, message) = ceremony.join(secret, rng).unwrap();
            // After the ceremony's digest, which is public.
            stored(&state.expose_bytes()[32..]);
            let state = Committed::from_bytes(&ceremony, &state.expose_bytes()).unwrap();
            (state, Commitment::from_bytes(&wire(message.to_bytes())).unwrap())
        })
        .unzip();
    let (revealed, reveals): (Vec<_>, Vec<_>) = committed
        .into_iter()
        .map(|state| {
            let (state, message) = state.reveal(&commitments, rng).unwrap();
            let state = Revealed::from_bytes(&ceremony, &state.expose_bytes()).unwrap();
            (state, Reveal::from_bytes(&wire(message.to_bytes())).unwrap())
        })
        .unzip();
    let (confirmed, confirmations): (Vec<_>, Vec<_>) = revealed
        .into_iter()
        .map(|state| {
            let (state, message) = state.check(&reveals, rng).unwrap().confirm(&[], rng).unwrap();
            (state, Confirmation::from_bytes(&wire(message.to_bytes())).unwrap())
        })
        .unzip();
    confirmed
        .into_iter()
        .map(|state| {
            let key = state.finish(&confirmations, &[]).unwrap();
            stored(&key.expose_bytes());
            TrusteeKey::from_bytes(key.election_key().clone(), &key.expose_bytes()).unwrap()
        })
        .collect()
}

/// A contest that its trustees have approved.
///
/// # Panics
///
/// When a trustee does not approve.
pub fn contest<R: CryptoRng>(
    trustees: &[Trustee],
    lists: u8,
    wire: Wire,
    rng: &mut R,
) -> (ApprovedContest, BoxSecretKey) {
    let box_key = BoxSecretKey::from_bytes(&[9; 32]);
    let description = ContestDescription {
        election: "Constant time".into(),
        number: 1,
        title: "Committee".into(),
        documents: String::new(),
        lists: (1..=lists).map(|list| format!("List {list}")).collect(),
        opens_at: UnixTime::from_seconds(1_000),
        closes_at: UnixTime::from_seconds(2_000),
        quorum: None,
        box_key: box_key.public(),
    };
    let contest = Contest::new(description, trustees[0].key().election_key()).unwrap();
    let approvals = trustees
        .iter()
        .map(|trustee| {
            let bytes = trustee.approve(&contest, rng).unwrap().to_bytes();
            contest::Approval::from_bytes(&wire(bytes)).unwrap()
        })
        .collect();
    (ApprovedContest::new(contest, approvals).unwrap(), box_key)
}

/// The credential's public half as the roll has it.
///
/// # Panics
///
/// Never: a credential is a point.
pub fn registered(credential: &Credential, wire: Wire) -> PublicCredential {
    PublicCredential::from_bytes(&wire(credential.public().to_bytes().to_vec())).unwrap()
}

/// The closed box of these voters, all of whom have voted.
///
/// # Panics
///
/// When a ballot is bad.
#[must_use]
pub fn closed_box(
    contest: ApprovedContest,
    box_key: &BoxSecretKey,
    voters: Vec<PublicCredential>,
    ballots: Vec<Vec<u8>>,
) -> ClosedBox {
    let roll = Roll::open(contest.contest(), voters, UnixTime::from_seconds(900), box_key).unwrap();
    let references: Vec<_> =
        ballots.iter().map(|ballot| BallotReference::of(contest.contest(), ballot)).collect();
    let closing =
        Closing::sign(contest.contest(), &roll, &references, UnixTime::from_seconds(2_000), box_key).unwrap();
    ClosedBox::verify(contest, roll, ballots, closing, &mut |_| ()).unwrap()
}
