//! Row 10, the key ceremony: rogue and copied keys and points, replays, vectors of a wrong length, messages that
//! are altered, repeated, missing or of nobody. Complaints are in the file beside this one.

use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;
use urne::ceremony::{
    Ceremony, CeremonyError, Commitment, Committed, Complaint, Confirmation, MessageKind, Reveal,
    RevealFault, Revealed,
};
use urne::{DecodeError, IdentityKey, IdentitySecret, Threshold};

use crate::dealer::*;

#[test]
fn attack_10_rogue_identity_key_cannot_even_commit() {
    // Trustee 1's key is made from trustee 2's: E_1 = a·E_2. That no complaint is made even if it could commit is
    // tested beside the code.
    let mut rng = rng(20);
    let a = Scalar::from(7u64);
    let honest: Vec<_> = (0..2).map(|_| IdentitySecret::generate(&mut rng)).collect();
    let rogue = (point(&honest[0].public().to_bytes()) * a).compress().to_bytes();
    let keys = vec![IdentityKey::from_bytes(&rogue).unwrap(), honest[0].public(), honest[1].public()];
    let ceremony = Ceremony::new("oracle", Threshold::new(2, 3).unwrap(), 1, keys).unwrap();
    let [(state_2, message_2), (_, message_3)]: [_; 2] = honest
        .into_iter()
        .map(|secret| ceremony.join(secret, &mut rng).unwrap())
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let stored = state_2.expose_bytes();

    // What it can try: sign with a; move 2's signature over, as it is and multiplied by a.
    let digest = message_2.digest().to_bytes();
    let signature = message_2.signature();
    let scaled = [signature.challenge(), (scalar(&signature.response()) * a).to_bytes()].concat();
    let attempts = [sign(&a, b"commitment", &digest), signature.to_bytes(), scaled, vec![0; 64]];
    for signature in attempts {
        let forged = Commitment::from_bytes(&[&[1, 1][..], &digest, &signature].concat()).unwrap();
        let error = Committed::from_bytes(&ceremony, &stored)
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
        let mut setup = Setup::new(2, 3, 2, 21);
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
    let mut setup = Setup::new(2, 3, 2, 22);
    let copied = setup.dealer(2).reveal();
    let forged = reveal_message(1, copied.commitments(), copied.shares(), &copied.proof().to_bytes());
    assert_eq!(setup.cheat(1, true, forged), not_sent);
}

#[test]
fn attack_10_replayed_possession_proof() {
    let mut setup = Setup::new(2, 3, 2, 23);
    // From another ceremony of the same trustees, whole, and with the polynomials of this one.
    let mut other = setup.again("another", 24);
    let old = other.reveals()[0].clone();
    assert_eq!(setup.cheat(1, true, old), CeremonyError::Possession { trustee: index(1) });
    let same_polynomials =
        Dealer { ceremony: other.ceremony.digest().to_bytes(), ..setup.dealer(1) }.reveal();
    assert_eq!(setup.cheat(1, true, same_polynomials), CeremonyError::Possession { trustee: index(1) });
    // From another trustee of this one.
    let mut setup = Setup::new(2, 3, 2, 25);
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
            let mut setup = Setup::new(2, 3, 2, 26);
            let mut dealer = setup.dealer(1);
            dealer.polynomials[slot - 1].resize(actual, Scalar::from(9u64));
            // Its shares are good, even for the polynomials of another degree.
            let error = setup.cheat(1, true, dealer.reveal());
            assert_eq!(error, fault(slot, actual));
            assert_eq!(error.culprit(), Some(index(1)));
        }
    }
    // Too few and too many slots, with the shares to match.
    for actual in [1, 3] {
        let mut setup = Setup::new(2, 3, 2, 27);
        let mut dealer = setup.dealer(1);
        dealer.polynomials.resize(actual, vec![Scalar::from(8u64), Scalar::from(9u64)]);
        let error = setup.cheat(1, true, dealer.reveal());
        let expected = RevealFault::Slots { expected: 2, actual };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: expected });
    }
    // Too few and too many shares.
    for actual in [0, 4, 5, 7] {
        let mut setup = Setup::new(2, 3, 2, 28);
        let dealer = setup.dealer(1);
        let points = dealer.points();
        let mut shares = dealer.shares(&points);
        shares.resize(actual, [0; 32]);
        let error = setup.cheat(1, false, dealer.reveal_of(&points, &shares));
        let expected = RevealFault::Shares { expected: 6, actual };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: expected });
    }
    // An empty slot has no point for the proof.
    let mut setup = Setup::new(2, 3, 2, 29);
    let dealer = setup.dealer(1);
    let points = vec![dealer.points()[0].clone(), vec![]];
    let forged = dealer.reveal_of(&points, &dealer.shares(&dealer.points()));
    assert_eq!(setup.cheat(1, true, forged), CeremonyError::Possession { trustee: index(1) });
}

