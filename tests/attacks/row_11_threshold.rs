//! Row 11: any `t_p` trustees of every panel open the same tally, fewer of one panel do not, whatever the others
//! give, and nobody counts twice.

use urne::tally::{DecryptionFactors, Endorsement, EndorsementError, FactorError, OpenedTally, OpeningError};
use urne::{Choice, PanelIndex};

use crate::dealer::{forgetful, index};
use crate::polling::{Ended, Polling, at, rng};

const LIST: fn(u8) -> Choice = Choice::List;

/// Five votes: 1, 0 and 3 for the lists, and one blank.
fn counted(panels: &[(u8, u8)]) -> (Ended, Vec<Endorsement>, Vec<DecryptionFactors>) {
    let mut polling = Polling::with(panels, 3, 6);
    for (voter, choice) in [LIST(3), Choice::Blank, LIST(1), LIST(3), LIST(3)].into_iter().enumerate() {
        polling.vote(voter, choice, 10);
    }
    let mut ended = polling.sign_off();
    let (endorsements, factors) = ended.endorse_and_decrypt();
    (ended, endorsements, factors)
}

fn too_few(panel: u8, required: u8, good: usize, rejected: Vec<FactorError>) -> OpeningError {
    OpeningError::TooFew { panel: PanelIndex::new(panel).unwrap(), required, good, rejected }
}

/// Every coalition there is.
#[test]
fn attack_11_any_threshold_of_every_panel_and_no_fewer() {
    for panels in [&[(1, 1)][..], &[(1, 3)], &[(2, 3)], &[(3, 3)], &[(1, 2), (2, 5)]] {
        let (ended, endorsements, factors) = counted(panels);
        let mut enough = 0;
        for mask in 0u32..1 << factors.len() {
            let given: Vec<_> = factors
                .iter()
                .enumerate()
                .filter(|(at, _)| mask >> at & 1 == 1)
                .map(|(_, f)| f.clone())
                .collect();
            let mut first = 0;
            let lacking = (1..).zip(panels).find_map(|(panel, (t, n))| {
                let present = (mask >> first & ((1 << n) - 1)).count_ones() as usize;
                first += n;
                (present < usize::from(*t)).then(|| too_few(panel, *t, present, vec![]))
            });
            let opened = OpenedTally::open(&ended.signed, &endorsements, &given);
            match lacking {
                Some(error) => assert_eq!(opened.unwrap_err(), error),
                None => {
                    let opened = opened.unwrap();
                    assert_eq!((opened.result().votes(), opened.result().blank()), (&[1, 0, 3][..], 1));
                    assert_eq!((opened.factors(), opened.rejected()), (&given[..], &[][..]));
                    enough += 1;
                }
            }
        }
        assert!(enough > 0);
        // In whatever order they come.
        let reversed: Vec<_> = factors.iter().rev().cloned().collect();
        let opened = OpenedTally::open(&ended.signed, &endorsements, &reversed).unwrap();
        assert_eq!((opened.result().votes(), opened.factors()), (&[1, 0, 3][..], &factors[..]));
    }
}

#[test]
fn attack_11_a_trustee_does_not_count_twice() {
    let (mut ended, endorsements, factors) = counted(&[(1, 2), (2, 5)]);
    let open = |given: &[&DecryptionFactors]| {
        let given: Vec<_> = given.iter().copied().cloned().collect();
        OpenedTally::open(&ended.signed, &endorsements, &given)
    };
    // The same factors twice, and a second proof of them.
    let trustees: Vec<_> = std::mem::take(&mut ended.trustees);
    let ready: Vec<_> = trustees.iter().map(|t| t.ready(&ended.signed, &endorsements).unwrap()).collect();
    // A trustee that remembers gives the same proof; this one has forgotten that it gave any.
    let mut forgetful = forgetful(&trustees[3]);
    let contest = ended.signed.closed().contest().contest();
    forgetful.approve(contest, at(-9_000), &mut rng(77)).unwrap().stored();
    ended.endorse(&mut forgetful).unwrap();
    let second = forgetful.give_factors(&ended.signed, &endorsements, &ready, &mut rng(77)).unwrap().stored();
    assert_ne!(second, factors[3]);
    assert_eq!(second.factors(), factors[3].factors());
    for twice in [&factors[3], &second] {
        assert_eq!(open(&[&factors[0], &factors[3], twice]).unwrap_err(), too_few(2, 2, 1, vec![]));
        // Beside a third it is counted once, and the count completes.
        let opened = open(&[&factors[0], &factors[3], twice, &factors[6]]).unwrap();
        assert_eq!((opened.result().votes(), opened.rejected()), (&[1, 0, 3][..], &[][..]));
        assert_eq!(opened.factors(), [factors[0].clone(), factors[3].clone(), factors[6].clone()]);
    }
    // One trustee's factors under another's number, of its panel or another, or under that of nobody.
    let renumbered = |of: usize, number| {
        let mut bytes = factors[of].to_bytes();
        bytes[2] = number;
        DecryptionFactors::from_bytes(&bytes).unwrap()
    };
    for (of, number, error) in [
        (3, 5, FactorError::Signature { trustee: index(5) }),
        (0, 5, FactorError::Signature { trustee: index(5) }),
        (3, 8, FactorError::UnknownTrustee { trustee: index(8), trustees: 7 }),
    ] {
        let refused = open(&[&factors[0], &factors[3], &renumbered(of, number)]).unwrap_err();
        assert_eq!((refused, error.culprit()), (too_few(2, 2, 1, vec![error]), None));
    }
}

#[test]
fn attack_11_an_endorsement_does_not_count_twice() {
    let (ended, endorsements, factors) = counted(&[(2, 3)]);
    assert_eq!(ended.signed.closed().contest().contest().quorums(), [3]);
    let [one, two, three] = endorsements[..] else { panic!() };
    let open = |given: &[Endorsement]| OpenedTally::open(&ended.signed, given, &factors).map(|_| ());
    let quorum = |actual| {
        let panel = PanelIndex::new(1).unwrap();
        Err(OpeningError::Endorsement(EndorsementError::Quorum {
            panel,
            required: 3,
            actual,
            rejected: vec![],
        }))
    };
    assert_eq!(open(&[one, two]), quorum(2));
    assert_eq!(open(&[one, two, two]), quorum(2));
    assert_eq!(open(&[two; 3]), quorum(1));
    // Beside the others it stops nothing.
    assert_eq!(open(&[one, two, two, three]), Ok(()));
    assert_eq!(open(&[three, one, two]), Ok(()));
}
