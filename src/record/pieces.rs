//! A record read piece by piece: the two long lists by whoever wants them, all else alike.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, Error};
use serde::{Deserialize, Deserializer};

use super::json::set;
use super::{
    BoxClosingRecord, ContestRecord, FactorsRecord, Hex, OpeningRecord, ResultRecord, SignatureRecord,
    TallyRecord,
};
use crate::primitives::{Text, escaped, labels};

/// What becomes of roll and ballots while they are read.
pub(super) trait Lists<'de> {
    type Roll;
    type Ballots;

    /// Reads the value of `roll`.
    fn roll<M: de::MapAccess<'de>>(&mut self, map: &mut M) -> Result<Self::Roll, M::Error>;

    /// Reads the value of `ballots`. Of protocol and contest, what stood before.
    fn ballots<M: de::MapAccess<'de>>(
        &mut self,
        protocol: Option<&str>,
        contest: Option<&ContestRecord>,
        map: &mut M,
    ) -> Result<Self::Ballots, M::Error>;
}

/// All of a record.
pub(super) struct Pieces<R, B> {
    pub(super) protocol: Text,
    pub(super) contest: ContestRecord,
    pub(super) approvals: Vec<SignatureRecord>,
    pub(super) opening: OpeningRecord,
    pub(super) roll: R,
    pub(super) ballots: B,
    pub(super) closing: BoxClosingRecord,
    pub(super) tally: TallyRecord,
    /// `None` in a closed record.
    pub(super) counted: Option<CountedPieces>,
}

/// What a closed record does not have.
pub(super) struct CountedPieces {
    pub(super) issuer_signature: Hex<64>,
    pub(super) endorsements: Vec<SignatureRecord>,
    pub(super) factors: Vec<FactorsRecord>,
    pub(super) result: ResultRecord,
}

/// Reads a record, counted or closed.
pub(super) struct Reading<L>(pub(super) L);

impl<'de, L: Lists<'de>> de::Visitor<'de> for Reading<L> {
    type Value = Pieces<L::Roll, L::Ballots>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: de::MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
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
        let Reading(mut lists) = self;
        let (mut protocol, mut contest, mut approvals) = (None::<Text>, None, None);
        let (mut opening, mut roll, mut closing) = (None, None, None::<AnyClosing>);
        let (mut tally, mut factors) = (None, None::<Vec<FactorsRecord>>);
        let (mut result, mut ballots) = (None::<ResultRecord>, None);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "protocol" => set(&mut protocol, "protocol", &mut map)?,
                "contest" => set(&mut contest, "contest", &mut map)?,
                "approvals" => set(&mut approvals, "approvals", &mut map)?,
                "opening" => set(&mut opening, "opening", &mut map)?,
                "roll" if roll.is_some() => return Err(Error::duplicate_field("roll")),
                "roll" => roll = Some(lists.roll(&mut map)?),
                "ballots" if ballots.is_some() => return Err(Error::duplicate_field("ballots")),
                "ballots" => {
                    ballots = Some(lists.ballots(protocol.as_deref(), contest.as_ref(), &mut map)?)
                }
                "closing" => set(&mut closing, "closing", &mut map)?,
                "tally" => set(&mut tally, "tally", &mut map)?,
                "factors" => set(&mut factors, "factors", &mut map)?,
                "result" => set(&mut result, "result", &mut map)?,
                other => return Err(Error::unknown_field(&escaped(other).to_string(), NAMES)),
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
            Some(CountedPieces {
                issuer_signature: issuer_signature.ok_or_else(|| Error::missing_field("issuer_signature"))?,
                endorsements: endorsements.ok_or_else(|| Error::missing_field("endorsements"))?,
                factors: factors.ok_or_else(|| Error::missing_field("factors"))?,
                result: result.ok_or_else(|| Error::missing_field("result"))?,
            })
        };
        Ok(Pieces {
            protocol,
            contest: contest.ok_or_else(|| Error::missing_field("contest"))?,
            approvals: approvals.ok_or_else(|| Error::missing_field("approvals"))?,
            opening: opening.ok_or_else(|| Error::missing_field("opening"))?,
            roll: roll.ok_or_else(|| Error::missing_field("roll"))?,
            ballots: ballots.ok_or_else(|| Error::missing_field("ballots"))?,
            closing: of_box,
            tally: tally.ok_or_else(|| Error::missing_field("tally"))?,
            counted,
        })
    }
}

/// A closed record has no such field.
fn none<E: de::Error>(name: &'static str, there: bool) -> Result<(), E> {
    if there { Err(E::custom(format_args!("unknown field `{name}` in a closed record"))) } else { Ok(()) }
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
                        other => return Err(Error::unknown_field(&escaped(other).to_string(), NAMES)),
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
