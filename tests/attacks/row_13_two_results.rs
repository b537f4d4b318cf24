//! Row 13: no result before the close, of a part, or twice. That nothing but a closed box can be given to a
//! trustee does not type-check otherwise; see the documentation of `Trustee::decrypt`.

use urne::closed_box::{BoxFlaw, Closing};
use urne::decryption::{OpenedTally, OpeningError};
use urne::{Choice, ClosedBox, DecodeError, Trustee, TrusteeError, TrusteeKey};

use crate::polling::{
    OPEN_FOR, Polling, approved, at, box_key, ceremony, endorse_and_decrypt, hash_of_fields, rng, sign,
    verified,
};

/// The closings of two boxes of one contest that differ by one ballot, and the three trustees.
fn two_closings() -> (ClosedBox, ClosedBox, Vec<Trustee>) {
    two_closings_of(584)
}

/// The trustees are the same for every contest.
fn two_closings_of(contest: u64) -> (ClosedBox, ClosedBox, Vec<Trustee>) {
    let close = |votes: usize| {
        let (_, trustees) = ceremony(2, 3, 1, 1);
        let mut polling = Polling::of(approved(contest, 1, &trustees), trustees, 4);
        for voter in 0..votes {
            polling.vote(voter, Choice::List(1), 10);
        }
        polling.close()
    };
    let (all, trustees) = close(3);
    let (one_less, _) = close(2);
    assert_eq!(all.contest(), one_less.contest());
    (all, one_less, trustees)
}

fn restarted(trustee: &Trustee) -> Trustee {
    let key = trustee.key().election_key().clone();
    Trustee::new(TrusteeKey::from_bytes(key, &trustee.key().expose_bytes()).unwrap())
}

#[test]
fn attack_13_a_subset_of_the_ballots_is_no_closed_box() {
    let (all, _, _) = two_closings();
    for kept in [vec![0], vec![0, 1], vec![1, 2], vec![]] {
        let ballots: Vec<_> = kept.iter().map(|at| all.ballots()[*at].clone()).collect();
        let (contest, roll) = (all.contest().clone(), all.roll().clone());
        let flaws = ClosedBox::verify(contest, roll, ballots, *all.closing(), &mut |_| ()).unwrap_err();
        assert!(matches!(
            flaws.as_slice(),
            [BoxFlaw::Size { expected: 3, actual }, BoxFlaw::Root { .. }] if *actual == kept.len()
        ));
    }
    // In another order it is another box too.
    let ballots = all.ballots().iter().rev().cloned().collect();
    let (contest, roll) = (all.contest().clone(), all.roll().clone());
    let flaws = ClosedBox::verify(contest, roll, ballots, *all.closing(), &mut |_| ()).unwrap_err();
    assert!(matches!(flaws.as_slice(), [BoxFlaw::Root { .. }]), "{flaws:?}");
}

#[test]
fn attack_13_no_closing_before_the_close() {
    let (all, _, _) = two_closings();
    let contest = all.contest().contest();
    let early = BoxFlaw::EarlyClosing { at: at(OPEN_FOR - 1), closes_at: at(OPEN_FOR) };
    let signed = Closing::sign(contest, all.roll(), all.references(), at(OPEN_FOR - 1), &box_key());
    assert_eq!(signed.unwrap_err(), early);
    // A box that signs it all the same, of a part of the ballots.
    let references = &all.references()[..1];
    let part = Closing::sign(contest, all.roll(), references, at(OPEN_FOR), &box_key()).unwrap();
    let digest = hash_of_fields(
        "urne/1 closing",
        &[
            &contest.fingerprint().to_bytes(),
            &part.size.to_le_bytes(),
            &part.root,
            &part.signings.to_le_bytes(),
            &all.roll().digest().to_bytes(),
            &at(OPEN_FOR - 1).seconds().to_le_bytes(),
        ],
    );
    let closing = Closing { at: at(OPEN_FOR - 1), signature: sign(&digest), ..part };
    let ballots = all.ballots()[..1].to_vec();
    let verdict = ClosedBox::verify(all.contest().clone(), all.roll().clone(), ballots, closing, &mut |_| ());
    assert_eq!(verdict.unwrap_err().as_slice(), [early]);
}

/// The box signs that it is closed while the contest goes on: only the trustee's own clock tells.
#[test]
fn attack_13_a_trustee_believes_its_own_clock() {
    let (all, _, mut trustees) = two_closings();
    let (now, closes_at) = (at(OPEN_FOR - 1), at(OPEN_FOR));
    let early = TrusteeError::StillOpen { now, closes_at };
    assert!(all.closing().at >= closes_at, "the closing says that it is late enough");
    assert_eq!(trustees[0].endorse(&all, now, &mut rng(1)).unwrap_err(), early);
    assert!(trustees[0].endorsed_to_bytes().is_empty());
    let not_endorsed = TrusteeError::NotEndorsed { closing: all.digest() };
    assert_eq!(trustees[0].decrypt(&all, &[], &mut rng(2)).unwrap_err(), not_endorsed);
    assert!(trustees[0].endorse(&all, closes_at, &mut rng(3)).is_ok());
}

