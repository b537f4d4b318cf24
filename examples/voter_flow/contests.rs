//! The four contests of a teacher at a university, and the booklets of their lists.
//!
//! The lists of the CSAMESR are those of 2022. All other lists, all statements and all candidates are
//! invented.

use crate::common::LISTS;

/// A contest as the organiser prepares it.
pub struct Prepared {
    pub number: u64,
    pub short: &'static str,
    pub title: &'static str,
    pub lists: &'static [&'static str],
    pub seats: u64,
    /// Voters besides the teacher.
    pub others: usize,
}

pub const CONTESTS: [Prepared; 4] = [
    Prepared {
        number: 231,
        short: "CAPA",
        title: "Commission administrative paritaire académique des professeurs agrégés",
        lists: &[
            "Horizon commun",
            "Le Préau",
            "Craie et cartable",
            "Alternative des personnels",
            "Nouvel élan",
            "Voix des salles",
        ],
        seats: 10,
        others: 31,
    },
    Prepared {
        number: 305,
        short: "CAPN",
        title: "Commission administrative paritaire nationale des professeurs agrégés",
        lists: &["Horizon commun", "Le Préau", "Union des agrégés", "Nouvel élan", "Cap national"],
        seats: 10,
        others: 43,
    },
    Prepared {
        number: 584,
        short: "CSAMESR",
        title: "Comité social d'administration ministériel de l'enseignement supérieur et de la recherche",
        lists: &LISTS,
        seats: 15,
        others: 56,
    },
    Prepared {
        number: 712,
        short: "CSA local",
        title: "Comité social d'administration de l'université",
        lists: &["Université vivante", "Campus pour tous", "Agir ensemble"],
        seats: 10,
        others: 22,
    },
];

/// The abbreviation under which a contest is shown.
pub fn short(number: u64) -> &'static str {
    CONTESTS.iter().find(|contest| contest.number == number).map_or("", |contest| contest.short)
}

const AIMS: [&str; 6] = [
    "des moyens pour enseigner et chercher, et du temps pour le faire",
    "des carrières lisibles, et des promotions dont les critères sont publics",
    "des locaux rénovés, chauffés et accessibles à toutes et à tous",
    "la fin des contrats courts pour des besoins permanents",
    "une vraie formation continue, choisie et sur le temps de service",
    "des décisions prises au plus près des équipes",
];
const FIRST_NAMES: [&str; 8] = ["Inès", "Hugo", "Salomé", "Karim", "Élise", "Thomas", "Nadia", "Paul"];
const LAST_NAMES: [&str; 9] =
    ["Marchand", "Le Goff", "Benali", "Perrin", "Da Silva", "Roche", "Meunier", "Faure", "Nguyen"];

/// What one list says and who stands for it.
pub struct Statement {
    pub name: &'static str,
    pub statement: String,
    pub candidates: Vec<String>,
}

/// The statements and candidates of all lists, which the contest's `documents` identifies.
pub struct Booklet(pub Vec<Statement>);

impl Booklet {
    pub fn of(contest: &Prepared) -> Self {
        let statements = contest.lists.iter().enumerate().map(|(list, name)| Statement {
            name,
            statement: format!(
                "Avec « {name} », nous demandons {}. Nous voulons aussi {}.",
                AIMS[list % AIMS.len()],
                AIMS[(list + 2) % AIMS.len()]
            ),
            candidates: (0..4)
                .map(|rank| {
                    let first = FIRST_NAMES[(3 * list + 5 * rank) % FIRST_NAMES.len()];
                    let last = LAST_NAMES[(4 * list + 7 * rank) % LAST_NAMES.len()];
                    format!("{first} {last}")
                })
                .collect(),
        });
        Booklet(statements.collect())
    }

    /// The bytes that are hashed.
    pub fn to_text(&self) -> String {
        let lists = (1..).zip(&self.0).map(|(list, Statement { name, statement, candidates })| {
            format!("Liste {list} : {name}\n{statement}\nCandidatures : {}\n", candidates.join(", "))
        });
        lists.collect::<Vec<_>>().join("\n")
    }
}
