//! Logs of which every entry is chained and has its tag as it should be, by a box that writes what is false.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use urne::ballot::{BallotError, ballot_length};
use urne::ballot_box::{
    ActivationError, ChallengeRefusal, CloseError, DepositError, LogError, LogFlaw, OpenError, ReissueError,
    RollError, Validity,
};
use urne::primitives::VerifyingKeyError;
use urne::{Activation, ActivationNonce, Choice, DecodeError, PublicCredential, Receipt, VoterId};

use crate::log::{HEAD, entries, rebuild};
use crate::polling::{END, Elector, OPEN_FOR, OPENED, Polling, at, box_key, hash_of_fields, rng};

/// A log written by hand from its description, for what the box itself would never write. Everything is
/// chained and has its tag.
struct Writer {
    contest: [u8; 32],
    key: [u8; 32],
    number: u64,
    digest: [u8; 32],
    log: Vec<u8>,
}

impl Writer {
    fn new(contest: &urne::ApprovedContest) -> Self {
        let contest = contest.fingerprint().to_bytes();
        let key = hash_of_fields("urne/2 log key", &[box_key().expose_seed().as_ref(), &contest]);
        Writer { contest, key, number: 0, digest: [0; 32], log: vec![] }
    }

    fn append(&mut self, body: &[u8]) -> &mut Self {
        self.number += 1;
        let number = self.number.to_le_bytes();
        self.digest = hash_of_fields("urne/2 log", &[&self.contest, &number, &self.digest, body]);
        self.log.extend(HEAD);
        self.log.extend((body.len() as u64).to_le_bytes());
        self.log.extend(body);
        self.log.extend(hash_of_fields("urne/2 log tag", &[&self.key, &self.digest]));
        self
    }
}

/// What ends with a scalar, with another in its place.
fn spoilt(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let lowest = bytes.len() - 32;
    bytes[lowest] ^= 1;
    bytes
}

fn id_bytes(id: &VoterId) -> Vec<u8> {
    let id = id.as_bytes();
    [&(id.len() as u64).to_le_bytes()[..], id].concat()
}

fn time_bytes(seconds: i64) -> [u8; 8] {
    at(seconds).seconds().to_le_bytes()
}

/// What of an entry is chained.
fn body_of(entry: &[u8]) -> &[u8] {
    &entry[10..entry.len() - 32]
}

/// The opening as the box wrote it.
fn open_body(polling: &Polling) -> Vec<u8> {
    body_of(&entries(&polling.log)[0]).to_vec()
}

fn activate_body(polling: &Polling, voter: usize, seconds: i64) -> Vec<u8> {
    let nonce = ActivationNonce::from_bytes([7; 32]);
    let Elector { id, credential, .. } = &polling.electors[voter];
    // After kind, version and credential: c and z, of which the box stores z beside T.
    let answer = Activation::new(credential, &nonce, &mut rng(1)).to_bytes();
    let scalar = |at: usize| Scalar::from_canonical_bytes(answer[at..at + 32].try_into().unwrap()).unwrap();
    let point = CompressedRistretto(credential.public().to_bytes()).decompress().unwrap();
    let commitment = RistrettoPoint::mul_base(&scalar(66)) - scalar(34) * point;
    let proof = [commitment.compress().to_bytes(), scalar(66).to_bytes()].concat();
    let public = credential.public().to_bytes();
    [&[1][..], &id_bytes(id), &time_bytes(seconds), &public, &nonce.to_bytes(), &proof].concat()
}

/// An issue as a log has it: of the log's contest.
fn issue_bytes(voter: &VoterId, credential: PublicCredential, seconds: i64, validity: Validity) -> Vec<u8> {
    let (kind, limit) = match validity {
        Validity::UntilClose => (0, 0),
        Validity::Seconds(limit) => (1, limit),
    };
    let parts = [&credential.to_bytes()[..], &id_bytes(voter), &time_bytes(seconds), &[kind]].concat();
    [&parts[..], &limit.to_le_bytes()].concat()
}

/// The first entry that is refused, from 0, and why.
fn refused(polling: &Polling, log: &[u8]) -> (u64, LogFlaw) {
    let LogError { entry, offset, flaw } = rebuild(polling, log).map(|_| ()).unwrap_err();
    let before = entries(log).into_iter().take(usize::try_from(entry).unwrap() - 1);
    assert_eq!(before.map(|entry| entry.len() as u64).sum::<u64>(), offset);
    (entry - 1, flaw)
}

