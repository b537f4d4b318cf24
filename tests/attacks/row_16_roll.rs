//! Row 16, the roll: nobody is added to it by box or issuer alone, before the opening or after, and no used
//! credential is revoked. What the issuer compares is tested beside its code, in
//! `src/ballot_box/issuer/tests.rs`.

use urne::ballot_box::{
    ActivationError, Answer, BoxFlaw, Closing, IssuerError, OpenError, Opening, RegistrationError,
    ReissueError, RollEntry, RollError, SignedBox, Validity,
};
use urne::primitives::VerifyingKeyError;
use urne::{BallotBox, Choice, ClosedBox, Contest, ElectoralRoll, Issuer, Roll, SigningKey};

use crate::polling::acts::{self, OneByOne};
use crate::polling::{
    END, Elector, OPEN_FOR, OPENED, Office, Polling, approve, approved, at, box_key, ceremony, description,
    issue, issuer_key, rng, sign, sign_as_issuer, sign_closing, sign_opening,
};

const LIST_1: Choice = Choice::List(1);
const FALSE: VerifyingKeyError = VerifyingKeyError::Signature;

fn entry(elector: &Elector) -> RollEntry {
    RollEntry { credential: elector.credential.public(), revoked: false }
}

fn office(electors: u8) -> Office {
    let (_, mut trustees) = ceremony(&[(1, 1)], 2, 1);
    Office::of(approved(584, 2, &mut trustees), trustees, electors)
}

/// An opening over these entries, in their order, signed by both whatever they are.
fn signed_by_both(contest: &Contest, entries: &[RollEntry], seconds: i64) -> Opening {
    let voters = entries.len() as u64;
    let all: Vec<_> = entries.iter().map(|entry| entry.credential.to_bytes()).collect();
    let all: Vec<_> = all.iter().map(|credential| &credential[..]).collect();
    let credentials = crate::polling::hash_of_fields("urne/2 credentials", &all);
    let (fingerprint, time) = (contest.fingerprint().to_bytes(), at(seconds).seconds().to_le_bytes());
    let fields: [&[u8]; 4] = [&fingerprint, &voters.to_le_bytes(), &credentials, &time];
    let digest = crate::polling::hash_of_fields("urne/2 opening", &fields);
    let [box_signature, issuer_signature] = [sign(&digest), sign_as_issuer(&digest)];
    Opening { voters, at: at(seconds), box_signature, issuer_signature }
}

#[test]
fn attack_16_roll_stuffed_after_the_opening() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    let (closed, _) = polling.close();
    let (contest, roll) = (closed.contest(), closed.roll());
    let added = entry(&Elector::stranger(contest, "dead soul", 0, 66));

    // Put behind the others.
    let mut entries = roll.entries().to_vec();
    entries.push(added);
    let verify = |entries, opening| Roll::verify(contest.contest(), opening, entries);
    assert_eq!(verify(entries, *roll.opening()).unwrap_err(), RollError::Standing { voters: 3, actual: 4 });
    // In the place of another, or among those of the opening, with the number changed.
    let mut entries = roll.entries().to_vec();
    entries[2] = added;
    entries.sort_by_key(|entry| entry.credential);
    let false_signature = RollError::BoxSignature(FALSE);
    assert_eq!(verify(entries, *roll.opening()).unwrap_err(), false_signature);
    let mut entries = roll.entries().to_vec();
    entries.push(added);
    entries.sort_by_key(|entry| entry.credential);
    let mut opening = *roll.opening();
    opening.voters += 1;
    assert_eq!(verify(entries.clone(), opening).unwrap_err(), false_signature);
    // By a box that signs it, without the issuer; and by an issuer without the box.
    let both = signed_by_both(contest.contest(), &entries, OPENED);
    assert!(verify(entries.clone(), both).is_ok(), "both together can, and SECURITY says so");
    let alone = Opening { issuer_signature: roll.opening().issuer_signature, ..both };
    assert_eq!(verify(entries.clone(), alone).unwrap_err(), RollError::IssuerSignature(FALSE));
    let alone = Opening { box_signature: roll.opening().box_signature, ..both };
    assert_eq!(verify(entries, alone).unwrap_err(), false_signature);
    // In the place of a voter who is revoked without having asked: the roll allows it, as a reissue; the
    // closing, which holds the roll's digest, does not.
    let mut entries = roll.entries().to_vec();
    let used = |entry: &RollEntry| closed.ballots().iter().any(|b| b[2..34] == entry.credential.to_bytes());
    let unused = entries.iter().position(|entry| !used(entry)).unwrap();
    entries[unused].revoked = true;
    let revoked = entries[unused];
    entries.push(added);
    let roll = verify(entries, *roll.opening()).unwrap();
    let nobody = Elector::stranger(contest, "nobody", 0, 67).credential.public();
    assert_eq!(
        [&revoked.credential, &added.credential, &nobody].map(|credential| roll.get(credential)),
        [Some(&revoked), Some(&added), None]
    );
    let flaws =
        ClosedBox::verify(contest.clone(), roll, closed.ballots().to_vec(), *closed.closing(), &mut |_| ())
            .unwrap_err();
    assert_eq!(flaws.as_slice(), [BoxFlaw::ClosingSignature(FALSE)]);
}

