//! A contest on polling day: trustees, voters with their codes, an open ballot box and its stored log.
//! Times are in seconds from the opening of the contest.
#![allow(dead_code)]

#[path = "../../examples/common/mod.rs"]
pub mod common;

use ed25519_dalek::Signer;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use urne::ballot_box::{ActivationError, DepositError, IdentityChecked, LogEntry, ReissueError};
use urne::contest::ContestDescription;
use urne::decryption::{DecryptionFactors, Endorsement};
use urne::electoral_roll::{Issue, Validity};
use urne::rand_core::SeedableRng;
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotBox, BoxSecretKey, BoxSignature, Choice, ClosedBox,
    Contest, Credential, ElectionKey, ElectoralRoll, Receipt, SealedBallot, Threshold, Trustee, UnixTime,
    VoterId, VotingCode,
};

const OPENS_AT: u64 = 1_000_000;
/// How long the contest is open.
pub const OPEN_FOR: i64 = 10_000;

/// A time, in seconds from the opening.
pub fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(OPENS_AT.checked_add_signed(seconds).unwrap())
}

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub fn box_key() -> BoxSecretKey {
    BoxSecretKey::from_bytes(&[9; 32])
}

/// A signature by the box, for a box that lies.
pub fn sign(digest: &[u8; 32]) -> BoxSignature {
    let key = ed25519_dalek::SigningKey::from_bytes(&box_key().expose_bytes());
    BoxSignature::from_bytes(key.sign(digest).to_bytes())
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

/// A key and its trustees, by a whole ceremony.
pub fn ceremony(required: u8, trustees: u8, slots: u8, seed: u64) -> (ElectionKey, Vec<Trustee>) {
    let threshold = Threshold::new(required, trustees).unwrap();
    common::run_ceremony("test", threshold, slots, &mut rng(seed)).unwrap()
}

pub fn description(number: u64, lists: u8) -> ContestDescription {
    ContestDescription {
        election: "Test".into(),
        number,
        title: "Committee".into(),
        documents: String::new(),
        lists: (1..=lists).map(|list| format!("List {list}")).collect(),
        opens_at: at(0),
        closes_at: at(OPEN_FOR),
        quorum: None,
        box_key: box_key().public(),
    }
}

/// A contest under the trustees' key, approved by all.
pub fn approved(number: u64, lists: u8, trustees: &[Trustee]) -> ApprovedContest {
    let key = trustees[0].key().election_key();
    let contest = Contest::new(description(number, lists), key).unwrap();
    let approvals = trustees.iter().map(|t| t.approve(&contest, &mut rng(number)).unwrap()).collect();
    ApprovedContest::new(contest, approvals).unwrap()
}

/// A voter and what they hold.
pub struct Elector {
    pub id: VoterId,
    pub credential: Credential,
}

impl Elector {
    pub fn new(contest: &ApprovedContest, name: &str, code: u8) -> Self {
        let code = VotingCode::from_bytes([code; 15]);
        let credential = Credential::derive(contest.contest(), &code);
        Elector { id: VoterId::new(name).unwrap(), credential }
    }

    pub fn issue(&self, seconds: i64, validity: Validity) -> Issue {
        Issue { credential: self.credential.public(), issued_at: at(seconds), validity }
    }

    pub fn identified(&self) -> IdentityChecked {
        IdentityChecked::by_application(self.id.clone())
    }
}

/// An open ballot box with its voters, all of whom have codes by letter.
pub struct Polling {
    pub contest: ApprovedContest,
    pub trustees: Vec<Trustee>,
    pub electors: Vec<Elector>,
    pub ballot_box: BallotBox,
    /// What has been stored.
    pub log: Vec<u8>,
    rng: ChaCha20Rng,
}

impl Polling {
    /// Two lists, one trustee.
    pub fn open(electors: u8) -> Self {
        Polling::with((1, 1), 2, electors)
    }

    pub fn with((required, trustees): (u8, u8), lists: u8, electors: u8) -> Self {
        let (_, trustees) = ceremony(required, trustees, lists, 1);
        Polling::of(approved(584, lists, &trustees), trustees, electors)
    }

    pub fn of(contest: ApprovedContest, trustees: Vec<Trustee>, electors: u8) -> Self {
        let electors: Vec<_> =
            (0..electors).map(|i| Elector::new(&contest, &format!("voter {i}"), i)).collect();
        let mut roll = ElectoralRoll::new(contest.clone());
        for elector in &electors {
            roll.register(elector.id.clone(), elector.issue(-2_000, Validity::UntilClose)).unwrap();
        }
        let (ballot_box, entry) = BallotBox::open(roll, at(-1_000), box_key()).unwrap();
        let log = entry.as_bytes().to_vec();
        Polling { contest, trustees, electors, ballot_box, log, rng: rng(2) }
    }

    pub fn id(&self, voter: usize) -> VoterId {
        self.electors[voter].id.clone()
    }

    pub fn store(&mut self, entry: Option<LogEntry>) {
        self.log.extend(entry.iter().flat_map(LogEntry::as_bytes));
    }

    pub fn activate(&mut self, voter: usize, seconds: i64) -> Result<(), ActivationError> {
        let nonce = ActivationNonce::generate(&mut self.rng);
        let answer = Activation::new(&self.electors[voter].credential, &nonce, &mut self.rng);
        let entry = self.ballot_box.activate(&self.electors[voter].id, &nonce, &answer, at(seconds))?;
        self.store(entry);
        Ok(())
    }

    /// A new code for a voter, which takes the place of the one they hold.
    pub fn reissue(
        &mut self,
        voter: usize,
        code: u8,
        validity: Validity,
        seconds: i64,
    ) -> Result<(), ReissueError> {
        let code = VotingCode::from_bytes([code; 15]);
        let credential = Credential::derive(self.contest.contest(), &code);
        let identified = self.electors[voter].identified();
        let entry = self.ballot_box.reissue(identified, credential.public(), validity, at(seconds))?;
        self.store(Some(entry));
        self.electors[voter].credential = credential;
        Ok(())
    }

    pub fn sealed(&mut self, voter: usize, choice: Choice) -> SealedBallot {
        let credential = &self.electors[voter].credential;
        SealedBallot::seal(&self.contest, choice, credential, &mut self.rng).unwrap()
    }

    pub fn seal(&mut self, voter: usize, choice: Choice) -> Vec<u8> {
        self.sealed(voter, choice).cast()
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
        BallotBox::rebuild(self.contest.clone(), box_key(), &self.log, None).unwrap()
    }

    /// Checks that the box is exactly what has been stored: no refusal since has left a trace. Everything that
    /// can be seen of it is compared with a box made again from the log; then both take one more ballot, of
    /// the last voter, and close, which must give the same bytes: log entry (with the chain before it),
    /// signatures, times (the clock too: they come early, and count as the last change), root, roll and tally.
    pub fn assert_unchanged(mut self) {
        let last = self.electors.len() - 1;
        let ballot = self.seal(last, Choice::Blank);
        let (nonce, now) = (ActivationNonce::from_bytes([5; 32]), at(0));
        let Elector { id, credential } = &self.electors[last];
        let answer = Activation::new(credential, &nonce, &mut rng(3));
        let [stored, live] = [self.rebuilt(), self.ballot_box].map(|mut ballot_box| {
            let voters: Vec<_> = self
                .electors
                .iter()
                .map(|Elector { id, .. }| (ballot_box.state(id, now), ballot_box.emargement(id)))
                .collect();
            let before = (ballot_box.len(), ballot_box.signings(), ballot_box.roll().clone(), voters);
            let activated = ballot_box.activate(id, &nonce, &answer, now);
            let deposit = ballot_box.deposit(id, &ballot, now).unwrap();
            let (closed, entry) = ballot_box.close(at(OPEN_FOR)).unwrap();
            (
                before,
                activated,
                deposit.entry,
                deposit.receipt,
                entry,
                closed.digest(),
                closed.tally().clone(),
            )
        });
        assert_eq!(live, stored);
    }

    /// Closes and verifies the closed box as anyone would.
    pub fn close(self) -> (ClosedBox, Vec<Trustee>) {
        let closed = self.ballot_box.close(at(OPEN_FOR)).unwrap().0;
        (verified(&closed), self.trustees)
    }
}

/// The closed box verified from its parts.
pub fn verified(closed: &ClosedBox) -> ClosedBox {
    let (contest, roll) = (closed.contest().clone(), closed.roll().clone());
    ClosedBox::verify(contest, roll, closed.ballots().to_vec(), *closed.closing(), &mut |_| ()).unwrap()
}

/// Everyone endorses, and gives factors.
pub fn endorse_and_decrypt(
    closed: &ClosedBox,
    trustees: &mut [Trustee],
) -> (Vec<Endorsement>, Vec<DecryptionFactors>) {
    let mut rng = rng(4);
    let endorsements: Vec<_> =
        trustees.iter_mut().map(|t| t.endorse(closed, closed.closing().at, &mut rng).unwrap()).collect();
    let factors = trustees.iter().map(|t| t.decrypt(closed, &endorsements, &mut rng).unwrap()).collect();
    (endorsements, factors)
}
