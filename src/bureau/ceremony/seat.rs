//! A trustee's whole memory in a key ceremony, as one object that is stored before each of its words is sent.

use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::committed::Committed;
use super::complaint::Complaint;
use super::confirmed::Confirmed;
use super::error::CeremonyError;
use super::message::{Commitment, Confirmation, Reveal, read_trustee};
use super::revealed::Revealed;
use super::shares::OpenedShares;
use super::{Ceremony, read_label, write_label};
use crate::bureau::{IdentityKey, IdentitySecret, TrusteeIndex, TrusteeKey, position_of};
use crate::primitives::stored::{self, Storing};
use crate::primitives::wire::{DecodeError, Kind, Reader};
use crate::primitives::{Text, Unsent};

/// A trustee's whole memory in a key ceremony, from its identity key to the key that it takes away.
///
/// It is for the ceremony of one label and one number in it from the first time that it is stored, and from when it has
/// joined for that ceremony alone: an identity key serves in one, ever. Whoever has complained never confirms, whatever
/// is put on the board in place of the bad shares; the complaints are part of the memory. Others' are not: they stop it as long
/// as they are on the board, and without a confirmation of whoever has complained there is no key.
///
/// It is stored when it is made, before its [identity key](Seat::identity) is published, and in place of the one before
/// at [each step](Seat::next). After a restart what it has [said](Seat::said) last is sent again.
pub struct Seat {
    label: Text,
    index: TrusteeIndex,
    state: State,
}

enum State {
    /// The identity key is drawn.
    Drawn(IdentitySecret),
    Committed(Committed),
    Revealed(Revealed),
    /// At least one complaint, all of them this trustee's.
    Complained(Revealed, Vec<Complaint>),
    Confirmed(Confirmed),
}

/// What is on the public board of a ceremony, in any order, with whatever anybody has put there.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// The commitments.
    pub commitments: Vec<Commitment>,
    /// The reveals.
    pub reveals: Vec<Reveal>,
    /// The complaints.
    pub complaints: Vec<Complaint>,
    /// The confirmations.
    pub confirmations: Vec<Confirmation>,
}

impl Board {
    /// Puts on it what a trustee says.
    pub fn add(&mut self, said: Said) {
        match said {
            Said::Commitment(message) => self.commitments.push(message),
            Said::Reveal(message) => self.reveals.push(message),
            Said::Complaints(messages) => self.complaints.extend(messages),
            Said::Confirmation(message) => self.confirmations.push(message),
        }
    }
}

/// What a trustee says in a ceremony, to be put on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It has joined.
    Commitment(Commitment),
    /// It has seen everybody's commitment.
    Reveal(Reveal),
    /// It has been dealt bad shares: one complaint for each dealer to blame, in order of their numbers. They must be
    /// published, and nothing of this ceremony is used.
    Complaints(Vec<Complaint>),
    /// It holds a good share of the key.
    Confirmation(Confirmation),
}

/// What comes of a step of a [`Seat`].
#[must_use = "the seat is stored, and what it says is sent"]
#[expect(clippy::large_enum_variant, reason = "matched where it is made, a few times a ceremony")]
#[derive(Debug)]
pub enum Step {
    /// The seat, to be stored in place of the one before, and what it says, to be sent then.
    Said(Unsent<(Seat, Said)>),
    /// The key. The trustee with it (`Trustee::after_ceremony`) is stored in place of the seat.
    Key(TrusteeKey),
}

impl Seat {
    /// The seat of the trustee with this number in the ceremony with this label. It is to be stored before the public
    /// half of the identity key leaves.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Label`] for a label of more than [`Ceremony::MAX_LABEL`] bytes.
    pub fn new(label: &str, index: TrusteeIndex, identity: IdentitySecret) -> Result<Self, CeremonyError> {
        if label.len() > Ceremony::MAX_LABEL {
            return Err(CeremonyError::Label { actual: label.len() });
        }
        Ok(Seat { label: label.into(), index, state: State::Drawn(identity) })
    }

    /// The label of the ceremony.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The trustee's number.
    #[must_use]
    pub fn index(&self) -> TrusteeIndex {
        self.index
    }

    /// The public half of the identity key, for the list of the bureau.
    #[must_use]
    pub fn identity(&self) -> IdentityKey {
        match &self.state {
            State::Drawn(identity) => identity,
            State::Committed(state) => &state.identity,
            State::Revealed(state) | State::Complained(state, _) => state.identity(),
            State::Confirmed(state) => state.identity(),
        }
        .public()
    }

