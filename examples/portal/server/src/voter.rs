//! The voter's pages, in the order of the real election.

use askama::Template;
use axum::Router;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq;
use urne::VoterId;
use urne::ballot_box::{Emargement, VoterState};

use crate::account_pages::Asking;
use crate::accounts::{self, Account, hex};
use crate::contests::Contest;
use crate::issuer::{self, Reissued};
use crate::page::{Page, html, html_as};
use crate::sessions::{Posted, Voter};
use crate::web::{Problem, Shared};
use crate::{complaints, limits, on};

/// Voters that a search of the roll shows.
const MOST_FOUND: i64 = 50;

pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/home", get(home))
        .route("/information", get(information))
        .route("/help", get(help))
        .route("/rolls", get(rolls))
        .route("/contests/{contest}", get(contest))
        .route("/complaint", get(complaints::own).post(complaints::complain))
        .route("/me", get(me))
        .route("/vote", get(vote))
        .route(
            "/reissue",
            get(async |by: Visit| by.reissue_page(String::new(), false, StatusCode::OK)).post(reissue),
        )
        .route("/emargement/{contest}", get(emargement))
        .route("/check", get(async |by: Asking| html(&CheckPage { page: by.page() })))
        .route("/audit", get(async |by: Asking| html(&AuditPage { page: by.page() })))
}

/// A voter who asks for a page.
pub struct Visit {
    pub app: Shared,
    pub account: Account,
    pub id: VoterId,
    pub page: Page,
}

impl Visit {
    pub async fn of(app: &Shared, voter: &Voter) -> Result<Self, Problem> {
        let account = accounts::by_id(&app.db, &voter.session.who).await?.ok_or(Problem::NotFound)?;
        let page = Page::of(app, voter, &account.name);
        Ok(Visit { app: app.clone(), id: voter.id()?, account, page })
    }

    /// The voter's contests, ascending.
    async fn contests(&self) -> Result<Vec<&Contest>, Problem> {
        let numbers = accounts::contests_of(&self.app.db, &self.account.id).await?;
        Ok(numbers.iter().filter_map(|number| self.app.contests.get(number)).collect())
    }
}

impl FromRequestParts<Shared> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        Visit::of(app, &Voter::from_request_parts(parts, app).await?).await
    }
}

/// A contest as a voter meets it.
struct Line<'a> {
    contest: &'a Contest,
    state: String,
    voted: bool,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    page: &'a Page,
    lines: Vec<Line<'a>>,
    countdown: String,
    /// When the first of the voter's open contests closes.
    until: u64,
    now: u64,
}

async fn home(by: Visit) -> Result<Response, Problem> {
    let (page, now, mut lines) = (&by.page, by.app.clock.now().seconds(), Vec::new());
    for contest in by.contests().await? {
        let id = by.id.clone();
        let state = by.app.boxes.look(contest.number, move |of, now| of.state(&id, now)).await?;
        let time = |key, at: urne::UnixTime| page.t1(key, "time", page.time(at.seconds()));
        let text = match state {
            None => page.t("home-not-on-roll"),
            Some(VoterState::NotYetOpen { opens_at }) => time("home-not-yet-open", opens_at),
            Some(VoterState::Open { closes_at, .. }) => time("home-open", closes_at),
            Some(VoterState::Voted { at }) => time("home-voted", at),
            Some(VoterState::Closed { closes_at }) => time("home-closed", closes_at),
        };
        lines.push(Line { contest, state: text, voted: matches!(state, Some(VoterState::Voted { .. })) });
    }
    let open =
        lines.iter().map(|line| line.contest).filter(|of| of.opens_at() <= now && now < of.closes_at());
    let until = open.map(Contest::closes_at).min().unwrap_or(0);
    let left = until.saturating_sub(now);
    let two = |number: u64| format!("{number:02}");
    let countdown = if left == 0 {
        page.t("home-no-countdown")
    } else {
        let [days, hours, minutes] = [two(left / 86_400), two(left / 3_600 % 24), two(left / 60 % 60)];
        page.lang.with("home-countdown", &[("days", &days), ("hours", &hours), ("minutes", &minutes)])
    };
    html(&HomePage { page, lines, countdown, until, now })
}

#[derive(Template)]
#[template(path = "information.html")]
struct InformationPage<'a> {
    page: Page,
    information: &'a str,
    contests: Vec<&'a Contest>,
}

async fn information(by: Asking) -> Result<Response, Problem> {
    let contests = by.app.contests.values().collect();
    html(&InformationPage { page: by.page(), information: &by.app.config.information, contests })
}

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    page: Page,
    /// For which a code that was activated serves after the close, in every contest.
    minutes: u64,
}

async fn help(by: Asking) -> Result<Response, Problem> {
    let grace = by.app.contests.values().map(|of| of.ends_at() - of.closes_at()).min().unwrap_or(0);
    html(&HelpPage { page: by.page(), minutes: grace / 60 })
}

struct RollLine<'a> {
    contest: &'a Contest,
    voters: u64,
    opening: String,
    roll: String,
    on_roll: bool,
}

#[derive(Template)]
#[template(path = "rolls.html")]
struct RollsPage<'a> {
    page: &'a Page,
    rolls: Vec<RollLine<'a>>,
    name: String,
    found: Option<Vec<(String, String)>>,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    name: String,
}

