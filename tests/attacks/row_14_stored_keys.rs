//! Row 14, the part about storage: a forged election key handed to a trustee together with its own stored secrets.

use curve25519_dalek::scalar::Scalar;
use urne::bureau::TrusteeKeyError;
use urne::{Bureau, ElectionKey, Panel, TrusteeKey};

use crate::dealer::*;

fn keys() -> Vec<TrusteeKey> {
    let mut setup = Setup::new(PANELS, 2, 70);
    let (states, confirmations) = setup.confirmed();
    states.into_iter().map(|state| state.finish(&confirmations, &[]).unwrap()).collect()
}

/// The panels of a key, and its points.
type Parts = (Vec<Panel>, Vec<Vec<Vec<Bytes>>>);

fn parts(key: &ElectionKey) -> Parts {
    (key.bureau().panels().to_vec(), key.to_encodings())
}

fn forged((panels, points): Parts) -> ElectionKey {
    ElectionKey::from_encodings(Bureau::new(panels).unwrap(), &points).unwrap()
}

/// Whoever keeps the published files puts its own points in the place of the other panel's. The trustee's shares
/// still fit its own panel's part, so nothing but the binding tells.
#[test]
fn attack_14_stored_secrets_are_not_read_with_a_forged_part_of_another_panel() {
    let keys = keys();
    let own = encode(&Scalar::from(1_000u64));
    for slot in [0, 1] {
        let (panels, mut points) = parts(keys[0].election_key());
        points[1][slot][0] = own;
        let false_key = forged((panels, points));
        for trustee in &keys[..3] {
            let j = trustee.index();
            assert_eq!(
                false_key.verification_keys(j),
                trustee.election_key().verification_keys(j),
                "the shares fit"
            );
            assert_eq!(
                TrusteeKey::from_bytes(false_key.clone(), &trustee.expose_bytes()).map(|_| ()),
                Err(TrusteeKeyError::AnotherKey)
            );
        }
    }
}

#[test]
fn attack_14_stored_secrets_are_read_with_the_whole_key_alone() {
    let keys = keys();
    let true_key = keys[0].election_key();
    let other = encode(&Scalar::from(1_000u64));
    let change = |change: &dyn Fn(&mut Parts)| {
        let mut parts = parts(true_key);
        change(&mut parts);
        forged(parts)
    };
    let mut false_keys = Vec::new();
    // Every point alone.
    for (panel, slot, k) in [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 1, 0)] {
        false_keys.push(change(&|(_, points)| points[panel][slot][k] = other));
    }
    // The slots changed over, in one panel and in both; one slot fewer, and one more.
    false_keys.push(change(&|(_, points)| points[1].swap(0, 1)));
    false_keys.push(change(&|(_, points)| points.iter_mut().for_each(|panel| panel.swap(0, 1))));
    false_keys.push(change(&|(_, points)| points.iter_mut().for_each(|panel| panel.truncate(1))));
    false_keys.push(change(&|(_, points)| {
        points.iter_mut().for_each(|panel| {
            let more = panel[0].iter().map(|bytes| (point(bytes) + point(&other)).compress().to_bytes());
            let more = more.collect();
            panel.push(more);
        });
    }));
    // Another threshold, with the points to match; the panels changed over; one of them alone.
    false_keys.push(change(&|(panels, points)| {
        panels[0].threshold = 1;
        points[0].iter_mut().for_each(|slot| slot.truncate(1));
    }));
    false_keys.push(change(&|(panels, points)| {
        panels.swap(0, 1);
        points.swap(0, 1);
    }));
    false_keys.push(change(&|(panels, points)| {
        panels.pop();
        points.pop();
    }));
    // Another's identity key in the place of a trustee's, and trustees changed over.
    let stranger = urne::IdentityKey::from_bytes(&other).unwrap();
    for (panel, position) in [(0, 0), (0, 2), (1, 1)] {
        false_keys.push(change(&|(panels, _)| panels[panel].trustees[position] = stranger));
    }
    false_keys.push(change(&|(panels, _)| panels[1].trustees.swap(0, 1)));

    for trustee in &keys {
        let stored = trustee.expose_bytes();
        for false_key in &false_keys {
            assert_ne!(false_key, true_key);
            assert_eq!(
                TrusteeKey::from_bytes(false_key.clone(), &stored).map(|_| ()),
                Err(TrusteeKeyError::AnotherKey)
            );
        }
        let again = TrusteeKey::from_bytes(true_key.clone(), &stored).unwrap();
        assert_eq!((again.index(), again.election_key()), (trustee.index(), true_key));
    }
}

/// The same key, reached by other commitments: it is not what this trustee confirmed.
#[test]
fn attack_14_stored_secrets_are_bound_to_what_was_confirmed() {
    let keys = keys();
    let stored = keys[0].expose_bytes();
    let mut changed = stored.to_vec();
    changed[2..34].copy_from_slice(&[7; 32]);
    assert_ne!(changed, *stored);
    assert_eq!(
        TrusteeKey::from_bytes(keys[0].election_key().clone(), &changed).map(|_| ()),
        Err(TrusteeKeyError::AnotherKey)
    );
}
