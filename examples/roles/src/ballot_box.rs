//! The ballot box: one process for all contests. Of each it has a log, to which entries are appended before anybody is
//! answered, and in the folder of `--anchors`, on another disk, how far the log has come.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::thread::sleep;

use serde_json::{Value, json};
use urne::ballot_box::{
    Anchor, Answer, IdentityChecked, Issue, LogEntry, SignedOpening, Transaction, UnstoredBox,
};
use urne::{
    Activation, ActivationNonce, BallotBox, ClosedRecord, ElectoralRoll, SigningKey, UnixTime, VoterId,
};

use crate::desk::{Desk, Place, rng};
use crate::requests::{LOOK_AGAIN, Request};
use crate::sealed::Seal;
use crate::tool::{Failure, FileError, put, read, shown};

pub fn run(desk: &Desk) -> Result<(), Failure> {
    if desk.step == "new" {
        let key = SigningKey::generate(&mut rng());
        Seal::new(desk, &["box"])?.put(&key.to_bytes())?;
        println!("{}", key.public());
        return Ok(());
    }
    let seal = Seal::open(desk)?;
    let key = || Ok::<_, Failure>(SigningKey::from_bytes(&seal.read()?)?);
    let places = desk.contests()?;
    if desk.step == "propose" {
        return places.iter().try_for_each(|place| propose(desk, place, &key()?));
    }
    let mut boxes = Vec::new();
    for place in places {
        let mut log = Log::of(desk, &place)?;
        // Where there is neither anchor nor published opening nobody has been answered.
        let answered = log.anchor.exists() || place.board.file("opening").exists();
        let begins = desk.step == "open" && !answered;
        let ballot_box = if begins { log.open(&place, key()?)? } else { log.rebuild(&place, key()?)? };
        place.board.put(&ballot_box.roll().signed_opening())?;
        boxes.push((place, ballot_box, log));
    }
    match desk.step.as_str() {
        "open" => Ok(()),
        "serve" => loop {
            serve(desk, &mut boxes)?;
            sleep(LOOK_AGAIN);
        },
        "close" => boxes.iter_mut().try_for_each(|of| close(of, desk.now()?)),
        _ => desk.unknown(),
    }
}

type Served = (Place, BallotBox, Log);

fn roll(place: &Place) -> Result<ElectoralRoll, Failure> {
    Ok(ElectoralRoll::from_bytes(place.approved()?, &read(place.post.file("roll"))?)?)
}

/// The box signs one opening. What it has stored it gives again.
fn propose(desk: &Desk, place: &Place, key: &SigningKey) -> Result<(), Failure> {
    let stored = desk.own.file(format!("{}.proposed", place.number));
    if !stored.exists() {
        let unsent = roll(place)?.propose(desk.now()?, key)?;
        put(&stored, unsent.to_store())?;
        drop(unsent.stored());
    }
    put(place.post.file("proposed"), read(stored)?)
}

struct Log {
    name: PathBuf,
    file: File,
    anchor: PathBuf,
}

impl Log {
    fn of(desk: &Desk, place: &Place) -> Result<Self, Failure> {
        let name = desk.own.file(format!("{}.log", place.number));
        let file = File::options().read(true).append(true).create(true).open(&name);
        // A log that is new has its name in the folder.
        let file = file.and_then(|file| File::open(&desk.own.0)?.sync_all().map(|()| file));
        let file = file.map_err(|error| FileError::new(&name, error))?;
        let anchor = desk.options.one::<PathBuf>("anchors")?.join(format!("{}.anchor", place.number));
        Ok(Log { name, file, anchor })
    }

    fn open(&mut self, place: &Place, key: SigningKey) -> Result<BallotBox, Failure> {
        // What a process that died here may have left.
        self.on_file(|log| log.set_len(0))?;
        let opening: SignedOpening = place.post.get()?;
        self.keep(BallotBox::open(roll(place)?, *opening.opening(), key)?)
    }

    /// The box as it was when its log was last written. Its end may be torn, but not before the anchor.
    fn rebuild(&mut self, place: &Place, key: SigningKey) -> Result<BallotBox, Failure> {
        // Without its anchor it is not: see `BallotBox::rebuilding_without_anchor` for what that risks.
        let anchor = Anchor::from_bytes(&read(&self.anchor)?)?;
        let mut rebuilding = BallotBox::rebuilding(place.approved()?, key, anchor);
        let mut piece = vec![0; 1 << 20];
        while let length @ 1.. = self.on_file(|log| log.read(&mut piece))? {
            rebuilding.read(&piece[..length])?;
        }
        if let Some(torn) = rebuilding.cut_torn_end() {
            eprintln!("{}: {torn}", shown(&self.name));
            self.on_file(|log| log.set_len(torn.offset))?;
        }
        self.keep(rebuilding.finish()?)
    }