async fn rolls(by: Visit, Query(Search { name }): Query<Search>) -> Result<Response, Problem> {
    let mut rolls = Vec::new();
    for contest in by.contests().await? {
        let id = by.id.clone();
        let look = by.app.boxes.look(contest.number, move |of, now| {
            let roll = of.roll();
            let digests = (roll.opening_digest().to_bytes(), roll.digest().to_bytes());
            (roll.signed_opening().voters(), digests, of.state(&id, now).is_some())
        });
        let (voters, (opening, roll), on_roll) = look.await?;
        rolls.push(RollLine { contest, voters, opening: hex(opening), roll: hex(roll), on_roll });
    }
    // Without what would be a pattern.
    let wanted = accounts::folded(name.trim()).replace(['%', '_', '\\'], "");
    let found = if wanted.chars().count() >= 2 { Some(search(&by, &wanted).await?) } else { None };
    html(&RollsPage { page: &by.page, rolls, name, found })
}

/// Who of the voter's own contests has a name that begins so: with the titles of the contests.
async fn search(by: &Visit, name: &str) -> Result<Vec<(String, String)>, Problem> {
    let found: Vec<(String, i64)> = on!(&by.app.db, pool => sqlx::query_as(
        "SELECT voters.name, entitled.contest FROM entitled JOIN voters ON voters.id = entitled.voter \
         WHERE voters.folded LIKE $1 AND entitled.contest IN (SELECT contest FROM entitled WHERE voter = $2) \
         ORDER BY voters.folded, voters.id, entitled.contest LIMIT $3")
        .bind(format!("{name}%")).bind(&by.account.id).bind(MOST_FOUND).fetch_all(pool).await)?;
    let title = |number: i64| Some(by.app.contests.get(&u64::try_from(number).ok()?)?.title().to_string());
    Ok(found.into_iter().map(|(name, number)| (name, title(number).unwrap_or_default())).collect())
}

#[derive(Template)]
#[template(path = "contest.html")]
struct ContestPage<'a> {
    page: &'a Page,
    of: &'a Contest,
}

async fn contest(by: Visit, Path(number): Path<u64>) -> Result<Response, Problem> {
    let contests = by.contests().await?;
    let of = contests.into_iter().find(|contest| contest.number == number).ok_or(Problem::NotFound)?;
    html(&ContestPage { page: &by.page, of })
}

#[derive(Template)]
#[template(path = "me.html")]
struct MePage<'a> {
    page: &'a Page,
    of: &'a Account,
    contests: Vec<&'a Contest>,
}

/// All but the last three.
fn covered(text: &str) -> String {
    let length = text.chars().count();
    text.chars().enumerate().map(|(at, c)| if at + 3 < length { '•' } else { c }).collect()
}

async fn me(by: Visit) -> Result<Response, Problem> {
    html(&MePage { page: &by.page, of: &by.account, contests: by.contests().await? })
}

#[derive(Template)]
#[template(path = "vote.html")]
struct VotePage<'a> {
    page: &'a Page,
    /// The voter's id, in hex.
    voter: String,
    contests: String,
}

async fn vote(by: Visit) -> Result<Response, Problem> {
    let of = |contest: &&Contest| json!({ "number": contest.number, "title": contest.title(), "short": contest.documents.short });
    let contests: Vec<_> = by.contests().await?.iter().map(of).collect();
    html(&VotePage { page: &by.page, voter: hex(&by.account.id), contests: json!(contests).to_string() })
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
struct ReissuePage<'a> {
    page: &'a Page,
    error: String,
    sent: bool,
}

impl Visit {
    fn reissue_page(&self, error: String, sent: bool, status: StatusCode) -> Result<Response, Problem> {
        html_as(status, &ReissuePage { page: &self.page, error, sent })
    }
}

/// A new code by e-mail, for who proves to be the voter by the NUMEN or ten digits. Who logged in as the voter, and
/// nobody else, can use up the tries.
async fn reissue(State(app): State<Shared>, posted: Posted<false>) -> Result<Response, Problem> {
    let by = Visit::of(&app, &posted.by).await?;
    let (account, page) = (&by.account, &by.page);
    let (from, now) = (format!("voter {}", account.id), app.clock.seconds());
    if let Err(wait) = app.limits.before(&from, &from, now) {
        return by.reissue_page(
            page.t1("account-wait", "seconds", wait),
            false,
            StatusCode::TOO_MANY_REQUESTS,
        );
    }
    let given = accounts::plain(posted.fields.get("identity"));
    let is = |known: &str| !known.is_empty() && bool::from(known.as_bytes().ct_eq(given.as_bytes()));
    if !(is(&account.numen) | is(&account.social10)) {
        app.limits.failed(&from, &from, now);
        return by.reissue_page(page.t("reissue-wrong"), false, StatusCode::UNPROCESSABLE_ENTITY);
    }
    app.limits.succeeded(&from, &from, now);
    app.limits.request(limits::MAILS, "reissue", &account.id, now).map_err(Problem::TooMany)?;
    match issuer::reissue(&app, &account.id, page.lang).await? {
        Reissued::Sent => by.reissue_page(String::new(), true, StatusCode::OK),
        Reissued::Nothing => by.reissue_page(page.t("reissue-nothing"), false, StatusCode::CONFLICT),
        Reissued::NotSent => {
            by.reissue_page(page.t("reissue-not-sent"), false, StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

#[derive(Template)]
#[template(path = "emargement.html")]
struct EmargementPage<'a> {
    page: &'a Page,
    contest: &'a Contest,
    account: &'a Account,
    signed: Emargement,
}

/// To be printed, at any time.
async fn emargement(by: Visit, Path(number): Path<u64>) -> Result<Response, Problem> {
    let (contest, id) = (by.app.contest(number)?, by.id.clone());
    let signed =
        by.app.boxes.look(number, move |of, _| of.emargement(&id)).await?.ok_or(Problem::NotFound)?;
    html(&EmargementPage { page: &by.page, contest, account: &by.account, signed })
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
