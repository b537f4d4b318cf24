//! A record cut into its two long lists, at a fixed length each, and the rest: shards then need no index. And back.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::cmp::Ordering;
use core::fmt;

use serde::de::{self, Error as _};
use serde::ser::{self, Error as _, SerializeSeq, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{PartOf, Parts, ShardError};
use crate::ballot::ballot_length;
use crate::record::pieces::{CountedPieces, Lists, Pieces, Reading};
use crate::record::read::read_contest;
use crate::record::{
    AuditReport, BoxClosingRecord, ClosedRecord, ClosingRecord, ContestRecord, Hex, HexBytes, OddBallot,
    Record, RollEntryRecord, SmallRecord,
};

/// A record, counted or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnyRecord {
    /// A counted one.
    Counted(Record),
    /// A closed one.
    Closed(ClosedRecord),
}

impl AnyRecord {
    /// The fields of its contest.
    #[must_use]
    pub fn contest(&self) -> &ContestRecord {
        match self {
            AnyRecord::Counted(record) => &record.contest,
            AnyRecord::Closed(record) => &record.contest,
        }
    }

    fn lists(&self) -> (&[RollEntryRecord], &[HexBytes]) {
        match self {
            AnyRecord::Counted(record) => (&record.roll, &record.ballots),
            AnyRecord::Closed(record) => (&record.roll, &record.ballots),
        }
    }
}

impl From<Pieces<Vec<RollEntryRecord>, Vec<HexBytes>>> for AnyRecord {
    fn from(pieces: Pieces<Vec<RollEntryRecord>, Vec<HexBytes>>) -> Self {
        let Pieces { protocol, contest, approvals, opening, roll, ballots, closing, tally, counted } = pieces;
        let Some(CountedPieces { issuer_signature, endorsements, factors, result }) = counted else {
            return AnyRecord::Closed(ClosedRecord {
                protocol,
                contest,
                approvals,
                opening,
                roll,
                ballots,
                closing,
                tally,
            });
        };
        let BoxClosingRecord { size, root, signings_digest, at, box_signature } = closing;
        let closing =
            ClosingRecord { size, root, signings_digest, at, box_signature, issuer_signature, endorsements };
        AnyRecord::Counted(Record {
            protocol,
            contest,
            approvals,
            opening,
            roll,
            ballots,
            closing,
            tally,
            factors,
            result,
        })
    }
}

/// Reads both lists whole.
struct Whole;

impl<'de> Lists<'de> for Whole {
    type Roll = Vec<RollEntryRecord>;
    type Ballots = Vec<HexBytes>;

    fn roll<M: de::MapAccess<'de>>(&mut self, map: &mut M) -> Result<Self::Roll, M::Error> {
        map.next_value()
    }

    fn ballots<M: de::MapAccess<'de>>(
        &mut self,
        _: Option<&str>,
        _: Option<&ContestRecord>,
        map: &mut M,
    ) -> Result<Self::Ballots, M::Error> {
        map.next_value()
    }
}

impl<'de> Deserialize<'de> for AnyRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading(Whole)).map(AnyRecord::from)
    }
}

impl Serialize for AnyRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            AnyRecord::Counted(record) => record.serialize(serializer),
            AnyRecord::Closed(record) => record.serialize(serializer),
        }
    }
}

/// Bytes of an entry of the roll in its file: the credential, and 1 where it is revoked, else 0.
pub const ENTRY_LENGTH: usize = 33;

/// An entry of the roll as it stands in its file.
#[must_use]
pub fn entry_to_bytes(entry: &RollEntryRecord) -> [u8; ENTRY_LENGTH] {
    let mut bytes = [0; ENTRY_LENGTH];
    let fields = entry.credential.0.into_iter().chain([u8::from(entry.revoked)]);
    bytes.iter_mut().zip(fields).for_each(|(byte, field)| *byte = field);
    bytes
}

/// Reads what [`entry_to_bytes`] gave.
#[must_use]
pub fn entry_from_bytes(bytes: &[u8; ENTRY_LENGTH]) -> Option<RollEntryRecord> {
    let (credential, revoked) = bytes.split_first_chunk()?;
    let revoked = match revoked {
        [0] => false,
        [1] => true,
        _ => return None,
    };
    Some(RollEntryRecord { credential: Hex(*credential), revoked })
}

/// That what is written to cannot take more; whoever gave it knows why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

/// What takes the bytes of a list, one ballot or entry at a time.
pub type Sink<'s> = &'s mut dyn FnMut(&[u8]) -> Result<(), Stop>;

/// What became of a split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Split {
    /// It is done, and this is what the lists are no part of.
    Done(Box<SmallRecord>),
    /// The ballots stood before the contest, and have another length than the first of them. What was written is of
    /// no use: split once more, with this length.
    Again {
        /// The length of the contest's ballots.
        length: u64,
    },
}

/// Bytes of the longest ballot that there can be: of 255 lists, one a slot.
const LONGEST_BALLOT: u64 = 2 + 32 * (255 + 255 + 9);

