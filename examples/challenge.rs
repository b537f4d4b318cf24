//! Benaloh's challenge: does the device seal what it is told? A voter opens two ballots before casting the
//! third. Two devices that cheat are caught: one that seals another choice, and one that lies about it too.
//!
//! ```text
//! cargo run --release --example challenge
//! ```

mod common;

use std::process::ExitCode;

use clap::Parser;
use common::{CLOSES_AT, Failure, OPENS_AT, rng};
use rand_chacha::ChaCha20Rng;
use urne::ballot::{ChallengeError, ChallengedBallot};
use urne::ballot_box::{BallotBox, DepositError};
use urne::electoral_roll::{ElectoralRoll, Issue, Validity};
use urne::voter::{Selection, VoterSession};
use urne::{
    ActivationNonce, ApprovedContest, BallotReference, BoxSecretKey, Choice, Credential, OpenedTally,
    SealedBallot, Threshold, UnixTime, VoterId, VotingCode,
};

/// A voter who checks the device before voting, and two devices that are caught.
#[derive(Parser)]
struct Arguments {
    /// Makes the run repeatable. For tests: whoever knows the seed knows every secret.
    #[arg(long)]
    seed: Option<u64>,
}

/// What the voter wants.
const WANTED: Choice = Choice::List(1);
/// Place of the choice in a challenged ballot's bytes, after the version.
const CHOICE: usize = 1;

fn main() -> ExitCode {
    common::exit(run(Arguments::parse()))
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut rng = rng(arguments.seed)?;
    let threshold = Threshold::new(1, 1)?;
    let (key, mut trustees) = common::run_ceremony("challenge", threshold, 3, &mut rng)?;
    let box_key = BoxSecretKey::generate(&mut rng);
    let contest = common::approved_contest(3, &key, &trustees, &box_key, &mut rng)?;
    let (voter, code) = (VoterId::new("anne").ok_or("an empty id")?, VotingCode::generate(&mut rng));
    let credential = Credential::derive(contest.contest(), &code);
    let mut roll = ElectoralRoll::new(contest.clone());
    let before = UnixTime::from_seconds(OPENS_AT.seconds() - 3_600);
    let issue = Issue { credential: credential.public(), issued_at: before, validity: Validity::UntilClose };
    roll.register(voter.clone(), issue)?;
    let (mut ballot_box, _) = BallotBox::open(roll, before, box_key)?;

    println!("An honest device: two ballots are opened, the third is cast");
    let selection = select(&mut ballot_box, &voter, &code, &mut rng)?;
    honest(&mut ballot_box, &voter, selection, &mut rng)?;

    println!("\nA device that seals list 2 when it is told list 1");
    cheat(&contest, &credential, &mut rng)?;

    let (closed, _) = ballot_box.close(CLOSES_AT)?;
    let trustee = trustees.first_mut().ok_or("no trustee")?;
    let endorsements = [trustee.endorse(&closed, CLOSES_AT, &mut rng)?];
    let factors = [trustee.decrypt(&closed, &endorsements, &mut rng)?];
    let opened = OpenedTally::open(&closed, &endorsements, &factors)?;
    if (opened.result().votes(), opened.result().blank()) != (&[1, 0, 0][..], 0) {
        return Err("the result is not the one ballot that was cast".into());
    }
    println!("\nIn the result: one vote for list 1, the ballot that was cast, and none that was opened.");
    Ok(())
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
    let session = VoterSession::new(voter.clone(), [(contest, state)])?;
    let nonce = ActivationNonce::generate(rng);
    let entered = session.enter_code(code, &nonce, rng);
    let mut accepted = Vec::new();
    for (contest, activation) in entered.activations() {
        ballot_box.activate(voter, &nonce, activation, OPENS_AT)?;
        accepted.push(*contest);
    }
    Ok(entered.activated(&accepted)?.choose(number, OPENS_AT)?.activate_selection())
}

