//! A box made again from what it stored.

use alloc::vec::Vec;
use core::fmt;

use super::log::{Chain, Event, HEAD};
use super::{Anchor, BallotBox, OpenError, UnstoredBox};
use crate::ballot::ballots_at_a_time;
use crate::contest::{ApprovedContest, Contest};
use crate::primitives::SigningKey;
use crate::primitives::hash::length_of;

mod error;
mod replay;
mod torn;

pub use error::{LogError, LogFlaw};
use replay::Unproven;
use torn::Doubt;
pub use torn::TornEnd;

/// A box that is being made again from its log. Everything is verified on the way: places and tags of the
/// entries, the roll and its opening, every deposit and challenge with the ballot's proof, in batches; and in the end
/// the activations of those who have not voted (a ballot shows that its voter holds the code, as an activation does),
/// and that the log reaches its [`Anchor`].
///
/// Cost: at most 1.3 times that of verifying the ballots in batches, for a roll of five times as many voters.
///
/// # What a log may look like after a restart
///
/// | the log | what comes of it |
/// |---|---|
/// | as long as its anchor says | the box |
/// | longer | the machine stopped between the two: entries beyond the anchor are verified as all others, and the box has what is in them. Nobody was answered; whoever sends again is |
/// | longer, and its last entry ends early, or is zeros from somewhere on to the end of the file, as a file system leaves it | the machine stopped while that was written: [`cut_torn_end`](Rebuilding::cut_torn_end) leaves it out and says where it begins |
/// | shorter than its anchor ([`LogFlaw::EndMissing`]), or another up to it ([`LogFlaw::OtherLog`]) | refused: votes that were acknowledged are lost, or codes that were revoked would serve again |
/// | anything else | refused: an entry was edited, moved, left out, put in or repeated, and it is named with the byte where it begins |
///
/// Nothing is cut off that the anchor knows of. Beyond it, nobody was promised anything.
///
/// ```
#[doc = include_str!("../example_contest.txt")]
/// # let voter = VoterId::new("Jo Doe").ok_or("1 to 256 bytes")?;
/// # let voters = [(voter.clone(), vec![contest.contest()])];
/// # let letters = issuer.issue(&voters, Validity::UntilClose, before, rng)?.stored();
/// # let roll = issuer.electoral_roll(&contest)?;
/// # let proposed = roll.propose(before, &box_key)?.stored();
/// # let opening = issuer.sign_opening(contest.contest(), &proposed)?.stored();
/// # let seed = box_key.expose_seed();
/// # let opened = BallotBox::open(roll, opening, box_key)?;
/// # let (mut log, anchor) = (opened.entries()[0].as_bytes().to_vec(), opened.anchor());
/// # let box_key = SigningKey::from_seed(&seed);
/// # log.extend([0; 100]);
/// # let stored_log = &log[..];
/// use std::io::Read;
///
/// let mut rebuilding = BallotBox::rebuilding(contest, box_key, anchor);
/// let (mut log, mut piece) = (stored_log, [0; 4096]);
/// loop {
///     match log.read(&mut piece)? {
///         0 => break,
///         length => rebuilding.read(&piece[..length])?,
///     }
/// }
/// if let Some(torn) = rebuilding.cut_torn_end() {
///     println!("{torn}: cutting the file to {} bytes", torn.offset);
/// #   assert_eq!((torn.entry, torn.bytes), (2, 100));
/// }
/// let unstored = rebuilding.finish()?;
/// // … the log cut and made durable, the anchor stored …
/// # let _ = unstored.anchor();
/// let ballot_box = unstored.stored();
/// # assert!(ballot_box.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Rebuilding {
    contest: ApprovedContest,
    /// Until it is in the box.
    key: Option<SigningKey>,
    anchor: Option<Anchor>,
    chain: Chain,
    /// Once its opening has been read.
    ballot_box: Option<BallotBox>,
    /// What has been read, and is verified with what comes.
    waiting: Waiting,
    /// Activations of voters who have not voted yet.
    unproven: Unproven,
    /// The beginning of the next entry, as far as it has come.
    begun: Vec<u8>,
    /// Where the next entry begins.
    offset: u64,
    /// An entry that is none, if nothing but zeros comes after it.
    doubt: Option<Doubt>,
    cut: bool,
    failed: Option<LogError>,
}

