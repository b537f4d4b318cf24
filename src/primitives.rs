//! The cellar: what every room stands on, and what knows nothing of elections.
//!
//! Public are what crosses its door: times and texts ([`UnixTime`], [`Text`]), the keys of ballot box and issuer
//! ([`SigningKey`], [`VerifyingKey`]), forms and their faults ([`Form`], [`Kind`], [`DecodeError`]), what is stored before it leaves
//! ([`Unsent`]), and a table that whoever opens tallies can keep ([`PackedLogTable`]).

// What is in it:
//
// | page | what it holds |
// |---|---|
// | `group` | ristretto255 points that keep their encoding, generators, sums |
// | `discrete_log` | logarithms of small numbers and of packed totals |
// | `transcript`, `strobe`, `labels`, `hash` | everything that is hashed, with every name in one file |
// | `proof` | Schnorr's protocol and that of Chaum and Pedersen |
// | `ed25519` | the keys of ballot box and issuer |
// | `wire`, `form` | how bytes and hex are read and written; the table of kinds; one trait of all messages |
// | `stored` | secrets and memory in one form, with a tag |
// | `text`, `messages` | texts from outside, escaped; numbers with their nouns; the table of an error's codes and texts |
// | `unsent` | a message that leaves only when what belongs to it is stored |
// | `time`, `parallel`, `declassify` | times as arguments; work on all cores; where a secret becomes public |
// | `secret` | where secrets stay, and what is wiped of the stack where they were worked with |

#[cfg_attr(not(urne_constant_time), allow(unreachable_pub))]
pub(crate) mod declassify;
pub(crate) mod discrete_log;
pub(crate) mod ed25519;
pub(crate) mod form;
pub(crate) mod group;
pub(crate) mod hash;
pub(crate) mod labels;
pub(crate) mod messages;
pub(crate) mod parallel;
pub(crate) mod proof;
pub(crate) mod secret;
pub(crate) mod stored;
mod strobe;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod transcript;
mod unsent;
pub(crate) mod wire;

pub use discrete_log::{DiscreteLogError, PackedLogTable};
pub use ed25519::{Signature, SigningKey, VerifyingKey, VerifyingKeyError};
pub use form::Form;
pub use proof::Proof;
pub use text::{Escaped, Text, escaped};
pub use time::UnixTime;
pub use unsent::Unsent;
pub use wire::{DecodeError, Kind};
