//! Votes of earlier sessions, from their dossiers: sent again, and acknowledged.

use urne::voter::{Dossier, Resumed, Voted};
use urne::{ApprovedContest, Receipt};

use crate::TOLERANCE;
use crate::forms::Refusal;
use crate::json::{Json, object};
use crate::request::{AcknowledgeResumed, Resume, time};
use crate::session::hex;

/// The dossier, if it is the page's voter's. In a browser that several share it may be another's.
fn own(of: &Resume) -> Result<Dossier, Refusal> {
    let dossier = Dossier::from_bytes(&of.dossier.0)?;
    if dossier.voter().as_bytes() == &of.voter.0[..] {
        Ok(dossier)
    } else {
        Err(Refusal::new("dossier/other-voter", "the dossier is another voter's"))
    }
}

/// The ballot of a vote whose answer was lost.
pub(crate) fn resume(place: &mut Option<Resumed>, of: Resume) -> Result<Json, Refusal> {
    let contest = ApprovedContest::from_json(of.approved.as_bytes())?;
    let resumed = own(&of)?.resume(contest.contest())?;
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
    Ok(acknowledgement(&own(&of)?.voted(contest.contest())?))
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
