//! Getting in: first connection, login, forgotten password, logout.
//!
//! What is answered does not depend on whether an address is known, nor does how long it takes: links are made and sent
//! after the answer, and a password is hashed for nobody too.

use axum::http::Uri;
use axum::response::AppendHeaders;
use subtle::ConstantTimeEq;

use crate::accounts::{self, Account};
use crate::i18n::Lang;
use crate::page::prelude::*;
use crate::sessions::{self, COOKIE, cookie, cookie_value};
use crate::{Failure, captcha, limits};

const DEVICE: &str = "__Host-device";

pub fn routes() -> Router<Shared> {
    let link_page =
        |first| get(async move |by: Asking| html(&LinkPage { page: by.page(), first, sent: false }));
    Router::new()
        .route("/", get(login_page))
        // In another language, after a wrong password.
        .route("/login", get(async || Redirect::to("/")).post(enter::<false>))
        .route("/first", link_page(true).post(ask_for_link::<true>))
        .route("/forgotten", link_page(false).post(ask_for_link::<false>))
        .route("/password/{token}", get(password_page).post(set_password))
        .route("/captcha/{name}", get(captcha_file))
        .route("/logout", post(logout::<false>))
}

/// Whether the digits of the picture were copied. Until they are nothing is looked up, and nothing counted.
fn copied_digits(app: &App, fields: &Fields) -> bool {
    app.captchas.answer(fields.get("captcha_name"), fields.get("captcha"), app.clock.seconds())
}

page!("login.html", LoginPage<'a> { page: Page, bureau: bool, email: &'a str });

page!("link.html", LinkPage { page: Page, first: bool, sent: bool });

page!("password.html", PasswordPage { page: Page, token: String, done: bool });

/// Of voters and of the bureau.
pub async fn login_page(by: Asking, at: Uri) -> Answer {
    let ended = at.query() == Some("ended=1");
    let page = if ended { by.page().wrong("refused-portal-ended-elsewhere") } else { by.page() };
    html(&LoginPage { page, bureau: at.path().starts_with("/bureau"), email: "" })
}

/// The name under which tries are counted, and of who may log in the password's hash and the id.
type Claim = (String, Option<String>, Option<String>);

/// Whose login it is.
async fn claimed(app: &App, bureau: bool, typed: &str) -> sqlx::Result<Claim> {
    if bureau {
        let member = app.config.bureau.iter().find(|member| member.name == typed.trim()).cloned();
        let (password, who) = member.map(|of| (of.password, of.name)).unzip();
        return Ok((format!("bureau {}", typed.trim()), password, who));
    }
    let Some(address) = accounts::email(typed) else { return Ok(Default::default()) };
    let account = accounts::find(&app.db, &address).await?;
    let (password, who) = account.map(|of| (of.password, of.id)).unzip();
    Ok((address, password.flatten(), who))
}

