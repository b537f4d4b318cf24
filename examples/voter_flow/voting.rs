//! The vote: code, choice of contest, ballot, confirmation, acknowledgement. Everything here that matters
//! is done by [`urne::voter`]; these are its screens.

use urne::ballot_box::{ActivationError, DepositError, VoterState};
use urne::voter::{ActiveSession, Participation, Review, SealedChoice, Selection, SessionError, Voted};
use urne::{ActivationNonce, Choice, Contest, Credential, SealedBallot, VoterSession, VotingCode};

use crate::World;
use crate::common::Failure;
use crate::contests::{Booklet, short};
use crate::files::Files;
use crate::script::Event;
use crate::words;

/// By how many seconds the box's clock may differ from the voter's.
const TOLERANCE: u64 = 5;

/// Where the review leads.
enum Confirmed {
    Back(Box<Selection>),
    Done(ActiveSession),
}

impl World {
    /// From the voting code to the last contest, as far as the voter wants.
    pub fn vote(&mut self) -> Result<(), Failure> {
        let now = self.console.clock.now();
        let session = self.election.session(&self.portal.voter, now)?;
        if !session.contests().iter().any(|view| matches!(view.state(now), VoterState::Open { .. })) {
            self.console.screen("CHOIX DU SCRUTIN")?;
            self.show_contests(session.contests().iter())?;
            self.console.say("Il ne vous reste aucun scrutin ouvert.");
            return Ok(());
        }
        match self.enter_code(session)? {
            Some((session, code)) => self.choose_contests(session, &code),
            None => Ok(()),
        }
    }

    fn enter_code(&mut self, session: VoterSession) -> Result<Option<(ActiveSession, VotingCode)>, Failure> {
        self.console.screen("CODE DE VOTE")?;
        self.console.say(
            "Saisissez le code de vote reçu par courrier, ou par courriel après un réassort. Espaces, tirets \
             et majuscules n'ont pas d'importance.",
        );
        let mut session = session;
        loop {
            let typed = self.console.ask("Code de vote (R : réassort, Q : retour)")?;
            match typed.to_lowercase().as_str() {
                "q" => return Ok(None),
                "r" => {
                    self.reissue_code()?;
                    continue;
                }
                "" => continue,
                _ => {}
            }
            let code: VotingCode = match typed.parse() {
                Ok(code) => code,
                Err(error) => {
                    let (text, position) = words::mistyped(&error);
                    self.console.refuse(&text);
                    if let Some(position) = position {
                        let [groups, mark] = words::pointed_out(&typed, position);
                        println!("      {groups}\n      {mark}");
                    }
                    self.console.witness(Event::CodeMistyped { position });
                    continue;
                }
            };
            match self.activate(session, &code)? {
                Ok(active) => return Ok(Some((active, code))),
                Err(before) => session = before,
            }
        }
    }

    /// Answers the server's nonce with a code; the session as before when no box takes the answer.
    fn activate(
        &mut self,
        session: VoterSession,
        code: &VotingCode,
    ) -> Result<Result<ActiveSession, VoterSession>, Failure> {
        let now = self.console.clock.now();
        let nonce = ActivationNonce::generate(&mut self.rng);
        let entered = session.enter_code(code, &nonce, &mut self.rng);
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for (contest, activation) in entered.activations() {
            match self.election.activate(contest, &self.portal.voter, &nonce, activation, now) {
                Ok(()) => accepted.push(*contest),
                Err(error) => refused.push(error),
            }
        }
        refused.dedup();
        for error in &refused {
            self.console.refuse(&words::not_activated(error, &self.console.clock)?);
            match error {
                ActivationError::Expired { .. } => self.console.witness(Event::CodeExpired),
                ActivationError::Revoked => self.console.witness(Event::CodeRevoked),
                _ => {}
            }
        }
        match entered.activated(&accepted) {
            Ok(active) => {
                let count = accepted.len();
                let scrutins = if count == 1 { "un scrutin" } else { &format!("{count} scrutins") };
                self.console.done(&format!("Code de vote reconnu et activé pour {scrutins}."));
                self.console.witness(Event::CodeActivated);
                Ok(Ok(active))
            }
            Err(refused) => Ok(Err(refused.into_state())),
        }
    }

