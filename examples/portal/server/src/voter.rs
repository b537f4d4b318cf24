//! The voter's pages, in the order of the real election.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use urne::VoterId;
use urne::ballot_box::VoterState;

use crate::account_pages::Asking;
use crate::accounts::{self, Account, hex, random_token};
use crate::api::voter_id;
use crate::contests::Contest;
use crate::election::List;
use crate::issuer::{self, Reissued};
use crate::page::{Page, html, paragraphs};
use crate::sessions::{Posted, Voter};
use crate::web::{Problem, Shared};
use crate::{limits, on};

const LONGEST_COMPLAINT: usize = 5_000;
/// Complaints of one voter.
const MOST_COMPLAINTS: usize = 50;
/// Voters that a search of the roll shows.
const MOST_FOUND: i64 = 50;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/home", get(home))
        .route("/information", get(information))
        .route("/help", get(help))
        .route("/rolls", get(rolls))
        .route("/contests/{contest}", get(contest))
        .route("/complaint", get(complaints).post(complain))
        .route("/me", get(me))
        .route("/vote", get(vote))
        .route("/reissue", get(reissue_page).post(reissue))
        .route("/emargement/{contest}", get(emargement))
        .route("/check", get(async |by: Asking| html(&CheckPage { page: Page::public(&by.app, by.lang) })))
        .route("/audit", get(async |by: Asking| html(&AuditPage { page: Page::public(&by.app, by.lang) })))
}

/// Whose session it is, and the frame of the page.
async fn of(app: &Shared, voter: &Voter) -> Result<(Account, Page), Problem> {
    let account = accounts::by_id(&app.db, &voter.session.who).await?.ok_or(Problem::NotFound)?;
    let page = Page::of(app, voter, &account.name);
    Ok((account, page))
}

async fn contests_of<'a>(app: &'a Shared, voter: &Voter) -> Result<Vec<&'a Contest>, Problem> {
    let numbers = accounts::contests_of(&app.db, &voter.session.who).await?;
    Ok(numbers.iter().filter_map(|number| app.contests.get(number)).collect())
}

/// A contest as a voter meets it.
pub struct Line {
    pub number: u64,
    pub title: String,
    pub state: String,
    pub voted: bool,
    pub open: bool,
}

async fn lines(app: &Shared, voter: &Voter, page: &Page) -> Result<Vec<Line>, Problem> {
    let mut lines = Vec::new();
    for contest in contests_of(app, voter).await? {
        let id = voter_id(voter)?;
        let state = app.boxes.look(contest.number, move |of, now| of.state(&id, now)).await?;
        let time = |key, at: urne::UnixTime| page.t1(key, "time", page.time(&at.seconds()));
        let text = match state {
            None => page.t("home-not-on-roll"),
            Some(VoterState::NotYetOpen { opens_at }) => time("home-not-yet-open", opens_at),
            Some(VoterState::Open { closes_at, .. }) => time("home-open", closes_at),
            Some(VoterState::Voted { at }) => time("home-voted", at),
            Some(VoterState::Closed { closes_at }) => time("home-closed", closes_at),
        };
        lines.push(Line {
            number: contest.number,
            title: contest.title().into(),
            state: text,
            voted: matches!(state, Some(VoterState::Voted { .. })),
            open: matches!(state, Some(VoterState::Open { .. })),
        });
    }
    Ok(lines)
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    page: Page,
    lines: Vec<Line>,
    countdown: String,
    /// When the first of the voter's open contests closes.
    until: u64,
    now: u64,
}

async fn home(voter: Voter, State(app): State<Shared>) -> Result<Response, Problem> {
    let (_, page) = of(&app, &voter).await?;
    let lines = lines(&app, &voter, &page).await?;
    let now = app.clock.now().seconds();
    let open = app.contests.values().filter(|contest| contest.opens_at() <= now && now < contest.closes_at());
    let until = open
        .filter(|contest| lines.iter().any(|line| line.number == contest.number))
        .map(Contest::closes_at)
        .min();
    let until = until.unwrap_or(0);
    let left = until.saturating_sub(now);
    let two = |number: u64| format!("{number:02}");
    let countdown = if left == 0 {
        page.t("home-no-countdown")
    } else {
        let parts = [
            ("days", two(left / 86_400)),
            ("hours", two(left / 3_600 % 24)),
            ("minutes", two(left / 60 % 60)),
        ];
        page.lang.with("home-countdown", &parts.each_ref().map(|(name, value)| (*name, value.as_str())))
    };
    html(&HomePage { page, lines, countdown, until, now })
}

