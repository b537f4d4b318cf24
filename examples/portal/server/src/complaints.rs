//! Complaints: sent by voters, answered by the bureau.

use sha2::{Digest, Sha256};

use crate::accounts::{hex, random_token};
use crate::page::prelude::*;
use crate::voter::Visit;

/// Characters of a complaint, and of its answer; both pages say it to the browser, and the texts `complaint-long` and
/// `complaint-answer-long` to people.
const LONGEST: usize = 5_000;
/// Bytes of the form in which one is sent: a character takes 12 at most (four bytes, each as `%F0`), and with the other
/// fields the longest text still comes here, where it is counted.
pub const MOST_BYTES: usize = 64 << 10;
const _: () = assert!(12 * LONGEST + 1_024 <= MOST_BYTES);
/// Of one voter.
const MOST: usize = 50;

/// Its number, of whom, the text, when, and the answer, if there is one, with the name of who gave it.
type Complaint = (String, String, String, i64, Option<String>, Option<String>);

/// Those of a voter, or all.
async fn sent(app: &Shared, voter: Option<&str>) -> sqlx::Result<Vec<Complaint>> {
    let select = "SELECT complaints.id, voters.name, text, at, answer, answered_by FROM complaints \
        JOIN voters ON voters.id = complaints.voter WHERE voter = $1 OR $2 = 1 ORDER BY at DESC, complaints.id";
    let (all, voter) = (i64::from(voter.is_none()), voter.unwrap_or_default());
    sql!(query_as, select, voter, all).fetch_all(&app.db).await
}

/// So that the voter can show what was written.
fn digest(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()))
}

page!("complaint.html", OwnPage<'a> { page: Page, complaints: Vec<Complaint>, text: &'a str });

pub async fn own(Visit { app, account, page, .. }: Visit) -> Answer {
    html(&OwnPage { page, complaints: sent(&app, Some(&account.id)).await?, text: "" })
}

/// The receipt is the number, the time and the hash of the text, on the page that follows.
pub async fn complain(Posted { by, fields }: Posted<false>) -> Answer {
    let Visit { app, account, page, .. } = Visit::of(by).await?;
    let text = &fields.get("text").replace("\r\n", "\n");
    let complaints = sent(&app, Some(&account.id)).await?;
    let wrong = match text.trim().chars().count() {
        0 => Some("complaint-empty"),
        1..=LONGEST if complaints.len() < MOST => None,
        1..=LONGEST => Some("complaint-too-many"),
        _ => Some("complaint-long"),
    };
    if let Some(wrong) = wrong {
        let again = OwnPage { page: page.wrong(wrong), complaints, text };
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &again);
    }
    let (id, now) = (random_token().split_off(52), app.clock.seconds());
    let insert = "INSERT INTO complaints(id, voter, text, at) VALUES ($1, $2, $3, $4)";
    sql!(query, insert, id, &account.id, text.trim(), now).execute(&app.db).await?;
    Ok(Redirect::to("/complaint").into_response())
}

page!("complaints.html", AllPage { page: Page, complaints: Vec<Complaint> });

pub async fn all(by: Member) -> Answer {
    html(&AllPage { page: by.page(), complaints: sent(&by.app, None).await? })
}

/// An answer is given once.
pub async fn answer(Posted { by, fields }: Posted<true>) -> Answer {
    let text = fields.get("answer").replace("\r\n", "\n");
    let text = text.trim();
    Problem::unless(!text.is_empty(), "complaint-empty")?;
    Problem::unless(text.chars().count() <= LONGEST, "complaint-answer-long")?;
    let (id, now) = (fields.get("id"), by.app.clock.seconds());
    let update = "UPDATE complaints SET answer = $1, answered_by = $2, answered_at = $3 \
                  WHERE id = $4 AND answer IS NULL";
    sql!(query, update, text, &by.session.who, now, id).execute(&by.app.db).await?;
    Ok(Redirect::to("/bureau/complaints").into_response())
}
