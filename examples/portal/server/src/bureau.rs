//! The bureau's pages: counter, signings, integrity, complaints, and the count.

use std::collections::BTreeMap;

use urne::DecodeError;
use urne::ballot_box::Head;

use crate::account_pages::{enter, login_page, logout};
use crate::accounts::folded;
use crate::complaints;
use crate::page::{prelude::*, seen};

mod count;

pub use count::OF_TRUSTEES;

pub fn routes() -> Router<Shared> {
    let longer = DefaultBodyLimit::max(complaints::MOST_BYTES);
    Router::new()
        .route("/bureau/login", get(login_page).post(enter::<true>))
        .route("/bureau/logout", post(logout::<true>))
        .route("/bureau", get(counter))
        .route("/bureau/integrity", get(integrity).post(looked))
        .route("/bureau/{contest}/box.head", get(head_form))
        .route("/bureau/complaints", get(complaints::all).post(complaints::answer).layer(longer))
        .route("/bureau/close", post(count::close))
        .route("/bureau/{contest}/signings", get(signings))
        .route("/bureau/{contest}/signings.csv", get(signings_csv))
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
fn share(part: u64, whole: u64) -> String {
    let hundredths = part.saturating_mul(10_000).checked_div(whole).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

async fn counter(by: Member) -> Answer {
    let (app, now, mut counters) = (&by.app, by.app.clock.now().seconds(), Vec::new());
    for contest in app.contests.values() {
        let look =
            app.boxes.look(contest.number, |of, _| (of.roll().signed_opening().voters(), of.head().size));
        let (voters, ballots) = look.await?;
        let given = count::given(&by, contest.approved.contest());
        counters.push(Counter { contest, voters, ballots, given });
    }
    let waiting = app.waiting.values().map(|of| (of, count::given(&by, of))).collect();
    let may_close = counters.iter().any(|of| of.contest.ends_at() <= now && !of.contest.has("closed.json"));
    html(&BureauPage { page: by.page(), waiting, counters, days: turnout(app).await?, may_close })
}

/// How many voted on each day (of Paris) in each contest.
async fn turnout(app: &Shared) -> Result<BTreeMap<String, BTreeMap<u64, u64>>, Problem> {
    // Paris is whole hours from UTC, so an hour is of one day.
    let found: Vec<(i64, i64, i64)> =
        sqlx::query_as("SELECT contest, at / 3600, count(*) FROM receipts GROUP BY contest, at / 3600")
            .fetch_all(&app.db)
            .await?;
    let mut days: BTreeMap<String, BTreeMap<u64, u64>> = BTreeMap::new();
    for (contest, hour, votes) in found {
        let none = || app.contests.keys().map(|number| (*number, 0)).collect();
        let day = days.entry(app.clock.day(hour * 3_600)).or_insert_with(none);
        *day.entry(contest.unsigned_abs()).or_default() += votes.unsigned_abs();
    }
    Ok(days)
}

page!("signings.html", SigningsPage<'a> { page: Page, contest: &'a Contest, signings: Vec<(String, String)> });

/// Who has voted in a contest, in the order of the alphabet and without times: names and ids.
async fn signed(app: &Shared, contest: u64) -> Result<(&Contest, Vec<(String, String)>), Problem> {
    let contest = app.contest(contest)?;
    let select = "SELECT voters.name, voters.id FROM receipts JOIN voters ON voters.id = receipts.voter \
                  WHERE receipts.contest = $1";
    let signed = sql!(query_as, select, contest.number.cast_signed());
    let mut signed: Vec<(String, String)> = signed.fetch_all(&app.db).await?;
    signed.sort_by_cached_key(|(name, id)| (folded(name), id.clone()));
    Ok((contest, signed))
}

async fn signings(by: Member, Path(number): Path<u64>) -> Answer {
    let (contest, signings) = signed(&by.app, number).await?;
    html(&SigningsPage { page: by.page(), contest, signings })
}

/// For the votes by post to be set aside of those who voted here (R. 211-578).
async fn signings_csv(by: Member, Path(number): Path<u64>) -> Answer {
    let mut file = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    file.write_record(["me-name", "me-id"].map(|key| by.lang.text(key)))?;
    for (name, id) in signed(&by.app, number).await?.1 {
        file.write_record([inert(&seen(&name)), inert(&id)])?;
    }
    let bytes = file.into_inner().map_err(|error| error.into_error())?;
    Ok(download(bytes, "text/csv; charset=utf-8", &format!("emargement-{number}.csv")))
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
}

page!("integrity.html", IntegrityPage<'a> { page: Page, contests: Vec<Looked<'a>> });

async fn look<'a>(by: &Member, contest: &'a Contest) -> Result<Looked<'a>, Problem> {
    let (db, number) = (&by.app.db, contest.number.cast_signed());
    let select = "SELECT head, at FROM reviews WHERE member = $1 AND contest = $2";
    let seen = sql!(query_as, select, &by.session.who, number);
    let seen: Option<(Vec<u8>, i64)> = seen.fetch_optional(db).await?;
    let read = |(head, at): (Vec<u8>, i64)| Ok::<_, DecodeError>((Head::from_bytes(&head)?, at));
    let seen = seen.map(read).transpose().map_err(|error| Problem::Internal(error.to_string()))?;
    let look = by.app.boxes.look(contest.number, move |of, _| {
        (of.head(), seen.map(|(old, at)| (old, at, of.check_head(&old).is_ok())))
    });
    let (head, before) = look.await?;
    let count = "SELECT count(*) FROM receipts WHERE contest = $1";
    let receipts = sql!(query_scalar, count, number).fetch_one(db).await?;
    Ok(Looked { contest, receipts, head, before })
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
    Ok(download(head.to_bytes(), "application/octet-stream", &format!("{number}-{}.head", head.size)))
}

/// Keeps the heads as they are now, for the next look; not where the box has not grown from the last.
async fn looked(Posted { by, .. }: Posted<true>) -> Answer {
    for contest in by.app.contests.values() {
        let Looked { head, before: None | Some((.., true)), .. } = look(&by, contest).await? else {
            continue;
        };
        let insert = "INSERT INTO reviews(member, contest, head, at) VALUES ($1, $2, $3, $4) \
                      ON CONFLICT (member, contest) DO UPDATE SET head = excluded.head, at = excluded.at";
        let (number, now) = (contest.number.cast_signed(), by.app.clock.seconds());
        sql!(query, insert, &by.session.who, number, head.to_bytes(), now).execute(&by.app.db).await?;
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
