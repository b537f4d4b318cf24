//! After the close: closed boxes, the tally by the bureau, the voter's own check, audits, results.

use std::collections::BTreeSet;

use urne::ballot_box::{
    AfterComplaints, ClosedBox, Closing, GivenClosing, SignedBox, SignedClosing, Signings,
};
use urne::record::{Outcome, Step};
use urne::tally::EndorsedClosing;
use urne::trustee::Ready;
use urne::voter::CheckError;
use urne::{AuditReport, BallotReference, ClosedRecord, OpenedTally, Record, UnixTime, VoterId};

use crate::World;
use crate::common::{COMPLAINTS, ENDS_AT, Failure};
use crate::contests::short;
use crate::election::{Scrutin, TRUSTEES};
use crate::tool::width;
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
        self.check_own_ballots(&counted)?;
        self.audit(&counted)?;
        self.results(&counted)
    }

    /// Every box is made again from its log, which verifies all of it, and closes. The box of the teacher's last
    /// ballot first tries a closing without it.
    fn close(&mut self) -> Result<Vec<Closed>, Failure> {
        self.console.screen("CLÔTURE DU VOTE")?;
        for (number, complaint) in (1..).zip(&self.portal.complaints) {
            let at = self.console.clock.date_and_time(complaint.at)?;
            self.console.say(&format!("Réclamation n° {number}, le {at} : « {} »", complaint.text));
        }
        let (now, mut boxes) = (self.console.clock.now(), Vec::new());
        println!("  Scrutin           Inscrits  Émargements  Bulletins  Clôture");
        // What is left of the line, of 64 characters.
        let shown = width().saturating_sub(55).clamp(4, 24);
        for scrutin in std::mem::take(&mut self.election.scrutins) {
            let (number, seats, voters) = (scrutin.number(), scrutin.seats, scrutin.voters.clone());
            if let Some((_, log)) = self.before_mine.filter(|(of, _)| *of == number) {
                let (left_out, _, _) = scrutin.without_the_last(log)?.close(now, &mut self.rng)?;
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

    /// What every trustee publishes, by a channel of its own, when it is given a closed record.
    fn given(&self, closed: &ClosedBox) -> Vec<GivenClosing> {
        let trustees = self.election.trustees.iter();
        trustees.map(|trustee| GivenClosing { trustee: trustee.index(), closing: closed.digest() }).collect()
    }

    /// A closing that leaves ballots out: the teacher's device notices in the time for complaints, and hands its
    /// head to the bureau. Nobody endorses that closing; the box must make another that extends the head.
    fn complain_of(&mut self, closed: &ClosedBox) -> Result<(), Failure> {
        let (given, contest) = (self.given(closed), closed.contest().contest());
        let mine = self.voted.iter().find(|voted| *voted.contest() == *contest).ok_or("no vote of mine")?;
        let size = mine.receipt().deposit_proof.head.size;
        // There is no path from the larger box: any does for one that lies.
        let path = closed.consistency(size.min(closed.closing().size)).ok_or("an empty box")?;
        let roll = closed.roll().digest();
        match mine.check_given(closed.closing(), roll, &given, &path) {
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
                self.left_out = Some(*closed.closing());
                Ok(())
            }
            other => Err(format!("a closing without my ballot passes: {other:?}").into()),
        }
    }

    /// In the time for complaints: the closings that the trustees were given extend the boxes as they were.
    fn check_given(&self, boxes: &[Closed]) -> Result<(), Failure> {
        for voted in &self.voted {
            let mut boxes = boxes.iter().map(|of| &of.closed);
            let closed = boxes.find(|closed| closed.contest().contest() == voted.contest());
            let closed = closed.ok_or("a contest without a box")?;
            let head = voted.receipt().deposit_proof.head;
            let path = closed.consistency(head.size).ok_or("the closed box has lost ballots")?;
            voted.check_given(closed.closing(), closed.roll().digest(), &self.given(closed), &path)?;
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
            let given = self.given(&closed);
            let after = AfterComplaints::of(&closed, &given, closed.closing().at, COMPLAINTS, now)?;
            // The issuer compares the whole roll with the codes it issued.
            let signature = self.election.issuer.sign_closing(&closed, &after)?.stored();
            let signed = SignedBox::new(closed, signature)?;
            let mut present: Vec<_> = self.election.trustees.iter_mut().enumerate().collect();
            present.retain(|(member, _)| *member != AWAY);
            let endorsements = present
                .iter_mut()
                .map(|(_, trustee)| {
                    let endorsed =
                        trustee.endorse(&signed, &signings, &voters, &after, now, &mut self.rng)?;
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
    /// closed is the one it entered.
    fn check_own_ballots(&self, counted: &[Counted]) -> Result<(), Failure> {
        self.console.screen("CONTRÔLE DE MES BULLETINS")?;
        if self.voted.is_empty() {
            self.console.say("Vous n'avez pas voté.");
        }
        for voted in &self.voted {
            let number = voted.reference().number();
            self.another_closing(number, counted)?;
            let record = Record::from_json(&self.files.record(number)?)?;
            let contest = record.contest()?;
            let contest = contest.contest();
            let opening = record.roll(contest)?.opening_digest();
            let ballot = self.files.ballot(number)?;
            let proof = self.files.deposit_proof(number)?;
            self.files.emargement(number)?.verify(contest)?;
            proof.verify(contest, opening, &ballot)?;

            let reference = BallotReference::of(contest, &ballot);
            let index = usize::try_from(proof.index)?;
            let found = record.ballots.get(index).filter(|published| published.0 == ballot);
            if reference != voted.reference() || found.is_none() {
                return Err(format!("ballot {} is not in the closed box", voted.reference()).into());
            }
            let mut counted =
                counted.iter().filter(|counted| counted.signed.closed().contest().contest() == contest);
            let Counted { signed, opened, .. } = counted.next().ok_or("a contest that was not counted")?;
            let path =
                signed.closed().consistency(proof.head.size).ok_or("the closed box has lost ballots")?;
            let endorsed =
                EndorsedClosing::verify(contest, SignedClosing::of(signed), opened.endorsements())?;
            voted.check_counted(&endorsed, &path)?;

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

    /// The box shows the voter the closing that was not endorsed, with the signatures and endorsements of the other.
    fn another_closing(&self, number: u64, counted: &[Counted]) -> Result<(), Failure> {
        let Some((left_out, (of, _))) = self.left_out.zip(self.before_mine) else { return Ok(()) };
        let of_contest =
            |counted: &&Counted| counted.signed.closed().contest().contest().description().number == number;
        let Some(Counted { signed, opened, .. }) = counted.iter().find(of_contest).filter(|_| of == number)
        else {
            return Ok(());
        };
        let contest = signed.closed().contest().contest();
        let shown = with_fields(&SignedClosing::of(signed), &left_out)?;
        match EndorsedClosing::verify(contest, shown, opened.endorsements()) {
            Err(error) => {
                self.console
                    .refuse(&format!("L'urne montre la clôture de {} bulletins : {error}.", left_out.size));
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
                let tied = tied.map(String::as_str).collect::<Vec<_>>().join(", ");
                let plural = if tie.seats > 1 { "sièges restent" } else { "siège reste" };
                println!("    {} {plural} à départager selon la règle de la loi : {tied}.\n", tie.seats);
            }
        }
        self.console.say(
            "Résultats de démonstration, tirés au sort. Sièges à la proportionnelle, à la plus forte moyenne.",
        );
        self.console.say(&format!("Fichiers : {}", self.files.directory().display()));
        Ok(())
    }
}

/// The other closing's fields in the place of this one's, as a box that lies would send them.
fn with_fields(genuine: &SignedClosing, other: &Closing) -> Result<SignedClosing, Failure> {
    // Kind, version, fingerprint, opening; then size and root.
    const SIZE: usize = 2 + 32 + 32;
    let mut bytes = genuine.to_bytes();
    let fields = [&other.size.to_le_bytes()[..], &other.root].concat();
    let place = bytes.get_mut(SIZE..SIZE + fields.len()).ok_or("a closing is longer")?;
    place.copy_from_slice(&fields);
    Ok(SignedClosing::from_bytes(&bytes)?)
}

/// Closes a box that was made again from its log, stores that it is closed, and verifies what it publishes
/// as each member of the bureau does.
fn close_box(
    mut scrutin: Scrutin,
    now: UnixTime,
    rng: &mut rand_chacha::ChaCha20Rng,
) -> Result<(ClosedBox, Signings), Failure> {
    let (closed, signings, entry) = scrutin.rebuilt()?.close(now, rng)?;
    scrutin.store(entry);
    let (again, _, _) = scrutin.rebuilt()?.close(now, rng)?;
    if again.digest() != closed.digest() {
        return Err("la clôture refaite du journal n'est pas la même".into());
    }
    Ok((ClosedRecord::new(&closed).verify(&mut |_| ())?, signings))
}
