//! False results, and lies about an empty box.

use serde_json::{Value, json};
use urne::ballot_box::RollError;
use urne::record::{Flaw, RecordError, Step};

use super::opening::all_sums;
use super::{LARGE, Row, anew, array, check, good, large, length, one, part};
use crate::support::forger::Forger;

fn votes(slot: usize) -> Flaw {
    Flaw::Votes { slot }
}

fn too_many(list: u8, votes: u64, count: u64) -> Flaw {
    Flaw::TooManyVotes { list, votes, count }
}

const TOTAL: Flaw = Flaw::Total { count: 5 };

/// The true result is 2, 1, 1 and one blank; the first two lists share a slot.
const RESULTS: &[Row] = &[
    ("the votes of two lists of one slot exchanged", |_, r| {
        r["result"]["votes"] = json!([1, 2, 1]);
        one(Step::Result, votes(1))
    }),
    ("the votes of two slots exchanged", |_, r| {
        r["result"]["votes"] = json!([1, 1, 2]);
        vec![(Step::Result, vec![votes(1), votes(2)])]
    }),
    ("a blank vote given to a list", |_, r| {
        r["result"] = json!({ "votes": [2, 1, 2], "blank": 0 });
        one(Step::Result, votes(2))
    }),
    ("a vote of a list made blank", |_, r| {
        r["result"] = json!({ "votes": [2, 0, 1], "blank": 2 });
        one(Step::Result, votes(1))
    }),
    ("a vote more than ballots", |_, r| {
        r["result"]["votes"][0] = json!(3);
        vec![(Step::Result, vec![votes(1), TOTAL])]
    }),
    ("a blank vote too many", |_, r| {
        r["result"]["blank"] = json!(2);
        one(Step::Result, TOTAL)
    }),
    ("a blank vote too few", |_, r| {
        r["result"]["blank"] = json!(0);
        one(Step::Result, TOTAL)
    }),
    ("the same total of a slot, all of it in the first list", |_, r| {
        r["result"]["votes"] = json!([2 + 1_001, 0, 1]);
        vec![(Step::Result, vec![too_many(1, 1_003, 5), TOTAL])]
    }),
    ("a list with more votes than ballots, and blank votes to match", |_, r| {
        r["result"] = json!({ "votes": [6, 1, 1], "blank": 0 });
        vec![(Step::Result, vec![too_many(1, 6, 5), TOTAL])]
    }),
    ("numbers as large as can be", |_, r| {
        r["result"] = json!({ "votes": [LARGE - 1, LARGE - 1, LARGE - 1], "blank": LARGE - 1 });
        let mut flaws: Vec<_> = (1..=3).map(|list| too_many(list, LARGE - 1, 5)).collect();
        flaws.push(TOTAL);
        vec![(Step::Result, flaws)]
    }),
    ("blank votes that wrap round", |_, r| {
        // 2 + 1 + (2^64 − 1) + 3 is 5 in 64 bits.
        r["result"] = json!({ "votes": [2, 1, u64::MAX], "blank": 3 });
        part(Step::Contest, RecordError::LargeNumber { field: "result", actual: u64::MAX })
    }),
    ("more blank votes than a number can be", |_, r| {
        r["result"]["blank"] = json!(LARGE);
        large("result")
    }),
    ("a list without votes", |_, r| {
        array(r, "/result/votes").pop();
        length("votes", 3, 2)
    }),
    ("votes without a list", |_, r| {
        array(r, "/result/votes").push(json!(0));
        length("votes", 3, 4)
    }),
    ("the totals of slots in the place of votes", |_, r| {
        r["result"]["votes"] = json!([2 + 1_001, 1]);
        length("votes", 3, 2)
    }),
    ("as many ballots as can be counted, of too many voters", |f, r| {
        r["contest"]["capacity"] = json!(5);
        anew(f, r);
        one(Step::Roll, Flaw::Record(RollError::Voters { voters: 7, capacity: 5 }.into()))
    }),
    ("more ballots than can be counted", |f, r| {
        r["contest"]["capacity"] = json!(4);
        anew(f, r);
        vec![
            (Step::Roll, vec![Flaw::Record(RollError::Voters { voters: 7, capacity: 4 }.into())]),
            (Step::Result, vec![Flaw::Capacity { count: 5, capacity: 4 }]),
        ]
    }),
];

#[test]
fn attack_12_false_records_of_results() {
    check(&good, RESULTS);
}

fn empty(forger: &Forger) -> Value {
    forger.record(&[])
}

const NONE: Flaw = Flaw::Total { count: 0 };

const EMPTY: &[Row] = &[
    ("factors in an empty box", |f, r| {
        let factors = f.factors(r, 1, &f.shares(1));
        array(r, "/factors").push(factors);
        one(Step::Factors, Flaw::FactorsOfEmptyBox)
    }),
    ("the factors of another box in an empty one", |f, r| {
        r["factors"] = good(f)["factors"].clone();
        one(Step::Factors, Flaw::FactorsOfEmptyBox)
    }),
    ("votes in an empty box", |_, r| {
        r["result"]["votes"] = json!([1, 0, 0]);
        vec![(Step::Result, vec![too_many(1, 1, 0), NONE])]
    }),
    ("a blank vote in an empty box", |_, r| {
        r["result"]["blank"] = json!(1);
        one(Step::Result, NONE)
    }),
    ("a count in an empty box", |_, r| {
        r["tally"]["count"] = json!(1);
        one(Step::Tally, Flaw::Count { expected: 0, actual: 1 })
    }),
    ("sums in an empty box", |f, r| {
        let full = good(f)["tally"].clone();
        r["tally"]["nonce"] = full["nonce"].clone();
        r["tally"]["sums"] = full["sums"].clone();
        vec![(Step::Tally, all_sums())]
    }),
];

#[test]
fn attack_12_false_records_of_empty_boxes() {
    check(&empty, EMPTY);
}
