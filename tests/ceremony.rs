//! The key ceremony through the public API: ceremonies that go well, and what is stored.
//! The forms of messages are in `ceremony_forms.rs`, the vectors in `ceremony_vectors.rs`, the attacks in `attacks/row_10_*.rs`.

use curve25519_dalek::scalar::Scalar;
use urne::bureau::{Ceremony, CeremonyError, Committed, KeyError, MessageKind, Revealed, TrusteeKeyError};
use urne::primitives::Kind;
use urne::{DecodeError, IdentitySecret, PanelIndex, TrusteeKey};

#[path = "support/dealer.rs"]
mod dealer;

use dealer::*;

/// The cheaters of this suite, when they do not cheat, send what the crate sends.
#[test]
fn an_honest_forger_is_accepted() {
    let mut setup = Setup::new(PANELS, 2, 2);
    let keys: Vec<_> = setup.ceremony.bureau().identities().map(|key| key.to_bytes()).collect();
    let panels = [(2, keys[..3].to_vec()), (1, keys[3..].to_vec())];
    assert_eq!(ceremony_digest("a ceremony", 2, &panels), setup.ceremony.digest().to_bytes());

    let mut reveals = setup.reveals();
    for (at, i) in [(0, 1), (4, 5)] {
        let dealer = setup.dealer(i);
        assert_eq!(dealer.points(), reveals[at].commitments());
        assert_eq!(dealer.shares(&dealer.points()), reveals[at].shares());
        assert_eq!(dealer.commit(&dealer.points()).digest(), setup.commitments[at].digest());
        setup.commitments[at] = dealer.commit(&dealer.points());
        reveals[at] = dealer.reveal();
    }
    let digest = setup.check(2, &reveals).unwrap().key_digest().to_bytes();
    let confirmations: Vec<_> = (1..=5).map(|j| setup.dealer(j).confirm(&digest)).collect();
    let key = setup.ceremony.conclude(&setup.commitments, &reveals, &[], &confirmations).unwrap();
    let commitments: Vec<_> = setup.commitments.iter().map(|message| message.digest().to_bytes()).collect();
    assert_eq!(key_digest(&setup.ceremony.digest().to_bytes(), &commitments, &key.to_encodings()), digest);
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

/// All sets of `t` of these trustees.
fn subsets(trustees: &[u8], t: u8) -> Vec<Vec<u8>> {
    (0u32..1 << trustees.len())
        .filter(|mask| mask.count_ones() == u32::from(t))
        .map(|mask| (0..).zip(trustees).filter(|(at, _)| mask >> at & 1 == 1).map(|(_, j)| *j).collect())
        .collect()
}

#[test]
fn any_threshold_of_shares_of_a_panel_and_no_fewer_give_its_secret() {
    let bureaus: [(&[(u8, u8)], u8); 8] = [
        (&[(1, 1)], 1),
        (&[(1, 3)], 2),
        (&[(2, 3)], 2),
        (&[(3, 3)], 1),
        (&[(5, 13)], 2),
        (&[(1, 2), (2, 5)], 3),
        (&[(2, 3), (1, 2)], 2),
        (&[(1, 1), (3, 4), (2, 2)], 2),
    ];
    for (panels, m) in bureaus {
        let mut setup = Setup::new(panels, m, panels.len() as u64);
        let (states, confirmations) = setup.confirmed();
        let keys: Vec<TrusteeKey> =
            states.into_iter().map(|state| state.finish(&confirmations, &[]).unwrap()).collect();
        let public = keys[0].election_key().clone();
        assert_eq!(public.slots(), usize::from(m));
        assert!(keys.iter().all(|key| *key.election_key() == public));
        assert!(keys.iter().all(|key| key.key_digest() == keys[0].key_digest()));
        let shares: Vec<Vec<Scalar>> =
            keys.iter().map(|key| scalars(&key.expose_bytes()[KEY_SECRETS..])[1..].to_vec()).collect();

        let mut first = 1;
        for ((t, n), matrix) in panels.iter().zip(public.to_encodings()) {
            let trustees: Vec<u8> = (first..first + n).collect();
            first += n;
            for (slot, points) in matrix.iter().enumerate() {
                let share = |j: u8| shares[usize::from(j) - 1][slot];
                let interpolated = |subset: &[u8]| {
                    let terms = lagrange(subset).into_iter().zip(subset);
                    encode(&terms.map(|(lambda, j)| lambda * share(*j)).sum())
                };
                for subset in subsets(&trustees, *t) {
                    assert_eq!(interpolated(&subset), points[0], "{panels:?}: {subset:?}");
                }
                for subset in subsets(&trustees, t - 1).iter().filter(|subset| !subset.is_empty()) {
                    assert_ne!(interpolated(subset), points[0], "{panels:?}: {subset:?}");
                }
                for j in &trustees {
                    assert_eq!(encode(&share(*j)), public.verification_keys(index(*j))[slot]);
                }
            }
        }
    }
}

#[test]
fn shares_travel_inside_a_panel_only() {
    let mut setup = Setup::new(&[(2, 3), (1, 2), (1, 1)], 4, 11);
    for (reveal, (t, n)) in setup.reveals().iter().zip([(2, 3), (2, 3), (2, 3), (1, 2), (1, 2), (1, 1)]) {
        assert!(reveal.commitments().iter().all(|slot| slot.len() == t));
        assert_eq!((reveal.commitments().len(), reveal.shares().len()), (4, 4 * n));
    }
}

#[test]
fn the_order_of_messages_does_not_matter() {
    let mut setup = Setup::new(PANELS, 2, 3);
    let mut reveals = setup.reveals();
    let digest = setup.check(1, &reveals).unwrap().key_digest();
    setup.commitments.rotate_left(1);
    reveals.reverse();
    for j in 1..=5 {
        assert_eq!(setup.check(j, &reveals).unwrap().key_digest(), digest);
    }
    let (states, mut confirmations) = setup.confirmed();
    confirmations.rotate_left(2);
    let keys: Vec<_> = states.into_iter().map(|state| state.finish(&confirmations, &[]).unwrap()).collect();
    let key = setup.ceremony.conclude(&setup.commitments, &reveals, &[], &confirmations).unwrap();
    assert!(keys.iter().all(|trustee| *trustee.election_key() == key));
}

#[test]
fn parameters_that_are_refused() {
    let keys =
        |n: u8| -> Vec<_> { (0..n).map(|j| IdentitySecret::generate(&mut rng(j.into())).public()).collect() };
    let new = |label: &str, slots| Ceremony::new(label, slots, bureau(PANELS, &keys(5))).map(|_| ());
    assert_eq!(new(&"x".repeat(1024), 1), Ok(()));
    assert_eq!(new("", 255), Ok(()));
    assert_eq!(new(&"x".repeat(1025), 1), Err(CeremonyError::Label { actual: 1025 }));
    assert_eq!(new("x", 0), Err(CeremonyError::NoSlots));
    let ceremony = Ceremony::new("x", 1, bureau(PANELS, &keys(5))).unwrap();
    assert_eq!((ceremony.label(), ceremony.slots(), ceremony.bureau().trustees()), ("x", 1, 5));
    assert_eq!(
        ceremony.join(IdentitySecret::generate(&mut rng(9)), &mut rng(1)).map(|_| ()).unwrap_err(),
        CeremonyError::NotATrustee
    );
    // Every parameter is in the digest, the cuts between the panels too.
    let digest = |label: &str, m, panels: &[(u8, u8)]| {
        let n = panels.iter().map(|(_, n)| n).sum();
        Ceremony::new(label, m, bureau(panels, &keys(n))).unwrap().digest()
    };
    let mut digests = vec![
        digest("x", 1, &[(2, 3), (1, 2)]),
        digest("y", 1, &[(2, 3), (1, 2)]),
        digest("x", 2, &[(2, 3), (1, 2)]),
        digest("x", 1, &[(1, 3), (1, 2)]),
        digest("x", 1, &[(2, 3), (2, 2)]),
        digest("x", 1, &[(2, 2), (1, 3)]),
        digest("x", 1, &[(2, 3), (1, 1), (1, 1)]),
        digest("x", 1, &[(2, 5)]),
        digest("x", 1, &[(2, 3), (1, 3)]),
        digest("x", 1, &[(2, 3)]),
    ];
    let mut swapped = keys(5);
    swapped.swap(0, 1);
    digests.push(Ceremony::new("x", 1, bureau(PANELS, &swapped)).unwrap().digest());
    let all = digests.len();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), all);
}

