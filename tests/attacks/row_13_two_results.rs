//! Row 13: no result before the end, of a part, or twice. That nothing but a box which is closed, verified and
//! signed by box and issuer can be given to a trustee does not type-check otherwise; see the documentation of
//! `Trustee::give_factors`.

use urne::ballot_box::{BoxFlaw, Closing, Complaints, ComplaintsError, GivenClosing, SignedClosing};
use urne::bureau::TrusteeSignatureError;
use urne::tally::{Endorsement, EndorsementError, OpenedTally, OpeningError};
use urne::trustee::{Ready, TrusteeError};
use urne::{Choice, ClosedBox, PanelIndex, Trustee, Unsent};

use crate::dealer::index;
use crate::polling::{
    COMPLAINTS, END, Ended, OPEN_FOR, Polling, approved, at, ceremony, hash_of_fields, restarted, rng, sign,
};

/// Panels of trustees 1 and 2, of whom one must endorse, and 3 to 7, of whom four must.
const PANELS: &[(u8, u8)] = &[(1, 2), (2, 5)];

pub fn polling(number: u64, votes: usize) -> Polling {
    let (_, mut trustees) = ceremony(PANELS, 1, 1);
    let mut polling = Polling::of(approved(number, 1, &mut trustees), trustees, 4);
    for (voter, seconds) in (0..votes).zip(10..) {
        polling.vote(voter, Choice::List(1), seconds);
    }
    polling
}

/// The closings of two boxes of one contest that differ by one ballot, both with both signatures, and the seven
/// trustees, who are the same for every contest.
fn two_closings_of(contest: u64) -> (Ended, Ended, Vec<Trustee>) {
    let [mut all, one_less] = [3, 2].map(|votes| polling(contest, votes).sign_off());
    assert_eq!(all.signed.closed().contest(), one_less.signed.closed().contest());
    let trustees = all.take_trustees();
    (all, one_less, trustees)
}

pub fn two_closings() -> (Ended, Ended, Vec<Trustee>) {
    two_closings_of(584)
}

pub fn closed(ended: &Ended) -> &ClosedBox {
    ended.signed.closed()
}

fn endorse_all(ended: &Ended, trustees: &mut [Trustee]) -> Vec<Endorsement> {
    trustees.iter_mut().map(|trustee| ended.endorse(trustee).unwrap()).collect()
}

fn ready_all(ended: &Ended, trustees: &[Trustee], endorsements: &[Endorsement]) -> Vec<Ready> {
    trustees.iter().map(|trustee| trustee.ready(&ended.signed, endorsements).unwrap()).collect()
}

fn quorum(panel: u8, required: u8, actual: usize) -> EndorsementError {
    let panel = PanelIndex::new(panel).unwrap();
    EndorsementError::Quorum { panel, required, actual, rejected: vec![] }
}

#[test]
fn attack_13_a_subset_of_the_ballots_is_no_closed_box() {
    let (all, ..) = two_closings();
    let all = closed(&all);
    let verify = |ballots| {
        let (contest, roll) = (all.contest().clone(), all.roll().clone());
        ClosedBox::verify(contest, roll, ballots, *all.closing(), &mut |_| ()).unwrap_err()
    };
    for kept in [vec![0], vec![0, 1], vec![1, 2], vec![]] {
        let flaws = verify(kept.iter().map(|at| all.ballots()[*at].clone()).collect());
        assert!(matches!(
            flaws.as_slice(),
            [BoxFlaw::Size { expected: 3, actual }, BoxFlaw::Root { .. }] if *actual == kept.len()
        ));
    }
    // In another order it is another box too.
    let flaws = verify(all.ballots().iter().rev().cloned().collect());
    assert!(matches!(flaws.as_slice(), [BoxFlaw::Root { .. }]), "{flaws:?}");
}