/// The reference is shown first. Only then the voter says whether to open the ballot or to cast it, so the
/// device cannot know when it is watched.
fn honest(
    ballot_box: &mut BallotBox,
    voter: &VoterId,
    mut selection: Selection,
    rng: &mut ChaCha20Rng,
) -> Result<(), Failure> {
    for _ in 0..2 {
        let sealed = selection.select(WANTED)?.seal(rng)?;
        let shown = sealed.reference();
        let (opened, again) = sealed.challenge();
        selection = again;
        println!("  opened  {shown}");
        let choice = opened.verify(ballot_box.contest(), &shown)?;
        if choice != WANTED {
            return Err("an honest device has sealed another choice".into());
        }
        println!("          it holds what was chosen: {}", name(choice));
        refuse_for_ever(ballot_box, voter, &opened)?;
    }
    let sealed = selection.select(WANTED)?.seal(rng)?;
    println!("  cast    {}", sealed.reference());
    let casting = sealed.cast(OPENS_AT);
    let receipt = ballot_box.deposit(voter, casting.ballot(), OPENS_AT)?.receipt;
    casting.acknowledge(receipt, OPENS_AT, 0)?;
    println!("          deposited, and the receipt holds");
    Ok(())
}

/// An opened ballot tells its choice to whoever has seen it, so the box is told, and never takes it.
fn refuse_for_ever(
    ballot_box: &mut BallotBox,
    voter: &VoterId,
    opened: &ChallengedBallot,
) -> Result<(), Failure> {
    ballot_box.refuse_opened(opened)?.ok_or("the box knew this ballot already")?;
    let last_second = UnixTime::from_seconds(CLOSES_AT.seconds() - 1);
    for (when, at) in [("now", OPENS_AT), ("in the last second", last_second)] {
        match ballot_box.deposit(voter, opened.ballot(), at) {
            Err(error @ DepositError::Opened) => println!("          sent to the box {when}: {error}"),
            Err(error) => return Err(error.into()),
            Ok(_) => return Err("the box has taken an opened ballot".into()),
        }
    }
    // A second notice changes nothing.
    match ballot_box.refuse_opened(opened)? {
        None => Ok(()),
        Some(_) => Err("the box has forgotten an opened ballot".into()),
    }
}

/// A device with malware. It makes good ballots, with good proofs; what it cannot do is open them as
/// something else.
struct CheatingDevice {
    sealed: SealedBallot,
}

impl CheatingDevice {
    /// Takes the votes of list 1 for list 2.
    fn seal(
        contest: &ApprovedContest,
        told: Choice,
        credential: &Credential,
        rng: &mut ChaCha20Rng,
    ) -> Result<Self, Failure> {
        let choice = if told == Choice::List(1) { Choice::List(2) } else { told };
        Ok(CheatingDevice { sealed: SealedBallot::seal(contest, choice, credential, rng)? })
    }

    fn reference(&self) -> BallotReference {
        self.sealed.reference()
    }

    /// Opens what it has sealed.
    fn open(self) -> ChallengedBallot {
        self.sealed.challenge()
    }

    /// Says that it has sealed what it was told.
    fn lie(self) -> Result<ChallengedBallot, Failure> {
        let mut bytes = self.sealed.challenge().to_bytes();
        *bytes.get_mut(CHOICE).ok_or("an opening without a choice")? = 1;
        Ok(ChallengedBallot::from_bytes(&bytes)?)
    }
}

fn cheat(contest: &ApprovedContest, credential: &Credential, rng: &mut ChaCha20Rng) -> Result<(), Failure> {
    let device = CheatingDevice::seal(contest, WANTED, credential, rng)?;
    let shown = device.reference();
    println!("  opened  {shown}");
    let choice = device.open().verify(contest, &shown)?;
    if choice == WANTED {
        return Err("the cheating device was not caught".into());
    }
    println!("          caught: told {}, it has sealed {}", name(WANTED), name(choice));

    println!("The same device, which lies in the opening");
    let device = CheatingDevice::seal(contest, WANTED, credential, rng)?;
    let shown = device.reference();
    println!("  opened  {shown}");
    match device.lie()?.verify(contest, &shown) {
        Err(error @ ChallengeError::List { list: 1 }) => println!("          caught: {error}"),
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("a false opening passes".into()),
    }

    println!("The same device, which opens another ballot, one that holds list 1");
    let device = CheatingDevice::seal(contest, WANTED, credential, rng)?;
    let shown = device.reference();
    println!("  opened  {shown}");
    let other = SealedBallot::seal(contest, WANTED, credential, rng)?.challenge();
    match other.verify(contest, &shown) {
        Err(error @ ChallengeError::Reference { .. }) => println!("          caught: {error}"),
        Err(error) => return Err(error.into()),
        Ok(_) => return Err("another ballot passes for the one that was shown".into()),
    }
    Ok(())
}

fn name(choice: Choice) -> String {
    match choice {
        Choice::List(list) => format!("list {list}"),
        Choice::Blank => "blank".into(),
    }
}
