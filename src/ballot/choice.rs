//! The voter's choice.

use core::fmt;

use subtle::{ConditionallySelectable, ConstantTimeEq, ConstantTimeLess};
use zeroize::ZeroizeOnDrop;

use super::BallotError;
use crate::primitives::declassify;
use crate::primitives::secret::{self, Secret, overwrite};

/// One list of the contest, by its number on the ballot, or blank.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The list with this number, from 1.
    List(u8),
    /// No list. On the ballot all bits are zero, so blank ballots are the count less all votes.
    Blank,
}

impl Choice {
    /// The choice as a number: 0 for blank.
    ///
    /// Written with selections instead of branches, since the choice is secret.
    fn number(self) -> u8 {
        let (list, is_list) = match self {
            Choice::List(list) => (list, 1),
            Choice::Blank => (0, 0),
        };
        u8::conditional_select(&0, &list, subtle::Choice::from(is_list))
    }

    /// The choice's number in a contest of so many lists. Only whether it is valid becomes known.
    pub(crate) fn within(self, lists: u8) -> Result<SecretChoice, BallotError> {
        let choice = self.check(lists);
        // Not by `scrubbed`, whose work would take the choice from memory: here it stays in registers.
        overwrite::<{ secret::CHOICE }>();
        choice
    }

    #[inline(never)]
    fn check(self, lists: u8) -> Result<SecretChoice, BallotError> {
        let number = self.number();
        // `List(0)` is not blank. Of the two sides of `|` at most one holds, since blank has the number 0.
        let is_blank = subtle::Choice::from(u8::from(matches!(self, Choice::Blank)));
        let valid = is_blank | (!number.ct_eq(&0) & !lists.ct_lt(&number));
        if declassify::verdict(valid) {
            Ok(SecretChoice::claimed(number))
        } else {
            Err(BallotError::Choice { lists })
        }
    }
}

/// A choice's number, 0 for blank, handled without branches, in a place of its own.
#[derive(Clone, ZeroizeOnDrop)]
pub(crate) struct SecretChoice(Secret<u8>);

impl SecretChoice {
    /// What an opening claims, which may be no choice at all.
    pub(super) fn claimed(number: u8) -> Self {
        SecretChoice(Secret::new(number))
    }

    /// Whether it is blank or one of so many lists. Only that becomes known.
    pub(super) fn is_within(&self, lists: u8) -> bool {
        declassify::verdict(!lists.ct_lt(&*self.0))
    }

    /// `b_i`: 1 if this is list `i`.
    pub(super) fn bit(&self, list: u8) -> subtle::Choice {
        self.0.ct_eq(&list)
    }

    pub(crate) fn number(&self) -> u8 {
        *self.0
    }
}

impl fmt::Debug for SecretChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choice(redacted)")
    }
}

/// A choice is a secret: it shows itself only to those who match on it.
impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choice(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blank_and_the_lists_of_the_contest_are_choices() {
        for lists in [1, 2, 12, 254, 255] {
            assert_eq!(Choice::Blank.within(lists).unwrap().number(), 0);
            for list in 0..=255 {
                let within = Choice::List(list).within(lists);
                if (1..=lists).contains(&list) {
                    let choice = within.unwrap();
                    assert_eq!(choice.number(), list);
                    for i in 1..=lists {
                        assert_eq!(bool::from(choice.bit(i)), i == list);
                    }
                } else {
                    assert_eq!(within.err(), Some(BallotError::Choice { lists }));
                }
            }
        }
    }
}
