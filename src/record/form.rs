//! What of a record's form its JSON does not say: limits of integers, and lists of fixed length.

use super::audit::Published;
use super::{FactorsRecord, PanelRecord, RecordError, SignatureRecord};
use crate::contest::Contest;
use crate::primitives::wire::INTEGER_LIMIT;

/// Integers are below 2^53, so that every reader gets them exactly. Those of the contest come first, since it is
/// read first.
pub(super) fn check_integers(published: &Published<'_>) -> Result<(), RecordError> {
    let contest = published.contest;
    let all = [
        ("number", contest.number),
        ("opens_at", contest.opens_at),
        ("closes_at", contest.closes_at),
        ("grace", contest.grace),
        ("capacity", contest.capacity),
        ("packing", contest.packing),
        ("voters", published.opening.voters),
        ("at", published.opening.at),
        ("size", published.closing.size),
        ("at", published.closing.at),
        ("count", published.tally.count),
    ];
    let panels = contest.panels.iter();
    let panels =
        panels.flat_map(|PanelRecord { threshold, quorum, .. }| [threshold, quorum].map(|n| ("panels", *n)));
    let numbers = |signatures: &'_ [SignatureRecord]| -> Option<u64> {
        signatures.iter().map(|signature| signature.trustee).find(|trustee| *trustee >= INTEGER_LIMIT)
    };
    let counted = published.counted.as_ref();
    let of_result =
        counted.iter().flat_map(|counted| counted.result.votes.iter().chain([&counted.result.blank]));
    let of_factors = counted.iter().flat_map(|counted| counted.factors);
    let large = all
        .into_iter()
        .chain(panels)
        .chain(of_result.map(|votes| ("result", *votes)))
        .chain(of_factors.map(|FactorsRecord { trustee, .. }| ("trustee", *trustee)))
        .chain(numbers(published.approvals).map(|trustee| ("trustee", trustee)))
        .chain(counted.and_then(|counted| numbers(counted.endorsements)).map(|trustee| ("trustee", trustee)))
        .find(|(_, number)| *number >= INTEGER_LIMIT);
    large.map_or(Ok(()), |(field, actual)| Err(RecordError::LargeNumber { field, actual }))
}

/// As many sums and factors as the contest has slots, as many numbers of votes as it has lists.
pub(super) fn check_lengths(published: &Published<'_>, contest: &Contest) -> Result<(), RecordError> {
    let (slots, lists) = (contest.layout().slots(), usize::from(contest.lists()));
    let check = |field, actual: usize, expected| {
        if actual == expected { Ok(()) } else { Err(RecordError::Length { field, expected, actual }) }
    };
    check("sums", published.tally.sums.len(), slots)?;
    let Some(counted) = &published.counted else { return Ok(()) };
    for FactorsRecord { factors, .. } in counted.factors {
        check("factors", factors.len(), slots)?;
    }
    check("votes", counted.result.votes.len(), lists)
}
