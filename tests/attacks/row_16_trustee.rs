//! Row 16, what the trustees find: a roll stuffed by a second, back-dated opening, and signings that differ from
//! ballots. Box and issuer lie together here, and sign whatever suits them.

use std::collections::BTreeSet;

use urne::ballot_box::{Closing, RollError, SignedBox, SignedOpening, Signings};
use urne::primitives::VerifyingKeyError;
use urne::trustee::TrusteeError;
use urne::{Choice, Trustee, Unsent, VoterId};

use crate::polling::{
    COMPLAINTS, END, Ended, OPENED, Office, Polling, approved, at, box_key, ceremony, restarted, rng,
};

/// A box of one contest, whose key the same trustees hold, with so many voters on its roll and all but one of them
/// voting. The more there are, the more of them are nobody.
fn polling(electors: u8) -> Polling {
    let (_, mut trustees) = ceremony(&[(1, 1)], 1, 1);
    let contest = approved(584, 1, &mut trustees);
    let mut polling = Office::of(contest, trustees, electors).open();
    for voter in 1..usize::from(electors) {
        polling.vote(voter, Choice::List(1), 10);
    }
    polling
}

fn opening(polling: &Polling) -> SignedOpening {
    polling.ballot_box.roll().signed_opening()
}

/// The honest box of 4 voters, one whose opening is of 4 others, and one whose opening is of 6. All are dated before
/// the contest opens.
struct Openings {
    honest: Polling,
    swapped: Polling,
    stuffed: Polling,
}

fn openings() -> Openings {
    let swapped = {
        let (_, mut trustees) = ceremony(&[(1, 1)], 1, 1);
        let contest = approved(584, 1, &mut trustees);
        let mut office = Office::of(contest, trustees, 0);
        office.rng = rng(3);
        ["nobody", "voter 1", "voter 2", "voter 3"].iter().for_each(|name| office.register(name));
        let mut polling = office.open();
        (1..4).for_each(|voter| {
            polling.vote(voter, Choice::List(1), 10);
        });
        polling
    };
    let openings = Openings { honest: polling(4), swapped, stuffed: polling(6) };
    let contest = openings.honest.contest.contest();
    for polling in [&openings.honest, &openings.swapped, &openings.stuffed] {
        assert_eq!(polling.contest.fingerprint(), contest.fingerprint());
        assert!(opening(polling).verify(contest).is_ok());
        assert_eq!(opening(polling).at(), at(OPENED));
    }
    assert_ne!(openings.honest.opening, openings.swapped.opening);
    openings
}

fn voters(ended: &Ended, number: usize) -> BTreeSet<VoterId> {
    ended.voters.iter().take(number).cloned().collect()
}

fn endorse(ended: &Ended, trustee: &mut Trustee, voters: &BTreeSet<VoterId>) -> Result<(), TrusteeError> {
    let Ended { signed, signings, .. } = ended;
    let mut asked = restarted(trustee);
    asked.given(signed.closed(), at(END)).unwrap().stored();
    asked.endorse(signed, signings, voters, &COMPLAINTS, at(END), &mut rng(1)).map(|_| *trustee = asked)
}

#[test]
fn attack_16_a_trustee_keeps_to_the_opening_that_it_saw_in_time() {
    let Openings { honest, swapped, stuffed } = openings();
    let (contest, kept, actual) = (honest.contest.contest().clone(), honest.opening, swapped.opening);
    let [of_honest, of_swapped, of_stuffed] = [&honest, &swapped, &stuffed].map(opening);
    let [mut honest, swapped, stuffed] = [honest, swapped, stuffed].map(Polling::sign_off);
    let trustee = &mut honest.take_trustees()[0];
    assert_eq!(trustee.keep_opening(&contest, &of_honest, 4, at(OPENED)).map(Unsent::stored), Ok(()));
    // A second one, back-dated, before the contest opens or after.
    let other = || TrusteeError::OtherOpening { kept, actual };
    assert_eq!(trustee.keep_opening(&contest, &of_swapped, 4, at(-1)).map(Unsent::stored), Err(other()));
    let opened = TrusteeError::Opened { now: at(0), opens_at: at(0) };
    assert_eq!(
        trustee.keep_opening(&contest, &of_swapped, 4, at(0)).map(Unsent::stored),
        Err(opened.clone())
    );
    assert_eq!(trustee.keep_opening(&contest, &of_honest, 4, at(0)).map(Unsent::stored), Err(opened));
    assert_eq!(trustee.keep_opening(&contest, &of_honest, 4, at(-1)).map(Unsent::stored), Ok(()));
    // Whatever number of voters comes with it.
    let stuffing = TrusteeError::OtherOpening { kept, actual: of_stuffed.verify(&contest).unwrap() };
    assert_eq!(
        trustee.keep_opening(&contest, &of_stuffed, 6, at(-1)).map(Unsent::stored),
        Err(stuffing.clone())
    );
    // Nor is a closing endorsed under it.
    let trustee = &mut restarted(trustee);
    assert_eq!(endorse(&swapped, trustee, &swapped.voters), Err(other()));
    assert_eq!(endorse(&stuffed, trustee, &stuffed.voters), Err(stuffing));
    // Under the one kept it is, and the number of voters has been compared before.
    let mut more = honest.voters.clone();
    more.insert(VoterId::new("moved away").unwrap());
    assert_eq!(endorse(&honest, trustee, &more), Ok(()));
}

