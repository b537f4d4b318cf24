//! The router, and what is done to every request and answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::AppendHeaders;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use urne::{ActivationNonce, DecodeError};

use crate::accounts::RunKey;
use crate::boxes::{Boxes, NoAnswer, Place, Refusal, Setup};
use crate::captcha::Captchas;
use crate::clock::Clock;
use crate::config::Config;
use crate::contests::{Contests, Waiting};
use crate::db::{self, Db};
use crate::i18n::Lang;
use crate::limits::Limits;
use crate::mail::Mailer;
use crate::page::{Assets, prelude::*};
use crate::sessions::cookie_value;
use crate::{Failure, account_pages, accounts, api, bureau, contests, issuer, voter};

/// No request takes longer, its body included.
const LONGEST: Duration = Duration::from_secs(30);
/// Bytes of a form or a ballot.
const MOST_BYTES: usize = 32 << 10;

/// But for the names of policies that make trusted types: none, or on pages that may start the audit's worker one of that
/// name, for its script is fetched by hash, and made a worker from memory.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; \
    img-src 'self'; media-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types ";

/// By session and contest.
pub type Nonces = HashMap<(Vec<u8>, u64), (ActivationNonce, i64)>;

pub struct App {
    pub config: Config,
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
    /// Codes that are asked of the issuer at a time.
    pub asking: Arc<Semaphore>,
    /// Passwords that are hashed at a time.
    hashing: Semaphore,
}

pub type Shared = Arc<App>;

impl App {
    /// Everything that must hold before anybody is answered.
    pub async fn new(config: Config, without_anchor: bool) -> Result<Shared, Failure> {
        let clock = Clock::new(config.clock_ahead.clone())?;
        let (contests, waiting) = contests::read_all(&config.public)?;
        let database = db::Place::read(&config.database, config.database_in_clear_over_the_network)?;
        let db = database.open().await?;
        let voters = accounts::import(&db, &config.own("voters.csv"), &contests, &waiting).await?;
        tracing::info!("{voters} voters, {} contests, {} to be approved", contests.len(), waiting.len());
        let place = |(number, contest): (&u64, &Contest)| Place {
            number: *number,
            contest: contest.approved.clone(),
            anchor: config.anchors.join(format!("{number}.anchor")),
            roll: config.own(format!("{number}.roll")),
            opening: contest.folder.join("opening"),
        };
        let setup = Setup {
            database,
            key: config.box_key()?,
            places: contests.iter().map(place).collect(),
            clock: clock.clone(),
            without_anchor,
        };
        let boxes = tokio::task::spawn_blocking(|| Boxes::start(setup)).await??;
        Ok(Arc::new(App {
            clock,
            db,
            boxes,
            contests,
            waiting,
            assets: Assets::read(&config.assets)?,
            captchas: Captchas::default(),
            limits: Limits::default(),
            mailer: Mailer::new(&config.mail, &config.mail_from)?,
            nonces: Mutex::default(),
            run_key: RunKey::default(),
            asking: Arc::new(Semaphore::new(issuer::MOST_ASKED)),
            hashing: Semaphore::new(2),
            config,
        }))
    }

    /// Hashes a password where nobody else waits for it, and not many at once.
    pub async fn hash<T: Send + 'static>(
        &self,
        act: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let _turn = self.hashing.acquire().await?;
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
    /// By the library.
    Refused(StatusCode, Refusal),
    Status(StatusCode),
    /// Seconds to wait.
    TooMany(i64),
    ComeBack,
    Internal(String),
}

