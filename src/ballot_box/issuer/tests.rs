//! The issuer beside a box, with a contest whose keys are known.

use alloc::vec::Vec;

use super::*;
use crate::ballot_box::{
    BallotBox, Closing, Complaints, ElectoralRoll, IdentityChecked, OpenError, RegistrationError,
    ReissueError, Roll, RollEntry, RollError, SignedBox, SigningsDigest,
};
use crate::primitives::VerifyingKeyError;
use crate::test_support::{Dealt, rng};

mod complaints;

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

fn id(voter: u8) -> VoterId {
    VoterId::new([voter]).unwrap()
}

/// Issues to one voter.
fn issue(
    issuer: &mut Issuer,
    voter: u8,
    contests: &[&Contest],
    now: u64,
    seed: u64,
) -> Result<Issued, IssueError> {
    let voters = [(id(voter), contests.to_vec())];
    let issued = issuer.issue(&voters, Validity::UntilClose, at(now), &mut rng(seed))?;
    Ok(issued.stored().pop().unwrap())
}

/// A contest with its issuer, who has issued codes to voters 0 to 3.
struct Office {
    dealt: Dealt,
    issuer: Issuer,
    roll: ElectoralRoll,
}

impl Office {
    fn new() -> Self {
        let dealt = Dealt::simple(1, 1);
        let issuer = Issuer::with_empty_memory(SigningKey::from_seed(&dealt.issuer_key.expose_seed()));
        let roll = ElectoralRoll::new(dealt.contest.clone());
        let mut office = Office { dealt, issuer, roll };
        for voter in 0..4 {
            let issue = office.issue(voter).unwrap();
            office.roll.register(issue).unwrap();
        }
        office
    }

    fn issue(&mut self, voter: u8) -> Result<Issue, IssueError> {
        let contests = [self.dealt.contest.contest()];
        let issued = issue(&mut self.issuer, voter, &contests, 100, voter.into());
        issued.map(|mut issued| issued.issues.pop().unwrap())
    }

    fn reissue(&mut self, voter: u8, now: u64) -> Result<Issue, IssueError> {
        let contests = [self.dealt.contest.contest()];
        let seed = &mut rng(1_000 + now + u64::from(voter));
        let issued = self.issuer.reissue(&id(voter), &contests, Validity::UntilClose, at(now), seed);
        issued.map(|issued| issued.stored().issues.pop().unwrap())
    }

    fn withdraw(&mut self, issue: &Issue) -> Result<(), IssuerError> {
        self.issuer.withdraw(issue).map(Unsent::stored)
    }

    fn propose(&self) -> ProposedOpening {
        self.roll.propose(at(900), &self.dealt.box_key).unwrap().stored()
    }

    fn sign(&mut self, proposed: &ProposedOpening) -> Result<Opening, IssuerError> {
        self.issuer.sign_opening(self.dealt.contest.contest(), proposed).map(Unsent::stored)
    }

    /// The box, opened as it should be.
    fn open(&mut self) -> BallotBox {
        let proposed = self.propose();
        let opening = self.sign(&proposed).unwrap();
        BallotBox::open(self.roll.clone(), opening, self.box_key()).unwrap().stored()
    }

    fn box_key(&self) -> SigningKey {
        SigningKey::from_seed(&self.dealt.box_key.expose_seed())
    }
}

fn take(ballot_box: &mut BallotBox, issue: &Issue, now: u64) -> Result<(), ReissueError> {
    let identity = IdentityChecked::by_application(issue.voter().clone());
    let mut transaction = ballot_box.transaction();
    transaction.reissue(identity, issue.clone(), at(now))?;
    transaction.stored();
    Ok(())
}

fn closed(ballot_box: BallotBox) -> ClosedBox {
    closed_at(ballot_box, 2_300)
}

