//! Row 6: every wire form is read in one way only, and as nothing else. The messages of the key ceremony are in
//! `tests/ceremony_forms.rs`, keys and signatures of box and issuer in `src/primitives/ed25519.rs`.

mod forms;

use proptest::prelude::*;
use serde_json::Value;
use urne::ballot::{BallotError, PartialSum};
use urne::ballot_box::{
    DepositProof, Emargement, Head, Issue, MerklePath, ProposedOpening, SignedClosing, SignedOpening,
};
use urne::contest::Approval;
use urne::primitives::Kind;
use urne::tally::{DecryptionFactors, Endorsement};
use urne::trustee::Ready;
use urne::{Activation, Ballot, DecodeError, IdentityKey, Proof, PublicCredential, Record};

use crate::support::forger::ballots;
use crate::support::text::{ORDER, hex, plus_order, scalar, unhex};
use forms::{Form, LISTS, SLOTS, SUMS, contest, forms, of_kind, with};

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
    // Ballot, credential, identity key, activation, partial sum, issue, proposed opening.
    assert_eq!(places, 7 + 1 + 1 + 1 + 3 + 1 + 2);
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
    // Ballot, proof, challenged ballot, approval, endorsement, activation.
    assert_eq!(places, 7 + 2 + 1 + 2 + 2 + 2);
    // What is added is the order.
    let one = plus_order(&[0; 32]);
    assert_eq!(one, ORDER);
    assert_eq!(scalar(&(-curve25519_dalek::scalar::Scalar::ONE).to_bytes()).to_bytes()[0], ORDER[0] - 1);
}

#[test]
fn attack_6_short_long_and_other_versions() {
    for Form { name, example, version, closed, decode, .. } in forms() {
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
        let Some(place) = version else { continue };
        for actual in [0, 1, 3, 0x82, 0xff] {
            let mut other = example.clone();
            other[place] = actual;
            assert_eq!(decode(&other), Err(DecodeError::Version { actual }), "{name}");
        }
    }
}

/// No form is read as another, and the error says which of the two it is: an approval in the place of an
/// endorsement, an opening before the issuer signed it in the place of an opening, whatever is mixed up.
#[test]
fn attack_6_a_form_of_another_kind_is_named() {
    let forms = forms();
    let kinds: Vec<_> = forms.iter().filter_map(|form| Some((form, form.kind?))).collect();
    assert_eq!(kinds.len(), 18);
    for (form, expected) in &kinds {
        for (other, actual) in &kinds {
            if expected == actual {
                continue;
            }
            let error = DecodeError::Kind { expected: *expected, actual: actual.byte() };
            assert_eq!((form.decode)(&other.example), Err(error), "{} as {}", other.name, form.name);
            let message = format!("this is {}, where {} is needed", other.name, form.name);
            assert_eq!(error.to_string(), message);
        }
        // A byte that is no kind; of a ballot it would be another version.
        let other = [&[0x99], &form.example[1..]].concat();
        let error = match expected {
            Kind::Ballot => DecodeError::Version { actual: 0x99 },
            _ => DecodeError::Kind { expected: *expected, actual: 0x99 },
        };
        assert_eq!((form.decode)(&other), Err(error), "{}", form.name);
    }
    // Every kind has a byte of its own.
    for kind in Kind::ALL {
        assert_eq!(Kind::of_byte(kind.byte()), Some(*kind));
    }
}

/// what it was made for is in what is signed.
#[test]
fn attack_6_the_kind_of_a_signature_changed() {
    let (record, contest) = contest();
    let record = Record::from_json(record.to_string().as_bytes()).unwrap();
    let signed = record.signed_box(&mut |_| ()).unwrap();
    let approval = record.contest().unwrap().approvals()[0];
    let mut bytes = approval.to_bytes();
    bytes[0] = Kind::Endorsement.byte();
    let endorsement = Endorsement::from_bytes(&bytes).unwrap();
    assert_eq!(endorsement.signature(), approval.signature());
    let opened = urne::OpenedTally::open(&signed, &[endorsement], &[]);
    let invalid = urne::bureau::TrusteeSignatureError::Invalid { trustee: approval.trustee() };
    let error = opened.unwrap_err();
    let urne::tally::OpeningError::Endorsement(error) = error else { panic!("{error}") };
    let urne::tally::EndorsementError::Quorum { actual: 0, rejected, .. } = error else { panic!("{error}") };
    assert_eq!(rejected, [invalid]);

    let endorsed = &record.closing.endorsements[0];
    let signature = [endorsed.challenge.0, endorsed.response.0].concat();
    let bytes = [&[Kind::Approval.byte(), 2, 1][..], &signature].concat();
    let approval = Approval::from_bytes(&bytes).unwrap();
    let error = urne::contest::ContestError::Approval(invalid);
    assert_eq!(urne::ApprovedContest::new(contest, vec![approval]).unwrap_err(), error);
}

