//! Records for the test: one that holds, and false ones of which only one thing is wrong. All secrets are known, so that
//! everything which hangs on that one thing is signed anew.
//!
//! ```text
//! records FOLDER --ballots N --voters N [--only-good]
//! ```
//!
//! What is wrong in two ballots is in one of the first and one of the last.

// The forger serves tests that do more.
#![allow(dead_code, unused_imports, unused_macros, non_snake_case, clippy::all)]

#[macro_use]
#[path = "../../tool.rs"]
mod tool;
#[path = "../../../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use support::forger::{Forger, Shape, setting, votes};
use support::prover::{Schedule, Witness, prove};
use support::text::{base, draw, encode, hex, unhex};
use tool::{Failure, Line};
use urne::ballot::Sealer;
use urne::rand_core::SeedableRng;
use urne::{ApprovedContest, Choice, Credential, VotingCode};

const USAGE: &str = "\
Makes the records of the test.

    records [OPTIONS] FOLDER

    --ballots N
    --voters N
    --only-good
";

const LISTS: usize = 12;
/// And blank: voters choose in turn.
const CHOICES: u64 = 13;
/// In this order a record is written.
const FIELDS: [&str; 10] = [
    "protocol",
    "contest",
    "approvals",
    "opening",
    "roll",
    "ballots",
    "closing",
    "tally",
    "factors",
    "result",
];

fn main() -> ExitCode {
    tool::run("Error:", || make(&Line::read(USAGE, 1)?))
}

fn make(line: &Line) -> Result<(), Failure> {
    let folder = PathBuf::from(line.words.first().ok_or_else(|| tool::wrong("which folder?"))?);
    let (ballots, voters, only_good) = (line.one("ballots")?, line.one("voters")?, line.has("only-good"));
    if ballots < 20 || voters <= ballots {
        // Two of the same choice, and a voter who has not voted.
        return Err("20 ballots or more, and more voters than ballots".into());
    }
    fs::create_dir_all(&folder)?;
    let maker = Maker::new(voters)?;
    let good = maker.record(ballots, voters);
    write(&folder.join("good.json"), &good)?;
    if !only_good {
        maker
            .false_records(&good, &mut |name, record| write(&folder.join(format!("{name}.json")), &record))?;
        // Names in another order: the ballots come first, and the first misleads.
        fs::write(folder.join("sorted.json"), serde_json::to_vec(&maker.odd_lengths(&good))?)?;
        let mut unreadable = good.clone();
        unreadable["contest"]["lists"] = json!([]);
        write(&folder.join("unreadable.json"), &unreadable)?;
    }
    Ok(())
}

fn write(file: &Path, record: &Value) -> Result<(), Box<dyn Error>> {
    let mut out = BufWriter::new(File::create(file)?);
    for (name, before) in FIELDS.iter().zip(std::iter::once("{").chain(std::iter::repeat(","))) {
        write!(out, "{before}\n\"{name}\":")?;
        serde_json::to_writer(&mut out, &record[name])?;
    }
    Ok(writeln!(out, "\n}}")?)
}

struct Maker {
    forger: Forger,
    contest: ApprovedContest,
    sealer: Sealer,
}

fn rng(purpose: u64, voter: u64) -> ChaCha20Rng {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&purpose.to_le_bytes());
    seed[8..16].copy_from_slice(&voter.to_le_bytes());
    ChaCha20Rng::from_seed(seed)
}

