//! A whole election of one contest, from the key ceremony to an audited result: the CSA of the French
//! ministry of higher education of December 2022, with 12 lists, and the bureau that the law of 2024 asks for:
//! president and secretary, of whom one is needed, and five delegates, of whom two are. The secretary is away, and
//! one delegate gives false decryption factors under a good signature and is named.
//!
//! ```text
//! cargo run --release --example election
//! cargo run --release --example election -- --ballots 52025 --record record.json
//! cargo run --release --example election -- --panel 2/3 --quorum 3 --lists 7 --packing 3
//! ```
//!
//! All roles are in this one process, and what a real box and its trustees would store before they answer is made and
//! dropped.

#[macro_use]
#[path = "../tool.rs"]
mod tool;

mod bureau;
#[path = "../chart.rs"]
mod chart;
#[path = "../../tests/common/mod.rs"]
mod common;
mod show;

use std::collections::BTreeSet;
use std::num::NonZeroU8;
use std::path::PathBuf;
use std::process::ExitCode;

use bureau::Panels;
use common::{COMPLAINTS, ENDS_AT, Failure, OPENS_AT, fork, rng};
use rand_chacha::ChaCha20Rng;
use show::{Phase, bar};
use tool::{Line, OutFile};
use urne::ballot::verify_stream;
use urne::ballot_box::{ClosedBox, Complaints, GivenClosing, IdentityChecked, Issued, SignedBox, Validity};
use urne::contest::Packing;
use urne::rand_core::Rng;
use urne::{
    Activation, ActivationNonce, ApprovedContest, AuditReport, BallotBox, Choice, ClosedRecord, Contest,
    Credential, Issuer, Record, SealedBallot, SigningKey, UnixTime, VoterId,
};

const USAGE: &str = "\
One contest from the key ceremony to an audited result.

    election [OPTIONS]

    --ballots N
        How many voters cast a ballot: 3000, if nothing else is said. In 2022 it was 52025.
    --lists N
        How many lists there are: 12, if nothing else is said.
    --packing N
        How many lists share a slot. Without it: two, where the capacity allows it.
    --panel T/N
        A panel of the bureau: how many of how many trustees open the tally. May be given several times.
    --quorum Q
        How many trustees of the panel before it must endorse the closing. Without one: the safe quorum in the
        largest panel, the threshold in the others.
    --record FILE
        Where to write the election record, in JSON.
    --seed N
        Makes the whole run repeatable. For tests: whoever knows the seed knows every secret.
";

struct Arguments {
    ballots: u32,
    lists: u8,
    packing: Option<NonZeroU8>,
    panels: Panels,
    record: Option<PathBuf>,
    seed: Option<u64>,
}

impl Arguments {
    fn of(line: &Line) -> Result<Self, Failure> {
        Ok(Arguments {
            ballots: line.option("ballots")?.unwrap_or(3_000),
            lists: line.option("lists")?.map_or(12, NonZeroU8::get),
            packing: line.option("packing")?,
            panels: Panels::of(line)?,
            record: line.option("record")?,
            seed: line.option("seed")?,
        })
    }
}

/// Ballots cast and voters on the roll in 2022, 19.21 %: the ratio that is kept.
const IN_2022: (u64, u64) = (52_025, 270_824);
/// One voter in so many has their code reissued.
const REISSUED: usize = 100;
/// Ballots that the box takes at a time.
const AT_A_TIME: usize = 1_024;
/// Seats of the committee.
const SEATS: u64 = 15;
/// Votes in ten thousand for each list, then blank. Known are 24.14 % for UNSA and 18.1 % for FERC CGT
/// of the votes for lists, and the seats; everything else is invented to fit them.
const SHARES: [u64; 13] = [250, 740, 1737, 100, 160, 290, 90, 140, 1540, 2317, 680, 1556, 400];

struct Voter {
    id: VoterId,
    credential: Credential,
    rng: ChaCha20Rng,
}

