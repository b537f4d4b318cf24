//! The key ceremony through the public API: ceremonies that go well, and what is stored.
//! The forms of messages are in `ceremony_forms.rs`, the vectors in `ceremony_vectors.rs`, the attacks in `attacks/row_10_*.rs`.

use curve25519_dalek::scalar::Scalar;
use urne::bureau::{
    Ceremony, CeremonyError, Checked, Committed, Confirmed, KeyError, MessageKind, RevealFault, Revealed,
};
use urne::primitives::Kind;
use urne::{DecodeError, IdentitySecret, PanelIndex, Trustee};

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
        let keys: Vec<_> =
            states.into_iter().map(|state| state.finish(&confirmations, &[]).unwrap()).collect();
        let public = keys[0].election_key().clone();
        assert_eq!(public.slots(), usize::from(m));
        assert!(keys.iter().all(|key| *key.election_key() == public));
        assert!(keys.iter().all(|key| key.key_digest() == keys[0].key_digest()));
        let shares: Vec<Vec<Scalar>> =
            keys.into_iter().map(|key| trustee_secrets(&Trustee::after_ceremony(key)).1).collect();

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
    // The longest label is read again; one that is said to be longer is not looked for.
    let longest = Ceremony::new(&"x".repeat(1024), 1, bureau(PANELS, &keys(5))).unwrap().to_bytes();
    assert_eq!(Ceremony::from_bytes(&longest).map(|read| read.to_bytes()), Ok(longest.clone()));
    let lie = [&longest[..2], &u64::to_le_bytes(1025)].concat();
    assert_eq!(Ceremony::from_bytes(&lie).map(|_| ()), Err(CeremonyError::Label { actual: 1025 }));
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

/// Trustee `j` has drawn another coefficient than it did, and knows all of what it stores.
fn set_coefficient(setup: &mut Setup, j: usize, position: usize, value: &Scalar) {
    let at = setup.ceremony.to_bytes().len() + 32 * (1 + position);
    let stored = &mut setup.stored[j - 1];
    *stored = retagged(stored, |bytes| bytes[at..at + 32].copy_from_slice(value.as_bytes()));
}

fn coefficient(setup: &Setup, j: u8, position: usize) -> Scalar {
    setup.dealer(j).polynomials.concat()[position]
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
    for (j, t) in (1..).zip([2, 2, 1]) {
        let first = coefficient(&setup, j, 0);
        set_coefficient(&mut setup, j.into(), 2 * t, &first);
    }
    commit_again(&mut setup);
    refused(&mut setup, &KeyError::RepeatedSlot { slot: 3 });
}

#[test]
fn a_key_with_the_identity_is_refused() {
    // The two trustees' highest coefficients cancel, in the second of two panels.
    let mut setup = Setup::new(&[(1, 1), (2, 2)], 1, 5);
    let cancelled = -coefficient(&setup, 2, 1);
    set_coefficient(&mut setup, 3, 1, &cancelled);
    commit_again(&mut setup);
    let (panel, error) = (PanelIndex::new(2).unwrap(), DecodeError::Identity { offset: 0 });
    refused(&mut setup, &KeyError::BadPoint { panel, slot: 1, error });
}

#[test]
fn panels_that_cancel_each_other_are_refused() {
    // Both know each other's secret; otherwise they could not prove it.
    let mut setup = Setup::new(&[(1, 1), (1, 1)], 2, 5);
    let cancelled = -coefficient(&setup, 1, 1);
    set_coefficient(&mut setup, 2, 1, &cancelled);
    commit_again(&mut setup);
    refused(&mut setup, &KeyError::IdentityKeyOfSlot { slot: 2 });
}

// ---------------------------------------------------------------------------------------------------
// Stored secrets

#[test]
fn attack_22_stored_states_are_checked() {
    let setup = Setup::new(PANELS, 2, 6);
    let bytes = setup.stored[1].clone();
    let secrets = setup.ceremony.to_bytes().len();
    assert_eq!(bytes.len(), secrets + 32 * (1 + 2 * 2) + 32);
    assert_eq!(bytes[2..secrets], setup.ceremony.to_bytes()[2..]);
    // In the other panel one coefficient a slot is enough.
    assert_eq!(setup.stored[3].len(), secrets + 32 * (1 + 2) + 32);
    let read = |bytes: &[u8]| Committed::from_bytes(bytes).map(|state| state.index());
    assert_eq!(read(&bytes), Ok(index(2)));
    assert_eq!(read(&setup.stored[3]), Ok(index(4)));
    assert_eq!(setup.committed(2).ceremony(), &setup.ceremony);
    assert_eq!(setup.committed(2).commitment(&mut rng(1)).digest(), setup.commitments[1].digest());
    assert_guarded(&bytes, Kind::Committed, &read);
    let decode = |error| Err(CeremonyError::Decode(error));
    for byte in [0, 0xff] {
        let refused = decode(DecodeError::NotAScalar { offset: secrets });
        assert_eq!(read(&at(&bytes, secrets, byte, 32)), refused);
    }
    let [first, last] = [secrets + 32, secrets + 128];
    assert_eq!(read(&at(&bytes, last, 0xff, 32)), decode(DecodeError::NotAScalar { offset: last }));
    assert_eq!(read(&at(&bytes, first, 0, 32)), decode(DecodeError::Number { offset: first }));
    assert_eq!(read(&at(&bytes, last, 0, 32)), decode(DecodeError::Number { offset: last }));
    assert_eq!(read(&at(&bytes, secrets, 1, 32)), Err(CeremonyError::NotATrustee));
    // The state of another run of the same ceremony is not what was committed to.
    let mut other = setup.again("a ceremony", 7);
    other.stored[1] = bytes;
    assert_eq!(
        other.committed(2).reveal(&other.commitments, &mut other.rng).map(|_| ()).unwrap_err(),
        CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(2) }
    );
}

