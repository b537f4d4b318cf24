//! What the portal asks: with a token that the two share, over the loopback.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use urne::ballot_box::Issue;

use super::Refusal;
use super::pages::Office;
use super::post::{self, Sent};
use crate::accounts::{hex, token_hash, unhex};
use crate::i18n::Lang;

/// The longest body: a voter's issues of a few contests.
const MOST_BYTES: usize = 64 * 1024;

pub fn router(office: &Arc<Office>) -> Router<Arc<Office>> {
    Router::new()
        .route("/issue/reissue", post(reissue))
        .route("/issue/stored", post(stored))
        .route("/issue/withdraw", post(withdraw))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn_with_state(office.clone(), known))
}

/// Only who shows the token goes on.
async fn known(State(office): State<Arc<Office>>, request: Request, next: Next) -> Response {
    let token = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let hash = hex(token_hash(token));
    if bool::from(hash.as_bytes().ct_eq(office.token.as_bytes())) {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self.code.as_str() {
            "issue/not-stored" | "issue/not-sent" => StatusCode::SERVICE_UNAVAILABLE,
            "issue/too-often" => StatusCode::TOO_MANY_REQUESTS,
            "issue/form" => StatusCode::BAD_REQUEST,
            _ => StatusCode::CONFLICT,
        };
        (status, Json(self)).into_response()
    }
}

#[derive(Deserialize)]
struct Reissue {
    voter: String,
    contests: Vec<u64>,
    identity_checked_at: u64,
}

#[derive(Deserialize)]
struct Stored {
    /// One of the issues of its code.
    issue: String,
    /// The language in which the voter reads.
    #[serde(default)]
    lang: String,
}

#[derive(Deserialize)]
struct Withdraw {
    issue: String,
}

#[derive(Serialize)]
struct Issues {
    issues: Vec<String>,
}

/// Whether the code is on its way; if not, whether its time was over and another can be asked for.
#[derive(Serialize)]
struct Told {
    sent: bool,
    over: bool,
}

fn form<T: for<'a> Deserialize<'a>>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::new("issue/form", error.to_string()))
}

async fn reissue(State(office): State<Arc<Office>>, body: Bytes) -> Result<Json<Issues>, Refusal> {
    let Reissue { voter, contests, identity_checked_at } = form(&body)?;
    let now = office.clock.now();
    let act = office.act(move |desk| desk.reissue(&voter, &contests, identity_checked_at, now));
    let issues = act.await.map_err(|_| failed())??;
    Ok(Json(Issues { issues: issues.iter().map(|issue| hex(issue.to_bytes())).collect() }))
}

/// The box has stored the issue: its code is sent, and forgotten. One whose time is over is not sent.
async fn stored(State(office): State<Arc<Office>>, body: Bytes) -> Result<Json<Told>, Refusal> {
    let Stored { issue, lang } = form(&body)?;
    let issue =
        Issue::from_bytes(&in_hex(&issue)?).map_err(|error| Refusal::new(error.code(), error.to_string()))?;
    let lang = Lang::of(&lang).unwrap_or(Lang::Fr);
    match post::send(&office, issue.voter().clone(), issue, lang).await {
        Ok(sent) => Ok(Json(Told { sent: sent == Sent::Yes, over: sent == Sent::Over })),
        Err(_) => Err(Refusal::new("issue/not-sent", "the code could not be sent yet, and is sent again")),
    }
}

async fn withdraw(State(office): State<Arc<Office>>, body: Bytes) -> Result<Json<()>, Refusal> {
    let Withdraw { issue } = form(&body)?;
    let issue = in_hex(&issue)?;
    office.act(move |desk| desk.withdraw(&issue)).await.map_err(|_| failed())??;
    Ok(Json(()))
}

fn in_hex(text: &str) -> Result<Vec<u8>, Refusal> {
    unhex(text).ok_or_else(|| Refusal::new("issue/form", "an issue is written in hex"))
}

fn failed() -> Refusal {
    Refusal::new("issue/not-stored", "the issuer has failed")
}
