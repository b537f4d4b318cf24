//! Forms of flaws of single ballots.

use alloc::vec::Vec;
use core::ops::Range;

use crate::ballot::BallotError;
use crate::ballot_box::{BoxFlaw, FirstFlaws, MOST_FLAWS};
use crate::primitives::wire::{DecodeError, Kind, Reader};

/// What kind of flaw a list may hold. Each form begins with its byte and the ballot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Decoding,
    Proof,
    UnknownCredential,
    RevokedCredential,
    RepeatedCredential,
    RepeatedNonce,
    RepeatedReference,
}

impl Tag {
    const ALL: [Tag; 7] = [
        Tag::Decoding,
        Tag::Proof,
        Tag::UnknownCredential,
        Tag::RevokedCredential,
        Tag::RepeatedCredential,
        Tag::RepeatedNonce,
        Tag::RepeatedReference,
    ];

    fn byte(self) -> u8 {
        match self {
            Tag::Decoding => 0,
            Tag::Proof => 1,
            Tag::UnknownCredential => 2,
            Tag::RevokedCredential => 3,
            Tag::RepeatedCredential => 4,
            Tag::RepeatedNonce => 5,
            Tag::RepeatedReference => 6,
        }
    }
}

/// LE64(how many more) ‖ how many (1 byte) ‖ each.
pub(super) fn write(flaws: &FirstFlaws, bytes: &mut Vec<u8>) {
    bytes.extend(flaws.more().to_le_bytes());
    bytes.push(u8::try_from(flaws.first().len()).unwrap_or(u8::MAX));
    flaws.first().iter().for_each(|flaw| write_flaw(flaw, bytes));
}

fn write_flaw(flaw: &BoxFlaw, bytes: &mut Vec<u8>) {
    let mut begin = |tag: Tag, ballot: &usize| {
        bytes.push(tag.byte());
        bytes.extend(number(*ballot));
    };
    let earlier = match flaw {
        BoxFlaw::Ballot { ballot, error: BallotError::Proof } => return begin(Tag::Proof, ballot),
        BoxFlaw::Ballot { ballot, error } => {
            begin(Tag::Decoding, ballot);
            return write_error(error, bytes);
        }
        BoxFlaw::UnknownCredential { ballot } => return begin(Tag::UnknownCredential, ballot),
        BoxFlaw::RevokedCredential { ballot } => return begin(Tag::RevokedCredential, ballot),
        BoxFlaw::RepeatedCredential { ballot, earlier } => {
            begin(Tag::RepeatedCredential, ballot);
            earlier
        }
        BoxFlaw::RepeatedNonce { ballot, earlier } => {
            begin(Tag::RepeatedNonce, ballot);
            earlier
        }
        BoxFlaw::RepeatedReference { ballot, earlier } => {
            begin(Tag::RepeatedReference, ballot);
            earlier
        }
        // Of the whole box, which is in no list of ballots.
        _ => return,
    };
    bytes.extend(number(*earlier));
}

fn number(index: usize) -> [u8; 8] {
    u64::try_from(index).unwrap_or(u64::MAX).to_le_bytes()
}

/// What a list of flaws of ballots in these runs may hold. At most so many are read as there are ballots.
pub(super) fn read(
    reader: &mut Reader<'_>,
    tags: &[Tag],
    covered: &[Range<u64>],
) -> Result<FirstFlaws, DecodeError> {
    let offset = reader.offset();
    let more = reader.integer()?;
    let first = usize::from(reader.byte()?);
    // There are more only where the first are as many as are told.
    if first > MOST_FLAWS || (more > 0 && first < MOST_FLAWS) {
        return Err(DecodeError::Number { offset });
    }
    let flaws = reader.many(first, 9, |reader| read_flaw(reader, tags, covered))?;
    if !flaws.is_sorted_by(|before, after| before.order() < after.order()) {
        return Err(DecodeError::Number { offset });
    }
    let flaws = FirstFlaws::from_parts(flaws, more);
    // Of each kind at most one a ballot.
    let most = super::count_of(covered).saturating_mul(u64::try_from(tags.len()).unwrap_or(u64::MAX));
    if flaws.count() > most {
        return Err(DecodeError::Number { offset });
    }
    Ok(flaws)
}