#[derive(Template)]
#[template(path = "information.html")]
struct InformationPage {
    page: Page,
    paragraphs: Vec<String>,
    contests: Vec<(String, String, String)>,
}

async fn information(by: Asking) -> Result<Response, Problem> {
    let page = Page::public(&by.app, by.lang);
    let times =
        |of: &Contest| (of.title().to_string(), page.time(&of.opens_at()), page.time(&of.closes_at()));
    let contests = by.app.contests.values().map(times).collect();
    let paragraphs = paragraphs(&by.app.config.information);
    html(&InformationPage { page, paragraphs, contests })
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    page: Page,
    /// Keys of questions and their answers.
    questions: Vec<(String, String)>,
}

async fn help(by: Asking) -> Result<Response, Problem> {
    let page = Page::public(&by.app, by.lang);
    let question =
        |number: u8| (page.t(&format!("help-question-{number}")), page.t(&format!("help-answer-{number}")));
    let questions = (1..=8).map(question).collect();
    html(&HelpPage { page, questions })
}

struct RollLine {
    number: u64,
    title: String,
    voters: u64,
    fingerprint: String,
    opening: String,
    roll: String,
    on_roll: bool,
}

#[derive(Template)]
#[template(path = "rolls.html")]
struct RollsPage {
    page: Page,
    rolls: Vec<RollLine>,
    name: String,
    found: Vec<(String, String)>,
    searched: bool,
}

#[derive(Deserialize)]
struct Search {
    name: Option<String>,
}

async fn rolls(
    voter: Voter,
    State(app): State<Shared>,
    Query(Search { name }): Query<Search>,
) -> Result<Response, Problem> {
    let (_, page) = of(&app, &voter).await?;
    let mut rolls = Vec::new();
    for contest in contests_of(&app, &voter).await? {
        let id = voter_id(&voter)?;
        let look = app.boxes.look(contest.number, move |of, now| {
            let roll = of.roll();
            let voters = roll.signed_opening().voters();
            (
                voters,
                hex(&roll.opening_digest().to_bytes()),
                hex(&roll.digest().to_bytes()),
                of.state(&id, now).is_some(),
            )
        });
        let (voters, opening, roll, on_roll) = look.await?;
        let (number, title, fingerprint) = (contest.number, contest.title().into(), contest.fingerprint());
        rolls.push(RollLine { number, title, voters, fingerprint, opening, roll, on_roll });
    }
    let name = name.unwrap_or_default();
    // Without what would be a pattern.
    let wanted = accounts::folded(name.trim()).replace(['%', '_', '\\'], "");
    let searched = wanted.chars().count() >= 2;
    let found = if searched { search(&app, &voter, &wanted).await? } else { Vec::new() };
    html(&RollsPage { page, rolls, name, found, searched })
}

/// Who of the voter's own contests has a name that begins so: with the titles of the contests.
async fn search(app: &Shared, voter: &Voter, name: &str) -> Result<Vec<(String, String)>, Problem> {
    let found: Vec<(String, i64)> = on!(&app.db, pool => sqlx::query_as(
        "SELECT voters.name, entitled.contest FROM entitled JOIN voters ON voters.id = entitled.voter \
         WHERE voters.folded LIKE $1 AND entitled.contest IN (SELECT contest FROM entitled WHERE voter = $2) \
         ORDER BY voters.folded, voters.id, entitled.contest LIMIT $3")
        .bind(format!("{name}%")).bind(&voter.session.who).bind(MOST_FOUND).fetch_all(pool).await)?;
    let title = |number: i64| app.contests.get(&u64::try_from(number).ok()?).map(|of| of.title().to_string());
    Ok(found.into_iter().map(|(name, number)| (name, title(number).unwrap_or_default())).collect())
}

struct ListView {
    number: usize,
    name: String,
    statement: Vec<String>,
    candidates: Vec<String>,
}

#[derive(Template)]
#[template(path = "contest.html")]
struct ContestPage {
    page: Page,
    number: u64,
    title: String,
    election: String,
    fingerprint: String,
    seats: u64,
    lists: Vec<ListView>,
}

