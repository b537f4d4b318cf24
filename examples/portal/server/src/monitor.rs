//! Follows a box's heads from outside: each must extend the one before, and is kept for the trustees, who endorse no
//! closing that does not extend what they were shown.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use urne::ballot_box::{Head, MerklePath, OpeningDigest, SignedOpening};
use urne::{ApprovedContest, Contest, Fingerprint};

use crate::accounts::hex;
use crate::{Failure, disk};

/// The last head that extends all before it, in the folder of its contest.
const LAST: &str = "last";

/// What the monitor asks the portal for, by its path.
pub trait Ask {
    fn ask(&self, path: &str) -> Result<Vec<u8>, Failure>;
}

/// What a look at a box has found.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// As before, or grown to so many ballots.
    Good { ballots: u64 },
    /// The box has broken its word: it was forked, rewritten or cut, by what it has signed itself; or nobody shows that one
    /// signed head extends another, which who stands between can also keep back.
    Broken(String),
    /// What is shown is not what the trustees publish, and nobody has signed it: somebody should look, but whoever stands
    /// between may have shown it, and it is not held against the box.
    Unsigned(String),
    /// No answer, or one that cannot be read: somebody should look, but it proves nothing.
    NoAnswer(String),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Good { ballots: 1 } => write!(f, "1 ballot, all those before among them"),
            Found::Good { ballots } => write!(f, "{ballots} ballots, all those before among them"),
            Found::Broken(why) => write!(f, "THE BOX HAS BROKEN ITS WORD: {why}"),
            Found::Unsigned(why) => write!(f, "WRONG, THOUGH NOBODY HAS SIGNED IT: {why}"),
            Found::NoAnswer(why) => write!(f, "no answer: {why}"),
        }
    }
}

/// Why a contest cannot be followed.
#[derive(Debug)]
pub enum Stop {
    /// Box and issuer have signed two openings.
    Broken(String),
    /// What the portal shows is not what the trustees publish; of that nothing is signed.
    Unsigned(String),
    /// It does not answer, or what it answered cannot be kept.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Failed(error.into())
    }
}

/// One contest that is followed.
pub struct Followed {
    number: u64,
    contest: Contest,
    opening: OpeningDigest,
    /// Its folder: the opening, the last good head, and in `heads` all that the box has signed, also those that break its
    /// word, as `trustee show-heads` reads them.
    kept: PathBuf,
    /// The head of most ballots that was seen.
    last: Option<Head>,
    /// Whether it could not be kept yet.
    unkept: bool,
}

/// The answer to `/api/{n}/consistency/SIZE`: the head of now, and the way to it from that size.
#[derive(Deserialize)]
struct Consistency {
    head: String,
    path: String,
}

impl Followed {
    /// A contest as the portal shows it, if its fingerprint is one that the trustees publish; and its opening, which is
    /// kept, so that a second one is found out.
    pub fn begin(ask: &dyn Ask, number: u64, published: &[Fingerprint], keep: &Path) -> Result<Self, Stop> {
        let unsigned = |why: String| Stop::Unsigned(format!("contest {number}: {why}"));
        let json = ask.ask(&format!("/public/{number}/approved.json"))?;
        let approved = ApprovedContest::from_json(&json).map_err(|error| unsigned(error.to_string()))?;
        let contest = approved.contest().clone();
        if !published.contains(&contest.fingerprint()) || contest.description().number != number {
            return Err(unsigned(format!("it is none of those that are meant: {}", contest.fingerprint())));
        }
        let bytes = ask.ask(&format!("/public/{number}/opening"))?;
        let opening = SignedOpening::from_bytes(&bytes).map_err(|error| unsigned(error.to_string()))?;
        let digest = opening.verify(&contest).map_err(|error| unsigned(error.to_string()))?;
        let kept = keep.join(number.to_string());
        let place = kept.join("opening");
        match disk::find(&place)? {
            Some(before) if before != opening.to_bytes() => {
                let evidence = match disk::put(&kept.join("second-opening"), &opening.to_bytes()) {
                    Ok(()) => format!("kept in {}", kept.display()),
                    Err(error) => format!("{}, not kept: {error}", hex(opening.to_bytes())),
                };
                return Err(Stop::Broken(format!("contest {number}: it has a second opening, {evidence}")));
            }
            Some(_) => (),
            None => disk::put(&place, &opening.to_bytes())?,
        }
        let last = disk::find(&kept.join(LAST))?.map(|bytes| Head::from_bytes(&bytes)).transpose()?;
        let mut followed = Followed { number, contest, opening: digest, kept, last: None, unkept: false };
        // Whoever was ended between the two has kept the later one among the others.
        followed.last = [followed.greatest()?, last].into_iter().flatten().max_by_key(|head| head.size);
        Ok(followed)
    }

