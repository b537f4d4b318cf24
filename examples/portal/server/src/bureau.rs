//! The bureau's pages: counter, signings, integrity, complaints, and the count.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use axum::extract::DefaultBodyLimit;
use serde::Deserialize;
use urne::DecodeError;
use urne::ballot_box::Head;

use crate::account_pages::{enter, login_page};
use crate::accounts::{folded, hex};
use crate::complaints;
use crate::page::{prelude::*, seen};

mod count;

pub use count::OF_TRUSTEES;

pub fn routes() -> Router<Shared> {
    let longer = DefaultBodyLimit::max(complaints::MOST_BYTES);
    Router::new()
        .route("/bureau/login", get(login_page).post(enter::<true>))
        .route("/bureau", get(counter))
        .route("/bureau/signings", get(signings))
        .route("/bureau/signings.csv", get(signings_csv))
        .route("/bureau/turnout.csv", get(turnout_csv))
        .route("/bureau/integrity", get(integrity).post(looked))
        .route("/bureau/{contest}/box.head", get(head_form))
        .route("/bureau/complaints", get(complaints::all).post(complaints::answer).layer(longer))
        .route("/bureau/close", post(count::close))
        .route("/bureau/{contest}/signings.urne", get(count::signings_form))
        .route("/bureau/{contest}/upload", post(count::upload).layer(DefaultBodyLimit::max(MOST_UPLOADED)))
        .route("/bureau/{contest}/publish", post(count::publish))
        .route("/bureau/minutes", get(count::minutes))
        .route("/results", get(count::results))
}

/// Bytes of what a trustee uploads.
const MOST_UPLOADED: usize = 1 << 20;

struct Counter<'a> {
    contest: &'a Contest,
    voters: u64,
    ballots: u64,
    /// What trustees and issuer have given so far, in words.
    given: Vec<String>,
}

page!("bureau.html", BureauPage<'a> {
    page: Page,
    /// Contests that are still to be approved, and who has.
    waiting: Vec<(&'a urne::Contest, Vec<String>)>,
    counters: Vec<Counter<'a>>,
    days: BTreeMap<String, BTreeMap<u64, u64>>,
    may_close: bool,
});

/// One in a hundred, with two digits after the point.
fn share(part: impl Borrow<u64>, whole: impl Borrow<u64>) -> String {
    let (part, whole) = (u128::from(*part.borrow()), u128::from(*whole.borrow()));
    let hundredths = (part * 10_000).checked_div(whole).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

async fn counter(by: Member) -> Answer {
    let (app, now, mut counters) = (&by.app, by.app.clock.now().seconds(), Vec::new());
    for contest in app.contests.values() {
        let look =
            app.boxes.look(contest.number, |of, _| (of.roll().signed_opening().voters(), of.head().size));
        let (voters, ballots) = look.await?;
        let given = count::given(by.lang, contest.approved.contest(), &contest.folder);
        counters.push(Counter { contest, voters, ballots, given });
    }
    let folder = |of: &urne::Contest| app.config.public.join(of.description().number.to_string());
    let approvals = |of: &urne::Contest| count::given(by.lang, of, &folder(of));
    let waiting = app.waiting.values().map(|of| (of, approvals(of))).collect();
    let may_close = counters.iter().any(|of| of.contest.ends_at() <= now && !of.contest.has("closed.json"));
    html(&BureauPage { page: by.page(), waiting, counters, days: turnout(app).await?, may_close })
}

/// How many voted on each day (of Paris) in each contest.
async fn turnout(app: &Shared) -> Result<BTreeMap<String, BTreeMap<u64, u64>>, Problem> {
    // Paris is whole hours from UTC, so an hour is of one day.
    let found: Vec<(i64, i64, i64)> = on!(&app.db, pool => sqlx::query_as(
        "SELECT contest, at / 3600, count(*) FROM receipts GROUP BY contest, at / 3600").fetch_all(pool).await)?;
    let mut days: BTreeMap<String, BTreeMap<u64, u64>> = BTreeMap::new();
    for (contest, hour, votes) in found {
        let none = || app.contests.keys().map(|number| (*number, 0)).collect();
        let day = days.entry(app.clock.day(hour * 3_600)).or_insert_with(none);
        *day.entry(contest.unsigned_abs()).or_default() += votes.unsigned_abs();
    }
    Ok(days)
}

async fn turnout_csv(by: Member) -> Answer {
    let numbers = by.app.contests.keys().map(u64::to_string);
    let heads = [by.lang.text("bureau-day")].into_iter().chain(numbers).collect();
    let row = |(day, of): (String, BTreeMap<u64, u64>)| {
        [day].into_iter().chain(of.into_values().map(|votes| votes.to_string())).collect()
    };
    csv_file(heads, turnout(&by.app).await?.into_iter().map(row), "participation.csv")
}

page!("signings.html", SigningsPage<'a> { page: Page, contest: &'a Contest, signings: Vec<(String, String)> });

#[derive(Deserialize)]
struct Of {
    contest: u64,
}

