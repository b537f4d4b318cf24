//! Row 13: the heads of the box's log that a trustee is shown, and closings that leave ballots out of them.

use urne::ballot_box::ReceiptError;
use urne::primitives::VerifyingKeyError;
use urne::trustee::TrusteeError;
use urne::{BallotReference, Choice};

use crate::polling::{hash_of_fields, restarted, sign};
use crate::row_13_two_results::{closed, polling, two_closings};

#[test]
fn attack_13_a_closing_that_does_not_extend_a_head_shown() {
    let (honest, one_less, mut trustees) = two_closings();
    // The third voter's deposit is answered with a head, and left out of the closing.
    let answered = polling(584, 3);
    let head = answered.ballot_box.head();
    let contest = closed(&honest).contest().contest().clone();
    let [trustee, hasty, ..] = &mut trustees[..] else { panic!() };
    trustee.show_head(&contest, &head).unwrap().stored();
    let evidence = TrusteeError::Head { head: Box::new(head), size: 2 };
    assert_eq!(one_less.endorse(trustee).unwrap_err(), evidence);
    let mut trustee = restarted(trustee);
    assert_eq!(one_less.endorse(&mut trustee).unwrap_err(), evidence);
    assert!(evidence.to_string().contains("does not extend the head of 3 ballots"));
    // A head of a fork: as many ballots, others.
    let mut forked = polling(584, 1);
    forked.vote(3, Choice::Blank, 50);
    let fork = forked.ballot_box.head();
    let mut other = restarted(hasty);
    other.show_head(&contest, &fork).unwrap().stored();
    let evidence = TrusteeError::Head { head: Box::new(fork), size: 2 };
    assert_eq!(one_less.endorse(&mut other).unwrap_err(), evidence);
    // The box makes up for it with a closing that extends the head: who has endorsed none may endorse that, and who
    // has may not.
    one_less.endorse(hasty).unwrap();
    assert!(honest.endorse(&mut trustee).is_ok());
    assert!(matches!(honest.endorse(hasty), Err(TrusteeError::OtherClosing { .. })));
    // Every honest head, that of the empty box too, again and again, stands in nobody's way.
    let mut honest_box = polling(584, 0);
    let mut patient = restarted(&trustees[6]);
    for voter in 0..3 {
        for _ in 0..3 {
            patient.show_head(&contest, &honest_box.ballot_box.head()).unwrap().stored();
        }
        honest_box.vote(voter, Choice::List(1), 10 + i64::try_from(voter).unwrap());
    }
    assert!(honest.endorse(&mut patient).is_ok());
}

#[test]
fn attack_13_what_the_box_has_not_signed_is_no_head() {
    let (all, one_less, mut trustees) = two_closings();
    let contest = closed(&all).contest().contest().clone();
    let trustee = &mut trustees[0];
    let stored = trustee.to_bytes();
    let head = polling(584, 3).ballot_box.head();
    let mut larger = head;
    larger.size += 1;
    let refused = trustee.show_head(&contest, &larger).unwrap_err();
    assert!(matches!(refused, TrusteeError::HeadSignature(_)) && refused.says_nothing());
    let other = polling(585, 3);
    let foreign = other.ballot_box.head();
    let refused = trustee.show_head(&contest, &foreign).unwrap_err();
    assert!(matches!(refused, TrusteeError::HeadSignature(_)) && refused.says_nothing());
    // A contest that the trustee does not know is no fault of who shows something of it.
    let refused = trustee.show_head(other.contest.contest(), &foreign).unwrap_err();
    assert!(matches!(refused, TrusteeError::ForeignKey { .. } | TrusteeError::NotApproved { .. }));
    assert!(!refused.says_nothing());
    // Signed, with a number that no form can hold: the memory must be readable again.
    let mut endless = head;
    endless.size = 1 << 53;
    let digest = hash_of_fields(
        "urne/2 head",
        &[
            &contest.fingerprint().to_bytes(),
            &head.opening.to_bytes(),
            &endless.size.to_le_bytes(),
            &head.root,
            &head.at.seconds().to_le_bytes(),
        ],
    );
    endless.signature = sign(&digest);
    let refused = trustee.show_head(&contest, &endless).unwrap_err();
    assert!(matches!(refused, TrusteeError::HeadForm(_)) && refused.says_nothing());
    assert_eq!(trustee.to_bytes(), stored);
    // All in one folder, among which one is the box's: this one counts, and of the others it is said why they do not.
    let fork = TrusteeError::Head { head: Box::new(head), size: 2 };
    let mut shown = restarted(trustee);
    let passed_over = shown.show_heads(&contest, &[larger, foreign, head, endless]).unwrap();
    assert_eq!(*passed_over.to_store(), *shown.to_bytes());
    use TrusteeError::{HeadForm, HeadSignature};
    assert!(matches!(passed_over.stored()[..], [HeadSignature(_), HeadSignature(_), HeadForm(_)]));
    assert_eq!(one_less.endorse(&mut restarted(&shown)).unwrap_err(), fork);
    for shown in [&[foreign][..], &[]] {
        let refused = trustee.show_heads(other.contest.contest(), shown).unwrap_err();
        assert!(matches!(refused, TrusteeError::ForeignKey { .. } | TrusteeError::NotApproved { .. }));
    }
    let refused = trustee.show_second_closings(other.contest.contest(), &[], &[]).unwrap_err();
    assert!(matches!(refused, TrusteeError::ForeignKey { .. } | TrusteeError::NotApproved { .. }));
    assert_eq!(trustee.to_bytes(), stored);
    assert!(all.endorse(trustee).is_ok());
}