impl BallotBox {
    /// Makes a box again from its log, which must reach this anchor. See [`Rebuilding`].
    #[must_use]
    pub fn rebuilding(contest: ApprovedContest, key: SigningKey, anchor: Anchor) -> Rebuilding {
        Rebuilding::new(contest, key, Some(anchor))
    }

    /// Makes a box again when its anchor is lost, or was never stored. **A log that has lost its end then passes
    /// for a whole one**: votes that were acknowledged may be missing, codes that were revoked may serve again,
    /// ballots that were challenged and opened may be cast, and a closed box may be open. Compare what comes of
    /// it with heads that voters, monitors or trustees hold ([`BallotBox::check_head`]), and the roll with what
    /// the issuer issued, before it is used.
    ///
    /// Only where not even an anchor of the opening was stored nothing is lost by it: nothing was answered yet.
    #[must_use]
    pub fn rebuilding_without_anchor(contest: ApprovedContest, key: SigningKey) -> Rebuilding {
        Rebuilding::new(contest, key, None)
    }
}

impl Rebuilding {
    fn new(contest: ApprovedContest, key: SigningKey, anchor: Option<Anchor>) -> Self {
        Rebuilding {
            chain: Chain::new(contest.fingerprint(), &key),
            contest,
            key: Some(key),
            anchor,
            ballot_box: None,
            waiting: Waiting::default(),
            unproven: Unproven::default(),
            begun: Vec::new(),
            offset: 0,
            doubt: None,
            cut: false,
            failed: None,
        }
    }

