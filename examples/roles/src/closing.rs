//! The closed box as issuer and trustees read it, each verifying it anew.

use urne::ClosedRecord;
use urne::ballot_box::{AfterComplaints, ClosedBox, GivenClosing, SignedBox, SignedClosing};
use urne::primitives::UnixTime;

use crate::desk::{Desk, Place, all, get};
use crate::tool::Failure;

pub fn closed_box(place: &Place) -> Result<ClosedBox, Failure> {
    Ok(get(place.board.join("closed.json"), ClosedRecord::from_json)?.verify(&mut |_| ())?)
}

/// With the issuer's signature.
pub fn signed_box(place: &Place) -> Result<SignedBox, Failure> {
    let signed = get(place.board.join("closing"), SignedClosing::from_bytes)?;
    Ok(SignedBox::new(closed_box(place)?, *signed.issuer_signature())?)
}

pub fn after_complaints(desk: &Desk, place: &Place, closed: &ClosedBox) -> Result<AfterComplaints, Failure> {
    let given = all(&place.board, ".given", GivenClosing::from_bytes)?;
    let given_at = UnixTime::from_seconds(desk.one("given-at")?);
    Ok(AfterComplaints::of(closed, &given, given_at, desk.one("complaints")?, desk.now()?)?)
}