#[test]
fn attack_13_no_closing_before_the_end() {
    let (all, ..) = two_closings();
    let all = closed(&all);
    let contest = all.contest().contest();
    let signings = all.closing().signings_digest;
    let key = crate::polling::box_key();
    // Within the grace too.
    for seconds in [OPEN_FOR, END - 1] {
        let early = BoxFlaw::EarlyClosing { at: at(seconds), ends_at: at(END) };
        let signed = Closing::sign(contest, all.roll(), all.references(), signings, at(seconds), &key);
        assert_eq!(signed.unwrap_err(), early);
        // A box that signs it all the same, of a part of the ballots.
        let references = &all.references()[..1];
        let part = Closing::sign(contest, all.roll(), references, signings, at(END), &key).unwrap();
        let digest = hash_of_fields(
            "urne/2 closing",
            &[
                &contest.fingerprint().to_bytes(),
                &all.roll().opening_digest().to_bytes(),
                &part.size.to_le_bytes(),
                &part.root,
                &signings.to_bytes(),
                &all.roll().digest().to_bytes(),
                &at(seconds).seconds().to_le_bytes(),
            ],
        );
        let closing = Closing { at: at(seconds), box_signature: sign(&digest), ..part };
        let (contest, roll, ballots) =
            (all.contest().clone(), all.roll().clone(), all.ballots()[..1].to_vec());
        let verdict = ClosedBox::verify(contest, roll, ballots, closing, &mut |_| ());
        assert_eq!(verdict.unwrap_err().as_slice(), [early]);
    }
}

/// The box signs that it is closed while the contest goes on: only the trustee's own clock tells. Nor is a closing
/// endorsed that is dated after that clock.
#[test]
fn attack_13_a_trustee_believes_its_own_clock() {
    let (all, _, mut trustees) = two_closings();
    let trustee = &mut trustees[0];
    let before = trustee.to_bytes();
    let mut endorse = |ended: &Ended, now| {
        let Ended { signed, signings, voters, .. } = ended;
        trustee.endorse(signed, signings, voters, &COMPLAINTS, at(now), &mut rng(1)).map(|_| ())
    };
    let still_open = |now, ends_at| Err(TrusteeError::StillOpen { now: at(now), ends_at: at(ends_at) });
    assert!(closed(&all).closing().at >= at(END), "the closing says that it is late enough");
    assert_eq!(endorse(&all, END - 1), still_open(END - 1, END));
    let later = polling(584, 3).sign_off_at(END + 60);
    assert_eq!(endorse(&later, END), still_open(END, END + 60));
    assert_eq!(endorse(&later, END + 59), still_open(END + 59, END + 60));
    assert_eq!(trustee.to_bytes(), before, "nothing is changed by a refusal");
    let not_endorsed = TrusteeError::NotEndorsed { closing: closed(&all).digest() };
    assert_eq!(trustee.ready(&all.signed, &[]).unwrap_err(), not_endorsed);
    // Nor does it take note of a closing before the end, or of one that is later than its clock.
    assert_eq!(trustee.given(closed(&all), at(END - 1)).map(|_| ()), still_open(END - 1, END));
    let early = ComplaintsError::GivenEarly { given_at: at(END + 59), closed_at: at(END + 60) };
    let refused = trustee.given(closed(&later), at(END + 59)).map(|_| ());
    assert_eq!(refused, Err(TrusteeError::Complaints(early)));
    assert_eq!(trustee.to_bytes(), before);
    trustee.given(closed(&all), at(END)).unwrap().stored();
    let mut endorse = |ended: &Ended, now| {
        let Ended { signed, signings, voters, .. } = ended;
        trustee.endorse(signed, signings, voters, &COMPLAINTS, at(now), &mut rng(1)).map(|_| ())
    };
    assert_eq!(endorse(&all, END), Ok(()));
}

#[test]
fn attack_13_a_trustee_refuses_a_second_closing() {
    let (all, one_less, mut trustees) = two_closings();
    let trustee = &mut trustees[0];
    all.endorse(trustee).unwrap();
    let [endorsed, actual] = [&all, &one_less].map(|ended| closed(ended).digest());
    let other = TrusteeError::OtherClosing { endorsed, actual };
    assert_eq!(one_less.endorse(trustee).unwrap_err(), other);
    assert_eq!(trustee.ready(&one_less.signed, &[]).unwrap_err(), other);
    assert_eq!(trustee.give_factors(&one_less.signed, &[], &[], &mut rng(3)).unwrap_err(), other);
    // Of the same ballots too, a second later: its digest is another.
    let later = polling(584, 3).sign_off_at(END + 1);
    let again = TrusteeError::OtherClosing { endorsed, actual: closed(&later).digest() };
    assert_eq!(later.endorse(trustee).unwrap_err(), again);
    // The same again is the same closing.
    assert!(all.endorse(trustee).is_ok());
    // After a restart, with what it stored.
    let mut trustee = restarted(trustee);
    assert_eq!(one_less.endorse(&mut trustee).unwrap_err(), other);
    assert_eq!(trustee.give_factors(&one_less.signed, &[], &[], &mut rng(3)).unwrap_err(), other);
    assert!(all.endorse(&mut trustee).is_ok());
}