async fn contest(
    voter: Voter,
    State(app): State<Shared>,
    Path(number): Path<u64>,
) -> Result<Response, Problem> {
    let (_, page) = of(&app, &voter).await?;
    let contests = contests_of(&app, &voter).await?;
    let contest = contests.into_iter().find(|contest| contest.number == number).ok_or(Problem::NotFound)?;
    let view = |(number, list): (usize, &List)| ListView {
        number,
        name: list.name.clone(),
        statement: paragraphs(&list.statement),
        candidates: list.candidates.clone(),
    };
    html(&ContestPage {
        page,
        number,
        title: contest.title().into(),
        election: contest.election().into(),
        fingerprint: contest.fingerprint(),
        seats: contest.documents.seats,
        lists: (1..).zip(&contest.documents.lists).map(view).collect(),
    })
}

pub struct Complaint {
    pub id: String,
    pub text: Vec<String>,
    pub at: u64,
    /// So that the voter can show what was written.
    pub digest: String,
    pub answer: Vec<String>,
}

#[derive(Template)]
#[template(path = "complaint.html")]
struct ComplaintPage {
    page: Page,
    complaints: Vec<Complaint>,
    error: String,
    text: String,
}

async fn complaint_page(app: &Shared, voter: &Voter, error: &str, text: &str) -> Result<Response, Problem> {
    let (_, page) = of(app, voter).await?;
    let found: Vec<(String, String, i64, Option<String>)> = on!(&app.db, pool => sqlx::query_as(
        "SELECT id, text, at, answer FROM complaints WHERE voter = $1 ORDER BY at DESC, id")
        .bind(&voter.session.who).fetch_all(pool).await)?;
    let complaint = |(id, text, at, answer): (String, String, i64, Option<String>)| Complaint {
        id,
        digest: hex(&Sha256::digest(text.as_bytes())),
        text: paragraphs(&text),
        at: at.unsigned_abs(),
        answer: paragraphs(&answer.unwrap_or_default()),
    };
    let error = if error.is_empty() { String::new() } else { page.t(error) };
    let complaints = found.into_iter().map(complaint).collect();
    html(&ComplaintPage { page, complaints, error, text: text.into() })
}

async fn complaints(voter: Voter, State(app): State<Shared>) -> Result<Response, Problem> {
    complaint_page(&app, &voter, "", "").await
}

/// The receipt is the number, the time and the hash of the text, on the page that follows.
async fn complain(State(app): State<Shared>, posted: Posted<false>) -> Result<Response, Problem> {
    let (voter, text) = (posted.by, posted.fields.get("text").replace("\r\n", "\n"));
    let (sent,): (i64,) = on!(&app.db, pool => sqlx::query_as("SELECT count(*) FROM complaints WHERE voter = $1")
        .bind(&voter.session.who).fetch_one(pool).await)?;
    let wrong = match text.trim().chars().count() {
        0 => "complaint-empty",
        1..=LONGEST_COMPLAINT if usize::try_from(sent).is_ok_and(|sent| sent < MOST_COMPLAINTS) => "",
        1..=LONGEST_COMPLAINT => "complaint-too-many",
        _ => "complaint-long",
    };
    if !wrong.is_empty() {
        let mut response = complaint_page(&app, &voter, wrong, &text).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    let id = random_token().split_off(52);
    on!(&app.db, pool => sqlx::query("INSERT INTO complaints(id, voter, text, at) VALUES ($1, $2, $3, $4)")
        .bind(&id).bind(&voter.session.who).bind(text.trim()).bind(app.clock.seconds())
        .execute(pool).await.map(drop))?;
    Ok(Redirect::to("/complaint").into_response())
}

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    page: Page,
    id: String,
    email: String,
    name: String,
    numen: String,
    social10: String,
    contests: Vec<String>,
}

/// All but the last three.
fn covered(text: &str) -> String {
    let length = text.chars().count();
    text.chars().enumerate().map(|(at, c)| if at + 3 < length { '•' } else { c }).collect()
}

async fn me(voter: Voter, State(app): State<Shared>) -> Result<Response, Problem> {
    let (Account { id, email, name, numen, social10, .. }, page) = of(&app, &voter).await?;
    let contests =
        contests_of(&app, &voter).await?.iter().map(|contest| contest.title().to_string()).collect();
    html(&MePage { page, id, email, name, numen: covered(&numen), social10: covered(&social10), contests })
}

