//! Tests of what an issuer stores.

use super::*;
use crate::ballot_box::Issuer;

fn id(voter: u8) -> VoterId {
    VoterId::new([voter]).unwrap()
}

fn given(encoding: u8, code: Option<u8>) -> GivenCredential {
    let validity = if encoding.is_multiple_of(2) { Validity::UntilClose } else { Validity::Seconds(120) };
    let code = code.map(|byte| Box::new(VotingCode::from_bytes([byte; 15])));
    GivenCredential {
        encoding: [encoding; 32],
        issued_at: UnixTime::from_seconds(encoding.into()),
        validity,
        code,
    }
}

fn opening() -> Option<(OpeningDigest, Opening)> {
    let [box_signature, issuer_signature] = [[1; 64], [2; 64]].map(Signature::from_bytes);
    let opening = Opening { voters: 2, at: UnixTime::from_seconds(900), box_signature, issuer_signature };
    Some((OpeningDigest::from_bytes([3; 32]), opening))
}

fn noted(closing: u8) -> Option<GivenAt> {
    Some(GivenAt { closing: ClosingDigest::from_bytes([closing; 32]), at: UnixTime::from_seconds(2_300) })
}

/// A voter, how many of their credentials are from before the opening, and these, each with its code.
type Voter<'a> = (u8, usize, &'a [(u8, Option<u8>)]);

