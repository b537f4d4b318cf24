//! What the portal asks, and what it is answered: with a token that the two share, over the loopback.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use urne::ballot_box::Issue;

use super::Refusal;
use super::pages::Office;
use super::post::{self, Sent};
use crate::accounts::{hex, token_hash};
use crate::i18n::Lang;

/// The longest body: a voter's issues of a few contests.
const MOST_BYTES: usize = 64 * 1024;

/// A new code for who was identified.
#[derive(Serialize, Deserialize)]
pub struct Order {
    pub voter: String,
    pub contests: Vec<u64>,
    pub identity_checked_at: u64,
}

/// One for each contest.
#[derive(Serialize, Deserialize)]
pub struct Issues {
    pub issues: Vec<Issue>,
}

/// One of the issues of a code that was drawn, which the box has stored, or refused.
#[derive(Serialize, Deserialize)]
pub struct Drawn {
    pub issue: Issue,
    /// The language in which the voter reads.
    #[serde(default)]
    pub lang: String,
}

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
    if bool::from(hash.as_bytes().ct_eq(office.file.token.as_bytes())) {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self.code {
            "issue/not-stored" | "issue/not-sent" => StatusCode::SERVICE_UNAVAILABLE,
            "issue/too-often" => StatusCode::TOO_MANY_REQUESTS,
            "issue/form" => StatusCode::BAD_REQUEST,
            _ => StatusCode::CONFLICT,
        };
        (status, Json(self)).into_response()
    }
}

fn form<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::new("issue/form", error))
}

async fn reissue(State(office): State<Arc<Office>>, body: Bytes) -> Result<Json<Issues>, Refusal> {
    let Order { voter, contests, identity_checked_at } = form(&body)?;
    let now = office.clock.now();
    let issues = office.act(move |desk| desk.reissue(&voter, &contests, identity_checked_at, now)).await??;
    Ok(Json(Issues { issues }))
}

/// The box has stored the issue: its code is sent, and forgotten. One whose time is over is not sent.
async fn stored(State(office): State<Arc<Office>>, body: Bytes) -> Result<Json<Sent>, Refusal> {
    let Drawn { issue, lang } = form(&body)?;
    let sent = post::send(&office, issue, Lang::of(&lang).unwrap_or(Lang::Fr)).await;
    let not_sent = |_| Refusal::new("issue/not-sent", "the code could not be sent yet, and is sent again");
    sent.map(Json).map_err(not_sent)
}

async fn withdraw(State(office): State<Arc<Office>>, body: Bytes) -> Result<Json<()>, Refusal> {
    let Drawn { issue, .. } = form(&body)?;
    office.act(move |desk| desk.withdraw(&issue)).await??;
    Ok(Json(()))
}
