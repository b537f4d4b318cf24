//! An election as its organiser writes it down, in a TOML file. Whatever is wrong in it is said with file, line and column.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;
use urne::UnixTime;

use crate::Failure;
use crate::election::{Documents, Elector, List, UNSEEN, fault, with_unseen};

/// A file of an election, by its text.
struct Source<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    /// Line and column.
    fn place(&self, at: Range<usize>) -> (usize, usize) {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }

    fn fault(&self, at: Range<usize>, what: &str) -> Failure {
        let (line, column) = self.place(at);
        fault(self.file, line, column, what)
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

/// A contest to be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub documents: Documents,
    /// The most voters that it can have.
    pub capacity: u64,
}

impl Election {
    /// Reads an election from its file.
    pub fn read(file: &Path, text: &str) -> Result<Self, Failure> {
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
                return Err(source.fault(threshold.span(), &what));
            }
            for trustee in trustees {
                let name = trustee.get_ref().trim().to_lowercase();
                if name.is_empty() {
                    return Err(source.fault(trustee.span(), "a trustee has a name"));
                }
                if let Some(first) = named.insert(name, source.place(trustee.span()).0) {
                    let what = format!("the same trustee as in line {first}: each has a name of their own");
                    return Err(source.fault(trustee.span(), &what));
                }
            }
        }
        let mut numbers = BTreeSet::new();
        let mut plans = Vec::new();
        for contest in read.contest {
            if !numbers.insert(*contest.number.get_ref()) {
                let what = format!("there is another contest {}", contest.number.get_ref());
                return Err(source.fault(contest.number.span(), &what));
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

    /// Of the contests.
    pub fn numbers(&self) -> BTreeSet<u64> {
        self.plans.iter().map(|plan| plan.documents.number).collect()
    }

    /// How many trustees there are.
    pub fn trustees(&self) -> usize {
        self.panels.iter().map(|panel| panel.trustees.len()).sum()
    }
}

/// Reads the list of voters of an election with these contests, as its organiser writes it.
pub fn electors(file: &Path, known: &BTreeSet<u64>) -> Result<Vec<Elector>, Failure> {
    all_seen(file, crate::election::electors(file, known)?)
}

/// The voters of a file, if of all their names everything is seen.
pub(crate) fn all_seen(file: &Path, electors: Vec<Elector>) -> Result<Vec<Elector>, Failure> {
    match electors.iter().find(|elector| with_unseen(&elector.name).any(|(_, seen)| !seen)) {
        Some(elector) => Err(fault(file, elector.line, 3, UNSEEN)),
        None => Ok(electors),
    }
}

impl ContestFile {
    fn plan(self, source: &Source<'_>) -> Result<Plan, Failure> {
        let mut names = BTreeSet::new();
        for list in &self.list {
            let name = list.get_ref().name.trim();
            if name.is_empty() || !names.insert(name) {
                let what = format!("a list of contest {} needs a name of its own", self.number.get_ref());
                return Err(source.fault(list.span(), &what));
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

fn time(source: &Source<'_>, value: &Spanned<Datetime>) -> Result<UnixTime, Failure> {
    let seconds = value.get_ref().to_string().parse::<jiff::Timestamp>().ok();
    let seconds = seconds.and_then(|time| u64::try_from(time.as_second()).ok());
    let what = "a time is written with its offset, as 2022-12-01T08:00:00+01:00";
    seconds.map(UnixTime::from_seconds).ok_or_else(|| source.fault(value.span(), what))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELECTION: &str = include_str!("../../../demo/election.toml");

    fn election(text: &str) -> Result<Election, String> {
        Election::read(Path::new("e.toml"), text).map_err(|fault| fault.to_string())
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
}
