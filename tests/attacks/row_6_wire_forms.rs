//! Row 6: every wire form is read in one way only, and as nothing else. The messages of the key ceremony are in
//! `tests/ceremony_forms.rs`, keys and signatures of box and issuer in `src/primitives/ed25519.rs`.

use proptest::prelude::*;
use serde_json::Value;
use urne::ballot::{BallotError, ChallengedBallot, PartialSum};
use urne::ballot_box::{
    DepositProof, Emargement, Head, Issue, MerklePath, ProposedOpening, SignedClosing, SignedOpening,
    Signings,
};
use urne::contest::Approval;
use urne::primitives::Kind;
use urne::tally::{DecryptionFactors, Endorsement};
use urne::trustee::Ready;
use urne::{Activation, Ballot, Contest, DecodeError, IdentityKey, Proof, PublicCredential, Record};

use crate::support::forger::{Forger, ballots, votes};
use crate::support::text::{ORDER, base, draw, encode, hex, plus_order, scalar, unhex};

const LISTS: u8 = 3;
/// Two of the lists share a slot.
const SLOTS: usize = 2;

type Decode = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, DecodeError>>;

/// A wire form: an example, where its points and scalars stand, and how it is read and written again.
struct Form {
    name: &'static str,
    /// What it begins with; a ballot begins with the version, and what is bare with neither.
    kind: Option<Kind>,
    example: Vec<u8>,
    /// Where the version stands.
    version: Option<usize>,
    /// Its end is fixed by what stands before it.
    closed: bool,
    /// Points that are not the identity.
    points: Vec<usize>,
    /// Points that may be.
    sums: Vec<usize>,
    scalars: Vec<usize>,
    decode: Decode,
}

/// A form without kind and version.
fn bare<T: 'static>(
    name: &'static str,
    example: Vec<u8>,
    [points, sums, scalars]: [Vec<usize>; 3],
    read: impl Fn(&[u8]) -> Result<T, DecodeError> + 'static,
    write: impl Fn(&T) -> Vec<u8> + 'static,
) -> Form {
    let decode = Box::new(move |bytes: &[u8]| read(bytes).map(|value| write(&value)));
    Form { name, kind: None, example, version: None, closed: true, points, sums, scalars, decode }
}

/// A form of a kind, of what stands after kind and version.
fn form<T: 'static>(
    kind: Kind,
    name: &'static str,
    body: &[&[u8]],
    places: [Vec<usize>; 3],
    read: impl Fn(&[u8]) -> Result<T, DecodeError> + 'static,
    write: impl Fn(&T) -> Vec<u8> + 'static,
) -> Form {
    let example = [&[kind.byte(), 2][..], &body.concat()].concat();
    Form { kind: Some(kind), version: Some(1), ..bare(name, example, places, read, write) }
}

/// A form that may go on.
fn open(form: Form) -> Form {
    Form { closed: false, ..form }
}

/// `count` positions from `first`, 32 apart.
fn at(first: usize, count: usize) -> Vec<usize> {
    (0..count).map(|i| first + 32 * i).collect()
}

fn nowhere() -> [Vec<usize>; 3] {
    [vec![], vec![], vec![]]
}

fn contest() -> (Value, Contest) {
    let record = Forger::new(2, 3, LISTS.into(), 4).record(&[votes(&[0, 1, 0])]);
    let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
    (record, contest.contest().clone())
}

