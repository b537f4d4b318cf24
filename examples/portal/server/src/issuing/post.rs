//! E-mails with codes. A mail server may take its time: nobody waits for it but who asked, and the desk is free meanwhile.
//! A code is forgotten when its e-mail was handed over; until then it stays, and is the one that is sent again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use urne::ballot_box::Issue;

use super::letters::Press;
use super::pages::Office;
use crate::Failure;
use crate::i18n::Lang;

/// How many e-mails are made at a time: so many may go twice if the process is killed.
const BATCH: usize = 20;
/// Where so many of the last, less those that were taken, were not taken, no more are sent: it is the mail server's.
const ENOUGH: usize = 10;
/// Where so many in a row are not taken, whatever is said of their addresses, neither.
const IN_A_ROW: usize = 60;
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

/// Sends a code whose issue the box has stored, and again if the mail server does not take it. Gives what became of it
/// the first time. Whoever no longer waits does not stop it.
pub async fn send(office: &Arc<Office>, issue: Issue, lang: Lang) -> Result<Sent, Failure> {
    let office = office.clone();
    let first = tokio::spawn(async move {
        let sent = once(&office, &issue, lang).await;
        if let Err(error) = &sent {
            tracing::error!("a code was not sent: {error}");
            tokio::spawn(again(office, issue, lang));
        }
        sent
    });
    first.await?
}

async fn again(office: Arc<Office>, issue: Issue, lang: Lang) {
    for _ in 1..TIMES {
        tokio::time::sleep(AGAIN).await;
        match once(&office, &issue, lang).await {
            Ok(_) => return,
            Err(error) => tracing::error!("a code was not sent again: {error}"),
        }
    }
}

async fn once(office: &Arc<Office>, issue: &Issue, lang: Lang) -> Result<Sent, Failure> {
    let turn = office.turns.lock().await.entry(issue.voter().clone()).or_default().clone();
    let mut last = turn.lock().await;
    let meant = issue.clone();
    let drawn = office.act(move |desk| {
        let drawn = desk.drawn(meant.voter(), desk.clock.now());
        let drawn = drawn.filter(|(issued, _)| issued.issues.contains(&meant));
        let Some((issued, in_time)) = drawn else { return Ok(None) };
        let mail = Press::new(desk, lang)?.mail(&issued)?;
        Ok::<_, Failure>(Some((issued, in_time, mail)))
    });
    let Some((issued, in_time, mail)) = drawn.await? else {
        return Ok(if last.contains(issue) { Sent::Yes } else { Sent::Unknown });
    };
    // It may have left before, and could not be stored as sent: then only that is done again.
    let left = *last == issued.issues;
    if in_time && !left {
        office.mail.send(&mail.to, &mail.subject, &mail.text).await?;
        last.clone_from(&issued.issues);
    }
    office.act(move |desk| desk.sent(&[issued])).await?;
    Ok(if in_time || left { Sent::Yes } else { Sent::Over })
}

/// Sends every code that has no letter by e-mail. Those that went out are forgotten even if another cannot be sent, which
/// stays.
pub async fn send_all(office: &Arc<Office>, lang: Lang) -> Result<(), Failure> {
    let office = office.clone();
    tokio::spawn(async move {
        let _alone = office.sending_all.try_lock().map_err(|_| lang.text("issuer-mails-going"))?;
        let (mut failed, mut bad, mut row, mut why) = (BTreeSet::new(), 0_usize, 0, None);
        while bad < ENOUGH && row < IN_A_ROW {
            // The next, but for those that failed.
            let before = failed.clone();
            let batch = office.act(move |desk| {
                let (press, parts) = (Press::new(desk, lang)?, desk.parts(lang)?);
                let letters = parts.into_values().flatten().filter(|issued| !before.contains(&issued.voter));
                let written = letters.take(BATCH).map(|issued| Ok((press.mail(&issued)?, issued)));
                written.collect::<Result<Vec<_>, Failure>>()
            });
            let (batch, mut sent) = (batch.await?, Vec::new());
            if batch.is_empty() {
                break;
            }
            for (mail, issued) in batch {
                if let Err(error) = office.mail.send(&mail.to, &mail.subject, &mail.text).await {
                    let error = error.to_string();
                    // 550 to 553 are said of a recipient.
                    bad += usize::from(!["550", "551", "552", "553"].iter().any(|of| error.ends_with(of)));
                    (_, row, why) = (failed.insert(issued.voter), row + 1, Some(error));
                } else {
                    (bad, row, _) = (bad.saturating_sub(1), 0, sent.push(issued));
                }
                if bad == ENOUGH || row == IN_A_ROW {
                    break;
                }
            }
            office.act(move |desk| desk.sent(&sent)).await?;
        }
        let Some(why) = why else { return Ok(()) };
        let count = failed.len().to_string();
        Err(lang.with("issuer-mails-failed", &[("count", count.as_str()), ("why", &why)]).into())
    })
    .await?
}
