//! An election as its organiser writes it down: a TOML file of contests, a CSV file of voters. Whatever is wrong in them
//! is said with file, line and column.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::value::Datetime;
use urne::{UnixTime, VoterId};

use crate::accounts;

/// What is wrong in a file, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct FileFault {
    file: PathBuf,
    line: u64,
    column: u64,
    what: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FileFault { file, line, column, what } = self;
        write!(f, "{}:{line}:{column}: {what}", file.display())
    }
}

impl std::error::Error for FileFault {}

/// A file of an election, by its text.
struct Source<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn fault(&self, at: Range<usize>, what: impl Into<String>) -> FileFault {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let (line, column) = (before.matches('\n').count(), before[start..].chars().count());
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX).saturating_add(1);
        let (line, column) = (number(line), number(column));
        FileFault { file: self.file.to_owned(), line, column, what: what.into() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ElectionFile {
    election: Spanned<String>,
    address: Spanned<String>,
    opens_at: Spanned<Datetime>,
    closes_at: Spanned<Datetime>,
    #[serde(default = "thirty_minutes")]
    grace: u64,
    complaints: u64,
    #[serde(default)]
    information: String,
    panel: Vec<PanelFile>,
    contest: Vec<ContestFile>,
}

fn thirty_minutes() -> u64 {
    1_800
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PanelFile {
    threshold: Spanned<u8>,
    trustees: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContestFile {
    number: Spanned<u64>,
    short: String,
    title: Spanned<String>,
    seats: u64,
    capacity: Option<u64>,
    list: Vec<Spanned<List>>,
}

/// A list of candidates, as voters read of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    pub name: String,
    #[serde(default)]
    pub statement: String,
    #[serde(default)]
    pub candidates: Vec<String>,
}

/// What voters read of a contest. Its bytes are the contest's documents, whose hash the trustees approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    pub number: u64,
    pub short: String,
    pub title: String,
    pub seats: u64,
    pub lists: Vec<List>,
}

/// A contest to be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub documents: Documents,
    /// The most voters that it can have.
    pub capacity: u64,
}

/// A panel of the bureau: how many of its members it takes to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seats {
    pub threshold: u8,
    pub trustees: Vec<String>,
}

/// An election to be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Election {
    pub name: String,
    pub address: String,
    pub opens_at: UnixTime,
    pub closes_at: UnixTime,
    pub grace: u64,
    pub complaints: u64,
    /// A page for voters: paragraphs with blank lines between.
    pub information: String,
    pub panels: Vec<Seats>,
    pub plans: Vec<Plan>,
}

impl Election {
    /// Reads an election from its file.
    pub fn read(file: &Path, text: &str) -> Result<Self, FileFault> {
        let source = Source { file, text };
        let read: ElectionFile = toml::from_str(text)
            .map_err(|error| source.fault(error.span().unwrap_or(0..0), error.message()))?;
        let opens_at = time(&source, &read.opens_at)?;
        let closes_at = time(&source, &read.closes_at)?;
        if closes_at <= opens_at {
            return Err(source.fault(read.closes_at.span(), "the election closes before it opens"));
        }
        if read.election.get_ref().trim().is_empty() {
            return Err(source.fault(read.election.span(), "the election has no name"));
        }
        let address = read.address.get_ref().trim_end_matches('/').to_owned();
        if !address.starts_with("https://") && !address.starts_with("http://localhost") {
            let what = "an address begins with https:// (or is http://localhost)";
            return Err(source.fault(read.address.span(), what));
        }
        // Members log in by their names.
        let mut named = BTreeMap::new();
        for PanelFile { threshold, trustees } in &read.panel {
            if !(1..=trustees.len()).contains(&usize::from(*threshold.get_ref())) {
                let what = format!("{} of {} trustees", threshold.get_ref(), trustees.len());
                return Err(source.fault(threshold.span(), what));
            }
            for trustee in trustees {
                let here = source.fault(trustee.span(), "a trustee has a name");
                let name = trustee.get_ref().trim().to_lowercase();
                if name.is_empty() {
                    return Err(here);
                }
                if let Some(first) = named.insert(name, here.line) {
                    let what = format!("the same trustee as in line {first}: each has a name of their own");
                    return Err(FileFault { what, ..here });
                }
            }
        }
        let mut numbers = BTreeSet::new();
        let mut plans = Vec::new();
        for contest in read.contest {
            if !numbers.insert(*contest.number.get_ref()) {
                let what = format!("there is another contest {}", contest.number.get_ref());
                return Err(source.fault(contest.number.span(), what));
            }
            plans.push(contest.plan(&source)?);
        }
        if plans.is_empty() || read.panel.is_empty() {
            return Err(source.fault(0..0, "an election has a [[panel]] and a [[contest]] at least"));
        }
        Ok(Election {
            name: read.election.into_inner(),
            address,
            opens_at,
            closes_at,
            grace: read.grace,
            complaints: read.complaints,
            information: read.information,
            panels: read
                .panel
                .into_iter()
                .map(|PanelFile { threshold, trustees }| Seats {
                    threshold: threshold.into_inner(),
                    trustees: trustees.into_iter().map(Spanned::into_inner).collect(),
                })
                .collect(),
            plans,
        })
    }

