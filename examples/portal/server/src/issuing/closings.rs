//! Closings: noted when they are given, and signed when nobody complained in time.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use urne::{ClosedBox, ClosedRecord};

use super::pages::Office;
use crate::contests::Contest;
use crate::{Failure, disk};

/// How often it is looked for closings.
const LOOK: Duration = Duration::from_secs(5);
const CLOSED: &str = "closed.json";

/// Notes when closings are given: from then on, by this clock, complaints are taken. What one contest has keeps none of the
/// others waiting.
pub async fn watch(office: Arc<Office>) {
    // When the record of a contest was written that was looked at last; where that failed, until when it is not again.
    let mut looked = BTreeMap::<u64, (SystemTime, Option<Instant>)>::new();
    loop {
        tokio::time::sleep(LOOK).await;
        for (number, of) in office.contests.iter() {
            let written = fs::metadata(of.folder.join(CLOSED)).and_then(|file| file.modified());
            let (Ok(written), begun) = (written, Instant::now()) else { continue };
            // One that was written anew is given anew.
            let done = |(at, until): &(_, Option<_>)| until.map_or(*at == written, |until| begun < until);
            if looked.get(number).is_some_and(done) {
                continue;
            }
            let failed = note(&office, *number).await.err().map(|error| {
                tracing::error!("the closing of contest {number}: {error}");
                // Most of the time it is free for what voters ask, however large the record is.
                Instant::now() + 20 * begun.elapsed()
            });
            looked.insert(*number, (written, failed));
        }
    }
}

/// Signs the closing of every contest, each of those that are there having been noted first.
pub async fn sign(office: &Arc<Office>) -> Result<(), Failure> {
    let mut closed = Vec::new();
    for of in office.contests.values().filter(|of| of.has(CLOSED)) {
        closed.push(note(office, of.number).await?);
    }
    office.act(move |desk| desk.sign_closings(closed, desk.clock.now())).await
}

/// Verifies the closed record of a contest, and notes that it was given: apart from the desk, since that takes a while for a
/// large box.
async fn note(office: &Arc<Office>, number: u64) -> Result<ClosedBox, Failure> {
    let contests = office.contests.clone();
    let verify = move || verified(contests.get(&number).ok_or("no such contest")?);
    let closed = tokio::task::spawn_blocking(verify).await??;
    office.act(move |desk| desk.note(&closed, desk.clock.now()).map(|()| closed)).await
}

/// The closed record of a contest, by the issuer's own word for it.
fn verified(contest: &Contest) -> Result<ClosedBox, Failure> {
    let closed = disk::get(contest.folder.join(CLOSED), ClosedRecord::from_json)?.verify(&mut |_| ())?;
    if closed.contest().fingerprint() != contest.approved.fingerprint() {
        return Err(format!("the closed record is not of contest {}", contest.number).into());
    }
    Ok(closed)
}
