//! A contest on polling day: trustees, an issuer, voters with their codes, an open ballot box and its stored
//! log. Times are in seconds from the opening of the contest.
// Every test uses its own part of this.
#![allow(dead_code)]

use std::collections::BTreeSet;

#[path = "acts.rs"]
pub mod acts;

use acts::OneByOne;
use ed25519_dalek::Signer;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use urne::ballot_box::{
    ActivationError, Anchor, ChallengeRefusal, Closing, Complaints, DepositError, IdentityChecked, Issue,
    Issued, IssuerError, LogEntry, Opening, OpeningDigest, ReissueError, SignedBox, Signings, Validity,
};
use urne::bureau::{Ceremony, OpenedShares};
use urne::contest::ContestDescription;
use urne::rand_core::SeedableRng;
use urne::tally::{DecryptionFactors, Endorsement};
use urne::trustee::TrusteeError;
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotBox, Bureau, Choice, ClosedBox, Contest, Credential,
    ElectionKey, ElectoralRoll, IdentitySecret, Issuer, Panel, PublicCredential, Receipt, SealedBallot,
    Signature, SigningKey, Trustee, UnixTime, Unsent, VoterId, VotingCode,
};

const OPENS_AT: u64 = 1_000_000;
/// How long the contest is open.
pub const OPEN_FOR: i64 = 10_000;
/// How long after that who entered a code before can still vote.
pub const GRACE: i64 = 1_800;
/// The end, when the box can be closed.
pub const END: i64 = OPEN_FOR + GRACE;
/// When the roll is opened.
pub const OPENED: i64 = -1_000;

/// A time, in seconds from the opening.
pub fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(OPENS_AT.checked_add_signed(seconds).unwrap())
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn box_key() -> SigningKey {
    SigningKey::from_seed(&[9; 32])
}

pub fn issuer_key() -> SigningKey {
    SigningKey::from_seed(&[10; 32])
}

fn sign_by(key: &SigningKey, digest: &[u8; 32]) -> Signature {
    let key = ed25519_dalek::SigningKey::from_bytes(&key.expose_seed());
    Signature::from_bytes(key.sign(digest).to_bytes())
}

/// A signature by the box, for a box that lies.
pub fn sign(digest: &[u8; 32]) -> Signature {
    sign_by(&box_key(), digest)
}

/// A signature by the issuer, for one that lies.
pub fn sign_as_issuer(digest: &[u8; 32]) -> Signature {
    sign_by(&issuer_key(), digest)
}