/// What a coefficient of a stored trustee stands at.
fn coefficient(position: usize) -> std::ops::Range<usize> {
    let at = COMMITTED_SECRETS + 32 * (1 + position);
    at..at + 32
}

/// The trustees have drawn other polynomials than they did, and commit to them.
fn commit_again(setup: &mut Setup) {
    setup.commitments = (1..=setup.n).map(|j| setup.committed(j).commitment(&mut rng(j.into()))).collect();
}

/// The key that comes out is refused, by every trustee and by whoever looks on, and nobody is named.
fn refused(setup: &mut Setup, expected: &KeyError) {
    let reveals = setup.reveals();
    let expected = CeremonyError::Key(expected.clone());
    assert_eq!(expected.culprit(), None);
    for j in 1..=setup.n {
        assert_eq!(setup.check(j, &reveals).unwrap_err(), expected);
    }
    let confirmations = setup.confirmations();
    assert_eq!(setup.ceremony.conclude(&setup.commitments, &reveals, &[], &confirmations), Err(expected));
}

#[test]
fn two_equal_slots_are_refused() {
    let mut setup = Setup::new(&[(2, 2), (1, 1)], 3, 4);
    // Everybody uses the same constant in the first and third slot.
    for (bytes, t) in setup.stored.iter_mut().zip([2, 2, 1]) {
        let first = bytes[coefficient(0)].to_vec();
        bytes[coefficient(2 * t)].copy_from_slice(&first);
    }
    commit_again(&mut setup);
    refused(&mut setup, &KeyError::RepeatedSlot { slot: 3 });
}

