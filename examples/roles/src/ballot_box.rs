//! The ballot box: one process for all contests. Of each it has a log, to which entries are appended before anybody is
//! answered, and in the folder of `--anchors`, on another disk, how far the log has come.

use std::collections::{BTreeSet, HashMap};
use std::fs::{File, symlink_metadata};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_slice, from_value, json, to_vec};
use urne::ballot_box::{
    Anchor, Answer, IdentityChecked, Issue, LogEntry, ProposedOpening, SignedOpening, Transaction,
};
use urne::primitives::escaped;
use urne::rand_core::Rng;
use urne::record::HexBytes;
use urne::{Activation, ActivationNonce, BallotBox, ClosedRecord, ElectoralRoll, SigningKey, VoterId};

use crate::desk::{
    Desk, Failure, FileError, exists, get, names, numbered, put, read, read_plain, remove, rng, send,
    through, voter_id,
};
use crate::sealed::Seal;

/// What is asked of the box: the file `request` in the asker's own folder, with a number drawn for it, which the file
/// `answer` repeats. So everybody has one request at a time, and each file one writer. Ballots are hex.
#[derive(Serialize, Deserialize)]
pub enum Request {
    Hello,
    Activate(Activation),
    Challenge(HexBytes),
    Deposit(HexBytes),
    /// This and the next from the issuer, the others from voters.
    CanReissue(VoterId),
    Reissue(Issue),
}

const MOST_MESSAGE: u64 = 1 << 16;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

pub fn run(desk: &Desk) -> Result<(), Failure> {
    if desk.step == "new" {
        let key = Seal::begin(desk, &["box"], || Ok(SigningKey::generate(&mut rng()).to_bytes()))?;
        println!("{}", SigningKey::from_bytes(&key)?.public());
        return Ok(());
    }
    let memory = Seal::open(desk)?.1;
    let key = || SigningKey::from_bytes(&memory);
    if desk.step == "propose" {
        through(desk.contests()?, |at| propose(&at, &key()?))?;
        return bound(desk).map(drop); // it has one, or nothing was proposed
    }
    if !["open", "serve", "close"].contains(&desk.step) {
        return desk.unknown();
    }
    desk.options.one::<String>("anchors")?; // whoever runs the box says which disk
    let mut boxes = Vec::new();
    // All are served, or none: a contest that does not start is left out by whoever runs the box, not by the box.
    through(bound(desk)?, |at| {
        boxes.push(Open::start(at, key()?)?);
        boxes.last_mut().filter(|_| desk.step == "close").map_or(Ok(()), Open::close)
    })?;
    if desk.step != "serve" {
        return Ok(());
    }
    loop {
        boxes.iter_mut().try_for_each(Open::serve)?;
        sleep(LOOK_AGAIN);
    }
}

/// The contests that the box has taken on, of which it has something on one disk or the other, but for those it is told
/// to leave out. What others put on the board is not its own.
fn bound(desk: &Desk) -> Result<Vec<Desk>, Failure> {
    let own = [numbered(&desk.own)?, numbered(&desk.anchors)?].concat();
    let (told, board): (Vec<u64>, _) = (desk.options.all("leave-out")?, numbered(&desk.board)?);
    let all = BTreeSet::from_iter([own.clone(), board].concat()).into_iter().map(|number| desk.at(number));
    let (its, others): (Vec<_>, Vec<_>) =
        all.partition(|at| own.contains(&at.number) && !told.contains(&at.number));
    others.iter().for_each(|at| at.says("left out"));
    its.first().ok_or("an opening is proposed first")?;
    Ok(its)
}

/// The box signs one opening: it is stored first, and what was stored is given again.
fn propose(at: &Desk, key: &SigningKey) -> Result<(), Failure> {
    if at.contest()?.contest().description().box_key != key.public() {
        at.says("under another box");
        return Ok(());
    }
    let stored = at.own.join("proposed");
    let proposed = match exists(&stored)? {
        true => read(&stored)?,
        false => roll(at)?.propose(at.now()?, key)?.to_store().to_vec(),
    };
    put(stored, proposed)?;
    send::<ProposedOpening>(&at.post, &get(&at.own)?)
}

fn roll(at: &Desk) -> Result<ElectoralRoll, Failure> {
    Ok(ElectoralRoll::from_bytes(at.contest()?, &read_plain(&at.post.join("roll"), 1 << 30)?)?)
}