    /// Reads the next bytes of the log, in pieces of any length. Proofs are verified some hundreds at a time (per
    /// thread, with the feature `parallel`), so that memory beyond the box itself does not grow with the log.
    ///
    /// # Errors
    ///
    /// [`LogError`] with the first entry that is refused, where it begins, and why; and the same whenever it is
    /// called again.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let result = self.read_entries(bytes);
        self.failed = result.clone().err();
        result
    }

    fn read_entries(&mut self, mut bytes: &[u8]) -> Result<(), LogError> {
        self.check_start().map_err(|flaw| self.refuse(flaw))?;
        if self.cut && !bytes.is_empty() {
            return Err(self.refuse(LogFlaw::AfterTheEnd));
        }
        while !bytes.is_empty() {
            if let Some(doubt) = &mut self.doubt {
                let goes_on = doubt.go_on(bytes);
                return goes_on.map_err(|flaw| self.refuse(flaw));
            }
            let begun = core::mem::take(&mut self.begun);
            bytes = if begun.is_empty() { self.begin(bytes)? } else { self.go_on(begun, bytes)? };
        }
        Ok(())
    }

    /// That the key is that of the contest's box, since otherwise no tag would hold, and the anchor of this contest.
    fn check_start(&self) -> Result<(), LogFlaw> {
        let box_key = self.contest.contest().description().box_key;
        if self.key.as_ref().is_some_and(|key| key.public() != box_key) {
            return Err(LogFlaw::Opening(OpenError::OtherKey));
        }
        let expected = self.contest.fingerprint();
        match self.anchor.map(|anchor| anchor.contest()) {
            Some(actual) if actual != expected => Err(LogFlaw::ForeignAnchor { expected, actual }),
            _ => Ok(()),
        }
    }

    /// Takes an entry from these bytes if it is there as a whole, and what there is of it otherwise.
    fn begin<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], LogError> {
        let needed = match self.chain.needed(self.contest.contest(), bytes) {
            Ok(needed) => needed,
            Err(flaw) => return self.suspect(flaw, &[]).map(|()| bytes),
        };
        match bytes.split_at_checked(needed) {
            Some((entry, rest)) => self.take(entry).map(|()| rest),
            None => {
                self.begun.extend(bytes);
                Ok(&[])
            }
        }
    }

    /// Takes as many bytes as it needs to go on with an entry that has begun.
    fn go_on<'a>(&mut self, mut begun: Vec<u8>, bytes: &'a [u8]) -> Result<&'a [u8], LogError> {
        let needed = match self.chain.needed(self.contest.contest(), &begun) {
            Ok(needed) => needed,
            Err(flaw) => return self.suspect(flaw, &begun).map(|()| bytes),
        };
        let missing = needed.saturating_sub(begun.len()).min(bytes.len());
        let (more, rest) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
        begun.extend(more);
        // What has its head alone now needs more.
        if begun.len() == needed && needed > HEAD {
            self.take(&begun)?;
        } else {
            self.begun = begun;
        }
        Ok(rest)
    }

    /// Takes an entry of which all bytes are there.
    fn take(&mut self, bytes: &[u8]) -> Result<(), LogError> {
        let Some(body) = self.chain.read(bytes) else {
            return self.suspect(LogFlaw::Tag, bytes);
        };
        let (entry, offset) = (self.chain.last.entries, self.offset);
        self.offset = self.offset.saturating_add(length_of(bytes));
        let anchored = self.anchor.is_none_or(|it| it.link.entries != entry || it.link == self.chain.last);
        let event = Event::from_bytes(self.contest.fingerprint(), body).map_err(LogFlaw::Malformed);
        let result = match event {
            _ if !anchored => Err(LogFlaw::OtherLog),
            Ok(event) if entry > 1 => {
                self.waiting.push(offset, event);
                Ok(())
            }
            Ok(event) => self.open(event),
            Err(flaw) => Err(flaw),
        };
        if let Err(flaw) = result {
            self.verify_waiting(entry)?;
            return Err(LogError { entry, offset, flaw });
        }
        if self.waiting.is_full(self.contest.contest()) {
            self.verify_waiting(entry.saturating_add(1))
        } else {
            Ok(())
        }
    }

    fn open(&mut self, event: Event) -> Result<(), LogFlaw> {
        let (Event::Open { opening, issues }, Some(key)) = (event, self.key.take()) else {
            return Err(LogFlaw::NotOpened);
        };
        let begun = BallotBox::begin(self.contest.clone(), opening, issues, key);
        self.ballot_box = Some(begun.map_err(LogFlaw::Opening)?);
        Ok(())
    }

    /// Verifies what waits and changes the box by it. `next` is the number of the entry after that.
    fn verify_waiting(&mut self, next: u64) -> Result<(), LogError> {
        let Waiting { events, .. } = core::mem::take(&mut self.waiting);
        let first = next.saturating_sub(length_of(&events));
        match &mut self.ballot_box {
            Some(ballot_box) => ballot_box.replay(first, events, &mut self.unproven),
            None => Ok(()),
        }
    }

    /// The next entry is none. Beyond the anchor that may be the end of a log that was being written when the
    /// machine stopped: it is, if it ends in zeros.
    fn suspect(&mut self, flaw: LogFlaw, bytes: &[u8]) -> Result<(), LogError> {
        let mut doubt = Doubt::new(&flaw, bytes.len());
        if self.is_anchored() || doubt.go_on(bytes).is_err() {
            return Err(self.refuse(flaw));
        }
        self.doubt = Some(doubt);
        Ok(())
    }

    /// Whether the anchor knows of the next entry.
    fn is_anchored(&self) -> bool {
        self.anchor.is_some_and(|anchor| anchor.entries() > self.chain.last.entries)
    }

    fn next_entry(&self) -> u64 {
        self.chain.last.entries.saturating_add(1)
    }

    /// The error of the next entry, or of the first that is verified only now.
    fn refuse(&mut self, flaw: LogFlaw) -> LogError {
        let (entry, offset) = (self.next_entry(), self.offset);
        self.verify_waiting(entry).err().unwrap_or(LogError { entry, offset, flaw })
    }

    /// To be called when the whole log has been read: leaves out an entry at its end that was being written when
    /// the machine stopped, and says what it was. The file is to be cut to [`TornEnd::offset`] bytes before
    /// anything is appended to it.
    ///
    /// `None` where there is no such entry. What the [`Anchor`] knows of is never left out.
    pub fn cut_torn_end(&mut self) -> Option<TornEnd> {
        if self.failed.is_some() || self.is_anchored() {
            return None;
        }
        let (entry, offset) = (self.next_entry(), self.offset);
        let torn = match self.doubt.take() {
            Some(doubt) => TornEnd { entry, offset, bytes: doubt.bytes(), zeros: true },
            None => {
                let begun = core::mem::take(&mut self.begun);
                TornEnd { entry, offset, bytes: length_of(&begun), zeros: false }
            }
        };
        self.cut |= torn.bytes > 0;
        (torn.bytes > 0).then_some(torn)
    }

    /// The box, when the whole log has been read. It may be used when the log is durable as it was read and the
    /// anchor is stored: see [`UnstoredBox`].
    ///
    /// # Errors
    ///
    /// [`LogError`] with the first entry that is refused; when the log ends before its anchor
    /// ([`LogFlaw::EndMissing`]), inside an entry ([`LogFlaw::CutShort`]) or in zeros ([`LogFlaw::Zeros`]).
    pub fn finish(mut self) -> Result<UnstoredBox, LogError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let end = LogError { entry: self.next_entry(), offset: self.offset, flaw: LogFlaw::Empty };
        self.verify_waiting(end.entry)?;
        core::mem::take(&mut self.unproven).verify(self.contest.contest())?;
        let actual = self.chain.last.entries;
        if let Some(anchor) = self.anchor.filter(|_| self.is_anchored()) {
            return Err(LogError { flaw: LogFlaw::EndMissing { expected: anchor.entries(), actual }, ..end });
        }
        if self.doubt.is_some() {
            return Err(LogError { flaw: LogFlaw::Zeros, ..end });
        }
        if !self.begun.is_empty() {
            return Err(LogError { flaw: LogFlaw::CutShort, ..end });
        }
        let Some(mut ballot_box) = self.ballot_box else { return Err(end) };
        ballot_box.chain = self.chain;
        match self.anchor.map(|anchor| (anchor, ballot_box.check_head(anchor.head()))) {
            Some((anchor, Err(error))) => {
                let size = anchor.head().size;
                Err(LogError { flaw: LogFlaw::AnchoredHead { size, error }, ..end })
            }
            _ => Ok(UnstoredBox::new(ballot_box, Vec::new())),
        }
    }
}

impl fmt::Debug for Rebuilding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rebuilding")
            .field("contest", &self.contest.fingerprint())
            .field("entries", &self.chain.last.entries)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

/// Entries with the bytes where they begin.
#[derive(Default)]
struct Waiting {
    events: Vec<(u64, Event)>,
    ballots: usize,
}

impl Waiting {
    fn push(&mut self, offset: u64, event: Event) {
        if matches!(event, Event::Deposit { .. } | Event::Challenge { .. }) {
            self.ballots = self.ballots.saturating_add(1);
        }
        self.events.push((offset, event));
    }

    /// Enough to keep all threads busy. Other entries are shorter than ballots, and there may be more of them.
    fn is_full(&self, contest: &Contest) -> bool {
        let enough = ballots_at_a_time(contest);
        self.ballots >= enough || self.events.len() >= enough.saturating_mul(2)
    }
}
