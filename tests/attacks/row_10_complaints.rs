//! Row 10, complaints of the key ceremony: bad shares name the dealer, false complaints the complainant, and
//! nobody goes on after one.

use curve25519_dalek::scalar::Scalar;
use urne::ceremony::{CeremonyError, Complaint, MessageKind, Reveal};

use crate::dealer::*;

/// Trustee 1 spoils the shares of trustee 2 in its otherwise proper reveal; what comes of it.
fn bad_share(setup: &mut Setup, spoil: impl Fn(&Dealer, &mut Vec<Bytes>)) -> (Vec<Reveal>, Complaint) {
    let dealer = setup.dealer(1);
    let points = dealer.points();
    let mut shares = dealer.shares(&points);
    spoil(&dealer, &mut shares);
    let mut reveals = setup.reveals();
    reveals[0] = dealer.reveal_of(&points, &shares);
    let error = setup.check(2, &reveals).unwrap_err();
    assert_eq!(error.culprit(), Some(index(1)));
    let CeremonyError::BadShares(complaints) = error else { panic!("{error:?}") };
    let [complaint] = &complaints[..] else { panic!("{complaints:?}") };
    assert_eq!((complaint.dealer(), complaint.complainant()), (index(1), index(2)));
    (reveals, complaint.clone())
}

#[test]
fn attack_10_bad_share_names_the_dealer_for_everyone() {
    for slot in [0, 1] {
        let mut setup = Setup::new(2, 3, 2, 34);
        let (reveals, complaint) =
            bad_share(&mut setup, |_, shares| shares[2 + slot] = [1; 32].map(|b| b & 0x0f));
        assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(1)));
        let stands = CeremonyError::Complaint { dealer: index(1), complainant: index(2), culprit: index(1) };
        // Trustee 3 has good shares, and stops all the same.
        let checked = setup.check(3, &reveals).unwrap();
        let error = checked.confirm(std::slice::from_ref(&complaint), &mut setup.rng).unwrap_err();
        assert_eq!(error, stands);
        assert_eq!(error.culprit(), Some(index(1)));
        let public =
            setup.ceremony.conclude(&setup.commitments, &reveals, &[complaint], &setup.confirmations());
        assert_eq!(public, Err(stands));
    }
    // Two bad dealers give two complaints.
    let mut setup = Setup::new(2, 3, 1, 35);
    let mut reveals = setup.reveals();
    for i in [1, 3] {
        let dealer = setup.dealer(i);
        let mut shares = dealer.shares(&dealer.points());
        shares[1] = [0; 32];
        reveals[usize::from(i) - 1] = dealer.reveal_of(&dealer.points(), &shares);
    }
    let error = setup.check(2, &reveals).unwrap_err();
    assert_eq!(error.to_string(), "bad shares from trustee 1, 3");
    let CeremonyError::BadShares(complaints) = error else { panic!("{error:?}") };
    let culprits: Vec<_> = complaints
        .iter()
        .map(|c| setup.ceremony.settle(&reveals[c.dealer().get() as usize - 1], c).unwrap().get())
        .collect();
    assert_eq!(culprits, [1, 3]);
}

#[test]
fn attack_10_share_for_another_trustee() {
    // The value of trustee 3's share, properly sealed for 2; and trustee 3's sealed share as it is.
    let mut setup = Setup::new(2, 3, 2, 37);
    let (reveals, complaint) = bad_share(&mut setup, |dealer, shares| {
        shares.splice(2..4, dealer.seal(&dealer.points(), 2, &dealer.values(3)));
    });
    assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(1)));
    let (reveals, complaint) = bad_share(&mut setup, |_, shares| shares.copy_within(4..6, 2));
    assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(1)));
    // And the two slots of 2 changed over.
    let (reveals, complaint) = bad_share(&mut setup, |dealer, shares| {
        let values: Vec<_> = dealer.values(2).into_iter().rev().collect();
        shares.splice(2..4, dealer.seal(&dealer.points(), 2, &values));
    });
    assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(1)));
}

