//! Row 22 for issuers: one that is made again from what it stored goes on where it was, and one made from less signs
//! nothing, or nothing against what it signed before. The form is tested byte by byte in
//! `src/ballot_box/issuer/memory/tests.rs`.

use urne::ballot_box::{Issued, IssuerError, SignedBox, Validity};
use urne::primitives::Kind;
use urne::{BallotBox, Choice, ClosedBox, Credential, DecodeError, Issuer, Unsent};

use crate::dealer::retagged;
use crate::polling::acts::OneByOne;
use crate::polling::{
    END, OPENED, Office, Polling, approved, at, box_key, ceremony, issuer_key, rng, sign_closing,
};

/// A contest whose issuer has given codes to so many voters.
fn office(electors: u8) -> Office {
    let (_, mut trustees) = ceremony(&[(1, 1)], 2, 1);
    Office::of(approved(584, 2, &mut trustees), trustees, electors)
}

fn restarted(issuer: &Issuer) -> Issuer {
    Issuer::from_bytes(&issuer.to_bytes()).unwrap()
}

/// What the letters say: whose they are, with which code, and of which credentials.
fn letters(issued: &[Issued]) -> Vec<(String, String, Vec<[u8; 32]>)> {
    let credentials =
        |letter: &Issued| letter.issues.iter().map(|issue| issue.credential().to_bytes()).collect();
    let letter = |letter: &Issued| {
        (letter.voter.to_string(), letter.code.expose_text().to_string(), credentials(letter))
    };
    issued.iter().map(letter).collect()
}

#[test]
fn attack_22_an_issuer_with_an_empty_memory_signs_nothing() {
    let office = office(3);
    let (contest, proposed) =
        (office.contest.clone(), office.roll.propose(at(OPENED), &box_key()).unwrap().stored());
    let mut empty = Issuer::with_empty_memory(issuer_key());
    let refused = empty.sign_opening(contest.contest(), &proposed).unwrap_err();
    assert!(matches!(refused, IssuerError::Unknown { entry: Some(0), .. }), "{refused}");
    let mut polling = office.open();
    polling.vote(0, Choice::List(1), 10);
    let closed = polling.ballot_box.close(at(END), &mut rng(5)).unwrap().0;
    let refused = sign_closing(&mut empty, &closed).unwrap_err();
    assert_eq!(refused, IssuerError::NotOpened { actual: closed.roll().opening_digest() });
    assert_eq!(empty.unsent_codes().len(), 0);
}

/// The process dies when it has stored, before a letter is printed or the roll has an issue.
#[test]
fn attack_22_a_crash_between_storing_and_printing_loses_no_code() {
    let mut office = office(2);
    let contests = [office.contest.contest()];
    let ids = ["late one", "late two"].map(|name| urne::VoterId::new(name).unwrap());
    office.issuer.letters_sent(&office.issuer.unsent_codes()).stored();
    let voters = ids.clone().map(|id| (id, contests.to_vec()));
    let unsent = office.issuer.issue(&voters, Validity::UntilClose, at(-2_000), &mut rng(3)).unwrap();
    let stored = unsent.to_store().to_vec();
    let printed = unsent.stored();

    let mut again = Issuer::from_bytes(&stored).unwrap();
    assert_eq!(letters(&again.unsent_codes()), letters(&printed));
    for letter in again.unsent_codes() {
        let issue = &letter.issues[0];
        assert_eq!(issue.voter(), &letter.voter);
        assert_eq!(issue.credential(), Credential::derive(contests[0], &letter.code).public());
        office.roll.register(issue.clone()).unwrap();
    }
    // What the roll is made of is all there, in force.
    let of_roll: Vec<_> =
        again.issues(contests[0]).iter().map(|issue| office.roll.get(issue.voter()) == Some(issue)).collect();
    assert_eq!(of_roll, [true; 4]);
    // One letter is sent; the other is not, whatever happens next.
    again.letters_sent(&again.unsent_codes()[..1]).stored();
    assert_eq!(letters(&restarted(&again).unsent_codes()), letters(&printed)[1..]);
    let before = again.to_bytes();
    again.letters_sent(&printed[..1]).stored();
    assert_eq!(again.to_bytes(), before, "the same again changes nothing");
    again.letters_sent(&printed).stored();
    assert_eq!(restarted(&again).unsent_codes().len(), 0);
    // And the codes are gone from what is stored.
    for letter in &printed {
        let code = letter.code.expose_bytes();
        let found = |stored: &[u8]| stored.windows(15).any(|window| window == &code[..]);
        assert!(found(&stored) && !found(&again.to_bytes()));
    }
}

