//! What stands on the board: of each trustee the one message that holds, and what all of them come to.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::traits::Identity;

use super::complaint::{self, Complaint};
use super::dealing::{Dealing, Proven};
use super::error::{CeremonyError, MessageKind};
use super::message::{Commitment, Confirmation, Reveal};
use super::{Ceremony, CommitmentDigest};
use crate::bureau::{ElectionKey, IdentityKey, KeyDigest, TrusteeIndex};
use crate::primitives::group::Element;
use crate::primitives::hash::FieldHash;
use crate::primitives::labels;

impl Ceremony {
    /// Of every trustee, in order, what `check` makes of its message.
    ///
    /// What does not pass `check` counts as not sent, as everything under a number that no trustee has. Where
    /// several messages of one trustee pass, `conflict` says whether they are two words or the same one twice.
    fn one_each<'a, M, T>(
        &self,
        kind: MessageKind,
        messages: &'a [M],
        sender: impl Fn(&M) -> TrusteeIndex,
        check: impl Fn(&'a M) -> Result<T, CeremonyError>,
        conflict: impl Fn(&T, &T) -> Option<CeremonyError>,
    ) -> Result<Vec<T>, CeremonyError> {
        let mut sorted = BTreeMap::new();
        for message in messages {
            let trustee = sender(message);
            match (sorted.get(&trustee), check(message)) {
                (None, checked) => {
                    sorted.insert(trustee, checked);
                }
                (Some(Err(_)), Ok(checked)) => {
                    sorted.insert(trustee, Ok(checked));
                }
                (Some(Ok(first)), Ok(second)) => {
                    if let Some(error) = conflict(first, &second) {
                        return Err(error);
                    }
                }
                (Some(_), Err(_)) => {}
            }
        }
        let missing = |trustee| Err(CeremonyError::Missing { message: kind, trustee });
        self.bureau
            .indices()
            .map(|trustee| sorted.remove(&trustee).unwrap_or_else(|| missing(trustee)))
            .collect()
    }

    fn check_signature(
        &self,
        message: MessageKind,
        trustee: TrusteeIndex,
        verify: impl FnOnce(&IdentityKey) -> bool,
    ) -> Result<(), CeremonyError> {
        if self.bureau.identity(trustee).is_some_and(verify) {
            Ok(())
        } else {
            Err(CeremonyError::Signature { message, trustee })
        }
    }

    /// Whether a commitment is its trustee's own word.
    pub(super) fn check_commitment(&self, message: &Commitment) -> Result<(), CeremonyError> {
        let Commitment { trustee, digest, signature } = message;
        self.check_signature(MessageKind::Commitment, *trustee, |key| {
            key.verify(labels::PURPOSE_COMMITMENT, digest.as_bytes(), signature).is_ok()
        })
    }

    pub(super) fn check_commitments(
        &self,
        messages: &[Commitment],
    ) -> Result<Vec<Commitment>, CeremonyError> {
        self.one_each(
            MessageKind::Commitment,
            messages,
            Commitment::trustee,
            |message| self.check_commitment(message).map(|()| message.clone()),
            |first, second| {
                let both = || Box::new([first.clone(), second.clone()]);
                (first.digest != second.digest).then(|| CeremonyError::TwoCommitments(both()))
            },
        )
    }

