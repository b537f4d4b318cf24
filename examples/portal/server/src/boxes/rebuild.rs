//! Boxes made again from the database, or opened where it has nothing of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use urne::ballot_box::{Anchor, SignedOpening, UnstoredBox};
use urne::{BallotBox, ElectoralRoll, SigningKey};

use super::store::Store;
use super::{Place, Setup, put_anchor};
use crate::{Failure, files};

/// Rows of the log that are in memory at a time.
const ROWS: i64 = 1_000;

pub async fn all(store: &mut Store, setup: &Setup) -> Result<BTreeMap<u64, BallotBox>, Failure> {
    let mut boxes = BTreeMap::new();
    for place in &setup.places {
        let made = one(store, setup, place).await;
        boxes.insert(place.number, made.map_err(|error| format!("contest {}: {error}", place.number))?);
    }
    Ok(boxes)
}

async fn one(store: &mut Store, setup: &Setup, place: &Place) -> Result<BallotBox, Failure> {
    let key = SigningKey::from_seed(&setup.key);
    let mut rows = store.read(place.number, 0, ROWS).await?;
    let anchor = match files::get(&place.anchor)? {
        Some(bytes) => {
            Some(Anchor::from_bytes(&bytes).map_err(|error| format!("{}: {error}", place.anchor.display()))?)
        }
        None => None,
    };
    let mut rebuilding = match anchor {
        Some(anchor) => BallotBox::rebuilding(place.contest.clone(), key, anchor),
        None if rows.is_empty() => return open(store, setup, place, key).await,
        None if setup.without_anchor => {
            tracing::warn!(
                "contest {}: its anchor is lost: compare the box with heads that others hold",
                place.number
            );
            BallotBox::rebuilding_without_anchor(place.contest.clone(), key)
        }
        None => {
            let missing = place.anchor.display();
            return Err(
                format!("{missing} is missing, so nobody can tell whether the log has lost its end").into()
            );
        }
    };
    while let Some((last, _)) = rows.last() {
        let last = *last;
        for (_, bytes) in &rows {
            rebuilding.read(bytes)?;
        }
        rows = store.read(place.number, last, ROWS).await?;
    }
    // Every row is a whole entry, so there is no torn end to cut.
    let ballot_box = anchored(setup, place, rebuilding.finish()?)?;
    let (ballots, receipts) = (ballot_box.len(), store.receipts(place.number).await?);
    if usize::try_from(receipts) != Ok(ballots) {
        return Err(format!("{ballots} ballots in the log and {receipts} receipts beside it").into());
    }
    // It may have been stopped before it did.
    put_roll_aside(place)?;
    Ok(ballot_box)
}

/// A roll opens a box once: where log and anchor are both lost, nothing else would tell a box that had votes from a new one.
fn put_roll_aside(place: &Place) -> Result<(), Failure> {
    if place.roll.exists() {
        fs::rename(&place.roll, opened(place))?;
    }
    Ok(())
}

fn opened(place: &Place) -> PathBuf {
    place.roll.with_added_extension("opened")
}

/// The first start: neither log nor anchor.
async fn open(
    store: &mut Store,
    setup: &Setup,
    place: &Place,
    key: SigningKey,
) -> Result<BallotBox, Failure> {
    let missing = |path: &Path| format!("{} is missing", path.display());
    if opened(place).exists() {
        let why = "neither its log nor its anchor is there, though it was opened once: restore the database; only if nobody \
                   can have voted it may begin anew, with its roll under its first name";
        return Err(format!("{why} ({})", opened(place).display()).into());
    }
    let roll = files::get(&place.roll)?.ok_or_else(|| missing(&place.roll))?;
    let roll = ElectoralRoll::from_bytes(place.contest.clone(), &roll)
        .map_err(|error| format!("{}: {error}", place.roll.display()))?;
    let opening = files::get(&place.opening)?.ok_or_else(|| missing(&place.opening))?;
    let opening = SignedOpening::from_bytes(&opening)
        .map_err(|error| format!("{}: {error}", place.opening.display()))?;
    let unstored = BallotBox::open(roll, *opening.opening(), key)?;
    let entries: Vec<_> =
        unstored.entries().iter().map(|entry| (place.number, entry.number(), entry.as_bytes())).collect();
    store.keep(&entries, &[]).await.map_err(|error| error.to_string())?;
    let ballot_box = anchored(setup, place, unstored)?;
    put_roll_aside(place)?;
    Ok(ballot_box)
}

fn anchored(setup: &Setup, place: &Place, unstored: UnstoredBox) -> Result<BallotBox, Failure> {
    put_anchor(&setup.places, place.number, &unstored.anchor())?;
    Ok(unstored.stored())
}
