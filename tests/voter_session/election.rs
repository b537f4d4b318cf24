//! Three contests that are voted in, and a closed box with its trustee.

use std::collections::BTreeSet;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use urne::ballot_box::{
    ActivationError, Complaints, GivenClosing, IdentityChecked, Issued, SignedBox, Signings, Validity,
};
use urne::contest::{ContestDescription, documents_text};
use urne::record::{EndorsedRecord, GivenRecord, PublishedError};
use urne::tally::Endorsement;
use urne::voter::{ActiveSession, Casting, EnteredCode, Participation, SealedChoice, Voted};
use urne::{
    ActivationNonce, ApprovedContest, BallotBox, Choice, ClosedBox, ClosedRecord, ElectoralRoll, Fingerprint,
    Issuer, OpenedTally, Receipt, Record, SigningKey, Trustee, UnixTime, VoterId, VoterSession, VotingCode,
};

#[path = "../support/acts.rs"]
pub mod acts;

pub use acts::OneByOne;

use crate::common::{ENDS_AT, OPENS_AT};
use crate::{BOOKLET, common};

pub const NUMBERS: [u64; 3] = [610, 584, 47];
pub const LISTS: u8 = 3;

pub fn later(time: UnixTime, seconds: u64) -> UnixTime {
    time.saturating_add(seconds)
}

pub fn before(time: UnixTime) -> UnixTime {
    UnixTime::from_seconds(time.seconds() - 1)
}

pub fn id(name: &str) -> VoterId {
    VoterId::new(name).unwrap()
}

/// Three contests with a box each, in which Anne and Bruno may vote.
pub struct Election {
    pub rng: ChaCha20Rng,
    pub trustee: Trustee,
    pub issuer: Issuer,
    pub boxes: Vec<BallotBox>,
    pub codes: Vec<VotingCode>,
}

/// A box that is closed and signed by its issuer, and everything needed to count it.
pub struct Closed {
    pub signed: SignedBox,
    pub signings: Signings,
    pub trustee: Trustee,
    pub rng: ChaCha20Rng,
}

impl Election {
    pub fn new() -> Self {
        Election::of(&["anne", "bruno"])
    }

