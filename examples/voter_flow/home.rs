//! The portal's screens around the vote: identification, information, rolls, lists, complaints.

use crate::World;
use crate::common::Failure;
use crate::contests::{CONTESTS, short};
use crate::portal::{LEAST_PASSWORD, large};
use crate::script::Event;
use crate::tool::width;

const FORGOTTEN: &str = "oublié";

impl World {
    /// From the identification to the close, as often as the voter comes back.
    pub fn visits(&mut self) -> Result<(), Failure> {
        loop {
            self.identify()?;
            if self.home()? {
                return Ok(());
            }
            self.console.say("Votre session est fermée.");
            self.console.ask("Entrée pour revenir au portail")?;
        }
    }

    fn identify(&mut self) -> Result<(), Failure> {
        self.console.screen("PORTAIL DE VOTE — IDENTIFICATION")?;
        loop {
            let email = self.console.ask("Adresse électronique")?;
            let digits = self.portal.captcha();
            for row in large(&digits) {
                println!("      {row}");
            }
            self.console.at_hand.captcha.clone_from(&digits);
            let copied = self.console.ask("Recopiez les chiffres")?;
            if copied.replace(' ', "") != digits {
                self.console.refuse("Les chiffres ne correspondent pas. En voici d'autres.");
                self.console.witness(Event::CaptchaWrong);
            } else if !self.portal.knows(&email) {
                self.console.refuse("Cette adresse n'est celle d'aucun compte.");
            } else {
                break;
            }
        }
        if self.portal.has_password() {
            self.enter_password()?;
        } else {
            self.console.say("Première connexion : choisissez votre mot de passe électoral.");
            self.choose_password()?;
        }
        self.console.done(&format!("Bienvenue, {}.", self.portal.name));
        Ok(())
    }

    fn choose_password(&mut self) -> Result<(), Failure> {
        loop {
            let prompt = format!("Mot de passe électoral ({LEAST_PASSWORD} caractères au moins)");
            let password = self.console.ask(&prompt)?;
            if password.chars().count() < LEAST_PASSWORD {
                self.console.refuse("Ce mot de passe est trop court.");
                self.console.witness(Event::PasswordWeak);
            } else if self.console.ask("Le même, pour confirmation")? != password {
                self.console.refuse("Les deux saisies diffèrent.");
            } else if self.portal.set_password(&password)? {
                self.console.done("Mot de passe enregistré (seul son condensat Argon2id est conservé).");
                self.console.witness(Event::PasswordSet);
                return Ok(());
            }
        }
    }

    fn enter_password(&mut self) -> Result<(), Failure> {
        loop {
            let prompt = format!("Mot de passe électoral (ou « {FORGOTTEN} »)");
            let password = self.console.ask(&prompt)?;
            if password == FORGOTTEN {
                return self.replace_password();
            }
            if self.portal.password_holds(&password)? {
                return Ok(());
            }
            self.console.refuse("Mot de passe incorrect.");
            self.console.witness(Event::PasswordWrong);
        }
    }

    fn replace_password(&mut self) -> Result<(), Failure> {
        let temporary = self.portal.reissue_password()?;
        let heading = format!("Courriel à {}", self.portal.email);
        let text = format!("Mot de passe provisoire, à remplacer aussitôt : {temporary}");
        self.console.message(&heading, &[&text]);
        self.console.at_hand.mail = temporary;
        self.console.witness(Event::PasswordReissued);
        loop {
            let typed = self.console.ask("Mot de passe provisoire reçu par courriel")?;
            if self.portal.password_holds(&typed)? {
                return self.choose_password();
            }
            self.console.refuse("Mot de passe incorrect.");
            self.console.witness(Event::PasswordWrong);
        }
    }

    /// The menu. `true` when the voter wants to see the close, `false` on disconnection.
    fn home(&mut self) -> Result<bool, Failure> {
        self.console.screen("ACCUEIL")?;
        for entry in [
            "1  Informations pratiques",
            "2  Aide et questions fréquentes",
            "3  Listes électorales",
            "4  Scrutins, listes de candidatures et professions de foi",
            "5  Voter",
            "6  Formuler une réclamation",
            "7  Mes données personnelles",
            "8  Se déconnecter",
            "9  Aller à la clôture du vote (fin de la démonstration)",
        ] {
            println!("    {entry}");
        }
        loop {
            match self.console.ask("Votre choix")?.as_str() {
                "1" => self.information()?,
                "2" => self.help()?,
                "3" => self.rolls()?,
                "4" => self.lists()?,
                "5" => self.vote()?,
                "6" => self.complain()?,
                "7" => self.personal_data()?,
                "8" => return Ok(false),
                "9" => return Ok(true),
                _ => self.console.refuse("Choisissez un nombre de 1 à 9."),
            }
            println!();
            self.console.say("ACCUEIL : 1 informations, 2 aide, 3 listes électorales, 4 scrutins,");
            self.console.say("5 voter, 6 réclamation, 7 données personnelles, 8 déconnexion, 9 clôture");
        }
    }

