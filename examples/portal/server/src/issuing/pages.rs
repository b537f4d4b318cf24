//! The operator's pages: letters, e-mails, and the two signatures.

use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use askama::Template;
use axum::Router;
use axum::extract::{Form, FromRequestParts, MatchedPath, Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::letters::Press;
use super::post::{self, Post};
use super::{Desk, IssuerFile, PART, api, verified};
use crate::Failure;
use crate::accounts::{is_password, random_token, token_hash};
use crate::clock::Clock;
use crate::contests::Contest;
use crate::i18n::Lang;
use crate::mail::Mailer;
use crate::page::{Assets, html_as};
use crate::sessions::cookie_value;
use crate::web::Problem;

/// How long the operator stays logged in.
const SESSION: Duration = Duration::from_secs(30 * 60);
const COOKIE: &str = "__Host-issuer";
/// Passwords that wait to be looked at; one more is refused at once.
const MOST_WAITING: usize = 16;
/// How often it is looked for closings.
const LOOK: Duration = Duration::from_secs(5);

/// The running issuer.
pub struct Office {
    desk: Mutex<Desk>,
    pub clock: Clock,
    pub mail: Mailer,
    pub post: Post,
    pub file: IssuerFile,
    style: String,
    /// Of the operator; another login ends it.
    session: Mutex<Option<Session>>,
    /// One password is hashed at a time, also where nobody waits for it any more.
    hashing: Arc<tokio::sync::Mutex<()>>,
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
        let file = desk.file.clone();
        // All of it, so that nothing is missing when letters are printed.
        let assets = Assets::read(&file.scripts)?;
        let style = assets.files.get("style.css").ok_or("no style.css")?.bytes.to_vec();
        Ok(Arc::new(Office {
            clock: Clock::new(file.clock_ahead.clone())?,
            mail: Mailer::new(&file.mail, &file.mail_from)?,
            post: Post::default(),
            style: String::from_utf8(style)?,
            file,
            session: Mutex::default(),
            hashing: Arc::default(),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            desk: Mutex::new(desk),
        }))
    }

    /// Does something with the desk, off the threads that answer, since it waits for disks. After an act that has
    /// panicked nobody knows what is stored, and nothing is done any more until a restart.
    pub async fn act<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut Desk) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let office = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut desk = office.desk.lock().map_err(|_| "the issuer has failed: start it again")?;
            Ok::<_, Failure>(act(&mut desk))
        });
        done.await?
    }
}

pub fn router(office: Arc<Office>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/letters", get(print))
        .route("/letters/{voter}", get(print))
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
fn is_ours(headers: &HeaderMap, listen: SocketAddr) -> Result<(), (StatusCode, &'static str)> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let own = [listen.to_string(), format!("localhost:{}", listen.port())];
    let host = own.iter().find(|own| text("host") == Some(own));
    let host = host.ok_or((StatusCode::MISDIRECTED_REQUEST, "another host\n"))?;
    // Browsers say both, or the second; "none" is what the operator has typed. What says neither is no browser.
    let ours = match (text("origin"), text("sec-fetch-site")) {
        (Some(origin), _) => origin.strip_prefix("http://") == Some(host),
        (None, site) => matches!(site, None | Some("same-origin" | "none")),
    };
    if ours { Ok(()) } else { Err((StatusCode::FORBIDDEN, "from another site\n")) }
}

/// Whatever the answer is, no other site and no cache sees it.
async fn guard(State(office): State<Arc<Office>>, request: Request, next: Next) -> Response {
    if let Err(refused) = is_ours(request.headers(), office.file.listen) {
        return refused.into_response();
    }
    // The route and not the path, in which there may be a voter.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions().get::<Arc<Problem>>() {
        // What went wrong inside is for the log alone.
        match &**problem {
            Problem::Internal(error) => tracing::error!("{method} {route}: {error}"),
            other => tracing::warn!("{method} {route}: {other:?}"),
        }
        response = (response.status(), format!("{}\n", response.status())).into_response();
    }
    let policy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With none at all browsers send our own forms from "null".
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn lang(headers: &HeaderMap) -> Lang {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Lang::accepted(accepted.unwrap_or("fr"))
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
        let session = office.session.lock().unwrap_or_else(|broken| broken.into_inner()).clone();
        let session = session.filter(|open| Some(&open.hash) == hash.as_ref() && open.until > Instant::now());
        let Session { csrf, .. } = session.ok_or(Redirect::to("/login"))?;
        Ok(Operator { csrf, lang: lang(&parts.headers) })
    }
}