fn closed_at(mut ballot_box: BallotBox, seconds: u64) -> ClosedBox {
    let mut transaction = ballot_box.transaction();
    transaction.close(at(seconds), &mut rng(5)).unwrap();
    transaction.stored();
    ballot_box.closed().unwrap().0
}

/// A box that lies about its roll: everything it signs is as it should be, but for the entries.
fn with_roll(office: &Office, opening: Opening, entries: Vec<RollEntry>) -> ClosedBox {
    let contest = office.dealt.contest.clone();
    let roll = Roll::verify(contest.contest(), opening, entries).unwrap();
    let signings = SigningsDigest::from_bytes([0; 32]);
    let key = &office.dealt.box_key;
    let closing = Closing::sign(contest.contest(), &roll, &[], signings, at(2_300), key).unwrap();
    ClosedBox::verify(contest, roll, Vec::new(), closing, &mut |_| ()).unwrap()
}

fn entries(closed: &ClosedBox) -> Vec<RollEntry> {
    closed.roll().entries().to_vec()
}

#[test]
fn an_honest_box_gets_both_signatures_and_the_same_again() {
    let mut office = Office::new();
    let proposed = office.propose();
    let opening = office.sign(&proposed).unwrap();
    assert_eq!(office.sign(&proposed), Ok(opening));
    let mut ballot_box = BallotBox::open(office.roll.clone(), opening, office.box_key()).unwrap().stored();
    let issue = office.reissue(2, 1_200).unwrap();
    take(&mut ballot_box, &issue, 1_200).unwrap();
    let issue = office.reissue(2, 1_300).unwrap();
    take(&mut ballot_box, &issue, 1_300).unwrap();
    let closed = closed(ballot_box);
    let signature = sign(&mut office, &closed).unwrap();
    assert_eq!(sign(&mut office, &closed), Ok(signature));
    let signed = SignedBox::new(closed.clone(), signature).unwrap();
    assert_eq!(signed.closed().digest(), closed.digest());
    let false_one = office.dealt.box_key.sign(closed.digest().as_bytes());
    let flaws = SignedBox::new(closed, false_one).unwrap_err();
    let expected = crate::ballot_box::BoxFlaw::IssuerSignature(VerifyingKeyError::Signature);
    assert_eq!(flaws.as_slice(), [expected]);
}

#[test]
fn attack_16_a_roll_stuffed_before_the_opening() {
    let mut office = Office::new();
    // A code of the box's own making, for somebody who does not exist.
    let mut other = Issuer::with_empty_memory(SigningKey::from_seed(&office.dealt.issuer_key.expose_seed()));
    let contests = [office.dealt.contest.contest()];
    let forged = issue(&mut other, 66, &contests, 100, 66).unwrap().issues.pop().unwrap();
    let honest = office.roll.clone();
    office.roll.register(forged.clone()).unwrap();
    let proposed = office.propose();
    let entry = proposed.credentials().iter().position(|c| *c == forged.credential());
    let credential = forged.credential().to_bytes();
    assert_eq!(office.sign(&proposed), Err(IssuerError::Unknown { entry, credential }));
    // Someone is left out.
    office.roll = ElectoralRoll::new(office.dealt.contest.clone());
    for voter in [0, 1, 3] {
        office.roll.register(honest.get(&id(voter)).unwrap().clone()).unwrap();
    }
    let credential = honest.get(&id(2)).unwrap().credential().to_bytes();
    let proposed = office.propose();
    assert_eq!(office.sign(&proposed), Err(IssuerError::Missing { voter: id(2), credential }));
    // A code that was replaced before the opening stands.
    office.roll = honest;
    let issue = office.reissue(1, 500).unwrap();
    let proposed = office.propose();
    let old = office.roll.get(&id(1)).unwrap().credential();
    let entry = proposed.credentials().iter().position(|c| *c == old).unwrap();
    let stale = IssuerError::Flag { entry, voter: id(1), expected: true };
    assert_eq!(office.sign(&proposed), Err(stale));
    office.roll.replace(issue).unwrap();
    let proposed = office.propose();
    assert!(office.sign(&proposed).is_ok());
}

