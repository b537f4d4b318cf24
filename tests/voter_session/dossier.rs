//! What a device keeps of a vote: enough to send the ballot again and to check it, and no secret.

use curve25519_dalek::scalar::Scalar;
use merlin::Transcript;
use rand_chacha::ChaCha20Rng;
use urne::ballot_box::{Acknowledgement, DepositError, ReceiptError};
use urne::contest::Contest;
use urne::primitives::Kind;
use urne::voter::{Casting, Dossier, DossierError};
use urne::{ActivationNonce, Choice, Credential, DecodeError, Receipt, UnixTime, VotingCode};

use crate::common::{ENDS_AT, OPENS_AT};
use crate::election::{Election, OneByOne, before, id, later};

/// What was stored before Anne's ballot was sent, and the ballot on its way.
fn cast(election: &mut Election, choice: Choice, sent: UnixTime) -> (Vec<u8>, Casting) {
    let session = election.active("anne", OPENS_AT);
    let unsent = election.sealed(session.choose(584, sent).unwrap(), choice).cast(sent);
    (unsent.to_store().to_vec(), unsent.stored())
}

/// The credential's secret scalar, derived as the protocol says.
fn credential_secret(contest: &Contest, code: &VotingCode) -> [u8; 32] {
    let mut transcript = Transcript::new(b"urne/2 credential");
    transcript.append_message(b"contest", &contest.fingerprint().to_bytes());
    transcript.append_message(b"code", code.expose_bytes().as_ref());
    let mut wide = [0; 64];
    transcript.challenge_bytes(b"secret", &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide).to_bytes()
}

fn contains(bytes: &[u8], secret: &[u8]) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret)
}

#[test]
fn attack_19_no_secret_is_in_a_dossier() {
    let mut election = Election::new();
    let (contest, code) = (election.contest(584), election.code("anne"));
    let session = election.active("anne", OPENS_AT);
    let mut selection = session.choose(584, OPENS_AT).unwrap().activate_selection();
    let rng: ChaCha20Rng = election.rng.clone();
    // The same ballot once more, opened: its nonce.
    let opened = selection.select(Choice::List(3)).unwrap().seal(&mut rng.clone()).unwrap().challenge();
    let (opened, again) = opened.noted();
    selection = again;
    let exposed = opened.expose_bytes();
    let nonce = &exposed[3..35];
    let unsent = selection.select(Choice::List(3)).unwrap().seal(&mut rng.clone()).unwrap().cast(OPENS_AT);
    let before = unsent.to_store().to_vec();
    let casting = unsent.stored();
    assert_eq!(casting.ballot(), opened.ballot());
    let receipt = election.deposit("anne", &casting, OPENS_AT);
    let reference = casting.reference();
    let (_, voted) = casting.acknowledge(receipt.clone(), OPENS_AT, 0).unwrap();
    let after = voted.dossier().to_bytes();

    let secret = credential_secret(contest.contest(), &code);
    let point = curve25519_dalek::RistrettoPoint::mul_base(&Scalar::from_canonical_bytes(secret).unwrap());
    assert!(contains(opened.ballot(), point.compress().as_bytes()), "this is the credential's secret");
    let (bytes, text) = (code.expose_bytes(), code.expose_text());
    let plain = text.replace('-', "");
    for kept in [&before, &after] {
        for secret in [&bytes[..], text.as_bytes(), plain.as_bytes(), &secret, nonce] {
            assert!(!contains(kept, secret));
        }
    }
    // A choice is one byte. That it is not there is seen from what is: every byte is one that the box is sent or
    // publishes, but for the time.
    let opening = election.ballot_box(584).roll().opening_digest();
    let ballot = opened.ballot();
    let expected = [
        &[Kind::Dossier.byte(), 2][..],
        &contest.contest().fingerprint().to_bytes(),
        &opening.to_bytes(),
        &4u64.to_le_bytes(),
        b"anne",
        &OPENS_AT.seconds().to_le_bytes(),
        &u64::try_from(ballot.len()).unwrap().to_le_bytes(),
        ballot,
        &584u64.to_le_bytes(),
        &reference.digest(),
    ]
    .concat();
    assert_eq!(before, [&expected[..], &[0]].concat());
    assert_eq!(after, [&expected[..], &[1], &receipt.to_bytes()[2..]].concat());
    // Nor does what is printed say whose it is.
    assert!(!format!("{:?} {voted:?}", voted.dossier()).contains("anne"));
}