/// Issued in the second in which the box takes it.
fn reissue_body(polling: &Polling, voter: usize, credential: PublicCredential, seconds: i64) -> Vec<u8> {
    let id = &polling.electors[voter].id;
    let issue = issue_bytes(id, credential, seconds, Validity::TWO_MINUTES);
    [&[2][..], &time_bytes(seconds), &issue].concat()
}

fn challenge_body(polling: &Polling, voter: usize, ballot: &[u8], seconds: i64) -> Vec<u8> {
    [&[3][..], &id_bytes(&polling.electors[voter].id), &time_bytes(seconds), ballot].concat()
}

fn deposit_body(polling: &Polling, voter: usize, ballot: &[u8], seconds: i64) -> Vec<u8> {
    [&[4][..], &id_bytes(&polling.electors[voter].id), &time_bytes(seconds), ballot].concat()
}

fn close_body(seconds: i64) -> Vec<u8> {
    [&[5][..], &time_bytes(seconds), &[6; 32]].concat()
}

/// What comes of these bodies, after an opening.
fn verdict(polling: &Polling, bodies: &[Vec<u8>]) -> Result<usize, (u64, LogFlaw)> {
    let mut writer = Writer::new(&polling.contest);
    writer.append(&open_body(polling));
    for body in bodies {
        writer.append(body);
    }
    match rebuild(polling, &writer.log) {
        Ok(ballot_box) => Ok(ballot_box.len()),
        Err(_) => Err(refused(polling, &writer.log)),
    }
}