#[test]
fn attack_16_a_second_opening_back_dated_after_the_first() {
    let mut office = Office::new();
    let mut ballot_box = office.open();
    let signed = ballot_box.roll().opening_digest();
    // Once the contest is open the box wants an opening of an earlier second with one voter more; and one of
    // the same voters is another opening too.
    let proposed = office.roll.propose(at(899), &office.dealt.box_key).unwrap().stored();
    let actual = proposed.verify(office.dealt.contest.contest()).unwrap();
    assert_eq!(office.sign(&proposed), Err(IssuerError::OtherOpening { signed, actual }));
    assert_eq!(office.issue(9), Err(IssueError::Opened { number: 1 }));
    // Nor does a closing under another opening get a signature, whoever signed it.
    let opening = proposed.with(office.dealt.issuer_key.sign(actual.as_bytes()));
    let mut second = BallotBox::open(office.roll.clone(), opening, office.box_key()).unwrap().stored();
    let issue = office.reissue(2, 1_200).unwrap();
    take(&mut ballot_box, &issue, 1_200).unwrap();
    take(&mut second, &issue, 1_200).unwrap();
    let refused = IssuerError::OtherOpening { signed, actual };
    assert_eq!(sign(&mut office, &closed(second)), Err(refused));
    assert!(sign(&mut office, &closed(ballot_box)).is_ok());
}

#[test]
fn attack_16_a_box_that_reissues_to_itself() {
    let mut office = Office::new();
    let ballot_box = office.open();
    let honest = closed(ballot_box);
    let own = office.dealt.credential(77).public();
    // The code of voter 3, who stays away, is revoked, and another takes its place.
    let mut lying = entries(&honest);
    lying[3].revoked = true;
    lying.push(RollEntry { credential: own, revoked: false });
    let lied = with_roll(&office, *honest.roll().opening(), lying);
    let refused = sign(&mut office, &lied).unwrap_err();
    let of = &office.issuer.memory.contests[&office.dealt.contest.fingerprint()];
    let owner = of.owner(honest.roll().entries()[3].credential.as_bytes()).unwrap().clone();
    assert_eq!(refused, IssuerError::Flag { entry: 3, voter: owner, expected: false });
    // Nothing was signed by it.
    assert!(sign(&mut office, &honest).is_ok());
    let [signed, actual] = [honest.digest(), lied.digest()];
    assert_eq!(sign(&mut office, &lied), Err(IssuerError::OtherClosing { signed, actual }));
}

#[test]
fn attack_16_late_entries_and_revocations_that_differ() {
    let mut office = Office::new();
    let ballot_box = office.open();
    let opening = *ballot_box.roll().opening();
    let before = closed(ballot_box);
    let [one, other] = [1, 2].map(|voter| office.reissue(voter, 1_200).unwrap());
    let place = |credential| entries(&before).iter().position(|e| e.credential == credential).unwrap();
    let at_opening = |voter| place(office.roll.get(&id(voter)).unwrap().credential());
    let [of_one, of_other] = [at_opening(1), at_opening(2)];
    let stands = |credential| RollEntry { credential, revoked: false };

    let mut good = entries(&before);
    good[of_one].revoked = true;
    good[of_other].revoked = true;
    // In whichever order the box took them.
    good.push(stands(other.credential()));
    good.push(stands(one.credential()));

    // The second reissue is not there.
    let mut lying = entries(&before);
    lying[of_one].revoked = true;
    lying.push(stands(one.credential()));
    let flag = IssuerError::Flag { entry: of_other, voter: id(2), expected: true };
    let lied = with_roll(&office, opening, lying);
    assert_eq!(sign(&mut office, &lied), Err(flag));
    // The wrong one of two is revoked.
    let mut lying = good.clone();
    lying[of_one].revoked = false;
    lying[5].revoked = true;
    let flag = IssuerError::Flag { entry: of_one, voter: id(1), expected: true };
    let lied = with_roll(&office, opening, lying);
    assert_eq!(sign(&mut office, &lied), Err(flag));
    // Another late entry, revoked at once.
    let mut lying = good.clone();
    let unknown = office.dealt.credential(77).public();
    lying.push(RollEntry { credential: unknown, revoked: true });
    let refused = IssuerError::Unknown { entry: Some(6), credential: unknown.to_bytes() };
    let lied = with_roll(&office, opening, lying);
    assert_eq!(sign(&mut office, &lied), Err(refused));
    // One that was issued and replaced never came to the box.
    let third = office.reissue(1, 1_300).unwrap();
    let mut lying = good.clone();
    lying[5] = stands(third.credential());
    let credential = one.credential().to_bytes();
    let lied = with_roll(&office, opening, lying.clone());
    assert_eq!(sign(&mut office, &lied), Err(IssuerError::Missing { voter: id(1), credential }));
    // If the box had refused it, that would be in order.
    office.withdraw(&one).unwrap();
    assert!(sign(&mut office, &lied).is_ok());
}

