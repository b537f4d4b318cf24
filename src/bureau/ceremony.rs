//! The key ceremony: the trustees of a whole bureau make an election key together. The threshold of every
//! panel opens a tally; whoever has fewer in some panel, and everybody else, learns nothing.
//!
//! It is a distributed key generation after Feldman (1987) and Pedersen (1991), in which every dealer
//! commits before anyone reveals, so that nobody chooses its part after having seen the others'. Each panel
//! makes a key of its own, and the sum of these keys encrypts. All messages go over one public board that
//! every trustee of every panel reads; shares travel on it sealed, and only inside a panel. No party is
//! trusted, and one honest trustee is enough for nobody to know a relation between the keys of the slots.
//! The key is not claimed to be perfectly uniform.
//!
//! # Before
//!
//! Every trustee draws an [`IdentitySecret`] for this one ceremony and publishes its key `E_i`. All compare
//! the list of keys, panel by panel, and so the [digest](Ceremony::digest) of the ceremony, by a channel of
//! their own. An identity key must never serve in a second ceremony: a commitment of the one could be shown in
//! the other, and with the same label a reveal too, and then an honest trustee be blamed for its own old
//! words.
//!
//! # What an application keeps
//!
//! A [`Seat`] is all that a trustee remembers, from its identity key to the key that it takes away. It is stored when it
//! is made, and after that at each step, before what it says is sent. It takes the next step by itself, whichever that
//! is; refuses every ceremony but its own; says again what it has said last; and never goes on once it has complained.
//!
//! ```
//! use urne::bureau::{Board, Ceremony, Seat, Step};
//! use urne::rand_core::UnwrapErr;
//! use urne::{Bureau, IdentitySecret, Panel, Trustee, TrusteeIndex};
//!
//! let rng = &mut UnwrapErr(getrandom::SysRng);
//! // Each trustee has its own machine, and on it one file; here they stand side by side. Trustees 1 and 2 are the
//! // president and the secretary, 3 to 5 the delegates.
//! let (mut files, mut keys) = (Vec::new(), Vec::new());
//! for number in (1..=5).filter_map(TrusteeIndex::new) {
//!     let seat = Seat::new("council 2026", number, IdentitySecret::generate(rng))?;
//!     // Stored, and then its identity key is published.
//!     files.push(seat.to_bytes().to_vec());
//!     keys.push(seat.identity());
//! }
//! let bureau = Bureau::new(vec![
//!     Panel { threshold: 1, trustees: keys[..2].to_vec() },
//!     Panel { threshold: 2, trustees: keys[2..].to_vec() },
//! ])?;
//! // They compare its digest before anyone joins.
//! let ceremony = Ceremony::new("council 2026", 6, bureau)?;
//!
//! let mut board = Board::default();
//! for _ in ["join", "reveal", "confirm", "take the key"] {
//!     for file in &mut files {
//!         match Seat::from_bytes(file)?.next(&ceremony, &board, rng)? {
//!             Step::Said(unsent) => {
//!                 // Stored, and then sent. After a restart in between, `Seat::said` gives it again.
//!                 *file = unsent.to_store().to_vec();
//!                 let (_, said) = unsent.stored();
//!                 board.add(said);
//!             }
//!             // The trustee takes the place of the seat.
//!             Step::Key(key) => *file = Trustee::after_ceremony(key).to_bytes().to_vec(),
//!         }
//!     }
//! }
//!
//! // Whoever looks on comes to the same key.
//! let Board { commitments, reveals, complaints, confirmations } = &board;
//! let key = ceremony.conclude(commitments, reveals, complaints, confirmations)?;
//! for file in &files {
//!     assert_eq!(Trustee::from_bytes(file)?.key().election_key(), &key);
//! }
//! assert_eq!(key.slots(), 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Steps
//!
//! What a seat does, state by state. The states can also be used without it.
//!
//! | step | the trustee | gives out | and is sure that |
//! |---|---|---|---|
//! | [`Ceremony::join`] | draws a polynomial for each of m slots, of degree t − 1 where t is the threshold of its panel; `F_{i,s,k}` is its k-th coefficient times `G` | [`Commitment`] | its choice stands |
//! | [`Committed::reveal`] | waits for the commitments of the whole bureau, and deals a share to each trustee of its panel | [`Reveal`] | everyone's choice stands, and its own is seen by the others as it made it |
//! | [`Revealed::check`] | checks every dealer's proof of possession, then the form, then the shares its own panel dealt to it | [complaints](BadShares), if shares are bad | it holds a good share of every dealer of its panel, and every dealer of the bureau knows what it dealt |
//! | [`Checked::confirm`] | looks for complaints | [`Confirmation`] | nobody known has been dealt a bad share |
//! | [`Confirmed::finish`] | waits for all confirmations | | all have seen the same commitments and the same key, and hold their shares |
//!
//! The states consume each other. Each comes out of an [`Unsent`] with the message that it gives out, and is stored
//! before that leaves, in place of the one before: without its polynomials a trustee cannot go on, and must not
//! commit again under the same identity key. Every state is read back from what was stored alone, with its ceremony
//! in it, and gives its message again: the same word under another signature or proof, which counts once. An error
//! leaves no state to go on with; a step that failed only because a message was lost or altered on its way is taken
//! again from what was stored, which from the reveal on keeps to the commitments that it was made for. A complaint
//! that stands, though, ends the ceremony for good, and so does every other error with a
//! [culprit](CeremonyError::culprit): it is run anew, with new identity keys.
//!
//! The key of panel `p` is `Φ_p[s][k] = Σ_i F_{i,s,k}` over its trustees, and slot `s` encrypts under
//! `H_s = Σ_p Φ_p[s][0]`. Trustee j's share of slot s is `x_{j,s} = Σ_i p_{i,s}(j)`, over the trustees of its
//! panel; in a panel of threshold 1 all hold the same. The identity among the `Φ_p` or `H_s`, or two equal
//! `H_s`, end the ceremony. Anyone can check all that is public with [`Ceremony::conclude`], and settle a
//! complaint with [`Ceremony::settle`].
//!
//! # Messages
//!
//! `H` is SHA-256 over a tag and fields that each bear their length; integers are 8 bytes, little-endian.
//!
//! - ceremony = `H("urne/2 ceremony"; label, m, number of panels, then for each panel: n_p, t_p, its E_i)`.
//! - commitment_i = `H("urne/2 commitment"; ceremony, i, F_{i,1,0}, …, F_{i,1,t−1}, F_{i,2,0}, …)`, signed by i.
//! - The reveal of i holds all `F_{i,s,k}`, for every trustee j of its panel (i too, in ascending order) and
//!   slot s the sealed share `p_{i,s}(j) + mask_s`, and a proof that i knows `e_i` and all `p_{i,s}(0)`. The
//!   masks are challenges `mask` of the transcript `urne/2 share`: `ceremony`, `from` i, `to` j, `commitments`
//!   (all points of i), `secret` (`e_i·E_j`). The proof is Schnorr's over the transcript `urne/2 possession`:
//!   `ceremony`, `trustee` i, `commitments`, `shares`, challenge `w`, `T`, challenge `c`, for the key
//!   `Σ_s w^{s−1}·F_{i,s,0} + w^m·E_i`, where m and the points are the reveal's own. It covers the whole reveal
//!   and so is i's signature under it.
//! - A complaint of j about i, of the same panel, carries i's reveal and shows `D = e_j·E_i`, with a proof of
//!   equal logarithms over the transcript `urne/2 complaint`: `ceremony`, `from` i, `to` j, `keys`
//!   (`E_j ‖ E_i`), `secret` (`D`), `T1`, `T2`, challenge `c`.
//! - A confirmation is a signature of
//!   `H("urne/2 key"; ceremony, commitment_1, …, commitment_n, Φ_1 slot by slot, Φ_2 slot by slot, …)`.
//!
//! # Who is to blame
//!
//! | what is seen | what it is | culprit |
//! |---|---|---|
//! | a message whose signature or proof does not hold, or of a number that no trustee has | not sent: anyone can have made or altered it; beside the good message it stops nothing | nobody |
//! | the same message again, also under another signature or proof | sent once | nobody |
//! | a reveal whose points do not decode | no reveal: its proof cannot hold | nobody |
//! | two different commitments, both signed ([`CeremonyError::TwoCommitments`]) | a trustee's two words | the trustee |
//! | two reveals of different points or shares, both proven, one of them perhaps in a complaint ([`CeremonyError::TwoReveals`]) | a dealer's two words | the dealer |
//! | a proven reveal of another form, with the identity, or against its commitment ([`CeremonyError::BadReveal`]) | the dealer's own word | the dealer |
//! | a complaint whose proof holds, about bad shares | the complainant's own word, which opens the shares | the dealer |
//! | a complaint whose proof holds, about good shares | the same | the complainant |
//! | a complaint about oneself or another panel's trustee, or whose proof does not hold | no complaint | nobody |

