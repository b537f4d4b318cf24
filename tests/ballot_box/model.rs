//! What roll and box should do, written a second time: no cryptography, whole numbers for times, one list for
//! everything.

use std::collections::{BTreeMap, BTreeSet};

use urne::DecodeError;
use urne::ballot::{BallotError, ballot_length};
use urne::ballot_box::{ActivationError, CloseError, DepositError, RefusalError, ReissueError};
use urne::roll::RollError;

use crate::polling::{OPEN_FOR, at};

/// Whose code it was made for, and which of theirs.
pub type Code = (usize, usize);

/// A ballot that exists in the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paper {
    /// Sealed with this code, for a list or blank.
    Cast(Code, bool),
    /// Sealed with someone's first code by a device that kept the nonce.
    Kept(usize),
    /// Of another contest.
    Foreign(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    None,
    Proof,
    CutShort,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub code: Code,
    pub revoked: Vec<Code>,
    pub expires: i64,
    pub active: bool,
    pub vote: Option<(Paper, i64)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub people: BTreeMap<usize, Person>,
    /// Codes in order of issue, and whether they are revoked.
    pub roll: Vec<(Code, bool)>,
    pub votes: Vec<(usize, Paper)>,
    pub opened: BTreeSet<Paper>,
    pub clock: i64,
    pub closed: bool,
}

impl Model {
    pub fn register(&mut self, person: usize, code: Code) -> bool {
        if self.people.contains_key(&person) || self.roll.iter().any(|(other, _)| *other == code) {
            return false;
        }
        self.roll.push((code, false));
        let person_with = Person { code, revoked: vec![], expires: OPEN_FOR, active: false, vote: None };
        self.people.insert(person, person_with);
        true
    }

    /// Whether something changed.
    pub fn activate(
        &mut self,
        person: usize,
        code: Code,
        fresh: bool,
        now: i64,
    ) -> Result<bool, ActivationError> {
        let now = now.max(self.clock);
        if now >= OPEN_FOR {
            return Err(ActivationError::Closed { closes_at: at(OPEN_FOR) });
        }
        let person = self.people.get_mut(&person).ok_or(ActivationError::NotOnRoll)?;
        if let Some((_, when)) = person.vote {
            return Err(ActivationError::AlreadyVoted { at: at(when) });
        }
        if !fresh {
            return Err(ActivationError::Proof);
        }
        if person.revoked.contains(&code) {
            return Err(ActivationError::Revoked);
        }
        if person.code != code {
            return Err(ActivationError::OtherCode);
        }
        if person.active {
            return Ok(false);
        }
        if now >= person.expires {
            return Err(ActivationError::Expired { expires_at: at(person.expires) });
        }
        person.active = true;
        self.clock = now;
        Ok(true)
    }

    pub fn reissue(
        &mut self,
        person: usize,
        code: Code,
        seconds: Option<u64>,
        now: i64,
    ) -> Result<(), ReissueError> {
        let now = now.max(self.clock);
        if now >= OPEN_FOR {
            return Err(ReissueError::Closed { closes_at: at(OPEN_FOR) });
        }
        let person = self.people.get_mut(&person).ok_or(ReissueError::NotOnRoll)?;
        if let Some((_, when)) = person.vote {
            return Err(ReissueError::AlreadyVoted { at: at(when) });
        }
        if self.roll.iter().any(|(other, _)| *other == code) {
            // Where the box finds it depends on the order of the credentials; the test asks the box's own roll.
            return Err(ReissueError::Roll(RollError::Repeated {
                entry: self.roll.len(),
                earlier: usize::MAX,
            }));
        }
        for (other, revoked) in &mut self.roll {
            *revoked |= *other == person.code;
        }
        self.roll.push((code, false));
        person.revoked.push(person.code);
        person.code = code;
        person.active = false;
        person.expires = seconds.map_or(OPEN_FOR, |seconds| now + i64::try_from(seconds).unwrap());
        self.clock = now;
        Ok(())
    }

    /// Whether it is a new vote.
    pub fn deposit(
        &mut self,
        person: usize,
        paper: Paper,
        damage: Damage,
        now: i64,
    ) -> Result<bool, DepositError> {
        let now = now.max(self.clock);
        if now < 0 {
            return Err(DepositError::NotYetOpen { opens_at: at(0) });
        }
        if now >= OPEN_FOR {
            return Err(DepositError::Closed { closes_at: at(OPEN_FOR) });
        }
        if damage == Damage::CutShort {
            let expected = ballot_length(1);
            let error = DecodeError::TooShort { expected, actual: expected - 1 };
            return Err(DepositError::Ballot(error.into()));
        }
        let number = person;
        let person = self.people.get_mut(&person).ok_or(DepositError::NotOnRoll)?;
        if let Some((own, when)) = person.vote {
            let same = own == paper && damage == Damage::None;
            return if same { Ok(false) } else { Err(DepositError::AlreadyVoted { at: at(when) }) };
        }
        let code = match paper {
            Paper::Cast(code, _) => Some(code),
            Paper::Kept(owner) => Some((owner, 0)),
            Paper::Foreign(_) => None,
        };
        if code.is_some_and(|code| person.revoked.contains(&code)) {
            return Err(DepositError::Revoked);
        }
        if code != Some(person.code) {
            return Err(DepositError::OtherCredential);
        }
        if !person.active {
            let expires_at = at(person.expires);
            let late = now >= person.expires;
            return Err(if late { DepositError::Expired { expires_at } } else { DepositError::NotActive });
        }
        if self.opened.contains(&paper) {
            return Err(DepositError::Opened);
        }
        if damage == Damage::Proof {
            return Err(DepositError::Ballot(BallotError::Proof));
        }
        person.vote = Some((paper, now));
        self.votes.push((number, paper));
        self.clock = now;
        Ok(true)
    }

    /// Whether it was not known before.
    pub fn refuse(&mut self, owner: usize) -> Result<bool, RefusalError> {
        let paper = Paper::Kept(owner);
        if self.closed {
            return Err(RefusalError::Closed);
        }
        if self.roll.iter().all(|(code, _)| *code != (owner, 0)) {
            return Err(RefusalError::UnknownCredential);
        }
        if self.votes.iter().any(|(_, other)| *other == paper) {
            return Err(RefusalError::Deposited);
        }
        Ok(self.opened.insert(paper))
    }

    /// Whether it was open.
    pub fn close(&mut self, now: i64) -> Result<bool, CloseError> {
        if self.closed {
            return Ok(false);
        }
        let now = now.max(self.clock);
        if now < OPEN_FOR {
            return Err(CloseError::TooEarly { closes_at: at(OPEN_FOR) });
        }
        self.closed = true;
        self.clock = now;
        Ok(true)
    }
}