/// Whoever has the references of a record asks for no path.
#[test]
fn attack_13_a_head_is_compared_with_the_references_of_a_record() {
    let (honest, one_less, _) = two_closings();
    let (all, fewer) = (closed(&honest), closed(&one_less));
    let (contest, opening) = (all.contest().contest(), all.roll().opening_digest());
    let head = polling(584, 3).ballot_box.head();
    let verify = |references: &[BallotReference]| head.verify_references(contest, opening, references);
    assert_eq!(verify(all.references()), Ok(()));
    let fork = |closing| Err(ReceiptError::Fork { size: 3, closing });
    assert_eq!(verify(fewer.references()), fork(2));
    let mut other = all.references().to_vec();
    other.swap(1, 2);
    assert_eq!(verify(&other), fork(3));
    // The box has grown since an earlier head; what the box has not signed is none.
    let mut earlier = polling(584, 2).ballot_box.head();
    assert_eq!(earlier.verify_references(contest, opening, all.references()), Ok(()));
    earlier.at = head.at;
    earlier.size = 3;
    earlier.root = head.root;
    let unsigned = Err(ReceiptError::Head(VerifyingKeyError::Signature));
    assert_eq!(earlier.verify_references(contest, opening, all.references()), unsigned);
}

/// However often a head is handed over.
#[test]
fn attack_13_each_head_is_kept_once() {
    let (all, _, mut trustees) = two_closings();
    let contest = closed(&all).contest().contest().clone();
    let trustee = &mut trustees[0];
    let honest = polling(584, 3).ballot_box.head();
    for root in 0..200u64 {
        let mut lie = honest;
        lie.root[..8].copy_from_slice(&root.to_le_bytes());
        let digest = hash_of_fields(
            "urne/2 head",
            &[
                &contest.fingerprint().to_bytes(),
                &lie.opening.to_bytes(),
                &lie.size.to_le_bytes(),
                &lie.root,
                &lie.at.seconds().to_le_bytes(),
            ],
        );
        lie.signature = sign(&digest);
        trustee.show_head(&contest, &lie).unwrap().stored();
        trustee.show_head(&contest, &lie).unwrap().stored();
    }
    // 8 bytes of length and 178 of form for each, once.
    let empty = trustees[1].to_bytes().len();
    let first_of_contest = 32 + 1 + 8 + 8;
    assert_eq!(trustees[0].to_bytes().len(), empty + first_of_contest + 200 * (8 + 178));
    assert!(matches!(all.endorse(&mut restarted(&trustees[0])), Err(TrusteeError::Head { size: 3, .. })));
}
