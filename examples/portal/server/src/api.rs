//! What the booth asks, monitors, and whoever reads what is public. Bodies are forms of the library.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use axum::Json;
use axum::body::{Body, Bytes};
use tokio::sync::Semaphore;
use tokio_util::io::ReaderStream;
use urne::{Activation, ActivationNonce, DecodeError, VoterId};

use crate::accounts::{hex, rng};
use crate::boxes::{NoAnswer, refused};
use crate::bureau::OF_TRUSTEES;
use crate::contests::is_second_closing;
use crate::db;
use crate::page::prelude::*;
use crate::sessions::Session;

/// Seconds for which a nonce is answered.
const NONCE_SERVES: u64 = 300;
const MOST_NONCES: usize = 200_000;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/{contest}/state", get(state))
        .route("/api/{contest}/nonce", post(nonce))
        .route("/api/{contest}/activate", post(activate))
        .route("/api/{contest}/deposit", post(deposit))
        .route("/api/{contest}/challenge", post(challenge))
        .route("/api/{contest}/receipt", get(receipt))
        .route("/api/heads", get(heads))
        .route("/api/{contest}/consistency/{from}", get(consistency))
        .route("/healthz", get(healthz))
        .route("/public/fingerprints.json", get(fingerprints))
        .route("/public/{contest}/{name}", get(public))
}

fn form(bytes: impl Into<Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes.into()).into_response()
}

/// A voter at `/api/{contest}/…`.
struct At {
    app: Shared,
    session: Session,
    id: VoterId,
    contest: u64,
}

impl FromRequestParts<Shared> for At {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let voter = Voter::from_request_parts(parts, app).await?;
        let Path(contest) = Path::from_request_parts(parts, app).await.map_err(|_| Problem::NotFound)?;
        app.contest(contest)?;
        Ok(At { app: app.clone(), id: voter.id()?, session: voter.session, contest })
    }
}

async fn state(At { app, id, contest, .. }: At) -> Answer {
    let state = app.boxes.look(contest, move |of, now| of.state(&id, now)).await?;
    let not_on_roll = || Problem::refused("deposit/not-on-roll", &"not on the roll of this contest");
    Ok(form(state.ok_or_else(not_on_roll)?.to_bytes()))
}

async fn nonce(At { app, session, .. }: At) -> Answer {
    let (nonce, now) = (ActivationNonce::generate(&mut rng()), app.clock.seconds());
    let mut nonces = app.nonces.lock().unwrap_or_else(PoisonError::into_inner);
    if nonces.len() >= MOST_NONCES {
        nonces.retain(|_, (_, at)| now.abs_diff(*at) < NONCE_SERVES);
    }
    // A voting code answers one nonce for all contests of its voter; in each of them it serves once.
    nonces.extend(app.contests.keys().map(|contest| ((session.hash.clone(), *contest), (nonce, now))));
    Ok(form(nonce.to_bytes().to_vec()))
}

/// Nonce and activation, one after the other. A nonce serves once, in the session that it was drawn for.
async fn activate(At { app, session, id, contest }: At, body: Bytes) -> Result<StatusCode, Problem> {
    let short = DecodeError::TooShort { expected: 32, actual: body.len() };
    let (given, activation) = body.split_first_chunk::<32>().ok_or(short)?;
    let (activation, now) = (Activation::from_bytes(activation)?, app.clock.seconds());
    let key = (session.hash, contest);
    let drawn = app.nonces.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    let serves = |of: &(ActivationNonce, i64)| of.0.to_bytes() == *given && now.abs_diff(of.1) < NONCE_SERVES;
    let drawn = drawn.filter(serves).ok_or(Problem::Bad("common-nonce"))?;
    let activated = app.boxes.change(contest, move |of, now| {
        of.activate(&id, &drawn.0, &activation, now).map_err(|error| refused(error.code(), &error))
    });
    let answer = activated.await;
    if matches!(answer, Err(NoAnswer::ComeBack)) {
        // The same is to be sent again, which the box answers alike if it has it.
        app.nonces.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(drawn);
    }
    answer?;
    Ok(StatusCode::NO_CONTENT)
}

