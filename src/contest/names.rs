//! Names that voters can tell apart: what is asked of whoever makes a contest, and of nobody's record.

use alloc::string::String;
use alloc::vec::Vec;

use unicode_security::confusable_detection::skeleton;

use super::{ContestDescription, ContestError};
use crate::primitives::text::{Look, Text, looks};

impl ContestDescription {
    /// That voters see the texts as they are, and can tell the lists apart.
    ///
    /// [`Contest::new`](super::Contest::new) asks for it, so that an organiser's mistakes are found before anybody
    /// approves. It is no rule of the protocol, for which names differ as soon as their bytes do: a contest that is
    /// read from a record is verified whatever its names look like, and shown escaped. A trustee may ask for it too,
    /// before it approves.
    ///
    /// Two names look alike when they differ only in how accents are encoded (NFC and NFD), in case, in spaces or
    /// characters that are not seen, or in letters that are confused with each other (Unicode Technical Standard 39;
    /// Cyrillic `а` and Latin `a`). Names that differ in ASCII characters alone, as `Comet` and `Cornet`, are left to
    /// the organiser, but for case and spaces.
    ///
    /// # Errors
    ///
    /// [`ContestError::LookAlikes`] with the first two names that look alike; [`ContestError::Unseen`] for a character
    /// of `election`, `title` or a list's name that is not seen, or not as itself: controls, marks of direction, no
    /// width, private use, or a space other than between two words.
    pub fn check_names(&self) -> Result<(), ContestError> {
        let ContestDescription { election, title, lists, .. } = self;
        let names: Vec<_> = lists.iter().map(|name| Name::new(name)).collect();
        for (name, list) in names.iter().zip(1..=u8::MAX) {
            let earlier = names.iter().zip(1..list).find(|(earlier, _)| earlier.looks_like(name));
            if let Some((other, earlier)) = earlier {
                let names = [other, name].map(|name| Text::from(name.given));
                return Err(ContestError::LookAlikes { list, earlier, names: names.into() });
            }
        }
        check_seen("election", None, election)?;
        check_seen("title", None, title)?;
        (1..=u8::MAX).zip(lists).try_for_each(|(list, name)| check_seen("lists", Some(list), name))
    }
}

fn check_seen(field: &'static str, list: Option<u8>, text: &str) -> Result<(), ContestError> {
    match looks(text).zip(1..).find(|((_, look), _)| *look == Look::Hidden) {
        Some(((character, _), position)) => {
            Err(ContestError::Unseen { field, list, code_point: character.into(), position })
        }
        None => Ok(()),
    }
}

/// A name, and what is left of it when one looks without care.
struct Name<'a> {
    given: &'a str,
    /// What is seen, in lower case.
    folded: String,
    /// That, and the name as it was written, without what only care tells apart.
    skeletons: [String; 2],
    /// All that is not ASCII.
    beyond_ascii: String,
}

impl<'a> Name<'a> {
    fn new(given: &'a str) -> Self {
        let seen = seen(given);
        let folded = seen.to_lowercase();
        Name {
            given,
            skeletons: [&folded, &seen].map(|text| skeleton(text).collect()),
            folded,
            beyond_ascii: given.chars().filter(|character| !character.is_ascii()).collect(),
        }
    }

    fn looks_like(&self, other: &Name<'_>) -> bool {
        let Name { given: _, folded, skeletons: [lower, written], beyond_ascii } = self;
        let [other_lower, other_written] = &other.skeletons;
        // Where only ASCII differs, as `m` from `rn`, whoever reads with care can tell.
        *folded == other.folded
            || *beyond_ascii != other.beyond_ascii && (lower == other_lower || written == other_written)
    }
}

