//! The server's side: trustees, ballot boxes with their logs, and the other voters.

use rand_chacha::ChaCha20Rng;
use urne::ballot_box::{ActivationError, DepositError, IdentityChecked, VoterState};
use urne::contest::{ContestDescription, Fingerprint};
use urne::electoral_roll::{Issue, Validity};
use urne::rand_core::Rng;
use urne::receipt::Head;
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotBox, BoxSecretKey, Choice, Credential, ElectoralRoll,
    Receipt, Threshold, Trustee, UnixTime, VoterId, VoterSession, VotingCode, documents_text,
};

use crate::clock::after;
use crate::common::{self, CLOSES_AT, Failure, OPENS_AT};
use crate::contests::{Booklet, CONTESTS, Prepared};

/// The bureau of these elections: seven fragments of the key, of which three open the boxes.
pub const TRUSTEES: [&str; 7] = [
    "la présidente",
    "la secrétaire",
    "le délégué de la liste 3",
    "la déléguée de la liste 9",
    "le délégué de la liste 10",
    "la déléguée de la liste 11",
    "le délégué de la liste 12",
];
const REQUIRED: u8 = 3;
/// The trustees give no result of a box with fewer ballots.
const MINIMUM: u64 = 5;

/// An open ballot box and what is stored of it.
pub struct Scrutin {
    pub ballot_box: BallotBox,
    pub booklet: Booklet,
    pub seats: u64,
    key: [u8; 32],
    pub log: Vec<u8>,
    /// The last head that was given to a voter.
    last: Option<Head>,
}

impl Scrutin {
    pub fn contest(&self) -> &ApprovedContest {
        self.ballot_box.contest()
    }

    pub fn number(&self) -> u64 {
        self.contest().contest().description().number
    }

    /// Takes a ballot, and stores the log's entry before it answers.
    pub fn deposit(
        &mut self,
        voter: &VoterId,
        ballot: &[u8],
        now: UnixTime,
    ) -> Result<Receipt, DepositError> {
        let deposit = self.ballot_box.deposit(voter, ballot, now)?;
        self.log.extend(deposit.entry.iter().flat_map(|entry| entry.as_bytes()));
        let proof = deposit.receipt.deposit_proof.as_ref();
        self.last = proof.map(|proof| proof.head).or(self.last);
        Ok(deposit.receipt)
    }

    /// The box as a server makes it again from its log after an outage.
    pub fn rebuilt(&self) -> Result<BallotBox, Failure> {
        let key = BoxSecretKey::from_bytes(&self.key);
        Ok(BallotBox::rebuild(self.contest().clone(), key, &self.log, self.last.as_ref())?)
    }
}

pub struct Election {
    pub trustees: Vec<Trustee>,
    pub scrutins: Vec<Scrutin>,
    others: Vec<(VoterId, VotingCode)>,
}

impl Election {
    /// The key ceremony, four contests approved by the whole bureau, and their rolls, on which the teacher
    /// stands with the code of the letter.
    pub fn prepare(teacher: &VoterId, letter: &VotingCode, rng: &mut ChaCha20Rng) -> Result<Self, Failure> {
        let threshold = Threshold::new(REQUIRED, u8::try_from(TRUSTEES.len())?)?;
        let slots = CONTESTS.iter().map(|contest| contest.lists.len()).max().unwrap_or(1);
        let (key, mut trustees) = common::run_ceremony("Élections 2022", threshold, slots.try_into()?, rng)?;
        for trustee in &mut trustees {
            trustee.set_minimum(MINIMUM);
        }
        let most = CONTESTS.iter().map(|contest| contest.others).max().unwrap_or(0);
        let others = (1..=most)
            .map(|number| Ok((voter_id(&format!("agent-{number:03}"))?, VotingCode::generate(rng))))
            .collect::<Result<Vec<_>, Failure>>()?;
        let mut scrutins = Vec::new();
        for prepared in &CONTESTS {
            let box_key = BoxSecretKey::generate(rng);
            let booklet = Booklet::of(prepared);
            let description = describe(prepared, &booklet, &box_key);
            let contest = common::approve(description, &key, &trustees, rng)?;
            let voters =
                others.iter().take(prepared.others).map(|(id, code)| (id, code)).chain([(teacher, letter)]);
            scrutins.push(open(contest, booklet, prepared.seats, voters, box_key)?);
        }
        Ok(Election { trustees, scrutins, others })
    }

    pub fn scrutin(&mut self, number: u64) -> Option<&mut Scrutin> {
        self.scrutins.iter_mut().find(|scrutin| scrutin.number() == number)
    }

    /// What the voter's side starts from.
    pub fn session(&self, voter: &VoterId, now: UnixTime) -> Result<VoterSession, Failure> {
        let contests = self
            .scrutins
            .iter()
            .filter_map(|scrutin| Some((scrutin.contest().clone(), scrutin.ballot_box.state(voter, now)?)));
        Ok(VoterSession::new(voter.clone(), contests)?)
    }

