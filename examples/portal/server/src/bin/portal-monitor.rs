//! Follows the boxes of a portal from outside: `portal-monitor URL --fingerprint HEX … --keep DIR`.
//!
//! The status is 0 when all is well (with `--once`), 1 when a box has broken its word, 2 for the command line, 3 when the
//! portal does not answer.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use urne::Fingerprint;
use urne_portal::Failure;
use urne_portal::arguments::Arguments;
use urne_portal::monitor::{Ask, Followed, Found, Stop, claimed};

const HELP: &str = "portal-monitor URL --fingerprint HEX … --keep DIR
  --fingerprint HEX   of each contest, as the trustees publish it
  --keep DIR          where heads are kept, for the trustees: one folder a contest
  --every TIME        how often it looks (30s)
  --once              look once, and say by the status what was found
";

/// No answer of the portal is longer than that: an approved contest, at the most.
const MOST_BYTES: u64 = 4 << 20;

fn main() -> ExitCode {
    let read = Arguments::read(&["once", "help"], &["fingerprint", "keep", "every"]);
    let outcome = match &read {
        Ok(arguments) if arguments.has("help") => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(arguments) => settings(arguments),
        Err(error) => Err(error.to_string().into()),
    };
    match outcome {
        Ok(settings) => settings.follow(),
        Err(error) => {
            eprint!("portal-monitor: {error}\n{HELP}");
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
    let published = arguments.all("fingerprint").iter().map(read).collect::<Result<Vec<_>, _>>()?;
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
    fn follow(&self) -> ExitCode {
        let mut followed = None;
        loop {
            if followed.is_none() {
                match self.begin() {
                    Ok(begun) => followed = Some(begun),
                    Err(Stop::Broken(why)) => {
                        eprintln!("{}", Found::Broken(why));
                        return ExitCode::FAILURE;
                    }
                    Err(Stop::Failed(error)) => eprintln!("portal-monitor: {error}"),
                }
            }
            let status = followed.as_deref_mut().map_or(3, |followed| self.look(followed));
            if status == 1 || self.once {
                return ExitCode::from(status);
            }
            std::thread::sleep(self.every);
        }
    }

    /// Every contest that the trustees publish.
    fn begin(&self) -> Result<Vec<Followed>, Stop> {
        let claimed = claimed(&self.portal)?;
        if let Some(missing) = self.published.iter().find(|one| !claimed.values().any(|of| of == *one)) {
            return Err(Stop::Broken(format!("the portal has no contest {missing}")));
        }
        let meant = claimed.into_iter().filter(|(_, of)| self.published.contains(of));
        meant.map(|(number, _)| Followed::begin(&self.portal, number, &self.published, &self.keep)).collect()
    }

    fn look(&self, followed: &mut [Followed]) -> u8 {
        let mut status = 0;
        for one in followed {
            let found = one.look(&self.portal).unwrap_or_else(|error| Found::NoAnswer(error.to_string()));
            match &found {
                Found::Good { .. } => println!("{}: {found}", one.number()),
                Found::NoAnswer(_) | Found::Broken(_) => eprintln!("{}: {found}", one.number()),
            }
            // A broken word weighs more than a box that is silent.
            status = match (found, status) {
                (Found::Broken(_), _) | (_, 1) => 1,
                (Found::NoAnswer(_), _) | (_, 3) => 3,
                (Found::Good { .. }, _) => 0,
            };
        }
        status
    }
}
