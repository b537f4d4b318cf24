//! What an election is made of: its contests as voters read of them, and the list of voters, a CSV file. Whatever is wrong in
//! that is said with file, line and column. What else its organiser writes down setup reads (`setup::election`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use icu_properties::CodePointMapData;
use icu_properties::props::{CanonicalCombiningClass, JoiningType};
use serde::{Deserialize, Serialize};
use urne::VoterId;

use crate::{Failure, accounts, disk};

/// What is wrong in a file, and where.
pub fn fault(file: &Path, line: usize, column: usize, what: &str) -> Failure {
    format!("{}:{line}:{column}: {what}", file.display()).into()
}

/// The characters of a text, each with whether it is seen; so are joiners (U+200C, U+200D) where words are spelt with them.
pub fn with_unseen(text: &str) -> impl Iterator<Item = (char, bool)> {
    let seen = |at, c| !is_unseen(c) || joins(&text[..at], c, &text[at..][c.len_utf8()..]);
    text.char_indices().map(move |(at, c)| (c, seen(at, c)))
}

/// Where a text looks otherwise for a joiner (RFC 5892, appendix A): after a virama, U+200C only before a letter; and U+200C
/// between two letters that are joined without it. Beyond that, U+200D between ra and virama, in Bengali and Kannada.
fn joins(before: &str, joiner: char, after: &str) -> bool {
    // VR is virama's.
    let class = |c| CodePointMapData::<CanonicalCombiningClass>::new().get(c);
    let joining = |c| CodePointMapData::<JoiningType>::new().get(c);
    // Vowels above and below are no letters.
    let is_letter = |of: &JoiningType| *of != JoiningType::Transparent;
    let letters =
        || (before.chars().rev().map(joining).find(is_letter), after.chars().map(joining).find(is_letter));
    match (before.chars().next_back(), joiner, after.chars().next()) {
        (Some(last), '\u{200c}', Some(next)) if class(last) == CanonicalCombiningClass::VR => {
            next.is_alphabetic()
        }
        (_, '\u{200c}', _) => {
            matches!(letters(), (Some(JoiningType::D), Some(JoiningType::D | JoiningType::R)))
        }
        (Some('র'), '\u{200d}', Some('\u{9cd}')) | (Some('ರ'), '\u{200d}', Some('\u{ccd}')) => true,
        (Some(last), '\u{200d}', _) => class(last) == CanonicalCombiningClass::VR,
        _ => false,
    }
}

/// Controls, marks of direction, and characters of no width: a text with them can look like another.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{ffa0}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
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

/// A voter of the list, by the columns of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elector {
    /// Where it is in the file.
    pub line: usize,
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

pub(crate) const UNSEEN: &str = "a voter has a name, and nothing in it that is not seen";
const COLUMNS: [&str; 6] = ["id", "email", "name", "numen", "social10", "contests"];

/// Reads the voters' list, of an election with these contests.
pub fn electors(file: &Path, known: &BTreeSet<u64>) -> Result<Vec<Elector>, Failure> {
    let text = fs::read_to_string(file).map_err(|error| disk::named(file, error))?;
    read_electors(file, &text, known)
}

