//! The voter's pages, in the order of the real election.

use std::collections::BTreeMap;

use subtle::ConstantTimeEq;
use urne::VoterId;
use urne::ballot_box::{Emargement, VoterState};

use crate::accounts::{self, Account};
use crate::issuing::post::Sent;
use crate::page::prelude::*;
use crate::{complaints, issuer, limits};

/// Voters that a search of the roll shows.
const MOST_FOUND: i64 = 50;

pub fn routes() -> Router<Shared> {
    let longer = DefaultBodyLimit::max(complaints::MOST_BYTES);
    let reissue_form = get(async |by: Visit| html(&ReissuePage { page: by.page, sent: false }));
    Router::new()
        .route("/home", get(home))
        .route("/information", get(async |by: Asking| html(&InformationPage { page: by.page() })))
        .route("/help", get(async |by: Asking| html(&HelpPage { page: by.page() })))
        .route("/rolls", get(rolls))
        .route("/contests/{contest}", get(contest))
        .route("/complaint", get(complaints::own).post(complaints::complain).layer(longer))
        .route("/me", get(me))
        .route("/vote", get(vote))
        .route("/reissue", reissue_form.post(reissue))
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
    pub async fn of(voter: Voter) -> Result<Self, Problem> {
        let account = accounts::find(&voter.app.db, &voter.session.who).await?.ok_or(Problem::NotFound)?;
        let page = Page::of(&voter, &account.name);
        Ok(Visit { id: voter.id()?, app: voter.app, account, page })
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
        Visit::of(Voter::from_request_parts(parts, app).await?).await
    }
}

page!("home.html", HomePage<'a> {
    page: &'a Page,
    lines: Vec<(&'a Contest, Option<VoterState>)>,
    /// When the first of the voter's open contests closes.
    until: u64,
    now: u64,
});

async fn home(by: Visit) -> Answer {
    let (now, mut lines) = (by.app.clock.now(), Vec::new());
    for contest in by.contests().await? {
        let id = by.id.clone();
        lines.push((contest, by.app.boxes.look(contest.number, move |of, now| of.state(&id, now)).await?));
    }
    let all = lines.iter().map(|(of, _)| of.description());
    let open = all.filter(|of| of.opens_at <= now && now < of.closes_at);
    let until = open.map(|of| of.closes_at.seconds()).min().unwrap_or(0);
    html(&HomePage { page: &by.page, lines, until, now: now.seconds() })
}

page!("information.html", InformationPage { page: Page });
page!("help.html", HelpPage { page: Page });
page!("check.html", CheckPage { page: Page });
page!("audit.html", AuditPage { page: Page });

page!("rolls.html", RollsPage<'a> {
    page: &'a Page,
    /// Each with its voters, the digests of opening and roll, and whether the voter is on it.
    rolls: Vec<(&'a Contest, u64, [u8; 32], [u8; 32], bool)>,
    name: String,
    found: Option<Vec<(String, String)>>,
});

async fn rolls(by: Visit, Query(mut asked): Query<BTreeMap<String, String>>) -> Answer {
    let (name, mut rolls) = (asked.remove("name").unwrap_or_default(), Vec::new());
    for contest in by.contests().await? {
        let id = by.id.clone();
        let look = by.app.boxes.look(contest.number, move |of, now| {
            let roll = of.roll();
            let digests = (roll.opening_digest().to_bytes(), roll.digest().to_bytes());
            (roll.signed_opening().voters(), digests, of.state(&id, now).is_some())
        });
        let (voters, (opening, now), on_roll) = look.await?;
        rolls.push((contest, voters, opening, now, on_roll));
    }
    // Without what would be a pattern.
    let wanted = accounts::folded(name.trim()).replace(['%', '_', '\\'], "");
    let found = if wanted.chars().count() >= 2 { Some(search(&by, &wanted).await?) } else { None };
    html(&RollsPage { page: &by.page, rolls, name, found })
}

