//! The operator's pages: letters, e-mails, and the two signatures.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::{Form, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::Deserialize;
use urne::ClosedBox;
use zeroize::Zeroizing;

use super::letters::Press;
use super::post::{self, Post};
use super::{Closings, Desk, Progress, api};
use crate::Failure;
use crate::accounts::{hex, is_password, random_token, token_hash};
use crate::clock::Clock;
use crate::i18n::Lang;
use crate::mail::Mailer;
use crate::page::Assets;

/// How long the operator stays logged in.
const SESSION: Duration = Duration::from_secs(30 * 60);
const COOKIE: &str = "__Host-issuer";

/// The running issuer.
pub struct Office {
    desk: Mutex<Desk>,
    pub clock: Clock,
    pub mail: Mailer,
    pub post: Post,
    pub token: String,
    password: String,
    listen: SocketAddr,
    style: String,
    sessions: Mutex<BTreeMap<String, Session>>,
    /// One attempt at the password at a time, and a second after each that failed.
    attempt: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Session {
    csrf: String,
    until: Instant,
}

impl Office {
    pub fn new(desk: Desk) -> Result<Arc<Self>, Failure> {
        let file = desk.file.clone();
        // All of it, so that nothing is missing when letters are printed.
        let assets = Assets::read(&file.scripts)?;
        let style = assets.get("style.css").ok_or("no style.css")?.bytes.to_vec();
        Ok(Arc::new(Office {
            clock: Clock::new(file.clock_ahead)?,
            mail: Mailer::new(&file.mail, &file.mail_from)?,
            post: Post::default(),
            token: file.token,
            password: file.password,
            listen: file.listen,
            style: String::from_utf8(style)?,
            sessions: Mutex::default(),
            attempt: tokio::sync::Mutex::default(),
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

    fn session(&self, headers: &HeaderMap) -> Option<Session> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let own = cookies
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
        let mut sessions = self.sessions.lock().ok()?;
        sessions.retain(|_, session| session.until > Instant::now());
        sessions.get(&hex(token_hash(own))).cloned()
    }
}

pub fn router(office: Arc<Office>) -> Router {
    let pages = Router::new()
        .route("/", get(home))
        .route("/letters", get(print))
        .route("/letters/{voter}", get(print))
        .route("/letters/sent", post(act))
        .route("/letters/mail", post(act))
        .route("/closings", post(act))
        .route("/logout", post(logout))
        .layer(from_fn_with_state(office.clone(), logged_in));
    let open = Router::new()
        .route("/login", get(login_page).post(login))
        .route("/static/style.css", get(style))
        .route("/healthz", get(async || "ok\n"));
    pages
        .merge(open)
        .merge(api::router(&office))
        .layer(from_fn_with_state(office.clone(), guard))
        .with_state(office)
}

/// Whatever the answer is, no other site and no cache sees it; and a name that somebody else points here is refused.
async fn guard(State(office): State<Arc<Office>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = [office.listen.to_string(), format!("localhost:{}", office.listen.port())];
    if !own.iter().any(|name| name == host) {
        return (StatusCode::MISDIRECTED_REQUEST, "another host\n").into_response();
    }
    let mut response = next.run(request).await;
    let policy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn logged_in(State(office): State<Arc<Office>>, mut request: Request, next: Next) -> Response {
    match office.session(request.headers()) {
        Some(session) => {
            request.extensions_mut().insert(session);
            next.run(request).await
        }
        None => Redirect::to("/login").into_response(),
    }
}

#[derive(Template)]
#[template(path = "issuer.html")]
struct Page {
    lang: Lang,
    csrf: String,
    /// Logged out, the page asks for the password.
    inside: bool,
    failed: bool,
    said: String,
    contests: Vec<Row>,
    letters: usize,
    ready: bool,
}

struct Row {
    progress: Progress,
    complaints_until: String,
}

impl Page {
    fn t(&self, key: &str) -> String {
        self.lang.text(key)
    }

    fn t1(&self, key: &str, name: &str, value: &str) -> String {
        self.lang.with(key, &[(name, value)])
    }
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!("a page: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn lang(headers: &HeaderMap) -> Lang {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Lang::accepted(accepted.unwrap_or_default())
}

fn login_form(lang: Lang, failed: bool) -> Response {
    let (csrf, said) = (String::new(), String::new());
    page(&Page { lang, csrf, inside: false, failed, said, contests: vec![], letters: 0, ready: false })
}

async fn login_page(headers: HeaderMap) -> Response {
    login_form(lang(&headers), false)
}

#[derive(Deserialize)]
struct Password {
    password: String,
}

async fn login(
    State(office): State<Arc<Office>>,
    headers: HeaderMap,
    Form(Password { password }): Form<Password>,
) -> Response {
    let _alone = office.attempt.lock().await;
    let expected = office.password.clone();
    let right = tokio::task::spawn_blocking(move || is_password(Some(&expected), &password)).await;
    if !right.unwrap_or(false) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        return (StatusCode::UNAUTHORIZED, login_form(lang(&headers), true)).into_response();
    }
    let token = random_token();
    let session = Session { csrf: random_token(), until: Instant::now() + SESSION };
    if let Ok(mut sessions) = office.sessions.lock() {
        sessions.insert(hex(token_hash(&token)), session);
    }
    let cookie = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

async fn logout(State(office): State<Arc<Office>>, Extension(session): Extension<Session>) -> Response {
    if let Ok(mut sessions) = office.sessions.lock() {
        sessions.retain(|_, other| other.csrf != session.csrf);
    }
    Redirect::to("/login").into_response()
}

async fn style(State(office): State<Arc<Office>>) -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], office.style.clone()).into_response()
}

async fn home(
    State(office): State<Arc<Office>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    overview(&office, session, lang(&headers), String::new()).await
}

async fn overview(office: &Arc<Office>, session: Session, lang: Lang, said: String) -> Response {
    let look =
        office.act(|desk| (desk.progress(), desk.letters().len(), desk.opened(), desk.file.complaints));
    let (progress, letters, ready, complaints) = match look.await {
        Ok(looked) => looked,
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    };
    let until = |progress: &Progress| {
        let at = progress.given_at.map(|at| at.seconds().saturating_add(complaints));
        at.map_or(String::new(), |at| office.clock.text(lang, i64::try_from(at).unwrap_or(i64::MAX)))
    };
    let row = |progress| Row { complaints_until: until(&progress), progress };
    let contests = progress.into_iter().map(row).collect();
    page(&Page { lang, csrf: session.csrf, inside: true, failed: false, said, contests, letters, ready })
}

#[derive(Deserialize)]
struct Act {
    csrf: String,
}

/// Does what a form asks, and shows what became of it.
async fn act(
    State(office): State<Arc<Office>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    uri: Uri,
    Form(Act { csrf }): Form<Act>,
) -> Response {
    let lang = lang(&headers);
    if csrf != session.csrf {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (key, done) = match uri.path() {
        "/letters/sent" => ("issuer-letters-forgotten", office.act(forget).await.and_then(|done| done)),
        "/letters/mail" => ("issuer-mails-sent", post::send_all(&office, lang).await),
        _ => ("issuer-closings-signed", sign(&office).await),
    };
    let said = match done {
        Ok(()) => lang.text(key),
        Err(error) => {
            tracing::warn!("{key}: {error}");
            lang.with("issuer-refused", &[("why", &error.to_string())])
        }
    };
    overview(&office, session, lang, said).await
}

/// The letters have left.
fn forget(desk: &mut Desk) -> Result<(), Failure> {
    if !desk.opened() {
        return Err("not open".into());
    }
    let left: Vec<_> = desk.letters().into_iter().map(|(issued, _)| issued).collect();
    desk.sent(&left)
}

async fn sign(office: &Arc<Office>) -> Result<(), Failure> {
    let closed = verified(office.act(|desk| desk.closings()).await?).await?;
    let now = office.clock.now();
    office.act(move |desk| desk.sign_closings(closed, now)).await?
}

/// Apart from the desk, so that nobody waits for it.
async fn verified(closings: Closings) -> Result<BTreeMap<u64, ClosedBox>, Failure> {
    tokio::task::spawn_blocking(move || closings.verified()).await?
}

async fn print(
    State(office): State<Arc<Office>>,
    only: Option<Path<String>>,
    headers: HeaderMap,
) -> Response {
    let (lang, clock) = (lang(&headers), office.clock.clone());
    let only = only.map(|Path(voter)| voter);
    let rendered = office.act(move |desk| render(desk, lang, &clock, only.as_deref()));
    match rendered.await.and_then(|rendered| rendered) {
        Ok(Some(text)) => Html(text.to_string()).into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, lang.text("issuer-no-letters")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The letters that were not sent, one a page; none before every opening is signed.
pub fn render(
    desk: &Desk,
    lang: Lang,
    clock: &Clock,
    only: Option<&str>,
) -> Result<Option<Zeroizing<String>>, Failure> {
    if !desk.opened() {
        return Err(lang.text("issuer-not-opened").into());
    }
    let mut letters = desk.letters();
    letters.retain(|(_, elector)| only.is_none_or(|only| elector.id == only));
    if letters.is_empty() {
        return Ok(None);
    }
    Press::new(desk, lang, clock)?.print(desk, &letters).map(Some)
}

/// How often it is looked for closings.
const LOOK: Duration = Duration::from_secs(5);

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
    let unseen = office.act(|desk| desk.unseen()).await??;
    if unseen.is_empty() {
        return Ok(());
    }
    let (closed, now) = (verified(unseen).await?, office.clock.now());
    office.act(move |desk| desk.note(&closed, now)).await?
}
