//! What each fuzz target does with its input. `tests/corpus.rs` includes this file too and replays the
//! committed corpus through it, so it uses nothing but `fixture` beside it.

use urne::BallotReference;
use urne::ballot::{Ballot, ChallengedBallot, verify_batch};
use urne::ballot_box::Deposit;
use urne::ceremony::{Commitment, Complaint, Confirmation, Reveal};
use urne::contest::TrusteeSignature;
use urne::decryption::DecryptionFactors;
use urne::receipt::{DepositProof, Emargement, Head};
use urne::tally::PartialSum;
use urne::{ActivationNonce, BallotBox, MerklePath, OpenedTally, VoterId, VotingCode};

use super::fixture::common::CLOSES_AT;
use super::fixture::forms::FORMS;
use super::fixture::{VOTERS, after_opening, election, issued, open_box, voter};

mod box_log;
mod record;

pub use box_log::box_log;
pub use record::record;

pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its corpus.
pub const TARGETS: [(&str, Target); 5] =
    [("decode", decode), ("verify", verify), ("record", record), ("box_log", box_log), ("batch", batch)];

/// An input read from front to back; zeros after its end.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> usize {
        usize::from(u16::from_le_bytes([self.byte(), self.byte()]))
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        head
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Every decoder: the first byte says which form the others are. What decodes encodes to the same bytes.
pub fn decode(data: &[u8]) {
    let mut input = Input(data);
    let selector = usize::from(input.byte()) % (FORMS.len() + 2);
    let bytes = input.0;
    match FORMS.get(selector) {
        Some((name, form)) => {
            if let Ok(again) = form(bytes) {
                assert_eq!(again, bytes, "{name}");
            }
        }
        None => {
            let Ok(text) = std::str::from_utf8(bytes) else { return };
            if selector == FORMS.len() {
                if let Ok(reference) = text.parse::<BallotReference>() {
                    assert_eq!(reference.to_string(), text.replacen("%29", ")", 1));
                }
            } else if let Ok(code) = text.parse::<VotingCode>() {
                let plain = |text: &str| text.replace(['-', ' '], "").to_ascii_lowercase();
                assert_eq!(plain(&code.expose_text()), plain(text));
            }
        }
    }
}

/// Messages in the place where they are checked. Nobody without the keys makes one that passes, so what
/// passes must be the election's own, or lead to the same outcome.
pub fn verify(data: &[u8]) {
    let mut input = Input(data);
    let selector = input.byte();
    match selector % 8 {
        0 => verify_ballot(input.0),
        1 => verify_challenged(input.0),
        2 => verify_receipt(input.byte(), input.0),
        3 => verify_ceremony(input.byte(), input.0),
        4 => verify_complaint(input.0),
        5 => verify_factors(input.byte(), input.0),
        6 => verify_endorsement(input.byte(), input.0),
        _ => merge_sums(input.byte(), input.0),
    }
}

fn verify_ballot(bytes: &[u8]) {
    let contest = &election().contest;
    let Ok(ballot) = Ballot::from_bytes(contest, bytes) else { return };
    if ballot.verify(contest).is_ok() {
        assert!(election().ballots.iter().any(|known| known == bytes), "a forged ballot passes");
    }
}

fn verify_challenged(bytes: &[u8]) {
    let Ok(opened) = ChallengedBallot::from_bytes(bytes) else { return };
    let reference = BallotReference::of(election().contest.contest(), opened.ballot());
    if opened.verify(&election().contest, &reference).is_ok() {
        assert!(election().challenged.contains(&opened), "a false opening passes");
    }
}

fn verify_receipt(selector: u8, bytes: &[u8]) {
    let contest = election().contest.contest();
    let receipts = &election().receipts;
    let receipt = &receipts[usize::from(selector >> 4) % receipts.len()];
    let ballot = &election().closed.ballots()[usize::from(selector >> 4) % receipts.len()];
    let known = receipt.deposit_proof.as_ref().unwrap();
    let closed = &election().closed;
    match selector % 4 {
        0 => {
            let Ok(head) = Head::from_bytes(bytes) else { return };
            if head.verify(contest).is_ok() {
                assert!(receipts.iter().any(|receipt| receipt.deposit_proof.as_ref().unwrap().head == head));
            }
        }
        1 => {
            let Ok(emargement) = Emargement::from_bytes(bytes) else { return };
            if emargement.verify(contest).is_ok() {
                assert!(receipts.iter().any(|receipt| receipt.emargement == emargement));
            }
        }
        2 => {
            let Ok(proof) = DepositProof::from_bytes(bytes) else { return };
            if proof.verify(contest, ballot).is_ok() {
                assert_eq!(proof, *known);
            }
        }
        _ => {
            let Ok(path) = MerklePath::from_bytes(bytes) else { return };
            let roll = closed.roll().digest();
            if known.head.verify_consistency(contest, closed.closing(), roll, &path).is_ok() {
                assert_eq!(Some(path), closed.consistency(known.head.size));
            }
        }
    }
}

