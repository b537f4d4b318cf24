//! The ballot box: one process for all contests. Of each it has a log, to which entries are appended before anybody is
//! answered, and in the folder of `--anchors`, on another disk, how far the log has come.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::thread::sleep;

use urne::ballot_box::{
    Anchor, Answer as Stored, IdentityChecked, Issue, LogEntry, SignedOpening, Transaction, UnstoredBox,
};
use urne::{
    Activation, ActivationNonce, BallotBox, ClosedRecord, ElectoralRoll, SigningKey, UnixTime, VoterId,
};

use crate::desk::{Desk, Place, get, put, rng};
use crate::requests::{Answer, LOOK_AGAIN, Request};
use crate::sealed::Seal;
use crate::tool::{Failure, FileError};

type Nonces = BTreeMap<VoterId, ActivationNonce>;
/// They do not survive a restart.
pub const NO_NONCE: &str = "ask for a nonce and answer that";

pub fn run(desk: &Desk) -> Result<(), Failure> {
    let step = desk.one::<String>("step")?;
    if step == "new" {
        let (seal, key) = (Seal::new(desk, &["box"])?, SigningKey::generate(&mut rng()));
        seal.put(&key.expose_bytes()[..])?;
        return Ok(put(desk.board("box.key"), serde_json::to_string(&key.public())?)?);
    }
    let seal = Seal::open(desk)?;
    let memory = seal.read()?;
    let key = || Ok::<_, Failure>(SigningKey::from_bytes(memory[..].try_into()?));
    let mut boxes = BTreeMap::new();
    for place in &desk.contests()? {
        let Place { number, board, post } = place;
        if step == "propose" {
            // The box signs one opening. What it has stored it gives again.
            let stored = desk.own.join(format!("{number}.proposed"));
            if !stored.exists() {
                let roll = roll(place)?;
                put(&stored, roll.propose(desk.now()?, &key()?)?.to_bytes())?;
            }
            put(post.join("proposed"), std::fs::read(stored)?)?;
            continue;
        }
        let mut files = Files::of(desk, place)?;
        // Where there is neither anchor nor published opening nobody has been answered.
        let begins = step == "open" && !files.anchor.exists() && !board.join("opening").exists();
        let mut ballot_box =
            if begins { files.open(place, key()?)? } else { files.rebuild(place, key()?)? };
        match step.as_str() {
            "open" => put(board.join("opening"), ballot_box.roll().signed_opening().to_bytes())?,
            "serve" => _ = boxes.insert(*number, (ballot_box, files)),
            "close" => {
                let mut transaction = ballot_box.transaction();
                transaction.close(desk.now()?, &mut rng())?;
                files.store(transaction.entries(), &transaction.anchor())?;
                transaction.stored();
                let (closed, signings) = ballot_box.closed().ok_or("not closed")?;
                put(post.join("signings"), signings.to_bytes())?;
                put(board.join("closed.json"), ClosedRecord::new(&closed).to_json())?;
            }
            _ => return desk.unknown(),
        }
    }
    if step == "serve" {
        let mut nonces = Nonces::new();
        loop {
            serve(desk, &mut boxes, &mut nonces)?;
            sleep(LOOK_AGAIN);
        }
    }
    Ok(())
}

fn roll(place: &Place) -> Result<ElectoralRoll, Failure> {
    let contest = place.approved()?;
    get(place.post.join("roll"), |bytes| ElectoralRoll::from_bytes(contest.clone(), bytes))
}

struct Files {
    name: PathBuf,
    log: File,
    anchor: PathBuf,
}

impl Files {
    fn of(desk: &Desk, place: &Place) -> Result<Self, Failure> {
        let name = desk.own.join(format!("{}.log", place.number));
        let log = File::options().read(true).append(true).create(true).open(&name);
        // A log that is new has its name in the folder.
        let log = log.and_then(|log| File::open(&desk.own)?.sync_all().map(|()| log));
        let log = log.map_err(|error| FileError::new(&name, error))?;
        let anchors = desk.one::<PathBuf>("anchors")?;
        Ok(Files { name, log, anchor: anchors.join(format!("{}.anchor", place.number)) })
    }

    fn open(&mut self, place: &Place, key: SigningKey) -> Result<BallotBox, Failure> {
        // What a process that died here may have left.
        self.on_log(|log| log.set_len(0))?;
        let roll = roll(place)?;
        let opening = get(place.post.join("opening"), SignedOpening::from_bytes)?;
        self.keep(BallotBox::open(roll, *opening.opening(), key)?)
    }

