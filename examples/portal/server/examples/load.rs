//! Voters by the hundred, for the tests: each activates a code, seals a ballot, and sends it until it is acknowledged.
//!
//! ```text
//! load DIR vote   [--connections N] [--rate PER-SECOND] [--ballots N] [--acknowledged FILE] [--compare]
//! load DIR verify --acknowledged FILE
//! ```
//!
//! `DIR` is an election's folder with its letters; sessions are written into the database, in place of logins. With
//! `--compare` the same ballots are first deposited on one thread without HTTP and database. `verify`
//! audits the published records, and looks for every acknowledged ballot in them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use clap::{Parser, ValueEnum};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use urne::ballot_box::{OpeningDigest, SignedOpening};
use urne::{
    Activation, ActivationNonce, ApprovedContest, AuditReport, BallotBox, BallotReference, Choice,
    Credential, ElectoralRoll, Receipt, Record, SealedBallot, SigningKey, UnixTime, VoterId, VotingCode,
};
use urne_portal::accounts::rng;
use urne_portal::config::Config;
use urne_portal::db::Place;
use urne_portal::election::electors;
use urne_portal::sessions::{self, COOKIE};
use urne_portal::{Failure, contests, disk};

/// How long a ballot is sent again before its voter gives up.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    match arguments.what {
        What::Vote => vote(&arguments).await,
        What::Verify => verify(&arguments),
    }
}

/// Voters by the hundred, for the tests
#[derive(Parser)]
struct Arguments {
    /// An election's folder with its letters
    folder: PathBuf,
    what: What,
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// A second
    #[arg(long, default_value_t = f64::INFINITY)]
    rate: f64,
    #[arg(long, default_value_t = usize::MAX)]
    ballots: usize,
    /// The file for acknowledged ballots; in the folder where none is named
    #[arg(long)]
    acknowledged: Option<PathBuf>,
    #[arg(long)]
    compare: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Vote,
    Verify,
}

impl Arguments {
    fn acknowledged(&self) -> PathBuf {
        self.acknowledged.clone().unwrap_or_else(|| self.folder.join("acknowledged"))
    }
}

/// A contest with what it takes to check a receipt.
struct Of {
    approved: ApprovedContest,
    opening: OpeningDigest,
}

/// A ballot that is to be cast.
struct Vote {
    voter: VoterId,
    cookie: String,
    csrf: String,
    credential: Credential,
    number: u64,
    ballot: Vec<u8>,
}

struct World {
    host: String,
    origin: String,
    contests: BTreeMap<u64, Of>,
    next: AtomicUsize,
    votes: Vec<Vote>,
    /// Between two ballots, over all connections.
    pause: Duration,
    begun: Instant,
    acknowledged: Mutex<std::fs::File>,
    /// How often the server has asked for patience.
    come_back: AtomicUsize,
}