#[test]
fn a_key_with_the_identity_is_refused() {
    // The two trustees' highest coefficients cancel, in the second of two panels.
    let mut setup = Setup::new(&[(1, 1), (2, 2)], 1, 5);
    let cancelled = (-scalar(&setup.stored[1][coefficient(1)])).to_bytes();
    setup.stored[2][coefficient(1)].copy_from_slice(&cancelled);
    commit_again(&mut setup);
    let (panel, error) = (PanelIndex::new(2).unwrap(), DecodeError::Identity { offset: 0 });
    refused(&mut setup, &KeyError::BadPoint { panel, slot: 1, error });
}

#[test]
fn panels_that_cancel_each_other_are_refused() {
    // Both know each other's secret; otherwise they could not prove it.
    let mut setup = Setup::new(&[(1, 1), (1, 1)], 2, 5);
    let cancelled = (-scalar(&setup.stored[0][coefficient(1)])).to_bytes();
    setup.stored[1][coefficient(1)].copy_from_slice(&cancelled);
    commit_again(&mut setup);
    refused(&mut setup, &KeyError::IdentityKeyOfSlot { slot: 2 });
}

// ---------------------------------------------------------------------------------------------------
// Stored secrets

#[test]
fn stored_states_are_checked() {
    let setup = Setup::new(PANELS, 2, 6);
    let bytes = setup.stored[1].clone();
    let length = COMMITTED_SECRETS + 32 * (1 + 2 * 2);
    assert_eq!((bytes.len(), &bytes[..2]), (length, &head(Kind::Committed)[..]));
    assert_eq!(bytes[2..COMMITTED_SECRETS], setup.ceremony.digest().to_bytes());
    // In the other panel one coefficient a slot is enough.
    assert_eq!(setup.stored[3].len(), COMMITTED_SECRETS + 32 * (1 + 2));
    let read = |bytes: &[u8]| Committed::from_bytes(&setup.ceremony, bytes).map(|state| state.index());
    assert_eq!(read(&bytes), Ok(index(2)));
    assert_eq!(read(&setup.stored[3]), Ok(index(4)));
    assert_eq!(setup.committed(2).commitment(&mut rng(1)).digest(), setup.commitments[1].digest());
    let decode = |error| Err(CeremonyError::Decode(error));
    let short = |expected, actual| decode(DecodeError::TooShort { expected, actual });
    assert_eq!(read(&bytes[..length - 1]), short(length, length - 1));
    assert_eq!(read(&bytes[..34]), short(66, 34));
    assert_eq!(read(&bytes[..2]), short(34, 2));
    assert_eq!(read(&[]), short(1, 0));
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(read(&longer), decode(DecodeError::TooLong { expected: length, actual: length + 1 }));
    let with = |at: usize, byte: u8, count: usize| {
        let mut changed = bytes.clone();
        changed[at..at + count].fill(byte);
        changed
    };
    let kind = |actual| decode(DecodeError::Kind { expected: Kind::Committed, actual });
    assert_eq!(read(&with(0, Kind::Revealed.byte(), 1)), kind(Kind::Revealed.byte()));
    assert_eq!(read(&with(1, 1, 1)), decode(DecodeError::Version { actual: 1 }));
    assert_eq!(read(&with(34, 0, 32)), decode(DecodeError::NotAScalar { offset: 34 }));
    assert_eq!(read(&with(34, 0xff, 32)), decode(DecodeError::NotAScalar { offset: 34 }));
    assert_eq!(read(&with(98, 0xff, 32)), decode(DecodeError::NotAScalar { offset: 98 }));
    assert_eq!(read(&with(66, 0, 32)), decode(DecodeError::Number { offset: 66 }));
    assert_eq!(read(&with(162, 0, 32)), decode(DecodeError::Number { offset: 162 }));
    assert_eq!(read(&with(34, 1, 32)), Err(CeremonyError::NotATrustee));
    // Another ceremony of the same trustees does not take it, whatever its length would be.
    let more = Ceremony::new("a ceremony", 3, setup.ceremony.bureau().clone()).unwrap();
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
    let mut setup = Setup::new(PANELS, 2, 6);
    let (state, _) = setup.committed(2).reveal(&setup.commitments, &mut setup.rng).unwrap();
    assert_eq!(state.commitments(), setup.commitments);
    let bytes = state.expose_bytes().to_vec();
    let signed: Vec<_> =
        setup.commitments.iter().flat_map(|message| message.to_bytes()[3..].to_vec()).collect();
    let expected = [&head(Kind::Revealed)[..], &setup.stored[1][2..], &signed].concat();
    assert_eq!(bytes, expected);
    let (before, length) = (setup.stored[1].len(), bytes.len());
    assert_eq!(length, before + 5 * 96);
    let read = |bytes: &[u8]| Revealed::from_bytes(&setup.ceremony, bytes).map(|state| state.index());
    assert_eq!(read(&bytes), Ok(index(2)));
    let decode = |error| Err(CeremonyError::Decode(error));
    assert_eq!(
        read(&bytes[..length - 1]),
        decode(DecodeError::TooShort { expected: length, actual: length - 1 })
    );
    assert_eq!(
        read(&bytes[..before]),
        decode(DecodeError::TooShort { expected: before + 32, actual: before })
    );
    assert_eq!(
        read(&[&bytes[..], &[0]].concat()),
        decode(DecodeError::TooLong { expected: length, actual: length + 1 })
    );
    let actual = Kind::Committed.byte();
    assert_eq!(read(&setup.stored[1]), decode(DecodeError::Kind { expected: Kind::Revealed, actual }));
    // A commitment that was changed where it is stored.
    for j in 1..=5 {
        let mut changed = bytes.clone();
        changed[before + 96 * (usize::from(j) - 1)] ^= 1;
        let error = CeremonyError::Signature { message: MessageKind::Commitment, trustee: index(j) };
        assert_eq!(read(&changed), Err(error));
    }
    // Another commitment than ours in our place, that our signature holds under.
    let mut dealer = setup.dealer(2);
    dealer.polynomials[0][0] += Scalar::ONE;
    let mut changed = bytes.clone();
    changed[before + 96..before + 2 * 96].copy_from_slice(&dealer.commit(&dealer.points()).to_bytes()[3..]);
    assert_eq!(
        read(&changed),
        Err(CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(2) })
    );
    let other = setup.again("another", 7).ceremony;
    assert_eq!(Revealed::from_bytes(&other, &bytes).map(|_| ()).unwrap_err(), CeremonyError::AnotherCeremony);
}

