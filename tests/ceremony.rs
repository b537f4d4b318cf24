//! The key ceremony through the public API: the vectors, ceremonies that go well, what is stored, wire forms.
//! The attacks on it are in `attacks/row_10_ceremony.rs`.

use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;
use urne::ceremony::{
    Ceremony, CeremonyError, Commitment, Committed, Complaint, Confirmation, MessageKind, Reveal, Revealed,
};
use urne::rand_core::Rng;
use urne::{DecodeError, IdentitySecret, KeyError, Threshold, TrusteeKey, TrusteeKeyError};

#[path = "support/dealer.rs"]
mod dealer;

use dealer::*;

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
    assert_eq!(ceremony.label(), label);

    let state = |j: usize| {
        let mut bytes = [ceremony.digest().to_bytes(), secrets[j - 1]].concat();
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
        let (t, first) = (2 * 32, bytes[64..96].to_vec());
        bytes[64 + 2 * t..96 + 2 * t].copy_from_slice(&first);
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
    let cancelled = (-scalar(&setup.stored[0][96..128])).to_bytes();
    setup.stored[1][96..128].copy_from_slice(&cancelled);
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
    assert_eq!(bytes.len(), 32 * (2 + 2 * 2));
    let read = |bytes: &[u8]| Committed::from_bytes(&setup.ceremony, bytes).map(|state| state.index());
    assert_eq!(read(&bytes), Ok(index(2)));
    assert_eq!(setup.committed(2).commitment(&mut rng(1)).digest(), setup.commitments[1].digest());
    let decode = |error| Err(CeremonyError::Decode(error));
    assert_eq!(read(&bytes[..191]), decode(DecodeError::TooShort { expected: 192, actual: 191 }));
    assert_eq!(read(&bytes[..32]), decode(DecodeError::TooShort { expected: 192, actual: 32 }));
    assert_eq!(read(&[]), decode(DecodeError::TooShort { expected: 32, actual: 0 }));
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(read(&longer), decode(DecodeError::TooLong { expected: 192, actual: 193 }));
    let with = |at: usize, byte: u8| {
        let mut changed = bytes.clone();
        changed[at..at + 32].fill(byte);
        changed
    };
    assert_eq!(read(&with(32, 0)), decode(DecodeError::NotAScalar { offset: 32 }));
    assert_eq!(read(&with(32, 0xff)), decode(DecodeError::NotAScalar { offset: 32 }));
    assert_eq!(read(&with(96, 0xff)), decode(DecodeError::NotAScalar { offset: 96 }));
    assert_eq!(read(&with(64, 0)), decode(DecodeError::Number { offset: 64 }));
    assert_eq!(read(&with(160, 0)), decode(DecodeError::Number { offset: 160 }));
    assert_eq!(read(&with(32, 1)), Err(CeremonyError::NotATrustee));
    // Another ceremony of the same trustees does not take it, whatever its length would be.
    let more =
        Ceremony::new("x", setup.ceremony.threshold(), 3, setup.ceremony.identities().to_vec()).unwrap();
    for other in [&setup.again("another", 7).ceremony, &more] {
        assert_eq!(
            Committed::from_bytes(other, &bytes).map(|_| ()).unwrap_err(),
            CeremonyError::AnotherCeremony
        );
    }
    // The state of another run of the same ceremony is not what was committed to.
    let mut other = setup.again("a ceremony", 7);
    other.stored[1] = bytes;
    assert_eq!(
        other.committed(2).reveal(&other.commitments, &mut other.rng).map(|_| ()).unwrap_err(),
        CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(2) }
    );
}

#[test]
fn stored_reveals_are_checked() {
    let mut setup = Setup::new(2, 3, 2, 6);
    let (state, _) = setup.committed(2).reveal(&setup.commitments, &mut setup.rng).unwrap();
    let bytes = state.expose_bytes().to_vec();
    let digests: Vec<_> = setup.commitments.iter().map(|message| message.digest().to_bytes()).collect();
    assert_eq!(bytes, [&setup.stored[1][..], digests.as_flattened()].concat());
    let read = |bytes: &[u8]| Revealed::from_bytes(&setup.ceremony, bytes).map(|state| state.index());
    assert_eq!(read(&bytes), Ok(index(2)));
    let decode = |error| Err(CeremonyError::Decode(error));
    assert_eq!(read(&bytes[..287]), decode(DecodeError::TooShort { expected: 288, actual: 287 }));
    assert_eq!(read(&setup.stored[1]), decode(DecodeError::TooShort { expected: 288, actual: 192 }));
    assert_eq!(
        read(&[&bytes[..], &[0]].concat()),
        decode(DecodeError::TooLong { expected: 288, actual: 289 })
    );
    // Another commitment than ours in our place.
    let mut changed = bytes.clone();
    changed[192 + 32] ^= 1;
    assert_eq!(
        read(&changed),
        Err(CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(2) })
    );
    let other = setup.again("another", 7).ceremony;
    assert_eq!(Revealed::from_bytes(&other, &bytes).map(|_| ()), Err(CeremonyError::AnotherCeremony));
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
    let (state, _) = setup.committed(2).reveal(&setup.commitments, &mut setup.rng).unwrap();
    let state = Revealed::from_bytes(&setup.ceremony, &state.expose_bytes()).unwrap();
    // The reveal made again has another proof; the published one counts all the same.
    assert_ne!(state.reveal(&mut setup.rng), published[1]);
    let checked = state.check(&published, &mut setup.rng).unwrap();
    assert_eq!(checked.key_digest(), setup.check(1, &published).unwrap().key_digest());
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
