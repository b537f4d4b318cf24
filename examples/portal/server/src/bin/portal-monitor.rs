//! Follows the boxes of a portal from outside: `portal-monitor URL --fingerprint HEX … --keep DIR`.
//!
//! It goes on until it is stopped (Ctrl-C, SIGTERM), whatever it finds, and says at its end by the status what it found: 0 when
//! all is well, 1 when a box has broken its word at any time, 3 when at the last look a contest did not answer. It is 2 for the
//! command line, and 4 when the help cannot be written.

use std::io::{Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use urne::Fingerprint;
use urne_portal::Failure;
use urne_portal::arguments::Arguments;
use urne_portal::monitor::{Ask, Found, Watch};

const HELP: &str = "portal-monitor URL --fingerprint HEX … --keep DIR
  --fingerprint HEX   of each contest, as the trustees publish it
  --keep DIR          where heads are kept, for the trustees: DIR/N/heads of each contest
  --every TIME        how often it looks (30s)
  --once              look once, and say by the status what was found
";

/// No answer of the portal is longer than that: an approved contest, at the most.
const MOST_BYTES: u64 = 4 << 20;

fn main() -> ExitCode {
    let read = Arguments::read(&["once", "help"], &["fingerprint", "keep", "every"]);
    let outcome = match &read {
        Ok(arguments) if arguments.has("help") => {
            let told = stdout().write_all(HELP.as_bytes());
            return told.map_or(ExitCode::from(4), |()| ExitCode::SUCCESS);
        }
        Ok(arguments) => settings(arguments),
        Err(error) => Err(error.to_string().into()),
    };
    match outcome.and_then(|settings| settings.follow()) {
        Ok(status) => status,
        Err(error) => {
            _ = write!(stderr(), "portal-monitor: {error}\n{HELP}");
            ExitCode::from(2)
        }
    }
}

struct Settings {
    portal: Portal,
    published: Vec<Fingerprint>,
    keep: PathBuf,
    every: Duration,
    once: bool,
}

fn settings(arguments: &Arguments) -> Result<Settings, Failure> {
    let address = arguments.only("the portal's address")?.trim_end_matches('/').to_owned();
    let read = |hex: &String| {
        serde_json::from_value::<Fingerprint>(hex.as_str().into())
            .map_err(|error| format!("--fingerprint {hex}: {error}"))
    };
    let mut published = Vec::new();
    for hex in arguments.all("fingerprint") {
        let one = read(hex)?;
        if !published.contains(&one) {
            published.push(one);
        }
    }
    if published.is_empty() {
        return Err("--fingerprint is needed".into());
    }
    let agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(20))).max_redirects(0).build();
    Ok(Settings {
        portal: Portal { address, agent: agent.into() },
        published,
        keep: arguments.text("keep").ok_or("--keep is needed")?.into(),
        every: Duration::from_secs(arguments.seconds("every")?.unwrap_or(30).max(1)),
        once: arguments.has("once"),
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

impl Settings {
    /// Until it is stopped, whatever is found; once, if so it is asked.
    fn follow(&self) -> Result<ExitCode, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let _in = runtime.enter();
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let mut watch = Watch::new(self.published.clone(), self.keep.clone());
        let mut broken = false;
        loop {
            let found = watch.look(&self.portal);
            for (contest, found) in &found {
                // Who does not read on, or has a full disk, is watched for all the same.
                _ = match found {
                    Found::Good { .. } => writeln!(stdout(), "{contest}: {found}"),
                    Found::NoAnswer(_) | Found::Broken(_) => writeln!(stderr(), "{contest}: {found}"),
                };
            }
            broken |= found.iter().any(|(_, found)| matches!(found, Found::Broken(_)));
            let silent = found.iter().any(|(_, found)| matches!(found, Found::NoAnswer(_)));
            let waited = async {
                tokio::select! {
                    _ = terminate.recv() => false,
                    _ = interrupt.recv() => false,
                    () = tokio::time::sleep(self.every) => true,
                }
            };
            if self.once || !runtime.block_on(waited) {
                // A broken word weighs more than a box that is silent, also when it was long ago.
                return Ok(ExitCode::from(if broken { 1 } else { 3 * u8::from(silent) }));
            }
        }
    }
}
