//! Votes of earlier sessions, from their dossiers: what came of them, and the answer to a ballot that was sent again.

use urne::record::HexBytes;
use urne::voter::{Dossier, Voted};
use urne::{ApprovedContest, Receipt};

use crate::TOLERANCE;
use crate::forms::Refusal;
use crate::request::{Answer, Kept, time};

impl Kept {
    /// The dossier, if it is the page's voter's. In a browser that several share it may be another's.
    fn read(&self) -> Result<(Dossier, ApprovedContest), Refusal> {
        let contest = ApprovedContest::from_json(self.approved.as_bytes())?;
        let dossier = Dossier::from_bytes(&self.dossier.0)?;
        if dossier.voter().as_bytes() == &self.voter.0[..] {
            Ok((dossier, contest))
        } else {
            Err(Refusal::new("dossier/other-voter", "the dossier is another voter's"))
        }
    }

    /// What the vote was acknowledged with, checked again; or the ballot, if its answer was lost.
    pub(crate) fn earlier(&self) -> Result<Answer, Refusal> {
        let (dossier, contest) = self.read()?;
        if dossier.receipt().is_some() {
            return Ok(voted(&dossier.voted(contest.contest())?));
        }
        let resumed = dossier.resume(contest.contest())?;
        Ok(Answer::Waiting { reference: resumed.reference(), ballot: HexBytes(resumed.ballot().to_vec()) })
    }

    pub(crate) fn acknowledge(&self, receipt: &[u8], now: u64) -> Result<Answer, Refusal> {
        let receipt = Receipt::from_bytes(receipt)?;
        let (dossier, contest) = self.read()?;
        match dossier.resume(contest.contest())?.acknowledge(receipt, time(now), TOLERANCE) {
            Ok(acknowledged) => Ok(voted(&acknowledged)),
            Err(refused) => Err(refused.error().into()),
        }
    }
}

pub(crate) fn voted(voted: &Voted) -> Answer {
    let receipt = voted.receipt();
    Answer::Voted {
        at: receipt.acknowledgement.at.seconds(),
        reference: voted.reference(),
        proof: HexBytes(receipt.deposit_proof.to_bytes()),
        dossier: HexBytes(voted.dossier().to_bytes()),
    }
}
