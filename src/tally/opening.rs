//! Opening the tally: the result from the factors of any threshold of every panel.
//!
//! With Lagrange coefficients `λ_j` at 0 over any `t_p` trustees of panel `p`, the sum `Σ_j λ_j·D_{j,s}` is
//! `ΣR` times the panel's part of the key, and `M_s = ΣC_s − Σ_p Σ_j λ_j·D_{j,s} = v_s·G`, where `v_s` is the sum
//! of the slot's votes with their weights. It is found by baby-step giant-step over its digits to the base
//! `capacity + 1`, which are the votes of the slot's lists.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;

use super::{
    DecryptionFactors, ElectionResult, Endorsement, EndorsementError, FactorError, GivenEndorsements,
    GoodFactors,
};
use crate::ballot::SealedTally;
use crate::ballot_box::SignedBox;
use crate::bureau::{Bureau, PanelIndex, TrusteeIndex, TrusteeSignatureError, lagrange_at_zero};
use crate::contest::Contest;
use crate::primitives::discrete_log::{DiscreteLogError, PackedLogTable};
use crate::primitives::group::{Element, vartime_sum};
use crate::primitives::messages::messages;
use crate::primitives::text;

/// A tally that trustees have opened.
#[derive(Clone, Debug)]
pub struct OpenedTally {
    result: ElectionResult,
    endorsements: GivenEndorsements,
    factors: Vec<DecryptionFactors>,
    rejected: Vec<FactorError>,
}

impl OpenedTally {
    /// Opens the tally of a closed box with the factors of any `t_p` trustees of every panel.
    ///
    /// False factors are left out and named in [`OpenedTally::rejected`], with their trustee if they are its own
    /// word; factors given twice count once. False endorsements are left out and named in
    /// [`OpenedTally::rejected_endorsements`]. An empty box needs no factors, and none are kept.
    ///
    /// # Errors
    ///
    /// [`OpeningError::Endorsement`] when a panel has too few good endorsements, with what was wrong with the others;
    /// [`OpeningError::TooFew`] when fewer than `t_p` trustees of a panel gave good factors, with what was wrong
    /// with the others; [`OpeningError::Capacity`] for more ballots than the contest can count.
    pub fn open(
        signed: &SignedBox,
        endorsements: &[Endorsement],
        factors: &[DecryptionFactors],
    ) -> Result<Self, OpeningError> {
        let closed = signed.closed();
        let contest = closed.contest().contest();
        let endorsements = GivenEndorsements::quorum(contest, closed.digest(), endorsements)
            .map_err(OpeningError::Endorsement)?;

        let tally = closed.tally();
        let mut good: Vec<GoodFactors> = Vec::new();
        let mut rejected = Vec::new();
        if tally.count() > 0 {
            for candidate in factors {
                match candidate.verify(contest, closed.digest(), tally) {
                    // There is only one right value of each factor.
                    Ok(factors) if good.iter().any(|other| other.trustee() == factors.trustee()) => (),
                    Ok(factors) => good.push(factors),
                    Err(error) => rejected.push(error),
                }
            }
        }
        good.sort_by_key(GoodFactors::trustee);
        let result = match combine(contest, tally, &good) {
            Err(OpeningError::TooFew { panel, required, good, .. }) => {
                return Err(OpeningError::TooFew { panel, required, good, rejected });
            }
            other => other?,
        };
        let factors = good.into_iter().map(GoodFactors::into_given).collect();
        Ok(OpenedTally { result, endorsements, factors, rejected })
    }

    /// The votes.
    #[must_use]
    pub fn result(&self) -> &ElectionResult {
        &self.result
    }

    /// The good endorsements of the closing, in order of the trustees.
    #[must_use]
    pub fn endorsements(&self) -> &[Endorsement] {
        self.endorsements.good()
    }

    /// What is wrong with the endorsements that were left out, and in whose name each was.
    #[must_use]
    pub fn rejected_endorsements(&self) -> &[TrusteeSignatureError] {
        self.endorsements.rejected()
    }

    /// The good factors, in order of the trustees.
    #[must_use]
    pub fn factors(&self) -> &[DecryptionFactors] {
        &self.factors
    }

    /// What is wrong with the factors that were left out, and in whose name each was.
    #[must_use]
    pub fn rejected(&self) -> &[FactorError] {
        &self.rejected
    }
}

