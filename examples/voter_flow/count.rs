//! After the close: closed boxes, the tally by the bureau, the voter's own check, audits, results.

use urne::audit::{AuditReport, Outcome, Step};
use urne::closed_box::ClosedBox;
use urne::{BallotReference, OpenedTally, Record, UnixTime};

use crate::World;
use crate::common::{CLOSES_AT, Failure, highest_averages};
use crate::contests::short;
use crate::election::{Scrutin, TRUSTEES};
use crate::words;

/// The members of the bureau who give their fragment: the president and two delegates.
const OPENING: [usize; 3] = [0, 2, 3];
const BAR: u64 = 24;

/// A contest that is closed and counted.
struct Counted {
    closed: ClosedBox,
    opened: OpenedTally,
    seats: u64,
}

impl World {
    pub fn close_and_count(mut self) -> Result<(), Failure> {
        self.console.clock.advance_to(CLOSES_AT);
        let closed = self.close()?;
        let counted = self.tally(closed)?;
        self.check_own_ballots(&counted)?;
        self.audit(&counted)?;
        self.results(&counted)
    }

    /// Every box is made again from its log, which verifies all of it, and closes.
    fn close(&mut self) -> Result<Vec<(ClosedBox, u64)>, Failure> {
        self.console.screen("CLÔTURE DU VOTE")?;
        for (number, complaint) in (1..).zip(&self.portal.complaints) {
            let at = self.console.clock.date_and_time(complaint.at)?;
            self.console.say(&format!("Réclamation n° {number}, le {at} : « {} »", complaint.text));
        }
        let (now, mut boxes) = (self.console.clock.now(), Vec::new());
        println!("  Scrutin           Inscrits  Émargements  Bulletins  Clôture signée");
        for scrutin in std::mem::take(&mut self.election.scrutins) {
            let (number, seats) = (scrutin.number(), scrutin.seats);
            let voters = scrutin.ballot_box.roll().opening().voters;
            let closed = close_box(scrutin, now)?;
            let (closing, digest) = (closed.closing(), closed.digest().to_string());
            println!(
                "  {number:>3}  {:<12} {voters:>8}  {:>11}  {:>9}  {}…",
                short(number),
                closing.signings,
                closing.size,
                &digest[..24]
            );
            boxes.push((closed, seats));
        }
        Ok(boxes)
    }

    fn tally(&mut self, closed: Vec<(ClosedBox, u64)>) -> Result<Vec<Counted>, Failure> {
        self.console.screen("DÉPOUILLEMENT PAR LE BUREAU DE VOTE")?;
        let (now, mut counted) = (self.console.clock.now(), Vec::new());
        for (closed, seats) in closed {
            let endorsements = self
                .election
                .trustees
                .iter_mut()
                .map(|trustee| trustee.endorse(&closed, now, &mut self.rng))
                .collect::<Result<Vec<_>, _>>()?;
            let mut factors = Vec::new();
            for member in OPENING {
                let trustee = self.election.trustees.get(member).ok_or("no such trustee")?;
                factors.push(trustee.decrypt(&closed, &endorsements, &mut self.rng)?);
            }
            let opened = OpenedTally::open(&closed, &endorsements, &factors)?;
            let record = self.files.publish(&Record::new(&closed, &opened))?;
            self.console.done(&format!(
                "{:>3} : urne vérifiée, visée par les {} membres, dépouillée ({record})",
                closed.contest().contest().description().number,
                endorsements.len(),
            ));
            counted.push(Counted { closed, opened, seats });
        }
        let members = OPENING.map(|member| TRUSTEES[member]).join(", ");
        self.console.say(&format!("Fragments de clé réunis, trois sur sept : {members}."));
        self.console.say("Aucun bulletin n'a été ouvert : seules les sommes ont été déchiffrées.");
        Ok(counted)
    }

