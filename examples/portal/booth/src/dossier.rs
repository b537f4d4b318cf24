//! Votes of earlier sessions, from their dossiers: sent again, and acknowledged.

use urne::voter::{Dossier, Resumed, Voted};
use urne::{ApprovedContest, Receipt};

use crate::TOLERANCE;
use crate::forms::Refusal;
use crate::json::{Json, object};
use crate::request::{AcknowledgeResumed, Resume, time};
use crate::session::hex;

/// The ballot of a vote whose answer was lost. The dossier says whose it is.
pub(crate) fn resume(place: &mut Option<Resumed>, of: Resume) -> Result<Json, Refusal> {
    let contest = ApprovedContest::from_json(of.approved.as_bytes())?;
    let resumed = Dossier::from_bytes(&of.dossier.0)?.resume(contest.contest())?;
    let answer = object! {
        "number": contest.contest().description().number,
        "voter": hex(resumed.voter().as_bytes()),
        "reference": resumed.reference().to_string(),
        "ballot": hex(resumed.ballot()),
    };
    *place = Some(resumed);
    Ok(answer)
}

pub(crate) fn acknowledge(place: &mut Option<Resumed>, of: AcknowledgeResumed) -> Result<Json, Refusal> {
    let receipt = Receipt::from_bytes(&of.receipt.0)?;
    let resumed = place.take().ok_or_else(|| Refusal::new("page/order", "nothing is resumed"))?;
    match resumed.acknowledge(receipt, time(of.now), TOLERANCE) {
        Ok(voted) => Ok(acknowledgement(&voted)),
        Err(refused) => {
            let error = refused.error();
            *place = Some(refused.into_parts().0);
            Err(error.into())
        }
    }
}

/// What a vote of this device was acknowledged with, checked again.
pub(crate) fn proof(of: Resume) -> Result<Json, Refusal> {
    let contest = ApprovedContest::from_json(of.approved.as_bytes())?;
    Ok(acknowledgement(&Dossier::from_bytes(&of.dossier.0)?.voted(contest.contest())?))
}

/// What the voter is shown, and keeps.
pub(crate) fn acknowledgement(voted: &Voted) -> Json {
    let description = voted.contest().description();
    let receipt = voted.receipt();
    object! {
        "number": description.number,
        "title": description.title.to_string(),
        "at": receipt.acknowledgement.at.seconds(),
        "reference": voted.reference().to_string(),
        "index": receipt.deposit_proof.index,
        "proof": hex(&receipt.deposit_proof.to_bytes()),
        "dossier": hex(&voted.dossier().to_bytes()),
    }
}