/// The box of a contest, and which file of everybody it looked at last: its inode, time and length.
struct Open {
    at: Desk,
    urn: BallotBox,
    looked: HashMap<PathBuf, (u64, Option<SystemTime>, u64)>,
}

impl Open {
    /// The box as it was when its log was last written, whose end may be torn, but not before the anchor. Without an
    /// anchor it is not made: see `BallotBox::rebuilding_without_anchor` for what that risks.
    fn start(at: Desk, key: SigningKey) -> Result<Self, Failure> {
        let (contest, log) = (at.contest()?, at.own.join("log"));
        // Where there is neither anchor nor published opening nobody has been answered, or both are lost. Others can
        // put a file there, but none with both signatures.
        let published = |it: SignedOpening| it.verify(contest.contest()).is_ok();
        let begun = exists(&at.anchors.join("anchor"))? || get(&at.board).is_ok_and(published);
        let (unstored, entries) = if at.step == "open" && !begun {
            let opened = BallotBox::open(roll(&at)?, *get::<SignedOpening>(&at.post)?.opening(), key)?;
            let first = bytes(opened.entries());
            if exists(&log)? && read(&log)? != first {
                return Err("its log is not new, and has no anchor".into());
            }
            (opened, first)
        } else {
            let mut entries = read(&log)?;
            let anchor: Anchor = get(&at.anchors)?;
            let mut rebuilding = BallotBox::rebuilding(contest, key, anchor);
            rebuilding.read(&entries)?; // or in pieces, where it is long
            let (torn, rebuilt) = (rebuilding.cut_torn_end(), rebuilding.finish()?);
            if let Some(torn) = torn {
                at.says(torn);
                entries.truncate(torn.offset.try_into()?);
            }
            match rebuilt.anchor().entries() - anchor.entries() {
                0 => (),
                more => at.says(format!("{more} beyond the anchor, that nobody was told of")),
            }
            (rebuilt, entries)
        };
        // After an fsync that failed, a system may show what never reached the disk, and call it stored from then on.
        // So what was read counts when it is on the disk as a new file. What the anchor knows of was there before.
        put(log, entries)?;
        send(&at.anchors, &unstored.anchor())?;
        let urn = unstored.stored();
        match send(&at.board, &urn.roll().signed_opening()) {
            Err(error) if at.step == "open" => return Err(error),
            // It was there before: whoever spoils the board keeps no box from its voters.
            sent => sent.unwrap_or_else(|error| at.says(error)),
        }
        Ok(Open { at, urn, looked: HashMap::new() })
    }

    /// Answers one request of everybody, so that who asks much keeps nobody waiting. What is none is left alone. Only
    /// what the box must keep ends it: what others spoil in their folders is their loss.
    fn serve(&mut self) -> Result<(), Failure> {
        let number = self.at.number;
        let said = |error| eprintln!("contest {number}: {error}");
        let names = names(&self.at.post.join("voters")).map_err(said).unwrap_or_default();
        for from in names.iter().filter_map(|name| voter_id(name).ok()).map(Some).chain([None]) {
            let folder = folder(&self.at, from.as_ref());
            let request = folder.join("request");
            let Ok(there) = symlink_metadata(&request) else {
                self.looked.remove(&folder);
                continue;
            };
            let file = (there.ino(), there.modified().ok(), there.len());
            // What was looked at is answered, or no request. What cannot be read now is looked at again.
            if !there.is_file() || there.len() > MOST_MESSAGE || self.looked.get(&folder) == Some(&file) {
                continue;
            }
            let Ok(bytes) = read_plain(&request, MOST_MESSAGE) else { continue };
            self.looked.insert(folder.clone(), file);
            let Ok((id, request)) = from_slice(&bytes) else { continue };
            let answer: Result<Value, String> = match self.answer(from.as_ref(), id, request) {
                // Nobody is answered. The next start finds as much as has reached the disk.
                Err(error) if error.is::<FileError>() => return Err(error),
                answer => answer.map_err(|error| error.to_string()),
            };
            put(folder.join("answer"), to_vec(&(id, answer))?).unwrap_or_else(said);
        }
        Ok(())
    }

