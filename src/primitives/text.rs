//! What is said: numbers with their nouns, ordinals, and texts from outside, which are shown escaped.

use alloc::string::String;
use core::fmt::{self, Write};
use core::ops::Deref;

/// A number of things, as it is said: `1 ballot`, `2 ballots`.
pub(crate) fn count<T: fmt::Display + PartialEq + From<bool>>(
    number: T,
    noun: &'static str,
) -> impl fmt::Display {
    Count { number, noun }
}

struct Count<T> {
    number: T,
    /// For one of them.
    noun: &'static str,
}

impl<T: fmt::Display + PartialEq + From<bool>> fmt::Display for Count<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { number, noun } = self;
        // `true` is 1.
        let plural = if *number == T::from(true) { "" } else { "s" };
        write!(f, "{number} {noun}{plural}")
    }
}

/// Of an index, which begins at 0, the ordinal that is said, which begins at 1 like those of lists and trustees.
pub(crate) fn nth<T: TryInto<u64>>(index: T) -> u64 {
    index.try_into().unwrap_or(u64::MAX).saturating_add(1)
}

/// A text from outside as it is safe to print: on a terminal, in a log, in a message.
///
/// Escaped as `\u{…}` is whatever a terminal would obey, whatever would not be seen, and what could make the text
/// look like another: controls and ends of line, marks of direction, characters of no width, tags, variation
/// selectors, private and unassigned characters, spaces but for one between two words, accents that stand apart from
/// their letters, and combining marks on nothing or piled up. What is not UTF-8 is escaped as `\x{…}`, and a
/// backslash is doubled. Letters of all scripts are shown as they are, so texts in letters that look alike are not
/// told apart.
///
/// Its `Debug` form is the same in quotation marks.
///
/// ```
/// use urne::primitives::escaped;
///
/// assert_eq!(escaped("Liste « Été » 東 ✓").to_string(), "Liste « Été » 東 ✓");
/// assert_eq!(escaped("Dusk\u{202e}\r\n ").to_string(), r"Dusk\u{202e}\u{d}\u{a}\u{20}");
/// assert_eq!(escaped("E\u{301}te\u{301}").to_string(), r"E\u{301}te\u{301}");
/// assert_eq!(escaped(b"\xff").to_string(), r"\x{ff}");
/// ```
#[must_use]
pub fn escaped<T: AsRef<[u8]> + ?Sized>(text: &T) -> Escaped<'_> {
    Escaped(text.as_ref())
}

/// A text that is shown [`escaped`].
#[derive(Clone, Copy)]
pub struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In a column, what is padded or cut is what is shown.
        if f.width().is_some() || f.precision().is_some() {
            let mut shown = String::new();
            self.write(&mut shown)?;
            return f.pad(&shown);
        }
        self.write(f)
    }
}

impl Escaped<'_> {
    fn write(&self, f: &mut impl Write) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for (character, look) in looks(chunk.valid()) {
                match look {
                    Look::Seen if character == '\\' => f.write_str("\\\\")?,
                    Look::Seen => f.write_char(character)?,
                    Look::Apart | Look::Hidden => write!(f, "{}", character.escape_unicode())?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{{{byte:02x}}}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// A text from outside, which is shown [`escaped`] whoever prints it; in its `Debug` form in quotation marks.
///
/// It is a `str` to everything else, as it came. Everything in this crate that keeps a text keeps it as one of these.
///
/// ```
/// use urne::primitives::Text;
///
/// let title = Text::from("Committee\u{1b}[2J");
/// assert_eq!(title.to_string(), r"Committee\u{1b}[2J");
/// assert_eq!(title.len(), 13);
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(text.into())
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&escaped(self.as_str()), f)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&escaped(self.as_str()), f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Text)
    }
}

/// How a character of a text looks in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// As itself.
    Seen,
    /// As itself, but together with its letter as another character may look.
    Apart,
    /// Not at all, or not as itself.
    Hidden,
}

/// The most combining marks on one letter: no script in use has more.
const MOST_MARKS: u8 = 4;

/// How each character of a text looks.
pub(crate) fn looks(text: &str) -> impl Iterator<Item = (char, Look)> {
    // Marks after the last character that can bear them; none can at the beginning.
    let mut marks = None;
    let mut rest = text.chars();
    core::iter::from_fn(move || {
        let character = rest.next()?;
        let look = match character {
            // One between two words.
            ' ' | '\u{a0}' | '\u{202f}' => {
                let after = rest.clone().next().is_some_and(|next| !next.is_whitespace());
                if marks.is_some() && after { Look::Seen } else { Look::Hidden }
            }
            _ if is_unseen(character) => Look::Hidden,
            _ if is_mark(character) => match marks {
                Some(0..MOST_MARKS) if is_accent(character) => Look::Apart,
                Some(0..MOST_MARKS) => Look::Seen,
                _ => Look::Hidden,
            },
            _ if is_accent(character) => Look::Apart,
            _ => Look::Seen,
        };
        marks = match look {
            _ if is_mark(character) => marks.map(|marks: u8| marks.saturating_add(1)),
            Look::Hidden => None,
            _ if character.is_whitespace() => None,
            _ => Some(0),
        };
        Some((character, look))
    })
}

/// Whether a character shows nothing wherever it stands, or is none that is assigned for all.
fn is_unseen(character: char) -> bool {
    match character {
        '\\' | '\'' | '"' => false,
        // Printable by its category, and empty all the same: fillers, variation selectors, the blank of Braille.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{16fe4}'
        | '\u{1d159}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        // Of a text's beginning, marks that combine are escaped too.
        _ => character.escape_debug().len() > 1 && !is_mark(character),
    }
}

