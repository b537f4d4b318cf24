//! Row 14, the part about storage: a forged election key handed to a trustee together with its own stored secrets.

use curve25519_dalek::scalar::Scalar;
use urne::bureau::TrusteeKeyError;
use urne::trustee::TrusteeError;
use urne::{Bureau, DecodeError, ElectionKey, Panel, Trustee};

use crate::dealer::*;

fn trustees() -> Vec<Trustee> {
    let mut setup = Setup::new(PANELS, 2, 70);
    let (states, confirmations) = setup.confirmed();
    states
        .into_iter()
        .map(|state| Trustee::after_ceremony(state.finish(&confirmations, &[]).unwrap()))
        .collect()
}

/// What is stored of a trustee, with another election key in the place of its own; the rest as it stands.
fn with_key(trustee: &Trustee, key: &ElectionKey) -> Vec<u8> {
    let (own, stored) = (trustee.key().election_key().to_bytes(), trustee.to_bytes());
    assert_eq!(stored[2..own.len()], own[2..]);
    [&stored[..2], &key.to_bytes()[2..], &stored[own.len()..]].concat()
}

fn refused(stored: &[u8]) -> TrusteeError {
    Trustee::from_bytes(stored).map(|_| ()).unwrap_err()
}

const ALTERED: TrusteeError = TrusteeError::Memory(DecodeError::Altered);

/// The panels of a key, and its points.
type Parts = (Vec<Panel>, Vec<Vec<Vec<Bytes>>>);

fn parts(key: &ElectionKey) -> Parts {
    (key.bureau().panels().to_vec(), key.to_encodings())
}

fn forged((panels, points): Parts) -> ElectionKey {
    ElectionKey::from_encodings(Bureau::new(panels).unwrap(), &points).unwrap()
}

/// Whoever can write where the trustee stores, and cannot read it, puts its own points in the place of the other
/// panel's. The trustee's shares still fit its own panel's part, so nothing but the tag tells; and without the secrets
/// nobody makes another.
#[test]
fn attack_14_stored_secrets_are_not_read_with_a_forged_part_of_another_panel() {
    let trustees = trustees();
    let own = encode(&Scalar::from(1_000u64));
    for slot in [0, 1] {
        let (panels, mut points) = parts(trustees[0].key().election_key());
        points[1][slot][0] = own;
        let false_key = forged((panels, points));
        for trustee in &trustees[..3] {
            let j = trustee.index();
            let true_key = trustee.key().election_key();
            assert_eq!(false_key.verification_keys(j), true_key.verification_keys(j), "the shares fit");
            let stored = with_key(trustee, &false_key);
            assert_eq!(refused(&stored), ALTERED);
            // With a tag over all that the forger knows, and its guesses of the secrets.
            let guessed = retagged(&stored, |stored| {
                let secrets = false_key.to_bytes().len() + 32;
                stored[secrets..secrets + 32 * 3].fill(1);
            });
            let tag = &guessed[guessed.len() - 32..];
            assert_eq!(refused(&[&stored[..stored.len() - 32], tag].concat()), ALTERED);
        }
    }
}

#[test]
fn attack_14_stored_secrets_are_read_with_the_whole_key_alone() {
    let trustees = trustees();
    let true_key = trustees[0].key().election_key();
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

    for trustee in &trustees {
        for false_key in &false_keys {
            assert_ne!(false_key, true_key);
            let error = refused(&with_key(trustee, false_key));
            // A key of another shape moves what follows it, and one of its own panel does not fit the shares.
            let named = matches!(error, TrusteeError::Memory(_) | TrusteeError::Key(_));
            assert!(named, "{error}");
        }
        let again = Trustee::from_bytes(&with_key(trustee, true_key)).unwrap();
        assert_eq!((again.index(), again.key().election_key()), (trustee.index(), true_key));
    }
}

/// Even whoever knows all that is stored has to have shares that fit the trustee's own panel.
#[test]
fn attack_14_secrets_that_do_not_belong_to_the_key_are_named() {
    let trustees = trustees();
    let stored = trustees[1].to_bytes();
    let secrets = trustees[1].key().election_key().to_bytes().len() + 32;
    let share = |slot| TrusteeError::Key(TrusteeKeyError::Share { trustee: index(2), slot });
    for slot in [1, 2] {
        assert_eq!(refused(&retagged(&stored, |stored| stored[secrets + 32 * slot] ^= 1)), share(slot));
    }
    // Another trustee's shares under this identity, and an identity that is none of the bureau's.
    let others = trustees[0].to_bytes();
    let mixed = retagged(&stored, |stored| {
        stored[secrets + 32..].copy_from_slice(&others[secrets + 32..others.len() - 32])
    });
    assert_eq!(refused(&mixed), share(1));
    let stranger = Scalar::from(5u64);
    let stranger =
        retagged(&stored, |stored| stored[secrets..secrets + 32].copy_from_slice(stranger.as_bytes()));
    assert_eq!(refused(&stranger), TrusteeError::Key(TrusteeKeyError::NotATrustee));
}

/// The same key, reached by other commitments: it is not what this trustee confirmed.
#[test]
fn attack_14_stored_secrets_are_bound_to_what_was_confirmed() {
    let trustees = trustees();
    let digest = trustees[0].key().election_key().to_bytes().len();
    let mut changed = trustees[0].to_bytes().to_vec();
    assert_eq!(changed[digest..digest + 32], trustees[0].key().key_digest().to_bytes());
    changed[digest..digest + 32].fill(7);
    assert_eq!(refused(&changed), ALTERED);
}
