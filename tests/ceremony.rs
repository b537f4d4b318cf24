//! The key ceremony through the public API: the vectors, and every attack on it.
//!
//! Cheating trustees are built from the protocol's text with merlin and curve25519-dalek, not from the
//! crate's own code, so that this file also checks that two implementations agree.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use urne::ceremony::{
    Ceremony, CeremonyError, Checked, Commitment, Committed, Complaint, Confirmation, Confirmed, MessageKind,
    Reveal, RevealFault,
};
use urne::rand_core::{Rng, SeedableRng};
use urne::{
    DecodeError, IdentityKey, IdentitySecret, KeyError, Threshold, TrusteeIndex, TrusteeKey, TrusteeKeyError,
};

// ---------------------------------------------------------------------------------------------------
// Small tools

type Bytes = [u8; 32];

fn index(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn encode(secret: &Scalar) -> Bytes {
    RistrettoPoint::mul_base(secret).compress().to_bytes()
}

fn point(bytes: &Bytes) -> RistrettoPoint {
    CompressedRistretto(*bytes).decompress().unwrap()
}

fn scalar(bytes: &[u8]) -> Scalar {
    Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap()
}

fn scalars(bytes: &[u8]) -> Vec<Scalar> {
    bytes.chunks(32).map(scalar).collect()
}

fn challenge(transcript: &mut merlin::Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    transcript.challenge_bytes(label, &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

fn value_at(polynomial: &[Scalar], x: u8) -> Scalar {
    let x = Scalar::from(x);
    let mut power = Scalar::ONE;
    let mut value = Scalar::ZERO;
    for coefficient in polynomial {
        value += coefficient * power;
        power *= x;
    }
    value
}

/// A nonce for forgeries. Any will do.
fn tau() -> Scalar {
    Scalar::from(424_242u64)
}

fn fields(tag: &str, fields: &[&[u8]]) -> Bytes {
    let mut hash = Sha256::new();
    for field in [tag.as_bytes()].iter().chain(fields) {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

fn sign(secret: &Scalar, purpose: &[u8], digest: &Bytes) -> Vec<u8> {
    let mut transcript = merlin::Transcript::new(b"urne/1 signature");
    transcript.append_message(b"purpose", purpose);
    transcript.append_message(b"digest", digest);
    transcript.append_message(b"key", &encode(secret));
    transcript.append_message(b"T", &encode(&tau()));
    let c = challenge(&mut transcript, b"c");
    [c.to_bytes(), (tau() + c * secret).to_bytes()].concat()
}

// ---------------------------------------------------------------------------------------------------
// A ceremony whose trustees can be made to cheat

/// Everyone has committed; what each of them knows is stored.
struct Setup {
    ceremony: Ceremony,
    n: u8,
    stored: Vec<Vec<u8>>,
    commitments: Vec<Commitment>,
    rng: ChaCha20Rng,
}

impl Setup {
    fn new(t: u8, n: u8, m: u8, seed: u64) -> Setup {
        let mut rng = rng(seed);
        let secrets: Vec<_> = (0..n).map(|_| IdentitySecret::generate(&mut rng)).collect();
        Setup::with("a ceremony", t, m, secrets, rng)
    }

    fn with(label: &str, t: u8, m: u8, secrets: Vec<IdentitySecret>, mut rng: ChaCha20Rng) -> Setup {
        let n = u8::try_from(secrets.len()).unwrap();
        let keys = secrets.iter().map(IdentitySecret::public).collect();
        let ceremony = Ceremony::new(label, Threshold::new(t, n).unwrap(), m, keys).unwrap();
        let mut stored = Vec::new();
        let mut commitments = Vec::new();
        for secret in secrets {
            let (state, message) = ceremony.join(secret, &mut rng).unwrap();
            stored.push(state.expose_bytes().to_vec());
            commitments.push(message);
        }
        Setup { ceremony, n, stored, commitments, rng }
    }

    /// The same trustees in another ceremony.
    fn again(&self, label: &str, seed: u64) -> Setup {
        let secrets = self
            .stored
            .iter()
            .map(|bytes| IdentitySecret::from_bytes(bytes[..32].try_into().unwrap()).unwrap());
        let (t, m) = (self.ceremony.threshold().required(), self.ceremony.slots());
        Setup::with(label, t, m, secrets.collect(), rng(seed))
    }

    fn committed(&self, j: u8) -> Committed {
        Committed::from_bytes(&self.ceremony, &self.stored[usize::from(j) - 1]).unwrap()
    }

    fn dealer(&self, i: u8) -> Dealer {
        let mut all = scalars(&self.stored[usize::from(i) - 1]);
        let identity = all.remove(0);
        let t = usize::from(self.ceremony.threshold().required());
        Dealer {
            ceremony: self.ceremony.digest().to_bytes(),
            keys: self.ceremony.identities().iter().map(|key| key.to_bytes()).collect(),
            index: i,
            identity,
            polynomials: all.chunks(t).map(<[Scalar]>::to_vec).collect(),
        }
    }

    fn reveals(&mut self) -> Vec<Reveal> {
        (1..=self.n).map(|j| self.committed(j).reveal(&self.commitments, &mut self.rng).unwrap().1).collect()
    }

    /// Trustee `j` reveals, and checks what it is shown.
    fn check(&mut self, j: u8, reveals: &[Reveal]) -> Result<Checked, CeremonyError> {
        let (state, _) = self.committed(j).reveal(&self.commitments, &mut self.rng)?;
        state.check(reveals, &mut self.rng)
    }

    /// Trustee `i` sends this in place of its reveal, and its commitment to the points in it, if it can;
    /// what do the others say?
    fn cheat(&mut self, i: u8, recommit: bool, reveal: Reveal) -> CeremonyError {
        let mut reveals = self.reveals();
        let honest = self.commitments.clone();
        if recommit {
            self.commitments[usize::from(i) - 1] = self.dealer(i).commit(reveal.commitments());
        }
        reveals[usize::from(i) - 1] = reveal;
        let errors: Vec<_> = (1..=self.n)
            .filter(|j| *j != i)
            .map(|j| self.check(j, &reveals).map(|_| ()).unwrap_err())
            .collect();
        // Whoever looks on sees the same.
        let public =
            self.ceremony.conclude(&self.commitments, &reveals, &[], &self.confirmations()).unwrap_err();
        assert!(errors.iter().all(|error| *error == public), "{errors:?}, {public:?}");
        self.commitments = honest;
        public
    }

    fn confirmed(&mut self) -> (Vec<Confirmed>, Vec<Confirmation>) {
        let reveals = self.reveals();
        (1..=self.n)
            .map(|j| {
                let checked = self.check(j, &reveals).unwrap();
                checked.confirm(&[], &mut self.rng).unwrap()
            })
            .unzip()
    }

    /// Some confirmations, of no matter what.
    fn confirmations(&self) -> Vec<Confirmation> {
        (1..=self.n).map(|j| self.dealer(j).confirm(&[0; 32])).collect()
    }
}

/// A trustee that does as it likes.
#[derive(Clone)]
struct Dealer {
    ceremony: Bytes,
    keys: Vec<Bytes>,
    index: u8,
    identity: Scalar,
    polynomials: Vec<Vec<Scalar>>,
}

impl Dealer {
    fn points(&self) -> Vec<Vec<Bytes>> {
        self.polynomials.iter().map(|row| row.iter().map(encode).collect()).collect()
    }

    fn commitment_digest(&self, points: &[Vec<Bytes>]) -> Bytes {
        let number = u64::from(self.index).to_le_bytes();
        let mut list: Vec<&[u8]> = vec![&self.ceremony, &number];
        list.extend(points.iter().flatten().map(|point| &point[..]));
        fields("urne/1 commitment", &list)
    }

    fn commit(&self, points: &[Vec<Bytes>]) -> Commitment {
        let digest = self.commitment_digest(points);
        let signature = sign(&self.identity, b"commitment", &digest);
        Commitment::from_bytes(&[&[1, self.index][..], &digest, &signature].concat()).unwrap()
    }

    fn confirm(&self, digest: &Bytes) -> Confirmation {
        let signature = sign(&self.identity, b"key", digest);
        Confirmation::from_bytes(&[&[1, self.index][..], &signature].concat()).unwrap()
    }

    /// A share of the value `p(x)`, sealed for trustee `to` against these points.
    fn seal(&self, points: &[Vec<Bytes>], to: u8, values: &[Scalar]) -> Vec<Bytes> {
        let secret = point(&self.keys[usize::from(to) - 1]) * self.identity;
        let mut transcript = merlin::Transcript::new(b"urne/1 share");
        transcript.append_message(b"ceremony", &self.ceremony);
        transcript.append_u64(b"from", self.index.into());
        transcript.append_u64(b"to", to.into());
        transcript.append_message(b"commitments", &points.concat().concat());
        transcript.append_message(b"secret", secret.compress().as_bytes());
        values.iter().map(|value| (value + challenge(&mut transcript, b"mask")).to_bytes()).collect()
    }

    fn values(&self, to: u8) -> Vec<Scalar> {
        self.polynomials.iter().map(|polynomial| value_at(polynomial, to)).collect()
    }

    fn shares(&self, points: &[Vec<Bytes>]) -> Vec<Bytes> {
        (1..).zip(&self.keys).flat_map(|(to, _)| self.seal(points, to, &self.values(to))).collect()
    }

    /// A proof with what the dealer takes for the constants and for its identity secret.
    fn prove(&self, points: &[Vec<Bytes>], shares: &[Bytes], constants: &[Scalar]) -> Vec<u8> {
        let mut transcript = merlin::Transcript::new(b"urne/1 possession");
        transcript.append_message(b"ceremony", &self.ceremony);
        transcript.append_u64(b"trustee", self.index.into());
        transcript.append_message(b"commitments", &points.concat().concat());
        transcript.append_message(b"shares", &shares.concat());
        let w = challenge(&mut transcript, b"w");
        transcript.append_message(b"T", &encode(&tau()));
        let c = challenge(&mut transcript, b"c");
        let mut power = Scalar::ONE;
        let mut secret = Scalar::ZERO;
        for part in constants.iter().chain([&self.identity]) {
            secret += power * part;
            power *= w;
        }
        [c.to_bytes(), (tau() + c * secret).to_bytes()].concat()
    }

    fn constants(&self) -> Vec<Scalar> {
        self.polynomials.iter().map(|polynomial| polynomial[0]).collect()
    }

    fn message(&self, points: &[Vec<Bytes>], shares: &[Bytes], proof: &[u8]) -> Reveal {
        reveal_message(self.index, points, shares, proof)
    }

    /// A reveal of these points and shares with the best proof the dealer can make.
    fn reveal_of(&self, points: &[Vec<Bytes>], shares: &[Bytes]) -> Reveal {
        self.message(points, shares, &self.prove(points, shares, &self.constants()))
    }

    fn reveal(&self) -> Reveal {
        let points = self.points();
        self.reveal_of(&points, &self.shares(&points))
    }

    fn complaint_with(&self, dealer: u8, secret: &RistrettoPoint, e: &Scalar) -> Complaint {
        let dealer_key = self.keys[usize::from(dealer) - 1];
        let own_key = self.keys[usize::from(self.index) - 1];
        let mut transcript = merlin::Transcript::new(b"urne/1 complaint");
        transcript.append_message(b"ceremony", &self.ceremony);
        transcript.append_u64(b"from", dealer.into());
        transcript.append_u64(b"to", self.index.into());
        transcript.append_message(b"keys", &[own_key, dealer_key].concat());
        transcript.append_message(b"secret", secret.compress().as_bytes());
        transcript.append_message(b"T1", &encode(&tau()));
        transcript.append_message(b"T2", (point(&dealer_key) * tau()).compress().as_bytes());
        let c = challenge(&mut transcript, b"c");
        let parts = [secret.compress().to_bytes(), c.to_bytes(), (tau() + c * e).to_bytes()];
        Complaint::from_bytes(&[&[1, dealer, self.index][..], &parts.concat()].concat()).unwrap()
    }

    fn complain(&self, dealer: u8) -> Complaint {
        let secret = point(&self.keys[usize::from(dealer) - 1]) * self.identity;
        self.complaint_with(dealer, &secret, &self.identity)
    }
}

fn reveal_message(i: u8, points: &[Vec<Bytes>], shares: &[Bytes], proof: &[u8]) -> Reveal {
    Reveal::from_bytes(&reveal_bytes(i, points, shares, proof)).unwrap()
}

fn reveal_bytes(i: u8, points: &[Vec<Bytes>], shares: &[Bytes], proof: &[u8]) -> Vec<u8> {
    let mut bytes = vec![1, i, u8::try_from(points.len()).unwrap()];
    for row in points {
        bytes.push(u8::try_from(row.len()).unwrap());
        bytes.extend(row.concat());
    }
    bytes.extend((shares.len() as u64).to_le_bytes());
    bytes.extend(shares.concat());
    bytes.extend(proof);
    bytes
}

/// A relay changes the bytes of a message that has a version and a trustee's number.
fn renumbered(bytes: Vec<u8>, number: u8) -> Vec<u8> {
    let mut bytes = bytes;
    bytes[1] = number;
    bytes
}

// ---------------------------------------------------------------------------------------------------
// Vectors

fn vectors() -> serde_json::Value {
    serde_json::from_str(include_str!("vectors/ceremony.json")).unwrap()
}

fn unhex(value: &serde_json::Value) -> Bytes {
    let text = value.as_str().unwrap();
    let bytes: Vec<u8> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect();
    assert_eq!(text.len(), 64);
    bytes.try_into().unwrap()
}

fn list(value: &serde_json::Value) -> Vec<Bytes> {
    value.as_array().unwrap().iter().map(unhex).collect()
}

fn rows(value: &serde_json::Value) -> Vec<Vec<Bytes>> {
    value.as_array().unwrap().iter().map(list).collect()
}

#[test]
fn a_ceremony_matches_the_vectors() {
    let v = vectors();
    let mut rng = rng(1);
    let secrets = list(&v["identity_secrets"]);
    let identities: Vec<_> =
        secrets.iter().map(|bytes| IdentitySecret::from_bytes(bytes).unwrap().public()).collect();
    let encoded: Vec<_> = identities.iter().map(|key| key.to_bytes()).collect();
    assert_eq!(encoded, list(&v["identities"]));
    let label = v["label"].as_str().unwrap();
    let ceremony = Ceremony::new(label, Threshold::new(2, 3).unwrap(), 2, identities).unwrap();
    assert_eq!(ceremony.digest().to_bytes(), unhex(&v["ceremony"]));

    let state = |j: usize| {
        let mut bytes = secrets[j - 1].to_vec();
        bytes.extend(rows(&v["polynomials"][j.to_string()]).concat().concat());
        let state = Committed::from_bytes(&ceremony, &bytes).unwrap();
        assert_eq!(state.expose_bytes().as_slice(), bytes);
        state
    };
    let mut commitments = Vec::new();
    for j in 1..=3 {
        let commitment = state(j).commitment(&mut rng);
        assert_eq!(commitment.digest().to_bytes(), unhex(&v["commitments"][j.to_string()]));
        commitments.push(commitment);
    }

    // The reveals with the proofs of the vectors; ours differ by their nonce.
    let mut reveals = Vec::new();
    let mut revealed = Vec::new();
    for j in 1..=3 {
        let (state, reveal) = state(j).reveal(&commitments, &mut rng).unwrap();
        assert_eq!(reveal.shares(), rows(&v["sealed_shares"][j.to_string()]).concat());
        let proof = &v["possession"][j.to_string()];
        let proof = [unhex(&proof["challenge"]), unhex(&proof["response"])].concat();
        reveals.push(reveal_message(u8::try_from(j).unwrap(), reveal.commitments(), reveal.shares(), &proof));
        revealed.push(state);
    }

    let mut confirmed = Vec::new();
    let mut confirmations = Vec::new();
    for state in revealed {
        let checked = state.check(&reveals, &mut rng).unwrap();
        assert_eq!(checked.key_digest().to_bytes(), unhex(&v["key_digest"]));
        let (state, confirmation) = checked.confirm(&[], &mut rng).unwrap();
        assert_eq!(state.key_digest().to_bytes(), unhex(&v["key_digest"]));
        confirmed.push(state);
        confirmations.push(confirmation);
    }
    let key = ceremony.conclude(&commitments, &reveals, &[], &confirmations).unwrap();
    assert_eq!(key.to_encodings(), rows(&v["key"]));
    for (j, state) in (1u8..).zip(confirmed) {
        let trustee = state.finish(&confirmations, &[]).unwrap();
        assert_eq!(trustee.election_key(), &key);
        assert_eq!(trustee.index().get(), j);
        let mut expected = secrets[usize::from(j) - 1].to_vec();
        expected.extend(list(&v["trustee_secrets"][j.to_string()]).concat());
        assert_eq!(trustee.expose_bytes().as_slice(), expected);
    }

    let complaint = &v["complaint_of_2_against_1"];
    let parts = [unhex(&complaint["secret"]), unhex(&complaint["challenge"]), unhex(&complaint["response"])];
    let complaint = Complaint::from_bytes(&[&[1, 1, 2][..], &parts.concat()].concat()).unwrap();
    assert_eq!(complaint.secret(), (point(&encoded[0]) * scalar(&secrets[1])).compress().to_bytes());
    // The share is right, so the complainant is to blame.
    assert_eq!(ceremony.settle(&reveals[0], &complaint), Ok(index(2)));
    assert_eq!(
        ceremony.conclude(&commitments, &reveals, &[complaint], &confirmations),
        Err(CeremonyError::Complaint { dealer: index(1), complainant: index(2), culprit: index(2) })
    );
}

/// The cheaters of this file, when they do not cheat, send what the crate sends.
#[test]
fn an_honest_forger_is_accepted() {
    let mut setup = Setup::new(2, 3, 2, 2);
    let mut reveals = setup.reveals();
    let dealer = setup.dealer(1);
    assert_eq!(dealer.points(), reveals[0].commitments());
    assert_eq!(dealer.shares(&dealer.points()), reveals[0].shares());
    assert_eq!(dealer.commit(&dealer.points()).digest(), setup.commitments[0].digest());
    setup.commitments[0] = dealer.commit(&dealer.points());
    reveals[0] = dealer.reveal();
    let digest = setup.check(2, &reveals).unwrap().key_digest();
    let confirmations: Vec<_> = (1..=3).map(|j| setup.dealer(j).confirm(&digest.to_bytes())).collect();
    assert!(setup.ceremony.conclude(&setup.commitments, &reveals, &[], &confirmations).is_ok());
}

// ---------------------------------------------------------------------------------------------------
// Ceremonies that go well

fn lagrange(subset: &[u8]) -> Vec<Scalar> {
    let s = |j: u8| Scalar::from(j);
    subset
        .iter()
        .map(|j| {
            let others = subset.iter().filter(|i| *i != j);
            others.map(|i| s(*i) * (s(*i) - s(*j)).invert()).product()
        })
        .collect()
}

fn subsets(n: u8, t: u8) -> Vec<Vec<u8>> {
    (0u32..1 << n)
        .filter(|mask| mask.count_ones() == u32::from(t))
        .map(|mask| (1..=n).filter(|j| mask >> (j - 1) & 1 == 1).collect())
        .collect()
}

#[test]
fn any_threshold_of_shares_and_no_fewer_give_the_secret() {
    for (t, n, m) in [(1, 1, 1), (1, 3, 2), (2, 3, 2), (3, 3, 1), (3, 7, 3), (5, 13, 2)] {
        let mut setup = Setup::new(t, n, m, u64::from(n));
        let (states, confirmations) = setup.confirmed();
        let keys: Vec<TrusteeKey> =
            states.into_iter().map(|state| state.finish(&confirmations, &[]).unwrap()).collect();
        let public = keys[0].election_key().clone();
        assert_eq!(public.slots(), usize::from(m));
        assert!(keys.iter().all(|key| *key.election_key() == public));
        let shares: Vec<Vec<Scalar>> = keys.iter().map(|key| scalars(&key.expose_bytes()[32..])).collect();
        for (slot, points) in public.to_encodings().iter().enumerate() {
            let interpolated = |subset: &[u8]| {
                let secret: Scalar = lagrange(subset)
                    .iter()
                    .zip(subset)
                    .map(|(lambda, j)| lambda * shares[usize::from(*j) - 1][slot])
                    .sum();
                encode(&secret)
            };
            for subset in subsets(n, t) {
                assert_eq!(interpolated(&subset), points[0], "{t} of {n}: {subset:?}");
            }
            for subset in subsets(n, t - 1).iter().filter(|subset| !subset.is_empty()) {
                assert_ne!(interpolated(subset), points[0], "{t} of {n}: {subset:?}");
            }
            for j in 1..=n {
                let verification = public.verification_keys(index(j))[slot];
                assert_eq!(encode(&shares[usize::from(j) - 1][slot]), verification);
            }
        }
    }
}

#[test]
fn the_order_of_messages_does_not_matter() {
    let mut setup = Setup::new(2, 3, 2, 3);
    let mut reveals = setup.reveals();
    let digest = setup.check(1, &reveals).unwrap().key_digest();
    setup.commitments.rotate_left(1);
    reveals.reverse();
    assert_eq!(setup.check(1, &reveals).unwrap().key_digest(), digest);
    let (states, mut confirmations) = setup.confirmed();
    confirmations.rotate_left(2);
    let keys: Vec<_> = states.into_iter().map(|state| state.finish(&confirmations, &[]).unwrap()).collect();
    let key = setup.ceremony.conclude(&setup.commitments, &reveals, &[], &confirmations).unwrap();
    assert!(keys.iter().all(|trustee| *trustee.election_key() == key));
}

#[test]
fn parameters_that_are_refused() {
    let keys =
        |n: u64| -> Vec<_> { (0..n).map(|j| IdentitySecret::generate(&mut rng(j)).public()).collect() };
    let threshold = Threshold::new(2, 3).unwrap();
    let new = |label: &str, slots, keys| Ceremony::new(label, threshold, slots, keys).map(|_| ());
    assert_eq!(new(&"x".repeat(1024), 1, keys(3)), Ok(()));
    assert_eq!(new("x", 255, keys(3)), Ok(()));
    assert_eq!(new(&"x".repeat(1025), 1, keys(3)), Err(CeremonyError::Label { actual: 1025 }));
    assert_eq!(new("x", 0, keys(3)), Err(CeremonyError::Key(KeyError::SlotCount { actual: 0 })));
    assert_eq!(
        new("x", 1, keys(2)),
        Err(CeremonyError::Key(KeyError::IdentityCount { expected: 3, actual: 2 }))
    );
    let mut repeated = keys(3);
    repeated[2] = repeated[0];
    assert_eq!(
        new("x", 1, repeated),
        Err(CeremonyError::Key(KeyError::RepeatedIdentity { trustee: index(3) }))
    );
    let ceremony = Ceremony::new("x", threshold, 1, keys(3)).unwrap();
    assert_eq!(
        ceremony.join(IdentitySecret::generate(&mut rng(9)), &mut rng(1)).map(|_| ()).unwrap_err(),
        CeremonyError::NotATrustee
    );
    // Every parameter is in the digest.
    let digest = |label: &str, t, n, m| {
        Ceremony::new(label, Threshold::new(t, n).unwrap(), m, keys(n.into())).unwrap().digest()
    };
    let base = digest("x", 2, 3, 1);
    for other in [digest("y", 2, 3, 1), digest("x", 1, 3, 1), digest("x", 2, 4, 1), digest("x", 2, 3, 2)] {
        assert_ne!(base, other);
    }
    let mut swapped = keys(3);
    swapped.swap(0, 1);
    assert_ne!(Ceremony::new("x", threshold, 1, swapped).unwrap().digest(), base);
}

#[test]
fn two_equal_slots_are_refused() {
    let mut setup = Setup::new(2, 2, 3, 4);
    // Everybody uses the same constant in the first and third slot.
    for bytes in &mut setup.stored {
        let (t, first) = (2 * 32, bytes[32..64].to_vec());
        bytes[32 + 2 * t..64 + 2 * t].copy_from_slice(&first);
    }
    setup.commitments = (1..=2).map(|j| setup.committed(j).commitment(&mut rng(j.into()))).collect();
    let reveals = setup.reveals();
    let error = setup.check(1, &reveals).unwrap_err();
    assert_eq!(error, CeremonyError::Key(KeyError::RepeatedSlot { slot: 3 }));
    assert_eq!(error.culprit(), None);
    assert_eq!(
        setup.ceremony.conclude(&setup.commitments, &reveals, &[], &setup.confirmations()),
        Err(error)
    );
}

#[test]
fn a_key_with_the_identity_is_refused() {
    let mut setup = Setup::new(2, 2, 1, 5);
    // The two trustees' highest coefficients cancel.
    let cancelled = (-scalar(&setup.stored[0][64..96])).to_bytes();
    setup.stored[1][64..96].copy_from_slice(&cancelled);
    setup.commitments = (1..=2).map(|j| setup.committed(j).commitment(&mut rng(j.into()))).collect();
    let reveals = setup.reveals();
    assert_eq!(
        setup.check(1, &reveals).unwrap_err(),
        CeremonyError::Key(KeyError::BadPoint { slot: 1, error: DecodeError::Identity { offset: 0 } })
    );
}

// ---------------------------------------------------------------------------------------------------
// Stored secrets

#[test]
fn stored_states_are_checked() {
    let setup = Setup::new(2, 3, 2, 6);
    let bytes = setup.stored[1].clone();
    assert_eq!(bytes.len(), 32 * (1 + 2 * 2));
    let read = |bytes: &[u8]| Committed::from_bytes(&setup.ceremony, bytes).map(|state| state.index());
    assert_eq!(read(&bytes), Ok(index(2)));
    assert_eq!(setup.committed(2).commitment(&mut rng(1)).digest(), setup.commitments[1].digest());
    let decode = |error| Err(CeremonyError::Decode(error));
    assert_eq!(read(&bytes[..159]), decode(DecodeError::TooShort { expected: 160, actual: 159 }));
    assert_eq!(read(&[]), decode(DecodeError::TooShort { expected: 160, actual: 0 }));
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(read(&longer), decode(DecodeError::TooLong { expected: 160, actual: 161 }));
    let with = |at: usize, byte: u8| {
        let mut changed = bytes.clone();
        changed[at..at + 32].fill(byte);
        changed
    };
    assert_eq!(read(&with(0, 0)), decode(DecodeError::NotAScalar { offset: 0 }));
    assert_eq!(read(&with(0, 0xff)), decode(DecodeError::NotAScalar { offset: 0 }));
    assert_eq!(read(&with(64, 0xff)), decode(DecodeError::NotAScalar { offset: 64 }));
    assert_eq!(read(&with(64, 0)), decode(DecodeError::Number { offset: 64 }));
    assert_eq!(read(&with(0, 1)), Err(CeremonyError::NotATrustee));
    // In another ceremony of the same trustees it is noticed that this was not committed to.
    let mut other = setup.again("another", 7);
    other.stored[1] = bytes;
    assert_eq!(
        other.committed(2).reveal(&other.commitments, &mut other.rng).map(|_| ()).unwrap_err(),
        CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(2) }
    );
}

#[test]
fn stored_trustee_keys_are_checked_against_the_public_key() {
    let mut setup = Setup::new(2, 3, 2, 8);
    let (states, confirmations) = setup.confirmed();
    let keys: Vec<_> = states.into_iter().map(|state| state.finish(&confirmations, &[]).unwrap()).collect();
    let public = keys[1].election_key().clone();
    let bytes = keys[1].expose_bytes();
    let read = |bytes: &[u8]| TrusteeKey::from_bytes(public.clone(), bytes).map(|key| key.index());
    assert_eq!(read(&bytes), Ok(index(2)));
    let again = TrusteeKey::from_bytes(public.clone(), &bytes).unwrap();
    assert_eq!(again.expose_bytes(), bytes);
    let expected = 32 * 3;
    assert_eq!(
        read(&bytes[..95]),
        Err(TrusteeKeyError::Decode(DecodeError::TooShort { expected, actual: 95 }))
    );
    assert_eq!(
        read(&[&bytes[..], &[0]].concat()),
        Err(TrusteeKeyError::Decode(DecodeError::TooLong { expected, actual: 97 }))
    );
    for slot in [1, 2] {
        let mut changed = bytes.to_vec();
        changed[32 * slot] ^= 1;
        assert_eq!(read(&changed), Err(TrusteeKeyError::Share { trustee: index(2), slot }));
    }
    // Another trustee's shares under this identity.
    let mixed = [&bytes[..32], &keys[0].expose_bytes()[32..]].concat();
    assert_eq!(read(&mixed), Err(TrusteeKeyError::Share { trustee: index(2), slot: 1 }));
    let mut stranger = bytes.to_vec();
    stranger[..32].copy_from_slice(&Scalar::from(5u64).to_bytes());
    assert_eq!(read(&stranger), Err(TrusteeKeyError::NotATrustee));
    // The key of another ceremony of the same trustees.
    let mut other = setup.again("another", 9);
    let (states, confirmations) = other.confirmed();
    let other = states.into_iter().next().unwrap().finish(&confirmations, &[]).unwrap();
    assert_eq!(
        TrusteeKey::from_bytes(other.election_key().clone(), &bytes).map(|_| ()),
        Err(TrusteeKeyError::Share { trustee: index(2), slot: 1 })
    );
}

#[test]
fn a_ceremony_survives_a_restart_after_the_reveals() {
    let mut setup = Setup::new(2, 3, 2, 10);
    let published = setup.reveals();
    // `check` takes the state through `reveal` again, with new nonces; the published reveals still count.
    assert!(setup.check(2, &published).is_ok());
    assert_ne!(setup.reveals(), published);
}

// ---------------------------------------------------------------------------------------------------
// Attack 10

#[test]
fn attack_10_rogue_identity_key_cannot_even_commit() {
    // Trustee 1's key is made from trustee 2's: E_1 = a·E_2. That no complaint is made even if it could commit is
    // tested beside the code.
    let mut rng = rng(20);
    let a = Scalar::from(7u64);
    let honest: Vec<_> = (0..2).map(|_| IdentitySecret::generate(&mut rng)).collect();
    let rogue = (point(&honest[0].public().to_bytes()) * a).compress().to_bytes();
    let keys = vec![IdentityKey::from_bytes(&rogue).unwrap(), honest[0].public(), honest[1].public()];
    let ceremony = Ceremony::new("oracle", Threshold::new(2, 3).unwrap(), 1, keys).unwrap();
    let [(state_2, message_2), (_, message_3)]: [_; 2] = honest
        .into_iter()
        .map(|secret| ceremony.join(secret, &mut rng).unwrap())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let stored = state_2.expose_bytes();

    // What it can try: sign with a; move 2's signature over, as it is and multiplied by a.
    let digest = message_2.digest().to_bytes();
    let signature = message_2.signature();
    let scaled = [signature.challenge(), (scalar(&signature.response()) * a).to_bytes()].concat();
    let attempts = [sign(&a, b"commitment", &digest), signature.to_bytes(), scaled, vec![0; 64]];
    for signature in attempts {
        let forged = Commitment::from_bytes(&[&[1, 1][..], &digest, &signature].concat()).unwrap();
        let error = Committed::from_bytes(&ceremony, &stored)
            .unwrap()
            .reveal(&[forged, message_2.clone(), message_3.clone()], &mut rng)
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error, CeremonyError::Signature { message: MessageKind::Commitment, trustee: index(1) });
        assert_eq!(error.culprit(), None);
    }
}

#[test]
fn attack_10_rogue_or_copied_points() {
    let not_sent = CeremonyError::Possession { trustee: index(1) };
    assert_eq!(not_sent.culprit(), None);
    for slot in [0, 1] {
        // A point that cancels trustee 2's and leaves one of its own; somehow it knows 2's points before it commits.
        let mut setup = Setup::new(2, 3, 2, 21);
        let dealer = setup.dealer(1);
        let mut points = dealer.points();
        let own = point(&points[slot][0]);
        points[slot][0] = (own - point(&setup.dealer(2).points()[slot][0])).compress().to_bytes();
        let forged = dealer.reveal_of(&points, &dealer.shares(&points));
        assert_eq!(setup.cheat(1, true, forged), not_sent);

        // One slot copied.
        let mut points = dealer.points();
        points[slot] = setup.dealer(2).points()[slot].clone();
        let forged = dealer.reveal_of(&points, &dealer.shares(&points));
        assert_eq!(setup.cheat(1, true, forged), not_sent);
    }
    // All of them copied, shares and proof included.
    let mut setup = Setup::new(2, 3, 2, 22);
    let copied = setup.dealer(2).reveal();
    let forged = reveal_message(1, copied.commitments(), copied.shares(), &copied.proof().to_bytes());
    assert_eq!(setup.cheat(1, true, forged), not_sent);
}

#[test]
fn attack_10_replayed_possession_proof() {
    let mut setup = Setup::new(2, 3, 2, 23);
    // From another ceremony of the same trustees, whole, and with the polynomials of this one.
    let mut other = setup.again("another", 24);
    let old = other.reveals()[0].clone();
    assert_eq!(setup.cheat(1, true, old), CeremonyError::Possession { trustee: index(1) });
    let same_polynomials =
        Dealer { ceremony: other.ceremony.digest().to_bytes(), ..setup.dealer(1) }.reveal();
    assert_eq!(setup.cheat(1, true, same_polynomials), CeremonyError::Possession { trustee: index(1) });
    // From another trustee of this one.
    let mut setup = Setup::new(2, 3, 2, 25);
    let theirs = setup.reveals()[1].to_bytes();
    let relabelled = Reveal::from_bytes(&renumbered(theirs, 1)).unwrap();
    assert_eq!(setup.cheat(1, true, relabelled), CeremonyError::Possession { trustee: index(1) });
}

#[test]
fn attack_10_vectors_longer_or_shorter_than_the_threshold() {
    let fault = |slot, actual| CeremonyError::BadReveal {
        dealer: index(1),
        fault: RevealFault::Points { slot, expected: 2, actual },
    };
    for slot in [1, 2] {
        for actual in [1, 3] {
            let mut setup = Setup::new(2, 3, 2, 26);
            let mut dealer = setup.dealer(1);
            dealer.polynomials[slot - 1].resize(actual, Scalar::from(9u64));
            // Its shares are good, even for the polynomials of another degree.
            let error = setup.cheat(1, true, dealer.reveal());
            assert_eq!(error, fault(slot, actual));
            assert_eq!(error.culprit(), Some(index(1)));
        }
    }
    // Too few and too many slots, with the shares to match.
    for actual in [1, 3] {
        let mut setup = Setup::new(2, 3, 2, 27);
        let mut dealer = setup.dealer(1);
        dealer.polynomials.resize(actual, vec![Scalar::from(8u64), Scalar::from(9u64)]);
        let error = setup.cheat(1, true, dealer.reveal());
        let expected = RevealFault::Slots { expected: 2, actual };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: expected });
    }
    // Too few and too many shares.
    for actual in [0, 4, 5, 7] {
        let mut setup = Setup::new(2, 3, 2, 28);
        let dealer = setup.dealer(1);
        let points = dealer.points();
        let mut shares = dealer.shares(&points);
        shares.resize(actual, [0; 32]);
        let error = setup.cheat(1, false, dealer.reveal_of(&points, &shares));
        let expected = RevealFault::Shares { expected: 6, actual };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: expected });
    }
    // An empty slot has no point for the proof.
    let mut setup = Setup::new(2, 3, 2, 29);
    let dealer = setup.dealer(1);
    let points = vec![dealer.points()[0].clone(), vec![]];
    let forged = dealer.reveal_of(&points, &dealer.shares(&dealer.points()));
    assert_eq!(setup.cheat(1, true, forged), CeremonyError::Possession { trustee: index(1) });
}