async fn vote(arguments: &Arguments) -> Result<(), Failure> {
    let folder = arguments.folder.as_path();
    let config = Config::read(&folder.join("portal/portal.toml"))?;
    let (read, _) = contests::read_all(&config.public)?;
    let mut all = BTreeMap::new();
    for (number, contest) in &read {
        let opening = disk::get(contest.folder.join("opening"), SignedOpening::from_bytes)?;
        let opening = opening.verify(contest.approved.contest())?;
        all.insert(*number, Of { approved: contest.approved.clone(), opening });
    }
    let electors = electors(&folder.join("issuer/voters.csv"), &read.keys().copied().collect())?;
    let db = Place::read(&config.database, config.database_in_clear_over_the_network)?.open().await?;
    let most = arguments.ballots;
    let now = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
    let mut orders = Vec::new();
    for elector in electors {
        if orders.len() >= most {
            break;
        }
        let letter = disk::read(&folder.join(format!("issuer/letters/{}.html", elector.id)))?;
        let code = code_of(&String::from_utf8(letter)?)?;
        let token = sessions::open(&db, None, &elector.id, i64::try_from(now)?).await?;
        let session = sessions::find(&db, &token, i64::try_from(now)?).await?.map_err(|_| "no session")?;
        for number in elector.contests {
            let voter = VoterId::new(elector.id.as_bytes()).ok_or("no voter id")?;
            orders.push((voter, number, code.clone(), token.clone(), session.csrf.clone()));
        }
    }
    orders.truncate(most);
    let votes = seal(&all, &orders)?;
    let count = votes.len();
    let alone = if arguments.compare {
        // The library would take all cores.
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        Some(one.install(|| alone(folder, &all, &votes))?)
    } else {
        None
    };
    let place = arguments.acknowledged();
    let acknowledged = std::fs::OpenOptions::new().create(true).append(true).open(&place)?;
    let rate = arguments.rate;
    let world = Arc::new(World {
        host: config.listen.clone(),
        origin: config.origin.clone(),
        contests: all,
        next: AtomicUsize::new(0),
        votes,
        pause: Duration::from_secs_f64(1.0 / rate),
        begun: Instant::now(),
        acknowledged: Mutex::new(acknowledged),
        come_back: AtomicUsize::new(0),
    });
    let connections = arguments.connections;
    // First all codes, then, measured, all ballots.
    everybody(&world, connections, Act::Activate).await?;
    println!("{}", json!({ "activated": count }));
    world.next.store(0, Ordering::SeqCst);
    let (begun, cpu) = (Instant::now(), cpu()?);
    let told = everybody(&world, connections, Act::Deposit).await?;
    let (elapsed, cpu) = (begun.elapsed().as_secs_f64(), self::cpu()? - cpu);
    for (_, at, answer) in &told {
        world.check(&world.votes[*at], answer)?;
    }
    let mut times: Vec<_> = told.into_iter().map(|(time, ..)| time).collect();
    let per_second = times.len() as f64 / elapsed;
    times.sort_unstable();
    let part = |per_mille: usize| times.get(times.len() * per_mille / 1_000).copied().unwrap_or_default();
    println!(
        "{}",
        json!({
            "deposits": times.len(), "connections": connections, "seconds": elapsed,
            "per_second": per_second, "alone_per_second": alone,
            "ratio": alone.map(|alone| per_second / alone), "p50_ms": part(500).as_secs_f64() * 1e3,
            "p99_ms": part(990).as_secs_f64() * 1e3, "client_cpu": cpu / elapsed,
            "come_back": world.come_back.load(Ordering::SeqCst),
        })
    );
    Ok(())
}

fn code_of(letter: &str) -> Result<VotingCode, Failure> {
    let begin = letter.find("urne1-").ok_or("a letter without a code")?;
    Ok(letter.get(begin..begin + 41).ok_or("a letter that ends in its code")?.parse()?)
}

type Order = (VoterId, u64, VotingCode, String, String);

/// On all cores, before anything is measured.
fn seal(contests: &BTreeMap<u64, Of>, orders: &[Order]) -> Result<Vec<Vote>, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let seal = |order: &Order| {
        let (voter, number, code, token, csrf) = order;
        let of = contests.get(number).ok_or("no such contest")?;
        let credential = Credential::derive(of.approved.contest(), code);
        // Every list, and blank, in turn.
        let lists = usize::from(of.approved.contest().lists());
        let choice = voter.as_bytes().iter().map(|byte| usize::from(*byte)).sum::<usize>() % (lists + 1);
        let choice = u8::try_from(choice).ok().filter(|list| *list > 0).map_or(Choice::Blank, Choice::List);
        let ballot = SealedBallot::seal(&of.approved, choice, &credential, &mut rng())?.cast();
        let cookie = format!("{COOKIE}={token}");
        Ok::<_, Failure>(Vote {
            voter: voter.clone(),
            cookie,
            csrf: csrf.clone(),
            credential,
            number: *number,
            ballot,
        })
    };
    std::thread::scope(|scope| {
        let parts = orders.chunks(orders.len().div_ceil(cores).max(1));
        let threads: Vec<_> =
            parts.map(|part| scope.spawn(|| part.iter().map(seal).collect::<Result<Vec<_>, _>>())).collect();
        let mut votes = Vec::new();
        for thread in threads {
            votes.extend(thread.join().map_err(|_| "a thread has panicked")??);
        }
        Ok(votes)
    })
}