/// `make` of each, on all cores, in order.
fn on_all_cores<T: Send>(count: u64, make: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get()) as u64;
    let make = &make;
    thread::scope(|scope| {
        let part = |core: u64| (core * count / cores)..((core + 1) * count / cores);
        let threads: Vec<_> =
            (0..cores).map(|core| scope.spawn(move || part(core).map(make).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

impl Maker {
    fn new(voters: u64) -> Result<Self, Box<dyn Error>> {
        let shape = Shape { capacity: voters.max(1_000_000), ..Shape::new(&[(1, 2), (2, 5)], LISTS, 0) };
        let forger = Forger::of(&shape);
        let mut approved = json!({ "protocol": "urne/2 approved contest", "contest": forger.contest() });
        forger.approve(&mut approved);
        let contest = ApprovedContest::from_json(&serde_json::to_vec(&approved)?)?;
        let sealer = Sealer::new(&contest);
        Ok(Maker { forger, contest, sealer })
    }

    fn code(&self, voter: u64) -> VotingCode {
        VotingCode::generate(&mut rng(1, voter))
    }

    fn credential(&self, voter: u64) -> Credential {
        Credential::derive(self.contest.contest(), &self.code(voter))
    }

    /// Voters past the end of the roll are not on it.
    fn sealed(&self, voter: u64, choice: u64, seed: u64) -> Value {
        let choice = match choice % CHOICES {
            0 => Choice::Blank,
            list => Choice::List(list as u8),
        };
        let sealed = self.sealer.seal(choice, &self.credential(voter), &mut rng(2, seed)).unwrap();
        json!(hex(&sealed.cast()))
    }

    /// By a prover who chooses `r`, which a sealer would not let anybody choose.
    fn with_nonce(&self, record: &Value, voter: u64) -> Value {
        let fingerprint = support::forger::fingerprint(record);
        let s = support::code::credential(&fingerprint, &self.code(voter).expose_bytes());
        let b: Vec<_> = (1..CHOICES).map(|list| i64::from(list == voter % CHOICES)).collect();
        let witness = Witness { r: draw(&[b"the same"]), s, b: votes(&b) };
        json!(hex(&prove(&setting(record), &Schedule::strict(), &witness).to_bytes()))
    }

    fn record(&self, ballots: u64, voters: u64) -> Value {
        let mut record = json!({ "protocol": "urne/2", "contest": self.forger.contest() });
        self.forger.approve(&mut record);
        let mut roll = on_all_cores(voters, |voter| self.credential(voter).public().to_bytes());
        // One voter more, whose first credential is revoked and who has not voted.
        let reissued = self.credential(voters).public().to_bytes();
        roll.sort_unstable();
        let revoked = self.credential(voters - 1).public().to_bytes();
        let entry = |credential: &[u8; 32]| json!({ "credential": hex(credential), "revoked": *credential == revoked });
        record["roll"] = roll.iter().map(entry).chain([entry(&reissued)]).collect();
        record["opening"] = json!({ "voters": voters, "at": support::forger::OPENS_AT - 60 });
        self.forger.sign_opening(&mut record);
        record["ballots"] = on_all_cores(ballots, |voter| self.sealed(voter, voter, voter)).into();
        let votes = |list: u64| (0..ballots).filter(|voter| voter % CHOICES == list).count();
        let of_lists: Vec<_> = (1..CHOICES).map(votes).collect();
        record["result"] = json!({ "votes": of_lists, "blank": votes(0) });
        self.forger.close(&mut record);
        self.forger.endorse(&mut record);
        self.forger.add_up(&mut record);
        self.forger.decrypt(&mut record);
        record
    }

    /// Each with its name, one after the other. Where a ballot takes the place of another it has the same choice, so
    /// that the result stays.
    fn false_records(
        &self,
        good: &Value,
        take: &mut dyn FnMut(&str, Value) -> Result<(), Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        let count = good["ballots"].as_array().unwrap().len() as u64;
        let voters = good["opening"]["voters"].as_u64().unwrap();
        let early = 5;
        // Of the same choice.
        let late = early + (count - 1 - early) / CHOICES * CHOICES;
        let signed = |mut record: Value, decodes: bool| {
            self.forger.close(&mut record);
            self.forger.endorse(&mut record);
            if decodes {
                self.forger.add_up(&mut record);
            }
            self.forger.decrypt(&mut record);
            record
        };
        let with = |ballots: &[(u64, Value)], decodes: bool| {
            let mut record = good.clone();
            for (at, ballot) in ballots {
                record["ballots"][*at as usize] = ballot.clone();
            }
            signed(record, decodes)
        };
        let late_one = |ballot: Value| with(&[(late, ballot)], true);
        let edited = |edit: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = unhex(good["ballots"][late as usize].as_str().unwrap());
            edit(&mut bytes);
            json!(hex(&bytes))
        };
        let last = |bytes: &mut Vec<u8>| bytes.len() - 32;
        let nonces = [early, late].map(|voter| (voter, self.with_nonce(good, voter)));
        take(
            "proof",
            late_one(edited(&|bytes| {
                let at = last(bytes);
                bytes[at] ^= 1
            })),
        )?;
        take("encoding", with(&[(late, edited(&|bytes| bytes[2..34].fill(0xff)))], false))?;
        take("length", with(&[(late, edited(&|bytes| bytes.push(0)))], false))?;
        take("ballot-twice", late_one(good["ballots"][early as usize].clone()))?;
        take("credential-twice", late_one(self.sealed(early, late, late + count)))?;
        take("nonce-twice", with(&nonces, true))?;
        take("not-on-the-roll", late_one(self.sealed(voters + 1, late, late)))?;
        take("revoked", late_one(self.sealed(voters - 1, late, late)))?;

        let mut record = good.clone();
        record["closing"]["root"] = json!(hex(&[7; 32]));
        self.forger.sign_closing(&mut record);
        self.forger.endorse(&mut record);
        self.forger.decrypt(&mut record);
        take("root", record)?;
        let mut record = good.clone();
        record["tally"]["sums"][0] = json!(hex(&encode(&base(&draw(&[b"another sum"])))));
        self.forger.decrypt(&mut record);
        take("sum", record)
    }

    /// The first ballot and one in the middle are cut short.
    fn odd_lengths(&self, good: &Value) -> Value {
        let mut record = good.clone();
        let ballots = record["ballots"].as_array_mut().unwrap();
        for at in [0, ballots.len() / 2] {
            let cut = ballots[at].as_str().unwrap()[..100].to_owned();
            ballots[at] = json!(cut);
        }
        record
    }
}
