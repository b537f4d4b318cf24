//! Digits to be copied from a picture, or from a voice.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Mutex;

use subtle::ConstantTimeEq;
use urne::rand_core::Rng;

use crate::accounts::{random_token, rng};

const DIGITS: usize = 6;
/// Seconds for which one can be answered.
const SERVES: i64 = 900;
/// Asked for by anybody, so not without end.
const MOST: usize = 200_000;

/// Strokes of each digit, on a grid of 4 by 6.
const STROKES: [&[&[(i32, i32)]]; 10] = [
    &[&[(1, 0), (3, 0), (4, 1), (4, 5), (3, 6), (1, 6), (0, 5), (0, 1), (1, 0)]],
    &[&[(1, 1), (2, 0), (2, 6)], &[(1, 6), (3, 6)]],
    &[&[(0, 1), (1, 0), (3, 0), (4, 1), (4, 2), (0, 6), (4, 6)]],
    &[&[(0, 0), (4, 0), (2, 2), (4, 4), (4, 5), (3, 6), (1, 6), (0, 5)]],
    &[&[(3, 6), (3, 0), (0, 4), (4, 4)]],
    &[&[(4, 0), (0, 0), (0, 3), (3, 2), (4, 3), (4, 5), (3, 6), (0, 6)]],
    &[&[(4, 0), (1, 2), (0, 4), (1, 6), (3, 6), (4, 5), (3, 3), (0, 4)]],
    &[&[(0, 0), (4, 0), (1, 6)], &[(1, 3), (3, 3)]],
    &[&[
        (2, 3),
        (0, 2),
        (1, 0),
        (3, 0),
        (4, 2),
        (2, 3),
        (0, 4),
        (0, 5),
        (1, 6),
        (3, 6),
        (4, 5),
        (4, 4),
        (2, 3),
    ]],
    &[&[(4, 2), (1, 3), (0, 2), (1, 0), (3, 0), (4, 2), (3, 4), (0, 6)]],
];

struct Asked {
    digits: [u8; DIGITS],
    until: i64,
    /// Of the drawing, which is always the same, so that several cannot be compared.
    seed: u64,
}

/// Those that wait for their answer.
#[derive(Default)]
pub struct Captchas {
    asked: Mutex<HashMap<String, Asked>>,
}

impl Captchas {
    fn asked(&self) -> std::sync::MutexGuard<'_, HashMap<String, Asked>> {
        self.asked.lock().unwrap_or_else(|broken| broken.into_inner())
    }

    /// A new one, by its name.
    pub fn ask(&self, now: i64) -> String {
        let digits = [(); DIGITS].map(|()| u8::try_from(rng().next_u64() % 10).unwrap_or(0));
        let name = random_token();
        let mut asked = self.asked();
        if asked.len() >= MOST {
            // The older half of them; and in a flood all.
            asked.retain(|_, of| of.until > now.saturating_add(SERVES / 2));
            if asked.len() >= MOST {
                asked.clear();
            }
        }
        let (until, seed) = (now.saturating_add(SERVES), rng().next_u64());
        asked.insert(name.clone(), Asked { digits, until, seed });
        name
    }

    pub fn picture(&self, name: &str) -> Option<String> {
        let asked = self.asked().get(name).map(|of| (of.digits, of.seed));
        asked.map(|(digits, seed)| draw(&digits, seed))
    }

    pub fn digits(&self, name: &str) -> Option<[u8; DIGITS]> {
        self.asked().get(name).map(|of| of.digits)
    }

    /// Whether these are its digits. It serves once.
    pub fn answer(&self, name: &str, given: &str, now: i64) -> bool {
        let Some(Asked { digits, until, .. }) = self.asked().remove(name) else { return false };
        let given: Vec<u8> = given.chars().filter_map(|c| c.to_digit(10)?.try_into().ok()).collect();
        now < until && until <= now.saturating_add(SERVES) && bool::from(given.ct_eq(&digits))
    }
}

/// An SVG of bent, turned and shifted strokes, among others that mean nothing.
fn draw(digits: &[u8; DIGITS], mut seed: u64) -> String {
    // SplitMix64; the digits are drawn by a better one.
    let mut bend = |most: i32| {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i32::try_from((bits >> 33) % (2 * u64::from(most.unsigned_abs()) + 1)).unwrap_or(0) - most
    };
    let mut svg = String::from(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="280" height="90" viewBox="0 0 280 90"><rect width="280" height="90" fill="white"/><g fill="none" stroke="black" stroke-width="4" stroke-linecap="round" stroke-linejoin="round">"#,
    );
    for (place, digit) in (0..).zip(digits) {
        let (left, top) = (20 + 42 * place + bend(5), 20 + bend(9));
        let (lean, width, height) = (bend(8), 7 + bend(1), 8 + bend(1));
        for stroke in STROKES[usize::from(*digit) % 10] {
            svg.push_str("<polyline points=\"");
            for (x, y) in *stroke {
                let x = left + x * width + lean * (6 - y) / 6 + bend(1);
                let _ = write!(svg, "{x},{} ", top + y * height + bend(1));
            }
            svg.push_str("\"/>");
        }
    }
    for _ in 0..5 {
        let _ = write!(
            svg,
            r#"<path stroke-width="2" d="M{} {} Q{} {} {} {}"/>"#,
            10 + bend(10),
            45 + bend(40),
            140 + bend(60),
            45 + bend(60),
            270 + bend(10),
            45 + bend(40)
        );
    }
    svg.push_str("</g></svg>");
    svg
}

