//! A whole election of one contest, from the key ceremony to an audited result: the CSA of the French
//! ministry of higher education of December 2022, with 12 lists, seven trustees of whom three open the
//! tally, and one who publishes a false decryption factor and is named.
//!
//! ```text
//! cargo run --release --example election
//! cargo run --release --example election -- --ballots 52025 --record record.json
//! ```

#[path = "../common/mod.rs"]
mod common;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use common::{CLOSES_AT, Failure, OPENS_AT, fork, rng};
use rand_chacha::ChaCha20Rng;
use show::{Phase, bar};
use urne::audit::AuditReport;
use urne::ballot::verify_stream;
use urne::closed_box::{ClosedBox, Closing};
use urne::decryption::{DecryptionFactors, Endorsement};
use urne::rand_core::Rng;
use urne::{
    ApprovedContest, BoxSecretKey, Choice, Credential, OpenedTally, Record, Roll, SealedBallot, Threshold,
    Trustee, UnixTime, VotingCode,
};

/// One contest from the key ceremony to an audited result.
#[derive(Parser)]
struct Arguments {
    /// How many voters cast a ballot. In 2022 it was 52025.
    #[arg(long, default_value_t = 3_000)]
    ballots: u32,
    /// How many lists there are.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u8).range(1..))]
    lists: u8,
    /// How many trustees hold the key.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..))]
    trustees: u8,
    /// How many trustees open the tally.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    threshold: u8,
    /// Where to write the election record, in JSON.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Makes the whole run repeatable. For tests: whoever knows the seed knows every secret.
    #[arg(long)]
    seed: Option<u64>,
}

/// Voters on the roll for each ballot cast: 52,025 were 19.21 % of them.
const VOTERS_PER_TEN_THOUSAND_BALLOTS: u64 = 52_056;
/// One voter in so many has their code reissued.
const REISSUED: usize = 100;
/// Seats of the committee.
const SEATS: u64 = 15;
/// Votes in ten thousand for each list, then blank. Known are 24.14 % for UNSA and 18.1 % for FERC CGT
/// of the votes for lists, and the seats; everything else is invented to fit them.
const SHARES: [u64; 13] = [250, 740, 1737, 100, 160, 290, 90, 140, 1540, 2317, 680, 1556, 400];

struct Voter {
    credential: Credential,
    rng: ChaCha20Rng,
}

fn main() -> ExitCode {
    common::exit(run(Arguments::parse()))
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut rng = rng(arguments.seed)?;
    let threshold = Threshold::new(arguments.threshold, arguments.trustees)?;
    show::title(&arguments, threshold);

    let phase = Phase::start("key ceremony");
    let (key, mut trustees) = common::run_ceremony("CSAMESR 2022", threshold, arguments.lists, &mut rng)?;
    let box_key = BoxSecretKey::generate(&mut rng);
    let contest = common::approved_contest(arguments.lists, &key, &trustees, &box_key, &mut rng)?;
    phase.done(u64::from(threshold.trustees()), "trustees");
    println!("    fingerprint {}", contest.fingerprint());

    let (roll, voters) = open_roll(&contest, arguments.ballots, &box_key, &mut rng)?;
    let ballots = vote(&contest, voters, &mut rng)?;
    let closed = close(&contest, roll, ballots, &box_key)?;
    let opened = open(&closed, &mut trustees, &mut rng)?;
    show::result(
        contest.contest(),
        opened.result(),
        &common::highest_averages(opened.result().votes(), SEATS),
    );

    let record = Record::new(&closed, &opened);
    audit(&record)?;
    if let Some(file) = arguments.record {
        std::fs::write(&file, record.to_json())?;
        println!("\nThe record is in {}.", file.display());
    }
    Ok(())
}

/// Issues a code to every voter, opens the roll, and reissues some codes.
fn open_roll(
    contest: &ApprovedContest,
    ballots: u32,
    box_key: &BoxSecretKey,
    rng: &mut ChaCha20Rng,
) -> Result<(Roll, Vec<Voter>), Failure> {
    let size = (u64::from(ballots) * VOTERS_PER_TEN_THOUSAND_BALLOTS).div_ceil(10_000);
    let phase = Phase::start("electoral roll");
    let progress = bar(size);
    let mut voters: Vec<Voter> = Vec::new();
    for _ in 0..size {
        let credential = Credential::derive(contest.contest(), &VotingCode::generate(rng));
        voters.push(Voter { credential, rng: fork(rng) });
        progress.inc(1);
    }
    let credentials = voters.iter().map(|voter| voter.credential.public()).collect();
    let at = UnixTime::from_seconds(OPENS_AT.seconds() - 60);
    let mut roll = Roll::open(contest.contest(), credentials, at, box_key)?;
    for voter in voters.iter_mut().step_by(REISSUED) {
        let reissued = Credential::derive(contest.contest(), &VotingCode::generate(rng));
        roll.reissue(&voter.credential.public(), reissued.public())?;
        voter.credential = reissued;
    }
    progress.finish_and_clear();
    phase.done(size, "voters");
    voters.truncate(usize::try_from(ballots)?);
    Ok((roll, voters))
}

