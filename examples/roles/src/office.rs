//! The office writes down what others have said, and holds no key. The auditor believes nobody.

use std::path::PathBuf;

use serde_json::Value;
use urne::bureau::{Ceremony, Commitment, Complaint, Confirmation, Reveal};
use urne::contest::{Approval, ContestDescription, documents_text};
use urne::tally::{DecryptionFactors, Endorsement};
use urne::{
    ApprovedContest, AuditReport, Bureau, Contest, ElectionKey, IdentityKey, OpenedTally, Panel, Record,
    UnixTime,
};

use crate::desk::{Desk, Place, all, get, put};
use crate::tool::Failure;
use crate::trustee::signed_box;

pub fn run(desk: &Desk) -> Result<(), Failure> {
    match desk.one::<String>("step")?.as_str() {
        "ceremony" => ceremony(desk),
        "conclude" => conclude(desk),
        "contest" => contest(desk),
        "approve" => desk.contests()?.iter().try_for_each(|Place { board, .. }| {
            let contest = get(board.join("contest.json"), Contest::from_json)?;
            let approved = ApprovedContest::new(contest, all(board, ".approval", Approval::from_bytes)?)?;
            Ok(put(board.join("approved.json"), approved.to_json())?)
        }),
        "publish" => desk.contests()?.iter().try_for_each(publish),
        "audit" => audit(desk),
        _ => desk.unknown(),
    }
}

fn ceremony(desk: &Desk) -> Result<(), Failure> {
    let label = desk.one::<String>("name")?;
    let (board, mut seats, mut panels) = (desk.board(&label), 1..=u8::MAX, Vec::new());
    for panel in desk.all::<String>("panel")? {
        let (threshold, trustees) = panel.split_once('/').ok_or("a panel is T/N, for example 2/5")?;
        let seated = seats.by_ref().take(trustees.parse()?);
        let identity = |seat| get(board.join(format!("{seat}.identity")), IdentityKey::from_bytes);
        let trustees = seated.map(identity).collect::<Result<_, _>>()?;
        panels.push(Panel { threshold: threshold.parse()?, trustees });
    }
    let ceremony = Ceremony::new(&label, desk.one("slots")?, Bureau::new(panels)?)?;
    put(board.join("ceremony"), ceremony.to_bytes())?;
    println!("{}", ceremony.digest());
    Ok(())
}

fn conclude(desk: &Desk) -> Result<(), Failure> {
    let board = desk.board(desk.one::<String>("name")?);
    let key = get(board.join("ceremony"), Ceremony::from_bytes)?.conclude(
        &all(&board, ".commitment", Commitment::from_bytes)?,
        &all(&board, ".reveal", Reveal::from_bytes)?,
        &all(&board, ".complaint", Complaint::from_bytes)?,
        &all(&board, ".confirmation", Confirmation::from_bytes)?,
    );
    if let Some(culprit) = key.as_ref().err().and_then(|error| error.culprit()) {
        put(board.join("culprit"), culprit.to_string())?;
    }
    Ok(put(board.join("key"), key?.to_bytes())?)
}

fn contest(desk: &Desk) -> Result<(), Failure> {
    let read = |name: &str| Ok::<_, Failure>(std::fs::read(desk.one::<PathBuf>(name)?)?);
    let fields: Value = serde_json::from_slice(&read("description")?)?;
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let number =
        |name| serde_json::from_value::<u64>(field(name)).map_err(|error| format!("{name}: {error}"));
    let text =
        |name| serde_json::from_value::<String>(field(name)).map_err(|error| format!("{name}: {error}"));
    let public = |role| get(desk.board(format!("{role}.key")), |json| serde_json::from_slice(json));
    let description = ContestDescription {
        election: text("election")?,
        number: number("number")?,
        title: text("title")?,
        documents: documents_text(&read("booklet")?),
        lists: serde_json::from_value(field("lists"))?,
        opens_at: UnixTime::from_seconds(number("opens_at")?),
        closes_at: UnixTime::from_seconds(number("closes_at")?),
        grace: number("grace")?,
        capacity: number("capacity")?,
        packing: None,
        quorums: None,
        box_key: public("box")?,
        issuer_key: public("issuer")?,
    };
    let key = get(desk.board(desk.one::<String>("name")?).join("key"), ElectionKey::from_bytes)?;
    let (number, contest) = (description.number, Contest::new(description, &key)?);
    put(desk.place(number).board.join("contest.json"), contest.to_json())?;
    println!("{}", contest.fingerprint());
    Ok(())
}

fn publish(place: &Place) -> Result<(), Failure> {
    let signed = signed_box(place)?;
    let endorsements = all(&place.board, ".endorsement", Endorsement::from_bytes)?;
    let factors = all(&place.board, ".factors", DecryptionFactors::from_bytes)?;
    let opened = OpenedTally::open(&signed, &endorsements, &factors)?;
    opened.rejected().iter().for_each(|error| eprintln!("contest {}, left out: {error}", place.number));
    Ok(put(place.board.join("record.json"), Record::new(&signed, &opened).to_json())?)
}

/// Every contest that is meant has a record that holds, and there is no record of another.
fn audit(desk: &Desk) -> Result<(), Failure> {
    let (mut meant, mut holds) = (desk.published()?, true);
    for place in desk.contests()? {
        let record = get(place.board.join("record.json"), Record::from_json)?;
        let report = AuditReport::of(&record, &mut |_| ());
        let found = meant.iter().position(|meant| Some(*meant) == report.fingerprint());
        let report =
            report.expecting(found.map(|found| meant.remove(found)).ok_or("a record of another contest")?);
        holds &= report.verdict().is_ok();
        println!("{report}");
    }
    if holds && meant.is_empty() { Ok(()) } else { Err("not every contest has a record that holds".into()) }
}