    /// How many trustees there are.
    pub fn trustees(&self) -> usize {
        self.panels.iter().map(|panel| panel.trustees.len()).sum()
    }
}

impl ContestFile {
    fn plan(self, source: &Source<'_>) -> Result<Plan, FileFault> {
        let mut names = BTreeSet::new();
        for list in &self.list {
            let name = list.get_ref().name.trim();
            if name.is_empty() || !names.insert(name) {
                let what = format!("a list of contest {} needs a name of its own", self.number.get_ref());
                return Err(source.fault(list.span(), what));
            }
        }
        if self.title.get_ref().trim().is_empty() {
            return Err(source.fault(self.title.span(), "the contest has no title"));
        }
        let documents = Documents {
            number: self.number.into_inner(),
            short: self.short,
            title: self.title.into_inner(),
            seats: self.seats,
            lists: self.list.into_iter().map(Spanned::into_inner).collect(),
        };
        Ok(Plan { documents, capacity: self.capacity.unwrap_or(1_000_000) })
    }
}

fn time(source: &Source<'_>, value: &Spanned<Datetime>) -> Result<UnixTime, FileFault> {
    let seconds = value.get_ref().to_string().parse::<jiff::Timestamp>().ok();
    let seconds = seconds.and_then(|time| u64::try_from(time.as_second()).ok());
    let what = "a time is written with its offset, as 2022-12-01T08:00:00+01:00";
    seconds.map(UnixTime::from_seconds).ok_or_else(|| source.fault(value.span(), what))
}

/// A voter of the list, by the columns of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elector {
    pub id: String,
    pub email: String,
    pub name: String,
    pub numen: String,
    /// The first ten digits of the social security number.
    pub social10: String,
    pub contests: Vec<u64>,
}

impl Elector {
    /// As the library names the voter.
    pub fn voter(&self) -> Option<VoterId> {
        VoterId::new(self.id.as_bytes())
    }
}

const COLUMNS: [&str; 6] = ["id", "email", "name", "numen", "social10", "contests"];

