//! A trustee after the ceremony: what it remembers, and what it does until the count.
//!
//! | when | the trustee | and is sure that |
//! |---|---|---|
//! | before the opening | [approves](Trustee::approve) the contest it has reviewed | the contest is under the key of its ceremony, and it approves one contest of a number |
//! | before the opening | [keeps](Trustee::keep_opening) the opening of the roll | the roll has as many credentials as there are voters, and no other opening is ever put in its place |
//! | at any time | is [shown heads](Trustee::show_head) by voters or a monitor | the box signed them; a closing must extend each |
//! | after the end | takes note of the closed box that it is [given](Trustee::given), and publishes its digest by a channel of its own | all can see that trustees were given the same; from here the time for complaints runs |
//! | after the time for complaints | [endorses](Trustee::endorse) the closing that the issuer has signed too | see there; one closing a contest, for ever |
//! | in session | says that it is [ready](Trustee::ready) | every panel's quorum endorse this closing |
//! | in session, when all are ready | [gives factors](Trustee::give_factors) | nobody present knows of a second closing |
//! | until then | is [shown a second closing](Trustee::show_second_closing) | if both signatures under it hold, it endorses and gives nothing any more |
//!
//! Two closings that differ by one ballot, opened by different trustees, would tell that vote. So what a trustee
//! must remember is stored before its signature leaves: every act gives an [`Unsent`], which holds the whole trustee
//! to be stored in place of the one before, key and memory in one form. It exists once: a copy or a backup without the
//! last of it must sign nothing. An act that was done before gives the same message again.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::ballot_box::{
    ClosedBox, Complaints, GivenClosing, Head, SignedBox, SignedClosing, SignedOpening, Signings, VoterId,
};
use crate::bureau::{TrusteeIndex, TrusteeKey};
use crate::contest::{Approval, Contest};
use crate::primitives::hash::length_of;
use crate::primitives::stored::{self, Storing};
use crate::primitives::wire::{Kind, Reader};
use crate::primitives::{Proof, UnixTime, Unsent, labels};
use crate::tally::{DecryptionFactors, Endorsement, GivenEndorsements};

mod error;
mod memory;
mod ready;

pub use error::TrusteeError;
pub use ready::Ready;

use memory::Memory;

/// A trustee after the ceremony: its share of the key, and what it must remember. One form holds all of it.
pub struct Trustee {
    key: TrusteeKey,
    memory: Memory,
}

impl Trustee {
    /// A trustee that comes out of its ceremony, with nothing to remember. Store [it](Trustee::to_bytes), and then
    /// destroy what is stored of the ceremony: a trustee that comes out of it a second time knows of none of its acts.
    /// After a restart it is [`Trustee::from_bytes`]: a trustee that does not know of its own approval of a contest does
    /// nothing for it.
    #[must_use]
    pub fn after_ceremony(key: TrusteeKey) -> Self {
        Trustee { key, memory: Memory::default() }
    }

