//! The log of a box: cut short, edited, reordered, with something left out or put in, and without its end.

use urne::ballot::BallotError;
use urne::ballot_box::{
    ActivationError, CloseError, DepositError, LogError, LogFlaw, RefusalError, ReissueError,
};
use urne::electoral_roll::Validity;
use urne::receipt::Head;
use urne::roll::RollError;
use urne::{
    Activation, ActivationNonce, BallotBox, BoxKeyError, BoxSignature, Choice, Credential, DecodeError,
    PublicCredential, Receipt, VoterId, VotingCode,
};

use crate::polling::{Elector, OPEN_FOR, Polling, approved, at, box_key, hash_of_fields, rng, sign};

const FALSE_SIGNATURE: LogFlaw = LogFlaw::Signature(BoxKeyError::Signature);

/// A log with entries of every kind, and the receipts given.
fn every_kind() -> (Polling, Vec<Receipt>) {
    let mut polling = Polling::open(4);
    polling.reissue(1, 50, Validity::TWO_MINUTES, 5).unwrap();
    let opened = polling.sealed(0, Choice::List(1)).challenge();
    let entry = polling.ballot_box.refuse_opened(&opened).unwrap();
    polling.store(entry);
    let receipts = vec![
        polling.vote(0, Choice::List(1), 10).1,
        polling.vote(1, Choice::List(2), 20).1,
        polling.vote(2, Choice::Blank, 30).1,
    ];
    let (_, entry) = polling.rebuilt().close(at(OPEN_FOR)).unwrap();
    polling.store(entry);
    (polling, receipts)
}

fn rebuild(polling: &Polling, log: &[u8], last: Option<&Head>) -> Result<BallotBox, LogError> {
    BallotBox::rebuild(polling.contest.clone(), box_key(), log, last)
}

fn refused(polling: &Polling, log: &[u8]) -> (u64, LogFlaw) {
    let LogError { entry, flaw } = rebuild(polling, log, None).unwrap_err();
    (entry, flaw)
}

