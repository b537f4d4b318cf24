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

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;
    use crate::primitives::UnixTime;
    use crate::record::{ClosedRecord, Hex, Record};

    fn record() -> Record {
        Record::from_json(include_bytes!("../../tests/vectors/record.json")).unwrap()
    }

    fn check(record: &Record) -> Result<(), RecordError> {
        check_integers(&Published::from(record))
    }

    #[test]
    fn attack_6_every_integer_of_a_record_is_below_its_limit() {
        type Field = fn(&mut Record) -> &mut u64;
        let integers: [(&str, Field); 19] = [
            ("number", |record| &mut record.contest.number),
            ("opens_at", |record| &mut record.contest.opens_at),
            ("closes_at", |record| &mut record.contest.closes_at),
            ("grace", |record| &mut record.contest.grace),
            ("capacity", |record| &mut record.contest.capacity),
            ("packing", |record| &mut record.contest.packing),
            ("panels", |record| &mut record.contest.panels[0].threshold),
            ("panels", |record| &mut record.contest.panels[0].quorum),
            ("trustee", |record| &mut record.approvals[2].trustee),
            ("voters", |record| &mut record.opening.voters),
            ("at", |record| &mut record.opening.at),
            ("size", |record| &mut record.closing.size),
            ("at", |record| &mut record.closing.at),
            ("trustee", |record| &mut record.closing.endorsements[2].trustee),
            ("count", |record| &mut record.tally.count),
            ("trustee", |record| &mut record.factors[2].trustee),
            ("result", |record| &mut record.result.votes[2]),
            ("result", |record| &mut record.result.votes[0]),
            ("result", |record| &mut record.result.blank),
        ];
        assert_eq!(check(&record()), Ok(()));
        for (field, integer) in integers {
            let mut record = record();
            *integer(&mut record) = INTEGER_LIMIT - 1;
            assert_eq!(check(&record), Ok(()), "{field}");
            for actual in [INTEGER_LIMIT, u64::MAX] {
                *integer(&mut record) = actual;
                assert_eq!(check(&record), Err(RecordError::LargeNumber { field, actual }));
            }
        }
    }

    #[test]
    fn lists_of_fixed_length_have_it() {
        let contest = record().contest().unwrap().contest().clone();
        let check = |record: &Record| check_lengths(&Published::from(record), &contest);
        let wrong = |field, expected, actual| Err(RecordError::Length { field, expected, actual });
        assert_eq!(check(&record()), Ok(()));
        let change = |change: fn(&mut Record)| {
            let mut record = record();
            change(&mut record);
            check(&record)
        };
        assert_eq!(change(|record| record.tally.sums.truncate(1)), wrong("sums", 2, 1));
        assert_eq!(change(|record| record.tally.sums.push(Hex([0; 32]))), wrong("sums", 2, 3));
        assert_eq!(change(|record| record.factors[2].factors.truncate(1)), wrong("factors", 2, 1));
        assert_eq!(change(|record| record.factors[0].factors.push(Hex([0; 32]))), wrong("factors", 2, 3));
        assert_eq!(change(|record| record.result.votes.truncate(2)), wrong("votes", 3, 2));
        assert_eq!(change(|record| record.result.votes.push(0)), wrong("votes", 3, 4));
        // A closed record has sums alone.
        let Record { contest: of, approvals, opening, roll, ballots, closing, mut tally, .. } = record();
        tally.sums.clear();
        let protocol = "urne/2 closed".into();
        let closing = closing.of_box();
        let closed =
            ClosedRecord { protocol, contest: of, approvals, opening, roll, ballots, closing, tally };
        assert_eq!(check_lengths(&Published::from(&closed), &contest), wrong("sums", 2, 0));
        assert_eq!(contest.description().opens_at, UnixTime::from_seconds(closed.contest.opens_at));
    }
}
