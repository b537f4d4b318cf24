//! Whoever gives voters their codes, and keeps watch over the roll by it.

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;

use super::{
    AfterComplaints, ClosedBox, ClosingDigest, Issue, Opening, OpeningDigest, ProposedOpening, Roll,
    Validity, VoterId,
};
use crate::contest::{Contest, Fingerprint};
use crate::credential::{Credential, PublicCredential, VotingCode};
use crate::primitives::{Signature, SigningKey, UnixTime};

mod error;
#[cfg(test)]
mod tests;

pub use error::{IssueError, IssuerError};

/// The issuer of voting codes: it draws them, keeps which credential it gave to whom, and signs the opening
/// and the closing of a contest only when they hold these credentials and no others.
///
/// So a ballot box alone cannot add voters, nor reissue to itself the codes of those who stay away. The codes
/// come out once, with [`issue`](Issuer::issue) or [`reissue`](Issuer::reissue), to be sent to the voters;
/// the box never sees one. Send no letter before the opening is signed. What the issuer keeps is as
/// confidential as the voters' ids.
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
/// # let (_, issues) = issuer.issue(&voter, &[contest.contest()], Validity::UntilClose, before, rng)?;
/// # let mut roll = ElectoralRoll::new(contest.clone());
/// # issues.into_iter().try_for_each(|issue| roll.register(issue))?;
/// # let opening = issuer.sign_opening(contest.contest(), &roll.propose(before, &box_key)?)?;
/// # let mut ballot_box = BallotBox::open(roll, opening, box_key)?.stored();
/// // A voter has lost the letter, and was identified by other means.
/// ballot_box.can_reissue(&voter, now)?;
/// let contests = [contest.contest()];
/// let (code, issues) = issuer.reissue(&voter, &contests, Validity::TWO_MINUTES, now, rng)?;
/// for issue in issues {
///     let identity = IdentityChecked::by_application(voter.clone());
///     let mut transaction = ballot_box.transaction();
///     match transaction.reissue(identity, issue.clone(), now) {
///         // Entries and anchor are stored, and then the code is sent.
///         Ok(()) => drop(transaction.stored()),
///         Err(refused) => issuer.withdraw(&issue)?,
///     }
/// }
/// # let refused = ballot_box.can_reissue(&voter, closes_at);
/// # assert_eq!(refused, Err(ReissueError::Closed { closes_at }));
/// # let mut transaction = ballot_box.transaction();
/// # transaction.close(end, rng)?;
/// # transaction.stored();
/// let (closed, _) = ballot_box.closed().ok_or("not closed")?;
/// // After the time for complaints, here none.
/// let after = AfterComplaints::of(&closed, &[], end, 0, end)?;
/// assert!(issuer.sign_closing(&closed, &after).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Issuer {
    key: SigningKey,
    contests: BTreeMap<Fingerprint, Issued>,
}

/// What was issued for one contest.
#[derive(Default)]
struct Issued {
    voters: BTreeMap<VoterId, Given>,
    /// Of every credential ever issued, whether it stands or not.
    owners: BTreeMap<PublicCredential, VoterId>,
    opening: Option<(OpeningDigest, Opening)>,
    closing: Option<(ClosingDigest, Signature)>,
}

/// The credentials of a voter, in order of issue. The last stands, the others are revoked.
struct Given {
    credentials: Vec<PublicCredential>,
    /// How many were revoked before the opening, and so never stood on the roll.
    before_opening: usize,
}

impl Given {
    /// Those on the roll, with whether they are revoked.
    fn on_roll(&self) -> impl Iterator<Item = (&PublicCredential, bool)> {
        let last = self.credentials.len().saturating_sub(1);
        let flagged =
            self.credentials.iter().enumerate().map(move |(place, credential)| (credential, place < last));
        flagged.skip(self.before_opening)
    }
}

