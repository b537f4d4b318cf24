//! A voter's way through the elections of December 2022, in the terminal and in French: portal, voting
//! code, four contests, ballots, a ballot put to the test on a second device, proofs, the minutes around the close,
//! complaints, tally, the voter's own check, audits and results.
//!
//! A script plays the voter, unless `--interactive` hands the keyboard over. The exit status is 0 only if
//! everything happened as it must; `tool.rs` has the others.
//!
//! ```text
//! cargo run --release --example voter_flow
//! cargo run --release --example voter_flow -- --interactive
//! ```

#[macro_use]
#[path = "../tool.rs"]
mod tool;

mod clock;
#[path = "../../tests/common/mod.rs"]
mod common;
mod console;
mod contests;
mod count;
mod election;
mod files;
mod home;
mod last_minutes;
mod portal;
mod script;
mod voting;
mod words;

use std::process::ExitCode;

use clock::after;
use common::{CLOSES_AT, Failure, OPENS_AT, fork, rng};
use console::Console;
use election::{Election, TRUSTEES};
use files::Files;
use portal::Portal;
use rand_chacha::ChaCha20Rng;
use urne::voter::Voted;
use urne::{ClosedRecord, UnixTime, VotingCode};

const USAGE: &str = "\
A voter's way through an election, in French, from the portal to the result.

    voter_flow [OPTIONS]

    --interactive
        Asks the person at the keyboard instead of following the script.
    --out FOLDER
        Where the voter's files and the records go. By default a new folder among the temporary ones.
    --seed N
        Makes the whole run repeatable. For tests: whoever knows the seed knows every secret.
";

/// All sides of the demonstration in one process.
struct World {
    console: Console,
    portal: Portal,
    election: Election,
    files: Files,
    rng: ChaCha20Rng,
    /// Each with the code that it was cast with, which the voter still has on paper or in a mail.
    voted: Vec<(Voted, VotingCode)>,
    /// The contest in which the voter voted last, and how long its box's log was before.
    before_mine: Option<(u64, usize)>,
    /// A closing that leaves that ballot out.
    left_out: Option<ClosedRecord>,
}

fn main() -> ExitCode {
    tool::run("\n  ✗", || run(&tool::Line::read(USAGE, 0)?))
}

fn run(line: &tool::Line) -> Result<(), Failure> {
    let (mut rng, interactive) = (rng(line.option("seed")?)?, line.has("interactive"));
    let new = || std::env::temp_dir().join(format!("urne-voter-flow-{}", std::process::id()));
    let files = Files::new(line.option("out")?.unwrap_or_else(new))?;
    let portal = Portal::new(fork(&mut rng))?;
    let (election, letter) = Election::prepare(&portal.voter, &mut rng)?;
    let console = if interactive {
        Console::keyboard(script::SECOND_VISIT)?
    } else {
        Console::script(script::FIRST_VISIT, script::script())?
    };

    let mut world =
        World { console, portal, election, files, rng, voted: Vec::new(), before_mine: None, left_out: None };
    world.prologue(&letter, interactive)?;
    world.others_vote(0, OPENS_AT)?;
    world.visits()?;
    world.console.check_script(&script::EXPECTED)?;
    let now = world.console.clock.now();
    world.others_vote(1, now)?;
    world.last_minutes()?;
    world.close_and_count()
}

impl World {
    fn prologue(&mut self, letter: &VotingCode, interactive: bool) -> Result<(), Failure> {
        self.console.screen("ÉLECTIONS PROFESSIONNELLES 2022")?;
        self.console.say(
            "Ceci est une démonstration : tous les rôles sont joués par ce seul programme. L'horloge, les autres \
             votants, les courriers, les courriels, les absences et les fraudes sont simulés.",
        );
        self.console.done(&format!(
            "Clé produite par les {} membres du bureau : aucun ne la détient. Il faut, pour l'employer, la présidente \
             ou la secrétaire, et deux des cinq délégués.",
            TRUSTEES.len()
        ));
        for scrutin in &self.election.scrutins {
            let contest = scrutin.contest().contest();
            let description = contest.description();
            self.console.done(&format!("Scrutin {} approuvé : {}", description.number, description.title));
        }
        let text = letter.expose_text();
        self.console.message(
            "Courrier reçu à domicile",
            &[&format!("{}, voici votre code de vote :", self.portal.name), &text],
        );
        self.console.at_hand.letter = text.to_string();
        if interactive {
            self.console.say("À vous de voter. Vous jouez le rôle de la personne suivante :");
            for line in self.portal.identity_card() {
                println!("    {line}");
            }
            self.console.say(
                "L'horloge part du 3 décembre 2022 et suit la vôtre. À toute question, « :attendre 3 » \
                 l'avance de trois minutes (« 90 s », « 2 h », « 4 j »), et « :heure » la montre. \
                 Ce que vous tapez reste visible, mots de passe compris.",
            );
        }
        Ok(())
    }

    /// Half of the others vote before the teacher and half after, so that the result is not the teacher's
    /// alone.
    fn others_vote(&mut self, half: usize, from: UnixTime) -> Result<(), Failure> {
        if after(from, 3_600) >= CLOSES_AT {
            return Ok(());
        }
        let (voters, ballots) = self.election.others_vote(half, from, &mut self.rng)?;
        println!("\n  … {voters} autres personnes, simulées, déposent {ballots} bulletins …");
        Ok(())
    }
}
