//! Endorsements of a closing, and how many there must be.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use crate::ballot_box::{BoxFlaw, ClosingDigest, SignedBox, SignedClosing};
use crate::bureau::{PanelIndex, SignedBy, TrusteeIndex, TrusteeSignatureError, trustee_signature};
use crate::contest::Contest;
use crate::primitives::labels;
use crate::primitives::messages::messages;
use crate::primitives::text::count;

trustee_signature! {
    /// A trustee's word that it verified the box of this closing, and endorses no other. See
    /// [`Trustee::endorse`](crate::Trustee::endorse).
    Endorsement, Endorsement, "endorsement"
}

/// Checks that every endorsement given is good, that they are of distinct trustees, and that in every panel at
/// least its quorum have endorsed this closing.
pub(crate) fn check_quorums(
    contest: &Contest,
    closing: ClosingDigest,
    endorsements: &[Endorsement],
) -> Result<(), EndorsementError> {
    let bureau = contest.bureau();
    let signatures = endorsements.iter().map(|endorsement| endorsement.0);
    SignedBy::verify_all(signatures, bureau, labels::PURPOSE_ENDORSEMENT, closing.as_bytes())
        .map_err(EndorsementError::Signature)?;
    count_quorums(contest, endorsements, &[])
}

/// That of every panel enough trustees have endorsed; `good` are of distinct trustees.
fn count_quorums(
    contest: &Contest,
    good: &[Endorsement],
    rejected: &[TrusteeSignatureError],
) -> Result<(), EndorsementError> {
    let bureau = contest.bureau();
    let panels: Vec<_> = good.iter().map(|by| bureau.panel_of(by.trustee())).collect();
    for ((panel, _), required) in bureau.numbered().zip(contest.quorums()) {
        let actual = panels.iter().filter(|of| **of == Some(panel)).count();
        if actual < usize::from(*required) {
            let (required, rejected) = (*required, rejected.to_vec());
            return Err(EndorsementError::Quorum { panel, required, actual, rejected });
        }
    }
    Ok(())
}

/// Endorsements that were given for a closing, told apart: those that hold, and what is wrong with the others.
///
/// Anybody can put a false endorsement beside good ones. It stops nothing: in session the good ones are counted, and
/// only they go into a record, where every one must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenEndorsements {
    good: Vec<Endorsement>,
    rejected: Vec<TrusteeSignatureError>,
}

impl GivenEndorsements {
    /// Tells apart what was given for the closing of this box. The same trustee's twice counts once.
    #[must_use]
    pub fn of(signed: &SignedBox, given: &[Endorsement]) -> Self {
        let closed = signed.closed();
        GivenEndorsements::of_digest(closed.contest().contest(), closed.digest(), given)
    }

    fn of_digest(contest: &Contest, closing: ClosingDigest, given: &[Endorsement]) -> Self {
        let mut good = BTreeMap::new();
        let mut rejected = Vec::new();
        for endorsement in given {
            let (by, purpose) = (endorsement.0, labels::PURPOSE_ENDORSEMENT);
            match by.verify(contest.bureau(), purpose, closing.as_bytes()) {
                Ok(()) => {
                    good.entry(by.trustee).or_insert(*endorsement);
                }
                Err(error) => rejected.push(error),
            }
        }
        GivenEndorsements { good: good.into_values().collect(), rejected }
    }

    /// Of those given for this closing, as many good ones as the quorum of every panel takes.
    pub(crate) fn quorum(
        contest: &Contest,
        closing: ClosingDigest,
        given: &[Endorsement],
    ) -> Result<Self, EndorsementError> {
        let given = GivenEndorsements::of_digest(contest, closing, given);
        count_quorums(contest, &given.good, &given.rejected)?;
        Ok(given)
    }

    /// Those that hold, one a trustee, in order of the trustees.
    #[must_use]
    pub fn good(&self) -> &[Endorsement] {
        &self.good
    }

    /// What is wrong with the others, with the trustee in whose name each is. It names nobody to blame: anyone can
    /// have made them.
    #[must_use]
    pub fn rejected(&self) -> &[TrusteeSignatureError] {
        &self.rejected
    }
}

/// A closing with both signatures that the quorum of every panel endorse: the one that counts. A box can sign two
/// closings; trustees endorse one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndorsedClosing {
    closing: SignedClosing,
    digest: ClosingDigest,
}

impl EndorsedClosing {
    /// Checks the signatures of box and issuer, and the endorsements.
    ///
    /// # Errors
    ///
    /// An [`EndorsementError`] that says which do not hold, or are too few.
    pub fn verify(
        contest: &Contest,
        closing: SignedClosing,
        endorsements: &[Endorsement],
    ) -> Result<Self, EndorsementError> {
        let digest = closing.verify(contest).map_err(EndorsementError::Closing)?;
        check_quorums(contest, digest, endorsements)?;
        Ok(EndorsedClosing { closing, digest })
    }

    /// The closing.
    #[must_use]
    pub fn closing(&self) -> &SignedClosing {
        &self.closing
    }

    /// What the trustees endorsed.
    #[must_use]
    pub fn digest(&self) -> ClosingDigest {
        self.digest
    }
}

/// Why a closing does not count as endorsed.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndorsementError {
    /// The closing is not one of this contest that box and issuer have signed.
    Closing(BoxFlaw),
    /// An endorsement is false, repeated, or by nobody.
    Signature(TrusteeSignatureError),
    /// Too few trustees of a panel have endorsed the closing.
    Quorum {
        /// The panel.
        panel: PanelIndex,
        /// How many must.
        required: u8,
        /// How many have.
        actual: usize,
        /// What is wrong with others that were given beside these, of all panels.
        rejected: Vec<TrusteeSignatureError>,
    },
}

