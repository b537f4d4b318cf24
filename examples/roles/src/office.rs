//! The office writes down what others have said, and holds no key. The auditor believes nobody.

use urne::bureau::Ceremony;
use urne::contest::{ContestDescription, documents_text};
use urne::{ApprovedContest, AuditReport, Bureau, Contest, OpenedTally, Panel, Record};

use crate::desk::{Desk, through};
use crate::post::{Done, all, get, open, send};

pub fn run(desk: &Desk) -> Done {
    match desk.step {
        "ceremony" => {
            let board = &desk.ceremony()?;
            let (mut seats, mut panels) = (1..=u8::MAX, Vec::new());
            for panel in desk.options.all::<String>("panel")? {
                let (threshold, trustees) = panel.split_once('/').ok_or("a panel is T/N, for example 2/5")?;
                let seated = seats.by_ref().take(trustees.parse()?);
                let identities = seated.map(|seat| open(&board.join(format!("{seat}.identity"))));
                let trustees = identities.collect::<Result<_, _>>()?;
                panels.push(Panel { threshold: threshold.parse()?, trustees });
            }
            let ceremony = Ceremony::new(desk.name, desk.options.one("slots")?, Bureau::new(panels)?)?;
            send(board, &ceremony)?;
            println!("{}", ceremony.digest());
            Ok(())
        }
        "conclude" => {
            let board = &desk.ceremony()?;
            let ceremony: Ceremony = get(board)?;
            send(board, &ceremony.conclude(&all(board)?, &all(board)?, &all(board)?, &all(board)?)?)
        }
        "contest" => {
            let mut description = ContestDescription::from_json(&desk.file("description")?)?;
            description.documents = documents_text(&desk.file("booklet")?);
            let number = description.number;
            let contest = Contest::new(description, &get(&desk.ceremony()?)?)?;
            send(&desk.board.join(number.to_string()), &contest)?;
            println!("{number}={}", contest.fingerprint());
            Ok(())
        }
        "approve" => through(desk.contests()?, |at| {
            let contest = get(&at.board)?;
            at.check(&contest)?;
            send(&at.board, &ApprovedContest::new(contest, all(&at.board)?)?)
        }),
        "publish" => through(desk.contests()?, |at| {
            let (signed, board) = (at.signed()?, &at.board);
            let opened = OpenedTally::open(&signed, &all(board)?, &all(board)?)?;
            opened.rejected().iter().for_each(|why| at.says(format!("left out: {why}")));
            send(board, &Record::new(&signed, &opened))
        }),
        "audit" => through(desk.contests()?, |at| {
            let report = AuditReport::of(&get(&at.board)?, &mut |_| ()).expecting(at.meant[0]);
            report.contest().map_or(Ok(()), |contest| at.check(contest))?;
            println!("{report}");
            Ok(report.verdict().map_err(|_| "the record does not hold")?)
        }),
        _ => desk.unknown(),
    }
}
