//! Why a trustee refuses.

use alloc::boxed::Box;
use core::fmt;

use crate::ballot_box::{BoxFlaw, ClosingDigest, Head, OpeningDigest, ReceiptError, RollError, VoterId};
use crate::bureau::{PanelIndex, TrusteeIndex};
use crate::contest::Fingerprint;
use crate::primitives::UnixTime;
use crate::primitives::wire::DecodeError;
use crate::tally::EndorsementError;

/// Why a trustee refuses.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrusteeError {
    /// The stored memory does not decode.
    Memory(DecodeError),
    /// The stored memory is another trustee's.
    MemoryOfAnother,
    /// The contest's key, panels, thresholds or trustees are not those of this trustee's ceremony.
    ForeignKey {
        /// The contest.
        contest: Fingerprint,
    },
    /// The trustee has approved another contest of this election and number, which has opened.
    OtherContest {
        /// The contest approved.
        approved: Fingerprint,
        /// When it opened.
        opens_at: UnixTime,
    },
    /// Another contest was approved in the place of this one.
    Replaced {
        /// The contest at hand.
        contest: Fingerprint,
    },
    /// The opening does not hold.
    Opening(RollError),
    /// The contest has opened, so an opening that is shown now may be made up after it.
    Opened {
        /// The trustee's time.
        now: UnixTime,
        /// When it opened.
        opens_at: UnixTime,
    },
    /// The roll has not as many credentials as there are voters.
    Voters {
        /// How many voters there are.
        expected: u64,
        /// How many credentials the opening has.
        actual: u64,
    },
    /// The trustee keeps to another opening of the contest.
    OtherOpening {
        /// The one it keeps to.
        kept: OpeningDigest,
        /// The one at hand.
        actual: OpeningDigest,
    },
    /// The box has not signed the head.
    HeadSignature(ReceiptError),
    /// The contest, or its box, is still open by the trustee's clock, whatever the box says.
    StillOpen {
        /// The trustee's time.
        now: UnixTime,
        /// When the contest ends, or the box says that it closed.
        ends_at: UnixTime,
    },
    /// The list of signings is not the one under the closing.
    SigningsDigest,
    /// There is not one signing for each ballot.
    SigningsCount {
        /// How many ballots there are.
        ballots: u64,
        /// How many signings.
        signings: u64,
    },
    /// Somebody signed who is no voter.
    NotAVoter {
        /// Who.
        voter: VoterId,
    },
    /// Another trustee was given another closing.
    OtherGiven {
        /// The trustee.
        trustee: TrusteeIndex,
        /// What it was given.
        closing: ClosingDigest,
    },
    /// A head that the box gave out is under another opening: evidence against the box.
    HeadUnderAnother {
        /// The opening it is under.
        opening: OpeningDigest,
        /// The head.
        head: Box<Head>,
    },
    /// The box of this closing has not grown from a head that it gave out: evidence against the box.
    Head {
        /// The head.
        head: Box<Head>,
        /// How many ballots the closing has.
        size: u64,
    },
    /// The trustee has endorsed another closing of the contest.
    OtherClosing {
        /// The closing endorsed.
        endorsed: ClosingDigest,
        /// The closing at hand.
        actual: ClosingDigest,
    },
    /// The trustee has not endorsed this closing.
    NotEndorsed {
        /// The closing at hand.
        closing: ClosingDigest,
    },
    /// The trustee has endorsed no closing of this contest, so that none can be a second one.
    NothingEndorsed {
        /// The contest.
        contest: Fingerprint,
    },
    /// The second closing's signatures do not hold.
    SecondClosing(BoxFlaw),
    /// The second closing has the size and root of the first: it opens the same total.
    SameClosing {
        /// The size of both.
        size: u64,
    },
    /// The trustee was shown a second closing and gives nothing for this contest any more.
    Stopped {
        /// The contest.
        contest: Fingerprint,
    },
    /// The endorsements are false, or too few.
    Endorsements(EndorsementError),
    /// The box is empty: there is nothing to decrypt.
    Empty,
    /// The box is smaller than this trustee's minimum.
    BelowMinimum {
        /// The minimum.
        minimum: u64,
        /// How many ballots there are.
        count: u64,
    },
    /// A trustee is ready for another closing.
    ReadyForAnother {
        /// The trustee.
        trustee: TrusteeIndex,
        /// The closing that it is ready for.
        closing: ClosingDigest,
    },
    /// Too few trustees of a panel are ready.
    NotReady {
        /// The panel.
        panel: PanelIndex,
        /// How many must be.
        required: u8,
        /// How many are.
        actual: usize,
    },
    /// This trustee itself is not among those who are ready.
    NotAmongReady {
        /// The trustee.
        trustee: TrusteeIndex,
    },
}

