//! E-mails with codes. A mail server may take its time: nobody waits for it but who asked, and the desk is free meanwhile.
//! A code is forgotten when its e-mail was handed over; until then it stays, and is the one that is sent again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use urne::VoterId;
use urne::ballot_box::{Issue, Issued};

use super::letters::{Mail, Press};
use super::pages::Office;
use crate::Failure;
use crate::i18n::Lang;

/// How many e-mails are made at a time: so many may go twice if the process is killed.
const BATCH: usize = 20;
/// After so many failures in a row nothing is sent any more: it is the mail server's.
const ENOUGH: usize = 5;
/// How long an e-mail waits that could not be handed over, and how often it does: for longer than its code serves.
const AGAIN: Duration = Duration::from_secs(5);
const TIMES: usize = 30;

/// What became of a code for an e-mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// The mail server has it.
    Yes,
    /// Its time was over before, and it is forgotten: another can be drawn.
    Over,
    /// There is no such code.
    Unknown,
}

/// Who is being written to, each with what was sent to them last.
#[derive(Default)]
pub struct Post {
    turns: Mutex<BTreeMap<VoterId, Arc<tokio::sync::Mutex<Vec<Issue>>>>>,
    /// All letters are sent by one at a time.
    all: tokio::sync::Mutex<()>,
}

/// Sends a code whose issue the box has stored, and again if the mail server does not take it. Gives what became of it
/// the first time.
pub async fn send(office: &Arc<Office>, issue: Issue, lang: Lang) -> Result<Sent, Failure> {
    let (tell, told) = oneshot::channel();
    let office = office.clone();
    // Whoever no longer waits does not stop it.
    tokio::spawn(async move {
        let mut tell = Some(tell);
        for _ in 0..TIMES {
            let sent = once(&office, &issue, lang).await;
            let sent = sent.inspect_err(|error| tracing::error!("a code was not sent: {error}"));
            let failed = sent.is_err();
            if let Some(tell) = tell.take() {
                drop(tell.send(sent));
            }
            if !failed {
                return;
            }
            tokio::time::sleep(AGAIN).await;
        }
    });
    told.await?
}

async fn once(office: &Arc<Office>, issue: &Issue, lang: Lang) -> Result<Sent, Failure> {
    let turn = {
        let mut turns = office.post.turns.lock().map_err(|_| "the post has failed")?;
        turns.entry(issue.voter().clone()).or_default().clone()
    };
    let mut last = turn.lock().await;
    let (meant, clock) = (issue.clone(), office.clock.clone());
    let drawn = office.act(move |desk| {
        let drawn = desk.drawn(meant.voter(), clock.now());
        let Some((issued, in_time)) = drawn.filter(|(issued, _)| issued.issues.contains(&meant)) else {
            return Ok(None);
        };
        let elector = desk.electors.get(meant.voter()).ok_or("no such voter")?;
        let mail = Press::new(desk, lang, &clock)?.mail(&issued, elector, true);
        Ok::<_, Failure>(Some((issued, in_time, mail)))
    });
    let Some((issued, in_time, Mail { to, subject, text })) = drawn.await?? else {
        return Ok(if last.contains(issue) { Sent::Yes } else { Sent::Unknown });
    };
    // It may have left before, and could not be stored as sent: then only that is done again.
    let left = *last == issued.issues;
    if in_time && !left {
        office.mail.send(&to, &subject, &text).await?;
        last.clone_from(&issued.issues);
    }
    office.act(move |desk| desk.sent(&[issued])).await??;
    Ok(if in_time || left { Sent::Yes } else { Sent::Over })
}

/// Sends every code that has no letter by e-mail. Those that went out are forgotten even if another cannot be sent, which
/// stays.
pub async fn send_all(office: &Arc<Office>, lang: Lang) -> Result<(), Failure> {
    let office = office.clone();
    tokio::spawn(async move {
        let _alone = office.post.all.try_lock().map_err(|_| lang.text("issuer-mails-going"))?;
        let (mut failed, mut in_a_row, mut why) = (BTreeSet::new(), 0, None);
        while in_a_row < ENOUGH {
            let (batch, mut sent) = (batch(&office, lang, failed.clone()).await?, Vec::new());
            if batch.is_empty() {
                break;
            }
            for (issued, Mail { to, subject, text }) in batch {
                match office.mail.send(&to, &subject, &text).await {
                    Ok(()) => (in_a_row, _) = (0, sent.push(issued)),
                    Err(error) => {
                        failed.insert(issued.voter);
                        (in_a_row, why) = (in_a_row + 1, Some(error.to_string()));
                    }
                }
                if in_a_row == ENOUGH {
                    break;
                }
            }
            office.act(move |desk| desk.sent(&sent)).await??;
        }
        let Some(why) = why else { return Ok(()) };
        let count = failed.len().to_string();
        Err(lang.with("issuer-mails-failed", &[("count", count.as_str()), ("why", &why)]).into())
    })
    .await?
}

/// The next e-mails of letters that were not sent, but for those that failed.
async fn batch(
    office: &Arc<Office>,
    lang: Lang,
    failed: BTreeSet<VoterId>,
) -> Result<Vec<(Issued, Mail)>, Failure> {
    let clock = office.clock.clone();
    let batch = office.act(move |desk| {
        if !desk.opened() {
            return Err(lang.text("issuer-not-opened").into());
        }
        let press = Press::new(desk, lang, &clock)?;
        let letters = desk.letters().into_iter().filter(|(issued, _)| !failed.contains(&issued.voter));
        let written = letters.take(BATCH).map(|(issued, elector)| {
            let mail = press.mail(&issued, elector, false);
            (issued, mail)
        });
        Ok(written.collect())
    });
    batch.await?
}
