//! The operator's pages: letters, e-mails, and the two signatures.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::{Form, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use urne::VoterId;
use urne::rand_core::{Rng, UnwrapErr};

use super::letters::{Common, Letter, Letters, mail};
use super::{Desk, Progress, api};
use crate::Failure;
use crate::accounts::is_password;
use crate::clock::Clock;
use crate::i18n::Lang;
use crate::mail::Mailer;

/// How long the operator stays logged in.
const SESSION: Duration = Duration::from_secs(30 * 60);
const COOKIE: &str = "__Host-issuer";

/// The running issuer.
pub struct Office {
    desk: Mutex<Desk>,
    pub clock: Clock,
    pub mail: Mailer,
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
    /// # Errors
    ///
    /// The style or the outbox cannot be read.
    pub fn new(desk: Desk) -> Result<Arc<Self>, Failure> {
        let file = desk.file.clone();
        let style = crate::disk::read(&file.scripts.join("style.css"))?;
        Ok(Arc::new(Office {
            clock: Clock::new(file.clock_ahead)?,
            mail: Mailer::new(&file.mail, &file.mail_from)?,
            token: file.token,
            password: file.password,
            listen: file.listen,
            style: String::from_utf8(style)?,
            sessions: Mutex::default(),
            attempt: tokio::sync::Mutex::default(),
            desk: Mutex::new(desk),
        }))
    }

    /// Does something with the desk, off the threads that answer, since it waits for disks.
    ///
    /// # Errors
    ///
    /// An act has panicked, so that nobody knows what is stored: nothing is done any more until a restart.
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
        sessions.get(&hash(own)).cloned()
    }
}

fn hash(text: &str) -> String {
    super::hex(&Sha256::digest(text))
}

fn random() -> String {
    let mut bytes = [0; 32];
    UnwrapErr(getrandom::SysRng).fill_bytes(&mut bytes);
    super::hex(&bytes)
}

