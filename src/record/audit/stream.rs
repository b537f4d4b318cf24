//! The audit of a record that need not fit in memory: ballots are verified while the record is read.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, Error};
use serde::{Deserialize, Deserializer};

use super::AuditReport;
use crate::ballot::ballots_at_a_time;
use crate::ballot_box::BallotPass;
use crate::contest::ApprovedContest;
use crate::record::json::set;
use crate::record::{ContestRecord, HexBytes, Record, RecordError, SignatureRecord, approved_contest};

impl AuditReport {
    /// Audits a record while it is read, with the same report as [`AuditReport::of_json`] gives. `progress`
    /// is told how many ballots have been verified, every few hundred.
    ///
    /// Ballots are verified some hundreds (per thread) at a time and then dropped; some 150 bytes of each
    /// and the rest of the record are kept. This needs the record's `protocol`, `contest` and `approvals` to
    /// stand before its `ballots`, as [`Record::to_json`] writes them; ballots that come earlier are kept.
    ///
    /// That nothing stands after the record is for the caller to check, who has the reader:
    ///
    /// ```
    /// use urne::audit::AuditReport;
    ///
    /// # let file = &include_bytes!("../../tests/vectors/record.json")[..];
    /// // `file` is anything that implements `std::io::Read`.
    /// let mut reader = serde_json::Deserializer::from_reader(file);
    /// let report = AuditReport::of_stream(&mut reader, &mut |_| ())
    ///     .and_then(|report| reader.end().map(|()| report))
    ///     .unwrap_or_else(|error| AuditReport::unreadable(&error));
    /// assert_eq!(report.verdict(), Ok(()));
    /// ```
    ///
    /// # Errors
    ///
    /// The deserializer's, when the form is not that of a record. [`AuditReport::unreadable`] makes a
    /// report of it.
    pub fn of_stream<'de, D: Deserializer<'de>>(
        deserializer: D,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Audited { progress })
    }
}

/// Reads a record and audits it.
struct Audited<'p> {
    progress: &'p mut dyn FnMut(usize),
}

/// What became of the ballots when they were read.
enum Ballots {
    /// They came before the contest.
    Kept(Vec<HexBytes>),
    Verified(ApprovedContest, Box<BallotPass>),
    /// There is no valid contest for which they could be verified.
    Dropped(RecordError),
}

impl<'de> de::Visitor<'de> for Audited<'_> {
    type Value = AuditReport;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: de::MapAccess<'de>>(self, mut map: M) -> Result<AuditReport, M::Error> {
        const NAMES: &[&str] = &[
            "protocol",
            "contest",
            "approvals",
            "opening",
            "roll",
            "ballots",
            "closing",
            "tally",
            "factors",
            "result",
        ];
        let (mut protocol, mut contest, mut approvals) = (None::<String>, None, None);
        let (mut opening, mut roll, mut closing, mut tally, mut factors, mut result) =
            (None, None, None, None, None, None);
        let mut ballots = None;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "protocol" => set(&mut protocol, "protocol", &mut map)?,
                "contest" => set(&mut contest, "contest", &mut map)?,
                "approvals" => set(&mut approvals, "approvals", &mut map)?,
                "opening" => set(&mut opening, "opening", &mut map)?,
                "roll" => set(&mut roll, "roll", &mut map)?,
                "ballots" if ballots.is_some() => return Err(Error::duplicate_field("ballots")),
                "ballots" => {
                    let known = known_contest(protocol.as_deref(), contest.as_ref(), approvals.as_deref());
                    ballots =
                        Some(map.next_value_seed(ReadBallots { known, progress: &mut *self.progress })?);
                }
                "closing" => set(&mut closing, "closing", &mut map)?,
                "tally" => set(&mut tally, "tally", &mut map)?,
                "factors" => set(&mut factors, "factors", &mut map)?,
                "result" => set(&mut result, "result", &mut map)?,
                other => return Err(Error::unknown_field(other, NAMES)),
            }
        }
        let (kept, verified) = match ballots.ok_or_else(|| Error::missing_field("ballots"))? {
            Ballots::Kept(kept) => (kept, None),
            Ballots::Verified(contest, pass) => (Vec::new(), Some(Ok((contest, pass)))),
            Ballots::Dropped(error) => (Vec::new(), Some(Err(error))),
        };
        let record = Record {
            protocol: protocol.ok_or_else(|| Error::missing_field("protocol"))?,
            contest: contest.ok_or_else(|| Error::missing_field("contest"))?,
            approvals: approvals.ok_or_else(|| Error::missing_field("approvals"))?,
            opening: opening.ok_or_else(|| Error::missing_field("opening"))?,
            roll: roll.ok_or_else(|| Error::missing_field("roll"))?,
            ballots: kept,
            closing: closing.ok_or_else(|| Error::missing_field("closing"))?,
            tally: tally.ok_or_else(|| Error::missing_field("tally"))?,
            factors: factors.ok_or_else(|| Error::missing_field("factors"))?,
            result: result.ok_or_else(|| Error::missing_field("result"))?,
        };
        Ok(match verified {
            None => AuditReport::of(&record, self.progress),
            Some(Ok((contest, pass))) => AuditReport::judge(&record, contest, *pass),
            Some(Err(error)) => AuditReport::without_contest(error),
        })
    }
}

/// The contest, if all that it takes has been read.
fn known_contest(
    protocol: Option<&str>,
    contest: Option<&ContestRecord>,
    approvals: Option<&[SignatureRecord]>,
) -> Option<Result<ApprovedContest, RecordError>> {
    Some(approved_contest(protocol?, contest?, approvals?))
}

/// Reads the list of ballots: verified on the way if the contest is known.
struct ReadBallots<'p> {
    known: Option<Result<ApprovedContest, RecordError>>,
    progress: &'p mut dyn FnMut(usize),
}

impl<'de> de::DeserializeSeed<'de> for ReadBallots<'_> {
    type Value = Ballots;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Ballots, D::Error> {
        match self.known {
            None => Vec::deserialize(deserializer).map(Ballots::Kept),
            Some(Ok(contest)) => deserializer.deserialize_seq(Verify { contest, progress: self.progress }),
            Some(Err(error)) => deserializer.deserialize_seq(Drop).map(|()| Ballots::Dropped(error)),
        }
    }
}

/// Verifies a list of ballots.
struct Verify<'p> {
    contest: ApprovedContest,
    progress: &'p mut dyn FnMut(usize),
}

impl<'de> de::Visitor<'de> for Verify<'_> {
    type Value = Ballots;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<S: de::SeqAccess<'de>>(self, mut seq: S) -> Result<Ballots, S::Error> {
        let Verify { contest, progress } = self;
        let mut pass = BallotPass::new(&contest);
        loop {
            let mut next = Vec::new();
            while next.len() < ballots_at_a_time() {
                let Some(HexBytes(ballot)) = seq.next_element()? else { break };
                next.push(ballot);
            }
            if next.is_empty() {
                return Ok(Ballots::Verified(contest, Box::new(pass)));
            }
            pass.take(&contest, &next);
            progress(pass.references.len());
        }
    }
}

/// Reads a list of ballots for their form only.
struct Drop;

impl<'de> de::Visitor<'de> for Drop {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<S: de::SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element::<HexBytes>()?.is_some() {}
        Ok(())
    }
}
