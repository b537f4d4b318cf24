//! After the close: closed boxes, the tally by the bureau, the voter's own check, audits, results.

use std::collections::BTreeSet;

use urne::ballot_box::{ClosedBox, Complaints, GivenClosing, SignedBox, Signings};
use urne::primitives::{Text, escaped};
use urne::record::{CheckError, EndorsedRecord, GivenRecord, Outcome, Step};
use urne::trustee::Ready;
use urne::{AuditReport, ClosedRecord, OpenedTally, Record, UnixTime, VoterId};

use crate::World;
use crate::common::{COMPLAINTS, ENDS_AT, Failure};
use crate::contests::short;
use crate::election::{Scrutin, TRUSTEES};
use crate::tool::{shown, width};
use crate::words;

/// Who is away: the secretary, since the president is there.
const AWAY: usize = 1;
/// The members of the bureau who give their fragment: the president and two delegates.
const OPENING: [usize; 3] = [0, 2, 3];

/// A contest that is closed.
struct Closed {
    closed: ClosedBox,
    signings: Signings,
    voters: BTreeSet<VoterId>,
    seats: u64,
}

/// A contest that is counted.
struct Counted {
    signed: SignedBox,
    opened: OpenedTally,
    seats: u64,
}

impl World {
    pub fn close_and_count(mut self) -> Result<(), Failure> {
        self.console.clock.advance_to(ENDS_AT);
        let closed = self.close()?;
        let counted = self.tally(closed)?;
        self.check_own_ballots()?;
        self.audit(&counted)?;
        self.results(&counted)
    }

    /// Every box is made again from its log, which verifies all of it, and closes. The box of the teacher's last
    /// ballot first tries a closing without it.
    fn close(&mut self) -> Result<Vec<Closed>, Failure> {
        self.console.screen("CLÔTURE DU VOTE")?;
        for (number, complaint) in (1..).zip(&self.portal.complaints) {
            let at = self.console.clock.date_and_time(complaint.at)?;
            self.console.say(&format!("Réclamation n° {number}, le {at} : « {} »", escaped(&complaint.text)));
        }
        let (now, mut boxes) = (self.console.clock.now(), Vec::new());
        println!("  Scrutin           Inscrits  Émargements  Bulletins  Clôture");
        // What is left of the line, of 64 characters.
        let shown = width().saturating_sub(55).clamp(4, 24);
        for scrutin in std::mem::take(&mut self.election.scrutins) {
            let (number, seats, voters) = (scrutin.number(), scrutin.seats, scrutin.voters.clone());
            if let Some((_, log)) = self.before_mine.filter(|(of, _)| *of == number) {
                let left_out = scrutin.without_the_last(log, now, &mut self.rng)?;
                self.complain_of(&left_out)?;
            }
            let (closed, signings) = close_box(scrutin, now, &mut self.rng)?;
            let (closing, digest) = (closed.closing(), closed.digest().to_string());
            println!(
                "  {number:>3}  {:<12} {:>8}  {:>11}  {:>9}  {}…",
                short(number),
                voters.len(),
                signings.voters().len(),
                closing.size,
                &digest[..shown]
            );
            boxes.push(Closed { closed, signings, voters, seats });
        }
        self.check_given(&boxes)?;
        Ok(boxes)
    }

    /// Issuer and trustees take note of a closed record, and every trustee publishes by a channel of its own which it is.
    fn given(&mut self, closed: &ClosedBox) -> Result<Vec<GivenClosing>, Failure> {
        let now = self.console.clock.now();
        self.election.issuer.given(closed, now)?.stored();
        let trustees = self.election.trustees.iter_mut();
        trustees.map(|trustee| Ok(trustee.given(closed, now)?.stored())).collect()
    }

    /// A closing that leaves ballots out: the teacher's device notices in the time for complaints, and hands its
    /// head to the bureau. Nobody endorses that closing; the box must make another that extends the head.
    fn complain_of(&mut self, closed: &ClosedBox) -> Result<(), Failure> {
        let (given, contest) = (self.given(closed)?, closed.contest().contest());
        let mine = self
            .voted
            .iter()
            .map(|(voted, _)| voted)
            .find(|voted| *voted.contest() == *contest)
            .ok_or("no vote of mine")?;
        let record = ClosedRecord::new(closed);
        match mine.check_given(&GivenRecord::verify(&record, &given)?) {
            Err(CheckError::Fork { head, .. }) => {
                for trustee in &mut self.election.trustees {
                    trustee.show_head(contest, &head)?.stored();
                }
                println!(
                    "  {:>3}  Fraude simulée : l'urne présente une clôture de {} bulletins. Votre preuve de dépôt en compte déjà {} : \n       \
                     vous la remettez au bureau, qui n'en vise aucune qui ne la prolonge.",
                    contest.description().number,
                    closed.closing().size,
                    head.size
                );
                self.left_out = Some(record);
                Ok(())
            }
            other => Err(format!("a closing without my ballot passes: {other:?}").into()),
        }
    }