fn read_flaw(reader: &mut Reader<'_>, tags: &[Tag], covered: &[Range<u64>]) -> Result<BoxFlaw, DecodeError> {
    let offset = reader.offset();
    let refused = DecodeError::Number { offset };
    let byte = reader.byte()?;
    let tag = Tag::ALL.into_iter().find(|tag| tag.byte() == byte && tags.contains(tag)).ok_or(refused)?;
    let index = reader.integer()?;
    if !covered.iter().any(|run| run.contains(&index)) {
        return Err(refused);
    }
    let ballot = usize::try_from(index).map_err(|_| refused)?;
    let earlier = |reader: &mut Reader<'_>| match usize::try_from(reader.integer()?) {
        Ok(earlier) if earlier < ballot => Ok(earlier),
        _ => Err(refused),
    };
    Ok(match tag {
        Tag::Decoding => BoxFlaw::Ballot { ballot, error: read_error(reader)? },
        Tag::Proof => BoxFlaw::Ballot { ballot, error: BallotError::Proof },
        Tag::UnknownCredential => BoxFlaw::UnknownCredential { ballot },
        Tag::RevokedCredential => BoxFlaw::RevokedCredential { ballot },
        Tag::RepeatedCredential => BoxFlaw::RepeatedCredential { ballot, earlier: earlier(reader)? },
        Tag::RepeatedNonce => BoxFlaw::RepeatedNonce { ballot, earlier: earlier(reader)? },
        Tag::RepeatedReference => BoxFlaw::RepeatedReference { ballot, earlier: earlier(reader)? },
    })
}

/// Why a ballot does not decode: a byte, then numbers.
fn write_error(error: &BallotError, bytes: &mut Vec<u8>) {
    match error {
        BallotError::Lists { expected, actual } => bytes.extend([100, *expected, *actual]),
        BallotError::Decode(error) => write_decode_error(error, bytes),
        // Decoding gives no other.
        _ => bytes.push(u8::MAX),
    }
}

fn read_error(reader: &mut Reader<'_>) -> Result<BallotError, DecodeError> {
    if reader.rest().first() == Some(&100) {
        let [_, expected, actual] = *reader.array()?;
        return Ok(BallotError::Lists { expected, actual });
    }
    read_decode_error(reader).map(BallotError::Decode)
}

pub(super) fn write_decode_error(error: &DecodeError, bytes: &mut Vec<u8>) {
    let (tag, numbers) = match error {
        DecodeError::NotAPoint { offset } => (0, [Some(*offset), None]),
        DecodeError::Identity { offset } => (1, [Some(*offset), None]),
        DecodeError::NotAScalar { offset } => (2, [Some(*offset), None]),
        DecodeError::TooShort { expected, actual } => (3, [Some(*expected), Some(*actual)]),
        DecodeError::TooLong { expected, actual } => (4, [Some(*expected), Some(*actual)]),
        DecodeError::Version { actual } => (5, [Some(usize::from(*actual)), None]),
        DecodeError::Kind { expected, actual } => {
            (6, [Some(usize::from(expected.byte())), Some(usize::from(*actual))])
        }
        DecodeError::Number { offset } => (7, [Some(*offset), None]),
        DecodeError::NotHex => (8, [None, None]),
        DecodeError::Digest { offset } => (9, [Some(*offset), None]),
        DecodeError::Altered => (10, [None, None]),
    };
    bytes.push(tag);
    numbers.into_iter().flatten().for_each(|n| bytes.extend(number(n)));
}

pub(super) fn read_decode_error(reader: &mut Reader<'_>) -> Result<DecodeError, DecodeError> {
    let start = reader.offset();
    let refused = DecodeError::Number { offset: start };
    let tag = reader.byte()?;
    let mut number = || reader.integer().and_then(|n| usize::try_from(n).map_err(|_| refused));
    let byte = |number: usize| u8::try_from(number).map_err(|_| refused);
    Ok(match tag {
        0 => DecodeError::NotAPoint { offset: number()? },
        1 => DecodeError::Identity { offset: number()? },
        2 => DecodeError::NotAScalar { offset: number()? },
        3 => DecodeError::TooShort { expected: number()?, actual: number()? },
        4 => DecodeError::TooLong { expected: number()?, actual: number()? },
        5 => DecodeError::Version { actual: byte(number()?)? },
        6 => DecodeError::Kind {
            expected: Kind::of_byte(byte(number()?)?).ok_or(refused)?,
            actual: byte(number()?)?,
        },
        7 => DecodeError::Number { offset: number()? },
        8 => DecodeError::NotHex,
        9 => DecodeError::Digest { offset: number()? },
        10 => DecodeError::Altered,
        _ => return Err(refused),
    })
}
