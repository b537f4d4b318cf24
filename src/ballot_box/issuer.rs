//! Whoever gives voters their codes, and keeps watch over the roll by it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    ClosedBox, Complaints, ElectoralRoll, GivenAt, Issue, Opening, ProposedOpening, RegistrationError,
    Validity, VoterId,
};
use crate::contest::{ApprovedContest, Contest, Fingerprint};
use crate::credential::{Credential, VotingCode};
use crate::primitives::wire::DecodeError;
use crate::primitives::{Signature, SigningKey, UnixTime, Unsent, VerifyingKey, parallel};

mod compare;
mod error;
mod memory;
#[cfg(test)]
mod tests;

pub use error::{IssueError, IssuerError};

use memory::{Memory, OfContest};

/// A voter's code, with what roll and box are told of it: an [`Issue`] for each contest in which it serves.
///
/// The code goes to the voter and to nobody else. It is wiped on drop and not shown.
pub struct Issued {
    /// Whose code it is.
    pub voter: VoterId,
    /// The code.
    pub code: VotingCode,
    /// One for each contest.
    pub issues: Vec<Issue>,
    /// Whether it takes the place of a code that is on the roll. Then it may be sent once the box has taken its issues; a
    /// first code once the opening is signed.
    pub reissued: bool,
}

/// Neither the code nor whose it is is shown.
impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("issues", &self.issues).finish_non_exhaustive()
    }
}

/// The issuer of voting codes: it draws them, keeps which credential it gave to whom, and signs the opening
/// and the closing of a contest only when they hold these credentials and no others.
///
/// So a ballot box alone cannot add voters, nor reissue to itself the codes of those who stay away. The box never sees
/// a code. What the issuer keeps is as confidential as the voters' ids, and until letters are sent as the codes.
///
/// # What it remembers
///
/// Its key, every credential with its voter, the opening and the closing that it signed, and each code until its
/// letter is sent, in one form ([`to_bytes`](Issuer::to_bytes)). Every act gives an [`Unsent`]: the whole issuer, to be
/// stored in place of the one before, and the message that leaves when it is. A process that dies before a letter is
/// printed, or before roll or box have an issue, finds both again ([`unsent_codes`](Issuer::unsent_codes),
/// [`issues`](Issuer::issues)). What is stored exists once: from an older one the issuer signs an opening again.
///
/// Send no letter before the opening is signed.
///
/// # A new code
///
/// The box knows who has voted, and the issuer does not. So in this order: the box is asked
/// ([`can_reissue`](super::BallotBox::can_reissue)), the issuer reissues, the box takes the issue
/// ([`reissue`](super::Transaction::reissue)) and stores its log entry, the code is sent. When the box refuses
/// the issue, take it back ([`withdraw`](Issuer::withdraw)); when its answer is lost, give it the same again.
/// Otherwise roll and issues differ, and the closing is not signed.
///
/// ```
#[doc = include_str!("../example_contest.txt")]
/// # use urne::ballot_box::ReissueError;
/// # let voter = VoterId::new("Jo Doe").ok_or("1 to 256 bytes")?;
/// # let voters = [(voter.clone(), vec![contest.contest()])];
/// # let letters = issuer.issue(&voters, Validity::UntilClose, before, rng)?.stored();
/// # let roll = issuer.electoral_roll(&contest)?;
/// # let opening = issuer.sign_opening(contest.contest(), &roll.propose(before, &box_key)?.stored())?.stored();
/// # let mut ballot_box = BallotBox::open(roll, opening, box_key)?.stored();
/// # issuer.letters_sent(&letters).stored();
/// // A voter has lost the letter, and was identified by other means.
/// ballot_box.can_reissue(&voter, now)?;
/// let contests = [contest.contest()];
/// let unsent = issuer.reissue(&voter, &contests, Validity::TWO_MINUTES, now, rng)?;
/// assert!(!unsent.to_store().is_empty());
/// // Stored.
/// let letter = unsent.stored();
/// assert!(letter.reissued);
/// for issue in &letter.issues {
///     let identity = IdentityChecked::by_application(voter.clone());
///     let mut transaction = ballot_box.transaction();
///     match transaction.reissue(identity, issue.clone(), now) {
///         // Entries and anchor are stored, and then the code is sent.
///         Ok(()) => drop(transaction.stored()),
///         Err(refused) => issuer.withdraw(issue)?.stored(),
///     }
/// }
/// issuer.letters_sent(&[letter]).stored();
/// # let refused = ballot_box.can_reissue(&voter, closes_at);
/// # assert_eq!(refused, Err(ReissueError::Closed { closes_at }));
/// # let mut transaction = ballot_box.transaction();
/// # transaction.close(end, rng)?;
/// # transaction.stored();
/// let (closed, _) = ballot_box.closed().ok_or("not closed")?;
/// // After the time for complaints, here none.
/// issuer.given(&closed, end)?.stored();
/// let complaints = Complaints { seconds: 0, given: &[] };
/// let signature = issuer.sign_closing(&closed, &complaints, end)?.stored();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Issuer {
    key: SigningKey,
    memory: Memory,
}