#[test]
fn attack_10_a_relay_that_cuts_the_slots_elsewhere_blames_nobody() {
    let mut setup = Setup::new(2, 3, 2, 30);
    let reveal = setup.reveals()[0].clone();
    let all = reveal.commitments().concat();
    for cut in [1, 3] {
        let points = [all[..cut].to_vec(), all[cut..].to_vec()];
        let cut = reveal_message(1, &points, reveal.shares(), &reveal.proof().to_bytes());
        let error = setup.cheat(1, false, cut);
        assert_eq!(error, CeremonyError::Possession { trustee: index(1) });
        assert_eq!(error.culprit(), None);
    }
}

#[test]
fn attack_10_identity_and_points_that_do_not_decode() {
    let fault = |slot, coefficient, error| CeremonyError::BadReveal {
        dealer: index(1),
        fault: RevealFault::Point { slot, coefficient, error },
    };
    for (slot, coefficient) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
        // A coefficient of zero: the proof holds.
        let mut setup = Setup::new(2, 3, 2, 31);
        let mut dealer = setup.dealer(1);
        dealer.polynomials[slot - 1][coefficient] = Scalar::ZERO;
        let error = setup.cheat(1, true, dealer.reveal());
        assert_eq!(error, fault(slot, coefficient, DecodeError::Identity { offset: 0 }));
        assert_eq!(error.culprit(), Some(index(1)));

        // Bytes that are no point: in a constant the proof cannot hold.
        let dealer = setup.dealer(1);
        let mut points = dealer.points();
        points[slot - 1][coefficient] = [0xff; 32];
        let forged = dealer.reveal_of(&points, &dealer.shares(&points));
        let error = setup.cheat(1, true, forged);
        let expected = match coefficient {
            0 => CeremonyError::Possession { trustee: index(1) },
            _ => fault(slot, coefficient, DecodeError::NotAPoint { offset: 0 }),
        };
        assert_eq!(error, expected);
    }
    // A share that is not a scalar, for anyone.
    for (position, recipient, slot) in [(0, 1, 1), (3, 2, 2), (5, 3, 2)] {
        let mut setup = Setup::new(2, 3, 2, 32);
        let dealer = setup.dealer(1);
        let points = dealer.points();
        let mut shares = dealer.shares(&points);
        shares[position] = [0xff; 32];
        let error = setup.cheat(1, false, dealer.reveal_of(&points, &shares));
        let expected = RevealFault::Share { recipient: index(recipient), slot };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: expected });
    }
}

