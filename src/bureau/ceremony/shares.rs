//! What comes of opening the shares that were dealt to a trustee.

use alloc::vec::Vec;
use core::fmt;

use super::complaint::Complaint;
use super::confirmed::Checked;
use crate::bureau::TrusteeIndex;

/// What a trustee finds when it opens the shares that its panel's dealers sealed for it.
///
/// Both are outcomes, and neither is an error: the ceremony ends with complaints that all must see, and `?` would
/// lose them.
#[must_use = "bad shares make complaints, which must be published"]
#[expect(clippy::large_enum_variant, reason = "matched where it is made, once a ceremony")]
#[derive(Debug)]
pub enum OpenedShares {
    /// All are good: the trustee goes on.
    Good(Checked),
    /// Some are bad: their [complaints](BadShares::complaints) must be published, and nothing of this ceremony is
    /// used.
    Bad(BadShares),
}

/// Shares that were sealed for us and are not the committed ones, of one dealer or several.
///
/// Publish the complaints: whoever sees one knows who is to blame ([`Ceremony::settle`](super::Ceremony::settle)),
/// and who sees none may go on with the ceremony, without us. They are made again from the stored
/// [`Revealed`](super::Revealed).
#[must_use = "its complaints must be published"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadShares {
    /// One a dealer, in order of their numbers; at least one.
    complaints: Vec<Complaint>,
}

impl BadShares {
    pub(super) fn new(complaints: Vec<Complaint>) -> Self {
        BadShares { complaints }
    }

    /// The complaints to publish, one for each dealer to blame, in order of their numbers.
    #[must_use]
    pub fn complaints(&self) -> &[Complaint] {
        &self.complaints
    }

    /// The dealers, in order of their numbers.
    pub fn dealers(&self) -> impl Iterator<Item = TrusteeIndex> {
        self.complaints.iter().map(Complaint::dealer)
    }
}

impl fmt::Display for BadShares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dealers = trustees(self.complaints.iter().map(Complaint::dealer));
        write!(
            f,
            "bad shares from {dealers}: the complaints must be published, and nothing of this ceremony is used"
        )
    }
}

/// Several trustees, as they are said.
pub(super) fn trustees(numbers: impl Iterator<Item = TrusteeIndex> + Clone) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        for (place, trustee) in numbers.clone().enumerate() {
            write!(f, "{}trustee {trustee}", if place == 0 { "" } else { ", " })?;
        }
        Ok(())
    })
}
