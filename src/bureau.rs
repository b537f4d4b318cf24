//! The bureau: who holds the election key, and how they make it.
//!
//! A [`Bureau`] is one or more [`Panel`]s of trustees. Opening a tally takes the threshold of every panel:
//! one panel is the ordinary t of n, and two give the shape that French law asks for, the president or the
//! secretary *and* at least two delegates (1 of 2 and 2 of n). Trustees are numbered from 1 through the whole
//! bureau, panel after panel.
//!
//! The trustees make the [`ElectionKey`] together in a [`ceremony`], from which each takes a [`TrusteeKey`].

pub mod ceremony;
mod election_key;
mod error;
mod identity;
mod panel;
mod signature;
mod trustee_key;

pub use ceremony::{
    BadShares, Board, Ceremony, CeremonyDigest, CeremonyError, Checked, Commitment, CommitmentDigest,
    Committed, Complaint, Confirmation, Confirmed, MessageKind, OpenedShares, Reveal, RevealFault, Revealed,
    Said, Seat, Step,
};
pub use election_key::ElectionKey;
pub(crate) use election_key::{evaluate, lagrange_at_zero};
pub use error::KeyError;
pub use identity::{IdentityKey, IdentitySecret};
pub use panel::{Bureau, Panel, PanelIndex, TrusteeIndex};
pub use signature::TrusteeSignatureError;
pub(crate) use signature::{SignedBy, trustee_signature};
pub use trustee_key::{KeyDigest, TrusteeKey, TrusteeKeyError};
pub(crate) use trustee_key::{check_shares, position_of, read_scalars, store_secrets};