#[test]
fn what_is_signed_and_false_is_refused_too() {
    let mut polling = Polling::open(3);
    let [one, two] = [polling.seal(0, Choice::List(1)), polling.seal(0, Choice::List(2))];
    let of_other = polling.seal(1, Choice::List(1));
    let damaged = spoilt(&one);
    let fresh = Elector::stranger(&polling.contest, "nobody", 0, 70).credential.public();
    let active = activate_body(&polling, 0, 10);
    let deposit = |voter, ballot: &[u8], seconds| deposit_body(&polling, voter, ballot, seconds);
    let reissue = |credential, seconds| reissue_body(&polling, 0, credential, seconds);
    let check = |bodies: &[Vec<u8>]| verdict(&polling, bodies);

    // The writer writes what the box reads.
    let close = close_body(END);
    let good = [active.clone(), deposit(0, &one, 20), reissue_body(&polling, 1, fresh, 30), close.clone()];
    assert_eq!(check(&good), Ok(1));
    assert_eq!(check(&[active.clone(), deposit(0, &one, END - 1)]), Ok(1));

    let went_back = |before, time| LogFlaw::TimeWentBack { before: at(before), at: at(time) };
    assert_eq!(check(&[active.clone(), deposit(0, &one, 9)]), Err((2, went_back(10, 9))));
    assert_eq!(check(&[active.clone(), reissue(fresh, 9)]), Err((2, went_back(10, 9))));
    assert_eq!(check(&[activate_body(&polling, 0, -1_001)]), Err((1, went_back(OPENED, -1_001))));

    let deposited = |entry, error| Err((entry, LogFlaw::Deposit(error)));
    assert_eq!(check(&[deposit(0, &one, 20)]), deposited(1, DepositError::NotActive));
    let early = DepositError::NotYetOpen { opens_at: at(0) };
    assert_eq!(check(&[activate_body(&polling, 0, -10), deposit(0, &one, -1)]), deposited(2, early));
    let late = DepositError::Ended { ends_at: at(END) };
    assert_eq!(check(&[active.clone(), deposit(0, &one, END)]), deposited(2, late));
    let no_proof = DepositError::Ballot(BallotError::Proof);
    assert_eq!(check(&[active.clone(), deposit(0, &damaged, 20)]), deposited(2, no_proof));
    let expected = one.len();
    let short = DecodeError::TooShort { expected, actual: expected - 1 };
    assert_eq!(
        check(&[active.clone(), deposit(0, &one[..expected - 1], 20)]),
        deposited(2, DepositError::Ballot(BallotError::Decode(short)))
    );
    assert_eq!(
        check(&[active.clone(), deposit(0, &of_other, 20)]),
        deposited(2, DepositError::OtherCredential)
    );
    // The same voter twice, with another ballot and with the same: in a log the retry has no place.
    let voted = DepositError::AlreadyVoted { at: at(20) };
    assert_eq!(check(&[active.clone(), deposit(0, &one, 20), deposit(0, &two, 30)]), deposited(3, voted));
    let nothing = |entry| Err((entry, LogFlaw::NoChange));
    assert_eq!(check(&[active.clone(), deposit(0, &one, 20), deposit(0, &one, 30)]), nothing(3));
    assert_eq!(check(&[active.clone(), activate_body(&polling, 0, 20)]), nothing(2));
    // The first flaw is named, though proofs are verified together.
    assert_eq!(
        check(&[active.clone(), deposit(0, &of_other, 20), deposit(0, &damaged, 30), vec![9]]),
        deposited(2, DepositError::OtherCredential)
    );

    let no_ballot = DepositError::Ballot(BallotError::Proof);
    let other_answer = spoilt(&active);
    let no_proof = LogFlaw::Activation(ActivationError::Proof);
    assert_eq!(check(std::slice::from_ref(&other_answer)), Err((1, no_proof.clone())));
    // Whoever does not vote with it is verified in the end; the ballot of whoever does shows that they hold the
    // code.
    let of_other_too = activate_body(&polling, 1, 11);
    assert_eq!(check(&[active.clone(), spoilt(&of_other_too)]), Err((2, no_proof.clone())));
    let and_deposit = [other_answer.clone(), of_other_too, deposit(1, &of_other, 20)];
    assert_eq!(check(&and_deposit), Err((1, no_proof.clone())));
    assert_eq!(check(&[other_answer.clone(), deposit(0, &one, 20)]), Ok(1));
    assert_eq!(check(&[other_answer.clone(), deposit(0, &damaged, 20)]), deposited(2, no_ballot));
    // A code that was revoked since is verified too.
    assert_eq!(check(&[other_answer, reissue(fresh, 30)]), Err((1, no_proof)));
    // Of another voter's credential.
    let mut of_another = active.clone();
    let place = active.len() - 128;
    of_another[place..place + 32].copy_from_slice(&polling.electors[1].credential.public().to_bytes());
    assert_eq!(check(&[of_another]), Err((1, LogFlaw::Activation(ActivationError::OtherCode))));
    let reissued = |entry, error| Err((entry, LogFlaw::Reissue(error)));
    let voted = ReissueError::AlreadyVoted { at: at(20) };
    assert_eq!(check(&[active.clone(), deposit(0, &one, 20), reissue(fresh, 30)]), reissued(3, voted));
    let own = polling.electors[0].credential.public();
    assert!(matches!(
        check(&[reissue(own, 5)]),
        Err((1, LogFlaw::Reissue(ReissueError::Roll(RollError::Repeated { entry: 3, .. }))))
    ));
    let late = ReissueError::Closed { closes_at: at(OPEN_FOR) };
    assert_eq!(check(&[reissue(fresh, OPEN_FOR)]), reissued(1, late));
    let issue = |seconds| {
        let id = &polling.electors[0].id;
        let issue = issue_bytes(id, fresh, seconds, Validity::UntilClose);
        [&[2][..], &time_bytes(5), &issue].concat()
    };
    let older = ReissueError::Older { issued_at: at(-2_001), in_force: at(-2_000) };
    assert_eq!(check(&[issue(-2_001)]), reissued(1, older));
    assert_eq!(check(&[issue(-2_000)]), Ok(0));

    let too_early = LogFlaw::Closing(CloseError::TooEarly { ends_at: at(END) });
    assert_eq!(check(&[close_body(END - 1)]), Err((1, too_early)));
    // No closing can be signed for such a time, so none can have been logged.
    let late = [&[5][..], &(1u64 << 53).to_le_bytes(), &[6; 32]].concat();
    assert_eq!(check(&[late]), Err((1, LogFlaw::Malformed(DecodeError::Number { offset: 1 }))));
    assert_eq!(check(&[close.clone(), close.clone()]), Err((2, LogFlaw::ClosedTwice)));
    assert_eq!(check(&[close.clone(), deposit(0, &one, 20)]), Err((2, went_back(END, 20))));
    let ended = DepositError::Ended { ends_at: at(END) };
    assert_eq!(check(&[active, close, deposit(0, &one, END)]), deposited(3, ended));
    assert_eq!(check(&[open_body(&polling)]), Err((1, LogFlaw::OpenedTwice)));
}