/// The result from good factors in order of their trustees, those of the lowest numbers of each panel.
fn combine(
    contest: &Contest,
    tally: &SealedTally,
    factors: &[GoodFactors],
) -> Result<ElectionResult, OpeningError> {
    let (count, layout) = (tally.count(), contest.layout());
    if count == 0 {
        return Ok(ElectionResult::new(alloc::vec![0; contest.lists().into()], 0));
    }
    if count > layout.capacity() {
        return Err(OpeningError::Capacity { count, capacity: layout.capacity() });
    }
    let groups = lowest_of_each_panel(contest.bureau(), factors).map_err(|(panel, required, good)| {
        OpeningError::TooFew { panel, required, good, rejected: Vec::new() }
    })?;
    let digits = layout.packing().get();
    let failed = |slot: usize| move |error| OpeningError::NoLogarithm { slot: slot.saturating_add(1), error };
    let table = PackedLogTable::new(count, layout.base(), digits).map_err(failed(0))?;
    let mut votes: Vec<u64> = Vec::with_capacity(contest.lists().into());
    // What the slots before have left of the ballots bounds the search in the next.
    let mut left = count;
    let lists = layout.lists_of_slots().map(Iterator::count);
    for (slot, (message, lists)) in messages(tally, &groups).iter().zip(lists).enumerate() {
        let lists = u8::try_from(lists).unwrap_or(digits);
        let of_slot = table.find_point_vartime(message, lists, left).map_err(failed(slot))?;
        // No more than that: the search is over digits whose sum is within it.
        left = left.saturating_sub(of_slot.iter().sum());
        votes.extend(of_slot);
    }
    Ok(ElectionResult::new(votes, left))
}

/// The factors of the `t_p` lowest trustees of each panel. `factors` are in order of their trustees, one each.
///
/// An error is a panel that has too few, with how many it must have and has.
pub(crate) fn lowest_of_each_panel<'a>(
    bureau: &Bureau,
    factors: &'a [GoodFactors],
) -> Result<Vec<Vec<&'a GoodFactors>>, (PanelIndex, u8, usize)> {
    let panels: Vec<_> = factors.iter().map(|factors| bureau.panel_of(factors.trustee())).collect();
    bureau
        .numbered()
        .map(|(panel, of)| {
            let of_panel = factors.iter().zip(&panels).filter(|(_, of)| **of == Some(panel));
            let good: Vec<_> = of_panel.map(|(factors, _)| factors).collect();
            let lowest = good.get(..of.threshold.into()).map(<[_]>::to_vec);
            lowest.ok_or((panel, of.threshold, good.len()))
        })
        .collect()
}

/// `M_s = ΣC_s − Σ_p Σ_j λ_j·D_{j,s}` for every slot, from one group of factors a panel.
pub(crate) fn messages(tally: &SealedTally, groups: &[Vec<&GoodFactors>]) -> Vec<RistrettoPoint> {
    let weighted: Vec<_> = groups
        .iter()
        .flat_map(|group| {
            let trustees: Vec<TrusteeIndex> = group.iter().map(|factors| factors.trustee()).collect();
            lagrange_at_zero(&trustees).into_iter().zip(group)
        })
        .collect();
    let key_part = |slot: usize| {
        let terms =
            weighted.iter().filter_map(|(lambda, of)| Some((*lambda, of.elements().get(slot)?.point())));
        vartime_sum(terms)
    };
    let sums = tally.sum_elements().iter().map(Element::point).enumerate();
    sums.map(|(slot, sum)| sum - key_part(slot)).collect()
}

/// Why a tally cannot be opened.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpeningError {
    /// The closing is not endorsed as it must be.
    Endorsement(EndorsementError),
    /// There are more ballots than the contest can count.
    Capacity {
        /// How many ballots there are.
        count: u64,
        /// The contest's capacity.
        capacity: u64,
    },
    /// Too few trustees of a panel gave good factors.
    TooFew {
        /// The panel.
        panel: PanelIndex,
        /// How many must.
        required: u8,
        /// How many did.
        good: usize,
        /// What was wrong with the others, of all panels.
        rejected: Vec<FactorError>,
    },
    /// A total is made of no numbers of votes within the count, so something that was verified is false.
    NoLogarithm {
        /// The slot, from 1.
        slot: usize,
        /// What the search says.
        error: DiscreteLogError,
    },
}

messages! { OpeningError: "opening";
    Endorsement(error) => of error;
    Capacity { count, capacity } => "capacity",
        "{} are more than the contest's capacity of {capacity}", text::count(*count, "ballot");
    TooFew { panel, required, good, rejected } => "too-few",
        "panel {panel}: good decryption factors of {} where it takes {required}{}",
        text::count(*good, "trustee"), reasons(rejected);
    NoLogarithm { slot, error } => "no-logarithm", "total of slot {slot}: {error}";
}

impl core::error::Error for OpeningError {}

fn reasons(rejected: &[FactorError]) -> impl fmt::Display {
    fmt::from_fn(move |f| rejected.iter().try_for_each(|error| write!(f, "; {error}")))
}

#[cfg(test)]
mod tests;
