//! The forms of the messages of a key ceremony: read back, and nothing else is.

use proptest::prelude::*;
use urne::DecodeError;
use urne::bureau::{Commitment, Complaint, Confirmation, Reveal};
use urne::primitives::Kind;
use urne::rand_core::Rng;

#[path = "support/dealer.rs"]
mod dealer;

use dealer::*;

struct Samples {
    commitment: Commitment,
    reveal: Reveal,
    complaint: Complaint,
    confirmation: Confirmation,
}

fn samples() -> Samples {
    let mut setup = Setup::new(PANELS, 2, 60);
    let reveals = setup.reveals();
    Samples {
        commitment: setup.commitments[1].clone(),
        complaint: setup.dealer(2).complain(&reveals[0]),
        reveal: reveals[1].clone(),
        confirmation: setup.dealer(2).confirm(&[7; 32]),
    }
}

/// What a decoder makes of bytes, as bytes again.
type Decoder = fn(&[u8]) -> Result<Vec<u8>, DecodeError>;

/// What it is, its length, and where two scalars stand in it.
type Form = (Vec<u8>, Kind, usize, [usize; 2], Decoder);

fn decoders() -> [Form; 4] {
    let s = samples();
    let reveal = 76 + 2 * (1 + 32 * 5);
    [
        (s.commitment.to_bytes(), Kind::Commitment, 99, [35, 67], |b| {
            Commitment::from_bytes(b).map(|m| m.to_bytes())
        }),
        (s.reveal.to_bytes(), Kind::Reveal, reveal, [reveal - 64, reveal - 32], |b| {
            Reveal::from_bytes(b).map(|m| m.to_bytes())
        }),
        (s.complaint.to_bytes(), Kind::Complaint, 99 + reveal - 2, [35, 67], |b| {
            Complaint::from_bytes(b).map(|m| m.to_bytes())
        }),
        (s.confirmation.to_bytes(), Kind::Confirmation, 67, [3, 35], |b| {
            Confirmation::from_bytes(b).map(|m| m.to_bytes())
        }),
    ]
}

#[test]
fn forms_are_read_back_and_nothing_else_is() {
    let all = decoders();
    for (bytes, kind, length, scalars, decode) in &all {
        assert_eq!((bytes.len(), &bytes[..2]), (*length, &head(*kind)[..]));
        assert_eq!(decode(bytes).as_ref(), Ok(bytes));
        for cut in 0..bytes.len() {
            assert!(matches!(decode(&bytes[..cut]), Err(DecodeError::TooShort { .. })), "{cut}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(decode(&longer), Err(DecodeError::TooLong { expected: *length, actual: length + 1 }));
        for version in [0, 1, 3, 0xff] {
            let mut changed = bytes.clone();
            changed[1] = version;
            assert_eq!(decode(&changed), Err(DecodeError::Version { actual: version }));
        }
        // Put in another's place, it says what it is.
        for (.., other) in all.iter().filter(|(_, other, ..)| other != kind) {
            let error = other(bytes).unwrap_err();
            assert!(matches!(error, DecodeError::Kind { actual, .. } if actual == kind.byte()), "{error}");
            assert!(error.to_string().starts_with(&format!("this is {kind}, where ")), "{error}");
        }
        // Challenge and response are scalars below the order.
        for at in scalars {
            let mut changed = bytes.clone();
            changed[*at..at + 32].fill(0xff);
            assert_eq!(decode(&changed), Err(DecodeError::NotAScalar { offset: *at }));
        }
    }
    let mut complaint = samples().complaint.to_bytes();
    complaint[3..35].fill(0);
    assert_eq!(Complaint::from_bytes(&complaint), Err(DecodeError::Identity { offset: 3 }));
    complaint[3..35].fill(0xff);
    assert_eq!(Complaint::from_bytes(&complaint), Err(DecodeError::NotAPoint { offset: 3 }));
    // The proof of the reveal in it.
    let mut complaint = samples().complaint.to_bytes();
    let at = complaint.len() - 32;
    complaint[at..].fill(0xff);
    assert_eq!(Complaint::from_bytes(&complaint), Err(DecodeError::NotAScalar { offset: at }));
    assert_eq!(samples().complaint.reveal().trustee(), index(1));
}

#[test]
fn lengths_that_lie_are_refused_before_anything_is_allocated() {
    let reveal = samples().reveal.to_bytes();
    // The number of shares stands after two slots of two points.
    let at = 4 + 2 * (1 + 64);
    assert_eq!(reveal[at..at + 8], 6u64.to_le_bytes());
    for lie in [7, 1 << 32, u64::MAX / 32, u64::MAX] {
        let mut changed = reveal.clone();
        changed[at..at + 8].copy_from_slice(&lie.to_le_bytes());
        assert!(Reveal::from_bytes(&changed).is_err(), "{lie}");
    }
    for at in [3, 4] {
        let mut changed = reveal.clone();
        changed[at] = 255;
        assert!(Reveal::from_bytes(&changed).is_err());
    }
    assert!(Reveal::from_bytes(&[&head(Kind::Reveal)[..], &[1, 255]].concat()).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn messages_are_hex_in_json_and_bytes_elsewhere() {
    let s = samples();
    let json = serde_json::to_string(&s.reveal).unwrap();
    let hex: String = s.reveal.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(json, format!("\"{hex}\""));
    assert!(serde_json::from_str::<Reveal>(&json.to_uppercase()).is_err());
    macro_rules! round_trip {
        ($($value:expr => $type:ty),*) => {$({
            let json = serde_json::to_string(&$value).unwrap();
            assert_eq!(serde_json::from_str::<$type>(&json).unwrap(), $value);
            // From a buffer that the reader owns.
            assert_eq!(serde_json::from_reader::<_, $type>(json.as_bytes()).unwrap(), $value);
            assert_eq!(serde_json::from_value::<$type>(serde_json::to_value(&$value).unwrap()).unwrap(), $value);
            let bytes = postcard::to_stdvec(&$value).unwrap();
            assert!(bytes.ends_with(&$value.to_bytes()));
            assert_eq!(postcard::from_bytes::<$type>(&bytes).unwrap(), $value);
        })*};
    }
    round_trip!(
        s.commitment => Commitment,
        s.reveal => Reveal,
        s.complaint => Complaint,
        s.confirmation => Confirmation
    );
}

proptest! {
    #[test]
    fn decoding_hostile_bytes_gives_an_error_or_the_same_bytes(
        kind in 0usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        tail in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        let (mut bytes, .., decode) = decoders()[kind].clone();
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
}

#[test]
fn a_reader_of_random_bytes_never_panics() {
    let mut rng = rng(62);
    let all = decoders();
    for length in 0..400 {
        let mut bytes = vec![0; length];
        rng.fill_bytes(&mut bytes);
        for (_, kind, .., decode) in &all {
            let _ = decode(&bytes);
            bytes.iter_mut().zip(head(*kind)).for_each(|(byte, head)| *byte = head);
            let _ = decode(&bytes);
        }
    }
}
