//! What every page has, and the files that go with it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::Path;

use askama::Template;
use axum::body::Bytes;
use axum::response::{Html, IntoResponse, Response};
use sha2::{Digest, Sha384};

use crate::Failure;
use crate::i18n::Lang;
use crate::programs;
use crate::sessions::LoggedIn;
use crate::web::{Problem, Shared};

/// A file of `static`, in memory: no path of a request ever reaches the disk.
pub struct Asset {
    pub bytes: Bytes,
    pub kind: &'static str,
    /// For `integrity`, and as the entity tag.
    pub hash: String,
}

#[derive(Default)]
pub struct Assets(BTreeMap<String, Asset>);

impl Assets {
    pub fn read(root: &Path) -> Result<Assets, Failure> {
        let mut assets = Assets::default();
        assets.read_folder(root, "")?;
        match programs::NEEDED.iter().find(|name| assets.get(name).is_none()) {
            Some(missing) => Err(format!("{}/{missing} is missing: `build` makes it", root.display()).into()),
            None => Ok(assets),
        }
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<(), Failure> {
        let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in entries {
            let (path, name) = {
                let entry = entry?;
                (entry.path(), entry.file_name())
            };
            let name = format!("{prefix}{}", name.to_string_lossy());
            if path.is_dir() {
                self.read_folder(&path, &format!("{name}/"))?;
                continue;
            }
            let kind = match name.trim_end_matches(".gz").rsplit('.').next() {
                Some("css") => "text/css; charset=utf-8",
                Some("js") => "text/javascript; charset=utf-8",
                Some("wasm") => "application/wasm",
                Some("wav") => "audio/wav",
                Some("svg") => "image/svg+xml",
                Some("png") => "image/png",
                _ => continue,
            };
            let bytes = Bytes::from(fs::read(&path)?);
            let hash = format!("sha384-{}", base64(&Sha384::digest(&bytes)));
            self.0.insert(name, Asset { bytes, kind, hash });
        }
        Ok(())
    }

    pub fn all(&self) -> impl Iterator<Item = (&str, &Asset)> {
        self.0.iter().map(|(name, asset)| (name.as_str(), asset))
    }

    pub fn get(&self, name: &str) -> Option<&Asset> {
        self.0.get(name)
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = LETTERS[bits >> (18 - 6 * at) & 63];
            text.push(if at <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// What the frame of a page shows.
pub struct Page {
    pub lang: Lang,
    /// Empty where nobody is logged in.
    pub csrf: String,
    pub who: String,
    pub bureau: bool,
    /// Of the query, what another language keeps.
    pub keep: String,
    app: Shared,
}

impl Page {
    pub fn public(app: &Shared, lang: Lang) -> Page {
        Page {
            lang,
            csrf: String::new(),
            who: String::new(),
            bureau: false,
            keep: String::new(),
            app: app.clone(),
        }
    }

    /// `name` is what the person is called.
    pub fn of<const BUREAU: bool>(app: &Shared, by: &LoggedIn<BUREAU>, name: &str) -> Page {
        Page { csrf: by.session.csrf.clone(), who: name.into(), bureau: BUREAU, ..Page::public(app, by.lang) }
    }

    pub fn t(&self, key: &str) -> String {
        self.lang.text(key)
    }

    pub fn t1(&self, key: &str, name: &str, value: impl Display) -> String {
        self.lang.with(key, &[(name, &value.to_string())])
    }

    pub fn t2(&self, key: &str, one: &str, first: impl Display, two: &str, second: impl Display) -> String {
        self.lang.with(key, &[(one, &first.to_string()), (two, &second.to_string())])
    }

    /// A time as people in Paris read it.
    pub fn time(&self, seconds: &u64) -> String {
        self.app.clock.text(self.lang, i64::try_from(*seconds).unwrap_or(i64::MAX))
    }

    /// The hash of a file of `static`, for `integrity`.
    pub fn sri(&self, name: &str) -> String {
        self.app.assets.get(name).map(|asset| asset.hash.clone()).unwrap_or_default()
    }

    /// The programs that browsers are given, with their hashes.
    pub fn programs(&self) -> Vec<(String, String)> {
        programs::list(&self.app.assets)
    }
}

/// Text with blank lines between its paragraphs.
pub fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(|part| part.trim().to_string()).filter(|part| !part.is_empty()).collect()
}

pub fn html(template: &impl Template) -> Result<Response, Problem> {
    Ok(Html(template.render()?).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(texts, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }
}