fn contest(voters: &[Voter<'_>], taken_back: &[(u8, u8)]) -> OfContest {
    let mut of = OfContest::default();
    for (voter, before_opening, credentials) in voters {
        let credentials: Vec<_> = credentials.iter().map(|(own, code)| given(*own, *code)).collect();
        of.owners.extend(credentials.iter().map(|own| (own.encoding, id(*voter))));
        of.voters.insert(id(*voter), Given { credentials, before_opening: *before_opening });
    }
    of.taken_back.extend(taken_back.iter().map(|(credential, voter)| ([*credential; 32], id(*voter))));
    of
}

/// A contest in every state that an issuer's acts lead to.
fn states() -> [OfContest; 6] {
    let closing = Some((ClosingDigest::from_bytes([4; 32]), Signature::from_bytes([5; 64])));
    let voters: &[Voter<'_>] = &[(1, 1, &[(10, None), (11, Some(1)), (12, Some(2))]), (2, 0, &[(13, None)])];
    [
        contest(&[], &[]),
        contest(&[(1, 0, &[(10, Some(1)), (11, Some(2))]), (2, 0, &[(13, None)])], &[]),
        contest(&[(1, 0, &[(10, Some(1))])], &[(11, 1), (12, 9)]),
        OfContest { opening: opening(), ..contest(voters, &[(9, 1)]) },
        OfContest { opening: opening(), given: noted(4), ..contest(voters, &[]) },
        OfContest { opening: opening(), given: noted(4), closing, ..contest(voters, &[]) },
    ]
}

fn full() -> Memory {
    let fingerprints = (0..).map(|byte| Fingerprint::from_bytes([byte; 32]));
    Memory { drawn: 7, contests: fingerprints.zip(states()).collect() }
}

/// What a memory writes, without kind, version, seed and tag, and what it reads of it under a tag of its own.
fn written(memory: &Memory) -> Vec<u8> {
    let stored = store(&SigningKey::from_seed(&[6; 32]), memory);
    stored[34..stored.len() - 32].to_vec()
}

fn read_again(memory: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut storing = Storing::form(Kind::Issuer, 0);
    storing.write(&[6; 32]);
    storing.write(memory);
    read(&storing.finish()).map(|(_, memory)| written(&memory))
}

#[test]
fn attack_22_every_state_of_an_issuer_is_stored_and_read_again() {
    for state in states() {
        let contests = [(Fingerprint::from_bytes([1; 32]), state)].into();
        let memory = written(&Memory { drawn: 1, contests });
        assert_eq!(read_again(&memory), Ok(memory));
    }
    let memory = written(&full());
    assert_eq!(read_again(&memory), Ok(memory));
    let (_, again) = read(&store(&SigningKey::from_seed(&[6; 32]), &full())).unwrap();
    for (one, other) in full().contests.values().zip(again.contests.values()) {
        assert_eq!(one.owners, other.owners);
        assert_eq!(one.taken_back, other.taken_back);
    }
}

#[test]
fn attack_22_an_issuer_reads_only_what_it_writes() {
    let bytes = written(&full());
    for length in 0..bytes.len() {
        assert!(read_again(&bytes[..length]).is_err(), "{length}");
    }
    for at in 0..bytes.len() {
        for bit in [1, 2, 4, 8, 16, 128] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            if let Ok(again) = read_again(&changed) {
                assert_eq!(again, changed, "byte {at}");
            }
        }
    }
}

/// After the number of codes, that of contests, a fingerprint and flags.
const VOTERS: usize = 34 + 8 + 8 + 32 + 1;

#[test]
fn attack_22_states_that_no_act_of_an_issuer_leads_to_are_refused() {
    let offset_of = |state: OfContest| {
        let contests = [(Fingerprint::from_bytes([1; 32]), state)].into();
        match read_again(&written(&Memory { drawn: 1, contests })) {
            Err(DecodeError::Number { offset }) => offset,
            other => panic!("{other:?}"),
        }
    };
    // A closing without an opening; a voter without a credential, or with none that stands.
    let closing = Some((ClosingDigest::from_bytes([4; 32]), Signature::from_bytes([5; 64])));
    assert_eq!(offset_of(OfContest { closing, ..OfContest::default() }), VOTERS - 1);
    assert_eq!(offset_of(OfContest { given: noted(4), ..OfContest::default() }), VOTERS - 1);
    assert_eq!(offset_of(OfContest { opening: opening(), closing, ..OfContest::default() }), VOTERS - 1);
    // Another than what was given.
    let other = OfContest { opening: opening(), given: noted(5), closing, ..OfContest::default() };
    assert_eq!(offset_of(other), VOTERS + (32 + 8 + 8 + 64 + 64) + (32 + 8));
    let first = VOTERS + 8 + 9;
    assert_eq!(offset_of(contest(&[(1, 0, &[])], &[])), first);
    let opened = (32 + 8 + 8 + 64 + 64) + first;
    let one: &[(u8, Option<u8>)] = &[(10, None)];
    assert_eq!(offset_of(OfContest { opening: opening(), ..contest(&[(1, 1, one)], &[]) }), opened);
    // Told apart from before an opening that is not signed.
    assert_eq!(offset_of(contest(&[(1, 1, &[(10, None), (11, None)])], &[])), first);
    // One credential of two voters, of one twice, or both given and taken back.
    assert_eq!(offset_of(contest(&[(1, 0, one), (2, 0, one)], &[])), VOTERS);
    assert_eq!(offset_of(contest(&[(1, 0, &[(10, None), (10, None)])], &[])), VOTERS);
    let after = first + 16 + GivenCredential::LEAST_BYTES + 8;
    assert_eq!(offset_of(contest(&[(1, 0, one)], &[(10, 1)])), after);
    // Contests and voters out of order, and flags that mean nothing.
    let memory = written(&Memory {
        drawn: 1,
        contests: [(Fingerprint::from_bytes([1; 32]), contest(&[(1, 0, one), (2, 0, &[(11, None)])], &[]))]
            .into(),
    });
    let mut swapped = memory.clone();
    let each = 9 + 16 + GivenCredential::LEAST_BYTES;
    let start = VOTERS + 8 - 34;
    swapped[start..].rotate_left(0);
    let (one, two) = (memory[start..start + each].to_vec(), memory[start + each..start + 2 * each].to_vec());
    swapped[start..start + each].copy_from_slice(&two);
    swapped[start + each..start + 2 * each].copy_from_slice(&one);
    assert_eq!(read_again(&swapped), Err(DecodeError::Number { offset: VOTERS + 8 + each }));
    for flag in [2, 4, 8, 128] {
        let mut flagged = memory.clone();
        flagged[VOTERS - 34 - 1] |= flag;
        assert_eq!(read_again(&flagged), Err(DecodeError::Number { offset: VOTERS - 1 }));
    }
}

#[test]
fn attack_19_codes_are_wiped_and_not_shown() {
    // No `..`: a new field must be looked at here.
    let _ = |GivenCredential { encoding: _, issued_at: _, validity: _, code }: &GivenCredential| {
        code.as_deref().map(crate::test_support::wiped)
    };
    let _ = |Issued { voter: _, code, issues: _, reissued: _ }: &Issued| crate::test_support::wiped(code);
    let issued =
        Issued { voter: id(65), code: VotingCode::from_bytes([7; 15]), issues: Vec::new(), reissued: false };
    assert_eq!(alloc::format!("{issued:?}"), "Issued { issues: [], .. }");
    let issuer = Issuer::from_bytes(&store(&SigningKey::from_seed(&[6; 32]), &full())).unwrap();
    let shown = alloc::format!("{issuer:?}");
    assert!(
        shown.starts_with("Issuer { key: VerifyingKey(") && shown.ends_with("), contests: 6, .. }"),
        "{shown}"
    );
}