#[test]
fn attack_10_reveal_that_differs_from_its_commitment() {
    for (slot, coefficient) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut setup = Setup::new(2, 3, 2, 33);
        let mut dealer = setup.dealer(1);
        dealer.polynomials[slot][coefficient] += Scalar::ONE;
        // Shares and proof are right for the new polynomial.
        let error = setup.cheat(1, false, dealer.reveal());
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: RevealFault::Commitment });
        assert_eq!(error.culprit(), Some(index(1)));
    }
}

/// Trustee 1 spoils the shares of trustee 2 in its otherwise proper reveal; what comes of it.
fn bad_share(setup: &mut Setup, spoil: impl Fn(&Dealer, &mut Vec<Bytes>)) -> (Vec<Reveal>, Complaint) {
    let dealer = setup.dealer(1);
    let points = dealer.points();
    let mut shares = dealer.shares(&points);
    spoil(&dealer, &mut shares);
    let mut reveals = setup.reveals();
    reveals[0] = dealer.reveal_of(&points, &shares);
    let error = setup.check(2, &reveals).unwrap_err();
    assert_eq!(error.culprit(), Some(index(1)));
    let CeremonyError::BadShares(complaints) = error else { panic!("{error:?}") };
    let [complaint] = &complaints[..] else { panic!("{complaints:?}") };
    assert_eq!((complaint.dealer(), complaint.complainant()), (index(1), index(2)));
    (reveals, complaint.clone())
}

