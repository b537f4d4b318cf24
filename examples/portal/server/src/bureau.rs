//! The bureau's pages: counter, signings, integrity, complaints, and the count.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use urne::ballot_box::Head;

use crate::account_pages::{enter, login_page};
use crate::accounts::hex;
use crate::contests::Contest;
use crate::page::{Page, html};
use crate::sessions::{Member, Posted};
use crate::web::{Problem, Shared};
use crate::{complaints, on};

mod count;
mod lists;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/bureau/login", get(login_page).post(enter::<true>))
        .route("/bureau", get(counter))
        .route("/bureau/signings", get(lists::signings))
        .route("/bureau/signings.csv", get(lists::signings_csv))
        .route("/bureau/turnout.csv", get(lists::turnout_csv))
        .route("/bureau/integrity", get(integrity).post(looked))
        .route("/bureau/complaints", get(complaints::all).post(complaints::answer))
        .route("/bureau/close", post(count::close))
        .route("/bureau/{contest}/signings.urne", get(count::signings_form))
        .route("/bureau/{contest}/upload", post(count::upload).layer(DefaultBodyLimit::max(MOST_UPLOADED)))
        .route("/bureau/{contest}/publish", post(count::publish))
        .route("/bureau/minutes", get(count::minutes))
        .route("/results", get(count::results))
}

/// Bytes of what a trustee uploads.
const MOST_UPLOADED: usize = 1 << 20;

pub fn page(app: &Shared, member: &Member) -> Page {
    Page::of(app, member, &member.session.who)
}

struct Counter<'a> {
    contest: &'a Contest,
    voters: u64,
    ballots: u64,
    /// What trustees and issuer have given so far, in words.
    given: Vec<String>,
}

impl Counter<'_> {
    fn is_there(&self, name: &str) -> bool {
        self.contest.folder.join(name).exists()
    }
}

#[derive(Template)]
#[template(path = "bureau.html")]
struct BureauPage<'a> {
    page: Page,
    /// Contests that are still to be approved, and who has.
    waiting: Vec<(&'a urne::Contest, Vec<String>)>,
    counters: Vec<Counter<'a>>,
    days: BTreeMap<String, BTreeMap<u64, u64>>,
    may_close: bool,
}

/// One in a hundred, with two digits after the point.
fn share(part: &u64, whole: &u64) -> String {
    let hundredths = if *whole == 0 { 0 } else { u128::from(*part) * 10_000 / u128::from(*whole) };
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

async fn counter(member: Member, State(app): State<Shared>) -> Result<Response, Problem> {
    let now = app.clock.now().seconds();
    let mut counters = Vec::new();
    for contest in app.contests.values() {
        let look =
            app.boxes.look(contest.number, |of, _| (of.roll().signed_opening().voters(), of.head().size));
        let (voters, ballots) = look.await?;
        counters.push(Counter {
            contest,
            voters,
            ballots,
            given: count::given(contest.approved.contest(), &contest.folder),
        });
    }
    let approvals = |(number, contest): (&u64, &urne::Contest)| {
        count::given(contest, &app.config.public.join(number.to_string()))
    };
    let waiting = app.waiting.iter().map(|of| (of.1, approvals(of))).collect();
    let may_close = counters.iter().any(|of| of.contest.ends_at() <= now && !of.is_there("closed.json"));
    html(&BureauPage { page: page(&app, &member), waiting, counters, days: turnout(&app).await?, may_close })
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

struct Looked<'a> {
    contest: &'a Contest,
    receipts: i64,
    head: Head,
    /// The head that this member saw last, when, and whether the box has grown from there.
    before: Option<(Head, i64, bool)>,
    path: String,
}

#[derive(Template)]
#[template(path = "integrity.html")]
struct IntegrityPage<'a> {
    page: Page,
    contests: Vec<Looked<'a>>,
}

async fn seen(app: &Shared, member: &str, contest: &Contest) -> Result<Option<(Head, i64)>, Problem> {
    let number = contest.number.cast_signed();
    let found: Option<(Vec<u8>, i64)> = on!(&app.db, pool => sqlx::query_as(
        "SELECT head, at FROM reviews WHERE member = $1 AND contest = $2")
        .bind(member).bind(number).fetch_optional(pool).await)?;
    let read = |(head, at): (Vec<u8>, i64)| Ok((Head::from_bytes(&head)?, at));
    found.map(read).transpose().map_err(|error: urne::DecodeError| Problem::internal(error))
}

async fn integrity(member: Member, State(app): State<Shared>) -> Result<Response, Problem> {
    let mut contests = Vec::new();
    for contest in app.contests.values() {
        let before = seen(&app, &member.session.who, contest).await?;
        let old = before.map(|(head, _)| head);
        let look = app.boxes.look(contest.number, move |of, _| {
            let grown = old.map(|old| (of.check_head(&old).is_ok(), of.consistency(old.size)));
            (of.head(), grown)
        });
        let (head, grown) = look.await?;
        let number = contest.number.cast_signed();
        let (receipts,): (i64,) = on!(&app.db, pool => sqlx::query_as(
            "SELECT count(*) FROM receipts WHERE contest = $1").bind(number).fetch_one(pool).await)?;
        let (holds, path) = grown.unwrap_or((true, None));
        let before = before.map(|(head, at)| (head, at, holds));
        let path = path.map(|path| hex(path.to_bytes())).unwrap_or_default();
        contests.push(Looked { contest, receipts, head, before, path });
    }
    html(&IntegrityPage { page: page(&app, &member), contests })
}

/// Keeps the heads as they are now, for the next look; not where the box has not grown from the last.
async fn looked(State(app): State<Shared>, posted: Posted<true>) -> Result<Response, Problem> {
    let member = &posted.by.session.who;
    for contest in app.contests.values() {
        let old = seen(&app, member, contest).await?.map(|(head, _)| head);
        let look = app.boxes.look(contest.number, move |of, _| {
            old.is_none_or(|old| of.check_head(&old).is_ok()).then(|| of.head().to_bytes())
        });
        let Some(head) = look.await? else { continue };
        let number = contest.number.cast_signed();
        on!(&app.db, pool => sqlx::query(
            "INSERT INTO reviews(member, contest, head, at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (member, contest) DO UPDATE SET head = excluded.head, at = excluded.at")
            .bind(member).bind(number).bind(head).bind(app.clock.seconds()).execute(pool).await.map(drop))?;
    }
    Ok(Redirect::to("/bureau/integrity").into_response())
}

/// A file to be kept.
fn download(bytes: Vec<u8>, kind: &'static str, name: &str) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    headers.extend(name.map(|name| (header::CONTENT_DISPOSITION, name)));
    response
}
