//! What a device keeps of a vote.

use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use super::{DossierError, NotAcknowledged, Voted};
use crate::ballot::BallotReference;
use crate::ballot_box::{OpeningDigest, Receipt, ReceiptError, VoterId};
use crate::contest::{Contest, Fingerprint};
use crate::primitives::UnixTime;
use crate::primitives::form::named_form;
use crate::primitives::hash::length_of;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

/// What a device keeps of a vote, from the moment before the ballot is sent: all that it takes to send the same
/// ballot again when an answer was lost, in another process and without the code, and to check weeks later that the
/// ballot is in the box.
///
/// It holds whose vote it is, in which contest and under which opening, the sealed ballot with its reference, when it
/// was sent, and the receipt once there is one. Neither code, credential secret, choice nor nonce is in it: who finds
/// it learns that the voter has voted, and where their sealed ballot is in the public record.
///
/// ```
#[doc = include_str!("../example_contest.txt")]
/// # let voter = VoterId::new("Jo Doe").ok_or("1 to 256 bytes")?;
/// # let voters = [(voter.clone(), vec![contest.contest()])];
/// # let letters = issuer.issue(&voters, Validity::UntilClose, before, rng)?.stored();
/// # let Issued { code, .. } = letters.into_iter().next().ok_or("one voter")?;
/// # let roll = issuer.electoral_roll(&contest)?;
/// # let opening = issuer.sign_opening(contest.contest(), &roll.propose(before, &box_key)?.stored())?.stored();
/// # let mut ballot_box = BallotBox::open(roll, opening, box_key)?.stored();
/// # let opening = ballot_box.roll().signed_opening();
/// # let state = ballot_box.state(&voter, now).ok_or("not on the roll")?;
/// # let published = [contest.contest().fingerprint()];
/// # let session = VoterSession::new(voter.clone(), &published, [(contest.clone(), opening, state)])?;
/// # let nonce = ActivationNonce::generate(rng);
/// # let entered = session.enter_code(&code, &nonce, rng);
/// # let mut transaction = ballot_box.transaction();
/// # transaction.activate(&voter, &nonce, &entered.activations()[0].1, now)?;
/// # transaction.stored();
/// # let session = entered.activated(&published)?;
/// # let number = contest.contest().description().number;
/// # let review = session.choose(number, now)?.activate_selection().select(Choice::List(1))?;
/// # use urne::ballot_box::Answer;
/// # fn send(to: &mut BallotBox, voter: &VoterId, ballot: &[u8], now: UnixTime) -> Option<Receipt> {
/// #     let mut transaction = to.transaction();
/// #     transaction.deposit(voter, ballot, now).ok()?;
/// #     transaction.stored().pop().and_then(Answer::receipt)
/// # }
/// use urne::voter::Dossier;
///
/// // "I vote": the dossier is stored first, and only then are there bytes to be sent.
/// let unsent = review.seal(rng)?.cast(now);
/// let file = unsent.to_store().to_vec();
/// let casting = unsent.stored();
/// send(&mut ballot_box, &voter, casting.ballot(), now);
/// drop(casting); // the answer is lost, and the browser closed
///
/// // Later, from the file and the published contest: the same bytes, and the same answer.
/// let resumed = Dossier::from_bytes(&file)?.resume(contest.contest())?;
/// let receipt = send(&mut ballot_box, resumed.voter(), resumed.ballot(), now).ok_or("no answer")?;
/// let voted = resumed.acknowledge(receipt, now, 5)?;
/// // In place of what was stored before.
/// let file = voted.dossier().to_bytes();
/// # assert!(Dossier::from_bytes(&file)?.receipt().is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Dossier {
    pub(super) sent: Sent,
    pub(super) receipt: Option<Receipt>,
}

/// A ballot with what it was sent under.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) contest: Fingerprint,
    pub(super) opening: OpeningDigest,
    pub(super) voter: VoterId,
    pub(super) sent_at: UnixTime,
    pub(super) reference: BallotReference,
    pub(super) ballot: Vec<u8>,
}

impl Sent {
    /// Checks an answer, all of it, from the voter's own bytes.
    pub(super) fn check(
        &self,
        contest: &Contest,
        receipt: &Receipt,
        received_at: UnixTime,
        tolerance: u64,
    ) -> Result<(), ReceiptError> {
        let from = self.sent_at.seconds().saturating_sub(tolerance);
        let window = UnixTime::from_seconds(from)..=received_at.saturating_add(tolerance);
        self.check_within(contest, receipt, window)
    }

    fn check_within(
        &self,
        contest: &Contest,
        receipt: &Receipt,
        window: RangeInclusive<UnixTime>,
    ) -> Result<(), ReceiptError> {
        receipt.verify(contest, self.opening, &self.voter, &self.ballot, window)
    }
}

impl Dossier {
    /// The voter.
    #[must_use]
    pub fn voter(&self) -> &VoterId {
        &self.sent.voter
    }

    /// The contest.
    #[must_use]
    pub fn contest(&self) -> Fingerprint {
        self.sent.contest
    }

    /// The opening whose signatures the device checked before the vote.
    #[must_use]
    pub fn opening(&self) -> OpeningDigest {
        self.sent.opening
    }

