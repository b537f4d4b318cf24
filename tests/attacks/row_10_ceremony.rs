//! Row 10, the key ceremony: rogue and copied keys and points, panels that cancel each other, replays, vectors of a
//! wrong length, reveals that a dealer or a relay alters. Forged, repeated and missing messages and complaints are in the
//! files beside this one.

use std::slice::from_ref;

use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;
use urne::bureau::{Ceremony, CeremonyError, Committed, MessageKind, Reveal, RevealFault};
use urne::{IdentityKey, IdentitySecret};

use crate::dealer::*;

#[test]
fn attack_10_rogue_identity_key_cannot_even_commit() {
    // Trustee 1's key is made from trustee 2's: E_1 = a·E_2. That no complaint is made even if it could commit is
    // tested beside the code.
    let mut rng = rng(20);
    let a = Scalar::from(7u64);
    let honest: Vec<_> = (0..2).map(|_| IdentitySecret::generate(&mut rng)).collect();
    let rogue = (point(&honest[0].public().to_bytes()) * a).compress().to_bytes();
    let keys = [IdentityKey::from_bytes(&rogue).unwrap(), honest[0].public(), honest[1].public()];
    let ceremony = Ceremony::new("oracle", 1, bureau(&[(2, 2), (1, 1)], &keys)).unwrap();
    let [(state_2, message_2), (_, message_3)]: [_; 2] = honest
        .into_iter()
        .map(|secret| ceremony.join(secret, &mut rng).unwrap().stored())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let stored = state_2.to_bytes();

    // What it can try: sign with a; move 2's signature over, as it is and multiplied by a.
    let digest = message_2.digest().to_bytes();
    let signature = message_2.signature();
    let scaled = [signature.challenge(), (scalar(&signature.response()) * a).to_bytes()].concat();
    let attempts = [sign(&a, b"commitment", &digest), signature.to_bytes(), scaled, vec![0; 64]];
    for signature in attempts {
        let forged = commitment_message(1, &digest, &signature);
        let error = Committed::from_bytes(&stored)
            .unwrap()
            .reveal(&[forged, message_2.clone(), message_3.clone()], &mut rng)
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error, CeremonyError::Signature { message: MessageKind::Commitment, trustee: index(1) });
        assert_eq!(error.culprit(), None);
    }
}

#[test]
fn attack_10_rogue_or_copied_points() {
    let not_sent = CeremonyError::Possession { trustee: index(1) };
    assert_eq!(not_sent.culprit(), None);
    for slot in [0, 1] {
        // A point that cancels trustee 2's and leaves one of its own; somehow it knows 2's points before it commits.
        let mut setup = Setup::new(PANELS, 2, 21);
        let dealer = setup.dealer(1);
        let mut points = dealer.points();
        let own = point(&points[slot][0]);
        points[slot][0] = (own - point(&setup.dealer(2).points()[slot][0])).compress().to_bytes();
        let forged = dealer.reveal_of(&points, &dealer.shares(&points));
        assert_eq!(setup.cheat(1, true, forged), not_sent);

        // One slot copied.
        let mut points = dealer.points();
        points[slot] = setup.dealer(2).points()[slot].clone();
        let forged = dealer.reveal_of(&points, &dealer.shares(&points));
        assert_eq!(setup.cheat(1, true, forged), not_sent);
    }
    // All of them copied, shares and proof included.
    let mut setup = Setup::new(PANELS, 2, 22);
    let copied = setup.dealer(2).reveal();
    let forged = reveal_message(1, copied.commitments(), copied.shares(), &copied.proof().to_bytes());
    assert_eq!(setup.cheat(1, true, forged), not_sent);
}

/// The last panel, a single trustee, would have the key for itself: `F = x·G − Σ` of all others' points. Somehow it
/// knows them before it commits, and its commitment stands. It cannot prove that it knows the logarithm.
#[test]
fn attack_10_panel_whose_key_cancels_anothers() {
    for panels in [&[(2, 3), (1, 1)][..], &[(1, 2), (2, 3), (1, 1)]] {
        let mut setup = Setup::new(panels, 2, 20);
        let rogue = setup.n;
        let dealer = setup.dealer(rogue);
        let mut points = dealer.points();
        for (slot, row) in points.iter_mut().enumerate() {
            for other in 1..rogue {
                let theirs = point(&setup.dealer(other).points()[slot][0]);
                row[0] = (point(&row[0]) - theirs).compress().to_bytes();
            }
        }
        let shares = dealer.shares(&points);
        let attempts = [
            // With its own constants, with none, and with another's proof.
            dealer.reveal_of(&points, &shares),
            dealer.message(&points, &shares, &dealer.prove(&points, &shares, &[Scalar::ZERO; 2])),
            dealer.message(&points, &shares, &setup.dealer(1).reveal().proof().to_bytes()),
        ];
        for forged in attempts {
            let error = setup.cheat(rogue, true, forged);
            assert_eq!(error, CeremonyError::Possession { trustee: index(rogue) });
            assert_eq!(error.culprit(), None);
        }
        // The attack is real: the sum would be the rogue's alone.
        let sum: curve25519_dalek::RistrettoPoint =
            (1..rogue).map(|j| point(&setup.dealer(j).points()[0][0])).chain([point(&points[0][0])]).sum();
        assert_eq!(sum.compress().to_bytes(), encode(&dealer.constants()[0]));
    }
}

