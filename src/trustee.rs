//! What a trustee does: approve a contest, endorse one closing of it, and decrypt its tally.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use crate::ballot_box::{ClosedBox, ClosingDigest};
use crate::contest::{Approval, Contest, Fingerprint, TrusteeSignature};
use crate::tally::{DecryptionFactors, Endorsement, OpeningError, check_quorum};
use crate::bureau::TrusteeIndex;
use crate::primitives::labels;
use crate::primitives::time::UnixTime;
use crate::bureau::TrusteeKey;
use crate::primitives::wire::{DecodeError, Reader};

/// A trustee after the ceremony: its share of the key, and which closings it has endorsed.
///
/// The memory of endorsements is what keeps it from helping to open two closings of one contest that
/// differ by a ballot, whose results would tell that vote. It must be stored
/// ([`Trustee::endorsed_to_bytes`]) before an endorsement is given to anyone, and given back on restart.
pub struct Trustee {
    key: TrusteeKey,
    endorsed: BTreeMap<Fingerprint, ClosingDigest>,
    minimum: u64,
}

impl Trustee {
    /// A trustee with its key and no endorsement yet.
    #[must_use]
    pub fn new(key: TrusteeKey) -> Self {
        Trustee { key, endorsed: BTreeMap::new(), minimum: 0 }
    }

    /// The trustee's number.
    #[must_use]
    pub fn index(&self) -> TrusteeIndex {
        self.key.index()
    }

    /// The key, to be stored.
    #[must_use]
    pub fn key(&self) -> &TrusteeKey {
        &self.key
    }

    /// Sets the smallest box for which the trustee decrypts. The result of a tiny box tells how someone
    /// voted. 0, the default, is no minimum.
    pub fn set_minimum(&mut self, ballots: u64) {
        self.minimum = ballots;
    }

    /// Checks that the contest's key and trustees are those of this trustee's ceremony, and approves.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`] when they are not.
    pub fn approve<R: CryptoRng + ?Sized>(
        &self,
        contest: &Contest,
        rng: &mut R,
    ) -> Result<Approval, TrusteeError> {
        self.check_key(contest)?;
        Ok(self.sign(labels::PURPOSE_APPROVAL, contest.fingerprint().as_bytes(), rng))
    }

