//! Sealing on a device that seals many ballots.

use alloc::vec::Vec;
use core::fmt;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::ristretto::{RistrettoBasepointTable, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;

use super::seal::fixed_points;
use super::{BallotError, Choice, SealedBallot};
use crate::contest::{ApprovedContest, Contest};
use crate::credential::Credential;
use crate::primitives::group::Element;
use crate::primitives::secret::{self, overwrite};

/// Seals many ballots of one contest, with tables of multiples that it keeps.
///
/// It makes the same ballots as [`SealedBallot::seal`], which keeps nothing and is the right one for a
/// voter's own device. The tables take some `30·(J + L + 4)` kB and are made in about 1 ms a point; each ballot
/// then takes about two thirds of the time.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use urne::ballot::Sealer;
/// use urne::rand_core::UnwrapErr;
/// use urne::{Choice, Credential, VotingCode};
/// # let record = urne::Record::from_json(include_bytes!("../../tests/vectors/record-single.json"))?;
/// # let contest = record.contest()?;
///
/// let rng = &mut UnwrapErr(getrandom::SysRng);
/// // `contest` is an `ApprovedContest`.
/// let sealer = Sealer::new(&contest);
/// for _ in 0..3 {
///     let credential = Credential::derive(contest.contest(), &VotingCode::generate(rng));
///     let sealed = sealer.seal(Choice::Blank, &credential, rng)?;
///     println!("{}", sealed.reference());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Sealer {
    contest: ApprovedContest,
    tables: Tables,
}

impl Sealer {
    /// Makes the tables for a contest.
    #[must_use]
    pub fn new(contest: &ApprovedContest) -> Self {
        Sealer { contest: contest.clone(), tables: Tables::new(contest.contest()) }
    }

    /// Seals a choice: see [`SealedBallot::seal`].
    ///
    /// # Errors
    ///
    /// Those of [`SealedBallot::seal`].
    #[inline(never)]
    pub fn seal<R: CryptoRng + ?Sized>(
        &self,
        choice: Choice,
        credential: &Credential,
        rng: &mut R,
    ) -> Result<SealedBallot, BallotError> {
        let sealed =
            SealedBallot::seal_with(self.contest.contest(), Some(&self.tables), choice, credential, rng);
        overwrite::<{ secret::CHOICE }>();
        sealed
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sealer").field(&self.contest).finish()
    }
}

/// Multiples of a contest's points.
pub(super) struct Tables {
    /// Of `H_1 … H_J`.
    keys: Vec<RistrettoBasepointTable>,
    /// Of `P`, `N`, `K`, `Q`, `P_1 … P_L`.
    generators: Vec<RistrettoBasepointTable>,
    /// Half of `P_1 … P_L`.
    half_choices: Vec<RistrettoPoint>,
}

impl Tables {
    #[allow(non_snake_case)]
    fn new(contest: &Contest) -> Self {
        let half = Scalar::ONE.div_by_2();
        let keys = contest.encryption_keys().iter().map(Element::point);
        Tables {
            keys: keys.map(RistrettoBasepointTable::create).collect(),
            generators: fixed_points(contest).map(RistrettoBasepointTable::create).collect(),
            half_choices: contest.generators().choices.iter().map(|P_i| P_i * half).collect(),
        }
    }

    /// Of the encryption key in this position, from 0.
    pub(super) fn key(&self, position: usize) -> Option<&RistrettoBasepointTable> {
        self.keys.get(position)
    }

    /// Half of `P_1 … P_L`.
    pub(super) fn half_choices(&self) -> &[RistrettoPoint] {
        &self.half_choices
    }

    /// `Σ x·P` over `P`, `N`, `K`, `Q`, `P_1 … P_L`, or the first of them, in constant time.
    pub(super) fn secret_sum<'a>(&self, scalars: impl Iterator<Item = &'a Scalar>) -> RistrettoPoint {
        self.generators.iter().zip(scalars).map(|(table, scalar)| table * scalar).sum()
    }

    /// `Σ x·P` over `G`, `H_1 … H_J`, in constant time.
    pub(super) fn secret_key_sum(&self, scalars: &[Scalar]) -> RistrettoPoint {
        let tables = [RISTRETTO_BASEPOINT_TABLE].into_iter().chain(&self.keys);
        tables.zip(scalars).map(|(table, scalar)| table * scalar).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Dealt, rng};

    #[test]
    fn with_tables_or_without_the_ballot_is_the_same() {
        for (lists, packing) in [(1, None), (2, None), (13, None), (7, Some(3))] {
            let dealt = Dealt::new(&[(1, 1)], lists, packing, 1);
            let sealer = Sealer::new(&dealt.contest);
            for choice in [Choice::Blank, Choice::List(1), Choice::List(lists)] {
                let credential = dealt.credential(7);
                let with = sealer.seal(choice, &credential, &mut rng(3)).unwrap();
                let without = SealedBallot::seal(&dealt.contest, choice, &credential, &mut rng(3)).unwrap();
                assert_eq!(with.reference(), without.reference());
                assert_eq!(with.cast(), without.cast());
            }
        }
    }

    #[test]
    fn the_errors_are_the_same() {
        let (dealt, other) = (Dealt::simple(2, 1), Dealt::simple(2, 2));
        let sealer = Sealer::new(&dealt.contest);
        let refused = |choice, credential: &Credential| {
            let with = sealer.seal(choice, credential, &mut rng(3)).unwrap_err();
            let without = SealedBallot::seal(&dealt.contest, choice, credential, &mut rng(3)).unwrap_err();
            assert_eq!(with, without);
            with
        };
        assert_eq!(refused(Choice::List(3), &dealt.credential(1)), BallotError::Choice { lists: 2 });
        let foreign = refused(Choice::Blank, &other.credential(1));
        assert!(matches!(foreign, BallotError::ForeignContest { .. }));
    }
}