/// What comes between two closings of one contest, another contest or a restart, forgets neither of them.
#[test]
fn attack_13_a_second_closing_after_that_of_another_contest() {
    let (one, other_of_one, mut trustees) = two_closings();
    let (two, other_of_two, of_two) = two_closings_of(585);
    assert_ne!(closed(&one).contest().fingerprint(), closed(&two).contest().fingerprint());
    // They are the same trustees, who approve both contests.
    for trustee in &mut trustees {
        trustee.approve(closed(&two).contest().contest(), at(-9_000), &mut rng(1)).unwrap().stored();
    }
    assert_eq!(of_two[0].key().election_key(), trustees[0].key().election_key());
    let closings = [(&one, &other_of_one), (&two, &other_of_two)];
    let check = |trustee: &mut Trustee| {
        let stored = trustee.to_bytes();
        for (first, other) in closings {
            let [endorsed, actual] = [first, other].map(|ended| closed(ended).digest());
            let refused = TrusteeError::OtherClosing { endorsed, actual };
            assert_eq!(other.endorse(trustee).unwrap_err(), refused);
            assert_eq!(trustee.ready(&other.signed, &[]).unwrap_err(), refused);
            assert!(first.endorse(trustee).is_ok());
        }
        assert_eq!(trustee.to_bytes(), stored);
    };
    for order in [[&one, &two], [&two, &one]] {
        let mut live = restarted(&trustees[0]);
        for ended in order {
            ended.endorse(&mut live).unwrap();
        }
        check(&mut live);
        check(&mut restarted(&live));
    }
    // Both are opened, one after the other.
    for (ended, _) in closings {
        let endorsements = endorse_all(ended, &mut trustees);
        let ready = ready_all(ended, &trustees, &endorsements);
        let give = |t: &mut Trustee| {
            t.give_factors(&ended.signed, &endorsements, &ready, &mut rng(2)).unwrap().stored()
        };
        let factors: Vec<_> = trustees.iter_mut().map(give).collect();
        assert!(OpenedTally::open(&ended.signed, &endorsements, &factors).is_ok());
    }
    check(&mut restarted(&trustees[0]));
}

#[test]
fn attack_13_two_closings_given_to_different_trustees() {
    let (all, one_less, mut trustees) = two_closings();
    assert_eq!(closed(&all).contest().contest().quorums(), [1, 4]);
    // One of the first panel and two of the second for each.
    let of_all: Vec<_> = [0, 2, 3].map(|at| all.endorse(&mut trustees[at]).unwrap()).to_vec();
    let of_less: Vec<_> = [1, 4, 5, 6].map(|at| one_less.endorse(&mut trustees[at]).unwrap()).to_vec();
    let too_few = |actual| TrusteeError::Endorsements(quorum(2, 4, actual));
    assert_eq!(trustees[0].ready(&all.signed, &of_all).unwrap_err(), too_few(2));
    assert_eq!(trustees[1].ready(&one_less.signed, &of_less).unwrap_err(), too_few(3));
    let rng = &mut rng(1);
    assert_eq!(trustees[2].give_factors(&all.signed, &of_all, &[], rng).unwrap_err(), too_few(2));
    // Endorsements of the other closing do not make up the number.
    let mixed = [&of_all[..], &of_less[1..3]].concat();
    let rejected = [5, 6].map(|number| TrusteeSignatureError::Invalid { trustee: index(number) }).to_vec();
    let panel = PanelIndex::new(2).unwrap();
    let invalid = EndorsementError::Quorum { panel, required: 4, actual: 2, rejected };
    let refused = trustees[2].give_factors(&all.signed, &mixed, &[], rng).unwrap_err();
    assert_eq!(refused, TrusteeError::Endorsements(invalid));
    // Nor do those turn round.
    for at in [1, 4, 5, 6] {
        assert!(matches!(all.endorse(&mut trustees[at]), Err(TrusteeError::OtherClosing { .. })));
    }
    // And factors that dishonest trustees would give against the rule are of no use without the quorum of every
    // panel.
    let mut dishonest = ceremony(PANELS, 1, 1).1;
    approved(584, 1, &mut dishonest);
    let endorsements = endorse_all(&all, &mut dishonest);
    let ready = ready_all(&all, &dishonest, &endorsements);
    let give = |t: &mut Trustee| t.give_factors(&all.signed, &endorsements, &ready, rng).unwrap().stored();
    let factors: Vec<_> = dishonest.iter_mut().map(give).collect();
    for (given, error) in [
        (&of_all[..], quorum(2, 4, 2)),
        (&endorsements[2..], quorum(1, 1, 0)),
        (&endorsements[..5], quorum(2, 4, 3)),
        (&[], quorum(1, 1, 0)),
    ] {
        let refused = OpenedTally::open(&all.signed, given, &factors).unwrap_err();
        assert_eq!(refused, OpeningError::Endorsement(error.clone()));
        assert_eq!(dishonest[0].ready(&all.signed, given).unwrap_err(), TrusteeError::Endorsements(error));
    }
    assert!(OpenedTally::open(&all.signed, &endorsements[1..6], &factors).is_ok());
}