    /// In the time for complaints: the closings that the trustees were given extend the boxes as they were.
    fn check_given(&mut self, boxes: &[Closed]) -> Result<(), Failure> {
        for Closed { closed, .. } in boxes {
            let given = self.given(closed)?;
            for (voted, _) in
                self.voted.iter().filter(|(voted, _)| voted.contest() == closed.contest().contest())
            {
                voted.check_given(&GivenRecord::verify(&ClosedRecord::new(closed), &given)?)?;
            }
        }
        self.console.say(
            "Délai de réclamation : chaque membre du bureau publie l'empreinte de la clôture qu'il a reçue ; toutes \
             contiennent vos bulletins.",
        );
        Ok(())
    }

    fn tally(&mut self, boxes: Vec<Closed>) -> Result<Vec<Counted>, Failure> {
        self.console.clock.advance(COMPLAINTS);
        self.console.screen("DÉPOUILLEMENT PAR LE BUREAU DE VOTE")?;
        let (now, mut counted) = (self.console.clock.now(), Vec::new());
        for Closed { closed, signings, voters, seats } in boxes {
            let given = self.given(&closed)?;
            let complaints = Complaints { seconds: COMPLAINTS, given: &given };
            // The issuer compares the whole roll with the codes it issued.
            let signature = self.election.issuer.sign_closing(&closed, &complaints, now)?.stored();
            let signed = SignedBox::new(closed, signature)?;
            let mut present: Vec<_> = self.election.trustees.iter_mut().enumerate().collect();
            present.retain(|(member, _)| *member != AWAY);
            let endorsements = present
                .iter_mut()
                .map(|(_, trustee)| {
                    let endorsed =
                        trustee.endorse(&signed, &signings, &voters, &complaints, now, &mut self.rng)?;
                    Ok(endorsed.stored())
                })
                .collect::<Result<Vec<_>, Failure>>()?;
            let mut opening: Vec<_> =
                present.into_iter().filter(|(member, _)| OPENING.contains(member)).collect();
            let ready: Vec<Ready> = opening
                .iter()
                .map(|(_, trustee)| trustee.ready(&signed, &endorsements))
                .collect::<Result<_, _>>()?;
            let factors = opening
                .iter_mut()
                .map(|(_, trustee)| {
                    Ok(trustee.give_factors(&signed, &endorsements, &ready, &mut self.rng)?.stored())
                })
                .collect::<Result<Vec<_>, Failure>>()?;
            let opened = OpenedTally::open(&signed, &endorsements, &factors)?;
            let record = self.files.publish(&Record::new(&signed, &opened))?;
            self.console.done(&format!(
                "{:>3} : urne vérifiée, visée par {} membres, dépouillée ({record})",
                signed.closed().contest().contest().description().number,
                endorsements.len(),
            ));
            counted.push(Counted { signed, opened, seats });
        }
        let members = OPENING.map(|member| TRUSTEES[member]).join(", ");
        self.console.say(&format!("Absente : {}. Fragments de clé réunis : {members}.", TRUSTEES[AWAY]));
        self.console.say("Aucun bulletin n'a été ouvert : seules les sommes ont été déchiffrées.");
        Ok(counted)
    }

    /// From the voter's own files and what is published: each ballot is in the box, and the box that was
    /// closed is the one it entered. A second device, with the code and the record alone, finds the same.
    fn check_own_ballots(&self) -> Result<(), Failure> {
        self.console.screen("CONTRÔLE DE MES BULLETINS")?;
        if self.voted.is_empty() {
            self.console.say("Vous n'avez pas voté.");
        }
        for (voted, code) in &self.voted {
            let number = voted.reference().number();
            let record = Record::from_json(&self.files.record(number)?)?;
            self.another_closing(&record)?;
            let endorsed = EndorsedRecord::verify(&record, &self.election.published)?;
            let kept = self.files.dossier(number)?.voted(endorsed.ballots().contest())?;
            let found = kept.check_counted(&endorsed)?;
            endorsed.ballots().check_code(code, &kept.reference())?;

            println!("  {}", found.reference);
            self.console.done(&format!(
                "dans l'urne close, à la place {} sur {} ; l'urne close prolonge celle du dépôt",
                found.index + 1,
                record.closing.size
            ));
        }
        Ok(())
    }