/// Whether a character combines with the one before it.
fn is_mark(character: char) -> bool {
    // `escape_debug` escapes these at the beginning of a text only.
    let mut pair = [b'a'; 5];
    let [_, second @ ..] = &mut pair;
    let length = character.encode_utf8(second).len();
    let pair = pair.get(..=length).and_then(|pair| core::str::from_utf8(pair).ok());
    let after_a_letter = pair.map_or(0, |pair| pair.escape_debug().skip(1).count());
    after_a_letter == 1 && character.escape_debug().len() > 1
}

/// Whether a character has taken part in another that Unicode also has as one: accents, and the parts of Korean
/// syllables.
fn is_accent(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}'
        | '\u{3099}' | '\u{309a}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    #[test]
    fn one_is_singular_and_nothing_else_is() {
        let said = [0u64, 1, 2, 21].map(|number| count(number, "ballot").to_string());
        assert_eq!(said, ["0 ballots", "1 ballot", "2 ballots", "21 ballots"]);
        assert_eq!(count(1u8, "sealed share").to_string(), "1 sealed share");
    }

    #[test]
    fn ordinals_begin_at_1_and_end() {
        assert_eq!(nth(0usize), 1);
        assert_eq!(nth(41u64), 42);
        assert_eq!(nth(u64::MAX), u64::MAX);
        assert_eq!(nth(u128::MAX), u64::MAX);
    }

    #[test]
    fn attack_19_whatever_is_not_seen_as_itself_is_escaped() {
        let hidden = [
            '\0'..='\u{1f}',
            '\u{7f}'..='\u{9f}',
            '\u{ad}'..='\u{ad}',
            '\u{34f}'..='\u{34f}',
            '\u{61c}'..='\u{61c}',
            '\u{115f}'..='\u{1160}',
            '\u{17b4}'..='\u{17b5}',
            '\u{180b}'..='\u{180f}',
            '\u{2000}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{205f}'..='\u{206f}',
            '\u{2800}'..='\u{2800}',
            '\u{3000}'..='\u{3000}',
            '\u{3164}'..='\u{3164}',
            // Private use.
            '\u{e000}'..='\u{f8ff}',
            '\u{fe00}'..='\u{fe0f}',
            '\u{feff}'..='\u{feff}',
            '\u{ffa0}'..='\u{ffa0}',
            '\u{fff9}'..='\u{fffb}',
            '\u{fffe}'..='\u{ffff}',
            '\u{1d173}'..='\u{1d17a}',
            // Tags, more variation selectors, planes that are not assigned or private.
            '\u{e0000}'..='\u{10ffff}',
        ];
        for character in hidden.into_iter().flatten() {
            let escape = character.escape_unicode();
            assert_eq!(escaped(&format!("a{character}b")).to_string(), format!("a{escape}b"));
        }
    }

    #[test]
    fn letters_of_all_scripts_are_shown_and_what_was_escaped_can_be_told() {
        let plain = [
            "Zoë O'Doe, « Été : 100 % » — \"Ça va\"\u{a0}?",
            "東京 서울 Москва Αθήνα",
            "ירושלים القاهرة",
            "हिन्दी தமிழ் ไทยที่",
            "½ € ✓ 🗳",
        ];
        for text in plain {
            assert_eq!(escaped(text).to_string(), text);
        }
        assert_eq!(escaped(r"a\u{202e}").to_string(), r"a\\u{202e}");
        assert_eq!(escaped(b"\xff\xc3\xa9\xc3").to_string(), r"\x{ff}é\x{c3}");
        assert_eq!(format!("{:?}", escaped("a\n")), "\"a\\u{a}\"");
    }

    #[test]
    fn columns_are_of_what_is_shown() {
        assert_eq!(format!("[{:9}]", Text::from("a\n")), r"[a\u{a}   ]");
        assert_eq!(format!("[{:>9}]", escaped("é")), "[        é]");
        assert_eq!(format!("[{:.3}]", escaped("Dawn")), "[Daw]");
    }

    #[test]
    fn spaces_are_shown_one_at_a_time_between_words() {
        let shown = |text: &str| escaped(text).to_string();
        assert_eq!(shown(" a b  c "), r"\u{20}a b\u{20}\u{20}c\u{20}");
        assert_eq!(shown("a \u{a0}b\u{a0}"), r"a\u{20}\u{a0}b\u{a0}");
        assert_eq!(shown("a \u{301}"), r"a \u{301}");
        // A space bears no mark, of whatever script.
        assert_eq!(shown("\u{915}\u{947} \u{947}"), "\u{915}\u{947} \\u{947}");
        assert_eq!(shown("\u{200b} a"), r"\u{200b}\u{20}a");
    }

    #[test]
    fn marks_are_shown_on_letters_that_have_them_and_never_piled_up() {
        let shown = |text: &str| escaped(text).to_string();
        // NFC and NFD.
        assert_eq!(shown("é"), "é");
        assert_eq!(shown("e\u{301}"), r"e\u{301}");
        assert_eq!(shown("한"), "한");
        assert_eq!(shown("\u{1112}\u{1161}\u{11ab}"), r"\u{1112}\u{1161}\u{11ab}");
        assert_eq!(shown("\u{947}"), r"\u{947}");
        let piled = String::from("ก") + &"\u{e48}".repeat(6);
        assert_eq!(shown(&piled), format!("ก{}{}", "\u{e48}".repeat(4), r"\u{e48}".repeat(2)));
    }
}