/// Reads a record, counted or closed, and gives its ballots and its roll out as they come, at a fixed length each, so
/// that memory does not grow with them. (It does with ballots of another length, which are kept: some 17 times the bytes
/// of a record of nothing but empty ones, whose file has the full length for each.)
///
/// Ballots have the length that the contest gives; where they stand before it, that of the first of them, or the one
/// given. A ballot of another length is given out as so many zeros, and stands with its place in the small record.
/// Of a contest that cannot be read nothing is verified, and any length will do.
///
/// # Errors
///
/// That of the deserializer, when the input cannot be read, is not of a record's form, or a sink [stops](Stop).
pub fn split<'de, D: Deserializer<'de>>(
    deserializer: D,
    length: Option<u64>,
    ballots: Sink<'_>,
    roll: Sink<'_>,
) -> Result<Split, D::Error> {
    let cutting = Cutting { length, ballots, roll };
    let pieces = deserializer.deserialize_map(Reading(cutting))?;
    let due = read_contest(&pieces.contest).ok().map(|contest| length_of(ballot_length(contest.layout())));
    let Cut { count, length, odd } = pieces.ballots;
    match due {
        Some(due) if due != length && count > 0 => return Ok(Split::Again { length: due }),
        _ => (),
    }
    let entries = pieces.roll;
    let Pieces { protocol, contest, approvals, opening, closing, tally, counted, .. } = pieces;
    let (roll, ballots) = (Vec::new(), Vec::new());
    let pieces = Pieces { protocol, contest, approvals, opening, roll, ballots, closing, tally, counted };
    let length = due.unwrap_or(length);
    let small = SmallRecord { record: pieces.into(), ballots: count, length, entries, odd };
    Ok(Split::Done(Box::new(small)))
}

fn length_of(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

struct Cutting<'s> {
    length: Option<u64>,
    ballots: Sink<'s>,
    roll: Sink<'s>,
}

/// What is known of the ballots when they were cut.
struct Cut {
    count: u64,
    length: u64,
    odd: Vec<OddBallot>,
}

impl<'de> Lists<'de> for Cutting<'_> {
    type Roll = u64;
    type Ballots = Cut;

    fn roll<M: de::MapAccess<'de>>(&mut self, map: &mut M) -> Result<u64, M::Error> {
        map.next_value_seed(CutRoll(&mut *self.roll))
    }

    fn ballots<M: de::MapAccess<'de>>(
        &mut self,
        _: Option<&str>,
        contest: Option<&ContestRecord>,
        map: &mut M,
    ) -> Result<Cut, M::Error> {
        let known = contest.and_then(|contest| read_contest(contest).ok());
        let due = known.map(|contest| length_of(ballot_length(contest.layout())));
        map.next_value_seed(CutBallots { length: due.or(self.length), sink: &mut *self.ballots })
    }
}

fn stopped<E: de::Error>(_: Stop) -> E {
    E::custom("the list cannot be written")
}

struct CutRoll<'s>(Sink<'s>);

impl<'de> de::DeserializeSeed<'de> for CutRoll<'_> {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> de::Visitor<'de> for CutRoll<'_> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<S: de::SeqAccess<'de>>(self, mut seq: S) -> Result<u64, S::Error> {
        let mut count = 0u64;
        while let Some(entry) = seq.next_element::<RollEntryRecord>()? {
            (self.0)(&entry_to_bytes(&entry)).map_err(stopped)?;
            count = count.saturating_add(1);
        }
        Ok(count)
    }
}

struct CutBallots<'s> {
    length: Option<u64>,
    sink: Sink<'s>,
}

impl<'de> de::DeserializeSeed<'de> for CutBallots<'_> {
    type Value = Cut;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cut, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> de::Visitor<'de> for CutBallots<'_> {
    type Value = Cut;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<S: de::SeqAccess<'de>>(self, mut seq: S) -> Result<Cut, S::Error> {
        let mut cut = Cut { count: 0, length: self.length.unwrap_or(0), odd: Vec::new() };
        let mut known = self.length.is_some();
        let mut zeros = Vec::new();
        while let Some(HexBytes(ballot)) = seq.next_element()? {
            if !known {
                // What is longer than any ballot is none, and must not make all others as long.
                let length = length_of(ballot.len());
                (known, cut.length) = (true, if length > LONGEST_BALLOT { 0 } else { length });
            }
            if length_of(ballot.len()) == cut.length {
                (self.sink)(&ballot).map_err(stopped)?;
            } else {
                // A length that was read from a contest, or was that of a ballot.
                let length = usize::try_from(cut.length)
                    .map_err(|_| S::Error::custom("a length that is too large"))?;
                zeros.resize(length, 0);
                (self.sink)(&zeros).map_err(stopped)?;
                cut.odd.push(OddBallot { index: cut.count, ballot: HexBytes(ballot) });
            }
            cut.count = cut.count.saturating_add(1);
        }
        Ok(cut)
    }
}

