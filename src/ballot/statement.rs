//! The ballot's transcript: one set of functions for prover and verifier.

use curve25519_dalek::scalar::Scalar;

use crate::contest::Fingerprint;
use crate::primitives::labels::{self, item};
use crate::primitives::transcript::Transcript;

/// What a ballot's proof is about.
#[derive(Clone, Copy)]
pub(super) struct Statement<'a> {
    pub(super) contest: &'a Fingerprint,
    pub(super) credential: &'a [u8],
    /// `R ‖ C_1 … C_J`.
    pub(super) ciphertext: &'a [u8],
}

/// The beginning that the transcripts of all ballots of a contest share.
#[derive(Clone)]
pub(super) struct Beginning(Transcript);

impl Beginning {
    pub(super) fn new(contest: &Fingerprint) -> Self {
        let mut transcript = Transcript::new(labels::BALLOT);
        transcript.append(item::CONTEST, contest.as_bytes());
        Beginning(transcript)
    }

    /// Steps 1 to 3: the rest of the statement, and the commitment to the bits; challenge `y`.
    #[allow(non_snake_case)]
    pub(super) fn rounds(self, credential: &[u8], ciphertext: &[u8], B: &[u8]) -> (Rounds, Scalar) {
        let Beginning(mut transcript) = self;
        transcript.append(item::CREDENTIAL, credential);
        transcript.append(item::CIPHERTEXT, ciphertext);
        transcript.append(item::B, B);
        let y = transcript.challenge(item::Y);
        (Rounds(transcript), y)
    }
}

/// The transcript of one proof, round by round.
pub(super) struct Rounds(Transcript);

impl Rounds {
    /// Steps 1 to 3: the statement, and the commitment to the bits; challenge `y`.
    #[allow(non_snake_case)]
    pub(super) fn begin(statement: &Statement<'_>, B: &[u8]) -> (Self, Scalar) {
        let Statement { contest, credential, ciphertext } = statement;
        Beginning::new(contest).rounds(credential, ciphertext, B)
    }

    /// Steps 4 and 5: the announcements; challenge `x`.
    #[allow(non_snake_case)]
    pub(super) fn announce(&mut self, A: &[u8], S: &[u8], e: &[u8]) -> Scalar {
        self.0.append(item::A, A);
        self.0.append(item::S, S);
        self.0.append(item::E, e);
        self.0.challenge(item::X)
    }

    /// The digest of the whole proof, from which the weights of a batch come.
    pub(super) fn digest(mut self, responses: &[u8]) -> [u8; 32] {
        self.0.append(item::RESPONSES, responses);
        self.0.challenge_bytes(item::DIGEST)
    }
}

/// The wire form, cut where the transcript wants it.
#[allow(non_snake_case)]
pub(super) struct Parts<'a> {
    pub(super) credential: &'a [u8],
    /// `R ‖ C_1 … C_J`.
    pub(super) ciphertext: &'a [u8],
    pub(super) B: &'a [u8],
    pub(super) A: &'a [u8],
    pub(super) S: &'a [u8],
    pub(super) e: &'a [u8],
    /// `f_1 … f_L ‖ z ‖ k ‖ u`.
    pub(super) responses: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Cuts the bytes of a ballot of so many slots, whose length has been checked; other bytes give empty
    /// parts.
    pub(super) fn of(bytes: &'a [u8], slots: usize) -> Self {
        let mut rest = bytes.get(2..).unwrap_or_default();
        let mut cut = |values: usize| {
            let (head, tail) = rest.split_at_checked(32 * values).unwrap_or_default();
            rest = tail;
            head
        };
        Parts {
            credential: cut(1),
            ciphertext: cut(slots + 1),
            B: cut(1),
            A: cut(1),
            S: cut(1),
            e: cut(1),
            responses: rest,
        }
    }
}

/// The encoding of `R`, which stands in the same place whatever the contest; zeros where the bytes are too
/// short for it.
pub(super) fn nonce(ballot: &[u8]) -> [u8; 32] {
    ballot.get(34..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}
