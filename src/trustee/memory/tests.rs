//! Tests of what a trustee stores.

use super::*;
use crate::ballot_box::SigningsDigest;
use crate::bureau::TrusteeIndex;
use crate::primitives::wire::{Kind, form};
use crate::primitives::{Signature, SigningKey};
use crate::tally::FactorsSignature;
use crate::test_support::Dealt;

fn contest(byte: u8) -> Fingerprint {
    Fingerprint::from_bytes([byte; 32])
}

fn opening(byte: u8) -> OpeningDigest {
    OpeningDigest::from_bytes([byte; 32])
}

fn proof(number: u64) -> Proof {
    Proof::new(number.into(), number.into())
}

fn factors() -> DecryptionFactors {
    let signature = FactorsSignature::from_bytes([2; 64]);
    DecryptionFactors::from_encodings(TrusteeIndex::new(3).unwrap(), &[[1; 32]], [3; 64], signature).unwrap()
}

/// What a memory writes, and what it reads of it.
fn stored(memory: &Memory) -> Vec<u8> {
    let mut storing = Storing::form(Kind::Trustee, 0);
    memory.store(&mut storing);
    let stored = storing.finish();
    // Kind, version and tag are of the whole trustee's form.
    stored[2..stored.len() - 32].to_vec()
}

fn read(bytes: &[u8]) -> Result<Memory, DecodeError> {
    let mut reader = Reader::new(bytes);
    let memory = Memory::read(&mut reader)?;
    reader.finish()?;
    Ok(memory)
}

fn head(of: u8, under: u8, size: u64, root: u8) -> Head {
    let at = UnixTime::from_seconds(1_500);
    let signature = SigningKey::from_seed(&[9; 32]).sign(&[root; 32]);
    Head { contest: contest(of), opening: opening(under), size, root: [root; 32], at, signature }
}

fn closing(of: u8, size: u64, root: u8) -> SignedClosing {
    let mut bytes = form(Kind::SignedClosing);
    bytes.extend([[of; 32], [2; 32]].as_flattened());
    bytes.extend(size.to_le_bytes());
    bytes.extend([root; 32]);
    bytes.extend(SigningsDigest::from_bytes([4; 32]).to_bytes());
    bytes.extend([5; 32]);
    bytes.extend(2_400u64.to_le_bytes());
    bytes.extend([Signature::from_bytes([6; 64]); 2].map(|signature| signature.to_bytes()).as_flattened());
    SignedClosing::from_bytes(&bytes).unwrap()
}

fn endorsed(size: u64, root: u8) -> Option<Endorsed> {
    Some(Endorsed {
        closing: ClosingDigest::from_bytes([7; 32]),
        size,
        root: [root; 32],
        signature: proof(9),
    })
}

fn given(closing: u8) -> Option<GivenAt> {
    Some(GivenAt { closing: ClosingDigest::from_bytes([closing; 32]), at: UnixTime::from_seconds(2_300) })
}

fn heads(heads: &[Head]) -> BTreeMap<HeadKey, Head> {
    heads.iter().map(|head| (key_of(head), *head)).collect()
}

/// A contest in every state that a trustee's acts lead to.
fn states() -> [OfContest; 9] {
    let nothing = OfContest::default();
    let opened = OfContest { opening: Some(opening(1)), ..nothing.clone() };
    let done = OfContest { endorsed: endorsed(3, 3), given: given(7), ..opened.clone() };
    let three = [head(5, 1, 0, 1), head(5, 1, 2, 1), head(5, 2, 1, 1)];
    [
        OfContest { replaced: true, ..nothing.clone() },
        OfContest { given: given(6), ..nothing.clone() },
        opened.clone(),
        OfContest { shown: [closing(3, 3, 3)].to_vec(), ..nothing.clone() },
        OfContest { shown: [closing(4, 3, 3), closing(4, 3, 4)].to_vec(), ..opened },
        OfContest { heads: heads(&three), ..nothing },
        done.clone(),
        OfContest { shown: [closing(7, 2, 3)].to_vec(), ..done.clone() },
        OfContest { factors: Some(factors()), heads: heads(&[head(8, 1, 3, 3)]), ..done },
    ]
}

fn approved_of(byte: u8, opens_at: UnixTime) -> Approved {
    Approved { contest: contest(byte), opens_at, signature: proof(byte.into()) }
}

fn full() -> Memory {
    let opens_at = UnixTime::from_seconds(1_000);
    let approved =
        [("", 0), ("Council", 1), ("Council", 2)].map(|(election, number)| (election.into(), number));
    let approved = approved.into_iter().zip(0..);
    Memory {
        minimum: u64::MAX,
        approved: approved.map(|(place, n)| (place, approved_of(n, opens_at))).collect(),
        contests: (0..).map(contest).zip(states()).collect(),
    }
}

