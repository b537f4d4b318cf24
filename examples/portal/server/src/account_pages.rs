//! Getting in: first connection, login, forgotten password, logout.
//!
//! What is answered does not depend on whether an address is known, nor does how long it takes: links are made and sent
//! after the answer, and a password is hashed for nobody too.

use std::net::IpAddr;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, http::StatusCode};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::accounts::{self, Account};
use crate::i18n::Lang;
use crate::page::{Page, html, html_as};
use crate::sessions::{COOKIE, Fields, From, cookie, cookie_value, no_cookie};
use crate::web::{App, Problem, Shared};
use crate::{Failure, captcha, limits, sessions};

const DEVICE: &str = "__Host-device";

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(login_page))
        // In another language, after a wrong password.
        .route("/login", get(async || Redirect::to("/")).post(enter::<false>))
        .route("/first", get(async |by: Asking| by.link_page(true, None)).post(ask_for_link::<true>))
        .route("/forgotten", get(async |by: Asking| by.link_page(false, None)).post(ask_for_link::<false>))
        .route("/password/{token}", get(password_page).post(set_password))
        .route("/captcha/{name}", get(captcha_file))
        .route("/logout", post(logout))
}

/// Somebody who is not logged in.
pub struct Asking {
    pub app: Shared,
    pub lang: Lang,
    /// The source, as it is counted.
    pub from: String,
}

impl axum::extract::FromRequestParts<Shared> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        app: &Shared,
    ) -> Result<Self, Problem> {
        let lang = parts.extensions.get().copied().unwrap_or(Lang::Fr);
        let connection = parts.extensions.get().map(|From(address)| *address);
        let from = connection.map_or_else(String::new, |address| source(app, &parts.headers, address));
        Ok(Asking { app: app.clone(), lang, from })
    }
}

/// Behind a proxy the last address that it has written; what stands before it anybody can have sent.
fn source(app: &App, headers: &HeaderMap, connection: IpAddr) -> String {
    let told = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let told = told.and_then(|text| text.rsplit(',').next()?.trim().parse().ok());
    limits::source(told.filter(|_| app.config.behind_proxy).unwrap_or(connection))
}

impl Asking {
    pub fn page(&self) -> Page {
        Page::public(&self.app, self.lang)
    }

    /// A new captcha, whether it can be heard, and the page.
    fn form(&self) -> (String, bool, Page) {
        let spoken = self.app.assets.get(&format!("sounds/{}/0.wav", self.lang.code())).is_some();
        (self.app.captchas.ask(self.app.clock.seconds()), spoken, self.page())
    }

    fn link_page(&self, first: bool, error: Option<&'static str>) -> Result<Response, Problem> {
        let (captcha, spoken, page) = self.form();
        let error = error.map(|key| page.t(key)).unwrap_or_default();
        html(&LinkPage { page, first, captcha, spoken, error, sent: false })
    }