/// What one voter is to be issued.
struct Order<'a> {
    voter: &'a VoterId,
    contests: &'a [&'a Contest],
}

/// An order with the code that was drawn for it.
struct Drawn<'a> {
    order: &'a Order<'a>,
    code: VotingCode,
}

impl Issuer {
    /// An issuer that remembers nothing, to begin with. One that has issued before is read from
    /// [what it stored last](Issuer::from_bytes): made anew, it would give voters a second code, and sign an opening a
    /// second time.
    #[must_use]
    pub fn with_empty_memory(key: SigningKey) -> Self {
        Issuer { key, memory: Memory::default() }
    }

    /// The whole issuer, to be stored where nobody else reads it: kind ‖ version ‖ seed of the key ‖ LE64(codes drawn) ‖
    /// LE64(contests) ‖ of each: fingerprint, flags (1 byte), opening, closing given and closing signed where the flags say so, LE64(voters),
    /// these with their credentials and codes, LE64(credentials taken back), these ‖ a tag of 32 bytes over all of it.
    ///
    /// Cost: some 80 bytes a voter and contest, written in a fraction of a second for a large roll.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        memory::store(&self.key, &self.memory)
    }

    /// An issuer after a restart, from what it stored last.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] for every other form, which names both kinds if it is another; [`DecodeError::Altered`] for
    /// bytes that were altered since.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (key, memory) = memory::read(bytes)?;
        Ok(Issuer { key, memory })
    }

    /// The public half of its key.
    #[must_use]
    pub fn public_key(&self) -> VerifyingKey {
        self.key.public()
    }

    /// A message, with the issuer that sends it.
    fn unsent<M>(&self, message: M) -> Unsent<M> {
        Unsent::new(self.to_bytes(), message)
    }

    /// Draws the first codes of voters, each with a credential for all the contests in which they may vote: all of them
    /// or, when one is refused, none. Give the issues to the rolls, and each code to nobody but its voter, once the
    /// openings are signed. Until [`letters_sent`](Issuer::letters_sent) the codes are among the
    /// [`unsent_codes`](Issuer::unsent_codes).
    ///
    /// Cost: a multiplication a voter and contest, on all cores with the feature `parallel`, and one writing of the
    /// memory, however many voters there are.
    ///
    /// # Errors
    ///
    /// [`IssueError`], with the voter or the number of the contest: a voter is named twice, or without a contest; a
    /// contest is under another issuer key, has closed, has been opened without this voter, is full; or the voter has a
    /// code for it. Nothing is changed then.
    pub fn issue<R: CryptoRng + ?Sized>(
        &mut self,
        voters: &[(VoterId, Vec<&Contest>)],
        validity: Validity,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<Unsent<Vec<Issued>>, IssueError> {
        let orders: Vec<_> = voters.iter().map(|(voter, contests)| Order { voter, contests }).collect();
        let mut named = BTreeSet::new();
        let mut added: BTreeMap<Fingerprint, u64> = BTreeMap::new();
        for order in &orders {
            let voter = order.voter;
            if !named.insert(voter) {
                return Err(IssueError::RepeatedVoter { voter: voter.clone() });
            }
            self.check_order(order, now, |of, contest| {
                let number = contest.description().number;
                if of.has(voter) {
                    return Err(IssueError::HasCode { voter: voter.clone(), number });
                }
                if of.opened() {
                    return Err(IssueError::Opened { number });
                }
                let capacity = contest.layout().capacity();
                let added = added.entry(contest.fingerprint()).or_default();
                if of.voters().saturating_add(*added) >= capacity {
                    return Err(IssueError::Full { number, capacity });
                }
                *added = added.saturating_add(1);
                Ok(())
            })?;
        }
        let issued = self.draw(&orders, validity, now, rng)?;
        Ok(self.unsent(issued))
    }

    /// Draws a new code in the place of the one that the voter has, in these contests, and revokes the old
    /// one. In which order box and issuer are asked: see [`Issuer`].
    ///
    /// Each call draws another code. One that the box was never given, as when storing it failed, is to be
    /// [taken back](Issuer::withdraw) before the closing: [`issues_of`](Issuer::issues_of) finds it.
    ///
    /// # Errors
    ///
    /// [`IssueError`], with the voter or the number of the contest: it is under another issuer key, has closed, or the
    /// voter has no code for it. Nothing is changed then.
    pub fn reissue<R: CryptoRng + ?Sized>(
        &mut self,
        voter: &VoterId,
        contests: &[&Contest],
        validity: Validity,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<Unsent<Issued>, IssueError> {
        let order = Order { voter, contests };
        self.check_order(&order, now, |of, contest| {
            let number = contest.description().number;
            if of.has(voter) { Ok(()) } else { Err(IssueError::NoCode { voter: voter.clone(), number }) }
        })?;
        let mut issued = self.draw(&[order], validity, now, rng)?;
        // One order gives one.
        let issued = issued.pop().ok_or_else(|| IssueError::NoContest { voter: voter.clone() })?;
        Ok(self.unsent(issued))
    }

    /// What holds of every contest of an order, and then `allowed`.
    fn check_order(
        &self,
        Order { voter, contests }: &Order<'_>,
        now: UnixTime,
        mut allowed: impl FnMut(&OfContest, &Contest) -> Result<(), IssueError>,
    ) -> Result<(), IssueError> {
        let voter = || (*voter).clone();
        if contests.is_empty() {
            return Err(IssueError::NoContest { voter: voter() });
        }
        let nothing = OfContest::default();
        for (place, contest) in contests.iter().enumerate() {
            let (fingerprint, description) = (contest.fingerprint(), contest.description());
            let number = description.number;
            if contests.iter().take(place).any(|other| other.fingerprint() == fingerprint) {
                return Err(IssueError::RepeatedContest { voter: voter(), number });
            }
            if description.issuer_key != self.key.public() {
                return Err(IssueError::OtherKey { number });
            }
            let of = self.memory.contests.get(&fingerprint).unwrap_or(&nothing);
            let closes_at = description.closes_at;
            if now >= closes_at || of.closing.is_some() {
                return Err(IssueError::Closed { number, closes_at });
            }
            allowed(of, contest)?;
        }
        Ok(())
    }

    /// Draws a code for each order, and keeps them. A code depends on the issuer's key, on the voter, the contests and how
    /// many were drawn before as on the RNG, so that one that repeats itself does not repeat a code.
    fn draw<R: CryptoRng + ?Sized>(
        &mut self,
        orders: &[Order<'_>],
        validity: Validity,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<Vec<Issued>, IssueError> {
        let seed = self.key.expose_seed();
        let mut drawn = Vec::with_capacity(orders.len());
        for (order, before) in orders.iter().zip(self.memory.drawn..) {
            let contests = order.contests.iter().map(|contest| contest.fingerprint());
            let code = VotingCode::draw(order.voter.as_bytes(), contests, before, &seed, rng);
            drawn.push(Drawn { order, code });
        }
        let credentials = parallel::map(&drawn, |Drawn { order, code }| {
            let contests = order.contests.iter();
            contests.map(|contest| Credential::derive(contest, code).public()).collect::<Vec<_>>()
        });
        let mut new = BTreeSet::new();
        for (Drawn { order, .. }, credentials) in drawn.iter().zip(&credentials) {
            for (contest, credential) in order.contests.iter().zip(credentials) {
                let known = self.memory.contests.get(&contest.fingerprint());
                let known = known.is_some_and(|of| of.owner(credential.as_bytes()).is_some());
                if known || !new.insert(credential.to_bytes()) {
                    let number = contest.description().number;
                    return Err(IssueError::RepeatedCode { voter: order.voter.clone(), number });
                }
            }
        }
        let mut issued = Vec::with_capacity(orders.len());
        for (Drawn { order, code }, credentials) in drawn.into_iter().zip(credentials) {
            let voter = order.voter;
            let issue = |(contest, credential): (&&Contest, _)| {
                Issue::new(voter.clone(), contest.fingerprint(), credential, now, validity)
            };
            let issues: Vec<_> = order.contests.iter().zip(credentials).map(issue).collect();
            issues.iter().for_each(|issue| self.memory.give(issue, &code));
            let reissued = issues.iter().any(|issue| self.memory.is_reissued(issue));
            issued.push(Issued { voter: voter.clone(), code, issues, reissued });
        }
        self.memory.drawn = self.memory.drawn.saturating_add(u64::try_from(orders.len()).unwrap_or(u64::MAX));
        Ok(issued)
    }

    /// The codes whose letters are not sent yet, in order of their voters, each with the issues that stand: what a
    /// process that died after it had stored them has to print and to give to rolls and box. Which of the two is in
    /// [`Issued::reissued`].
    #[must_use]
    pub fn unsent_codes(&self) -> Vec<Issued> {
        self.memory.unsent_codes()
    }

    /// The contests in which somebody has a code, in order of their fingerprints: those whose openings and closings it is
    /// asked to sign.
    pub fn contests(&self) -> impl Iterator<Item = Fingerprint> {
        let contests = self.memory.contests.iter();
        contests.filter(|(_, of)| of.voters() > 0).map(|(contest, _)| *contest)
    }

    /// The electoral roll of a contest: of all [`issues`](Issuer::issues), as the box is given them. It is empty where nobody
    /// has a code, and then no box is opened with it.
    ///
    /// # Errors
    ///
    /// Those of [`ElectoralRoll::register`], which codes that were [issued](Issuer::issue) do not give.
    pub fn electoral_roll(&self, contest: &ApprovedContest) -> Result<ElectoralRoll, RegistrationError> {
        let mut roll = ElectoralRoll::new(contest.clone());
        self.issues(contest.contest()).into_iter().try_for_each(|issue| roll.register(issue))?;
        Ok(roll)
    }

    /// The issue that stands for each voter of a contest, in order of the voters: what the roll is made of.
    #[must_use]
    pub fn issues(&self, contest: &Contest) -> Vec<Issue> {
        self.memory.issues(contest.fingerprint())
    }

    /// All issues of a voter that a contest's roll has or should have, in order of issue: the last stands, those before it
    /// are revoked. A reissue that the box was never given is found here, to be [taken back](Issuer::withdraw).
    #[must_use]
    pub fn issues_of(&self, contest: &Contest, voter: &VoterId) -> Vec<Issue> {
        self.memory.issues_of(contest.fingerprint(), voter)
    }

    /// Forgets the codes of letters that have been sent. A code that was issued to the same voter since is kept; one that
    /// was revoked by a code whose letter is sent is forgotten too. The same again changes nothing.
    pub fn letters_sent(&mut self, sent: &[Issued]) -> Unsent<()> {
        sent.iter().for_each(|letter| self.memory.letter_sent(letter));
        self.unsent(())
    }

    /// Takes an issue back that neither roll nor box has taken: the credential before it stands again. Before
    /// the opening, a voter whose only issue it is is no voter any more. The same again changes nothing.
    ///
    /// Only on a refusal: what the box has taken stands on its roll for ever.
    ///
    /// # Errors
    ///
    /// [`IssuerError::Unknown`] when it was not issued, [`IssuerError::BeforeOpening`] when the opening was signed since,
    /// [`IssuerError::Closed`] after the closing was signed. Nothing is changed then.
    pub fn withdraw(&mut self, issue: &Issue) -> Result<Unsent<()>, IssuerError> {
        self.memory.take_back(issue)?;
        Ok(self.unsent(()))
    }

    /// Signs the opening that the box proposes, after comparing its credentials with those it issued, one a
    /// voter. It signs one opening for a contest, ever; the same again gives the same.
    ///
    /// # Errors
    ///
    /// [`IssuerError`]: the contest is under another issuer key, the opening does not hold, another was
    /// signed before, an entry is not what was issued, or a voter's is missing. Nothing is changed then.
    pub fn sign_opening(
        &mut self,
        contest: &Contest,
        proposed: &ProposedOpening,
    ) -> Result<Unsent<Opening>, IssuerError> {
        self.check_key(contest)?;
        let digest = proposed.verify(contest).map_err(IssuerError::Opening)?;
        let Some(of) = self.memory.contests.get_mut(&contest.fingerprint()) else {
            // Nothing was issued for it, so that the first entry is as unknown as the others.
            let credential = proposed.credentials().first().map_or([0; 32], |first| first.to_bytes());
            return Err(IssuerError::Unknown { entry: Some(0), credential });
        };
        let opening = match &of.opening {
            Some((signed, opening)) if *signed == digest => *opening,
            Some((signed, _)) => {
                return Err(IssuerError::OtherOpening { signed: *signed, actual: digest });
            }
            None => {
                of.check_opening(proposed)?;
                let opening = proposed.with(self.key.sign(digest.as_bytes()));
                of.open(digest, opening);
                opening
            }
        };
        Ok(self.unsent(opening))
    }

    /// Takes note of the closed box that the issuer is given. From now on the time for complaints runs. The same again
    /// changes nothing. With another, as a box makes it when a complaint was right, the time begins anew, and the one
    /// before is not signed; once one is signed, no other is taken note of.
    ///
    /// # Errors
    ///
    /// [`IssuerError`]: the contest is under another issuer key, the box is not under the opening that was signed,
    /// another closing was signed, or the box would have closed after it was given. Nothing is changed then.
    pub fn given(&mut self, closed: &ClosedBox, now: UnixTime) -> Result<Unsent<()>, IssuerError> {
        let of = self.of_closed(closed)?;
        of.check_not_closed_otherwise(closed)?;
        of.given = Some(GivenAt::note(of.given, closed, now).map_err(IssuerError::Complaints)?);
        Ok(self.unsent(()))
    }

    /// When the closing of a contest was [given](Issuer::given): from then on complaints of it are taken. Of several it
    /// is the last.
    #[must_use]
    pub fn given_at(&self, contest: &Contest) -> Option<UnixTime> {
        Some(self.memory.contests.get(&contest.fingerprint())?.given?.at)
    }

    /// What is remembered of the contest of a box that is under the opening that was signed.
    fn of_closed(&mut self, closed: &ClosedBox) -> Result<&mut OfContest, IssuerError> {
        let (contest, actual) = (closed.contest().contest(), closed.roll().opening_digest());
        self.check_key(contest)?;
        let of = self.memory.contests.get_mut(&contest.fingerprint());
        let of = of.ok_or(IssuerError::NotOpened { actual })?;
        match &of.opening {
            None => Err(IssuerError::NotOpened { actual }),
            Some((signed, _)) if *signed != actual => {
                Err(IssuerError::OtherOpening { signed: *signed, actual })
            }
            Some(_) => Ok(of),
        }
    }

    /// Signs the closing of a box, after the time for complaints, counted from when it was [given](Issuer::given), and
    /// after comparing the whole roll, late entries and revocations, with what it issued. It signs one closing for a
    /// contest, ever; the same again gives the same. [`SignedBox::new`](super::SignedBox::new) puts the signature to
    /// the box.
    ///
    /// # Errors
    ///
    /// [`IssuerError`]: the contest is under another issuer key, the box is not under the opening that was signed,
    /// another closing was signed before, this one was not given or complaints of it are still taken, or the roll
    /// differs. Nothing is changed then.
    pub fn sign_closing(
        &mut self,
        closed: &ClosedBox,
        complaints: &Complaints<'_>,
        now: UnixTime,
    ) -> Result<Unsent<Signature>, IssuerError> {
        let (roll, digest) = (closed.roll(), closed.digest());
        let of = self.of_closed(closed)?;
        of.check_not_closed_otherwise(closed)?;
        GivenAt::check(of.given, digest, complaints, now).map_err(IssuerError::Complaints)?;
        let signature = match of.closing {
            // Of this one.
            Some((_, signature)) => signature,
            None => {
                of.check_roll(roll)?;
                let signature = self.key.sign(digest.as_bytes());
                if let Some(of) = self.memory.contests.get_mut(&closed.contest().fingerprint()) {
                    of.closing = Some((digest, signature));
                }
                signature
            }
        };
        Ok(self.unsent(signature))
    }

    fn check_key(&self, contest: &Contest) -> Result<(), IssuerError> {
        let description = contest.description();
        if description.issuer_key == self.key.public() {
            Ok(())
        } else {
            Err(IssuerError::OtherKey { number: description.number })
        }
    }
}

/// Which credential is whose is nobody's business, so it is not shown.
impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("key", &self.key.public())
            .field("contests", &self.memory.contests.len())
            .finish_non_exhaustive()
    }
}
