//! Row 12: decryption factors that are false. Proofs are made and checked from the protocol's text, with
//! merlin, so that a forger can be shown to succeed where a verifier is weak.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use urne::bureau::TrusteeSignatureError;
use urne::primitives::Kind;
use urne::tally::{
    DecryptionFactors, Endorsement, EndorsementError, FactorError, FactorsSignature, OpenedTally,
    OpeningError,
};
use urne::{Choice, ClosedBox, PanelIndex, Trustee};

use crate::dealer::{Bytes, challenge, fields, head, index, point, sign, trustee_secrets};
use crate::polling::{END, Ended, Polling, approved};

/// What of the statement a transcript holds.
#[derive(Clone, Copy, PartialEq)]
enum Hashed {
    All,
    AllButFactors,
}

/// The public side of trustee `j`'s decryption of a closed box, and the trustee's identity secret.
struct Statement<'a> {
    closed: &'a ClosedBox,
    trustee: u8,
    keys: Vec<Bytes>,
    nonce: RistrettoPoint,
    identity: Scalar,
    shares: Vec<Scalar>,
}

impl<'a> Statement<'a> {
    fn new(closed: &'a ClosedBox, trustee: &Trustee) -> Self {
        let contest = closed.contest().contest();
        let keys = contest.key().verification_keys(trustee.index());
        let (identity, mut secrets) = trustee_secrets(trustee);
        secrets.truncate(keys.len());
        let nonce = point(&closed.tally().nonce());
        Statement { closed, trustee: trustee.index().get(), keys, nonce, identity, shares: secrets }
    }

