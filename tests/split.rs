//! A record cut into files of fixed lengths and a small record gives the same report, and the same record again.
#![cfg(feature = "serde")]

use serde_json::Value;
use urne::ballot::ballot_length;
use urne::record::shard::{
    ENTRY_LENGTH, Join, PartOf, Parts, RollReader, ShardError, Split, Stop, entry_from_bytes, split,
    verify_roll_shard, verify_shard,
};
use urne::record::{AnyRecord, HexBytes, RollEntryRecord, SmallRecord};
use urne::{AuditReport, ClosedRecord, Record};

fn vector(name: &str) -> Record {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Record::from_json(&std::fs::read(path).unwrap()).unwrap()
}

/// Both files, and what they leave.
struct Files {
    small: SmallRecord,
    ballots: Vec<u8>,
    roll: Vec<u8>,
    /// How often the record was read.
    tries: usize,
}

fn cut(json: &[u8]) -> Files {
    let (mut length, mut tries) = (None, 0);
    loop {
        tries += 1;
        let (mut ballots, mut roll) = (Vec::new(), Vec::new());
        let mut reader = serde_json::Deserializer::from_reader(json);
        let mut take_ballot = |bytes: &[u8]| {
            ballots.extend(bytes);
            Ok(())
        };
        let mut take_entry = |bytes: &[u8]| {
            roll.extend(bytes);
            Ok(())
        };
        match split(&mut reader, length, &mut take_ballot, &mut take_entry).unwrap() {
            Split::Done(small) => return Files { small: *small, ballots, roll, tries },
            Split::Again { length: due } => length = Some(due),
        }
    }
}

impl Files {
    fn pieces(&self) -> Vec<Vec<u8>> {
        let length = usize::try_from(self.small.length).unwrap();
        match length {
            0 => vec![Vec::new(); self.small.ballots as usize],
            length => self.ballots.chunks_exact(length).map(<[u8]>::to_vec).collect(),
        }
    }

    fn entries(&self) -> Vec<RollEntryRecord> {
        self.roll.as_chunks::<ENTRY_LENGTH>().0.iter().map(|entry| entry_from_bytes(entry).unwrap()).collect()
    }

    /// The record as it was.
    fn joined(&self) -> String {
        let ballots = self.pieces().into_iter().map(Ok::<_, String>);
        let whole = self.small.joined(ballots, self.entries().into_iter().map(Ok));
        serde_json::to_string_pretty(&whole).unwrap()
    }

    fn report(&self) -> Option<AuditReport> {
        let contest = self.small.record.contest().to_contest().ok()?;
        assert_eq!(self.small.length, ballot_length(contest.layout()) as u64);
        let pieces = self.pieces();
        let ballots: Vec<_> =
            (0..).zip(&pieces).map(|(index, stored)| self.small.ballot(index, stored)).collect();
        let (shards, mut marks) = verify_shard(&contest, 0, &ballots, None).unwrap();
        let entries = self.entries();
        let (roll, of_roll) = verify_roll_shard(&contest, 0, &entries).unwrap();
        marks.extend(of_roll);
        let opening = match &self.small.record {
            AnyRecord::Counted(record) => &record.opening,
            AnyRecord::Closed(record) => &record.opening,
        };
        let mut reader = RollReader::new(opening, self.small.entries, roll).unwrap();
        entries.iter().try_for_each(|entry| reader.take(entry)).unwrap();
        let mut join = Join::new(&contest, 0..=255);
        marks.iter().try_for_each(|mark| join.take(mark)).unwrap();
        let parts = Parts {
            ballots: self.small.ballots,
            shards,
            roll: reader.finish().unwrap(),
            joins: join.finish(),
        };
        Some(self.small.audit(parts).unwrap())
    }
}

/// A record of these bytes is cut and put together again, and its parts have its report.
fn check(json: &str) -> Files {
    let files = cut(json.as_bytes());
    let (count, length) = (files.small.ballots, files.small.length);
    assert_eq!(files.ballots.len() as u64, count * length);
    assert_eq!(files.roll.len() as u64, files.small.entries * ENTRY_LENGTH as u64);
    let again = files.joined();
    let values = [json, &again].map(|json| serde_json::from_str::<Value>(json).unwrap());
    assert_eq!(values[0], values[1]);
    if let Some(report) = files.report() {
        let whole = AuditReport::of_json(json.as_bytes(), &mut |_| ());
        assert_eq!((&report, report.to_string()), (&whole, whole.to_string()));
    }
    // The small record is a file too.
    let text = serde_json::to_string(&files.small).unwrap();
    assert_eq!(serde_json::from_str::<SmallRecord>(&text).unwrap(), files.small);
    files
}

