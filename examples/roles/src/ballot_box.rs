//! The ballot box: one process for all contests. Of each it has a log, to which entries are appended before anybody is
//! answered, and in the folder of `--anchors`, on another disk, how far the log has come.

use std::collections::HashMap;
use std::fs::{File, remove_file};
use std::io::Write;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_slice, json, to_vec};
use urne::ballot_box::{
    Anchor, Answer, IdentityChecked, Issue, LogEntry, ProposedOpening, SignedOpening, Transaction,
};
use urne::primitives::escaped;
use urne::rand_core::Rng;
use urne::record::HexBytes;
use urne::{Activation, ActivationNonce, BallotBox, ClosedRecord, ElectoralRoll, Form, SigningKey, VoterId};

use crate::desk::{Desk, rng, through, voter_id};
use crate::post::{Done, Failure, FileError, exists, get, names, put, read, read_plain, send};
use crate::sealed::Seal;

/// What is asked of the box: the file `request` in the asker's own folder, with a number drawn for it, which the file
/// `answer` repeats. So everybody has one request at a time. Ballots are hex.
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

pub fn run(desk: &Desk) -> Done {
    if desk.step == "new" {
        let key = Seal::begin(desk, &["box"], || Ok(SigningKey::generate(&mut rng()).to_bytes()))?;
        println!("{}", SigningKey::from_bytes(&key)?.public());
        return Ok(());
    }
    let (memory, mut boxes) = (Seal::open(desk)?.1, Vec::new());
    let key = || SigningKey::from_bytes(&memory);
    // All of them are served, or none: whoever runs the box names those that are.
    through(desk.contests()?, |at| match at.step {
        "propose" => propose(&at, &key()?),
        "open" | "serve" | "close" => {
            at.options.one::<String>("anchors")?; // whoever runs the box says which disk
            boxes.push(Open::start(at, key()?)?);
            boxes.last_mut().filter(|_| desk.step == "close").map_or(Ok(()), Open::close)
        }
        _ => at.unknown(),
    })?;
    if desk.step != "serve" {
        return Ok(());
    }
    loop {
        boxes.iter_mut().try_for_each(Open::serve)?;
        sleep(LOOK_AGAIN);
    }
}

/// The box signs one opening: it is stored first, and what was stored is given again.
fn propose(at: &Desk, key: &SigningKey) -> Done {
    let stored = at.own.join(ProposedOpening::NAME);
    let before = exists(&stored)?.then(|| read(&stored)).transpose()?;
    let new = || Ok::<_, Failure>(roll(at)?.propose(at.now()?, key)?.to_store().to_vec());
    put(stored, before.map_or_else(new, Ok)?)?;
    let proposed: ProposedOpening = get(&at.own)?;
    proposed.verify(at.contest()?.contest())?;
    send(&at.post, &proposed)
}

fn roll(at: &Desk) -> Result<ElectoralRoll, Failure> {
    Ok(ElectoralRoll::from_bytes(at.contest()?, &read_plain(&at.post.join("roll"), 1 << 30)?)?)
}

/// The box of a contest, and which nonce everybody was given last, for which request.
struct Open {
    at: Desk,
    urn: BallotBox,
    nonces: HashMap<VoterId, (u64, ActivationNonce)>,
    deaf: bool, // at the last look
}

impl Open {
    /// The box as it was when its log was last written, whose end may be torn, but not before the anchor. Without an
    /// anchor it is not made: see `BallotBox::rebuilding_without_anchor` for what that risks.
    fn start(at: Desk, key: SigningKey) -> Result<Self, Failure> {
        let (contest, log) = (at.contest()?, at.own.join("log"));
        // Where there is neither anchor nor published opening nobody has been answered, or both are lost. Others can
        // put a file there, but none with both signatures.
        let published = |it: SignedOpening| it.verify(contest.contest()).is_ok();
        let begun = exists(&at.anchors.join(Anchor::NAME))? || get(&at.board).is_ok_and(published);
        let (unstored, entries) = if at.step == "open" && !begun {
            let opened = BallotBox::open(roll(&at)?, *get::<SignedOpening>(&at.post)?.opening(), key)?;
            let first = bytes(opened.entries());
            if exists(&log)? && read(&log)? != first {
                return Err("its log is not new, and has no anchor".into());
            }
            (opened, first)
        } else {
            let (mut entries, anchor) = (read(&log)?, get::<Anchor>(&at.anchors)?);
            let mut rebuilding = BallotBox::rebuilding(contest, key, anchor);
            rebuilding.read(&entries)?; // or in pieces, where it is long
            let (torn, rebuilt) = (rebuilding.cut_torn_end(), rebuilding.finish()?);
            if let Some(torn) = torn {
                at.says(torn);
                entries.truncate(torn.offset.try_into()?);
            }
            let more = rebuilt.anchor().entries() - anchor.entries();
            if more > 0 {
                at.says(format!("{more} beyond the anchor, that nobody was told of"));
            }
            (rebuilt, entries)
        };
        // After an fsync that failed, a system may show what never reached the disk, and call it stored from then on.
        // So what was read counts when it is on the disk as a new file. What the anchor knows of was there before.
        put(log, entries)?;
        send(&at.anchors, &unstored.anchor())?;
        let urn = unstored.stored();
        if at.step == "open" {
            send(&at.board, &urn.roll().signed_opening())?;
        }
        Ok(Open { at, urn, nonces: HashMap::new(), deaf: false })
    }

