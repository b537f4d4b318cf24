//! Who has voted, in the order of the alphabet and without times; how many, by day.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::{download, page, turnout};
use crate::accounts::folded;
use crate::on;
use crate::page::{Page, html};
use crate::sessions::Member;
use crate::web::{Problem, Shared};

#[derive(Deserialize)]
pub struct Of {
    contest: u64,
}

#[derive(Template)]
#[template(path = "signings.html")]
struct SigningsPage {
    page: Page,
    number: u64,
    title: String,
    signings: Vec<(String, String)>,
}

/// Names and ids.
async fn signed(app: &Shared, contest: u64) -> Result<Vec<(String, String)>, Problem> {
    let number = i64::try_from(contest).map_err(|_| Problem::NotFound)?;
    let mut signed: Vec<(String, String)> = on!(&app.db, pool => sqlx::query_as(
        "SELECT voters.name, voters.id FROM receipts JOIN voters ON voters.id = receipts.voter \
         WHERE receipts.contest = $1").bind(number).fetch_all(pool).await)?;
    signed.sort_by_cached_key(|(name, id)| (folded(name), id.clone()));
    Ok(signed)
}

pub async fn signings(
    member: Member,
    State(app): State<Shared>,
    Query(Of { contest }): Query<Of>,
) -> Result<Response, Problem> {
    let (title, signings) = (app.contest(contest)?.title().to_string(), signed(&app, contest).await?);
    let mut page = page(&app, &member);
    page.keep = format!("contest={contest}&");
    html(&SigningsPage { page, number: contest, title, signings })
}

/// For the votes by post to be set aside of those who voted here (R. 211-578).
pub async fn signings_csv(
    _: Member,
    State(app): State<Shared>,
    Query(Of { contest }): Query<Of>,
) -> Result<Response, Problem> {
    app.contest(contest)?;
    let signed = signed(&app, contest).await?;
    let rows = signed.into_iter().map(|(name, id)| vec![name, id]);
    csv_file(&["name", "id"], rows, &format!("emargement-{contest}.csv"))
}

pub async fn turnout_csv(_: Member, State(app): State<Shared>) -> Result<Response, Problem> {
    let heads: Vec<String> = app.contests.keys().map(u64::to_string).collect();
    let heads: Vec<&str> = ["day"].into_iter().chain(heads.iter().map(String::as_str)).collect();
    let row = |(day, of): (String, std::collections::BTreeMap<u64, u64>)| {
        [day].into_iter().chain(of.into_values().map(|votes| votes.to_string())).collect()
    };
    csv_file(&heads, turnout(&app).await?.into_iter().map(row), "participation.csv")
}

fn csv_file(
    heads: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    name: &str,
) -> Result<Response, Problem> {
    let internal = |error: &dyn std::fmt::Display| Problem::Internal(error.to_string());
    let mut file = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    file.write_record(heads).map_err(|error| internal(&error))?;
    for row in rows {
        file.write_record(row.iter().map(|cell| inert(cell))).map_err(|error| internal(&error))?;
    }
    let bytes = file.into_inner().map_err(|error| internal(&error))?;
    Ok(download(bytes, "text/csv; charset=utf-8", name))
}

/// What a spreadsheet would take for a formula is text, also where it splits lines elsewhere than we do: a French one at `;`,
/// for which a quote in the middle of a cell is a letter.
fn inert(cell: &str) -> String {
    let formula = |part: &str| {
        let begins = part.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        begins.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
    };
    let marked = |part: &str| if formula(part) { format!("'{part}") } else { part.into() };
    cell.split_inclusive([';', ',', '\t', '\r', '\n', '|']).map(marked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\u{a0}=1", "\"=1\""] {
            assert_eq!(inert(cell), format!("'{cell}"));
        }
        assert_eq!((inert("Jo-Ann = Doe"), inert("")), ("Jo-Ann = Doe".into(), String::new()));
        assert_eq!(inert("Jo;=1+1;x,\"=2\t-3\r+4"), "Jo;'=1+1;x,'\"=2\t'-3\r'+4");
    }
}