    /// Whether the digits of the picture were copied. Until they are nothing is looked up, and nothing counted.
    fn copied_digits(&self, fields: &Fields) -> bool {
        let now = self.app.clock.seconds();
        self.app.captchas.answer(fields.get("captcha_name"), fields.get("captcha"), now)
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    page: Page,
    /// Where it is sent: of voters or of the bureau.
    bureau: bool,
    captcha: String,
    spoken: bool,
    error: String,
    email: String,
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    page: Page,
    first: bool,
    captcha: String,
    spoken: bool,
    error: String,
    sent: bool,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    page: Page,
    token: String,
    error: String,
    done: bool,
}

#[derive(Deserialize)]
pub struct Why {
    ended: Option<u8>,
}

/// Of voters and of the bureau.
pub async fn login_page(by: Asking, at: Uri, Query(why): Query<Why>) -> Result<Response, Problem> {
    let error = why.ended.map(|_| by.lang.text("account-elsewhere")).unwrap_or_default();
    show_login(&by, at.path().starts_with("/bureau"), error, String::new(), StatusCode::OK)
}

fn show_login(
    by: &Asking,
    bureau: bool,
    error: String,
    email: String,
    status: StatusCode,
) -> Result<Response, Problem> {
    let (captcha, spoken, page) = by.form();
    html_as(status, &LoginPage { page, bureau, captcha, spoken, error, email })
}

/// Whose login it is: the name under which tries are counted, the password's hash, and who logs in.
async fn claimed(
    by: &Asking,
    bureau: bool,
    typed: &str,
) -> Result<(String, Option<String>, Option<String>), Problem> {
    if bureau {
        let member = by.app.config.bureau.iter().find(|member| member.name == typed.trim());
        let (stored, who) = (member.map(|of| of.password.clone()), member.map(|of| of.name.clone()));
        return Ok((format!("bureau {}", typed.trim()), stored, who));
    }
    let Some(address) = accounts::email(typed) else { return Ok(Default::default()) };
    let account = accounts::by_email(&by.app.db, &address).await?;
    Ok(match account {
        Some(Account { id, password, .. }) => (address, password, Some(id)),
        None => (address, None, None),
    })
}

/// The same for voters and for the bureau.
pub async fn enter<const BUREAU: bool>(
    by: Asking,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    let (app, now, headers) = (&by.app, by.app.clock.seconds(), &headers);
    let again = |error: String, status| show_login(&by, BUREAU, error, fields.get("email").into(), status);
    if !by.copied_digits(&fields) {
        return again(by.lang.text("account-captcha-wrong"), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (name, stored, who) = claimed(&by, BUREAU, fields.get("email")).await?;
    let known = cookie_value(headers, DEVICE).and_then(|word| known_device(app, word, &name));
    let from = known.as_ref().unwrap_or(&by.from);
    let held_back = match app.limits.before(from, &name, now) {
        Ok(held_back) => held_back,
        Err(wait) => {
            let text = by.lang.with("account-wait", &[("seconds", &wait.to_string())]);
            return again(text, StatusCode::TOO_MANY_REQUESTS);
        }
    };
    tokio::time::sleep(held_back).await;
    let password = fields.get("password").to_string();
    let member = stored.clone().filter(|_| BUREAU);
    let right = app.hashing(move || accounts::is_password(stored.as_deref(), &password)).await?;
    let Some(who) = who.filter(|_| right) else {
        app.limits.failed(from, &name, now);
        return again(by.lang.text("account-wrong"), StatusCode::UNPROCESSABLE_ENTITY);
    };
    app.limits.succeeded(from, &name, now);
    // What the browser came with serves no more: nobody can have it wait for a login.
    if let Some(old) = cookie_value(headers, COOKIE) {
        sessions::close(&app.db, &accounts::token_hash(old)).await?;
    }
    let token = sessions::open(&app.db, member.as_deref(), &who, now).await?;
    let mut response = Redirect::to(if BUREAU { "/bureau" } else { "/home" }).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie(&token));
    give_mark(app, &mut response, &name);
    Ok(response)
}

/// Marks a browser as one that an account was opened from.
fn give_mark(app: &App, response: &mut Response, name: &str) {
    let nonce = accounts::random_token();
    let mark = device_mark(app, &nonce, name);
    let word = format!("{DEVICE}={nonce}.{mark}; Path=/; Secure; HttpOnly; SameSite=Strict");
    response.headers_mut().extend(HeaderValue::from_str(&word).map(|word| (header::SET_COOKIE, word)));
}

/// What says that a browser has been logged in to an account, or has set its password, until the server starts anew.
fn device_mark(app: &App, nonce: &str, name: &str) -> String {
    accounts::hex(app.run_key.mark(&[b"device", nonce.as_bytes(), name.as_bytes()]))
}

/// The name of a browser as a source of its own.
fn known_device(app: &App, word: &str, name: &str) -> Option<String> {
    let (nonce, given) = word.split_once('.')?;
    let same = bool::from(device_mark(app, nonce, name).as_bytes().ct_eq(given.as_bytes()));
    same.then(|| format!("device {nonce}"))
}

async fn ask_for_link<const FIRST: bool>(by: Asking, fields: Fields) -> Result<Response, Problem> {
    if !by.copied_digits(&fields) {
        return by.link_page(FIRST, Some("account-captcha-wrong"));
    }
    let (app, lang, from) = (by.app.clone(), by.lang, by.from.clone());
    app.limits.request(limits::OF_ADDRESS, "asked", &from, app.clock.seconds()).map_err(Problem::TooMany)?;
    let address = accounts::email(fields.get("email"));
    // After the answer, so that it takes as long for whoever is not on the list.
    tokio::spawn(async move {
        if let Err(error) = send_link(&app, lang, &from, address).await {
            tracing::error!("a link was not sent: {error}");
        }
    });
    let (page, captcha, error) = (by.page(), String::new(), String::new());
    html(&LinkPage { page, first: FIRST, captcha, spoken: false, error, sent: true })
}

async fn send_link(app: &Shared, lang: Lang, from: &str, address: Option<String>) -> Result<(), Failure> {
    let Some(address) = address else { return Ok(()) };
    let Some(Account { id, email, .. }) = accounts::by_email(&app.db, &address).await? else { return Ok(()) };
    let now = app.clock.seconds();
    // Nobody fills another's mailbox, nor keeps a link from whoever asks elsewhere.
    let of_one = app.limits.request(limits::MAILS, "sent", &format!("{from} {id}"), now);
    if of_one.and_then(|()| app.limits.request(limits::LINKS, "links", &id, now)).is_err() {
        return Ok(());
    }
    let token = accounts::new_link(&app.db, &id, now).await?;
    let link = format!("{}/password/{token}", app.config.origin);
    app.mailer
        .send(&email, &lang.text("mail-link-subject"), &lang.with("mail-link", &[("link", &link)]))
        .await
}

async fn password_page(by: Asking, Path(token): Path<String>) -> Result<Response, Problem> {
    let page = by.page();
    if accounts::link(&by.app.db, &token, by.app.clock.seconds()).await?.is_none() {
        return Err(Problem::Bad("account-link-over"));
    }
    html(&PasswordPage { page, token, error: String::new(), done: false })
}

async fn set_password(by: Asking, Path(token): Path<String>, fields: Fields) -> Result<Response, Problem> {
    let (app, page) = (&by.app, by.page());
    let password = fields.get("password").to_string();
    let wrong = match accounts::check_password(&password) {
        Ok(()) if password != fields.get("again") => Some("account-password-differs"),
        Ok(()) => None,
        Err(key) => Some(key),
    };
    if let Some(key) = wrong {
        let again = PasswordPage { error: page.t(key), page, token, done: false };
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &again);
    }
    if accounts::link(&app.db, &token, app.clock.seconds()).await?.is_none() {
        return Err(Problem::Bad("account-link-over"));
    }
    let hashed = app.hashing(move || accounts::hash_password(&password)).await??;
    let voter = accounts::set_password(&app.db, &token, &hashed, app.clock.seconds()).await?;
    let voter = voter.ok_or(Problem::Bad("account-link-over"))?;
    sessions::end_all(&app.db, &voter).await?;
    let account = accounts::by_id(&app.db, &voter).await?.ok_or(Problem::NotFound)?;
    let mut response = html(&PasswordPage { page, token: String::new(), error: String::new(), done: true })?;
    // Who has never logged in is not kept waiting by who guesses from the same address.
    give_mark(app, &mut response, &account.email);
    Ok(response)
}

/// `NAME.svg` or `NAME.wav`.
async fn captcha_file(by: Asking, Path(file): Path<String>) -> Result<Response, Problem> {
    let (name, kind) = file.split_once('.').ok_or(Problem::NotFound)?;
    let (kind, bytes) = match kind {
        "svg" => ("image/svg+xml", by.app.captchas.picture(name).ok_or(Problem::NotFound)?.into_bytes()),
        "wav" => {
            let digits = by.app.captchas.digits(name).ok_or(Problem::NotFound)?;
            let of_digit = |digit: &u8| by.app.assets.get(&format!("sounds/{}/{digit}.wav", by.lang.code()));
            let sounds = digits.iter().map(of_digit).collect::<Option<Vec<_>>>().ok_or(Problem::NotFound)?;
            let sounds: Vec<&[u8]> = sounds.iter().map(|sound| &sound.bytes[..]).collect();
            ("audio/wav", captcha::speak(&sounds).ok_or(Problem::NotFound)?)
        }
        _ => return Err(Problem::NotFound),
    };
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], bytes).into_response())
}

/// Of voters and of the bureau.
async fn logout(State(app): State<Shared>, headers: HeaderMap, fields: Fields) -> Result<Response, Problem> {
    let mut to = "/";
    if let Some(token) = cookie_value(&headers, COOKIE)
        && let Ok(session) = sessions::find(&app.db, token, app.clock.seconds()).await?
    {
        session.check_csrf(fields.get("csrf"))?;
        sessions::close(&app.db, &session.hash).await?;
        to = if session.bureau { "/bureau/login" } else { "/" };
    }
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(header::SET_COOKIE, no_cookie());
    Ok(response)
}
