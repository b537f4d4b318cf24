//! The ballot box, from the roll to the closing.
//!
//! | page | what it holds |
//! |---|---|
//! | [`Issuer`], [`Issue`] | who draws voting codes, keeps what it gave to whom, and signs opening and closing beside the box |
//! | [`ElectoralRoll`], [`ProposedOpening`] | who may vote, while the roll is made up; the opening as the box signs it |
//! | [`Roll`], [`Opening`], [`SignedOpening`] | what of it is published |
//! | [`BallotBox`], [`Transaction`] | activation, reissue, challenge, deposit, close, each stored before it is answered |
//! | [`LogEntry`], [`Anchor`], [`Rebuilding`] | what the box stores, and how it is made again from it |
//! | [`Receipt`], [`DepositProof`], [`Head`], [`Emargement`] | what voters take home, and monitors ask for |
//! | [`Closing`], [`Signings`], [`ClosedBox`], [`SignedBox`], [`SignedClosing`] | the box after the end |
//!
//! # From the issuer to the closing
//!
//! 1. The [`Issuer`] issues a code to every voter, with an [`Issue`] for each contest.
//! 2. The issues make up an [`ElectoralRoll`]. The box signs its opening ([`ElectoralRoll::propose`]), and
//!    the issuer, after comparing it with what it issued, signs it too ([`Issuer::sign_opening`]): one for a
//!    contest, ever. Only now are letters sent.
//! 3. The [`BallotBox`] is opened, and takes what comes until the end of the grace after the close. Time
//!    comes in with every call; a time that is earlier than that of the last change counts as that one, so
//!    that the times the box signs never decrease.
//! 4. After the end it [closes](Transaction::close) and publishes the [`ClosedBox`](BallotBox::closed), for the
//!    time for complaints.
//! 5. The issuer compares the whole roll with what it issued ([`Issuer::sign_closing`]): with its signature
//!    the box is a [`SignedBox`], which trustees endorse.
//!
//! So neither box nor issuer alone can stuff the roll, before the opening or after. Both together can, with
//! the codes of those who stay away; an office that lets one party be both gives that up.
//!
//! # One atomic step
//!
//! [`Transaction::deposit`] does all checks, then takes the ballot and signs the voter off; or it does nothing
//! and says precisely why. The same ballot deposited again by the same voter, as after a lost connection or a
//! restart, gives the same answer with both proofs, for ever, and no second vote. A vote is final.
//!
//! # Stored before it is answered
//!
//! Everything that changes the box is done in a [`Transaction`]: entries are stored, then the anchor, then the
//! answers leave. Dropped, it has not happened. So the box is never ahead of its disk, and nobody gets a receipt
//! that nothing stands behind. From the log, [`BallotBox::rebuilding`] makes the same box again and verifies
//! every entry as it goes; the [`Anchor`], one write a transaction, is kept elsewhere and tells when the log has
//! lost its end. One process alone writes the log.
//!
//! The log says which voter sent which sealed ballot. Nobody opens a ballot with that, but it is as much
//! to be kept from others as the voters' ids are; what is published comes from the [`ClosedBox`].

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

use crate::ballot::{BallotReference, PartialSum};
use crate::contest::ApprovedContest;
use crate::credential::PublicCredential;
use crate::primitives::{SigningKey, UnixTime};

mod anchor;
mod challenge;
mod close;
mod closed_box;
mod closing;
mod codes;
mod complaints;
mod deposit;
mod electoral_roll;
mod error;
mod issue;
mod issuer;
mod log;
mod merkle;
mod opening;
mod rebuild;
mod receipt;
mod roll;
mod signings;
mod subtrees;
mod transaction;
mod voter_id;
mod voter_state;