/// Who of the voter's own contests has a name that begins so: with the titles of the contests.
async fn search(by: &Visit, name: &str) -> Result<Vec<(String, String)>, Problem> {
    let select = "SELECT voters.name, entitled.contest FROM entitled JOIN voters ON voters.id = entitled.voter \
        WHERE voters.folded LIKE $1 AND entitled.contest IN (SELECT contest FROM entitled WHERE voter = $2) \
        ORDER BY voters.folded, voters.id, entitled.contest LIMIT $3";
    let found = sql!(query_as, select, format!("{name}%"), &by.account.id, MOST_FOUND);
    let found: Vec<(String, i64)> = found.fetch_all(&by.app.db).await?;
    let of = |number: i64| by.app.contests.get(&number.cast_unsigned());
    let title = |number| of(number).map_or("", |of| &of.description().title).into();
    Ok(found.into_iter().map(|(name, number)| (name, title(number))).collect())
}

page!("contest.html", ContestPage<'a> { page: &'a Page, of: &'a Contest });

async fn contest(by: Visit, Path(number): Path<u64>) -> Answer {
    let contests = by.contests().await?;
    let of = contests.into_iter().find(|contest| contest.number == number).ok_or(Problem::NotFound)?;
    html(&ContestPage { page: &by.page, of })
}

page!("me.html", MePage<'a> { page: &'a Page, of: &'a Account, contests: Vec<&'a Contest> });

/// All but the last three.
fn covered(text: &str) -> String {
    let length = text.chars().count();
    text.chars().enumerate().map(|(at, c)| if at + 3 < length { '•' } else { c }).collect()
}

async fn me(by: Visit) -> Answer {
    html(&MePage { page: &by.page, of: &by.account, contests: by.contests().await? })
}

page!("vote.html", VotePage<'a> { page: &'a Page, voter: &'a str, contests: String });

async fn vote(by: Visit) -> Answer {
    let of = |of: &Contest| json!({ "number": of.number, "title": of.description().title, "short": of.documents.short });
    let contests: Vec<_> = by.contests().await?.into_iter().map(of).collect();
    html(&VotePage { page: &by.page, voter: &by.account.id, contests: json!(contests).to_string() })
}

page!("reissue.html", ReissuePage { page: Page, sent: bool });

/// A new code by e-mail, for who proves to be the voter by the NUMEN or ten digits. Who logged in as the voter, and
/// nobody else, can use up the tries.
async fn reissue(Posted { by, fields }: Posted<false>) -> Answer {
    let Visit { app, account, page, .. } = Visit::of(by).await?;
    let (from, now) = (format!("voter {}", account.id), app.clock.seconds());
    if let Err(seconds) = app.limits.before(&from, &from, now) {
        return waits(page, seconds, |page| ReissuePage { page, sent: false });
    }
    let given = accounts::plain(fields.get("identity"));
    let is = |known: &str| !known.is_empty() && bool::from(known.as_bytes().ct_eq(given.as_bytes()));
    if !(is(&account.numen) | is(&account.social10)) {
        app.limits.failed(&from, &from, now);
        let again = ReissuePage { page: page.wrong("reissue-wrong"), sent: false };
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &again);
    }
    app.limits.succeeded(&from, &from, now);
    // Who can only be told to come back has used up nothing.
    if app.asking.available_permits() == 0 {
        return Err(Problem::ComeBack);
    }
    app.limits.request(limits::MAILS, "reissue", &account.id, now).map_err(Problem::TooMany)?;
    let (status, page) = match issuer::reissue(&app, &account.id, page.lang).await? {
        Some(Sent::Yes) => (StatusCode::OK, page),
        None => (StatusCode::CONFLICT, page.wrong("reissue-nothing")),
        Some(Sent::Over | Sent::Unknown) => (StatusCode::SERVICE_UNAVAILABLE, page.wrong("reissue-not-sent")),
    };
    html_as(status, &ReissuePage { sent: page.error.is_empty(), page })
}

page!("emargement.html", EmargementPage<'a> {
    page: &'a Page,
    contest: &'a Contest,
    account: &'a Account,
    signed: Emargement,
});

/// To be printed, at any time.
async fn emargement(by: Visit, Path(number): Path<u64>) -> Answer {
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
