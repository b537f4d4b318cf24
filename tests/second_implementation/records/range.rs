//! Honest records of every shape.

use serde_json::json;

use crate::support::forger::{Forger, PanelShape, Shape, closed_form, votes};
use crate::{audit, audit_closed};

/// One to three panels.
const BUREAUS: [&[(usize, usize)]; 8] = [
    &[(1, 1)],
    &[(2, 3)],
    &[(1, 2), (2, 5)],
    &[(3, 3)],
    &[(2, 2), (1, 1)],
    &[(1, 1), (2, 3), (3, 4)],
    &[(1, 3)],
    &[(2, 3), (2, 3), (1, 2)],
];

/// A record of so many ballots, which go round the lists and blank, and its result.
fn check(forger: &Forger, ballots: usize, name: &str) {
    let lists = forger.lists;
    let mut result = vec![0; lists + 1];
    let mut cast = Vec::new();
    for ballot in 0..ballots {
        // The later the list, the fewer its votes; 0 is blank.
        let choice = (ballot * ballot / 2 + ballot) % (lists + 1);
        result[choice] += 1;
        let b: Vec<_> = (1..=lists).map(|list| i64::from(list == choice)).collect();
        cast.push(votes(&b));
    }
    let record = forger.record(&cast);
    assert_eq!(record["result"], json!({ "votes": result[1..], "blank": result[0] }), "{name}");
    let report = audit(record.to_string().as_bytes());
    assert!(report.accepts(), "{name}: {report:?}");
    assert_eq!(report.outcomes.len(), 9);

    let closed = closed_form(&record).to_string();
    let report = audit_closed(closed.as_bytes());
    assert!(report.accepts(), "{name}, closed: {report:?}");
    assert_eq!(report.outcomes.len(), 7);
    // One form is not the other.
    assert_eq!(audit(closed.as_bytes()).failed(), [1]);
    assert_eq!(audit_closed(record.to_string().as_bytes()).failed(), [1]);
}

#[test]
fn lists_packings_and_panels() {
    let mut bureaus = BUREAUS.iter().cycle();
    for lists in 1..=12 {
        for packing in 1..=lists.min(4) {
            let bureau = bureaus.next().unwrap();
            let forger = Forger::of(&Shape::new(bureau, lists, 9).packed(packing));
            for ballots in [0, 1, 7] {
                let name = format!("{lists} lists, {packing} a slot, panels {bureau:?}, {ballots} ballots");
                check(&forger, ballots, &name);
            }
        }
    }
}

#[test]
fn as_many_lists_as_there_can_be() {
    check(&Forger::of(&Shape::new(&[(1, 1), (2, 3)], 255, 3).packed(4)), 2, "255 lists");
}

#[test]
fn many_lists_in_one_slot() {
    let mut shape = Shape::new(&[(1, 1)], 6, 1).packed(6);
    shape.capacity = 255;
    check(&Forger::of(&shape), 1, "the largest slot there is");
    // Two voters at most: a slot holds thirty lists and a remainder.
    let mut shape = Shape::new(&[(1, 1)], 31, 2).packed(30);
    shape.capacity = 2;
    check(&Forger::of(&shape), 0, "thirty lists a slot");
}

#[test]
fn quorums_and_reissues() {
    // A panel of which half may endorse, beside one that has the majority that is asked for.
    let mut shape = Shape::new(&[(1, 4), (2, 3)], 4, 12);
    shape.panels[0].quorum = 2;
    shape.panels[1] = PanelShape::lenient(2, 3);
    let mut forger = Forger::of(&shape);
    check(&forger, 5, "quorums of one's own");
    for reissues in [vec![], vec![0], vec![11, 3, 0, 7]] {
        forger.reissues = reissues;
        check(&forger, 5, "reissues");
        check(&forger, 12, "everybody votes");
    }
    // As many voters as there can be.
    let mut shape = Shape::new(&[(1, 1)], 2, 3);
    shape.capacity = 3;
    check(&Forger::of(&shape), 3, "capacity reached");
}

/// No more endorsements and factors than are due, and not of the same trustees.
#[test]
fn some_of_the_trustees() {
    let forger = Forger::of(&Shape::new(&[(1, 2), (2, 5)], 3, 9));
    let mut record = forger.record(&[votes(&[0, 1, 0]), votes(&[0, 0, 1])]);
    let keep = |value: &mut serde_json::Value, trustees: &[u64]| {
        value.as_array_mut().unwrap().retain(|entry| trustees.contains(&entry["trustee"].as_u64().unwrap()));
    };
    // The second panel is safe with four of five.
    keep(&mut record["closing"]["endorsements"], &[2, 3, 4, 6, 7]);
    let all = record["factors"].clone();
    for a in 1..=2 {
        for b in 3..=7 {
            for c in b + 1..=7 {
                record["factors"] = all.clone();
                keep(&mut record["factors"], &[a, b, c]);
                let report = audit(record.to_string().as_bytes());
                assert!(report.accepts(), "{a}, {b}, {c}: {report:?}");
            }
        }
    }
}