#[test]
fn an_issue_that_the_box_refused_is_taken_back() {
    let mut office = Office::new();
    let first = office.roll.get(&id(0)).unwrap().clone();
    let mut ballot_box = office.open();
    let issue = office.reissue(0, 1_500).unwrap();
    // The box's clock is past the close by now.
    let closes_at = at(2_000);
    assert_eq!(take(&mut ballot_box, &issue, 2_000), Err(ReissueError::Closed { closes_at }));
    let closed = closed(ballot_box);
    let refused = sign(&mut office, &closed).unwrap_err();
    assert!(matches!(refused, IssuerError::Flag { expected: true, .. }), "{refused}");
    office.withdraw(&issue).unwrap();
    // The same again changes nothing; of another issuer's it knows nothing.
    let stored = office.issuer.to_bytes();
    assert_eq!(office.withdraw(&issue), Ok(()));
    assert_eq!(*office.issuer.to_bytes(), *stored);
    let strange = Office::new().reissue(1, 1_500).unwrap();
    let unknown = IssuerError::Unknown { entry: None, credential: strange.credential().to_bytes() };
    assert_eq!(office.withdraw(&strange), Err(unknown));
    let credential = first.credential().to_bytes();
    let fixed = IssuerError::BeforeOpening { credential };
    assert_eq!(office.withdraw(&first), Err(fixed));
    sign(&mut office, &closed).unwrap();
    let signed = IssuerError::Closed { signed: closed.digest() };
    assert_eq!(office.withdraw(&issue), Err(signed));
    // After the closing nothing is issued, whatever the clock says.
    let late = IssueError::Closed { number: 1, closes_at };
    assert_eq!(office.reissue(1, 1_600), Err(late));
}