#[derive(Template)]
#[template(path = "vote.html")]
struct VotePage {
    page: Page,
    /// The voter's id, in hex.
    voter: String,
    contests: String,
}

async fn vote(voter: Voter, State(app): State<Shared>) -> Result<Response, Problem> {
    let (account, page) = of(&app, &voter).await?;
    let contests = contests_of(&app, &voter).await?;
    let contests: Vec<_> =
        contests.iter().map(|contest| json!({ "number": contest.number, "title": contest.title(), "short": contest.documents.short })).collect();
    html(&VotePage { page, voter: hex(account.id.as_bytes()), contests: json!(contests).to_string() })
}

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    page: Page,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
}

#[derive(Template)]
#[template(path = "reissue.html")]
struct ReissuePage {
    page: Page,
    error: String,
    sent: bool,
}

async fn reissue_page(voter: Voter, State(app): State<Shared>) -> Result<Response, Problem> {
    let (_, page) = of(&app, &voter).await?;
    html(&ReissuePage { page, error: String::new(), sent: false })
}

/// A new code by e-mail, for who proves to be the voter by the NUMEN or ten digits. Who logged in as the voter, and
/// nobody else, can use up the tries.
async fn reissue(by: Asking, posted: Posted<false>) -> Result<Response, Problem> {
    let app = &by.app;
    let (account, page) = of(app, &posted.by).await?;
    let (key, now) = (format!("reissue {}", account.id), app.clock.seconds());
    let show = |page: Page, error: String, status: StatusCode| {
        let mut response = html(&ReissuePage { sent: error.is_empty(), page, error })?;
        *response.status_mut() = status;
        Ok(response)
    };
    if let Err(wait) = app.limits.before("session", &key, now) {
        let error = page.t1("account-wait", "seconds", wait);
        return show(page, error, StatusCode::TOO_MANY_REQUESTS);
    }
    let given = accounts::plain(posted.fields.get("identity"));
    let is = |known: &str| !known.is_empty() && bool::from(known.as_bytes().ct_eq(given.as_bytes()));
    if !(is(&account.numen) | is(&account.social10)) {
        app.limits.failed("session", &key, now);
        let error = page.t("reissue-wrong");
        return show(page, error, StatusCode::UNPROCESSABLE_ENTITY);
    }
    app.limits.succeeded("session", &key, now);
    app.limits.request(limits::MAILS, "reissue", &account.id, now).map_err(Problem::TooMany)?;
    let (error, status) = match issuer::reissue(app, &account.id, by.lang).await? {
        Reissued::Sent => (String::new(), StatusCode::OK),
        Reissued::Nothing => (page.t("reissue-nothing"), StatusCode::CONFLICT),
        Reissued::NotSent => (page.t("reissue-not-sent"), StatusCode::SERVICE_UNAVAILABLE),
    };
    show(page, error, status)
}

#[derive(Template)]
#[template(path = "emargement.html")]
struct EmargementPage {
    page: Page,
    title: String,
    number: u64,
    name: String,
    id: String,
    at: u64,
    signature: String,
    form: String,
    fingerprint: String,
}

/// To be printed, at any time.
async fn emargement(
    voter: Voter,
    State(app): State<Shared>,
    Path(number): Path<u64>,
) -> Result<Response, Problem> {
    let (account, page) = of(&app, &voter).await?;
    let (contest, id) = (app.contest(number)?, VoterId::new(account.id.as_str()).ok_or(Problem::NotFound)?);
    let signed = app.boxes.look(number, move |of, _| of.emargement(&id)).await?.ok_or(Problem::NotFound)?;
    html(&EmargementPage {
        page,
        title: contest.title().into(),
        number,
        name: account.name,
        id: account.id,
        at: signed.at.seconds(),
        signature: hex(&signed.signature.to_bytes()),
        form: hex(&signed.to_bytes()),
        fingerprint: contest.fingerprint(),
    })
}

#[cfg(test)]
mod tests {
    use super::covered;

    #[test]
    fn numbers_are_covered_but_for_their_end() {
        assert_eq!(covered("12E3456789ABC"), "••••••••••ABC");
        assert_eq!((covered("é1"), covered("")), ("é1".into(), String::new()));
    }
}
