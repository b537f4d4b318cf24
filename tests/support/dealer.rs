//! A key ceremony whose trustees can be made to cheat. They are built from the protocol's text with merlin and
//! curve25519-dalek, not from the crate's own code.
#![allow(dead_code)]

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use urne::bureau::{
    Ceremony, CeremonyError, Checked, Commitment, Committed, Complaint, Confirmation, Confirmed,
    OpenedShares, Reveal,
};
use urne::primitives::Kind;
use urne::rand_core::SeedableRng;
use urne::{Bureau, DecodeError, IdentitySecret, Panel, TrusteeIndex};

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

/// The bureau of most tests: trustees 1 to 3, of whom two are needed, and 4 and 5, of whom one is.
pub const PANELS: &[(u8, u8)] = &[(2, 3), (1, 2)];

/// The first bytes of a form.
pub fn head(kind: Kind) -> [u8; 2] {
    [kind.byte(), 2]
}

/// Where the secrets of a stored [`Committed`] stand: after the ceremony, which is there as in its own form, and before
/// the tag.
pub fn committed_secrets<'a>(ceremony: &Ceremony, stored: &'a [u8]) -> &'a [u8] {
    &stored[ceremony.to_bytes().len()..stored.len() - 32]
}

/// The identity secret of a stored trustee, and its shares: they stand after the election key, which is there as in its
/// own form, and the digest of its ceremony.
pub fn trustee_secrets(trustee: &urne::Trustee) -> (Scalar, Vec<Scalar>) {
    let (key, stored) = (trustee.key().election_key(), trustee.to_bytes());
    let mut all = scalars(&stored[key.to_bytes().len() + 32..][..32 * (1 + key.slots())]);
    (all.remove(0), all)
}

pub fn scalars(bytes: &[u8]) -> Vec<Scalar> {
    bytes.chunks(32).map(scalar).collect()
}

/// The tag at the end of what a role stores.
pub fn tag(before: &[u8]) -> Bytes {
    let mut transcript = merlin::Transcript::new(b"urne/2 stored");
    transcript.append_message(b"stored", before);
    let mut tag = [0; 32];
    transcript.challenge_bytes(b"tag", &mut tag);
    tag
}

/// Stored bytes that are changed by somebody who knows all of them, under a tag of their own.
pub fn retagged(stored: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut changed = stored[..stored.len() - 32].to_vec();
    change(&mut changed);
    let tag = tag(&changed);
    [changed, tag.to_vec()].concat()
}

/// A role's stored bytes as a test changes them: by somebody who knows all of them, and so makes the tag again.
pub fn at(stored: &[u8], place: usize, byte: u8, count: usize) -> Vec<u8> {
    retagged(stored, |bytes| bytes[place..place + count].fill(byte))
}

/// What no form of a stored state takes: cut, longer, of another kind or version, altered anywhere.
pub fn assert_guarded(
    stored: &[u8],
    kind: Kind,
    read: &dyn Fn(&[u8]) -> Result<TrusteeIndex, CeremonyError>,
) {
    let decode = |error| Err(CeremonyError::Decode(error));
    assert_eq!(stored[..2], head(kind));
    for length in 0..stored.len() {
        assert!(read(&stored[..length]).is_err(), "{kind}: {length}");
    }
    let (expected, actual) = (stored.len(), stored.len() + 1);
    assert_eq!(read(&[stored, &[0]].concat()), decode(DecodeError::TooLong { expected, actual }));
    for other in Kind::ALL.iter().filter(|other| **other != kind) {
        let refused = DecodeError::Kind { expected: kind, actual: other.byte() };
        assert_eq!(read(&at(stored, 0, other.byte(), 1)), decode(refused));
    }
    assert_eq!(read(&at(stored, 1, 1, 1)), decode(DecodeError::Version { actual: 1 }));
    // Whatever the alteration would mean, without the tag it means nothing.
    for place in 2..stored.len() {
        let mut altered = stored.to_vec();
        altered[place] ^= 1;
        assert!(read(&altered).is_err(), "{kind}: {place}");
    }
}