/// Who has voted in a contest, in the order of the alphabet and without times: names and ids.
async fn signed(app: &Shared, contest: u64) -> Result<(&Contest, Vec<(String, String)>), Problem> {
    let contest = app.contest(contest)?;
    let mut signed: Vec<(String, String)> = on!(&app.db, pool => sqlx::query_as(
        "SELECT voters.name, voters.id FROM receipts JOIN voters ON voters.id = receipts.voter \
         WHERE receipts.contest = $1").bind(contest.number.cast_signed()).fetch_all(pool).await)?;
    signed.sort_by_cached_key(|(name, id)| (folded(name), id.clone()));
    Ok((contest, signed))
}

async fn signings(by: Member, Query(of): Query<Of>) -> Answer {
    let (contest, signings) = signed(&by.app, of.contest).await?;
    let page = Page { keep: format!("contest={}&", contest.number), ..by.page() };
    html(&SigningsPage { page, contest, signings })
}

/// For the votes by post to be set aside of those who voted here (R. 211-578).
async fn signings_csv(by: Member, Query(of): Query<Of>) -> Answer {
    let (contest, signed) = signed(&by.app, of.contest).await?;
    let rows = signed.into_iter().map(|(name, id)| vec![name, id]);
    csv_file(["me-name", "me-id"].map(|key| by.lang.text(key)).into(), rows, &format!("emargement-{}.csv", contest.number))
}

fn csv_file(heads: Vec<String>, rows: impl Iterator<Item = Vec<String>>, name: &str) -> Answer {
    let mut file = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    for row in [heads].into_iter().chain(rows) {
        file.write_record(row.iter().map(|cell| inert(&seen(cell))))?;
    }
    let bytes = file.into_inner().map_err(|error| error.into_error())?;
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

struct Looked<'a> {
    contest: &'a Contest,
    receipts: i64,
    head: Head,
    /// The head that this member saw last, when, and whether the box has grown from there.
    before: Option<(Head, i64, bool)>,
    path: String,
}

page!("integrity.html", IntegrityPage<'a> { page: Page, contests: Vec<Looked<'a>> });

async fn look<'a>(by: &Member, contest: &'a Contest) -> Result<Looked<'a>, Problem> {
    let (db, number) = (&by.app.db, contest.number.cast_signed());
    let seen: Option<(Vec<u8>, i64)> = on!(db, pool => sqlx::query_as(
        "SELECT head, at FROM reviews WHERE member = $1 AND contest = $2")
        .bind(&by.session.who).bind(number).fetch_optional(pool).await)?;
    let read = |(head, at): (Vec<u8>, i64)| Ok::<_, DecodeError>((Head::from_bytes(&head)?, at));
    let seen = seen.map(read).transpose().map_err(|error| Problem::Internal(error.to_string()))?;
    let look = by.app.boxes.look(contest.number, move |of, _| {
        let before = seen.map(|(old, at)| (old, at, of.check_head(&old).is_ok()));
        (of.head(), before, seen.and_then(|(old, _)| of.consistency(old.size)))
    });
    let (head, before, path) = look.await?;
    let receipts = on!(db, pool => sqlx::query_scalar("SELECT count(*) FROM receipts WHERE contest = $1")
        .bind(number).fetch_one(pool).await)?;
    let path = path.map(|path| hex(path.to_bytes())).unwrap_or_default();
    Ok(Looked { contest, receipts, head, before, path })
}

async fn integrity(by: Member) -> Answer {
    let mut contests = Vec::new();
    for contest in by.app.contests.values() {
        contests.push(look(&by, contest).await?);
    }
    html(&IntegrityPage { page: by.page(), contests })
}

/// The head in its form, for the trustees.
async fn head_form(by: Member, Path(number): Path<u64>) -> Answer {
    by.app.contest(number)?;
    let head = by.app.boxes.look(number, |of, _| of.head()).await?;
    Ok(download(head.to_bytes().into(), "application/octet-stream", &format!("{number}-{}.head", head.size)))
}

/// Keeps the heads as they are now, for the next look; not where the box has not grown from the last.
async fn looked(Posted { by, .. }: Posted<true>) -> Answer {
    for contest in by.app.contests.values() {
        let Looked { head, before: None | Some((.., true)), .. } = look(&by, contest).await? else {
            continue;
        };
        on!(&by.app.db, pool => sqlx::query(
            "INSERT INTO reviews(member, contest, head, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (member, contest) DO UPDATE SET head = excluded.head, at = excluded.at")
            .bind(&by.session.who).bind(contest.number.cast_signed()).bind(head.to_bytes())
            .bind(by.app.clock.seconds()).execute(pool).await.map(drop))?;
    }
    Ok(Redirect::to("/bureau/integrity").into_response())
}

/// A file to be kept.
fn download(bytes: Vec<u8>, kind: &'static str, name: &str) -> Response {
    let to_be_kept = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, to_be_kept.as_str())], bytes)
        .into_response()
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
