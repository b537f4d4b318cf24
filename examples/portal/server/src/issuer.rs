//! The issuer of codes, a process of its own: it is told who was identified, and gives public credentials. No code ever
//! comes here: the issuer sends it to the voter itself.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use urne::VoterId;
use urne::ballot_box::Issue;

use crate::accounts::{hex, unhex};
use crate::boxes::{Change, NoAnswer};
use crate::i18n::Lang;
use crate::web::{App, Problem, Shared};
use crate::{Failure, files};

const PATIENCE: Duration = Duration::from_secs(10);
const MOST_BYTES: usize = 1 << 20;
/// How often the box is asked again that had no time.
const TIMES: u32 = 20;

#[derive(Deserialize)]
struct Issues {
    issues: Vec<String>,
}

#[derive(Deserialize)]
struct Told {
    sent: bool,
    over: bool,
}

/// What became of a new code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reissued {
    /// There is no contest for one.
    Nothing,
    Sent,
    /// It is drawn, and the issuer could not send it yet, or does not know.
    NotSent,
}

/// Asks the issuer, by the word in the file that both can read.
async fn ask(app: &App, path: &str, body: &Value) -> Result<Bytes, Failure> {
    let token = files::get(&app.config.issuer_token)?.ok_or("the issuer's token is missing")?;
    let stream = TcpStream::connect(&app.config.issuer).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::post(path)
        .header(header::HOST, &app.config.issuer)
        .header(header::AUTHORIZATION, format!("Bearer {}", String::from_utf8_lossy(&token).trim()))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body.to_string())))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), MOST_BYTES).collect().await?.to_bytes();
    if status.is_success() {
        Ok(body)
    } else {
        Err(format!("the issuer answers {path} with {status}").into())
    }
}

async fn asked<T: DeserializeOwned>(app: &App, path: &str, body: &Value) -> Result<T, Problem> {
    let answer = tokio::time::timeout(PATIENCE, ask(app, path, body)).await;
    let answer = answer.map_err(|_| Failure::from("the issuer does not answer")).and_then(|answer| answer);
    answer.and_then(|answer| Ok(serde_json::from_slice(&answer)?)).map_err(|error| {
        tracing::error!("issuer: {error}");
        Problem::ComeBack
    })
}

/// Has a code issued to a voter who has been identified: the issuer draws and stores it, each box takes its credential
/// (or the issuer takes it back), and only then the issuer sends it, in the voter's language. Whoever no longer waits does
/// not stop it: the box may have revoked the code before, and then the new one must leave.
pub async fn reissue(app: &Shared, voter: &str, lang: Lang) -> Result<Reissued, Problem> {
    let (app, voter) = (app.clone(), voter.to_owned());
    let reissued = tokio::spawn(async move {
        match once(&app, &voter, lang).await? {
            Some(reissued) => Ok(reissued),
            // A code of an earlier request, which could not be sent in time: now another is drawn.
            None => Ok(once(&app, &voter, lang).await?.unwrap_or(Reissued::NotSent)),
        }
    });
    reissued.await?
}

/// `None` where the time of the code was over before it could be sent.
async fn once(app: &App, voter: &str, lang: Lang) -> Result<Option<Reissued>, Problem> {
    let id = VoterId::new(voter).ok_or(Problem::NotFound)?;
    let mut contests = Vec::new();
    for number in app.contests.keys() {
        let id = id.clone();
        if app.boxes.look(*number, move |of, now| of.can_reissue(&id, now)).await?.is_ok() {
            contests.push(*number);
        }
    }
    if contests.is_empty() {
        return Ok(Some(Reissued::Nothing));
    }
    let identity_checked_at = app.clock.now().seconds();
    let order = json!({ "voter": voter, "contests": contests, "identity_checked_at": identity_checked_at });
    let Issues { issues } = asked(app, "/issue/reissue", &order).await?;
    let mut taken = None;
    for issue in issues {
        let form = unhex(&issue).ok_or_else(|| Problem::Internal("the issuer's issue is no hex".into()))?;
        let issue = Issue::from_bytes(&form).map_err(|error| Problem::Internal(error.to_string()))?;
        let contest = app.contests.values().find(|contest| contest.approved.fingerprint() == issue.contest());
        let number = contest.map(|contest| contest.number).ok_or(Problem::NotFound)?;
        match take(app, number, &id, &issue).await {
            Ok(()) => taken = Some(form),
            Err(NoAnswer::Refused(refusal)) => {
                tracing::warn!("contest {number} takes no new code: {}", refusal.code);
                asked::<Value>(app, "/issue/withdraw", &json!({ "issue": hex(&form) })).await?;
            }
            // The issuer goes on with this code when it is asked again.
            Err(NoAnswer::ComeBack) => return Err(Problem::ComeBack),
        }
    }
    let Some(issue) = taken else { return Ok(Some(Reissued::Nothing)) };
    let stored = json!({ "issue": hex(&issue), "lang": lang.code() });
    let Ok(told) = asked(app, "/issue/stored", &stored).await else { return Ok(Some(Reissued::NotSent)) };
    Ok(match told {
        Told { sent: true, .. } => Some(Reissued::Sent),
        Told { over: true, .. } => None,
        Told { .. } => Some(Reissued::NotSent),
    })
}

/// The same issue is answered alike, however often it is given.
async fn take(app: &App, number: u64, voter: &VoterId, issue: &Issue) -> Result<(), NoAnswer> {
    for _ in 0..TIMES {
        let change = Change::Reissue { voter: voter.clone(), issue: issue.clone() };
        match app.boxes.change(number, change).await {
            Err(NoAnswer::ComeBack) => tokio::time::sleep(Duration::from_millis(100)).await,
            other => return other.map(drop),
        }
    }
    Err(NoAnswer::ComeBack)
}
