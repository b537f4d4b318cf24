//! The key ceremony's arithmetic: what each trustee publishes, and what others check of it.

use std::ops::RangeInclusive;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;

use super::text::{Bytes, base, challenge, draw, encode, hash, length, number, powers};

/// A panel as a ceremony begins: `t_p`, and the identity keys of its trustees.
#[derive(Clone)]
pub struct Panel {
    pub threshold: usize,
    pub identities: Vec<RistrettoPoint>,
}

#[derive(Clone)]
pub struct Ceremony {
    pub label: String,
    /// `m`
    pub slots: usize,
    pub panels: Vec<Panel>,
}

impl Ceremony {
    pub fn digest(&self) -> Bytes {
        let mut fields = vec![self.label.as_bytes().to_vec(), length(self.slots), length(self.panels.len())];
        for panel in &self.panels {
            fields.extend([length(panel.identities.len()), length(panel.threshold)]);
            fields.extend(panel.identities.iter().map(|key| encode(key).to_vec()));
        }
        hash("urne/2 ceremony", &fields)
    }

    /// The numbers of all trustees of this one's panel, and what their threshold is.
    pub fn panel(&self, trustee: u64) -> (RangeInclusive<u64>, usize) {
        let mut first = 1;
        for panel in &self.panels {
            let next = first + panel.identities.len() as u64;
            if trustee < next {
                return (first..=next - 1, panel.threshold);
            }
            first = next;
        }
        panic!("there is no trustee {trustee}");
    }

    /// `E_j`
    pub fn identity(&self, trustee: u64) -> &RistrettoPoint {
        let index = usize::try_from(trustee).unwrap() - 1;
        self.panels.iter().flat_map(|panel| &panel.identities).nth(index).unwrap()
    }

    /// What a trustee is to sign once all is dealt: commitments of all trustees, and the keys of the panels.
    pub fn key_digest(&self, commitments: &[Bytes], keys: &[Vec<Vec<RistrettoPoint>>]) -> Bytes {
        let mut fields = vec![self.digest().to_vec()];
        fields.extend(commitments.iter().map(|commitment| commitment.to_vec()));
        fields.extend(keys.iter().flatten().flatten().map(|point| encode(point).to_vec()));
        hash("urne/2 key", &fields)
    }

    /// The transcript of `i`'s possession proof, up to `w`, and `w`.
    fn possession(
        &self,
        trustee: u64,
        points: &[Vec<RistrettoPoint>],
        sealed: &[Scalar],
    ) -> (merlin::Transcript, Scalar) {
        let sealed: Vec<u8> = sealed.iter().flat_map(Scalar::to_bytes).collect();
        let mut transcript = merlin::Transcript::new(b"urne/2 possession");
        transcript.append_message(b"ceremony", &self.digest());
        transcript.append_u64(b"trustee", trustee);
        transcript.append_message(b"commitments", &slot_major(points));
        transcript.append_message(b"shares", &sealed);
        let w = challenge(&mut transcript, b"w");
        (transcript, w)
    }

    /// Whether a reveal is its dealer's own word.
    pub fn possesses(
        &self,
        trustee: u64,
        points: &[Vec<RistrettoPoint>],
        sealed: &[Scalar],
        (c, z): &(Scalar, Scalar),
    ) -> bool {
        let (mut transcript, w) = self.possession(trustee, points, sealed);
        let proven = points.iter().map(|row| &row[0]).chain([self.identity(trustee)]);
        let folded: RistrettoPoint = powers(w).zip(proven).map(|(power, point)| point * power).sum();
        transcript.append_message(b"T", &encode(&(base(z) - folded * c)));
        challenge(&mut transcript, b"c") == *c
    }

    /// The transcript of a complaint of `j` about `i`, up to `T1`.
    fn complaint(&self, from: u64, to: u64, secret: &RistrettoPoint) -> merlin::Transcript {
        let keys = [encode(self.identity(to)), encode(self.identity(from))].concat();
        let mut transcript = merlin::Transcript::new(b"urne/2 complaint");
        transcript.append_message(b"ceremony", &self.digest());
        transcript.append_u64(b"from", from);
        transcript.append_u64(b"to", to);
        transcript.append_message(b"keys", &keys);
        transcript.append_message(b"secret", &encode(secret));
        transcript
    }