/// The sounds of the digits, one after the other, as one: all are PCM of one form, as espeak-ng writes them.
pub fn speak(sounds: &[&[u8]]) -> Option<Vec<u8>> {
    const HEAD: usize = 44;
    // 0.4 s of silence at 22,050 samples of two bytes.
    const SILENCE: usize = 17_640;
    let first = sounds.first()?.get(..HEAD)?;
    let mut samples = Vec::new();
    for sound in sounds {
        if sound.get(..4)? != b"RIFF" || sound.get(20..36)? != first.get(20..36)? {
            return None;
        }
        samples.extend_from_slice(sound.get(HEAD..)?);
        samples.resize(samples.len() + SILENCE, 0);
    }
    let length = u32::try_from(samples.len()).ok()?;
    let mut whole = first.to_vec();
    whole.get_mut(4..8)?.copy_from_slice(&(length + 36).to_le_bytes());
    whole.get_mut(40..44)?.copy_from_slice(&length.to_le_bytes());
    whole.extend(samples);
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(digits: [u8; DIGITS]) -> String {
        digits.iter().map(u8::to_string).collect()
    }

    #[test]
    fn only_the_digits_answer_and_only_once() {
        let captchas = Captchas::default();
        let name = captchas.ask(100);
        let right = text(captchas.digits(&name).unwrap());
        assert!(captchas.answer(&name, &format!(" {} {} ", &right[..3], &right[3..]), 101));
        assert!(!captchas.answer(&name, &right, 101));
        let name = captchas.ask(100);
        let mut wrong = captchas.digits(&name).unwrap();
        wrong[5] = (wrong[5] + 1) % 10;
        assert!(!captchas.answer(&name, &text(wrong), 101));
        // Whoever was wrong gets another.
        assert!(captchas.picture(&name).is_none());
        for (at, serves) in [(100 + SERVES - 1, true), (100 + SERVES, false), (99, false)] {
            let name = captchas.ask(100);
            let right = text(captchas.digits(&name).unwrap());
            assert_eq!(captchas.answer(&name, &right, at), serves, "{at}");
        }
        assert!(!captchas.answer("", "", 100));
    }

    #[test]
    fn they_do_not_fill_the_memory() {
        let captchas = Captchas::default();
        let old = captchas.ask(1);
        (1..MOST).for_each(|_| drop(captchas.ask(500)));
        let last = captchas.ask(500);
        assert_eq!(captchas.asked().len(), MOST);
        assert!(captchas.picture(&old).is_none() && captchas.picture(&last).is_some());
        captchas.ask(500);
        assert_eq!(captchas.asked().len(), 1);
    }

    #[test]
    fn a_picture_stays_the_same_and_names_no_digit() {
        let captchas = Captchas::default();
        let name = captchas.ask(0);
        let picture = captchas.picture(&name).unwrap();
        assert_eq!(captchas.picture(&name).unwrap(), picture);
        assert!(!picture.contains(&text(captchas.digits(&name).unwrap())) && !picture.contains("<text"));
    }

    #[test]
    fn sounds_are_joined_as_one() {
        let sound = |samples: &[u8]| {
            let mut bytes =
                b"RIFF....WAVEfmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x44\xac\0\0\x02\0\x10\0data...."
                    .to_vec();
            bytes.extend(samples);
            bytes
        };
        let (one, two) = (sound(&[1; 4]), sound(&[2; 2]));
        let whole = speak(&[&one, &two]).unwrap();
        assert_eq!(whole.len(), 44 + 6 + 2 * 17_640);
        assert_eq!(u32::from_le_bytes(whole[40..44].try_into().unwrap()) as usize, whole.len() - 44);
        assert_eq!((&whole[44..48], whole[48]), (&[1; 4][..], 0));
        let mut other = sound(&[3; 2]);
        other[24] = 0;
        assert_eq!(speak(&[&one, &other]), None);
        assert_eq!(speak(&[&one, b"short"]), None);
        assert_eq!(speak(&[]), None);
    }
}