/// The ballots on one thread, in transactions of 32, without HTTP and database: how many a second.
fn alone(folder: &Path, contests: &BTreeMap<u64, Of>, votes: &[Vote]) -> Result<f64, Failure> {
    let seed = disk::read(&folder.join("portal/box.key"))?[..].try_into()?;
    let now = UnixTime::from_seconds(SystemTime::UNIX_EPOCH.elapsed()?.as_secs());
    let mut elapsed = Duration::ZERO;
    for (number, Of { approved, .. }) in contests {
        let roll = disk::get(folder.join(format!("portal/{number}.roll.opened")), |bytes| {
            ElectoralRoll::from_bytes(approved.clone(), bytes)
        })?;
        let opening = disk::get(folder.join(format!("public/{number}/opening")), SignedOpening::from_bytes)?;
        let mut ballot_box =
            BallotBox::open(roll, *opening.opening(), SigningKey::from_seed(&seed))?.stored();
        let votes: Vec<_> = votes.iter().filter(|vote| vote.number == *number).collect();
        let mut transaction = ballot_box.transaction();
        for vote in &votes {
            let nonce = ActivationNonce::generate(&mut rng());
            let activation = Activation::new(&vote.credential, &nonce, &mut rng());
            transaction.activate(&vote.voter, &nonce, &activation, now)?;
        }
        transaction.stored();
        let ballots: Vec<_> = votes.iter().map(|vote| (vote.voter.clone(), vote.ballot.clone())).collect();
        let begun = Instant::now();
        for together in ballots.chunks(32) {
            let mut transaction = ballot_box.transaction();
            transaction.deposit_batch(together, now).into_iter().collect::<Result<Vec<_>, _>>()?;
            transaction.stored();
        }
        elapsed += begun.elapsed();
    }
    Ok(votes.len() as f64 / elapsed.as_secs_f64())
}

#[derive(Clone, Copy, PartialEq)]
enum Act {
    Activate,
    Deposit,
}

/// How long each took, and the answer that it came to.
type Told = (Duration, usize, Bytes);

async fn everybody(world: &Arc<World>, connections: usize, act: Act) -> Result<Vec<Told>, Failure> {
    let one = |_| {
        let world = world.clone();
        tokio::spawn(async move {
            let (mut connection, mut told) = (None, Vec::new());
            loop {
                let at = world.next.fetch_add(1, Ordering::SeqCst);
                let Some(vote) = world.votes.get(at) else { return Ok::<_, Failure>(told) };
                if act == Act::Deposit && !world.pause.is_zero() {
                    tokio::time::sleep(world.pause.mul_f64(connections as f64)).await;
                }
                let begun = Instant::now();
                let answer = match act {
                    Act::Activate => world.activate(&mut connection, vote).await?,
                    Act::Deposit => world.deposit(&mut connection, vote).await?,
                };
                told.push((begun.elapsed(), at, answer));
            }
        })
    };
    let tasks: Vec<_> = (0..connections).map(one).collect();
    let mut told = Vec::new();
    for task in tasks {
        told.extend(task.await??);
    }
    Ok(told)
}

type Connection = Option<SendRequest<Full<Bytes>>>;

