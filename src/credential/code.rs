//! The voting code: 120 random bits that a person can type.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::contest::Fingerprint;
use crate::primitives::labels::{self, item};
use crate::primitives::messages::messages;
use crate::primitives::secret::{self, Secret, scrubbed};
use crate::primitives::transcript::Transcript;

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
/// # Ok::<(), urne::credential::VotingCodeError>(())
/// ```
#[derive(Clone, ZeroizeOnDrop)]
pub struct VotingCode(Secret<[u8; BYTES]>);

impl VotingCode {
    /// A fresh code, as good as the RNG: there is nothing to hedge with.
    #[must_use]
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        scrubbed::<{ secret::SIGNATURE }, _>(|| {
            let mut transcript = Transcript::new(labels::SECRETS);
            transcript.append(item::STATEMENT, b"voting code");
            VotingCode(Secret::new(*transcript.secrets(&[], rng).bytes()))
        })
    }

    /// A fresh code of an issuer's. It depends on whose it is, on the contests in which it serves, on how many were drawn
    /// before, and on the issuer's secret as on the RNG: one that repeats itself does not repeat a code, and one that is
    /// broken leaves codes as unpredictable as the secret.
    pub(crate) fn draw<R: CryptoRng + ?Sized>(
        holder: &[u8],
        contests: impl Iterator<Item = Fingerprint>,
        before: u64,
        issuer: &[u8; 32],
        rng: &mut R,
    ) -> Self {
        let mut transcript = Transcript::new(labels::SECRETS);
        transcript.append(item::STATEMENT, b"voting code of a voter");
        transcript.append(item::HOLDER, holder);
        contests.for_each(|contest| transcript.append(item::CONTEST, contest.as_bytes()));
        transcript.append_number(item::COUNT, before);
        scrubbed::<{ secret::SIGNATURE }, _>(|| {
            VotingCode(Secret::new(*transcript.secrets(&[issuer], rng).bytes()))
        })
    }

    /// A code from its 15 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; BYTES]) -> Self {
        VotingCode(Secret::new(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }

    /// The 15 bytes.
    #[must_use]
    pub fn expose_bytes(&self) -> Zeroizing<[u8; BYTES]> {
        Zeroizing::new(*self.0)
    }

    /// The code as it is printed: lower case, seven groups of five joined by `-`.
    #[must_use]
    pub fn expose_text(&self) -> Zeroizing<String> {
        scrubbed::<{ secret::SIGNATURE }, _>(|| self.text())
    }

    fn text(&self) -> Zeroizing<String> {
        // The capacity is right from the start, so that no copy is left behind by growing.
        let mut plain = Zeroizing::new(String::with_capacity(CHARACTERS));
        // Writing to a string cannot fail, and 15 bytes are never too long.
        let written = bech32::encode_lower_to_fmt::<Bech32m, String>(&mut plain, HRP, self.as_bytes());
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
        scrubbed::<{ secret::SIGNATURE }, _>(|| VotingCode::read(text))
    }
}