#[test]
fn attack_16_a_trustee_that_saw_no_opening_compares_the_number_of_voters() {
    let Openings { honest, stuffed, .. } = openings();
    let contest = honest.contest.contest().clone();
    let of_stuffed = opening(&stuffed);
    let [mut honest, stuffed] = [honest, stuffed].map(Polling::sign_off);
    let trustee = &mut honest.take_trustees()[0];
    let stored = trustee.to_bytes();
    let number = || TrusteeError::Voters { expected: 4, actual: 6 };
    assert_eq!(trustee.keep_opening(&contest, &of_stuffed, 4, at(-1)).map(Unsent::stored), Err(number()));
    assert_eq!(endorse(&stuffed, trustee, &voters(&stuffed, 4)), Err(number()));
    let fewer = TrusteeError::Voters { expected: 3, actual: 4 };
    assert_eq!(endorse(&honest, trustee, &voters(&honest, 3)), Err(fewer));
    assert_eq!(trustee.to_bytes(), stored, "nothing is kept");
    // With the number it is, and from now on the trustee keeps to that opening.
    assert_eq!(endorse(&honest, trustee, &honest.voters), Ok(()));
    let [kept, actual] = [&honest, &stuffed].map(|ended| ended.signed.closed().roll().opening_digest());
    let other = TrusteeError::OtherOpening { kept, actual };
    assert_eq!(trustee.keep_opening(&contest, &of_stuffed, 6, at(-1)).map(Unsent::stored), Err(other));
}

#[test]
fn attack_16_an_opening_that_the_issuer_has_not_signed_is_not_kept() {
    let Openings { mut honest, .. } = openings();
    let contest = honest.contest.contest();
    let mut bytes = opening(&honest).to_bytes();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let unsigned = SignedOpening::from_bytes(&bytes).unwrap();
    let refused = honest.trustees[0].keep_opening(contest, &unsigned, 4, at(-1)).unwrap_err();
    let signature = RollError::IssuerSignature(VerifyingKeyError::Signature);
    assert_eq!(refused, TrusteeError::Opening(signature));
}

/// A head that the box gave out under a second opening is evidence, whichever the trustee keeps to.
#[test]
fn attack_16_a_head_under_a_second_opening_stops_the_endorsement() {
    let Openings { honest, swapped, .. } = openings();
    let contest = honest.contest.contest().clone();
    let [own, other] = [&honest, &swapped].map(|polling| polling.ballot_box.head());
    assert_ne!(own.opening, other.opening);
    let mut ended = honest.sign_off();
    let trustee = &mut ended.take_trustees()[0];
    trustee.show_head(&contest, &own).unwrap().stored();
    let mut honest_one = restarted(trustee);
    trustee.show_head(&contest, &other).unwrap().stored();
    let evidence = TrusteeError::HeadUnderAnother { opening: other.opening, head: Box::new(other) };
    assert_eq!(endorse(&ended, trustee, &ended.voters), Err(evidence.clone()));
    assert_eq!(endorse(&ended, &mut restarted(trustee), &ended.voters), Err(evidence));
    assert_eq!(endorse(&ended, &mut honest_one, &ended.voters), Ok(()));
}

/// The same box under a closing with the digest of another list.
fn with_signings(ended: &Ended, signings: &Signings) -> SignedBox {
    let closed = ended.signed.closed();
    let contest = closed.contest().contest();
    let digest = signings.digest();
    ended.with_closing(
        Closing::sign(contest, closed.roll(), closed.references(), digest, at(END), &box_key()).unwrap(),
    )
}

#[test]
fn attack_16_signings_that_differ_from_ballots() {
    let mut ended = polling(4).sign_off();
    let trustee = &mut ended.take_trustees()[0];
    let stored = trustee.to_bytes();
    let mut endorse = |signed: &SignedBox, signings: &Signings| {
        trustee.endorse(signed, signings, &ended.voters, &COMPLAINTS, at(END), &mut rng(1)).map(|_| ())
    };
    let honest = ended.signings.voters().to_vec();
    assert_eq!(honest.len(), 3);
    let list = |random: u8, voters: &[VoterId]| Signings::new([random; 32], voters.to_vec()).unwrap();
    // Another list than the one that is signed, or the same with other random bytes.
    assert_eq!(endorse(&ended.signed, &list(1, &honest)), Err(TrusteeError::SigningsDigest));
    assert_eq!(endorse(&ended.signed, &list(1, &honest[1..])), Err(TrusteeError::SigningsDigest));
    // One is missing, one too many, one is no voter.
    let all: Vec<_> = ended.voters.iter().cloned().collect();
    for (voters, signings) in [(&honest[1..], 2), (&all[..], 4), (&[], 0)] {
        let list = list(2, voters);
        let refused = TrusteeError::SigningsCount { ballots: 3, signings };
        assert_eq!(endorse(&with_signings(&ended, &list), &list), Err(refused));
    }
    let stranger = VoterId::new("nobody").unwrap();
    let list = list(3, &[honest[0].clone(), stranger.clone(), honest[2].clone()]);
    let refused = TrusteeError::NotAVoter { voter: stranger };
    assert_eq!(endorse(&with_signings(&ended, &list), &list), Err(refused));
    assert_eq!(trustee.to_bytes(), stored);
    assert!(ended.endorse(trustee).is_ok());
}
