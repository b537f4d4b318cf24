//! Row 10, complaints of the key ceremony: bad shares name the dealer, false complaints the complainant, what is no
//! complaint names nobody, and nobody goes on after one.

use curve25519_dalek::scalar::Scalar;
use urne::bureau::{CeremonyError, Complaint, MessageKind, OpenedShares, Reveal, RevealFault};

use crate::dealer::*;

/// Trustee 1 spoils the shares of trustee 2 in its otherwise proper reveal; what comes of it.
fn bad_share(setup: &mut Setup, spoil: impl Fn(&Dealer, &mut Vec<Bytes>)) -> (Vec<Reveal>, Complaint) {
    let dealer = setup.dealer(1);
    let points = dealer.points();
    let mut shares = dealer.shares(&points);
    spoil(&dealer, &mut shares);
    let mut reveals = setup.reveals();
    reveals[0] = dealer.reveal_of(&points, &shares);
    let complaints = complaints(setup.open(2, &reveals).unwrap());
    let [complaint] = &complaints[..] else { panic!("{complaints:?}") };
    assert_eq!((complaint.dealer(), complaint.complainant()), (index(1), index(2)));
    assert_eq!(complaint.reveal(), &reveals[0]);
    (reveals, complaint.clone())
}

/// Trustee `j` looks for complaints.
fn confirm(
    setup: &mut Setup,
    j: u8,
    reveals: &[Reveal],
    complaints: &[Complaint],
) -> Result<(), CeremonyError> {
    setup.check(j, reveals).unwrap().confirm(complaints, &mut setup.rng).map(|_| ())
}

#[test]
fn attack_10_bad_share_names_the_dealer_for_everyone() {
    for slot in [0, 1] {
        let mut setup = Setup::new(PANELS, 2, 34);
        let (reveals, complaint) =
            bad_share(&mut setup, |_, shares| shares[2 + slot] = [1; 32].map(|b| b & 0x0f));
        assert_eq!(setup.ceremony.settle(&complaint), Ok(index(1)));
        let stands = CeremonyError::Complaint { dealer: index(1), complainant: index(2), culprit: index(1) };
        assert_eq!(stands.culprit(), Some(index(1)));
        // Trustee 3 has good shares, and 4 is of another panel: they stop all the same, also after a relay
        // has sent the complaint as bytes.
        let complaint = Complaint::from_bytes(&complaint.to_bytes()).unwrap();
        for j in [3, 4, 5] {
            let error = confirm(&mut setup, j, &reveals, std::slice::from_ref(&complaint));
            assert_eq!(error, Err(stands.clone()));
        }
        let public =
            setup.ceremony.conclude(&setup.commitments, &reveals, &[complaint], &setup.confirmations());
        assert_eq!(public, Err(stands));
    }
    // Two bad dealers give two complaints.
    let mut setup = Setup::new(PANELS, 1, 35);
    let mut reveals = setup.reveals();
    for i in [1, 3] {
        let dealer = setup.dealer(i);
        let mut shares = dealer.shares(&dealer.points());
        shares[1] = [0; 32];
        reveals[usize::from(i) - 1] = dealer.reveal_of(&dealer.points(), &shares);
    }
    let OpenedShares::Bad(shares) = setup.open(2, &reveals).unwrap() else { panic!() };
    let said = shares.to_string();
    assert!(
        said.starts_with("bad shares from trustee 1, trustee 3: the complaints must be published"),
        "{said}"
    );
    let culprits: Vec<_> =
        shares.complaints().iter().map(|c| setup.ceremony.settle(c).unwrap().get()).collect();
    assert_eq!(culprits, [1, 3]);
    // In a panel of threshold 1 too, where the share is the secret itself.
    let dealer = setup.dealer(5);
    let mut shares = dealer.shares(&dealer.points());
    shares[0] = [0; 32];
    let mut reveals = setup.reveals();
    reveals[4] = dealer.reveal_of(&dealer.points(), &shares);
    let complaints = complaints(setup.open(4, &reveals).unwrap());
    assert_eq!(setup.ceremony.settle(&complaints[0]), Ok(index(5)));
    assert!(setup.check(1, &reveals).is_ok(), "of another panel");
}