    /// The whole trustee, to be stored where nobody else reads it: kind ‖ version ‖ the election key, as in its own form
    /// ‖ the ceremony's key digest ‖ `e_j ‖ x_{j,1} … x_{j,m}` ‖ LE64(minimum) ‖ LE64(approvals) ‖ each: text, LE64(number),
    /// fingerprint, LE64(opens_at), signature ‖ LE64(contests) ‖ each: fingerprint, flags (1 byte), what the flags say is
    /// there, LE64(closings shown), these, LE64(heads), these ‖ a tag of 32 bytes over all of it.
    ///
    /// Without the secrets in it nobody makes the tag: the secrets are read back with the very election key that they
    /// were stored with, and no act can be taken out of the memory.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut storing = Storing::form(Kind::Trustee, 4_096);
        self.key.store(&mut storing);
        self.memory.store(&mut storing);
        storing.finish()
    }

    /// A trustee after a restart, from what it stored last. One that lacks the approval of a contest is found out when
    /// the trustee is to act for it; one that lacks the endorsement or a head cannot be told from the last one, which is
    /// why it must exist once.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::Key`] and [`TrusteeError::Memory`] when the bytes are not what was stored.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TrusteeError> {
        let mut reader = Reader::form(Kind::Trustee, bytes).map_err(TrusteeError::Memory)?;
        let key = TrusteeKey::read(&mut reader).map_err(TrusteeError::Key)?;
        let memory = Memory::read(&mut reader).map_err(TrusteeError::Memory)?;
        stored::finish(reader, bytes).map_err(TrusteeError::Memory)?;
        Ok(Trustee { key, memory })
    }

    /// A message, with the trustee that sends it.
    fn unsent<M>(&self, message: M) -> Unsent<M> {
        Unsent::new(self.to_bytes(), message)
    }

    /// The trustee's number.
    #[must_use]
    pub fn index(&self) -> TrusteeIndex {
        self.key.index()
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &TrusteeKey {
        &self.key
    }

    /// Sets the smallest box for which the trustee gives factors, a part of its memory. The result of a tiny box
    /// tells how someone voted. 0, the default, is no minimum.
    pub fn set_minimum(&mut self, ballots: u64) -> Unsent<()> {
        self.memory.minimum = ballots;
        self.unsent(())
    }

    /// Approves a contest that the trustee has reviewed: that lists, dates, grace, capacity, packing, quorums and
    /// the keys of box and issuer are those agreed is for the person to see. Checked here is that panels,
    /// thresholds, identity keys and key are those of the trustee's ceremony.
    ///
    /// A contest is approved before it opens, and another of the same election and number only before the earlier
    /// one opens; from then on the earlier one is endorsed and opened no more. The same contest again gives the same
    /// approval again, at any time.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`], [`TrusteeError::Replaced`] for a contest in whose place another was approved,
    /// [`TrusteeError::OtherContest`] when the earlier one has opened by the trustee's clock, and
    /// [`TrusteeError::LateApproval`] when this one has and was not approved before. Nothing is approved then.
    pub fn approve<R: CryptoRng + ?Sized>(
        &mut self,
        contest: &Contest,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<Unsent<Approval>, TrusteeError> {
        self.check_key(contest)?;
        let signature = match self.memory.check_approval(contest, now)? {
            Some(before) => before,
            None => {
                let signature = self.sign(labels::PURPOSE_APPROVAL, contest.fingerprint().as_bytes(), rng);
                self.memory.approve(contest, signature);
                signature
            }
        };
        Ok(self.unsent(Approval::new(self.index(), signature)))
    }

    /// Takes note of a contest's opening before the contest opens, if it has as many credentials as there are
    /// voters. From then on the trustee endorses nothing under another.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`], [`TrusteeError::Replaced`] and [`TrusteeError::NotApproved`] for a contest that
    /// is not this trustee's; [`TrusteeError::Opening`] when the opening does not hold, [`TrusteeError::Opened`] when
    /// the contest has opened by the trustee's clock, [`TrusteeError::OtherOpening`] when it keeps to another, and
    /// [`TrusteeError::Voters`]. Nothing is kept then.
    pub fn keep_opening(
        &mut self,
        contest: &Contest,
        opening: &SignedOpening,
        voters: u64,
        now: UnixTime,
    ) -> Result<Unsent<()>, TrusteeError> {
        self.check_contest(contest)?;
        let digest = opening.verify(contest).map_err(TrusteeError::Opening)?;
        let opens_at = contest.description().opens_at;
        if now >= opens_at {
            return Err(TrusteeError::Opened { now, opens_at });
        }
        self.memory.keep_opening(contest.fingerprint(), digest, opening.voters(), voters)?;
        Ok(self.unsent(()))
    }

    /// Takes a head that a voter or a monitor hands over, under whatever opening the box signed it. A closing is
    /// endorsed only if it is under the same and extends every head shown before.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`], [`TrusteeError::Replaced`] and [`TrusteeError::NotApproved`] for a contest that
    /// is not this trustee's; [`TrusteeError::HeadSignature`] when the box has not signed the head, and
    /// [`TrusteeError::HeadForm`] when it has a number of 2^53 or more. Nothing is kept then: what is no head says
    /// nothing of the box.
    pub fn show_head(&mut self, contest: &Contest, head: &Head) -> Result<Unsent<()>, TrusteeError> {
        self.check_contest(contest)?;
        self.keep_head(contest, head)?;
        Ok(self.unsent(()))
    }

    /// The same with all heads that are found where anybody may put them: what [says nothing](TrusteeError::says_nothing)
    /// is passed over. The message says why, of each such head.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`], [`TrusteeError::Replaced`] and [`TrusteeError::NotApproved`] for a contest that is
    /// not this trustee's. Nothing is kept then.
    pub fn show_heads(
        &mut self,
        contest: &Contest,
        heads: &[Head],
    ) -> Result<Unsent<Vec<TrusteeError>>, TrusteeError> {
        self.check_contest(contest)?;
        let passed_over = passing_over(heads, |head| self.keep_head(contest, head))?;
        Ok(self.unsent(passed_over))
    }

    fn keep_head(&mut self, contest: &Contest, head: &Head) -> Result<(), TrusteeError> {
        head.verify(contest, head.opening).map_err(TrusteeError::HeadSignature)?;
        // A memory must be readable again, whatever the box signs.
        let head = Head::from_bytes(&head.to_bytes()).map_err(TrusteeError::HeadForm)?;
        self.memory.keep_head(&head);
        Ok(())
    }

    /// Takes note of the closed record that the trustee is given, once the contest is over by its own clock, and says
    /// which it is, to be published by a channel of the trustee's own. From now on the time for complaints runs. The
    /// same again changes nothing. With another, as a box makes it when a complaint was right, the time begins anew,
    /// and the one before is not endorsed; once one is endorsed, no other is taken note of.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`], [`TrusteeError::Replaced`] and [`TrusteeError::NotApproved`] for a contest that is
    /// not this trustee's; [`TrusteeError::StillOpen`] before its end; [`TrusteeError::OtherClosing`] when
    /// it has endorsed another; [`TrusteeError::Complaints`] when the box would have closed after it was given. Nothing
    /// is kept then.
    pub fn given(&mut self, closed: &ClosedBox, now: UnixTime) -> Result<Unsent<GivenClosing>, TrusteeError> {
        let contest = closed.contest().contest();
        self.check_contest(contest)?;
        let ends_at = contest.ends_at();
        if now < ends_at {
            return Err(TrusteeError::StillOpen { now, ends_at });
        }
        self.memory.keep_given(closed, now)?;
        Ok(self.unsent(GivenClosing { trustee: self.index(), closing: closed.digest() }))
    }

    /// Endorses a closing, after the time for complaints. That steps 1 to 7 of the audit hold is known by the type
    /// [`SignedBox`]: this process has verified it. Checked here is, in this order, that
    ///
    /// - the contest is under the trustee's key, the trustee has approved it, and none in its place;
    /// - the closing is not before the end of the contest, nor after the trustee's own clock: its time is the box's
    ///   word, and a box that lies about it would get a result while others still vote;
    /// - the trustee was shown no closing of another size or root, and has endorsed no other;
    /// - the opening is the one that the trustee keeps to, or has as many credentials as there are voters (and it
    ///   keeps to this one from now on);
    /// - `signings` give the digest in the closing, are as many as the ballots, and are all of voters;
    /// - every head shown is under this opening and has the root of as many of the box's first references;
    /// - this is the closing that the trustee was [given](Trustee::given) last, no trustee that could be reached was given
    ///   another, and the time for complaints, counted from the trustee's own memory, is over ([`Complaints`]).
    ///
    /// Endorsing the same again gives the same endorsement again.
    ///
    /// A refusal is not remembered. A closing that is refused because another was shown or endorsed
    /// ([`TrusteeError::Stopped`], [`TrusteeError::OtherClosing`]) bears both signatures: unless it is of the same ballots,
    /// [show it](Trustee::show_second_closing), so that the count stops and it is published.
    ///
    /// # Errors
    ///
    /// The [`TrusteeError`] of the first of these that fails. Nothing is endorsed then.
    pub fn endorse<R: CryptoRng + ?Sized>(
        &mut self,
        signed: &SignedBox,
        signings: &Signings,
        voters: &BTreeSet<VoterId>,
        complaints: &Complaints<'_>,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<Unsent<Endorsement>, TrusteeError> {
        let closed = signed.closed();
        let contest = closed.contest().contest();
        self.check_contest(contest)?;
        let (ends_at, at) = (contest.ends_at(), closed.closing().at);
        if now < ends_at || now < at {
            return Err(TrusteeError::StillOpen { now, ends_at: ends_at.max(at) });
        }
        self.memory.check_closing(closed, u64::try_from(voters.len()).unwrap_or(u64::MAX))?;
        check_signings(signed, signings, voters)?;
        self.memory.check_heads(closed)?;
        self.memory.check_complaints(closed, complaints, now)?;
        let signature = match self.memory.endorsement(contest.fingerprint()) {
            // Of this closing: another was refused above.
            Some(before) => before,
            None => {
                let signature = self.sign(labels::PURPOSE_ENDORSEMENT, closed.digest().as_bytes(), rng);
                self.memory.endorse(closed, signature);
                signature
            }
        };
        Ok(self.unsent(Endorsement::new(self.index(), signature)))
    }

    /// Takes note of a second closing: a statement with both signatures, of another size or root than what the
    /// trustee has endorsed. From then on it gives no factors for the contest, and the statement is to be
    /// [published](Trustee::second_closings). Once it has given factors, only a second closing with its quorums
    /// counts, of which false endorsements beside good ones take nothing; otherwise `endorsements` are not looked at.
    ///
    /// A trustee that has endorsed none keeps in mind what it is shown: it endorses no closing of another size or
    /// root, and after two that differ it endorses none.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`], [`TrusteeError::Replaced`] and [`TrusteeError::NotApproved`] for a contest that
    /// is not this trustee's; [`TrusteeError::SecondClosing`] when the signatures do not hold;
    /// [`TrusteeError::Endorsements`] when factors were given and it is not endorsed by its quorums;
    /// [`TrusteeError::SameClosing`] when it has the size and root of the closing endorsed, or of one shown before.
    /// Then nothing is changed.
    pub fn show_second_closing(
        &mut self,
        contest: &Contest,
        second: &SignedClosing,
        endorsements: &[Endorsement],
    ) -> Result<Unsent<()>, TrusteeError> {
        self.check_contest(contest)?;
        self.keep_closing(contest, second, endorsements)?;
        Ok(self.unsent(()))
    }

    /// The same with all signed closings that are found where anybody may put them: what [says
    /// nothing](TrusteeError::says_nothing) is passed over. The message says why, but for those that are known.
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`], [`TrusteeError::Replaced`] and [`TrusteeError::NotApproved`] for a contest that is
    /// not this trustee's. Nothing is kept then.
    pub fn show_second_closings(
        &mut self,
        contest: &Contest,
        seconds: &[SignedClosing],
        endorsements: &[Endorsement],
    ) -> Result<Unsent<Vec<TrusteeError>>, TrusteeError> {
        self.check_contest(contest)?;
        let mut passed_over =
            passing_over(seconds, |second| self.keep_closing(contest, second, endorsements))?;
        passed_over.retain(|why| !matches!(why, TrusteeError::SameClosing { .. }));
        Ok(self.unsent(passed_over))
    }

    fn keep_closing(
        &mut self,
        contest: &Contest,
        second: &SignedClosing,
        endorsements: &[Endorsement],
    ) -> Result<(), TrusteeError> {
        let digest = second.verify(contest).map_err(TrusteeError::SecondClosing)?;
        if self.memory.factors(contest.fingerprint()).is_some() {
            GivenEndorsements::quorum(contest, digest, endorsements).map_err(TrusteeError::Endorsements)?;
        }
        self.memory.keep_closing(second)
    }

    /// What has stopped this trustee, to be published: a closing beside the one that it endorsed, or two where it
    /// endorsed none. Empty when nothing has.
    #[must_use]
    pub fn second_closings(&self, contest: &Contest) -> &[SignedClosing] {
        self.memory.second_closings(contest.fingerprint())
    }

    /// Says that the trustee is ready to give its factors for a closing. It gives none before all who are present
    /// have said so of the same. There is nothing to remember in it.
    ///
    /// Endorsements that do not hold are passed over, as long as the good ones are enough: anyone could have put them
    /// there. [`GivenEndorsements`] says which they are.
    ///
    /// # Errors
    ///
    /// What [`Trustee::give_factors`] would refuse.
    pub fn ready(&self, signed: &SignedBox, endorsements: &[Endorsement]) -> Result<Ready, TrusteeError> {
        self.check_count(signed, endorsements)?;
        Ok(Ready { trustee: self.index(), closing: signed.closed().digest() })
    }

    /// The trustee's decryption factors for a closed box that it endorsed, when in every panel the quorum has, and
    /// all who are present are ready. For a recount in court it gives the same again. Endorsements that do not hold are
    /// passed over, as long as the good ones are enough.
    ///
    /// ```
    /// # use urne::{*, rand_core::CryptoRng, tally::*, trustee::*};
    /// # fn open<R: CryptoRng>(trustee: &mut Trustee, quorum: &[Endorsement], all: &[Ready], rng: &mut R,
    /// signed: &ballot_box::SignedBox
    /// # ) -> Result<Unsent<DecryptionFactors>, TrusteeError> {
    /// trustee.give_factors(signed, quorum, all, rng)
    /// # }
    /// ```
    ///
    /// There is no other way: an open box, one that the issuer has not signed, one ballot, some of them, and even
    /// the sum of all do not compile:
    ///
    /// ```compile_fail,E0308
    /// # use urne::{*, rand_core::CryptoRng, tally::*, trustee::*};
    /// # fn open<R: CryptoRng>(trustee: &mut Trustee, quorum: &[Endorsement], all: &[Ready], rng: &mut R,
    /// open: &BallotBox
    /// # ) -> Result<Unsent<DecryptionFactors>, TrusteeError> {
    /// trustee.give_factors(open, quorum, all, rng)
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use urne::{*, rand_core::CryptoRng, tally::*, trustee::*};
    /// # fn open<R: CryptoRng>(trustee: &mut Trustee, quorum: &[Endorsement], all: &[Ready], rng: &mut R,
    /// closed: &ClosedBox
    /// # ) -> Result<Unsent<DecryptionFactors>, TrusteeError> {
    /// trustee.give_factors(closed, quorum, all, rng)
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use urne::{*, rand_core::CryptoRng, tally::*, trustee::*};
    /// # fn open<R: CryptoRng>(trustee: &mut Trustee, quorum: &[Endorsement], all: &[Ready], rng: &mut R,
    /// one: &VerifiedBallot
    /// # ) -> Result<Unsent<DecryptionFactors>, TrusteeError> {
    /// trustee.give_factors(one, quorum, all, rng)
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use urne::{*, rand_core::CryptoRng, tally::*, trustee::*};
    /// # fn open<R: CryptoRng>(trustee: &mut Trustee, quorum: &[Endorsement], all: &[Ready], rng: &mut R,
    /// some: &ballot::PartialSum
    /// # ) -> Result<Unsent<DecryptionFactors>, TrusteeError> {
    /// trustee.give_factors(some, quorum, all, rng)
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use urne::{*, rand_core::CryptoRng, tally::*, trustee::*};
    /// # fn open<R: CryptoRng>(trustee: &mut Trustee, quorum: &[Endorsement], all: &[Ready], rng: &mut R,
    /// sum: &ballot::SealedTally
    /// # ) -> Result<Unsent<DecryptionFactors>, TrusteeError> {
    /// trustee.give_factors(sum, quorum, all, rng)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TrusteeError::ForeignKey`], [`TrusteeError::Replaced`], [`TrusteeError::NotApproved`];
    /// [`TrusteeError::NotEndorsed`] or [`TrusteeError::OtherClosing`] when this trustee did not endorse this closing; [`TrusteeError::Stopped`] after
    /// a second closing; [`TrusteeError::Endorsements`] without the quorums; [`TrusteeError::Empty`] for an empty box,
    /// whose result needs no factors; [`TrusteeError::BelowMinimum`] for a box smaller than
    /// [`Trustee::set_minimum`] allows; [`TrusteeError::ReadyForAnother`] and [`TrusteeError::NotReady`].
    pub fn give_factors<R: CryptoRng + ?Sized>(
        &mut self,
        signed: &SignedBox,
        endorsements: &[Endorsement],
        ready: &[Ready],
        rng: &mut R,
    ) -> Result<Unsent<DecryptionFactors>, TrusteeError> {
        self.check_count(signed, endorsements)?;
        let closed = signed.closed();
        let contest = closed.contest().contest();
        ready::check(ready, contest.bureau(), closed.digest(), self.index())?;
        let factors = match self.memory.factors(contest.fingerprint()) {
            // Of this closing: it is the one endorsed.
            Some(before) => before.clone(),
            None => {
                let factors =
                    DecryptionFactors::new(contest, closed.digest(), closed.tally(), &self.key, rng);
                self.memory.give_factors(contest.fingerprint(), factors.clone());
                factors
            }
        };
        Ok(self.unsent(factors))
    }

    /// Everything that must hold before factors are given, but for the others' being ready.
    fn check_count(&self, signed: &SignedBox, endorsements: &[Endorsement]) -> Result<(), TrusteeError> {
        let closed = signed.closed();
        let contest = closed.contest().contest();
        self.check_contest(contest)?;
        self.memory.check_endorsed(contest.fingerprint(), closed.digest())?;
        GivenEndorsements::quorum(contest, closed.digest(), endorsements)
            .map_err(TrusteeError::Endorsements)?;
        let count = closed.tally().count();
        if count == 0 {
            return Err(TrusteeError::Empty);
        }
        let minimum = self.memory.minimum;
        if count < minimum {
            return Err(TrusteeError::BelowMinimum { minimum, count });
        }
        Ok(())
    }

    /// The contest is under the trustee's key, approved by it, and no other was in its place. A contest that all
    /// have approved bears this trustee's signature; if its memory does not know of it, it is not the last one.
    fn check_contest(&self, contest: &Contest) -> Result<(), TrusteeError> {
        self.check_key(contest)?;
        self.memory.check_approved(contest)
    }

    fn check_key(&self, contest: &Contest) -> Result<(), TrusteeError> {
        match self.key.election_key().prefix(contest.layout().slots()) {
            Some(prefix) if prefix == *contest.key() => Ok(()),
            _ => Err(TrusteeError::ForeignKey { contest: contest.fingerprint() }),
        }
    }

    fn sign<R: CryptoRng + ?Sized>(&self, purpose: &'static [u8], digest: &[u8; 32], rng: &mut R) -> Proof {
        self.key.identity().sign(purpose, digest, rng)
    }
}

/// Keeps of what was shown all that says something, and gives why the others say nothing.
fn passing_over<T>(
    shown: &[T],
    mut keep: impl FnMut(&T) -> Result<(), TrusteeError>,
) -> Result<Vec<TrusteeError>, TrusteeError> {
    let mut passed_over = Vec::new();
    for one in shown {
        match keep(one) {
            Err(error) if error.says_nothing() => passed_over.push(error),
            kept => kept?,
        }
    }
    Ok(passed_over)
}

/// The list of those who signed is the one under the closing, has one a ballot, and no stranger.
fn check_signings(
    signed: &SignedBox,
    signings: &Signings,
    voters: &BTreeSet<VoterId>,
) -> Result<(), TrusteeError> {
    let closing = signed.closed().closing();
    if signings.digest() != closing.signings_digest {
        return Err(TrusteeError::SigningsDigest);
    }
    let actual = length_of(signings.voters());
    if actual != closing.size {
        return Err(TrusteeError::SigningsCount { ballots: closing.size, signings: actual });
    }
    match signings.voters().iter().find(|voter| !voters.contains(*voter)) {
        Some(voter) => Err(TrusteeError::NotAVoter { voter: voter.clone() }),
        None => Ok(()),
    }
}

impl fmt::Debug for Trustee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trustee").field("key", &self.key).field("memory", &self.memory).finish()
    }
}
