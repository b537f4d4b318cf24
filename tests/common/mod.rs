//! What tests, examples and benches share: a key ceremony in one process, and the contest of 2022.
#![allow(dead_code)]

use std::error::Error;

use rand_chacha::ChaCha20Rng;
use urne::bureau::{Ceremony, Commitment, Confirmation, OpenedShares, Reveal};
use urne::contest::ContestDescription;
use urne::rand_core::{Rng, SeedableRng};
use urne::{
    ApprovedContest, Bureau, Contest, ElectionKey, IdentitySecret, Panel, SigningKey, Trustee, UnixTime,
};

pub type Failure = Box<dyn Error>;

/// Names as printed on the ballot of the CSAMESR, December 2022.
pub const LISTS: [&str; 12] = [
    "SNIRS-CFE-CGC",
    "SUD éducation – Recherche",
    "FERC CGT",
    "REFERENDUM",
    "CFTC",
    "SNALC",
    "SPEG",
    "SPLEN-SUP",
    "FSU",
    "UNSA Éducation",
    "FO ESR",
    "Sgen-CFDT",
];

/// 1 December 2022, 08:00 in Paris.
pub const OPENS_AT: UnixTime = UnixTime::from_seconds(1_669_878_000);
/// 8 December 2022, 17:00 in Paris.
pub const CLOSES_AT: UnixTime = UnixTime::from_seconds(1_670_515_200);
/// Thirty minutes for those who entered their code before the close.
pub const GRACE: u64 = 1_800;
/// Seconds for which complaints about a closing are taken: until the next day.
pub const COMPLAINTS: u64 = 86_400;
/// The end, when the box can close.
pub const ENDS_AT: UnixTime = UnixTime::from_seconds(1_670_517_000);

/// The RNG of a run: from the seed if there is one, from the operating system if not.
pub fn rng(seed: Option<u64>) -> Result<ChaCha20Rng, Failure> {
    match seed {
        Some(seed) => Ok(ChaCha20Rng::seed_from_u64(seed)),
        None => {
            let mut fresh = [0; 32];
            getrandom::fill(&mut fresh)?;
            Ok(ChaCha20Rng::from_seed(fresh))
        }
    }
}

/// An RNG of its own for someone else, drawn from this one.
pub fn fork(rng: &mut ChaCha20Rng) -> ChaCha20Rng {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    ChaCha20Rng::from_seed(seed)
}

/// The messages of a ceremony, as they stand on its public board.
#[derive(Default)]
pub struct Board {
    pub commitments: Vec<Commitment>,
    pub reveals: Vec<Reveal>,
    pub confirmations: Vec<Confirmation>,
}

/// The thresholds of panels and their numbers of trustees: the president or the secretary, and two of five
/// delegates.
pub const PANELS: [(u8, u8); 2] = [(1, 2), (2, 5)];

/// A whole key ceremony of honest trustees in one process. `panels` are thresholds with numbers of trustees.
pub fn run_ceremony(
    label: &str,
    panels: &[(u8, u8)],
    slots: u8,
    rng: &mut ChaCha20Rng,
) -> Result<(ElectionKey, Vec<Trustee>), Failure> {
    let (ceremony, board, trustees) = ceremony_on_board(label, panels, slots, rng)?;
    let Board { commitments, reveals, confirmations } = &board;
    Ok((ceremony.conclude(commitments, reveals, &[], confirmations)?, trustees))
}

/// The same, with the messages that it took.
pub fn ceremony_on_board(
    label: &str,
    panels: &[(u8, u8)],
    slots: u8,
    rng: &mut ChaCha20Rng,
) -> Result<(Ceremony, Board, Vec<Trustee>), Failure> {
    let number: usize = panels.iter().map(|(_, trustees)| usize::from(*trustees)).sum();
    let secrets: Vec<_> = (0..number).map(|_| IdentitySecret::generate(rng)).collect();
    let mut keys = secrets.iter().map(IdentitySecret::public);
    let mut panel = |(threshold, trustees): &(u8, u8)| Panel {
        threshold: *threshold,
        trustees: keys.by_ref().take((*trustees).into()).collect(),
    };
    let bureau = Bureau::new(panels.iter().map(&mut panel).collect())?;
    let ceremony = Ceremony::new(label, slots, bureau)?;

    let mut board = Board::default();
    let mut committed = Vec::new();
    for secret in secrets {
        let (state, message) = ceremony.join(secret, rng)?.stored();
        committed.push(state);
        board.commitments.push(message);
    }
    let mut revealed = Vec::new();
    for state in committed {
        let (state, message) = state.reveal(&board.commitments, rng)?.stored();
        revealed.push(state);
        board.reveals.push(message);
    }
    let mut confirmed = Vec::new();
    for state in revealed {
        let checked = match state.check(&board.reveals, rng)? {
            OpenedShares::Good(checked) => checked,
            OpenedShares::Bad(shares) => return Err(shares.to_string().into()),
        };
        let (state, message) = checked.confirm(&[], rng)?.stored();
        confirmed.push(state);
        board.confirmations.push(message);
    }
    let trustees = confirmed
        .into_iter()
        .map(|state| Ok(Trustee::after_ceremony(state.finish(&board.confirmations, &[])?)))
        .collect::<Result<_, Failure>>()?;
    Ok((ceremony, board, trustees))
}

/// The CSAMESR of 2022 with so many lists. Whoever runs it chooses the packing and quorums.
pub fn description(
    lists: u8,
    capacity: u64,
    box_key: &SigningKey,
    issuer_key: &SigningKey,
) -> ContestDescription {
    let name = |list: usize| {
        LISTS.get(list).map_or_else(|| format!("Liste {}", list + 1).into(), |name| (*name).into())
    };
    ContestDescription {
        election: "Élections professionnelles 2022".into(),
        number: 584,
        title: "CSA ministériel de l'enseignement supérieur et de la recherche".into(),
        documents: "".into(),
        lists: (0..usize::from(lists)).map(name).collect(),
        opens_at: OPENS_AT,
        closes_at: CLOSES_AT,
        grace: GRACE,
        capacity,
        packing: None,
        quorums: None,
        box_key: box_key.public(),
        issuer_key: issuer_key.public(),
    }
}

/// A contest, approved by all trustees the day before it opens.
pub fn approve(
    description: ContestDescription,
    key: &ElectionKey,
    trustees: &mut [Trustee],
    rng: &mut ChaCha20Rng,
) -> Result<ApprovedContest, Failure> {
    let contest = Contest::new(description, key)?;
    let before = UnixTime::from_seconds(contest.description().opens_at.seconds().saturating_sub(86_400));
    let approvals = trustees
        .iter_mut()
        .map(|trustee| Ok(trustee.approve(&contest, before, rng)?.stored()))
        .collect::<Result<_, Failure>>()?;
    Ok(ApprovedContest::new(contest, approvals)?)
}
