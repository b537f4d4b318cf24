//! The audit of a record that need not fit in memory: ballots are verified while the record is read.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, Error};
use serde::{Deserialize, Deserializer};

use super::{AuditReport, Counted, Published};
use crate::ballot::ballots_at_a_time;
use crate::ballot_box::BallotPass;
use crate::contest::Contest;
use crate::primitives::Signature;
use crate::primitives::labels;
use crate::record::json::set;
use crate::record::read::{read_contest, read_roll};
use crate::record::{
    BoxClosingRecord, ContestRecord, FactorsRecord, Hex, HexBytes, RecordError, ResultRecord,
    SignatureRecord, TallyRecord,
};

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
    ///
    /// // `file` is anything that reads.
    /// let mut json = serde_json::Deserializer::from_reader(file);
    /// let report = AuditReport::of_stream(&mut json, &mut |_| ())?;
    /// json.end()?;
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
        deserializer.deserialize_map(Audited { progress })
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

/// Ballots as they came.
enum Ballots {
    /// Before the contest was known.
    Kept(KeptBallots),
    Verified(Contest, Box<BallotPass>),
    /// Under a contest that cannot be read.
    Dropped,
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
        let (mut protocol, mut contest, mut approvals) = (None::<String>, None, None::<Vec<SignatureRecord>>);
        let (mut opening, mut roll, mut closing) = (None, None::<Vec<_>>, None::<AnyClosing>);
        let (mut tally, mut factors) = (None::<TallyRecord>, None::<Vec<FactorsRecord>>);
        let (mut result, mut ballots) = (None::<ResultRecord>, None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "protocol" => set(&mut protocol, "protocol", &mut map)?,
                "contest" => set(&mut contest, "contest", &mut map)?,
                "approvals" => set(&mut approvals, "approvals", &mut map)?,
                "opening" => set(&mut opening, "opening", &mut map)?,
                "roll" => set(&mut roll, "roll", &mut map)?,
                "ballots" if ballots.is_some() => return Err(Error::duplicate_field("ballots")),
                "ballots" => {
                    let known = known_contest(protocol.as_deref(), contest.as_ref());
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
        let protocol = protocol.ok_or_else(|| Error::missing_field("protocol"))?;
        let AnyClosing { of_box, issuer_signature, endorsements } =
            closing.ok_or_else(|| Error::missing_field("closing"))?;
        let counted = if protocol == labels::PROTOCOL_CLOSED {
            none("factors", factors.is_some())?;
            none("result", result.is_some())?;
            none("issuer_signature", issuer_signature.is_some())?;
            none("endorsements", endorsements.is_some())?;
            None
        } else {
            let signature = issuer_signature.ok_or_else(|| Error::missing_field("issuer_signature"))?;
            Some(Counted {
                issuer_signature: Signature::from_bytes(signature.0),
                endorsements: endorsements.as_ref().ok_or_else(|| Error::missing_field("endorsements"))?,
                factors: factors.as_ref().ok_or_else(|| Error::missing_field("factors"))?,
                result: result.as_ref().ok_or_else(|| Error::missing_field("result"))?,
            })
        };
        let published = Published {
            protocol: &protocol,
            contest: contest.as_ref().ok_or_else(|| Error::missing_field("contest"))?,
            approvals: approvals.as_ref().ok_or_else(|| Error::missing_field("approvals"))?,
            opening: opening.as_ref().ok_or_else(|| Error::missing_field("opening"))?,
            roll: roll.as_ref().ok_or_else(|| Error::missing_field("roll"))?,
            closing: of_box,
            tally: tally.as_ref().ok_or_else(|| Error::missing_field("tally"))?,
            counted,
        };
        let (contest, pass) = match ballots.ok_or_else(|| Error::missing_field("ballots"))? {
            Ballots::Kept(kept) => return Ok(published.audit(kept.ballots(), self.progress)),
            Ballots::Verified(contest, pass) => (contest, *pass),
            Ballots::Dropped => return Ok(published.audit::<[u8; 0]>([], self.progress)),
        };
        Ok(match published.readable() {
            Ok(_) => {
                let roll = read_roll(&contest, published.opening, published.roll);
                published.judge(contest, &roll, pass)
            }
            Err(error) => AuditReport::unread(error),
        })
    }
}

/// A closed record has no such field.
fn none<E: de::Error>(name: &'static str, there: bool) -> Result<(), E> {
    if there { Err(E::custom(format_args!("unknown field `{name}` in a closed record"))) } else { Ok(()) }
}

/// The contest, when all of it stands before the ballots. `None` inside: it cannot be read.
fn known_contest(protocol: Option<&str>, contest: Option<&ContestRecord>) -> Option<Option<Contest>> {
    let (protocol, contest) = (protocol?, contest?);
    let known = [labels::PROTOCOL, labels::PROTOCOL_CLOSED];
    Some(if known.contains(&protocol) { read_contest(contest).ok() } else { None })
}

/// The closing of a record, counted or closed.
struct AnyClosing {
    of_box: BoxClosingRecord,
    issuer_signature: Option<Hex<64>>,
    endorsements: Option<Vec<SignatureRecord>>,
}

impl<'de> Deserialize<'de> for AnyClosing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> de::Visitor<'de> for Object {
            type Value = AnyClosing;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: de::MapAccess<'de>>(self, mut map: M) -> Result<AnyClosing, M::Error> {
                const NAMES: &[&str] = &[
                    "size",
                    "root",
                    "signings_digest",
                    "at",
                    "box_signature",
                    "issuer_signature",
                    "endorsements",
                ];
                let (mut size, mut root, mut signings_digest, mut at) = (None, None, None, None);
                let (mut box_signature, mut issuer_signature, mut endorsements) = (None, None, None);
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "size" => set(&mut size, "size", &mut map)?,
                        "root" => set(&mut root, "root", &mut map)?,
                        "signings_digest" => set(&mut signings_digest, "signings_digest", &mut map)?,
                        "at" => set(&mut at, "at", &mut map)?,
                        "box_signature" => set(&mut box_signature, "box_signature", &mut map)?,
                        "issuer_signature" => set(&mut issuer_signature, "issuer_signature", &mut map)?,
                        "endorsements" => set(&mut endorsements, "endorsements", &mut map)?,
                        other => return Err(Error::unknown_field(other, NAMES)),
                    }
                }
                let of_box = BoxClosingRecord {
                    size: size.ok_or_else(|| Error::missing_field("size"))?,
                    root: root.ok_or_else(|| Error::missing_field("root"))?,
                    signings_digest: signings_digest
                        .ok_or_else(|| Error::missing_field("signings_digest"))?,
                    at: at.ok_or_else(|| Error::missing_field("at"))?,
                    box_signature: box_signature.ok_or_else(|| Error::missing_field("box_signature"))?,
                };
                Ok(AnyClosing { of_box, issuer_signature, endorsements })
            }
        }

        deserializer.deserialize_map(Object)
    }
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
            while next.len() < ballots_at_a_time() {
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