    /// The same request again, as after a restart, is answered alike.
    fn answer(&mut self, from: Option<&VoterId>, id: u64, request: Request) -> Result<Value, Failure> {
        let now = self.at.now()?;
        // The nonce that a voter was given last, and for which request.
        let nonces = self.at.own.join("nonces");
        let given = |of: &VoterId| -> Result<Option<(u64, ActivationNonce)>, Failure> {
            let file = nonces.join(of.to_string());
            exists(&file)?.then(|| Ok(from_slice(&read(file)?)?)).transpose()
        };
        match (from, request) {
            (Some(of), Request::Hello) => {
                let state = self.urn.state(of, now).ok_or("not on the roll")?;
                let before = given(of)?.filter(|(asked, _)| *asked == id);
                let nonce = before.map_or_else(|| ActivationNonce::generate(&mut rng()), |(_, nonce)| nonce);
                put(nonces.join(of.to_string()), to_vec(&(id, nonce))?)?;
                Ok(json!((state, nonce)))
            }
            (Some(of), Request::Activate(activation)) => {
                let (_, nonce) = given(of)?.ok_or("no nonce was asked for")?;
                self.change(|it| Ok(it.activate(of, &nonce, &activation, now)?))
            }
            (Some(of), Request::Challenge(it)) => self.change(|to| Ok(to.challenge(of, &it.0, now)?)),
            (Some(of), Request::Deposit(it)) => self.change(|to| Ok(to.deposit(of, &it.0, now)?)),
            (None, Request::CanReissue(of)) => Ok(json!(self.urn.can_reissue(&of, now)?)),
            (None, Request::Reissue(issue)) => {
                let identity = IdentityChecked::by_application(issue.voter().clone());
                self.change(|it| Ok(it.reissue(identity, issue, now)?))
            }
            _ => Err("not for this one to ask".into()),
        }
    }

    /// Entries first, then the anchor, and only then the answer. A transaction takes any number of changes: where many
    /// vote they can share the waiting for the disk.
    fn change(
        &mut self,
        make: impl FnOnce(&mut Transaction<'_>) -> Result<(), Failure>,
    ) -> Result<Value, Failure> {
        let (mut transaction, log) = (self.urn.transaction(), self.at.own.join("log"));
        make(&mut transaction)?;
        let entries = bytes(transaction.entries());
        let append = |mut file: File| file.write_all(&entries).and_then(|()| file.sync_all());
        let appended = File::options().append(true).open(&log).and_then(append);
        appended.map_err(|error| FileError::new(&log, error))?;
        send(&self.at.anchors, &transaction.anchor())?;
        Ok(json!(transaction.stored().pop().and_then(Answer::receipt)))
    }

    fn close(&mut self) -> Result<(), Failure> {
        let now = self.at.now()?;
        self.change(|it| Ok(it.close(now, &mut rng())?))?;
        let (closed, signings) = self.urn.closed().ok_or("not closed")?;
        send(&self.at.post, &signings)?;
        send(&self.at.board, &ClosedRecord::new(&closed))
    }
}

fn bytes(entries: &[LogEntry]) -> Vec<u8> {
    entries.iter().flat_map(LogEntry::as_bytes).copied().collect()
}

/// Of a voter, or else the issuer. Whose a folder is must be known by other means: here its name is believed.
fn folder(at: &Desk, of: Option<&VoterId>) -> PathBuf {
    of.map_or(at.post.join("issuer"), |voter| at.post.join("voters").join(voter.to_string()))
}

fn message<T: DeserializeOwned>(file: &Path) -> Result<T, Failure> {
    Ok(from_slice(&read_plain(file, MOST_MESSAGE)?)?)
}

/// Asks the box, and waits for a minute for its message, or why it refuses. Whoever gives up, or dies, asks the same
/// again: all is answered alike.
pub fn ask<T>(at: &Desk, from: Option<&VoterId>, request: &Request) -> Result<Result<T, String>, Failure>
where
    T: DeserializeOwned,
{
    let (folder, id) = (folder(at, from), rng().next_u64());
    let [asked, answer] = ["request", "answer"].map(|name| folder.join(name));
    put(&asked, to_vec(&(id, request))?)?;
    for _ in 0..3_000 {
        // Or there is what was answered before.
        if let Ok((of, answered)) = message::<(u64, Value)>(&answer)
            && of == id
        {
            remove(&asked)?;
            // Of a box, or of whoever has written there: a terminal obeys none of it.
            let known: Result<T, String> =
                from_value(answered).map_err(|_| "what the box answers is no answer")?;
            return Ok(known.map_err(|why| escaped(&why).to_string()));
        }
        sleep(LOOK_AGAIN);
    }
    Err(format!("the box has not answered in {}", folder.display()).into())
}