/// Seals everyone's ballot, as their devices would, and verifies them as they come in.
fn vote(
    contest: &ApprovedContest,
    voters: Vec<Voter>,
    rng: &mut ChaCha20Rng,
) -> Result<Vec<Vec<u8>>, Failure> {
    let count = u64::try_from(voters.len())?;
    let phase = Phase::start("sealing");
    let progress = bar(count);
    let mut ballots = Vec::with_capacity(voters.len());
    for mut voter in voters {
        let choice = choose(contest.contest().lists(), rng);
        let sealed = SealedBallot::seal(contest, choice, &voter.credential, &mut voter.rng)?;
        ballots.push(sealed.cast());
        progress.inc(1);
    }
    progress.finish_and_clear();
    phase.done(count, "ballots");

    let phase = Phase::start("verification in batches");
    let progress = bar(count);
    for verdict in verify_stream(contest, &ballots) {
        verdict?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    phase.done(count, "ballots");
    Ok(ballots)
}

/// A list by the shares of the real result, or blank.
fn choose(lists: u8, rng: &mut ChaCha20Rng) -> Choice {
    // With another number of lists, all are as likely.
    let draw = rng.next_u64();
    if usize::from(lists) != common::LISTS.len() {
        return match u8::try_from(draw % (u64::from(lists) + 1)) {
            Ok(list) if list > 0 => Choice::List(list),
            _ => Choice::Blank,
        };
    }
    let mut left = draw % SHARES.iter().sum::<u64>();
    for (list, share) in (1..=lists).zip(SHARES) {
        if left < share {
            return Choice::List(list);
        }
        left -= share;
    }
    Choice::Blank
}

/// The box signs its closing, and the closed box is verified as every trustee does for itself.
fn close(
    contest: &ApprovedContest,
    roll: Roll,
    ballots: Vec<Vec<u8>>,
    box_key: &BoxSecretKey,
) -> Result<ClosedBox, Failure> {
    let count = u64::try_from(ballots.len())?;
    let phase = Phase::start("verification of the closed box");
    let references: Vec<_> =
        ballots.iter().map(|bytes| urne::BallotReference::of(contest.contest(), bytes)).collect();
    let closing = Closing::sign(contest.contest(), &roll, &references, CLOSES_AT, box_key)?;
    let progress = bar(count);
    let mut tick = |done: usize| progress.set_position(done.try_into().unwrap_or(u64::MAX));
    let closed = ClosedBox::verify(contest.clone(), roll, ballots, closing, &mut tick)?;
    progress.finish_and_clear();
    phase.done(count, "ballots");
    println!("    closing {}", closed.digest());
    Ok(closed)
}

/// Trustees endorse the closing and give their factors, one of them false ones.
fn open(closed: &ClosedBox, trustees: &mut [Trustee], rng: &mut ChaCha20Rng) -> Result<OpenedTally, Failure> {
    let phase = Phase::start("opening the tally");
    let endorsements: Vec<Endorsement> = trustees
        .iter_mut()
        .map(|trustee| trustee.endorse(closed, CLOSES_AT, rng))
        .collect::<Result<_, _>>()?;
    let mut factors = Vec::new();
    if closed.tally().count() > 0 {
        for trustee in trustees.iter() {
            factors.push(trustee.decrypt(closed, &endorsements, rng)?);
        }
    }
    // With a trustee to spare, the second one lies.
    let spare = trustees.len() > usize::from(closed.contest().contest().threshold().required());
    if let Some(second) = factors.get_mut(1).filter(|_| spare) {
        *second = falsify(second)?;
    }
    let opened = OpenedTally::open(closed, &endorsements, &factors)?;
    phase.done(u64::try_from(factors.len())?, "trustees");
    println!("    {} trustees endorse the closing", endorsements.len());
    for error in opened.rejected() {
        println!("    left out: {error}");
    }
    Ok(opened)
}

/// The factors with those of the first two lists exchanged, which would exchange their votes; with one
/// list only, the identity in place of its factor.
fn falsify(factors: &DecryptionFactors) -> Result<DecryptionFactors, Failure> {
    let mut encodings = factors.factors();
    if encodings.len() > 1 {
        encodings.swap(0, 1);
    } else {
        encodings.fill([0; 32]);
    }
    Ok(DecryptionFactors::from_encodings(factors.trustee(), &encodings, *factors.proof())?)
}

/// What any outsider does with the record.
fn audit(record: &Record) -> Result<(), Failure> {
    let count = u64::try_from(record.ballots.len())?;
    let phase = Phase::start("audit of the record");
    let progress = bar(count);
    let mut tick = |done: usize| progress.set_position(done.try_into().unwrap_or(u64::MAX));
    let report = AuditReport::of(record, &mut tick);
    progress.finish_and_clear();
    phase.done(count, "ballots");
    print!("{report}");
    report.verdict().map_err(|_| "the audit refuses the record")?;
    println!("The record holds.");
    Ok(())
}