/// The box refuses the new code: then the old one stands again, and its letter can still be sent.
#[test]
fn attack_22_the_code_before_a_refused_one_is_not_lost() {
    let mut office = office(1);
    let first = letters(&office.issuer.unsent_codes());
    let (id, contests) = (office.electors[0].id.clone(), [office.contest.contest()]);
    let (validity, now) = (Validity::TWO_MINUTES, at(-1_900));
    let second = office.issuer.reissue(&id, &contests, validity, now, &mut rng(4)).unwrap().stored();
    office.issuer = restarted(&office.issuer);
    assert_eq!(letters(&office.issuer.unsent_codes()), letters(std::slice::from_ref(&second)));
    office.issuer.withdraw(&second.issues[0]).unwrap().stored();
    office.issuer = restarted(&office.issuer);
    assert_eq!(letters(&office.issuer.unsent_codes()), first);
    // A code that came after the letter that is sent is kept, one that it took the place of is not.
    let third = office.issuer.reissue(&id, &contests, validity, now, &mut rng(5)).unwrap().stored();
    let fourth = office.issuer.reissue(&id, &contests, validity, now, &mut rng(6)).unwrap().stored();
    office.issuer.letters_sent(&[third]).stored();
    assert_eq!(letters(&office.issuer.unsent_codes()), letters(std::slice::from_ref(&fourth)));
    office.issuer.withdraw(&fourth.issues[0]).unwrap().stored();
    assert_eq!(office.issuer.unsent_codes().len(), 0);
}

/// Storing a reissue fails, and it is asked for again: the issuer has drawn two codes, and the box is given the second.
#[test]
fn attack_22_a_reissue_that_the_box_was_never_given_does_not_stop_the_closing() {
    for restart in [false, true] {
        let mut polling = office(2).open();
        let (id, contest) = (polling.id(0), polling.contest.clone());
        let validity = Validity::UntilClose;
        // The disk is full: nobody sees the code.
        drop(polling.issuer.reissue(&id, &[contest.contest()], validity, at(10), &mut rng(7)).unwrap());
        polling.reissue(0, validity, 20).unwrap();
        polling.vote(0, Choice::List(1), 30);
        if restart {
            polling.issuer = restarted(&polling.issuer);
        }
        let closed = polling.ballot_box.close(at(END), &mut rng(5)).unwrap().0;
        let refused = sign_closing(&mut polling.issuer, &closed).unwrap_err();
        let IssuerError::Missing { voter, credential } = refused else { panic!("{refused}") };
        let issues = polling.issuer.issues_of(contest.contest(), &voter);
        let places: Vec<_> = issues.iter().map(|issue| closed.roll().get(&issue.credential())).collect();
        assert_eq!(
            places.iter().map(|entry| entry.map(|it| it.revoked)).collect::<Vec<_>>(),
            [Some(true), None, Some(false)]
        );
        let lost = issues.iter().find(|issue| issue.credential().to_bytes() == credential).unwrap();
        polling.issuer.withdraw(lost).unwrap().stored();
        let signature = sign_closing(&mut polling.issuer, &closed).unwrap();
        assert!(SignedBox::new(closed, signature).is_ok());
        // What roll and box never had is not among them.
        assert_eq!(polling.issuer.issues_of(contest.contest(), &voter).len(), 2);
        assert_eq!(polling.issuer.issues_of(contest.contest(), &polling.id(1)).len(), 1);
        let stranger = urne::VoterId::new("nobody").unwrap();
        assert_eq!(polling.issuer.issues_of(contest.contest(), &stranger), []);
    }
}