/// The box makes an opening of an earlier second, with a voter more, after the first was published and the
/// contest is open. The issuer signs none; and what was made under the first is not under the second.
#[test]
fn attack_16_roll_stuffed_after_the_opening_by_a_second_back_dated_opening() {
    let mut polling = Polling::open(3);
    let (ballot, receipt) = polling.vote(0, LIST_1, 10);
    let contest = polling.contest.clone();
    let mut stuffed = ElectoralRoll::new(contest.clone());
    let soul = Elector::stranger(&contest, "dead soul", 0, 66);
    for elector in polling.electors.iter().chain([&soul]) {
        stuffed.register(elector.issue.clone()).unwrap();
    }
    let proposed = stuffed.propose(at(OPENED - 1), &box_key()).unwrap().stored();
    let actual = proposed.verify(contest.contest()).unwrap();
    let refused = polling.issuer.sign_opening(contest.contest(), &proposed).unwrap_err();
    assert_eq!(refused, IssuerError::OtherOpening { signed: polling.opening, actual });

    // An issuer that lies too makes a box of it; the voter's receipt, and every head, is under the first.
    let second = sign_opening(&stuffed, OPENED - 1);
    let ballot_box = BallotBox::open(stuffed, second, box_key()).unwrap().stored();
    let signed = ballot_box.roll().signed_opening();
    assert_eq!(signed.verify(contest.contest()), Ok(actual));
    assert_eq!(signed.voters(), 4, "one more than there are voters");
    let voter = polling.id(0);
    let verify = |opening| receipt.verify(contest.contest(), opening, &voter, &ballot, at(10)..=at(10));
    assert_eq!(verify(polling.opening), Ok(()));
    let other = urne::ballot_box::ReceiptError::OtherOpening { expected: actual, actual: polling.opening };
    assert_eq!(verify(actual), Err(other));
}

#[test]
fn attack_16_roll_opened_after_the_contest() {
    let office = office(1);
    let contest = office.contest.contest();
    assert!(office.roll.propose(at(0), &box_key()).is_ok());
    let late = RollError::Late { at: at(1), opens_at: at(0) };
    assert_eq!(office.roll.propose(at(1), &box_key()).unwrap_err(), late);
    // By both, all the same.
    let entries = [entry(&office.electors[0])];
    let opening = signed_by_both(contest, &entries, 1);
    assert_eq!(Roll::verify(contest, opening, entries.to_vec()).unwrap_err(), late);
    let opened = BallotBox::open(office.roll.clone(), opening, box_key()).map(|_| ());
    assert_eq!(opened.unwrap_err(), OpenError::Roll(late));
    // By another box than the contest's.
    let wrong = SigningKey::from_seed(&[8; 32]);
    assert_eq!(office.roll.propose(at(0), &wrong).unwrap_err(), RollError::BoxSignature(FALSE));
}

/// Below its opening, a roll has a voter for each credential, all different, in one order, and no more than
/// the contest has room for.
#[test]
fn attack_16_roll_that_breaks_a_rule_under_both_signatures() {
    let office = office(3);
    let contest = office.contest.contest();
    let mut entries: Vec<_> = office.electors.iter().map(entry).collect();
    entries.sort_by_key(|entry| entry.credential);
    let verify = |entries: &[RollEntry]| {
        let opening = signed_by_both(contest, entries, OPENED);
        Roll::verify(contest, opening, entries.to_vec()).map(|_| ())
    };
    assert_eq!(verify(&entries), Ok(()));
    let [one, two, three] = entries[..] else { panic!() };
    assert_eq!(verify(&[two, one, three]), Err(RollError::Order { entry: 1 }));
    assert_eq!(verify(&[one, one]), Err(RollError::Repeated { entry: 1, earlier: 0 }));
    let capacity = contest.layout().capacity();
    assert_eq!(verify(&[]), Err(RollError::Voters { voters: 0, capacity }));
    let revoked = RollEntry { revoked: true, ..one };
    assert_eq!(verify(&[revoked, two]), Err(RollError::Standing { voters: 2, actual: 1 }));
}

