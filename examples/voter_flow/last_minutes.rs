//! The minutes around the close: who entered the code before it may finish within thirty minutes.

use urne::ballot_box::ActivationError;
use urne::{Choice, UnixTime};

use crate::World;
use crate::common::{CLOSES_AT, Failure};
use crate::words;

/// The contest in which the two late voters vote.
const NUMBER: u64 = 584;

impl World {
    /// At 16:58 a voter enters the code, and votes at 17:12. Another enters it at 17:03.
    pub fn last_minutes(&mut self) -> Result<(), Failure> {
        let [entered, closed, cast] = [-120, 180, 720]
            .map(|seconds| CLOSES_AT.seconds().checked_add_signed(seconds).map(UnixTime::from_seconds));
        let (entered, closed, cast) =
            entered.zip(closed).zip(cast).map(|((a, b), c)| (a, b, c)).ok_or("times")?;
        if self.console.clock.now() >= entered {
            return Ok(());
        }
        let [(first, first_code), (second, second_code)] = self.election.late.clone();

        self.console.clock.advance_to(entered);
        self.console.screen("LES DERNIÈRES MINUTES")?;
        let session = self.election.enter(&first, &first_code, entered, &mut self.rng)??;
        self.console.say(&format!("{first} saisit son code à {}.", self.console.clock.time(entered)?));

        self.console.clock.advance_to(closed);
        match self.election.enter(&second, &second_code, closed, &mut self.rng)? {
            Err(error @ ActivationError::Closed { .. }) => {
                let why = words::not_activated(&error, &self.console.clock)?;
                let time = self.console.clock.time(closed)?;
                self.console.say(&format!("{second} saisit le sien à {time}."));
                self.console.refuse(&why);
            }
            Err(error) => return Err(error.into()),
            Ok(_) => return Err("a code was activated after the close".into()),
        }

        self.console.clock.advance_to(cast);
        let sealed = session.choose(NUMBER, cast)?.activate_selection().select(Choice::Blank)?;
        let casting = sealed.seal(&mut self.rng)?.cast(cast).stored();
        let scrutin = self.election.scrutin(NUMBER).ok_or("a contest without a box")?;
        let receipt = scrutin.deposit(&first, casting.ballot(), cast)?;
        casting.acknowledge(receipt, cast, 0)?;
        self.console.done(&format!(
            "{first}, dont le code était actif avant la clôture, dépose son bulletin à {} : la loi lui laisse \
             trente minutes.",
            self.console.clock.time(cast)?
        ));
        Ok(())
    }
}