#[test]
fn attack_10_share_for_another_trustee() {
    // The value of trustee 3's share, properly sealed for 2; and trustee 3's sealed share as it is.
    let mut setup = Setup::new(PANELS, 2, 37);
    let (_, complaint) = bad_share(&mut setup, |dealer, shares| {
        shares.splice(2..4, dealer.seal(&dealer.points(), 2, &dealer.values(3)));
    });
    assert_eq!(setup.ceremony.settle(&complaint), Ok(index(1)));
    let (_, complaint) = bad_share(&mut setup, |_, shares| shares.copy_within(4..6, 2));
    assert_eq!(setup.ceremony.settle(&complaint), Ok(index(1)));
    // And the two slots of 2 changed over.
    let (_, complaint) = bad_share(&mut setup, |dealer, shares| {
        let values: Vec<_> = dealer.values(2).into_iter().rev().collect();
        shares.splice(2..4, dealer.seal(&dealer.points(), 2, &values));
    });
    assert_eq!(setup.ceremony.settle(&complaint), Ok(index(1)));
}

#[test]
fn attack_10_share_for_another_panel() {
    // What trustee 2 gets is sealed for 4, of another panel.
    let mut setup = Setup::new(PANELS, 2, 37);
    let (_, complaint) = bad_share(&mut setup, |dealer, shares| {
        shares.splice(2..4, dealer.seal(&dealer.points(), 4, &dealer.values(4)));
    });
    assert_eq!(setup.ceremony.settle(&complaint), Ok(index(1)));
    // A dealer that adds shares for the other panel has signed too many; one that gives the other panel's
    // number of shares, and the panel's own too few.
    for (i, recipients, expected) in [(1, vec![1, 2, 3, 4, 5], 6), (1, vec![4, 5], 6), (4, vec![1, 2, 3], 4)]
    {
        let dealer = Dealer { recipients, ..setup.dealer(i) };
        let error = setup.cheat(i, false, dealer.reveal());
        let fault = RevealFault::Shares { expected, actual: 2 * dealer.recipients.len() };
        assert_eq!(error, CeremonyError::BadReveal { dealer: index(i), fault });
        assert_eq!(error.culprit(), Some(index(i)));
    }
    // As many as it should be, but for the wrong ones: those who get them complain.
    let mut setup = Setup::new(&[(1, 2), (1, 2)], 1, 37);
    let dealer = Dealer { recipients: vec![3, 4], ..setup.dealer(1) };
    let mut reveals = setup.reveals();
    reveals[0] = dealer.reveal();
    let complaints = complaints(setup.open(2, &reveals).unwrap());
    assert_eq!(setup.ceremony.settle(&complaints[0]), Ok(index(1)));
}

#[test]
fn attack_10_false_complaint_names_the_complainant() {
    let mut setup = Setup::new(PANELS, 2, 40);
    let reveals = setup.reveals();
    for (j, dealer) in [(3, 1), (5, 4)] {
        let complaint = setup.dealer(j).complain(&reveals[dealer - 1]);
        assert_eq!(setup.ceremony.settle(&complaint), Ok(index(j)));
        let dealer = complaint.dealer();
        let stands = CeremonyError::Complaint { dealer, complainant: index(j), culprit: index(j) };
        assert_eq!(stands.culprit(), Some(index(j)));
        for viewer in [2, 4] {
            let error = confirm(&mut setup, viewer, &reveals, std::slice::from_ref(&complaint));
            assert_eq!(error, Err(stands.clone()));
        }
    }
}

