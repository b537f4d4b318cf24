//! What the portal asks, and what it is answered: with a token that the two share, over the loopback.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn_with_state};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use urne::ballot_box::Issue;

use super::pages::Office;
use super::post::{self, Sent};
use crate::accounts::{hex, token_hash};
use crate::boxes::Refusal;
use crate::i18n::Lang;
use crate::page::prelude::{IntoResponse, Problem, Response, Router, State, StatusCode, header, post};

/// The longest body: a voter's issues of a few contests.
const MOST_BYTES: usize = 64 * 1024;

/// A new code for who was identified.
#[derive(Serialize, Deserialize)]
pub struct Order {
    pub voter: String,
    pub contests: Vec<u64>,
    pub identity_checked_at: u64,
}

/// One of the issues of a code that was drawn, which the box has stored, or refused.
#[derive(Serialize, Deserialize)]
pub struct Drawn {
    pub issue: Issue,
    /// The language in which the voter reads.
    pub lang: Lang,
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
    let token = request.headers().get(header::AUTHORIZATION);
    let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let hash = hex(token_hash(token.unwrap_or_default()));
    if bool::from(hash.as_bytes().ct_eq(office.file.token.as_bytes())) {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

fn form<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        Problem::Refused(StatusCode::BAD_REQUEST, Refusal { code: "issue/form", text: error.to_string() })
    })
}

/// An issue for each contest.
async fn reissue(State(office): State<Arc<Office>>, body: Bytes) -> Result<Json<Vec<Issue>>, Problem> {
    let order = form(&body)?;
    office.act(move |desk| desk.reissue(&order, desk.clock.now())).await.map(Json)
}

/// The box has stored the issue: its code is sent, and forgotten. One whose time is over is not sent.
async fn stored(State(office): State<Arc<Office>>, body: Bytes) -> Result<Json<Sent>, Problem> {
    let Drawn { issue, lang } = form(&body)?;
    let sent = post::send(&office, issue, lang).await;
    sent.map(Json).map_err(|_| {
        let text = "the code could not be sent yet, and is sent again".into();
        Problem::Refused(StatusCode::SERVICE_UNAVAILABLE, Refusal { code: "issue/not-sent", text })
    })
}

async fn withdraw(State(office): State<Arc<Office>>, body: Bytes) -> Result<Json<()>, Problem> {
    let Drawn { issue, .. } = form(&body)?;
    office.act(move |desk| desk.withdraw(&issue)).await.map(Json)
}