/// One trustee says that it was given another: nobody endorses until that is cleared up.
#[test]
fn attack_13_a_trustee_that_was_given_another_closing_is_heard() {
    let (all, one_less, mut trustees) = two_closings();
    let [own, other] = [&all, &one_less].map(|ended| closed(ended).digest());
    let say = |number, closing| GivenClosing { trustee: index(number), closing };
    let Ended { signed, signings, voters, .. } = &all;
    trustees[0].given(closed(&all), at(END)).unwrap().stored();
    let mut endorse = |given: &[GivenClosing]| {
        let complaints = Complaints { seconds: 0, given };
        trustees[0].endorse(signed, signings, voters, &complaints, at(END), &mut rng(1)).map(|_| ())
    };
    let refused = ComplaintsError::OtherGiven { trustee: index(3), closing: other };
    assert_eq!(endorse(&[say(2, own), say(3, other), say(4, own)]), Err(TrusteeError::Complaints(refused)));
    assert_eq!(endorse(&[say(2, own), say(3, own), say(4, own)]), Ok(()));
}

/// The time for complaints runs from when the trustee was given the closing, and that is in its own memory: nobody can
/// say that it was earlier, no restart forgets it, and with another closing it begins anew.
#[test]
fn attack_13_a_trustee_remembers_which_closing_it_was_given_and_when() {
    let (all, one_less, mut trustees) = two_closings();
    let [own, other] = [&all, &one_less].map(|ended| closed(ended).digest());
    let trustee = &mut trustees[0];
    let endorse = |trustee: &mut Trustee, ended: &Ended, now| {
        let Ended { signed, signings, voters, .. } = ended;
        let complaints = Complaints { seconds: 100, given: &[] };
        trustee.endorse(signed, signings, voters, &complaints, at(now), &mut rng(1)).map(|_| ())
    };
    let refused = |error| Err(TrusteeError::Complaints(error));
    // However long ago the box closed: nobody has given it to this trustee.
    let not_given = ComplaintsError::NotGiven { closing: own };
    assert_eq!(endorse(trustee, &all, END + 10_000), refused(not_given));

    let given = trustee.given(closed(&all), at(END + 50)).unwrap().stored();
    assert_eq!(given, GivenClosing { trustee: trustee.index(), closing: own });
    // Given again, later: the same, and the time runs from the first.
    let stored = trustee.to_bytes();
    assert_eq!(trustee.given(closed(&all), at(END + 90)).unwrap().stored(), given);
    assert_eq!(trustee.to_bytes(), stored);
    let mut trustee = restarted(trustee);
    let another = ComplaintsError::Another { given: own, actual: other };
    assert_eq!(endorse(&mut trustee, &one_less, END + 10_000), refused(another));
    let until = at(END + 150);
    assert_eq!(endorse(&mut trustee, &all, END + 149), refused(ComplaintsError::StillTaken { until }));
    assert_eq!(trustee.to_bytes(), stored);
    assert_eq!(endorse(&mut restarted(&trustee), &all, END + 150), Ok(()));

    // The box makes another, and then the first again: each time complaints are taken for the whole time.
    trustee.given(closed(&one_less), at(END + 160)).unwrap().stored();
    let another = ComplaintsError::Another { given: other, actual: own };
    assert_eq!(endorse(&mut trustee, &all, END + 10_000), refused(another));
    trustee.given(closed(&all), at(END + 200)).unwrap().stored();
    let until = at(END + 300);
    assert_eq!(endorse(&mut trustee, &all, END + 299), refused(ComplaintsError::StillTaken { until }));
    assert_eq!(endorse(&mut trustee, &all, END + 300), Ok(()));
    // Not once it has endorsed one.
    let endorsed = TrusteeError::OtherClosing { endorsed: own, actual: other };
    assert_eq!(trustee.given(closed(&one_less), at(END + 400)).map(|_| ()), Err(endorsed));
    trustee.given(closed(&all), at(END + 400)).unwrap().stored();
    assert_eq!(endorse(&mut restarted(&trustee), &all, END + 300), Ok(()));
    // It is not for a stranger to take note of.
    let foreign = polling(585, 3).sign_off();
    let refused = trustee.given(closed(&foreign), at(END)).map(|_| ()).unwrap_err();
    assert!(
        matches!(refused, TrusteeError::NotApproved { .. } | TrusteeError::ForeignKey { .. }),
        "{refused}"
    );
}

