//! Row 12: decryption factors that are false. Proofs are made and checked from the protocol's text, with
//! merlin, so that a forger can be shown to succeed where a verifier is weak.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use urne::decryption::{DecryptionFactors, FactorError, OpenedTally, OpeningError};
use urne::{Choice, ClosedBox, Trustee, TrusteeIndex};

use crate::polling::{OPEN_FOR, Polling, approved, at, ceremony, endorse_and_decrypt, rng};

fn index(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

fn point(bytes: &[u8; 32]) -> RistrettoPoint {
    CompressedRistretto(*bytes).decompress().unwrap()
}

fn challenge(transcript: &mut merlin::Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    transcript.challenge_bytes(label, &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// What of the statement a transcript holds.
#[derive(Clone, Copy, PartialEq)]
enum Hashed {
    All,
    AllButFactors,
}

/// The public side of trustee `j`'s decryption of a closed box.
struct Statement<'a> {
    closed: &'a ClosedBox,
    trustee: u8,
    keys: Vec<[u8; 32]>,
    nonce: RistrettoPoint,
}

impl<'a> Statement<'a> {
    fn new(closed: &'a ClosedBox, trustee: u8) -> Self {
        let keys = closed.contest().contest().key().verification_keys(index(trustee));
        Statement { closed, trustee, keys, nonce: point(&closed.tally().nonce()) }
    }

    fn transcript(&self, factors: &[[u8; 32]], hashed: Hashed) -> (merlin::Transcript, Scalar) {
        let tally = self.closed.tally();
        let mut transcript = merlin::Transcript::new(b"urne/1 decryption");
        transcript.append_message(b"contest", &self.closed.contest().fingerprint().to_bytes());
        transcript.append_message(b"closing", &self.closed.digest().to_bytes());
        transcript.append_u64(b"count", tally.count());
        transcript.append_message(b"sums", &[&tally.nonce()[..], &tally.choices().concat()].concat());
        transcript.append_u64(b"trustee", self.trustee.into());
        transcript.append_message(b"keys", &self.keys.concat());
        if hashed == Hashed::All {
            transcript.append_message(b"factors", &factors.concat());
        }
        let w = challenge(&mut transcript, b"w");
        (transcript, w)
    }

    /// `T1`, `T2` into the transcript; the last challenge.
    fn last(mut transcript: merlin::Transcript, first: &RistrettoPoint, second: &RistrettoPoint) -> Scalar {
        transcript.append_message(b"T1", first.compress().as_bytes());
        transcript.append_message(b"T2", second.compress().as_bytes());
        challenge(&mut transcript, b"c")
    }

    fn verify(&self, message: &DecryptionFactors, hashed: Hashed) -> bool {
        let factors = message.factors();
        let (transcript, w) = self.transcript(&factors, hashed);
        let scalar = |bytes| Scalar::from_canonical_bytes(bytes).unwrap();
        let (c, z) = (scalar(message.proof().challenge()), scalar(message.proof().response()));
        let first = RistrettoPoint::mul_base(&z) - c * fold(&w, &self.keys);
        let second = z * self.nonce - c * fold(&w, &factors);
        Statement::last(transcript, &first, &second) == c
    }

    fn message(&self, factors: &[[u8; 32]], c: Scalar, z: Scalar) -> DecryptionFactors {
        let lists = u8::try_from(factors.len()).unwrap();
        let proof = [c.to_bytes(), z.to_bytes()].concat();
        let bytes = [&[1, self.trustee, lists][..], &factors.concat(), &proof].concat();
        DecryptionFactors::from_bytes(&bytes).unwrap()
    }

    /// A trustee that lies about one list, in a proof whose challenges do not depend on the factors (Bernhard,
    /// Pereira, Warinschi 2012): it makes the proof first, and then solves for the factors. Of two lists one is
    /// what it likes; the other, which makes up for it, is nonsense that nobody could be blamed for.
    fn forge(&self, shares: &[Scalar], honest: &[[u8; 32]], shift: &RistrettoPoint) -> DecryptionFactors {
        let (transcript, w) = self.transcript(&[], Hashed::AllButFactors);
        let tau = Scalar::from(31_337u64);
        let first = RistrettoPoint::mul_base(&tau);
        let second = tau * self.nonce + RistrettoPoint::mul_base(&Scalar::from(99u64));
        let c = Statement::last(transcript, &first, &second);
        let x: Scalar = powers(&w).zip(shares).map(|(power, share)| power * share).sum();
        let z = tau + c * x;
        // The proof holds for all factors with Σ w^{s−1}·D_s = (z·ΣR − T2)/c.
        let wanted = (z * self.nonce - second) * c.invert();
        let mut factors = honest.to_vec();
        factors[0] = (point(&honest[0]) + shift).compress().to_bytes();
        let last = factors.len() - 1;
        let rest: RistrettoPoint =
            powers(&w).zip(&factors[..last]).map(|(power, factor)| power * point(factor)).sum();
        let power = powers(&w).nth(last).unwrap();
        factors[last] = ((wanted - rest) * power.invert()).compress().to_bytes();
        self.message(&factors, c, z)
    }
}

fn powers(w: &Scalar) -> impl Iterator<Item = Scalar> {
    let w = *w;
    std::iter::successors(Some(Scalar::ONE), move |power| Some(power * w))
}

fn fold(w: &Scalar, points: &[[u8; 32]]) -> RistrettoPoint {
    powers(w).zip(points).map(|(power, bytes)| power * point(bytes)).sum()
}

/// The shares of a trustee, whose owner is the forger.
fn shares(trustee: &Trustee) -> Vec<Scalar> {
    let exposed = trustee.key().expose_bytes();
    exposed[32..].chunks(32).map(|b| Scalar::from_canonical_bytes(b.try_into().unwrap()).unwrap()).collect()
}

/// Two of three trustees, two lists: 2 votes for the first, 1 for the second.
fn closed() -> (ClosedBox, Vec<Trustee>) {
    let mut polling = Polling::with((2, 3), 2, 4);
    for (voter, list) in [1, 2, 1].into_iter().enumerate() {
        polling.vote(voter, Choice::List(list), 10);
    }
    polling.close()
}

#[test]
fn attack_12_false_factor_is_named_and_the_count_completes() {
    let (closed, mut trustees) = closed();
    let (endorsements, factors) = endorse_and_decrypt(&closed, &mut trustees);
    let statement = Statement::new(&closed, 2);
    assert!(statement.verify(&factors[1], Hashed::All), "the verifier of this file reads our proofs");
    for list in [0, 1] {
        let mut lie = factors[1].factors();
        lie[list] = (point(&lie[list]) + RistrettoPoint::mul_base(&Scalar::ONE)).compress().to_bytes();
        let lie = DecryptionFactors::from_encodings(index(2), &lie, *factors[1].proof()).unwrap();
        let proof = FactorError::Proof { trustee: index(2) };
        let given = [factors[0].clone(), lie.clone(), factors[2].clone()];
        let opened = OpenedTally::open(&closed, &endorsements, &given).unwrap();
        assert_eq!((opened.result().votes(), opened.rejected()), (&[2, 1][..], &[proof][..]));
        assert_eq!(proof.trustee(), index(2));
        // The good factors of the same trustee count, whichever comes first.
        for given in [[lie.clone(), factors[1].clone()], [factors[1].clone(), lie.clone()]] {
            let given = [&given[..], &factors[..1]].concat();
            let opened = OpenedTally::open(&closed, &endorsements, &given).unwrap();
            assert_eq!((opened.result().votes(), opened.rejected()), (&[2, 1][..], &[proof][..]));
        }
        // With it alone beside one good one there are too few.
        let error = OpenedTally::open(&closed, &endorsements, &[factors[0].clone(), lie]).unwrap_err();
        assert_eq!(error, OpeningError::TooFew { required: 2, good: 1, rejected: vec![proof] });
    }
    // Too few and too many factors, with the trustee's name.
    for actual in [1, 3] {
        let mut other = factors[1].factors();
        other.resize(actual, other[0]);
        let other = DecryptionFactors::from_encodings(index(2), &other, *factors[1].proof()).unwrap();
        let given = [factors[0].clone(), other, factors[2].clone()];
        let opened = OpenedTally::open(&closed, &endorsements, &given).unwrap();
        let expected = FactorError::Count { trustee: index(2), expected: 2, actual };
        assert_eq!(opened.rejected(), [expected]);
    }
}

#[test]
fn attack_12_factor_of_another_tally_or_closing() {
    let (closed, mut trustees) = closed();
    let (endorsements, factors) = endorse_and_decrypt(&closed, &mut trustees);
    // The same trustees and key: another contest; the same contest with other votes; with the same votes,
    // closed a second later, so that only the closing differs. New trustees' memories, since these would refuse.
    let again = || ceremony(2, 3, 2, 1).1;
    let others = [(585, 1, 0), (584, 2, 0), (584, 1, 1)].map(|(number, list, later)| {
        let mut polling = Polling::with((2, 3), 2, 4);
        assert_eq!(polling.trustees[0].key().election_key(), trustees[0].key().election_key());
        if number != 584 {
            polling = Polling::of(approved(number, 2, &polling.trustees), polling.trustees, 4);
        }
        for (voter, list) in [list, 2, 1].into_iter().enumerate() {
            polling.vote(voter, Choice::List(list), 10);
        }
        polling.ballot_box.close(at(OPEN_FOR + later)).unwrap().0
    });
    let [_, _, later] = &others;
    assert_eq!(later.tally(), closed.tally(), "only the closing differs");
    for other in &others {
        let mut trustees = again();
        let (_, foreign) = endorse_and_decrypt(other, &mut trustees);
        let given = [factors[0].clone(), foreign[1].clone(), factors[2].clone()];
        let opened = OpenedTally::open(&closed, &endorsements, &given).unwrap();
        assert_eq!(opened.result().votes(), [2, 1]);
        assert_eq!(opened.rejected(), [FactorError::Proof { trustee: index(2) }]);
    }
}

#[test]
fn attack_12_forger_succeeds_where_the_challenge_leaves_out_the_factors() {
    let (closed, mut trustees) = closed();
    let (endorsements, factors) = endorse_and_decrypt(&closed, &mut trustees);
    let statement = Statement::new(&closed, 2);
    // With trustee 1, λ_2 = −1: one vote more for list 1.
    let shift = RistrettoPoint::mul_base(&Scalar::ONE);
    let forged = statement.forge(&shares(&trustees[1]), &factors[1].factors(), &shift);
    assert_ne!(forged.factors(), factors[1].factors());
    assert!(statement.verify(&forged, Hashed::AllButFactors), "the forger knows its trade");
    assert!(!statement.verify(&forged, Hashed::All));
    let given = [factors[0].clone(), forged.clone()];
    let proof = FactorError::Proof { trustee: index(2) };
    let error = OpenedTally::open(&closed, &endorsements, &given).unwrap_err();
    assert_eq!(error, OpeningError::TooFew { required: 2, good: 1, rejected: vec![proof] });
    let given = [factors[0].clone(), forged, factors[2].clone()];
    let opened = OpenedTally::open(&closed, &endorsements, &given).unwrap();
    assert_eq!((opened.result().votes(), opened.rejected()), (&[2, 1][..], &[proof][..]));
}

#[test]
fn attack_12_endorsement_of_another_closing() {
    let (closed, mut trustees) = closed();
    let (endorsements, factors) = endorse_and_decrypt(&closed, &mut trustees);
    let mut polling = Polling::with((2, 3), 2, 4);
    polling.vote(0, Choice::List(2), 10);
    let (other, _) = polling.close();
    let foreign = ceremony(2, 3, 2, 1).1[1].endorse(&other, other.closing().at, &mut rng(1)).unwrap();
    let given = [endorsements[0], foreign, endorsements[2]];
    let error = urne::contest::SignatureError::Invalid { trustee: index(2) };
    assert_eq!(OpenedTally::open(&closed, &given, &factors).unwrap_err(), OpeningError::Endorsement(error));
    assert_eq!(error.trustee(), index(2));
}