async fn deposit(At { app, id, contest, .. }: At, body: Bytes) -> Answer {
    Ok(form(app.boxes.deposit(contest, id, body.to_vec()).await?.to_bytes()))
}

async fn challenge(At { app, id, contest, .. }: At, body: Bytes) -> Result<StatusCode, Problem> {
    let challenged = app.boxes.change(contest, move |of, now| {
        of.challenge(&id, &body, now).map_err(|error| refused(error.code(), &error))
    });
    challenged.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The voter's own, at any time.
async fn receipt(At { app, id, contest, .. }: At) -> Answer {
    let receipt = app.boxes.look(contest, move |of, _| of.receipt_again(&id)).await?;
    Ok(form(receipt.ok_or(Problem::NotFound)?.to_bytes()))
}

/// What anybody may ask of the boxes at once, so that it does not fill the queue that votes come through.
static FOR_ALL: Semaphore = Semaphore::const_new(8);

/// Of every contest the head as it is, in hex.
async fn heads(State(app): State<Shared>) -> Answer {
    let _one = FOR_ALL.try_acquire().map_err(|_| Problem::ComeBack)?;
    let mut heads = BTreeMap::new();
    for number in app.contests.keys() {
        heads.insert(number.to_string(), hex(app.boxes.look(*number, |of, _| of.head().to_bytes()).await?));
    }
    Ok(Json(heads).into_response())
}

/// The head as it is, and the path to it from that of `from` ballots; an empty one from none.
async fn consistency(State(app): State<Shared>, Path((contest, from)): Path<(u64, u64)>) -> Answer {
    app.contest(contest)?;
    let _one = FOR_ALL.try_acquire().map_err(|_| Problem::ComeBack)?;
    let (head, path) = app.boxes.look(contest, move |of, _| (of.head(), of.consistency(from))).await?;
    if from > head.size {
        return Err(Problem::NotFound);
    }
    let path = path.map(|path| hex(path.to_bytes())).unwrap_or_default();
    Ok(Json(json!({ "head": hex(head.to_bytes()), "path": path })).into_response())
}

async fn healthz(State(app): State<Shared>) -> Response {
    // Asked, and not only looked up: boxes that are to be made again are made when somebody asks, and a thread that ended
    // says nothing of it.
    let boxes = match (FOR_ALL.try_acquire(), app.contests.keys().next()) {
        (Ok(_one), Some(number)) => app.boxes.look(*number, |_, _| ()).await.is_ok(),
        _ => app.boxes.are_ready(),
    };
    let database = db::is_there(&app.db).await;
    let status = if boxes && database { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "boxes": boxes, "database": database }))).into_response()
}

async fn fingerprints(State(app): State<Shared>) -> Answer {
    file(&app.config.public.join("fingerprints.json"), "application/json").await
}

/// Only what is named here: no path is made of what was sent.
async fn public(State(app): State<Shared>, Path((contest, name)): Path<(u64, String)>) -> Answer {
    let (trustee, form) = name.split_once('.').unwrap_or_default();
    let is_number = trustee.parse::<u8>().is_ok_and(|number| number.to_string() == trustee);
    let kind = match name.as_str() {
        "contest.json" | "approved.json" | "closed.json" | "record.json" | "documents" => "application/json",
        "opening" | "closing" => "application/octet-stream",
        _ if is_number && OF_TRUSTEES.contains(&form) => "application/octet-stream",
        other if is_second_closing(other) => "application/octet-stream",
        _ => return Err(Problem::NotFound),
    };
    file(&app.config.public.join(contest.to_string()).join(name), kind).await
}

/// As a stream: a record is long.
async fn file(path: &std::path::Path, kind: &'static str) -> Answer {
    let file = tokio::fs::File::open(path).await.map_err(|_| Problem::NotFound)?;
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}