#[test]
fn attack_10_bad_share_names_the_dealer_for_everyone() {
    for slot in [0, 1] {
        let mut setup = Setup::new(2, 3, 2, 34);
        let (reveals, complaint) =
            bad_share(&mut setup, |_, shares| shares[2 + slot] = [1; 32].map(|b| b & 0x0f));
        assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(1)));
        let stands = CeremonyError::Complaint { dealer: index(1), complainant: index(2), culprit: index(1) };
        // Trustee 3 has good shares, and stops all the same.
        let checked = setup.check(3, &reveals).unwrap();
        let error = checked.confirm(std::slice::from_ref(&complaint), &mut setup.rng).unwrap_err();
        assert_eq!(error, stands);
        assert_eq!(error.culprit(), Some(index(1)));
        let public =
            setup.ceremony.conclude(&setup.commitments, &reveals, &[complaint], &setup.confirmations());
        assert_eq!(public, Err(stands));
    }
    // Two bad dealers give two complaints.
    let mut setup = Setup::new(2, 3, 1, 35);
    let mut reveals = setup.reveals();
    for i in [1, 3] {
        let dealer = setup.dealer(i);
        let mut shares = dealer.shares(&dealer.points());
        shares[1] = [0; 32];
        reveals[usize::from(i) - 1] = dealer.reveal_of(&dealer.points(), &shares);
    }
    let error = setup.check(2, &reveals).unwrap_err();
    assert_eq!(error.to_string(), "bad shares from trustee 1, 3");
    let CeremonyError::BadShares(complaints) = error else { panic!("{error:?}") };
    let culprits: Vec<_> = complaints
        .iter()
        .map(|c| setup.ceremony.settle(&reveals[c.dealer().get() as usize - 1], c).unwrap().get())
        .collect();
    assert_eq!(culprits, [1, 3]);
}

