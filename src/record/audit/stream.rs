//! The audit of a record that need not fit in memory: ballots are verified while the record is read.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserializer;
use serde::de;

use super::{AuditReport, Counted, Published};
use crate::ballot::ballots_at_a_time;
use crate::ballot_box::BallotPass;
use crate::contest::Contest;
use crate::primitives::Signature;
use crate::primitives::labels;
use crate::record::pieces::{Lists, Pieces, Reading};
use crate::record::read::{first_undecodable, read_contest};
use crate::record::{ContestRecord, HexBytes, RecordError, RollEntryRecord};

impl AuditReport {
    /// Audits a record, counted or closed, while it is read, with the same report as [`AuditReport::of`] and
    /// [`AuditReport::of_closed`] give. `progress` is told how many ballots have been verified, every few hundred.
    ///
    /// Where protocol and contest stand before the ballots, as this crate writes them, each ballot is dropped as
    /// soon as it is verified, and some 120 bytes of it are kept; otherwise all ballots are.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use urne::record::AuditReport;
    /// # let file = &include_bytes!("../../../tests/vectors/record.json")[..];
    /// # let published = urne::Record::from_json(file)?.contest()?.fingerprint();
    ///
    /// // `file` is anything that reads.
    /// let mut json = serde_json::Deserializer::from_reader(file);
    /// let report = AuditReport::of_stream(&mut json, &mut |_| ())?;
    /// json.end()?;
    /// // Against the fingerprint that the trustees have published themselves: anyone can make up a contest and its record.
    /// let report = report.expecting(published);
    /// assert!(report.verdict().is_ok());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// That of the deserializer, when the input cannot be read or is not of a record's form. That nothing comes
    /// after the record is for the caller to check, as above.
    pub fn of_stream<'de, D: Deserializer<'de>>(
        deserializer: D,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Self, D::Error> {
        let pieces = deserializer.deserialize_map(Reading(Audited { progress: &mut *progress }))?;
        Ok(judged(pieces, progress))
    }

    /// Audits a record, counted or closed, from its JSON form. One that cannot be read fails the first step.
    #[must_use]
    pub fn of_json(json: &[u8], progress: &mut dyn FnMut(usize)) -> Self {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let report = AuditReport::of_stream(&mut deserializer, progress);
        match report.and_then(|report| deserializer.end().map(|()| report)) {
            Ok(report) => report,
            Err(error) => AuditReport::unread(RecordError::json(&error)),
        }
    }
}

struct Audited<'p> {
    progress: &'p mut dyn FnMut(usize),
}

impl<'de> Lists<'de> for Audited<'_> {
    type Roll = Vec<RollEntryRecord>;
    type Ballots = Ballots;

    fn roll<M: de::MapAccess<'de>>(&mut self, map: &mut M) -> Result<Self::Roll, M::Error> {
        map.next_value()
    }

    fn ballots<M: de::MapAccess<'de>>(
        &mut self,
        protocol: Option<&str>,
        contest: Option<&ContestRecord>,
        map: &mut M,
    ) -> Result<Ballots, M::Error> {
        let known = known_contest(protocol, contest);
        map.next_value_seed(ReadBallots { known, progress: &mut *self.progress })
    }
}

/// Ballots as they came.
enum Ballots {
    /// Before the contest was known.
    Kept(KeptBallots),
    Verified(Contest, Box<BallotPass>),
    /// Under a contest that cannot be read.
    Dropped,
}

fn judged(pieces: Pieces<Vec<RollEntryRecord>, Ballots>, progress: &mut dyn FnMut(usize)) -> AuditReport {
    let counted = pieces.counted.as_ref().map(|of| Counted {
        issuer_signature: Signature::from_bytes(of.issuer_signature.0),
        endorsements: &of.endorsements,
        factors: &of.factors,
        result: &of.result,
    });
    let published = Published {
        protocol: &pieces.protocol,
        contest: &pieces.contest,
        approvals: &pieces.approvals,
        opening: &pieces.opening,
        roll: &pieces.roll,
        closing: pieces.closing,
        tally: &pieces.tally,
        counted,
    };
    let (contest, pass) = match pieces.ballots {
        Ballots::Kept(kept) => return published.audit(kept.ballots(), progress),
        Ballots::Verified(contest, pass) => (contest, *pass),
        Ballots::Dropped => return published.audit::<[u8; 0]>([], progress),
    };
    match published.readable() {
        Ok(_) => {
            let undecodable = first_undecodable(published.roll);
            published.judge_all(contest, undecodable, pass)
        }
        Err(error) => AuditReport::unread(error),
    }
}

/// The contest, when all of it stands before the ballots. `None` inside: it cannot be read.
fn known_contest(protocol: Option<&str>, contest: Option<&ContestRecord>) -> Option<Option<Contest>> {
    let (protocol, contest) = (protocol?, contest?);
    let known = [labels::PROTOCOL, labels::PROTOCOL_CLOSED];
    Some(if known.contains(&protocol) { read_contest(contest).ok() } else { None })
}

/// Reads the list of ballots.
struct ReadBallots<'p> {
    known: Option<Option<Contest>>,
    progress: &'p mut dyn FnMut(usize),
}

impl<'de> de::DeserializeSeed<'de> for ReadBallots<'_> {
    type Value = Ballots;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Ballots, D::Error> {
        match self.known {
            None => deserializer.deserialize_seq(Keep).map(Ballots::Kept),
            Some(Some(contest)) => deserializer.deserialize_seq(Verify { contest, progress: self.progress }),
            Some(None) => deserializer.deserialize_seq(Drop).map(|()| Ballots::Dropped),
        }
    }
}

/// Ballots one behind the other: a vector for each would take eight times the bytes of an empty one in JSON.
#[derive(Default)]
struct KeptBallots {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
}

impl KeptBallots {
    fn ballots(&self) -> impl Iterator<Item = &[u8]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.bytes.get(start..*end))
    }
}

/// Keeps ballots for later.
struct Keep;

impl<'de> de::Visitor<'de> for Keep {
    type Value = KeptBallots;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<S: de::SeqAccess<'de>>(self, mut seq: S) -> Result<KeptBallots, S::Error> {
        let mut kept = KeptBallots::default();
        while let Some(HexBytes(ballot)) = seq.next_element()? {
            kept.bytes.extend(ballot);
            kept.ends.push(kept.bytes.len());
        }
        Ok(kept)
    }
}

/// Verifies ballots a few hundred at a time.
struct Verify<'p> {
    contest: Contest,
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
            while next.len() < ballots_at_a_time(&contest) {
                let Some(HexBytes(ballot)) = seq.next_element()? else { break };
                next.push(ballot);
            }
            if next.is_empty() {
                return Ok(Ballots::Verified(contest, Box::new(pass)));
            }
            pass.take(&contest, &next, None, progress);
        }
    }
}

/// Reads ballots for their form alone.
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