    /// The box as it was when its log was last written. Its end may be torn, but not before the anchor.
    fn rebuild(&mut self, place: &Place, key: SigningKey) -> Result<BallotBox, Failure> {
        // Without its anchor it is not: see `BallotBox::rebuilding_without_anchor` for what that risks.
        let anchor = get(&self.anchor, Anchor::from_bytes)?;
        let mut rebuilding = BallotBox::rebuilding(place.approved()?, key, anchor);
        let mut piece = vec![0; 1 << 20];
        while let length @ 1.. = self.on_log(|log| log.read(&mut piece))? {
            rebuilding.read(&piece[..length])?;
        }
        if let Some(torn) = rebuilding.cut_torn_end() {
            eprintln!("{}: {torn}", self.name.display());
            self.on_log(|log| log.set_len(torn.offset))?;
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
        self.on_log(|log| log.write_all(&bytes).and_then(|()| log.sync_all()))?;
        Ok(put(&self.anchor, anchor.to_bytes())?)
    }

    fn on_log<T>(&mut self, act: impl FnOnce(&mut File) -> io::Result<T>) -> Result<T, FileError> {
        act(&mut self.log).map_err(|error| FileError::new(&self.name, error))
    }
}

/// Answers what waits, all of a contest's requests in one transaction.
fn serve(
    desk: &Desk,
    boxes: &mut BTreeMap<u64, (BallotBox, Files)>,
    nonces: &mut Nonces,
) -> Result<(), Failure> {
    let mut of_contests: BTreeMap<u64, Vec<Request>> = BTreeMap::new();
    for request in Request::waiting(desk)? {
        of_contests.entry(request.contest).or_default().push(request);
    }
    for (contest, requests) in of_contests {
        let Some((ballot_box, files)) = boxes.get_mut(&contest) else {
            let refuse = |request: Request| request.answer(desk, Err("there is no such contest".into()));
            requests.into_iter().try_for_each(refuse)?;
            continue;
        };
        let now = desk.now()?;
        let (deposits, others): (Vec<_>, Vec<_>) = requests.into_iter().partition(|it| it.kind == "deposit");
        let ballots: Vec<_> = deposits.iter().map(|it| (it.voter.clone(), it.message.clone())).collect();

        let mut transaction = ballot_box.transaction();
        let changes: Vec<_> = others.iter().map(|it| change(&mut transaction, it, nonces, now)).collect();
        let deposited = transaction.deposit_batch(&ballots, now);
        if !transaction.entries().is_empty() {
            files.store(transaction.entries(), &transaction.anchor())?;
        }
        // Everything is stored. From here on there are answers, in the order of what was accepted.
        let mut receipts = transaction.stored().into_iter().filter_map(Stored::receipt);
        for (request, deposited) in deposits.into_iter().zip(deposited) {
            let receipt = deposited.map(|()| receipts.next().map(|receipt| receipt.to_bytes()));
            request
                .answer(desk, receipt.map(Option::unwrap_or_default).map_err(|error| error.to_string()))?;
        }
        for (request, change) in others.into_iter().zip(changes) {
            let answer = match change {
                Ok(true) => Ok(Vec::new()),
                Ok(false) => look(ballot_box, &request, nonces, now),
                Err(error) => Err(error.to_string()),
            };
            request.answer(desk, answer)?;
        }
    }
    Ok(())
}

/// Changes the box, but for deposits. `false` where a request changes nothing.
fn change(
    transaction: &mut Transaction<'_>,
    Request { kind, voter, message, .. }: &Request,
    nonces: &Nonces,
    now: UnixTime,
) -> Result<bool, Failure> {
    match kind.as_str() {
        "activate" => {
            let nonce = nonces.get(voter).ok_or(NO_NONCE)?;
            transaction.activate(voter, nonce, &Activation::from_bytes(message)?, now)?;
        }
        "challenge" => transaction.challenge(voter, message, now)?,
        "reissue" => {
            let identity = IdentityChecked::by_application(voter.clone());
            transaction.reissue(identity, Issue::from_bytes(message)?, now)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn look(ballot_box: &BallotBox, request: &Request, nonces: &mut Nonces, now: UnixTime) -> Answer {
    let voter = &request.voter;
    match request.kind.as_str() {
        "state" => {
            let state = ballot_box.state(voter, now);
            state.map(|state| state.to_bytes()).ok_or_else(|| "not on the roll".into())
        }
        "nonce" => {
            let nonce = ActivationNonce::generate(&mut rng());
            nonces.insert(voter.clone(), nonce);
            Ok(nonce.to_bytes().to_vec())
        }
        "can-reissue" => {
            ballot_box.can_reissue(voter, now).map(|()| Vec::new()).map_err(|error| error.to_string())
        }
        other => Err(format!("{other:?} is no request")),
    }
}
