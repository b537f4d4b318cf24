//! Why a trustee refuses.

use alloc::boxed::Box;
use core::fmt;

use crate::ballot_box::{BoxFlaw, ClosingDigest, Head, OpeningDigest, ReceiptError, RollError, VoterId};
use crate::bureau::{PanelIndex, TrusteeIndex, TrusteeKeyError};
use crate::contest::Fingerprint;
use crate::primitives::UnixTime;
use crate::primitives::text::{self, count};
use crate::primitives::wire::DecodeError;
use crate::tally::EndorsementError;

/// Why a trustee refuses.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrusteeError {
    /// What is stored of the trustee does not decode, or was altered since it was stored.
    Memory(DecodeError),
    /// The secrets that are stored do not belong to the election key that is stored with them, or that is none.
    Key(TrusteeKeyError),
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
    /// The contest has opened, and the trustee has not approved it before: all must have, or there is no opening.
    LateApproval {
        /// The trustee's time.
        now: UnixTime,
        /// When it opened.
        opens_at: UnixTime,
    },
    /// Another contest was approved in the place of this one.
    Replaced {
        /// The contest at hand.
        contest: Fingerprint,
    },
    /// By this memory the trustee has not approved the contest. If it has, the memory is from before that, and
    /// nothing may be signed with it.
    NotApproved {
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
    /// The head has a number that no form can hold.
    HeadForm(DecodeError),
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
    /// The time for complaints that was waited for was about another closing.
    OtherComplaints {
        /// The closing it was about.
        waited: ClosingDigest,
        /// The closing at hand.
        actual: ClosingDigest,
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
    /// The second closing's signatures do not hold.
    SecondClosing(BoxFlaw),
    /// The closing has the size and root of the one endorsed or of one shown before: it opens the same total.
    SameClosing {
        /// The size of both.
        size: u64,
    },
    /// The trustee was shown a second closing, and endorses and gives nothing for this contest any more.
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
            TrusteeError::Memory(error) => write!(f, "stored trustee: {error}"),
            TrusteeError::Key(error) => write!(f, "stored trustee: {error}"),
            TrusteeError::ForeignKey { contest } => {
                write!(f, "contest {contest} is not under the key of this trustee's ceremony")
            }
            TrusteeError::OtherContest { approved, opens_at } => write!(
                f,
                "contest {approved} of this election and number was approved and opened at {opens_at}: no other \
                 is approved"
            ),
            TrusteeError::LateApproval { now, opens_at } => write!(
                f,
                "the contest opened at {opens_at}, and it is {now}: a contest is approved only before that"
            ),
            TrusteeError::Replaced { contest } => {
                write!(f, "another contest was approved in the place of {contest}")
            }
            TrusteeError::NotApproved { contest } => {
                write!(f, "this trustee's memory knows of no approval of contest {contest}")
            }
            TrusteeError::Opening(error) => error.fmt(f),
            TrusteeError::Opened { now, opens_at } => write!(
                f,
                "the contest opened at {opens_at}, and it is {now}: an opening is kept only before that"
            ),
            TrusteeError::Voters { expected, actual } => {
                write!(f, "the roll has {} for {}", count(*actual, "credential"), count(*expected, "voter"))
            }
            TrusteeError::OtherOpening { kept, actual } => {
                write!(f, "opening {kept} is kept to, so {actual} is refused")
            }
            TrusteeError::HeadSignature(error) => write!(f, "not a head of the box: {error}"),
            TrusteeError::HeadForm(error) => write!(f, "not a head: {error}"),
            TrusteeError::StillOpen { now, ends_at } => {
                write!(f, "the box closes at {ends_at}, and it is {now}")
            }
            TrusteeError::SigningsDigest => {
                f.write_str("the list of signings is not the one that the closing was signed with")
            }
            TrusteeError::SigningsCount { ballots, signings } => {
                write!(f, "{} for {}", count(*signings, "signing"), count(*ballots, "ballot"))
            }
            TrusteeError::NotAVoter { voter } => write!(f, "{voter} signed and is no voter"),
            TrusteeError::OtherComplaints { waited, actual } => {
                write!(f, "complaints were waited for about closing {waited}, not about {actual}")
            }
            TrusteeError::HeadUnderAnother { opening, head } => {
                write!(
                    f,
                    "the box gave out a head of {} under another opening, {opening}",
                    count(head.size, "ballot")
                )
            }
            TrusteeError::Head { head, size } => write!(
                f,
                "the closing of {} does not extend the head of {} that the box gave out at {}",
                count(*size, "ballot"),
                count(head.size, "ballot"),
                head.at
            ),
            TrusteeError::OtherClosing { endorsed, actual } => {
                write!(f, "closing {endorsed} of this contest was endorsed, so {actual} is refused")
            }
            TrusteeError::NotEndorsed { closing } => {
                write!(f, "this trustee has not endorsed closing {closing}")
            }
            TrusteeError::SecondClosing(error) => write!(f, "not a second closing: {error}"),
            TrusteeError::SameClosing { size } => {
                write!(
                    f,
                    "the closing of {} has the same ballots as one known before",
                    count(*size, "ballot")
                )
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
                write!(
                    f,
                    "a box of {} is below this trustee's minimum of {minimum}",
                    text::count(*count, "ballot")
                )
            }
            TrusteeError::ReadyForAnother { trustee, closing } => {
                write!(f, "trustee {trustee} is ready for another closing, {closing}")
            }
            TrusteeError::NotReady { panel, required, actual } => {
                write!(f, "panel {panel}: {} ready where it takes {required}", count(*actual, "trustee"))
            }
            TrusteeError::NotAmongReady { trustee } => {
                write!(f, "trustee {trustee} has not said that it is ready")
            }
        }
    }
}

impl core::error::Error for TrusteeError {}