#[test]
fn attack_16_more_voters_than_the_capacity() {
    let (_, mut trustees) = ceremony(&[(1, 1)], 2, 1);
    let mut small = description(584, 2);
    small.capacity = 2;
    let contest = approve(small, &mut trustees);
    let [one, two, three] =
        [1, 2, 3].map(|code| Elector::stranger(&contest, &format!("voter {code}"), -2_000, code));
    let mut roll = ElectoralRoll::new(contest.clone());
    roll.register(one.issue.clone()).unwrap();
    roll.register(two.issue.clone()).unwrap();
    let full = RegistrationError::Full { capacity: 2 };
    assert_eq!(roll.register(three.issue.clone()), Err(full));
    let mut entries = [&one, &two, &three].map(entry);
    entries.sort_by_key(|entry| entry.credential);
    let opening = signed_by_both(contest.contest(), &entries, OPENED);
    let refused = Roll::verify(contest.contest(), opening, entries.to_vec()).unwrap_err();
    assert_eq!(refused, RollError::Voters { voters: 3, capacity: 2 });
    // Nor does the issuer give out so many codes.
    let mut office = Office::of(contest.clone(), trustees, 2);
    let id = urne::VoterId::new("voter 3").unwrap();
    let voters = [(id, vec![contest.contest()])];
    let refused = office.issuer.issue(&voters, Validity::UntilClose, at(-1_500), &mut rng(1));
    let full = urne::ballot_box::IssueError::Full { number: 584, capacity: 2 };
    assert_eq!(refused.map(|_| ()), Err(full));
}

/// A roll that holds for another contest holds for that one only: its opening is not of this contest, and may
/// be later, or another box's.
#[test]
fn attack_16_roll_of_another_contest() {
    let mut polling = Polling::open(2);
    polling.vote(0, LIST_1, 10);
    let other = approved(585, 2, &mut polling.trustees);
    let (closed, _) = polling.close();
    let contest = closed.contest().clone();
    let mut entries: Vec<_> = closed.roll().entries().to_vec();
    entries.push(entry(&Elector::stranger(&contest, "dead soul", 0, 66)));
    entries.sort_by_key(|entry| entry.credential);
    let opening = signed_by_both(other.contest(), &entries, 0);
    let roll = Roll::verify(other.contest(), opening, entries).unwrap();
    let foreign = BoxFlaw::ForeignRoll { expected: contest.fingerprint(), actual: other.fingerprint() };

    let (references, signings) = (closed.references(), closed.closing().signings_digest);
    let signed = Closing::sign(contest.contest(), &roll, references, signings, at(END), &box_key());
    assert_eq!(signed.unwrap_err(), foreign);
    // A box that signs it all the same.
    let mut closing = *closed.closing();
    let digest = closing.digest(contest.contest(), roll.opening_digest(), roll.digest());
    closing.box_signature = sign(&digest.to_bytes());
    let flaws =
        ClosedBox::verify(contest, roll, closed.ballots().to_vec(), closing, &mut |_| ()).unwrap_err();
    assert_eq!(flaws.as_slice(), [foreign]);
}