    /// The box shows the voter the closing that was not endorsed, with the signatures and endorsements of the other.
    fn another_closing(&self, record: &Record) -> Result<(), Failure> {
        let Some(left_out) = self.left_out.as_ref().filter(|left_out| left_out.contest == record.contest)
        else {
            return Ok(());
        };
        let mut shown = record.clone();
        shown.ballots.clone_from(&left_out.ballots);
        (shown.closing.size, shown.closing.root) = (left_out.closing.size, left_out.closing.root);
        match EndorsedRecord::verify(&shown, &self.election.published) {
            Err(error) => {
                let size = shown.closing.size;
                self.console.refuse(&format!("L'urne montre la clôture de {size} bulletins : {error}."));
                Ok(())
            }
            Ok(_) => Err("a closing that nobody endorsed passes".into()),
        }
    }

    /// What anyone does with the four records.
    fn audit(&self, counted: &[Counted]) -> Result<(), Failure> {
        self.console.screen("AUDIT DES PROCÈS-VERBAUX")?;
        let mut reports = Vec::new();
        print!("  {:<37}", "Étape");
        for counted in counted {
            let number = counted.signed.closed().contest().contest().description().number;
            print!("{number:>5}");
            reports.push(AuditReport::of_json(&self.files.record(number)?, &mut |_| ()));
        }
        println!();
        for step in Step::ALL {
            print!("  {}. {:<34}", step.number(), words::step(step));
            for report in &reports {
                print!("{:>5}", if *report.outcome(step) == Outcome::Passed { '✓' } else { '✗' });
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
        for Counted { signed, opened, seats } in counted {
            let closed = signed.closed();
            let description = closed.contest().contest().description();
            let (votes, blank) = (opened.result().votes(), opened.result().blank());
            let (total, count) = (votes.iter().sum::<u64>(), closed.tally().count());
            if total + blank != count {
                return Err(format!("{total} votes and {blank} blank in {count} ballots").into());
            }
            self.console.entry(description.number, &description.title);
            let most = votes.iter().copied().chain([blank, 1]).max().unwrap_or(1);
            // What is left of the line.
            let length = width().saturating_sub(47).clamp(3, 24);
            let full = |votes: u64| u128::from(votes) * length as u128 / u128::from(most);
            let bar = |votes: u64| (0..full(votes)).map(|_| '█').collect::<String>();
            let won = opened.result().seats(*seats);
            for ((name, votes), seats) in description.lists.iter().zip(votes).zip(won.certain()) {
                let plural = if *seats > 1 { "sièges" } else { "siège" };
                println!("    {name:<26} {:<length$} {votes:>3}   {seats:>2} {plural}", bar(*votes));
            }
            println!("    {:<26} {:<length$} {blank:>3}\n", "Vote blanc", bar(blank));
            if let Some(tie) = won.tie() {
                let tied = tie.lists.iter().filter_map(|list| description.lists.get(list - 1));
                let tied = tied.map(Text::to_string).collect::<Vec<_>>().join(", ");
                let plural = if tie.seats > 1 { "sièges restent" } else { "siège reste" };
                println!("    {} {plural} à départager selon la règle de la loi : {tied}.\n", tie.seats);
            }
        }
        self.console.say(
            "Résultats de démonstration, tirés au sort. Sièges à la proportionnelle, à la plus forte moyenne.",
        );
        self.console.say(&format!("Fichiers : {}", shown(self.files.directory())));
        Ok(())
    }
}

/// Closes a box that was made again from its log, stores that it is closed, and verifies what it publishes
/// as each member of the bureau does.
fn close_box(
    mut scrutin: Scrutin,
    now: UnixTime,
    rng: &mut rand_chacha::ChaCha20Rng,
) -> Result<(ClosedBox, Signings), Failure> {
    scrutin.restart()?;
    let (closed, signings) = scrutin.close(now, rng)?;
    scrutin.restart()?;
    let (again, _) = scrutin.close(now, rng)?;
    if again.digest() != closed.digest() {
        return Err("la clôture refaite du journal n'est pas la même".into());
    }
    Ok((ClosedRecord::new(&closed).verify(&mut |_| ())?, signings))
}
