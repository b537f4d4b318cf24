//! Row 6: every wire form is read in one way only. The messages of the key ceremony are in
//! `tests/ceremony.rs`, keys and signatures of the box in `src/box_key.rs`.

use proptest::prelude::*;
use serde_json::Value;
use urne::ballot::{BallotError, ChallengedBallot};
use urne::contest::TrusteeSignature;
use urne::decryption::DecryptionFactors;
use urne::receipt::{DepositProof, Emargement, Head};
use urne::tally::PartialSum;
use urne::{
    Activation, ApprovedContest, Ballot, DecodeError, IdentityKey, MerklePath, Proof, PublicCredential,
    Record,
};

use crate::support::forger::{Forger, ballots, votes};
use crate::support::text::{ORDER, base, draw, encode, plus_order, scalar, unhex};

const LISTS: u8 = 3;

type Decode = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, DecodeError>>;

/// A wire form: an example, where its points and scalars stand, and how it is read and written again.
struct Form {
    name: &'static str,
    example: Vec<u8>,
    versioned: bool,
    /// Its end is fixed by what stands before it.
    closed: bool,
    /// Points that are not the identity.
    points: Vec<usize>,
    /// Points that may be.
    sums: Vec<usize>,
    scalars: Vec<usize>,
    decode: Decode,
}

fn form<T: 'static>(
    name: &'static str,
    example: Vec<u8>,
    [points, sums, scalars]: [Vec<usize>; 3],
    read: impl Fn(&[u8]) -> Result<T, DecodeError> + 'static,
    write: impl Fn(&T) -> Vec<u8> + 'static,
) -> Form {
    let decode = Box::new(move |bytes: &[u8]| read(bytes).map(|value| write(&value)));
    Form { name, example, versioned: true, closed: true, points, sums, scalars, decode }
}

/// `count` positions from `first`, 32 apart.
fn at(first: usize, count: usize) -> Vec<usize> {
    (0..count).map(|i| first + 32 * i).collect()
}

fn contest() -> (Value, ApprovedContest) {
    let record = Forger::new(2, 3, LISTS.into(), 4).record(&[votes(&[0, 1, 0])]);
    let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
    (record, contest)
}

fn forms() -> Vec<Form> {
    let (record, contest) = contest();
    let lists = usize::from(LISTS);
    let ballot = ballots(&record).remove(0);
    let points = [5u64, 6, 7, 8].map(|n| encode(&base(&n.into())));
    let proof = [draw(&[b"c"]), draw(&[b"z"])].map(|scalar| scalar.to_bytes()).concat();
    let none = Vec::new;
    let read_ballot = move |bytes: &[u8]| match Ballot::from_bytes(&contest, bytes) {
        Ok(ballot) => Ok(ballot),
        Err(BallotError::Decode(error)) => Err(error),
        // The one other flaw: another number of lists, which has a test of its own.
        Err(_) => Err(DecodeError::Number { offset: 1 }),
    };
    let path = [[4; 32], [5; 32]].concat();
    let head = [&[1][..], &7u64.to_le_bytes(), &[2; 32], &9u64.to_le_bytes(), &[3; 64]].concat();
    let signing = [&[1][..], &[8; 32], &5u64.to_le_bytes(), b"voter", &9u64.to_le_bytes(), &[3; 64]].concat();
    let deposit =
        [&[1][..], &584u64.to_le_bytes(), &[6; 32], &6u64.to_le_bytes(), &head[1..], &path].concat();
    let ranges = [2u64, 0, 3, 5, 9].map(u64::to_le_bytes).concat();
    let sum = [&[1, LISTS][..], &[8; 32], &ranges, points.as_flattened()].concat();
    let factors = [&[1, 2, LISTS][..], points[..lists].as_flattened(), &proof].concat();
    let challenged = [&[1, 2][..], &proof[..32], &ballot].concat();
    let first_of_sum = 34 + ranges.len();

    let bare = |form: Form| Form { versioned: false, ..form };
    let open = |form: Form| Form { closed: false, ..form };
    vec![
        form(
            "ballot",
            ballot,
            [at(2, lists + 5), none(), at(2 + 32 * (lists + 5), lists + 3)],
            read_ballot,
            |b| b.as_bytes().to_vec(),
        ),
        open(form(
            "challenged ballot",
            challenged,
            [none(), none(), at(2, 1)],
            ChallengedBallot::from_bytes,
            ChallengedBallot::to_bytes,
        )),
        bare(form(
            "credential",
            points[0].to_vec(),
            [at(0, 1), none(), none()],
            PublicCredential::from_bytes,
            |c| c.to_bytes().to_vec(),
        )),
        bare(form(
            "identity key",
            points[1].to_vec(),
            [at(0, 1), none(), none()],
            IdentityKey::from_bytes,
            |k| k.to_bytes().to_vec(),
        )),
        bare(form("proof", proof.clone(), [none(), none(), at(0, 2)], Proof::from_bytes, |p| p.to_bytes())),
        form(
            "signature",
            [&[1, 3][..], &proof].concat(),
            [none(), none(), at(2, 2)],
            TrusteeSignature::from_bytes,
            |s| s.to_bytes(),
        ),
        form(
            "activation",
            [&[1][..], &points[2], &proof].concat(),
            [at(1, 1), none(), at(33, 2)],
            Activation::from_bytes,
            |a| a.to_bytes(),
        ),
        form(
            "factors",
            factors,
            [none(), at(3, lists), at(3 + 32 * lists, 2)],
            DecryptionFactors::from_bytes,
            DecryptionFactors::to_bytes,
        ),
        form(
            "partial sum",
            sum,
            [none(), at(first_of_sum, lists + 1), none()],
            PartialSum::from_bytes,
            PartialSum::to_bytes,
        ),
        open(bare(form(
            "path",
            path,
            [none(), none(), none()],
            MerklePath::from_bytes,
            MerklePath::to_bytes,
        ))),
        form("head", head, [none(), none(), none()], Head::from_bytes, Head::to_bytes),
        form("signing", signing, [none(), none(), none()], Emargement::from_bytes, Emargement::to_bytes),
        open(form(
            "deposit",
            deposit,
            [none(), none(), none()],
            DepositProof::from_bytes,
            DepositProof::to_bytes,
        )),
    ]
}