    /// From the voter's own files and what is published: each ballot is in the box, and the box that was
    /// closed is the one it entered.
    fn check_own_ballots(&self, counted: &[Counted]) -> Result<(), Failure> {
        self.console.screen("CONTRÔLE DE MES BULLETINS")?;
        if self.voted.is_empty() {
            self.console.say("Vous n'avez pas voté.");
        }
        for voted in &self.voted {
            let number = voted.reference().number();
            let record = Record::from_json(&self.files.record(number)?)?;
            let contest = record.contest()?;
            let contest = contest.contest();
            let ballot = self.files.ballot(number)?;
            let proof = self.files.deposit_proof(number)?;
            self.files.emargement(number)?.verify(contest)?;
            proof.verify(contest, &ballot)?;

            let reference = BallotReference::of(contest, &ballot);
            let index = usize::try_from(proof.index)?;
            let found = record.ballots.get(index).filter(|published| published.0 == ballot);
            if reference != voted.reference() || found.is_none() {
                return Err(format!("ballot {} is not in the closed box", voted.reference()).into());
            }
            let mut boxes = counted.iter().map(|counted| &counted.closed);
            let closed = boxes
                .find(|closed| closed.references().get(index) == Some(&reference))
                .ok_or("the reference is not in the closed box")?;
            let path = closed.consistency(proof.head.size).ok_or("the closed box has lost ballots")?;
            let roll = record.roll(contest)?.digest();
            proof.head.verify_consistency(contest, &record.closing(), roll, &path)?;
            voted.check_closing(closed.closing(), closed.roll().digest(), &path)?;

            println!("  {}", proof.reference);
            self.console.done(&format!(
                "dans la preuve de dépôt et dans l'urne close, à la place {} sur {} ; l'urne close prolonge \
                 celle du dépôt",
                proof.index + 1,
                record.closing.size
            ));
        }
        Ok(())
    }

    /// What anyone does with the four records.
    fn audit(&self, counted: &[Counted]) -> Result<(), Failure> {
        self.console.screen("AUDIT DES PROCÈS-VERBAUX")?;
        let mut reports = Vec::new();
        print!("  {:<40}", "Étape");
        for counted in counted {
            let number = counted.closed.contest().contest().description().number;
            print!("{number:>6}");
            reports.push(AuditReport::of_json(&self.files.record(number)?, &mut |_| ()));
        }
        println!();
        for step in Step::ALL {
            print!("  {}. {:<37}", step.number(), words::step(step));
            for report in &reports {
                print!("{:>6}", if *report.outcome(step) == Outcome::Passed { '✓' } else { '✗' });
            }
            println!();
        }
        for report in &reports {
            report.verdict().map_err(|report| format!("the audit refuses a record:\n{report}"))?;
        }
        self.console.done("Les quatre procès-verbaux sont exacts.");
        Ok(())
    }

    fn results(&self, counted: &[Counted]) -> Result<(), Failure> {
        self.console.screen("RÉSULTATS")?;
        for Counted { closed, opened, seats } in counted {
            let description = closed.contest().contest().description();
            let (votes, blank) = (opened.result().votes(), opened.result().blank());
            let (total, count) = (votes.iter().sum::<u64>(), closed.tally().count());
            if total + blank != count {
                return Err(format!("{total} votes and {blank} blank in {count} ballots").into());
            }
            self.console.entry(description.number, &description.title);
            let most = votes.iter().copied().chain([blank, 1]).max().unwrap_or(1);
            let bar = |votes: u64| (0..votes * BAR / most).map(|_| '█').collect::<String>();
            let seats = highest_averages(votes, *seats);
            for ((name, votes), seats) in description.lists.iter().zip(votes).zip(seats) {
                let plural = if seats > 1 { "sièges" } else { "siège" };
                println!("    {name:<26} {:<24} {votes:>3}   {seats:>2} {plural}", bar(*votes));
            }
            println!("    {:<26} {:<24} {blank:>3}\n", "Vote blanc", bar(blank));
        }
        self.console.say(
            "Résultats de démonstration, tirés au sort. Sièges à la proportionnelle, à la plus forte moyenne.",
        );
        self.console.say(&format!("Fichiers : {}", self.files.directory().display()));
        Ok(())
    }
}

/// Closes a box that was made again from its log, stores that it is closed, and verifies what it publishes
/// as each member of the bureau does.
fn close_box(mut scrutin: Scrutin, now: UnixTime) -> Result<ClosedBox, Failure> {
    let (closed, entry) = scrutin.rebuilt()?.close(now)?;
    scrutin.log.extend(entry.iter().flat_map(|entry| entry.as_bytes()));
    let (again, _) = scrutin.rebuilt()?.close(now)?;
    if again.digest() != closed.digest() {
        return Err("la clôture refaite du journal n'est pas la même".into());
    }
    let (contest, roll) = (closed.contest().clone(), closed.roll().clone());
    Ok(ClosedBox::verify(contest, roll, closed.ballots().to_vec(), *closed.closing(), &mut |_| ())?)
}