fn main() -> ExitCode {
    tool::run("Error:", || run(&Arguments::of(&Line::read(USAGE, 0)?)?))
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let file = arguments.record.as_deref().map(OutFile::open).transpose()?;
    let mut rng = rng(arguments.seed)?;
    show::title(arguments);
    let size = (u64::from(arguments.ballots) * IN_2022.1).div_ceil(IN_2022.0).max(1);

    let phase = Phase::start("key ceremony");
    let (key, mut trustees) =
        common::run_ceremony("CSAMESR 2022", &arguments.panels.panels, arguments.lists, &mut rng)?;
    let [box_key, issuer_key] = [(); 2].map(|()| SigningKey::generate(&mut rng));
    let mut description = common::description(arguments.lists, size, &box_key, &issuer_key);
    description.packing = arguments.packing.and_then(|packing| Packing::new(packing.get()));
    let defaults = Contest::new(description.clone(), &key)?.quorums().to_vec();
    description.quorums = arguments.panels.quorums(&defaults);
    let contest = common::approve(description, &key, &mut trustees, &mut rng)?;
    phase.done(u64::try_from(trustees.len())?, "trustees");
    show::contest(contest.contest());

    let mut issuer = Issuer::with_empty_memory(issuer_key);
    let (mut ballot_box, mut voters, everyone) = open(&contest, &mut issuer, box_key, size, &mut rng)?;
    voters.truncate(usize::try_from(arguments.ballots)?);
    let ballots = seal(&contest, voters, &mut rng)?;
    deposit(&mut ballot_box, &ballots)?;

    let mut transaction = ballot_box.transaction();
    transaction.close(ENDS_AT, &mut rng)?;
    transaction.stored();
    let (closed, signings) = ballot_box.closed().ok_or("the box is open")?;
    let closed = verify(&closed)?;
    // Every trustee has published the digest of the closing that it was given, and a day later nobody has complained.
    issuer.given(&closed, ENDS_AT)?.stored();
    let given: Vec<GivenClosing> = trustees
        .iter_mut()
        .map(|trustee| Ok(trustee.given(&closed, ENDS_AT)?.stored()))
        .collect::<Result<_, Failure>>()?;
    let complaints = Complaints { seconds: COMPLAINTS, given: &given };
    let now = ENDS_AT.saturating_add(COMPLAINTS);
    let signature = issuer.sign_closing(&closed, &complaints, now)?.stored();
    let signed = SignedBox::new(closed, signature)?;
    let opened = bureau::count(&signed, &signings, &everyone, (&complaints, now), &mut trustees, &mut rng)?;
    show::result(contest.contest(), opened.result(), SEATS);

    let record = Record::new(&signed, &opened);
    audit(&record)?;
    if let Some((file, place)) = file.zip(arguments.record.as_deref()) {
        file.write(record.to_json())?;
        println!("\nThe record is in {}.", tool::shown(place));
    }
    Ok(())
}

/// The issuer makes a code for every voter, box and issuer open the roll, and some codes are issued anew.
fn open(
    contest: &ApprovedContest,
    issuer: &mut Issuer,
    box_key: SigningKey,
    size: u64,
    rng: &mut ChaCha20Rng,
) -> Result<(BallotBox, Vec<Voter>, BTreeSet<VoterId>), Failure> {
    let phase = Phase::start("codes, roll, opening");
    let progress = bar(size);
    let [letters, opening, reissue] =
        [7_200, 3_600, 0].map(|before| UnixTime::from_seconds(OPENS_AT.seconds() - before));
    let contests = [contest.contest()];
    let mut orders = Vec::new();
    for number in 1..=size {
        let id = VoterId::new(format!("voter {number}")).ok_or("1 to 256 bytes")?;
        orders.push((id, contests.to_vec()));
    }
    let issued = issuer.issue(&orders, Validity::UntilClose, letters, rng)?.stored();
    let mut voters: Vec<Voter> = Vec::new();
    for Issued { voter: id, code, .. } in issued {
        voters.push(Voter { id, credential: Credential::derive(contest.contest(), &code), rng: fork(rng) });
        progress.inc(1);
    }
    let roll = issuer.electoral_roll(contest)?;
    let proposed = roll.propose(opening, &box_key)?.stored();
    let opening = issuer.sign_opening(contest.contest(), &proposed)?.stored();
    let mut ballot_box = BallotBox::open(roll, opening, box_key)?.stored();
    for voter in voters.iter_mut().step_by(REISSUED) {
        ballot_box.can_reissue(&voter.id, reissue)?;
        let issued = issuer.reissue(&voter.id, &contests, Validity::UntilClose, reissue, rng)?;
        let Issued { code, issues, .. } = issued.stored();
        for issue in issues {
            let identity = IdentityChecked::by_application(voter.id.clone());
            let mut transaction = ballot_box.transaction();
            transaction.reissue(identity, issue, reissue)?;
            transaction.stored();
        }
        voter.credential = Credential::derive(contest.contest(), &code);
    }
    progress.finish_and_clear();
    phase.done(size, "voters");
    let everyone = voters.iter().map(|voter| voter.id.clone()).collect();
    Ok((ballot_box, voters, everyone))
}