/// A text without what is not seen, and with one space between its words.
fn seen(text: &str) -> String {
    let visible = looks(text).filter(|(character, look)| *look != Look::Hidden || character.is_whitespace());
    let spaced: String = visible.map(|(character, _)| character).collect();
    let mut seen = String::with_capacity(spaced.len());
    for word in spaced.split_whitespace() {
        if !seen.is_empty() {
            seen.push(' ');
        }
        seen.push_str(word);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contest::Contest;
    use crate::test_support::{Dealt, description};
    use alloc::format;
    use alloc::string::ToString;

    fn check(lists: &[&str]) -> Result<(), ContestError> {
        let dealt = Dealt::simple(2, 1);
        let mut description = description(2, 1, &dealt.box_key, &dealt.issuer_key);
        description.lists = lists.iter().map(|name| Text::from(*name)).collect();
        description.check_names()
    }

    fn look_alikes(earlier: &str, list: &str) -> ContestError {
        let names = [earlier, list].map(Text::from).into();
        ContestError::LookAlikes { list: 3, earlier: 2, names }
    }

    #[test]
    fn attack_19_names_that_look_alike_are_refused_with_both() {
        let pairs = [
            ("Été", "E\u{301}te\u{301}"),
            ("한국", "\u{1112}\u{1161}\u{11ab}국"),
            ("Dawn", "Dawn "),
            ("Dawn", " Dawn"),
            ("New Dawn", "New  Dawn"),
            ("New Dawn", "New\u{a0}Dawn"),
            ("New Dawn", "New\u{3000}Dawn"),
            ("Dawn", "Da\u{200b}wn"),
            ("Dawn", "Dawn\u{fe0f}"),
            ("Dawn", "\u{202e}Dawn"),
            ("Dawn", "Dawn\r\n"),
            ("Dawn", "Dawn\u{ad}"),
            ("Dawn", "\u{1b}Dawn"),
            ("Dawn", "DAWN"),
            ("Élan", "élan"),
            // Cyrillic, full width, mathematical.
            ("Paris", "P\u{430}ris"),
            ("PARIS", "P\u{410}RIS"),
            ("Paris", "P\u{410}RIS"),
            ("BETA", "\u{412}ETA"),
            ("Dawn", "Ｄａｗｎ"),
            ("Dawn", "𝐃awn"),
            ("\u{3164}", "\u{2800}"),
        ];
        for (earlier, list) in pairs {
            for (earlier, list) in [(earlier, list), (list, earlier)] {
                assert_eq!(
                    check(&["Dusk", earlier, list]),
                    Err(look_alikes(earlier, list)),
                    "{earlier} {list}"
                );
            }
        }
        let said = look_alikes("Dawn", "Dawn\u{202e} ").to_string();
        assert_eq!(said, "list 3, \"Dawn\\u{202e}\\u{20}\", looks like list 2, \"Dawn\"");
    }

    #[test]
    fn names_that_can_be_told_apart_are_taken() {
        let apart = [
            ["Comet", "Cornet"],
            ["Liste 1", "Liste I"],
            ["Élan Comet", "Élan Cornet"],
            ["Été", "Ete"],
            ["Liste « A »", "Liste « B »"],
            ["Москва", "Minsk"],
            ["Ẹ\u{301}kọ", "Èkọ"],
            ["हिन्दी", "हिन्द"],
        ];
        for [one, other] in apart {
            assert_eq!(check(&[one, other]), Ok(()), "{one} {other}");
        }
    }

    #[test]
    fn attack_19_characters_that_are_not_seen_are_refused_with_their_place() {
        let unseen = |list, code_point, position| {
            Err(ContestError::Unseen { field: "lists", list: Some(list), code_point, position })
        };
        assert_eq!(check(&["Dawn", "Du\u{200b}sk"]), unseen(2, 0x200b, 3));
        assert_eq!(check(&["Dawn ", "Dusk"]), unseen(1, 0x20, 5));
        assert_eq!(check(&[" ", "Dusk"]), unseen(1, 0x20, 1));
        assert_eq!(check(&["\u{3164}", "Dusk"]), unseen(1, 0x3164, 1));
        assert_eq!(check(&["\u{301}", "Dusk"]), unseen(1, 0x301, 1));
        assert_eq!(check(&["Dawn", "New\u{202f}\u{a0}Dawn"]), unseen(2, 0x202f, 4));
        let said = check(&["Dawn\u{202e}", "Dusk"]).unwrap_err().to_string();
        assert_eq!(said, "list 1: character 5, U+202E, is not seen as itself there");

        let dealt = Dealt::simple(2, 1);
        let fields = |change: fn(&mut ContestDescription)| {
            let mut description = description(2, 1, &dealt.box_key, &dealt.issuer_key);
            change(&mut description);
            description.check_names().map_err(|error| error.to_string())
        };
        assert_eq!(
            fields(|description| description.title = "Committee\n".into()),
            Err("title: character 10, U+000A, is not seen as itself there".to_string())
        );
        assert_eq!(
            fields(|description| description.election = "\u{2066}Test".into()),
            Err("election: character 1, U+2066, is not seen as itself there".to_string())
        );
        // Which identifies documents and may have several lines.
        assert_eq!(fields(|description| description.documents = "one\ntwo\n".into()), Ok(()));
    }

    #[test]
    fn an_organiser_is_refused_what_a_verifier_reads() {
        let dealt = Dealt::simple(2, 1);
        let key = dealt.contest.contest().key();
        let mut description = description(2, 1, &dealt.box_key, &dealt.issuer_key);
        description.lists = ["Été", "E\u{301}te\u{301}\u{202e}"].map(Text::from).to_vec();
        assert!(matches!(Contest::new(description.clone(), key), Err(ContestError::LookAlikes { .. })));
        let read = Contest::of_record(description, key).unwrap();
        assert!(format!("{read:?}").contains(r"E\u{301}te\u{301}\u{202e}"));
    }
}