#[test]
fn attack_22_every_state_is_stored_and_read_again() {
    for (state, n) in states().into_iter().zip(0..) {
        let memory = Memory { contests: [(contest(n), state)].into(), ..Memory::default() };
        assert_eq!(read(&stored(&memory)), Ok(memory), "{n}");
    }
    assert_eq!(read(&stored(&full())), Ok(full()));
    assert_eq!(read(&stored(&Memory::default())), Ok(Memory::default()));
}

#[test]
fn attack_22_a_memory_reads_only_what_it_writes() {
    let bytes = stored(&full());
    for length in 0..bytes.len() {
        let cut = read(&bytes[..length]);
        assert!(matches!(cut, Err(DecodeError::TooShort { .. })), "{length}: {cut:?}");
    }
    let long = DecodeError::TooLong { expected: bytes.len(), actual: bytes.len() + 1 };
    assert_eq!(read(&[&bytes[..], &[0]].concat()), Err(long));
    for at in 0..bytes.len() {
        for bit in [1, 2, 4, 8, 16, 128] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            if let Ok(memory) = read(&changed) {
                assert_eq!(stored(&memory), changed, "byte {at}");
            }
        }
    }
}

/// After minimum, no approvals, the number of contests, and the first fingerprint.
const FLAGS: usize = 3 * 8 + 32;
/// A signed closing with its length.
const CLOSING: usize = 8 + 306;
/// A head with its length.
const HEAD: usize = 8 + 178;

#[test]
fn attack_22_states_that_no_act_leads_to_are_refused() {
    let offset_of = |state: OfContest| {
        let memory = Memory { contests: [(contest(0), state)].into(), ..Memory::default() };
        match read(&stored(&memory)) {
            Err(DecodeError::Number { offset }) => offset,
            other => panic!("{other:?}"),
        }
    };
    let nothing = OfContest::default();
    let opened = OfContest { opening: Some(opening(1)), ..nothing.clone() };
    let done = OfContest { endorsed: endorsed(3, 3), given: given(7), ..opened.clone() };
    assert_eq!(offset_of(OfContest { factors: Some(factors()), ..opened.clone() }), FLAGS);
    // Endorsed without being given, or another than what was.
    assert_eq!(offset_of(OfContest { given: None, ..done.clone() }), FLAGS);
    assert_eq!(offset_of(OfContest { given: given(6), ..done.clone() }), FLAGS + 1 + 32 + 40);
    assert_eq!(offset_of(OfContest { endorsed: endorsed(3, 3), ..nothing.clone() }), FLAGS);

    // Of another contest; the same size and root twice, or as endorsed; more than stop the trustee.
    let first = FLAGS + 1 + 8;
    let shown = |shown: &[SignedClosing]| OfContest { shown: shown.to_vec(), ..nothing.clone() };
    let [one, two, three] = [3, 4, 5].map(|root| closing(0, 3, root));
    assert_eq!(offset_of(shown(&[closing(1, 3, 3)])), first);
    assert_eq!(offset_of(shown(&[one, one])), first + CLOSING);
    assert_eq!(offset_of(shown(&[one, two, three])), first + 2 * CLOSING);
    let after_endorsed = first + 32 + 40 + 72 + 64;
    let shown = |shown: &[SignedClosing]| OfContest { shown: shown.to_vec(), ..done.clone() };
    assert_eq!(offset_of(shown(&[one])), after_endorsed);
    assert_eq!(offset_of(shown(&[two, three])), after_endorsed + CLOSING);

    // Heads of another contest, and out of order.
    let first = first + 8;
    let with = |heads: BTreeMap<HeadKey, Head>| OfContest { heads, ..nothing.clone() };
    assert_eq!(offset_of(with(heads(&[head(1, 1, 1, 1)]))), first);
    let [low, high] = [1, 2].map(|size| head(0, 1, size, 1));
    let swapped = [(key_of(&low), high), (key_of(&high), low)];
    assert_eq!(offset_of(with(swapped.into())), first + HEAD);

    // Flags that mean nothing.
    for flag in [32, 64, 128] {
        let memory = Memory { contests: [(contest(0), nothing.clone())].into(), ..Memory::default() };
        let mut bytes = stored(&memory);
        bytes[FLAGS] |= flag;
        assert_eq!(read(&bytes), Err(DecodeError::Number { offset: FLAGS }));
    }
}

#[test]
fn attack_22_approvals_and_contests_stand_in_order_and_texts_have_their_limit() {
    let count = |number: usize| u64::try_from(number).unwrap().to_le_bytes();
    let approved = approved_of(1, UnixTime::from_seconds(1_000));
    let written = |elections: &[&str]| {
        let mut bytes = stored(&Memory::default());
        bytes.truncate(8);
        bytes.extend(count(elections.len()));
        for election in elections {
            bytes.extend(count(election.len()));
            bytes.extend(election.as_bytes());
            bytes.extend(count(1));
            bytes.extend(approved.contest.to_bytes());
            bytes.extend(approved.opens_at.seconds().to_le_bytes());
            bytes.extend(approved.signature.to_bytes());
        }
        bytes.extend(count(0));
        read(&bytes).map(|memory| memory.approved.len())
    };
    let refused = |offset| Err(DecodeError::Number { offset });
    let first = 8 + 8;
    assert_eq!(written(&["a", "b"]), Ok(2));
    assert_eq!(written(&["b", "a"]), refused(first + 8 + 1 + 48 + 64));
    assert_eq!(written(&["a", "a"]), refused(first + 8 + 1 + 48 + 64));
    let long = "x".repeat(MOST_TEXT_BYTES);
    assert_eq!(written(&[&long]), Ok(1));
    assert_eq!(written(&[&(long + "x")]), refused(first));
}

