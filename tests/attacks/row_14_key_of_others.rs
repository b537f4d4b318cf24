//! Row 14: a key that the trustees did not make.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use urne::bureau::TrusteeSignatureError;
use urne::contest::{Approval, ContestDescription, ContestError, Packing};
use urne::trustee::TrusteeError;
use urne::{
    ApprovedContest, Bureau, Choice, Contest, Credential, ElectionKey, IdentityKey, Panel, Proof,
    SealedBallot, Trustee, TrusteeIndex, Unsent, VotingCode,
};

use crate::dealer::{Bytes, encode, forgetful, index, point, sign, trustee_secrets};
use crate::polling::{Polling, approve, at, ceremony, description, rng};

/// Trustees 1 to 3, of whom two are needed, and 4 and 5, of whom one is.
const PANELS: &[(u8, u8)] = &[(2, 3), (1, 2)];

/// Panels of a key, and its points: panel, slot, `k`.
type Parts = (Vec<Panel>, Vec<Vec<Vec<Bytes>>>);

fn parts(key: &ElectionKey) -> Parts {
    (key.bureau().panels().to_vec(), key.to_encodings())
}

fn key((panels, points): Parts) -> ElectionKey {
    ElectionKey::from_encodings(Bureau::new(panels).unwrap(), &points).unwrap()
}

/// Two lists, each in a slot of its own.
fn two_slots() -> ContestDescription {
    ContestDescription { packing: Packing::new(1), ..description(584, 2) }
}

fn contest(key: &ElectionKey) -> Contest {
    Contest::new(two_slots(), key).unwrap()
}

fn own(k: u64) -> Bytes {
    encode(&Scalar::from(1_000 + k))
}

/// The organiser names the true trustees, and puts points of its own beside them.
fn drawn_alone(trustees: &[Trustee]) -> Contest {
    let (panels, _) = parts(trustees[0].key().election_key());
    let points = vec![vec![vec![own(1), own(2)], vec![own(3), own(4)]], vec![vec![own(5)], vec![own(6)]]];
    contest(&key((panels, points)))
}

fn approve_by(trustee: &mut Trustee, contest: &Contest) -> Result<Approval, TrusteeError> {
    trustee.approve(contest, at(-9_000), &mut rng(1)).map(Unsent::stored)
}

#[test]
fn attack_14_trustees_do_not_approve_a_key_they_did_not_make() {
    let (_, mut trustees) = ceremony(PANELS, 2, 1);
    let true_key = trustees[0].key().election_key().clone();
    let change = |change: &dyn Fn(&mut Parts)| {
        let mut parts = parts(&true_key);
        change(&mut parts);
        contest(&key(parts))
    };
    let mut false_contests = vec![drawn_alone(&trustees)];
    // Their own key with one point changed, of any panel; with slots changed over, in one panel and in both.
    for (panel, slot, k) in [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 1, 0)] {
        false_contests.push(change(&|(_, points)| points[panel][slot][k] = own(7)));
    }
    false_contests.push(change(&|(_, points)| points[0].swap(0, 1)));
    false_contests.push(change(&|(_, points)| points.iter_mut().for_each(|panel| panel.swap(0, 1))));
    // Another threshold; trustees, and panels, changed over; a panel left out; a stranger among them.
    false_contests.push(change(&|(panels, points)| {
        panels[0].threshold = 1;
        points[0].iter_mut().for_each(|slot| slot.truncate(1));
    }));
    false_contests.push(change(&|(panels, _)| panels[0].trustees.swap(0, 1)));
    false_contests.push(change(&|(panels, points)| {
        panels.swap(0, 1);
        points.swap(0, 1);
    }));
    false_contests.push(change(&|(panels, points)| {
        panels.pop();
        points.pop();
    }));
    let stranger = IdentityKey::from_bytes(&own(8)).unwrap();
    false_contests.push(change(&|(panels, _)| panels[1].trustees[1] = stranger));
    for false_contest in &false_contests {
        let foreign = TrusteeError::ForeignKey { contest: false_contest.fingerprint() };
        for trustee in &mut trustees {
            let stored = trustee.to_bytes();
            assert_eq!(approve_by(trustee, false_contest).unwrap_err(), foreign);
            assert_eq!(trustee.to_bytes(), stored);
        }
    }
    // The true one they do, and one of fewer slots, which uses the first.
    for good in [contest(&true_key), Contest::new(description(585, 1), &true_key).unwrap()] {
        for trustee in &mut trustees {
            assert!(approve_by(trustee, &good).is_ok());
        }
    }
}