/// A ballot on its way, with the answer to the box's nonce that activates the voter's code.
struct Cast {
    voter: VoterId,
    nonce: ActivationNonce,
    activation: Activation,
    ballot: Vec<u8>,
}

/// What everyone's device does: answers the nonce, seals the choice.
fn seal(contest: &ApprovedContest, voters: Vec<Voter>, rng: &mut ChaCha20Rng) -> Result<Vec<Cast>, Failure> {
    let count = u64::try_from(voters.len())?;
    let phase = Phase::start("sealing");
    let progress = bar(count);
    let mut cast = Vec::with_capacity(voters.len());
    for Voter { id, credential, rng: mut own } in voters {
        let nonce = ActivationNonce::generate(rng);
        let activation = Activation::new(&credential, &nonce, &mut own);
        let choice = choose(contest.contest().lists(), rng);
        let ballot = SealedBallot::seal(contest, choice, &credential, &mut own)?.cast();
        cast.push(Cast { voter: id, nonce, activation, ballot });
        progress.inc(1);
    }
    progress.finish_and_clear();
    phase.done(count, "ballots");

    let phase = Phase::start("verification in batches");
    let progress = bar(count);
    for verdict in verify_stream(contest.contest(), cast.iter().map(|cast| &cast.ballot), None) {
        verdict?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    phase.done(count, "ballots");
    Ok(cast)
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

/// The box activates the codes, and takes the ballots.
fn deposit(ballot_box: &mut BallotBox, ballots: &[Cast]) -> Result<(), Failure> {
    let count = u64::try_from(ballots.len())?;
    let phase = Phase::start("activation and deposit");
    let progress = bar(count);
    for some in ballots.chunks(AT_A_TIME) {
        let mut transaction = ballot_box.transaction();
        for Cast { voter, nonce, activation, .. } in some {
            transaction.activate(voter, nonce, activation, OPENS_AT)?;
        }
        let deposits: Vec<_> = some.iter().map(|cast| (cast.voter.clone(), cast.ballot.clone())).collect();
        for deposit in transaction.deposit_batch(&deposits, OPENS_AT) {
            deposit?;
        }
        transaction.stored();
        progress.inc(u64::try_from(some.len())?);
    }
    progress.finish_and_clear();
    phase.done(count, "ballots");
    Ok(())
}

/// Every trustee and the issuer verify what the box published for themselves; here it is done once.
fn verify(closed: &ClosedBox) -> Result<ClosedBox, Failure> {
    let published = ClosedRecord::new(closed);
    let count = closed.tally().count();
    let phase = Phase::start("verification of the closed box");
    let progress = bar(count);
    let mut tick = |done: usize| progress.set_position(done.try_into().unwrap_or(u64::MAX));
    let verified = published.verify(&mut tick)?;
    progress.finish_and_clear();
    phase.done(count, "ballots");
    println!("    closing {}", verified.digest());
    Ok(verified)
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
    println!("{report:#}{}", report.conclusion());
    report.verdict().map_err(|_| "the audit refuses the record")?;
    Ok(())
}
