//! The server's side: trustees, ballot boxes with their logs, and the other voters.

use std::collections::BTreeSet;

use rand_chacha::ChaCha20Rng;
use urne::ballot_box::{
    ActivationError, Anchor, Answer, ChallengeRefusal, ClosedBox, DepositError, IdentityChecked, Issue,
    Issued, ReissueError, Signings, Transaction, Validity,
};
use urne::contest::{ContestDescription, Fingerprint, documents_text};
use urne::rand_core::Rng;
use urne::voter::ActiveSession;
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotBox, Choice, Contest, ElectoralRoll, Issuer, Receipt,
    SigningKey, Trustee, UnixTime, VerifyingKey, VoterId, VoterSession, VotingCode,
};

use crate::clock::after;
use crate::common::{self, CLOSES_AT, Failure, GRACE, OPENS_AT, PANELS};
use crate::contests::{Booklet, CONTESTS, Prepared};

/// The bureau that the law of 2024 asks for: the president or the secretary, and two of the delegates.
pub const TRUSTEES: [&str; 7] = [
    "la présidente",
    "la secrétaire",
    "le délégué de la liste 3",
    "la déléguée de la liste 9",
    "le délégué de la liste 10",
    "la déléguée de la liste 11",
    "le délégué de la liste 12",
];
/// The trustees give no result of a box with fewer ballots.
const MINIMUM: u64 = 5;
/// No contest has more voters.
const CAPACITY: u64 = 100;

/// An open ballot box and what is stored of it.
pub struct Scrutin {
    pub ballot_box: BallotBox,
    pub booklet: Booklet,
    pub seats: u64,
    /// Who may vote here, as the electoral office lists them.
    pub voters: BTreeSet<VoterId>,
    key: [u8; 32],
    pub log: Vec<u8>,
    /// How far the log has come: kept elsewhere.
    anchor: Anchor,
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
        let mut transaction = self.ballot_box.transaction();
        transaction.deposit(voter, ballot, now)?;
        let answers = store(transaction, &mut self.log, &mut self.anchor);
        Ok(answers.into_iter().find_map(Answer::receipt).expect("a deposit that is accepted has a receipt"))
    }

    /// Takes note of a challenged ballot, which never counts from then on.
    pub fn challenge(
        &mut self,
        voter: &VoterId,
        ballot: &[u8],
        now: UnixTime,
    ) -> Result<(), ChallengeRefusal> {
        let mut transaction = self.ballot_box.transaction();
        transaction.challenge(voter, ballot, now)?;
        store(transaction, &mut self.log, &mut self.anchor);
        Ok(())
    }

    fn activate(
        &mut self,
        voter: &VoterId,
        nonce: &ActivationNonce,
        activation: &Activation,
        now: UnixTime,
    ) -> Result<(), ActivationError> {
        let mut transaction = self.ballot_box.transaction();
        transaction.activate(voter, nonce, activation, now)?;
        store(transaction, &mut self.log, &mut self.anchor);
        Ok(())
    }

    fn reissue(&mut self, issue: Issue, now: UnixTime) -> Result<(), ReissueError> {
        let identity = IdentityChecked::by_application(issue.voter().clone());
        let mut transaction = self.ballot_box.transaction();
        transaction.reissue(identity, issue, now)?;
        store(transaction, &mut self.log, &mut self.anchor);
        Ok(())
    }

    /// Closes the box, and gives what is published and what the bureau is given.
    pub fn close(&mut self, now: UnixTime, rng: &mut ChaCha20Rng) -> Result<(ClosedBox, Signings), Failure> {
        let mut transaction = self.ballot_box.transaction();
        transaction.close(now, rng)?;
        store(transaction, &mut self.log, &mut self.anchor);
        Ok(self.ballot_box.closed().ok_or("the box is open")?)
    }

    /// The box as a server makes it again from its log after an outage.
    pub fn restart(&mut self) -> Result<(), Failure> {
        let key = SigningKey::from_seed(&self.key);
        let mut rebuilding = BallotBox::rebuilding(self.contest().clone(), key, self.anchor);
        rebuilding.read(&self.log)?;
        let unstored = rebuilding.finish()?;
        self.anchor = unstored.anchor();
        self.ballot_box = unstored.stored();
        Ok(())
    }

    /// What a box closes with that leaves out what came after so many bytes of the log, and hides that there ever
    /// was a later anchor.
    pub fn without_the_last(
        &self,
        log: usize,
        now: UnixTime,
        rng: &mut ChaCha20Rng,
    ) -> Result<ClosedBox, Failure> {
        let key = SigningKey::from_seed(&self.key);
        let log = self.log.get(..log).ok_or("a log that is longer")?;
        let mut rebuilding = BallotBox::rebuilding_without_anchor(self.contest().clone(), key);
        rebuilding.read(log)?;
        let mut forgetful = rebuilding.finish()?.stored();
        let mut transaction = forgetful.transaction();
        transaction.close(now, rng)?;
        transaction.stored();
        Ok(forgetful.closed().ok_or("the box is open")?.0)
    }
}