impl Problem {
    /// The status, and the code for programs.
    fn told(&self) -> (StatusCode, &'static str) {
        match self {
            Problem::Login { ended: false, .. } => (StatusCode::UNAUTHORIZED, "portal/login"),
            Problem::Login { .. } => (StatusCode::UNAUTHORIZED, "portal/ended-elsewhere"),
            Problem::Forged => (StatusCode::FORBIDDEN, "portal/forged"),
            Problem::NotFound => (StatusCode::NOT_FOUND, "portal/not-found"),
            Problem::Bad(_) => (StatusCode::BAD_REQUEST, "portal/bad"),
            Problem::Refused(status, refusal) => (*status, refusal.code),
            Problem::Status(status @ StatusCode::PAYLOAD_TOO_LARGE) => (*status, "portal/too-large"),
            Problem::Status(status) => (*status, "portal/status"),
            Problem::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "portal/too-many"),
            Problem::ComeBack => (StatusCode::SERVICE_UNAVAILABLE, "portal/come-back"),
            Problem::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "portal/internal"),
        }
    }

    /// Texts have the codes for their keys; where there is none, the library's words are in English.
    fn text(&self, lang: Lang) -> (String, Lang) {
        let code = self.told().1;
        let key = format!("refused-{}", code.replace('/', "-"));
        let text = match self {
            Problem::Bad(key) => lang.text(key),
            Problem::TooMany(seconds) => lang.with(&key, &[("seconds", &seconds.to_string())]),
            Problem::Refused(_, of) if code.starts_with("decode/") => {
                lang.with("refused-decode", &[("why", &of.text)])
            }
            Problem::Refused(_, of) if !lang.has(&key) => return (of.text.clone(), Lang::En),
            _ => lang.text(&key),
        };
        (text, lang)
    }

    /// What is wrong with what was sent, by the key of its text, unless it is as it should be.
    pub fn unless(holds: bool, key: &'static str) -> Result<(), Problem> {
        if holds { Ok(()) } else { Err(Problem::Bad(key)) }
    }

    /// What a form of the library refuses.
    pub fn refused<E: std::fmt::Display>(code: &'static str, error: &E) -> Problem {
        Problem::Refused(StatusCode::CONFLICT, Refusal { code, text: error.to_string() })
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.told().0.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl<E: Into<Failure>> From<E> for Problem {
    fn from(error: E) -> Problem {
        let error = error.into();
        if let Some(error) = error.downcast_ref::<DecodeError>() {
            let refusal = Refusal { code: error.code(), text: error.to_string() };
            return Problem::Refused(StatusCode::BAD_REQUEST, refusal);
        }
        // The database is away: whoever asks again later is answered.
        if error.is::<sqlx::Error>() {
            tracing::error!("database: {error}");
            return Problem::ComeBack;
        }
        Problem::Internal(error.to_string())
    }
}

impl From<NoAnswer> for Problem {
    fn from(error: NoAnswer) -> Problem {
        match error {
            NoAnswer::ComeBack => Problem::ComeBack,
            NoAnswer::Refused(refusal) => Problem::Refused(StatusCode::CONFLICT, refusal),
        }
    }
}

page!("problem.html", ProblemPage { page: Page, said_in: Lang });

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
    let lang = chosen.or(kept).unwrap_or_else(|| accepted(headers));
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
    let cookie = |lang: Lang| format!("lang={}; Path=/; Secure; SameSite=Lax; Max-Age=31536000", lang.code());
    let cookie = chosen.map(|lang| AppendHeaders([(header::SET_COOKIE, cookie(lang))]));
    let mut response = (cookie, response).into_response();
    let with_worker = matches!(route.as_str(), "/check" | "/audit");
    let policies = if with_worker { "urne-worker; worker-src blob:" } else { "'none'" };
    set_headers(response.headers_mut(), &format!("{POLICY}{policies}"));
    tracing::info!("{method} {route} {} {} ms", response.status().as_u16(), begun.elapsed().as_millis());
    response
}

/// The language that a browser asks for.
pub fn accepted(headers: &HeaderMap) -> Lang {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Lang::accepted(accepted.unwrap_or("fr"))
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
    let ((status, code), (text, said_in)) = (problem.told(), problem.text(lang));
    let seconds = if let Problem::TooMany(seconds) = problem { *seconds } else { 1 };
    let waits = matches!(problem, Problem::TooMany(_) | Problem::ComeBack);
    let wait = waits.then(|| [(header::RETRY_AFTER, seconds.to_string())]);
    match problem {
        _ if as_json => (status, wait, axum::Json(json!({ "code": code, "text": text }))).into_response(),
        Problem::Login { bureau, ended } => {
            let to = if *bureau { "/bureau/login" } else { "/" };
            let why = if *ended { "?ended=1" } else { "" };
            Redirect::to(&format!("{to}{why}")).into_response()
        }
        _ => {
            let page = Page { error: text, ..Page::public(app, lang) };
            (wait, html_as(status, &ProblemPage { page, said_in })).into_response()
        }
    }
}