    fn reissue_code(&mut self) -> Result<(), Failure> {
        const TRIES: usize = 3;
        self.console.screen("RÉASSORT DU CODE DE VOTE")?;
        self.console.say(
            "Prouvez votre identité par votre NUMEN, ou par les dix premiers chiffres de votre numéro de \
             sécurité sociale. Le nouveau code remplace le précédent.",
        );
        for _ in 0..TRIES {
            let typed = self.console.ask("NUMEN ou sécurité sociale (Q : retour)")?;
            if typed.eq_ignore_ascii_case("q") {
                return Ok(());
            }
            if !self.portal.proves_identity(&typed) {
                self.console.refuse("Ce n'est ni votre NUMEN, ni le début de votre numéro.");
                self.console.witness(Event::IdentityRefused);
                continue;
            }
            let now = self.console.clock.now();
            let code = self.election.reissue(&self.portal.voter, now, &mut self.rng)?;
            let text = code.expose_text();
            let limit = self.console.clock.time(crate::clock::after(now, 120))?;
            let limit = format!("À utiliser dans les deux minutes, avant {limit}.");
            let heading = format!("Courriel à {}", self.portal.email);
            self.console.message(&heading, &["Votre nouveau code de vote :", &text, &limit]);
            self.console.at_hand.mail = text.to_string();
            self.console.witness(Event::CodeReissued);
            return Ok(());
        }
        self.console
            .refuse("Trois essais sans succès : vérifiez vos documents, ou formulez une réclamation.");
        Ok(())
    }

    fn choose_contests(&mut self, mut session: ActiveSession, code: &VotingCode) -> Result<(), Failure> {
        loop {
            self.console.screen("CHOIX DU SCRUTIN")?;
            self.show_contests(session.contests())?;
            if session.remaining(self.console.clock.now()).next().is_none() {
                self.console.say("Il ne vous reste aucun scrutin ouvert avec ce code.");
            }
            session = loop {
                let typed =
                    self.console.ask("Scrutin (E n° : émargement, D n° : preuve de dépôt, Q : retour)")?;
                let typed = typed.to_uppercase();
                if typed == "Q" {
                    return Ok(());
                } else if let Some(number) = typed.strip_prefix('E') {
                    self.emargement_again(number.trim().parse().unwrap_or(0))?;
                } else if let Some(number) = typed.strip_prefix('D') {
                    self.deposit_proof_again(number.trim().parse().unwrap_or(0))?;
                } else {
                    let number = typed.parse().unwrap_or(0);
                    match session.choose(number, self.console.clock.now()) {
                        Ok(participation) => break self.make_up_ballot(participation, code)?,
                        Err(refused) => {
                            self.console.refuse(&words::not_chosen(&refused.error(), &self.console.clock)?);
                            if let SessionError::AlreadyVoted { .. } = refused.error() {
                                self.second_ballot(number, code)?;
                            }
                            session = refused.into_state();
                        }
                    }
                }
            };
        }
    }

