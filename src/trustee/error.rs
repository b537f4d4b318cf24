//! Why a trustee refuses.

use alloc::boxed::Box;

use crate::ballot_box::{
    BoxFlaw, ClosingDigest, ComplaintsError, Head, OpeningDigest, ReceiptError, RollError, VoterId,
};
use crate::bureau::{PanelIndex, TrusteeIndex, TrusteeKeyError};
use crate::contest::Fingerprint;
use crate::primitives::UnixTime;
use crate::primitives::messages::messages;
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
    /// The closing is not what trustees were given, or complaints of it are still taken.
    Complaints(ComplaintsError),
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

messages! { TrusteeError: "trustee";
    Memory(error) => "memory", "stored trustee: {error}";
    Key(error) => "key", "stored trustee: {error}";
    ForeignKey { contest } => "foreign-key",
        "contest {contest} is not under the key of this trustee's ceremony";
    OtherContest { approved, opens_at } => "other-contest",
        "contest {approved} of this election and number was approved and opened at {opens_at}: no other is approved";
    LateApproval { now, opens_at } => "late-approval",
        "the contest opened at {opens_at}, and it is {now}: a contest is approved only before that";
    Replaced { contest } => "replaced", "another contest was approved in the place of {contest}";
    NotApproved { contest } => "not-approved",
        "this trustee's memory knows of no approval of contest {contest}";
    Opening(error) => of error;
    Opened { now, opens_at } => "opened",
        "the contest opened at {opens_at}, and it is {now}: an opening is kept only before that";
    Voters { expected, actual } => "voters",
        "the roll has {} for {}", count(*actual, "credential"), count(*expected, "voter");
    OtherOpening { kept, actual } => "other-opening", "opening {kept} is kept to, so {actual} is refused";
    HeadSignature(error) => "head-signature", "not a head of the box: {error}";
    HeadForm(error) => "head-form", "not a head: {error}";
    StillOpen { now, ends_at } => "still-open", "the box closes at {ends_at}, and it is {now}";
    SigningsDigest => "signings-digest", "the list of signings is not the one that the closing was signed with";
    SigningsCount { ballots, signings } => "signings-count",
        "{} for {}", count(*signings, "signing"), count(*ballots, "ballot");
    NotAVoter { voter } => "not-a-voter", "{voter} signed and is no voter";
    Complaints(error) => of error;
    HeadUnderAnother { opening, head } => "head-under-another",
        "the box gave out a head of {} under another opening, {opening}", count(head.size, "ballot");
    Head { head, size } => "head",
        "the closing of {} does not extend the head of {} that the box gave out at {}",
        count(*size, "ballot"), count(head.size, "ballot"), head.at;
    OtherClosing { endorsed, actual } => "other-closing",
        "closing {endorsed} of this contest was endorsed, so {actual} is refused";
    NotEndorsed { closing } => "not-endorsed", "this trustee has not endorsed closing {closing}";
    SecondClosing(error) => "second-closing", "not a second closing: {error}";
    SameClosing { size } => "same-closing",
        "the closing of {} has the same ballots as one known before", count(*size, "ballot");
    Stopped { contest } => "stopped",
        "contest {contest} has a second closing: this trustee gives nothing for it any more";
    Endorsements(error) => of error;
    Empty => "empty", "an empty box has nothing to decrypt";
    BelowMinimum { minimum, count } => "below-minimum",
        "a box of {} is below this trustee's minimum of {minimum}", text::count(*count, "ballot");
    ReadyForAnother { trustee, closing } => "ready-for-another",
        "trustee {trustee} is ready for another closing, {closing}";
    NotReady { panel, required, actual } => "not-ready",
        "panel {panel}: {} ready where it takes {required}", count(*actual, "trustee");
    NotAmongReady { trustee } => "not-among-ready", "trustee {trustee} has not said that it is ready";
}

impl core::error::Error for TrusteeError {}

impl TrusteeError {
    /// Whether what was [shown](super::Trustee::show_head) as a head or [second
    /// closing](super::Trustee::show_second_closing) says nothing: those whose word it would be have not signed it, or it
    /// is known already, or comes without its quorums after factors were given. Where anybody can put what is shown, this
    /// is passed over, and the next one shown; any other error is of the trustee itself. It is for the errors of these two
    /// acts: of others, which may want for endorsements too, nothing may be passed over.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        use TrusteeError::{Endorsements, HeadForm, HeadSignature, SameClosing, SecondClosing};
        matches!(
            self,
            HeadForm(_) | HeadSignature(_) | SecondClosing(_) | SameClosing { .. } | Endorsements(_)
        )
    }
}
