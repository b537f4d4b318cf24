//! The office writes down what others have said, and holds no key. The auditor believes nobody.

use std::path::PathBuf;

use urne::bureau::Ceremony;
use urne::contest::{ContestDescription, documents_text};
use urne::{ApprovedContest, AuditReport, Bureau, Contest, OpenedTally, Panel, Record};

use crate::desk::{Desk, Place};
use crate::folder::open;
use crate::tool::{Failure, put, read};

pub fn run(desk: &Desk) -> Result<(), Failure> {
    match desk.step.as_str() {
        "ceremony" => ceremony(desk),
        "conclude" => conclude(desk),
        "contest" => contest(desk),
        "approve" => desk.contests()?.iter().try_for_each(|Place { board, .. }| {
            board.put(&ApprovedContest::new(board.get()?, board.all()?)?)
        }),
        "publish" => desk.contests()?.iter().try_for_each(publish),
        "audit" => audit(desk),
        _ => desk.unknown(),
    }
}

fn ceremony(desk: &Desk) -> Result<(), Failure> {
    let (board, mut seats, mut panels) = (desk.board.folder(&desk.name), 1..=u8::MAX, Vec::new());
    for panel in desk.options.all::<String>("panel")? {
        let (threshold, trustees) = panel.split_once('/').ok_or("a panel is T/N, for example 2/5")?;
        let seated = seats.by_ref().take(trustees.parse()?);
        let trustees =
            seated.map(|seat| open(board.file(format!("{seat}.identity")))).collect::<Result<_, _>>()?;
        panels.push(Panel { threshold: threshold.parse()?, trustees });
    }
    let ceremony = Ceremony::new(&desk.name, desk.options.one("slots")?, Bureau::new(panels)?)?;
    board.put(&ceremony)?;
    println!("{}", ceremony.digest());
    Ok(())
}

fn conclude(desk: &Desk) -> Result<(), Failure> {
    let board = desk.board.folder(&desk.name);
    let ceremony: Ceremony = board.get()?;
    let key = ceremony.conclude(&board.all()?, &board.all()?, &board.all()?, &board.all()?);
    if let Some(culprit) = key.as_ref().err().and_then(|error| error.culprit()) {
        put(board.file("culprit"), culprit.to_string())?;
    }
    board.put(&key?)
}

fn contest(desk: &Desk) -> Result<(), Failure> {
    let mut description = ContestDescription::from_json(&read(desk.options.one::<PathBuf>("description")?)?)?;
    description.documents = documents_text(&read(desk.options.one::<PathBuf>("booklet")?)?);
    let contest = Contest::new(description, &desk.board.folder(&desk.name).get()?)?;
    desk.place(contest.description().number).board.put(&contest)?;
    println!("{}", contest.fingerprint());
    Ok(())
}

fn publish(place: &Place) -> Result<(), Failure> {
    let (signed, board) = (place.signed()?, &place.board);
    let opened = OpenedTally::open(&signed, &board.all()?, &board.all()?)?;
    opened.rejected().iter().for_each(|error| eprintln!("contest {}, left out: {error}", place.number));
    board.put(&Record::new(&signed, &opened))
}

/// Every contest that is meant has a record that holds, and there is no record of another.
fn audit(desk: &Desk) -> Result<(), Failure> {
    let (mut meant, mut holds) = (desk.meant()?, true);
    for place in desk.contests()? {
        let report = AuditReport::of(&place.board.get()?, &mut |_| ());
        let found = meant.iter().position(|meant| Some(*meant) == report.fingerprint());
        let report = report.expecting(meant.remove(found.ok_or("a record of another contest")?));
        holds &= report.verdict().is_ok();
        println!("{report}");
    }
    if holds && meant.is_empty() { Ok(()) } else { Err("not every contest has a record that holds".into()) }
}