/// Stores what a transaction changed, and gives the answers: entries first, then the anchor, then they may leave.
fn store(transaction: Transaction<'_>, log: &mut Vec<u8>, anchor: &mut Anchor) -> Vec<Answer> {
    transaction.entries().iter().for_each(|entry| log.extend(entry.as_bytes()));
    *anchor = transaction.anchor();
    transaction.stored()
}

pub struct Election {
    pub trustees: Vec<Trustee>,
    /// Apart from portal and boxes, which never see a code.
    pub issuer: Issuer,
    pub scrutins: Vec<Scrutin>,
    /// The contests' fingerprints, as the trustees have them on their own pages.
    pub published: Vec<Fingerprint>,
    others: Vec<(VoterId, VotingCode)>,
    /// Two who come in the last minutes.
    pub late: [(VoterId, VotingCode); 2],
}

impl Election {
    /// The key ceremony, four contests approved by the whole bureau, and their rolls, on which the teacher
    /// stands. Gives the teacher's code too, as it stands in the letter.
    pub fn prepare(teacher: &VoterId, rng: &mut ChaCha20Rng) -> Result<(Self, VotingCode), Failure> {
        let slots = CONTESTS.iter().map(|contest| contest.lists.len()).max().unwrap_or(1);
        let (key, mut trustees) = common::run_ceremony("Élections 2022", &PANELS, slots.try_into()?, rng)?;
        for trustee in &mut trustees {
            trustee.set_minimum(MINIMUM).stored();
        }
        let issuer_key = SigningKey::generate(rng);
        let issuer_public = issuer_key.public();
        let mut issuer = Issuer::with_empty_memory(issuer_key);
        let mut prepared = Vec::new();
        for contest in &CONTESTS {
            let box_key = SigningKey::generate(rng);
            let booklet = Booklet::of(contest);
            let description = describe(contest, &booklet, &box_key, issuer_public);
            let approved = common::approve(description, &key, &mut trustees, rng)?;
            let roll = ElectoralRoll::new(approved.clone());
            prepared.push(Prepare { approved, booklet, contest, box_key, roll, voters: BTreeSet::new() });
        }

        // Letters leave two weeks before the opening.
        let issued_at = UnixTime::from_seconds(OPENS_AT.seconds() - 14 * 86_400);
        let mut register = |voter: &VoterId, rank: Option<usize>| -> Result<VotingCode, Failure> {
            let mut entitled: Vec<_> =
                prepared.iter_mut().filter(|of| rank.is_none_or(|rank| rank <= of.contest.others)).collect();
            let contests: Vec<_> = entitled.iter().map(|of| of.approved.contest().clone()).collect();
            let order = [(voter.clone(), contests.iter().collect())];
            let issued = issuer.issue(&order, Validity::UntilClose, issued_at, rng)?.stored();
            let Issued { code, issues, .. } = issued.into_iter().next().ok_or("one voter")?;
            for (issue, of) in issues.into_iter().zip(&mut entitled) {
                of.roll.register(issue)?;
                of.voters.insert(voter.clone());
            }
            Ok(code)
        };
        let letter = register(teacher, None)?;
        let late = ["agent-901", "agent-902"].map(voter_id);
        let [first, second] = late;
        let (first, second) = (first?, second?);
        let codes = (register(&first, None)?, register(&second, None)?);
        let late = [(first, codes.0), (second, codes.1)];
        let most = CONTESTS.iter().map(|contest| contest.others).max().unwrap_or(0);
        let mut others = Vec::new();
        for number in 1..=most {
            let voter = voter_id(&format!("agent-{number:03}"))?;
            let code = register(&voter, Some(number))?;
            others.push((voter, code));
        }

        let mut scrutins = Vec::new();
        for prepared in prepared {
            scrutins.push(open(&mut issuer, &mut trustees, prepared)?);
        }
        let published = scrutins.iter().map(|scrutin| scrutin.contest().contest().fingerprint()).collect();
        Ok((Election { trustees, issuer, scrutins, published, others, late }, letter))
    }

    pub fn scrutin(&mut self, number: u64) -> Option<&mut Scrutin> {
        self.scrutins.iter_mut().find(|scrutin| scrutin.number() == number)
    }

    /// What the voter's side starts from.
    pub fn session(&self, voter: &VoterId, now: UnixTime) -> Result<VoterSession, Failure> {
        let contests = self.scrutins.iter().filter_map(|scrutin| {
            let opening = scrutin.ballot_box.roll().signed_opening();
            Some((scrutin.contest().clone(), opening, scrutin.ballot_box.state(voter, now)?))
        });
        Ok(VoterSession::new(voter.clone(), &self.published, contests)?)
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
        scrutin.activate(voter, nonce, activation, now)
    }