/// The same for voters and for the bureau.
pub async fn enter<const BUREAU: bool>(by: Asking, headers: HeaderMap, fields: Fields) -> Answer {
    let (app, now, email) = (&by.app, by.app.clock.seconds(), fields.get("email"));
    let again = |key| {
        let page = LoginPage { page: by.page().wrong(key), bureau: BUREAU, email };
        html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    if !copied_digits(app, &fields) {
        return again("account-captcha-wrong");
    }
    let (name, stored, who) = claimed(app, BUREAU, email).await?;
    let from = cookie_value(&headers, DEVICE).filter(|word| is_device(app, word, &name)).unwrap_or(&by.from);
    let held_back = app.limits.before(from, &name, now).map_err(Problem::TooMany)?;
    tokio::time::sleep(held_back).await;
    let password = fields.get("password").to_string();
    let member = stored.clone().filter(|_| BUREAU);
    let right = app.hash(move || accounts::is_password(stored.as_deref(), &password)).await?;
    let Some(who) = who.filter(|_| right) else {
        app.limits.failed(from, &name, now);
        return again(if BUREAU { "bureau-wrong" } else { "account-wrong" });
    };
    app.limits.succeeded(from, &name, now);
    // What the browser came with serves no more: nobody can have it wait for a login.
    if let Some(old) = cookie_value(&headers, COOKIE) {
        sessions::close(&app.db, &accounts::token_hash(old)).await?;
    }
    let token = sessions::open(&app.db, member.as_deref(), &who, now).await?;
    let cookies = [cookie(COOKIE, &token), cookie(DEVICE, &device(app, &accounts::random_token(), &name))];
    let to = Redirect::to(if BUREAU { "/bureau" } else { "/home" });
    Ok((AppendHeaders(cookies.map(|cookie| (header::SET_COOKIE, cookie))), to).into_response())
}

/// What says that a browser has been logged in to an account, or has set its password, until the server starts anew. It is
/// the name of that browser as a source of its own.
fn device(app: &App, nonce: &str, name: &str) -> String {
    let mark = app.run_key.mark(&[b"device", nonce.as_bytes(), name.as_bytes()]);
    format!("{nonce}.{}", accounts::hex(mark))
}

fn is_device(app: &App, word: &str, name: &str) -> bool {
    let own = word.split_once('.').map(|(nonce, _)| device(app, nonce, name));
    own.is_some_and(|own| own.as_bytes().ct_eq(word.as_bytes()).into())
}

async fn ask_for_link<const FIRST: bool>(by: Asking, fields: Fields) -> Answer {
    if !copied_digits(&by.app, &fields) {
        let page = by.page().wrong("account-captcha-wrong");
        return html(&LinkPage { page, first: FIRST, sent: false });
    }
    let (page, now) = (by.page(), by.app.clock.seconds());
    by.app.limits.request(limits::OF_ADDRESS, "asked", &by.from, now).map_err(Problem::TooMany)?;
    let address = accounts::email(fields.get("email"));
    // After the answer, so that it takes as long for whoever is not on the list.
    tokio::spawn(async move {
        if let Err(error) = send_link(&by.app, by.lang, &by.from, address).await {
            tracing::error!("a link was not sent: {error}");
        }
    });
    html(&LinkPage { page, first: FIRST, sent: true })
}

async fn send_link(app: &App, lang: Lang, from: &str, address: Option<String>) -> Result<(), Failure> {
    let Some(address) = address else { return Ok(()) };
    let Some(Account { id, email, .. }) = accounts::find(&app.db, &address).await? else { return Ok(()) };
    let now = app.clock.seconds();
    // Nobody fills another's mailbox, nor keeps a link from whoever asks elsewhere.
    let of_one = app.limits.request(limits::MAILS, "sent", &format!("{from} {id}"), now);
    if of_one.and_then(|()| app.limits.request(limits::LINKS, "links", &id, now)).is_err() {
        return Ok(());
    }
    let token = accounts::new_link(&app.db, &id, now).await?;
    let text = lang.with("mail-link", &[("link", &format!("{}/password/{token}", app.config.origin))]);
    app.mailer.send(&email, &lang.text("mail-link-subject"), &text).await
}

async fn password_page(by: Asking, Path(token): Path<String>) -> Answer {
    accounts::link(&by.app.db, &token, by.app.clock.seconds()).await?.ok_or(LINK_OVER)?;
    html(&PasswordPage { page: by.page(), token, done: false })
}

const LINK_OVER: Problem = Problem::Bad("account-link-over");

async fn set_password(by: Asking, Path(token): Path<String>, fields: Fields) -> Answer {
    let (app, page, password) = (&by.app, by.page(), fields.get("password").to_string());
    let differs = (password != fields.get("again")).then_some("account-password-differs");
    if let Some(key) = accounts::check_password(&password).err().or(differs) {
        let again = PasswordPage { page: page.wrong(key), token, done: false };
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &again);
    }
    accounts::link(&app.db, &token, app.clock.seconds()).await?.ok_or(LINK_OVER)?;
    let hashed = app.hash(move || accounts::hash_password(&password)).await??;
    let voter = accounts::set_password(&app.db, &token, &hashed, app.clock.seconds()).await?;
    let account = accounts::find(&app.db, &voter.ok_or(LINK_OVER)?).await?.ok_or(Problem::NotFound)?;
    // Who has never logged in is not kept waiting by who guesses from the same address.
    let device = device(app, &accounts::random_token(), &account.email);
    let mark = [(header::SET_COOKIE, cookie(DEVICE, &device))];
    Ok((mark, html(&PasswordPage { page, token: String::new(), done: true })?).into_response())
}

/// `NAME.svg` or `NAME.wav`.
async fn captcha_file(by: Asking, Path(file): Path<String>) -> Answer {
    let (name, kind) = file.split_once('.').ok_or(Problem::NotFound)?;
    let found = match kind {
        "svg" => by.app.captchas.picture(name).map(|svg| ("image/svg+xml", svg.into_bytes())),
        "wav" => spoken(&by, name).map(|wav| ("audio/wav", wav)),
        _ => None,
    };
    let (kind, bytes) = found.ok_or(Problem::NotFound)?;
    Ok(([(header::CONTENT_TYPE, kind)], bytes).into_response())
}

fn spoken(by: &Asking, name: &str) -> Option<Vec<u8>> {
    let sounds = by.app.assets.sounds.get(by.lang.code())?;
    let sound = |digit: &u8| sounds.get(usize::from(*digit)).map(Vec::as_slice);
    let sounds: Option<Vec<&[u8]>> = by.app.captchas.digits(name)?.iter().map(sound).collect();
    captcha::speak(&sounds?)
}

/// Of voters and of the bureau.
pub async fn logout<const BUREAU: bool>(Posted { by, .. }: Posted<BUREAU>) -> Answer {
    sessions::close(&by.app.db, &by.session.hash).await?;
    let over = cookie(COOKIE, "") + "; Max-Age=0";
    let to = if BUREAU { "/bureau/login" } else { "/" };
    Ok(([(header::SET_COOKIE, over)], Redirect::to(to)).into_response())
}
