//! Boxes made again from the database, or opened where it has nothing of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use urne::ballot_box::{Anchor, SignedOpening, UnstoredBox};
use urne::{BallotBox, ElectoralRoll, SigningKey};

use super::store::Store;
use super::{Place, Setup};
use crate::{Failure, disk};

/// Rows of the log that are in memory at a time.
const ROWS: i64 = 1_000;

pub async fn all(store: &mut Store, setup: &Setup) -> Result<BTreeMap<u64, (Place, BallotBox)>, Failure> {
    let mut boxes = BTreeMap::new();
    for place in &setup.places {
        let made = one(store, setup, place).await;
        let made = made.map_err(|error| format!("contest {}: {error}", place.number))?;
        boxes.insert(place.number, (place.clone(), made));
    }
    Ok(boxes)
}

async fn one(store: &mut Store, setup: &Setup, place: &Place) -> Result<BallotBox, Failure> {
    let key = SigningKey::from_seed(&setup.key);
    let mut rows = store.read(place.number, 0, ROWS).await?;
    let anchor = disk::find(&place.anchor)?.map(|bytes| Anchor::from_bytes(&bytes)).transpose();
    let mut rebuilding = match anchor.map_err(|error| disk::named(&place.anchor, error))? {
        Some(anchor) => BallotBox::rebuilding(place.contest.clone(), key, anchor),
        None if rows.is_empty() => return open(store, place, key).await,
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
    let ballot_box = anchored(place, rebuilding.finish()?)?;
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
async fn open(store: &mut Store, place: &Place, key: SigningKey) -> Result<BallotBox, Failure> {
    if opened(place).exists() {
        let why = "neither its log nor its anchor is there, though it was opened once: restore the database; only if nobody \
                   can have voted it may begin anew, with its roll under its first name";
        return Err(format!("{why} ({})", opened(place).display()).into());
    }
    let roll = disk::get(&place.roll, |bytes| ElectoralRoll::from_bytes(place.contest.clone(), bytes))?;
    let opening = disk::get(&place.opening, SignedOpening::from_bytes)?;
    let unstored = BallotBox::open(roll, *opening.opening(), key)?;
    let entries: Vec<_> = unstored.entries().iter().map(|entry| (place.number, entry)).collect();
    store.keep(&entries, &[]).await?;
    let ballot_box = anchored(place, unstored)?;
    put_roll_aside(place)?;
    Ok(ballot_box)
}

fn anchored(place: &Place, unstored: UnstoredBox) -> Result<BallotBox, Failure> {
    disk::put(&place.anchor, &unstored.anchor().to_bytes())?;
    Ok(unstored.stored())
}