    /// Answers one request of everybody, so that who asks much keeps nobody waiting. Each is taken away first: it is
    /// answered once, and who hears nothing asks again. Only what the box must keep ends it: what others spoil in their
    /// folders is their loss.
    fn serve(&mut self) -> Done {
        // Nobody asks where nobody can write. But who runs the box is told, once, that it hears nobody.
        let names = names(&self.at.post.join("voters"));
        if let (Err(error), false) = (&names, self.deaf) {
            self.at.says(error);
        }
        self.deaf = names.is_err();
        let names = names.unwrap_or_default();
        for from in names.iter().filter_map(|name| voter_id(name).ok()).map(Some).chain([None]) {
            let folder = folder(&self.at, from.as_ref());
            let request = read_plain(&folder.join("request"), MOST_MESSAGE);
            if remove_file(folder.join("request")).is_err() {
                continue; // there was none, or what is there is no file
            }
            let Some((id, request)) = request.ok().and_then(|it| from_slice(&it).ok()) else { continue };
            let answer: Result<Value, String> = match self.answer(from, id, request) {
                // Nobody is answered. The next start finds as much as has reached the disk.
                Err(error) if error.is::<FileError>() => return Err(error),
                answer => answer.map_err(|error| error.to_string()),
            };
            put(folder.join("answer"), to_vec(&(id, answer))?).unwrap_or_else(|error| self.at.says(error));
        }
        Ok(())
    }

    /// The same request again is answered alike; after a restart a nonce is asked for anew.
    fn answer(&mut self, from: Option<VoterId>, id: u64, request: Request) -> Result<Value, Failure> {
        let now = self.at.now()?;
        match (from, request) {
            (Some(of), Request::Hello) => {
                let state = self.urn.state(&of, now).ok_or("not on the roll")?;
                let before = self.nonces.get(&of).filter(|(asked, _)| *asked == id);
                let nonce = before.map_or_else(|| ActivationNonce::generate(&mut rng()), |(_, it)| *it);
                self.nonces.insert(of, (id, nonce));
                Ok(json!((state, nonce)))
            }
            (Some(of), Request::Activate(activation)) => {
                let (_, nonce) = *self.nonces.get(&of).ok_or("the nonce is forgotten: begin again")?;
                self.change(|it| Ok(it.activate(&of, &nonce, &activation, now)?))
            }
            (Some(of), Request::Challenge(it)) => self.change(|to| Ok(to.challenge(&of, &it.0, now)?)),
            (Some(of), Request::Deposit(it)) => self.change(|to| Ok(to.deposit(&of, &it.0, now)?)),
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
    fn change(&mut self, make: impl FnOnce(&mut Transaction<'_>) -> Done) -> Result<Value, Failure> {
        let (mut transaction, log) = (self.urn.transaction(), self.at.own.join("log"));
        make(&mut transaction)?;
        let entries = bytes(transaction.entries());
        let append = |mut file: File| file.write_all(&entries).and_then(|()| file.sync_all());
        let appended = File::options().append(true).open(&log).and_then(append);
        appended.map_err(|error| FileError::new(&log, error))?;
        send(&self.at.anchors, &transaction.anchor())?;
        Ok(json!(transaction.stored().pop().and_then(Answer::receipt)))
    }

    fn close(&mut self) -> Done {
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

/// Asks the box, each second anew, and waits for a minute. Whoever gives up, or dies, asks the same again.
pub fn ask<T>(at: &Desk, from: Option<&VoterId>, request: &Request) -> Result<Result<T, String>, Failure>
where
    T: DeserializeOwned,
{
    let (folder, id) = (folder(at, from), rng().next_u64());
    for look in 0..3_000 {
        if look % 50 == 0 {
            put(folder.join("request"), to_vec(&(id, request))?)?;
        }
        sleep(LOOK_AGAIN);
        let answer = read_plain(&folder.join("answer"), MOST_MESSAGE).unwrap_or_default();
        // Or there is what was answered before.
        if let Ok((of, answered)) = from_slice::<(u64, Result<T, String>)>(&answer)
            && of == id
        {
            // Of a box, or of whoever has written there: a terminal obeys none of it.
            return Ok(answered.map_err(|why| escaped(&why).to_string()));
        }
    }
    Err(format!("the box has not answered in {}", folder.display()).into())
}
