//! The contests of the portal: what is public of each, read at the start.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use urne::ApprovedContest;
use urne::ballot_box::{ClosingDigest, SignedClosing};
use urne::contest::ContestDescription;

use crate::election::Documents;
use crate::{Failure, disk};

/// When a contest was closed, beside its closed record, so that no page reads that.
pub const CLOSED_AT: &str = "closed-at";

pub struct Contest {
    pub number: u64,
    pub approved: ApprovedContest,
    /// The booklet, whose hash stands in the contest: a JSON file, `documents`.
    pub documents: Documents,
    /// `DIR/public/NUMBER`.
    pub folder: PathBuf,
}

impl Contest {
    pub fn description(&self) -> &ContestDescription {
        self.approved.contest().description()
    }

    pub fn ends_at(&self) -> u64 {
        self.approved.contest().ends_at().seconds()
    }

    /// Until when complaints about its closing are taken at least: from when it was closed, or will be at the earliest.
    /// Issuer and trustees count from when each was given the closed record.
    pub fn complaints_until(&self, seconds: u64) -> u64 {
        let closed_at = fs::read_to_string(self.folder.join(CLOSED_AT)).ok().and_then(|at| at.parse().ok());
        closed_at.unwrap_or(self.ends_at()).saturating_add(seconds)
    }

    /// The files of second closings, which box and issuer have both signed. What is none anybody may have put there.
    pub fn second_closings(&self) -> Vec<String> {
        let signed = |name: &String| {
            let signed = disk::get(self.folder.join(name), SignedClosing::from_bytes).ok();
            signed.is_some_and(|it| it.verify(self.approved.contest()).is_ok())
        };
        let names = disk::names(&self.folder).unwrap_or_default().into_iter();
        names.filter(|name| is_second_closing(name)).filter(signed).collect()
    }

    /// Whether a file of it is there.
    pub fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    pub fn read(number: u64, folder: PathBuf) -> Result<Contest, Failure> {
        let approved = disk::get(folder.join("approved.json"), ApprovedContest::from_json)?;
        let contest = approved.contest();
        if contest.description().number != number {
            return Err("approved.json is of another contest".into());
        }
        let booklet = disk::read(&folder.join("documents"))?;
        contest.check_documents(&booklet)?;
        let documents: Documents =
            serde_json::from_slice(&booklet).map_err(|error| format!("documents: {error}"))?;
        let names = documents.lists.iter().map(|list| list.name.as_str());
        if !names.eq(contest.description().lists.iter().map(|name| name.as_str())) {
            return Err("documents: its lists are not those of the contest".into());
        }
        Ok(Contest { number, approved, documents, folder })
    }
}

/// `DIGEST.closing`.
pub fn is_second_closing(name: &str) -> bool {
    name.strip_suffix(".closing").is_some_and(|digest| digest.parse::<ClosingDigest>().is_ok())
}

pub type Contests = BTreeMap<u64, Contest>;
pub type Waiting = BTreeMap<u64, urne::Contest>;

/// All that have a folder with a number for its name: those that are approved, and those that wait for it.
pub fn read_all(public: &Path) -> Result<(Contests, Waiting), Failure> {
    let (mut contests, mut waiting) = (BTreeMap::new(), BTreeMap::new());
    for number in disk::contests(public)? {
        let folder = public.join(number.to_string());
        let unapproved = folder.join("contest.json");
        if !folder.join("approved.json").exists() && unapproved.exists() {
            waiting.insert(number, disk::get(unapproved, urne::Contest::from_json)?);
            continue;
        }
        let contest = Contest::read(number, folder.clone());
        contests.insert(number, contest.map_err(|error| disk::named(&folder, error))?);
    }
    match contests.is_empty() && waiting.is_empty() {
        true => Err(disk::named(public, "there is no contest")),
        false => Ok((contests, waiting)),
    }
}