/// Statements of second closings, of no more than what is signed.
#[test]
fn attack_13_a_second_closing_that_is_shown_stops_the_count() {
    let (all, one_less, mut trustees) = two_closings();
    let contest = closed(&all).contest().contest().clone();
    let [first, second] = [&all, &one_less].map(|ended| SignedClosing::of(&ended.signed));
    let later = SignedClosing::of(&polling(584, 3).sign_off_at(END + 1).signed);
    let endorsements = endorse_all(&all, &mut trustees);
    let ready = ready_all(&all, &trustees, &endorsements);
    let stopped = TrusteeError::Stopped { contest: contest.fingerprint() };
    let give = |trustee: &mut Trustee| {
        trustee.give_factors(&all.signed, &endorsements, &ready, &mut rng(1)).map(|_| ())
    };

    // Not by the same again, nor by one of the same ballots, nor by what is not signed.
    let trustee = &mut trustees[0];
    let stored = trustee.to_bytes();
    let same = Err(TrusteeError::SameClosing { size: 3 });
    assert_eq!(trustee.show_second_closing(&contest, &first, &[]).map(Unsent::stored), same);
    assert!(same.is_err_and(|error| error.says_nothing()));
    let same = Err(TrusteeError::SameClosing { size: 3 });
    assert_eq!(trustee.show_second_closing(&contest, &later, &[]).map(Unsent::stored), same);
    let mut bytes = second.to_bytes();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let unsigned = SignedClosing::from_bytes(&bytes).unwrap();
    let refused = trustee.show_second_closing(&contest, &unsigned, &[]).unwrap_err();
    assert!(matches!(refused, TrusteeError::SecondClosing(BoxFlaw::IssuerSignature(_))), "{refused}");
    assert!(refused.says_nothing() && !stopped.says_nothing());
    let foreign = SignedClosing::of(&two_closings_of(585).1.signed);
    let refused = trustee.show_second_closing(&contest, &foreign, &[]).unwrap_err();
    assert!(matches!(refused, TrusteeError::SecondClosing(BoxFlaw::ForeignClosing { .. })), "{refused}");
    // Nor by all of these in one folder, of which it is said why.
    let passed_over = trustee.show_second_closings(&contest, &[first, unsigned, later, foreign], &[]);
    assert!(matches!(
        passed_over.unwrap().stored()[..],
        [
            TrusteeError::SecondClosing(BoxFlaw::IssuerSignature(_)),
            TrusteeError::SecondClosing(BoxFlaw::ForeignClosing { .. })
        ]
    ));
    assert_eq!(trustee.to_bytes(), stored);
    assert_eq!(trustee.second_closings(&contest), []);
    // Among them the second is found.
    let found = &mut restarted(trustee);
    let shown = found.show_second_closings(&contest, &[first, unsigned, second, foreign], &[]).unwrap();
    assert_eq!((shown.to_store(), shown.to_store().len() > stored.len()), (&found.to_bytes()[..], true));
    assert_eq!(found.second_closings(&contest), [second]);
    assert_eq!(give(found), Err(stopped.clone()));

    // By the second: for ever, restarts included, and what stopped it can be published.
    assert_eq!(trustee.show_second_closing(&contest, &second, &[]).map(Unsent::stored), Ok(()));
    assert_eq!(give(trustee), Err(stopped.clone()));
    let trustee = &mut restarted(trustee);
    assert_eq!(trustee.second_closings(&contest), [second]);
    assert_eq!(give(trustee), Err(stopped.clone()));
    assert_eq!(trustee.ready(&all.signed, &endorsements).unwrap_err(), stopped);
    assert_eq!(all.endorse(trustee).unwrap_err(), stopped);

    // Once factors are given, only by one with its quorums.
    let trustee = &mut trustees[2];
    assert_eq!(give(trustee), Ok(()));
    let trustee = &mut restarted(trustee);
    let mut dishonest = ceremony(PANELS, 1, 1).1;
    approved(584, 1, &mut dishonest);
    let of_second = endorse_all(&one_less, &mut dishonest);
    for (given, error) in [(&[][..], quorum(1, 1, 0)), (&of_second[..5], quorum(2, 4, 3))] {
        let error = TrusteeError::Endorsements(error);
        assert!(error.says_nothing());
        let refused = trustee.show_second_closing(&contest, &second, given).map(Unsent::stored);
        assert_eq!(refused, Err(error.clone()));
        let passed_over = trustee.show_second_closings(&contest, &[second], given).unwrap().stored();
        assert_eq!(passed_over, [error]);
        assert_eq!(give(trustee), Ok(()), "a recount");
    }
    assert_eq!(trustee.show_second_closing(&contest, &second, &of_second).map(Unsent::stored), Ok(()));
    assert_eq!(give(trustee), Err(stopped));
}

