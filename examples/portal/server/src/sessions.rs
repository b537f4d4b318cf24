//! Who is asking: sessions in a cookie, of which the database has the hash.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard};

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq;

use crate::accounts::{random_token, token_hash};
use crate::db::Db;
use crate::i18n::Lang;
use crate::on;
use crate::web::{Problem, Shared};

/// `__Host-`: of this host alone, over TLS (or on localhost), and not to be set by a neighbour.
pub const COOKIE: &str = "__Host-session";
/// Seconds without a request after which a session ends, and after which it ends in any case.
const IDLE: i64 = 1_800;
const LONGEST: i64 = 43_200;

#[derive(Clone, Debug)]
pub struct Session {
    pub hash: Vec<u8>,
    pub bureau: bool,
    /// The voter's id, or the name of the member of the bureau.
    pub who: String,
    pub csrf: String,
    created: i64,
    seen: i64,
    /// By another login.
    ended: bool,
}

/// Those in use; the database has them all, for after a restart.
#[derive(Default)]
pub struct Sessions {
    kept: Mutex<HashMap<Vec<u8>, Session>>,
}

type Columns = (i64, String, String, i64, i64);

impl Sessions {
    fn kept(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Session>> {
        self.kept.lock().unwrap_or_else(|broken| broken.into_inner())
    }

    /// A new session, whose token is returned. It ends those that the same person has elsewhere.
    pub async fn open(&self, db: &Db, bureau: bool, who: &str, now: i64) -> sqlx::Result<String> {
        let (token, csrf) = (random_token(), random_token());
        let hash = token_hash(&token);
        on!(db, pool => {
            sqlx::query("DELETE FROM sessions WHERE created < $1").bind(now - 2 * LONGEST).execute(pool).await?;
            sqlx::query("UPDATE sessions SET ended = 1 WHERE bureau = $1 AND who = $2")
                .bind(i64::from(bureau)).bind(who).execute(pool).await?;
            sqlx::query("INSERT INTO sessions(hash, bureau, who, csrf, created) VALUES ($1, $2, $3, $4, $5)")
                .bind(&hash).bind(i64::from(bureau)).bind(who).bind(&csrf).bind(now).execute(pool).await?;
        });
        let mut kept = self.kept();
        kept.retain(|_, session| session.created >= now - 2 * LONGEST);
        for session in kept.values_mut().filter(|session| session.bureau == bureau && session.who == who) {
            session.ended = true;
        }
        let session = Session {
            hash: hash.clone(),
            bureau,
            who: who.into(),
            csrf,
            created: now,
            seen: now,
            ended: false,
        };
        kept.insert(hash, session);
        Ok(token)
    }

    /// The session of a token. `Err(true)` when another login has ended it.
    pub async fn find(&self, db: &Db, token: &str, now: i64) -> sqlx::Result<Result<Session, bool>> {
        let hash = token_hash(token);
        if !self.kept().contains_key(&hash) {
            let found: Option<Columns> = on!(db, pool => sqlx::query_as(
                "SELECT bureau, who, csrf, created, ended FROM sessions WHERE hash = $1")
                .bind(&hash).fetch_optional(pool).await)?;
            let Some((bureau, who, csrf, created, ended)) = found else { return Ok(Err(false)) };
            let session = Session {
                hash: hash.clone(),
                bureau: bureau != 0,
                who,
                csrf,
                created,
                seen: now,
                ended: ended != 0,
            };
            self.kept().insert(hash.clone(), session);
        }
        let mut kept = self.kept();
        let Some(session) = kept.get_mut(&hash) else { return Ok(Err(false)) };
        if session.ended {
            return Ok(Err(true));
        }
        // A clock that was set back prolongs nothing.
        let (idle, age) = (now.abs_diff(session.seen), now.abs_diff(session.created));
        if idle > IDLE.unsigned_abs() || age > LONGEST.unsigned_abs() {
            return Ok(Err(false));
        }
        session.seen = now;
        Ok(Ok(session.clone()))
    }

    pub async fn close(&self, db: &Db, hash: &[u8]) -> sqlx::Result<()> {
        self.kept().remove(hash);
        on!(db, pool => sqlx::query("DELETE FROM sessions WHERE hash = $1").bind(hash).execute(pool).await.map(drop))
    }

    /// Ends all sessions of a voter, as when the password is set anew.
    pub async fn end_all(&self, db: &Db, who: &str) -> sqlx::Result<()> {
        self.kept().retain(|_, session| session.bureau || session.who != who);
        on!(db, pool => sqlx::query("DELETE FROM sessions WHERE bureau = 0 AND who = $1")
            .bind(who).execute(pool).await.map(drop))
    }
}

pub fn cookie(token: &str) -> HeaderValue {
    let text = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

pub fn no_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
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

/// Somebody who is logged in: a voter, or a member of the bureau. A request that changes anything must have the session's
/// word against forgery in the header `X-CSRF`; of forms see [`Posted`].
pub struct LoggedIn<const BUREAU: bool> {
    pub session: Session,
    pub lang: Lang,
}

pub type Voter = LoggedIn<false>;
pub type Member = LoggedIn<true>;

async fn logged_in<const BUREAU: bool>(parts: &Parts, app: &Shared) -> Result<LoggedIn<BUREAU>, Problem> {
    let login = |ended| Problem::Login { bureau: BUREAU, ended };
    let token = cookie_value(&parts.headers, COOKIE).ok_or(login(false))?;
    let session = app.sessions.find(&app.db, token, app.clock.seconds()).await?.map_err(login)?;
    if session.bureau != BUREAU {
        return Err(login(false));
    }
    Ok(LoggedIn { session, lang: parts.extensions.get().copied().unwrap_or(Lang::Fr) })
}

impl Session {
    pub fn check_csrf(&self, given: &str) -> Result<(), Problem> {
        let same = bool::from(given.as_bytes().ct_eq(self.csrf.as_bytes()));
        if same { Ok(()) } else { Err(Problem::Forged) }
    }
}

impl<const BUREAU: bool> FromRequestParts<Shared> for LoggedIn<BUREAU> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let found = logged_in(parts, app).await?;
        if !parts.method.is_safe() {
            let given = parts.headers.get("x-csrf").and_then(|value| value.to_str().ok());
            found.session.check_csrf(given.unwrap_or_default())?;
        }
        Ok(found)
    }
}

