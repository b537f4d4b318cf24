//! Who is asking: sessions in a cookie, of which the database has the hash.

use std::collections::HashMap;
use std::net::IpAddr;

use axum::extract::{Form, FromRequest, Request};
use subtle::ConstantTimeEq;
use urne::VoterId;

use crate::accounts::{random_token, token_hash};
use crate::db::Db;
use crate::i18n::Lang;
use crate::page::prelude::*;
use crate::{config, limits};

/// `__Host-`: of this host alone, over TLS (or on localhost), and not to be set by a neighbour.
pub const COOKIE: &str = "__Host-session";
/// Seconds without a request after which a session ends, and after which it ends in any case.
const IDLE: i64 = 1_800;
const LONGEST: i64 = 43_200;
/// Seconds after which a request is noted anew.
const NOTED: i64 = 60;

#[derive(Clone, Debug)]
pub struct Session {
    pub hash: Vec<u8>,
    pub bureau: bool,
    /// The voter's id, or the name of the member of the bureau.
    pub who: String,
    pub csrf: String,
    /// Of a member of the bureau: the hash of the stored password by which they logged in.
    member: Option<Vec<u8>>,
}

/// A new session, whose token is returned. It ends those that the same person has elsewhere. A member of the bureau comes
/// with the stored password.
pub async fn open(db: &Db, member: Option<&str>, who: &str, now: i64) -> sqlx::Result<String> {
    let (token, csrf, bureau) = (random_token(), random_token(), i64::from(member.is_some()));
    sql!(query, "DELETE FROM sessions WHERE created < $1", now - 2 * LONGEST).execute(db).await?;
    let end = "UPDATE sessions SET ended = 1 WHERE bureau = $1 AND who = $2";
    sql!(query, end, bureau, who).execute(db).await?;
    let insert = "INSERT INTO sessions(hash, bureau, who, csrf, created, seen, member) \
                  VALUES ($1, $2, $3, $4, $5, $5, $6)";
    let (hash, member) = (token_hash(&token), member.map(token_hash));
    sql!(query, insert, hash, bureau, who, &csrf, now, member).execute(db).await?;
    Ok(token)
}

/// The session of a token. `Err(true)` when another login has ended it.
pub async fn find(db: &Db, token: &str, now: i64) -> sqlx::Result<Result<Session, bool>> {
    let hash = token_hash(token);
    let select = "SELECT bureau, who, csrf, created, seen, ended, member FROM sessions WHERE hash = $1";
    let found: Option<(i64, _, _, i64, i64, i64, _)> =
        sql!(query_as, select, &hash).fetch_optional(db).await?;
    let Some((bureau, who, csrf, created, seen, ended, member)) = found else { return Ok(Err(false)) };
    // A clock that was set back prolongs nothing.
    let (idle, age) = (now.abs_diff(seen), now.abs_diff(created));
    if ended != 0 || idle > IDLE.unsigned_abs() || age > LONGEST.unsigned_abs() {
        return Ok(Err(ended != 0));
    }
    // Kept for after a restart, but not at every request.
    if idle >= NOTED.unsigned_abs() {
        let note = "UPDATE sessions SET seen = $1 WHERE hash = $2";
        // A database that nothing can be written to can still be read from.
        if let Err(error) = sql!(query, note, now, &hash).execute(db).await {
            tracing::warn!("it is not noted when a session was last used: {error}");
        }
    }
    Ok(Ok(Session { hash, bureau: bureau != 0, who, csrf, member }))
}

pub async fn close(db: &Db, hash: &[u8]) -> sqlx::Result<()> {
    sql!(query, "DELETE FROM sessions WHERE hash = $1", hash).execute(db).await.map(drop)
}

/// A cookie of this host alone, until the browser is closed.
pub fn cookie(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict")
}

/// The value of a cookie that was sent.
pub fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// Where a connection is from, as the server that takes it says.
#[derive(Clone, Copy, Debug)]
pub struct From(pub IpAddr);

fn lang(parts: &Parts) -> Lang {
    parts.extensions.get().copied().unwrap_or(Lang::Fr)
}