    fn show_contests<'a>(
        &self,
        views: impl Iterator<Item = &'a urne::voter::ContestView>,
    ) -> Result<(), Failure> {
        let now = self.console.clock.now();
        for view in views {
            let number = view.contest().description().number;
            let lists = view.contest().lists();
            let state = words::state(&view.state(now), &self.console.clock)?;
            println!("    {number:>3}  {:<10} {lists:>2} listes   {state}", short(number));
        }
        Ok(())
    }

    fn make_up_ballot(
        &mut self,
        participation: Participation,
        code: &VotingCode,
    ) -> Result<ActiveSession, Failure> {
        let number = participation.contest().description().number;
        participation.check_documents(self.booklet(number)?.to_text().as_bytes())?;
        self.show_ballot(participation.contest())?;
        self.console.say("V : « Je veux voter, j'active la sélection de mon choix de vote »");
        loop {
            let typed = self.console.ask("V, P n° : profession de foi, Q : retour")?.to_uppercase();
            if typed == "V" {
                break;
            } else if typed == "Q" {
                return Ok(participation.leave());
            } else if let Some(list) = typed.strip_prefix('P') {
                self.show_statement(number, list.trim())?;
            } else if typed.parse::<u8>().is_ok() {
                self.console.refuse("La sélection est inactive : activez-la d'abord par V.");
                self.console.witness(Event::SelectionInert);
            } else {
                self.console.refuse("Tapez V, P suivi d'un numéro de liste, ou Q.");
            }
        }
        let mut selection = participation.activate_selection();
        self.console.done("La sélection est active. Un seul choix : une liste, ou le vote blanc.");
        loop {
            let prompt =
                format!("Votre choix (1 à {}, 0 : blanc, P n°, Q : retour)", selection.contest().lists());
            let typed = self.console.ask(&prompt)?.to_uppercase();
            if typed == "Q" {
                return Ok(selection.leave());
            }
            if let Some(list) = typed.strip_prefix('P') {
                self.show_statement(number, list.trim())?;
                continue;
            }
            let choice = match typed.parse() {
                Ok(0) => Choice::Blank,
                Ok(list) => Choice::List(list),
                Err(_) => {
                    self.console
                        .refuse("Tapez un numéro de liste, 0 pour voter blanc, P et un numéro, ou Q.");
                    continue;
                }
            };
            selection = match selection.select(choice) {
                Ok(review) => match self.confirm(review, choice, code)? {
                    Confirmed::Back(selection) => {
                        self.show_ballot(selection.contest())?;
                        *selection
                    }
                    Confirmed::Done(session) => return Ok(session),
                },
                Err(refused) => {
                    self.console.refuse("Ce scrutin n'a pas de liste de ce numéro.");
                    refused.into_state()
                }
            };
        }
    }

    fn show_ballot(&self, contest: &Contest) -> Result<(), Failure> {
        let description = contest.description();
        self.console.screen("CONSTITUTION DU BULLETIN")?;
        self.console.entry(description.number, &description.title);
        for (list, name) in (1..).zip(&description.lists) {
            println!("    ( ) {list:>2}  {name}");
        }
        println!("    ( )  0  Vote blanc");
        Ok(())
    }

    fn confirm(&mut self, review: Review, meant: Choice, code: &VotingCode) -> Result<Confirmed, Failure> {
        self.console.screen("VOTE")?;
        self.console.say(&match review.list_name() {
            Some(name) => format!("Vous avez choisi la liste « {name} »."),
            None => "Vous avez choisi de voter blanc.".to_owned(),
        });
        let sealed = review.seal(&mut self.rng)?;
        self.console.say("Référence de votre bulletin, calculée par votre navigateur :");
        println!("  {}", sealed.reference());
        self.console.say("Après « Je vote », votre vote sera définitif et non modifiable.");
        loop {
            match self
                .console
                .ask("J : « Je vote », R : « Retour », T : tester ce bulletin")?
                .to_uppercase()
                .as_str()
            {
                "J" => break,
                "T" => return self.test_ballot(sealed, meant, code),
                "R" => {
                    self.console.done("Rien n'a été envoyé. Vous pouvez changer votre choix.");
                    self.console.witness(Event::ChoiceChanged);
                    return Ok(Confirmed::Back(Box::new(sealed.back())));
                }
                _ => self.console.refuse("Tapez J, R ou T."),
            }
        }
        let now = self.console.clock.now();
        let number = sealed.reference().number();
        // Stored first: if the answer is lost, or the browser closed, the same ballot can be sent again.
        let casting = self.files.keep_first(number, sealed.cast(now))?;
        let scrutin = self.election.scrutin(number).ok_or("a contest without a box")?;
        self.before_mine = Some((number, scrutin.log.len()));
        let receipt = match scrutin.deposit(&self.portal.voter, casting.ballot(), now) {
            Ok(receipt) => receipt,
            Err(error) => {
                self.console.refuse(&words::not_deposited(&error, &self.console.clock)?);
                return Ok(Confirmed::Done(casting.refused().0));
            }
        };
        let (session, voted) = casting.acknowledge(receipt, now, TOLERANCE)?;
        self.acknowledge(voted, code)?;
        Ok(Confirmed::Done(session))
    }

    /// The box takes note of the ballot, so that it never counts; then a second device, which has the code and the
    /// reference shown, looks into it.
    fn test_ballot(
        &mut self,
        sealed: SealedChoice,
        meant: Choice,
        code: &VotingCode,
    ) -> Result<Confirmed, Failure> {
        let now = self.console.clock.now();
        let shown = sealed.reference();
        let challenging = sealed.challenge();
        let scrutin = self.election.scrutin(shown.number()).ok_or("a contest without a box")?;
        let contest = scrutin.contest().clone();
        if let Err(error) = scrutin.challenge(&self.portal.voter, challenging.ballot(), now) {
            self.console.refuse(&format!("L'urne ne prend pas note de ce bulletin ({error})."));
            return Ok(Confirmed::Back(Box::new(challenging.back())));
        }
        let (opened, selection) = challenging.noted();
        self.console.say(
            "L'urne a pris note de ce bulletin, sans son contenu : il ne sera jamais compté. Sur un second appareil, \
             vous saisissez votre code et lisez le bulletin affiché sur le premier :",
        );
        let credential = Credential::derive(contest.contest(), code).public();
        opened.verify(&contest, &shown, &credential, meant)?;
        self.console.done("il est à vous, il a la référence affichée, et il contient bien votre choix.");
        self.console.witness(Event::BallotTested);
        Ok(Confirmed::Back(Box::new(selection)))
    }

    fn acknowledge(&mut self, voted: Voted, code: &VotingCode) -> Result<(), Failure> {
        let number = voted.reference().number();
        self.console.screen("ACCUSÉ DE RÉCEPTION")?;
        let text = format!(
            "Scrutin {number}, {}\n{}\nRéférence du bulletin :\n{}\n",
            short(number),
            self.console.clock.date_and_time(voted.receipt().acknowledgement.at)?,
            voted.reference()
        );
        for line in text.lines() {
            println!("  {line}");
        }
        self.files.keep(&voted, &text)?;
        self.console
            .done(&format!("Émargement : {} (téléchargeable à tout moment)", Files::emargement_name(number)));
        self.console.done(&format!(
            "Preuve de dépôt du bulletin dans l'urne : {} (le même bulletin, renvoyé, la donne à nouveau)",
            Files::deposit_proof_name(number)
        ));
        self.console.witness(Event::Voted { number });
        self.voted.push((voted, code.clone()));
        Ok(())
    }

    /// The portal offers no second vote. Here someone makes a second ballot without it, and the box refuses.
    fn second_ballot(&mut self, number: u64, code: &VotingCode) -> Result<(), Failure> {
        let now = self.console.clock.now();
        let scrutin = self.election.scrutin(number).ok_or("a contest without a box")?;
        let credential = Credential::derive(scrutin.contest().contest(), code);
        let second = SealedBallot::seal(scrutin.contest(), Choice::List(1), &credential, &mut self.rng)?;
        match scrutin.deposit(&self.portal.voter, &second.cast(), now) {
            Err(DepositError::AlreadyVoted { .. }) => {
                self.console
                    .done("Un second bulletin, fabriqué hors du portail, est refusé par l'urne elle-même.");
                self.console.witness(Event::SecondVoteRefused);
                Ok(())
            }
            Err(error) => Err(error.into()),
            Ok(_) => Err("the box has taken a second ballot".into()),
        }
    }

    fn emargement_again(&mut self, number: u64) -> Result<(), Failure> {
        let scrutin = self.election.scrutin(number);
        let emargement = scrutin.and_then(|scrutin| scrutin.ballot_box.emargement(&self.portal.voter));
        let Some(emargement) = emargement else {
            self.console.refuse("Vous n'avez pas émargé dans ce scrutin.");
            return Ok(());
        };
        if emargement != self.files.emargement(number)? {
            return Err("the émargement has changed".into());
        }
        self.console.done(&format!("{} : le même émargement, à nouveau.", Files::emargement_name(number)));
        self.console.witness(Event::EmargementAgain);
        Ok(())
    }

    /// The device sends the same ballot again, as after a lost answer, and gets the same receipt.
    fn deposit_proof_again(&mut self, number: u64) -> Result<(), Failure> {
        if !self.voted.iter().any(|(voted, _)| voted.reference().number() == number) {
            self.console.refuse("Vous n'avez pas voté dans ce scrutin.");
            return Ok(());
        }
        let (dossier, now) = (self.files.dossier(number)?, self.console.clock.now());
        let scrutin = self.election.scrutin(number).ok_or("a contest without a box")?;
        let again = scrutin.deposit(dossier.voter(), dossier.ballot(), now)?;
        if again.deposit_proof != self.files.deposit_proof(number)? || dossier.receipt() != Some(&again) {
            return Err("the deposit proof has changed".into());
        }
        self.console.done(&format!("{} : la même preuve, à nouveau.", Files::deposit_proof_name(number)));
        self.console.witness(Event::DepositProofAgain);
        Ok(())
    }

    pub fn booklet(&mut self, number: u64) -> Result<&Booklet, Failure> {
        Ok(&self.election.scrutin(number).ok_or("no such contest")?.booklet)
    }

    /// The booklet is the approved one, and another would be noticed.
    pub fn check_booklet(&mut self, number: u64) -> Result<(), Failure> {
        let scrutin = self.election.scrutin(number).ok_or("no such contest")?;
        let contest = scrutin.contest().contest();
        let text = scrutin.booklet.to_text();
        contest.check_documents(text.as_bytes())?;
        if contest.check_documents(text.replace("publics", "secrets").as_bytes()).is_ok() {
            return Err("a booklet that was changed passes".into());
        }
        let named = contest.description().documents.clone();
        self.console.done("Livret conforme à celui que le bureau a approuvé :");
        println!("    {named}");
        Ok(())
    }

    pub fn show_statement(&mut self, number: u64, typed: &str) -> Result<(), Failure> {
        let position = typed.parse::<usize>().ok().and_then(|list| list.checked_sub(1));
        let statement = position.and_then(|position| {
            let statement = self.election.scrutin(number)?.booklet.0.get(position)?;
            let candidates = format!("Candidatures : {}", statement.candidates.join(", "));
            Some((format!("Profession de foi — {}", statement.name), statement.statement.clone(), candidates))
        });
        match statement {
            Some((heading, text, candidates)) => self.console.message(&heading, &[&text, &candidates]),
            None => self.console.refuse("Ce scrutin n'a pas de liste de ce numéro."),
        }
        Ok(())
    }
}
