//! Benaloh's challenge: does the device seal what it is told? A voter challenges two ballots before casting the
//! third, and checks them on a second device, which has the code and nothing else from the first. Devices that cheat
//! are caught, however they lie, and what was challenged never counts.
//!
//! ```text
//! cargo run --release --example challenge
//! ```

#[macro_use]
mod tool;
#[path = "../tests/common/mod.rs"]
mod common;

use std::collections::BTreeSet;
use std::process::ExitCode;

use common::{COMPLAINTS, ENDS_AT, Failure, OPENS_AT, rng};
use rand_chacha::ChaCha20Rng;
use urne::ballot::{ChallengeError, ChallengedBallot};
use urne::ballot_box::{Answer, Complaints, DepositError, Issued, SignedBox, Transaction, Validity};
use urne::voter::{Selection, VoterSession};
use urne::{
    ActivationNonce, ApprovedContest, BallotBox, BallotReference, Choice, Credential, Issuer, OpenedTally,
    SealedBallot, SigningKey, UnixTime, VoterId, VotingCode,
};

const USAGE: &str = "\
A voter who checks the device before voting, and devices that are caught.

    challenge [OPTIONS]

    --seed N
        Makes the run repeatable. For tests: whoever knows the seed knows every secret.
";

/// What the voter wants.
const WANTED: Choice = Choice::List(1);
/// Place of the choice in a challenged ballot's bytes, after kind and version.
const CHOICE: usize = 2;

fn main() -> ExitCode {
    tool::run("Error:", || run(rng(tool::Line::read(USAGE, 0)?.option("seed")?)?))
}

fn run(mut rng: ChaCha20Rng) -> Result<(), Failure> {
    let (key, mut trustees) = common::run_ceremony("challenge", &[(1, 1)], 3, &mut rng)?;
    let [box_key, issuer_key] = [(); 2].map(|()| SigningKey::generate(&mut rng));
    let description = common::description(3, 10, &box_key, &issuer_key);
    let contest = common::approve(description, &key, &mut trustees, &mut rng)?;
    let mut issuer = Issuer::with_empty_memory(issuer_key);
    let (mut ballot_box, voter, code) = open(&contest, &mut issuer, box_key, &mut rng)?;
    let second = SecondDevice { credential: Credential::derive(contest.contest(), &code), contest: &contest };

    println!("Staged in one process: the voter, the box, and the devices, honest or not.\n");
    println!("An honest device: two ballots are challenged, the third is cast");
    let selection = select(&mut ballot_box, &voter, &code, &mut rng)?;
    let selection = challenge_two(&mut ballot_box, &voter, &second, selection, &mut rng)?;

    println!("\nA device that seals list 2 when it is told list 1");
    cheat(&mut ballot_box, &voter, &second, &mut rng)?;

    println!("\nThe honest device casts");
    cast(&mut ballot_box, &voter, selection, &mut rng)?;

    answered(&mut ballot_box, |transaction| Ok(transaction.close(ENDS_AT, &mut rng)?))?;
    let (closed, signings) = ballot_box.closed().ok_or("the box is open")?;
    let (trustee, voters) = (trustees.first_mut().ok_or("no trustee")?, BTreeSet::from([voter]));
    issuer.given(&closed, ENDS_AT)?.stored();
    let given = [trustee.given(&closed, ENDS_AT)?.stored()];
    let complaints = Complaints { seconds: COMPLAINTS, given: &given };
    let count_at = ENDS_AT.saturating_add(COMPLAINTS);
    let signature = issuer.sign_closing(&closed, &complaints, count_at)?.stored();
    let signed = SignedBox::new(closed, signature)?;
    let endorsements =
        [trustee.endorse(&signed, &signings, &voters, &complaints, count_at, &mut rng)?.stored()];
    let ready = [trustee.ready(&signed, &endorsements)?];
    let factors = [trustee.give_factors(&signed, &endorsements, &ready, &mut rng)?.stored()];
    let opened = OpenedTally::open(&signed, &endorsements, &factors)?;
    if (opened.result().votes(), opened.result().blank()) != (&[1, 0, 0][..], 0) {
        return Err("the result is not the one ballot that was cast".into());
    }
    println!("\nIn the result: one vote for list 1, the ballot that was cast, and none that was challenged.");
    Ok(())
}

