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
use crate::election::with_unseen;
use crate::i18n::Lang;
use crate::{Failure, disk, programs};

/// What whoever answers requests uses.
pub mod prelude {
    pub use askama::Template;
    pub use axum::Router;
    pub use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, State};
    pub use axum::http::request::Parts;
    pub use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
    pub use axum::response::{IntoResponse, Redirect, Response};
    pub use axum::routing::{get, post};
    pub use serde_json::json;

    pub(crate) use super::page;
    pub use super::{Answer, Page, html, html_as, waits};
    pub use crate::contests::Contest;
    pub(crate) use crate::db::sql;
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
    pub kind: &'static str,
    pub bytes: Bytes,
    /// The same as the build has compressed it.
    pub packed: Option<Bytes>,
    /// For `integrity`, and as the entity tag.
    pub hash: String,
}

/// What browsers are given, and the sounds of digits.
pub struct Assets {
    pub files: BTreeMap<&'static str, Asset>,
    /// Of each language the ten digits, if the build has made them. They are served as whole captchas alone, of which the
    /// name does not say the digits.
    pub sounds: BTreeMap<&'static str, Vec<Vec<u8>>>,
}

impl Assets {
    pub fn read(root: &std::path::Path) -> Result<Assets, Failure> {
        let file = |name: &'static str| {
            let path = root.join(name);
            let bytes = disk::read(&path).map_err(|error| format!("{error}: `build` makes it"))?;
            let kind = match name.rsplit('.').next() {
                Some("css") => "text/css; charset=utf-8",
                Some("wasm") => "application/wasm",
                _ => "text/javascript; charset=utf-8",
            };
            let packed = fs::read(path.with_added_extension("gz")).ok().map(Bytes::from);
            let hash = format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(&bytes)));
            Ok::<_, Failure>((name, Asset { kind, bytes: bytes.into(), packed, hash }))
        };
        let sounds = |lang: Lang| {
            let digit = |digit| fs::read(root.join(format!("sounds/{}/{digit}.wav", lang.code()))).ok();
            Some((lang.code(), (0..10).map(digit).collect::<Option<_>>()?))
        };
        Ok(Assets {
            files: programs::NEEDED.into_iter().map(file).collect::<Result<_, _>>()?,
            sounds: Lang::ALL.into_iter().filter_map(sounds).collect(),
        })
    }
}

/// What the frame of a page shows.
pub struct Page {
    pub lang: Lang,
    /// Empty where nobody is logged in.
    pub csrf: String,
    pub who: String,
    pub bureau: bool,
    /// Of a form that is shown again, what is wrong with it.
    pub error: String,
    pub app: Shared,
}

impl Page {
    pub fn public(app: &Shared, lang: Lang) -> Page {
        let (csrf, who, error) = Default::default();
        Page { lang, csrf, who, bureau: false, error, app: app.clone() }
    }

    /// `name` is what the person is called.
    pub fn of<const BUREAU: bool>(by: &LoggedIn<BUREAU>, name: &str) -> Page {
        let page = Page::public(&by.app, by.lang);
        Page { csrf: by.session.csrf.clone(), who: name.into(), bureau: BUREAU, ..page }
    }

    /// For a form with something wrong in it, by the key of its text.
    pub fn wrong(self, key: &str) -> Page {
        Page { error: self.t(key), ..self }
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
        self.app.clock.text(self.lang, *seconds.borrow())
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
        self.app.assets.files.get(name).map(|asset| asset.hash.clone()).unwrap_or_default()
    }

    /// For which a code that was activated serves after the close, in every contest.
    pub fn minutes_after_the_close(&self) -> u64 {
        let grace = self.app.contests.values().map(|of| of.description().grace);
        grace.min().unwrap_or(0) / 60
    }
}

/// What would not be seen, or turn a text about, as `\u{…}`.
pub fn seen(text: &str) -> String {
    let each = |(c, seen): (char, bool)| {
        if seen || matches!(c, '\n' | '\t') { c.into() } else { c.escape_unicode().to_string() }
    };
    with_unseen(text).map(each).collect()
}

/// A form again, on a page that says how long to wait.
pub fn waits<T: Template>(page: Page, seconds: i64, form: impl FnOnce(Page) -> T) -> Answer {
    let error = page.t1("refused-portal-too-many", "seconds", seconds);
    let again = html_as(StatusCode::TOO_MANY_REQUESTS, &form(Page { error, ..page }))?;
    Ok(([(header::RETRY_AFTER, seconds.to_string())], again).into_response())
}

pub fn html(template: &impl Template) -> Answer {
    html_as(StatusCode::OK, template)
}

pub fn html_as(status: StatusCode, template: &impl Template) -> Answer {
    Ok((status, Html(template.render()?)).into_response())
}