impl World {
    /// Sends it again for as long as the server is away or asks for patience.
    async fn post(&self, to: &mut Connection, vote: &Vote, act: &str, body: &[u8]) -> Result<Bytes, Failure> {
        let begun = Instant::now();
        loop {
            match self.once(to, vote, act, body).await {
                Ok((status, body)) if status.is_success() => return Ok(body),
                Ok((status, body)) if status != StatusCode::SERVICE_UNAVAILABLE => {
                    let said = String::from_utf8_lossy(&body);
                    return Err(format!("{act} of {}: {status}: {said}", vote.number).into());
                }
                _ if begun.elapsed() > PATIENCE => return Err(format!("{act}: no answer").into()),
                other => {
                    self.come_back.fetch_add(usize::from(other.is_ok()), Ordering::SeqCst);
                    *to = None;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn once(
        &self,
        to: &mut Connection,
        vote: &Vote,
        act: &str,
        body: &[u8],
    ) -> Result<(StatusCode, Bytes), Failure> {
        if to.is_none() {
            let stream = TcpStream::connect(&self.host).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            *to = Some(sender);
        }
        let sender = to.as_mut().ok_or("no connection")?;
        sender.ready().await?;
        let request = Request::post(format!("/api/{}/{act}", vote.number))
            .header(header::HOST, &self.host)
            .header(header::ORIGIN, &self.origin)
            .header(header::COOKIE, &vote.cookie)
            .header("x-csrf", &vote.csrf)
            .body(Full::new(Bytes::copy_from_slice(body)))?;
        let answer = tokio::time::timeout(Duration::from_secs(30), sender.send_request(request)).await??;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    async fn activate(&self, to: &mut Connection, vote: &Vote) -> Result<Bytes, Failure> {
        let mut tries = 0;
        loop {
            let nonce: [u8; 32] = self.post(to, vote, "nonce", b"").await?[..].try_into()?;
            let activation =
                Activation::new(&vote.credential, &ActivationNonce::from_bytes(nonce), &mut rng());
            let body = [&nonce[..], &activation.to_bytes()].concat();
            tries += 1;
            match self.post(to, vote, "activate", &body).await {
                // A session has one nonce, and another connection may have asked for its voter's too.
                Err(error) if tries < 10 && error.to_string().contains("portal/bad") => {
                    tokio::time::sleep(Duration::from_millis(20 * tries)).await;
                }
                answered => return answered,
            }
        }
    }

    async fn deposit(&self, to: &mut Connection, vote: &Vote) -> Result<Bytes, Failure> {
        let answer = self.post(to, vote, "deposit", &vote.ballot).await?;
        let of = self.contests.get(&vote.number).ok_or("no such contest")?;
        let reference = BallotReference::of(of.approved.contest(), &vote.ballot);
        writeln!(self.acknowledged.lock().map_err(|_| "a task has panicked")?, "{reference}")?;
        Ok(answer)
    }

    /// Done when all have voted, so as not to measure it.
    fn check(&self, vote: &Vote, answer: &[u8]) -> Result<(), Failure> {
        let of = self.contests.get(&vote.number).ok_or("no such contest")?;
        let receipt = Receipt::from_bytes(answer)?;
        // The first of them may have been deposited long before an answer came.
        let clock = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
        let window = [clock.saturating_sub(self.begun.elapsed().as_secs() + 60), clock + 60];
        let [from, to] = window.map(UnixTime::from_seconds);
        Ok(receipt.verify(of.approved.contest(), of.opening, &vote.voter, &vote.ballot, from..=to)?)
    }
}

/// Seconds of this process on processors.
fn cpu() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).ok_or("no ticks");
    // Of user and system, in hundredths.
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

/// No acknowledged ballot is lost, none is there twice, and none that nobody cast; every record holds.
fn verify(arguments: &Arguments) -> Result<(), Failure> {
    let folder = arguments.folder.as_path();
    let place = arguments.acknowledged();
    let text = String::from_utf8(disk::read(&place)?)?;
    let references: Vec<BallotReference> = text.lines().map(str::parse).collect::<Result<_, _>>()?;
    let acknowledged: BTreeSet<String> = references.iter().map(ToString::to_string).collect();
    if acknowledged.len() != references.len() {
        return Err("a ballot was acknowledged to two voters".into());
    }
    let mut found = BTreeSet::new();
    for number in disk::contests(&folder.join("public"))? {
        let record = disk::get(folder.join(format!("public/{number}/record.json")), Record::from_json)?;
        let report = AuditReport::of(&record, &mut |_| ());
        report.verdict().map_err(|error| format!("contest {number}: {error}"))?;
        let contest = record.contest()?;
        for ballot in &record.ballots {
            let reference = BallotReference::of(contest.contest(), &ballot.0).to_string();
            if !found.insert(reference.clone()) {
                return Err(format!("{reference} is there twice").into());
            }
        }
    }
    if let Some(lost) = acknowledged.difference(&found).next() {
        return Err(format!("{lost} was acknowledged, and is in no record").into());
    }
    if let Some(other) = found.difference(&acknowledged).next() {
        return Err(format!("{other} was counted, and acknowledged to nobody").into());
    }
    println!("{}", json!({ "acknowledged": acknowledged.len(), "counted": found.len() }));
    Ok(())
}