/// Somebody who is not logged in.
pub struct Asking {
    pub app: Shared,
    pub lang: Lang,
    /// The source, as it is counted.
    pub from: String,
}

impl Asking {
    pub fn page(&self) -> Page {
        Page::public(&self.app, self.lang)
    }
}

impl FromRequestParts<Shared> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        // Behind a proxy the last address that it has written; what stands before it anybody can have sent.
        let told = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let told = told.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        let connection = parts.extensions.get().map(|From(address)| *address);
        let address = told.filter(|_| app.config.behind_proxy).or(connection);
        let from = address.map(limits::source).unwrap_or_default();
        Ok(Asking { app: app.clone(), lang: lang(parts), from })
    }
}

/// Somebody who is logged in: a voter, or a member of the bureau. A request that changes anything must have the session's
/// word against forgery in the header `X-CSRF`; of forms see [`Posted`].
pub struct LoggedIn<const BUREAU: bool> {
    pub app: Shared,
    pub session: Session,
    pub lang: Lang,
}

pub type Voter = LoggedIn<false>;
pub type Member = LoggedIn<true>;

impl Voter {
    /// As the library names the voter.
    pub fn id(&self) -> Result<VoterId, Problem> {
        VoterId::new(self.session.who.as_str()).ok_or(Problem::NotFound)
    }
}

impl Member {
    pub fn page(&self) -> Page {
        Page::of(self, &self.session.who)
    }
}

impl<const BUREAU: bool> LoggedIn<BUREAU> {
    /// For who checks the word against forgery, which is in the body.
    pub async fn unchecked(parts: &Parts, app: &Shared) -> Result<Self, Problem> {
        let login = |ended| Problem::Login { bureau: BUREAU, ended };
        let token = cookie_value(&parts.headers, COOKIE).ok_or(login(false))?;
        let session = find(&app.db, token, app.clock.seconds()).await?.map_err(login)?;
        if session.bureau != BUREAU || (BUREAU && !session.is_members(&app.config.bureau)) {
            return Err(login(false));
        }
        Ok(LoggedIn { app: app.clone(), session, lang: lang(parts) })
    }
}

impl Session {
    /// Whether who logged in is a member still, with the same password: a server that was started anew may have others.
    fn is_members(&self, bureau: &[config::Member]) -> bool {
        bureau.iter().any(|of| of.name == self.who && self.member == Some(token_hash(&of.password)))
    }

    pub fn check_csrf(&self, given: &str) -> Result<(), Problem> {
        let same = bool::from(given.as_bytes().ct_eq(self.csrf.as_bytes()));
        if same { Ok(()) } else { Err(Problem::Forged) }
    }
}

impl<const BUREAU: bool> FromRequestParts<Shared> for LoggedIn<BUREAU> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let found = LoggedIn::unchecked(parts, app).await?;
        if !parts.method.is_safe() {
            let given = parts.headers.get("x-csrf").and_then(|value| value.to_str().ok());
            found.session.check_csrf(given.unwrap_or_default())?;
        }
        Ok(found)
    }
}

/// Fields of a form, each once.
pub struct Fields(HashMap<String, String>);

impl Fields {
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(pairs) = form.map_err(|error| Problem::Status(error.status()))?;
        let given = pairs.len();
        let fields = Fields(pairs.into_iter().collect());
        if fields.0.len() == given { Ok(fields) } else { Err(Problem::Status(StatusCode::BAD_REQUEST)) }
    }
}

/// A form of somebody who is logged in, with the word against forgery in its field `csrf`.
pub struct Posted<const BUREAU: bool> {
    pub by: LoggedIn<BUREAU>,
    pub fields: Fields,
}

impl<const BUREAU: bool> FromRequest<Shared> for Posted<BUREAU> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let by = LoggedIn::unchecked(&parts, app).await?;
        let fields = Fields::from_request(Request::from_parts(parts, body), app).await?;
        by.session.check_csrf(fields.get("csrf"))?;
        Ok(Posted { by, fields })
    }
}