/// The roll that the box is given is of what stands; a code drawn for it is a first one, whatever came before it.
#[test]
fn the_roll_is_of_what_was_issued_and_a_code_after_it_is_a_reissued_one() {
    let mut office = Office::new();
    let (contest, fingerprint) = (office.dealt.contest.clone(), office.dealt.contest.fingerprint());
    assert_eq!(office.issuer.electoral_roll(&contest).unwrap().to_bytes(), office.roll.to_bytes());
    let lost = office.reissue(1, 200).unwrap();
    office.roll.replace(lost).unwrap();
    let withdrawn = office.issue(9).unwrap();
    office.withdraw(&withdrawn).unwrap();
    assert_eq!(office.issuer.electoral_roll(&contest).unwrap().to_bytes(), office.roll.to_bytes());
    assert_eq!(office.issuer.contests().collect::<Vec<_>>(), [fingerprint]);

    let reissued = |office: &Office| {
        let again = Issuer::from_bytes(&office.issuer.to_bytes()).unwrap();
        let letters = again.unsent_codes().into_iter().filter(|letter| letter.reissued);
        letters.map(|letter| letter.voter).collect::<Vec<_>>()
    };
    // The one that took another's place before the opening is the first that the box ever sees.
    assert_eq!(reissued(&office), []);
    office.open();
    assert_eq!(reissued(&office), []);
    let refused = office.reissue(2, 1_200).unwrap();
    office.reissue(3, 1_200).unwrap();
    assert_eq!(reissued(&office), [id(2), id(3)]);
    office.withdraw(&refused).unwrap();
    assert_eq!(reissued(&office), [id(3)]);
    let contests = [contest.contest()];
    let again = office.issuer.reissue(&id(0), &contests, Validity::UntilClose, at(1_300), &mut rng(7));
    assert!(again.unwrap().stored().reissued);

    let mut alone = Issuer::with_empty_memory(SigningKey::from_seed(&office.dealt.issuer_key.expose_seed()));
    assert_eq!(alone.contests().next(), None);
    let only = issue(&mut alone, 1, &contests, 100, 1).unwrap();
    assert!(!only.reissued);
    alone.withdraw(&only.issues[0]).unwrap().stored();
    assert_eq!(alone.contests().next(), None);
}

#[test]
fn before_the_opening_a_voter_can_be_taken_off_the_roll() {
    let mut office = Office::new();
    let issue = office.issue(9).unwrap();
    let proposed = office.propose();
    let credential = issue.credential().to_bytes();
    assert_eq!(office.sign(&proposed), Err(IssuerError::Missing { voter: id(9), credential }));
    office.withdraw(&issue).unwrap();
    assert!(office.sign(&proposed).is_ok());
    // Who is not on the roll has no code to replace.
    assert_eq!(office.reissue(9, 1_100), Err(IssueError::NoCode { voter: id(9), number: 1 }));
}

#[test]
fn an_opening_of_a_contest_without_issues_leaves_nothing_behind() {
    let mut office = Office::new();
    let proposed = office.propose();
    let mut issuer = Issuer::with_empty_memory(SigningKey::from_seed(&office.dealt.issuer_key.expose_seed()));
    let before = alloc::format!("{issuer:?}");
    let refused = issuer.sign_opening(office.dealt.contest.contest(), &proposed).map(Unsent::stored);
    let credential = proposed.credentials()[0].to_bytes();
    assert_eq!(refused, Err(IssuerError::Unknown { entry: Some(0), credential }));
    assert_eq!(alloc::format!("{issuer:?}"), before);
    // One of another key is told so before anything is looked for.
    let mut stranger = Issuer::with_empty_memory(SigningKey::from_seed(&[3; 32]));
    let refused = stranger.sign_opening(office.dealt.contest.contest(), &proposed).map(Unsent::stored);
    assert_eq!(refused, Err(IssuerError::OtherKey { number: 1 }));
    assert!(office.sign(&proposed).is_ok());
}

/// The same voters in another order would be other bytes of the same roll.
#[test]
fn an_electoral_roll_has_one_form() {
    let Office { roll, dealt, .. } = Office::new();
    let bytes = roll.to_bytes();
    let read =
        |bytes: &[u8]| ElectoralRoll::from_bytes(dealt.contest.clone(), bytes).map(|roll| roll.to_bytes());
    assert_eq!(read(&bytes), Ok(bytes.clone()));
    // Kind, version, fingerprint, a count, and four voters with names of one byte.
    let head = 2 + 32 + 8;
    let length = (bytes.len() - head) / 4;
    let mut swapped = bytes.clone();
    swapped[head..head + 2 * length].rotate_left(length);
    let offset = head + length;
    assert_eq!(read(&swapped), Err(RegistrationError::Decode(DecodeError::Number { offset })));
    let mut repeated = bytes.clone();
    repeated.copy_within(head..head + length, head + length);
    assert_eq!(read(&repeated), Err(RegistrationError::RepeatedVoter { voter: id(0) }));
}