pub use anchor::Anchor;
pub(crate) use closed_box::{BallotPass, FirstFlaws, Joined, Joins, Looked, MOST_FLAWS, Marks};
pub use closed_box::{BoxFlaw, BoxFlaws, ClosedBox, SignedBox};
pub(crate) use closing::check_size_and_root;
pub use closing::{Closing, ClosingDigest, SignedClosing};
pub use codes::IdentityChecked;
pub(crate) use complaints::GivenAt;
pub use complaints::{Complaints, ComplaintsError, GivenClosing};
pub use electoral_roll::{ElectoralRoll, RegistrationError};
pub use error::{ActivationError, ChallengeRefusal, CloseError, DepositError, OpenError, ReissueError};
pub use issue::{Issue, Validity};
pub use issuer::{IssueError, Issued, Issuer, IssuerError};
pub use log::LogEntry;
pub use merkle::{MerklePath, ReferenceTree};
pub use opening::{CredentialsDigest, Opening, OpeningDigest, ProposedOpening, SignedOpening};
pub use rebuild::{LogError, LogFlaw, Rebuilding, TornEnd};
pub use receipt::{Acknowledgement, DepositProof, Emargement, Head, Receipt, ReceiptError};
pub use roll::{Roll, RollDigest, RollEntry, RollError};
pub(crate) use roll::{RollRead, RollReading};
pub use signings::{Signings, SigningsDigest, SigningsError};
pub(crate) use subtrees::Subtrees;
pub use transaction::{Answer, Transaction, UnstoredBox};
pub use voter_id::{MOST_VOTER_ID_BYTES, VoterId};

use log::{Chain, Event};
use transaction::Before;

/// What the box knows of a voter.
struct Voter {
    /// The issue in force.
    // Boxed, since most of a roll never vote.
    current: Box<Issue>,
    /// Those it took the place of.
    revoked: Vec<PublicCredential>,
    active: bool,
    /// How many distinct `R` were challenged with the credential in force.
    challenges: u8,
    vote: Option<Vote>,
}

/// That a voter has voted.
#[derive(Clone, Copy)]
struct Vote {
    /// Place of the ballot in the box.
    index: usize,
    reference: BallotReference,
    at: UnixTime,
}

/// When a box was closed, and the random bytes of its list of signings.
#[derive(Clone, Copy)]
struct Closed {
    at: UnixTime,
    random: [u8; 32],
}

/// Where a voter stands in a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoterState {
    /// The contest is not open yet.
    NotYetOpen {
        /// When it opens.
        opens_at: UnixTime,
    },
    /// The voter can vote: with an active code until the end of the grace after the close.
    Open {
        /// When the contest closes.
        closes_at: UnixTime,
        /// Whether the voter's code is active.
        active: bool,
    },
    /// The voter has voted.
    Voted {
        /// When.
        at: UnixTime,
    },
    /// It is too late: the voter has not voted, and the contest has ended, or it has closed and the voter's
    /// code was not active.
    Closed {
        /// When it closed.
        closes_at: UnixTime,
    },
}