#[test]
fn stored_trustee_keys_are_checked_against_the_public_key() {
    let mut setup = Setup::new(PANELS, 2, 8);
    let (states, confirmations) = setup.confirmed();
    let keys: Vec<_> = states.into_iter().map(|state| state.finish(&confirmations, &[]).unwrap()).collect();
    let public = keys[1].election_key().clone();
    let bytes = keys[1].expose_bytes();
    let read = |bytes: &[u8]| TrusteeKey::from_bytes(public.clone(), bytes).map(|key| key.index());
    assert_eq!(read(&bytes), Ok(index(2)));
    let again = TrusteeKey::from_bytes(public.clone(), &bytes).unwrap();
    assert_eq!(again.expose_bytes(), bytes);
    assert_eq!(again.key_digest(), keys[0].key_digest());
    let length = KEY_SECRETS + 32 * 3;
    assert_eq!((bytes.len(), &bytes[..2]), (length, &head(Kind::TrusteeKey)[..]));
    assert_eq!(bytes[2..34], keys[1].key_digest().to_bytes());
    let decode = |error| Err(TrusteeKeyError::Decode(error));
    assert_eq!(
        read(&bytes[..length - 1]),
        decode(DecodeError::TooShort { expected: length, actual: length - 1 })
    );
    assert_eq!(read(&bytes[..33]), decode(DecodeError::TooShort { expected: 34, actual: 33 }));
    assert_eq!(
        read(&[&bytes[..], &[0]].concat()),
        decode(DecodeError::TooLong { expected: length, actual: length + 1 })
    );
    let actual = Kind::Committed.byte();
    assert_eq!(read(&setup.stored[1]), decode(DecodeError::Kind { expected: Kind::TrusteeKey, actual }));
    // What it is bound to.
    for at in [2, 33, 34, 65] {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1;
        assert_eq!(read(&changed), Err(TrusteeKeyError::AnotherKey));
    }
    let shares = KEY_SECRETS + 32;
    for slot in [1, 2] {
        let mut changed = bytes.to_vec();
        changed[KEY_SECRETS + 32 * slot] ^= 1;
        assert_eq!(read(&changed), Err(TrusteeKeyError::Share { trustee: index(2), slot }));
    }
    // Another trustee's shares under this identity.
    let mixed = [&bytes[..shares], &keys[0].expose_bytes()[shares..]].concat();
    assert_eq!(read(&mixed), Err(TrusteeKeyError::Share { trustee: index(2), slot: 1 }));
    let mut stranger = bytes.to_vec();
    stranger[KEY_SECRETS..shares].copy_from_slice(&Scalar::from(5u64).to_bytes());
    assert_eq!(read(&stranger), Err(TrusteeKeyError::NotATrustee));
    // The key of another ceremony of the same trustees.
    let mut other = setup.again("another", 9);
    let (states, confirmations) = other.confirmed();
    let other = states.into_iter().next().unwrap().finish(&confirmations, &[]).unwrap();
    assert_eq!(
        TrusteeKey::from_bytes(other.election_key().clone(), &bytes).map(|_| ()).unwrap_err(),
        TrusteeKeyError::AnotherKey
    );
}

#[test]
fn a_ceremony_survives_a_restart_after_the_reveals() {
    let mut setup = Setup::new(PANELS, 2, 10);
    let published = setup.reveals();
    for j in [2, 4] {
        let (state, _) = setup.committed(j).reveal(&setup.commitments, &mut setup.rng).unwrap();
        let state = Revealed::from_bytes(&setup.ceremony, &state.expose_bytes()).unwrap();
        assert_eq!(state.commitments(), setup.commitments);
        // The reveal made again has another proof; the published one counts all the same, and so do both.
        let again = state.reveal(&mut setup.rng);
        assert_ne!(again, published[usize::from(j) - 1]);
        let both = [&published[..], &[again]].concat();
        let checked = state.check(&both, &mut setup.rng).unwrap();
        assert_eq!(checked.key_digest(), setup.check(1, &published).unwrap().key_digest());
        assert!(setup.check(1, &both).is_ok());
    }
}
