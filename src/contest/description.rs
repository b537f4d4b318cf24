//! The fields of a contest as they are given, and the hash of all of them.

use alloc::vec::Vec;

use super::{Fingerprint, Layout, Packing};
use crate::bureau::ElectionKey;
use crate::primitives::group::Element;
use crate::primitives::hash::{FieldHash, length_of};
use crate::primitives::labels;
use crate::primitives::{Text, UnixTime, VerifyingKey};

/// The fields of a contest that are not its key, before anybody has checked them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestDescription {
    /// Name of the election that the contest belongs to.
    pub election: Text,
    /// Number of the contest, which begins every ballot reference. Below 2^53.
    pub number: u64,
    /// Title of the contest.
    pub title: Text,
    /// What identifies the lists' statements and candidates, for example a SHA-256. May be empty.
    pub documents: Text,
    /// Names of the lists, 1 to 255 of them, in the order of the ballot.
    pub lists: Vec<Text>,
    /// First second in which a ballot is taken.
    pub opens_at: UnixTime,
    /// First second in which no code is activated any more.
    pub closes_at: UnixTime,
    /// Seconds after the close within which those may finish who activated their code before it; at most
    /// 86,400. French law gives 1,800.
    pub grace: u64,
    /// The most voters that may be on the roll at one time, from 1 to 2^48 − 1.
    pub capacity: u64,
    /// How many lists share a slot. `None` for two where the capacity allows it, else one.
    pub packing: Option<Packing>,
    /// How many trustees of each panel must endorse the closing before any gives decryption factors, between
    /// the panel's threshold and its number of trustees.
    ///
    /// `None` for the safe quorum `⌊(n_p + t_p − 1)/2⌋ + 1` in the panel of most trustees (the first of them,
    /// if several), and the threshold in the others. Two closings can both find safe quorums only if at least
    /// `t_p` trustees of that panel lie. The price is that so many must be there at the close: of 3 trustees
    /// with the threshold 2 all 3, of 5 four.
    pub quorums: Option<Vec<u8>>,
    /// Public key of the ballot box.
    pub box_key: VerifyingKey,
    /// Public key of whoever issues the voting codes.
    pub issuer_key: VerifyingKey,
}

pub(super) fn fingerprint(
    description: &ContestDescription,
    layout: &Layout,
    quorums: &[u8],
    key: &ElectionKey,
) -> Fingerprint {
    // No `..`: a new field must be hashed here.
    let ContestDescription {
        election,
        number,
        title,
        documents,
        lists,
        opens_at,
        closes_at,
        grace,
        capacity,
        packing: _,
        quorums: _,
        box_key,
        issuer_key,
    } = description;
    let panels = key.bureau().panels();
    let mut hash = FieldHash::new(labels::CONTEST)
        .bytes(election.as_bytes())
        .number(*number)
        .bytes(title.as_bytes())
        .bytes(documents.as_bytes())
        .number(length_of(lists));
    for list in lists {
        hash = hash.bytes(list.as_bytes());
    }
    hash = hash
        .number(opens_at.seconds())
        .number(closes_at.seconds())
        .number(*grace)
        .number(*capacity)
        .number(layout.packing().get().into())
        .number(length_of(panels));
    for ((panel, quorum), points) in panels.iter().zip(quorums).zip(key.points()) {
        hash = hash
            .number(length_of(&panel.trustees))
            .number(panel.threshold.into())
            .number((*quorum).into())
            .all(panel.trustees.iter().map(|identity| identity.0.encoding()))
            .all(points.map(Element::encoding));
    }
    let digest = hash.bytes(&box_key.to_bytes()).bytes(&issuer_key.to_bytes()).finish();
    Fingerprint::from_bytes(digest)
}