/// A ballot box, from the opening of its roll to the closing.
///
/// ```
#[doc = include_str!("example_contest.txt")]
/// use urne::ballot_box::{Anchor, Answer, LogEntry};
///
/// // The issuer draws a code for each voter, and the credentials make up the roll.
/// let voter = VoterId::new("Jo Doe").ok_or("1 to 256 bytes")?;
/// let validity = Validity::UntilClose;
/// let voters = [(voter.clone(), vec![contest.contest()])];
/// let letters = issuer.issue(&voters, validity, before, rng)?.stored();
/// let Issued { code, .. } = letters.into_iter().next().ok_or("one voter")?;
/// let roll = issuer.electoral_roll(&contest)?;
/// // Box and issuer sign its opening; only then are letters sent.
/// let proposed = roll.propose(before, &box_key)?.stored();
/// let opening = issuer.sign_opening(contest.contest(), &proposed)?.stored();
/// let opened = BallotBox::open(roll, opening, box_key)?;
///
/// // What a box changes is stored before anyone hears of it: entries first, then the anchor, elsewhere. (In an
/// // application these are two files on two disks; both are synced.)
/// let (mut log, mut anchor) = (Vec::<u8>::new(), Vec::new());
/// let mut store = |entries: &[LogEntry], now: Anchor| {
///     entries.iter().for_each(|entry| log.extend(entry.as_bytes()));
///     anchor = now.to_bytes();
/// };
/// store(opened.entries(), opened.anchor());
/// let mut ballot_box = opened.stored();
///
/// // The voter enters the code, seals a choice and sends it.
/// let credential = Credential::derive(contest.contest(), &code);
/// let nonce = ActivationNonce::generate(rng);
/// let answer = Activation::new(&credential, &nonce, rng);
/// let mut transaction = ballot_box.transaction();
/// transaction.activate(&voter, &nonce, &answer, now)?;
/// store(transaction.entries(), transaction.anchor());
/// transaction.stored();
/// let ballot = SealedBallot::seal(&contest, Choice::List(1), &credential, rng)?.cast();
/// let mut transaction = ballot_box.transaction();
/// transaction.deposit(&voter, &ballot, now)?;
/// store(transaction.entries(), transaction.anchor());
/// // Stored; now the voter is told.
/// let answers = transaction.stored();
/// let [Answer::Deposited(receipt)] = &answers[..] else { return Err("one answer".into()) };
///
/// // Sent again, as after a lost connection, it is still one vote, with the same answer, even after the end.
/// let mut transaction = ballot_box.transaction();
/// transaction.deposit(&voter, &ballot, end)?;
/// assert_eq!(transaction.entries(), []);
/// assert_eq!(transaction.stored(), answers);
/// assert_eq!((ballot_box.len(), ballot_box.signings()), (1, 1));
///
/// // Closed, published, and, after the time for complaints, signed by the issuer too.
/// let mut transaction = ballot_box.transaction();
/// transaction.close(end, rng)?;
/// store(transaction.entries(), transaction.anchor());
/// transaction.stored();
/// let (closed, signings) = ballot_box.closed().ok_or("not closed")?;
/// assert_eq!(closed.check_head(&receipt.deposit_proof.head), Ok(()));
/// assert_eq!(signings.voters(), [voter]);
/// // Complaints are taken for a day, from when the closed record was given to all.
/// let next_day = end.saturating_add(86_400);
/// issuer.given(&closed, end)?.stored();
/// let complaints = Complaints { seconds: 86_400, given: &[] };
/// let signature = issuer.sign_closing(&closed, &complaints, next_day)?.stored();
/// let signed = SignedBox::new(closed, signature)?;
/// assert_eq!(signed.closed().closing().size, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BallotBox {
    contest: ApprovedContest,
    key: SigningKey,
    roll: Roll,
    voters: BTreeMap<VoterId, Voter>,
    ballots: Vec<Vec<u8>>,
    references: Vec<BallotReference>,
    tree: ReferenceTree,
    sum: PartialSum,
    /// `R` of every ballot in the box.
    deposited: BTreeSet<[u8; 32]>,
    /// `R` of every ballot that was challenged by its voter.
    challenged: BTreeSet<[u8; 32]>,
    /// The time of the last change.
    clock: UnixTime,
    /// The time of the last deposit, or of the opening.
    head_at: UnixTime,
    closed: Option<Closed>,
    chain: Chain,
    /// While a transaction goes on.
    before: Option<Before>,
}

impl BallotBox {
    /// Opens the box with its roll and the opening that box and issuer have signed. It is used once its first
    /// entry and anchor are stored.
    ///
    /// Only for a box that has never taken anything: it begins with an empty log, whatever was there before. A restart is
    /// [`rebuilding`](BallotBox::rebuilding). Where log and anchor are both gone nothing in the library can tell a box that had
    /// votes from a new one: an application keeps a mark of its own that the box was opened, such as its published opening.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the key is not the contest's box key, or the opening is not that of this roll.
    pub fn open(roll: ElectoralRoll, opening: Opening, key: SigningKey) -> Result<UnstoredBox, OpenError> {
        let (contest, voters) = roll.into_parts();
        let issues: Vec<_> = voters.into_values().collect();
        let mut ballot_box = BallotBox::begin(contest, opening, issues.clone(), key)?;
        let entry = ballot_box.chain.append(&Event::Open { opening, issues });
        Ok(UnstoredBox::new(ballot_box, alloc::vec![entry]))
    }