/// Somebody who is logged in, and whose request is checked by who takes it: the word against forgery is in its body.
pub struct Unchecked<const BUREAU: bool>(pub LoggedIn<BUREAU>);

impl<const BUREAU: bool> FromRequestParts<Shared> for Unchecked<BUREAU> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        logged_in(parts, app).await.map(Unchecked)
    }
}

/// Fields of a form, each once.
pub struct Fields(HashMap<String, String>);

impl Fields {
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl FromRequest<Shared> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, app)
            .await
            .map_err(|error| Problem::of_status(error.status()))?;
        let mut fields = HashMap::new();
        for (name, value) in pairs {
            if fields.insert(name, value).is_some() {
                return Err(Problem::Bad("common-bad-form"));
            }
        }
        Ok(Fields(fields))
    }
}

/// A form of somebody who is logged in, with the word against forgery in its field `csrf` (or in the header).
pub struct Posted<const BUREAU: bool> {
    pub by: LoggedIn<BUREAU>,
    pub fields: Fields,
}

impl<const BUREAU: bool> FromRequest<Shared> for Posted<BUREAU> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let by = logged_in(&parts, app).await?;
        let header = parts.headers.get("x-csrf").and_then(|value| value.to_str().ok()).map(str::to_string);
        let fields = Fields::from_request(Request::from_parts(parts, body), app).await?;
        by.session.check_csrf(header.as_deref().unwrap_or(fields.get("csrf")))?;
        Ok(Posted { by, fields })
    }
}