#[test]
fn attack_22_a_restart_of_the_issuer_after_every_act_changes_nothing() {
    let mut office = office(3);
    office.issuer = restarted(&office.issuer);
    let contest = office.contest.clone();
    let (proposed, roll) =
        (office.roll.propose(at(OPENED), &box_key()).unwrap().stored(), office.roll.clone());
    let opening = office.issuer.sign_opening(contest.contest(), &proposed).unwrap().stored();
    office.issuer = restarted(&office.issuer);
    assert_eq!(office.issuer.sign_opening(contest.contest(), &proposed).map(Unsent::stored), Ok(opening));
    // A second opening, of a second earlier: it is refused as it would have been before.
    let second = roll.propose(at(OPENED - 1), &box_key()).unwrap().stored();
    let refused = office.issuer.sign_opening(contest.contest(), &second).unwrap_err();
    assert!(matches!(refused, IssuerError::OtherOpening { .. }), "{refused}");

    let mut polling: Polling = office.open();
    polling.vote(0, Choice::List(1), 10);
    polling.issuer = restarted(&polling.issuer);
    polling.reissue(1, Validity::UntilClose, 20).unwrap();
    polling.issuer = restarted(&polling.issuer);
    polling.vote(1, Choice::Blank, 30);
    // Taken back because the box refuses it, and that is not forgotten either.
    polling.reissue(0, Validity::UntilClose, 40).unwrap_err();
    let mut issuer = restarted(&polling.issuer);
    let other_box = polling.rebuilt();
    let (closed, second) = (close(polling.ballot_box, 5), close(other_box, 6));
    let signature = sign_closing(&mut issuer, &closed).unwrap();
    let mut issuer = restarted(&issuer);
    assert_eq!(sign_closing(&mut issuer, &closed), Ok(signature));
    assert!(SignedBox::new(closed.clone(), signature).is_ok());
    assert_ne!(second.digest(), closed.digest());
    let other = IssuerError::OtherClosing { signed: closed.digest(), actual: second.digest() };
    assert_eq!(sign_closing(&mut issuer, &second), Err(other));
}

/// With a list of signings that the seed makes.
fn close(mut ballot_box: BallotBox, seed: u64) -> ClosedBox {
    ballot_box.close(at(END), &mut rng(seed)).unwrap().0
}

#[test]
fn attack_22_an_issuer_that_is_cut_altered_or_mixed_is_refused() {
    let mut office = office(3);
    let before = office.issuer.to_bytes();
    let id = office.electors[0].id.clone();
    let contests = [office.contest.contest()];
    office.issuer.reissue(&id, &contests, Validity::TWO_MINUTES, at(-1_900), &mut rng(4)).unwrap().stored();
    let stored = office.issuer.to_bytes();
    let error = |stored: &[u8]| Issuer::from_bytes(stored).map(|_| ()).unwrap_err();
    assert_eq!(error(&[]), DecodeError::TooShort { expected: 1, actual: 0 });
    for length in 1..stored.len() {
        assert!(Issuer::from_bytes(&stored[..length]).is_err(), "{length}");
    }
    let long = DecodeError::TooLong { expected: stored.len(), actual: stored.len() + 1 };
    assert_eq!(error(&[&stored[..], &[0]].concat()), long);
    for place in 0..stored.len() {
        let mut altered = stored.to_vec();
        altered[place] ^= 1;
        assert!(Issuer::from_bytes(&altered).is_err(), "{place}");
    }
    // One memory with the tag of another, and under another key.
    let [own, older] = [&stored, &before].map(|stored| stored.split_at(stored.len() - 32));
    assert_eq!(error(&[own.0, older.1].concat()), DecodeError::Altered);
    assert_eq!(error(&[older.0, own.1].concat()), DecodeError::Altered);
    let mut other_key = stored.to_vec();
    other_key[2..34].fill(7);
    assert_eq!(error(&other_key), DecodeError::Altered);
    // Whoever knows all of it makes another issuer.
    let other = Issuer::from_bytes(&retagged(&stored, |stored| stored[2..34].fill(7))).unwrap();
    assert_ne!(other.public_key(), issuer_key().public());
    let kind = DecodeError::Kind { expected: Kind::Issuer, actual: Kind::Trustee.byte() };
    assert_eq!(error(&[Kind::Trustee.byte(), 2]), kind);
}