use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::{Bureau, ElectionKey, IdentitySecret, TrusteeIndex, position_of};
use crate::primitives::form::named_form;
use crate::primitives::group::Element;
use crate::primitives::hash::{FieldHash, digest, length_of};
use crate::primitives::wire::{DecodeError, Kind, Reader, form};
use crate::primitives::{Text, Unsent, labels};

/// What every state of a trustee is: redacted, and wiped.
macro_rules! secret_state {
    ($($name:ident)*) => {$(
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "(trustee {}, redacted)"), self.index())
            }
        }

        // Every secret in it wipes itself: the identity secret and the scalars in `Zeroizing`.
        impl zeroize::ZeroizeOnDrop for $name {}
    )*};
}

mod board;
mod committed;
mod complaint;
mod confirmed;
mod dealing;
mod error;
mod message;
mod possession;
mod revealed;
mod seat;
mod shares;
#[cfg(test)]
mod tests;

pub use committed::Committed;
pub use complaint::Complaint;
pub use confirmed::{Checked, Confirmed};
pub use error::{CeremonyError, MessageKind, RevealFault};
pub use message::{Commitment, Confirmation, Reveal};
pub use revealed::Revealed;
pub use seat::{Board, Said, Seat, Step};
pub use shares::{BadShares, OpenedShares};