fn entries(log: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = vec![];
    let mut rest = log;
    while !rest.is_empty() {
        let length = u64::from_le_bytes(rest[..8].try_into().unwrap());
        let (entry, after) = rest.split_at(8 + usize::try_from(length).unwrap() + 64);
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

#[test]
fn a_log_of_every_kind_of_entry_is_read() {
    let (polling, receipts) = every_kind();
    assert_eq!(entries(&polling.log).len(), 1 + 2 + 2 * 3 + 1);
    let again = polling.rebuilt();
    assert_eq!((again.len(), again.signings()), (3, 3));
    for (voter, receipt) in receipts.iter().enumerate() {
        assert_eq!(again.emargement(&polling.id(voter)).as_ref(), Some(&receipt.emargement));
    }
    assert_eq!(again.roll(), polling.ballot_box.roll());
}

#[test]
fn a_log_cut_short_at_any_byte_is_refused_with_the_entry_named() {
    let (polling, receipts) = every_kind();
    let last = receipts[2].deposit_proof.as_ref().unwrap().head;
    let mut start = 0;
    for (number, entry) in (0u64..).zip(entries(&polling.log)) {
        // Nothing of the entry is there: that is a shorter log, but for the first, and the head tells.
        let whole = rebuild(&polling, &polling.log[..start], None);
        match number {
            0 => assert_eq!(whole.unwrap_err().flaw, LogFlaw::CutShort { offset: 0 }),
            _ => assert!(whole.unwrap().len() <= 3),
        }
        let with_head = rebuild(&polling, &polling.log[..start], Some(&last)).map(|_| ());
        match number {
            0 => assert_eq!(with_head.unwrap_err().flaw, LogFlaw::CutShort { offset: 0 }),
            9 => assert_eq!(with_head, Ok(())),
            _ => assert!(matches!(with_head.unwrap_err().flaw, LogFlaw::EndMissing { expected: 3, .. })),
        }
        for length in 1..entry.len() {
            let cut = refused(&polling, &polling.log[..start + length]);
            assert_eq!(cut, (number, LogFlaw::CutShort { offset: start }));
        }
        start += entry.len();
    }
}

#[test]
fn an_edited_log_is_refused_with_the_entry_named() {
    let (polling, _) = every_kind();
    let mut log = polling.log.clone();
    let mut start = 0;
    for (number, entry) in (0u64..).zip(entries(&polling.log)) {
        for offset in 0..entry.len() {
            log[start + offset] ^= 1 << (offset % 8);
            let (named, flaw) = refused(&polling, &log);
            assert_eq!(named, number, "byte {offset} of entry {number}");
            // A length that reaches past the end looks as if the log were cut short there.
            let expected =
                flaw == FALSE_SIGNATURE || (offset < 8 && flaw == LogFlaw::CutShort { offset: start });
            assert!(expected, "byte {offset} of entry {number}: {flaw:?}");
            log[start + offset] = polling.log[start + offset];
        }
        start += entry.len();
    }
    assert_eq!(log, polling.log);
}

#[test]
fn a_reordered_log_is_refused_with_the_entry_named() {
    let (polling, _) = every_kind();
    let good = entries(&polling.log);
    for first in 0..good.len() {
        for second in first + 1..good.len() {
            let mut swapped = good.clone();
            swapped.swap(first, second);
            let named = refused(&polling, &swapped.concat());
            assert_eq!(named, (first as u64, FALSE_SIGNATURE));
        }
        let mut repeated = good.clone();
        repeated.insert(first, good[first].clone());
        assert_eq!(refused(&polling, &repeated.concat()), (first as u64 + 1, FALSE_SIGNATURE));
        let mut without = good.clone();
        without.remove(first);
        if first + 1 < good.len() {
            assert_eq!(refused(&polling, &without.concat()), (first as u64, FALSE_SIGNATURE));
        }
    }
}

#[test]
fn an_entry_of_another_contest_or_box_is_refused() {
    let (polling, _) = every_kind();
    let mut good = entries(&polling.log);
    let other = approved(585, 2, &polling.trustees);
    assert_eq!(
        BallotBox::rebuild(other.clone(), box_key(), &polling.log, None).map(|_| ()),
        Err(LogError { entry: 0, flaw: FALSE_SIGNATURE })
    );
    // The same entry, signed by the same key, at the same place, in the other contest.
    let mut foreign = Writer::new(&other);
    foreign.append(&open_body(&polling, -1_000));
    let foreign = foreign.log;
    assert!(BallotBox::rebuild(other, box_key(), &foreign, None).is_ok(), "it is sound where it belongs");
    good[0] = foreign;
    assert_eq!(refused(&polling, &good.concat()), (0, FALSE_SIGNATURE));
}

#[test]
fn a_log_that_lost_its_end_is_refused_by_the_last_head() {
    let (polling, receipts) = every_kind();
    let head = |of: &Receipt| of.deposit_proof.as_ref().unwrap().head;
    let good = entries(&polling.log);
    for receipt in &receipts {
        assert!(rebuild(&polling, &polling.log, Some(&head(receipt))).is_ok());
    }
    // Without the last deposit and all after it.
    let short = good[..8].concat();
    assert!(rebuild(&polling, &short, Some(&head(&receipts[1]))).is_ok());
    let lost = LogError { entry: 8, flaw: LogFlaw::EndMissing { expected: 3, actual: 2 } };
    assert_eq!(rebuild(&polling, &short, Some(&head(&receipts[2]))).map(|_| ()), Err(lost));
    // A log as long, of other votes.
    let mut fork = Polling::open(4);
    for voter in [3, 1, 0] {
        fork.vote(voter, Choice::Blank, 10);
    }
    let other = LogError { entry: 7, flaw: LogFlaw::OtherHead { size: 3 } };
    assert_eq!(rebuild(&fork, &fork.log, Some(&head(&receipts[2]))).map(|_| ()), Err(other));
    // A head that the box did not sign says nothing, however large.
    let mut forged = head(&receipts[2]);
    forged.size = u64::MAX;
    let other = LogFlaw::OtherHead { size: u64::MAX };
    assert_eq!(rebuild(&polling, &polling.log, Some(&forged)).unwrap_err().flaw, other);
    let mut forged = head(&receipts[2]);
    forged.signature = BoxSignature::from_bytes([0; 64]);
    let other = LogFlaw::OtherHead { size: 3 };
    assert_eq!(rebuild(&polling, &polling.log, Some(&forged)).unwrap_err().flaw, other);
}

/// A log written by hand from its description, for what the box itself would never write. Everything is
/// chained and signed as it should be.
struct Writer {
    contest: [u8; 32],
    number: u64,
    digest: [u8; 32],
    log: Vec<u8>,
}

impl Writer {
    fn new(contest: &urne::ApprovedContest) -> Self {
        let contest = contest.fingerprint().to_bytes();
        Writer { contest, number: 0, digest: [0; 32], log: vec![] }
    }

    fn append(&mut self, body: &[u8]) -> &mut Self {
        let number = self.number.to_le_bytes();
        self.digest = hash_of_fields("urne/1 log", &[&self.contest, &number, &self.digest, body]);
        self.number += 1;
        self.log.extend((body.len() as u64).to_le_bytes());
        self.log.extend(body);
        self.log.extend(sign(&self.digest).to_bytes());
        self
    }
}

fn id_bytes(id: &VoterId) -> Vec<u8> {
    let id = id.as_bytes();
    [&(id.len() as u64).to_le_bytes()[..], id].concat()
}

fn time_bytes(seconds: i64) -> [u8; 8] {
    at(seconds).seconds().to_le_bytes()
}

fn issue_bytes(credential: PublicCredential, issued_at: i64, seconds: Option<u64>) -> Vec<u8> {
    let kind = u8::from(seconds.is_some());
    let seconds = seconds.unwrap_or(0).to_le_bytes();
    [&credential.to_bytes()[..], &time_bytes(issued_at), &[kind], &seconds].concat()
}

fn open_body(polling: &Polling, seconds: i64) -> Vec<u8> {
    let mut body = vec![1, 0];
    body.extend(time_bytes(seconds));
    for Elector { id, credential } in &polling.electors {
        body.extend(id_bytes(id));
        body.extend(issue_bytes(credential.public(), -2_000, None));
    }
    body
}

fn activate_body(polling: &Polling, voter: usize, seconds: i64) -> Vec<u8> {
    let nonce = ActivationNonce::from_bytes([7; 32]);
    let Elector { id, credential } = &polling.electors[voter];
    let answer = Activation::new(credential, &nonce, &mut rng(1)).to_bytes();
    [&[1, 1][..], &id_bytes(id), &time_bytes(seconds), &nonce.to_bytes(), &answer].concat()
}

fn reissue_body(polling: &Polling, voter: usize, credential: PublicCredential, seconds: i64) -> Vec<u8> {
    let issue = issue_bytes(credential, seconds, Some(120));
    [&[1, 2][..], &id_bytes(&polling.electors[voter].id), &issue].concat()
}

fn deposit_body(polling: &Polling, voter: usize, ballot: &[u8], seconds: i64) -> Vec<u8> {
    [&[1, 4][..], &id_bytes(&polling.electors[voter].id), &time_bytes(seconds), ballot].concat()
}

fn close_body(seconds: i64) -> Vec<u8> {
    [&[1, 5][..], &time_bytes(seconds)].concat()
}

/// What comes of these bodies, after an opening.
fn verdict(polling: &Polling, bodies: &[Vec<u8>]) -> Result<usize, (u64, LogFlaw)> {
    let mut writer = Writer::new(&polling.contest);
    writer.append(&open_body(polling, -1_000));
    for body in bodies {
        writer.append(body);
    }
    match rebuild(polling, &writer.log, None) {
        Ok(ballot_box) => Ok(ballot_box.len()),
        Err(LogError { entry, flaw }) => Err((entry, flaw)),
    }
}

#[test]
fn what_is_signed_and_false_is_refused_too() {
    let mut polling = Polling::open(3);
    let [one, two] = [polling.seal(0, Choice::List(1)), polling.seal(0, Choice::List(2))];
    let of_other = polling.seal(1, Choice::List(1));
    let mut damaged = one.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let fresh = Elector::new(&polling.contest, "nobody", 70).credential.public();
    let active = activate_body(&polling, 0, 10);
    let deposit = |voter, ballot: &[u8], seconds| deposit_body(&polling, voter, ballot, seconds);
    let reissue = |credential, seconds| reissue_body(&polling, 0, credential, seconds);
    let check = |bodies: &[Vec<u8>]| verdict(&polling, bodies);

    // The writer writes what the box reads.
    let close = close_body(OPEN_FOR);
    let good = [active.clone(), deposit(0, &one, 20), reissue_body(&polling, 1, fresh, 30), close.clone()];
    assert_eq!(check(&good), Ok(1));

    let went_back = |before, time| LogFlaw::TimeWentBack { before: at(before), at: at(time) };
    assert_eq!(check(&[active.clone(), deposit(0, &one, 9)]), Err((2, went_back(10, 9))));
    assert_eq!(check(&[active.clone(), reissue(fresh, 9)]), Err((2, went_back(10, 9))));
    assert_eq!(check(&[activate_body(&polling, 0, -1_001)]), Err((1, went_back(-1_000, -1_001))));

    let deposited = |entry, error| Err((entry, LogFlaw::Deposit(error)));
    assert_eq!(check(&[deposit(0, &one, 20)]), deposited(1, DepositError::NotActive));
    let early = DepositError::NotYetOpen { opens_at: at(0) };
    assert_eq!(check(&[activate_body(&polling, 0, -10), deposit(0, &one, -1)]), deposited(2, early));
    let late = DepositError::Closed { closes_at: at(OPEN_FOR) };
    assert_eq!(check(&[active.clone(), deposit(0, &one, OPEN_FOR)]), deposited(2, late));
    assert_eq!(
        check(&[active.clone(), deposit(0, &damaged, 20)]),
        deposited(2, DepositError::Ballot(BallotError::Proof))
    );
    assert_eq!(
        check(&[active.clone(), deposit(0, &one[1..], 20)]),
        deposited(2, DepositError::Ballot(BallotError::Decode(DecodeError::Version { actual: 2 })))
    );
    assert_eq!(
        check(&[active.clone(), deposit(0, &of_other, 20)]),
        deposited(2, DepositError::OtherCredential)
    );
    // The same voter twice, with another ballot and with the same: in a log the retry has no place.
    let voted = DepositError::AlreadyVoted { at: at(20) };
    assert_eq!(check(&[active.clone(), deposit(0, &one, 20), deposit(0, &two, 30)]), deposited(3, voted));
    assert_eq!(check(&[active.clone(), deposit(0, &one, 20), deposit(0, &one, 30)]), deposited(3, voted));
    // The first flaw is named, though proofs are verified together.
    assert_eq!(
        check(&[active.clone(), deposit(0, &of_other, 20), deposit(0, &damaged, 30), vec![9]]),
        deposited(2, DepositError::OtherCredential)
    );

    let mut other_answer = active.clone();
    *other_answer.last_mut().unwrap() ^= 1;
    assert_eq!(check(&[other_answer]), Err((1, LogFlaw::Activation(ActivationError::Proof))));
    let voted = ReissueError::AlreadyVoted { at: at(20) };
    assert_eq!(
        check(&[active.clone(), deposit(0, &one, 20), reissue(fresh, 30)]),
        Err((3, LogFlaw::Reissue(voted)))
    );
    let own = polling.electors[0].credential.public();
    assert!(matches!(
        check(&[reissue(own, 5)]),
        Err((1, LogFlaw::Reissue(ReissueError::Roll(RollError::Repeated { entry: 3, .. }))))
    ));

    let too_early = LogFlaw::Closing(CloseError::TooEarly { closes_at: at(OPEN_FOR) });
    assert_eq!(check(&[close_body(OPEN_FOR - 1)]), Err((1, too_early)));
    // No closing can be signed for such a time, so none can have been logged.
    let late = [&[1, 5][..], &(1u64 << 53).to_le_bytes()].concat();
    assert_eq!(check(&[late]), Err((1, LogFlaw::Malformed(DecodeError::Number { offset: 2 }))));
    assert_eq!(check(&[close.clone(), close.clone()]), Err((2, LogFlaw::ClosedTwice)));
    assert_eq!(check(&[close, deposit(0, &one, 20)]), Err((2, went_back(OPEN_FOR, 20))));
    assert_eq!(check(&[open_body(&polling, -900)]), Err((1, LogFlaw::OpenedTwice)));
}

#[test]
fn a_signed_opening_of_a_ballot_that_does_not_hold() {
    let mut polling = Polling::open(2);
    let opened = polling.sealed(0, Choice::List(1)).challenge();
    let body = |bytes: &[u8]| [&[1, 3][..], bytes].concat();
    let mut other_choice = opened.to_bytes();
    other_choice[1] = 2;
    let refusal = verdict(&polling, &[body(&other_choice)]);
    let error = urne::ballot::ChallengeError::List { list: 1 };
    assert_eq!(refusal, Err((1, LogFlaw::Refusal(RefusalError::Opening(error)))));
    let deposited = [
        activate_body(&polling, 0, 10),
        deposit_body(&polling, 0, opened.ballot(), 20),
        body(&opened.to_bytes()),
    ];
    assert_eq!(verdict(&polling, &deposited), Err((3, LogFlaw::Refusal(RefusalError::Deposited))));
    let before = [body(&opened.to_bytes()), deposited[0].clone(), deposited[1].clone()];
    assert_eq!(verdict(&polling, &before), Err((3, LogFlaw::Deposit(DepositError::Opened))));
}

#[test]
fn signed_entries_that_do_not_decode() {
    let polling = Polling::open(2);
    let malformed = |error| Err((1, LogFlaw::Malformed(error)));
    let check = |body: &[u8]| verdict(&polling, &[body.to_vec()]);
    assert_eq!(check(&[]), malformed(DecodeError::TooShort { expected: 1, actual: 0 }));
    assert_eq!(check(&[2, 5]), malformed(DecodeError::Version { actual: 2 }));
    assert_eq!(check(&[1, 6]), malformed(DecodeError::Number { offset: 1 }));
    let mut longer = close_body(OPEN_FOR);
    longer.push(0);
    assert_eq!(check(&longer), malformed(DecodeError::TooLong { expected: 10, actual: 11 }));
    // A voter's id of no byte, and of more than there may be.
    for length in [0u64, 257, u64::MAX] {
        let mut body = vec![1, 4];
        body.extend(length.to_le_bytes());
        body.extend([b'x'; 300]);
        assert_eq!(check(&body), malformed(DecodeError::Number { offset: 2 }), "{length}");
    }
    // An issue of neither kind, and one until the close with seconds.
    let credential = polling.electors[0].credential.public();
    let good = reissue_body(&polling, 1, credential, 10);
    let kind = good.len() - 9;
    for (offset, value) in [(kind, 2), (kind, 0)] {
        let mut body = good.clone();
        body[offset] = value;
        assert_eq!(check(&body), malformed(DecodeError::Number { offset: kind }));
    }
}

#[test]
fn openings_that_are_refused() {
    let polling = Polling::open(2);
    let check = |body: &[u8]| {
        let mut writer = Writer::new(&polling.contest);
        writer.append(body);
        refused(&polling, &writer.log)
    };
    assert_eq!(check(&close_body(OPEN_FOR)), (0, LogFlaw::NotOpened));
    let late = RollError::Late { at: at(1), opens_at: at(0) };
    assert_eq!(check(&open_body(&polling, 1)), (0, LogFlaw::Opening(late)));
    // A voter twice; a credential twice.
    let once = open_body(&polling, -1_000);
    let twice = [&once[..], &once[10..]].concat();
    let offset = once.len();
    assert_eq!(check(&twice), (0, LogFlaw::Malformed(DecodeError::Number { offset })));
    let stranger = VoterId::new("stranger").unwrap();
    let copied = issue_bytes(polling.electors[0].credential.public(), 0, None);
    let repeated = [&once[..], &id_bytes(&stranger), &copied].concat();
    let (entry, flaw) = check(&repeated);
    assert!(entry == 0 && matches!(flaw, LogFlaw::Opening(RollError::Repeated { .. })), "{flaw:?}");
    // A time that no contest has.
    let mut never = once;
    never[2..10].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(check(&never), (0, LogFlaw::Malformed(DecodeError::Number { offset: 2 })));
}

/// Entries are replayed in rounds: the opening, 1,024 more, and so on. Reissues fill the first round here.
const FIRST_OF_SECOND_ROUND: usize = 1025;

/// A log of 1,032 entries: deposits 4, 6, 1,024 in the first round and 1,025, 1,029, 1,031 in the second.
fn two_rounds() -> (Polling, Vec<Receipt>) {
    let mut polling = Polling::with((1, 1), 1, 8);
    let refuse = |polling: &mut Polling| {
        let opened = polling.sealed(7, Choice::Blank).challenge();
        let entry = polling.ballot_box.refuse_opened(&opened).unwrap();
        polling.store(entry);
    };
    let reissue = |polling: &mut Polling, number: u64| {
        let code = [&number.to_le_bytes()[..], &[0xff; 7]].concat().try_into().unwrap();
        let credential = Credential::derive(polling.contest.contest(), &VotingCode::from_bytes(code));
        let identified = polling.electors[0].identified();
        let entry = polling
            .ballot_box
            .reissue(identified, credential.public(), Validity::UntilClose, at(30))
            .unwrap();
        polling.store(Some(entry));
    };
    polling.activate(4, 5).unwrap();
    refuse(&mut polling);
    let mut receipts = vec![polling.vote(1, Choice::List(1), 10).1, polling.vote(2, Choice::Blank, 20).1];
    for number in 7..1023 {
        reissue(&mut polling, number);
    }
    receipts.push(polling.vote(3, Choice::List(1), 40).1);
    let ballot = polling.seal(4, Choice::Blank);
    receipts.push(polling.deposit(4, &ballot, 50).unwrap());
    reissue(&mut polling, 1026);
    refuse(&mut polling);
    receipts.push(polling.vote(5, Choice::List(1), 60).1);
    receipts.push(polling.vote(6, Choice::Blank, 70).1);
    (polling, receipts)
}

#[test]
fn a_log_of_more_than_one_round_gives_the_same_box() {
    let (polling, receipts) = two_rounds();
    assert!(entries(&polling.log).len() > FIRST_OF_SECOND_ROUND);
    let last = receipts[5].deposit_proof.as_ref().unwrap().head;
    let again = rebuild(&polling, &polling.log, Some(&last)).unwrap();
    assert_eq!((again.len(), again.signings()), (6, 6));
    polling.assert_unchanged();
}

#[test]
fn a_flaw_in_a_later_round_is_named_by_its_entry() {
    let (polling, _) = two_rounds();
    let good = entries(&polling.log);
    let bodies: Vec<_> = good.iter().map(|entry| &entry[8..entry.len() - 64]).collect();
    // The same log with the last byte of some ballots spoilt, chained and signed as it should be.
    let with_spoilt = |spoilt: &[usize]| {
        let mut writer = Writer::new(&polling.contest);
        for (number, body) in bodies.iter().enumerate() {
            let mut body = body.to_vec();
            *body.last_mut().unwrap() ^= u8::from(spoilt.contains(&number));
            writer.append(&body);
        }
        writer.log
    };
    assert_eq!(with_spoilt(&[]), polling.log, "the writer writes what the box writes");
    let proof = LogFlaw::Deposit(DepositError::Ballot(BallotError::Proof));
    for spoilt in [&[1024, 1025][..], &[FIRST_OF_SECOND_ROUND, 1031], &[1029, 1031], &[1031]] {
        assert_eq!(refused(&polling, &with_spoilt(spoilt)), (spoilt[0] as u64, proof.clone()));
    }
    // A ballot that was given to another voter is at its place too, as is one that nobody signed.
    let mut writer = Writer::new(&polling.contest);
    for body in &bodies[..1029] {
        writer.append(body);
    }
    let ballot_of = |number: usize| &bodies[number][bodies[number].len() - urne::ballot::ballot_length(1)..];
    writer.append(&deposit_body(&polling, 5, ballot_of(1031), 60));
    let other = LogFlaw::Deposit(DepositError::OtherCredential);
    assert_eq!(refused(&polling, &writer.log), (1029, other));
    let mut unsigned = good.clone();
    *unsigned[1030].last_mut().unwrap() ^= 1;
    assert_eq!(refused(&polling, &unsigned.concat()), (1030, FALSE_SIGNATURE));
}