impl VotingCode {
    fn read(text: &str) -> Result<Self, VotingCodeError> {
        let mut plain = Zeroizing::new(String::with_capacity(text.len()));
        plain.extend(text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_lowercase()));
        let foreign = plain.chars().enumerate().find(|(_, character)| !character.is_ascii_alphanumeric());
        if let Some((at, character)) = foreign {
            let position = at.saturating_add(1);
            return Err(VotingCodeError::Foreign { code_point: character.into(), position });
        }
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
        if read == BYTES {
            Ok(VotingCode(Secret::new(*bytes)))
        } else {
            Err(VotingCodeError::Mistyped { position: None })
        }
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
        self.as_bytes().ct_eq(other.as_bytes())
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
    /// A character that is neither a letter from a to z, nor a digit, a space or a hyphen: another hyphen or space, as
    /// texts are pasted with, or the end of a line.
    Foreign {
        /// Its number in Unicode.
        code_point: u32,
        /// Which one, from 1, spaces and hyphens not counted.
        position: usize,
    },
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

messages! { VotingCodeError: "code";
    Foreign { code_point, position } => "foreign",
        "the voting code has U+{code_point:04X} at position {position}, which is neither a letter from a to z, nor a digit, \
         a space or a hyphen: type that place anew";
    Length { expected, actual } => "length", "a voting code has {expected} characters, not {actual}";
    Prefix => "prefix", "a voting code begins with urne1";
    Character { position } => "character", "no voting code contains the character typed at position {position}";
    Mistyped { position } => "mistyped", "the voting code is mistyped{}", place(*position);
}

impl core::error::Error for VotingCodeError {}

fn place(position: Option<usize>) -> impl fmt::Display {
    fmt::from_fn(move |f| match position {
        Some(position) => write!(f, ": look at the character at position {position}"),
        None => f.write_str(" at more than one character"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use bech32::Bech32;
    use proptest::prelude::*;

    const SHOWN: &str = "urne1-qqqsy-qcyq5-rqwzq-fpg9s-crgwf-2ffvs";

    fn code() -> VotingCode {
        VotingCode::from_bytes(core::array::from_fn(|at| u8::try_from(at).unwrap()))
    }

    fn read(text: &str) -> Result<[u8; BYTES], VotingCodeError> {
        text.parse::<VotingCode>().map(|code| *code.expose_bytes())
    }

    fn plain() -> Vec<char> {
        SHOWN.chars().filter(|c| *c != '-').collect()
    }

    #[cfg(feature = "serde")]
    #[test]
    fn codes_match_the_vector() {
        let vectors = crate::test_vectors::primitives();
        let vector = &vectors["code"];
        let bytes: [u8; 15] = crate::test_vectors::unhex(&vector["bytes"]);
        assert_eq!(code().expose_bytes().as_ref(), bytes);
        assert_eq!(vector["text"], SHOWN);
        assert_eq!(code().expose_text().as_str(), SHOWN);
        assert_eq!(read(SHOWN), Ok(bytes));
        let ones = vector["all_ones"].as_str().unwrap();
        assert_eq!(VotingCode::from_bytes([0xff; 15]).expose_text().as_str(), ones);
        assert_eq!(read(ones), Ok([0xff; 15]));
    }

    #[test]
    fn every_single_typing_error_is_found_and_located() {
        let plain = plain();
        for at in 0..CHARACTERS {
            for other in ALPHABET.chars().chain("1bio!.é".chars()).filter(|c| *c != plain[at]) {
                let mut typed = plain.clone();
                typed[at] = other;
                let position = at + 1;
                let expected = if !other.is_ascii_alphanumeric() {
                    VotingCodeError::Foreign { code_point: other.into(), position }
                } else if at < 5 {
                    VotingCodeError::Prefix
                } else if ALPHABET.contains(other) {
                    VotingCodeError::Mistyped { position: Some(position) }
                } else {
                    VotingCodeError::Character { position }
                };
                assert_eq!(read(&typed.iter().collect::<String>()), Err(expected), "{other} at {position}");
            }
        }
    }

    #[test]
    fn characters_changed_over_are_found() {
        let plain = plain();
        for at in 5..CHARACTERS - 1 {
            let mut typed = plain.clone();
            typed.swap(at, at + 1);
            if typed != plain {
                let found = read(&typed.iter().collect::<String>());
                assert_eq!(found, Err(VotingCodeError::Mistyped { position: None }));
            }
        }
    }

    #[test]
    fn missing_and_doubled_characters_are_counted() {
        let plain = plain();
        for at in 0..CHARACTERS {
            let (mut fewer, mut more) = (plain.clone(), plain.clone());
            fewer.remove(at);
            more.insert(at, plain[at]);
            for (typed, actual) in [(fewer, 34), (more, 36)] {
                let found = read(&typed.iter().collect::<String>());
                assert_eq!(found, Err(VotingCodeError::Length { expected: 35, actual }));
            }
        }
        assert_eq!(read(""), Err(VotingCodeError::Length { expected: 35, actual: 0 }));
        assert_eq!(read(" - - "), Err(VotingCodeError::Length { expected: 35, actual: 0 }));
    }

    #[test]
    fn case_spaces_and_hyphens_do_not_matter() {
        let expected = Ok(*code().expose_bytes());
        let upper = SHOWN.to_uppercase();
        let spaced: String = upper.chars().flat_map(|c| [c, ' ', '-']).collect();
        let mixed = SHOWN.replace('q', "Q").replace('-', "");
        for text in [upper.as_str(), &spaced, &mixed, &format!("  {SHOWN}- ")] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn only_ascii_is_folded_and_only_spaces_and_hyphens_are_dropped() {
        let plain = plain();
        let s = plain.iter().position(|c| *c == 's').unwrap();
        // Long s, full-width s, and, in place of a k, the Kelvin sign: all fold to ASCII in Unicode.
        for other in ['ſ', 'ｓ', 'Ｓ', '\u{212a}'] {
            let mut typed = plain.clone();
            typed[s] = other;
            let expected = VotingCodeError::Foreign { code_point: other.into(), position: s + 1 };
            assert_eq!(read(&typed.iter().collect::<String>()), Err(expected));
        }
        let kelvin = VotingCode::from_bytes([0xb5; 15]);
        let text: String = kelvin.expose_text().chars().filter(|c| *c != '-').collect();
        let at = text.find('k').unwrap();
        assert!(read(&text.replace('k', "K")).is_ok());
        let expected = VotingCodeError::Foreign { code_point: 0x212a, position: at + 1 };
        assert_eq!(read(&text.replace('k', "\u{212a}")), Err(expected));
        for blank in ['\t', '\n', '\u{a0}', '\u{2011}', '–', '_'] {
            let expected = VotingCodeError::Foreign { code_point: blank.into(), position: 36 };
            assert_eq!(read(&format!("{SHOWN}{blank}")), Err(expected));
        }
    }

    /// As a letter's text comes out of some programs.
    #[test]
    fn a_pasted_hyphen_of_another_kind_is_named_with_its_place_and_nothing_of_the_code() {
        let error = read(&SHOWN.replace('-', "\u{2011}")).unwrap_err();
        assert_eq!(error, VotingCodeError::Foreign { code_point: 0x2011, position: 6 });
        let said = format!("{error} {error:?}");
        assert!(said.starts_with("the voting code has U+2011 at position 6, "), "{said}");
        assert!(!said.contains('\u{2011}') && SHOWN.split('-').all(|group| !said.contains(group)), "{said}");
    }

    #[test]
    fn other_checksums_prefixes_and_lengths_are_refused() {
        let mistyped = Err(VotingCodeError::Mistyped { position: None });
        let bech32 = bech32::encode_lower::<Bech32>(HRP, &*code().expose_bytes()).unwrap();
        assert_eq!(bech32.len(), CHARACTERS);
        assert_eq!(read(&bech32), mistyped);
        let foreign = bech32::encode_lower::<Bech32m>(Hrp::parse_unchecked("urna"), &[0; 15]).unwrap();
        assert_eq!(read(&foreign), Err(VotingCodeError::Prefix));
        for length in [13, 14, 16] {
            let other = bech32::encode_lower::<Bech32m>(HRP, &alloc::vec![0; length]).unwrap();
            let actual = other.len();
            assert_eq!(read(&other), Err(VotingCodeError::Length { expected: 35, actual }));
        }
    }

    #[test]
    fn nothing_of_a_code_is_printed() {
        assert_eq!(format!("{:?}", code()), "VotingCode(redacted)");
        let mut typed = plain();
        typed[20] = 'z';
        let error = read(&typed.iter().collect::<String>()).unwrap_err();
        assert_eq!(error.to_string(), "the voting code is mistyped: look at the character at position 21");
    }

    proptest! {
        #[test]
        fn codes_are_read_as_they_are_written(bytes in any::<[u8; BYTES]>()) {
            let text = VotingCode::from_bytes(bytes).expose_text();
            prop_assert_eq!(text.len(), 41);
            prop_assert_eq!(read(&text), Ok(bytes));
        }

        /// Two or three errors are never taken for a single one elsewhere.
        #[test]
        fn several_errors_are_not_located(
            bytes in any::<[u8; BYTES]>(),
            errors in prop::collection::btree_map(5..CHARACTERS, 1usize..32, 2..=3),
        ) {
            let text = VotingCode::from_bytes(bytes).expose_text();
            let mut typed: Vec<char> = text.chars().filter(|c| *c != '-').collect();
            for (at, shift) in errors {
                let place = ALPHABET.find(typed[at]).unwrap();
                typed[at] = ALPHABET.chars().nth((place + shift) % 32).unwrap();
            }
            let found = read(&typed.iter().collect::<String>());
            prop_assert_eq!(found, Err(VotingCodeError::Mistyped { position: None }));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*", near in "[urne1qpzry ſK\u{212a}-]{35,36}") {
            let _ = read(&text);
            let _ = read(&near);
        }
    }
}