/// The same trustee, with its secrets and without its memory: it signs what it would otherwise refuse to sign twice.
pub fn forgetful(trustee: &urne::Trustee) -> urne::Trustee {
    let key = trustee.key().election_key();
    let memory = key.to_bytes().len() + 32 * (2 + key.slots());
    let stored = retagged(&trustee.to_bytes(), |stored| {
        stored.truncate(memory);
        // No minimum, no approvals, no contests.
        stored.extend([0; 24]);
    });
    urne::Trustee::from_bytes(&stored).unwrap()
}

/// The identity secret with this scalar.
pub fn identity(secret: &Scalar) -> IdentitySecret {
    IdentitySecret::from_bytes(&[&head(Kind::IdentitySecret)[..], secret.as_bytes()].concat()).unwrap()
}

/// The state of a trustee whose shares are good.
pub fn good(opened: OpenedShares) -> Checked {
    match opened {
        OpenedShares::Good(checked) => checked,
        OpenedShares::Bad(shares) => panic!("{shares}"),
    }
}

/// The complaints of a trustee whose shares are not.
pub fn complaints(opened: OpenedShares) -> Vec<Complaint> {
    match opened {
        OpenedShares::Good(checked) => panic!("{checked:?}"),
        OpenedShares::Bad(shares) => shares.complaints().to_vec(),
    }
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
    let mut transcript = merlin::Transcript::new(b"urne/2 signature");
    transcript.append_message(b"purpose", purpose);
    transcript.append_message(b"digest", digest);
    transcript.append_message(b"key", &encode(secret));
    transcript.append_message(b"T", &encode(&tau()));
    let c = challenge(&mut transcript, b"c");
    [c.to_bytes(), (tau() + c * secret).to_bytes()].concat()
}

