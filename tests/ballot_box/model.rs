//! What roll and box should do, written a second time: no cryptography, whole numbers for times, one list for
//! everything.

use std::collections::{BTreeMap, BTreeSet};

use urne::DecodeError;
use urne::ballot::BallotError;
use urne::ballot_box::{
    ActivationError, ChallengeRefusal, CloseError, DepositError, ReissueError, RollError,
};

use crate::polling::{END, OPEN_FOR, at};
use crate::sequence::ballot_bytes;

/// Whose code it was made for, and which of theirs.
pub type Code = (usize, usize);

/// A ballot that exists in the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paper {
    /// Sealed with this code, for a list or blank.
    Cast(Code, bool),
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
    pub issued: i64,
    pub seconds: Option<u64>,
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
    pub challenged: BTreeSet<Paper>,
    pub clock: i64,
    pub closed: bool,
}

impl Model {
    pub fn register(&mut self, person: usize, code: Code, issued: i64) -> bool {
        if self.people.contains_key(&person) || self.roll.iter().any(|(other, _)| *other == code) {
            return false;
        }
        self.roll.push((code, false));
        let expires = OPEN_FOR;
        let person_with =
            Person { code, revoked: vec![], issued, seconds: None, expires, active: false, vote: None };
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
        if now >= END {
            return Err(ActivationError::Ended { ends_at: at(END) });
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
        if now >= OPEN_FOR {
            return Err(ActivationError::Closed { closes_at: at(OPEN_FOR) });
        }
        if now >= person.expires {
            return Err(ActivationError::Expired { expires_at: at(person.expires) });
        }
        person.active = true;
        self.clock = now;
        Ok(true)
    }

    /// `issued` is when the issuer says that it issued. Whether something changed.
    pub fn reissue(
        &mut self,
        person: usize,
        code: Code,
        issued: i64,
        seconds: Option<u64>,
        now: i64,
    ) -> Result<bool, ReissueError> {
        let same = |known: &Person| (known.code, known.issued, known.seconds) == (code, issued, seconds);
        if self.people.get(&person).is_some_and(same) {
            return Ok(false);
        }
        let now = now.max(self.clock);
        if now.max(issued) >= OPEN_FOR {
            return Err(ReissueError::Closed { closes_at: at(OPEN_FOR) });
        }
        let person = self.people.get_mut(&person).ok_or(ReissueError::NotOnRoll)?;
        if let Some((_, when)) = person.vote {
            return Err(ReissueError::AlreadyVoted { at: at(when) });
        }
        if issued < person.issued {
            return Err(ReissueError::Older { issued_at: at(issued), in_force: at(person.issued) });
        }
        if self.roll.iter().any(|(other, _)| *other == code) {
            // Where the box finds it depends on the order of the credentials; the test asks the box's own
            // roll.
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
        person.issued = issued;
        person.seconds = seconds;
        person.active = false;
        let limit = seconds.map_or(OPEN_FOR, |seconds| issued + i64::try_from(seconds).unwrap());
        person.expires = limit.min(OPEN_FOR);
        self.clock = now;
        Ok(true)
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
        let number = person;
        let person = self.people.get_mut(&person).ok_or(DepositError::NotOnRoll)?;
        if person.vote.is_some_and(|(own, _)| own == paper && damage == Damage::None) {
            return Ok(false);
        }
        if now < 0 {
            return Err(DepositError::NotYetOpen { opens_at: at(0) });
        }
        if now >= END {
            return Err(DepositError::Ended { ends_at: at(END) });
        }
        if let Some((_, when)) = person.vote {
            return Err(DepositError::AlreadyVoted { at: at(when) });
        }
        check_paper(paper, damage).map_err(DepositError::Ballot)?;
        check_code(person, paper, now)?;
        if self.challenged.contains(&paper) {
            return Err(DepositError::Challenged);
        }
        person.vote = Some((paper, now));
        self.votes.push((number, paper));
        self.clock = now;
        Ok(true)
    }

    /// Whether it was not known before. Nobody has 32 ballots here.
    pub fn challenge(
        &mut self,
        person: usize,
        paper: Paper,
        damage: Damage,
        now: i64,
    ) -> Result<bool, ChallengeRefusal> {
        let now = now.max(self.clock);
        let person = self.people.get(&person).ok_or(ChallengeRefusal::NotOnRoll)?;
        if now < 0 {
            return Err(ChallengeRefusal::NotYetOpen { opens_at: at(0) });
        }
        if now >= END {
            return Err(ChallengeRefusal::Ended { ends_at: at(END) });
        }
        if let Some((_, when)) = person.vote {
            return Err(ChallengeRefusal::AlreadyVoted { at: at(when) });
        }
        check_paper(paper, damage).map_err(ChallengeRefusal::Ballot)?;
        check_code(person, paper, now).map_err(ChallengeRefusal::Credential)?;
        let new = self.challenged.insert(paper);
        if new {
            self.clock = now;
        }
        Ok(new)
    }

    /// Whether it was open.
    pub fn close(&mut self, now: i64) -> Result<bool, CloseError> {
        if self.closed {
            return Ok(false);
        }
        let now = now.max(self.clock);
        if now < END {
            return Err(CloseError::TooEarly { ends_at: at(END) });
        }
        self.closed = true;
        self.clock = now;
        Ok(true)
    }
}

/// Whether it is a ballot of the contest with a good proof.
fn check_paper(paper: Paper, damage: Damage) -> Result<(), BallotError> {
    match (paper, damage) {
        (_, Damage::CutShort) => {
            let actual = ballot_bytes(paper, damage).len();
            Err(DecodeError::TooShort { expected: actual + 1, actual }.into())
        }
        (Paper::Foreign(_), _) | (_, Damage::Proof) => Err(BallotError::Proof),
        (Paper::Cast(..), Damage::None) => Ok(()),
    }
}

/// Whether the paper is of the code in force, which is active.
fn check_code(person: &Person, paper: Paper, now: i64) -> Result<(), DepositError> {
    let Paper::Cast(code, _) = paper else { panic!("its proof holds in another contest only") };
    if person.revoked.contains(&code) {
        return Err(DepositError::Revoked);
    }
    if code != person.code {
        return Err(DepositError::OtherCredential);
    }
    if !person.active {
        let expires_at = at(person.expires);
        let late = now >= person.expires;
        return Err(if late { DepositError::Expired { expires_at } } else { DepositError::NotActive });
    }
    Ok(())
}