#[test]
fn signed_challenges_that_do_not_hold() {
    let mut polling = Polling::open(2);
    let [one, two] = [Choice::List(1), Choice::Blank].map(|choice| polling.seal(0, choice));
    let of_other = polling.seal(1, Choice::List(1));
    let active = activate_body(&polling, 0, 10);
    let challenge = |ballot: &[u8], seconds| challenge_body(&polling, 0, ballot, seconds);
    let deposit = |ballot: &[u8], seconds| deposit_body(&polling, 0, ballot, seconds);
    let check = |bodies: &[Vec<u8>]| verdict(&polling, bodies);
    let refused = |entry, error| Err((entry, LogFlaw::Challenge(error)));

    assert_eq!(check(&[active.clone(), challenge(&one, 20), deposit(&two, 30)]), Ok(1));
    let not_active = ChallengeRefusal::Credential(DepositError::NotActive);
    assert_eq!(check(&[challenge(&one, 20)]), refused(1, not_active));
    let ended = ChallengeRefusal::Ended { ends_at: at(END) };
    assert_eq!(check(&[active.clone(), challenge(&one, END)]), refused(2, ended));
    let no_proof = ChallengeRefusal::Ballot(BallotError::Proof);
    assert_eq!(check(&[active.clone(), challenge(&spoilt(&one), 20)]), refused(2, no_proof));
    let other = ChallengeRefusal::Credential(DepositError::OtherCredential);
    assert_eq!(check(&[active.clone(), challenge(&of_other, 20)]), refused(2, other));
    let voted = ChallengeRefusal::AlreadyVoted { at: at(20) };
    assert_eq!(check(&[active.clone(), deposit(&one, 20), challenge(&two, 30)]), refused(3, voted));
    let again = [active.clone(), challenge(&one, 20), challenge(&one, 30)];
    assert_eq!(check(&again), Err((3, LogFlaw::NoChange)));
    let cast = [active.clone(), challenge(&one, 20), deposit(&one, 30)];
    assert_eq!(check(&cast), Err((3, LogFlaw::Deposit(DepositError::Challenged))));
    let back = [active, challenge(&one, 9)];
    let went_back = LogFlaw::TimeWentBack { before: at(10), at: at(9) };
    assert_eq!(check(&back), Err((2, went_back)));
}