#[test]
fn attack_10_relay_that_alters_a_sealed_share_names_nobody() {
    let mut setup = Setup::new(2, 3, 2, 36);
    let reveal = setup.reveals()[0].clone();
    let altered = |points: &[Vec<Bytes>], shares: &[Bytes]| {
        reveal_message(1, points, shares, &reveal.proof().to_bytes())
    };
    let mut attempts = Vec::new();
    for position in 0..6 {
        let mut shares = reveal.shares().to_vec();
        shares[position][0] ^= 1;
        attempts.push(altered(reveal.commitments(), &shares));
    }
    let mut shares = reveal.shares().to_vec();
    shares.swap(2, 4);
    attempts.push(altered(reveal.commitments(), &shares));
    for position in [0, 1] {
        let mut points = reveal.commitments().to_vec();
        points[0][position] = encode(&Scalar::from(5u64));
        attempts.push(altered(&points, reveal.shares()));
    }
    attempts.push(altered(reveal.commitments(), &reveal.shares()[..5]));
    for forged in attempts {
        let error = setup.cheat(1, false, forged.clone());
        assert_eq!(error, CeremonyError::Possession { trustee: index(1) });
        assert_eq!(error.culprit(), None);
        // Nor can a complaint be settled from it.
        let complaint = setup.dealer(2).complain(1);
        assert_eq!(setup.ceremony.settle(&forged, &complaint), Err(error));
    }
    // The dealer itself sees that it is not its own, if the proof is its own.
    let dealer = setup.dealer(1);
    let mut shares = dealer.shares(&dealer.points());
    shares[2] = [0; 32];
    let mut reveals = setup.reveals();
    reveals[0] = dealer.reveal_of(&dealer.points(), &shares);
    assert_eq!(
        setup.check(1, &reveals).unwrap_err(),
        CeremonyError::NotOurs { message: MessageKind::Reveal, trustee: index(1) }
    );
}