/// A log that has both would tell whose ballot is whose: credential and reference stand in the record.
#[test]
fn attack_19_no_state_with_a_credential_or_a_ballot_shows_whose_it_is() {
    let mut election = Election::new();
    let (code, nonce) = (election.code("anne"), ActivationNonce::from_bytes([1; 32]));
    let entered = election.session("anne", OPENS_AT).enter_code(&code, &nonce, &mut election.rng.clone());
    // Before there is a credential the voter is not printed either.
    let session = election.session("anne", OPENS_AT);
    assert!(!format!("{session:?}").contains("anne") && format!("{session:?}").contains("584"));
    let mut shown = vec![format!("{entered:?}")];
    let session = election.active("anne", OPENS_AT);
    shown.push(format!("{session:?}"));
    let refused = session.choose(1, OPENS_AT).unwrap_err();
    shown.push(format!("{refused:?}"));
    let participation = refused.into_state().choose(584, OPENS_AT).unwrap();
    shown.push(format!("{participation:?}"));
    let refused = participation.activate_selection().select(Choice::List(200)).unwrap_err();
    shown.push(format!("{refused:?}"));
    let review = refused.into_state().select(Choice::List(1)).unwrap();
    shown.push(format!("{review:?}"));
    let sealed = review.seal(&mut election.rng).unwrap();
    shown.push(format!("{sealed:?}"));
    assert!(shown.last().unwrap().contains(&sealed.reference().to_string()), "the ballot is shown");
    shown.push(format!("{:?}", sealed.challenge()));
    let credential = Credential::derive(election.contest(584).contest(), &code).public().to_string();
    for text in shown {
        assert!(text.contains(&credential) && !text.contains("anne"), "{text}");
    }
}

/// Of the screen that casts, through the answer, to the checks of a week later.
#[test]
fn attack_16_a_lost_answer_is_given_again_to_another_process() {
    let mut election = Election::new();
    let sent = later(OPENS_AT, 100);
    let (file, casting) = cast(&mut election, Choice::List(2), sent);
    let first = election.deposit("anne", &casting, later(sent, 1));
    let reference = casting.reference();
    drop(casting);

    // Two days later, also long after the end, from the file alone, without the code.
    for now in [later(sent, 172_800), later(ENDS_AT, 86_400)] {
        let contest = election.contest(584);
        let resumed = Dossier::from_bytes(&file).unwrap().resume(contest.contest()).unwrap();
        assert_eq!((resumed.reference(), resumed.voter()), (reference, &id("anne")));
        let again = election.ballot_box(584).deposit(resumed.voter(), resumed.ballot(), now).unwrap().receipt;
        assert_eq!(again, first);
        let voted = resumed.acknowledge(again, now, 5).unwrap();
        // What is stored then is enough for the checks.
        let stored = voted.dossier().to_bytes();
        let dossier = Dossier::from_bytes(&stored).unwrap();
        assert_eq!(dossier.receipt(), Some(&first));
        let voted = dossier.voted(contest.contest()).unwrap();
        assert_eq!(voted.receipt(), &first);
    }
    assert_eq!(election.ballot_box(584).len(), 1);
}

/// The device's clock is 60 seconds off. The voter loses neither the ballot nor the answer with its deposit proof.
#[test]
fn attack_16_a_wrong_clock_costs_no_deposit_proof() {
    for (device, truth) in [(160, 100), (100, 160)] {
        let mut election = Election::new();
        let (file, casting) = cast(&mut election, Choice::Blank, later(OPENS_AT, device));
        let receipt = election.deposit("anne", &casting, later(OPENS_AT, truth));
        let received = later(OPENS_AT, device + 1);
        let refused = casting.acknowledge(receipt.clone(), received, 5).unwrap_err();
        assert_eq!(refused.error(), ReceiptError::Time { at: later(OPENS_AT, truth) });
        assert_eq!(refused.code(), "receipt/time");
        let (casting, answer) = refused.into_parts();
        assert_eq!(answer, receipt);
        // By the same device, once its clock is known to be a minute off.
        assert!(casting.acknowledge(answer, received, 65).is_ok());
        // Or by another that goes on with the file.
        let contest = election.contest(584);
        let resumed = Dossier::from_bytes(&file).unwrap().resume(contest.contest()).unwrap();
        let refused = resumed.acknowledge(receipt, received, 5).unwrap_err();
        let (resumed, answer) = refused.into_parts();
        assert_eq!(resumed.acknowledge(answer.clone(), received, 65).unwrap().receipt(), &answer);
    }
}

