//! Makes the folder of an election: `portal-setup DIR --election FILE.toml --voters FILE.csv`.
//!
//! The status is 0 when the election is ready, 3 when something is still to come from people, 1 when something failed, 2
//! for the command line, 4 when it is ready and standard output cannot be written.

use std::fs;
use std::io::{self, Write, stderr, stdout};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use urne_portal::Failure;
use urne_portal::clock::Clock;
use urne_portal::disk;
use urne_portal::i18n::Lang;
use urne_portal::issuing::Desk;
use urne_portal::issuing::letters::Press;
use urne_portal::mail::Mailer;
use urne_portal::setup::election::{Election, electors};
use urne_portal::setup::{Settings, Setup, seconds, with_password};

/// Makes the folder of an election
#[derive(Parser)]
#[command(args_override_self = true)]
struct Arguments {
    /// Where it is made
    folder: PathBuf,
    /// Contests, dates and panels
    #[arg(long, value_name = "FILE.toml")]
    election: PathBuf,
    /// Columns id, email, name, numen, social10, contests
    #[arg(long, value_name = "FILE.csv")]
    voters: PathBuf,
    /// In place of the file's date: from the making of the contests on (90s, 15m, 2h, 7d)
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    opens_in: Option<u64>,
    /// The same of the closing
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    closes_in: Option<u64>,
    /// In place of the file's
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    grace: Option<u64>,
    /// In place of the file's: for how long complaints about a closing are taken
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    complaints: Option<u64>,
    /// In place of the file's
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// Where the portal listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Where the issuer listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    issuer: SocketAddr,
    /// sqlite:FILE, or postgres://…
    #[arg(long, value_name = "URL", default_value = "sqlite:data.sqlite")]
    database: String,
    /// For a URL with a user
    #[arg(long, value_name = "FILE")]
    database_password_file: Option<PathBuf>,
    /// folder:DIR, or smtps://USER@HOST
    #[arg(long, value_name = "WHERE", default_value = "folder:mail-out")]
    mail: String,
    /// For a URL with a user
    #[arg(long, value_name = "FILE")]
    mail_password_file: Option<PathBuf>,
    /// The sender of e-mails
    #[arg(long, value_name = "ADDRESS", default_value = "vote@localhost")]
    mail_from: String,
    /// On another disk than the database; DIR/anchors where none is named
    #[arg(long, value_name = "DIR")]
    anchors: Option<PathBuf>,
    /// What the browser is given
    #[arg(long, value_name = "DIR", default_value = "examples/portal/static")]
    scripts: PathBuf,
    /// A proxy says where requests are from
    #[arg(long)]
    behind_proxy: bool,
    /// For a demonstration: letters as files, one a voter
    #[arg(long, value_name = "DIR")]
    letters_into: Option<PathBuf>,
    /// FOR TESTS ONLY: a file with the seconds that all clocks are ahead by
    #[arg(long, value_name = "FILE")]
    clock_ahead: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
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

fn run(arguments: Arguments) -> Result<Option<String>, Failure> {
    let folder = arguments.folder;
    let text = |place: &Path| fs::read_to_string(place).map_err(|error| disk::named(place, error));
    let clock = Clock::new(arguments.clock_ahead.clone())?;
    let mut election = Election::read(&arguments.election, &text(&arguments.election)?)?;
    let electors = electors(&arguments.voters, &election.numbers())?;
    election.grace = arguments.grace.unwrap_or(election.grace);
    election.complaints = arguments.complaints.unwrap_or(election.complaints);
    if let Some(address) = arguments.address {
        election.address = address.trim_end_matches('/').to_owned();
    }
    let url = |name: &str, url: &str, password: Option<PathBuf>| {
        let password = password.map(|place| text(&place)).transpose()?;
        with_password(name, url, password.as_deref())
    };
    let mail = url("mail", &arguments.mail, arguments.mail_password_file)?;
    Mailer::new(&mail, &arguments.mail_from)?;
    let settings = Settings {
        listen: arguments.listen,
        issuer: arguments.issuer,
        database: url("database", &arguments.database, arguments.database_password_file)?,
        mail,
        mail_from: arguments.mail_from,
        scripts: arguments.scripts,
        anchors: arguments.anchors.unwrap_or_else(|| folder.join("anchors")),
        clock_ahead: arguments.clock_ahead,
        behind_proxy: arguments.behind_proxy,
        opens_in: arguments.opens_in,
        closes_in: arguments.closes_in,
    };
    // Also while the letters are printed.
    let issuer = folder.join("issuer");
    disk::make_folder(&issuer, 0o700)?;
    let _alone = disk::alone(&issuer, "an issuer or a setup")?;
    let setup = Setup { folder, election, electors, settings };
    let missing = setup.run(&clock)?;
    if missing.is_none() {
        if let Some(into) = arguments.letters_into {
            print_letters(&setup.folder, &into)?;
        }
        let passwords =
            ["portal/bureau-passwords.txt", "issuer/password.txt"].map(|name| setup.folder.join(name));
        let mut said =
            String::from("Passwords in clear, readable by their owner alone: hand them over, and delete\n");
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
fn print_letters(folder: &Path, into: &Path) -> Result<(), Failure> {
    let mut desk = Desk::open(&folder.join("issuer"))?;
    let (press, letters) = (Press::new(&desk, Lang::Fr)?, desk.letters());
    for letter in &letters {
        let text = press.print(std::slice::from_ref(letter), "")?;
        let voter = String::from_utf8_lossy(letter.voter.as_bytes());
        disk::put_secret(&into.join(format!("{voter}.html")), text.as_bytes())?;
    }
    desk.sent(&letters)
}