fn forms() -> Vec<Form> {
    let (record, contest) = contest();
    let ballot = ballots(&record).remove(0);
    let points = [5u64, 6, 7, 8].map(|n| encode(&base(&n.into())));
    let proof = [draw(&[b"c"]), draw(&[b"z"])].map(|scalar| scalar.to_bytes()).concat();
    let number = |n: u64| n.to_le_bytes();
    let (contest_digest, signature) = ([0xc8; 32], [3; 64]);
    let voter = [&number(5)[..], b"voter"].concat();
    let path = [[0xca; 32], [0xdb; 32]].concat();
    let head = [&contest_digest[..], &[9; 32], &number(7), &[2; 32], &number(9), &signature].concat();
    let ranges = [2, 0, 3, 5, 9].map(number).concat();
    let read_ballot = move |bytes: &[u8]| match Ballot::from_bytes(&contest, bytes) {
        Ok(ballot) => Ok(ballot),
        Err(BallotError::Decode(error)) => Err(error),
        // The one other flaw: another number of lists, which has a test of its own.
        Err(_) => Err(DecodeError::Number { offset: 1 }),
    };
    let lists = usize::from(LISTS);
    let in_ballot = [at(2, SLOTS + 5), vec![], at(2 + 32 * (SLOTS + 5), lists + 4)];
    vec![
        Form {
            version: Some(0),
            ..bare("ballot", ballot.clone(), in_ballot, read_ballot, |b| b.as_bytes().to_vec())
        },
        bare(
            "credential",
            points[0].to_vec(),
            [at(0, 1), vec![], vec![]],
            PublicCredential::from_bytes,
            |c| c.to_bytes().to_vec(),
        ),
        bare("identity key", points[1].to_vec(), [at(0, 1), vec![], vec![]], IdentityKey::from_bytes, |k| {
            k.to_bytes().to_vec()
        }),
        bare("proof", proof.clone(), [vec![], vec![], at(0, 2)], Proof::from_bytes, |p| p.to_bytes()),
        open(form(
            Kind::ChallengedBallot,
            "a challenged ballot",
            &[&[2], &proof[..32], &ballot],
            [vec![], vec![], at(3, 1)],
            ChallengedBallot::from_bytes,
            |challenged| challenged.expose_bytes().to_vec(),
        )),
        form(
            Kind::Approval,
            "an approval",
            &[&[3], &proof],
            [vec![], vec![], at(3, 2)],
            Approval::from_bytes,
            |approval| approval.to_bytes(),
        ),
        form(
            Kind::Endorsement,
            "an endorsement",
            &[&[3], &proof],
            [vec![], vec![], at(3, 2)],
            Endorsement::from_bytes,
            |endorsement| endorsement.to_bytes(),
        ),
        form(
            Kind::Factors,
            "decryption factors",
            &[&[2, 2], points[..SLOTS].as_flattened(), &proof, &proof],
            // Whether factors are points is asked when it is known that they are their trustee's.
            [vec![], vec![], at(4 + 32 * SLOTS, 4)],
            DecryptionFactors::from_bytes,
            DecryptionFactors::to_bytes,
        ),
        form(
            Kind::Ready,
            "a trustee's word that it is ready",
            &[&[3], &[0xc7; 32]],
            nowhere(),
            Ready::from_bytes,
            |ready| ready.to_bytes(),
        ),
        form(
            Kind::Activation,
            "an activation",
            &[&points[2], &proof],
            [at(2, 1), vec![], at(34, 2)],
            Activation::from_bytes,
            |activation| activation.to_bytes(),
        ),
        form(
            Kind::PartialSum,
            "a partial sum",
            &[&[2], &contest_digest, &ranges, points[..SLOTS + 1].as_flattened()],
            [vec![], at(SUMS, SLOTS + 1), vec![]],
            PartialSum::from_bytes,
            PartialSum::to_bytes,
        ),
        open(form(
            Kind::MerklePath,
            "a Merkle path",
            &[&path],
            nowhere(),
            MerklePath::from_bytes,
            MerklePath::to_bytes,
        )),
        form(Kind::Head, "a head", &[&head], nowhere(), Head::from_bytes, Head::to_bytes),
        form(
            Kind::Emargement,
            "an émargement",
            &[&contest_digest, &voter, &number(9), &signature],
            nowhere(),
            Emargement::from_bytes,
            Emargement::to_bytes,
        ),
        open(form(
            Kind::DepositProof,
            "a deposit proof",
            &[&number(584), &[6; 32], &number(6), &head, &path],
            nowhere(),
            DepositProof::from_bytes,
            DepositProof::to_bytes,
        )),
        form(
            Kind::SignedClosing,
            "a signed closing",
            &[
                &contest_digest,
                &[9; 32],
                &number(7),
                &[2; 32],
                &[1; 32],
                &[5; 32],
                &number(9),
                &signature,
                &signature,
            ],
            nowhere(),
            SignedClosing::from_bytes,
            SignedClosing::to_bytes,
        ),
        open(form(
            Kind::Signings,
            "a list of signings",
            &[&[7; 32], &number(3), b"one", &number(3), b"two"],
            nowhere(),
            Signings::from_bytes,
            Signings::to_bytes,
        )),
        form(
            Kind::Issue,
            "an issue",
            &[&contest_digest, &voter, &points[3], &number(9), &[1], &number(120)],
            [at(2 + 32 + 8 + 5, 1), vec![], vec![]],
            Issue::from_bytes,
            Issue::to_bytes,
        ),
        open(form(
            Kind::ProposedOpening,
            "an opening without the issuer's signature",
            &[&contest_digest, &number(9), &signature, points[..2].as_flattened()],
            [at(2 + 32 + 8 + 64, 2), vec![], vec![]],
            ProposedOpening::from_bytes,
            ProposedOpening::to_bytes,
        )),
        form(
            Kind::Opening,
            "an opening",
            &[&contest_digest, &number(2), &[7; 32], &number(9), &signature, &signature],
            nowhere(),
            SignedOpening::from_bytes,
            SignedOpening::to_bytes,
        ),
    ]
}

/// Where the points of the partial sum begin, after kind, version, number of slots, contest and two ranges.
const SUMS: usize = 3 + 32 + 5 * 8;

/// The example with 32 bytes replaced.
fn with(example: &[u8], offset: usize, item: &[u8; 32]) -> Vec<u8> {
    let mut bytes = example.to_vec();
    bytes[offset..offset + 32].copy_from_slice(item);
    bytes
}

fn of_kind(kind: Kind) -> Form {
    forms().into_iter().find(|form| form.kind == Some(kind)).unwrap()
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
    // Ballot, proof, challenged ballot, approval, endorsement, factors, activation.
    assert_eq!(places, 7 + 2 + 1 + 2 + 2 + 4 + 2);
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
    assert_eq!(kinds.len(), 16);
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
        // A ballot, which begins with its version, and a byte that is no kind.
        let error = DecodeError::Kind { expected: *expected, actual: 2 };
        assert_eq!((form.decode)(&forms[0].example), Err(error));
        assert_eq!(error.to_string(), format!("first byte 0x02, where {} is needed", form.name));
        let ballot = (forms[0].decode)(&form.example);
        assert_eq!(ballot, Err(DecodeError::Version { actual: expected.byte() }));
    }
    // Bytes of kinds are distinct, and none is how a ballot begins.
    for kind in Kind::ALL {
        assert_eq!(Kind::of_byte(kind.byte()), Some(*kind));
        assert_ne!(kind.byte(), 2);
    }
}

/// The same signature is read as approval and as endorsement when somebody changes the kind, and then does not hold:
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
    let error = urne::tally::EndorsementError::Signature(invalid);
    assert_eq!(opened.unwrap_err(), urne::tally::OpeningError::Endorsement(error));

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
        // A factor read as the challenge.
        (Kind::Factors, 3, 0, DecodeError::NotAScalar { offset: 4 }),
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