#[test]
fn signed_entries_that_do_not_decode() {
    let polling = Polling::open(2);
    let malformed = |error| Err((1, LogFlaw::Malformed(error)));
    let check = |body: &[u8]| verdict(&polling, &[body.to_vec()]);
    assert_eq!(check(&[]), malformed(DecodeError::TooShort { expected: 1, actual: 0 }));
    assert_eq!(check(&[6]), malformed(DecodeError::Number { offset: 0 }));
    let mut longer = close_body(END);
    longer.push(0);
    assert_eq!(check(&longer), malformed(DecodeError::TooLong { expected: 41, actual: 42 }));
    // A voter's id of no byte, and of more than there may be.
    for length in [0u64, 257, u64::MAX] {
        let mut body = vec![4];
        body.extend(length.to_le_bytes());
        body.extend([b'x'; 300]);
        assert_eq!(check(&body), malformed(DecodeError::Number { offset: 1 }), "{length}");
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
    let opening = |error| (0, LogFlaw::Opening(OpenError::Roll(error)));
    assert_eq!(check(&close_body(END)), (0, LogFlaw::NotOpened));
    let good = open_body(&polling);
    let with = |offset: usize, bytes: &[u8]| {
        let mut body = good.clone();
        body[offset..offset + bytes.len()].copy_from_slice(bytes);
        body
    };
    let late = RollError::Late { at: at(1), opens_at: at(0) };
    assert_eq!(check(&with(9, &time_bytes(1))), opening(late));
    // A time that no contest has.
    let never = (0, LogFlaw::Malformed(DecodeError::Number { offset: 9 }));
    assert_eq!(check(&with(9, &u64::MAX.to_le_bytes())), never);
    // What either has signed.
    let wrong = VerifyingKeyError::Signature;
    assert_eq!(check(&with(9, &time_bytes(-1_001))), opening(RollError::BoxSignature(wrong)));
    assert_eq!(check(&with(17, &[0; 64])), opening(RollError::BoxSignature(wrong)));
    assert_eq!(check(&with(81, &[0; 64])), opening(RollError::IssuerSignature(wrong)));

    // A voter twice, or not in their order; a credential twice; a voter more than was signed.
    let credential = polling.electors[0].credential.public();
    let validity = Validity::UntilClose;
    let and = |issue: Vec<u8>| [&good[..], &issue].concat();
    let descends = (0, LogFlaw::Malformed(DecodeError::Number { offset: good.len() }));
    for voter in 0..2 {
        let again = issue_bytes(&polling.id(voter), credential, 0, validity);
        assert_eq!(check(&and(again)), descends);
    }
    let stranger = VoterId::new("voter 9, a stranger").unwrap();
    let copied = issue_bytes(&stranger, credential, 0, validity);
    let twice = check(&and(copied));
    assert!(matches!(twice, (0, LogFlaw::Opening(OpenError::Roll(RollError::Repeated { .. })))), "{twice:?}");
    let fresh = Elector::stranger(&polling.contest, "stranger", 0, 70).credential.public();
    let more = and(issue_bytes(&stranger, fresh, 0, validity));
    let (entry, flaw) = check(&more);
    let refused = matches!(
        flaw,
        LogFlaw::Opening(OpenError::Roll(
            RollError::Standing { voters: 2, actual: 3 } | RollError::Order { .. }
        ))
    );
    assert!(entry == 0 && refused, "{flaw:?}");
    let mut counted = more;
    counted[1..9].copy_from_slice(&3u64.to_le_bytes());
    assert_eq!(check(&counted), opening(RollError::BoxSignature(wrong)));
}

/// Entries are replayed in rounds of at most 768 for each thread. This log has deposits and challenges at the
/// edges of the first, and at the end of the second, and reissues in between.
const DEPOSITS: [usize; 7] = [768, 769, 770, 1023, 1024, 1025, 1027];
const CHALLENGES: [usize; 2] = [771, 1026];

fn two_rounds() -> (Polling, Vec<Receipt>) {
    const CHALLENGER: usize = 7;
    const LOSER: usize = 8;
    let mut polling = Polling::with(&[(1, 1)], 1, 10);
    (0..8).for_each(|voter| polling.activate(voter, 5).unwrap());
    let mut receipts = vec![];
    for entry in 9..1028 {
        let now = i64::try_from(entry).unwrap();
        if DEPOSITS.contains(&entry) {
            let ballot = polling.seal(receipts.len(), Choice::Blank);
            receipts.push(polling.deposit(receipts.len(), &ballot, now).unwrap());
        } else if CHALLENGES.contains(&entry) {
            let ballot = polling.seal(CHALLENGER, Choice::List(1));
            polling.challenge(CHALLENGER, &ballot, now).unwrap();
        } else {
            polling.reissue(LOSER, Validity::UntilClose, now).unwrap();
        }
    }
    (polling, receipts)
}

#[test]
fn a_log_of_more_than_one_round_gives_the_same_box() {
    let (polling, receipts) = two_rounds();
    assert_eq!(entries(&polling.log).len(), 1028);
    let last = receipts[6].deposit_proof.head;
    let again = rebuild(&polling, &polling.log).unwrap();
    assert_eq!((again.len(), again.signings(), again.head()), (7, 7, last));
    polling.assert_unchanged();
}

#[test]
fn a_flaw_in_a_later_round_is_named_by_its_entry() {
    let (polling, _) = two_rounds();
    let good = entries(&polling.log);
    let bodies: Vec<_> = good.iter().map(|entry| body_of(entry)).collect();
    // The same log with some ballots spoilt, chained and with their tags.
    let with_spoilt = |numbers: &[usize]| {
        let mut writer = Writer::new(&polling.contest);
        for (number, body) in bodies.iter().enumerate() {
            match numbers.contains(&number) {
                true => writer.append(&spoilt(body)),
                false => writer.append(body),
            };
        }
        writer.log
    };
    assert_eq!(with_spoilt(&[]), polling.log, "the writer writes what the box writes");
    let deposit = LogFlaw::Deposit(DepositError::Ballot(BallotError::Proof));
    let challenge = LogFlaw::Challenge(ChallengeRefusal::Ballot(BallotError::Proof));
    for numbers in
        [&[768, 769][..], &[769, 1027], &[771, 1025], &[1024, 1025], &[1025], &[1026, 1027], &[1027]]
    {
        let flaw = if CHALLENGES.contains(&numbers[0]) { &challenge } else { &deposit };
        assert_eq!(refused(&polling, &with_spoilt(numbers)), (numbers[0] as u64, flaw.clone()));
    }
    // A ballot that was given to another voter is at its place too, as is one with another tag.
    let mut writer = Writer::new(&polling.contest);
    for body in &bodies[..1027] {
        writer.append(body);
    }
    let length = ballot_length(polling.contest.contest().layout());
    let of_6 = &bodies[1027][bodies[1027].len() - length..];
    writer.append(&deposit_body(&polling, 7, of_6, 1_100));
    let other = LogFlaw::Deposit(DepositError::OtherCredential);
    assert_eq!(refused(&polling, &writer.log), (1027, other));
    let mut without_tag = good.clone();
    *without_tag[1026].last_mut().unwrap() ^= 1;
    assert_eq!(refused(&polling, &without_tag.concat()), (1026, LogFlaw::Tag));
}