    /// The contests, and the codes of the first voters, are the same whoever else may vote.
    pub fn of(voters: &[&str]) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(584);
        let (key, mut trustees) = common::run_ceremony("test", &[(1, 1)], LISTS, &mut rng).unwrap();
        let [issuer_key, box_key] = [1, 2].map(|byte| SigningKey::from_seed(&[byte; 32]));
        let contests = NUMBERS.map(|number| {
            let description = ContestDescription {
                election: "Test".into(),
                number,
                title: format!("Committee {number}").into(),
                documents: if number == 47 { "".into() } else { documents_text(BOOKLET) },
                lists: (1..=LISTS).map(|list| format!("List {list}").into()).collect(),
                ..common::description(LISTS, 1_000, &box_key, &issuer_key)
            };
            common::approve(description, &key, &mut trustees, &mut rng).unwrap()
        });
        let mut issuer = Issuer::with_empty_memory(issuer_key);
        let dawn = before(OPENS_AT);
        let all = contests.each_ref().map(ApprovedContest::contest).to_vec();
        let voters: Vec<_> = voters.iter().map(|voter| (id(voter), all.clone())).collect();
        let issued = issuer.issue(&voters, Validity::UntilClose, dawn, &mut rng).unwrap().stored();
        let codes = issued.into_iter().map(|letter| letter.code).collect();
        let rolls = contests.each_ref().map(|contest| issuer.electoral_roll(contest).unwrap());
        let open = |roll: ElectoralRoll| {
            let proposed = roll.propose(dawn, &box_key).unwrap().stored();
            let opening = issuer.sign_opening(roll.contest().contest(), &proposed).unwrap().stored();
            BallotBox::open(roll, opening, SigningKey::from_seed(&[2; 32])).unwrap().stored()
        };
        let boxes = rolls.into_iter().map(open).collect();
        Election { rng, trustee: trustees.remove(0), issuer, boxes, codes }
    }

    pub fn ballot_box(&mut self, number: u64) -> &mut BallotBox {
        self.boxes.iter_mut().find(|it| it.contest().contest().description().number == number).unwrap()
    }

    pub fn contest(&mut self, number: u64) -> ApprovedContest {
        self.ballot_box(number).contest().clone()
    }

    pub fn code(&self, voter: &str) -> VotingCode {
        self.codes[usize::from(voter == "bruno")].clone()
    }

    /// What the trustee publishes.
    pub fn published(&self) -> Vec<Fingerprint> {
        self.boxes.iter().map(|it| it.contest().contest().fingerprint()).collect()
    }

    /// The session of a voter as the boxes see them now.
    pub fn session(&self, voter: &str, now: UnixTime) -> VoterSession {
        let view = |it: &BallotBox| {
            (it.contest().clone(), it.roll().signed_opening(), it.state(&id(voter), now).unwrap())
        };
        VoterSession::new(id(voter), &self.published(), self.boxes.iter().map(view)).unwrap()
    }

    /// Enters a code, and gives which boxes accept it and why others do not.
    pub fn enter(
        &mut self,
        session: VoterSession,
        voter: &str,
        code: &VotingCode,
        now: UnixTime,
    ) -> (EnteredCode, Vec<Fingerprint>, Vec<ActivationError>) {
        let nonce = ActivationNonce::generate(&mut self.rng);
        let entered = session.enter_code(code, &nonce, &mut self.rng);
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for (contest, activation) in entered.activations() {
            let ballot_box = self.boxes.iter_mut().find(|it| it.contest().fingerprint() == *contest).unwrap();
            match ballot_box.activate(&id(voter), &nonce, activation, now) {
                Ok(_) => accepted.push(*contest),
                Err(error) => refused.push(error),
            }
        }
        (entered, accepted, refused)
    }

    pub fn active(&mut self, voter: &str, now: UnixTime) -> ActiveSession {
        let (code, session) = (self.code(voter), self.session(voter, now));
        let (entered, accepted, _) = self.enter(session, voter, &code, now);
        entered.activated(&accepted).unwrap()
    }

    /// A new code for one contest, by e-mail.
    pub fn reissue(&mut self, voter: &str, number: u64, now: UnixTime) -> VotingCode {
        let contest = self.contest(number);
        let Election { issuer, rng, .. } = self;
        let issued =
            issuer.reissue(&id(voter), &[contest.contest()], Validity::TWO_MINUTES, now, rng).unwrap();
        let Issued { code, mut issues, .. } = issued.stored();
        let identity = IdentityChecked::by_application(id(voter));
        self.ballot_box(number).reissue(identity, issues.remove(0), now).unwrap();
        code
    }

    pub fn sealed(&mut self, participation: Participation, choice: Choice) -> SealedChoice {
        participation.activate_selection().select(choice).unwrap().seal(&mut self.rng).unwrap()
    }

    pub fn deposit(&mut self, voter: &str, casting: &Casting, now: UnixTime) -> Receipt {
        let number = casting.reference().number();
        self.ballot_box(number).deposit(&id(voter), casting.ballot(), now).unwrap().receipt
    }

    pub fn vote(
        &mut self,
        voter: &str,
        session: ActiveSession,
        number: u64,
        choice: Choice,
        now: UnixTime,
    ) -> (ActiveSession, Voted) {
        let casting = self.sealed(session.choose(number, now).unwrap(), choice).cast(now).stored();
        let receipt = self.deposit(voter, &casting, now);
        casting.acknowledge(receipt, now, 0).unwrap()
    }

    pub fn close(self, number: u64) -> Closed {
        let Election { boxes, trustee, mut issuer, mut rng, .. } = self;
        let mut boxes = boxes.into_iter();
        let mut ballot_box = boxes.find(|it| it.contest().contest().description().number == number).unwrap();
        let (closed, signings, _) = ballot_box.close(ENDS_AT, &mut rng).unwrap();
        issuer.given(&closed, ENDS_AT).unwrap().stored();
        let signature = issuer.sign_closing(&closed, &COMPLAINTS, ENDS_AT).unwrap().stored();
        Closed { signed: SignedBox::new(closed, signature).unwrap(), signings, trustee, rng }
    }

    /// Votes of each list, then blank.
    pub fn result(self, number: u64) -> Vec<u64> {
        let record = self.close(number).counted();
        record.result.votes.iter().copied().chain([record.result.blank]).collect()
    }
}

/// Nobody complains.
pub const COMPLAINTS: Complaints<'static> = Complaints { seconds: 0, given: &[] };

impl Closed {
    pub fn closed(&self) -> &ClosedBox {
        self.signed.closed()
    }

    /// What the only trustee says that it was given.
    pub fn given(&self) -> [GivenClosing; 1] {
        [GivenClosing { trustee: self.trustee.index(), closing: self.closed().digest() }]
    }

    pub fn endorse(&mut self) -> Endorsement {
        let Closed { signed, signings, trustee, rng } = self;
        let voters = BTreeSet::from(["anne", "bruno"].map(id));
        trustee.given(signed.closed(), ENDS_AT).unwrap().stored();
        trustee.endorse(signed, signings, &voters, &COMPLAINTS, ENDS_AT, rng).unwrap().stored()
    }

    /// Endorsed and counted.
    pub fn counted(&mut self) -> Record {
        let endorsements = [self.endorse()];
        let Closed { signed, trustee, rng, .. } = self;
        let ready = [trustee.ready(signed, &endorsements).unwrap()];
        let factors = [trustee.give_factors(signed, &endorsements, &ready, rng).unwrap().stored()];
        Record::new(signed, &OpenedTally::open(signed, &endorsements, &factors).unwrap())
    }

    pub fn endorsed(&mut self) -> EndorsedRecord {
        let published = [self.closed().contest().contest().fingerprint()];
        EndorsedRecord::verify(&self.counted(), &published).unwrap()
    }

    /// The closed record as a voter sees it who is told this by the trustees.
    pub fn told(&self, given: &[GivenClosing]) -> Result<GivenRecord, PublishedError> {
        GivenRecord::verify(&ClosedRecord::new(self.closed()), given)
    }
}
