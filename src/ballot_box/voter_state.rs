//! The form of a voter's state, which goes from the server to the voter's device.

use alloc::vec::Vec;

use super::VoterState;
use crate::primitives::UnixTime;
use crate::primitives::form::named_form;
use crate::primitives::wire::{DecodeError, Kind, Reader, form};

impl VoterState {
    /// Form: kind ‖ version ‖ state (1 byte: 0 not yet open, 1 open, 2 open and active, 3 voted, 4 closed) ‖ LE64 of
    /// its time.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (state, time) = match *self {
            VoterState::NotYetOpen { opens_at } => (0, opens_at),
            VoterState::Open { closes_at, active: false } => (1, closes_at),
            VoterState::Open { closes_at, active: true } => (2, closes_at),
            VoterState::Voted { at } => (3, at),
            VoterState::Closed { closes_at } => (4, closes_at),
        };
        let mut bytes = form(Kind::VoterState);
        bytes.push(state);
        bytes.extend(time.seconds().to_le_bytes());
        bytes
    }

    /// Reads what [`VoterState::to_bytes`] gave. It is the server's word, which a voter's session compares with the
    /// contest's own times.
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] with its offset.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::form(Kind::VoterState, bytes)?;
        let offset = reader.offset();
        let state = reader.byte()?;
        let time = UnixTime::from_seconds(reader.integer()?);
        reader.finish()?;
        Ok(match state {
            0 => VoterState::NotYetOpen { opens_at: time },
            1 => VoterState::Open { closes_at: time, active: false },
            2 => VoterState::Open { closes_at: time, active: true },
            3 => VoterState::Voted { at: time },
            4 => VoterState::Closed { closes_at: time },
            _ => return Err(DecodeError::Number { offset }),
        })
    }
}

named_form!(VoterState: "voter-state", DecodeError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_read_only_what_they_write() {
        let time = UnixTime::from_seconds(1_669_878_000);
        let states = [
            VoterState::NotYetOpen { opens_at: time },
            VoterState::Open { closes_at: time, active: false },
            VoterState::Open { closes_at: time, active: true },
            VoterState::Voted { at: time },
            VoterState::Closed { closes_at: time },
        ];
        for state in states {
            assert_eq!(VoterState::from_bytes(&state.to_bytes()), Ok(state));
        }
        let mut bytes = states[0].to_bytes();
        for other in 5..=u8::MAX {
            bytes[2] = other;
            assert_eq!(VoterState::from_bytes(&bytes), Err(DecodeError::Number { offset: 2 }));
        }
    }
}
