//! What the voter checks once the box has closed; and that no screen tells the choice.

use urne::ballot_box::BoxFlaw;
use urne::record::{CheckError, EndorsedRecord, FoundBallot, GivenRecord, Hex, PublishedError};
use urne::tally::EndorsementError;
use urne::voter::Voted;
use urne::{Choice, ClosedRecord, Fingerprint, PanelIndex};

use crate::common::OPENS_AT;
use crate::election::{Closed, Election};

/// Anne's vote, then Bruno's, and a box of the same contest that has Bruno's ballot in its place.
fn voted_and_forked() -> (Voted, Closed, Closed) {
    let (mut election, mut forked) = (Election::new(), Election::new());
    let bruno = forked.active("bruno", OPENS_AT);
    forked.vote("bruno", bruno, 584, Choice::List(3), OPENS_AT);
    let bruno = election.active("bruno", OPENS_AT);
    let anne = election.active("anne", OPENS_AT);
    let (_, voted) = election.vote("anne", anne, 584, Choice::List(1), OPENS_AT);
    election.vote("bruno", bruno, 584, Choice::List(3), OPENS_AT);
    (voted, election.close(584), forked.close(584))
}

/// Where the ballot is, and the refusal of a closing of so many ballots that does not extend its head.
fn expected(voted: &Voted) -> (FoundBallot, impl Fn(u64) -> CheckError) {
    let head = voted.receipt().deposit_proof.head;
    let fork = move |closing| CheckError::Fork { head: Box::new(head), closing };
    (FoundBallot { index: 0, reference: voted.reference() }, fork)
}

#[test]
fn attack_16_in_the_time_for_complaints_the_closing_given_to_the_trustees_is_checked() {
    let (voted, closed, mut forked) = voted_and_forked();
    let (found, fork) = expected(&voted);
    assert_eq!(voted.check_given(&closed.told(&closed.given()).unwrap()), Ok(found));
    let refused = voted.check_given(&forked.told(&forked.given()).unwrap()).unwrap_err();
    assert_eq!(refused, fork(1));
    assert!(refused.to_string().contains("hand it to a trustee"));
    // What the refusal gives is what a trustee stops such a closing with.
    let contest = forked.closed().contest().contest().clone();
    forked.trustee.show_head(&contest, refused.evidence().unwrap()).unwrap().stored();
    let complaints = crate::election::COMPLAINTS;
    let voters = ["anne", "bruno"].map(crate::election::id).into();
    let Closed { signed, signings, trustee, rng } = &mut forked;
    trustee.given(signed.closed(), crate::common::ENDS_AT).unwrap().stored();
    let endorsed = trustee.endorse(signed, signings, &voters, &complaints, crate::common::ENDS_AT, rng);
    assert!(matches!(endorsed.unwrap_err(), urne::trustee::TrusteeError::Head { .. }));

    // No trustee says anything, or one of them something else.
    let told = |given: &[_]| closed.told(given).unwrap_err();
    assert_eq!(told(&[]), PublishedError::NobodyWasGiven);
    let trustee = closed.given()[0].trustee;
    let refused = PublishedError::OtherGiven { trustee, closing: forked.closed().digest() };
    assert_eq!(told(&forked.given()), refused);
    assert_eq!(told(&[closed.given(), forked.given()].concat()), refused);
}

/// A record that is bent to the voter's liking is not what its closing is over.
/// What is done to a record with one ballot more at hand, and the flaw that must come of it.
type Change = (fn(&mut ClosedRecord, Vec<u8>), fn(&BoxFlaw) -> bool);

