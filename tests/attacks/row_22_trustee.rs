//! Row 22 for trustees: a trustee that is made again from less than it stored does nothing, or nothing against what
//! it has done before. The forms are tested byte by byte in `src/trustee/memory/tests.rs`.

use urne::ballot_box::SignedClosing;
use urne::bureau::TrusteeKeyError;
use urne::trustee::TrusteeError;
use urne::{Choice, DecodeError, Trustee, Unsent};

use crate::polling::{COMPLAINTS, Ended, Polling, approved, at, ceremony, restarted, rng};

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
    assert_eq!(trustee.keep_opening(contest, &opening, 4, at(-1)).map(Unsent::stored).as_ref(), Err(error));
    assert_eq!(trustee.show_head(contest, &head).map(Unsent::stored).as_ref(), Err(error));
    assert_eq!(ended.endorse(&mut trustee).as_ref(), Err(error));
    assert_eq!(trustee.show_second_closing(contest, &closing, &[]).map(Unsent::stored).as_ref(), Err(error));
    assert_eq!(trustee.ready(&ended.signed, &[]).as_ref(), Err(error));
    assert_eq!(
        trustee.give_factors(&ended.signed, &[], &[], &mut rng(1)).map(Unsent::stored).as_ref(),
        Err(error)
    );
    // Nor does it begin anew: from the opening on a contest is not approved for the first time.
    let opened = TrusteeError::LateApproval { now: at(0), opens_at: at(0) };
    assert_eq!(trustee.approve(contest, at(0), &mut rng(1)).map(Unsent::stored), Err(opened));
}

/// An endorsement that was lost on its way is given again, and not another that is good too.
#[test]
fn attack_22_the_same_endorsement_is_given_again() {
    let polling = polling(2);
    let mut trustee = restarted(&polling.trustees[0]);
    let Ended { signed, signings, voters, .. } = &polling.sign_off();
    let now = signed.closed().closing().at;
    trustee.given(signed.closed(), now).unwrap().stored();
    let mut endorse = |seed| {
        let endorsed = trustee.endorse(signed, signings, voters, &COMPLAINTS, now, &mut rng(seed)).unwrap();
        trustee = Trustee::from_bytes(endorsed.to_store()).unwrap();
        endorsed.stored().to_bytes()
    };
    assert_eq!(endorse(1), endorse(2));
}

/// The contest bears the approval of this trustee, of which the memory at hand knows nothing.
#[test]
fn attack_22_without_its_memory_a_trustee_does_nothing() {
    let mut ended = polling(2).sign_off();
    let trustees = ended.take_trustees();
    let contest = ended.signed.closed().contest().fingerprint();
    let error = TrusteeError::NotApproved { contest };
    // The same trustees, as they came out of their ceremony.
    let fresh = || ceremony(&[(2, 3)], 1, 1).1;
    for (before, trustee) in fresh().into_iter().zip(&trustees) {
        assert_eq!(before.key().key_digest(), trustee.key().key_digest());
        assert_does_nothing(before, &ended, &error);
    }
    // From before the approval, of nothing or of another contest.
    let other = Polling::of(approved(585, 1, &mut fresh()), vec![], 1);
    for mut before in fresh() {
        let unsent = before.approve(other.contest.contest(), at(-9_000), &mut rng(1)).unwrap();
        assert_does_nothing(Trustee::from_bytes(unsent.to_store()).unwrap(), &ended, &error);
    }
}

#[test]
fn attack_22_a_trustee_that_is_cut_altered_or_mixed_is_refused() {
    let mut ended = polling(2).sign_off();
    let mut trustees = ended.take_trustees();
    for trustee in &mut trustees {
        ended.endorse(trustee).unwrap();
    }
    let [one, two, ..] = &trustees[..] else { panic!() };
    let [stored, of_other] = [one, two].map(|trustee| trustee.to_bytes().to_vec());
    let error = |stored: &[u8]| Trustee::from_bytes(stored).map(|_| ()).unwrap_err();
    let short = DecodeError::TooShort { expected: 1, actual: 0 };
    assert_eq!(error(&[]), TrusteeError::Memory(short));
    let refused = |stored: &[u8]| {
        matches!(
            error(stored),
            TrusteeError::Memory(_)
                | TrusteeError::Key(TrusteeKeyError::Key(_) | TrusteeKeyError::Share { .. })
        )
    };
    for length in 1..stored.len() {
        assert!(refused(&stored[..length]), "{length}");
    }
    let long = DecodeError::TooLong { expected: stored.len(), actual: stored.len() + 1 };
    assert_eq!(error(&[&stored[..], &[0]].concat()), TrusteeError::Memory(long));
    // Its own secrets with the memory of another, or with one of its own from before; the tag is of neither.
    let secrets = one.key().election_key().to_bytes().len() + 32 * 3;
    let before = ceremony(&[(2, 3)], 1, 1).1.remove(0).to_bytes();
    assert_eq!(before[..secrets], stored[..secrets]);
    let tag = stored.len() - 32;
    for mixed in [
        [&stored[..secrets], &of_other[secrets..]].concat(),
        [&before[..before.len() - 32], &stored[tag..]].concat(),
        [&stored[..tag], &before[before.len() - 32..]].concat(),
    ] {
        assert_eq!(error(&mixed), TrusteeError::Memory(DecodeError::Altered));
    }
    // One bit of the memory.
    for place in secrets..stored.len() {
        let mut altered = stored.clone();
        altered[place] ^= 1;
        assert!(refused(&altered), "{place}");
    }
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
        trustee.set_minimum(2).stored();
        *trustee = restarted(trustee);
        trustee.keep_opening(&contest, &opening, 4, at(-1)).unwrap().stored();
        *trustee = restarted(trustee);
        trustee.show_head(&contest, &head).unwrap().stored();
        *trustee = restarted(trustee);
    }
    let endorsements: Vec<_> = trustees.iter_mut().map(|t| ended.endorse(t).unwrap()).collect();
    let mut trustees: Vec<_> = trustees.iter().map(restarted).collect();
    for trustee in &mut trustees {
        assert!(matches!(other.endorse(trustee), Err(TrusteeError::OtherClosing { .. })));
    }
    let ready: Vec<_> = trustees.iter().map(|t| t.ready(&ended.signed, &endorsements).unwrap()).collect();
    for trustee in &mut trustees {
        let give = |trustee: &mut Trustee, seed| {
            trustee.give_factors(&ended.signed, &endorsements, &ready, &mut rng(seed))
        };
        let given = give(trustee, 1).unwrap().stored();
        *trustee = restarted(trustee);
        // A recount: the same factors, whatever the RNG.
        assert_eq!(give(trustee, 2).unwrap().stored(), given);
        // That factors were given is not forgotten: a second closing without its quorums stops nothing now.
        let second = SignedClosing::of(&other.signed);
        let refused = trustee.show_second_closing(&contest, &second, &[]).unwrap_err();
        assert!(matches!(refused, TrusteeError::Endorsements(_)), "{refused}");
    }
}
