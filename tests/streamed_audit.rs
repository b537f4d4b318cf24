//! The audit of a record while it is read gives the same report as that of the whole record in memory.

use std::cell::Cell;
use std::io::{Error, ErrorKind, Read};

use serde_json::Value;
use urne::record::{AuditReport, Because, Flaw, Outcome, RecordError, Step};
use urne::{ClosedRecord, Record};

fn vector(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn streamed(json: &[u8]) -> AuditReport {
    let mut reader = serde_json::Deserializer::from_reader(json);
    AuditReport::of_stream(&mut reader, &mut |_| ())
        .and_then(|report| reader.end().map(|()| report))
        .unwrap_or_else(|error| AuditReport::unreadable(&error))
}

/// Both reports, which must be the same but for the place that a JSON error names.
fn both(json: &[u8]) -> AuditReport {
    let (streamed, whole) = (streamed(json), AuditReport::of_json(json, &mut |_| ()));
    let unreadable = |report: &AuditReport| {
        matches!(report.outcome(Step::Contest), Outcome::Failed(flaws)
            if matches!(flaws.as_slice(), [Flaw::Record(RecordError::Json { .. } | RecordError::CutShort { .. })]))
    };
    assert_eq!(unreadable(&streamed), unreadable(&whole));
    if !unreadable(&whole) {
        assert_eq!(streamed, whole);
    }
    whole
}

fn edited(name: &str, edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::from_slice(&vector(name)).unwrap();
    edit(&mut value);
    serde_json::to_vec(&value).unwrap()
}

const RECORDS: [&str; 6] =
    ["record", "record-packed", "record-12-lists", "record-empty", "record-single", "own-record"];

/// The closed record of a counted one.
fn closed(name: &str) -> ClosedRecord {
    let record = Record::from_json(&vector(name)).unwrap();
    ClosedRecord::new(record.signed_box(&mut |_| ()).unwrap().closed())
}

#[test]
fn good_records_pass() {
    for name in RECORDS {
        assert_eq!(both(&vector(name)).verdict(), Ok(()), "{name}");
        let report = both(closed(name).to_json().as_bytes());
        assert_eq!(report.verdict_of_closed(), Ok(()), "{name}");
        assert_eq!(report, AuditReport::of_closed(&closed(name), &mut |_| ()));
        assert!(report.verdict().is_err(), "{name}");
    }
}

#[test]
fn names_may_come_in_any_order() {
    // serde_json's own maps are sorted by name: ballots come before contest and protocol.
    let closed = serde_json::to_value(closed("record")).unwrap();
    for sorted in [edited("record", |_| ()), serde_json::to_vec(&closed).unwrap()] {
        let text = String::from_utf8(sorted.clone()).unwrap();
        assert!(text.find("\"ballots\"").unwrap() < text.find("\"contest\"").unwrap());
        let report = both(&sorted);
        let counted = text.contains("\"result\"");
        assert_eq!(report.verdict().is_ok(), counted);
        assert_eq!(report.verdict_of_closed().is_ok(), !counted);
    }
}

/// What a name says of another cannot depend on which comes first.
#[test]
fn the_ballots_may_come_before_or_after_what_they_need() {
    let value: Value = serde_json::from_slice(&vector("own-record")).unwrap();
    let fields = value.as_object().unwrap();
    let write = |names: &[&String]| {
        let fields = names.iter().map(|name| format!("{:?}:{}", name, fields[*name]));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    };
    let names: Vec<_> = fields.keys().collect();
    let good = AuditReport::of_json(&vector("own-record"), &mut |_| ());
    // Each name first, the others behind it.
    for start in 0..names.len() {
        let order = [&names[start..], &names[..start]].concat();
        assert_eq!(both(write(&order).as_bytes()), good, "{} first", names[start]);
    }
}

#[test]
fn false_records_fail_alike() {
    let whole = Record::from_json(&vector("record")).unwrap();
    let in_order = |change: &dyn Fn(&mut Record)| {
        let mut record = whole.clone();
        change(&mut record);
        both(record.to_json().as_bytes())
    };
    let failed = |report: &AuditReport, step| matches!(report.outcome(step), Outcome::Failed(_));

    let undecodable = in_order(&|record| record.ballots[1].0.truncate(9));
    assert!(failed(&undecodable, Step::Ballots));
    let unproven = in_order(&|record| record.ballots[0].0 = record.ballots[1].0.clone());
    assert!(failed(&unproven, Step::Roll) && failed(&unproven, Step::References));
    let moved = in_order(&|record| record.contest.number += 1);
    assert!(failed(&moved, Step::Contest));
    assert!(failed(&moved, Step::Proofs) && failed(&moved, Step::Roll));
    let unreadable = in_order(&|record| record.contest.lists.clear());
    let because = Because::Failed(Step::Contest);
    assert_eq!(*unreadable.outcome(Step::Proofs), Outcome::NotCarriedOut { because });
    let dropped = in_order(&|record| drop(record.ballots.pop()));
    assert!(failed(&dropped, Step::References) && failed(&dropped, Step::Tally));
    let wrong = in_order(&|record| record.result.blank += 1);
    assert!(failed(&wrong, Step::Result) && !failed(&wrong, Step::Factors));
}

#[test]
fn false_closed_records_fail_alike() {
    let in_order = |change: &dyn Fn(&mut ClosedRecord)| {
        let mut record = closed("own-record");
        change(&mut record);
        let report = both(record.to_json().as_bytes());
        assert!(report.verdict_of_closed().is_err());
        report
    };
    let failed = |report: &AuditReport, step| matches!(report.outcome(step), Outcome::Failed(_));
    let not_counted = Outcome::NotCarriedOut { because: Because::NotCounted };

    let early = in_order(&|record| record.closing.at = 1);
    assert!(failed(&early, Step::Closing) && !failed(&early, Step::Tally));
    assert_eq!(*early.outcome(Step::Factors), not_counted);
    let undecodable = in_order(&|record| record.ballots[1].0.truncate(9));
    assert!(failed(&undecodable, Step::Ballots));
    let dropped = in_order(&|record| drop(record.ballots.pop()));
    assert!(failed(&dropped, Step::References) && failed(&dropped, Step::Tally));
    let unapproved = in_order(&|record| record.approvals.truncate(1));
    assert!(failed(&unapproved, Step::Contest) && !failed(&unapproved, Step::Closing));
}

/// The name of the one protocol with the fields of the other.
#[test]
fn counted_and_closed_records_are_not_mixed_up() {
    let counted = String::from_utf8(vector("own-record")).unwrap();
    let closed = closed("own-record").to_json();
    for (text, other) in
        [(&counted, ("\"urne/2\"", "\"urne/2 closed\"")), (&closed, ("\"urne/2 closed\"", "\"urne/2\""))]
    {
        assert!(text.contains(other.0));
        let report = both(text.replacen(other.0, other.1, 1).as_bytes());
        assert!(matches!(report.outcome(Step::Contest), Outcome::Failed(flaws)
            if matches!(flaws.as_slice(), [Flaw::Record(RecordError::Json { .. } | RecordError::CutShort { .. })])));
    }
    let expected = "urne/2 closed";
    assert_eq!(ClosedRecord::from_json(counted.as_bytes()), Err(RecordError::Protocol { expected }));
    let expected = "urne/2";
    assert_eq!(Record::from_json(closed.as_bytes()), Err(RecordError::Protocol { expected }));
}

#[test]
fn lax_json_is_refused_alike() {
    let text = String::from_utf8(vector("record")).unwrap();
    let refuse = |json: String| {
        let report = both(json.as_bytes());
        assert!(matches!(report.outcome(Step::Contest), Outcome::Failed(_)), "{json}");
    };
    assert!(text.contains("\"closing\": {"));
    refuse(text.replace("\"closing\": {", "\"closing\": 1, \"closing\": {"));
    refuse(text.replace("\"ballots\": [", "\"ballots\": [], \"ballots\": ["));
    refuse(text.replace("\"ballots\": [", "\"ballots\": [1, "));
    refuse(text.replace("\"ballots\": [", "\"ballots\": [\"0A\", "));
    refuse(text.replace("\"ballots\": [", "\"balots\": ["));
    refuse(text.replace("\"urne/2\"", "\"urne/3\""));
    refuse(text.replace("\"urne/2\"", "\"urne/2 closed\""));
    refuse(format!("{text} {{}}"));
    for name in [
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
    ] {
        let json = edited("record", |value| drop(value.as_object_mut().unwrap().remove(name)));
        refuse(String::from_utf8(json).unwrap());
    }
    for end in (0..text.trim_end().len()).step_by(501) {
        refuse(text[..end].to_owned());
    }
}

/// Each place where the stream expects a list or an object says so as the whole record does.
#[test]
fn values_of_another_type_are_refused_in_the_same_words() {
    let text = String::from_utf8(vector("record")).unwrap();
    let start = text.find("\"ballots\": [").unwrap();
    let end = start + text[start..].find(']').unwrap() + 1;
    let known = format!("{}\"ballots\": 1{}", &text[..start], &text[end..]);
    let dropped = known.replace("\"title\": \"", "\"title\": \"x");
    assert_ne!(known, dropped);
    for json in ["[]", "1", &known, &dropped] {
        let mut reader = serde_json::Deserializer::from_str(json);
        let streamed = AuditReport::of_stream(&mut reader, &mut |_| ()).unwrap_err().to_string();
        let whole = serde_json::from_str::<Record>(json).unwrap_err().to_string();
        let words = |message: &str| message.split(" at line ").next().map(str::to_owned);
        assert_eq!(words(&streamed), words(&whole));
    }
}

/// Ballots of a contest that does not hold are checked for their form all the same.
#[test]
fn ballots_without_a_contest_are_read_and_dropped() {
    let mut record = Record::from_json(&vector("record")).unwrap();
    record.contest.lists.clear();
    let text = record.to_json();
    assert!(matches!(both(text.as_bytes()).outcome(Step::Contest), Outcome::Failed(flaws)
        if matches!(flaws.as_slice(), [Flaw::Record(RecordError::Contest(_))])));
    let spoiled = text.replace("\"ballots\": [", "\"ballots\": [17, ");
    assert!(matches!(both(spoiled.as_bytes()).outcome(Step::Contest), Outcome::Failed(flaws)
        if matches!(flaws.as_slice(), [Flaw::Record(RecordError::Json { .. } | RecordError::CutShort { .. })])));
}

#[test]
fn a_reader_that_fails_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(Error::new(ErrorKind::UnexpectedEof, "the disk is gone"))
        }
    }
    let json = vector("record");
    let mut reader = serde_json::Deserializer::from_reader((&json[..2_000]).chain(Broken));
    let error = AuditReport::of_stream(&mut reader, &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("the disk is gone"), "{error}");
}

/// The ballots are verified as they come, not kept until the whole record is read.
#[test]
fn progress_counts_the_ballots_while_the_record_is_read() {
    struct Counted<'a>(&'a [u8], &'a Cell<usize>);
    impl Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.read(buffer)?;
            self.1.set(self.1.get() + count);
            Ok(count)
        }
    }
    let json = vector("record-12-lists");
    let read = Cell::new(0);
    let mut seen = Vec::new();
    let mut reader = serde_json::Deserializer::from_reader(Counted(&json, &read));
    AuditReport::of_stream(&mut reader, &mut |ballots| seen.push((ballots, read.get()))).unwrap();
    let text = str::from_utf8(&json).unwrap();
    let ballots = Record::from_json(&json).unwrap().ballots.len();
    // The parser looks no further than the end of the list.
    let [end_of_list, closing] = ["]", "\"closing\""].map(|mark| {
        let ballots = text.find("\"ballots\"").unwrap();
        ballots + text[ballots..].find(mark).unwrap()
    });
    assert!(
        matches!(seen[..], [(all, at)] if all == ballots && (end_of_list..closing).contains(&at)),
        "{seen:?}"
    );
}