#[test]
fn attack_10_replayed_possession_proof() {
    let mut setup = Setup::new(PANELS, 2, 23);
    // From another ceremony of the same trustees, whole, and with the polynomials of this one.
    let mut other = setup.again("another", 24);
    let old = other.reveals()[0].clone();
    assert_eq!(setup.cheat(1, true, old), CeremonyError::Possession { trustee: index(1) });
    let same_polynomials =
        Dealer { ceremony: other.ceremony.digest().to_bytes(), ..setup.dealer(1) }.reveal();
    assert_eq!(setup.cheat(1, true, same_polynomials), CeremonyError::Possession { trustee: index(1) });
    // From another trustee of this one.
    let mut setup = Setup::new(PANELS, 2, 25);
    let theirs = setup.reveals()[1].to_bytes();
    let relabelled = Reveal::from_bytes(&renumbered(theirs, 1)).unwrap();
    assert_eq!(setup.cheat(1, true, relabelled), CeremonyError::Possession { trustee: index(1) });
}

#[test]
fn attack_10_vectors_longer_or_shorter_than_the_threshold() {
    let fault = |slot, actual| CeremonyError::BadReveal {
        dealer: index(1),
        fault: RevealFault::Points { slot, expected: 2, actual },
    };
    for slot in [1, 2] {
        for actual in [1, 3] {
            let mut setup = Setup::new(PANELS, 2, 26);
            let mut dealer = setup.dealer(1);
            dealer.polynomials[slot - 1].resize(actual, Scalar::from(9u64));
            // Its shares are good, even for the polynomials of another degree.
            let error = setup.cheat(1, true, dealer.reveal());
            assert_eq!(error, fault(slot, actual));
            assert_eq!(error.culprit(), Some(index(1)));
        }
    }
    // As many as another panel's threshold asks for.
    let mut setup = Setup::new(PANELS, 2, 26);
    let mut dealer = setup.dealer(4);
    dealer.polynomials.iter_mut().for_each(|row| row.push(Scalar::from(9u64)));
    let error = setup.cheat(4, true, dealer.reveal());
    let expected = RevealFault::Points { slot: 1, expected: 1, actual: 2 };
    assert_eq!(error, CeremonyError::BadReveal { dealer: index(4), fault: expected });
    // Too few and too many slots, with the shares to match.
    for actual in [1, 3] {
        let mut setup = Setup::new(PANELS, 2, 27);
        let mut dealer = setup.dealer(1);
        dealer.polynomials.resize(actual, vec![Scalar::from(8u64), Scalar::from(9u64)]);
        let error = setup.cheat(1, true, dealer.reveal());
        let expected = RevealFault::Slots { expected: 2, actual };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: expected });
    }
    // Too few and too many shares; ten would be one for everybody in the bureau.
    for actual in [0, 4, 5, 7, 10] {
        let mut setup = Setup::new(PANELS, 2, 28);
        let dealer = setup.dealer(1);
        let points = dealer.points();
        let mut shares = dealer.shares(&points);
        shares.resize(actual, [0; 32]);
        let error = setup.cheat(1, false, dealer.reveal_of(&points, &shares));
        let expected = RevealFault::Shares { expected: 6, actual };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: expected });
    }
    // An empty slot has no point for the proof.
    let mut setup = Setup::new(PANELS, 2, 29);
    let dealer = setup.dealer(1);
    let points = vec![dealer.points()[0].clone(), vec![]];
    let forged = dealer.reveal_of(&points, &dealer.shares(&dealer.points()));
    assert_eq!(setup.cheat(1, true, forged), CeremonyError::Possession { trustee: index(1) });
}

#[test]
fn attack_10_a_relay_that_cuts_the_slots_elsewhere_blames_nobody() {
    let mut setup = Setup::new(PANELS, 2, 30);
    let reveal = setup.reveals()[0].clone();
    let all = reveal.commitments().concat();
    for cut in [1, 3] {
        let points = [all[..cut].to_vec(), all[cut..].to_vec()];
        let cut = reveal_message(1, &points, reveal.shares(), &reveal.proof().to_bytes());
        let error = setup.cheat(1, false, cut);
        assert_eq!(error, CeremonyError::Possession { trustee: index(1) });
        assert_eq!(error.culprit(), None);
    }
}

#[test]
fn attack_10_identity() {
    for (slot, coefficient) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
        // A coefficient of zero: the proof holds.
        let mut setup = Setup::new(PANELS, 2, 31);
        let mut dealer = setup.dealer(1);
        dealer.polynomials[slot - 1][coefficient] = Scalar::ZERO;
        let error = setup.cheat(1, true, dealer.reveal());
        let fault = RevealFault::Identity { slot, coefficient };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault });
        assert_eq!(error.culprit(), Some(index(1)));
    }
}

