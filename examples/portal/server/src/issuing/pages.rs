//! The operator's pages: letters, e-mails, and the two signatures.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::Uri;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Html;
use tokio::sync::{Mutex, Semaphore};
use urne::VoterId;
use urne::ballot_box::{Issue, Issued};
use zeroize::Zeroizing;

use super::letters::Press;
use super::{Desk, IssuerFile, PART, api, closings, post};
use crate::Failure;
use crate::accounts::{is_password, random_token, token_hash};
use crate::contests::Contests;
use crate::i18n::Lang;
use crate::mail::Mailer;
use crate::page::prelude::*;
use crate::sessions::{cookie, cookie_value};
use crate::web::{accepted, set_headers};

/// How long the operator stays logged in.
const SESSION: Duration = Duration::from_secs(30 * 60);
const COOKIE: &str = "__Host-issuer";
/// Passwords that wait to be looked at; one more is refused at once.
const MOST_WAITING: usize = 16;
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The running issuer.
pub struct Office {
    desk: std::sync::Mutex<Desk>,
    pub mail: Mailer,
    pub file: IssuerFile,
    pub contests: Arc<Contests>,
    /// Of who is being written to by turns, what was sent to them last.
    pub turns: Mutex<HashMap<VoterId, Arc<Mutex<Vec<Issue>>>>>,
    /// All letters are sent by one at a time.
    pub sending_all: Mutex<()>,
    style: Bytes,
    /// Of the operator; another login ends it.
    session: Mutex<Option<Session>>,
    /// One password is hashed at a time, also where nobody waits for it any more.
    hashing: std::sync::Mutex<()>,
    /// Passwords that wait for it.
    waiting: Arc<Semaphore>,
}

#[derive(Clone)]
struct Session {
    hash: Vec<u8>,
    csrf: String,
    until: Instant,
}

impl Office {
    pub fn new(desk: Desk) -> Result<Arc<Self>, Failure> {
        Ok(Arc::new(Office {
            mail: Mailer::new(&desk.file.mail, &desk.file.mail_from)?,
            file: desk.file.clone(),
            contests: desk.contests.clone(),
            turns: Mutex::default(),
            sending_all: Mutex::default(),
            style: desk.assets.files.get("style.css").ok_or("no style.css")?.bytes.clone(),
            session: Mutex::default(),
            hashing: std::sync::Mutex::default(),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            desk: std::sync::Mutex::new(desk),
        }))
    }

    /// Does something with the desk, off the threads that answer, since it waits for disks. After an act that has
    /// panicked nobody knows what is stored, and nothing is done any more until a restart.
    pub async fn act<T: Send + 'static, E: From<Failure> + Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut Desk) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let office = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let desk = office.desk.lock();
            act(&mut *desk.map_err(|_| Failure::from("the issuer has failed: start it again"))?)
        });
        done.await.map_err(Failure::from)?
    }
}

pub fn router(office: Arc<Office>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/letters/{part}", get(print))
        .route("/letters/sent", post(act))
        .route("/letters/mail", post(act))
        .route("/closings", post(act))
        .route("/logout", post(logout))
        .route("/login", get(login_page).post(login))
        .route("/static/style.css", get(style))
        .route("/healthz", get(async || "ok\n"))
        .merge(api::router(&office))
        .layer(from_fn_with_state(office.clone(), guard))
        .with_state(office)
}

/// A name that somebody else points here is refused, and what another site's page sends, before anything is done for it.
fn is_ours(headers: &HeaderMap, listen: SocketAddr) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let own = [listen.to_string(), format!("localhost:{}", listen.port())];
    let host = own.iter().find(|own| text("host") == Some(own));
    let host = host.ok_or(Problem::Status(StatusCode::MISDIRECTED_REQUEST))?;
    // Browsers say both, or the second; "none" is what the operator has typed. What says neither is no browser.
    let ours = match (text("origin"), text("sec-fetch-site")) {
        (Some(origin), _) => origin.strip_prefix("http://") == Some(host),
        (None, site) => matches!(site, None | Some("same-origin" | "none")),
    };
    if ours { Ok(()) } else { Err(Problem::Forged) }
}

/// Whatever the answer is, no other site and no cache sees it.
async fn guard(State(office): State<Arc<Office>>, request: Request, next: Next) -> Response {
    let asked = format!("{} {}", request.method(), request.uri().path());
    let mut response = match is_ours(request.headers(), office.file.listen) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(problem) = response.extensions().get::<Arc<Problem>>() {
        let status = response.status();
        // What went wrong inside is for the log alone.
        match &**problem {
            Problem::Internal(error) => tracing::error!("{asked}: {error}"),
            // Any page that the operator's browser shows can have as many of these as it wants.
            Problem::Forged | Problem::Status(_) => (),
            // Its text may name a voter or a credential.
            Problem::Refused(_, refusal) => tracing::warn!("{asked}: {}", refusal.code),
            other => tracing::warn!("{asked}: {other:?}"),
        }
        response = match &**problem {
            Problem::Refused(_, refusal) => (status, Json(refusal)).into_response(),
            _ => (status, format!("{status}\n")).into_response(),
        };
    }
    set_headers(response.headers_mut(), POLICY);
    response
}

/// The operator, logged in.
struct Operator {
    csrf: String,
    lang: Lang,
}

impl FromRequestParts<Arc<Office>> for Operator {
    type Rejection = Redirect;

