//! Voting codes, which are Bech32m of 15 bytes, and the credential that a code gives in a contest.

use curve25519_dalek::scalar::Scalar;

use super::text::{Bytes, challenge};

const SYMBOLS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const PREFIX: &str = "urne";
/// What the checksum of a Bech32m text comes to.
const RESIDUE: u32 = 0x2bc8_30a3;

fn residue(values: impl IntoIterator<Item = u8>) -> u32 {
    let generator = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let mut state: u32 = 1;
    for value in values {
        let top = state >> 25;
        state = (state & 0x01ff_ffff) << 5 ^ u32::from(value);
        for (bit, coefficient) in generator.iter().enumerate() {
            if top >> bit & 1 == 1 {
                state ^= coefficient;
            }
        }
    }
    state
}

fn prefix() -> Vec<u8> {
    let bytes = PREFIX.as_bytes();
    bytes.iter().map(|byte| byte >> 5).chain([0]).chain(bytes.iter().map(|byte| byte & 31)).collect()
}

/// The code as it is shown, in groups of five.
pub fn show(code: &[u8; 15]) -> String {
    let bits: Vec<u8> = code.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let mut values: Vec<u8> =
        bits.chunks(5).map(|five| five.iter().fold(0, |value, bit| value << 1 | bit)).collect();
    let checksum = residue([prefix(), values.clone(), vec![0; 6]].concat()) ^ RESIDUE;
    values.extend((0..6).map(|at| u8::try_from(checksum >> (5 * (5 - at)) & 31).unwrap()));
    let symbols = values.iter().map(|value| char::from(SYMBOLS[usize::from(*value)]));
    let text: Vec<char> = PREFIX.chars().chain(['1']).chain(symbols).collect();
    text.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The code that a voter typed, if its form and checksum are right.
pub fn read(text: &str) -> Option<[u8; 15]> {
    let dropped = text.chars().filter(|c| !matches!(c, ' ' | '-'));
    let folded: String = dropped.map(|c| c.to_ascii_lowercase()).collect();
    let symbols = folded.strip_prefix(PREFIX)?.strip_prefix('1')?;
    let value = |symbol| SYMBOLS.iter().position(|known| *known == symbol)?.try_into().ok();
    let values: Vec<u8> = symbols.bytes().map(value).collect::<Option<_>>()?;
    if values.len() != 30 || residue([prefix(), values.clone()].concat()) != RESIDUE {
        return None;
    }
    let bits: Vec<u8> = values[..24].iter().flat_map(|v| (0..5).rev().map(move |bit| v >> bit & 1)).collect();
    let bytes: Vec<u8> =
        bits.chunks(8).map(|eight| eight.iter().fold(0, |byte, bit| byte << 1 | bit)).collect();
    bytes.try_into().ok()
}

/// `s`, the credential secret that the code gives in the contest with this fingerprint.
pub fn credential(fingerprint: &Bytes, code: &[u8; 15]) -> Scalar {
    let mut transcript = merlin::Transcript::new(b"urne/2 credential");
    transcript.append_message(b"contest", fingerprint);
    transcript.append_message(b"code", code);
    challenge(&mut transcript, b"secret")
}
