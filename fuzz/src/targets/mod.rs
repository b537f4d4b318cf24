//! What each fuzz target does with its input. `tests/corpus.rs` includes this file too and replays the
//! committed corpus through it, so it uses nothing but `fixture` beside it.

use urne::ballot::{Ballot, ChallengedBallot, PartialSum, verify_batch};
use urne::ballot_box::{
    Complaints, DepositProof, Emargement, GivenClosing, Head, MerklePath, ProposedOpening, SignedClosing,
    SignedOpening, Signings, VoterId,
};
use urne::bureau::{Commitment, Complaint, Confirmation, Reveal};
use urne::contest::Approval;
use urne::primitives::Kind;
use urne::record::GivenRecord;
use urne::tally::{DecryptionFactors, Endorsement};
use urne::trustee::Ready;
use urne::voter::Dossier;
use urne::{
    ActivationNonce, ApprovedContest, BallotBox, BallotReference, Choice, OpenedTally, Trustee, TrusteeIndex,
    VotingCode,
};

use super::fixture::acts::OneByOne;
use super::fixture::common::ENDS_AT;
use super::fixture::forms::FORMS;
use super::fixture::{
    Election, LISTS, VOTERS, after_opening, again, before_opening, credential, election, issued, open_box,
    rng, voter, voters,
};

mod box_log;
mod record;

