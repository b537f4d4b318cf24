//! A key ceremony whose trustees can be made to cheat. They are built from the protocol's text with merlin and
//! curve25519-dalek, not from the crate's own code.
#![allow(dead_code)]

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use urne::ceremony::{
    Ceremony, CeremonyError, Checked, Commitment, Committed, Complaint, Confirmation, Confirmed, Reveal,
};
use urne::rand_core::SeedableRng;
use urne::{IdentitySecret, Threshold, TrusteeIndex};

pub type Bytes = [u8; 32];

pub fn index(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn encode(secret: &Scalar) -> Bytes {
    RistrettoPoint::mul_base(secret).compress().to_bytes()
}

pub fn point(bytes: &Bytes) -> RistrettoPoint {
    CompressedRistretto(*bytes).decompress().unwrap()
}

pub fn scalar(bytes: &[u8]) -> Scalar {
    Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap()
}

/// The secrets of a stored [`Committed`]: what stands after the ceremony's digest.
pub fn secrets(stored: &[u8]) -> Vec<Scalar> {
    scalars(&stored[32..])
}

pub fn scalars(bytes: &[u8]) -> Vec<Scalar> {
    bytes.chunks(32).map(scalar).collect()
}

pub fn challenge(transcript: &mut merlin::Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    transcript.challenge_bytes(label, &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

pub fn value_at(polynomial: &[Scalar], x: u8) -> Scalar {
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
pub fn tau() -> Scalar {
    Scalar::from(424_242u64)
}

pub fn fields(tag: &str, fields: &[&[u8]]) -> Bytes {
    let mut hash = Sha256::new();
    for field in [tag.as_bytes()].iter().chain(fields) {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

pub fn sign(secret: &Scalar, purpose: &[u8], digest: &Bytes) -> Vec<u8> {
    let mut transcript = merlin::Transcript::new(b"urne/1 signature");
    transcript.append_message(b"purpose", purpose);
    transcript.append_message(b"digest", digest);
    transcript.append_message(b"key", &encode(secret));
    transcript.append_message(b"T", &encode(&tau()));
    let c = challenge(&mut transcript, b"c");
    [c.to_bytes(), (tau() + c * secret).to_bytes()].concat()
}

/// Everyone has committed; what each of them knows is stored.
pub struct Setup {
    pub ceremony: Ceremony,
    pub n: u8,
    pub stored: Vec<Vec<u8>>,
    pub commitments: Vec<Commitment>,
    pub rng: ChaCha20Rng,
}

impl Setup {
    pub fn new(t: u8, n: u8, m: u8, seed: u64) -> Setup {
        let mut rng = rng(seed);
        let secrets: Vec<_> = (0..n).map(|_| IdentitySecret::generate(&mut rng)).collect();
        Setup::with("a ceremony", t, m, secrets, rng)
    }

    pub fn with(label: &str, t: u8, m: u8, secrets: Vec<IdentitySecret>, mut rng: ChaCha20Rng) -> Setup {
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
    pub fn again(&self, label: &str, seed: u64) -> Setup {
        let secrets = self
            .stored
            .iter()
            .map(|bytes| IdentitySecret::from_bytes(bytes[32..64].try_into().unwrap()).unwrap());
        let (t, m) = (self.ceremony.threshold().required(), self.ceremony.slots());
        Setup::with(label, t, m, secrets.collect(), rng(seed))
    }

    pub fn committed(&self, j: u8) -> Committed {
        Committed::from_bytes(&self.ceremony, &self.stored[usize::from(j) - 1]).unwrap()
    }

    pub fn dealer(&self, i: u8) -> Dealer {
        let mut all = secrets(&self.stored[usize::from(i) - 1]);
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

    pub fn reveals(&mut self) -> Vec<Reveal> {
        (1..=self.n).map(|j| self.committed(j).reveal(&self.commitments, &mut self.rng).unwrap().1).collect()
    }

    /// Trustee `j` reveals, and checks what it is shown.
    pub fn check(&mut self, j: u8, reveals: &[Reveal]) -> Result<Checked, CeremonyError> {
        let (state, _) = self.committed(j).reveal(&self.commitments, &mut self.rng)?;
        state.check(reveals, &mut self.rng)
    }

    /// Trustee `i` sends this in place of its reveal, and its commitment to the points in it, if it can;
    /// what do the others say?
    pub fn cheat(&mut self, i: u8, recommit: bool, reveal: Reveal) -> CeremonyError {
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

    pub fn confirmed(&mut self) -> (Vec<Confirmed>, Vec<Confirmation>) {
        let reveals = self.reveals();
        (1..=self.n)
            .map(|j| {
                let checked = self.check(j, &reveals).unwrap();
                checked.confirm(&[], &mut self.rng).unwrap()
            })
            .unzip()
    }

    /// Some confirmations, of no matter what.
    pub fn confirmations(&self) -> Vec<Confirmation> {
        (1..=self.n).map(|j| self.dealer(j).confirm(&[0; 32])).collect()
    }
}

/// A trustee that does as it likes.
#[derive(Clone)]
pub struct Dealer {
    pub ceremony: Bytes,
    pub keys: Vec<Bytes>,
    pub index: u8,
    pub identity: Scalar,
    pub polynomials: Vec<Vec<Scalar>>,
}

impl Dealer {
    pub fn points(&self) -> Vec<Vec<Bytes>> {
        self.polynomials.iter().map(|row| row.iter().map(encode).collect()).collect()
    }

    pub fn commitment_digest(&self, points: &[Vec<Bytes>]) -> Bytes {
        let number = u64::from(self.index).to_le_bytes();
        let mut list: Vec<&[u8]> = vec![&self.ceremony, &number];
        list.extend(points.iter().flatten().map(|point| &point[..]));
        fields("urne/1 commitment", &list)
    }

    pub fn commit(&self, points: &[Vec<Bytes>]) -> Commitment {
        let digest = self.commitment_digest(points);
        let signature = sign(&self.identity, b"commitment", &digest);
        Commitment::from_bytes(&[&[1, self.index][..], &digest, &signature].concat()).unwrap()
    }

    pub fn confirm(&self, digest: &Bytes) -> Confirmation {
        let signature = sign(&self.identity, b"key", digest);
        Confirmation::from_bytes(&[&[1, self.index][..], &signature].concat()).unwrap()
    }

    /// A share of the value `p(x)`, sealed for trustee `to` against these points.
    pub fn seal(&self, points: &[Vec<Bytes>], to: u8, values: &[Scalar]) -> Vec<Bytes> {
        let secret = point(&self.keys[usize::from(to) - 1]) * self.identity;
        let mut transcript = merlin::Transcript::new(b"urne/1 share");
        transcript.append_message(b"ceremony", &self.ceremony);
        transcript.append_u64(b"from", self.index.into());
        transcript.append_u64(b"to", to.into());
        transcript.append_message(b"commitments", &points.concat().concat());
        transcript.append_message(b"secret", secret.compress().as_bytes());
        values.iter().map(|value| (value + challenge(&mut transcript, b"mask")).to_bytes()).collect()
    }

    pub fn values(&self, to: u8) -> Vec<Scalar> {
        self.polynomials.iter().map(|polynomial| value_at(polynomial, to)).collect()
    }

    pub fn shares(&self, points: &[Vec<Bytes>]) -> Vec<Bytes> {
        (1..).zip(&self.keys).flat_map(|(to, _)| self.seal(points, to, &self.values(to))).collect()
    }

    /// A proof with what the dealer takes for the constants and for its identity secret.
    pub fn prove(&self, points: &[Vec<Bytes>], shares: &[Bytes], constants: &[Scalar]) -> Vec<u8> {
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

    pub fn constants(&self) -> Vec<Scalar> {
        self.polynomials.iter().map(|polynomial| polynomial[0]).collect()
    }

    pub fn message(&self, points: &[Vec<Bytes>], shares: &[Bytes], proof: &[u8]) -> Reveal {
        reveal_message(self.index, points, shares, proof)
    }

    /// A reveal of these points and shares with the best proof the dealer can make.
    pub fn reveal_of(&self, points: &[Vec<Bytes>], shares: &[Bytes]) -> Reveal {
        self.message(points, shares, &self.prove(points, shares, &self.constants()))
    }

    pub fn reveal(&self) -> Reveal {
        let points = self.points();
        self.reveal_of(&points, &self.shares(&points))
    }

    pub fn complaint_with(&self, dealer: u8, secret: &RistrettoPoint, e: &Scalar) -> Complaint {
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

    pub fn complain(&self, dealer: u8) -> Complaint {
        let secret = point(&self.keys[usize::from(dealer) - 1]) * self.identity;
        self.complaint_with(dealer, &secret, &self.identity)
    }
}

pub fn reveal_message(i: u8, points: &[Vec<Bytes>], shares: &[Bytes], proof: &[u8]) -> Reveal {
    Reveal::from_bytes(&reveal_bytes(i, points, shares, proof)).unwrap()
}

pub fn reveal_bytes(i: u8, points: &[Vec<Bytes>], shares: &[Bytes], proof: &[u8]) -> Vec<u8> {
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
pub fn renumbered(bytes: Vec<u8>, number: u8) -> Vec<u8> {
    let mut bytes = bytes;
    bytes[1] = number;
    bytes
}