fn read_electors(file: &Path, text: &str, known: &BTreeSet<u64>) -> Result<Vec<Elector>, Failure> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let fault = |line, at: usize, what: &str| fault(file, line, at + 1, what);
    // Where a value that must be a voter's own was seen first.
    let mut seen: [BTreeMap<String, usize>; COLUMNS.len()] = Default::default();
    let mut electors = Vec::<Elector>::new();
    for (row, record) in reader.records().enumerate() {
        let place = record.as_ref().map_or_else(csv::Error::position, csv::StringRecord::position);
        let line = place.map_or(1, |place| usize::try_from(place.line()).unwrap_or(usize::MAX));
        let record = record.map_err(|error| fault(line, 0, &error.to_string()))?;
        let fields: Vec<&str> = record.iter().map(str::trim).collect();
        let &[id, email, name, numen, social10, numbers] = &fields[..] else {
            let (given, wanted) = (fields.len(), COLUMNS.len());
            let what = format!("{given} columns, not the {wanted} of {}", COLUMNS.join(","));
            return Err(fault(line, given.min(wanted), &what));
        };
        if row == 0 {
            let Some(at) = (0..COLUMNS.len()).find(|at| fields[*at] != COLUMNS[*at]) else { continue };
            let what = format!("the column is {}, not {:?}", COLUMNS[at], fields[at]);
            return Err(fault(line, at, &what));
        }
        let email = accounts::email(email).unwrap_or_default();
        let (numen, social10) = (numen.to_uppercase(), social10.replace(' ', ""));
        let letters = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let digits = social10.bytes().filter(u8::is_ascii_digit).count();
        let right = [
            ((1..=64).contains(&id.len()) && letters(id), "an id is letters, digits and -"),
            (!email.is_empty(), "this is no e-mail address"),
            // Setup asks more of it; a list that was taken once is taken in the middle of the vote.
            (!name.is_empty() && !name.contains(char::is_control), UNSEEN),
            (!numen.is_empty() && letters(&numen), "a NUMEN is letters and digits"),
            (social10.len() == 10 && digits == 10, "these are not ten digits"),
            (!numbers.is_empty(), "a voter has a contest at least"),
        ];
        if let Some(at) = right.iter().position(|(right, _)| !right) {
            return Err(fault(line, at, right[at].1));
        }
        // The ten digits are not: they say when and where somebody was born.
        for (at, value) in [(0, id), (1, &email), (3, &numen)] {
            if let Some(first) = seen[at].insert(value.into(), line) {
                // Not what it is: a NUMEN opens the way to a code.
                return Err(fault(line, at, &format!("the same {} as in line {first}", COLUMNS[at])));
            }
        }
        let mut contests = BTreeSet::new();
        for text in numbers.split_whitespace() {
            let contest = text.parse().ok().filter(|contest| known.contains(contest));
            let what = || fault(line, 5, &format!("{text:?} is no contest of the election"));
            if !contests.insert(contest.ok_or_else(what)?) {
                return Err(fault(line, 5, &format!("contest {text} twice")));
            }
        }
        let (id, name, contests) = (id.into(), name.into(), contests.into_iter().collect());
        electors.push(Elector { line, id, email, name, numen, social10, contests });
    }
    if electors.is_empty() {
        return Err(fault(1, 0, "there are no voters"));
    }
    match known.iter().find(|number| electors.iter().all(|one| !one.contests.contains(number))) {
        Some(none) => Err(fault(1, 5, &format!("contest {none} has no voters"))),
        None => Ok(electors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::seen as shown;
    use crate::setup::election::{Election, all_seen};

    const ELECTION: &str = include_str!("../../demo/election.toml");
    const VOTERS: &str = include_str!("../../demo/voters.csv");

    fn election(text: &str) -> Result<Election, String> {
        Election::read(Path::new("e.toml"), text).map_err(|fault| fault.to_string())
    }

    fn electors(text: &str) -> Result<Vec<Elector>, String> {
        let numbers = election(ELECTION).unwrap().numbers();
        let file = Path::new("v.csv");
        let read = read_electors(file, text, &numbers).and_then(|read| all_seen(file, read));
        read.map_err(|fault| fault.to_string())
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
        for unseen in [
            "Zoé\u{202e}",
            "\u{2066}Zoé",
            "Zo\u{200b}é",
            "Zo\u{ad}é",
            "\u{feff}Zoé",
            "Zo\u{e0041}é",
            "Zo\té",
            // Joiners where they join nothing.
            "Zo\u{200c}é",
            "Zo\u{200d}é",
            "\u{200c}علی",
            "علی\u{200c}",
            "\u{200d}علی",
            "علی\u{200c}\u{200c}رضا",
            "علی\u{200c} رضا",
            // Nor after a letter that is not joined, with a vowel or without, nor where a word ends.
            "رضا\u{200c}علی",
            "رضا\u{64e}\u{200c}علی",
            "علی\u{200d}رضا",
            "ക\u{d4d}\u{200c}",
            "ക\u{d4d}\u{200c} ഷ",
            "क\u{200d}ष",
            "ক\u{200d}\u{9cd}ষ",
        ] {
            let what = "v.csv:3:3: a voter has a name, and nothing in it that is not seen";
            assert_eq!(changed(field(2), unseen), what, "{}", unseen.escape_unicode());
            // What setup refuses is escaped where it is shown, and what it takes is not.
            assert!(unseen.contains('\t') || shown(unseen).contains("\\u{"), "{}", unseen.escape_unicode());
        }
        // And where Persian and Indic names are spelt with them: between two letters, after a virama, at the end of a word.
        let joined = [
            "علی\u{200c}رضا",
            "क\u{94d}\u{200d}ष",
            "ക\u{d4d}\u{200c}ഷ",
            "രാജന\u{d4d}\u{200d} നായര\u{d4d}\u{200d}",
            "علی\u{650}\u{200c}\u{64e}رضا",
            "র\u{200d}\u{9cd}যাচেল",
        ];
        for seen in
            ["Zoe\u{301}", "Jean\u{a0}Paul", "O’Neil \\", "محمد", "शर्मा", "王"].into_iter().chain(joined)
        {
            assert!(electors(&VOTERS.replacen(field(2), seen, 1)).is_ok(), "{seen}");
            assert_eq!(shown(seen), seen);
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