#[test]
fn attack_22_stored_reveals_are_checked() {
    let mut setup = Setup::new(PANELS, 2, 6);
    let unsent = setup.committed(2).reveal(&setup.commitments, &mut setup.rng).unwrap();
    let bytes = unsent.to_store().to_vec();
    let (state, _) = unsent.stored();
    assert_eq!(state.to_bytes().as_slice(), bytes);
    assert_eq!((state.commitments(), state.ceremony()), (&setup.commitments[..], &setup.ceremony));
    let signed: Vec<_> =
        setup.commitments.iter().flat_map(|message| message.to_bytes()[3..].to_vec()).collect();
    let before = setup.stored[1].len() - 32;
    assert_eq!(bytes[2..bytes.len() - 32], [&setup.stored[1][2..before], &signed].concat());
    let read = |bytes: &[u8]| Revealed::from_bytes(bytes).map(|state| state.index());
    assert_eq!(read(&bytes), Ok(index(2)));
    assert_guarded(&bytes, Kind::Revealed, &read);
    // A commitment that was changed where it is stored.
    for j in 1..=5 {
        let changed = retagged(&bytes, |bytes| bytes[before + 96 * (usize::from(j) - 1)] ^= 1);
        let error = CeremonyError::Signature { message: MessageKind::Commitment, trustee: index(j) };
        assert_eq!(read(&changed), Err(error));
    }
    // Another commitment than ours in our place, that our signature holds under.
    let mut dealer = setup.dealer(2);
    dealer.polynomials[0][0] += Scalar::ONE;
    let second = dealer.commit(&dealer.points()).to_bytes();
    let changed = retagged(&bytes, |bytes| bytes[before + 96..before + 2 * 96].copy_from_slice(&second[3..]));
    assert_eq!(
        read(&changed),
        Err(CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(2) })
    );
}

#[test]
fn attack_22_stored_shares_are_checked() {
    let mut setup = Setup::new(PANELS, 2, 8);
    let reveals = setup.reveals();
    let checked = setup.check(2, &reveals).unwrap();
    let (digest, bytes) = (checked.key_digest(), checked.to_bytes());
    let read = |bytes: &[u8]| Checked::from_bytes(bytes).map(|state| state.index());
    let again = Checked::from_bytes(&bytes).unwrap();
    assert_eq!((again.index(), again.key_digest(), again.ceremony()), (index(2), digest, &setup.ceremony));
    assert_eq!(*again.to_bytes(), *bytes);
    assert_guarded(&bytes, Kind::Checked, &read);
    let secrets = setup.ceremony.to_bytes().len();
    let decode = |error| Err(CeremonyError::Decode(error));
    // A share that is none of this key's.
    for slot in [1, 2] {
        let changed = retagged(&bytes, |bytes| bytes[secrets + 32 * slot] ^= 1);
        assert_eq!(read(&changed), decode(DecodeError::Altered));
    }
    // The first trustee's commitment, and its reveal: whose it is, and one of its points.
    let first = secrets + 32 * 3;
    let fault = RevealFault::Commitment;
    let altered = retagged(&bytes, |bytes| bytes[first] ^= 1);
    assert_eq!(read(&altered), Err(CeremonyError::BadReveal { dealer: index(1), fault }));
    assert_eq!(read(&at(&bytes, first + 32, 2, 1)), decode(DecodeError::Number { offset: first + 32 }));
    let altered = retagged(&bytes, |bytes| bytes[first + 32 + 3] ^= 1);
    assert_eq!(read(&altered), Err(CeremonyError::Possession { trustee: index(1) }));

    // Confirmed, it goes on from what it stored, and gives its confirmation again.
    let unsent = again.confirm(&[], &mut setup.rng).unwrap();
    let bytes = unsent.to_store().to_vec();
    let (_, confirmation) = unsent.stored();
    let read = |bytes: &[u8]| Confirmed::from_bytes(bytes).map(|state| state.index());
    assert_guarded(&bytes, Kind::Confirmed, &read);
    let state = Confirmed::from_bytes(&bytes).unwrap();
    assert_eq!((state.key_digest(), state.ceremony()), (digest, &setup.ceremony));
    let (_, mut confirmations) = setup.confirmed();
    confirmations[1] = state.confirmation(&mut setup.rng);
    // Another signature of the same: both count, and so they do together.
    assert_ne!(confirmations[1], confirmation);
    confirmations.push(confirmation);
    let key = state.finish(&confirmations, &[]).unwrap();
    assert_eq!((key.index(), key.key_digest()), (index(2), digest));
}

#[test]
fn a_ceremony_survives_a_restart_after_the_reveals() {
    let mut setup = Setup::new(PANELS, 2, 10);
    let published = setup.reveals();
    for j in [2, 4] {
        let (state, _) = setup.committed(j).reveal(&setup.commitments, &mut setup.rng).unwrap().stored();
        let state = Revealed::from_bytes(&state.to_bytes()).unwrap();
        assert_eq!(state.commitments(), setup.commitments);
        // The reveal made again has another proof; the published one counts all the same, and so do both.
        let again = state.reveal(&mut setup.rng);
        assert_ne!(again, published[usize::from(j) - 1]);
        let both = [&published[..], &[again]].concat();
        let checked = good(state.check(&both, &mut setup.rng).unwrap());
        assert_eq!(checked.key_digest(), setup.check(1, &published).unwrap().key_digest());
        assert!(setup.check(1, &both).is_ok());
    }
}