/// Reads the voters' list.
pub fn read_electors(file: &Path, text: &str, plans: &[Plan]) -> Result<Vec<Elector>, FileFault> {
    let fault = |line, column, what: String| FileFault { file: file.to_owned(), line, column, what };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let known: BTreeSet<u64> = plans.iter().map(|plan| plan.documents.number).collect();
    // Where a value that must be a voter's own was seen first.
    let mut seen: [BTreeMap<String, u64>; 3] = Default::default();
    let mut electors = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            fault(line, 1, error.to_string())
        })?;
        let line = record.position().map_or(1, csv::Position::line);
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX).saturating_add(1);
        if record.len() != COLUMNS.len() {
            let what =
                format!("{} columns, not the {} of {}", record.len(), COLUMNS.len(), COLUMNS.join(","));
            return Err(fault(line, number(record.len().min(COLUMNS.len())), what));
        }
        let fields: Vec<&str> = record.iter().map(str::trim).collect();
        if row == 0 {
            let other = fields.iter().zip(COLUMNS).position(|(field, name)| *field != name);
            let what = |at: usize| format!("the column is {}, not {:?}", COLUMNS[at], fields[at]);
            other.map_or(Ok(()), |at| Err(fault(1, number(at), what(at))))?;
            continue;
        }
        let email = accounts::email(fields[1]).unwrap_or_default();
        let (numen, social10) = (fields[3].to_uppercase(), fields[4].replace(' ', ""));
        let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let wrong: [(bool, &str); 6] = [
            (
                fields[0].is_empty() || !letters(fields[0]) || fields[0].len() > 64,
                "an id is letters, digits and -",
            ),
            (email.is_empty(), "this is no e-mail address"),
            (fields[2].is_empty() || fields[2].chars().any(char::is_control), "a voter has a name"),
            (numen.is_empty() || !letters(&numen), "a NUMEN is letters and digits"),
            (
                social10.len() != 10 || !social10.bytes().all(|byte| byte.is_ascii_digit()),
                "these are not ten digits",
            ),
            (fields[5].is_empty(), "a voter has a contest at least"),
        ];
        if let Some(at) = wrong.iter().position(|(wrong, _)| *wrong) {
            return Err(fault(line, number(at), wrong[at].1.to_owned()));
        }
        // The ten digits are not: they say when and where somebody was born.
        let own = [(0, fields[0]), (1, email.as_str()), (3, numen.as_str())];
        for (seen, (at, value)) in seen.iter_mut().zip(own) {
            if let Some(first) = seen.insert(value.to_owned(), line) {
                // Not what it is: a NUMEN opens the way to a code.
                return Err(fault(line, number(at), format!("the same {} as in line {first}", COLUMNS[at])));
            }
        }
        let mut contests = BTreeSet::new();
        for text in fields[5].split_whitespace() {
            let contest = text.parse().ok().filter(|contest| known.contains(contest));
            let what = || fault(line, 6, format!("{text:?} is no contest of the election"));
            if !contests.insert(contest.ok_or_else(what)?) {
                return Err(fault(line, 6, format!("contest {text} twice")));
            }
        }
        electors.push(Elector {
            id: fields[0].to_owned(),
            email,
            name: fields[2].to_owned(),
            numen,
            social10,
            contests: contests.into_iter().collect(),
        });
    }
    if electors.is_empty() {
        return Err(fault(1, 1, "there are no voters".to_owned()));
    }
    if let Some(none) = known.iter().find(|number| electors.iter().all(|one| !one.contests.contains(number)))
    {
        return Err(fault(1, 6, format!("contest {none} has no voters")));
    }
    Ok(electors)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELECTION: &str = include_str!("../../demo/election.toml");
    const VOTERS: &str = include_str!("../../demo/voters.csv");

    fn election(text: &str) -> Result<Election, String> {
        Election::read(Path::new("e.toml"), text).map_err(|fault| fault.to_string())
    }

    fn electors(text: &str) -> Result<Vec<Elector>, String> {
        let plans = election(ELECTION).unwrap().plans;
        read_electors(Path::new("v.csv"), text, &plans).map_err(|fault| fault.to_string())
    }

    #[test]
    fn the_demonstration_is_read() {
        let read = election(ELECTION).unwrap();
        let lists: Vec<_> = read.plans.iter().map(|plan| plan.documents.lists.len()).collect();
        assert_eq!(lists, [6, 5, 12, 3]);
        assert_eq!((read.opens_at.seconds(), read.closes_at.seconds()), (1_669_878_000, 1_670_515_200));
        assert_eq!((read.trustees(), read.panels[1].threshold), (7, 2));
        let electors = electors(VOTERS).unwrap();
        assert_eq!(electors.len(), 120);
        assert_eq!(electors[0].contests, [231, 305, 584, 712]);
    }

    #[test]
    fn what_is_wrong_in_an_election_is_said_with_its_place() {
        let changed = |from: &str, to: &str| {
            assert!(ELECTION.contains(from), "{from}");
            election(&ELECTION.replacen(from, to, 1)).unwrap_err()
        };
        let line = |of: &str| ELECTION[..ELECTION.find(of).unwrap()].matches('\n').count() + 1;
        let at = line("closes_at =");
        assert_eq!(
            changed("2022-12-08T17:00:00+01:00", "2022-11-08T17:00:00+01:00"),
            format!("e.toml:{at}:13: the election closes before it opens")
        );
        let no_offset = changed("2022-12-08T17:00:00+01:00", "2022-12-08T17:00:00");
        assert!(no_offset.starts_with(&format!("e.toml:{at}:13: a time is written")), "{no_offset}");
        let at = line("number = 305");
        let twice = changed("number = 305", "number = 231");
        assert_eq!(twice, format!("e.toml:{at}:10: there is another contest 231"));
        let unknown = changed("grace = 1800", "grase = 1800");
        assert!(
            unknown.starts_with(&format!("e.toml:{}:1: unknown field `grase`", line("grace"))),
            "{unknown}"
        );
        let panel = changed("threshold = 2", "threshold = 6");
        assert_eq!(panel, format!("e.toml:{}:13: 6 of 5 trustees", line("threshold = 2")));
        let at = line("\"Délégué 2\"");
        let same =
            format!("the same trustee as in line {}: each has a name of their own", line("Présidente"));
        assert_eq!(changed("\"Délégué 2\"", "\"présidente \""), format!("e.toml:{at}:27: {same}"));
        assert_eq!(changed("\"Délégué 2\"", "\" \""), format!("e.toml:{at}:27: a trustee has a name"));
        let list = changed("name = \"Cap national\"", "name = \"Nouvel élan\"");
        assert!(list.ends_with("a list of contest 305 needs a name of its own"), "{list}");
        let plain = changed("http://localhost:8080", "http://vote.example");
        assert!(plain.starts_with(&format!("e.toml:{}:11: an address", line("address"))), "{plain}");
        let open = changed("trustees = [\"Présidente\"", "trustees = [\"Présidente");
        assert!(open.starts_with(&format!("e.toml:{}:", line("trustees"))), "{open}");
    }

    #[test]
    fn what_is_wrong_in_a_list_of_voters_is_said_with_its_place() {
        let changed = |from: &str, to: &str| {
            assert!(VOTERS.contains(from), "{from}");
            electors(&VOTERS.replacen(from, to, 1)).unwrap_err()
        };
        let second = VOTERS.lines().nth(2).unwrap();
        let field = |at: usize| second.split(',').nth(at).unwrap();
        let first = VOTERS.lines().nth(1).unwrap();
        let other = |at: usize| first.split(',').nth(at).unwrap();
        assert_eq!(changed("numen", "NUMEN"), "v.csv:1:4: the column is numen, not \"NUMEN\"");
        assert!(
            electors(&VOTERS.replacen(field(4), other(4), 1)).is_ok(),
            "two were born in one month and town"
        );
        for (at, name) in [(0, "id"), (1, "email"), (3, "numen")] {
            let twice = format!("v.csv:3:{}: the same {name} as in line 2", at + 1);
            assert_eq!(changed(field(at), other(at)), twice);
        }
        // Letters of another size are the same address.
        assert!(changed(field(1), &other(1).to_uppercase()).starts_with("v.csv:3:2: the same email"));
        assert_eq!(changed(field(0), "../v2"), "v.csv:3:1: an id is letters, digits and -");
        for no_address in ["nobody", "a@b", "a@b\u{2028}.c", "a b@c.de", "@c.de", "a@b@c.de", "<a@b.c>"] {
            assert_eq!(changed(field(1), no_address), "v.csv:3:2: this is no e-mail address", "{no_address}");
        }
        assert_eq!(changed(field(4), "123"), "v.csv:3:5: these are not ten digits");
        assert_eq!(
            changed("231 305 584 712\nv003", "231 999\nv003"),
            "v.csv:3:6: \"999\" is no contest of the election"
        );
        assert_eq!(changed("231 305 584 712\nv003", "231 231\nv003"), "v.csv:3:6: contest 231 twice");
        assert_eq!(
            changed(&format!("{second}\n"), "v002,a@b.de\n"),
            "v.csv:3:3: 2 columns, not the 6 of id,email,name,numen,social10,contests"
        );
        assert_eq!(
            electors("id,email,name,numen,social10,contests\n").unwrap_err(),
            "v.csv:1:1: there are no voters"
        );
        let only = VOTERS.replace(" 712", "");
        assert_eq!(electors(&only).unwrap_err(), "v.csv:1:6: contest 712 has no voters");
    }
}
