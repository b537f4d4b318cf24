//! Row 14: a key that the trustees did not make.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use urne::contest::{ContestError, SignatureError, TrusteeSignature};
use urne::{
    ApprovedContest, Choice, Contest, Credential, ElectionKey, Proof, SealedBallot, Trustee, TrusteeError,
    TrusteeIndex, VotingCode,
};

use crate::dealer::{encode, index, sign};
use crate::polling::{ceremony, description, rng};

fn encodings(key: &ElectionKey) -> Vec<[u8; 32]> {
    key.identities().iter().map(|identity| identity.to_bytes()).collect()
}

fn contest(key: &ElectionKey) -> Contest {
    Contest::new(description(584, 2), key).unwrap()
}

/// The organiser names the true trustees, and puts a matrix of its own beside them.
fn drawn_alone(trustees: &[Trustee]) -> Contest {
    let identities = encodings(trustees[0].key().election_key());
    let own = |k: u64| encode(&Scalar::from(1_000 + k));
    let slots = [vec![own(1), own(2)], vec![own(3), own(4)]];
    contest(&ElectionKey::from_encodings(2, &identities, &slots).unwrap())
}

#[test]
fn attack_14_trustees_do_not_approve_a_key_they_did_not_make() {
    let (_, trustees) = ceremony(2, 3, 2, 1);
    let false_contest = drawn_alone(&trustees);
    for trustee in &trustees {
        assert_eq!(
            trustee.approve(&false_contest, &mut rng(1)).unwrap_err(),
            TrusteeError::ForeignKey { contest: false_contest.fingerprint() }
        );
    }
    // Nor their own key with one point changed, with slots changed over, or with another threshold.
    let key = trustees[0].key().election_key();
    let (identities, good) = (encodings(key), key.to_encodings());
    let mut variants = vec![];
    for (slot, k) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut slots = good.clone();
        slots[slot][k] = encode(&Scalar::from(7u64));
        variants.push((2, identities.clone(), slots));
    }
    variants.push((2, identities.clone(), vec![good[1].clone(), good[0].clone()]));
    variants.push((1, identities.clone(), good.iter().map(|slot| slot[..1].to_vec()).collect()));
    let mut swapped = identities;
    swapped.swap(0, 1);
    variants.push((2, swapped, good));
    for (threshold, identities, slots) in variants {
        let contest = contest(&ElectionKey::from_encodings(threshold, &identities, &slots).unwrap());
        let foreign = TrusteeError::ForeignKey { contest: contest.fingerprint() };
        for trustee in &trustees {
            assert_eq!(trustee.approve(&contest, &mut rng(1)).unwrap_err(), foreign);
        }
    }
}

#[test]
fn attack_14_without_their_approvals_it_is_no_contest() {
    let (_, trustees) = ceremony(2, 3, 2, 1);
    let false_contest = drawn_alone(&trustees);
    let approve = |approvals| ApprovedContest::new(false_contest.clone(), approvals).map(|_| ()).unwrap_err();
    assert_eq!(approve(vec![]), ContestError::MissingApproval { trustee: index(1) });

    // Their approvals of the true contest, moved over.
    let true_contest = contest(trustees[0].key().election_key());
    let moved: Vec<_> = trustees.iter().map(|t| t.approve(&true_contest, &mut rng(1)).unwrap()).collect();
    let invalid = |number| ContestError::Approval(SignatureError::Invalid { trustee: index(number) });
    assert_eq!(approve(moved.clone()), invalid(1));
    // Approvals are part of what a contest is, also when others for the same contest hold as well.
    let approved = |approvals| ApprovedContest::new(true_contest.clone(), approvals).unwrap();
    let again = trustees.iter().map(|t| t.approve(&true_contest, &mut rng(2)).unwrap()).collect();
    assert_eq!(approved(moved.clone()), approved(moved.clone()));
    assert_ne!(approved(moved.clone()), approved(again));
    // Signed by the organiser with keys of its own.
    let forged = |j: TrusteeIndex, secret: u64| {
        let digest = false_contest.fingerprint().to_bytes();
        let signature = sign(&Scalar::from(secret), b"approval", &digest);
        TrusteeSignature::new(j, Proof::from_bytes(&signature).unwrap())
    };
    assert_eq!(approve((1..=3).map(|j| forged(index(j), 5)).collect()), invalid(1));
    assert_eq!(
        approve(vec![forged(index(4), 5)]),
        ContestError::Approval(SignatureError::UnknownTrustee { trustee: index(4), trustees: 3 })
    );

    // For the true contest every one of them is needed, once.
    let approve = |approvals| ApprovedContest::new(true_contest.clone(), approvals).map(|_| ());
    assert_eq!(approve(moved.clone()), Ok(()));
    for missing in 0..3 {
        let mut approvals = moved.clone();
        approvals.remove(missing);
        let trustee = moved[missing].trustee();
        assert_eq!(approve(approvals.clone()), Err(ContestError::MissingApproval { trustee }));
        approvals.push(approvals[0]);
        let repeated = SignatureError::Repeated { trustee: approvals[0].trustee() };
        assert_eq!(approve(approvals), Err(ContestError::Approval(repeated)));
    }
    // A signature made for something else: an endorsement, over the same digest.
    let exposed = trustees[1].key().expose_bytes();
    let secret = Scalar::from_canonical_bytes(exposed[..32].try_into().unwrap()).unwrap();
    let sign = |purpose| {
        let signature = sign(&secret, purpose, &true_contest.fingerprint().to_bytes());
        TrusteeSignature::new(index(2), Proof::from_bytes(&signature).unwrap())
    };
    assert_eq!(approve(vec![moved[0], sign(b"approval"), moved[2]]), Ok(()));
    assert_eq!(approve(vec![moved[0], sign(b"endorsement"), moved[2]]), Err(invalid(2)));
}