pub fn set_headers(headers: &mut HeaderMap, policy: &str) {
    let policy = HeaderValue::from_str(policy);
    headers.extend(policy.map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    for (name, value) in [
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

async fn asset(State(app): State<Shared>, Path(name): Path<String>, headers: HeaderMap) -> Answer {
    let sent = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asset = app.assets.files.get(name.as_str()).ok_or(Problem::NotFound)?;
    let packed = asset.packed.as_ref().filter(|_| sent(header::ACCEPT_ENCODING).contains("gzip"));
    let encoding = packed.map(|_| [(header::CONTENT_ENCODING, "gzip")]);
    let tag = format!("\"{}\"", asset.hash);
    let about = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept-encoding"),
        (header::ETAG, tag.as_str()),
    ];
    if sent(header::IF_NONE_MATCH) == tag {
        return Ok((StatusCode::NOT_MODIFIED, about, encoding, ()).into_response());
    }
    Ok((about, encoding, packed.unwrap_or(&asset.bytes).clone()).into_response())
}

#[cfg(test)]
mod tests {
    use urne::ballot::BallotError;
    use urne::ballot_box::{ActivationError, BoxFlaw, ChallengeRefusal, CloseError, DepositError};
    use urne::bureau::TrusteeSignatureError;
    use urne::contest::ContestError;
    use urne::tally::{EndorsementError, FactorError, OpeningError};

    use super::*;

    #[test]
    fn whatever_the_box_answers_to_a_voter_has_a_text_in_both_languages() {
        let of_box =
            [ActivationError::CODES, DepositError::CODES, ChallengeRefusal::CODES, BallotError::CODES];
        let codes: Vec<_> = of_box.into_iter().chain([DecodeError::CODES]).flatten().copied().collect();
        assert!(codes.len() > 30);
        have_texts(&codes);
        // Of what a page can never meet the library's words are said for what they are.
        let refusal = Refusal { code: "contest/no-list", text: "the library's own".into() };
        let (text, said_in) = Problem::Refused(StatusCode::CONFLICT, refusal).text(Lang::Fr);
        assert_eq!((text.as_str(), said_in), ("the library's own", Lang::En));
    }

    /// When its members upload what a trustee or the issuer has made, close, and publish.
    #[test]
    fn whatever_the_bureau_is_answered_has_a_text_in_both_languages() {
        let of_all = [
            TrusteeSignatureError::CODES,
            EndorsementError::CODES,
            FactorError::CODES,
            OpeningError::CODES,
            CloseError::CODES,
        ];
        let mut codes: Vec<_> = of_all.into_iter().flatten().copied().collect();
        // What `SignedClosing::verify` says of a closing, and `ApprovedContest::new` of an approval of a contest that reads.
        codes.extend(
            ["foreign-closing", "closing-signature", "early-closing", "late-number", "issuer-signature"].map(
                |flaw| BoxFlaw::CODES.iter().copied().find(|code| *code == format!("box/{flaw}")).unwrap(),
            ),
        );
        codes.extend(ContestError::CODES.iter().filter(|code| code.ends_with("/approval")));
        assert_eq!(codes.len(), 21);
        have_texts(&codes);
    }

    fn have_texts(codes: &[&'static str]) {
        for &code in codes {
            let problem =
                Problem::Refused(StatusCode::CONFLICT, Refusal { code, text: "the library's own".into() });
            let [french, english] = Lang::ALL.map(|lang| problem.text(lang).0);
            assert_ne!(french, english, "{code}");
            for text in [french, english] {
                assert!(text != "the library's own" && !text.contains("refused-"), "{code}: {text}");
            }
        }
    }
}
