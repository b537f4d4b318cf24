//! All text that people read, in French and English.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};
use unic_langid::langid;

const FRENCH: &str = include_str!("../../locales/fr.ftl");
const ENGLISH: &str = include_str!("../../locales/en.ftl");

/// A language of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Fr,
    En,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Fr, Lang::En];

    pub fn of(code: &str) -> Option<Lang> {
        Lang::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The first of `Accept-Language` that there is; French otherwise.
    pub fn accepted(header: &str) -> Lang {
        header.split(',').find_map(|item| Lang::of(item.trim().get(..2)?)).unwrap_or(Lang::Fr)
    }

    pub fn code(self) -> &'static str {
        match self {
            Lang::Fr => "fr",
            Lang::En => "en",
        }
    }

    pub fn text(self, key: &str) -> String {
        self.with(key, &[])
    }

    pub fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    /// A text with its arguments; what reads as a number chooses the plural. A key without text is shown itself.
    pub fn with(self, key: &str, arguments: &[(&str, &str)]) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!("no text for {key} in {}", self.code());
            return key.into();
        };
        let given = arguments.iter().map(|(name, value)| {
            // A time such as 08 stays as it is.
            let number = value.parse::<u64>().is_ok_and(|number| number.to_string() == *value);
            (*name, if number { FluentValue::try_number(value) } else { FluentValue::from(*value) })
        });
        let given: FluentArgs<'_> = given.collect();
        bundle.format_pattern(pattern, Some(&given), &mut Vec::new()).into_owned()
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static BUNDLES: OnceLock<[FluentBundle<FluentResource>; 2]> = OnceLock::new();
        let [french, english] = BUNDLES.get_or_init(|| {
            [(langid!("fr"), FRENCH), (langid!("en"), ENGLISH)].map(|(lang, text)| {
                let mut bundle = FluentBundle::new_concurrent(vec![lang]);
                // Pages isolate what comes from outside themselves, with <bdi>.
                bundle.set_use_isolating(false);
                let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(text.into());
                bundle.add_resource_overriding(resource);
                bundle
            })
        });
        match self {
            Lang::Fr => french,
            Lang::En => english,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(text: &str) -> Vec<&str> {
        let begins = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        text.lines().filter(begins).filter_map(|line| line.split(" =").next()).collect()
    }

    #[test]
    fn both_languages_have_the_same_texts_once() {
        let [french, english] = [FRENCH, ENGLISH].map(keys);
        for (keys, text) in [(&french, FRENCH), (&english, ENGLISH)] {
            assert!(FluentResource::try_new(text.into()).is_ok());
            assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len());
        }
        let [french, english] = [french, english].map(BTreeSet::from_iter);
        assert_eq!(french.symmetric_difference(&english).collect::<Vec<_>>(), Vec::<&&str>::new());
    }

    /// What templates and code name: `text("…")`, `t("…")` and the like.
    #[test]
    fn every_text_that_is_named_is_there() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut named = BTreeSet::new();
        for folder in
            ["../templates", "src", "src/boxes", "src/bureau", "src/issuing"].map(|name| root.join(name))
        {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                for call in [".t(\"", ".t1(\"", ".t2(\"", ".text(\"", ".with(\"", "say(\""] {
                    let found = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
                    named.extend(found.map(|key| (key.to_string(), path.clone())));
                }
            }
        }
        assert!(named.len() > 50);
        for (key, path) in named {
            assert!(Lang::En.has(&key), "{key} of {}", path.display());
        }
    }

    #[test]
    fn one_is_one() {
        let one = [
            ("ballots", "1"),
            ("receipts", "1"),
            ("time", "…"),
            ("seats", "1"),
            ("lists", "A, B"),
            ("share", "2"),
        ];
        for (lang, key, text) in [
            (Lang::En, "bureau-both", "1 ballot in the box, 1 signing."),
            (Lang::En, "bureau-before", "When you last looked, on …: 1 ballot."),
            (Lang::En, "results-tie", "Tie: 1 seat between A, B."),
            (Lang::Fr, "bureau-both", "1 bulletin dans l’urne, 1 émargement."),
            (Lang::Fr, "bureau-before", "À votre dernier contrôle, le … : 1 bulletin."),
            (Lang::Fr, "results-tie", "Égalité : 1 siège à départager entre A, B."),
            (Lang::Fr, "results-turnout", "1 votant (2 %)."),
        ] {
            assert_eq!(lang.with(key, &one), text);
        }
    }

    #[test]
    fn languages_are_chosen_by_what_the_browser_accepts() {
        assert_eq!(Lang::accepted("de, en-GB;q=0.8, fr;q=0.5"), Lang::En);
        assert_eq!(Lang::accepted("fr-FR,en"), Lang::Fr);
        assert_eq!(Lang::accepted("*"), Lang::Fr);
        assert_eq!(Lang::accepted("é"), Lang::Fr);
    }
}