    /// All proofs of possession, before anything else is looked at in any reveal.
    pub(super) fn check_possession<'a>(
        &self,
        messages: &'a [Reveal],
    ) -> Result<Vec<Proven<'a>>, CeremonyError> {
        self.one_each(
            MessageKind::Reveal,
            messages,
            Reveal::trustee,
            |message| Proven::new(self, message),
            |first, second| two_reveals(first.reveal(), second.reveal()),
        )
    }

    /// What each dealer can be blamed for without a complaint.
    pub(super) fn check_form(
        &self,
        commitments: &[Commitment],
        proven: Vec<Proven<'_>>,
    ) -> Result<Vec<Dealing>, CeremonyError> {
        proven
            .into_iter()
            .zip(commitments)
            .map(|(proven, committed)| {
                let dealing = Dealing::new(self, proven)?;
                dealing.matches(self, &committed.digest)?;
                Ok(dealing)
            })
            .collect()
    }

    /// That there is no complaint that stands, and none that shows a second reveal of its dealer.
    pub(super) fn check_undisputed(
        &self,
        dealings: &[Dealing],
        complaints: &[Complaint],
    ) -> Result<(), CeremonyError> {
        for complaint in complaints {
            // If this proof holds, the reveal is its dealer's own word, whatever the complaint is worth.
            let Ok(proven) = Proven::new(self, &complaint.reveal) else { continue };
            let (dealer, complainant) = (complaint.dealer(), complaint.complainant);
            let shown = dealings.get(dealer.position()).map(Dealing::reveal);
            if let Some(error) = shown.and_then(|shown| two_reveals(shown, proven.reveal())) {
                return Err(error);
            }
            let settled = self.check_parties(complaint).and_then(|()| self.settle_proven(proven, complaint));
            if let Ok(culprit) = settled {
                return Err(CeremonyError::Complaint { dealer, complainant, culprit });
            }
        }
        Ok(())
    }

    /// That the complaint is of one trustee about another of its panel.
    pub(super) fn check_parties(&self, complaint: &Complaint) -> Result<(), CeremonyError> {
        let (dealer, complainant) = (complaint.dealer(), complaint.complainant);
        let others = self.part(dealer).is_some_and(|part| part.recipients.contains(&complainant));
        if others && dealer != complainant {
            Ok(())
        } else {
            Err(CeremonyError::ComplaintParties { dealer, complainant })
        }
    }

    /// Who is to blame for a complaint that carries this proven reveal.
    pub(super) fn settle_proven(
        &self,
        proven: Proven<'_>,
        complaint: &Complaint,
    ) -> Result<TrusteeIndex, CeremonyError> {
        let dealing = Dealing::new(self, proven)?;
        let (dealer, complainant) = (complaint.dealer(), complaint.complainant);
        let parties = || CeremonyError::ComplaintParties { dealer, complainant };
        complaint::Statement {
            ceremony: &self.digest,
            dealer,
            complainant,
            dealer_key: self.bureau.identity(dealer).ok_or_else(parties)?,
            complainant_key: self.bureau.identity(complainant).ok_or_else(parties)?,
            secret: &complaint.secret,
        }
        .verify(&complaint.proof)
        .map_err(|_| CeremonyError::ComplaintProof { dealer, complainant })?;
        let opened = dealing.open(self, complainant, complaint.secret.encoding()).ok_or_else(parties)?;
        Ok(if dealing.holds(complainant, &opened) { complainant } else { dealer })
    }

    pub(super) fn check_confirmations(
        &self,
        digest: &KeyDigest,
        messages: &[Confirmation],
    ) -> Result<(), CeremonyError> {
        let kind = MessageKind::Confirmation;
        let check = |message: &Confirmation| {
            self.check_signature(kind, message.trustee(), |key| {
                key.verify(labels::PURPOSE_KEY, digest.as_bytes(), message.signature()).is_ok()
            })
        };
        // All that pass say the same.
        self.one_each(kind, messages, Confirmation::trustee, check, |(), ()| None).map(|_| ())
    }

    /// `Φ_p[s][k] = Σ_i F_{i,s,k}` over the trustees of panel `p`.
    pub(super) fn combine(&self, dealings: &[Dealing]) -> Result<ElectionKey, CeremonyError> {
        let matrix = |(panel, of): (_, &crate::bureau::Panel)| {
            let row = alloc::vec![RistrettoPoint::identity(); usize::from(of.threshold)];
            let mut sums = alloc::vec![row; usize::from(self.slots)];
            let dealt = self.bureau.members(panel).filter_map(|dealer| dealings.get(dealer.position()));
            for dealing in dealt {
                let points = dealing.commitments().iter().flatten();
                for (sum, point) in sums.iter_mut().flatten().zip(points) {
                    *sum += point.point();
                }
            }
            sums.into_iter().map(|row| row.into_iter().map(Element::from).collect()).collect()
        };
        Ok(ElectionKey::new(self.bureau.clone(), self.bureau.numbered().map(matrix).collect())?)
    }

    /// `H("urne/2 key"; ceremony, commitment_1, …, commitment_n, Φ_1, Φ_2, …)`.
    pub(super) fn key_digest<'a>(
        &self,
        commitments: impl Iterator<Item = &'a CommitmentDigest>,
        key: &ElectionKey,
    ) -> KeyDigest {
        let hash = FieldHash::new(labels::KEY)
            .bytes(self.digest.as_bytes())
            .all(commitments.map(CommitmentDigest::as_bytes))
            .all(key.points().flatten().map(Element::encoding));
        KeyDigest::from_bytes(hash.finish())
    }
}

/// The error that two reveals of one trustee are, both proven, unless they deal the same.
fn two_reveals(first: &Reveal, second: &Reveal) -> Option<CeremonyError> {
    let both = || Box::new([first.clone(), second.clone()]);
    (!first.deals_as(second)).then(|| CeremonyError::TwoReveals(both()))
}