impl SmallRecord {
    /// The ballot with this index, from what its file has there: its own bytes if it is of another length.
    #[must_use]
    pub fn ballot<'b>(&'b self, index: u64, stored: &'b [u8]) -> &'b [u8] {
        let place = self.odd.binary_search_by_key(&index, |odd| odd.index);
        let odd = place.ok().and_then(|place| self.odd.get(place));
        odd.map_or(stored, |odd| &odd.ballot.0)
    }

    /// The report from the parts of its lists: see [`AuditReport::of_parts`].
    ///
    /// # Errors
    ///
    /// Those of [`AuditReport::of_parts`], and [`ShardError::Missing`] or [`ShardError::Beyond`] where the parts are of
    /// fewer ballots or entries than the record has, or of more.
    pub fn audit(&self, parts: Parts) -> Result<AuditReport, ShardError> {
        check_count(PartOf::Ballots, parts.ballots, self.ballots)?;
        check_count(PartOf::Roll, length_of(parts.roll.read.entries), self.entries)?;
        match &self.record {
            AnyRecord::Counted(record) => AuditReport::of_parts(record, parts),
            AnyRecord::Closed(record) => AuditReport::of_closed_parts(record, parts),
        }
    }

    /// The whole record again, to be written by a serializer while the lists are read: `ballots` gives the pieces of
    /// their file in order, `roll` the entries of its own. It can be written once.
    pub fn joined<B, R, E>(&self, ballots: B, roll: R) -> impl Serialize
    where
        B: Iterator<Item = Result<Vec<u8>, E>>,
        R: Iterator<Item = Result<RollEntryRecord, E>>,
        E: fmt::Display,
    {
        Joining { small: self, ballots: RefCell::new(Some(ballots)), roll: RefCell::new(Some(roll)) }
    }
}

/// That parts are of as many as there are.
fn check_count(of: PartOf, actual: u64, count: u64) -> Result<(), ShardError> {
    match actual.cmp(&count) {
        Ordering::Less => Err(ShardError::Missing { of, first: actual, end: count }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(ShardError::Beyond { of, index: actual.saturating_sub(1), count }),
    }
}

struct Joining<'s, B, R> {
    small: &'s SmallRecord,
    ballots: RefCell<Option<B>>,
    roll: RefCell<Option<R>>,
}

impl<B, R, E> Serialize for Joining<'_, B, R>
where
    B: Iterator<Item = Result<Vec<u8>, E>>,
    R: Iterator<Item = Result<RollEntryRecord, E>>,
    E: fmt::Display,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let small = self.small;
        if small.record.lists() != (&[], &[]) {
            return Err(S::Error::custom("the record has lists of its own"));
        }
        let roll = List { items: &self.roll, count: small.entries, map: |_, entry| entry };
        let ballots = List {
            items: &self.ballots,
            count: small.ballots,
            map: |index, stored: Vec<u8>| HexBytes(small.ballot(index, &stored).to_vec()),
        };
        match &small.record {
            AnyRecord::Counted(record) => {
                let mut object = serializer.serialize_struct("Record", 10)?;
                object.serialize_field("protocol", &record.protocol)?;
                object.serialize_field("contest", &record.contest)?;
                object.serialize_field("approvals", &record.approvals)?;
                object.serialize_field("opening", &record.opening)?;
                object.serialize_field("roll", &roll)?;
                object.serialize_field("ballots", &ballots)?;
                object.serialize_field("closing", &record.closing)?;
                object.serialize_field("tally", &record.tally)?;
                object.serialize_field("factors", &record.factors)?;
                object.serialize_field("result", &record.result)?;
                object.end()
            }
            AnyRecord::Closed(record) => {
                let mut object = serializer.serialize_struct("ClosedRecord", 8)?;
                object.serialize_field("protocol", &record.protocol)?;
                object.serialize_field("contest", &record.contest)?;
                object.serialize_field("approvals", &record.approvals)?;
                object.serialize_field("opening", &record.opening)?;
                object.serialize_field("roll", &roll)?;
                object.serialize_field("ballots", &ballots)?;
                object.serialize_field("closing", &record.closing)?;
                object.serialize_field("tally", &record.tally)?;
                object.end()
            }
        }
    }
}

/// A list that is read while it is written.
struct List<'l, I, F> {
    items: &'l RefCell<Option<I>>,
    count: u64,
    map: F,
}

impl<I, F, A, T, E> Serialize for List<'_, I, F>
where
    I: Iterator<Item = Result<A, E>>,
    F: Fn(u64, A) -> T,
    T: Serialize,
    E: fmt::Display,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = self.items.try_borrow_mut().ok().and_then(|mut items| items.take());
        let items = items.ok_or_else(|| ser::Error::custom("the lists were written before"))?;
        let mut list = serializer.serialize_seq(usize::try_from(self.count).ok())?;
        let mut count = 0u64;
        for item in items {
            let item = item.map_err(S::Error::custom)?;
            if count >= self.count {
                return Err(S::Error::custom(format_args!("more than the {} that there are", self.count)));
            }
            list.serialize_element(&(self.map)(count, item))?;
            count = count.saturating_add(1);
        }
        if count < self.count {
            return Err(S::Error::custom(format_args!("{count} where there are {}", self.count)));
        }
        list.end()
    }
}