#[test]
fn attack_10_a_relay_that_cuts_the_slots_elsewhere_blames_nobody() {
    let mut setup = Setup::new(2, 3, 2, 30);
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
fn attack_10_identity_and_points_that_do_not_decode() {
    let fault = |slot, coefficient, error| CeremonyError::BadReveal {
        dealer: index(1),
        fault: RevealFault::Point { slot, coefficient, error },
    };
    for (slot, coefficient) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
        // A coefficient of zero: the proof holds.
        let mut setup = Setup::new(2, 3, 2, 31);
        let mut dealer = setup.dealer(1);
        dealer.polynomials[slot - 1][coefficient] = Scalar::ZERO;
        let error = setup.cheat(1, true, dealer.reveal());
        assert_eq!(error, fault(slot, coefficient, DecodeError::Identity { offset: 0 }));
        assert_eq!(error.culprit(), Some(index(1)));

        // Bytes that are no point: in a constant the proof cannot hold.
        let dealer = setup.dealer(1);
        let mut points = dealer.points();
        points[slot - 1][coefficient] = [0xff; 32];
        let forged = dealer.reveal_of(&points, &dealer.shares(&points));
        let error = setup.cheat(1, true, forged);
        let expected = match coefficient {
            0 => CeremonyError::Possession { trustee: index(1) },
            _ => fault(slot, coefficient, DecodeError::NotAPoint { offset: 0 }),
        };
        assert_eq!(error, expected);
    }
    // A share that is not a scalar, for anyone.
    for (position, recipient, slot) in [(0, 1, 1), (3, 2, 2), (5, 3, 2)] {
        let mut setup = Setup::new(2, 3, 2, 32);
        let dealer = setup.dealer(1);
        let points = dealer.points();
        let mut shares = dealer.shares(&points);
        shares[position] = [0xff; 32];
        let error = setup.cheat(1, false, dealer.reveal_of(&points, &shares));
        let expected = RevealFault::Share { recipient: index(recipient), slot };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(1), fault: expected });
    }
}