#[derive(Template)]
#[template(path = "issuer.html")]
struct Page<'a> {
    lang: Lang,
    clock: &'a Clock,
    csrf: &'a str,
    /// Logged out there is none, and the page asks for the password.
    desk: Option<&'a Desk>,
    /// Of each part its number, and how many letters are to be printed in it.
    parts: Vec<(usize, usize)>,
    failed: bool,
    said: &'a str,
}

impl Page<'_> {
    fn t(&self, key: &str) -> String {
        self.lang.text(key)
    }

    fn letters(&self, key: &str, part: impl Display, count: impl Display) -> String {
        self.lang.with(key, &[("part", &part.to_string()), ("count", &count.to_string())])
    }

    fn unsent(&self) -> usize {
        self.parts.iter().map(|(_, letters)| letters).sum()
    }

    fn complaints(&self, of: &Contest) -> Option<String> {
        let until = i64::try_from(self.desk?.complaints_until(of)?).unwrap_or(i64::MAX);
        let until = self.clock.text(self.lang, until);
        Some(self.lang.with("issuer-state-complaints", &[("until", &until)]))
    }
}

fn login_form(office: &Office, lang: Lang, failed: bool) -> Result<Response, Problem> {
    let status = if failed { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let (clock, parts) = (&office.clock, Vec::new());
    html_as(status, &Page { lang, clock, csrf: "", desk: None, parts, failed, said: "" })
}

async fn login_page(State(office): State<Arc<Office>>, headers: HeaderMap) -> Result<Response, Problem> {
    login_form(&office, lang(&headers), false)
}

#[derive(Deserialize)]
struct Password {
    password: String,
}

/// Whoever guesses waits for a second, and nobody else for them but while a password is hashed. Of those who wait for that
/// there are not many.
async fn login(
    State(office): State<Arc<Office>>,
    headers: HeaderMap,
    Form(Password { password }): Form<Password>,
) -> Result<Response, Problem> {
    let expected = office.file.password.clone();
    let turn = office.waiting.clone().try_acquire_owned().map_err(|_| Problem::TooMany(1))?;
    let alone = office.hashing.clone().lock_owned().await;
    let hashed = tokio::task::spawn_blocking(move || {
        let _until_done = (turn, alone);
        is_password(Some(&expected), &password)
    });
    let right = hashed.await?;
    if !right {
        tokio::time::sleep(Duration::from_secs(1)).await;
        return login_form(&office, lang(&headers), true);
    }
    let token = random_token();
    let session = Session { hash: token_hash(&token), csrf: random_token(), until: Instant::now() + SESSION };
    *office.session.lock().unwrap_or_else(|broken| broken.into_inner()) = Some(session);
    let cookie = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

async fn logout(State(office): State<Arc<Office>>, _operator: Operator) -> Result<Redirect, Problem> {
    *office.session.lock().unwrap_or_else(|broken| broken.into_inner()) = None;
    Ok(Redirect::to("/login"))
}

async fn style(State(office): State<Arc<Office>>) -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], office.style.clone()).into_response()
}

async fn home(State(office): State<Arc<Office>>, operator: Operator) -> Result<Response, Problem> {
    overview(&office, operator, String::new()).await
}

async fn overview(office: &Arc<Office>, by: Operator, said: String) -> Result<Response, Problem> {
    let clock = office.clock.clone();
    let page = office.act(move |desk| {
        let parts = desk.parts().into_iter().map(|(part, letters)| (part, letters.len())).collect();
        let (desk, csrf) = (Some(&*desk), by.csrf.as_str());
        Page { lang: by.lang, clock: &clock, csrf, desk, parts, failed: false, said: &said }.render()
    });
    Ok(Html(page.await??).into_response())
}

#[derive(Deserialize)]
struct Act {
    csrf: String,
    /// Of the letters.
    #[serde(default)]
    part: usize,
}