    /// The whole memory, to be stored where nobody else reads it: kind ‖ version ‖ LE64(length of the label) ‖ label ‖
    /// number (1 byte) ‖ LE64(length) ‖ the form of its state, which is an [`IdentitySecret`], a [`Committed`], a
    /// [`Revealed`] or a [`Confirmed`] ‖ LE64(number of complaints) ‖ of each: LE64(length) ‖ its form ‖ a tag of 32
    /// bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let Seat { label, index, state } = self;
        let (state, complaints): (_, &[Complaint]) = match state {
            State::Drawn(identity) => (identity.to_bytes(), &[]),
            State::Committed(state) => (state.to_bytes(), &[]),
            State::Revealed(state) => (state.to_bytes(), &[]),
            State::Complained(state, complaints) => (state.to_bytes(), complaints),
            State::Confirmed(state) => (state.to_bytes(), &[]),
        };
        let mut public = Vec::new();
        write_label(label, &mut public);
        let mut storing = Storing::form(Kind::Seat, public.len().saturating_add(state.len()));
        storing.write(&public);
        storing.write(&[index.get()]);
        storing.part(&state);
        storing.count(complaints);
        complaints.iter().for_each(|complaint| storing.part(&complaint.to_bytes()));
        storing.finish()
    }

    /// Reads what [`Seat::to_bytes`] gave, and that its parts belong together.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Decode`] for bytes of another kind, length or form, or that were altered since, and for
    /// complaints of another trustee or beside a state that has none; [`CeremonyError::OtherLabel`] and
    /// [`CeremonyError::OtherNumber`] when the state is that of another seat; and those of reading the state.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let mut reader = Reader::form(Kind::Seat, bytes)?;
        let label = Text::from(read_label(&mut reader)?);
        let index = read_trustee(&mut reader)?;
        let offset = reader.offset();
        let state = State::read(read_part(&mut reader)?, offset)?;
        let mut complaints = Vec::new();
        for _ in 0..reader.number()? {
            complaints.push(Complaint::from_bytes(read_part(&mut reader)?)?);
        }
        stored::finish(reader, bytes)?;
        // Whoever can make the tag has put together what does not belong together.
        let state = match (state, complaints.as_slice()) {
            (state, []) => state,
            (State::Revealed(state), [_, ..]) => {
                let ours = |complaint: &Complaint| {
                    complaint.complainant == index && state.ceremony().check_parties(complaint).is_ok()
                };
                if !complaints.iter().all(ours) {
                    return Err(DecodeError::Altered.into());
                }
                State::Complained(state, complaints)
            }
            (_, [_, ..]) => return Err(DecodeError::Altered.into()),
        };
        let seat = Seat { label, index, state };
        if let Some(ceremony) = seat.joined() {
            seat.check_ceremony(ceremony)?;
        }
        Ok(seat)
    }

    /// What it has said last, to be sent again; nothing before it has joined.
    ///
    /// The same word under another signature or proof, which counts once. Complaints are those that are stored, byte for
    /// byte.
    #[must_use]
    pub fn said<R: CryptoRng + ?Sized>(&self, rng: &mut R) -> Option<Said> {
        match &self.state {
            State::Drawn(_) => None,
            State::Committed(state) => Some(Said::Commitment(state.commitment(rng))),
            State::Revealed(state) => Some(Said::Reveal(state.reveal(rng))),
            State::Complained(_, complaints) => Some(Said::Complaints(complaints.clone())),
            State::Confirmed(state) => Some(Said::Confirmation(state.confirmation(rng))),
        }
    }

    /// The next step: joins; reveals; checks its shares, and confirms or complains; takes the key.
    ///
    /// Before it joins, the person whose seat it is has compared the [digest](Ceremony::digest) of the ceremony with the
    /// others by a channel of their own.
    ///
    /// # Errors
    ///
    /// Those of [`Ceremony::join`], [`Committed::reveal`], [`Revealed::check`],
    /// [`Checked::confirm`](super::Checked::confirm) and [`Confirmed::finish`], in their turn. A ceremony of another label
    /// is [`CeremonyError::OtherLabel`], one in which the identity key has another number
    /// [`CeremonyError::OtherNumber`], and, once the seat has joined, any but the one it has joined
    /// [`CeremonyError::OtherCeremony`]. After complaining it is always [`CeremonyError::Complained`].
    ///
    /// What is stored stays as it was, and serves for the next try.
    pub fn next<R: CryptoRng + ?Sized>(
        self,
        ceremony: &Ceremony,
        board: &Board,
        rng: &mut R,
    ) -> Result<Step, CeremonyError> {
        // Whoever has complained goes on with none.
        if !matches!(self.state, State::Complained(..)) {
            self.check_ceremony(ceremony)?;
        }
        let Seat { label, index, state } = self;
        // What each state stores is stored inside of the seat.
        let (state, said) = match state {
            State::Drawn(identity) => {
                let (state, commitment) = ceremony.join(identity, rng)?.stored();
                (State::Committed(state), Said::Commitment(commitment))
            }
            State::Committed(state) => {
                let (state, reveal) = state.reveal(&board.commitments, rng)?.stored();
                (State::Revealed(state), Said::Reveal(reveal))
            }
            State::Revealed(state) => {
                let kept = state.to_bytes();
                match state.check(&board.reveals, rng)? {
                    OpenedShares::Good(checked) => {
                        let (state, confirmation) = checked.confirm(&board.complaints, rng)?.stored();
                        (State::Confirmed(state), Said::Confirmation(confirmation))
                    }
                    OpenedShares::Bad(shares) => {
                        let complaints = shares.complaints().to_vec();
                        let state = Revealed::from_bytes(&kept)?;
                        (State::Complained(state, complaints.clone()), Said::Complaints(complaints))
                    }
                }
            }
            State::Complained(_, complaints) => {
                let dealers = complaints.iter().map(Complaint::dealer).collect();
                return Err(CeremonyError::Complained { dealers });
            }
            State::Confirmed(state) => {
                return state.finish(&board.confirmations, &board.complaints).map(Step::Key);
            }
        };
        let seat = Seat { label, index, state };
        Ok(Step::Said(Unsent::new(seat.to_bytes(), (seat, said))))
    }

    /// That it is of this ceremony's label and of the number that its identity key has there, and has joined no other.
    fn check_ceremony(&self, ceremony: &Ceremony) -> Result<(), CeremonyError> {
        if self.label != ceremony.label {
            let (expected, actual) = (self.label.clone(), ceremony.label.clone());
            return Err(CeremonyError::OtherLabel { expected, actual });
        }
        match self.joined() {
            Some(Ceremony { digest, .. }) if *digest != ceremony.digest => {
                let (expected, actual) = (*digest, ceremony.digest);
                return Err(CeremonyError::OtherCeremony { expected, actual });
            }
            _ => (),
        }
        let expected = self.index;
        let actual = position_of(&self.identity(), &ceremony.bureau).ok_or(CeremonyError::NotATrustee)?;
        if actual == expected { Ok(()) } else { Err(CeremonyError::OtherNumber { expected, actual }) }
    }

    fn joined(&self) -> Option<&Ceremony> {
        match &self.state {
            State::Drawn(_) => None,
            State::Committed(state) => Some(state.ceremony()),
            State::Revealed(state) | State::Complained(state, _) => Some(state.ceremony()),
            State::Confirmed(state) => Some(state.ceremony()),
        }
    }
}

