//! Row 22 for trustees: a trustee that is made again from less than it stored does nothing, or nothing against what
//! it has done before. The forms are tested byte by byte in `src/trustee/memory/tests.rs`.

use urne::ballot_box::SignedClosing;
use urne::trustee::TrusteeError;
use urne::{Choice, DecodeError, Trustee, TrusteeKey};

use crate::polling::{Ended, Polling, approved, at, ceremony, restarted, restarted_with, rng};

fn polling(votes: usize) -> Polling {
    let (_, mut trustees) = ceremony(&[(2, 3)], 1, 1);
    let mut polling = Polling::of(approved(584, 1, &mut trustees), trustees, 4);
    for voter in 0..votes {
        polling.vote(voter, Choice::List(1), 10);
    }
    polling
}

/// Whatever a trustee can be asked to do for a contest is refused with this error.
fn assert_does_nothing(mut trustee: Trustee, ended: &Ended, error: &TrusteeError) {
    let closed = ended.signed.closed();
    let (contest, opening) = (closed.contest().contest(), closed.roll().signed_opening());
    let head = polling(1).ballot_box.head();
    let closing = SignedClosing::of(&ended.signed);
    assert_eq!(trustee.keep_opening(contest, &opening, 4, at(-1)).as_ref(), Err(error));
    assert_eq!(trustee.show_head(contest, &head).as_ref(), Err(error));
    assert_eq!(ended.endorse(&mut trustee).as_ref(), Err(error));
    assert_eq!(trustee.show_second_closing(contest, &closing, &[]).as_ref(), Err(error));
    assert_eq!(trustee.ready(&ended.signed, &[]).as_ref(), Err(error));
    assert_eq!(trustee.give_factors(&ended.signed, &[], &[], &mut rng(1)).as_ref(), Err(error));
    // Nor does it begin anew: from the opening on a contest is not approved for the first time.
    let opened = TrusteeError::LateApproval { now: at(0), opens_at: at(0) };
    assert_eq!(trustee.approve(contest, at(0), &mut rng(1)), Err(opened));
}

/// The contest bears the approval of this trustee, of which the memory at hand knows nothing.
#[test]
fn attack_22_without_its_memory_a_trustee_does_nothing() {
    let mut ended = polling(2).sign_off();
    let trustees = ended.take_trustees();
    let contest = ended.signed.closed().contest().fingerprint();
    let error = TrusteeError::NotApproved { contest };
    for trustee in &trustees {
        let key = trustee.key().election_key().clone();
        let key = TrusteeKey::from_bytes(key, &trustee.key().expose_bytes()).unwrap();
        assert_does_nothing(Trustee::after_ceremony(key), &ended, &error);
        // A memory from before the approval, of nothing or of another contest.
        let (_, mut fresh) = ceremony(&[(2, 3)], 1, 1);
        let fresh = &mut fresh[usize::from(trustee.index().get()) - 1];
        let before = restarted_with(trustee, &fresh.memory_to_bytes()).unwrap();
        assert_does_nothing(before, &ended, &error);
        let other = Polling::of(approved(585, 1, &mut ceremony(&[(2, 3)], 1, 1).1), vec![], 1);
        fresh.approve(other.contest.contest(), at(-9_000), &mut rng(1)).unwrap();
        let before = restarted_with(trustee, &fresh.memory_to_bytes()).unwrap();
        assert_does_nothing(before, &ended, &error);
    }
}

#[test]
fn attack_22_a_memory_that_is_missing_cut_or_anothers_is_refused() {
    let mut ended = polling(2).sign_off();
    let mut trustees = ended.take_trustees();
    for trustee in &mut trustees {
        ended.endorse(trustee).unwrap();
    }
    let [one, two, ..] = &trustees[..] else { panic!() };
    let stored = one.memory_to_bytes();
    let error = |memory: &[u8]| restarted_with(one, memory).map(|_| ()).unwrap_err();
    let short = DecodeError::TooShort { expected: 1, actual: 0 };
    assert_eq!(error(&[]), TrusteeError::Memory(short));
    for length in 0..stored.len() {
        assert!(matches!(error(&stored[..length]), TrusteeError::Memory(DecodeError::TooShort { .. })));
    }
    let long = DecodeError::TooLong { expected: stored.len(), actual: stored.len() + 1 };
    assert_eq!(error(&[&stored[..], &[0]].concat()), TrusteeError::Memory(long));
    assert_eq!(error(&two.memory_to_bytes()), TrusteeError::MemoryOfAnother);
    // The same identity in no ceremony but this: the key itself is read with nothing but its own election key, so
    // that a stored key is no memory either.
    assert!(matches!(error(&one.key().expose_bytes()), TrusteeError::Memory(DecodeError::Kind { .. })));
}

/// With all that it stored a trustee goes on where it was, after every act.
#[test]
fn attack_22_a_restart_after_every_act_changes_nothing() {
    let (answered, other) = (polling(2), polling(3).sign_off());
    let head = answered.ballot_box.head();
    let opening = answered.ballot_box.roll().signed_opening();
    let contest = answered.contest.contest().clone();
    let mut ended = answered.sign_off();
    let mut trustees: Vec<_> = ended.take_trustees().iter().map(restarted).collect();
    for trustee in &mut trustees {
        trustee.set_minimum(2);
        *trustee = restarted(trustee);
        trustee.keep_opening(&contest, &opening, 4, at(-1)).unwrap();
        *trustee = restarted(trustee);
        trustee.show_head(&contest, &head).unwrap();
        *trustee = restarted(trustee);
    }
    let endorsements: Vec<_> = trustees.iter_mut().map(|t| ended.endorse(t).unwrap()).collect();
    let mut trustees: Vec<_> = trustees.iter().map(restarted).collect();
    for trustee in &mut trustees {
        assert!(matches!(other.endorse(trustee), Err(TrusteeError::OtherClosing { .. })));
    }
    let ready: Vec<_> = trustees.iter().map(|t| t.ready(&ended.signed, &endorsements).unwrap()).collect();
    for trustee in &mut trustees {
        let give =
            |trustee: &mut Trustee| trustee.give_factors(&ended.signed, &endorsements, &ready, &mut rng(1));
        let given = give(trustee).unwrap();
        *trustee = restarted(trustee);
        // A recount: the same RNG, the same factors.
        assert_eq!(give(trustee).unwrap(), given);
        // That factors were given is not forgotten: a second closing without its quorums stops nothing now.
        let second = SignedClosing::of(&other.signed);
        let refused = trustee.show_second_closing(&contest, &second, &[]).unwrap_err();
        assert!(matches!(refused, TrusteeError::Endorsements(_)), "{refused}");
    }
}