    /// Issues a new code, to be used within two minutes, for every contest in which the voter has not voted. The
    /// boxes are asked first, the issuer draws the code, and the boxes take what it issued.
    pub fn reissue(
        &mut self,
        voter: &VoterId,
        now: UnixTime,
        rng: &mut ChaCha20Rng,
    ) -> Result<VotingCode, Failure> {
        let open = |scrutin: &&mut Scrutin| scrutin.ballot_box.can_reissue(voter, now).is_ok();
        let mut open: Vec<_> = self.scrutins.iter_mut().filter(open).collect();
        let contests: Vec<_> = open.iter().map(|scrutin| scrutin.contest().contest().clone()).collect();
        let contests: Vec<&Contest> = contests.iter().collect();
        let issued = self.issuer.reissue(voter, &contests, Validity::TWO_MINUTES, now, rng)?;
        let Issued { code, issues, .. } = issued.stored();
        for (issue, scrutin) in issues.into_iter().zip(&mut open) {
            scrutin.reissue(issue, now)?;
        }
        Ok(code)
    }

    /// Enters a code for one voter, as their device does.
    pub fn enter(
        &mut self,
        voter: &VoterId,
        code: &VotingCode,
        now: UnixTime,
        rng: &mut ChaCha20Rng,
    ) -> Result<Result<ActiveSession, ActivationError>, Failure> {
        let nonce = ActivationNonce::generate(rng);
        let entered = self.session(voter, now)?.enter_code(code, &nonce, rng);
        let (mut accepted, mut refused) = (Vec::new(), None);
        for (contest, activation) in entered.activations() {
            match self.activate(contest, voter, &nonce, activation, now) {
                Ok(()) => accepted.push(*contest),
                Err(error) => refused = Some(error),
            }
        }
        match (entered.activated(&accepted), refused) {
            (Ok(session), _) => Ok(Ok(session)),
            (Err(_), Some(error)) => Ok(Err(error)),
            (Err(error), None) => Err(error.into()),
        }
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
            let mut session = self.enter(&voter, &code, now, rng)??;
            let numbers: Vec<_> =
                session.remaining(now).map(|view| view.contest().description().number).collect();
            // Four in five take part in a contest.
            for number in numbers.into_iter().filter(|number| (number + position) % 5 > 0) {
                now = after(now, 20);
                let selection = session.choose(number, now)?.activate_selection();
                let choice = draw(selection.contest().lists(), rng);
                let casting = selection.select(choice)?.seal(rng)?.cast(now).stored();
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

fn describe(
    prepared: &Prepared,
    booklet: &Booklet,
    box_key: &SigningKey,
    issuer_key: VerifyingKey,
) -> ContestDescription {
    ContestDescription {
        election: "Élections professionnelles 2022".into(),
        number: prepared.number,
        title: prepared.title.into(),
        documents: documents_text(booklet.to_text().as_bytes()),
        lists: prepared.lists.iter().map(|name| (*name).into()).collect(),
        opens_at: OPENS_AT,
        closes_at: CLOSES_AT,
        grace: GRACE,
        capacity: CAPACITY,
        packing: None,
        quorums: None,
        box_key: box_key.public(),
        issuer_key,
    }
}

/// A contest before its box is opened.
struct Prepare<'a> {
    approved: ApprovedContest,
    booklet: Booklet,
    contest: &'a Prepared,
    box_key: SigningKey,
    roll: ElectoralRoll,
    voters: BTreeSet<VoterId>,
}

/// Box and issuer sign the opening the day before; every trustee compares the number of voters and keeps to it.
fn open(issuer: &mut Issuer, trustees: &mut [Trustee], prepared: Prepare<'_>) -> Result<Scrutin, Failure> {
    let Prepare { approved, booklet, contest: Prepared { seats, .. }, box_key, roll, voters } = prepared;
    let now = UnixTime::from_seconds(OPENS_AT.seconds() - 86_400);
    let contest = approved.contest();
    let opening = issuer.sign_opening(contest, &roll.propose(now, &box_key)?.stored())?.stored();
    let key = *box_key.expose_seed();
    let unstored = BallotBox::open(roll, opening, box_key)?;
    let log = unstored.entries().iter().flat_map(|entry| entry.as_bytes()).copied().collect();
    let anchor = unstored.anchor();
    let ballot_box = unstored.stored();
    for trustee in trustees {
        let (opening, voters) = (ballot_box.roll().signed_opening(), u64::try_from(voters.len())?);
        trustee.keep_opening(contest, &opening, voters, now)?.stored();
    }
    Ok(Scrutin { ballot_box, booklet, seats: *seats, voters, key, log, anchor })
}

/// Any list, or blank.
fn draw(lists: u8, rng: &mut ChaCha20Rng) -> Choice {
    match u8::try_from(rng.next_u32() % (u32::from(lists) + 1)) {
        Ok(list) if list > 0 => Choice::List(list),
        _ => Choice::Blank,
    }
}