#[test]
fn good_records_are_cut_and_put_together_to_the_same_bytes() {
    for name in ["record", "record-packed", "record-12-lists", "record-empty", "record-single", "own-record"]
    {
        let record = vector(name);
        let files = check(&record.to_json());
        assert_eq!((files.joined(), files.tries), (record.to_json(), 1), "{name}");
        assert_eq!(files.report().unwrap().verdict(), Ok(()));
        let closed = ClosedRecord::new(record.signed_box(&mut |_| ()).unwrap().closed());
        let files = check(&closed.to_json());
        assert_eq!(files.joined(), closed.to_json(), "{name}");
        assert_eq!(files.report().unwrap().verdict_of_closed(), Ok(()));
    }
}

#[test]
fn ballots_of_another_length_stand_in_the_small_record() {
    let mut record = vector("record");
    let good = record.ballots.len();
    record.ballots[0].0.pop();
    record.ballots[3].0.push(0);
    record.ballots.push(HexBytes(Vec::new()));
    for first in [false, true] {
        // serde_json's own maps are sorted by name: ballots come before contest and roll.
        let json = if first { serde_json::to_value(&record).unwrap().to_string() } else { record.to_json() };
        let files = check(&json);
        let odd: Vec<_> = files.small.odd.iter().map(|odd| odd.index).collect();
        assert_eq!(odd, [0, 3, good as u64]);
        let length = files.small.length as usize;
        for index in odd {
            let start = index as usize * length;
            assert!(files.ballots[start..start + length].iter().all(|byte| *byte == 0));
        }
        // The first ballot misled the first try.
        assert_eq!(files.tries, if first { 2 } else { 1 });
    }
}

#[test]
fn names_may_come_in_any_order() {
    // No ballot says how long the others are, and none must be split again.
    for name in ["own-record", "record-empty"] {
        let value = serde_json::to_value(vector(name)).unwrap();
        let fields = value.as_object().unwrap();
        let names: Vec<_> = fields.keys().collect();
        for start in 0..names.len() {
            let order = [&names[start..], &names[..start]].concat();
            let fields = order.iter().map(|name| format!("{name:?}:{}", fields[*name]));
            let files = check(&format!("{{{}}}", fields.collect::<Vec<_>>().join(",")));
            assert_eq!((files.tries, files.small.odd.len()), (1, 0));
        }
    }
}

/// Whoever takes the first of two and whoever takes the last would audit two records.
#[test]
fn attack_20_a_name_that_comes_twice_is_refused() {
    let value = serde_json::to_value(vector("record-single")).unwrap();
    let fields = value.as_object().unwrap();
    for twice in fields.keys() {
        let all = fields.iter().chain(fields.get_key_value(twice));
        let all: Vec<_> = all.map(|(name, value)| format!("{name:?}:{value}")).collect();
        let json = format!("{{{}}}", all.join(","));
        let mut reader = serde_json::Deserializer::from_str(&json);
        let refused = split(&mut reader, None, &mut |_| Ok(()), &mut |_| Ok(())).unwrap_err();
        assert!(refused.to_string().contains(&format!("duplicate field `{twice}`")), "{refused}");
        assert!(Record::from_json(json.as_bytes()).is_err());
    }
}

/// Otherwise the lists that are put in would be told twice, or not at all.
#[test]
fn a_small_record_with_lists_of_its_own_is_not_put_together() {
    let record = vector("record");
    let files = cut(record.to_json().as_bytes());
    let AnyRecord::Counted(small) = &files.small.record else { panic!("it is counted") };
    for own in [
        Record { roll: record.roll.clone(), ..small.clone() },
        Record { ballots: record.ballots.clone(), ..small.clone() },
    ] {
        let with = SmallRecord { record: AnyRecord::Counted(own), ..files.small.clone() };
        let ballots = files.pieces().into_iter().map(Ok::<_, String>);
        let refused = serde_json::to_string(&with.joined(ballots, files.entries().into_iter().map(Ok)));
        assert!(refused.unwrap_err().to_string().contains("lists of its own"));
    }
}

#[test]
fn a_contest_that_cannot_be_read_is_cut_all_the_same() {
    let mut record = vector("record");
    record.contest.lists.clear();
    record.ballots[2].0.clear();
    let files = check(&record.to_json());
    assert_eq!((files.small.length, files.small.odd.len()), (record.ballots[0].0.len() as u64, 1));
    assert_eq!(files.report(), None);
}