#[test]
fn attack_16_two_voters_with_one_credential_and_one_voter_with_two() {
    let polling = Polling::open(2);
    let [one, other] = &polling.electors[..] else { panic!() };
    let issue = |elector: &Elector, of: &Elector| {
        issue(&polling.contest, &elector.id, of.credential.public(), 0, Validity::UntilClose)
    };
    let mut roll = ElectoralRoll::new(polling.contest.clone());
    roll.register(issue(one, one)).unwrap();
    let repeated = RegistrationError::RepeatedCredential { other: one.id.clone() };
    assert_eq!(roll.register(issue(other, one)).unwrap_err(), repeated);
    let repeated = RegistrationError::RepeatedVoter { voter: one.id.clone() };
    assert_eq!(roll.register(issue(one, other)).unwrap_err(), repeated);
    assert_eq!((roll.len(), roll.get(&other.id)), (1, None));
    // The credential that was refused is not taken.
    roll.register(issue(other, other)).unwrap();
    // Nor is one put in another's place that is somebody's.
    let repeated = RegistrationError::RepeatedCredential { other: other.id.clone() };
    assert_eq!(roll.replace(issue(one, other)).unwrap_err(), repeated);
    let stranger = Elector::stranger(&polling.contest, "nobody", 0, 50);
    let unknown = RegistrationError::UnknownVoter { voter: stranger.id.clone() };
    assert_eq!(roll.replace(stranger.issue.clone()).unwrap_err(), unknown);
    roll.replace(issue(one, &stranger)).unwrap();
    // What was replaced is free.
    roll.replace(issue(other, one)).unwrap();
    assert_eq!(roll.len(), 2);
}

#[test]
fn attack_16_reissue_of_a_credential_that_is_on_the_roll() {
    let mut polling = Polling::open(3);
    let [first, other] = [0, 1].map(|voter| polling.electors[voter].credential.public());
    let id = polling.id(0);
    let forged =
        |credential, seconds| issue(&polling.contest, &id, credential, seconds, Validity::UntilClose);
    // Another voter's, and one's own.
    let [of_other, own] = [other, first].map(|credential| forged(credential, 10));
    let again = forged(first, 30);
    for issue in [of_other, own] {
        let error = polling.take(0, &issue, 10).unwrap_err();
        assert!(matches!(error, ReissueError::Roll(RollError::Repeated { entry: 3, .. })), "{error:?}");
    }
    // One's own that is revoked.
    polling.reissue(0, Validity::UntilClose, 20).unwrap();
    let error = polling.take(0, &again, 30).unwrap_err();
    assert!(matches!(error, ReissueError::Roll(RollError::Repeated { entry: 4, .. })), "{error:?}");
    polling.assert_unchanged();
}

#[test]
fn attack_16_revoking_a_used_credential() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    let used = polling.electors[0].credential.public();
    let roll = polling.ballot_box.roll().digest();
    let voted = ReissueError::AlreadyVoted { at: at(10) };
    assert_eq!(polling.ballot_box.can_reissue(&polling.id(0), at(20)), Err(voted));
    assert_eq!(polling.reissue(0, Validity::UntilClose, 20).unwrap_err(), voted);
    assert_eq!(polling.activate(0, 20).unwrap_err(), ActivationError::AlreadyVoted { at: at(10) });
    assert_eq!(polling.ballot_box.roll().digest(), roll);
    assert_eq!(polling.ballot_box.roll().entries().len(), 3);

    // A box that does it all the same and signs what it did: everyone sees it.
    let (closed, _) = polling.close();
    let mut roll = closed.roll().clone();
    roll.reissue(&used, Elector::stranger(closed.contest(), "nobody", 0, 50).credential.public()).unwrap();
    let contest = closed.contest().clone();
    let signings = closed.closing().signings_digest;
    let closing =
        Closing::sign(contest.contest(), &roll, closed.references(), signings, at(END), &box_key()).unwrap();
    let flaws =
        ClosedBox::verify(contest, roll, closed.ballots().to_vec(), closing, &mut |_| ()).unwrap_err();
    assert_eq!(flaws.as_slice(), [BoxFlaw::RevokedCredential { ballot: 0 }]);
}

/// The code of somebody who stays away, reissued by the box to itself: the roll allows it, the issuer does
/// not.
#[test]
fn attack_16_a_box_that_votes_for_those_who_stay_away() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    let stolen = Elector::stranger(&polling.contest, "voter 2", 20, 66);
    assert_eq!(stolen.id, polling.id(2));
    polling.take(2, &stolen.issue, 20).unwrap();
    polling.electors[2] = stolen;
    polling.vote(2, Choice::List(2), 30);
    let closed = polling.ballot_box.close(at(END), &mut rng(1)).unwrap().0;
    let refused = sign_closing(&mut polling.issuer, &closed).unwrap_err();
    let voter = polling.electors[2].id.clone();
    assert!(
        matches!(&refused, IssuerError::Flag { voter: of, expected: false, .. } if *of == voter),
        "{refused}"
    );
    // Without the issuer's signature there is no box to endorse, and the box's own is not it.
    let own = closed.closing().box_signature;
    let flaws = SignedBox::new(closed, own).unwrap_err();
    assert_eq!(flaws.as_slice(), [BoxFlaw::IssuerSignature(FALSE)]);
}