#[test]
fn attack_6_another_number_of_lists_or_slots() {
    let (record, contest) = contest();
    let ballot = ballots(&record).remove(0);
    assert_eq!(ballot.len(), urne::ballot::ballot_length(contest.layout()));
    for actual in (0..=255).filter(|lists| *lists != LISTS) {
        let mut other = ballot.clone();
        other[1] = actual;
        let refused = BallotError::Lists { expected: LISTS, actual };
        assert_eq!(Ballot::from_bytes(&contest, &other).unwrap_err(), refused);
        // With the length that so many lists would have.
        other.resize(2 + 32 * (usize::from(actual.div_ceil(2)) + usize::from(actual) + 9), 0);
        assert_eq!(Ballot::from_bytes(&contest, &other).unwrap_err(), refused);
    }
    let (factors, sum) = (4 + 32 * SLOTS + 128, SUMS + 96);
    for (form, at, lie, error) in [
        (Kind::Factors, 3, 255, DecodeError::TooShort { expected: 4 + 32 * 255, actual: factors }),
        (Kind::Factors, 3, 3, DecodeError::TooShort { expected: factors + 32, actual: factors }),
        (Kind::Factors, 3, 0, DecodeError::TooLong { expected: 4 + 128, actual: factors }),
        (Kind::PartialSum, 2, 255, DecodeError::TooShort { expected: SUMS + 32 + 32 * 255, actual: sum }),
        (Kind::PartialSum, 2, 1, DecodeError::TooLong { expected: SUMS + 64, actual: sum }),
        (Kind::PartialSum, 2, 0, DecodeError::Number { offset: 2 }),
    ] {
        let Form { mut example, decode, .. } = of_kind(form);
        example[at] = lie;
        assert_eq!(decode(&example), Err(error), "{form} of {lie} slots");
    }
}

/// Trustee 0 is none, in whatever form a trustee's number stands.
#[test]
fn attack_6_trustee_0() {
    for kind in [Kind::Approval, Kind::Endorsement, Kind::Factors, Kind::Ready] {
        let Form { mut example, decode, .. } = of_kind(kind);
        example[2] = 0;
        assert_eq!(decode(&example), Err(DecodeError::Number { offset: 2 }), "{kind}");
    }
}

/// Ranges of a partial sum: empty, backwards, overlapping, touching, unsorted, beyond 2^53, and a number
/// of them that lies.
#[test]
fn attack_6_ranges_that_are_not_canonical() {
    let Form { example, decode, .. } = of_kind(Kind::PartialSum);
    let count = 3 + 32;
    let with_ranges = |number: u64, ranges: &[u64]| {
        let numbers: Vec<u8> = [number].iter().chain(ranges).flat_map(|n| n.to_le_bytes()).collect();
        [&example[..count], &numbers, &example[SUMS..]].concat()
    };
    assert!(decode(&with_ranges(2, &[0, 3, 4, (1 << 53) - 1])).is_ok());
    assert!(decode(&with_ranges(0, &[])).is_ok());
    let (first, second) = (count + 8, count + 24);
    for (ranges, offset) in [
        ([0, 0, 5, 9], first),
        ([3, 1, 5, 9], first),
        ([0, 5, 4, 9], second),
        ([0, 5, 5, 9], second),
        ([5, 9, 0, 3], second),
        // The end itself, and not the order, is what is wrong.
        ([0, 3, 5, 1 << 53], second + 8),
    ] {
        assert_eq!(decode(&with_ranges(2, &ranges)), Err(DecodeError::Number { offset }), "{ranges:?}");
    }
    for count in [1 << 32, u64::MAX / 16 + 2, u64::MAX] {
        assert!(matches!(decode(&with_ranges(count, &[0, 3])), Err(DecodeError::TooShort { .. })), "{count}");
    }
}

/// What serde reads of a type is its wire form as lower-case hex, and nothing else: no second encoding.
#[test]
fn attack_6_serde_reads_one_form() {
    macro_rules! one_form {
        ($($type:ty: $name:literal),+ $(,)?) => { $({
            let Form { example, .. } = forms().into_iter().find(|form| form.name == $name).unwrap();
            let text = hex(&example);
            let json = format!("\"{text}\"");
            let value: $type = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap(), json, $name);
            let list = serde_json::to_string(&example).unwrap();
            let quoted = [
                text.to_uppercase(), format!("0x{text}"), format!(" {text}"), format!("{text}0"), format!("{text}00"),
                text[2..].to_owned(), text[1..].to_owned(), String::new(),
            ];
            let all = quoted.map(|text| format!("\"{text}\"")).into_iter().chain([list, "null".into()]);
            for other in all {
                assert!(serde_json::from_str::<$type>(&other).is_err(), "{}: {other}", $name);
            }
        })+ };
    }
    one_form!(
        PublicCredential: "credential",
        IdentityKey: "identity key",
        Proof: "proof",
        Approval: "an approval",
        Endorsement: "an endorsement",
        DecryptionFactors: "decryption factors",
        Ready: "a trustee's word that it is ready",
        Activation: "an activation",
        PartialSum: "a partial sum",
        MerklePath: "a Merkle path",
        Head: "a head",
        Emargement: "an émargement",
        DepositProof: "a deposit proof",
        SignedClosing: "a signed closing",
        Issue: "an issue",
        ProposedOpening: "an opening without the issuer's signature",
        SignedOpening: "an opening",
    );
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
