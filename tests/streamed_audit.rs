//! The audit of a record while it is read gives the same report as that of the whole record in memory.

use std::cell::Cell;
use std::io::{Error, ErrorKind, Read};

use serde_json::Value;
use urne::Record;
use urne::audit::{AuditReport, Flaw, Outcome, Step};
use urne::record::RecordError;

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
            if matches!(flaws[..], [Flaw::Record(RecordError::Json { .. })]))
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

#[test]
fn good_records_pass() {
    for name in ["record", "record-12-lists", "record-empty", "record-single"] {
        assert_eq!(both(&vector(name)).verdict(), Ok(()), "{name}");
    }
}

#[test]
fn names_may_come_in_any_order() {
    // serde_json's own maps are sorted by name: ballots come before contest and protocol.
    let sorted = edited("record", |_| ());
    let text = String::from_utf8(sorted.clone()).unwrap();
    assert!(text.find("\"ballots\"").unwrap() < text.find("\"contest\"").unwrap());
    assert_eq!(both(&sorted).verdict(), Ok(()));
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
    assert_eq!(*moved.outcome(Step::Proofs), Outcome::NotCarriedOut { because: Step::Contest });
    let dropped = in_order(&|record| drop(record.ballots.pop()));
    assert!(failed(&dropped, Step::References) && failed(&dropped, Step::Tally));
    let wrong = in_order(&|record| record.result.blank += 1);
    assert!(failed(&wrong, Step::Result) && !failed(&wrong, Step::Factors));
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
    refuse(text.replace("\"urne/1\"", "\"urne/2\""));
    refuse(format!("{text} {{}}"));
    for name in
        ["protocol", "contest", "approvals", "opening", "roll", "ballots", "closing", "tally", "result"]
    {
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
    record.approvals.clear();
    let text = record.to_json();
    assert!(matches!(both(text.as_bytes()).outcome(Step::Contest), Outcome::Failed(flaws)
        if matches!(flaws[..], [Flaw::Record(RecordError::Contest(_))])));
    let spoiled = text.replace("\"ballots\": [", "\"ballots\": [17, ");
    assert!(matches!(both(spoiled.as_bytes()).outcome(Step::Contest), Outcome::Failed(flaws)
        if matches!(flaws[..], [Flaw::Record(RecordError::Json { .. })])));
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