pub use box_log::{body, box_log};
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
        Some(form) => {
            if let Ok(again) = (form.read)(bytes) {
                assert_eq!(again, bytes, "{}", form.name);
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
    match selector % 11 {
        0 => verify_ballot(input.0),
        1 => verify_challenged(input.byte(), input.0),
        2 => verify_receipt(input.byte(), input.0),
        3 => verify_ceremony(input.byte(), input.0),
        4 => verify_complaint(input.0),
        5 => verify_factors(input.byte(), input.0),
        6 => verify_endorsement(input.byte(), input.0),
        7 => merge_sums(input.byte(), input.0),
        8 => verify_approval(input.byte(), input.0),
        9 => verify_opening_and_closing(input.byte(), input.0),
        _ => verify_for_trustee(input.byte(), input.0),
    }
}

fn verify_ballot(bytes: &[u8]) {
    let contest = election().contest.contest();
    let Ok(ballot) = Ballot::from_bytes(contest, bytes) else { return };
    if ballot.verify(contest).is_ok() {
        assert!(election().ballots.iter().any(|known| known == bytes), "a forged ballot passes");
    }
}

/// What passes is one of the election's own, opened to what its voter meant.
fn verify_challenged(selector: u8, bytes: &[u8]) {
    let Ok(opened) = ChallengedBallot::from_bytes(bytes) else { return };
    let contest = &election().contest;
    let reference = BallotReference::of(contest.contest(), opened.ballot());
    let own = credential(contest, selector / 16 % VOTERS, selector / 8 % 2).public();
    let meant = match selector % (LISTS + 1) {
        0 => Choice::Blank,
        list => Choice::List(list),
    };
    if opened.verify(contest, &reference, &own, meant).is_ok() {
        let known = election().challenged.iter().position(|known| *known.expose_bytes() == *bytes);
        let known = known.expect("a false opening passes");
        assert_eq!(known / 3, usize::from(selector / 16 % VOTERS));
    }
}

fn verify_receipt(selector: u8, bytes: &[u8]) {
    let contest = election().contest.contest();
    let closed = election().closed();
    let opening = closed.roll().opening_digest();
    let receipts = &election().receipts;
    let receipt = &receipts[usize::from(selector >> 4) % receipts.len()];
    let ballot = &closed.ballots()[usize::from(selector >> 4) % receipts.len()];
    let known = &receipt.deposit_proof;
    match selector % 4 {
        0 => {
            let Ok(head) = Head::from_bytes(bytes) else { return };
            if head.verify(contest, opening).is_ok() {
                assert!(receipts.iter().any(|receipt| receipt.deposit_proof.head == head));
                assert_eq!(closed.check_head(&head), Ok(()));
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
            if proof.verify(contest, opening, ballot).is_ok() {
                assert_eq!(proof, *known);
            }
        }
        _ if bytes.first() == Some(&Kind::Dossier.byte()) => verify_dossier(bytes),
        _ => {
            let Ok(path) = MerklePath::from_bytes(bytes) else { return };
            let roll = closed.roll().digest();
            if known.head.verify_consistency(contest, opening, closed.closing(), roll, &path).is_ok() {
                assert_eq!(Some(path), closed.consistency(known.head.size));
            }
        }
    }
}

/// A dossier with another receipt than the box's own has none that holds; and whatever the device's file says, only
/// a ballot that was acknowledged is found in the closed box.
fn verify_dossier(bytes: &[u8]) {
    let Ok(dossier) = Dossier::from_bytes(bytes) else { return };
    let Election { contest, receipts, closed_record, .. } = election();
    let closing = election().closed().digest();
    let receipt = dossier.receipt().cloned();
    let Ok(voted) = dossier.voted(contest.contest()) else { return };
    assert!(receipts.iter().any(|known| Some(known) == receipt.as_ref()), "a forged receipt passes");
    let given = GivenClosing { trustee: TrusteeIndex::new(1).unwrap(), closing };
    let record = GivenRecord::verify(closed_record, &[given]).unwrap();
    assert_eq!(voted.check_given(&record).unwrap().reference, voted.reference());
}

/// A message of the ceremony in the place of the true one, or beside it, where a forged one stops nothing.
fn verify_ceremony(selector: u8, bytes: &[u8]) {
    let board = &election().board;
    let (mut commitments, mut reveals) = (board.commitments.clone(), board.reveals.clone());
    let mut confirmations = board.confirmations.clone();
    let place = usize::from(selector >> 4) % commitments.len();
    let beside = selector & 8 != 0;
    fn put<T>(messages: &mut Vec<T>, place: usize, beside: bool, message: T) {
        if beside { messages.insert(place, message) } else { messages[place] = message }
    }
    match selector % 3 {
        0 => match Commitment::from_bytes(bytes) {
            Ok(message) => put(&mut commitments, place, beside, message),
            Err(_) => return,
        },
        1 => match Reveal::from_bytes(bytes) {
            Ok(message) => put(&mut reveals, place, beside, message),
            Err(_) => return,
        },
        _ => match Confirmation::from_bytes(bytes) {
            Ok(message) => put(&mut confirmations, place, beside, message),
            Err(_) => return,
        },
    }
    match election().ceremony.conclude(&commitments, &reveals, &[], &confirmations) {
        Ok(key) => assert_eq!(key, election().key),
        Err(error) => {
            assert!(!beside, "a forged message beside the good one: {error}");
            assert_eq!(error.culprit(), None, "{error}");
        }
    }
}

/// Nobody deals bad shares in either ceremony, so no complaint stands against a dealer.
fn verify_complaint(bytes: &[u8]) {
    let Ok(complaint) = Complaint::from_bytes(bytes) else { return };
    for ceremony in [&election().ceremony, &election().complaint.0] {
        assert_ne!(ceremony.settle(&complaint), Ok(complaint.dealer()));
    }
}

/// Factors first in line, before the true ones of all trustees or without one of them. Nobody is blamed for what
/// is not their own word.
fn verify_factors(selector: u8, bytes: &[u8]) {
    let Ok(factors) = DecryptionFactors::from_bytes(bytes) else { return };
    let election = election();
    let mut all = vec![factors];
    let left_out = usize::from(selector) % (election.factors.len() + 1);
    let others = election.factors.iter().enumerate().filter(|(place, _)| *place != left_out);
    all.extend(others.map(|(_, factors)| factors.clone()));
    // Any one trustee can stay away.
    let opened = OpenedTally::open(&election.signed, &election.endorsements, &all).unwrap();
    assert_eq!(opened.result().votes(), election.record.result.votes);
    assert_eq!(opened.result().blank(), election.record.result.blank);
    assert!(opened.rejected().iter().all(|error| error.culprit().is_none()));
}

fn verify_endorsement(selector: u8, bytes: &[u8]) {
    let Ok(endorsement) = Endorsement::from_bytes(bytes) else { return };
    let election = election();
    let mut endorsements = election.endorsements.clone();
    let place = usize::from(selector) % endorsements.len();
    endorsements[place] = endorsement;
    if let Ok(opened) = OpenedTally::open(&election.signed, &endorsements, &election.factors) {
        // Enough are good without it, or it is.
        assert!(opened.endorsements().iter().all(|good| election.endorsements.contains(good)));
        assert_eq!(opened.rejected_endorsements().is_empty(), election.endorsements.contains(&endorsement));
    }
}

fn verify_approval(selector: u8, bytes: &[u8]) {
    let Ok(approval) = Approval::from_bytes(bytes) else { return };
    let contest = &election().contest;
    let mut approvals = contest.approvals().to_vec();
    let place = usize::from(selector) % approvals.len();
    approvals[place] = approval;
    if ApprovedContest::new(contest.contest().clone(), approvals).is_ok() {
        assert_eq!(approval, contest.approvals()[place]);
    }
}

/// What box and issuer sign: only they can change anything in it.
fn verify_opening_and_closing(selector: u8, bytes: &[u8]) {
    let contest = election().contest.contest();
    let closed = election().closed();
    match selector % 3 {
        0 => {
            let Ok(proposed) = ProposedOpening::from_bytes(bytes) else { return };
            if proposed.verify(contest).is_ok() {
                assert_eq!(proposed, election().proposed);
            }
        }
        1 => {
            let Ok(opening) = SignedOpening::from_bytes(bytes) else { return };
            if opening.verify(contest).is_ok() {
                assert_eq!(opening, closed.roll().signed_opening());
            }
        }
        _ => {
            let Ok(closing) = SignedClosing::from_bytes(bytes) else { return };
            if closing.verify(contest).is_ok() {
                assert_eq!(closing, SignedClosing::of(&election().signed));
            }
        }
    }
}

/// What a trustee is shown, or remembers. It endorses the one closing, and gives factors for no other.
fn verify_for_trustee(selector: u8, bytes: &[u8]) {
    let Election { signed, signings, endorsements, ready, stored, .. } = election();
    let contest = election().contest.contest();
    let complaints = &Complaints { seconds: 0, given: &[] };
    let mut rng = rng(9);
    match selector % 4 {
        // Another list of signings: only the true one is endorsed.
        0 => {
            let Ok(shown) = Signings::from_bytes(bytes) else { return };
            let endorsed = again(stored).endorse(signed, &shown, &voters(), complaints, ENDS_AT, &mut rng);
            assert_eq!(endorsed.is_ok(), shown == *signings);
        }
        // A second closing: none has both signatures.
        1 => {
            let Ok(second) = SignedClosing::from_bytes(bytes) else { return };
            // No minimum, no approvals, no contests.
            let mut trustee = again(&election().remembering(&[0; 24]));
            trustee.approve(contest, before_opening(), &mut rng).unwrap().stored();
            trustee.given(signed.closed(), ENDS_AT).unwrap().stored();
            trustee.endorse(signed, signings, &voters(), complaints, ENDS_AT, &mut rng).unwrap().stored();
            assert!(trustee.show_second_closing(contest, &second, endorsements).is_err());
            assert!(trustee.give_factors(signed, endorsements, ready, &mut rng).is_ok());
        }
        // Another word in the session.
        2 => {
            let Ok(word) = Ready::from_bytes(bytes) else { return };
            let mut all = ready.clone();
            all.push(word);
            let same = word.closing == ready[0].closing;
            let given = again(stored).give_factors(signed, endorsements, &all, &mut rng);
            assert_eq!(given.is_ok(), same);
        }
        // Another memory beside the true secrets: whatever it holds, it allows the one closing or none, and is written
        // as it was read.
        _ => {
            let stored = election().remembering(bytes);
            let Ok(mut trustee) = Trustee::from_bytes(&stored) else { return };
            assert_eq!(*trustee.to_bytes(), stored);
            match trustee.endorse(signed, signings, &voters(), complaints, ENDS_AT, &mut rng) {
                Ok(unsent) => {
                    let ready = [&again(unsent.to_store()), &trustee]
                        .map(|trustee| trustee.ready(signed, endorsements));
                    assert_eq!(ready[0], ready[1]);
                }
                Err(_) => assert_eq!(*trustee.to_bytes(), stored),
            }
        }
    }
}

/// Two sums, cut where the first byte says, or one and the sum of the first ballots. Merging does not depend on
/// the order, and never gives a sum that the wire form does not know.
fn merge_sums(cut: u8, bytes: &[u8]) {
    let contest = election().contest.contest();
    let (left, right) = bytes.split_at(bytes.len().min(usize::from(cut)));
    let mut own = PartialSum::new(contest);
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
            assert_eq!(one.clone().finish(count).is_ok(), one.covered().all(|range| range.start == 0));
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
    let contest = election().contest.contest();
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
    let single: Vec<_> =
        deposits.iter().map(|(voter, bytes)| one_by_one.deposit(voter, bytes, now)).collect();
    let batch = together.deposit_batch(&deposits, now);
    assert_eq!(batch, single);
    let [one_by_one, together] =
        [one_by_one, together].map(|mut open| open.close(ENDS_AT, &mut rng(8)).unwrap());
    assert_eq!(one_by_one.0.closing(), together.0.closing());
    assert_eq!(one_by_one.0.tally(), together.0.tally());
    assert_eq!(one_by_one.1, together.1);
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