pub fn router(office: Arc<Office>) -> Router {
    let pages = Router::new()
        .route("/", get(home))
        .route("/letters", get(letters))
        .route("/letters/{voter}", get(letter))
        .route("/letters/sent", post(sent))
        .route("/letters/mail", post(send))
        .route("/openings", post(openings))
        .route("/closings", post(closings))
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
    let (token, session) = (random(), Session { csrf: random(), until: Instant::now() + SESSION });
    if let Ok(mut sessions) = office.sessions.lock() {
        sessions.insert(hash(&token), session);
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
    /// Whose letters were printed.
    #[serde(default)]
    voters: String,
}

/// Does what a form asks, and shows what became of it.
async fn done(
    office: &Arc<Office>,
    session: Session,
    headers: &HeaderMap,
    csrf: &str,
    key: &str,
    act: impl FnOnce(&mut Desk, Lang) -> Result<(), Failure> + Send + 'static,
) -> Response {
    let lang = lang(headers);
    if csrf != session.csrf {
        return StatusCode::FORBIDDEN.into_response();
    }
    let outcome = office.act(move |desk| act(desk, lang)).await.and_then(|done| done);
    let said = match outcome {
        Ok(()) => lang.text(key),
        Err(error) => {
            tracing::warn!("{key}: {error}");
            lang.with("issuer-refused", &[("why", &error.to_string())])
        }
    };
    overview(office, session, lang, said).await
}

async fn letters(State(office): State<Arc<Office>>, headers: HeaderMap) -> Response {
    print(&office, lang(&headers), None).await
}

async fn letter(
    State(office): State<Arc<Office>>,
    Path(voter): Path<String>,
    headers: HeaderMap,
) -> Response {
    print(&office, lang(&headers), Some(voter)).await
}

async fn print(office: &Arc<Office>, lang: Lang, only: Option<String>) -> Response {
    let clock = office.clock.clone();
    let rendered = office.act(move |desk| render(desk, lang, &clock, only.as_deref()));
    match rendered.await.and_then(|rendered| rendered) {
        Ok(Some(text)) => Html(text).into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, lang.text("issuer-no-letters")).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The letters that were not sent, one a page; none before every opening is signed.
///
/// # Errors
///
/// A script that cannot be read, or a contest that is not open.
pub fn render(desk: &Desk, lang: Lang, clock: &Clock, only: Option<&str>) -> Result<Option<String>, Failure> {
    if !desk.opened() {
        return Err(lang.text("issuer-not-opened").into());
    }
    let common = &Common::of(desk, lang, clock)?;
    let unsent = desk.letters();
    let wanted = unsent.iter().filter(|(_, elector)| only.is_none_or(|only| elector.id == only));
    let letters: Vec<_> = wanted.map(|(issued, elector)| Letter::of(desk, issued, elector)).collect();
    if letters.is_empty() {
        return Ok(None);
    }
    Ok(Some(Letters { lang, common, letters }.render()?))
}

async fn sent(
    State(office): State<Arc<Office>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(Act { csrf, voters }): Form<Act>,
) -> Response {
    let act = move |desk: &mut Desk, _| {
        let named = voters.split_whitespace().filter_map(|id| VoterId::new(id.as_bytes()));
        let voters: BTreeSet<_> = if voters.trim().is_empty() {
            desk.letters().into_iter().map(|(letter, _)| letter.voter).collect()
        } else {
            named.collect()
        };
        if !desk.opened() {
            return Err("not open".into());
        }
        desk.letters_sent(&voters)
    };
    done(&office, session, &headers, &csrf, "issuer-letters-forgotten", act).await
}

/// Sends every code that has no letter by e-mail, one after the other: those that went out are forgotten even if a later
/// one cannot be sent.
///
/// # Errors
///
/// A contest that is not open, or the first e-mail that could not be sent.
pub fn send_all(desk: &mut Desk, lang: Lang, clock: &Clock, mailer: &Mailer) -> Result<(), Failure> {
    if !desk.opened() {
        return Err(lang.text("issuer-not-opened").into());
    }
    let common = Common::of(desk, lang, clock)?;
    let (mut sent, mut failed) = (BTreeSet::new(), Ok(()));
    for (issued, elector) in desk.letters() {
        let (subject, text) = mail(lang, &common, &issued, elector, false);
        failed = mailer.send_now(&elector.email, &subject, &text);
        if failed.is_err() {
            break;
        }
        sent.insert(issued.voter.clone());
    }
    desk.letters_sent(&sent)?;
    failed
}

async fn send(
    State(office): State<Arc<Office>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(Act { csrf, .. }): Form<Act>,
) -> Response {
    let (clock, mailer) = (office.clock.clone(), office.mail.clone());
    let act = move |desk: &mut Desk, lang| send_all(desk, lang, &clock, &mailer);
    done(&office, session, &headers, &csrf, "issuer-mails-sent", act).await
}

async fn openings(
    State(office): State<Arc<Office>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(Act { csrf, .. }): Form<Act>,
) -> Response {
    let act = |desk: &mut Desk, _| desk.sign_openings();
    done(&office, session, &headers, &csrf, "issuer-openings-signed", act).await
}

async fn closings(
    State(office): State<Arc<Office>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(Act { csrf, .. }): Form<Act>,
) -> Response {
    let clock = office.clock.clone();
    let act = move |desk: &mut Desk, _| {
        let closed = desk.closings().verified()?;
        desk.sign_closings(closed, clock.now())
    };
    done(&office, session, &headers, &csrf, "issuer-closings-signed", act).await
}

/// How often it is looked for closings.
const LOOK: Duration = Duration::from_secs(5);

/// Notes when closings are given: from then on, by this clock, complaints are taken.
pub async fn watch(office: Arc<Office>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let noted = office.act(|desk| desk.unseen()).await.and_then(|unseen| unseen);
        let noted = match noted {
            Ok(closings) if closings.is_empty() => continue,
            // Verified outside the desk, so that nobody waits for it.
            Ok(closings) => tokio::task::spawn_blocking(move || closings.verified()).await,
            Err(error) => Ok(Err(error)),
        };
        let (now, noted) = (office.clock.now(), noted.map_err(Failure::from).and_then(|closed| closed));
        let noted = match noted {
            Ok(closed) => office.act(move |desk| desk.note(&closed, now)).await.and_then(|noted| noted),
            Err(error) => Err(error),
        };
        if let Err(error) = noted {
            tracing::error!("a closing: {error}");
        }
    }
}