/// The example with 32 bytes replaced.
fn with(example: &[u8], offset: usize, item: &[u8; 32]) -> Vec<u8> {
    let mut bytes = example.to_vec();
    bytes[offset..offset + 32].copy_from_slice(item);
    bytes
}

#[test]
fn wire_forms_are_read_back() {
    for Form { name, example, decode, .. } in forms() {
        assert_eq!(decode(&example), Ok(example), "{name}");
    }
}

#[test]
fn attack_6_bad_encodings_in_the_place_of_every_point() {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/bad-encodings.json")).unwrap();
    let bad: Vec<[u8; 32]> = vectors["encodings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hex| unhex(hex.as_str().unwrap()).try_into().unwrap())
        .collect();
    assert_eq!(bad.len(), 29);
    let mut places = 0;
    for Form { name, example, points, sums, decode, .. } in forms() {
        for offset in points.iter().chain(&sums) {
            for encoding in &bad {
                let refused = Err(DecodeError::NotAPoint { offset: *offset });
                assert_eq!(decode(&with(&example, *offset, encoding)), refused, "{name}");
            }
            places += 1;
        }
        for offset in points {
            let refused = Err(DecodeError::Identity { offset });
            assert_eq!(decode(&with(&example, offset, &[0; 32])), refused, "{name}");
        }
        for offset in sums {
            let identity = with(&example, offset, &[0; 32]);
            assert_eq!(decode(&identity), Ok(identity), "{name}: a sum may be the identity");
        }
    }
    assert_eq!(places, 8 + 1 + 1 + 1 + 3 + 4);
}

#[test]
fn attack_6_scalars_plus_the_order() {
    let mut places = 0;
    for Form { name, example, scalars, decode, .. } in forms() {
        for offset in scalars {
            let original = &example[offset..offset + 32];
            let mut above = ORDER;
            above[0] += 1;
            for same_number in [plus_order(original), ORDER, above, [0xff; 32]] {
                let refused = Err(DecodeError::NotAScalar { offset });
                assert_eq!(decode(&with(&example, offset, &same_number)), refused, "{name}");
            }
            let zero = with(&example, offset, &[0; 32]);
            assert_eq!(decode(&zero), Ok(zero), "{name}");
            places += 1;
        }
    }
    assert_eq!(places, 6 + 1 + 2 + 2 + 2 + 2);
    // What is added is the order.
    let one = plus_order(&[0; 32]);
    assert_eq!(one, ORDER);
    assert_eq!(scalar(&(-curve25519_dalek::scalar::Scalar::ONE).to_bytes()).to_bytes()[0], ORDER[0] - 1);
}

#[test]
fn attack_6_short_long_and_other_versions() {
    for Form { name, example, versioned, closed, decode, .. } in forms() {
        if closed {
            for cut in 0..example.len() {
                assert!(
                    matches!(decode(&example[..cut]), Err(DecodeError::TooShort { .. })),
                    "{name} at {cut}"
                );
            }
            for tail in [&[0][..], &[1], &[0; 32]] {
                let (expected, actual) = (example.len(), example.len() + tail.len());
                let longer = [&example[..], tail].concat();
                assert_eq!(decode(&longer), Err(DecodeError::TooLong { expected, actual }), "{name}");
            }
        }
        for version in [0, 2, 0x81, 0xff].into_iter().filter(|_| versioned) {
            let mut other = example.clone();
            other[0] = version;
            assert_eq!(decode(&other), Err(DecodeError::Version { actual: version }), "{name}");
        }
    }
}

#[test]
fn attack_6_another_number_of_lists() {
    let (record, contest) = contest();
    let ballot = ballots(&record).remove(0);
    for actual in (0..=255).filter(|lists| *lists != LISTS) {
        let mut other = ballot.clone();
        other[1] = actual;
        let refused = BallotError::Lists { expected: LISTS, actual };
        assert_eq!(Ballot::from_bytes(&contest, &other).unwrap_err(), refused);
        // With the length that so many lists would have.
        other.resize(urne::ballot::ballot_length(actual), 0);
        assert_eq!(Ballot::from_bytes(&contest, &other).unwrap_err(), refused);
    }
    for (form, at, lie, error) in [
        ("factors", 2, 255, DecodeError::TooShort { expected: 3 + 32 * 255, actual: 163 }),
        // The challenge read as a factor.
        ("factors", 2, 4, DecodeError::NotAPoint { offset: 99 }),
        // A factor read as the challenge.
        ("factors", 2, 0, DecodeError::NotAScalar { offset: 3 }),
        ("partial sum", 1, 255, DecodeError::TooShort { expected: 106 + 32 * 255, actual: 202 }),
        ("partial sum", 1, 2, DecodeError::TooLong { expected: 170, actual: 202 }),
        ("partial sum", 1, 0, DecodeError::Number { offset: 1 }),
    ] {
        let Form { mut example, decode, .. } = forms().into_iter().find(|other| other.name == form).unwrap();
        example[at] = lie;
        assert_eq!(decode(&example), Err(error), "{form} of {lie} lists");
    }
}

/// Ranges of a partial sum: empty, backwards, overlapping, touching, unsorted, beyond 2^53, and a number
/// of them that lies.
#[test]
fn attack_6_ranges_that_are_not_canonical() {
    let Form { example, decode, .. } = forms().into_iter().find(|form| form.name == "partial sum").unwrap();
    let with_ranges = |count: u64, ranges: &[u64]| {
        let numbers: Vec<u8> = [count].iter().chain(ranges).flat_map(|n| n.to_le_bytes()).collect();
        [&example[..34], &numbers, &example[34 + 5 * 8..]].concat()
    };
    assert!(decode(&with_ranges(2, &[0, 3, 4, (1 << 53) - 1])).is_ok());
    assert!(decode(&with_ranges(0, &[])).is_ok());
    for (ranges, offset) in [
        ([0, 0, 5, 9], 42),
        ([3, 1, 5, 9], 42),
        ([0, 5, 4, 9], 58),
        ([0, 5, 5, 9], 58),
        ([5, 9, 0, 3], 58),
        // The end itself, and not the order, is what is wrong.
        ([0, 3, 5, 1 << 53], 66),
    ] {
        assert_eq!(decode(&with_ranges(2, &ranges)), Err(DecodeError::Number { offset }), "{ranges:?}");
    }
    for count in [1 << 32, u64::MAX / 16 + 2, u64::MAX] {
        assert!(matches!(decode(&with_ranges(count, &[0, 3])), Err(DecodeError::TooShort { .. })), "{count}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is read is written again as it was: no two byte strings are one value.
    #[test]
    fn attack_6_bytes_are_an_error_or_come_back(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        tail in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        for Form { name, mut example, decode, .. } in forms() {
            for (at, value) in &changes {
                let at = at.index(example.len());
                example[at] = *value;
            }
            if let Some(cut) = cut {
                example.truncate(cut.index(example.len()));
            }
            example.extend(&tail);
            if let Ok(again) = decode(&example) {
                prop_assert_eq!(again, example, "{}", name);
            }
        }
    }
}
