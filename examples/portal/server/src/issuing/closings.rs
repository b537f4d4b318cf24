//! Closings: noted when they are given, and signed when nobody complained in time.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use urne::{ClosedBox, ClosedRecord};

use super::pages::Office;
use crate::contests::Contest;
use crate::{Failure, disk};

/// How often it is looked for closings.
const LOOK: Duration = Duration::from_secs(5);
const CLOSED: &str = "closed.json";

/// Notes when closings are given: from then on, by this clock, complaints are taken.
pub async fn watch(office: Arc<Office>) {
    let mut noted = BTreeMap::new();
    loop {
        tokio::time::sleep(LOOK).await;
        let written =
            |of: &Contest| Some((of.number, fs::metadata(of.folder.join(CLOSED)).ok()?.modified().ok()?));
        let there: BTreeMap<_, _> = office.contests.values().filter_map(written).collect();
        // Those that were written anew are given anew.
        if there == noted {
            continue;
        }
        match note(&office).await {
            Ok(_) => noted = there,
            Err(error) => tracing::error!("a closing: {error}"),
        }
    }
}

/// Signs the closing of every contest, each of those that are there having been noted first.
pub async fn sign(office: &Arc<Office>) -> Result<(), Failure> {
    let closed = note(office).await?;
    office.act(move |desk| desk.sign_closings(closed, desk.clock.now())).await
}

/// Verifies the closed records that are there, and notes that they were given: apart from the desk, since that takes a
/// while for a large box.
async fn note(office: &Arc<Office>) -> Result<Vec<ClosedBox>, Failure> {
    let contests = office.contests.clone();
    let there =
        move || contests.values().filter(|of| of.has(CLOSED)).map(verified).collect::<Result<Vec<_>, _>>();
    let closed = tokio::task::spawn_blocking(there).await??;
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