/// An office that lets one party be both, as it may: both signatures are its own, and what then is lost is
/// that nobody compares.
#[test]
fn attack_16_one_party_that_is_box_and_issuer() {
    let (_, mut trustees) = ceremony(&[(1, 1)], 2, 1);
    let mut description = description(584, 2);
    description.issuer_key = box_key().public();
    let contest = approve(description, &mut trustees);
    let mut issuer = Issuer::with_empty_memory(box_key());
    let mut roll = ElectoralRoll::new(contest.clone());
    let mut honest = None;
    for name in ["one", "two"] {
        let id = urne::VoterId::new(name).unwrap();
        let voters = [(id, vec![contest.contest()])];
        let issued = issuer.issue(&voters, Validity::UntilClose, at(-2_000), &mut rng(1)).unwrap().stored();
        roll.register(issued[0].issues[0].clone()).unwrap();
        honest = Some(roll.clone());
    }
    // As a party that compares it still refuses what it did not issue.
    roll.register(Elector::stranger(&contest, "soul", 0, 66).issue).unwrap();
    let stuffed = roll.propose(at(OPENED), &box_key()).unwrap().stored();
    let refused = issuer.sign_opening(contest.contest(), &stuffed).unwrap_err();
    assert!(matches!(refused, IssuerError::Unknown { entry: Some(_), .. }), "{refused}");
    let roll = honest.unwrap();
    let proposed = roll.propose(at(OPENED), &box_key()).unwrap().stored();
    let opening = issuer.sign_opening(contest.contest(), &proposed).unwrap().stored();
    assert_eq!(opening.box_signature, opening.issuer_signature);
    let (mut ballot_box, entry) = acts::opened(BallotBox::open(roll, opening, box_key()).unwrap());
    let again = acts::rebuild(contest.clone(), box_key(), entry.as_bytes()).unwrap();
    assert_eq!(again.roll(), ballot_box.roll());
    let closed = ballot_box.close(at(END), &mut rng(1)).unwrap().0;
    let signature = sign_closing(&mut issuer, &closed).unwrap();
    assert_eq!(signature, closed.closing().box_signature);
    assert!(SignedBox::new(closed, signature).is_ok());
    // The issuer of the other contests is another party, whose signature is none here.
    assert_ne!(issuer_key().public(), box_key().public());
}

/// The box took the issue, and the machine stopped before anyone was told: given again, it is answered, and
/// neither taken back nor issued anew. Roll and issuer go on agreeing.
#[test]
fn attack_22_the_same_reissue_again_after_its_answer_was_lost() {
    let mut polling = Polling::open(3);
    polling.reissue(0, Validity::TWO_MINUTES, 10).unwrap();
    let issue = polling.electors[0].issue.clone();
    let again = |polling: &mut Polling, seconds| {
        let identity = polling.electors[0].identified();
        let mut transaction = polling.ballot_box.transaction();
        let taken = transaction.reissue(identity, issue.clone(), at(seconds));
        (taken, transaction.entries().len(), transaction.stored())
    };
    let alike = (Ok(()), 0, vec![Answer::Reissued]);
    assert_eq!(again(&mut polling, 20), alike);
    polling.ballot_box = polling.rebuilt();
    assert_eq!(again(&mut polling, 30), alike);
    polling.vote(0, LIST_1, 40);
    assert_eq!(again(&mut polling, OPEN_FOR + 1), alike, "also when it has been used, and later");
    // Once another is in force it is none.
    polling.reissue(1, Validity::UntilClose, 50).unwrap();
    let first = polling.electors[1].issue.clone();
    polling.reissue(1, Validity::UntilClose, 60).unwrap();
    let older = ReissueError::Older { issued_at: at(50), in_force: at(60) };
    assert_eq!(polling.take(1, &first, 70).unwrap_err(), older);
    polling.assert_unchanged();
}

#[test]
fn attack_16_refused_reissue_leaves_the_box_as_it_was() {
    let mut polling = Polling::open(3);
    polling.vote(0, LIST_1, 10);
    polling.reissue(0, Validity::UntilClose, 5_000).unwrap_err();
    polling.activate(0, 6_000).unwrap_err();
    polling.assert_unchanged();
}