#[test]
fn attack_10_share_for_another_trustee() {
    // The value of trustee 3's share, properly sealed for 2; and trustee 3's sealed share as it is.
    let mut setup = Setup::new(2, 3, 2, 37);
    let (reveals, complaint) = bad_share(&mut setup, |dealer, shares| {
        shares.splice(2..4, dealer.seal(&dealer.points(), 2, &dealer.values(3)));
    });
    assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(1)));
    let (reveals, complaint) = bad_share(&mut setup, |_, shares| shares.copy_within(4..6, 2));
    assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(1)));
    // And the two slots of 2 changed over.
    let (reveals, complaint) = bad_share(&mut setup, |dealer, shares| {
        let values: Vec<_> = dealer.values(2).into_iter().rev().collect();
        shares.splice(2..4, dealer.seal(&dealer.points(), 2, &values));
    });
    assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(1)));
}

#[test]
fn attack_10_index_zero_or_too_high() {
    let mut setup = Setup::new(2, 3, 2, 38);
    let reveals = setup.reveals();
    let (mut states, confirmations) = setup.confirmed();
    let complaint = setup.dealer(2).complain(1);
    let unknown = |number| CeremonyError::UnknownTrustee { trustee: index(number), trustees: 3 };
    let zero = |offset| Some(DecodeError::Number { offset });
    let bytes = renumbered(setup.commitments[0].to_bytes(), 0);
    assert_eq!(Commitment::from_bytes(&bytes).err(), zero(1));
    assert_eq!(Reveal::from_bytes(&renumbered(reveals[0].to_bytes(), 0)).err(), zero(1));
    assert_eq!(Confirmation::from_bytes(&renumbered(confirmations[0].to_bytes(), 0)).err(), zero(1));
    for at in [1, 2] {
        let mut bytes = complaint.to_bytes();
        bytes[at] = 0;
        assert_eq!(Complaint::from_bytes(&bytes).err(), zero(at));
    }

    for number in [4, 255] {
        // In place of trustee 3's message, and besides it.
        for besides in [false, true] {
            let mut commitments = setup.commitments.clone();
            let forged = Commitment::from_bytes(&renumbered(commitments[2].to_bytes(), number)).unwrap();
            if besides {
                commitments.push(forged)
            } else {
                commitments[2] = forged
            }
            let error = setup.committed(1).reveal(&commitments, &mut setup.rng).map(|_| ()).unwrap_err();
            assert_eq!(error, unknown(number));
            assert_eq!(error.culprit(), None);

            let mut shown = reveals.clone();
            let forged = Reveal::from_bytes(&renumbered(shown[2].to_bytes(), number)).unwrap();
            if besides {
                shown.push(forged)
            } else {
                shown[2] = forged
            }
            assert_eq!(setup.check(1, &shown).unwrap_err(), unknown(number));

            let mut shown = confirmations.clone();
            let forged = Confirmation::from_bytes(&renumbered(shown[2].to_bytes(), number)).unwrap();
            if besides {
                shown.push(forged)
            } else {
                shown[2] = forged
            }
            let public = setup.ceremony.conclude(&setup.commitments, &reveals, &[], &shown);
            assert_eq!(public, Err(unknown(number)));
        }
        // A complaint from or about nobody is settled for nobody, and does not hold up the others.
        for at in [1, 2] {
            let mut bytes = complaint.to_bytes();
            bytes[at] = number;
            let forged = Complaint::from_bytes(&bytes).unwrap();
            assert_eq!(setup.ceremony.settle(&reveals[0], &forged), Err(unknown(number)));
            assert!(setup.check(1, &reveals).unwrap().confirm(&[forged], &mut setup.rng).is_ok());
        }
    }
    let forged = Confirmation::from_bytes(&renumbered(confirmations[2].to_bytes(), 4)).unwrap();
    let shown = [confirmations[0].clone(), confirmations[1].clone(), forged];
    assert_eq!(states.remove(0).finish(&shown, &[]).unwrap_err(), unknown(4));
}

#[test]
fn attack_10_duplicate_and_missing_messages() {
    let mut setup = Setup::new(2, 3, 2, 39);
    let reveals = setup.reveals();
    let (states, confirmations) = setup.confirmed();
    let mut states = states.into_iter();
    let repeated = |message| CeremonyError::Repeated { message, trustee: index(3) };
    let missing = |message| CeremonyError::Missing { message, trustee: index(2) };
    /// Three changed lists: 3 twice and 2 absent; 2 absent only; and all three with 3 once more.
    fn changed<T: Clone>(all: &[T]) -> [Vec<T>; 3] {
        let [one, two, three] = all else { unreachable!() };
        [
            vec![one.clone(), three.clone(), three.clone()],
            vec![one.clone(), three.clone()],
            vec![one.clone(), two.clone(), three.clone(), three.clone()],
        ]
    }

    let kind = MessageKind::Commitment;
    let expected = [repeated(kind), missing(kind), repeated(kind)];
    for (list, expected) in changed(&setup.commitments.clone()).iter().zip(&expected) {
        let error = setup.committed(1).reveal(list, &mut setup.rng).map(|_| ()).unwrap_err();
        assert_eq!(error, *expected);
        assert_eq!(error.culprit(), None);
        assert_eq!(setup.ceremony.conclude(list, &reveals, &[], &confirmations).as_ref(), Err(expected));
    }
    let kind = MessageKind::Reveal;
    let expected = [repeated(kind), missing(kind), repeated(kind)];
    for (list, expected) in changed(&reveals).iter().zip(&expected) {
        assert_eq!(setup.check(1, list).unwrap_err(), *expected);
        let public = setup.ceremony.conclude(&setup.commitments, list, &[], &confirmations);
        assert_eq!(public.as_ref(), Err(expected));
    }
    let kind = MessageKind::Confirmation;
    let expected = [repeated(kind), missing(kind), repeated(kind)];
    for (list, expected) in changed(&confirmations).iter().zip(&expected) {
        assert_eq!(states.next().unwrap().finish(list, &[]).unwrap_err(), *expected);
        let public = setup.ceremony.conclude(&setup.commitments, &reveals, &[], list);
        assert_eq!(public.as_ref(), Err(expected));
    }
    assert_eq!(
        setup.check(1, &[]).unwrap_err(),
        CeremonyError::Missing { message: MessageKind::Reveal, trustee: index(1) }
    );
}

#[test]
fn attack_10_false_complaint_names_the_complainant() {
    let mut setup = Setup::new(2, 3, 2, 40);
    let reveals = setup.reveals();
    let complaint = setup.dealer(3).complain(1);
    assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(3)));
    let error = setup
        .check(2, &reveals)
        .unwrap()
        .confirm(std::slice::from_ref(&complaint), &mut setup.rng)
        .unwrap_err();
    assert_eq!(
        error,
        CeremonyError::Complaint { dealer: index(1), complainant: index(3), culprit: index(3) }
    );
    assert_eq!(error.culprit(), Some(index(3)));
    // It is about trustee 1's reveal and no other.
    assert_eq!(
        setup.ceremony.settle(&reveals[1], &complaint),
        Err(CeremonyError::Missing { message: MessageKind::Reveal, trustee: index(1) })
    );
}

#[test]
fn attack_10_complaint_that_anyone_could_have_made() {
    let mut setup = Setup::new(2, 3, 2, 41);
    let reveals = setup.reveals();
    let dealer_3 = setup.dealer(3);
    let honest = dealer_3.complain(1);
    let other = setup.again("another", 42);
    let key_1 = point(&dealer_3.keys[0]);
    let mut attempts = vec![
        // A secret that opens the share to nonsense, to get the dealer blamed.
        dealer_3.complaint_with(1, &(key_1 * Scalar::from(5u64)), &dealer_3.identity),
        // In another's name.
        Dealer { index: 2, ..dealer_3.clone() }.complain(1),
        // From another ceremony.
        other.dealer(3).complain(1),
    ];
    // A true one about or by somebody else, or with one byte changed.
    for at in [1, 2, 35, 67] {
        let mut bytes = honest.to_bytes();
        bytes[at] = if at < 3 { 2 } else { bytes[at] ^ 1 };
        attempts.push(Complaint::from_bytes(&bytes).unwrap());
    }
    for forged in attempts {
        let (dealer, complainant) = (forged.dealer(), forged.complainant());
        let error = setup.ceremony.settle(&reveals[usize::from(dealer.get()) - 1], &forged).unwrap_err();
        assert_eq!(error, CeremonyError::ComplaintProof { dealer, complainant });
        assert_eq!(error.culprit(), None);
        // It is passed over, but what comes after it is not.
        let confirm = |setup: &mut Setup, complaints: &[Complaint]| {
            setup.check(2, &reveals).unwrap().confirm(complaints, &mut setup.rng.clone()).map(|_| ())
        };
        assert_eq!(confirm(&mut setup, std::slice::from_ref(&forged)), Ok(()));
        assert!(confirm(&mut setup, &[forged, honest.clone()]).is_err());
    }
}