#[test]
fn attack_13_a_trustee_refuses_a_second_closing() {
    let (all, one_less, mut trustees) = two_closings();
    let trustee = &mut trustees[0];
    let first = trustee.endorse(&all, all.closing().at, &mut rng(1)).unwrap();
    let other = TrusteeError::OtherClosing { endorsed: all.digest(), actual: one_less.digest() };
    assert_eq!(trustee.endorse(&one_less, one_less.closing().at, &mut rng(2)).unwrap_err(), other);
    assert_eq!(trustee.decrypt(&one_less, &[first], &mut rng(3)).unwrap_err(), other);
    // The same again, from the published parts, is the same closing.
    assert!(trustee.endorse(&verified(&all), all.closing().at, &mut rng(4)).is_ok());

    // After a restart, with what it stored.
    let stored = trustee.endorsed_to_bytes();
    let mut again = restarted(trustee);
    again.restore_endorsed(&stored).unwrap();
    assert_eq!(again.endorse(&one_less, one_less.closing().at, &mut rng(5)).unwrap_err(), other);
    assert!(again.endorse(&all, all.closing().at, &mut rng(6)).is_ok());
    assert_eq!(again.endorsed_to_bytes(), stored);
    // Restoring what another closing says is refused, and forgets nothing.
    let mut lied_to = restarted(trustee);
    lied_to.endorse(&one_less, one_less.closing().at, &mut rng(7)).unwrap();
    assert_eq!(lied_to.restore_endorsed(&stored), Err(DecodeError::Number { offset: 0 }));
    assert!(lied_to.endorse(&all, all.closing().at, &mut rng(8)).is_err());
    // Nor is anything taken from bytes that are cut short.
    let mut cut = restarted(trustee);
    let expected = DecodeError::TooShort { expected: 64, actual: 63 };
    assert_eq!(cut.restore_endorsed(&stored[..63]), Err(expected));
    assert!(cut.endorsed_to_bytes().is_empty());
}

/// What comes between two closings of one contest, another contest or a restart, forgets neither of them.
#[test]
fn attack_13_a_second_closing_after_that_of_another_contest() {
    let (one, other_of_one, mut trustees) = two_closings();
    let (two, other_of_two, _) = two_closings_of(585);
    assert_ne!(one.contest().fingerprint(), two.contest().fingerprint());
    let closings = [(&one, &other_of_one), (&two, &other_of_two)];
    let check = |trustee: &mut Trustee| {
        let stored = trustee.endorsed_to_bytes();
        for (endorsed, other) in closings {
            let refused = TrusteeError::OtherClosing { endorsed: endorsed.digest(), actual: other.digest() };
            assert_eq!(trustee.endorse(other, other.closing().at, &mut rng(1)).unwrap_err(), refused);
            assert_eq!(trustee.decrypt(other, &[], &mut rng(2)).unwrap_err(), refused);
            assert!(trustee.endorse(endorsed, endorsed.closing().at, &mut rng(3)).is_ok());
        }
        assert_eq!(trustee.endorsed_to_bytes(), stored);
        stored
    };
    for order in [[&one, &two], [&two, &one]] {
        let mut live = restarted(&trustees[0]);
        for closed in order {
            live.endorse(closed, closed.closing().at, &mut rng(4)).unwrap();
        }
        check(&mut live);
    }
    // Both are opened, one after the other.
    for (closed, _) in closings {
        let (endorsements, factors) = endorse_and_decrypt(closed, &mut trustees);
        assert!(OpenedTally::open(closed, &endorsements, &factors).is_ok());
    }
    let stored = check(&mut trustees[0]);
    let (first, second) = stored.split_at(64);
    for pairs in [&[&stored[..]][..], &[&[second, first].concat()], &[first, second], &[second, first]] {
        let mut again = restarted(&trustees[0]);
        for bytes in pairs {
            again.restore_endorsed(bytes).unwrap();
        }
        assert_eq!(check(&mut again), stored);
    }
    // Nor are two closings of one contest restored with another contest's between them.
    let lie = [one.contest().fingerprint().to_bytes(), other_of_one.digest().to_bytes()].concat();
    let [of_one, of_two] = if first[..32] == lie[..32] { [first, second] } else { [second, first] };
    let mut lied_to = restarted(&trustees[0]);
    let expected = Err(DecodeError::Number { offset: 128 });
    assert_eq!(lied_to.restore_endorsed(&[of_one, of_two, &lie].concat()), expected);
    assert!(lied_to.endorsed_to_bytes().is_empty());
}