/// `ceremony`, with the thresholds and identity keys of the panels.
pub fn ceremony_digest(label: &str, m: u8, panels: &[(u8, Vec<Bytes>)]) -> Bytes {
    let number = |n: usize| (n as u64).to_le_bytes().to_vec();
    let mut list = vec![label.as_bytes().to_vec(), number(m.into()), number(panels.len())];
    for (threshold, keys) in panels {
        list.extend([number(keys.len()), number((*threshold).into())]);
        list.extend(keys.iter().map(|key| key.to_vec()));
    }
    fields("urne/2 ceremony", &list.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// What is confirmed, with the key panel by panel and slot by slot.
pub fn key_digest(ceremony: &Bytes, commitments: &[Bytes], key: &[Vec<Vec<Bytes>>]) -> Bytes {
    let list = [ceremony].into_iter().chain(commitments).chain(key.iter().flatten().flatten());
    fields("urne/2 key", &list.map(|field| &field[..]).collect::<Vec<_>>())
}

/// Everyone has committed; what each of them knows is stored.
pub struct Setup {
    pub ceremony: Ceremony,
    pub panels: Vec<(u8, u8)>,
    pub n: u8,
    pub stored: Vec<Vec<u8>>,
    pub commitments: Vec<Commitment>,
    pub rng: ChaCha20Rng,
}

impl Setup {
    /// Panels as thresholds with numbers of trustees.
    pub fn new(panels: &[(u8, u8)], m: u8, seed: u64) -> Setup {
        let mut rng = rng(seed);
        let n: u8 = panels.iter().map(|(_, n)| n).sum();
        let secrets: Vec<_> = (0..n).map(|_| IdentitySecret::generate(&mut rng)).collect();
        Setup::with("a ceremony", panels, m, secrets, rng)
    }

    pub fn with(
        label: &str,
        panels: &[(u8, u8)],
        m: u8,
        secrets: Vec<IdentitySecret>,
        mut rng: ChaCha20Rng,
    ) -> Setup {
        let n = u8::try_from(secrets.len()).unwrap();
        let keys: Vec<_> = secrets.iter().map(IdentitySecret::public).collect();
        let ceremony = Ceremony::new(label, m, bureau(panels, &keys)).unwrap();
        let mut stored = Vec::new();
        let mut commitments = Vec::new();
        for secret in secrets {
            let unsent = ceremony.join(secret, &mut rng).unwrap();
            stored.push(unsent.to_store().to_vec());
            commitments.push(unsent.stored().1);
        }
        Setup { ceremony, panels: panels.to_vec(), n, stored, commitments, rng }
    }

    /// The same trustees in another ceremony.
    pub fn again(&self, label: &str, seed: u64) -> Setup {
        let secrets = (1..=self.n).map(|j| identity(&self.dealer(j).identity));
        Setup::with(label, &self.panels, self.ceremony.slots(), secrets.collect(), rng(seed))
    }

    pub fn committed(&self, j: u8) -> Committed {
        Committed::from_bytes(&self.stored[usize::from(j) - 1]).unwrap()
    }

    pub fn dealer(&self, i: u8) -> Dealer {
        let mut all = scalars(committed_secrets(&self.ceremony, &self.stored[usize::from(i) - 1]));
        let identity = all.remove(0);
        let mut first = 1;
        let (t, recipients) = self
            .panels
            .iter()
            .map(|(t, n)| {
                let recipients: Vec<u8> = (first..first + n).collect();
                first += n;
                (usize::from(*t), recipients)
            })
            .find(|(_, recipients)| recipients.contains(&i))
            .unwrap();
        Dealer {
            ceremony: self.ceremony.digest().to_bytes(),
            keys: self.ceremony.bureau().identities().map(|key| key.to_bytes()).collect(),
            recipients,
            index: i,
            identity,
            polynomials: all.chunks(t).map(<[Scalar]>::to_vec).collect(),
        }
    }

    pub fn reveals(&mut self) -> Vec<Reveal> {
        let mut reveals = Vec::new();
        for j in 1..=self.n {
            let unsent = self.committed(j).reveal(&self.commitments, &mut self.rng).unwrap();
            reveals.push(unsent.stored().1);
        }
        reveals
    }

    /// Trustee `j` reveals, and checks what it is shown. Its shares are good.
    pub fn check(&mut self, j: u8, reveals: &[Reveal]) -> Result<Checked, CeremonyError> {
        self.open(j, reveals).map(good)
    }

    /// Trustee `j` reveals, and opens what it is shown.
    pub fn open(&mut self, j: u8, reveals: &[Reveal]) -> Result<OpenedShares, CeremonyError> {
        let (state, _) = self.committed(j).reveal(&self.commitments, &mut self.rng)?.stored();
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
        // Whoever looks on sees the same, and so does a trustee of another panel.
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
                checked.confirm(&[], &mut self.rng).unwrap().stored()
            })
            .unzip()
    }

    /// Some confirmations, of no matter what.
    pub fn confirmations(&self) -> Vec<Confirmation> {
        (1..=self.n).map(|j| self.dealer(j).confirm(&[0; 32])).collect()
    }
}

/// A bureau of the keys in their order.
pub fn bureau(panels: &[(u8, u8)], keys: &[urne::IdentityKey]) -> Bureau {
    let mut keys = keys.iter().copied();
    let panels = panels.iter().map(|(threshold, n)| Panel {
        threshold: *threshold,
        trustees: keys.by_ref().take((*n).into()).collect(),
    });
    Bureau::new(panels.collect()).unwrap()
}