/// The box, with the one voter on its roll.
fn open(
    contest: &ApprovedContest,
    issuer: &mut Issuer,
    box_key: SigningKey,
    rng: &mut ChaCha20Rng,
) -> Result<(BallotBox, VoterId, VotingCode), Failure> {
    let [letters, opening] = [7_200, 3_600].map(|before| UnixTime::from_seconds(OPENS_AT.seconds() - before));
    let voter = VoterId::new("anne").ok_or("an empty id")?;
    let voters = [(voter.clone(), vec![contest.contest()])];
    let issued = issuer.issue(&voters, Validity::UntilClose, letters, rng)?.stored();
    let Issued { code, .. } = issued.into_iter().next().ok_or("one voter")?;
    let roll = issuer.electoral_roll(contest)?;
    let opening =
        issuer.sign_opening(contest.contest(), &roll.propose(opening, &box_key)?.stored())?.stored();
    let ballot_box = BallotBox::open(roll, opening, box_key)?.stored();
    Ok((ballot_box, voter, code))
}

/// A change of the box. A real one stores its entries and then its anchor before it answers, as the example
/// `voter_flow` does; here there is nobody to answer.
fn answered(
    ballot_box: &mut BallotBox,
    change: impl FnOnce(&mut Transaction<'_>) -> Result<(), Failure>,
) -> Result<Vec<Answer>, Failure> {
    let mut transaction = ballot_box.transaction();
    change(&mut transaction)?;
    Ok(transaction.stored())
}

/// Enters the code and goes to the contest's ballot.
fn select(
    ballot_box: &mut BallotBox,
    voter: &VoterId,
    code: &VotingCode,
    rng: &mut ChaCha20Rng,
) -> Result<Selection, Failure> {
    let contest = ballot_box.contest().clone();
    let number = contest.contest().description().number;
    let state = ballot_box.state(voter, OPENS_AT).ok_or("the voter is not on the roll")?;
    let opening = ballot_box.roll().signed_opening();
    // As the trustee publishes it.
    let published = [contest.contest().fingerprint()];
    let session = VoterSession::new(voter.clone(), &published, [(contest, opening, state)])?;
    let nonce = ActivationNonce::generate(rng);
    let entered = session.enter_code(code, &nonce, rng);
    let mut accepted = Vec::new();
    for (contest, activation) in entered.activations() {
        answered(ballot_box, |transaction| Ok(transaction.activate(voter, &nonce, activation, OPENS_AT)?))?;
        accepted.push(*contest);
    }
    Ok(entered.activated(&accepted)?.choose(number, OPENS_AT)?.activate_selection())
}

/// Another device of the voter's, into which they type the code and the reference that they were shown.
struct SecondDevice<'a> {
    contest: &'a ApprovedContest,
    credential: Credential,
}

impl SecondDevice<'_> {
    fn check(&self, opened: &ChallengedBallot, shown: &BallotReference) -> Result<(), ChallengeError> {
        opened.verify(self.contest, shown, &self.credential.public(), WANTED)
    }
}

/// The reference is shown first. Only then the voter says whether to challenge the ballot or to cast it, so the
/// device cannot know when it is watched.
fn challenge_two(
    ballot_box: &mut BallotBox,
    voter: &VoterId,
    second: &SecondDevice<'_>,
    mut selection: Selection,
    rng: &mut ChaCha20Rng,
) -> Result<Selection, Failure> {
    for _ in 0..2 {
        let sealed = selection.select(WANTED)?.seal(rng)?;
        let shown = sealed.reference();
        println!("  shown   {shown}");
        let challenging = sealed.challenge();
        never_counts(ballot_box, voter, challenging.ballot())?;
        let (opened, again) = challenging.noted();
        selection = again;
        second.check(&opened, &shown)?;
        println!("          the second device: it holds what was chosen");
    }
    Ok(selection)
}

fn cast(
    ballot_box: &mut BallotBox,
    voter: &VoterId,
    selection: Selection,
    rng: &mut ChaCha20Rng,
) -> Result<(), Failure> {
    let sealed = selection.select(WANTED)?.seal(rng)?;
    println!("  cast    {}", sealed.reference());
    // A device that keeps its dossier would store it between the two.
    let casting = sealed.cast(OPENS_AT).stored();
    let deposit =
        answered(ballot_box, |transaction| Ok(transaction.deposit(voter, casting.ballot(), OPENS_AT)?))?;
    let receipt = deposit.into_iter().find_map(Answer::receipt).ok_or("a deposit without a receipt")?;
    casting.acknowledge(receipt, OPENS_AT, 0)?;
    println!("          deposited, and the receipt holds");
    Ok(())
}

