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
    /// `R ‖ C_1 … C_L`.
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

    /// Steps 1 and 2: the rest of the statement; challenge `y`.
    pub(super) fn rounds(self, credential: &[u8], ciphertext: &[u8]) -> (Rounds, Scalar) {
        let Beginning(mut transcript) = self;
        transcript.append(item::CREDENTIAL, credential);
        transcript.append(item::CIPHERTEXT, ciphertext);
        let y = transcript.challenge(item::Y);
        (Rounds(transcript), y)
    }
}

/// The transcript of one proof, round by round.
pub(super) struct Rounds(Transcript);

impl Rounds {
    /// Steps 1 and 2: the statement; challenge `y`.
    pub(super) fn begin(statement: &Statement<'_>) -> (Self, Scalar) {
        let Statement { contest, credential, ciphertext } = statement;
        Beginning::new(contest).rounds(credential, ciphertext)
    }

    /// Steps 3 and 4: the commitments; challenge `w`.
    #[allow(non_snake_case)]
    pub(super) fn commit(&mut self, A: &[u8], B: &[u8]) -> Scalar {
        self.0.append(item::A, A);
        self.0.append(item::B, B);
        self.0.challenge(item::W)
    }

    /// Steps 5 and 6: the tie to the ciphertext; challenge `x`.
    #[allow(non_snake_case)]
    pub(super) fn tie(&mut self, S: &[u8]) -> Scalar {
        self.0.append(item::S, S);
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
    /// `R ‖ C_1 … C_L`.
    pub(super) ciphertext: &'a [u8],
    pub(super) A: &'a [u8],
    pub(super) B: &'a [u8],
    pub(super) S: &'a [u8],
    /// `f_1 … f_L ‖ z ‖ k ‖ u`.
    pub(super) responses: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Cuts the bytes of a ballot, whose length has been checked; other bytes give empty parts.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let lists = bytes.get(1).copied().map_or(0, usize::from);
        let mut rest = bytes.get(2..).unwrap_or_default();
        let mut cut = |points: usize| {
            let (head, tail) = rest.split_at_checked(32 * points).unwrap_or_default();
            rest = tail;
            head
        };
        Parts {
            credential: cut(1),
            ciphertext: cut(lists + 1),
            A: cut(1),
            B: cut(1),
            S: cut(1),
            responses: rest,
        }
    }

    pub(super) fn nonce(&self) -> [u8; 32] {
        self.ciphertext.first_chunk().copied().unwrap_or_default()
    }
}
