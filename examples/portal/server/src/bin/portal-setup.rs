//! Makes the folder of an election: `portal-setup DIR --election FILE.toml --voters FILE.csv`.
//!
//! The status is 0 when the election is ready, 3 when something is still to come from people, 1 when something failed, 2
//! for the command line, 4 when it is ready (or the help is asked for) and standard output cannot be written.

use std::io::{self, Write, stderr, stdout};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use urne_portal::Failure;
use urne_portal::arguments::Arguments;
use urne_portal::clock::Clock;
use urne_portal::disk;
use urne_portal::election::read_electors;
use urne_portal::i18n::Lang;
use urne_portal::issuing::letters::Press;
use urne_portal::issuing::{self, Desk};
use urne_portal::mail::Mailer;
use urne_portal::setup::election::Election;
use urne_portal::setup::{Settings, Setup, with_password};

const HELP: &str = "portal-setup DIR --election FILE.toml --voters FILE.csv
  --opens-in TIME --closes-in TIME     in place of the file's dates: from the making of the contests on (90s, 15m, 2h, 7d)
  --grace TIME --complaints TIME       in place of the file's
  --address URL                        in place of the file's
  --listen ADDRESS --issuer ADDRESS    where portal and issuer listen (127.0.0.1:8080, 127.0.0.1:8081)
  --database URL                       sqlite:data.sqlite, or postgres://…
  --mail WHERE --mail-from ADDRESS     folder:mail-out, or smtps://USER@HOST
  --database-password-file FILE --mail-password-file FILE    for a URL with a user
  --anchors DIR                        on another disk than the database
  --scripts DIR                        what the browser is given: examples/portal/static
  --behind-proxy                       a proxy says where requests are from
  --letters-into DIR                   for a demonstration: letters as files, one a voter
  --clock-ahead FILE                   FOR TESTS ONLY: a file with the seconds that all clocks are ahead by
";

const OPTIONS: [&str; 18] = [
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
    "database-password-file",
    "mail-password-file",
    "letters-into",
    "clock-ahead",
];

fn main() -> ExitCode {
    let arguments = match Arguments::read(&["behind-proxy", "help"], &OPTIONS) {
        Ok(arguments) if !arguments.has("help") => arguments,
        Ok(_) => {
            let told = stdout().write_all(HELP.as_bytes());
            return told.map_or(ExitCode::from(4), |()| ExitCode::SUCCESS);
        }
        Err(error) => {
            _ = write!(stderr(), "portal-setup: {error}\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(missing)) => {
            _ = writeln!(stderr(), "portal-setup: still to come: {missing}\nThen run it again.");
            ExitCode::from(3)
        }
        Err(error) => {
            _ = writeln!(stderr(), "portal-setup: {error}");
            ExitCode::from(if error.is::<Unsaid>() { 4 } else { 1 })
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
    let url = |name: &str, or: &str| {
        let password = format!("{name}-password-file");
        let password = arguments.text(&password).map(|_| file(&password)).transpose()?;
        with_password(name, &text(name, or), password.as_ref().map(|(_, text)| text.as_str()))
    };
    let (mail, mail_from) = (url("mail", "folder:mail-out")?, text("mail-from", "vote@localhost"));
    Mailer::new(&mail, &mail_from)?;
    let settings = Settings {
        listen: text("listen", "127.0.0.1:8080"),
        issuer: text("issuer", "127.0.0.1:8081").parse().map_err(|error| format!("--issuer: {error}"))?,
        database: url("database", "sqlite:data.sqlite")?,
        mail,
        mail_from,
        scripts: PathBuf::from(text("scripts", "examples/portal/static")),
        anchors: arguments.text("anchors").map_or_else(|| folder.join("anchors"), PathBuf::from),
        clock_ahead,
        behind_proxy: arguments.has("behind-proxy"),
        opens_in: arguments.seconds("opens-in")?,
        closes_in: arguments.seconds("closes-in")?,
    };
    // Also while the letters are printed.
    let issuer = folder.join("issuer");
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&issuer)?;
    let _alone = issuing::alone(&issuer)?;
    let setup = Setup { folder, election, electors, settings };
    let missing = setup.run(&clock)?;
    if missing.is_none() {
        if let Some(into) = arguments.text("letters-into") {
            print_letters(&setup.folder, Path::new(into), &clock)?;
        }
        let passwords =
            ["portal/bureau-passwords.txt", "issuer/password.txt"].map(|name| setup.folder.join(name));
        let mut said = String::from("Passwords in clear, readable by their owner alone: hand them over, and delete\n");
        for place in passwords.iter().filter(|place| place.exists()) {
            said += &format!("  {}\n", place.display());
        }
        stdout().write_all(said.as_bytes()).map_err(Unsaid)?;
    }
    Ok(missing)
}

/// All is done, but what is to be said of it cannot be.
#[derive(Debug)]
struct Unsaid(io::Error);

impl std::fmt::Display for Unsaid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the election is ready, but standard output: {}", self.0)
    }
}

impl std::error::Error for Unsaid {}

/// The letters as the operator's page shows them, and then forgotten.
fn print_letters(folder: &Path, into: &Path, clock: &Clock) -> Result<(), Failure> {
    let mut desk = Desk::open(&folder.join("issuer"))?;
    let (press, letters) = (Press::new(&desk, Lang::Fr, clock)?, desk.letters());
    for letter in &letters {
        let text = press.print(std::slice::from_ref(letter), "")?;
        disk::put_secret(&into.join(format!("{}.html", letter.1.id)), text.as_bytes())?;
    }
    let printed: Vec<_> = letters.into_iter().map(|(issued, _)| issued).collect();
    desk.sent(&printed)
}