impl State {
    /// Reads the form of a state, which begins at this offset of the seat's.
    fn read(bytes: &[u8], offset: usize) -> Result<Self, CeremonyError> {
        match bytes.first().and_then(|byte| Kind::of_byte(*byte)) {
            Some(Kind::IdentitySecret) => Ok(State::Drawn(IdentitySecret::from_bytes(bytes)?)),
            Some(Kind::Committed) => Committed::from_bytes(bytes).map(State::Committed),
            Some(Kind::Revealed) => Revealed::from_bytes(bytes).map(State::Revealed),
            Some(Kind::Confirmed) => Confirmed::from_bytes(bytes).map(State::Confirmed),
            _ => Err(DecodeError::Number { offset }.into()),
        }
    }
}

/// Reads what [`Storing::part`] wrote.
fn read_part<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    let length = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
    reader.slice(length)
}

secret_state!(Seat);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::wiped;

    /// The seat says that it is wiped; here it is checked of what it holds.
    #[test]
    fn attack_19_every_secret_of_a_seat_is_wiped() {
        // No `..`: a new field or state must be looked at here.
        let _ = |Seat { label: _, index: _, state }: &Seat| match state {
            State::Drawn(identity) => wiped(identity),
            State::Committed(state) => wiped(state),
            State::Revealed(state) => wiped(state),
            State::Complained(state, _) => wiped(state),
            State::Confirmed(state) => wiped(state),
        };
    }
}
