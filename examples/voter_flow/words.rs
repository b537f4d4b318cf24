//! The library's states and refusals in the voter's words.

use urne::ballot_box::{ActivationError, DepositError, VoterState};
use urne::credential::VotingCodeError;
use urne::record::Step;
use urne::voter::SessionError;

use crate::clock::Clock;
use crate::common::Failure;

const GROUP: usize = 5;

/// What is wrong with a code as it was typed, and at which character.
pub fn mistyped(error: &VotingCodeError) -> (String, Option<usize>) {
    let place = |position: usize| {
        let (group, rank) = ((position - 1) / GROUP + 1, (position - 1) % GROUP + 1);
        format!("caractère n° {position} (groupe {group}, place {rank})")
    };
    match error {
        VotingCodeError::Foreign { code_point, position } => (
            format!("Le {} (U+{code_point:04X}) n'est ni lettre, ni chiffre, ni tiret.", place(*position)),
            Some(*position),
        ),
        VotingCodeError::Length { expected, actual } => {
            (format!("Un code de vote compte {expected} caractères ; vous en avez saisi {actual}."), None)
        }
        VotingCodeError::Prefix => ("Un code de vote commence par « urne1 ».".into(), None),
        VotingCodeError::Character { position } => {
            (format!("Le {} n'existe dans aucun code de vote.", place(*position)), Some(*position))
        }
        VotingCodeError::Mistyped { position: Some(position) } => {
            (format!("Faute de frappe : vérifiez le {}.", place(*position)), Some(*position))
        }
        _ => ("Fautes de frappe à plusieurs endroits : comparez groupe par groupe.".into(), None),
    }
}

/// The code in its groups, and a mark under the character at this position, from 1.
pub fn pointed_out(typed: &str, position: usize) -> [String; 2] {
    // What a terminal might obey is not shown to it again.
    let shown = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '?' };
    let plain: Vec<char> = typed.chars().filter(|c| !matches!(c, ' ' | '-')).map(shown).collect();
    let groups: Vec<String> = plain.chunks(GROUP).map(|group| group.iter().collect()).collect();
    let column = position - 1 + (position - 1) / GROUP;
    [groups.join("-"), format!("{:column$}^", "")]
}

pub fn not_activated(error: &ActivationError, clock: &Clock) -> Result<String, Failure> {
    Ok(match error {
        ActivationError::Expired { expires_at } => format!(
            "Ce code a expiré à {} : il devait être utilisé dans les deux minutes. Demandez un réassort.",
            clock.time(*expires_at)?
        ),
        ActivationError::Revoked => "Ce code a été remplacé par un code plus récent.".into(),
        ActivationError::OtherCode => "Ce code est bien formé, mais ce n'est pas le vôtre.".into(),
        ActivationError::Closed { .. } => {
            "Le vote est clos : un code non saisi avant la clôture ne peut plus l'être.".into()
        }
        ActivationError::Ended { .. } => "Le vote est terminé.".into(),
        ActivationError::AlreadyVoted { at } => {
            format!("Vous avez déjà voté, le {}.", clock.date_and_time(*at)?)
        }
        ActivationError::NotOnRoll => "Vous n'êtes pas sur la liste électorale de ce scrutin.".into(),
        other => format!("Ce code n'a pas pu être activé ({other})."),
    })
}

pub fn not_chosen(error: &SessionError, clock: &Clock) -> Result<String, Failure> {
    Ok(match error {
        SessionError::UnknownContest { .. } => "Vous n'avez pas de scrutin de ce numéro.".into(),
        SessionError::AlreadyVoted { at } => {
            format!("Vous avez déjà voté dans ce scrutin, le {}.", clock.date_and_time(*at)?)
        }
        SessionError::NotYetOpen { opens_at } => {
            format!("Ce scrutin ouvre le {}.", clock.date_and_time(*opens_at)?)
        }
        SessionError::Closed { closes_at } => {
            format!("Ce scrutin est clos depuis le {}.", clock.date_and_time(*closes_at)?)
        }
        SessionError::NotActive { .. } => "Votre code n'est pas actif dans ce scrutin.".into(),
        SessionError::NothingToActivate => "Vous avez voté dans tous vos scrutins.".into(),
        other => other.to_string(),
    })
}

pub fn not_deposited(error: &DepositError, clock: &Clock) -> Result<String, Failure> {
    Ok(match error {
        DepositError::AlreadyVoted { at } => {
            format!("Vous avez déjà voté dans ce scrutin, le {}.", clock.date_and_time(*at)?)
        }
        DepositError::Ended { ends_at } => {
            format!("L'urne est fermée depuis le {} ; rien n'a été déposé.", clock.date_and_time(*ends_at)?)
        }
        DepositError::Revoked => {
            "Votre code a été remplacé par un code plus récent ; rien n'a été déposé.".into()
        }
        other => format!("L'urne refuse le bulletin ({other}) ; rien n'a été déposé."),
    })
}

pub fn state(state: &VoterState, clock: &Clock) -> Result<String, Failure> {
    Ok(match state {
        VoterState::NotYetOpen { opens_at } => format!("ouvre le {}", clock.date_and_time(*opens_at)?),
        VoterState::Open { active: true, .. } => "Participer".into(),
        VoterState::Open { active: false, .. } => "Code de vote à activer".into(),
        VoterState::Voted { at } => format!("A voté le {} à {}", clock.date(*at)?, clock.time(*at)?),
        VoterState::Closed { .. } => "Clos, sans vote".into(),
    })
}

/// A step of the audit.
pub fn step(step: Step) -> &'static str {
    match step {
        Step::Contest => "scrutin, clé et approbations",
        Step::Ballots => "lecture de chaque bulletin",
        Step::Roll => "liste électorale et droits de vote",
        Step::Proofs => "preuve de chaque bulletin",
        Step::References => "références et racine de Merkle",
        Step::Closing => "clôture et visas du bureau",
        Step::Tally => "nombre et somme des bulletins",
        Step::Factors => "fragments de déchiffrement",
        _ => "résultat",
    }
}
