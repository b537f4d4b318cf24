//! An election small enough for valgrind, and the messages' way over the wire.

use rand_chacha::ChaCha20Rng;
use urne::ballot_box::{Complaints, Issue, Issued, SignedBox, Signings, Validity};
use urne::bureau::ceremony::{
    Ceremony, Checked, Commitment, Committed, Confirmation, Confirmed, OpenedShares, Reveal, Revealed,
};
use urne::contest::{Approval, ContestDescription, Packing};
use urne::rand_core::{CryptoRng, SeedableRng};
use urne::*;

/// An RNG whose output is the same in every run.
#[must_use]
pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// What happens to a message on its way from one side to the other.
pub type Wire = fn(Vec<u8>) -> Vec<u8>;

/// The key ceremony of a bureau in one process; panels are thresholds with numbers of trustees. Every message goes
/// over the wire, and whatever a trustee may store is shown to `stored` and read back.
///
/// # Panics
///
/// When the ceremony fails.
pub fn key_ceremony<R: CryptoRng>(
    panels: &[(u8, u8)],
    slots: u8,
    wire: Wire,
    stored: fn(&[u8]),
    rng: &mut R,
) -> Vec<Trustee> {
    let secrets: Vec<_> = panels
        .iter()
        .flat_map(|(_, trustees)| 0..*trustees)
        .map(|_| {
            let secret = IdentitySecret::generate(rng);
            // After kind and version.
            stored(&secret.to_bytes()[2..]);
            IdentitySecret::from_bytes(&secret.to_bytes()).unwrap()
        })
        .collect();
    let mut identities = secrets
        .iter()
        .map(|secret| IdentityKey::from_bytes(&wire(secret.public().to_bytes().to_vec())).unwrap());
    let mut panel = |(threshold, trustees): &(u8, u8)| Panel {
        threshold: *threshold,
        trustees: identities.by_ref().take((*trustees).into()).collect(),
    };
    let bureau = Bureau::new(panels.iter().map(&mut panel).collect()).unwrap();
    let ceremony = Ceremony::new("constant time", slots, bureau).unwrap();

    let (committed, commitments): (Vec<_>, Vec<_>) = secrets
        .into_iter()
        .map(|secret| {
            let unsent = ceremony.join(secret, rng).unwrap();
            // After the ceremony, which is public.
            stored(&unsent.to_store()[ceremony.to_bytes().len()..]);
            let state = Committed::from_bytes(unsent.to_store()).unwrap();
            let (_, message) = unsent.stored();
            (state, Commitment::from_bytes(&wire(message.to_bytes())).unwrap())
        })
        .unzip();
    let (revealed, reveals): (Vec<_>, Vec<_>) = committed
        .into_iter()
        .map(|state| {
            let unsent = state.reveal(&commitments, rng).unwrap();
            let state = Revealed::from_bytes(unsent.to_store()).unwrap();
            let (_, message) = unsent.stored();
            (state, Reveal::from_bytes(&wire(message.to_bytes())).unwrap())
        })
        .unzip();
    let (confirmed, confirmations): (Vec<_>, Vec<_>) = revealed
        .into_iter()
        .map(|state| {
            let OpenedShares::Good(checked) = state.check(&reveals, rng).unwrap() else { panic!("bad shares") };
            let checked = Checked::from_bytes(&checked.to_bytes()).unwrap();
            let unsent = checked.confirm(&[], rng).unwrap();
            let state = Confirmed::from_bytes(unsent.to_store()).unwrap();
            let (_, message) = unsent.stored();
            (state, Confirmation::from_bytes(&wire(message.to_bytes())).unwrap())
        })
        .unzip();
    confirmed
        .into_iter()
        .map(|state| {
            let trustee = Trustee::after_ceremony(state.finish(&confirmations, &[]).unwrap());
            // After the election key and the digest of its ceremony.
            let (bytes, key) = (trustee.to_bytes(), trustee.key().election_key());
            let secrets = key.to_bytes().len() + 32;
            stored(&bytes[secrets..secrets + 32 * (1 + key.slots())]);
            Trustee::from_bytes(&bytes).unwrap()
        })
        .collect()
}

/// A contest that its trustees have approved, and the keys of box and issuer.
pub struct Setting {
    pub contest: ApprovedContest,
    pub box_key: SigningKey,
    pub issuer_key: SigningKey,
}