    /// What has just been read may never have reached the disk.
    fn keep(&mut self, unstored: UnstoredBox) -> Result<BallotBox, Failure> {
        self.store(unstored.entries(), &unstored.anchor())?;
        Ok(unstored.stored())
    }

    /// Entries first, then the anchor. Where it fails nobody is answered and the process ends: the next start finds as
    /// much as has reached the disk.
    fn store(&mut self, entries: &[LogEntry], anchor: &Anchor) -> Result<(), Failure> {
        let bytes: Vec<u8> = entries.iter().flat_map(LogEntry::as_bytes).copied().collect();
        self.on_file(|log| log.write_all(&bytes).and_then(|()| log.sync_all()))?;
        put(&self.anchor, anchor.to_bytes())
    }

    fn on_file<T>(&mut self, act: impl FnOnce(&mut File) -> io::Result<T>) -> Result<T, FileError> {
        act(&mut self.file).map_err(|error| FileError::new(&self.name, error))
    }
}

/// Answers what waits, all of a contest's requests in one transaction. (`Transaction::deposit_batch` takes many ballots
/// for half the price.)
fn serve(desk: &Desk, boxes: &mut [Served]) -> Result<(), Failure> {
    let (mut waiting, now) = (Request::waiting(desk)?, desk.now()?);
    for (place, ballot_box, log) in boxes {
        let (requests, others) = waiting.into_iter().partition(|request| request.contest == place.number);
        waiting = others;
        let requests: Vec<Request> = requests;
        let mut transaction = ballot_box.transaction();
        let taken: Vec<_> =
            requests.iter().map(|request| take(desk, &mut transaction, request, now)).collect();
        if !transaction.entries().is_empty() {
            log.store(transaction.entries(), &transaction.anchor())?;
        }
        // Everything is stored. From here on there are answers, in the order of what was accepted.
        let mut stored = transaction.stored().into_iter();
        for (request, taken) in requests.iter().zip(taken) {
            let answer = match taken {
                Ok(true) => {
                    Ok(stored.next().and_then(Answer::receipt).map_or(Value::Null, |receipt| json!(receipt)))
                }
                Ok(false) => look(desk, ballot_box, request, now),
                Err(error) => Err(error),
            };
            request.answer(desk, answer.map_err(|error| error.to_string()))?;
        }
    }
    waiting.iter().try_for_each(|request| request.answer(desk, Err("there is no such contest".into())))
}

/// Where the nonce of a voter is, which was asked for last.
fn nonce(desk: &Desk, voter: &VoterId) -> PathBuf {
    desk.own.folder("nonces").file(voter)
}

/// Changes the box; `false` where a request changes nothing.
fn take(desk: &Desk, box_: &mut Transaction<'_>, request: &Request, now: UnixTime) -> Result<bool, Failure> {
    let Request { kind, voter, message, .. } = request;
    match *kind {
        "activate" => {
            let nonce: ActivationNonce = String::from_utf8(read(nonce(desk, voter))?)?.parse()?;
            box_.activate(voter, &nonce, &Activation::from_bytes(message)?, now)?;
        }
        "challenge" => box_.challenge(voter, message, now)?,
        "deposit" => box_.deposit(voter, message, now)?,
        "reissue" => {
            let identity = IdentityChecked::by_application(voter.clone());
            box_.reissue(identity, Issue::from_bytes(message)?, now)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn look(desk: &Desk, ballot_box: &BallotBox, request: &Request, now: UnixTime) -> Result<Value, Failure> {
    let voter = &request.voter;
    match request.kind {
        "state" => Ok(json!(ballot_box.state(voter, now).ok_or("not on the roll")?)),
        "can-reissue" => Ok(json!(ballot_box.can_reissue(voter, now)?)),
        // It answers for one voter, and is used up by the next.
        _ => {
            let fresh = ActivationNonce::generate(&mut rng());
            put(nonce(desk, voter), fresh.to_string())?;
            Ok(json!(fresh))
        }
    }
}

fn close((place, ballot_box, log): &mut Served, now: UnixTime) -> Result<(), Failure> {
    let mut transaction = ballot_box.transaction();
    transaction.close(now, &mut rng())?;
    log.store(transaction.entries(), &transaction.anchor())?;
    transaction.stored();
    let (closed, signings) = ballot_box.closed().ok_or("not closed")?;
    place.post.put(&signings)?;
    place.board.put(&ClosedRecord::new(&closed))
}