    /// The greatest of the heads that are kept, so that nothing of what was seen is forgotten:
    /// where one of them is of a fork, whatever the box shows does not extend it. A monitor of before kept its heads beside
    /// the opening: they are for the trustees too.
    fn greatest(&self) -> Result<Option<Head>, Failure> {
        let before = disk::all::<Head>(&self.kept)?;
        before.iter().try_for_each(|head| self.keep(head))?;
        let heads = self.kept.join("heads");
        let mut all = if heads.exists() { disk::all::<Head>(&heads)? } else { Vec::new() };
        all.retain(|head| head.verify(&self.contest, self.opening).is_ok());
        Ok(all.into_iter().max_by_key(|head| head.size))
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    /// The head of now, and the way to it.
    fn head(&self, ask: &dyn Ask, from: u64) -> Result<(Head, Option<MerklePath>), Failure> {
        let answer = ask.ask(&format!("/api/{}/consistency/{from}", self.number))?;
        let Consistency { head, path } = serde_json::from_slice(&answer)?;
        let bytes = |text: &str| ::hex::decode(text).map_err(|_| Failure::from("not in hex"));
        let path = if path.is_empty() { None } else { Some(MerklePath::from_bytes(&bytes(&path)?)?) };
        Ok((Head::from_bytes(&bytes(&head)?)?, path))
    }

    /// A box that has shrunk shows no way from where it was: what it signs of its beginning says so.
    fn smaller(&self, ask: &dyn Ask, error: &Failure) -> Result<Found, Failure> {
        let signed = self.head(ask, 0).map(|(head, _)| head);
        let signed = signed.ok().filter(|head| head.verify(&self.contest, self.opening).is_ok());
        match (&self.last, signed) {
            (Some(last), Some(head)) if head.size < last.size => {
                Ok(self.broken(&head, format!("it had {} ballots and has {}", last.size, head.size)))
            }
            _ => Ok(Found::NoAnswer(error.to_string())),
        }
    }

    /// It is said also where its evidence cannot be kept.
    fn broken(&self, head: &Head, why: String) -> Found {
        Found::Broken(match self.keep(head) {
            Ok(()) => why,
            Err(error) => format!("{why}; its head, {}, is not kept: {error}", hex(head.to_bytes())),
        })
    }

    /// For the trustees: what is signed is evidence, whether the box has kept its word by it or broken it.
    fn keep(&self, head: &Head) -> Result<(), Failure> {
        let name = format!("{:012}-{}.head", head.size, hex(&Sha256::digest(head.to_bytes())[..8]));
        disk::put(&self.kept.join("heads").join(name), &head.to_bytes())
    }

    /// Asks for the head of now, proves that it extends the last, and keeps it.
    pub fn look(&mut self, ask: &dyn Ask) -> Result<Found, Failure> {
        let from = self.last.as_ref().map_or(0, |last| last.size);
        let read = self.head(ask, from);
        let (head, path) = match read {
            Ok(read) => read,
            Err(error) => return self.smaller(ask, &error),
        };
        let checked = match (&self.last, path) {
            (None, _) => head.verify(&self.contest, self.opening).map_err(|error| error.to_string()),
            (Some(last), Some(path)) => last
                .verify_extension(&self.contest, self.opening, &head, &path)
                .map_err(|error| error.to_string()),
            // From no ballots there is no path.
            (Some(last), None) if last.size == 0 => {
                head.verify(&self.contest, self.opening).map_err(|error| error.to_string())
            }
            (Some(last), None) => Err(format!("it shows no way from {} ballots to {}", last.size, head.size)),
        };
        if let Err(why) = checked {
            // Under whatever opening.
            let signed = head.verify(&self.contest, head.opening).is_ok();
            return Ok(if signed { self.broken(&head, why) } else { Found::Unsigned(why) });
        }
        let ballots = head.size;
        // What was seen holds, also where it cannot be kept yet.
        self.unkept |= self.last.as_ref() != Some(&head);
        self.last = Some(head);
        if self.unkept {
            self.keep(&head)?;
            disk::put(&self.kept.join(LAST), &head.to_bytes())?;
            self.unkept = false;
        }
        Ok(Found::Good { ballots })
    }
}

/// Every contest that the trustees publish.
pub struct Watch {
    published: Vec<Fingerprint>,
    keep: PathBuf,
    /// In the order of their fingerprints; `None` until it could be begun.
    followed: Vec<Option<Followed>>,
    /// Of those that have broken their word at any time, how they did first, as `broken-FINGERPRINT` has it.
    broken: BTreeMap<Fingerprint, String>,
}

impl Watch {
    pub fn new(meant: Vec<Fingerprint>, keep: PathBuf) -> Result<Self, Failure> {
        let mut published = Vec::new();
        meant.into_iter().for_each(|one| {
            if !published.contains(&one) {
                published.push(one)
            }
        });
        let followed = published.iter().map(|_| None).collect();
        let mut broken = BTreeMap::new();
        for one in &published {
            let why = disk::find(&keep.join(format!("broken-{one}")))?;
            broken.extend(why.map(|why| (*one, String::from_utf8_lossy(&why).trim_end().to_owned())));
        }
        Ok(Watch { published, keep, followed, broken })
    }