/// A message of the ceremony in the place of the true one.
fn verify_ceremony(selector: u8, bytes: &[u8]) {
    let board = &election().board;
    let (mut commitments, mut reveals) = (board.commitments.clone(), board.reveals.clone());
    let mut confirmations = board.confirmations.clone();
    let place = usize::from(selector >> 4) % commitments.len();
    match selector % 3 {
        0 => match Commitment::from_bytes(bytes) {
            Ok(message) => commitments[place] = message,
            Err(_) => return,
        },
        1 => match Reveal::from_bytes(bytes) {
            Ok(message) => reveals[place] = message,
            Err(_) => return,
        },
        _ => match Confirmation::from_bytes(bytes) {
            Ok(message) => confirmations[place] = message,
            Err(_) => return,
        },
    }
    if let Ok(key) = election().ceremony.conclude(&commitments, &reveals, &[], &confirmations) {
        assert_eq!(key, election().key);
    }
}

/// Nobody cheats in the election's ceremony, so no complaint stands against a dealer.
fn verify_complaint(bytes: &[u8]) {
    let Ok(complaint) = Complaint::from_bytes(bytes) else { return };
    let election = election();
    for reveal in &election.board.reveals {
        assert_ne!(election.ceremony.settle(reveal, &complaint), Ok(complaint.dealer()));
    }
}