#[test]
fn attack_13_two_closings_given_to_different_trustees() {
    let (all, one_less, mut trustees) = two_closings();
    let mut rng = rng(1);
    let quorum = usize::from(all.contest().contest().quorum());
    assert_eq!((quorum, all.contest().contest().threshold().required()), (3, 2));
    let of_all = [
        trustees[0].endorse(&all, all.closing().at, &mut rng).unwrap(),
        trustees[1].endorse(&all, all.closing().at, &mut rng).unwrap(),
    ];
    let of_less = [trustees[2].endorse(&one_less, one_less.closing().at, &mut rng).unwrap()];
    let too_few = |actual| TrusteeError::Endorsements(OpeningError::Quorum { required: 3, actual });
    assert_eq!(trustees[0].decrypt(&all, &of_all, &mut rng).unwrap_err(), too_few(2));
    assert_eq!(trustees[2].decrypt(&one_less, &of_less, &mut rng).unwrap_err(), too_few(1));
    // Endorsements of the other closing do not make up the number.
    let mixed = [of_all[0], of_all[1], of_less[0]];
    let false_one = urne::contest::SignatureError::Invalid { trustee: of_less[0].trustee() };
    assert_eq!(
        trustees[0].decrypt(&all, &mixed, &mut rng).unwrap_err(),
        TrusteeError::Endorsements(OpeningError::Endorsement(false_one))
    );
    // Nor does the third turn round.
    assert!(trustees[2].endorse(&all, all.closing().at, &mut rng).is_err());
    // And factors that a dishonest trustee would give against the rule are of no use without the quorum.
    let mut dishonest = ceremony(2, 3, 1, 1).1;
    let (endorsements, factors) = endorse_and_decrypt(&all, &mut dishonest);
    assert_eq!(
        OpenedTally::open(&all, &endorsements[..2], &factors).unwrap_err(),
        OpeningError::Quorum { required: 3, actual: 2 }
    );
}

#[test]
fn attack_13_a_trustee_decrypts_only_what_it_endorsed() {
    let (all, one_less, mut trustees) = two_closings();
    let mut others = ceremony(2, 3, 1, 1).1;
    let (endorsements, _) = endorse_and_decrypt(&all, &mut others);
    let mut rng = rng(1);
    assert_eq!(
        trustees[0].decrypt(&all, &endorsements, &mut rng).unwrap_err(),
        TrusteeError::NotEndorsed { closing: all.digest() }
    );
    trustees[0].endorse(&one_less, one_less.closing().at, &mut rng).unwrap();
    assert_eq!(
        trustees[0].decrypt(&all, &endorsements, &mut rng).unwrap_err(),
        TrusteeError::OtherClosing { endorsed: one_less.digest(), actual: all.digest() }
    );
    // A trustee of another ceremony has no part in it.
    let mut stranger = ceremony(2, 3, 1, 99).1.remove(0);
    let foreign = TrusteeError::ForeignKey { contest: all.contest().fingerprint() };
    assert_eq!(stranger.endorse(&all, all.closing().at, &mut rng).unwrap_err(), foreign);
    assert_eq!(stranger.decrypt(&all, &endorsements, &mut rng).unwrap_err(), foreign);
    assert!(stranger.endorsed_to_bytes().is_empty());
}

#[test]
fn attack_13_a_box_too_small_to_be_opened() {
    let (all, _, mut trustees) = two_closings();
    let mut rng = rng(1);
    let endorsements: Vec<_> = trustees
        .iter_mut()
        .map(|trustee| trustee.endorse(&all, all.closing().at, &mut rng).unwrap())
        .collect();
    trustees[0].set_minimum(4);
    assert_eq!(
        trustees[0].decrypt(&all, &endorsements, &mut rng).unwrap_err(),
        TrusteeError::BelowMinimum { minimum: 4, count: 3 }
    );
    trustees[0].set_minimum(3);
    let of_another_box = trustees[0].decrypt(&all, &endorsements, &mut rng).unwrap();
    let (empty, mut trustees) = Polling::with((2, 3), 1, 1).close();
    let endorsements: Vec<_> = trustees
        .iter_mut()
        .map(|trustee| trustee.endorse(&empty, empty.closing().at, &mut rng).unwrap())
        .collect();
    assert_eq!(trustees[0].decrypt(&empty, &endorsements, &mut rng).unwrap_err(), TrusteeError::Empty);
    let opened = OpenedTally::open(&empty, &endorsements, &[]).unwrap();
    assert_eq!((opened.result().votes(), opened.result().blank()), (&[0][..], 0));
    // Factors for an empty box are neither judged nor kept: the record must have none.
    let opened = OpenedTally::open(&empty, &endorsements, &[of_another_box]).unwrap();
    assert_eq!((opened.factors(), opened.rejected()), (&[][..], &[][..]));
}