digest! {
    /// What a ceremony is: its label, number of slots and bureau.
    CeremonyDigest
}

digest! {
    /// What a trustee commits to: the public points of its polynomials, in one ceremony.
    CommitmentDigest
}

/// The public parameters of a key ceremony.
///
/// Form: kind ‖ version ‖ LE64(length of the label) ‖ label ‖ slots (1 byte) ‖ panels (1) ‖ of each: threshold (1) ‖
/// trustees (1) ‖ their identity keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    label: Text,
    /// At least 1.
    slots: u8,
    bureau: Bureau,
    digest: CeremonyDigest,
}

/// What one trustee deals.
#[derive(Clone, Debug)]
struct Part {
    /// The coefficients of each of its polynomials: the threshold of its panel.
    coefficients: usize,
    /// The trustees of its panel, itself among them, in ascending order.
    recipients: Vec<TrusteeIndex>,
}

impl Ceremony {
    /// How long a label may be, in bytes.
    pub const MAX_LABEL: usize = 1024;

    /// A ceremony of this bureau for a key of the given number of slots, which is the highest number of slots
    /// that a contest with this key may have.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Label`] for a label of more than [`MAX_LABEL`](Ceremony::MAX_LABEL) bytes,
    /// [`CeremonyError::NoSlots`] for 0 slots.
    pub fn new(label: &str, slots: u8, bureau: Bureau) -> Result<Self, CeremonyError> {
        if label.len() > Ceremony::MAX_LABEL {
            return Err(CeremonyError::Label { actual: label.len() });
        }
        if slots == 0 {
            return Err(CeremonyError::NoSlots);
        }
        let hash = FieldHash::new(labels::CEREMONY).bytes(label.as_bytes()).number(slots.into());
        let digest = CeremonyDigest::from_bytes(bureau.hash(hash).finish());
        Ok(Ceremony { label: label.into(), slots, bureau, digest })
    }

    /// The digest that every message of the ceremony is bound to. The trustees compare it by a channel of
    /// their own before they join.
    #[must_use]
    pub fn digest(&self) -> CeremonyDigest {
        self.digest
    }

    /// The label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// How many slots the key will have, `m`.
    #[must_use]
    pub fn slots(&self) -> u8 {
        self.slots
    }

    /// Who takes part: the panels with their thresholds and identity keys.
    #[must_use]
    pub fn bureau(&self) -> &Bureau {
        &self.bureau
    }

