//! What the voter checks once the box has closed; and that no screen tells the choice.

use urne::Choice;
use urne::voter::{CheckError, Voted};

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

#[test]
fn attack_16_in_the_time_for_complaints_the_closing_given_to_the_trustees_is_checked() {
    let (voted, closed, forked) = voted_and_forked();
    let path = closed.path(1);
    assert_eq!(closed.check_given(&voted, &closed.given(), &path), Ok(()));
    let head = voted.receipt().deposit_proof.head;
    let fork = CheckError::Fork { opening: head.opening, head: Box::new(head), closing: 1 };
    assert!(fork.to_string().contains("hand it to a trustee"));
    assert_eq!(forked.check_given(&voted, &forked.given(), &forked.path(1)), Err(fork));
    // No trustee says anything, or one of them something else.
    assert_eq!(closed.check_given(&voted, &[], &path), Err(CheckError::NobodyWasGiven));
    let trustee = closed.given()[0].trustee;
    let other = forked.closed().digest();
    let refused = CheckError::OtherGiven { trustee, closing: other };
    assert_eq!(closed.check_given(&voted, &forked.given(), &path), Err(refused.clone()));
    let mixed = [closed.given(), forked.given()].concat();
    assert_eq!(closed.check_given(&voted, &mixed, &path), Err(refused));
    // A closing that is bent to the voter's liking is not what the trustees were given.
    let mut bent = *closed.closed().closing();
    bent.size += 1;
    let refused = voted.check_given(&bent, closed.closed().roll().digest(), &closed.given(), &path);
    let given = closed.closed().digest();
    assert_eq!(refused, Err(CheckError::OtherGiven { trustee, closing: given }));
}

#[test]
fn attack_16_after_the_count_the_closing_that_was_endorsed_is_checked() {
    let (voted, mut closed, mut forked) = voted_and_forked();
    let path = closed.path(1);
    assert_eq!(voted.check_counted(&closed.endorsed(), &path), Ok(()));
    let head = voted.receipt().deposit_proof.head;
    let fork = CheckError::Fork { opening: head.opening, head: Box::new(head), closing: 1 };
    assert_eq!(voted.check_counted(&forked.endorsed(), &forked.path(1)), Err(fork));
    // No path but the right one leads there.
    let fork = CheckError::Fork { opening: head.opening, head: Box::new(head), closing: 2 };
    assert_eq!(voted.check_counted(&closed.endorsed(), &closed.path(2)), Err(fork));
    // Of another contest, it is under another opening.
    let mut election = Election::new();
    let anne = election.active("anne", OPENS_AT);
    election.vote("anne", anne, 610, Choice::List(1), OPENS_AT);
    let mut elsewhere = election.close(610);
    let actual = elsewhere.closed().roll().opening_digest();
    let refused = CheckError::Opening { expected: head.opening, actual };
    assert_eq!(voted.check_counted(&elsewhere.endorsed(), &elsewhere.path(1)), Err(refused));
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
