//! Follows the boxes of a portal from outside: `portal-monitor URL --fingerprint HEX … --keep DIR`.
//!
//! The status is 0 when all is well (with `--once`), 1 when a box has broken its word, 2 for the command line, 3 when the
//! portal does not answer.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use urne::Fingerprint;
use urne_portal::Failure;
use urne_portal::monitor::{Ask, Followed, Found, Stop, claimed};
use urne_portal::setup::seconds;

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
    /// Where heads are kept, for the trustees: one folder a contest
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
    Watch { portal: Portal { address, agent: agent.into() }, arguments }.follow()
}

struct Watch {
    portal: Portal,
    arguments: Arguments,
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

impl Watch {
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
            if status == 1 || self.arguments.once {
                return ExitCode::from(status);
            }
            std::thread::sleep(Duration::from_secs(self.arguments.every.max(1)));
        }
    }

    /// Every contest that the trustees publish.
    fn begin(&self) -> Result<Vec<Followed>, Stop> {
        let Arguments { published, keep, .. } = &self.arguments;
        let claimed = claimed(&self.portal)?;
        if let Some(missing) = published.iter().find(|one| !claimed.values().any(|of| of == *one)) {
            return Err(Stop::Broken(format!("the portal has no contest {missing}")));
        }
        let meant = claimed.into_iter().filter(|(_, of)| published.contains(of));
        meant.map(|(number, _)| Followed::begin(&self.portal, number, published, keep)).collect()
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
