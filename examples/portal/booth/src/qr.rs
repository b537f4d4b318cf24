//! A QR code as the path of an SVG.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

use crate::json::{Json, object};

/// Light modules around a code, as its standard asks for.
const QUIET: usize = 4;

/// The dark modules of a text's code as a path, a module a unit, and how wide it is; null when no code holds the text.
pub(crate) fn drawn(text: &str) -> Json {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::L) else { return Json::Null };
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
    object! { "width": width + 2 * QUIET, "path": path }
}