#[test]
fn attack_14_without_their_approvals_it_is_no_contest() {
    let (_, mut trustees) = ceremony(PANELS, 2, 1);
    let false_contest = drawn_alone(&trustees);
    let approve = |approvals| ApprovedContest::new(false_contest.clone(), approvals).map(|_| ()).unwrap_err();
    assert_eq!(approve(vec![]), ContestError::MissingApproval { trustee: index(1) });

    // Their approvals of the true contest, moved over.
    let true_contest = contest(trustees[0].key().election_key());
    let moved: Vec<_> = trustees.iter_mut().map(|t| approve_by(t, &true_contest).unwrap()).collect();
    let invalid = |number| ContestError::Approval(TrusteeSignatureError::Invalid { trustee: index(number) });
    assert_eq!(approve(moved.clone()), invalid(1));
    // Signed by the organiser with keys of its own.
    let forged = |j: TrusteeIndex, secret: u64| {
        let digest = false_contest.fingerprint().to_bytes();
        let signature = sign(&Scalar::from(secret), b"approval", &digest);
        Approval::new(j, Proof::from_bytes(&signature).unwrap())
    };
    assert_eq!(approve((1..=5).map(|j| forged(index(j), 5)).collect()), invalid(1));
    let unknown = TrusteeSignatureError::UnknownTrustee { trustee: index(6), trustees: 5 };
    assert_eq!(approve(vec![forged(index(6), 5)]), ContestError::Approval(unknown));

    // For the true contest every one of them is needed, once.
    let approve = |approvals| ApprovedContest::new(true_contest.clone(), approvals).map(|_| ());
    assert_eq!(approve(moved.clone()), Ok(()));
    for missing in 0..5 {
        let mut approvals = moved.clone();
        approvals.remove(missing);
        let trustee = moved[missing].trustee();
        assert_eq!(approve(approvals.clone()), Err(ContestError::MissingApproval { trustee }));
        approvals.push(approvals[0]);
        let repeated = TrusteeSignatureError::Repeated { trustee: approvals[0].trustee() };
        assert_eq!(approve(approvals), Err(ContestError::Approval(repeated)));
    }
    // A signature made for something else, over the same digest.
    let secret = trustee_secrets(&trustees[1]).0;
    let with = |purpose: &[u8]| {
        let signature = sign(&secret, purpose, &true_contest.fingerprint().to_bytes());
        let mut approvals = moved.clone();
        approvals[1] = Approval::new(index(2), Proof::from_bytes(&signature).unwrap());
        approve(approvals)
    };
    assert_eq!(with(b"approval"), Ok(()));
    for purpose in [&b"endorsement"[..], b"factors", b"key"] {
        assert_eq!(with(purpose), Err(invalid(2)));
    }
    // Approvals are part of what a contest is, also when others for the same contest hold as well.
    let approved = |approvals| ApprovedContest::new(true_contest.clone(), approvals).unwrap();
    // A trustee that remembers gives the same again; these have forgotten, and sign with another nonce.
    let again = trustees
        .iter()
        .map(|t| forgetful(t).approve(&true_contest, at(-9_000), &mut rng(2)).unwrap().stored())
        .collect();
    assert_eq!(approved(moved.clone()), approved(moved.clone()));
    assert_ne!(approved(moved), approved(again));
}