/// Why it matters: with `H_2 = H_1 + G`, which no check of the key alone can see, `C_2 − C_1 − R` is
/// `(b_2 − b_1)·G`. Here the organiser plays all trustees, since none that took part would approve.
#[test]
fn attack_14_related_keys_let_an_outsider_read_every_ballot() {
    let identity = Scalar::from(11u64);
    let first = RistrettoPoint::mul_base(&Scalar::from(12u64));
    let second = first + RistrettoPoint::mul_base(&Scalar::ONE);
    let slots = [first, second].map(|key| vec![key.compress().to_bytes()]);
    let key = ElectionKey::from_encodings(1, &[encode(&identity)], &slots).unwrap();
    let contest = contest(&key);
    let signature = sign(&identity, b"approval", &contest.fingerprint().to_bytes());
    let approval = TrusteeSignature::new(index(1), Proof::from_bytes(&signature).unwrap());
    let approved = ApprovedContest::new(contest, vec![approval]).unwrap();

    let read = |ballot: &[u8]| {
        let point = |position: usize| {
            let bytes = ballot[2 + 32 * position..][..32].try_into().unwrap();
            CompressedRistretto(bytes).decompress().unwrap()
        };
        let difference = point(3) - point(2) - point(1);
        let generator = RistrettoPoint::mul_base(&Scalar::ONE);
        [Choice::Blank, Choice::List(2), Choice::List(1)]
            .into_iter()
            .zip([RistrettoPoint::default(), generator, -generator])
            .find(|(_, value)| difference == *value)
            .map(|(choice, _)| choice)
    };
    let credential = Credential::derive(approved.contest(), &VotingCode::from_bytes([1; 15]));
    let choices = [Choice::Blank, Choice::List(1), Choice::List(2)];
    for choice in choices {
        let ballot = SealedBallot::seal(&approved, choice, &credential, &mut rng(1)).unwrap().cast();
        assert_eq!(read(&ballot), Some(choice));
    }
    // A key of a ceremony does not read so.
    let (_, trustees) = ceremony(1, 1, 2, 1);
    let honest = crate::polling::approved(584, 2, &trustees);
    let credential = Credential::derive(honest.contest(), &VotingCode::from_bytes([1; 15]));
    for choice in choices {
        let ballot = SealedBallot::seal(&honest, choice, &credential, &mut rng(1)).unwrap().cast();
        assert_eq!(read(&ballot), None);
    }
    // And the trustees of that ceremony do not approve the related key in their name.
    let identities = encodings(trustees[0].key().election_key());
    let related = ElectionKey::from_encodings(1, &identities, &slots).unwrap();
    let contest = Contest::new(description(584, 2), &related).unwrap();
    assert_eq!(
        trustees[0].approve(&contest, &mut rng(1)).unwrap_err(),
        TrusteeError::ForeignKey { contest: contest.fingerprint() }
    );
}