#[test]
fn attack_10_complaint_that_anyone_could_have_made() {
    let mut setup = Setup::new(PANELS, 2, 41);
    let reveals = setup.reveals();
    let dealer_3 = setup.dealer(3);
    let honest = dealer_3.complain(&reveals[0]);
    let other = setup.again("another", 42);
    let key_1 = point(&dealer_3.keys[0]);
    let mut attempts = vec![
        // A secret that opens the share to nonsense, to get the dealer blamed.
        dealer_3.complaint_with(&reveals[0], &(key_1 * Scalar::from(5u64)), &dealer_3.identity),
        // In another's name.
        Dealer { index: 2, ..dealer_3.clone() }.complain(&reveals[0]),
        // From another ceremony.
        other.dealer(3).complain(&reveals[0]),
        // A true one, with another's reveal in it.
        complaint_message(3, &honest.secret(), &honest.proof().to_bytes(), &reveals[1]),
    ];
    // A true one by somebody else, or with one byte changed.
    for at in [2, 36, 68] {
        let mut bytes = honest.to_bytes();
        bytes[at] = if at == 2 { 2 } else { bytes[at] ^ 1 };
        attempts.push(Complaint::from_bytes(&bytes).unwrap());
    }
    for forged in attempts {
        let (dealer, complainant) = (forged.dealer(), forged.complainant());
        let error = setup.ceremony.settle(&forged).unwrap_err();
        assert_eq!(error, CeremonyError::ComplaintProof { dealer, complainant });
        assert_eq!(error.culprit(), None);
        // It is passed over, but what comes after it is not.
        assert_eq!(confirm(&mut setup, 2, &reveals, std::slice::from_ref(&forged)), Ok(()));
        assert!(confirm(&mut setup, 2, &reveals, &[forged, honest.clone()]).is_err());
    }
}

/// With a proof that holds, of a trustee about itself, or about one of another panel.
#[test]
fn attack_10_complaint_that_is_none_names_nobody_and_ends_nothing() {
    let mut setup = Setup::new(PANELS, 2, 54);
    let reveals = setup.reveals();
    let confirmations = setup.confirmed().1;
    for (complainant, dealer) in [(1, 1), (5, 5), (4, 1), (5, 3), (1, 4), (3, 5)] {
        let complaint = setup.dealer(complainant).complain(&reveals[dealer - 1]);
        let error = setup.ceremony.settle(&complaint).unwrap_err();
        let (dealer, complainant) = (reveals[dealer - 1].trustee(), index(complainant));
        assert_eq!(error, CeremonyError::ComplaintParties { dealer, complainant });
        assert_eq!(error.culprit(), None);
        for j in 1..=5 {
            assert_eq!(confirm(&mut setup, j, &reveals, std::slice::from_ref(&complaint)), Ok(()));
        }
        let commitments = &setup.commitments;
        assert!(setup.ceremony.conclude(commitments, &reveals, &[complaint], &confirmations).is_ok());
    }
}

/// A false reveal in a true complaint's place: the reveal is not the dealer's word, so there is nothing to settle.
#[test]
fn attack_10_complaint_with_a_reveal_that_is_not_the_dealers() {
    let mut setup = Setup::new(PANELS, 2, 55);
    let reveals = setup.reveals();
    let mut shares = reveals[0].shares().to_vec();
    shares[4] = [0; 32];
    let mut points = reveals[0].commitments().to_vec();
    points[0][1] = [0xff; 32];
    let proof = reveals[0].proof().to_bytes();
    for forged in [
        reveal_message(1, reveals[0].commitments(), &shares, &proof),
        reveal_message(1, &points, reveals[0].shares(), &proof),
        reveal_message(1, &[], &[], &proof),
    ] {
        let complaint = setup.dealer(3).complain(&forged);
        let error = setup.ceremony.settle(&complaint).unwrap_err();
        assert_eq!(error, CeremonyError::Possession { trustee: index(1) });
        assert_eq!(error.culprit(), None);
        assert_eq!(confirm(&mut setup, 2, &reveals, &[complaint]), Ok(()));
    }
}