/// A trustee that does as it likes.
#[derive(Clone)]
pub struct Dealer {
    pub ceremony: Bytes,
    /// Of the whole bureau.
    pub keys: Vec<Bytes>,
    /// The trustees of its panel, itself among them.
    pub recipients: Vec<u8>,
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
        fields("urne/2 commitment", &list)
    }

    pub fn commit(&self, points: &[Vec<Bytes>]) -> Commitment {
        let digest = self.commitment_digest(points);
        let signature = sign(&self.identity, b"commitment", &digest);
        commitment_message(self.index, &digest, &signature)
    }

    pub fn confirm(&self, digest: &Bytes) -> Confirmation {
        let signature = sign(&self.identity, b"key", digest);
        confirmation_message(self.index, &signature)
    }

    /// A share of the value `p(x)`, sealed for trustee `to` against these points.
    pub fn seal(&self, points: &[Vec<Bytes>], to: u8, values: &[Scalar]) -> Vec<Bytes> {
        let secret = point(&self.keys[usize::from(to) - 1]) * self.identity;
        let mut transcript = merlin::Transcript::new(b"urne/2 share");
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
        self.recipients.iter().flat_map(|to| self.seal(points, *to, &self.values(*to))).collect()
    }

    /// A proof with what the dealer takes for the constants and for its identity secret.
    pub fn prove(&self, points: &[Vec<Bytes>], shares: &[Bytes], constants: &[Scalar]) -> Vec<u8> {
        let mut transcript = merlin::Transcript::new(b"urne/2 possession");
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

    pub fn complaint_with(&self, reveal: &Reveal, secret: &RistrettoPoint, e: &Scalar) -> Complaint {
        let dealer = reveal.trustee().get();
        let dealer_key = self.keys[usize::from(dealer) - 1];
        let own_key = self.keys[usize::from(self.index) - 1];
        let mut transcript = merlin::Transcript::new(b"urne/2 complaint");
        transcript.append_message(b"ceremony", &self.ceremony);
        transcript.append_u64(b"from", dealer.into());
        transcript.append_u64(b"to", self.index.into());
        transcript.append_message(b"keys", &[own_key, dealer_key].concat());
        transcript.append_message(b"secret", secret.compress().as_bytes());
        transcript.append_message(b"T1", &encode(&tau()));
        transcript.append_message(b"T2", (point(&dealer_key) * tau()).compress().as_bytes());
        let c = challenge(&mut transcript, b"c");
        let proof = [c.to_bytes(), (tau() + c * e).to_bytes()].concat();
        complaint_message(self.index, &secret.compress().to_bytes(), &proof, reveal)
    }

    /// A complaint about the dealer of this reveal, true or not.
    pub fn complain(&self, reveal: &Reveal) -> Complaint {
        let secret = point(&self.keys[usize::from(reveal.trustee().get()) - 1]) * self.identity;
        self.complaint_with(reveal, &secret, &self.identity)
    }
}

pub fn commitment_message(i: u8, digest: &Bytes, signature: &[u8]) -> Commitment {
    let bytes = [&head(Kind::Commitment)[..], &[i], digest, signature].concat();
    Commitment::from_bytes(&bytes).unwrap()
}

pub fn confirmation_message(i: u8, signature: &[u8]) -> Confirmation {
    Confirmation::from_bytes(&[&head(Kind::Confirmation)[..], &[i], signature].concat()).unwrap()
}

pub fn complaint_message(j: u8, secret: &Bytes, proof: &[u8], reveal: &Reveal) -> Complaint {
    // The reveal without its own kind and version.
    let bytes = [&head(Kind::Complaint)[..], &[j], secret, proof, &reveal.to_bytes()[2..]].concat();
    Complaint::from_bytes(&bytes).unwrap()
}

pub fn reveal_message(i: u8, points: &[Vec<Bytes>], shares: &[Bytes], proof: &[u8]) -> Reveal {
    Reveal::from_bytes(&reveal_bytes(i, points, shares, proof)).unwrap()
}

pub fn reveal_bytes(i: u8, points: &[Vec<Bytes>], shares: &[Bytes], proof: &[u8]) -> Vec<u8> {
    let mut bytes = head(Kind::Reveal).to_vec();
    bytes.extend([i, u8::try_from(points.len()).unwrap()]);
    for row in points {
        bytes.push(u8::try_from(row.len()).unwrap());
        bytes.extend(row.concat());
    }
    bytes.extend((shares.len() as u64).to_le_bytes());
    bytes.extend(shares.concat());
    bytes.extend(proof);
    bytes
}

/// Where a message has its trustee's number, after kind and version.
pub const NUMBER: usize = 2;

/// A relay changes the number of the trustee in a message.
pub fn renumbered(mut bytes: Vec<u8>, number: u8) -> Vec<u8> {
    bytes[NUMBER] = number;
    bytes
}