#[test]
fn codes_are_issued_once_and_only_where_they_can_be() {
    let (dealt, other) = (Dealt::simple(1, 1), Dealt::simple(2, 2));
    let (one, two) = (dealt.contest.contest(), other.contest.contest());
    let mut issuer = Issuer::with_empty_memory(SigningKey::from_seed(&dealt.issuer_key.expose_seed()));
    let Issued { voter, code, issues, .. } = issue(&mut issuer, 1, &[one, two], 100, 1).unwrap();
    assert_eq!(voter, id(1));
    for (issue, contest) in issues.iter().zip([one, two]) {
        assert_eq!((issue.voter(), issue.contest()), (&id(1), contest.fingerprint()));
        assert_eq!(issue.credential(), Credential::derive(contest, &code).public());
        assert_eq!((issue.issued_at(), issue.validity()), (at(100), Validity::UntilClose));
    }
    let before = issuer.to_bytes();
    let mut refused =
        |voter, contests: &[&Contest], now, seed| issue(&mut issuer, voter, contests, now, seed).unwrap_err();
    assert_eq!(refused(2, &[], 100, 2), IssueError::NoContest { voter: id(2) });
    let repeated = IssueError::RepeatedContest { voter: id(2), number: 1 };
    assert_eq!(refused(2, &[one, two, one], 100, 2), repeated);
    let has_code = |voter| IssueError::HasCode { voter: id(voter), number: 2 };
    assert_eq!(refused(1, &[two], 100, 2), has_code(1));
    let closed = IssueError::Closed { number: 1, closes_at: at(2_000) };
    assert_eq!(refused(2, &[one], 2_000, 2), closed);
    // Nothing is left behind by a refusal: the first contest was in order, the second not.
    let first_only = IssueError::HasCode { voter: id(1), number: 1 };
    assert_eq!(refused(1, &[one, two], 100, 3), first_only);
    assert_eq!(*issuer.to_bytes(), *before);
    let third = issue(&mut issuer, 3, &[two], 100, 3).unwrap();
    assert_eq!(issue(&mut issuer, 3, &[one, two], 100, 4).unwrap_err(), has_code(3));
    assert!(issue(&mut issuer, 3, &[one], 100, 4).is_ok());
    assert_eq!(third.issues.len(), 1);

    // All of a list or none: nobody twice, and the last as good as the first.
    let before = issuer.to_bytes();
    let mut refused = |voters: &[(u8, &[&Contest])]| {
        let voters: Vec<_> = voters.iter().map(|(voter, of)| (id(*voter), of.to_vec())).collect();
        issuer.issue(&voters, Validity::UntilClose, at(100), &mut rng(5)).unwrap_err()
    };
    assert_eq!(refused(&[(4, &[one]), (5, &[two]), (4, &[two])]), IssueError::RepeatedVoter { voter: id(4) });
    assert_eq!(refused(&[(4, &[one]), (5, &[two]), (1, &[two])]), has_code(1));
    assert_eq!(*issuer.to_bytes(), *before);

    let mut stranger = Issuer::with_empty_memory(SigningKey::from_seed(&[3; 32]));
    let refused = issue(&mut stranger, 1, &[one], 100, 1).unwrap_err();
    assert_eq!(refused, IssueError::OtherKey { number: 1 });
}