#[test]
fn attack_10_false_complaint_names_the_complainant() {
    let mut setup = Setup::new(2, 3, 2, 40);
    let reveals = setup.reveals();
    let complaint = setup.dealer(3).complain(1);
    assert_eq!(setup.ceremony.settle(&reveals[0], &complaint), Ok(index(3)));
    let error = setup
        .check(2, &reveals)
        .unwrap()
        .confirm(std::slice::from_ref(&complaint), &mut setup.rng)
        .unwrap_err();
    assert_eq!(
        error,
        CeremonyError::Complaint { dealer: index(1), complainant: index(3), culprit: index(3) }
    );
    assert_eq!(error.culprit(), Some(index(3)));
    // It is about trustee 1's reveal and no other.
    assert_eq!(
        setup.ceremony.settle(&reveals[1], &complaint),
        Err(CeremonyError::Missing { message: MessageKind::Reveal, trustee: index(1) })
    );
}

#[test]
fn attack_10_complaint_that_anyone_could_have_made() {
    let mut setup = Setup::new(2, 3, 2, 41);
    let reveals = setup.reveals();
    let dealer_3 = setup.dealer(3);
    let honest = dealer_3.complain(1);
    let other = setup.again("another", 42);
    let key_1 = point(&dealer_3.keys[0]);
    let mut attempts = vec![
        // A secret that opens the share to nonsense, to get the dealer blamed.
        dealer_3.complaint_with(1, &(key_1 * Scalar::from(5u64)), &dealer_3.identity),
        // In another's name.
        Dealer { index: 2, ..dealer_3.clone() }.complain(1),
        // From another ceremony.
        other.dealer(3).complain(1),
    ];
    // A true one about or by somebody else, or with one byte changed.
    for at in [1, 2, 35, 67] {
        let mut bytes = honest.to_bytes();
        bytes[at] = if at < 3 { 2 } else { bytes[at] ^ 1 };
        attempts.push(Complaint::from_bytes(&bytes).unwrap());
    }
    for forged in attempts {
        let (dealer, complainant) = (forged.dealer(), forged.complainant());
        let error = setup.ceremony.settle(&reveals[usize::from(dealer.get()) - 1], &forged).unwrap_err();
        assert_eq!(error, CeremonyError::ComplaintProof { dealer, complainant });
        assert_eq!(error.culprit(), None);
        // It is passed over, but what comes after it is not.
        let confirm = |setup: &mut Setup, complaints: &[Complaint]| {
            setup.check(2, &reveals).unwrap().confirm(complaints, &mut setup.rng.clone()).map(|_| ())
        };
        assert_eq!(confirm(&mut setup, std::slice::from_ref(&forged)), Ok(()));
        assert!(confirm(&mut setup, &[forged, honest.clone()]).is_err());
    }
}

#[test]
fn attack_10_malformed_reveal_needs_no_complaint() {
    let setup = Setup::new(2, 3, 2, 43);
    let mut dealer = setup.dealer(1);
    dealer.polynomials[0].push(Scalar::ONE);
    let error = setup.ceremony.settle(&dealer.reveal(), &setup.dealer(2).complain(1)).unwrap_err();
    assert_eq!(error.culprit(), Some(index(1)));
}

#[test]
fn attack_10_going_on_after_a_complaint() {
    let mut setup = Setup::new(2, 3, 2, 44);
    let (reveals, complaint) = bad_share(&mut setup, |_, shares| shares[2] = [0; 32]);
    let stands = CeremonyError::Complaint { dealer: index(1), complainant: index(2), culprit: index(1) };
    // It reaches 3 only after 3 has confirmed; 1 goes on as it likes, and 2 is made to confirm all the same.
    let (state, confirmation) = setup.check(3, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap();
    let digest = state.key_digest().to_bytes();
    let mut confirmations = vec![confirmation, setup.dealer(1).confirm(&digest)];
    confirmations.push(setup.dealer(2).confirm(&digest));
    let complaints = [complaint];
    let public = setup.ceremony.conclude(&setup.commitments, &reveals, &complaints, &confirmations);
    assert_eq!(public, Err(stands.clone()));
    assert_eq!(state.finish(&confirmations, &complaints).unwrap_err(), stands);
    // Without 2's confirmation it does not finish even where the complaint is held back.
    let state = setup.check(3, &reveals).unwrap().confirm(&[], &mut setup.rng).unwrap().0;
    assert_eq!(
        state.finish(&confirmations[..2], &[]).unwrap_err(),
        CeremonyError::Missing { message: MessageKind::Confirmation, trustee: index(2) }
    );
}