    /// The issues are in the order of their voters.
    fn begin(
        contest: ApprovedContest,
        opening: Opening,
        issues: Vec<Issue>,
        key: SigningKey,
    ) -> Result<Self, OpenError> {
        if key.public() != contest.contest().description().box_key {
            return Err(OpenError::OtherKey);
        }
        let mut encodings: Vec<_> = issues.iter().map(|issue| issue.credential().to_bytes()).collect();
        encodings.sort_unstable();
        let entry =
            |encoding| RollEntry { credential: PublicCredential::read_before(encoding), revoked: false };
        let entries = encodings.into_iter().map(entry).collect();
        let roll = Roll::verify(contest.contest(), opening, entries).map_err(OpenError::Roll)?;
        let voter = |current: Issue| Voter {
            current: Box::new(current),
            revoked: Vec::new(),
            active: false,
            challenges: 0,
            vote: None,
        };
        Ok(BallotBox {
            sum: PartialSum::new(contest.contest()),
            chain: Chain::new(contest.fingerprint(), &key),
            contest,
            key,
            roll,
            voters: issues.into_iter().map(|issue| (issue.voter().clone(), voter(issue))).collect(),
            ballots: Vec::new(),
            references: Vec::new(),
            tree: ReferenceTree::new(),
            deposited: BTreeSet::new(),
            challenged: BTreeSet::new(),
            clock: opening.at,
            head_at: opening.at,
            closed: None,
            before: None,
        })
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &ApprovedContest {
        &self.contest
    }

    /// The roll as it is published: no voter ids.
    #[must_use]
    pub fn roll(&self) -> &Roll {
        &self.roll
    }

    /// How many ballots are in the box.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ballots.len()
    }

    /// Whether no ballot is in the box.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ballots.is_empty()
    }

    /// How many voters have been signed off.
    #[must_use]
    pub fn signings(&self) -> usize {
        self.voters.values().filter(|voter| voter.vote.is_some()).count()
    }

    /// Where a voter stands. `None` when they are not on the roll.
    #[must_use]
    pub fn state(&self, voter: &VoterId, now: UnixTime) -> Option<VoterState> {
        let contest = self.contest.contest();
        let (opens_at, closes_at) = (contest.description().opens_at, contest.description().closes_at);
        let voter = self.voters.get(voter)?;
        let (now, active) = (self.time(now), voter.active);
        let last = if active { contest.ends_at() } else { closes_at };
        Some(match voter.vote {
            Some(vote) => VoterState::Voted { at: vote.at },
            None if now < opens_at => VoterState::NotYetOpen { opens_at },
            None if now >= last => VoterState::Closed { closes_at },
            None => VoterState::Open { closes_at, active },
        })
    }

    /// The signing of a voter, again. `None` when they have not voted.
    #[must_use]
    pub fn emargement(&self, voter: &VoterId) -> Option<Emargement> {
        let vote = self.voters.get(voter)?.vote?;
        Some(self.sign_off(voter, vote))
    }

    /// The head of the box as it is, for a monitor that asks now and then and hands what it gets to the
    /// trustees: the same as was given to the last voter. Of an empty box it is dated at the opening.
    #[must_use]
    pub fn head(&self) -> Head {
        self.sign_head(self.tree.size(), self.tree.root(), self.head_at)
    }

    /// The consistency path from the box of the first `size` ballots to this one, for a monitor that holds a head of that
    /// size ([`Head::verify_extension`]). `None` when there were never so many ballots, or for 0. O(log n).
    #[must_use]
    pub fn consistency(&self, size: u64) -> Option<MerklePath> {
        self.tree.consistency(size, self.tree.size())
    }

    /// Checks that the box is one that has grown from a head that someone was given: that the head is under
    /// this box's opening, not larger than the box, and has the root of its first ballots. O(log n).
    ///
    /// # Errors
    ///
    /// What [`Head::verify`] finds, and [`ReceiptError::Fork`].
    pub fn check_head(&self, head: &Head) -> Result<(), ReceiptError> {
        head.verify(self.contest.contest(), self.roll.opening_digest())?;
        head.check_root(self.tree.root_of(head.size), self.references.len())
    }

    fn sign_head(&self, size: u64, root: [u8; 32], at: UnixTime) -> Head {
        Head::sign(self.contest.fingerprint(), self.roll.opening_digest(), size, root, at, &self.key)
    }

    /// The time of an event: never earlier than the one before.
    fn time(&self, now: UnixTime) -> UnixTime {
        now.max(self.clock)
    }
}

impl fmt::Debug for BallotBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BallotBox")
            .field("contest", &self.contest.fingerprint())
            .field("voters", &self.voters.len())
            .field("ballots", &self.ballots.len())
            .finish_non_exhaustive()
    }
}
