//! Follows the boxes of a portal from outside: `portal-monitor URL --fingerprint HEX … --keep DIR`.
//!
//! It goes on until it is stopped (Ctrl-C, SIGTERM), or until a box has broken its word, of which it was not known: then it ends
//! by itself, after it has looked at all others, so that whatever runs it is told. Started again with the same folder it says so
//! at each look, and goes on until another does. It ends too where what is shown is wrong and nobody has signed it: of that it
//! remembers nothing. Its status is 0 when all is well, 1 when a box has broken its word at any time, or at the last look
//! something was wrong, 3 when at the last look a contest did not answer; 2 for the command line.

use std::io::{Write, stderr, stdout};
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tokio::time::timeout;
use urne::Fingerprint;
use urne_portal::monitor::{Ask, Found, Watch};
use urne_portal::setup::seconds;
use urne_portal::{Failure, serve};

/// No answer of the portal is longer than that: an approved contest, at the most.
const MOST_BYTES: u64 = 4 << 20;

/// Follows the boxes of a portal from outside
#[derive(Parser)]
struct Arguments {
    /// The portal's address
    url: String,
    /// Of each contest, as the trustees publish it
    #[arg(long = "fingerprint", value_name = "HEX", required = true, value_parser = fingerprint)]
    published: Vec<Fingerprint>,
    /// Where heads are kept, for the trustees: DIR/N/heads of each contest
    #[arg(long, value_name = "DIR")]
    keep: PathBuf,
    /// How often it looks
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = seconds)]
    every: u64,
    /// Looks once, and says by the status what was found
    #[arg(long)]
    once: bool,
}

fn fingerprint(hex: &str) -> Result<Fingerprint, serde_json::Error> {
    serde_json::from_value(hex.into())
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(20))).max_redirects(0).build();
    let address = arguments.url.trim_end_matches('/').to_owned();
    let portal = Portal { address, agent: agent.into() };
    follow(&portal, arguments).unwrap_or_else(|error| {
        _ = writeln!(stderr(), "portal-monitor: {error}");
        ExitCode::from(3)
    })
}

struct Portal {
    address: String,
    agent: ureq::Agent,
}

impl Ask for Portal {
    fn ask(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let mut answer = self.agent.get(format!("{}{path}", self.address)).call()?;
        Ok(answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec()?)
    }
}

/// Until it is stopped, a box breaks its word, or something is wrong; once, if so it is asked.
fn follow(portal: &Portal, arguments: Arguments) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _in = runtime.enter();
    let mut stop = pin!(serve::told_to_stop()?);
    let mut watch = Watch::new(arguments.published, arguments.keep)?;
    loop {
        let known = watch.broken();
        let found = watch.look(portal);
        for (contest, found) in &found {
            // Who does not read on, or has a full disk, is watched for all the same.
            _ = match found {
                Found::Good { .. } => writeln!(stdout(), "{contest}: {found}"),
                Found::NoAnswer(_) | Found::Broken(_) | Found::Unsigned(_) => {
                    writeln!(stderr(), "{contest}: {found}")
                }
            };
        }
        let silent = found.iter().any(|(_, found)| matches!(found, Found::NoAnswer(_)));
        let wrong = found.iter().any(|(_, found)| matches!(found, Found::Unsigned(_)));
        let until = Duration::from_secs(arguments.every.max(1));
        let ends = arguments.once || wrong || watch.broken() > known;
        if ends || runtime.block_on(async { timeout(until, &mut stop).await }).is_ok() {
            // A broken word weighs more than a box that is silent, also when it was long ago.
            let wrong = wrong || watch.broken() > 0;
            return Ok(ExitCode::from(if wrong { 1 } else { 3 * u8::from(silent) }));
        }
    }
}
