//! Digits to be copied from a picture, or from a voice.
//!
//! The server keeps none that wait for their answer: a captcha's name has in it all that it takes but a key of the server's,
//! by which the digits come of it. So nobody makes others' be forgotten by asking for many. What was answered is kept for as
//! long as it would serve, so that it serves once.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Mutex;

use subtle::ConstantTimeEq;
use urne::rand_core::Rng;

use crate::accounts::{RunKey, hex, rng};

const DIGITS: usize = 6;
/// Seconds for which one can be answered.
const SERVES: i64 = 900;
/// Of those that were answered. To have one forgotten early somebody uses up as many others, of which each would have served
/// as well.
const MOST: usize = 200_000;
/// Of the part of a name that is drawn, and of what says that it is ours.
const BYTES: usize = 16;

/// Strokes of each digit, on a grid of 4 by 6.
#[rustfmt::skip]
const STROKES: [&[&[(i32, i32)]]; 10] = [
    &[&[(1, 0), (3, 0), (4, 1), (4, 5), (3, 6), (1, 6), (0, 5), (0, 1), (1, 0)]],
    &[&[(1, 1), (2, 0), (2, 6)], &[(1, 6), (3, 6)]],
    &[&[(0, 1), (1, 0), (3, 0), (4, 1), (4, 2), (0, 6), (4, 6)]],
    &[&[(0, 0), (4, 0), (2, 2), (4, 4), (4, 5), (3, 6), (1, 6), (0, 5)]],
    &[&[(3, 6), (3, 0), (0, 4), (4, 4)]],
    &[&[(4, 0), (0, 0), (0, 3), (3, 2), (4, 3), (4, 5), (3, 6), (0, 6)]],
    &[&[(4, 0), (1, 2), (0, 4), (1, 6), (3, 6), (4, 5), (3, 3), (0, 4)]],
    &[&[(0, 0), (4, 0), (1, 6)], &[(1, 3), (3, 3)]],
    &[&[(2, 3), (0, 2), (1, 0), (3, 0), (4, 2), (2, 3), (0, 4), (0, 5), (1, 6), (3, 6), (4, 5), (4, 4), (2, 3)]],
    &[&[(4, 2), (1, 3), (0, 2), (1, 0), (3, 0), (4, 2), (3, 4), (0, 6)]],
];

/// What a name says.
struct Asked {
    nonce: [u8; BYTES],
    until: i64,
    digits: [u8; DIGITS],
    /// Of the drawing, which is always the same, so that several cannot be compared.
    seed: u64,
}

#[derive(Default)]
pub struct Captchas {
    key: RunKey,
    /// Those that were answered, by when they would no longer serve.
    used: Mutex<BTreeSet<(i64, [u8; BYTES])>>,
}

impl Captchas {
    /// A new one, by its name.
    pub fn ask(&self, now: i64) -> String {
        let mut nonce = [0; BYTES];
        rng().fill_bytes(&mut nonce);
        let until = now.saturating_add(SERVES).to_be_bytes();
        let mark = self.key.mark(&[b"captcha", &nonce, &until]);
        hex([&nonce[..], &until, &mark[..BYTES]].concat())
    }

    fn asked(&self, name: &str) -> Option<Asked> {
        let bytes = ::hex::decode(name).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<BYTES>()?;
        let (until, mark) = rest.split_first_chunk::<8>()?;
        let own = self.key.mark(&[b"captcha", nonce, until]);
        if !bool::from(own[..BYTES].ct_eq(mark)) {
            return None;
        }
        let drawn = self.key.mark(&[b"digits", nonce, until]);
        let (digits, rest) = drawn.split_first_chunk::<DIGITS>()?;
        // Of 256 bytes 26 are a 0, and 25 a 9: nobody guesses better for that.
        let digits = digits.map(|byte| byte % 10);
        let seed = u64::from_be_bytes(*rest.first_chunk()?);
        Some(Asked { nonce: *nonce, until: i64::from_be_bytes(*until), digits, seed })
    }