/// Trustee 1 shows 2 another reveal than the others, both proven. The complaint, or anything that carries it, shows
/// the others that there are two.
#[test]
fn attack_10_complaint_that_shows_a_second_reveal() {
    let mut setup = Setup::new(PANELS, 2, 56);
    let reveals = setup.reveals();
    let (shown_to_2, complaint) = bad_share(&mut setup, |_, shares| shares[2] = [0; 32]);
    assert_eq!(setup.ceremony.settle(&complaint), Ok(index(1)));
    let both = CeremonyError::TwoReveals(Box::new([reveals[0].clone(), shown_to_2[0].clone()]));
    assert_eq!(both.culprit(), Some(index(1)));
    let unfounded = setup.dealer(4).complain(&shown_to_2[0]);
    for complaint in [complaint, unfounded] {
        for j in [3, 5] {
            let error = confirm(&mut setup, j, &reveals, std::slice::from_ref(&complaint));
            assert_eq!(error, Err(both.clone()));
        }
        let (state, _) = setup.check(3, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().stored();
        let confirmations = setup.confirmed().1;
        let complaints = [complaint];
        assert_eq!(state.finish(&confirmations, &complaints).map(|_| ()), Err(both.clone()));
        let public = setup.ceremony.conclude(&setup.commitments, &reveals, &complaints, &confirmations);
        assert_eq!(public, Err(both.clone()));
    }
    // The same reveal with another proof is the same.
    let mut setup = Setup::new(PANELS, 2, 57);
    let reveals = setup.reveals();
    let complaint = Dealer { index: 2, ..setup.dealer(3) }.complain(&setup.dealer(1).reveal());
    assert_ne!(complaint.reveal(), &reveals[0]);
    assert_eq!(confirm(&mut setup, 2, &reveals, &[complaint]), Ok(()));
}

#[test]
fn attack_10_malformed_reveal_needs_no_complaint() {
    let setup = Setup::new(PANELS, 2, 43);
    let mut dealer = setup.dealer(1);
    dealer.polynomials[0].push(Scalar::ONE);
    let complaint = setup.dealer(2).complain(&dealer.reveal());
    let fault = RevealFault::Points { slot: 1, expected: 2, actual: 3 };
    assert_eq!(setup.ceremony.settle(&complaint), Err(CeremonyError::BadReveal { dealer: index(1), fault }));
}

#[test]
fn attack_10_going_on_after_a_complaint() {
    let mut setup = Setup::new(PANELS, 2, 44);
    let (reveals, complaint) = bad_share(&mut setup, |_, shares| shares[2] = [0; 32]);
    let stands = CeremonyError::Complaint { dealer: index(1), complainant: index(2), culprit: index(1) };
    // It reaches 3 to 5 only after they have confirmed; 1 goes on as it likes, and 2 is made to confirm all
    // the same.
    let (mut states, mut confirmations) = (Vec::new(), Vec::new());
    for j in [3, 4, 5] {
        let (state, confirmation) =
            setup.check(j, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().stored();
        states.push(state);
        confirmations.push(confirmation);
    }
    let digest = states[0].key_digest().to_bytes();
    confirmations.extend([1, 2].map(|j| setup.dealer(j).confirm(&digest)));
    let complaints = [complaint];
    let public = setup.ceremony.conclude(&setup.commitments, &reveals, &complaints, &confirmations);
    assert_eq!(public, Err(stands.clone()));
    for state in states {
        assert_eq!(state.finish(&confirmations, &complaints).unwrap_err(), stands);
    }
    // Without 2's confirmation it does not finish even where the complaint is held back.
    let state = setup.check(3, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().stored().0;
    assert_eq!(
        state.finish(&confirmations[..4], &[]).unwrap_err(),
        CeremonyError::Missing { message: MessageKind::Confirmation, trustee: index(2) }
    );
}