/// A trustee that has endorsed nothing remembers what it was shown.
#[test]
fn attack_13_a_signed_closing_shown_before_the_endorsement_is_not_forgotten() {
    let (all, one_less, mut trustees) = two_closings();
    let contest = closed(&all).contest().contest().clone();
    let stopped = TrusteeError::Stopped { contest: contest.fingerprint() };
    let [of_all, of_less] = [&all, &one_less].map(|ended| SignedClosing::of(&ended.signed));
    let [one, two, ..] = &mut trustees[..] else { panic!() };
    assert_eq!(one.show_second_closing(&contest, &of_less, &[]).map(Unsent::stored), Ok(()));
    let mut one = restarted(one);
    assert_eq!(all.endorse(&mut one).unwrap_err(), stopped);
    // The one that it was shown it endorses, as long as it is the only one; then the other stops it.
    assert!(one_less.endorse(&mut one).is_ok());
    assert_eq!(one.second_closings(&contest), []);
    assert_eq!(one.show_second_closing(&contest, &of_all, &[]).map(Unsent::stored), Ok(()));
    assert_eq!(one_less.endorse(&mut one).unwrap_err(), stopped);
    // After both it endorses neither.
    for shown in [&of_less, &of_all] {
        assert_eq!(two.show_second_closing(&contest, shown, &[]).map(Unsent::stored), Ok(()));
    }
    assert_eq!(all.endorse(two).unwrap_err(), stopped);
    assert_eq!(one_less.endorse(two).unwrap_err(), stopped);
    assert_eq!(two.second_closings(&contest), [of_less, of_all]);
}