    pub fn picture(&self, name: &str) -> Option<String> {
        self.asked(name).map(|of| draw(&of.digits, of.seed))
    }

    pub fn digits(&self, name: &str) -> Option<[u8; DIGITS]> {
        self.asked(name).map(|of| of.digits)
    }

    /// Whether these are its digits. It serves once.
    pub fn answer(&self, name: &str, given: &str, now: i64) -> bool {
        let Some(Asked { nonce, until, digits, .. }) = self.asked(name) else { return false };
        let given: Vec<u8> = given.chars().filter_map(|c| c.to_digit(10)?.try_into().ok()).collect();
        let fresh = now < until && until <= now.saturating_add(SERVES);
        fresh && self.is_first(nonce, until, now) && bool::from(given.ct_eq(&digits))
    }

    fn is_first(&self, nonce: [u8; BYTES], until: i64, now: i64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(|broken| broken.into_inner());
        while used.first().is_some_and(|(until, _)| *until <= now) {
            used.pop_first();
        }
        if used.len() >= MOST {
            used.clear();
        }
        used.insert((until, nonce))
    }
}

/// Sides of the picture.
const WIDTH: i32 = 1_120;
const HEIGHT: i32 = 360;

/// An SVG of bent, turned and shifted strokes among others that mean nothing. All are cut into pieces of one kind, in the
/// order of their places: nothing but their places says which belong together.
fn draw(digits: &[u8; DIGITS], seed: u64) -> String {
    // The digits are drawn by a better one.
    let mut random = fastrand::Rng::with_seed(seed);
    let mut bend = |most: i32| random.i32(-most..=most);
    let mut lines: Vec<Vec<(i32, i32)>> = Vec::new();
    for (place, digit) in (0..).zip(digits) {
        let (left, top) = (80 + 168 * place + bend(16), 66 + bend(36));
        let (lean, width, height) = (bend(36), 27 + bend(4), 38 + bend(4));
        for stroke in STROKES[usize::from(*digit) % 10] {
            let point = |(x, y): &(i32, i32)| {
                let x = left + x * width + lean * (6 - y) / 6 + bend(5);
                (x, top + y * height + bend(5))
            };
            lines.push(stroke.iter().map(point).collect());
        }
    }
    for part in 0..6 {
        let (x, y) = (150 + 168 * part + bend(70), HEIGHT / 2 + bend(150));
        lines.push(vec![(x, y), (x + bend(40), y + bend(40))]);
    }
    let mut height = HEIGHT / 2 + bend(90);
    let mut wander = |part: i32, by: i32| {
        height = (height + by).clamp(30, HEIGHT - 30);
        (part * WIDTH / 14, height)
    };
    lines.push((0..15).map(|part| wander(part, bend(45))).collect());
    let mut pieces = Vec::new();
    for pair in lines.iter().flat_map(|line| line.windows(2)) {
        let &[from, to] = pair else { continue };
        let parts = ((to.0 - from.0).abs().max((to.1 - from.1).abs()) / 26).max(1);
        let mut last = from;
        for part in 1..=parts {
            let mut on = |from: i32, to: i32| from + (to - from) * part / parts + bend(2);
            let next = (on(from.0, to.0), on(from.1, to.1));
            pieces.push((last.min(next), last.max(next)));
            last = next;
        }
    }
    pieces.sort_unstable();
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/><path fill="none" stroke="black" stroke-width="14" stroke-linecap="round" d=""#
    );
    for ((x, y), (to_x, to_y)) in pieces {
        let _ = write!(svg, "M{x} {y}L{to_x} {to_y}");
    }
    svg.push_str("\"/></svg>");
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
        let right = text(wrong);
        wrong[5] = (wrong[5] + 1) % 10;
        assert!(!captchas.answer(&name, &text(wrong), 101));
        // Whoever was wrong gets another.
        assert!(!captchas.answer(&name, &right, 101));
        for (at, serves) in [(100 + SERVES - 1, true), (100 + SERVES, false), (99, false)] {
            let name = captchas.ask(100);
            let right = text(captchas.digits(&name).unwrap());
            assert_eq!(captchas.answer(&name, &right, at), serves, "{at}");
        }
    }

    #[test]
    fn a_name_that_was_not_given_is_none() {
        let captchas = Captchas::default();
        let name = captchas.ask(100);
        let mut edited = ::hex::decode(&name).unwrap();
        for at in 0..edited.len() {
            edited[at] ^= 1;
            assert!(
                captchas.digits(&hex(&edited)).is_none() && captchas.picture(&hex(&edited)).is_none(),
                "{at}"
            );
            edited[at] ^= 1;
        }
        for other in ["", "x", &name[2..], &format!("{name}00"), &Captchas::default().ask(100)] {
            assert!(captchas.digits(other).is_none(), "{other}");
            assert!(!captchas.answer(other, "000000", 100));
        }
        // Nor do names say their digits: two of one time have nothing in common but that.
        assert_ne!(captchas.ask(100)[..32], captchas.ask(100)[..32]);
    }

    /// However many others are asked for, and however many are used up.
    #[test]
    fn one_that_waits_is_not_forgotten_for_others() {
        let captchas = Captchas::default();
        let waiting = captchas.ask(100);
        for number in 0..2 * MOST + 10 {
            let mut nonce = [0; BYTES];
            nonce[..8].copy_from_slice(&number.to_be_bytes());
            captchas.is_first(nonce, 101 + SERVES, 101);
        }
        let used = captchas.used.lock().unwrap();
        assert!(used.len() <= MOST);
        drop(used);
        let right = text(captchas.digits(&waiting).unwrap());
        assert!(captchas.answer(&waiting, &right, 102));
        assert!(!captchas.answer(&waiting, &right, 102));
    }

    #[test]
    fn what_was_answered_is_kept_for_as_long_as_it_would_serve() {
        let captchas = Captchas::default();
        let mut given = Vec::new();
        for now in (0..3 * SERVES).step_by(100) {
            let name = captchas.ask(now);
            let right = text(captchas.digits(&name).unwrap());
            assert!(captchas.answer(&name, &right, now));
            given.push((name, right));
            assert!(given.iter().all(|(name, right)| !captchas.answer(name, right, now)), "{now}");
        }
        let used = captchas.used.lock().unwrap();
        assert!(used.len() < given.len(), "what is over is forgotten");
    }

    /// No part of the picture says of which digit it is, neither by its kind nor by its place in the file.
    #[test]
    fn a_picture_is_pieces_of_one_kind() {
        let captchas = Captchas::default();
        let name = captchas.ask(0);
        let picture = captchas.picture(&name).unwrap();
        assert_eq!(captchas.picture(&name).unwrap(), picture);
        assert!(!picture.contains(&text(captchas.digits(&name).unwrap())));
        let pieces = |picture: &str| -> Vec<[i32; 4]> {
            assert_eq!((picture.matches("<path").count(), picture.matches('<').count()), (1, 4));
            let path = picture.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
            let numbers =
                |piece: &str| piece.split(['L', ' ']).map(|number| number.parse().unwrap()).collect();
            path.split('M').skip(1).map(|piece| <Vec<i32>>::try_into(numbers(piece)).unwrap()).collect()
        };
        let drawn = pieces(&picture);
        assert!(drawn.len() > 100 && drawn.is_sorted());
        assert!(drawn.iter().all(|[x, y, to_x, to_y]| (x - to_x).abs().max((y - to_y).abs()) <= 60));
        // The same digits are drawn anew: hardly a piece is where it was.
        let one = pieces(&draw(&[1, 2, 3, 4, 5, 6], 1));
        let other = pieces(&draw(&[1, 2, 3, 4, 5, 6], 2));
        let same = one.iter().filter(|piece| other.contains(piece)).count();
        assert!(same < 5, "{same}");
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