    /// The ballot's bytes.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.sent.ballot
    }

    /// The ballot's reference.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.sent.reference
    }

    /// When the ballot was first sent, by the device's own clock.
    #[must_use]
    pub fn sent_at(&self) -> UnixTime {
        self.sent.sent_at
    }

    /// The receipt, once there is one. Whether it holds is for [`Dossier::voted`] to check.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }

    /// Goes on with a cast that was interrupted or refused: the same bytes are sent again, and count once.
    ///
    /// # Errors
    ///
    /// [`DossierError::OtherContest`] when this is not the contest of the vote.
    pub fn resume(self, contest: &Contest) -> Result<Resumed, DossierError> {
        self.check_contest(contest)?;
        Ok(Resumed { contest: contest.clone(), sent: self.sent })
    }

    /// The vote with its receipt, checked again but for the device's clock, which was looked at when it came.
    ///
    /// # Errors
    ///
    /// [`DossierError::OtherContest`], [`DossierError::NoReceipt`] when the ballot was never acknowledged, and
    /// [`DossierError::Receipt`] when the receipt does not hold.
    pub fn voted(self, contest: &Contest) -> Result<Voted, DossierError> {
        self.check_contest(contest)?;
        let Dossier { sent, receipt } = self;
        let receipt = receipt.ok_or(DossierError::NoReceipt)?;
        let ever = UnixTime::from_seconds(0)..=UnixTime::from_seconds(u64::MAX);
        sent.check_within(contest, &receipt, ever).map_err(DossierError::Receipt)?;
        Ok(Voted::new(contest.clone(), sent, receipt))
    }

    fn check_contest(&self, contest: &Contest) -> Result<(), DossierError> {
        let (expected, actual) = (self.sent.contest, contest.fingerprint());
        if actual == expected { Ok(()) } else { Err(DossierError::OtherContest { expected, actual }) }
    }

    /// Form: kind ‖ version ‖ fingerprint ‖ opening digest ‖ LE64(length) ‖ voter ‖ LE64(sent at) ‖ LE64(length) ‖
    /// ballot ‖ LE64(number) ‖ reference ‖ 0, or 1 and the receipt without its kind and version.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Dossier { sent: Sent { contest, opening, voter, sent_at, reference, ballot }, receipt } = self;
        let mut bytes = form(Kind::Dossier);
        bytes.extend(contest.to_bytes());
        bytes.extend(opening.to_bytes());
        voter.write(&mut bytes);
        bytes.extend(sent_at.seconds().to_le_bytes());
        bytes.extend(length_of(ballot).to_le_bytes());
        bytes.extend(ballot);
        reference.write(&mut bytes);
        bytes.push(receipt.is_some().into());
        if let Some(receipt) = receipt {
            receipt.write(&mut bytes);
        }
        bytes
    }

    /// Reads what [`Dossier::to_bytes`] gave. The reference shows whether the ballot's bytes are still those that
    /// were sealed.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset; [`DecodeError::Digest`] when the reference is not that of the ballot.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::Dossier, bytes)?;
        let contest = Fingerprint::from_bytes(*reader.array()?);
        let opening = OpeningDigest::from_bytes(*reader.array()?);
        let voter = VoterId::read(&mut reader)?;
        let sent_at = UnixTime::from_seconds(reader.integer()?);
        let length = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
        let ballot = reader.slice(length)?.to_vec();
        let offset = reader.offset().saturating_add(8);
        let reference = BallotReference::read(&mut reader)?;
        if reference.digest() != BallotReference::digest_of(contest, &ballot) {
            return Err(DecodeError::Digest { offset });
        }
        let offset = reader.offset();
        let receipt = match reader.byte()? {
            0 => None,
            1 => Some(Receipt::read(&mut reader)?),
            _ => return Err(DecodeError::Number { offset }),
        };
        reader.finish()?;
        Ok(Dossier { sent: Sent { contest, opening, voter, sent_at, reference, ballot }, receipt })
    }
}

named_form!(Dossier: "dossier", DecodeError);

/// Not whose it is.
impl fmt::Debug for Dossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dossier")
            .field("reference", &self.sent.reference)
            .field("sent_at", &self.sent.sent_at)
            .field("receipt", &self.receipt)
            .finish_non_exhaustive()
    }
}

/// A cast that another process goes on with, or a later one: of a [`Casting`](super::Casting) what needs no session.
#[derive(Clone)]
pub struct Resumed {
    pub(super) contest: Contest,
    pub(super) sent: Sent,
}

impl Resumed {
    /// The contest.
    #[must_use]
    pub fn contest(&self) -> &Contest {
        &self.contest
    }

    /// The voter, in whose name the bytes are sent.
    #[must_use]
    pub fn voter(&self) -> &VoterId {
        &self.sent.voter
    }

    /// The bytes to send to the ballot box: those that were sent before, or were to be.
    #[must_use]
    pub fn ballot(&self) -> &[u8] {
        &self.sent.ballot
    }

    /// The ballot's reference.
    #[must_use]
    pub fn reference(&self) -> BallotReference {
        self.sent.reference
    }

    /// The dossier again.
    #[must_use]
    pub fn dossier(&self) -> Dossier {
        Dossier { sent: self.sent.clone(), receipt: None }
    }

    /// Checks the box's answer as [`Casting::acknowledge`](super::Casting::acknowledge) does. The vote is dated between
    /// when the ballot was first sent and now. Store the [dossier](Voted::dossier) of what it gives.
    ///
    /// # Errors
    ///
    /// [`NotAcknowledged`] with this and the answer, when any part of it does not hold.
    pub fn acknowledge(
        self,
        receipt: Receipt,
        received_at: UnixTime,
        tolerance: u64,
    ) -> Result<Voted, NotAcknowledged<Resumed>> {
        match self.sent.check(&self.contest, &receipt, received_at, tolerance) {
            Ok(()) => Ok(Voted::new(self.contest, self.sent, receipt)),
            Err(error) => Err(NotAcknowledged::new(self, receipt, error)),
        }
    }
}

impl fmt::Debug for Resumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumed")
            .field("reference", &self.sent.reference)
            .field("sent_at", &self.sent.sent_at)
            .finish_non_exhaustive()
    }
}
