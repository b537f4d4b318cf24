//! A QR code as the path of an SVG.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;

/// Light modules around a code, as its standard asks for.
const QUIET: usize = 4;

/// The dark modules of a code as a path, a module a unit, and how wide it is.
#[derive(Serialize)]
pub(crate) struct Drawn {
    width: usize,
    path: String,
}

/// The code of a text, or nothing when no code holds it.
pub(crate) fn drawn(text: &str) -> Option<Drawn> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|one, next| one == next) {
            if run[0] == Color::Dark {
                let (x, y, length) = (column + QUIET, row + QUIET, run.len());
                // Writing to a string cannot fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            column += run.len();
        }
    }
    Some(Drawn { width: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path, drawn again module by module, is the code.
    #[test]
    fn the_path_is_that_of_the_code() {
        for text in ["URNE", &"https://vote.example/check#".repeat(60)] {
            let Drawn { width, path } = drawn(text).unwrap();
            let mut dark = vec![false; width * width];
            for run in path.trim_end_matches('z').split('z') {
                let numbers: Vec<usize> =
                    run.split(['M', ' ', 'h', 'v', '-']).filter_map(|number| number.parse().ok()).collect();
                let [x, y, length, 1, back] = numbers[..] else { panic!("{run}") };
                assert_eq!(length, back);
                dark[y * width + x..][..length].fill(true);
            }
            let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
            assert_eq!(width, code.width() + 8);
            for (at, color) in code.to_colors().into_iter().enumerate() {
                let (x, y) = (at % code.width() + QUIET, at / code.width() + QUIET);
                assert_eq!(dark[y * width + x], color == Color::Dark);
            }
            assert_eq!(
                dark.iter().filter(|dark| **dark).count(),
                code.to_colors().iter().filter(|c| **c == Color::Dark).count()
            );
        }
        assert!(drawn(&"x".repeat(3_000)).is_none());
    }
}
