//! The ballot box: one process for all contests. Of each it has a log, to which entries are appended before anybody is
//! answered, and in the folder of `--anchors`, on another disk, how far the log has come.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::thread::sleep;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use urne::ballot_box::{Anchor, Answer, IdentityChecked, Issue, LogEntry, ProposedOpening, SignedOpening};
use urne::rand_core::Rng;
use urne::{Activation, ActivationNonce, BallotBox, ClosedRecord, ElectoralRoll, SigningKey, VoterId};

use crate::desk::{
    Desk, Failure, FileError, exists, get, names, put, read, read_plain, remove, rng, send, voter_id,
};
use crate::sealed::Seal;

/// Requests are files `post/CONTEST/KIND/VOTER.RANDOM`, with 16 digits of hex. Whose one is must be known by other
/// means: here the name is believed. The first two kinds come from the issuer, the others from voters.
const KINDS: [&str; 6] = ["can-reissue", "reissue", "hello", "activate", "challenge", "deposit"];
const MOST_REQUEST: u64 = 1 << 15;
const MOST_ANSWER: u64 = 1 << 20;
const MOST_ROLL: u64 = 1 << 30;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

pub fn run(desk: &Desk) -> Result<(), Failure> {
    if desk.step == "new" {
        let key = SigningKey::generate(&mut rng());
        Seal::new(desk, &["box"])?.put(&key.to_bytes())?;
        println!("{}", key.public());
        return Ok(());
    }
    let (_alone, memory) = Seal::open(desk)?;
    let (places, key) = (desk.contests()?, || SigningKey::from_bytes(&memory));
    if desk.step == "propose" {
        return places.iter().try_for_each(|at| propose(at, &key()?));
    }
    desk.options.one::<String>("anchors")?; // whoever runs the box says which disk
    let boxes = places.iter().map(|at| Ok((at, start(at, key()?)?)));
    let mut boxes = boxes.collect::<Result<Vec<_>, Failure>>()?;
    match desk.step.as_str() {
        "open" => Ok(()),
        "serve" => loop {
            boxes.iter_mut().try_for_each(|(at, ballot_box)| serve(at, ballot_box))?;
            sleep(LOOK_AGAIN);
        },
        "close" => boxes.iter_mut().try_for_each(|(at, ballot_box)| close(at, ballot_box)),
        _ => desk.unknown(),
    }
}

/// The box signs one opening: it is stored first, and what was stored is given again.
fn propose(at: &Desk, key: &SigningKey) -> Result<(), Failure> {
    let stored = at.own.join("proposed");
    if !exists(&stored)? {
        put(stored, roll(at)?.propose(at.now()?, key)?.to_store())?;
    }
    send::<ProposedOpening>(&at.post, &get(&at.own)?)
}

/// The box as it was when its log was last written, whose end may be torn, but not before the anchor. Without an anchor
/// it is not made: see `BallotBox::rebuilding_without_anchor` for what that risks.
fn start(at: &Desk, key: SigningKey) -> Result<BallotBox, Failure> {
    let (contest, log) = (at.contest()?, at.own.join("log"));
    // Where there is neither anchor nor published opening nobody has been answered, or both are lost: the log tells.
    let begun = exists(&at.anchors.join("anchor"))? || exists(&at.board.join("opening"))?;
    let unstored = if at.step == "open" && !begun {
        let opened = BallotBox::open(roll(at)?, *get::<SignedOpening>(&at.post)?.opening(), key)?;
        // In place of what a process that died here may have left: the opening, or its beginning, and zeros.
        if exists(&log)? {
            let (left, first) = (read(&log)?, opened.entries().iter().flat_map(LogEntry::as_bytes));
            let same = left.iter().zip(first).take_while(|(left, first)| left == first).count();
            if left[same..].iter().any(|byte| *byte != 0) {
                return Err(format!("contest {}: its log is not new, and has no anchor", at.number).into());
            }
        }
        put(log, "")?;
        opened
    } else {
        let (mut rebuilding, mut entries) =
            (BallotBox::rebuilding(contest, key, get(&at.anchors)?), read(&log)?);
        // Or in pieces, where it is long.
        rebuilding.read(&entries)?;
        let (torn, rebuilt) = (rebuilding.cut_torn_end(), rebuilding.finish()?);
        if let Some(torn) = torn {
            eprintln!("contest {}: {torn}", at.number);
            entries.truncate(torn.offset.try_into()?);
            put(log, entries)?;
        }
        rebuilt
    };
    // What has just been read may never have reached the disk.
    store(at, unstored.entries(), &unstored.anchor())?;
    let ballot_box = unstored.stored();
    send(&at.board, &ballot_box.roll().signed_opening())?;
    Ok(ballot_box)
}

fn roll(at: &Desk) -> Result<ElectoralRoll, Failure> {
    Ok(ElectoralRoll::from_bytes(at.contest()?, &read_plain(&at.post.join("roll"), MOST_ROLL)?)?)
}