#[test]
fn attack_16_a_record_counts_only_under_its_own_closing() {
    let (_, mut closed, forked) = voted_and_forked();
    let (honest, counted) = (ClosedRecord::new(closed.closed()), closed.counted());
    let published = [closed.closed().contest().contest().fingerprint()];
    let (more, given) = (forked.closed().ballots()[0].clone(), closed.given());
    let changes: [Change; 6] = [
        (
            |record, more| record.ballots.push(urne::record::HexBytes(more)),
            |flaw| {
                matches!(flaw, BoxFlaw::RepeatedReference { ballot: 2, earlier: 1 } | BoxFlaw::Size { .. })
            },
        ),
        (|record, _| drop(record.ballots.pop()), |flaw| *flaw == BoxFlaw::Size { expected: 2, actual: 1 }),
        (|record, _| record.ballots.swap(0, 1), |flaw| matches!(flaw, BoxFlaw::Root { .. })),
        (|record, _| record.roll[0].revoked = true, |flaw| matches!(flaw, BoxFlaw::ClosingSignature(_))),
        (|record, _| record.opening.at -= 1, |flaw| matches!(flaw, BoxFlaw::ClosingSignature(_))),
        (|record, _| record.closing.at = 0, |flaw| matches!(flaw, BoxFlaw::ClosingSignature(_))),
    ];
    for (number, (change, is_it)) in changes.into_iter().enumerate() {
        let mut record = honest.clone();
        change(&mut record, more.clone());
        let mut other = counted.clone();
        (other.ballots, other.roll) = (record.ballots.clone(), record.roll.clone());
        (other.opening, other.closing.at) = (record.opening.clone(), record.closing.at);
        let refusals = [
            GivenRecord::verify(&record, &given).map(|_| ()),
            EndorsedRecord::verify(&other, &published).map(|_| ()),
        ];
        for refused in refusals {
            let Err(PublishedError::Closing(flaw)) = refused else { panic!("{number}: {refused:?}") };
            assert!(is_it(&flaw), "{number}: {flaw}");
        }
    }
    // Nor is a contest that the trustees do not publish, whoever endorses its closing.
    let fingerprint = published[0];
    for published in [&[][..], &[Fingerprint::from_bytes([1; 32])]] {
        let refused = EndorsedRecord::verify(&counted, published).unwrap_err();
        assert_eq!(refused, PublishedError::NotPublished { fingerprint });
    }
}

#[test]
fn attack_16_after_the_count_the_closing_that_was_endorsed_is_checked() {
    let (voted, mut closed, mut forked) = voted_and_forked();
    let (found, fork) = expected(&voted);
    let record = closed.endorsed();
    assert_eq!(voted.check_counted(&record), Ok(found));
    assert_eq!(record.closing().digest(), closed.closed().digest());
    assert_eq!(voted.check_counted(&forked.endorsed()), Err(fork(1)));
    // Without the endorsements, or the issuer's signature, a record counts for nothing.
    let published = [closed.closed().contest().contest().fingerprint()];
    let mut bare = closed.counted();
    bare.closing.endorsements.clear();
    let quorum = EndorsementError::Quorum {
        panel: PanelIndex::new(1).unwrap(),
        required: 1,
        actual: 0,
        rejected: Vec::new(),
    };
    let refused = EndorsedRecord::verify(&bare, &published).unwrap_err();
    assert_eq!(refused, PublishedError::Endorsement(quorum));
    let mut unsigned = closed.counted();
    unsigned.closing.issuer_signature = Hex([0; 64]);
    let refused = EndorsedRecord::verify(&unsigned, &published).unwrap_err();
    let PublishedError::Endorsement(EndorsementError::Closing(flaw)) = refused else { panic!("{refused}") };
    assert!(matches!(flaw, BoxFlaw::IssuerSignature(_)));
    // Another contest's record says nothing of this vote.
    let mut election = Election::new();
    let anne = election.active("anne", OPENS_AT);
    election.vote("anne", anne, 610, Choice::List(1), OPENS_AT);
    let mut elsewhere = election.close(610);
    let actual = elsewhere.closed().contest().contest().fingerprint();
    let foreign = CheckError::ForeignContest { expected: published[0], actual };
    assert_eq!(voted.check_counted(&elsewhere.endorsed()), Err(foreign));
}

/// The head is under the opening that both have signed, and the closing under another.
#[test]
fn attack_16_a_closing_under_a_second_opening_leaves_the_head_as_evidence() {
    let (mut election, mut stuffed) = (Election::new(), Election::of(&["anne", "bruno", "nobody"]));
    let anne = election.active("anne", OPENS_AT);
    let (_, voted) = election.vote("anne", anne, 584, Choice::Blank, OPENS_AT);
    let nobody = stuffed.active("bruno", OPENS_AT);
    stuffed.vote("bruno", nobody, 584, Choice::Blank, OPENS_AT);
    let stuffed = stuffed.close(584);
    let refused = voted.check_given(&stuffed.told(&stuffed.given()).unwrap()).unwrap_err();
    let head = voted.receipt().deposit_proof.head;
    let record = stuffed.closed().roll().opening_digest();
    assert_eq!(refused, CheckError::OtherOpening { head: Box::new(head), record });
    assert_eq!(refused.evidence(), Some(&head));
}

#[test]
fn attack_19_no_screen_tells_the_choice_to_a_log() {
    let mut election = Election::new();
    let mut selection = election.active("anne", OPENS_AT).choose(584, OPENS_AT).unwrap().activate_selection();
    let mut shown = Vec::new();
    for choice in [Choice::Blank, Choice::List(1), Choice::List(3)] {
        let confirmation = selection.select(choice).unwrap();
        shown.push(format!("{confirmation:?}"));
        selection = confirmation.back();
    }
    assert!(shown.iter().all(|text| *text == shown[0] && text.contains("Choice(redacted)")));
}