    fn information(&self) -> Result<(), Failure> {
        self.console.screen("INFORMATIONS PRATIQUES")?;
        let description =
            self.election.scrutins.first().ok_or("no contest")?.contest().contest().description();
        let (opens_at, closes_at) = (description.opens_at, description.closes_at);
        self.console.say(&format!("Ouverture du vote : {}.", self.console.clock.date_and_time(opens_at)?));
        self.console.say(&format!("Fermeture du vote : {}.", self.console.clock.date_and_time(closes_at)?));
        self.console.say(
            "Le code de vote est arrivé par courrier à votre domicile. Il sert pour tous vos scrutins. \
             S'il est perdu, un réassort l'envoie par courriel sur preuve d'identité ; ce code-là doit être \
             utilisé dans les deux minutes.",
        );
        Ok(())
    }

    fn help(&self) -> Result<(), Failure> {
        self.console.screen("AIDE ET QUESTIONS FRÉQUENTES")?;
        for (question, answer) in [
            (
                "Puis-je revenir sur mon vote ?",
                "Avant « Je vote », autant de fois que vous voulez, par « Retour ». Après, non : \
                 le vote est définitif et non modifiable.",
            ),
            (
                "Qui peut savoir pour qui j'ai voté ?",
                "Personne : le bulletin est chiffré sur votre appareil, et seul le total est déchiffré, \
                 par trois membres du bureau au moins.",
            ),
            (
                "À quoi sert la référence de mon bulletin ?",
                "À le retrouver dans l'urne après la clôture. Votre navigateur la calcule lui-même à partir \
                 du bulletin qu'il envoie.",
            ),
        ] {
            self.console.say(&format!("« {question} »"));
            self.console.say(answer);
        }
        Ok(())
    }

    fn rolls(&self) -> Result<(), Failure> {
        self.console.screen("LISTES ÉLECTORALES")?;
        let now = self.console.clock.now();
        println!("  Scrutin           Inscrits  Vous  Empreinte de la liste");
        // What is left of the line, of 64 characters.
        let shown = width().saturating_sub(37).clamp(8, 32);
        for scrutin in &self.election.scrutins {
            let registered = scrutin.ballot_box.state(&self.portal.voter, now).is_some();
            let digest = scrutin.ballot_box.roll().digest().to_string();
            println!(
                "  {:>3}  {:<12} {:>8}  {:<4}  {}…",
                scrutin.number(),
                short(scrutin.number()),
                scrutin.ballot_box.roll().opening().voters,
                if registered { "oui" } else { "non" },
                &digest[..shown]
            );
        }
        self.console
            .say("Une erreur ? Formulez une réclamation : la liste est une donnée que chacun peut vérifier.");
        Ok(())
    }

    fn lists(&mut self) -> Result<(), Failure> {
        self.console.screen("SCRUTINS, LISTES ET PROFESSIONS DE FOI")?;
        for contest in &CONTESTS {
            self.console.entry(contest.number, contest.title);
        }
        loop {
            let typed = self.console.ask("Numéro du scrutin (Entrée : retour)")?;
            if typed.is_empty() {
                return Ok(());
            }
            let number = typed.parse().unwrap_or(0);
            if self.election.scrutin(number).is_none() {
                self.console.refuse("Vous n'avez pas de scrutin de ce numéro.");
                continue;
            }
            self.check_booklet(number)?;
            let booklet = self.booklet(number)?;
            for (list, statement) in (1..).zip(&booklet.0) {
                println!("    {list:>2}  {}", statement.name);
            }
            loop {
                let typed = self.console.ask("Numéro de la liste à lire (Entrée : retour)")?;
                if typed.is_empty() {
                    break;
                }
                self.show_statement(number, &typed)?;
            }
        }
    }

    fn complain(&mut self) -> Result<(), Failure> {
        self.console.screen("FORMULER UNE RÉCLAMATION")?;
        let text = self.console.ask("Votre réclamation (Entrée : retour)")?;
        if text.is_empty() {
            return Ok(());
        }
        let at = self.console.clock.now();
        let number = self.portal.complain(at, text.clone());
        let when = self.console.clock.date_and_time(at)?;
        let kept = format!("Réclamation n° {number}\n{}, {when}\n{text}\n", self.portal.name);
        self.files.write(&format!("reclamation-{number}.txt"), kept)?;
        self.console.done(&format!("Réclamation n° {number} enregistrée le {when}."));
        self.console.say("Le bureau de vote en prend connaissance avant le dépouillement.");
        self.console.witness(Event::Complaint);
        Ok(())
    }

    fn personal_data(&self) -> Result<(), Failure> {
        self.console.screen("MES DONNÉES PERSONNELLES")?;
        self.console.say(&format!("{}, {}", self.portal.name, self.portal.email));
        self.console.say(
            "Le portail conserve votre adresse, le condensat de votre mot de passe, les preuves d'identité \
             du réassort, vos scrutins et vos émargements. Il ne connaît ni votre code de vote une fois \
             envoyé, ni votre choix.",
        );
        Ok(())
    }
}