    async fn from_request_parts(parts: &mut Parts, office: &Arc<Office>) -> Result<Self, Redirect> {
        let hash = cookie_value(&parts.headers, COOKIE).map(token_hash);
        let session = office.session.lock().await.clone();
        let session = session.filter(|open| Some(&open.hash) == hash.as_ref() && open.until > Instant::now());
        let Session { csrf, .. } = session.ok_or(Redirect::to("/login"))?;
        Ok(Operator { csrf, lang: accepted(&parts.headers) })
    }
}

page!("issuer-login.html", LoginPage { lang: Lang, failed: bool });

async fn login_page(headers: HeaderMap) -> Answer {
    html(&LoginPage { lang: accepted(&headers), failed: false })
}

/// Whoever guesses waits for a second, and nobody else for them but while a password is hashed. Of those who wait for that
/// there are not many.
async fn login(State(office): State<Arc<Office>>, headers: HeaderMap, fields: Fields) -> Answer {
    let turn = office.waiting.clone().try_acquire_owned().map_err(|_| Problem::TooMany(1))?;
    let of = office.clone();
    let right = tokio::task::spawn_blocking(move || {
        let _until_done = (turn, of.hashing.lock().unwrap_or_else(PoisonError::into_inner));
        is_password(Some(&of.file.password), fields.get("password"))
    });
    if !right.await? {
        tokio::time::sleep(Duration::from_secs(1)).await;
        return html_as(StatusCode::UNAUTHORIZED, &LoginPage { lang: accepted(&headers), failed: true });
    }
    let token = random_token();
    let session = Session { hash: token_hash(&token), csrf: random_token(), until: Instant::now() + SESSION };
    *office.session.lock().await = Some(session);
    Ok(([(header::SET_COOKIE, cookie(COOKIE, &token))], Redirect::to("/")).into_response())
}

async fn logout(State(office): State<Arc<Office>>, _operator: Operator) -> Redirect {
    *office.session.lock().await = None;
    Redirect::to("/login")
}

async fn style(State(office): State<Arc<Office>>) -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], office.style.clone()).into_response()
}

page!("issuer.html", Home<'a> {
    lang: Lang,
    csrf: &'a str,
    desk: &'a Desk,
    /// The letters to be printed.
    parts: BTreeMap<usize, Vec<Issued>>,
    said: &'a str,
});

impl Home<'_> {
    fn letters(&self, key: &str, part: impl Display, count: usize) -> String {
        self.lang.with(key, &[("part", &part.to_string()), ("count", &count.to_string())])
    }

    /// Until when complaints are taken, of a contest whose closing was given.
    fn complaints(&self, of: &Contest) -> Option<String> {
        let given_at = self.desk.issuer.given_at(of.approved.contest())?;
        let until = given_at.saturating_add(self.desk.file.complaints).seconds();
        let until = self.desk.clock.text(self.lang, until);
        Some(self.lang.with("issuer-state-complaints", &[("until", &until)]))
    }
}

async fn home(State(office): State<Arc<Office>>, operator: Operator) -> Answer {
    overview(&office, operator, Ok(String::new())).await
}

/// What is to be done, and above it what became of what was asked.
async fn overview(office: &Arc<Office>, by: Operator, done: Result<String, Failure>) -> Answer {
    let Operator { csrf, lang } = by;
    let said = done.unwrap_or_else(|why| {
        // Why it names voters may: that is for the operator's page alone.
        tracing::warn!("what the operator asked was refused");
        lang.with("issuer-refused", &[("why", &why.to_string())])
    });
    let page = office.act(move |desk| {
        let parts = desk.parts(lang).unwrap_or_default();
        Home { lang, csrf: &csrf, desk, parts, said: &said }.render().map_err(Failure::from)
    });
    Ok(Html(page.await?).into_response())
}

/// Does what a form asks, and shows what became of it.
async fn act(State(office): State<Arc<Office>>, by: Operator, uri: Uri, fields: Fields) -> Answer {
    if fields.get("csrf") != by.csrf {
        return Err(Problem::Forged);
    }
    let lang = by.lang;
    let (key, done) = match uri.path() {
        "/letters/sent" => {
            // There is no part 0.
            let part = fields.get("part").parse().unwrap_or(0);
            let left = move |desk: &mut Desk| desk.sent(&desk.part(lang, part)?);
            ("issuer-letters-forgotten", office.act(left).await)
        }
        "/letters/mail" => ("issuer-mails-sent", post::send_all(&office, lang).await),
        _ => ("issuer-closings-signed", closings::sign(&office).await),
    };
    overview(&office, by, done.map(|()| lang.text(key))).await
}

async fn print(State(office): State<Arc<Office>>, by: Operator, Path(part): Path<usize>) -> Answer {
    let lang = by.lang;
    match office.act(move |desk| render(desk, lang, part)).await {
        Ok(text) => Ok(Html(text.to_string()).into_response()),
        Err(why) => Ok((StatusCode::NOT_FOUND, overview(&office, by, Err(why)).await?).into_response()),
    }
}

/// The letters of a part that were not sent, one a page; none before every opening is signed.
pub fn render(desk: &Desk, lang: Lang, part: usize) -> Result<Zeroizing<String>, Failure> {
    let letters = desk.part(lang, part)?;
    let (part, of) = (part.to_string(), desk.electors.len().div_ceil(PART).to_string());
    let title = lang.with("issuer-letters-part", &[("part", &part), ("of", &of)]);
    Press::new(desk, lang)?.print(&letters, &title)
}