    /// The form, which all trustees are given. What they compare by a channel of their own is the
    /// [digest](Ceremony::digest).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = form(Kind::Ceremony);
        self.write(&mut bytes);
        bytes
    }

    /// Reads the form.
    ///
    /// # Errors
    ///
    /// Those of [`Ceremony::new`]; [`CeremonyError::Key`] for a bureau that is none, with the panel or the trustee;
    /// [`CeremonyError::Decode`] for every other form, which names both kinds if it is another.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let mut reader = Reader::form(Kind::Ceremony, bytes)?;
        let ceremony = Ceremony::read(&mut reader)?;
        reader.finish()?;
        Ok(ceremony)
    }

    /// What follows kind and version, here and in a stored state.
    fn write(&self, bytes: &mut Vec<u8>) {
        let Ceremony { label, slots, bureau, digest: _ } = self;
        write_label(label, bytes);
        bytes.push(*slots);
        bureau.write(bytes);
    }

    /// Reads what [`Ceremony::write`] gave.
    fn read(reader: &mut Reader<'_>) -> Result<Self, CeremonyError> {
        let label = read_label(reader)?;
        let slots = reader.byte()?;
        Ceremony::new(label, slots, Bureau::read(reader)?)
    }

    /// Joins as the trustee whose identity secret it is, which is consumed: it serves in one ceremony only.
    /// The commitment is to be published. What is to be stored before that is [the state](Committed::to_bytes), in
    /// place of the identity secret.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::NotATrustee`] when the key is not on the list.
    pub fn join<R: CryptoRng + ?Sized>(
        &self,
        secret: IdentitySecret,
        rng: &mut R,
    ) -> Result<Unsent<(Committed, Commitment)>, CeremonyError> {
        let committed = Committed::draw(self, secret, rng)?;
        let commitment = committed.commitment(rng);
        Ok(Unsent::new(committed.to_bytes(), (committed, commitment)))
    }

    /// Decides who is to blame for a complaint: the dealer if the shares it sealed for the complainant are
    /// bad, the complainant if they are good. All that is needed for it is in the complaint.
    ///
    /// # Errors
    ///
    /// The complaint is none, and names nobody: it is not of one trustee about another of its panel
    /// ([`CeremonyError::ComplaintParties`]), the reveal that it carries is not the dealer's word
    /// ([`CeremonyError::Possession`]), or its own proof does not hold ([`CeremonyError::ComplaintProof`]). A
    /// reveal that is the dealer's own but malformed needs no complaint and gives
    /// [`CeremonyError::BadReveal`], which names the dealer.
    pub fn settle(&self, complaint: &Complaint) -> Result<TrusteeIndex, CeremonyError> {
        self.check_parties(complaint)?;
        self.settle_proven(dealing::Proven::new(self, &complaint.reveal)?, complaint)
    }

    /// Checks everything public of a whole ceremony, messages in any order, and gives its key.
    ///
    /// A message whose signature or proof does not hold counts as not sent, as does a complaint that is none:
    /// anyone could have made them. The same message twice counts once.
    ///
    /// # Errors
    ///
    /// What the trustees' own steps give as well, except for what needs their secrets.
    pub fn conclude(
        &self,
        commitments: &[Commitment],
        reveals: &[Reveal],
        complaints: &[Complaint],
        confirmations: &[Confirmation],
    ) -> Result<ElectionKey, CeremonyError> {
        let commitments = self.check_commitments(commitments)?;
        let dealings = self.check_form(&commitments, self.check_possession(reveals)?)?;
        self.check_undisputed(&dealings, complaints)?;
        let key = self.combine(&dealings)?;
        let digest = self.key_digest(commitments.iter().map(|message| &message.digest), &key);
        self.check_confirmations(&digest, confirmations)?;
        Ok(key)
    }

    fn index_of(&self, secret: &IdentitySecret) -> Result<TrusteeIndex, CeremonyError> {
        position_of(&secret.public(), &self.bureau).ok_or(CeremonyError::NotATrustee)
    }

    /// What a trustee deals, if there is one with this number.
    fn part(&self, trustee: TrusteeIndex) -> Option<Part> {
        let panel = self.bureau.panel_of(trustee)?;
        let coefficients = self.bureau.panel(panel)?.threshold.into();
        Some(Part { coefficients, recipients: self.bureau.members(panel).collect() })
    }
}

named_form!(Ceremony: "ceremony", CeremonyError);

fn write_label(label: &str, bytes: &mut Vec<u8>) {
    bytes.extend(length_of(label.as_bytes()).to_le_bytes());
    bytes.extend(label.as_bytes());
}

/// Reads what [`write_label`] wrote.
fn read_label<'a>(reader: &mut Reader<'a>) -> Result<&'a str, CeremonyError> {
    let offset = reader.offset();
    let actual = usize::try_from(reader.number()?).unwrap_or(usize::MAX);
    if actual > Ceremony::MAX_LABEL {
        return Err(CeremonyError::Label { actual });
    }
    let label = core::str::from_utf8(reader.slice(actual)?);
    Ok(label.map_err(|_| DecodeError::Number { offset })?)
}

/// `H("urne/2 commitment"; ceremony, i, F_{i,1,0}, …)`.
fn commitment_digest<'a>(
    ceremony: &CeremonyDigest,
    trustee: TrusteeIndex,
    points: impl IntoIterator<Item = &'a Element>,
) -> CommitmentDigest {
    let hash = FieldHash::new(labels::COMMITMENT)
        .bytes(ceremony.as_bytes())
        .number(trustee.get().into())
        .all(points.into_iter().map(Element::encoding));
    CommitmentDigest::from_bytes(hash.finish())
}