    /// How many contests have broken their word, by this monitor or by one before it with the same folder.
    pub fn broken(&self) -> usize {
        self.broken.len()
    }

    /// A look at each, by its number, or by its fingerprint where it could not be begun. What is found in one stops none
    /// of the others, and who has broken its word once is said to have done so at every look.
    pub fn look(&mut self, ask: &dyn Ask) -> Vec<(String, Found)> {
        let begun = self.followed.iter().all(Option::is_some);
        let claimed = if begun { Ok(BTreeMap::new()) } else { claimed(ask) };
        let no_answer = |error: Failure| Found::NoAnswer(error.to_string());
        let mut found = Vec::new();
        for (meant, one) in self.published.iter().zip(&mut self.followed) {
            let begin = || {
                let claimed = claimed.as_ref().map_err(|error| Stop::Failed(error.to_string().into()))?;
                let missing = || Stop::Unsigned("the portal has no such contest".into());
                let (number, _) = claimed.iter().find(|(_, of)| *of == meant).ok_or_else(missing)?;
                Followed::begin(ask, *number, &self.published, &self.keep)
            };
            let followed = match one {
                Some(followed) => Ok(followed),
                None => begin().map(|begun| one.insert(begun)),
            };
            let (contest, now) = match followed {
                Ok(one) => (one.number.to_string(), one.look(ask).unwrap_or_else(no_answer)),
                Err(Stop::Broken(why)) => (meant.to_string(), Found::Broken(why)),
                Err(Stop::Unsigned(why)) => (meant.to_string(), Found::Unsigned(why)),
                Err(Stop::Failed(error)) => (meant.to_string(), no_answer(error)),
            };
            let now = match (self.broken.get(meant), now) {
                (Some(why), now) if now == Found::Broken(why.clone()) => now,
                (Some(why), now) => Found::Broken(format!("{why}; now: {now}")),
                (None, Found::Broken(mut why)) => {
                    let place = self.keep.join(format!("broken-{meant}"));
                    let kept = disk::put(&place, format!("{why}\n").as_bytes());
                    self.broken.insert(*meant, why.clone());
                    if let Err(error) = kept {
                        why = format!("{why}; that it has is not kept: {error}");
                    }
                    Found::Broken(why)
                }
                (None, now) => now,
            };
            found.push((contest, now));
        }
        found
    }
}

/// The contests that the portal has, by `/public/fingerprints.json`, with the fingerprints that it claims.
pub fn claimed(ask: &dyn Ask) -> Result<BTreeMap<u64, Fingerprint>, Failure> {
    let read: BTreeMap<String, Fingerprint> = serde_json::from_slice(&ask.ask("/public/fingerprints.json")?)?;
    read.into_iter().map(|(number, fingerprint)| Ok((number.parse()?, fingerprint))).collect()
}