#[test]
fn what_cannot_be_written_or_read_ends_it() {
    let record = vector("record");
    let json = record.to_json();
    for full in [0, 1] {
        let mut reader = serde_json::Deserializer::from_str(&json);
        let stop = |at: usize| move |_: &[u8]| if at == full { Err(Stop) } else { Ok(()) };
        let error = split(&mut reader, None, &mut stop(0), &mut stop(1)).unwrap_err();
        assert!(error.to_string().contains("the list cannot be written"), "{error}");
    }
    let mut reader = serde_json::Deserializer::from_str(&json[..json.len() / 2]);
    let error = split(&mut reader, None, &mut |_| Ok(()), &mut |_| Ok(())).unwrap_err();
    assert!(error.is_eof());

    // A list that is shorter or longer than it was, or that cannot be read.
    let files = cut(json.as_bytes());
    let write = |ballots: Vec<Result<Vec<u8>, &str>>| {
        let roll = files.entries().into_iter().map(Ok);
        serde_json::to_string(&files.small.joined(ballots.into_iter(), roll)).map_err(|e| e.to_string())
    };
    let all: Vec<_> = files.pieces().into_iter().map(Ok).collect();
    assert!(write(all.clone()).is_ok());
    assert!(write(all[1..].to_vec()).unwrap_err().contains("7 where there are 8"));
    assert!(write([&all[..], &all[..1]].concat()).unwrap_err().contains("more than the 8"));
    assert!(write(vec![Err("the disk is gone")]).unwrap_err().contains("the disk is gone"));
    let mut bytes = [0; ENTRY_LENGTH];
    bytes[32] = 2;
    assert_eq!(entry_from_bytes(&bytes), None);
}

/// What was shards of fewer ballots, or of more, is no report on this record.
#[test]
fn parts_of_another_number_of_ballots_or_entries_are_refused() {
    let mut record = vector("record");
    // One more than was signed: the whole audit fails, and so must its parts.
    let extra = record.ballots[0].clone();
    record.ballots.push(extra);
    let files = cut(record.to_json().as_bytes());
    let whole = AuditReport::of(&record, &mut |_| ());
    assert!(whole.verdict().is_err());
    assert_eq!(files.report(), Some(whole));
    let signed = files.small.ballots - 1;
    let contest = files.small.record.contest().to_contest().unwrap();
    let parts = |ballots: u64, left_out: usize| {
        let (shards, mut marks) =
            verify_shard(&contest, 0, &record.ballots[..ballots as usize], None).unwrap();
        let entries = files.entries();
        let entries = &entries[..entries.len() - left_out];
        let (roll, of_roll) = verify_roll_shard(&contest, 0, entries).unwrap();
        marks.extend(of_roll);
        let mut reader = RollReader::new(&record.opening, entries.len() as u64, roll).unwrap();
        entries.iter().try_for_each(|entry| reader.take(entry)).unwrap();
        let mut join = Join::new(&contest, 0..=255);
        marks.iter().try_for_each(|mark| join.take(mark)).unwrap();
        Parts { ballots, shards, roll: reader.finish().unwrap(), joins: join.finish() }
    };
    let entries = files.small.entries;
    let missing = |of, first, end| Err(ShardError::Missing { of, first, end });
    assert_eq!(files.small.audit(parts(signed, 0)), missing(PartOf::Ballots, signed, signed + 1));
    assert_eq!(files.small.audit(parts(signed + 1, 1)), missing(PartOf::Roll, entries - 1, entries));
    let mut fewer = files.small.clone();
    fewer.ballots = signed;
    let beyond = ShardError::Beyond { of: PartOf::Ballots, index: signed, count: signed };
    assert_eq!(fewer.audit(parts(signed + 1, 0)), Err(beyond));
}

/// A first "ballot" as long as all the rest does not make every other one as long.
#[test]
fn a_long_first_ballot_does_not_make_the_others_long() {
    let mut record = vector("record");
    record.ballots = vec![HexBytes(Vec::new()); 2_000];
    record.ballots[0].0 = vec![7; 100_000];
    // Ballots before the contest, which is readable or not.
    for readable in [true, false] {
        if !readable {
            record.contest.lists.clear();
        }
        let json = serde_json::to_value(&record).unwrap().to_string();
        let mut reader = serde_json::Deserializer::from_str(&json);
        let mut written = 0;
        let mut count = |bytes: &[u8]| {
            written += bytes.len();
            Ok(())
        };
        split(&mut reader, None, &mut count, &mut |_| Ok(())).unwrap();
        assert!(written < json.len(), "{written} bytes of {}", json.len());
        assert_eq!(check(&json).small.odd.len(), if readable { 2_000 } else { 1 });
    }
    // As long as the longest ballot that there can be, that of 255 lists, one a slot.
    record.ballots[0].0.truncate(2 + 32 * (255 + 255 + 9));
    let longest = record.ballots[0].0.len() as u64;
    record.ballots.truncate(2);
    assert_eq!(check(&serde_json::to_value(&record).unwrap().to_string()).small.length, longest);
    record.ballots[0].0.push(7);
    assert_eq!(check(&serde_json::to_value(&record).unwrap().to_string()).small.length, 0);
}