/// An answer is a whole receipt. What of it has no deposit proof is another kind, or too short.
#[test]
fn attack_16_an_answer_without_a_deposit_proof_is_refused() {
    let mut election = Election::new();
    let (_, casting) = cast(&mut election, Choice::Blank, OPENS_AT);
    let receipt = election.deposit("anne", &casting, OPENS_AT);
    let bytes = receipt.to_bytes();
    assert_eq!(Receipt::from_bytes(&bytes), Ok(receipt.clone()));
    let proof = receipt.deposit_proof.to_bytes().len() - 2;
    for kept in bytes.len() - proof..bytes.len() {
        assert!(matches!(Receipt::from_bytes(&bytes[..kept]), Err(DecodeError::TooShort { .. })), "{kept}");
    }
    let kind = |actual: Kind| Err(DecodeError::Kind { expected: Kind::Receipt, actual: actual.byte() });
    let acknowledgement = receipt.acknowledgement.to_bytes();
    assert_eq!(Acknowledgement::from_bytes(&acknowledgement), Ok(receipt.acknowledgement));
    assert_eq!(Receipt::from_bytes(&acknowledgement), kind(Kind::Acknowledgement));
    assert_eq!(Receipt::from_bytes(&receipt.emargement.to_bytes()), kind(Kind::Emargement));
}

/// A server says that it has refused the ballot. The voter keeps it: whatever the server did, the same bytes settle it.
#[test]
fn attack_16_a_ballot_that_was_said_to_be_refused_is_resumed() {
    // It took the ballot and lies; and another ballot it does not take.
    let mut election = Election::new();
    let (_, casting) = cast(&mut election, Choice::List(1), OPENS_AT);
    let taken = election.deposit("anne", &casting, OPENS_AT);
    let (_, resumed) = casting.refused();
    let again = election.ballot_box(584).deposit(&id("anne"), resumed.ballot(), OPENS_AT).unwrap().receipt;
    assert_eq!(resumed.acknowledge(again, OPENS_AT, 0).unwrap().receipt(), &taken);

    // By the box's clock it came a second too early; the same bytes are taken when the contest has opened.
    let mut election = Election::new();
    let session = election.active("anne", before(OPENS_AT));
    let unsent = election.sealed(session.choose(584, OPENS_AT).unwrap(), Choice::List(1)).cast(OPENS_AT);
    let file = unsent.to_store().to_vec();
    let casting = unsent.stored();
    let early =
        election.ballot_box(584).deposit(&id("anne"), casting.ballot(), before(OPENS_AT)).unwrap_err();
    assert_eq!(early, DepositError::NotYetOpen { opens_at: OPENS_AT });
    let (session, resumed) = casting.refused();
    assert_eq!(resumed.dossier().to_bytes(), file);
    assert_eq!(session.remaining(OPENS_AT).count(), 3);
    let receipt = election.ballot_box(584).deposit(&id("anne"), resumed.ballot(), OPENS_AT).unwrap().receipt;
    assert!(resumed.acknowledge(receipt, OPENS_AT, 0).is_ok());
    assert_eq!(election.result(584), [1, 0, 0, 0]);
}

#[test]
fn a_dossier_is_of_one_contest_and_of_its_ballot() {
    let mut election = Election::new();
    let (file, casting) = cast(&mut election, Choice::List(1), OPENS_AT);
    let [own, other] = [584, 610].map(|number| election.contest(number).contest().clone());
    let dossier = || Dossier::from_bytes(&file).unwrap();
    let (expected, actual) = (own.fingerprint(), other.fingerprint());
    let foreign = DossierError::OtherContest { expected, actual };
    assert_eq!(dossier().resume(&other).unwrap_err(), foreign);
    assert_eq!(dossier().voted(&other).unwrap_err(), foreign);
    assert_eq!(dossier().voted(&own).unwrap_err(), DossierError::NoReceipt);
    assert_eq!(dossier(), casting.dossier());

    // A bit of the ballot, the contest or the reference that was damaged where it was kept.
    let at =
        file.windows(866.min(casting.ballot().len())).position(|window| window == casting.ballot()).unwrap();
    let reference = at + casting.ballot().len() + 8;
    for flip in [2, at, at + casting.ballot().len() - 1, reference, reference + 31] {
        let mut damaged = file.clone();
        damaged[flip] ^= 1;
        assert_eq!(Dossier::from_bytes(&damaged), Err(DecodeError::Digest { offset: reference }), "{flip}");
    }

    // A receipt that is not of this vote.
    let receipt = election.deposit("anne", &casting, OPENS_AT);
    let bruno = election.active("bruno", OPENS_AT);
    let (_, theirs) = election.vote("bruno", bruno, 584, Choice::List(1), OPENS_AT);
    let with = |receipt: &Receipt| {
        let bytes = [&file[..file.len() - 1], &[1], &receipt.to_bytes()[2..]].concat();
        Dossier::from_bytes(&bytes).unwrap().voted(&own)
    };
    assert!(with(&receipt).is_ok());
    let [expected, actual] = [casting.reference(), theirs.reference()];
    let refused = DossierError::Receipt(ReceiptError::OtherBallot { expected, actual });
    assert_eq!(with(theirs.receipt()).unwrap_err(), refused);
}