impl fmt::Display for TrusteeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrusteeError::Memory(error) => write!(f, "stored memory of a trustee: {error}"),
            TrusteeError::MemoryOfAnother => f.write_str("the stored memory is another trustee's"),
            TrusteeError::ForeignKey { contest } => {
                write!(f, "contest {contest} is not under the key of this trustee's ceremony")
            }
            TrusteeError::OtherContest { approved, opens_at } => write!(
                f,
                "contest {approved} of this election and number was approved and opened at {opens_at}: no other \
                 is approved"
            ),
            TrusteeError::Replaced { contest } => {
                write!(f, "another contest was approved in the place of {contest}")
            }
            TrusteeError::Opening(error) => error.fmt(f),
            TrusteeError::Opened { now, opens_at } => write!(
                f,
                "the contest opened at {opens_at}, and it is {now}: an opening is kept only before that"
            ),
            TrusteeError::Voters { expected, actual } => {
                write!(f, "the roll has {actual} credentials for {expected} voters")
            }
            TrusteeError::OtherOpening { kept, actual } => {
                write!(f, "opening {kept} is kept to, so {actual} is refused")
            }
            TrusteeError::HeadSignature(error) => write!(f, "not a head of the box: {error}"),
            TrusteeError::StillOpen { now, ends_at } => {
                write!(f, "the box closes at {ends_at}, and it is {now}")
            }
            TrusteeError::SigningsDigest => {
                f.write_str("the list of signings is not the one that the closing was signed with")
            }
            TrusteeError::SigningsCount { ballots, signings } => {
                write!(f, "{signings} signings for {ballots} ballots")
            }
            TrusteeError::NotAVoter { voter } => write!(f, "{voter} signed and is no voter"),
            TrusteeError::OtherGiven { trustee, closing } => {
                write!(f, "trustee {trustee} was given another closing, {closing}")
            }
            TrusteeError::HeadUnderAnother { opening, head } => {
                write!(f, "the box gave out a head of {} ballots under another opening, {opening}", head.size)
            }
            TrusteeError::Head { head, size } => write!(
                f,
                "the closing of {size} ballots does not extend the head of {} ballots that the box gave out at {}",
                head.size, head.at
            ),
            TrusteeError::OtherClosing { endorsed, actual } => {
                write!(f, "closing {endorsed} of this contest was endorsed, so {actual} is refused")
            }
            TrusteeError::NotEndorsed { closing } => {
                write!(f, "this trustee has not endorsed closing {closing}")
            }
            TrusteeError::NothingEndorsed { contest } => {
                write!(f, "no closing of contest {contest} has been endorsed, so none is a second one")
            }
            TrusteeError::SecondClosing(error) => write!(f, "not a second closing: {error}"),
            TrusteeError::SameClosing { size } => {
                write!(f, "the closing of {size} ballots has the same ballots as the one endorsed")
            }
            TrusteeError::Stopped { contest } => {
                write!(
                    f,
                    "contest {contest} has a second closing: this trustee gives nothing for it any more"
                )
            }
            TrusteeError::Endorsements(error) => error.fmt(f),
            TrusteeError::Empty => f.write_str("an empty box has nothing to decrypt"),
            TrusteeError::BelowMinimum { minimum, count } => {
                write!(f, "{count} ballots are fewer than this trustee's minimum of {minimum}")
            }
            TrusteeError::ReadyForAnother { trustee, closing } => {
                write!(f, "trustee {trustee} is ready for another closing, {closing}")
            }
            TrusteeError::NotReady { panel, required, actual } => {
                write!(f, "panel {panel}: {actual} trustees are ready where {required} must be")
            }
            TrusteeError::NotAmongReady { trustee } => {
                write!(f, "trustee {trustee} has not said that it is ready")
            }
        }
    }
}

impl core::error::Error for TrusteeError {}