/// The box gets the ballot's bytes, with neither choice nor nonce, and never takes it: not now, and not in the
/// last second.
fn never_counts(ballot_box: &mut BallotBox, voter: &VoterId, ballot: &[u8]) -> Result<(), Failure> {
    answered(ballot_box, |transaction| Ok(transaction.challenge(voter, ballot, OPENS_AT)?))?;
    // Told again, it has nothing new to store.
    let mut again = ballot_box.transaction();
    again.challenge(voter, ballot, OPENS_AT)?;
    if !again.entries().is_empty() {
        return Err("the box has forgotten a challenged ballot".into());
    }
    match again.deposit(voter, ballot, OPENS_AT) {
        Err(error @ DepositError::Challenged) => println!("          the box: {error}"),
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("the box has taken a challenged ballot".into()),
    }
    Ok(())
}

/// A device with malware. It makes good ballots, with good proofs; what it cannot do is open them as
/// something else.
struct CheatingDevice {
    sealed: SealedBallot,
}

impl CheatingDevice {
    /// Told list 1, it takes the vote for list 2.
    fn seal(second: &SecondDevice<'_>, rng: &mut ChaCha20Rng) -> Result<Self, Failure> {
        // It has the voter's credential, since the code was entered into it too.
        let sealed = SealedBallot::seal(second.contest, Choice::List(2), &second.credential, rng)?;
        println!("  shown   {}", sealed.reference());
        Ok(CheatingDevice { sealed })
    }

    /// Says that it has sealed what it was told.
    fn lie(self) -> Result<ChallengedBallot, Failure> {
        let mut bytes = self.sealed.challenge().expose_bytes();
        *bytes.get_mut(CHOICE).ok_or("an opening without a choice")? = 1;
        Ok(ChallengedBallot::from_bytes(&bytes)?)
    }
}

fn cheat(
    ballot_box: &mut BallotBox,
    voter: &VoterId,
    second: &SecondDevice<'_>,
    rng: &mut ChaCha20Rng,
) -> Result<(), Failure> {
    let device = CheatingDevice::seal(second, rng)?;
    let shown = device.sealed.reference();
    match second.check(&device.sealed.challenge(), &shown) {
        Err(error @ ChallengeError::Meant) => println!("          caught: {error}"),
        other => return Err(format!("the cheating device was not caught: {other:?}").into()),
    }

    println!("The same device, which lies about the choice, and whose ballot never counts either");
    let device = CheatingDevice::seal(second, rng)?;
    let shown = device.sealed.reference();
    let lie = device.lie()?;
    never_counts(ballot_box, voter, lie.ballot())?;
    match second.check(&lie, &shown) {
        Err(error @ ChallengeError::Slot { slot: 1 }) => println!("          caught: {error}"),
        other => return Err(format!("a false opening passes: {other:?}").into()),
    }

    println!("The same device, which opens another ballot, one that holds list 1");
    let device = CheatingDevice::seal(second, rng)?;
    let shown = device.sealed.reference();
    let other = SealedBallot::seal(second.contest, WANTED, &second.credential, rng)?.challenge();
    match second.check(&other, &shown) {
        Err(error @ ChallengeError::Reference { .. }) => println!("          caught: {error}"),
        other => return Err(format!("another ballot passes for the one shown: {other:?}").into()),
    }

    println!("The same device, which shows the reference of another voter's ballot for list 1");
    let stranger = Credential::derive(second.contest.contest(), &VotingCode::generate(rng));
    let theirs = SealedBallot::seal(second.contest, WANTED, &stranger, rng)?;
    let shown = theirs.reference();
    println!("  shown   {shown}");
    match second.check(&theirs.challenge(), &shown) {
        Err(error @ ChallengeError::Credential { .. }) => println!("          caught: {error}"),
        other => return Err(format!("another voter's ballot passes: {other:?}").into()),
    }
    Ok(())
}
