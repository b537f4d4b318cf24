//! What every page has, and the files that go with it.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;

use axum::body::Bytes;
use axum::response::Html;
use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha384};

use self::prelude::*;
use crate::election::is_unseen;
use crate::i18n::Lang;
use crate::{Failure, disk, programs};

/// What whoever answers requests uses.
pub mod prelude {
    pub use askama::Template;
    pub use axum::Router;
    pub use axum::extract::{FromRequestParts, Path, Query, State};
    pub use axum::http::request::Parts;
    pub use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
    pub use axum::response::{IntoResponse, Redirect, Response};
    pub use axum::routing::{get, post};

    pub(crate) use super::page;
    pub use super::{Answer, Page, html, html_as};
    pub use crate::contests::Contest;
    pub use crate::on;
    pub use crate::sessions::{Asking, Fields, LoggedIn, Member, Posted, Voter};
    pub use crate::web::{App, Problem, Shared};
}

pub type Answer = Result<Response, Problem>;

/// A page: its template, and what that shows.
macro_rules! page {
    ($path:tt, $name:ident $(<$life:lifetime>)? { $($(#[$about:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        #[derive(askama::Template)]
        #[template(path = $path)]
        struct $name $(<$life>)? {
            $($(#[$about])* $field: $type),+
        }
    };
}
pub(crate) use page;

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
    pub fn read(root: &std::path::Path) -> Result<Assets, Failure> {
        let (mut assets, mut folders) = (Assets::default(), vec![root.to_path_buf()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| disk::named(&folder, error))? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
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
                assets.0.insert(name, Asset { bytes, kind, hash });
            }
        }
        match programs::NEEDED.iter().find(|name| assets.get(name).is_none()) {
            Some(missing) => Err(format!("{}/{missing} is missing: `build` makes it", root.display()).into()),
            None => Ok(assets),
        }
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
    /// Of a form that is shown again, what is wrong with it.
    pub error: String,
    pub app: Shared,
}

impl Page {
    pub fn public(app: &Shared, lang: Lang) -> Page {
        let (csrf, who, keep, error) = Default::default();
        Page { lang, csrf, who, bureau: false, keep, error, app: app.clone() }
    }

    /// `name` is what the person is called.
    pub fn of<const BUREAU: bool>(by: &LoggedIn<BUREAU>, name: &str) -> Page {
        let page = Page::public(&by.app, by.lang);
        Page { csrf: by.session.csrf.clone(), who: name.into(), bureau: BUREAU, ..page }
    }

    /// For a form with something wrong in it.
    pub fn wrong(self, error: String) -> Page {
        Page { error, ..self }
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

    /// Until when complaints about a contest's closing are taken at least.
    pub fn complaints_until(&self, contest: &Contest) -> String {
        self.time(contest.complaints_until(self.app.config.complaints_seconds))
    }

    /// Text with blank lines between its paragraphs; what would not be seen in it is.
    pub fn paragraphs(&self, text: &str) -> impl Iterator<Item = String> {
        text.split("\n\n").map(|part| seen(part.trim())).filter(|part| !part.is_empty())
    }

    /// The hash of a file of `static`, for `integrity`.
    pub fn sri(&self, name: &str) -> String {
        self.app.assets.get(name).map(|asset| asset.hash.clone()).unwrap_or_default()
    }

    /// The programs that browsers are given, with their hashes.
    pub fn programs(&self) -> Vec<(String, String)> {
        programs::list(&self.app.assets)
    }

    /// For which a code that was activated serves after the close, in every contest.
    pub fn minutes_after_the_close(&self) -> u64 {
        self.app.contests.values().map(|of| (of.ends_at() - of.closes_at()) / 60).min().unwrap_or(0)
    }

    /// The name of a new captcha.
    pub fn captcha(&self) -> String {
        self.app.captchas.ask(self.app.clock.seconds())
    }

    /// Whether a captcha can be heard.
    pub fn is_spoken(&self) -> bool {
        self.app.assets.get(&format!("sounds/{}/0.wav", self.lang.code())).is_some()
    }
}

/// What would not be seen, or turn a text about, as `\u{…}`.
pub fn seen(text: &str) -> String {
    let each = |c: char| if is_unseen(c) && !matches!(c, '\n' | '\t') { c.escape_unicode().to_string() } else { c.into() };
    text.chars().map(each).collect()
}

pub fn html(template: &impl Template) -> Answer {
    html_as(StatusCode::OK, template)
}

pub fn html_as(status: StatusCode, template: &impl Template) -> Answer {
    Ok((status, Html(template.render()?)).into_response())
}