/// An RNG that gives the same bytes for ever: the codes differ by voter, contests, key, and how many were drawn before.
#[test]
fn attack_8_a_stuck_rng_repeats_no_code() {
    let (dealt, other) = (Dealt::simple(1, 1), Dealt::simple(2, 2));
    let (one, two) = (dealt.contest.contest(), other.contest.contest());
    let mut codes = BTreeSet::new();
    let mut fresh = |issued: Issued| assert!(codes.insert(*issued.code.expose_bytes()), "{issued:?}");
    let issuer = || Issuer::with_empty_memory(SigningKey::from_seed(&dealt.issuer_key.expose_seed()));
    let mut first = issuer();
    let contests = [&[one][..], &[two], &[one, two]];
    for (voter, contests) in (1..).zip(contests) {
        fresh(issue(&mut first, voter, contests, 100, 1).unwrap());
    }
    // The same voter again and again, with one that is taken back in between.
    for _ in 0..3 {
        let again = first.reissue(&id(1), &[one], Validity::UntilClose, at(100), &mut rng(1));
        let again = again.unwrap().stored();
        first.withdraw(&again.issues[0]).unwrap().stored();
        fresh(again);
    }
    // The first voter of an issuer that has drawn none, for other contests.
    for contests in &contests[1..] {
        fresh(issue(&mut issuer(), 1, contests, 100, 1).unwrap());
    }
    // What does repeat: an issuer without its memory, with the same RNG, for the same voter.
    let again = issue(&mut issuer(), 1, &[one], 100, 1).unwrap();
    assert!(codes.contains(&*again.code.expose_bytes()));
    // Under another key even that is another.
    let code = |key: &[u8; 32]| {
        let contests = [one.fingerprint()].into_iter();
        *VotingCode::draw(id(1).as_bytes(), contests, 0, key, &mut rng(1)).expose_bytes()
    };
    let own = dealt.issuer_key.expose_seed();
    assert_eq!(code(&own), *again.code.expose_bytes());
    assert_ne!(code(&[77; 32]), code(&own));
}

#[test]
fn rolls_and_boxes_take_what_was_issued_for_them() {
    let mut office = Office::new();
    let own = office.roll.get(&id(1)).unwrap().clone();
    let twice = RegistrationError::RepeatedVoter { voter: id(1) };
    assert_eq!(office.roll.register(own.clone()), Err(twice));
    let other = Dealt::simple(2, 2);
    let mut foreign = ElectoralRoll::new(other.contest.clone());
    let [expected, actual] = [&other, &office.dealt].map(|dealt| dealt.contest.fingerprint());
    let refused = RegistrationError::ForeignContest { expected, actual };
    assert_eq!(foreign.register(own.clone()), Err(refused.clone()));
    assert_eq!(foreign.replace(own), Err(refused));
    let empty = RollError::Voters { voters: 0, capacity: 1_000_000 };
    assert_eq!(foreign.propose(at(900), &other.box_key).map(Unsent::stored), Err(empty));
    // Under the key of somebody else the box would sign in vain.
    let key = &office.dealt.issuer_key;
    let wrong = RollError::BoxSignature(VerifyingKeyError::Signature);
    assert_eq!(office.roll.propose(at(900), key).map(Unsent::stored), Err(wrong));
    let proposed = office.propose();
    let opening = office.sign(&proposed).unwrap();
    let key = SigningKey::from_seed(&[3; 32]);
    let refused = BallotBox::open(office.roll.clone(), opening, key).map(|_| ());
    assert_eq!(refused, Err(OpenError::OtherKey));

    let mut ballot_box = office.open();
    let issue = office.reissue(1, 1_200).unwrap();
    let identity = IdentityChecked::by_application(id(2));
    let refused = ballot_box.transaction().reissue(identity, issue.clone(), at(1_200));
    assert_eq!(refused, Err(ReissueError::OtherVoter));
    let later = office.reissue(1, 1_300).unwrap();
    take(&mut ballot_box, &later, 1_300).unwrap();
    let older = ReissueError::Older { issued_at: at(1_200), in_force: at(1_300) };
    assert_eq!(take(&mut ballot_box, &issue, 1_400), Err(older));
}

/// Signed after a time for complaints of no length.
fn sign(office: &mut Office, closed: &ClosedBox) -> Result<Signature, IssuerError> {
    let at = closed.closing().at;
    office.issuer.given(closed, at)?.stored();
    office.issuer.sign_closing(closed, &Complaints { seconds: 0, given: &[] }, at).map(Unsent::stored)
}