impl EndorsementError {
    /// The trustee concerned, if it is one.
    #[must_use]
    pub fn trustee(&self) -> Option<TrusteeIndex> {
        match self {
            EndorsementError::Signature(error) => Some(error.trustee()),
            EndorsementError::Closing(_) | EndorsementError::Quorum { .. } => None,
        }
    }
}

messages! { EndorsementError: "endorsement";
    Closing(error) => of error;
    Signature(error) => "signature", "endorsement: {error}";
    Quorum { panel, required, actual, rejected } => "quorum",
        "panel {panel}: the closing is endorsed by {} where it takes {required}{}",
        count(*actual, "trustee"), beside(rejected);
}

/// What was given beside the good ones.
fn beside(rejected: &[TrusteeSignatureError]) -> impl fmt::Display {
    fmt::from_fn(move |f| rejected.iter().try_for_each(|error| write!(f, "; endorsement: {error}")))
}

impl core::error::Error for EndorsementError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Dealt, rng};

    /// Panels of 1 of 2 and 2 of 5: quorums 1 and 4.
    fn dealt() -> (Dealt, ClosingDigest, Vec<Endorsement>) {
        let dealt = Dealt::new(&[(1, 2), (2, 5)], 1, None, 1);
        assert_eq!(dealt.contest.contest().quorums(), [1, 4]);
        let closing = ClosingDigest::from_bytes([9; 32]);
        let indices = dealt.contest.contest().bureau().indices();
        let sign = |(trustee, identity)| {
            let (purpose, rng) = (labels::PURPOSE_ENDORSEMENT, &mut rng(1));
            Endorsement(SignedBy::sign(trustee, identity, purpose, closing.as_bytes(), rng))
        };
        let endorsements = indices.zip(&dealt.identities).map(sign).collect();
        (dealt, closing, endorsements)
    }

    #[test]
    fn attack_13_each_panel_has_its_quorum() {
        let (dealt, closing, all) = dealt();
        let contest = dealt.contest.contest();
        for mask in 0u32..1 << 7 {
            let given: Vec<_> =
                all.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, by)| *by).collect();
            let of_first = (mask & 0b11).count_ones() as usize;
            let of_second = (mask >> 2).count_ones() as usize;
            let quorum = |panel, required, actual| {
                let panel = PanelIndex::new(panel).unwrap();
                Err(EndorsementError::Quorum { panel, required, actual, rejected: Vec::new() })
            };
            let expected = match (of_first, of_second) {
                (0, _) => quorum(1, 1, 0),
                (_, 4..) => Ok(()),
                (_, actual) => quorum(2, 4, actual),
            };
            assert_eq!(check_quorums(contest, closing, &given), expected, "{mask:b}");
        }
    }

    #[test]
    fn attack_13_a_false_endorsement_beside_a_quorum_is_named() {
        let (dealt, closing, all) = dealt();
        let contest = dealt.contest.contest();
        let check = |given: &[Endorsement]| check_quorums(contest, closing, given).unwrap_err();
        let other = ClosingDigest::from_bytes([8; 32]);
        let trustee = all[3].trustee();
        // Over another closing, for another purpose, in another's name.
        let sign = |purpose, digest: &[u8; 32]| {
            Endorsement(SignedBy::sign(trustee, &dealt.identities[3], purpose, digest, &mut rng(2)))
        };
        let renamed = Endorsement::new(trustee, *all[4].signature());
        for false_one in [
            sign(labels::PURPOSE_ENDORSEMENT, other.as_bytes()),
            sign(labels::PURPOSE_APPROVAL, closing.as_bytes()),
            sign(labels::PURPOSE_FACTORS, closing.as_bytes()),
            renamed,
        ] {
            let mut given = all.clone();
            given[3] = false_one;
            let invalid = EndorsementError::Signature(TrusteeSignatureError::Invalid { trustee });
            assert_eq!(check(&given), invalid);
            assert_eq!(invalid.trustee(), Some(trustee));
        }
        let twice = [&all[..], &[all[3]]].concat();
        assert_eq!(check(&twice), EndorsementError::Signature(TrusteeSignatureError::Repeated { trustee }));
        let eight = TrusteeIndex::new(8).unwrap();
        let nobody = [&all[..], &[Endorsement::new(eight, *all[0].signature())]].concat();
        let unknown = TrusteeSignatureError::UnknownTrustee { trustee: eight, trustees: 7 };
        assert_eq!(check(&nobody), EndorsementError::Signature(unknown));
        // In session the good ones are counted, once each, and the rest is named.
        let false_one = Endorsement::new(trustee, *all[4].signature());
        let again = sign(labels::PURPOSE_ENDORSEMENT, closing.as_bytes());
        let given = [&[false_one, nobody[7]], &all[..], &[again, false_one]].concat();
        let counted = GivenEndorsements::quorum(contest, closing, &given).unwrap();
        assert_eq!(counted.good(), all);
        let invalid = TrusteeSignatureError::Invalid { trustee };
        assert_eq!(counted.rejected(), [invalid, unknown, invalid]);
        // As long as there are enough of them.
        let given = [&[all[0], false_one], &all[4..]].concat();
        let (panel, rejected) = (PanelIndex::new(2).unwrap(), std::vec![invalid]);
        let few = EndorsementError::Quorum { panel, required: 4, actual: 3, rejected };
        assert_eq!(GivenEndorsements::quorum(contest, closing, &given), Err(few));
        // An endorsement made again is as good.
        let mut again = all.clone();
        again[3] = sign(labels::PURPOSE_ENDORSEMENT, closing.as_bytes());
        assert_eq!(check_quorums(contest, closing, &again), Ok(()));
    }
}
