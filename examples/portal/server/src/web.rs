//! The router, and what is done to every request and answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::json;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use urne::{ActivationNonce, DecodeError};

use crate::accounts::RunKey;
use crate::boxes::{Boxes, NoAnswer, Place, Refusal, Setup};
use crate::captcha::Captchas;
use crate::clock::Clock;
use crate::config::{Config, Folder};
use crate::contests::{Contest, Contests, Waiting};
use crate::db::{self, Db};
use crate::i18n::Lang;
use crate::limits::Limits;
use crate::mail::Mailer;
use crate::page::{Assets, Page, html};
use crate::sessions::cookie_value;
use crate::{Failure, account_pages, accounts, api, bureau, contests, voter};

/// No request takes longer, its body included.
const LONGEST: Duration = Duration::from_secs(30);
/// Bytes of a form or a ballot.
const MOST_BYTES: usize = 32 << 10;

macro_rules! policy {
    ($trusted:literal) => {
        concat!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; ",
            "img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; ",
            "require-trusted-types-for 'script'; trusted-types ",
            $trusted
        )
    };
}

/// Of all pages, and of those that may start the audit's worker, which takes a policy of that name: its script is fetched
/// by hash, and made a worker from memory.
const POLICIES: [&str; 2] = [policy!("'none'"), policy!("urne-worker; worker-src blob:")];

/// By session and contest.
pub type Nonces = HashMap<(Vec<u8>, u64), (ActivationNonce, i64)>;

pub struct App {
    pub config: Config,
    pub folder: Folder,
    pub clock: Clock,
    pub db: Db,
    pub boxes: Boxes,
    pub contests: Contests,
    /// Those that trustees have still to approve, for which the server is then started anew.
    pub waiting: Waiting,
    pub assets: Assets,
    pub captchas: Captchas,
    pub limits: Limits,
    pub mailer: Mailer,
    /// What each session was asked to answer, and when.
    pub nonces: Mutex<Nonces>,
    /// For the word that says that a browser has been logged in.
    pub run_key: RunKey,
    /// Passwords that are hashed at a time.
    hashing: Semaphore,
}

pub type Shared = Arc<App>;

impl App {
    /// Everything that must hold before anybody is answered.
    pub async fn new(config: Config, folder: Folder, without_anchor: bool) -> Result<Shared, Failure> {
        let clock = Clock::new(config.clock_ahead.clone())?;
        let (contests, waiting) = contests::read_all(&config)?;
        let database = db::Place::read(&config.database, config.database_in_clear_over_the_network)?;
        let db = Db::open(&database).await?;
        // Before the contests are approved there are no codes, and nobody votes.
        let voters = match waiting.is_empty() {
            true => accounts::import(&db, &folder.voters(), &contests).await?,
            false => 0,
        };
        tracing::info!("{voters} voters, {} contests, {} to be approved", contests.len(), waiting.len());
        let place = |contest: &Contest| Place {
            number: contest.number,
            contest: contest.approved.clone(),
            anchor: config.anchors.join(format!("{}.anchor", contest.number)),
            roll: folder.roll(contest.number),
            opening: contest.folder.join("opening"),
        };
        let setup = Setup {
            database,
            key: folder.box_key()?,
            places: contests.values().map(place).collect(),
            clock: clock.clone(),
            without_anchor,
        };
        let boxes = tokio::task::spawn_blocking(|| Boxes::start(setup)).await??;
        let assets = Assets::read(&config.assets)?;
        let mailer = Mailer::new(&config.mail, &config.mail_from)?;
        Ok(Arc::new(App {
            folder,
            clock,
            db,
            boxes,
            contests,
            waiting,
            assets,
            captchas: Captchas::default(),
            limits: Limits::default(),
            mailer,
            nonces: Mutex::default(),
            run_key: RunKey::default(),
            hashing: Semaphore::new(2),
            config,
        }))
    }

    /// Hashes a password where nobody else waits for it, and not many at once.
    pub async fn hashing<T: Send + 'static>(
        &self,
        act: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let _turn = self.hashing.acquire().await.map_err(Problem::internal)?;
        Ok(tokio::task::spawn_blocking(act).await?)
    }

    pub fn contest(&self, number: u64) -> Result<&Contest, Problem> {
        self.contests.get(&number).ok_or(Problem::NotFound)
    }
}