#[test]
fn attack_10_malformed_reveal_needs_no_complaint() {
    let setup = Setup::new(2, 3, 2, 43);
    let mut dealer = setup.dealer(1);
    dealer.polynomials[0].push(Scalar::ONE);
    let error = setup.ceremony.settle(&dealer.reveal(), &setup.dealer(2).complain(1)).unwrap_err();
    assert_eq!(error.culprit(), Some(index(1)));
}

#[test]
fn attack_10_going_on_after_a_complaint() {
    let mut setup = Setup::new(2, 3, 2, 44);
    let (reveals, complaint) = bad_share(&mut setup, |_, shares| shares[2] = [0; 32]);
    let stands = CeremonyError::Complaint { dealer: index(1), complainant: index(2), culprit: index(1) };
    // It reaches 3 only after 3 has confirmed; 1 goes on as it likes, and 2 is made to confirm all the same.
    let (state, confirmation) = setup.check(3, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap();
    let digest = state.key_digest().to_bytes();
    let mut confirmations = vec![confirmation, setup.dealer(1).confirm(&digest)];
    confirmations.push(setup.dealer(2).confirm(&digest));
    let complaints = [complaint];
    let public = setup.ceremony.conclude(&setup.commitments, &reveals, &complaints, &confirmations);
    assert_eq!(public, Err(stands.clone()));
    assert_eq!(state.finish(&confirmations, &complaints).unwrap_err(), stands);
    // Without 2's confirmation it does not finish even where the complaint is held back.
    let state = setup.check(3, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().0;
    assert_eq!(
        state.finish(&confirmations[..2], &[]).unwrap_err(),
        CeremonyError::Missing { message: MessageKind::Confirmation, trustee: index(2) }
    );
}

#[test]
fn attack_10_confirmation_of_something_else() {
    let mut setup = Setup::new(2, 3, 2, 45);
    let reveals = setup.reveals();
    let (states, confirmations) = setup.confirmed();
    let digest = states[0].key_digest().to_bytes();
    let dealer = setup.dealer(3);
    let signature = |purpose: &[u8], digest: &Bytes| sign(&dealer.identity, purpose, digest);
    let mut spoilt = confirmations[2].to_bytes();
    spoilt[34] ^= 1;
    let forged = [
        dealer.confirm(&[1; 32]),
        Confirmation::from_bytes(&[&[1, 3][..], &signature(b"commitment", &digest)].concat()).unwrap(),
        Confirmation::from_bytes(&renumbered(confirmations[0].to_bytes(), 3)).unwrap(),
        Confirmation::from_bytes(&spoilt).unwrap(),
    ];
    for forged in forged {
        let shown = [confirmations[0].clone(), confirmations[1].clone(), forged];
        let state = setup.check(1, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().0;
        let error = state.finish(&shown, &[]).unwrap_err();
        assert_eq!(error, CeremonyError::Signature { message: MessageKind::Confirmation, trustee: index(3) });
        assert_eq!(error.culprit(), None);
        assert_eq!(setup.ceremony.conclude(&setup.commitments, &reveals, &[], &shown), Err(error));
    }
    // One's own confirmation does not stand in for itself.
    let state = setup.check(3, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().0;
    assert_eq!(
        state.finish(&confirmations[..2], &[]).unwrap_err(),
        CeremonyError::Missing { message: MessageKind::Confirmation, trustee: index(3) }
    );
}

#[test]
fn attack_10_commitment_altered_or_made_up() {
    let mut setup = Setup::new(2, 3, 2, 46);
    let good = setup.commitments.clone();
    let mut altered = good[1].to_bytes();
    altered[2] ^= 1;
    let relabelled = renumbered(good[0].to_bytes(), 2);
    let mut spoilt = good[1].to_bytes();
    spoilt[66] ^= 1;
    for bytes in [altered, relabelled, spoilt] {
        setup.commitments[1] = Commitment::from_bytes(&bytes).unwrap();
        for j in [1, 2, 3] {
            let error =
                setup.committed(j).reveal(&setup.commitments, &mut setup.rng).map(|_| ()).unwrap_err();
            assert_eq!(
                error,
                CeremonyError::Signature { message: MessageKind::Commitment, trustee: index(2) }
            );
            assert_eq!(error.culprit(), None);
        }
    }
}

#[test]
fn attack_10_same_label_again_with_the_same_keys() {
    let mut old = Setup::new(2, 3, 2, 47);
    let mut new = old.again("a ceremony", 48);
    assert_eq!(old.ceremony.digest(), new.ceremony.digest());
    let (_, old_confirmations) = old.confirmed();
    let (old_reveals, new_reveals) = (old.reveals(), new.reveals());

    // A relay shows one old commitment: its trustee sees it.
    let good = new.commitments.clone();
    new.commitments[0] = old.commitments[0].clone();
    let error = new.committed(1).reveal(&new.commitments, &mut new.rng).map(|_| ()).unwrap_err();
    assert_eq!(error, CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(1) });
    assert_eq!(error.culprit(), None);
    // The whole old ceremony, shown to any of them.
    for j in 1..=3 {
        let error = new.committed(j).reveal(&old.commitments, &mut new.rng).map(|_| ()).unwrap_err();
        assert_eq!(error, CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(j) });
    }
    new.commitments = good;

    // An old reveal, whose proof holds: not what was committed to now, and not what its trustee made.
    let mut shown = new_reveals.clone();
    shown[0] = old_reveals[0].clone();
    assert_eq!(
        new.check(2, &shown).unwrap_err(),
        CeremonyError::BadReveal { dealer: index(1), fault: RevealFault::Commitment }
    );
    assert_eq!(
        new.check(1, &shown).unwrap_err(),
        CeremonyError::NotOurs { message: MessageKind::Reveal, trustee: index(1) }
    );

    // An old confirmation.
    let state = new.check(1, &new_reveals).unwrap().confirm(&[], &mut new.rng).unwrap().0;
    let (_, mut confirmations) = new.confirmed();
    confirmations[1] = old_confirmations[1].clone();
    assert_eq!(
        state.finish(&confirmations, &[]).unwrap_err(),
        CeremonyError::Signature { message: MessageKind::Confirmation, trustee: index(2) }
    );
}

// ---------------------------------------------------------------------------------------------------
// Attack 8, attack 19

/// An RNG that returns one byte for ever.
struct Stuck(u8);

impl urne::rand_core::TryRng for Stuck {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_le_bytes([self.0; 4]))
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_le_bytes([self.0; 8]))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(self.0);
        Ok(())
    }
}

impl urne::rand_core::TryCryptoRng for Stuck {}

/// The nonce of a Schnorr proof, for whoever knows the secret.
fn nonce(proof: &urne::Proof, secret: &Scalar) -> Scalar {
    scalar(&proof.response()) - scalar(&proof.challenge()) * secret
}

#[test]
fn attack_8_a_stuck_rng_repeats_nothing_in_another_ceremony() {
    for byte in [0, 0xff] {
        let secret = |j: u8| IdentitySecret::generate(&mut rng(j.into()));
        let keys = || (1..=2).map(|j| secret(j).public()).collect::<Vec<_>>();
        let threshold = Threshold::new(2, 2).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        let mut fresh = |scalar: &Scalar, what: &str| assert!(seen.insert(scalar.to_bytes()), "{what} again");
        for (label, slots) in [("one", 2), ("two", 2), ("one", 3)] {
            let ceremony = Ceremony::new(label, threshold, slots, keys()).unwrap();
            let mut commitments = Vec::new();
            let mut stored = Vec::new();
            for j in 1..=2 {
                let (state, commitment) = ceremony.join(secret(j), &mut Stuck(byte)).unwrap();
                let secrets = scalars(&state.expose_bytes());
                for coefficient in &secrets[1..] {
                    fresh(coefficient, "coefficient");
                }
                fresh(&nonce(commitment.signature(), &secrets[0]), "nonce of a commitment");
                commitments.push(commitment);
                stored.push(state.expose_bytes());
            }
            let reveals: Vec<_> = stored
                .iter()
                .map(|bytes| {
                    let state = Committed::from_bytes(&ceremony, bytes).unwrap();
                    state.reveal(&commitments, &mut Stuck(byte)).unwrap().1
                })
                .collect();
            for (bytes, reveal) in stored.iter().zip(&reveals) {
                // The secret of the proof, as a verifier would combine the points.
                let all = scalars(bytes);
                let mut transcript = merlin::Transcript::new(b"urne/1 possession");
                transcript.append_message(b"ceremony", &ceremony.digest().to_bytes());
                transcript.append_u64(b"trustee", reveal.trustee().get().into());
                transcript.append_message(b"commitments", &reveal.commitments().concat().concat());
                transcript.append_message(b"shares", &reveal.shares().concat());
                let w = challenge(&mut transcript, b"w");
                let constants = all[1..].chunks(2).map(|row| row[0]).chain([all[0]]);
                let secret: Scalar = constants.rev().fold(Scalar::ZERO, |sum, part| sum * w + part);
                let tau = nonce(reveal.proof(), &secret);
                transcript.append_message(b"T", &encode(&tau));
                assert_eq!(challenge(&mut transcript, b"c").to_bytes(), reveal.proof().challenge());
                fresh(&tau, "nonce of a reveal");

                let state = Committed::from_bytes(&ceremony, bytes).unwrap();
                let (state, _) = state.reveal(&commitments, &mut Stuck(byte)).unwrap();
                let checked = state.check(&reveals, &mut Stuck(byte)).unwrap();
                let confirmation = checked.confirm(&[], &mut Stuck(byte)).unwrap().1;
                fresh(&nonce(confirmation.signature(), &all[0]), "nonce of a confirmation");
            }
        }
    }
}

