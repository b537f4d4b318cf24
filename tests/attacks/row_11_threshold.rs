//! Row 11: any `t` of `n` trustees open the same tally, fewer do not, and nobody counts twice.

use urne::decryption::{DecryptionFactors, FactorError, OpenedTally, OpeningError};
use urne::{Choice, TrusteeIndex};

use crate::polling::{Polling, endorse_and_decrypt};

const LIST: fn(u8) -> Choice = Choice::List;

/// All subsets of this size.
fn subsets(all: &[DecryptionFactors], size: usize) -> Vec<Vec<DecryptionFactors>> {
    (0u32..1 << all.len())
        .filter(|mask| mask.count_ones() as usize == size)
        .map(|mask| (0..all.len()).filter(|at| mask >> at & 1 == 1).map(|at| all[at].clone()).collect())
        .collect()
}

#[test]
fn attack_11_any_threshold_of_trustees_and_no_fewer() {
    for (t, n) in [(1, 1), (1, 3), (2, 3), (3, 3), (3, 5)] {
        let mut polling = Polling::with((t, n), 3, 6);
        for (voter, choice) in [LIST(3), Choice::Blank, LIST(1), LIST(3), LIST(3)].into_iter().enumerate() {
            polling.vote(voter, choice, 10);
        }
        let (closed, mut trustees) = polling.close();
        let (endorsements, factors) = endorse_and_decrypt(&closed, &mut trustees);
        for size in usize::from(t)..=usize::from(n) {
            for subset in subsets(&factors, size) {
                let opened = OpenedTally::open(&closed, &endorsements, &subset).unwrap();
                assert_eq!((opened.result().votes(), opened.result().blank()), (&[1, 0, 3][..], 1));
                assert_eq!(opened.factors(), subset);
                assert_eq!(opened.rejected(), []);
            }
        }
        for size in 0..usize::from(t) {
            for subset in subsets(&factors, size) {
                let error = OpenedTally::open(&closed, &endorsements, &subset).unwrap_err();
                assert_eq!(error, OpeningError::TooFew { required: t, good: size, rejected: vec![] });
            }
        }
    }
}

#[test]
fn attack_11_a_trustee_does_not_count_twice() {
    let mut polling = Polling::with((2, 3), 1, 2);
    polling.vote(0, LIST(1), 10);
    let (closed, mut trustees) = polling.close();
    let (endorsements, factors) = endorse_and_decrypt(&closed, &mut trustees);
    let index = |number| TrusteeIndex::new(number).unwrap();
    let repeated = FactorError::Repeated { trustee: index(2) };
    // The same factors twice, and a second proof of them.
    let second = trustees[1].decrypt(&closed, &endorsements, &mut crate::polling::rng(77)).unwrap();
    assert_ne!(second, factors[1]);
    for twice in [factors[1].clone(), second] {
        let given = [factors[1].clone(), twice];
        let error = OpenedTally::open(&closed, &endorsements, &given).unwrap_err();
        assert_eq!(error, OpeningError::TooFew { required: 2, good: 1, rejected: vec![repeated] });
        // Beside a third it is left out, named, and the count completes.
        let given = [given[0].clone(), given[1].clone(), factors[2].clone()];
        let opened = OpenedTally::open(&closed, &endorsements, &given).unwrap();
        assert_eq!((opened.result().votes(), opened.rejected()), (&[1][..], &[repeated][..]));
    }
    // One trustee's factors under another's number, or that of nobody.
    let renumbered = |number| {
        let mut bytes = factors[1].to_bytes();
        bytes[1] = number;
        DecryptionFactors::from_bytes(&bytes).unwrap()
    };
    for (number, error) in [
        (3, FactorError::Proof { trustee: index(3) }),
        (4, FactorError::UnknownTrustee { trustee: index(4), trustees: 3 }),
    ] {
        let given = [factors[1].clone(), renumbered(number)];
        let refused = OpenedTally::open(&closed, &endorsements, &given).unwrap_err();
        assert_eq!(refused, OpeningError::TooFew { required: 2, good: 1, rejected: vec![error] });
    }
}

#[test]
fn attack_11_an_endorsement_does_not_count_twice() {
    let mut polling = Polling::with((2, 3), 1, 2);
    polling.vote(0, LIST(1), 10);
    assert_eq!(polling.contest.contest().quorum(), 3);
    let (closed, mut trustees) = polling.close();
    let (endorsements, factors) = endorse_and_decrypt(&closed, &mut trustees);
    let [one, two, three] = endorsements[..] else { panic!() };
    assert_eq!(
        OpenedTally::open(&closed, &[one, two], &factors).unwrap_err(),
        OpeningError::Quorum { required: 3, actual: 2 }
    );
    let trustee = two.trustee();
    assert_eq!(
        OpenedTally::open(&closed, &[one, two, two], &factors).unwrap_err(),
        OpeningError::Endorsement(urne::contest::SignatureError::Repeated { trustee })
    );
    assert!(OpenedTally::open(&closed, &[three, one, two], &factors).is_ok());
}