    /// Whether the secret of `i` and `j` that a complaint of `j` shows is the true one.
    pub fn complaint_holds(
        &self,
        from: u64,
        to: u64,
        secret: &RistrettoPoint,
        (c, z): &(Scalar, Scalar),
    ) -> bool {
        let mut transcript = self.complaint(from, to, secret);
        transcript.append_message(b"T1", &encode(&(base(z) - self.identity(to) * c)));
        transcript.append_message(b"T2", &encode(&(self.identity(from) * z - secret * c)));
        challenge(&mut transcript, b"c") == *c
    }

    /// `mask_1 … mask_m` of what `i` seals for `j`.
    pub fn masks(
        &self,
        from: u64,
        to: u64,
        points: &[Vec<RistrettoPoint>],
        secret: &RistrettoPoint,
    ) -> Vec<Scalar> {
        let mut transcript = merlin::Transcript::new(b"urne/2 share");
        transcript.append_message(b"ceremony", &self.digest());
        transcript.append_u64(b"from", from);
        transcript.append_u64(b"to", to);
        transcript.append_message(b"commitments", &slot_major(points));
        transcript.append_message(b"secret", &encode(secret));
        (0..self.slots).map(|_| challenge(&mut transcript, b"mask")).collect()
    }
}

fn slot_major(points: &[Vec<RistrettoPoint>]) -> Vec<u8> {
    points.iter().flatten().flat_map(encode).collect()
}

/// `Σ_k j^k·F_k`, of a polynomial by its coefficients or by their commitments.
pub fn at<'a, T>(trustee: u64, row: &'a [T]) -> T
where
    T: std::iter::Sum<T> + 'a,
    &'a T: std::ops::Mul<Scalar, Output = T>,
{
    powers(Scalar::from(trustee)).zip(row).map(|(power, item)| item * power).sum()
}

/// A trustee with all its secrets.
#[derive(Clone)]
pub struct Dealer {
    pub number: u64,
    /// `e_i`
    pub identity: Scalar,
    /// For each slot the coefficients of `p_{i,s}`.
    pub polynomials: Vec<Vec<Scalar>>,
}

impl Dealer {
    /// `F_{i,s,k}`, a row a slot.
    pub fn points(&self) -> Vec<Vec<RistrettoPoint>> {
        self.polynomials.iter().map(|row| row.iter().map(base).collect()).collect()
    }

    pub fn commitment(&self, ceremony: &Ceremony) -> Bytes {
        let points = self.points();
        let mut fields = vec![ceremony.digest().to_vec(), number(self.number)];
        fields.extend(points.iter().flatten().map(|point| encode(point).to_vec()));
        hash("urne/2 commitment", &fields)
    }

    /// The sealed shares for a recipient, one a slot.
    pub fn sealed_for(&self, ceremony: &Ceremony, to: u64) -> Vec<Scalar> {
        let secret = ceremony.identity(to) * self.identity;
        let masks = ceremony.masks(self.number, to, &self.points(), &secret);
        self.polynomials.iter().zip(masks).map(|(row, mask)| at(to, row) + mask).collect()
    }

    /// All sealed shares, recipient after recipient.
    pub fn sealed(&self, ceremony: &Ceremony) -> Vec<Scalar> {
        let (recipients, _) = ceremony.panel(self.number);
        recipients.flat_map(|to| self.sealed_for(ceremony, to)).collect()
    }

    pub fn possession(&self, ceremony: &Ceremony, sealed: &[Scalar]) -> (Scalar, Scalar) {
        let (mut transcript, w) = ceremony.possession(self.number, &self.points(), sealed);
        let tau = draw(&[b"possession", self.identity.as_bytes(), w.as_bytes()]);
        transcript.append_message(b"T", &encode(&base(&tau)));
        let c = challenge(&mut transcript, b"c");
        let secrets = self.polynomials.iter().map(|row| row[0]).chain([self.identity]);
        (c, tau + c * powers(w).zip(secrets).map(|(power, secret)| power * secret).sum::<Scalar>())
    }

    /// The secret that this trustee shares with the dealer it complains of, and its proof.
    pub fn complain(&self, ceremony: &Ceremony, from: u64) -> (RistrettoPoint, (Scalar, Scalar)) {
        let dealer = ceremony.identity(from);
        let secret = dealer * self.identity;
        let mut transcript = ceremony.complaint(from, self.number, &secret);
        let tau = draw(&[b"complaint", self.identity.as_bytes(), &encode(&secret)]);
        transcript.append_message(b"T1", &encode(&base(&tau)));
        transcript.append_message(b"T2", &encode(&(dealer * tau)));
        let c = challenge(&mut transcript, b"c");
        (secret, (c, tau + c * self.identity))
    }
}
