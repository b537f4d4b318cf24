//! What a voter holds: a voting code, the credential it becomes in each contest, and the proof that
//! activates it.
//!
//! One [`VotingCode`] serves all contests of a voter. From it and a contest's fingerprint comes a
//! [`Credential`], whose public half stands on the roll; two contests' public credentials cannot be linked
//! by anyone who does not know the code. Entering the code answers the server's nonce with an
//! [`Activation`] for each contest.

mod activation;
mod code;
mod decoded;
mod secret;

pub use activation::{Activation, ActivationNonce};
pub(crate) use activation::{StoredActivation, verify_stored};
pub use code::{VotingCode, VotingCodeError};
pub use decoded::DecodedCredentials;
pub use secret::{Credential, PublicCredential};