impl Issuer {
    /// An issuer that has issued nothing.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Issuer { key, contests: BTreeMap::new() }
    }

    /// Draws a voter's first code, with a credential for each of the contests in which they may vote. Give
    /// the issues to the rolls, and the code to nobody but the voter, once the openings are signed.
    ///
    /// # Errors
    ///
    /// [`IssueError`], with the number of the contest: it is under another issuer key, has closed, has been
    /// opened without this voter, is full, or the voter has a code for it. Nothing is changed then.
    pub fn issue<R: CryptoRng + ?Sized>(
        &mut self,
        voter: &VoterId,
        contests: &[&Contest],
        validity: Validity,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<(VotingCode, Vec<Issue>), IssueError> {
        self.draw(voter, contests, validity, now, rng, |issued, contest| {
            let number = contest.description().number;
            if issued.voters.contains_key(voter) {
                return Err(IssueError::HasCode { number });
            }
            if issued.opening.is_some() {
                return Err(IssueError::Opened { number });
            }
            let capacity = contest.layout().capacity();
            let voters = u64::try_from(issued.voters.len()).unwrap_or(u64::MAX);
            if voters >= capacity { Err(IssueError::Full { number, capacity }) } else { Ok(()) }
        })
    }

    /// Draws a new code in the place of the one that the voter has, in these contests, and revokes the old
    /// one. In which order box and issuer are asked: see [`Issuer`].
    ///
    /// # Errors
    ///
    /// [`IssueError`], with the number of the contest: it is under another issuer key, has closed, or the
    /// voter has no code for it. Nothing is changed then.
    pub fn reissue<R: CryptoRng + ?Sized>(
        &mut self,
        voter: &VoterId,
        contests: &[&Contest],
        validity: Validity,
        now: UnixTime,
        rng: &mut R,
    ) -> Result<(VotingCode, Vec<Issue>), IssueError> {
        self.draw(voter, contests, validity, now, rng, |issued, contest| {
            let number = contest.description().number;
            if issued.voters.contains_key(voter) { Ok(()) } else { Err(IssueError::NoCode { number }) }
        })
    }

    fn draw<R: CryptoRng + ?Sized>(
        &mut self,
        voter: &VoterId,
        contests: &[&Contest],
        validity: Validity,
        now: UnixTime,
        rng: &mut R,
        allowed: impl Fn(&Issued, &Contest) -> Result<(), IssueError>,
    ) -> Result<(VotingCode, Vec<Issue>), IssueError> {
        if contests.is_empty() {
            return Err(IssueError::NoContest);
        }
        let code = VotingCode::generate(rng);
        let mut issues: Vec<Issue> = Vec::with_capacity(contests.len());
        let nothing = Issued::default();
        for contest in contests {
            let (fingerprint, description) = (contest.fingerprint(), contest.description());
            let number = description.number;
            if issues.iter().any(|issue| issue.contest() == fingerprint) {
                return Err(IssueError::RepeatedContest { number });
            }
            if description.issuer_key != self.key.public() {
                return Err(IssueError::OtherKey { number });
            }
            let issued = self.contests.get(&fingerprint).unwrap_or(&nothing);
            let closes_at = description.closes_at;
            if now >= closes_at || issued.closing.is_some() {
                return Err(IssueError::Closed { number, closes_at });
            }
            allowed(issued, contest)?;
            let credential = Credential::derive(contest, &code).public();
            if issued.owners.contains_key(&credential) {
                return Err(IssueError::RepeatedCode { number });
            }
            issues.push(Issue::new(voter.clone(), fingerprint, credential, now, validity));
        }
        for issue in &issues {
            let issued = self.contests.entry(issue.contest()).or_default();
            issued.owners.insert(issue.credential(), voter.clone());
            let given = issued.voters.entry(voter.clone());
            let given = given.or_insert(Given { credentials: Vec::new(), before_opening: 0 });
            given.credentials.push(issue.credential());
        }
        Ok((code, issues))
    }

    /// Takes an issue back that neither roll nor box has taken: the credential before it stands again. Before
    /// the opening, a voter whose only issue it is is no voter any more.
    ///
    /// Only on a refusal: what the box has taken stands on its roll for ever.
    ///
    /// # Errors
    ///
    /// [`IssuerError::Unknown`] when it was not issued or was taken back before,
    /// [`IssuerError::BeforeOpening`] when the opening was signed since, [`IssuerError::Closed`] after the
    /// closing was signed. Nothing is changed then.
    pub fn withdraw(&mut self, issue: &Issue) -> Result<(), IssuerError> {
        let credential = issue.credential();
        let encoding = credential.to_bytes();
        let unknown = IssuerError::Unknown { entry: None, credential: encoding };
        let issued = self.contests.get_mut(&issue.contest()).ok_or(unknown.clone())?;
        if let Some((signed, _)) = &issued.closing {
            return Err(IssuerError::Closed { signed: *signed });
        }
        let opened = issued.opening.is_some();
        let Entry::Occupied(mut given) = issued.voters.entry(issue.voter().clone()) else {
            return Err(unknown);
        };
        let Given { credentials, before_opening } = given.get_mut();
        let place = credentials.iter().position(|own| *own == credential).ok_or(unknown)?;
        if opened && place <= *before_opening {
            return Err(IssuerError::BeforeOpening { credential: encoding });
        }
        credentials.remove(place);
        if credentials.is_empty() {
            given.remove();
        }
        Ok(())
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
    ) -> Result<Opening, IssuerError> {
        self.check_key(contest)?;
        let digest = proposed.verify(contest).map_err(IssuerError::Opening)?;
        let Some(issued) = self.contests.get_mut(&contest.fingerprint()) else {
            // Nothing was issued for it, so that the first entry is as unknown as the others.
            let credential = proposed.credentials().first().map_or([0; 32], |first| first.to_bytes());
            return Err(IssuerError::Unknown { entry: Some(0), credential });
        };
        if let Some((signed, opening)) = &issued.opening {
            let other = IssuerError::OtherOpening { signed: *signed, actual: digest };
            return if *signed == digest { Ok(*opening) } else { Err(other) };
        }
        for (entry, credential) in proposed.credentials().iter().enumerate() {
            issued.check_entry(entry, *credential, false)?;
        }
        // Each of them is another voter's, so it is enough to find the voters whose is not there.
        let missing = issued.voters.iter().find_map(|(voter, given)| {
            let credential = *given.credentials.last()?;
            let found = proposed.credentials().binary_search(&credential).is_ok();
            (!found).then(|| IssuerError::Missing { voter: voter.clone(), credential: credential.to_bytes() })
        });
        if let Some(missing) = missing {
            return Err(missing);
        }
        for given in issued.voters.values_mut() {
            given.before_opening = given.credentials.len().saturating_sub(1);
        }
        let opening = proposed.with(self.key.sign(digest.as_bytes()));
        issued.opening = Some((digest, opening));
        Ok(opening)
    }

    /// Signs the closing of a box, after the time for complaints, and after comparing the whole roll, late
    /// entries and revocations, with what it issued. It signs one closing for a contest, ever; the same again
    /// gives the same. [`SignedBox::new`](super::SignedBox::new) puts the signature to the box.
    ///
    /// # Errors
    ///
    /// [`IssuerError`]: the contest is under another issuer key, complaints were waited for about another closing,
    /// the box is not under the opening that was signed, another closing was signed before, or the roll differs.
    /// Nothing is changed then.
    pub fn sign_closing(
        &mut self,
        closed: &ClosedBox,
        after: &AfterComplaints,
    ) -> Result<Signature, IssuerError> {
        let (contest, roll, digest) = (closed.contest().contest(), closed.roll(), closed.digest());
        self.check_key(contest)?;
        if after.closing() != digest {
            return Err(IssuerError::OtherComplaints { waited: after.closing(), actual: digest });
        }
        let actual = roll.opening_digest();
        let issued = self.contests.get_mut(&contest.fingerprint());
        let issued = issued.ok_or(IssuerError::NotOpened { actual })?;
        match &issued.opening {
            None => return Err(IssuerError::NotOpened { actual }),
            Some((signed, _)) if *signed != actual => {
                return Err(IssuerError::OtherOpening { signed: *signed, actual });
            }
            Some(_) => (),
        }
        match &issued.closing {
            Some((signed, signature)) if *signed == digest => return Ok(*signature),
            Some((signed, _)) => return Err(IssuerError::OtherClosing { signed: *signed, actual: digest }),
            None => (),
        }
        issued.check_roll(roll)?;
        let signature = self.key.sign(digest.as_bytes());
        issued.closing = Some((digest, signature));
        Ok(signature)
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

impl Issued {
    /// Whether an entry of the roll was issued, and stands or is revoked as it should.
    fn check_entry(
        &self,
        entry: usize,
        credential: PublicCredential,
        revoked: bool,
    ) -> Result<(), IssuerError> {
        let unknown = IssuerError::Unknown { entry: Some(entry), credential: credential.to_bytes() };
        let voter = self.owners.get(&credential).ok_or(unknown.clone())?;
        let given = self.voters.get(voter).ok_or(unknown.clone())?;
        let expected = given.on_roll().find(|(own, _)| **own == credential).ok_or(unknown)?.1;
        if expected == revoked {
            Ok(())
        } else {
            Err(IssuerError::Flag { entry, voter: voter.clone(), expected })
        }
    }

    fn check_roll(&self, roll: &Roll) -> Result<(), IssuerError> {
        for (entry, of_roll) in roll.entries().iter().enumerate() {
            self.check_entry(entry, of_roll.credential, of_roll.revoked)?;
        }
        let issued = self
            .voters
            .iter()
            .flat_map(|(voter, given)| given.on_roll().map(move |(credential, _)| (voter, *credential)));
        let missing = issued.into_iter().find(|(_, credential)| roll.get(credential).is_none()).map(
            |(voter, credential)| IssuerError::Missing {
                voter: voter.clone(),
                credential: credential.to_bytes(),
            },
        );
        missing.map_or(Ok(()), Err)
    }
}

/// Which credential is whose is nobody's business, so it is not shown.
impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("key", &self.key.public())
            .field("contests", &self.contests.len())
            .finish_non_exhaustive()
    }
}