    /// Endorses a closed box, which this process has verified: that is what a [`ClosedBox`] is. One
    /// closing a contest, for ever; endorsing the same again gives a signature again.
    ///
    /// `now` is by the trustee's own clock: the time of the closing is the box's word, and a box that lies
    /// about it would get a result while others still vote.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`]; [`TrusteeError::StillOpen`] before the contest closes; or
    /// [`TrusteeError::OtherClosing`] when another closing of the contest was endorsed before. Nothing is
    /// endorsed then.
    pub fn endorse<R: CryptoRng + ?Sized>(
        &mut self,
        closed: &ClosedBox,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<Endorsement, TrusteeError> {
        self.check_key(closed.contest().contest())?;
        let closes_at = closed.contest().contest().description().closes_at;
        if now < closes_at {
            return Err(TrusteeError::StillOpen { now, closes_at });
        }
        let digest = closed.digest();
        match self.endorsed.get(&closed.contest().fingerprint()) {
            Some(endorsed) if *endorsed != digest => {
                return Err(TrusteeError::OtherClosing { endorsed: *endorsed, actual: digest });
            }
            _ => self.endorsed.insert(closed.contest().fingerprint(), digest),
        };
        Ok(self.sign(labels::PURPOSE_ENDORSEMENT, digest.as_bytes(), rng))
    }

    /// The trustee's decryption factors for a closed box that it endorsed and for which a quorum of
    /// endorsements is there.
    ///
    /// ```
    /// # use urne::{*, decryption::*, rand_core::CryptoRng};
    /// # fn open<R: CryptoRng>(trustee: &Trustee, quorum: &[Endorsement], rng: &mut R,
    /// closed: &ClosedBox
    /// # ) -> Result<DecryptionFactors, TrusteeError> {
    /// trustee.decrypt(closed, quorum, rng)
    /// # }
    /// ```
    ///
    /// There is no other way: an open box, one ballot, some of them, and even the sum of all do not compile:
    ///
    /// ```compile_fail
    /// # use urne::{*, decryption::*, rand_core::CryptoRng};
    /// # fn open<R: CryptoRng>(trustee: &Trustee, quorum: &[Endorsement], rng: &mut R,
    /// open: &BallotBox
    /// # ) -> Result<DecryptionFactors, TrusteeError> {
    /// trustee.decrypt(open, quorum, rng)
    /// # }
    /// ```
    ///
    /// ```compile_fail
    /// # use urne::{*, decryption::*, rand_core::CryptoRng};
    /// # fn open<R: CryptoRng>(trustee: &Trustee, quorum: &[Endorsement], rng: &mut R,
    /// one: &VerifiedBallot
    /// # ) -> Result<DecryptionFactors, TrusteeError> {
    /// trustee.decrypt(one, quorum, rng)
    /// # }
    /// ```
    ///
    /// ```compile_fail
    /// # use urne::{*, decryption::*, rand_core::CryptoRng};
    /// # fn open<R: CryptoRng>(trustee: &Trustee, quorum: &[Endorsement], rng: &mut R,
    /// some: &tally::PartialSum
    /// # ) -> Result<DecryptionFactors, TrusteeError> {
    /// trustee.decrypt(some, quorum, rng)
    /// # }
    /// ```
    ///
    /// ```compile_fail
    /// # use urne::{*, decryption::*, rand_core::CryptoRng};
    /// # fn open<R: CryptoRng>(trustee: &Trustee, quorum: &[Endorsement], rng: &mut R,
    /// sum: &tally::SealedTally
    /// # ) -> Result<DecryptionFactors, TrusteeError> {
    /// trustee.decrypt(sum, quorum, rng)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`]; [`TrusteeError::NotEndorsed`] or [`TrusteeError::OtherClosing`]
    /// when this trustee did not endorse this closing; [`TrusteeError::Endorsements`] without a quorum;
    /// [`TrusteeError::Empty`] for an empty box, whose result needs no factors; and
    /// [`TrusteeError::BelowMinimum`] for a box smaller than [`Trustee::set_minimum`] allows.
    pub fn decrypt<R: CryptoRng + ?Sized>(
        &self,
        closed: &ClosedBox,
        endorsements: &[Endorsement],
        rng: &mut R,
    ) -> Result<DecryptionFactors, TrusteeError> {
        let contest = closed.contest().contest();
        self.check_key(contest)?;
        match self.endorsed.get(&contest.fingerprint()) {
            None => return Err(TrusteeError::NotEndorsed { closing: closed.digest() }),
            Some(endorsed) if *endorsed != closed.digest() => {
                return Err(TrusteeError::OtherClosing { endorsed: *endorsed, actual: closed.digest() });
            }
            Some(_) => (),
        }
        check_quorum(contest, closed.digest(), endorsements).map_err(TrusteeError::Endorsements)?;
        let count = closed.tally().count();
        if count == 0 {
            return Err(TrusteeError::Empty);
        }
        if count < self.minimum {
            return Err(TrusteeError::BelowMinimum { minimum: self.minimum, count });
        }
        Ok(DecryptionFactors::new(
            contest,
            closed.digest(),
            closed.tally(),
            self.index(),
            self.key.shares(),
            rng,
        ))
    }

    /// The endorsements so far, to be stored: `fingerprint ‖ closing digest` for each contest.
    #[must_use]
    pub fn endorsed_to_bytes(&self) -> Vec<u8> {
        self.endorsed
            .iter()
            .flat_map(|(contest, closing)| [contest.to_bytes(), closing.to_bytes()])
            .flatten()
            .collect()
    }

    /// Takes back what [`Trustee::endorsed_to_bytes`] gave, in addition to what is remembered.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] when the bytes are cut short, or name two closings of one contest.
    pub fn restore_endorsed(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut reader = Reader::new(bytes);
        let mut endorsed = self.endorsed.clone();
        while !reader.rest().is_empty() {
            let offset = reader.offset();
            let contest = Fingerprint::from_bytes(*reader.array()?);
            let closing = ClosingDigest::from_bytes(*reader.array()?);
            if endorsed.insert(contest, closing).is_some_and(|other| other != closing) {
                return Err(DecodeError::Number { offset });
            }
        }
        self.endorsed = endorsed;
        Ok(())
    }

    fn check_key(&self, contest: &Contest) -> Result<(), TrusteeError> {
        let own = self.key.election_key();
        let lists = contest.lists();
        match own.prefix(lists.into()) {
            Some(prefix) if prefix == *contest.key() => Ok(()),
            _ => Err(TrusteeError::ForeignKey { contest: contest.fingerprint() }),
        }
    }

    fn sign<R: CryptoRng + ?Sized>(
        &self,
        purpose: &'static [u8],
        digest: &[u8; 32],
        rng: &mut R,
    ) -> TrusteeSignature {
        TrusteeSignature::sign(self.index(), self.key.identity(), purpose, digest, rng)
    }
}

impl fmt::Debug for Trustee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trustee")
            .field("key", &self.key)
            .field("endorsed", &self.endorsed)
            .field("minimum", &self.minimum)
            .finish()
    }
}

/// Why a trustee refuses.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrusteeError {
    /// The contest's key, trustees or threshold are not those of this trustee's ceremony.
    ForeignKey {
        /// The contest.
        contest: Fingerprint,
    },
    /// The contest is still open by the trustee's clock, whatever the box says.
    StillOpen {
        /// The trustee's time.
        now: UnixTime,
        /// When the contest closes.
        closes_at: UnixTime,
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
    /// The endorsements are false, or too few.
    Endorsements(OpeningError),
    /// The box is empty: there is nothing to decrypt.
    Empty,
    /// The box is smaller than this trustee's minimum.
    BelowMinimum {
        /// The minimum.
        minimum: u64,
        /// How many ballots there are.
        count: u64,
    },
}

impl fmt::Display for TrusteeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrusteeError::ForeignKey { contest } => {
                write!(f, "contest {contest} is not under the key of this trustee's ceremony")
            }
            TrusteeError::StillOpen { now, closes_at } => {
                write!(f, "the contest closes at {closes_at}, and it is {now}")
            }
            TrusteeError::OtherClosing { endorsed, actual } => {
                write!(f, "closing {endorsed} of this contest was endorsed, so {actual} is refused")
            }
            TrusteeError::NotEndorsed { closing } => {
                write!(f, "this trustee has not endorsed closing {closing}")
            }
            TrusteeError::Endorsements(error) => error.fmt(f),
            TrusteeError::Empty => f.write_str("an empty box has nothing to decrypt"),
            TrusteeError::BelowMinimum { minimum, count } => {
                write!(f, "{count} ballots are fewer than this trustee's minimum of {minimum}")
            }
        }
    }
}

impl core::error::Error for TrusteeError {}