#[test]
fn attack_13_factors_are_given_when_all_are_ready_for_the_same() {
    let (all, one_less, mut trustees) = two_closings();
    let endorsements = endorse_all(&all, &mut trustees);
    let ready = ready_all(&all, &trustees, &endorsements);
    let mut give = |at: usize, ready: &[Ready]| {
        trustees[at].give_factors(&all.signed, &endorsements, ready, &mut rng(1)).map(|_| ())
    };
    let not_ready = |panel, required, actual| {
        Err(TrusteeError::NotReady { panel: PanelIndex::new(panel).unwrap(), required, actual })
    };
    assert_eq!(give(2, &[]), not_ready(1, 1, 0));
    assert_eq!(give(2, &ready[2..]), not_ready(1, 1, 0));
    assert_eq!(give(2, &ready[..3]), not_ready(2, 2, 1));
    assert_eq!(
        give(2, &[ready[0], ready[3], ready[4]]),
        Err(TrusteeError::NotAmongReady { trustee: index(3) })
    );
    // One half of the session is ready for another closing.
    let closing = closed(&one_less).digest();
    for at in [0, 3, 6] {
        let mut mixed = ready.clone();
        mixed[at].closing = closing;
        let trustee = mixed[at].trustee;
        assert_eq!(give(2, &mixed), Err(TrusteeError::ReadyForAnother { trustee, closing }));
    }
    assert_eq!(give(2, &ready), Ok(()));
}

#[test]
fn attack_13_a_trustee_gives_factors_only_for_what_it_endorsed() {
    let (all, one_less, mut trustees) = two_closings();
    let mut others = ceremony(PANELS, 1, 1).1;
    approved(584, 1, &mut others);
    let endorsements = endorse_all(&all, &mut others);
    let ready = ready_all(&all, &others, &endorsements);
    let give = |trustee: &mut Trustee| {
        trustee.give_factors(&all.signed, &endorsements, &ready, &mut rng(1)).map(|_| ())
    };
    let trustee = &mut trustees[0];
    let [actual, endorsed] = [&all, &one_less].map(|ended| closed(ended).digest());
    assert_eq!(give(trustee), Err(TrusteeError::NotEndorsed { closing: actual }));
    one_less.endorse(trustee).unwrap();
    assert_eq!(give(trustee), Err(TrusteeError::OtherClosing { endorsed, actual }));
    // A trustee of another ceremony has no part in it.
    let mut stranger = ceremony(PANELS, 1, 99).1.remove(0);
    let stored = stranger.to_bytes();
    let foreign = TrusteeError::ForeignKey { contest: closed(&all).contest().fingerprint() };
    assert_eq!(all.endorse(&mut stranger).unwrap_err(), foreign);
    assert_eq!(give(&mut stranger), Err(foreign));
    assert_eq!(stranger.to_bytes(), stored);
}

#[test]
fn attack_13_a_box_too_small_to_be_opened() {
    let (all, _, mut trustees) = two_closings();
    let endorsements = endorse_all(&all, &mut trustees);
    let ready = ready_all(&all, &trustees, &endorsements);
    let give = |trustee: &mut Trustee| trustee.give_factors(&all.signed, &endorsements, &ready, &mut rng(1));
    trustees[0].set_minimum(4).stored();
    let below = TrusteeError::BelowMinimum { minimum: 4, count: 3 };
    assert_eq!(give(&mut trustees[0]).unwrap_err(), below);
    assert_eq!(trustees[0].ready(&all.signed, &endorsements).unwrap_err(), below);
    // It is not forgotten in a restart.
    assert_eq!(give(&mut restarted(&trustees[0])).unwrap_err(), below);
    trustees[0].set_minimum(3).stored();
    let of_another_box = give(&mut trustees[0]).unwrap().stored();

    let mut empty = polling(584, 0).sign_off();
    let mut trustees = empty.take_trustees();
    let endorsements = endorse_all(&empty, &mut trustees);
    assert_eq!(trustees[0].ready(&empty.signed, &endorsements).unwrap_err(), TrusteeError::Empty);
    let given = trustees[0].give_factors(&empty.signed, &endorsements, &[], &mut rng(1));
    assert_eq!(given.unwrap_err(), TrusteeError::Empty);
    let opened = OpenedTally::open(&empty.signed, &endorsements, &[]).unwrap();
    assert_eq!((opened.result().votes(), opened.result().blank()), (&[0][..], 0));
    // Factors for an empty box are neither judged nor kept: the record must have none.
    let opened = OpenedTally::open(&empty.signed, &endorsements, &[of_another_box]).unwrap();
    assert_eq!((opened.factors(), opened.rejected()), (&[][..], &[][..]));
}