    fn transcript(&self, factors: &[Bytes], hashed: Hashed) -> (merlin::Transcript, Scalar) {
        let tally = self.closed.tally();
        let mut transcript = merlin::Transcript::new(b"urne/2 decryption");
        transcript.append_message(b"contest", &self.closed.contest().fingerprint().to_bytes());
        transcript.append_message(b"closing", &self.closed.digest().to_bytes());
        transcript.append_u64(b"count", tally.count());
        transcript.append_message(b"sums", &[&tally.nonce()[..], tally.sums().as_flattened()].concat());
        transcript.append_u64(b"trustee", self.trustee.into());
        transcript.append_message(b"keys", self.keys.as_flattened());
        if hashed == Hashed::All {
            transcript.append_message(b"factors", factors.as_flattened());
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
        let (transcript, w) = self.transcript(factors, hashed);
        let [c, z] = [0, 1]
            .map(|half| Scalar::from_canonical_bytes(message.proof().as_chunks::<32>().0[half]).unwrap());
        let first = RistrettoPoint::mul_base(&z) - c * fold(&w, &self.keys);
        let second = z * self.nonce - c * fold(&w, factors);
        Statement::last(transcript, &first, &second) == c
    }

    /// Factors with a proof of theirs, as the trustee would sign them for this closing, true or false.
    fn signed(&self, factors: &[Bytes], proof: &[u8; 64]) -> DecryptionFactors {
        let mut list = vec![self.closed.digest().to_bytes()];
        list.extend(factors);
        list.extend(proof.as_chunks::<32>().0);
        let list: Vec<&[u8]> = list.iter().map(|field| &field[..]).collect();
        let signature = sign(&self.identity, b"factors", &fields("urne/2 factors", &list));
        let slots = u8::try_from(factors.len()).unwrap();
        let head = [&head(Kind::Factors)[..], &[self.trustee, slots]].concat();
        let bytes = [&head[..], factors.as_flattened(), proof, &signature].concat();
        DecryptionFactors::from_bytes(&bytes).unwrap()
    }

    /// A trustee that lies about one slot, in a proof whose challenges do not depend on the factors (Bernhard,
    /// Pereira, Warinschi 2012): it makes the proof first, and then solves for the factors. Of two slots one is
    /// what it likes; the other, which makes up for it, is nonsense that nobody could be blamed for.
    fn forge(&self, honest: &[Bytes], shift: &RistrettoPoint) -> DecryptionFactors {
        let (transcript, w) = self.transcript(&[], Hashed::AllButFactors);
        let tau = Scalar::from(31_337u64);
        let first = RistrettoPoint::mul_base(&tau);
        let second = tau * self.nonce + RistrettoPoint::mul_base(&Scalar::from(99u64));
        let c = Statement::last(transcript, &first, &second);
        let x: Scalar = powers(&w).zip(&self.shares).map(|(power, share)| power * share).sum();
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
        self.signed(&factors, &pair(c, z))
    }
}

fn pair(c: Scalar, z: Scalar) -> [u8; 64] {
    [c.to_bytes(), z.to_bytes()].concat().try_into().unwrap()
}

fn proof_of(factors: &DecryptionFactors) -> [u8; 64] {
    *factors.proof()
}

fn powers(w: &Scalar) -> impl Iterator<Item = Scalar> {
    let w = *w;
    std::iter::successors(Some(Scalar::ONE), move |power| Some(power * w))
}

fn fold(w: &Scalar, points: &[Bytes]) -> RistrettoPoint {
    powers(w).zip(points).map(|(power, bytes)| power * point(bytes)).sum()
}

/// One more in the slot of a factor.
fn shifted(factor: &Bytes) -> Bytes {
    (point(factor) + RistrettoPoint::mul_base(&Scalar::ONE)).compress().to_bytes()
}

/// Two of three trustees, three lists in two slots, 4 voters; 2 votes for the first, 1 for the second.
fn polling(number: u64, votes: [u8; 3]) -> Polling {
    let (_, mut trustees) = crate::polling::ceremony(&[(2, 3)], 3, 1);
    let mut polling = Polling::of(approved(number, 3, &mut trustees), trustees, 4);
    for (voter, list) in votes.into_iter().enumerate() {
        polling.vote(voter, Choice::List(list), 10);
    }
    polling
}

fn ended() -> (Ended, Vec<Endorsement>, Vec<DecryptionFactors>) {
    let mut ended = polling(584, [1, 2, 1]).sign_off();
    let (endorsements, factors) = ended.endorse_and_decrypt();
    assert_eq!(factors[0].factors().len(), 2);
    (ended, endorsements, factors)
}

const RESULT: [u64; 3] = [2, 1, 0];

fn too_few(rejected: FactorError) -> OpeningError {
    let panel = PanelIndex::new(1).unwrap();
    OpeningError::TooFew { panel, required: 2, good: 1, rejected: vec![rejected] }
}

/// What of trustee 2 is given in the place of its factors is left out for this reason, and the count completes with
/// the others', or with its own good ones, whichever comes first; and with too few others it does not.
fn assert_left_out(
    (ended, endorsements, factors): &(Ended, Vec<Endorsement>, Vec<DecryptionFactors>),
    lie: &DecryptionFactors,
    error: FactorError,
) {
    let open = |given: &[&DecryptionFactors]| {
        let given: Vec<_> = given.iter().copied().cloned().collect();
        OpenedTally::open(&ended.signed, endorsements, &given)
    };
    let [one, two, three] = &factors[..] else { panic!() };
    for given in [[one, lie, three], [one, lie, two], [one, two, lie], [lie, two, three]] {
        let opened = open(&given).unwrap();
        assert_eq!((opened.result().votes(), opened.rejected()), (&RESULT[..], &[error][..]));
        assert!(!opened.factors().contains(lie));
    }
    assert_eq!(open(&[one, lie]).unwrap_err(), too_few(error));
    assert_eq!(error.trustee(), index(2));
}

#[test]
fn attack_12_false_factor_is_named_and_the_count_completes() {
    let count = ended();
    let (ended, _, factors) = &count;
    let statement = Statement::new(ended.signed.closed(), &ended.trustees[1]);
    let (honest, proof) = (factors[1].factors(), proof_of(&factors[1]));
    assert!(statement.verify(&factors[1], Hashed::All), "the verifier of this file reads our proofs");
    let refused = FactorError::Proof { trustee: index(2) };
    for slot in [0, 1] {
        let mut lie = honest.to_vec();
        lie[slot] = shifted(&lie[slot]);
        assert_left_out(&count, &statement.signed(&lie, &proof), refused);
    }
    // The factors of another trustee, with that one's proof, under this one's signature.
    let copied = statement.signed(factors[2].factors(), &proof_of(&factors[2]));
    assert_left_out(&count, &copied, refused);
    // Too few and too many, and what is no point.
    for actual in [1, 3] {
        let mut other = honest.to_vec();
        other.resize(actual, other[0]);
        let expected = FactorError::Count { trustee: index(2), expected: 2, actual };
        assert_left_out(&count, &statement.signed(&other, &proof), expected);
        assert_eq!(expected.culprit(), Some(index(2)));
    }
    let no_point = statement.signed(&[honest[0], [0xff; 32]], &proof);
    let expected = FactorError::NotAPoint { trustee: index(2), slot: 2 };
    assert_left_out(&count, &no_point, expected);
    assert_eq!([refused.culprit(), expected.culprit()], [Some(index(2)); 2]);
}

/// Anyone can alter what a trustee sends, or make something up: that names nobody.
#[test]
fn attack_12_forged_in_the_name_of_a_trustee_names_nobody() {
    let count = ended();
    let (ended, endorsements, factors) = &count;
    let unsigned = FactorError::Signature { trustee: index(2) };
    assert_eq!(unsigned.culprit(), None);
    let good = &factors[1];
    let with = |factors: &[Bytes]| {
        DecryptionFactors::from_encodings(index(2), factors, *good.proof(), *good.signature()).unwrap()
    };
    let honest = good.factors();
    for altered in [
        with(&[shifted(&honest[0]), honest[1]]),
        with(&[honest[1], honest[0]]),
        with(&honest[..1]),
        with(&[honest[0], honest[1], honest[1]]),
        with(&[honest[0], [0xff; 32]]),
        with(&[]),
    ] {
        assert_left_out(&count, &altered, unsigned);
    }
    // What is no scalar is not looked at before it is known whose word it is.
    let no_scalar = [0xff; 64];
    let signature = FactorsSignature::from_bytes(no_scalar);
    for (proof, signature) in [(no_scalar, *good.signature()), (*good.proof(), signature)] {
        let altered = DecryptionFactors::from_encodings(index(2), honest, proof, signature).unwrap();
        assert_left_out(&count, &altered, unsigned);
    }
    let second = Statement::new(ended.signed.closed(), &ended.trustees[1]);
    assert_left_out(&count, &second.signed(honest, &no_scalar), FactorError::Proof { trustee: index(2) });
    // By one who has another trustee's secrets: factors, proof and signature hold, but for that one.
    let third = Statement::new(ended.signed.closed(), &ended.trustees[2]);
    let mut bytes = third.signed(factors[2].factors(), &proof_of(&factors[2])).to_bytes();
    bytes[2] = 2;
    assert_left_out(&count, &DecryptionFactors::from_bytes(&bytes).unwrap(), unsigned);
    // A thousand of them beside the good ones stop nothing.
    let mut given = vec![with(&[honest[1], honest[0]]); 1_000];
    given.extend(factors.iter().cloned());
    let opened = OpenedTally::open(&ended.signed, endorsements, &given).unwrap();
    assert_eq!((opened.result().votes(), opened.factors()), (&RESULT[..], &factors[..]));
    assert!(opened.rejected().iter().all(|error| error.culprit().is_none()));
}

#[test]
fn attack_12_factor_of_another_tally_or_closing() {
    let count = ended();
    let (ended, ..) = &count;
    let closed = ended.signed.closed();
    // The same trustees and key: another contest; the same contest with other votes; with the same votes,
    // closed a second later, so that only the closing differs.
    let mut others = [
        polling(585, [1, 2, 1]).sign_off(),
        polling(584, [2, 2, 1]).sign_off(),
        polling(584, [1, 2, 1]).sign_off_at(END + 1),
    ];
    assert_eq!(others[2].signed.closed().tally(), closed.tally(), "only the closing differs");
    for other in &mut others {
        assert_eq!(other.trustees[1].key().election_key(), ended.trustees[1].key().election_key());
        let foreign = other.endorse_and_decrypt().1.remove(1);
        assert_left_out(&count, &foreign, FactorError::Signature { trustee: index(2) });
        // The trustee itself signs them for this closing.
        let statement = Statement::new(closed, &ended.trustees[1]);
        let lie = statement.signed(foreign.factors(), &proof_of(&foreign));
        assert_left_out(&count, &lie, FactorError::Proof { trustee: index(2) });
    }
}

#[test]
fn attack_12_forger_succeeds_where_the_challenge_leaves_out_the_factors() {
    let count = ended();
    let (ended, _, factors) = &count;
    let statement = Statement::new(ended.signed.closed(), &ended.trustees[1]);
    // With trustee 1, λ_2 = −1: one vote more for list 1.
    let shift = RistrettoPoint::mul_base(&Scalar::ONE);
    let forged = statement.forge(factors[1].factors(), &shift);
    assert_eq!(forged.factors()[0], shifted(&factors[1].factors()[0]));
    assert!(statement.verify(&forged, Hashed::AllButFactors), "the forger knows its trade");
    assert!(!statement.verify(&forged, Hashed::All));
    assert_left_out(&count, &forged, FactorError::Proof { trustee: index(2) });
}

#[test]
fn attack_12_endorsement_of_another_closing() {
    let (ended, endorsements, factors) = ended();
    let mut other = polling(584, [2, 2, 1]).sign_off();
    let (foreign, _) = other.endorse_and_decrypt();
    let given = [endorsements[0], foreign[1], endorsements[2]];
    let invalid = TrusteeSignatureError::Invalid { trustee: index(2) };
    let panel = PanelIndex::new(1).unwrap();
    let error = EndorsementError::Quorum { panel, required: 3, actual: 2, rejected: vec![invalid] };
    let refused = OpenedTally::open(&ended.signed, &given, &factors).unwrap_err();
    assert_eq!(refused, OpeningError::Endorsement(error));
    // Beside the good ones it stops nothing, and is named.
    let given = [&given[..], &endorsements].concat();
    let opened = OpenedTally::open(&ended.signed, &given, &factors).unwrap();
    assert_eq!((opened.endorsements(), opened.rejected_endorsements()), (&endorsements[..], &[invalid][..]));
}
