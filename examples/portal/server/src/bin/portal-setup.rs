//! Makes the folder of an election: `portal-setup DIR --election FILE.toml --voters FILE.csv`.
//!
//! The status is 0 when the election is ready, 3 when something is still to come from people, 1 when something failed, 2
//! for the command line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use urne_portal::Failure;
use urne_portal::arguments::Arguments;
use urne_portal::clock::Clock;
use urne_portal::disk;
use urne_portal::election::{Election, read_electors};
use urne_portal::i18n::Lang;
use urne_portal::issuing::{Desk, letters};
use urne_portal::setup::{Settings, Setup};

const HELP: &str = "portal-setup DIR --election FILE.toml --voters FILE.csv
  --opens-in TIME --closes-in TIME     in place of the file's dates: from the making of the contests on (90s, 15m, 2h, 7d)
  --grace TIME --complaints TIME       in place of the file's
  --address URL                        in place of the file's
  --listen ADDRESS --issuer ADDRESS    where portal and issuer listen (127.0.0.1:8080, 127.0.0.1:8081)
  --database URL                       sqlite:data.sqlite, or postgres://…
  --mail WHERE --mail-from ADDRESS     folder:mail-out, or smtps://USER:PASSWORD@HOST
  --anchors DIR                        on another disk than the database
  --scripts DIR                        what the browser is given: examples/portal/static
  --behind-proxy                       a proxy says where requests are from
  --play-trustees PROGRAM              for a demonstration: the program of examples/roles plays all trustees
  --letters-into DIR                   for a demonstration: letters as files, one a voter
  --clock-ahead FILE                   FOR TESTS ONLY: a file with the seconds that all clocks are ahead by
";

const OPTIONS: [&str; 17] = [
    "election",
    "voters",
    "opens-in",
    "closes-in",
    "grace",
    "complaints",
    "address",
    "listen",
    "issuer",
    "database",
    "mail",
    "mail-from",
    "anchors",
    "scripts",
    "play-trustees",
    "letters-into",
    "clock-ahead",
];

fn main() -> ExitCode {
    let arguments = match Arguments::read(&["behind-proxy", "help"], &OPTIONS) {
        Ok(arguments) if !arguments.has("help") => arguments,
        Ok(_) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprint!("portal-setup: {error}\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(missing)) => {
            eprintln!("portal-setup: still to come: {missing}\nThen run it again.");
            ExitCode::from(3)
        }
        Err(error) => {
            eprintln!("portal-setup: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<Option<String>, Failure> {
    let folder = PathBuf::from(arguments.only("a folder")?);
    let file = |name: &str| {
        let place = PathBuf::from(arguments.text(name).ok_or_else(|| format!("--{name} is needed"))?);
        let text = std::fs::read_to_string(&place).map_err(|error| disk::named(&place, error))?;
        Ok::<_, Failure>((place, text))
    };
    let clock_ahead = arguments.text("clock-ahead").map(PathBuf::from);
    let clock = Clock::new(clock_ahead.clone())?;
    let (place, text) = file("election")?;
    let mut election = Election::read(&place, &text)?;
    let (place, text) = file("voters")?;
    let electors = read_electors(&place, &text, &election.plans)?;
    election.grace = arguments.seconds("grace")?.unwrap_or(election.grace);
    election.complaints = arguments.seconds("complaints")?.unwrap_or(election.complaints);
    if let Some(address) = arguments.text("address") {
        election.address = address.trim_end_matches('/').to_owned();
    }
    let text = |name: &str, or: &str| arguments.text(name).unwrap_or(or).to_owned();
    let settings = Settings {
        listen: text("listen", "127.0.0.1:8080"),
        issuer: text("issuer", "127.0.0.1:8081").parse().map_err(|error| format!("--issuer: {error}"))?,
        database: text("database", "sqlite:data.sqlite"),
        mail: text("mail", "folder:mail-out"),
        mail_from: text("mail-from", "vote@localhost"),
        scripts: PathBuf::from(text("scripts", "examples/portal/static")),
        anchors: arguments.text("anchors").map_or_else(|| folder.join("anchors"), PathBuf::from),
        roles: arguments.text("play-trustees").map(PathBuf::from),
        clock_ahead,
        behind_proxy: arguments.has("behind-proxy"),
        opens_in: arguments.seconds("opens-in")?,
        closes_in: arguments.seconds("closes-in")?,
    };
    let setup = Setup { folder, election, electors, settings };
    let missing = setup.run(&clock)?;
    if let (None, Some(into)) = (&missing, arguments.text("letters-into")) {
        print_letters(&setup.folder, Path::new(into), &clock)?;
    }
    Ok(missing)
}

/// The letters as the operator's page shows them, and then forgotten.
fn print_letters(folder: &Path, into: &Path, clock: &Clock) -> Result<(), Failure> {
    let mut desk = Desk::open(&folder.join("issuer"))?;
    let mut sent = BTreeSet::new();
    for (id, text) in letters::each(&desk, Lang::Fr, clock)? {
        disk::put_secret(&into.join(format!("{id}.html")), text.as_bytes())?;
        sent.extend(urne::VoterId::new(id));
    }
    desk.letters_sent(&sent)
}
