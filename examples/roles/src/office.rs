//! The office writes down what others have said, and holds no key. The auditor believes nobody.

use std::path::PathBuf;

use urne::bureau::Ceremony;
use urne::contest::{ContestDescription, documents_text};
use urne::{ApprovedContest, AuditReport, Bureau, Contest, Fingerprint, OpenedTally, Panel, Record};

use crate::desk::{Desk, Failure, all, get, numbered, open, read, send, through};

pub fn run(desk: &Desk) -> Result<(), Failure> {
    match desk.step.as_str() {
        "ceremony" => {
            let board = &desk.ceremony()?;
            let (mut seats, mut panels) = (1..=u8::MAX, Vec::new());
            for panel in desk.options.all::<String>("panel")? {
                let (threshold, trustees) = panel.split_once('/').ok_or("a panel is T/N, for example 2/5")?;
                let seated = seats.by_ref().take(trustees.parse()?);
                let identities = seated.map(|seat| open(board.join(format!("{seat}.identity"))));
                let (threshold, trustees) = (threshold.parse()?, identities.collect::<Result<_, _>>()?);
                panels.push(Panel { threshold, trustees });
            }
            let ceremony = Ceremony::new(&desk.name, desk.options.one("slots")?, Bureau::new(panels)?)?;
            send(board, &ceremony)?;
            println!("{}", ceremony.digest());
        }
        "conclude" => {
            let board = &desk.ceremony()?;
            let ceremony: Ceremony = get(board)?;
            let key = ceremony.conclude(&all(board)?, &all(board)?, &all(board)?, &all(board)?);
            send(board, &key?)?;
        }
        "contest" => {
            let description = read(desk.options.one::<PathBuf>("description")?)?;
            let mut description = ContestDescription::from_json(&description)?;
            description.documents = documents_text(&read(desk.options.one::<PathBuf>("booklet")?)?);
            let contest = Contest::new(description, &get(&desk.ceremony()?)?)?;
            send(&desk.at(contest.description().number).board, &contest)?;
            println!("{}", contest.fingerprint());
        }
        "approve" => {
            through(
                desk.contests()?,
                |at| at.number,
                |at| send(&at.board, &ApprovedContest::new(get(&at.board)?, all(&at.board)?)?),
            )?;
        }
        "publish" => {
            through(
                desk.contests()?,
                |at| at.number,
                |at| {
                    let (signed, board) = (at.signed()?, &at.board);
                    let opened = OpenedTally::open(&signed, &all(board)?, &all(board)?)?;
                    opened.rejected().iter().for_each(|why| at.says(format!("left out: {why}")));
                    send(board, &Record::new(&signed, &opened))
                },
            )?;
        }
        // Every contest that is meant has a record that holds, and there is no record of another.
        "audit" => {
            let (mut meant, mut holds) = (desk.options.all::<Fingerprint>("fingerprint")?, true);
            let mut records: Vec<_> = numbered(&desk.board)?.into_iter().map(|n| desk.at(n)).collect();
            records.retain(|at| at.board.join("record.json").exists());
            records.first().ok_or("no record on the board")?;
            through(
                records,
                |at| at.number,
                |at| {
                    let report = AuditReport::of(&get(&at.board)?, &mut |_| ());
                    let found = meant.iter().position(|meant| Some(*meant) == report.fingerprint());
                    let report = report.expecting(meant.remove(found.ok_or("a record of another contest")?));
                    holds &= report.verdict().is_ok();
                    println!("{report}");
                    Ok(())
                },
            )?;
            if !holds || !meant.is_empty() {
                return Err("not every contest has a record that holds".into());
            }
        }
        _ => desk.unknown()?,
    }
    Ok(())
}
