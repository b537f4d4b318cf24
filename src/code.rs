//! The voting code: 120 random bits that a person can type.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::labels::{self, item};
use crate::transcript::Transcript;

const BYTES: usize = 15;
const CHARACTERS: usize = 35;
const GROUP: usize = 5;
const ALPHABET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const HRP: Hrp = Hrp::parse_unchecked("urne");

/// A voting code: 15 secret bytes, written as Bech32m (BIP-350) with the prefix `urne` in seven
/// groups of five characters.
///
/// From the code and a contest comes the voter's [`Credential`](crate::Credential) for that contest,
/// so one code serves all contests of a voter, and whoever knows the code can vote in all of them.
///
/// ```
/// use urne::VotingCode;
///
/// let code: VotingCode = "URNE1 qqqsy qcyq5 rqwzq fpg9s crgwf 2ffvs".parse()?;
/// assert_eq!(code.expose_text().as_str(), "urne1-qqqsy-qcyq5-rqwzq-fpg9s-crgwf-2ffvs");
/// # Ok::<(), urne::VotingCodeError>(())
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct VotingCode([u8; BYTES]);

impl VotingCode {
    /// A fresh code.
    #[must_use]
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut transcript = Transcript::new(labels::SECRETS);
        transcript.append(item::STATEMENT, b"voting code");
        VotingCode(*transcript.secrets(&[], rng).bytes())
    }

    /// A code from its 15 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; BYTES]) -> Self {
        VotingCode(bytes)
    }

    /// The 15 bytes.
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<[u8; BYTES]> {
        Zeroizing::new(self.0)
    }

    /// The code as it is printed: lower case, seven groups of five joined by `-`.
    #[must_use]
    pub fn expose_text(&self) -> Zeroizing<String> {
        // The capacity is right from the start, so that no copy is left behind by growing.
        let mut plain = Zeroizing::new(String::with_capacity(CHARACTERS));
        // Writing to a string cannot fail, and 15 bytes are never too long.
        let written = bech32::encode_lower_to_fmt::<Bech32m, String>(&mut plain, HRP, &self.0);
        debug_assert!(written.is_ok());
        let mut text = Zeroizing::new(String::with_capacity(CHARACTERS + CHARACTERS / GROUP));
        for (position, character) in plain.chars().enumerate() {
            if position > 0 && position % GROUP == 0 {
                text.push('-');
            }
            text.push(character);
        }
        text
    }
}

impl FromStr for VotingCode {
    type Err = VotingCodeError;

    /// Reads a code: spaces and hyphens are dropped and case is folded; then it must have exactly the
    /// printed form. Nothing is corrected.
    fn from_str(text: &str) -> Result<Self, VotingCodeError> {
        let mut plain = Zeroizing::new(String::with_capacity(text.len()));
        plain.extend(text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_lowercase()));
        let characters = plain.chars().count();
        if characters != CHARACTERS {
            return Err(VotingCodeError::Length { expected: CHARACTERS, actual: characters });
        }
        let Some(data) = plain.strip_prefix("urne1") else {
            return Err(VotingCodeError::Prefix);
        };
        if let Some(at) = data.chars().position(|c| !ALPHABET.contains(c)) {
            return Err(VotingCodeError::Character { position: at.saturating_add(6) });
        }
        let checked = CheckedHrpstring::new::<Bech32m>(&plain)
            .map_err(|_| VotingCodeError::Mistyped { position: single_error(&plain) })?;
        let mut bytes = Zeroizing::new([0; BYTES]);
        let mut read = 0;
        for (to, from) in bytes.iter_mut().zip(checked.byte_iter()) {
            *to = from;
            read += 1;
        }
        if read == BYTES { Ok(VotingCode(*bytes)) } else { Err(VotingCodeError::Mistyped { position: None }) }
    }
}

/// Where the one wrong character is, from 1, when a single other character would make the checksum hold.
///
/// Codewords differ in at least five places at this length, so a code with up to three errors is never
/// taken for one with a single error elsewhere. The character itself is not told: the voter looks again.
fn single_error(plain: &str) -> Option<usize> {
    let prefix = HRP.len().saturating_add(1);
    (prefix..CHARACTERS).find_map(|at| {
        let (before, rest) = plain.split_at_checked(at)?;
        let after = rest.get(1..)?;
        let holds = ALPHABET.chars().any(|character| {
            let mut candidate = Zeroizing::new(String::with_capacity(CHARACTERS));
            candidate.push_str(before);
            candidate.push(character);
            candidate.push_str(after);
            CheckedHrpstring::new::<Bech32m>(&candidate).is_ok()
        });
        holds.then_some(at.saturating_add(1))
    })
}

impl ConstantTimeEq for VotingCode {
    fn ct_eq(&self, other: &Self) -> subtle::Choice {
        self.0.ct_eq(&other.0)
    }
}

impl fmt::Debug for VotingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VotingCode(redacted)")
    }
}

/// Why a text is not a voting code. All of these are typing errors; whether a well-formed code is
/// anybody's is for the ballot box to say.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VotingCodeError {
    /// Characters are missing or too many, spaces and hyphens not counted.
    Length {
        /// How many a code has.
        expected: usize,
        /// How many were typed.
        actual: usize,
    },
    /// The text does not begin with `urne1`.
    Prefix,
    /// A character that no code contains.
    Character {
        /// Which one, from 1, spaces and hyphens not counted.
        position: usize,
    },
    /// All characters are possible, but the checksum does not hold: at least one is wrong.
    Mistyped {
        /// Which one, from 1, spaces and hyphens not counted, if it is only one.
        position: Option<usize>,
    },
}

impl fmt::Display for VotingCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VotingCodeError::Length { expected, actual } => {
                write!(f, "a voting code has {expected} characters, not {actual}")
            }
            VotingCodeError::Prefix => f.write_str("a voting code begins with urne1"),
            VotingCodeError::Character { position } => {
                write!(f, "no voting code contains the character typed at position {position}")
            }
            VotingCodeError::Mistyped { position: Some(position) } => {
                write!(f, "the voting code is mistyped: look at the character at position {position}")
            }
            VotingCodeError::Mistyped { position: None } => {
                f.write_str("the voting code is mistyped at more than one character")
            }
        }
    }
}

impl core::error::Error for VotingCodeError {}