#[test]
fn attack_10_reveal_that_differs_from_its_commitment() {
    for (slot, coefficient) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut setup = Setup::new(2, 3, 2, 33);
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
    let mut setup = Setup::new(2, 3, 2, 36);
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
        // Nor can a complaint be settled from it.
        let complaint = setup.dealer(2).complain(1);
        assert_eq!(setup.ceremony.settle(&forged, &complaint), Err(error));
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

#[test]
fn attack_10_index_zero_or_too_high() {
    let mut setup = Setup::new(2, 3, 2, 38);
    let reveals = setup.reveals();
    let (mut states, confirmations) = setup.confirmed();
    let complaint = setup.dealer(2).complain(1);
    let unknown = |number| CeremonyError::UnknownTrustee { trustee: index(number), trustees: 3 };
    let zero = |offset| Some(DecodeError::Number { offset });
    let bytes = renumbered(setup.commitments[0].to_bytes(), 0);
    assert_eq!(Commitment::from_bytes(&bytes).err(), zero(1));
    assert_eq!(Reveal::from_bytes(&renumbered(reveals[0].to_bytes(), 0)).err(), zero(1));
    assert_eq!(Confirmation::from_bytes(&renumbered(confirmations[0].to_bytes(), 0)).err(), zero(1));
    for at in [1, 2] {
        let mut bytes = complaint.to_bytes();
        bytes[at] = 0;
        assert_eq!(Complaint::from_bytes(&bytes).err(), zero(at));
    }

    for number in [4, 255] {
        // In place of trustee 3's message, and besides it.
        for besides in [false, true] {
            let mut commitments = setup.commitments.clone();
            let forged = Commitment::from_bytes(&renumbered(commitments[2].to_bytes(), number)).unwrap();
            if besides {
                commitments.push(forged)
            } else {
                commitments[2] = forged
            }
            let error = setup.committed(1).reveal(&commitments, &mut setup.rng).map(|_| ()).unwrap_err();
            assert_eq!(error, unknown(number));
            assert_eq!(error.culprit(), None);

            let mut shown = reveals.clone();
            let forged = Reveal::from_bytes(&renumbered(shown[2].to_bytes(), number)).unwrap();
            if besides {
                shown.push(forged)
            } else {
                shown[2] = forged
            }
            assert_eq!(setup.check(1, &shown).unwrap_err(), unknown(number));

            let mut shown = confirmations.clone();
            let forged = Confirmation::from_bytes(&renumbered(shown[2].to_bytes(), number)).unwrap();
            if besides {
                shown.push(forged)
            } else {
                shown[2] = forged
            }
            let public = setup.ceremony.conclude(&setup.commitments, &reveals, &[], &shown);
            assert_eq!(public, Err(unknown(number)));
        }
        // A complaint from or about nobody is settled for nobody, and does not hold up the others.
        for at in [1, 2] {
            let mut bytes = complaint.to_bytes();
            bytes[at] = number;
            let forged = Complaint::from_bytes(&bytes).unwrap();
            assert_eq!(setup.ceremony.settle(&reveals[0], &forged), Err(unknown(number)));
            assert!(setup.check(1, &reveals).unwrap().confirm(&[forged], &mut setup.rng).is_ok());
        }
    }
    let forged = Confirmation::from_bytes(&renumbered(confirmations[2].to_bytes(), 4)).unwrap();
    let shown = [confirmations[0].clone(), confirmations[1].clone(), forged];
    assert_eq!(states.remove(0).finish(&shown, &[]).unwrap_err(), unknown(4));
}

#[test]
fn attack_10_duplicate_and_missing_messages() {
    let mut setup = Setup::new(2, 3, 2, 39);
    let reveals = setup.reveals();
    let (states, confirmations) = setup.confirmed();
    let mut states = states.into_iter();
    let repeated = |message| CeremonyError::Repeated { message, trustee: index(3) };
    let missing = |message| CeremonyError::Missing { message, trustee: index(2) };
    /// Three changed lists: 3 twice and 2 absent; 2 absent only; and all three with 3 once more.
    fn changed<T: Clone>(all: &[T]) -> [Vec<T>; 3] {
        let [one, two, three] = all else { unreachable!() };
        [
            vec![one.clone(), three.clone(), three.clone()],
            vec![one.clone(), three.clone()],
            vec![one.clone(), two.clone(), three.clone(), three.clone()],
        ]
    }

    let kind = MessageKind::Commitment;
    let expected = [repeated(kind), missing(kind), repeated(kind)];
    for (list, expected) in changed(&setup.commitments.clone()).iter().zip(&expected) {
        let error = setup.committed(1).reveal(list, &mut setup.rng).map(|_| ()).unwrap_err();
        assert_eq!(error, *expected);
        assert_eq!(error.culprit(), None);
        assert_eq!(setup.ceremony.conclude(list, &reveals, &[], &confirmations).as_ref(), Err(expected));
    }
    let kind = MessageKind::Reveal;
    let expected = [repeated(kind), missing(kind), repeated(kind)];
    for (list, expected) in changed(&reveals).iter().zip(&expected) {
        assert_eq!(setup.check(1, list).unwrap_err(), *expected);
        let public = setup.ceremony.conclude(&setup.commitments, list, &[], &confirmations);
        assert_eq!(public.as_ref(), Err(expected));
    }
    let kind = MessageKind::Confirmation;
    let expected = [repeated(kind), missing(kind), repeated(kind)];
    for (list, expected) in changed(&confirmations).iter().zip(&expected) {
        assert_eq!(states.next().unwrap().finish(list, &[]).unwrap_err(), *expected);
        let public = setup.ceremony.conclude(&setup.commitments, &reveals, &[], list);
        assert_eq!(public.as_ref(), Err(expected));
    }
    assert_eq!(
        setup.check(1, &[]).unwrap_err(),
        CeremonyError::Missing { message: MessageKind::Reveal, trustee: index(1) }
    );
}

#[test]
fn attack_10_confirmation_of_something_else() {
    let mut setup = Setup::new(2, 3, 2, 45);
    let reveals = setup.reveals();
    let (states, confirmations) = setup.confirmed();
    let digest = states[0].key_digest().to_bytes();
    let dealer = setup.dealer(3);
    let signature = |purpose: &[u8], digest: &Bytes| sign(&dealer.identity, purpose, digest);
    let mut spoilt = confirmations[2].to_bytes();
    spoilt[34] ^= 1;
    let forged = [
        dealer.confirm(&[1; 32]),
        Confirmation::from_bytes(&[&[1, 3][..], &signature(b"commitment", &digest)].concat()).unwrap(),
        Confirmation::from_bytes(&renumbered(confirmations[0].to_bytes(), 3)).unwrap(),
        Confirmation::from_bytes(&spoilt).unwrap(),
    ];
    for forged in forged {
        let shown = [confirmations[0].clone(), confirmations[1].clone(), forged];
        let state = setup.check(1, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().0;
        let error = state.finish(&shown, &[]).unwrap_err();
        assert_eq!(error, CeremonyError::Signature { message: MessageKind::Confirmation, trustee: index(3) });
        assert_eq!(error.culprit(), None);
        assert_eq!(setup.ceremony.conclude(&setup.commitments, &reveals, &[], &shown), Err(error));
    }
    // One's own confirmation does not stand in for itself.
    let state = setup.check(3, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().0;
    assert_eq!(
        state.finish(&confirmations[..2], &[]).unwrap_err(),
        CeremonyError::Missing { message: MessageKind::Confirmation, trustee: index(3) }
    );
}

#[test]
fn attack_10_commitment_altered_or_made_up() {
    let mut setup = Setup::new(2, 3, 2, 46);
    let good = setup.commitments.clone();
    let mut altered = good[1].to_bytes();
    altered[2] ^= 1;
    let relabelled = renumbered(good[0].to_bytes(), 2);
    let mut spoilt = good[1].to_bytes();
    spoilt[66] ^= 1;
    for bytes in [altered, relabelled, spoilt] {
        setup.commitments[1] = Commitment::from_bytes(&bytes).unwrap();
        for j in [1, 2, 3] {
            let error =
                setup.committed(j).reveal(&setup.commitments, &mut setup.rng).map(|_| ()).unwrap_err();
            assert_eq!(
                error,
                CeremonyError::Signature { message: MessageKind::Commitment, trustee: index(2) }
            );
            assert_eq!(error.culprit(), None);
        }
    }
}

#[test]
fn attack_10_same_label_again_with_the_same_keys() {
    let mut old = Setup::new(2, 3, 2, 47);
    let mut new = old.again("a ceremony", 48);
    assert_eq!(old.ceremony.digest(), new.ceremony.digest());
    let (_, old_confirmations) = old.confirmed();
    let (old_reveals, new_reveals) = (old.reveals(), new.reveals());

    // A relay shows one old commitment: its trustee sees it.
    let good = new.commitments.clone();
    new.commitments[0] = old.commitments[0].clone();
    let error = new.committed(1).reveal(&new.commitments, &mut new.rng).map(|_| ()).unwrap_err();
    assert_eq!(error, CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(1) });
    assert_eq!(error.culprit(), None);
    // The whole old ceremony, shown to any of them.
    for j in 1..=3 {
        let error = new.committed(j).reveal(&old.commitments, &mut new.rng).map(|_| ()).unwrap_err();
        assert_eq!(error, CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(j) });
    }
    new.commitments = good;

    // An old reveal, whose proof holds: not what was committed to now, and not what its trustee made.
    let mut shown = new_reveals.clone();
    shown[0] = old_reveals[0].clone();
    assert_eq!(
        new.check(2, &shown).unwrap_err(),
        CeremonyError::BadReveal { dealer: index(1), fault: RevealFault::Commitment }
    );
    assert_eq!(
        new.check(1, &shown).unwrap_err(),
        CeremonyError::NotOurs { message: MessageKind::Reveal, trustee: index(1) }
    );

    // An old confirmation.
    let state = new.check(1, &new_reveals).unwrap().confirm(&[], &mut new.rng).unwrap().0;
    let (_, mut confirmations) = new.confirmed();
    confirmations[1] = old_confirmations[1].clone();
    assert_eq!(
        state.finish(&confirmations, &[]).unwrap_err(),
        CeremonyError::Signature { message: MessageKind::Confirmation, trustee: index(2) }
    );
}

proptest! {
    /// Any change of one byte of any reveal is noticed by all, and blames nobody.
    #[test]
    fn attack_10_no_relay_can_blame_a_dealer(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let mut setup = Setup::new(2, 2, 1, 61);
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

/// Trustee 3 waits for the reveals of the others, sends one of its own that does not count, and would have them
/// begin again with another commitment, chosen with their points in hand.
#[test]
fn attack_10_no_other_commitment_once_the_points_are_out() {
    let mut setup = Setup::new(2, 3, 2, 25);
    let states: Vec<_> = (1..=2)
        .map(|j| {
            let (state, reveal) = setup.committed(j).reveal(&setup.commitments, &mut setup.rng).unwrap();
            (state.expose_bytes(), reveal)
        })
        .collect();
    let late = setup.again("a ceremony", 26);
    setup.stored[2] = late.stored[2].clone();
    setup.commitments[2] = late.commitments[2].clone();
    let chosen = setup.committed(3).reveal(&setup.commitments, &mut setup.rng).unwrap().1;

    let reveals = [states[0].1.clone(), states[1].1.clone(), chosen];
    for (stored, _) in &states {
        let state = Revealed::from_bytes(&setup.ceremony, stored).unwrap();
        let error = state.check(&reveals, &mut setup.rng).unwrap_err();
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(3), fault: RevealFault::Commitment });
        assert_eq!(error.culprit(), Some(index(3)));
    }
}