/// A contest of so many lists, as many in a slot as `packing` says.
///
/// # Panics
///
/// When a trustee does not approve.
pub fn contest<R: CryptoRng>(
    trustees: &mut [Trustee],
    lists: u8,
    packing: u8,
    wire: Wire,
    rng: &mut R,
) -> Setting {
    let [box_key, issuer_key] = [9, 10].map(|seed| SigningKey::from_seed(&[seed; 32]));
    let description = ContestDescription {
        election: "Constant time".into(),
        number: 1,
        title: "Committee".into(),
        documents: "".into(),
        lists: (1..=lists).map(|list| format!("List {list}").into()).collect(),
        opens_at: UnixTime::from_seconds(1_000),
        closes_at: UnixTime::from_seconds(2_000),
        grace: 300,
        // Room for four lists a slot.
        capacity: 4_000,
        packing: Packing::new(packing),
        quorums: None,
        box_key: box_key.public(),
        issuer_key: issuer_key.public(),
    };
    let contest = Contest::new(description, trustees[0].key().election_key()).unwrap();
    let approvals = trustees
        .iter_mut()
        .map(|trustee| {
            let bytes = trustee.approve(&contest, UnixTime::from_seconds(500), rng).unwrap().stored().to_bytes();
            Approval::from_bytes(&wire(bytes)).unwrap()
        })
        .collect();
    let contest = ApprovedContest::new(contest, approvals).unwrap();
    Setting { contest, box_key, issuer_key }
}

/// A box in which as many voters as there are choices have voted, closed and signed by both. The voters' codes come
/// from the RNG.
///
/// # Panics
///
/// When anything is refused.
pub fn vote<R: CryptoRng>(
    setting: Setting,
    choices: &[Choice],
    wire: Wire,
    rng: &mut R,
) -> (SignedBox, Signings, Vec<VoterId>) {
    let Setting { contest, box_key, issuer_key } = setting;
    let [before, during, after] = [600, 1_500, 2_300].map(UnixTime::from_seconds);
    let voters: Vec<_> = (0..choices.len()).map(|number| VoterId::new(number.to_string()).unwrap()).collect();
    let mut issuer = Issuer::with_empty_memory(issuer_key);
    let mut roll = ElectoralRoll::new(contest.clone());
    let orders: Vec<_> = voters.iter().map(|voter| (voter.clone(), vec![contest.contest()])).collect();
    let codes: Vec<_> = issuer
        .issue(&orders, Validity::UntilClose, before, rng)
        .unwrap()
        .stored()
        .into_iter()
        .map(|Issued { code, issues, .. }| {
            for issue in issues {
                roll.register(Issue::from_bytes(&wire(issue.to_bytes())).unwrap()).unwrap();
            }
            code
        })
        .collect();
    let proposed = roll.propose(before, &box_key).unwrap().stored();
    let opening = issuer.sign_opening(contest.contest(), &proposed).unwrap().stored();
    let mut ballot_box = BallotBox::open(roll, opening, box_key).unwrap().stored();
    for ((voter, code), choice) in voters.iter().zip(&codes).zip(choices) {
        let credential = Credential::derive(contest.contest(), code);
        let nonce = ActivationNonce::generate(&mut self::rng(4));
        let answer = Activation::new(&credential, &nonce, rng).to_bytes();
        let answer = Activation::from_bytes(&wire(answer.to_vec())).unwrap();
        let mut transaction = ballot_box.transaction();
        transaction.activate(voter, &nonce, &answer, during).unwrap();
        let ballot = SealedBallot::seal(&contest, *choice, &credential, rng).unwrap().cast();
        transaction.deposit(voter, &wire(ballot), during).unwrap();
        drop(transaction.stored());
    }
    let mut transaction = ballot_box.transaction();
    transaction.close(after, &mut self::rng(6)).unwrap();
    drop(transaction.stored());
    let (closed, signings) = ballot_box.closed().unwrap();
    let at = closed.closing().at;
    issuer.given(&closed, at).unwrap().stored();
    let complaints = Complaints { seconds: 0, given: &[] };
    let signature = issuer.sign_closing(&closed, &complaints, at).unwrap().stored();
    (SignedBox::new(closed, signature).unwrap(), signings, voters)
}
