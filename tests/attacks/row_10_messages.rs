//! Row 10, messages of the key ceremony: of nobody, forged, repeated, missing, of two words, of an earlier ceremony.

use std::slice::from_ref;

use curve25519_dalek::scalar::Scalar;
use urne::DecodeError;
use urne::bureau::{
    CeremonyError, Commitment, Complaint, Confirmation, MessageKind, Reveal, RevealFault, Revealed,
};

use crate::dealer::*;

/// Trustee `j` reveals, once it has been shown these commitments.
fn reveal_with(setup: &mut Setup, j: u8, commitments: &[Commitment]) -> Result<Revealed, CeremonyError> {
    setup.committed(j).reveal(commitments, &mut setup.rng).map(|unsent| unsent.stored().0)
}

/// Trustee `j` finishes, once it has been shown these confirmations.
fn finish_with(
    setup: &mut Setup,
    j: u8,
    reveals: &[Reveal],
    confirmations: &[Confirmation],
) -> Result<(), CeremonyError> {
    let (state, _) = setup.check(j, reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().stored();
    state.finish(confirmations, &[]).map(|_| ())
}

#[test]
fn attack_10_index_zero_or_too_high() {
    let mut setup = Setup::new(PANELS, 2, 38);
    let reveals = setup.reveals();
    let (_, confirmations) = setup.confirmed();
    let complaint = setup.dealer(2).complain(&reveals[0]);
    let zero = |offset| Some(DecodeError::Number { offset });
    let bytes = renumbered(setup.commitments[0].to_bytes(), 0);
    assert_eq!(Commitment::from_bytes(&bytes).err(), zero(NUMBER));
    assert_eq!(Reveal::from_bytes(&renumbered(reveals[0].to_bytes(), 0)).err(), zero(NUMBER));
    assert_eq!(Confirmation::from_bytes(&renumbered(confirmations[0].to_bytes(), 0)).err(), zero(NUMBER));
    // The complainant, and the dealer, with whom the reveal begins.
    let dealer_at = complaint.to_bytes().len() - reveals[0].to_bytes().len() + 2;
    for at in [NUMBER, dealer_at] {
        let mut bytes = complaint.to_bytes();
        bytes[at] = 0;
        assert_eq!(Complaint::from_bytes(&bytes).err(), zero(at));
    }

    let missing = |message| Err(CeremonyError::Missing { message, trustee: index(3) });
    for number in [6, 255] {
        // In place of trustee 3's message nobody's message is none; besides it, it stops nothing.
        let forged = Commitment::from_bytes(&renumbered(setup.commitments[2].to_bytes(), number)).unwrap();
        let mut list = setup.commitments.clone();
        list.push(forged);
        assert!(reveal_with(&mut setup, 1, &list).is_ok());
        list.remove(2);
        assert_eq!(reveal_with(&mut setup, 1, &list).map(|_| ()), missing(MessageKind::Commitment));

        let mut list = reveals.clone();
        list.push(Reveal::from_bytes(&renumbered(list[2].to_bytes(), number)).unwrap());
        assert!(setup.check(1, &list).is_ok());
        list.remove(2);
        assert_eq!(setup.check(1, &list).map(|_| ()), missing(MessageKind::Reveal));

        let mut list = confirmations.clone();
        list.push(Confirmation::from_bytes(&renumbered(list[2].to_bytes(), number)).unwrap());
        assert_eq!(finish_with(&mut setup, 1, &reveals, &list), Ok(()));
        list.remove(2);
        assert_eq!(finish_with(&mut setup, 1, &reveals, &list), missing(MessageKind::Confirmation));

        // A complaint from or about nobody is none, and does not hold up the others.
        for at in [NUMBER, dealer_at] {
            let mut bytes = complaint.to_bytes();
            bytes[at] = number;
            let forged = Complaint::from_bytes(&bytes).unwrap();
            let (dealer, complainant) = (forged.dealer(), forged.complainant());
            let error = setup.ceremony.settle(&forged).unwrap_err();
            assert_eq!(error, CeremonyError::ComplaintParties { dealer, complainant });
            assert_eq!(error.culprit(), None);
            assert!(setup.check(1, &reveals).unwrap().confirm(&[forged], &mut setup.rng).is_ok());
        }
    }
}

/// A duplicate index: the same message counts once, however often it comes, and does not stand in for another.
#[test]
fn attack_10_the_same_message_twice_counts_once() {
    let mut setup = Setup::new(PANELS, 2, 39);
    let reveals = setup.reveals();
    let (_, confirmations) = setup.confirmed();
    let commitments = setup.commitments.clone();
    /// Everything twice; and the last of all in place of the second.
    fn changed<T: Clone>(all: &[T]) -> [Vec<T>; 2] {
        let mut repeated = all.to_vec();
        repeated[1] = all[4].clone();
        [[all, all].concat(), repeated]
    }
    let missing = |message| Err(CeremonyError::Missing { message, trustee: index(2) });
    let conclude = |commitments: &[Commitment], reveals: &[Reveal], confirmations: &[Confirmation]| {
        setup.ceremony.conclude(commitments, reveals, &[], confirmations).map(|_| ())
    };
    let [twice, stands_in] = changed(&commitments);
    assert_eq!(conclude(&twice, &reveals, &confirmations), Ok(()));
    assert_eq!(conclude(&stands_in, &reveals, &confirmations), missing(MessageKind::Commitment));
    let [twice, stands_in] = changed(&reveals);
    assert_eq!(conclude(&commitments, &twice, &confirmations), Ok(()));
    assert_eq!(conclude(&commitments, &stands_in, &confirmations), missing(MessageKind::Reveal));
    let [twice, stands_in] = changed(&confirmations);
    assert_eq!(conclude(&commitments, &reveals, &twice), Ok(()));
    assert_eq!(conclude(&commitments, &reveals, &stands_in), missing(MessageKind::Confirmation));

    // The same words under other signatures, or another proof, are the same message.
    let again: Vec<_> = (1..=5).map(|j| setup.committed(j).commitment(&mut setup.rng)).collect();
    assert!(again.iter().zip(&commitments).all(|(one, other)| one != other));
    let twice = [again, commitments.clone()].concat();
    let others = [setup.reveals(), reveals.clone()].concat();
    assert!(others[0] != others[5] && others[0].shares() == others[5].shares());
    let signed = [setup.confirmed().1, confirmations.clone()].concat();
    assert_ne!(signed[0], signed[5]);
    for j in 1..=5 {
        assert!(reveal_with(&mut setup, j, &twice).is_ok());
        assert!(setup.check(j, &others).is_ok());
        assert_eq!(finish_with(&mut setup, j, &reveals, &signed), Ok(()));
    }
    assert_eq!(
        setup.ceremony.conclude(&twice, &others, &[], &signed),
        setup.ceremony.conclude(&commitments, &reveals, &[], &confirmations)
    );
}

#[test]
fn attack_10_missing_messages() {
    let mut setup = Setup::new(PANELS, 2, 39);
    let reveals = setup.reveals();
    let (_, confirmations) = setup.confirmed();
    for position in 0..5 {
        let trustee = index(u8::try_from(position).unwrap() + 1);
        let missing = |message| Err(CeremonyError::Missing { message, trustee });
        let mut commitments = setup.commitments.clone();
        commitments.remove(position);
        let (mut shown, mut confirmed) = (reveals.clone(), confirmations.clone());
        shown.remove(position);
        confirmed.remove(position);
        // The whole bureau is waited for, whatever panel the missing one is of.
        for j in [1, 4] {
            let error = reveal_with(&mut setup, j, &commitments).map(|_| ());
            assert_eq!(error, missing(MessageKind::Commitment));
            assert_eq!(setup.check(j, &shown).map(|_| ()), missing(MessageKind::Reveal));
            assert_eq!(finish_with(&mut setup, j, &reveals, &confirmed), missing(MessageKind::Confirmation));
        }
    }
    assert_eq!(
        setup.check(1, &[]).map(|_| ()).unwrap_err(),
        CeremonyError::Missing { message: MessageKind::Reveal, trustee: index(1) }
    );
}

/// In the name of every trustee, before its good message or after it.
#[test]
fn attack_10_forged_message_beside_the_good_one_stops_nothing() {
    let mut setup = Setup::new(PANELS, 2, 49);
    let reveals = setup.reveals();
    let (_, confirmations) = setup.confirmed();
    let commitments = setup.commitments.clone();
    let key = setup.ceremony.conclude(&commitments, &reveals, &[], &confirmations).unwrap();
    // Another ceremony of the same trustees; and one with new identity keys, as it should be.
    let (again, other) = (setup.again("another", 50), Setup::new(PANELS, 2, 50));
    let nobody = Scalar::from(5u64);
    for i in 1..=5 {
        let at = usize::from(i) - 1;
        let neighbour = usize::from(i) % 5;
        // Another's message renumbered, one of another ceremony, one that is signed by nobody.
        let forged_commitments = [
            Commitment::from_bytes(&renumbered(commitments[neighbour].to_bytes(), i)).unwrap(),
            other.commitments[at].clone(),
            Dealer { identity: nobody, ..setup.dealer(i) }.commit(&setup.dealer(i).points()),
            commitment_message(i, &[7; 32], &commitments[at].signature().to_bytes()),
        ];
        let mut bad = setup.dealer(i);
        bad.identity = nobody;
        let honest = setup.dealer(i).reveal();
        let mut shares = honest.shares().to_vec();
        shares[0] = [0; 32];
        let forged_reveals = [
            Reveal::from_bytes(&renumbered(reveals[neighbour].to_bytes(), i)).unwrap(),
            again.dealer(i).reveal(),
            other.dealer(i).reveal(),
            bad.reveal(),
            reveal_message(i, honest.commitments(), &shares, &honest.proof().to_bytes()),
            // Of another shape, and of none.
            reveal_message(i, &[vec![[0xff; 32]; 9]], &[], &honest.proof().to_bytes()),
            reveal_message(i, &[], &[], &honest.proof().to_bytes()),
        ];
        let forged_confirmations = [
            again.dealer(i).confirm(&again.ceremony.digest().to_bytes()),
            Confirmation::from_bytes(&renumbered(confirmations[neighbour].to_bytes(), i)).unwrap(),
            setup.dealer(i).confirm(&[0; 32]),
        ];
        for before in [true, false] {
            fn beside<T: Clone>(good: &[T], forged: &[T], before: bool) -> Vec<T> {
                if before { [forged, good].concat() } else { [good, forged].concat() }
            }
            let commitments = beside(&commitments, &forged_commitments, before);
            let reveals = beside(&reveals, &forged_reveals, before);
            let confirmations = beside(&confirmations, &forged_confirmations, before);
            for j in [1, 3, 5] {
                assert!(reveal_with(&mut setup, j, &commitments).is_ok());
                assert_eq!(finish_with(&mut setup, j, &reveals, &confirmations), Ok(()));
            }
            let concluded = setup.ceremony.conclude(&commitments, &reveals, &[], &confirmations);
            assert_eq!(concluded.as_ref(), Ok(&key));
        }
        // Without the good one they count as not sent, and name nobody.
        let mut without = commitments.clone();
        without.remove(at);
        without.extend(forged_commitments);
        let viewer = i % 5 + 1;
        let error = reveal_with(&mut setup, viewer, &without).map(|_| ()).unwrap_err();
        let kind = MessageKind::Commitment;
        assert_eq!(error, CeremonyError::Signature { message: kind, trustee: index(i) });
        let mut without = reveals.clone();
        without.remove(at);
        without.extend(forged_reveals);
        let unproven = setup.check(viewer, &without).map(|_| ()).unwrap_err();
        assert_eq!(unproven, CeremonyError::Possession { trustee: index(i) });
        assert_eq!((error.culprit(), unproven.culprit()), (None, None));
    }
}

#[test]
fn attack_10_two_commitments_of_one_trustee() {
    let mut setup = Setup::new(PANELS, 2, 51);
    let reveals = setup.reveals();
    let confirmations = setup.confirmations();
    for i in [1, 4] {
        let mut dealer = setup.dealer(i);
        dealer.polynomials[1][0] += Scalar::ONE;
        let second = dealer.commit(&dealer.points());
        let first = setup.commitments[usize::from(i) - 1].clone();
        let shown = [&setup.commitments[..], from_ref(&second)].concat();
        let both = CeremonyError::TwoCommitments(Box::new([first.clone(), second.clone()]));
        assert_eq!(both.culprit(), Some(index(i)));
        assert_eq!(
            both.to_string(),
            format!("trustee {i} has signed two commitments, {} and {}", first.digest(), second.digest())
        );
        for j in (1..=5).filter(|j| *j != i) {
            assert_eq!(reveal_with(&mut setup, j, &shown).map(|_| ()), Err(both.clone()));
        }
        let public = setup.ceremony.conclude(&shown, &reveals, &[], &confirmations);
        assert_eq!(public, Err(both.clone()));
        // Also when others are missing; and the trustee itself sees that one is not its own.
        let few = [first, second];
        let viewer = i % 5 + 1;
        assert_eq!(reveal_with(&mut setup, viewer, &few).map(|_| ()), Err(both));
        let kind = MessageKind::Commitment;
        assert_eq!(
            reveal_with(&mut setup, i, &shown).map(|_| ()),
            Err(CeremonyError::NotOurs { message: kind, trustee: index(i) })
        );
    }
}

#[test]
fn attack_10_two_reveals_of_one_trustee() {
    let mut setup = Setup::new(PANELS, 2, 53);
    let reveals = setup.reveals();
    let commitments = setup.commitments.clone();
    let confirmations = setup.confirmations();
    for i in [1, 4] {
        let dealer = setup.dealer(i);
        let first = reveals[usize::from(i) - 1].clone();
        // Another share, other points, another shape: each with a proof that holds.
        let mut shares = first.shares().to_vec();
        shares[0] = [0; 32];
        let mut other = dealer.clone();
        other.polynomials[0][0] += Scalar::ONE;
        let mut longer = dealer.clone();
        longer.polynomials.push(vec![Scalar::ONE]);
        let seconds = [dealer.reveal_of(&dealer.points(), &shares), other.reveal(), longer.reveal()];
        for second in seconds {
            let shown = [&reveals[..], from_ref(&second)].concat();
            let both = CeremonyError::TwoReveals(Box::new([first.clone(), second.clone()]));
            assert_eq!(both.culprit(), Some(index(i)));
            assert_eq!(
                both.to_string(),
                format!("trustee {i} has made two reveals of different points or shares")
            );
            for j in (1..=5).filter(|j| *j != i) {
                assert_eq!(setup.check(j, &shown).map(|_| ()), Err(both.clone()));
            }
            let public = setup.ceremony.conclude(&commitments, &shown, &[], &confirmations);
            assert_eq!(public, Err(both.clone()));
            assert_eq!(setup.check(i % 5 + 1, &[first.clone(), second]).map(|_| ()), Err(both));
            let kind = MessageKind::Reveal;
            assert_eq!(
                setup.check(i, &shown).map(|_| ()),
                Err(CeremonyError::NotOurs { message: kind, trustee: index(i) })
            );
        }
    }
}

#[test]
fn attack_10_confirmation_of_something_else() {
    let mut setup = Setup::new(PANELS, 2, 45);
    let reveals = setup.reveals();
    let (states, confirmations) = setup.confirmed();
    let digest = states[0].key_digest().to_bytes();
    let dealer = setup.dealer(3);
    let signature = |purpose: &[u8], digest: &Bytes| sign(&dealer.identity, purpose, digest);
    let mut spoilt = confirmations[2].to_bytes();
    spoilt[NUMBER + 1] ^= 1;
    let forged = [
        dealer.confirm(&[1; 32]),
        confirmation_message(3, &signature(b"commitment", &digest)),
        Confirmation::from_bytes(&renumbered(confirmations[0].to_bytes(), 3)).unwrap(),
        Confirmation::from_bytes(&spoilt).unwrap(),
    ];
    for forged in forged {
        let mut shown = confirmations.clone();
        shown[2] = forged;
        let state = setup.check(1, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().stored().0;
        let error = state.finish(&shown, &[]).unwrap_err();
        assert_eq!(error, CeremonyError::Signature { message: MessageKind::Confirmation, trustee: index(3) });
        assert_eq!(error.culprit(), None);
        assert_eq!(setup.ceremony.conclude(&setup.commitments, &reveals, &[], &shown), Err(error));
    }
    // One's own confirmation does not stand in for itself.
    let state = setup.check(3, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().stored().0;
    assert_eq!(
        state.finish(&[&confirmations[..2], &confirmations[3..]].concat(), &[]).unwrap_err(),
        CeremonyError::Missing { message: MessageKind::Confirmation, trustee: index(3) }
    );
}

#[test]
fn attack_10_commitment_altered_or_made_up() {
    let mut setup = Setup::new(PANELS, 2, 46);
    let good = setup.commitments.clone();
    let mut altered = good[1].to_bytes();
    altered[NUMBER + 1] ^= 1;
    let relabelled = renumbered(good[0].to_bytes(), 2);
    let mut spoilt = good[1].to_bytes();
    spoilt[66] ^= 1;
    for bytes in [altered, relabelled, spoilt] {
        setup.commitments[1] = Commitment::from_bytes(&bytes).unwrap();
        for j in 1..=5 {
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
    let mut old = Setup::new(PANELS, 2, 47);
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
    for j in 1..=5 {
        let error = new.committed(j).reveal(&old.commitments, &mut new.rng).map(|_| ()).unwrap_err();
        assert_eq!(error, CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(j) });
    }
    // Beside the good one it makes its trustee seem to have two words: this is why keys serve once.
    new.commitments = [&good[..], &old.commitments[..1]].concat();
    let error = new.committed(1).reveal(&new.commitments, &mut new.rng).map(|_| ()).unwrap_err();
    assert_eq!(error, CeremonyError::NotOurs { message: MessageKind::Commitment, trustee: index(1) });
    let error = new.committed(2).reveal(&new.commitments, &mut new.rng).map(|_| ()).unwrap_err();
    assert_eq!(error.culprit(), Some(index(1)));
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
    let state = new.check(1, &new_reveals).unwrap().confirm(&[], &mut new.rng).unwrap().stored().0;
    let (_, mut confirmations) = new.confirmed();
    confirmations[1] = old_confirmations[1];
    assert_eq!(
        state.finish(&confirmations, &[]).unwrap_err(),
        CeremonyError::Signature { message: MessageKind::Confirmation, trustee: index(2) }
    );
}

/// Trustee 3 waits for the reveals of the others, sends one of its own that does not count, and would have them
/// begin again with another commitment, chosen with their points in hand.
#[test]
fn attack_10_no_other_commitment_once_the_points_are_out() {
    let mut setup = Setup::new(PANELS, 2, 25);
    let states: Vec<_> = (1..=2)
        .map(|j| {
            let (state, reveal) =
                setup.committed(j).reveal(&setup.commitments, &mut setup.rng).unwrap().stored();
            (state.to_bytes(), reveal)
        })
        .collect();
    let late = setup.again("a ceremony", 26);
    setup.stored[2] = late.stored[2].clone();
    setup.commitments[2] = late.commitments[2].clone();
    let chosen = setup.committed(3).reveal(&setup.commitments, &mut setup.rng).unwrap().stored().1;

    let mut reveals = vec![states[0].1.clone(), states[1].1.clone(), chosen];
    reveals.extend(
        [4, 5].map(|j| setup.committed(j).reveal(&setup.commitments, &mut setup.rng).unwrap().stored().1),
    );
    for (stored, _) in &states {
        let state = Revealed::from_bytes(stored).unwrap();
        let error = state.check(&reveals, &mut setup.rng).unwrap_err();
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(3), fault: RevealFault::Commitment });
        assert_eq!(error.culprit(), Some(index(3)));
    }
}