/// Such a reveal is none, also where the rest of it would hold: it blames nobody.
#[test]
fn attack_10_points_that_do_not_decode() {
    for (slot, coefficient) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        for bytes in [[0xff; 32], [1; 32]] {
            let mut setup = Setup::new(PANELS, 2, 31);
            let dealer = setup.dealer(1);
            let mut points = dealer.points();
            points[slot][coefficient] = bytes;
            let forged = dealer.reveal_of(&points, &dealer.shares(&points));
            for recommit in [true, false] {
                let error = setup.cheat(1, recommit, forged.clone());
                assert_eq!(error, CeremonyError::Possession { trustee: index(1) });
                assert_eq!(error.culprit(), None);
            }
        }
    }
}

#[test]
fn attack_10_share_that_is_no_scalar() {
    for (i, position, recipient, slot) in
        [(1, 0, 1, 1), (1, 3, 2, 2), (1, 5, 3, 2), (5, 0, 4, 1), (5, 3, 5, 2)]
    {
        let mut setup = Setup::new(PANELS, 2, 32);
        let dealer = setup.dealer(i);
        let points = dealer.points();
        let mut shares = dealer.shares(&points);
        shares[position] = [0xff; 32];
        let error = setup.cheat(i, false, dealer.reveal_of(&points, &shares));
        let expected = RevealFault::Share { recipient: index(recipient), slot };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(i), fault: expected });
    }
}

#[test]
fn attack_10_reveal_that_differs_from_its_commitment() {
    for (slot, coefficient) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut setup = Setup::new(PANELS, 2, 33);
        let mut dealer = setup.dealer(1);
        dealer.polynomials[slot][coefficient] += Scalar::ONE;
        // Shares and proof are right for the new polynomial.
        let error = setup.cheat(1, false, dealer.reveal());
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: RevealFault::Commitment });
        assert_eq!(error.culprit(), Some(index(1)));
    }
}

#[test]
fn attack_10_relay_that_alters_a_sealed_share_names_nobody() {
    let mut setup = Setup::new(PANELS, 2, 36);
    let reveal = setup.reveals()[0].clone();
    let altered = |points: &[Vec<Bytes>], shares: &[Bytes]| {
        reveal_message(1, points, shares, &reveal.proof().to_bytes())
    };
    let mut attempts = Vec::new();
    for position in 0..6 {
        let mut shares = reveal.shares().to_vec();
        shares[position][0] ^= 1;
        attempts.push(altered(reveal.commitments(), &shares));
    }
    let mut shares = reveal.shares().to_vec();
    shares.swap(2, 4);
    attempts.push(altered(reveal.commitments(), &shares));
    for position in [0, 1] {
        let mut points = reveal.commitments().to_vec();
        points[0][position] = encode(&Scalar::from(5u64));
        attempts.push(altered(&points, reveal.shares()));
    }
    attempts.push(altered(reveal.commitments(), &reveal.shares()[..5]));
    for forged in attempts {
        let error = setup.cheat(1, false, forged.clone());
        assert_eq!(error, CeremonyError::Possession { trustee: index(1) });
        assert_eq!(error.culprit(), None);
        // Nor can a complaint be settled that carries it, or make anyone stop.
        let complaint = setup.dealer(2).complain(&forged);
        assert_eq!(setup.ceremony.settle(&complaint), Err(error));
        let shown = setup.reveals();
        assert!(setup.check(3, &shown).unwrap().confirm(&[complaint], &mut setup.rng).is_ok());
        // Beside the good one it stops nothing, before it or after it.
        for list in [[from_ref(&forged), &shown[..]].concat(), [&shown[..], from_ref(&forged)].concat()] {
            for j in [1, 2, 5] {
                assert!(setup.check(j, &list).is_ok());
            }
        }
    }
    // The dealer itself sees that it is not its own, if the proof is its own.
    let dealer = setup.dealer(1);
    let mut shares = dealer.shares(&dealer.points());
    shares[2] = [0; 32];
    let mut reveals = setup.reveals();
    reveals[0] = dealer.reveal_of(&dealer.points(), &shares);
    assert_eq!(
        setup.check(1, &reveals).unwrap_err(),
        CeremonyError::NotOurs { message: MessageKind::Reveal, trustee: index(1) }
    );
}

proptest! {
    /// Any change of one byte of any reveal is noticed by all, and blames nobody.
    #[test]
    fn attack_10_no_relay_can_blame_a_dealer(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut setup = Setup::new(&[(2, 2)], 1, 61);
        let mut reveals = setup.reveals();
        let mut bytes = reveals[0].to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(altered) = Reveal::from_bytes(&bytes) {
            reveals[0] = altered;
            let error = setup.check(2, &reveals).unwrap_err();
            prop_assert_eq!(error.culprit(), None, "{}", error);
        }
    }
}