/// The office changes its mind before the opening; the contest that was approved first is endorsed and opened no
/// more, and from the opening on no other is approved.
#[test]
fn attack_14_a_contest_in_whose_place_another_was_approved() {
    let (_, mut trustees) = ceremony(PANELS, 2, 1);
    let first = approve(description(584, 2), &mut trustees);
    let second = contest(trustees[0].key().election_key());
    assert_ne!(first.fingerprint(), second.fingerprint());
    let mut trustee = crate::polling::restarted(&trustees[0]);
    let late = trustee.approve(&second, at(0), &mut rng(1)).unwrap_err();
    assert_eq!(late, TrusteeError::OtherContest { approved: first.fingerprint(), opens_at: at(0) });
    assert!(trustee.approve(&second, at(-1), &mut rng(1)).is_ok());

    let mut ended = Polling::of(first.clone(), trustees, 2).sign_off();
    let mut others = ended.take_trustees();
    let endorsements: Vec<_> = others.iter_mut().map(|trustee| ended.endorse(trustee).unwrap()).collect();
    let replaced = TrusteeError::Replaced { contest: first.fingerprint() };
    assert_eq!(ended.endorse(&mut trustee).unwrap_err(), replaced);
    assert_eq!(trustee.ready(&ended.signed, &endorsements).unwrap_err(), replaced);
    let mut again = crate::polling::restarted(&trustee);
    assert_eq!(ended.endorse(&mut again).unwrap_err(), replaced);
    assert_eq!(approve_by(&mut again, first.contest()).unwrap_err(), replaced);
}

/// Why it matters: with `H_2 = H_1 + G`, which no check of the key alone can see, `C_2 − C_1 − R` is
/// `(b_2 − b_1)·G`. Here the organiser plays all trustees, since none that took part would approve.
#[test]
fn attack_14_related_keys_let_an_outsider_read_every_ballot() {
    let identity = Scalar::from(11u64);
    let first = RistrettoPoint::mul_base(&Scalar::from(12u64));
    let second = first + RistrettoPoint::mul_base(&Scalar::ONE);
    let points = vec![[first, second].map(|key| vec![key.compress().to_bytes()]).to_vec()];
    let trustees = vec![IdentityKey::from_bytes(&encode(&identity)).unwrap()];
    let related = contest(&key((vec![Panel { threshold: 1, trustees }], points.clone())));
    let signature = sign(&identity, b"approval", &related.fingerprint().to_bytes());
    let approval = Approval::new(index(1), Proof::from_bytes(&signature).unwrap());
    let approved = ApprovedContest::new(related, vec![approval]).unwrap();

    let read = |ballot: &[u8]| {
        let at = |position: usize| point(ballot[2 + 32 * position..][..32].try_into().unwrap());
        // C, R, C_1, C_2.
        let difference = at(3) - at(2) - at(1);
        let generator = RistrettoPoint::mul_base(&Scalar::ONE);
        [Choice::Blank, Choice::List(2), Choice::List(1)]
            .into_iter()
            .zip([RistrettoPoint::default(), generator, -generator])
            .find(|(_, value)| difference == *value)
            .map(|(choice, _)| choice)
    };
    let choices = [Choice::Blank, Choice::List(1), Choice::List(2)];
    let sealed = |contest: &ApprovedContest, choice| {
        let credential = Credential::derive(contest.contest(), &VotingCode::from_bytes([1; 15]));
        SealedBallot::seal(contest, choice, &credential, &mut rng(1)).unwrap().cast()
    };
    for choice in choices {
        assert_eq!(read(&sealed(&approved, choice)), Some(choice));
    }
    // A key of a ceremony does not read so.
    let (_, mut trustees) = ceremony(&[(1, 1)], 2, 1);
    let honest = approve(two_slots(), &mut trustees);
    for choice in choices {
        assert_eq!(read(&sealed(&honest, choice)), None);
    }
    // And the trustees of that ceremony do not approve the related key in their name.
    let (panels, _) = parts(trustees[0].key().election_key());
    let contest = contest(&key((panels, points)));
    let foreign = TrusteeError::ForeignKey { contest: contest.fingerprint() };
    assert_eq!(approve_by(&mut trustees[0], &contest).unwrap_err(), foreign);
}