#[test]
fn attack_8_a_good_rng_gives_other_polynomials_in_the_same_ceremony() {
    let setup = Setup::new(2, 3, 2, 50);
    let again = setup.again("a ceremony", 51);
    assert_eq!(setup.ceremony, again.ceremony);
    for (one, other) in setup.stored.iter().zip(&again.stored) {
        assert_eq!(one[..32], other[..32]);
        assert!(one[32..].chunks(32).zip(other[32..].chunks(32)).all(|(a, b)| a != b));
    }
}

#[test]
fn attack_19_debug_of_secret_states_is_redacted() {
    fn wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
    let mut setup = Setup::new(2, 3, 1, 52);
    let reveals = setup.reveals();
    let secrets: Vec<_> = setup.stored.clone();
    let leaks = |text: &str, more: &[u8]| {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let dec = |bytes: &[u8]| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        secrets[0]
            .chunks(32)
            .chain(more.chunks(32))
            .any(|secret| text.contains(&hex(secret)) || text.contains(&dec(secret)))
    };
    let committed = setup.committed(1);
    wiped(&committed);
    assert_eq!(format!("{committed:?}"), "Committed(trustee 1, redacted)");
    let (revealed, _) = committed.reveal(&setup.commitments, &mut setup.rng).unwrap();
    wiped(&revealed);
    assert_eq!(format!("{revealed:?}"), "Revealed(trustee 1, redacted)");
    let checked = revealed.check(&reveals, &mut setup.rng).unwrap();
    wiped(&checked);
    assert_eq!(format!("{checked:?}"), "Checked(trustee 1, redacted)");
    let (confirmed, _) = checked.confirm(&[], &mut setup.rng).unwrap();
    wiped(&confirmed);
    assert_eq!(format!("{confirmed:?}"), "Confirmed(trustee 1, redacted)");
    let (_, confirmations) = setup.confirmed();
    let key = confirmed.finish(&confirmations, &[]).unwrap();
    wiped(&key);
    assert_eq!(format!("{key:?}"), "TrusteeKey(of trustee 1, redacted)");
    // Nor does an error or a public message show a secret.
    let complaint = setup.dealer(1).complain(2);
    let more = key.expose_bytes();
    for text in [format!("{key:#?}"), format!("{:?}", reveals[0]), format!("{complaint:?}")] {
        assert!(!leaks(&text, &more), "{text}");
    }
}

// ---------------------------------------------------------------------------------------------------
// Wire forms

struct Samples {
    commitment: Commitment,
    reveal: Reveal,
    complaint: Complaint,
    confirmation: Confirmation,
}

fn samples() -> Samples {
    let mut setup = Setup::new(2, 3, 2, 60);
    Samples {
        commitment: setup.commitments[1].clone(),
        reveal: setup.reveals()[1].clone(),
        complaint: setup.dealer(2).complain(1),
        confirmation: setup.dealer(2).confirm(&[7; 32]),
    }
}

/// What a decoder makes of bytes, as bytes again.
type Decoder = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

fn decoders() -> [(Vec<u8>, usize, Decoder); 4] {
    let s = samples();
    [
        (s.commitment.to_bytes(), 98, |b| Commitment::from_bytes(b).map(|m| m.to_bytes())),
        (s.reveal.to_bytes(), 75 + 2 * (1 + 32 * 5), |b| Reveal::from_bytes(b).map(|m| m.to_bytes())),
        (s.complaint.to_bytes(), 99, |b| Complaint::from_bytes(b).map(|m| m.to_bytes())),
        (s.confirmation.to_bytes(), 66, |b| Confirmation::from_bytes(b).map(|m| m.to_bytes())),
    ]
}

#[test]
fn wire_forms_are_read_back_and_nothing_else_is() {
    for (bytes, length, decode) in decoders() {
        assert_eq!(bytes.len(), length);
        assert_eq!(decode(&bytes).as_ref(), Ok(&bytes));
        for cut in 0..bytes.len() {
            assert!(matches!(decode(&bytes[..cut]), Err(DecodeError::TooShort { .. })), "{cut}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(decode(&longer), Err(DecodeError::TooLong { expected: length, actual: length + 1 }));
        for version in [0, 2, 0xff] {
            let mut changed = bytes.clone();
            changed[0] = version;
            assert_eq!(decode(&changed), Err(DecodeError::Version { actual: version }));
        }
        // Challenge and response are scalars below the order.
        for back in [64, 32] {
            let at = length - back;
            let mut changed = bytes.clone();
            changed[at..at + 32].fill(0xff);
            assert_eq!(decode(&changed), Err(DecodeError::NotAScalar { offset: at }));
        }
    }
    let mut complaint = samples().complaint.to_bytes();
    complaint[3..35].fill(0);
    assert_eq!(Complaint::from_bytes(&complaint), Err(DecodeError::Identity { offset: 3 }));
    complaint[3..35].fill(0xff);
    assert_eq!(Complaint::from_bytes(&complaint), Err(DecodeError::NotAPoint { offset: 3 }));
}

#[test]
fn lengths_that_lie_are_refused_before_anything_is_allocated() {
    let reveal = samples().reveal.to_bytes();
    // The number of shares stands after two slots of two points.
    let at = 3 + 2 * (1 + 64);
    assert_eq!(reveal[at..at + 8], 6u64.to_le_bytes());
    for lie in [7, 1 << 32, u64::MAX / 32, u64::MAX] {
        let mut changed = reveal.clone();
        changed[at..at + 8].copy_from_slice(&lie.to_le_bytes());
        assert!(Reveal::from_bytes(&changed).is_err(), "{lie}");
    }
    for at in [2, 3] {
        let mut changed = reveal.clone();
        changed[at] = 255;
        assert!(Reveal::from_bytes(&changed).is_err());
    }
    assert!(Reveal::from_bytes(&[1, 1, 255]).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn messages_are_hex_in_json() {
    let s = samples();
    let json = serde_json::to_string(&s.reveal).unwrap();
    let hex: String = s.reveal.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(json, format!("\"{hex}\""));
    assert_eq!(serde_json::from_str::<Reveal>(&json).unwrap(), s.reveal);
    assert!(serde_json::from_str::<Reveal>(&json.to_uppercase()).is_err());
    macro_rules! round_trip {
        ($($value:expr),*) => {$({
            let mut value = $value.clone();
            let json = serde_json::to_string(&value).unwrap();
            value.clone_from(&serde_json::from_str(&json).unwrap());
            assert_eq!(value, $value);
        })*};
    }
    round_trip!(s.commitment, s.complaint, s.confirmation);
}

proptest! {
    #[test]
    fn decoding_hostile_bytes_gives_an_error_or_the_same_bytes(
        kind in 0usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        tail in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let (mut bytes, _, decode) = decoders()[kind].clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.extend(tail);
        if let Ok(again) = decode(&bytes) {
            prop_assert_eq!(again, bytes);
        }
    }

    /// Any change of one byte of any reveal is noticed by all, and blames nobody.
    #[test]
    fn attack_10_no_relay_can_blame_a_dealer(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut setup = Setup::new(2, 2, 1, 61);
        let mut reveals = setup.reveals();
        let mut bytes = reveals[0].to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(altered) = Reveal::from_bytes(&bytes) {
            reveals[0] = altered;
            let error = setup.check(2, &reveals).unwrap_err();
            prop_assert_eq!(error.culprit(), None, "{}", error);
        }
    }
}

#[test]
fn a_reader_of_random_bytes_never_panics() {
    let mut rng = rng(62);
    for length in 0..400 {
        let mut bytes = vec![0; length];
        rng.fill_bytes(&mut bytes);
        for (_, _, decode) in decoders().iter().take(usize::from(length % 40 == 0) * 4) {
            let _ = decode(&bytes);
        }
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        let _ = Reveal::from_bytes(&bytes);
        let _ = Commitment::from_bytes(&bytes);
        let _ = Complaint::from_bytes(&bytes);
        let _ = Confirmation::from_bytes(&bytes);
    }
}