/// Why there is no page. What is said of it to whom is made of it at the end, in the language of the request.
#[derive(Debug)]
pub enum Problem {
    /// Nobody is logged in; `ended`, since the same person logged in elsewhere.
    Login {
        bureau: bool,
        ended: bool,
    },
    /// It does not come from our own page.
    Forged,
    NotFound,
    /// The key of a text that says what is wrong with what was sent.
    Bad(&'static str),
    /// A form of the library that is none, or does not hold.
    Wrong(Refusal),
    Status(StatusCode),
    /// Seconds to wait.
    TooMany(i64),
    ComeBack,
    Refused(Refusal),
    Internal(String),
}

impl Problem {
    /// The status, the code for programs, and the key of the text.
    fn told(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Problem::Login { ended: false, .. } => (StatusCode::UNAUTHORIZED, "portal/login", "common-login"),
            Problem::Login { .. } => {
                (StatusCode::UNAUTHORIZED, "portal/ended-elsewhere", "account-elsewhere")
            }
            Problem::Forged => (StatusCode::FORBIDDEN, "portal/forged", "common-forged"),
            Problem::NotFound => (StatusCode::NOT_FOUND, "portal/not-found", "common-not-found"),
            Problem::Bad(key) => (StatusCode::BAD_REQUEST, "portal/bad", key),
            Problem::Status(StatusCode::PAYLOAD_TOO_LARGE) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "portal/too-large", "common-too-large")
            }
            Problem::Status(status) => (*status, "portal/status", "common-bad-form"),
            Problem::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "portal/too-many", "common-too-many"),
            Problem::ComeBack => (StatusCode::SERVICE_UNAVAILABLE, "portal/come-back", "common-come-back"),
            Problem::Wrong(refusal) => (StatusCode::BAD_REQUEST, refusal.code, ""),
            Problem::Refused(refusal) => (StatusCode::CONFLICT, refusal.code, ""),
            Problem::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "portal/internal", "common-internal"),
        }
    }

    fn text(&self, lang: Lang) -> String {
        match self {
            Problem::TooMany(seconds) => lang.with("common-too-many", &[("seconds", &seconds.to_string())]),
            Problem::Wrong(Refusal { code, text }) | Problem::Refused(Refusal { code, text }) => {
                let key = format!("refused-{}", code.replace('/', "-"));
                if code.starts_with("decode/") {
                    return lang.with("refused-decode", &[("why", text)]);
                }
                if lang.has(&key) { lang.text(&key) } else { text.clone() }
            }
            other => lang.text(other.told().2),
        }
    }

    /// What a form of the library refuses.
    pub fn refused<E: std::fmt::Display>(code: &'static str, error: &E) -> Problem {
        Problem::Refused(Refusal { code, text: error.to_string() })
    }

    pub fn internal(error: impl std::fmt::Display) -> Problem {
        Problem::Internal(error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.told().0.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl From<sqlx::Error> for Problem {
    /// The database is away: whoever asks again later is answered.
    fn from(error: sqlx::Error) -> Problem {
        tracing::error!("database: {error}");
        Problem::ComeBack
    }
}

macro_rules! internal {
    ($($error:ty),+) => {
        $(impl From<$error> for Problem {
            fn from(error: $error) -> Problem {
                Problem::internal(error)
            }
        })+
    };
}

internal!(askama::Error, Failure, std::io::Error, tokio::task::JoinError);

impl From<DecodeError> for Problem {
    fn from(error: DecodeError) -> Problem {
        Problem::Wrong(Refusal { code: error.code(), text: error.to_string() })
    }
}

impl From<NoAnswer> for Problem {
    fn from(error: NoAnswer) -> Problem {
        match error {
            NoAnswer::ComeBack => Problem::ComeBack,
            NoAnswer::Refused(refusal) => Problem::Refused(refusal),
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    page: Page,
    text: String,
}

pub fn router(app: &Shared) -> Router {
    Router::new()
        .merge(account_pages::routes())
        .merge(voter::routes())
        .merge(api::routes())
        .merge(bureau::routes())
        .route("/static/{*name}", get(asset))
        .fallback(async || Problem::NotFound)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(CatchPanicLayer::custom(|_| Problem::Internal("a handler panicked".into()).into_response()))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LONGEST))
        .layer(from_fn_with_state(app.clone(), around))
        .with_state(app.clone())
}

/// The language in, what is forged out; problems told, headers set, and a line in the log without anybody's name.
async fn around(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let query = request.uri().query().unwrap_or_default();
    let chosen = query.split('&').find_map(|pair| Lang::of(pair.strip_prefix("lang=")?));
    let headers = request.headers();
    let kept = cookie_value(headers, "lang").and_then(Lang::of);
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("fr");
    let lang = chosen.or(kept).unwrap_or_else(|| Lang::accepted(accepted));
    let forged = !request.method().is_safe() && !is_ours(headers, &app.config.origin);
    let is_api = request.uri().path().starts_with("/api/") || headers.get("x-csrf").is_some();
    let method = request.method().clone();
    // The route and not the path, which may have a link's token in it.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_string();
    request.extensions_mut().insert(lang);
    let mut response = if forged { Problem::Forged.into_response() } else { next.run(request).await };
    // What was refused before it came to a handler has no page yet.
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let status = response.status();
    let bare = (status.is_client_error() || status.is_server_error())
        && (kind.is_empty() || kind.starts_with(b"text/plain"));
    let told_of = response.extensions().get::<Arc<Problem>>().cloned();
    if let Some(problem) = told_of.or_else(|| bare.then(|| Arc::new(Problem::Status(status)))) {
        if let Problem::Internal(error) = &*problem {
            tracing::error!("{method} {route}: {error}");
        }
        response = told(&app, &problem, lang, is_api);
    }
    if let Some(lang) = chosen {
        let cookie = format!("lang={}; Path=/; Secure; SameSite=Lax; Max-Age=31536000", lang.code());
        response
            .headers_mut()
            .extend(HeaderValue::from_str(&cookie).map(|value| (header::SET_COOKIE, value)));
    }
    set_headers(response.headers_mut(), matches!(route.as_str(), "/check" | "/audit"));
    tracing::info!("{method} {route} {} {} ms", response.status().as_u16(), begun.elapsed().as_millis());
    response
}

/// Browsers say where a request comes from. What says nothing is no browser's form, and is not taken.
fn is_ours(headers: &HeaderMap, origin: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (text("origin"), text("sec-fetch-site")) {
        (Some(from), _) => from == origin,
        (None, Some(site)) => site == "same-origin",
        (None, None) => false,
    }
}

fn told(app: &Shared, problem: &Problem, lang: Lang, as_json: bool) -> Response {
    let ((status, code, _), text) = (problem.told(), problem.text(lang));
    let mut response = match problem {
        _ if as_json => axum::Json(json!({ "code": code, "text": text })).into_response(),
        Problem::Login { bureau, ended } => {
            let to = if *bureau { "/bureau/login" } else { "/" };
            let why = if *ended { "?ended=1" } else { "" };
            return Redirect::to(&format!("{to}{why}")).into_response();
        }
        _ => html(&ProblemPage { page: Page::public(app, lang), text })
            .unwrap_or_else(|_| status.into_response()),
    };
    *response.status_mut() = status;
    let wait = match problem {
        Problem::ComeBack => Some(1),
        Problem::TooMany(seconds) => Some(*seconds),
        _ => None,
    };
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn set_headers(headers: &mut HeaderMap, with_worker: bool) {
    for (name, value) in [
        ("content-security-policy", POLICIES[usize::from(with_worker)]),
        ("x-content-type-options", "nosniff"),
        // With none at all browsers send forms of our own pages from "null".
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What is a voter's is kept by nobody on the way.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

async fn asset(
    State(app): State<Shared>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accepts =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Of whole captchas alone, of which the name does not say the digits.
    if name.starts_with("sounds/") {
        return Err(Problem::NotFound);
    }
    let packed = app.assets.get(&format!("{name}.gz")).filter(|_| accepts.contains("gzip"));
    let whole = app.assets.get(&name).ok_or(Problem::NotFound)?;
    let tag = format!("\"{}\"", whole.hash);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        packed.unwrap_or(whole).bytes.clone().into_response()
    };
    let to = response.headers_mut();
    to.insert(header::CONTENT_TYPE, HeaderValue::from_static(whole.kind));
    to.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    to.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    to.extend(HeaderValue::from_str(&tag).map(|tag| (header::ETAG, tag)));
    if packed.is_some() {
        to.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use urne::ballot::BallotError;
    use urne::ballot_box::{ActivationError, ChallengeRefusal, DepositError};

    use super::*;

    #[test]
    fn whatever_the_box_answers_to_a_voter_has_a_text_in_both_languages() {
        let of_box =
            [ActivationError::CODES, DepositError::CODES, ChallengeRefusal::CODES, BallotError::CODES];
        let codes: Vec<_> = of_box.into_iter().chain([DecodeError::CODES]).flatten().copied().collect();
        assert!(codes.len() > 30);
        for code in codes {
            let problem = Problem::Refused(Refusal { code, text: "the library's own".into() });
            let [french, english] = Lang::ALL.map(|lang| problem.text(lang));
            assert_ne!(french, english, "{code}");
            for text in [french, english] {
                assert!(text != "the library's own" && !text.contains("refused-"), "{code}: {text}");
            }
        }
    }
}