/// Factors first in line, before the true ones of all trustees or before one of them.
fn verify_factors(selector: u8, bytes: &[u8]) {
    let Ok(factors) = DecryptionFactors::from_bytes(bytes) else { return };
    let election = election();
    let mut all = vec![factors];
    all.extend(election.factors.iter().skip(usize::from(selector) % 3).cloned());
    match OpenedTally::open(&election.closed, &election.endorsements, &all) {
        Ok(opened) => {
            assert_eq!(opened.result().votes(), election.record.result.votes);
            assert_eq!(opened.result().blank(), election.record.result.blank);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn verify_endorsement(selector: u8, bytes: &[u8]) {
    let Ok(endorsement) = TrusteeSignature::from_bytes(bytes) else { return };
    let election = election();
    let mut endorsements = election.endorsements.clone();
    let place = usize::from(selector) % endorsements.len();
    endorsements[place] = endorsement;
    if OpenedTally::open(&election.closed, &endorsements, &election.factors).is_ok() {
        assert_eq!(endorsement, election.endorsements[place]);
    }
}

/// Two sums, cut where the first byte says, or one and the sum of the first ballots. Merging does not depend on
/// the order, and never gives a sum that the wire form does not know.
fn merge_sums(cut: u8, bytes: &[u8]) {
    let contest = &election().contest;
    let (left, right) = bytes.split_at(bytes.len().min(usize::from(cut)));
    let mut own = PartialSum::new(contest.contest());
    for (index, ballot) in (0..).zip(&election().ballots[..usize::from(cut % 4)]) {
        let ballot = Ballot::from_bytes(contest, ballot).unwrap().verify(contest).unwrap();
        own.add(index, &ballot).unwrap();
    }
    let sums: Vec<_> =
        [left, right, bytes].into_iter().flat_map(PartialSum::from_bytes).chain([own]).collect();
    for left in &sums {
        for right in &sums {
            let (mut one, mut other) = (left.clone(), right.clone());
            let merged = one.merge(right);
            assert_eq!(merged.is_ok(), other.merge(left).is_ok());
            if merged.is_ok() {
                assert_eq!(one.to_bytes(), other.to_bytes());
                assert_eq!(PartialSum::from_bytes(&one.to_bytes()), Ok(one.clone()));
            } else {
                assert!(one == *left, "a refused merge changes nothing");
            }
            let count = one.covered().last().map_or(0, |range| range.end);
            assert_eq!(one.clone().finish(count).is_ok(), one.covered().iter().all(|range| range.start == 0));
        }
    }
}

/// A batch of damaged ballots: the verdict on each is the one it gets alone, or a box that takes them
/// together gives the same answers as one that takes them one by one.
pub fn batch(data: &[u8]) {
    let mut input = Input(data);
    let (first, second) = (input.byte(), input.byte());
    let count = 1 + usize::from(first % 24);
    let pool = &election().ballots;
    let mut ballots: Vec<Vec<u8>> =
        (0..count).map(|place| pool[(place + usize::from(second)) % pool.len()].clone()).collect();
    while !input.is_empty() {
        let (kind, place, at, value) =
            (input.byte(), usize::from(input.byte()) % count, input.number(), input.byte());
        let length = ballots[place].len();
        // Points and scalars stand every 32 bytes after the first two.
        let field = 2 + at % (length / 32) * 32;
        match kind % 4 {
            0 => ballots[place][at % length] ^= value,
            1 => {
                let other = ballots[usize::from(value) % count][field..field + 32].to_vec();
                ballots[place][field..field + 32].copy_from_slice(&other);
            }
            2 => {
                let other = 2 + usize::from(value) % (length / 32) * 32;
                let moved = ballots[place][other..other + 32].to_vec();
                ballots[place][field..field + 32].copy_from_slice(&moved);
            }
            _ => ballots[place] = ballots[usize::from(value) % count].clone(),
        }
    }
    if second < 128 { compare_verdicts(&ballots) } else { compare_deposits(&ballots) }
}

fn compare_verdicts(ballots: &[Vec<u8>]) {
    let contest = &election().contest;
    let decoded: Vec<_> = ballots.iter().flat_map(|bytes| Ballot::from_bytes(contest, bytes)).collect();
    let alone: Vec<_> = decoded
        .iter()
        .map(|ballot| ballot.clone().verify(contest).map(|ballot| ballot.into_bytes()))
        .collect();
    match verify_batch(contest, decoded) {
        Ok(together) => {
            let together: Vec<_> =
                together.into_iter().map(|verdict| verdict.map(|ballot| ballot.into_bytes())).collect();
            assert_eq!(together, alone);
        }
        Err(_) => assert!(alone.is_empty()),
    }
    for accepted in alone.iter().flatten() {
        assert!(election().ballots.contains(accepted), "a forged ballot passes");
    }
}

fn compare_deposits(ballots: &[Vec<u8>]) {
    let (mut one_by_one, mut together) = (active_box(), active_box());
    let deposits: Vec<(VoterId, Vec<u8>)> =
        ballots.iter().cloned().map(|bytes| (holder(&bytes), bytes)).collect();
    let now = after_opening(60);
    let answer = |deposit: Deposit| (deposit.receipt, deposit.entry);
    let single: Vec<_> =
        deposits.iter().map(|(voter, bytes)| one_by_one.deposit(voter, bytes, now).map(answer)).collect();
    let batch: Vec<_> =
        together.deposit_batch(&deposits, now).into_iter().map(|deposit| deposit.map(answer)).collect();
    assert_eq!(batch, single);
    let [one_by_one, together] = [one_by_one, together].map(|open| open.close(CLOSES_AT).unwrap().0);
    assert_eq!(one_by_one.closing(), together.closing());
    assert_eq!(one_by_one.tally(), together.tally());
}

/// The voter whose credential a ballot names, or the first.
fn holder(ballot: &[u8]) -> VoterId {
    let holder =
        |number: &u8| (0..2).any(|issue| ballot.get(2..34) == Some(&issued(*number, issue).0.to_bytes()));
    voter((0..VOTERS).find(holder).unwrap_or(0))
}

/// The box with all first codes active.
fn active_box() -> BallotBox {
    let contest = &election().contest;
    let (mut ballot_box, _) = open_box(contest);
    for number in 0..VOTERS {
        let nonce = ActivationNonce::from_bytes([0; 32]);
        ballot_box.activate(&voter(number), &nonce, &issued(number, 0).1, after_opening(1)).unwrap();
    }
    ballot_box
}