/// The protocol's hash of a list of fields, written once more.
pub fn hash_of_fields(tag: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in [tag.as_bytes()].iter().chain(fields) {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// A key and its trustees, by a whole ceremony of these panels: thresholds with numbers of trustees.
pub fn ceremony(panels: &[(u8, u8)], slots: u8, seed: u64) -> (ElectionKey, Vec<Trustee>) {
    let rng = &mut rng(seed);
    let number = panels.iter().map(|(_, trustees)| trustees).sum();
    let secrets: Vec<_> = (0..number).map(|_| IdentitySecret::generate(rng)).collect();
    let mut keys = secrets.iter().map(IdentitySecret::public);
    let panel = |(threshold, trustees): &(u8, u8)| Panel {
        threshold: *threshold,
        trustees: keys.by_ref().take((*trustees).into()).collect(),
    };
    let bureau = Bureau::new(panels.iter().map(panel).collect()).unwrap();
    let ceremony = Ceremony::new("test", slots, bureau).unwrap();
    let joined = secrets.into_iter().map(|secret| ceremony.join(secret, rng).unwrap().stored());
    let (states, commitments): (Vec<_>, Vec<_>) = joined.unzip();
    let revealed = states.into_iter().map(|state| state.reveal(&commitments, rng).unwrap().stored());
    let (states, reveals): (Vec<_>, Vec<_>) = revealed.unzip();
    let confirmed = states.into_iter().map(|state| match state.check(&reveals, rng).unwrap() {
        OpenedShares::Good(checked) => checked.confirm(&[], rng).unwrap().stored(),
        OpenedShares::Bad(shares) => panic!("{shares}"),
    });
    let (states, confirmations): (Vec<_>, Vec<_>) = confirmed.unzip();
    let finished = states.into_iter().map(|state| state.finish(&confirmations, &[]).unwrap());
    let trustees: Vec<_> = finished.map(Trustee::after_ceremony).collect();
    (trustees[0].key().election_key().clone(), trustees)
}

pub fn description(number: u64, lists: u8) -> ContestDescription {
    ContestDescription {
        election: "Test".into(),
        number,
        title: "Committee".into(),
        documents: "".into(),
        lists: (1..=lists).map(|list| format!("List {list}").into()).collect(),
        opens_at: at(0),
        closes_at: at(OPEN_FOR),
        grace: GRACE.unsigned_abs(),
        capacity: 1_000,
        packing: None,
        quorums: None,
        box_key: box_key().public(),
        issuer_key: issuer_key().public(),
    }
}

/// A contest under the trustees' key, approved by all.
pub fn approved(number: u64, lists: u8, trustees: &mut [Trustee]) -> ApprovedContest {
    approve(description(number, lists), trustees)
}

/// The contest of this description, under the trustees' key, approved by all.
pub fn approve(description: ContestDescription, trustees: &mut [Trustee]) -> ApprovedContest {
    let contest = Contest::new(description, trustees[0].key().election_key()).unwrap();
    let mut rng = rng(contest.description().number);
    let approvals = trustees.iter_mut().map(|t| t.approve(&contest, at(-9_000), &mut rng).unwrap().stored());
    ApprovedContest::new(contest.clone(), approvals.collect()).unwrap()
}

/// An issue as nobody but the issuer makes one, from its form.
pub fn issue(
    contest: &ApprovedContest,
    voter: &VoterId,
    credential: PublicCredential,
    seconds: i64,
    validity: Validity,
) -> Issue {
    let body = issue_bytes(contest, voter, credential, seconds, validity);
    Issue::from_bytes(&[&[0x30, 2][..], &body].concat()).unwrap()
}

/// The form of an issue, but for kind and version.
pub fn issue_bytes(
    contest: &ApprovedContest,
    voter: &VoterId,
    credential: PublicCredential,
    seconds: i64,
    validity: Validity,
) -> Vec<u8> {
    let (kind, limit) = match validity {
        Validity::UntilClose => (0, 0),
        Validity::Seconds(limit) => (1, limit),
    };
    let length = (voter.as_bytes().len() as u64).to_le_bytes();
    let contest = contest.fingerprint().to_bytes();
    let issued_at = at(seconds).seconds().to_le_bytes();
    let parts = [&contest[..], &length, voter.as_bytes(), &credential.to_bytes(), &issued_at, &[kind]];
    [&parts.concat()[..], &limit.to_le_bytes()].concat()
}

/// A time for complaints of no length, in which no trustee was given another closing.
pub const COMPLAINTS: Complaints<'static> = Complaints { seconds: 0, given: &[] };

/// An issuer is given a closing, and signs it at once. What it does not take note of it does not sign either.
pub fn sign_closing(issuer: &mut Issuer, closed: &ClosedBox) -> Result<Signature, IssuerError> {
    let at = closed.closing().at;
    let _ = issuer.given(closed, at);
    issuer.sign_closing(closed, &COMPLAINTS, at).map(Unsent::stored)
}

/// The opening of any roll, signed by both without a comparison.
pub fn sign_opening(roll: &ElectoralRoll, seconds: i64) -> Opening {
    let contest = roll.contest().contest();
    let proposed = roll.propose(at(seconds), &box_key()).unwrap().stored();
    let digest = proposed.verify(contest).unwrap().to_bytes();
    let voters = proposed.credentials().len() as u64;
    let [box_signature, issuer_signature] = [sign(&digest), sign_as_issuer(&digest)];
    Opening { voters, at: at(seconds), box_signature, issuer_signature }
}

/// A voter and what they hold.
pub struct Elector {
    pub id: VoterId,
    pub code: VotingCode,
    pub credential: Credential,
    /// What roll and box are told of it.
    pub issue: Issue,
}

impl Elector {
    /// With a code that was made behind the issuer's back.
    pub fn stranger(contest: &ApprovedContest, name: &str, seconds: i64, code: u8) -> Self {
        let (id, code) = (VoterId::new(name).unwrap(), VotingCode::from_bytes([code; 15]));
        let credential = Credential::derive(contest.contest(), &code);
        let issue = issue(contest, &id, credential.public(), seconds, Validity::UntilClose);
        Elector { id, code, credential, issue }
    }

    pub fn identified(&self) -> IdentityChecked {
        IdentityChecked::by_application(self.id.clone())
    }
}

/// Voters with their codes, and the roll that they make up. Not opened yet.
pub struct Office {
    pub contest: ApprovedContest,
    pub trustees: Vec<Trustee>,
    pub issuer: Issuer,
    pub electors: Vec<Elector>,
    pub roll: ElectoralRoll,
    /// From which the codes are drawn.
    pub rng: ChaCha20Rng,
}

impl Office {
    pub fn of(contest: ApprovedContest, trustees: Vec<Trustee>, electors: u8) -> Self {
        let (issuer, roll) = (Issuer::with_empty_memory(issuer_key()), ElectoralRoll::new(contest.clone()));
        let mut office = Office { contest, trustees, issuer, electors: vec![], roll, rng: rng(2) };
        (0..electors).for_each(|number| office.register(&format!("voter {number}")));
        office
    }

    /// Issues a code by letter and puts the voter on the roll.
    pub fn register(&mut self, name: &str) {
        let id = VoterId::new(name).unwrap();
        let voters = [(id, vec![self.contest.contest()])];
        let issued = self.issuer.issue(&voters, Validity::UntilClose, at(-2_000), &mut self.rng);
        let Issued { voter: id, code, mut issues, .. } = issued.unwrap().stored().pop().unwrap();
        let (credential, issue) = (Credential::derive(self.contest.contest(), &code), issues.remove(0));
        self.roll.register(issue.clone()).unwrap();
        self.electors.push(Elector { id, code, credential, issue });
    }

    /// Both sign the opening.
    pub fn open(mut self) -> Polling {
        let proposed = self.roll.propose(at(OPENED), &box_key()).unwrap().stored();
        let opening = self.issuer.sign_opening(self.contest.contest(), &proposed).unwrap().stored();
        let unstored = BallotBox::open(self.roll, opening, box_key()).unwrap();
        let anchor = unstored.anchor();
        let (ballot_box, entry) = acts::opened(unstored);
        let Office { contest, trustees, issuer, electors, roll: _, rng } = self;
        let opening = ballot_box.roll().opening_digest();
        let log = entry.as_bytes().to_vec();
        Polling { contest, trustees, issuer, electors, ballot_box, opening, log, anchor, rng }
    }
}

/// An open ballot box with its voters, all of whom have codes by letter.
pub struct Polling {
    pub contest: ApprovedContest,
    pub trustees: Vec<Trustee>,
    pub issuer: Issuer,
    pub electors: Vec<Elector>,
    pub ballot_box: BallotBox,
    pub opening: OpeningDigest,
    /// What has been stored.
    pub log: Vec<u8>,
    /// And after it.
    pub anchor: Anchor,
    rng: ChaCha20Rng,
}

impl Polling {
    /// Two lists, one trustee.
    pub fn open(electors: u8) -> Self {
        Polling::with(&[(1, 1)], 2, electors)
    }

    pub fn with(panels: &[(u8, u8)], lists: u8, electors: u8) -> Self {
        let (_, mut trustees) = ceremony(panels, lists, 1);
        Polling::of(approved(584, lists, &mut trustees), trustees, electors)
    }

    pub fn of(contest: ApprovedContest, trustees: Vec<Trustee>, electors: u8) -> Self {
        Office::of(contest, trustees, electors).open()
    }

    pub fn id(&self, voter: usize) -> VoterId {
        self.electors[voter].id.clone()
    }

    pub fn store(&mut self, entry: Option<LogEntry>) {
        self.log.extend(entry.iter().flat_map(LogEntry::as_bytes));
        self.anchor = self.ballot_box.transaction().anchor();
    }

    pub fn activate(&mut self, voter: usize, seconds: i64) -> Result<(), ActivationError> {
        let nonce = ActivationNonce::generate(&mut self.rng);
        let answer = Activation::new(&self.electors[voter].credential, &nonce, &mut self.rng);
        let entry = self.ballot_box.activate(&self.electors[voter].id, &nonce, &answer, at(seconds))?;
        self.store(entry);
        Ok(())
    }

    /// A new code for a voter, which takes the place of the one they hold; taken back when the box refuses
    /// it. The issuer, whose clock is slow, issues it even after the close.
    pub fn reissue(&mut self, voter: usize, validity: Validity, seconds: i64) -> Result<(), ReissueError> {
        let contests = [self.contest.contest()];
        let issued = at(seconds.min(OPEN_FOR - 1));
        let id = self.id(voter);
        let issued = self.issuer.reissue(&id, &contests, validity, issued, &mut self.rng);
        let Issued { code, mut issues, .. } = issued.unwrap().stored();
        let issue = issues.remove(0);
        match self.take(voter, &issue, seconds) {
            Ok(()) => {
                let credential = Credential::derive(self.contest.contest(), &code);
                self.electors[voter] = Elector { id, code, credential, issue };
                Ok(())
            }
            Err(refused) => {
                self.issuer.withdraw(&issue).unwrap().stored();
                Err(refused)
            }
        }
    }

    /// Gives an issue to the box, in the name of this voter.
    pub fn take(&mut self, voter: usize, issue: &Issue, seconds: i64) -> Result<(), ReissueError> {
        let identified = self.electors[voter].identified();
        let entry = self.ballot_box.reissue(identified, issue.clone(), at(seconds))?;
        self.store(entry);
        Ok(())
    }

    pub fn sealed(&mut self, voter: usize, choice: Choice) -> SealedBallot {
        let credential = &self.electors[voter].credential;
        SealedBallot::seal(&self.contest, choice, credential, &mut self.rng).unwrap()
    }

    pub fn seal(&mut self, voter: usize, choice: Choice) -> Vec<u8> {
        self.sealed(voter, choice).cast()
    }

    pub fn challenge(&mut self, voter: usize, ballot: &[u8], seconds: i64) -> Result<(), ChallengeRefusal> {
        let entry = self.ballot_box.challenge(&self.electors[voter].id, ballot, at(seconds))?;
        self.store(entry);
        Ok(())
    }

    pub fn deposit(&mut self, voter: usize, ballot: &[u8], seconds: i64) -> Result<Receipt, DepositError> {
        let deposit = self.ballot_box.deposit(&self.electors[voter].id, ballot, at(seconds))?;
        self.store(deposit.entry);
        Ok(deposit.receipt)
    }

    /// Code, seal, deposit.
    pub fn vote(&mut self, voter: usize, choice: Choice, seconds: i64) -> (Vec<u8>, Receipt) {
        self.activate(voter, seconds).unwrap();
        let ballot = self.seal(voter, choice);
        let receipt = self.deposit(voter, &ballot, seconds).unwrap();
        (ballot, receipt)
    }

    /// The box again, from what has been stored.
    pub fn rebuilt(&self) -> BallotBox {
        acts::rebuild(self.contest.clone(), box_key(), &self.log).unwrap()
    }

    /// Checks that the box is exactly what has been stored: no refusal since has left a trace. Everything
    /// that can be seen of it is compared with a box made again from the log; then both take one more ballot,
    /// of the last voter, and close, which must give the same bytes: log entry (with the chain before it),
    /// signatures, times (the clock too: they come early, and count as the last change), root, roll, signings
    /// and tally.
    pub fn assert_unchanged(mut self) {
        let last = self.electors.len() - 1;
        let ballot = self.seal(last, Choice::Blank);
        let (nonce, now) = (ActivationNonce::from_bytes([5; 32]), at(0));
        let Elector { id, credential, .. } = &self.electors[last];
        let answer = Activation::new(credential, &nonce, &mut rng(3));
        let [stored, live] = [self.rebuilt(), self.ballot_box].map(|mut ballot_box| {
            let voters: Vec<_> = self
                .electors
                .iter()
                .map(|Elector { id, .. }| {
                    (ballot_box.state(id, now), ballot_box.emargement(id), ballot_box.receipt_again(id))
                })
                .collect();
            let before = (ballot_box.len(), ballot_box.signings(), ballot_box.roll().clone(), voters);
            let heads = ballot_box.head();
            let activated = ballot_box.activate(id, &nonce, &answer, now);
            let deposit = ballot_box.deposit(id, &ballot, now).unwrap();
            let (closed, signings, entry) = ballot_box.close(at(END), &mut rng(4)).unwrap();
            let tally = closed.tally().clone();
            let deposited = (activated, deposit.entry, deposit.receipt);
            (before, heads, deposited, entry, closed.digest(), signings, tally)
        });
        assert_eq!(live, stored);
    }

    /// Closes and verifies the closed box as anyone would.
    pub fn close(mut self) -> (ClosedBox, Vec<Trustee>) {
        let closed = self.ballot_box.close(at(END), &mut rng(5)).unwrap().0;
        (verified(&closed), self.trustees)
    }

    /// Closes, and the issuer signs.
    pub fn sign_off(self) -> Ended {
        self.sign_off_at(END)
    }

    /// Closes at this time.
    pub fn sign_off_at(mut self, seconds: i64) -> Ended {
        let (closed, signings, _) = self.ballot_box.close(at(seconds), &mut rng(5)).unwrap();
        let signature = sign_closing(&mut self.issuer, &closed).unwrap();
        let signed = SignedBox::new(verified(&closed), signature).unwrap();
        let voters = self.electors.into_iter().map(|elector| elector.id).collect();
        Ended { signed, signings, voters, trustees: self.trustees }
    }
}

/// A contest after its end, with everything that a trustee needs to endorse.
pub struct Ended {
    pub signed: SignedBox,
    pub signings: Signings,
    pub voters: BTreeSet<VoterId>,
    pub trustees: Vec<Trustee>,
}

impl Ended {
    /// The trustees, to be given other boxes too.
    pub fn take_trustees(&mut self) -> Vec<Trustee> {
        std::mem::take(&mut self.trustees)
    }

    /// A trustee is given this closing, and endorses it at its time. One that does not is as if it had not been asked.
    pub fn endorse(&self, trustee: &mut Trustee) -> Result<Endorsement, TrusteeError> {
        let Ended { signed, signings, voters, .. } = self;
        let now = signed.closed().closing().at;
        let mut asked = Trustee::from_bytes(&trustee.to_bytes()).unwrap();
        // What it does not take note of it does not endorse either.
        let _ = asked.given(signed.closed(), now);
        let endorsed = asked.endorse(signed, signings, voters, &COMPLAINTS, now, &mut rng(7))?;
        *trustee = asked;
        Ok(endorsed.stored())
    }

    /// The same box under a closing that box and issuer sign over whatever they like.
    pub fn with_closing(&self, closing: Closing) -> SignedBox {
        let closed = self.signed.closed();
        let (contest, roll) = (closed.contest().clone(), closed.roll().clone());
        let closed =
            ClosedBox::verify(contest, roll, closed.ballots().to_vec(), closing, &mut |_| ()).unwrap();
        let signature = sign_as_issuer(&closed.digest().to_bytes());
        SignedBox::new(closed, signature).unwrap()
    }

    /// Everyone endorses, says that it is ready, and gives factors.
    pub fn endorse_and_decrypt(&mut self) -> (Vec<Endorsement>, Vec<DecryptionFactors>) {
        let Ended { signed, signings, voters, trustees } = self;
        let mut rng = rng(6);
        let now = signed.closed().closing().at;
        let endorsements: Vec<_> = trustees
            .iter_mut()
            .map(|trustee| {
                trustee.given(signed.closed(), now).unwrap().stored();
                trustee.endorse(signed, signings, voters, &COMPLAINTS, now, &mut rng).unwrap().stored()
            })
            .collect();
        let ready: Vec<_> =
            trustees.iter().map(|trustee| trustee.ready(signed, &endorsements).unwrap()).collect();
        let factors = trustees
            .iter_mut()
            .map(|trustee| trustee.give_factors(signed, &endorsements, &ready, &mut rng).unwrap().stored());
        (endorsements.clone(), factors.collect())
    }
}

/// The trustee after a restart, with everything that it stored.
pub fn restarted(trustee: &Trustee) -> Trustee {
    Trustee::from_bytes(&trustee.to_bytes()).unwrap()
}

/// The closed box verified from its parts.
pub fn verified(closed: &ClosedBox) -> ClosedBox {
    let (contest, roll) = (closed.contest().clone(), closed.roll().clone());
    ClosedBox::verify(contest, roll, closed.ballots().to_vec(), *closed.closing(), &mut |_| ()).unwrap()
}