/// Entries first, then the anchor.
fn store(at: &Desk, entries: &[LogEntry], anchor: &Anchor) -> Result<(), Failure> {
    let (log, bytes): (_, Vec<_>) = (at.own.join("log"), entries.iter().map(LogEntry::as_bytes).collect());
    let append = |mut file: File| file.write_all(&bytes.concat()).and_then(|()| file.sync_all());
    let appended = File::options().append(true).open(&log).and_then(append);
    appended.map_err(|error| FileError::new(&log, error))?;
    send(&at.anchors, anchor)
}

/// Answers what waits. What is no request is left alone. Only what the box must keep ends it: what others can spoil, in
/// the folders that are theirs too, is their loss.
fn serve(at: &Desk, ballot_box: &mut BallotBox) -> Result<(), Failure> {
    let said = |error| eprintln!("contest {}: {error}", at.number);
    for (kind, folder) in KINDS.map(|kind| (kind, at.post.join(kind))) {
        for name in names(&folder).map_err(said).unwrap_or_default() {
            let file = folder.join(&name);
            let message = asker(&name).and_then(|_| read_plain(&file, MOST_REQUEST).ok());
            let Some(message) = message else { continue };
            let answer: Result<Value, String> = match answer(at, ballot_box, kind, &name, &message) {
                // Nobody is answered. The next start finds as much as has reached the disk.
                Err(error) if error.is::<FileError>() => return Err(error),
                answer => answer.map_err(|error| error.to_string()),
            };
            let answered = put(at.post.join("answers").join(&name), serde_json::to_vec(&answer)?);
            // Where the box dies before, it is answered again.
            [answered, remove(&file)].into_iter().filter_map(Result::err).for_each(said);
        }
    }
    Ok(())
}

/// Who asks, by the name of a request.
fn asker(name: &str) -> Option<VoterId> {
    let (voter, random) = name.split_once('.')?;
    let hex = random.len() == 16 && random.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    voter_id(voter).ok().filter(|_| hex)
}

/// A transaction takes any number of requests: where many vote they can share the waiting for the disk.
fn answer(at: &Desk, urn: &mut BallotBox, kind: &str, name: &str, bytes: &[u8]) -> Result<Value, Failure> {
    let (now, of) = (at.now()?, &asker(name).ok_or("no request")?);
    // The nonce that was given last, and for which request: the same, sent again, gets no other.
    let nonce = at.own.join("nonces").join(of.to_string());
    let given = match fs::read_to_string(&nonce) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        given => given.map_err(|error| FileError::new(&nonce, error))?,
    };
    let given = given.split_once(' ');
    if kind == "can-reissue" {
        return Ok(json!(urn.can_reissue(of, now)?));
    }
    if kind == "hello" {
        let state = urn.state(of, now).ok_or("not on the roll")?;
        let fresh = match given {
            Some((request, given)) if request == name => given.parse()?,
            _ => ActivationNonce::generate(&mut rng()),
        };
        put(nonce, format!("{name} {fresh}"))?;
        return Ok(json!((state, fresh)));
    }
    let mut transaction = urn.transaction();
    match kind {
        "activate" => {
            let nonce = given.ok_or("no nonce was asked for")?.1.parse()?;
            transaction.activate(of, &nonce, &Activation::from_bytes(bytes)?, now)?;
        }
        "challenge" => transaction.challenge(of, bytes, now)?,
        "deposit" => transaction.deposit(of, bytes, now)?,
        _ => {
            let identity = IdentityChecked::by_application(of.clone());
            transaction.reissue(identity, Issue::from_bytes(bytes)?, now)?;
        }
    }
    store(at, transaction.entries(), &transaction.anchor())?;
    Ok(json!(transaction.stored().pop().and_then(Answer::receipt)))
}

fn close(at: &Desk, ballot_box: &mut BallotBox) -> Result<(), Failure> {
    let mut transaction = ballot_box.transaction();
    transaction.close(at.now()?, &mut rng())?;
    store(at, transaction.entries(), &transaction.anchor())?;
    transaction.stored();
    let (closed, signings) = ballot_box.closed().ok_or("not closed")?;
    send(&at.post, &signings)?;
    send(&at.board, &ClosedRecord::new(&closed))
}

/// The box's message, or why it refuses.
type Answered<T> = Result<Result<T, String>, Failure>;

/// Asks the box, and waits for a minute. Whoever gives up, or dies, asks the same again: all is answered alike.
pub fn ask<T: DeserializeOwned>(at: &Desk, kind: &str, of: &VoterId, message: &[u8]) -> Answered<T> {
    let name = format!("{of}.{:016x}", rng().next_u64());
    put(at.post.join(kind).join(&name), message)?;
    let answer = at.post.join("answers").join(&name);
    for _ in 0..3_000 {
        if exists(&answer)? {
            let answered = serde_json::from_slice(&read_plain(&answer, MOST_ANSWER)?)?;
            remove(&answer)?;
            return Ok(answered);
        }
        sleep(LOOK_AGAIN);
    }
    Err(format!("the box has not answered {kind} {name}").into())
}
