//! What every page has, and the files that go with it.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::Path;

use askama::Template;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
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
            let path = entry?.path();
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
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
            let hash = format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(&bytes)));
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
        let (csrf, who, keep) = Default::default();
        Page { lang, csrf, who, bureau: false, keep, app: app.clone() }
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
    pub fn time(&self, seconds: impl Borrow<u64>) -> String {
        self.app.clock.text(self.lang, i64::try_from(*seconds.borrow()).unwrap_or(i64::MAX))
    }

    /// Text with blank lines between its paragraphs.
    pub fn paragraphs<'a>(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        text.split("\n\n").map(str::trim).filter(|part| !part.is_empty())
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

pub fn html(template: &impl Template) -> Result<Response, Problem> {
    html_as(StatusCode::OK, template)
}

pub fn html_as(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    Ok((status, Html(template.render()?)).into_response())
}