    /// Hands an answer to a nonce to the box of its contest.
    pub fn activate(
        &mut self,
        contest: &Fingerprint,
        voter: &VoterId,
        nonce: &ActivationNonce,
        activation: &Activation,
        now: UnixTime,
    ) -> Result<(), ActivationError> {
        let mut scrutins = self.scrutins.iter_mut();
        let scrutin = scrutins
            .find(|scrutin| scrutin.contest().fingerprint() == *contest)
            .ok_or(ActivationError::NotOnRoll)?;
        let entry = scrutin.ballot_box.activate(voter, nonce, activation, now)?;
        scrutin.log.extend(entry.iter().flat_map(|entry| entry.as_bytes()));
        Ok(())
    }

    /// Issues a new code, to be used within two minutes, for every contest in which the voter has not voted.
    pub fn reissue(
        &mut self,
        voter: &VoterId,
        now: UnixTime,
        rng: &mut ChaCha20Rng,
    ) -> Result<VotingCode, Failure> {
        let code = VotingCode::generate(rng);
        for scrutin in &mut self.scrutins {
            let Some(VoterState::Open { .. }) = scrutin.ballot_box.state(voter, now) else { continue };
            let credential = Credential::derive(scrutin.contest().contest(), &code).public();
            let identity = IdentityChecked::by_application(voter.clone());
            let entry = scrutin.ballot_box.reissue(identity, credential, Validity::TWO_MINUTES, now)?;
            scrutin.log.extend(entry.as_bytes());
        }
        Ok(code)
    }

    /// Every second one of the other voters votes, from the first or the second on, in some of their
    /// contests. Gives the numbers of voters and of ballots.
    pub fn others_vote(
        &mut self,
        half: usize,
        mut now: UnixTime,
        rng: &mut ChaCha20Rng,
    ) -> Result<(usize, usize), Failure> {
        let others: Vec<_> = self.others.iter().skip(half).step_by(2).cloned().collect();
        let (voters, mut ballots) = (others.len(), 0);
        for (position, (voter, code)) in (0..).zip(others) {
            let nonce = ActivationNonce::generate(rng);
            let entered = self.session(&voter, now)?.enter_code(&code, &nonce, rng);
            let mut accepted = Vec::new();
            for (contest, activation) in entered.activations() {
                self.activate(contest, &voter, &nonce, activation, now)?;
                accepted.push(*contest);
            }
            let mut session = entered.activated(&accepted)?;
            let numbers: Vec<_> =
                session.remaining(now).map(|view| view.contest().description().number).collect();
            // Four in five take part in a contest.
            for number in numbers.into_iter().filter(|number| (number + position) % 5 > 0) {
                now = after(now, 20);
                let selection = session.choose(number, now)?.activate_selection();
                let choice = draw(selection.contest().lists(), rng);
                let casting = selection.select(choice)?.seal(rng)?.cast(now);
                let scrutin = self.scrutin(number).ok_or("a contest without a box")?;
                let receipt = scrutin.deposit(&voter, casting.ballot(), now)?;
                (session, _) = casting.acknowledge(receipt, now, 0)?;
                ballots += 1;
            }
        }
        Ok((voters, ballots))
    }
}

pub fn voter_id(id: &str) -> Result<VoterId, Failure> {
    Ok(VoterId::new(id).ok_or("a voter id has 1 to 256 bytes")?)
}

fn describe(prepared: &Prepared, booklet: &Booklet, box_key: &BoxSecretKey) -> ContestDescription {
    ContestDescription {
        election: "Élections professionnelles 2022".into(),
        number: prepared.number,
        title: prepared.title.into(),
        documents: documents_text(booklet.to_text().as_bytes()),
        lists: prepared.lists.iter().map(|name| (*name).to_owned()).collect(),
        opens_at: OPENS_AT,
        closes_at: CLOSES_AT,
        quorum: None,
        box_key: box_key.public(),
    }
}

fn open<'a>(
    contest: ApprovedContest,
    booklet: Booklet,
    seats: u64,
    voters: impl Iterator<Item = (&'a VoterId, &'a VotingCode)>,
    box_key: BoxSecretKey,
) -> Result<Scrutin, Failure> {
    // Letters leave two weeks before the opening; the roll is opened the day before.
    let issued_at = UnixTime::from_seconds(OPENS_AT.seconds() - 14 * 86_400);
    let opened_at = UnixTime::from_seconds(OPENS_AT.seconds() - 86_400);
    let mut roll = ElectoralRoll::new(contest.clone());
    for (voter, code) in voters {
        let credential = Credential::derive(contest.contest(), code).public();
        roll.register(voter.clone(), Issue { credential, issued_at, validity: Validity::UntilClose })?;
    }
    let key = *box_key.expose_bytes();
    let (ballot_box, entry) = BallotBox::open(roll, opened_at, box_key)?;
    Ok(Scrutin { ballot_box, booklet, seats, key, log: entry.as_bytes().to_vec(), last: None })
}

/// Any list, or blank.
fn draw(lists: u8, rng: &mut ChaCha20Rng) -> Choice {
    match u8::try_from(rng.next_u32() % (u32::from(lists) + 1)) {
        Ok(list) if list > 0 => Choice::List(list),
        _ => Choice::Blank,
    }
}