#[test]
fn attack_14_one_contest_of_a_number_is_approved_from_its_opening_on() {
    // The same election and number, with one list and with two; opening at 1,000.
    let [one, two] = [1, 2].map(|lists| Dealt::simple(lists, 1).contest.contest().clone());
    let other_number = Dealt::simple(1, 2).contest.contest().clone();
    let [early, late] = [999, 1_000].map(UnixTime::from_seconds);
    let not_approved = |of: &Contest| Err(TrusteeError::NotApproved { contest: of.fingerprint() });
    let mut memory = Memory::default();
    // As a trustee does it, with a signature of its own for each contest.
    let signature = |contest: &Contest| proof(u64::from(contest.fingerprint().to_bytes()[0]));
    let approve = |memory: &mut Memory, contest: &Contest, now| {
        let before = memory.check_approval(contest, now)?;
        before.map_or_else(
            || memory.approve(contest, signature(contest)),
            |before| assert_eq!(before, signature(contest)),
        );
        Ok::<_, TrusteeError>(())
    };
    assert_eq!(memory.check_approved(&one), not_approved(&one));
    assert_eq!(approve(&mut memory, &one, early), Ok(()));
    assert_eq!(memory.check_approved(&one), Ok(()));
    assert_eq!(memory.check_approved(&two), not_approved(&two));
    // Again, at any time; of another number before that one opens.
    assert_eq!(approve(&mut memory, &one, late), Ok(()));
    let opens_at = one.description().opens_at;
    let before = memory.clone();
    let refused = TrusteeError::LateApproval { now: late, opens_at: other_number.description().opens_at };
    assert_eq!(approve(&mut memory, &other_number, late), Err(refused));
    assert_eq!(memory, before);
    assert_eq!(approve(&mut memory, &other_number, early), Ok(()));
    let opened = TrusteeError::OtherContest { approved: one.fingerprint(), opens_at };
    let before = memory.clone();
    assert_eq!(approve(&mut memory, &two, late), Err(opened));
    assert_eq!(memory, before);
    // In time, the first is done with for ever.
    assert_eq!(approve(&mut memory, &two, early), Ok(()));
    let replaced = || Err(TrusteeError::Replaced { contest: one.fingerprint() });
    assert_eq!(approve(&mut memory, &one, early), replaced());
    assert_eq!(memory.check_approved(&one), replaced());
    assert_eq!(memory.check_approved(&two), Ok(()));
    assert_eq!(memory.check_approved(&other_number), Ok(()));
}

#[test]
fn attack_13_any_two_closings_that_differ_stop_a_trustee() {
    let of = contest(0);
    let [one, two, three] = [3, 4, 5].map(|root| closing(0, 3, root));
    let digest = ClosingDigest::from_bytes([7; 32]);
    // Shown before an endorsement, one is remembered, two stop.
    let mut memory = Memory::default();
    assert_eq!(memory.keep_closing(&one), Ok(()));
    assert_eq!(memory.second_closings(of), []);
    assert_eq!(memory.keep_closing(&one), Err(TrusteeError::SameClosing { size: 3 }));
    assert_eq!(memory.keep_closing(&two), Ok(()));
    assert_eq!(memory.second_closings(of), [one, two]);
    assert_eq!(memory.keep_closing(&three), Ok(()));
    assert_eq!(memory.second_closings(of), [one, two], "no more are kept than stop it");
    assert_eq!(memory.check_endorsed(of, digest), Err(TrusteeError::Stopped { contest: of }));
    // After one, one more.
    let state = OfContest { opening: Some(opening(1)), endorsed: endorsed(3, 3), ..OfContest::default() };
    let mut memory = Memory { contests: [(of, state)].into(), ..Memory::default() };
    assert_eq!(memory.check_endorsed(of, digest), Ok(()));
    assert_eq!(memory.keep_closing(&one), Err(TrusteeError::SameClosing { size: 3 }));
    assert_eq!(memory.check_endorsed(of, digest), Ok(()));
    // Of another size alone, or another root alone.
    for second in [closing(0, 2, 3), two] {
        let mut memory = memory.clone();
        assert_eq!(memory.keep_closing(&second), Ok(()));
        assert_eq!(memory.second_closings(of), [second]);
        assert_eq!(memory.check_endorsed(of, digest), Err(TrusteeError::Stopped { contest: of }));
    }
}
