//! Complaints: sent by voters, answered by the bureau.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};

use crate::accounts::{hex, random_token};
use crate::bureau::page;
use crate::on;
use crate::page::{Page, html, html_as};
use crate::sessions::{Member, Posted};
use crate::voter::Visit;
use crate::web::{Problem, Shared};

const LONGEST: usize = 5_000;
const LONGEST_ANSWER: usize = 20_000;
/// Of one voter.
const MOST: usize = 50;

struct Complaint {
    id: String,
    /// Of whom.
    name: String,
    text: String,
    at: i64,
    answer: Option<String>,
    answered_by: Option<String>,
}

impl Complaint {
    fn seconds(&self) -> u64 {
        self.at.unsigned_abs()
    }

    /// So that the voter can show what was written.
    fn digest(&self) -> String {
        hex(Sha256::digest(self.text.as_bytes()))
    }
}

/// Those of a voter, or all.
async fn sent(app: &Shared, voter: Option<&str>) -> Result<Vec<Complaint>, Problem> {
    type Columns = (String, String, String, i64, Option<String>, Option<String>);
    let found: Vec<Columns> = on!(&app.db, pool => sqlx::query_as(
        "SELECT complaints.id, voters.name, text, at, answer, answered_by FROM complaints \
         JOIN voters ON voters.id = complaints.voter WHERE voter = $1 OR $2 = 1 ORDER BY at DESC, complaints.id")
        .bind(voter.unwrap_or_default()).bind(i64::from(voter.is_none())).fetch_all(pool).await)?;
    let complaint =
        |(id, name, text, at, answer, answered_by)| Complaint { id, name, text, at, answer, answered_by };
    Ok(found.into_iter().map(complaint).collect())
}

#[derive(Template)]
#[template(path = "complaint.html")]
struct OwnPage<'a> {
    page: &'a Page,
    complaints: Vec<Complaint>,
    error: String,
    text: &'a str,
}

pub async fn own(by: Visit) -> Result<Response, Problem> {
    let complaints = sent(&by.app, Some(&by.account.id)).await?;
    html(&OwnPage { page: &by.page, complaints, error: String::new(), text: "" })
}

/// The receipt is the number, the time and the hash of the text, on the page that follows.
pub async fn complain(State(app): State<Shared>, posted: Posted<false>) -> Result<Response, Problem> {
    let (by, text) = (Visit::of(&app, &posted.by).await?, posted.fields.get("text").replace("\r\n", "\n"));
    let complaints = sent(&app, Some(&by.account.id)).await?;
    let wrong = match text.trim().chars().count() {
        0 => Some("complaint-empty"),
        1..=LONGEST if complaints.len() < MOST => None,
        1..=LONGEST => Some("complaint-too-many"),
        _ => Some("complaint-long"),
    };
    if let Some(wrong) = wrong {
        let again = OwnPage { page: &by.page, complaints, error: by.page.t(wrong), text: &text };
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &again);
    }
    let id = random_token().split_off(52);
    on!(&app.db, pool => sqlx::query("INSERT INTO complaints(id, voter, text, at) VALUES ($1, $2, $3, $4)")
        .bind(&id).bind(&by.account.id).bind(text.trim()).bind(app.clock.seconds())
        .execute(pool).await.map(drop))?;
    Ok(Redirect::to("/complaint").into_response())
}

#[derive(Template)]
#[template(path = "complaints.html")]
struct AllPage {
    page: Page,
    complaints: Vec<Complaint>,
}

pub async fn all(member: Member, State(app): State<Shared>) -> Result<Response, Problem> {
    html(&AllPage { page: page(&app, &member), complaints: sent(&app, None).await? })
}

/// An answer is given once.
pub async fn answer(State(app): State<Shared>, posted: Posted<true>) -> Result<Response, Problem> {
    let (id, text) = (posted.fields.get("id"), posted.fields.get("answer").trim());
    if text.is_empty() || text.len() > LONGEST_ANSWER {
        return Err(Problem::Bad("complaint-empty"));
    }
    on!(&app.db, pool => sqlx::query(
        "UPDATE complaints SET answer = $1, answered_by = $2, answered_at = $3 WHERE id = $4 AND answer IS NULL")
        .bind(text).bind(&posted.by.session.who).bind(app.clock.seconds()).bind(id)
        .execute(pool).await.map(drop))?;
    Ok(Redirect::to("/bureau/complaints").into_response())
}