/// Does what a form asks, and shows what became of it.
async fn act(
    State(office): State<Arc<Office>>,
    operator: Operator,
    uri: Uri,
    Form(Act { csrf, part }): Form<Act>,
) -> Result<Response, Problem> {
    let lang = operator.lang;
    if csrf != operator.csrf {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let (key, done) = match uri.path() {
        "/letters/sent" => {
            let forgotten = office.act(move |desk| forget(desk, lang, part)).await;
            ("issuer-letters-forgotten", forgotten.and_then(|done| done))
        }
        "/letters/mail" => ("issuer-mails-sent", post::send_all(&office, lang).await),
        _ => ("issuer-closings-signed", sign(&office).await),
    };
    let said = done.map_or_else(|error| refused(lang, &error), |()| lang.text(key));
    overview(&office, operator, said).await
}

fn refused(lang: Lang, why: &Failure) -> String {
    tracing::warn!("refused: {why}");
    lang.with("issuer-refused", &[("why", &why.to_string())])
}

/// The letters of a part have left.
fn forget(desk: &mut Desk, lang: Lang, part: usize) -> Result<(), Failure> {
    if !desk.opened() {
        return Err(lang.text("issuer-not-opened").into());
    }
    let letters = desk.parts().remove(&part).ok_or_else(|| lang.text("issuer-no-letters"))?;
    let left: Vec<_> = letters.into_iter().map(|(issued, _)| issued).collect();
    desk.sent(&left)
}

async fn sign(office: &Arc<Office>) -> Result<(), Failure> {
    let closings = office.act(|desk| desk.closings(false)).await?;
    let closed = tokio::task::spawn_blocking(move || verified(&closings)).await??;
    let now = office.clock.now();
    office.act(move |desk| desk.sign_closings(closed, now)).await?
}

#[derive(Deserialize)]
struct Part {
    #[serde(default = "first")]
    part: usize,
}

fn first() -> usize {
    1
}

async fn print(
    State(office): State<Arc<Office>>,
    operator: Operator,
    only: Option<Path<String>>,
    Query(Part { part }): Query<Part>,
) -> Result<Response, Problem> {
    let (lang, clock) = (operator.lang, office.clock.clone());
    let only = only.map(|Path(voter)| voter);
    let rendered = office.act(move |desk| render(desk, lang, &clock, part, only.as_deref())).await?;
    let why = match rendered {
        Ok(Some(text)) => return Ok(Html(text.to_string()).into_response()),
        Ok(None) => lang.text("issuer-no-letters"),
        Err(error) => refused(lang, &error),
    };
    Ok((StatusCode::NOT_FOUND, overview(&office, operator, why).await?).into_response())
}

/// The letters of a part that were not sent, or of one voter, one a page; none before every opening is signed.
pub fn render(
    desk: &Desk,
    lang: Lang,
    clock: &Clock,
    part: usize,
    only: Option<&str>,
) -> Result<Option<Zeroizing<String>>, Failure> {
    if !desk.opened() {
        return Err(lang.text("issuer-not-opened").into());
    }
    let (mut letters, number) = (desk.parts().remove(&part).unwrap_or_default(), part.to_string());
    let of = desk.electors.len().div_ceil(PART).to_string();
    let mut title = lang.with("issuer-letters-part", &[("part", &number), ("of", &of)]);
    if let Some(only) = only {
        letters = desk.letters();
        letters.retain(|(_, elector)| elector.id == only);
        title = String::new();
    }
    if letters.is_empty() {
        return Ok(None);
    }
    Press::new(desk, lang, clock)?.print(&letters, &title).map(Some)
}

/// Notes when closings are given: from then on, by this clock, complaints are taken.
pub async fn watch(office: Arc<Office>) {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Err(error) = look(&office).await {
            tracing::error!("a closing: {error}");
        }
    }
}

async fn look(office: &Arc<Office>) -> Result<(), Failure> {
    let unseen = office.act(|desk| desk.closings(true)).await?;
    if unseen.is_empty() {
        return Ok(());
    }
    let closed = tokio::task::spawn_blocking(move || verified(&unseen)).await??;
    let now = office.clock.now();
    office.act(move |desk| desk.note(&closed, now)).await?
}
