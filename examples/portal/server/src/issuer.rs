//! The issuer of codes, a process of its own: it is told who was identified, and gives public credentials. No code ever
//! comes here: the issuer sends it to the voter itself.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use urne::VoterId;
use urne::ballot_box::{IdentityChecked, Issue};

use crate::boxes::{NoAnswer, refused};
use crate::i18n::Lang;
use crate::issuing::api::{Drawn, Order};
use crate::issuing::post::Sent;
use crate::web::{App, Problem, Shared};
use crate::{Failure, disk};

/// Codes that are asked for at a time: while the issuer or its mail server is slow each holds a thread that others need.
pub const MOST_ASKED: usize = 32;

const PATIENCE: Duration = Duration::from_secs(10);
const MOST_BYTES: u64 = 1 << 20;
/// How often the box is asked again that had no time.
const TIMES: u32 = 20;

/// Asks the issuer, by the word in the file that both can read. It is on this machine: there is no proxy before it.
async fn ask<T: DeserializeOwned + Send + 'static>(
    app: &Shared,
    path: &'static str,
    order: &impl Serialize,
) -> Result<T, Problem> {
    let (app, body) = (app.clone(), serde_json::to_vec(order)?);
    let answered = tokio::task::spawn_blocking(move || {
        let token = disk::read(&app.config.own("issuer.token"))?;
        let token = format!("Bearer {}", String::from_utf8_lossy(&token).trim());
        let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0).proxy(None);
        let agent = agent.build().new_agent();
        let url = format!("http://{}{path}", app.config.issuer);
        let mut answer = agent.post(url).header("authorization", token).send(&body)?;
        let answer = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec()?;
        Ok::<T, Failure>(serde_json::from_slice(&answer)?)
    });
    answered.await?.map_err(|error| {
        tracing::error!("issuer, {path}: {error}");
        Problem::ComeBack
    })
}

/// Has a code issued to a voter who has been identified: the issuer draws and stores it, each box takes its credential
/// (or the issuer takes it back), and only then the issuer sends it, in the voter's language. Whoever no longer waits does
/// not stop it: the box may have revoked the code before, and then the new one must leave. For the same reason whoever has
/// begun goes on to the end, and it is only at the beginning that one too many is told to come back.
///
/// `None` where there is no contest for one. What is drawn and could not be sent yet, or of which nobody knows, is `Unknown`.
pub async fn reissue(app: &Shared, voter: &str, lang: Lang) -> Result<Option<Sent>, Problem> {
    let turn = app.asking.clone().try_acquire_owned().map_err(|_| Problem::ComeBack)?;
    let (app, voter) = (app.clone(), voter.to_owned());
    let reissued = tokio::spawn(async move {
        let _turn = turn;
        match once(&app, &voter, lang).await? {
            // A code of an earlier request, which could not be sent in time: now another is drawn.
            Some(Sent::Over) => once(&app, &voter, lang).await,
            sent => Ok(sent),
        }
    });
    reissued.await?
}

async fn once(app: &Shared, voter: &str, lang: Lang) -> Result<Option<Sent>, Problem> {
    let id = VoterId::new(voter).ok_or(Problem::NotFound)?;
    let mut contests = Vec::new();
    for number in app.contests.keys() {
        let id = id.clone();
        if app.boxes.look(*number, move |of, now| of.can_reissue(&id, now)).await?.is_ok() {
            contests.push(*number);
        }
    }
    if contests.is_empty() {
        return Ok(None);
    }
    let order = Order { voter: voter.into(), contests, identity_checked_at: app.clock.now().seconds() };
    let issues: Vec<Issue> = ask(app, "/issue/reissue", &order).await?;
    let mut taken = None;
    for issue in issues {
        let contest = app.contests.values().find(|contest| contest.approved.fingerprint() == issue.contest());
        let number = contest.map(|contest| contest.number).ok_or(Problem::NotFound)?;
        let answer = take(app, number, &id, &issue).await;
        let drawn = Drawn { issue, lang };
        match answer {
            Ok(()) => taken = Some(drawn),
            Err(NoAnswer::Refused(refusal)) => {
                tracing::warn!("contest {number} takes no new code: {}", refusal.code);
                ask::<()>(app, "/issue/withdraw", &drawn).await?;
            }
            // The issuer goes on with this code when it is asked again.
            Err(NoAnswer::ComeBack) => return Err(Problem::ComeBack),
        }
    }
    let Some(drawn) = taken else { return Ok(None) };
    Ok(Some(ask(app, "/issue/stored", &drawn).await.unwrap_or(Sent::Unknown)))
}

/// The same issue is answered alike, however often it is given.
async fn take(app: &App, number: u64, voter: &VoterId, issue: &Issue) -> Result<(), NoAnswer> {
    for _ in 0..TIMES {
        let (voter, issue) = (IdentityChecked::by_application(voter.clone()), issue.clone());
        let reissued = app.boxes.change(number, move |of, now| {
            of.reissue(voter, issue, now).map_err(|error| refused(error.code(), &error))
        });
        match reissued.await {
            Err(NoAnswer::ComeBack) => tokio::time::sleep(Duration::from_millis(100)).await,
            other => return other,
        }
    }
    Err(NoAnswer::ComeBack)
}
