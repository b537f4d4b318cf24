//! The Diffie–Hellman oracle, against the second line of defence. What can be tried through the public
//! API is in `tests/attacks/row_10_ceremony.rs`; there the rogue trustee fails with its commitment already.

use alloc::vec;
use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_chacha::ChaCha20Rng;

use super::dealing::{Dealing, Proven, Seal};
use super::possession::Possession;
use super::revealed::complain;
use super::*;
use crate::bureau::{IdentityKey, Panel};
use crate::primitives::proof::Proof;
use crate::primitives::transcript::Transcript;
use crate::test_support::rng;

fn index(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).unwrap()
}

/// A panel of two out of the first three, and one of everyone else, each alone.
fn bureau(keys: &[IdentityKey]) -> Bureau {
    let (first, second) = keys.split_at(3);
    Bureau::new(vec![
        Panel { threshold: 2, trustees: first.to_vec() },
        Panel { threshold: 1, trustees: second.to_vec() },
    ])
    .unwrap()
}

/// Trustee 1 is `E_1 = a·E_2`, of which nobody knows the logarithm, and wants `e_3·E_2`, which opens what 2
/// seals for 3: it deals 3 a bad share, so that 3 complains and publishes `e_3·E_1 = a·(e_3·E_2)`.
/// Its commitment is taken for signed here.
#[test]
fn attack_10_rogue_identity_key_gets_no_complaint() {
    let mut rng = rng(10);
    let a = Scalar::from(77u64);
    let honest: Vec<_> = (0..3).map(|_| IdentitySecret::generate(&mut rng)).collect();
    let rogue = IdentityKey(Element::from(honest[0].public().0.point() * a));
    let keys: Vec<_> = [rogue].into_iter().chain(honest.iter().map(IdentitySecret::public)).collect();
    let ceremony = Ceremony::new("oracle", 1, bureau(&keys)).unwrap();

    let stored: Vec<_> = honest
        .into_iter()
        .map(|secret| ceremony.join(secret, &mut rng).unwrap().to_store().to_vec())
        .collect();
    let honest = |j: usize| Committed::from_bytes(&stored[j - 2]).unwrap();

    // The rogue's points and (bad) shares.
    let known = [Scalar::from(5u64), Scalar::from(6u64)];
    let row: Vec<Element> = known.iter().map(|c| RistrettoPoint::mul_base(c).into()).collect();
    let commitments = vec![row.iter().map(|point| *point.encoding()).collect::<Vec<_>>()];
    let shares = [1u64, 2, 3].map(|share| Scalar::from(share).to_bytes());

    // Commitments as if all were signed.
    let mut all = vec![Commitment {
        trustee: index(1),
        digest: commitment_digest(&ceremony.digest, index(1), &row),
        signature: Proof::new(Scalar::ZERO, Scalar::ZERO),
    }];
    all.extend((2..=4).map(|j| honest(j).commitment(&mut rng)));
    let reveal = |j: usize, rng: &mut ChaCha20Rng| {
        let state = Revealed::new(honest(j), all.clone()).unwrap();
        let reveal = state.reveal(rng);
        (state, reveal)
    };
    let [reveal_2, reveal_3, reveal_4] = [2, 3, 4].map(|j| reveal(j, &mut rng).1);

    // Everything the rogue can answer with: the proof needs log X = p(0) + w·a·e_2.
    let statement = Possession {
        ceremony: &ceremony.digest,
        trustee: index(1),
        identity: &rogue,
        commitments: &commitments,
        shares: &shares,
    };
    let prove =
        |secret: &IdentitySecret, rng: &mut ChaCha20Rng| statement.prove(known[..1].iter(), secret, rng);
    let of_rogue = |proof| Reveal {
        trustee: index(1),
        commitments: commitments.clone(),
        shares: shares.to_vec(),
        proof,
    };
    let own_guess = prove(&IdentitySecret::from_scalar(a), &mut rng);
    let attempts = [
        own_guess,
        Proof::new(Scalar::ZERO, Scalar::ZERO),
        Proof::new(crate::primitives::group::decode_scalar(&own_guess.challenge()).unwrap(), Scalar::ONE),
        reveal_2.proof,
        reveal_3.proof,
    ];
    for proof in attempts {
        let (state, ours) = reveal(3, &mut rng);
        let shown = [of_rogue(proof), reveal_2.clone(), ours, reveal_4.clone()];
        let error = state.check(&shown, &mut rng).unwrap_err();
        assert_eq!(error, CeremonyError::Possession { trustee: index(1) });
        assert_eq!(error.culprit(), None);
    }

    // The attack is real: could the proof be had, the complaint would open what 2 sealed for 3. Here e_2 is
    // borrowed for the proof, as if the check were not there.
    let proof = prove(&IdentitySecret::from_scalar(a * honest(2).identity.scalar()), &mut rng);
    let (state, ours) = reveal(3, &mut rng);
    let shown = [of_rogue(proof), reveal_2.clone(), ours, reveal_4];
    let Ok(OpenedShares::Bad(shares)) = state.check(&shown, &mut rng) else {
        panic!("a bad share without a complaint")
    };
    let [complaint] = shares.complaints() else { panic!("one complaint") };
    let stolen = Element::from(complaint.secret.point() * a.invert());
    let dealing = Dealing::new(&ceremony, Proven::new(&ceremony, &reveal_2).unwrap()).unwrap();
    let opened = dealing.open(&ceremony, index(3), stolen.encoding()).unwrap();
    assert!(dealing.holds(index(3), &opened), "the attack would have worked");
}

/// As long as one proof of possession in the whole bureau does not hold, there is no complaint about any other
/// dealer either.
#[test]
fn attack_10_no_complaint_before_all_proofs_hold() {
    let mut rng = rng(11);
    let secrets: Vec<_> = (0..4).map(|_| IdentitySecret::generate(&mut rng)).collect();
    let keys: Vec<_> = secrets.iter().map(IdentitySecret::public).collect();
    let ceremony = Ceremony::new("order", 1, bureau(&keys)).unwrap();
    let (committed, commitments): (Vec<_>, Vec<_>) =
        secrets.into_iter().map(|secret| ceremony.join(secret, &mut rng).unwrap().stored()).unzip();
    let (cheat, stored_2) = (committed[0].to_bytes(), committed[1].to_bytes());
    let (mut states, mut reveals): (Vec<_>, Vec<_>) =
        committed.into_iter().map(|state| state.reveal(&commitments, &mut rng).unwrap().stored()).unzip();

    // Trustee 1 deals 2 a bad share and signs it; the proof of 4, of another panel, is spoilt on its way.
    let cheater = Committed::from_bytes(&cheat).unwrap();
    let mut shares = reveals[0].shares.clone();
    shares[1] = [0; 32];
    reveals[0] = cheater.sign_dealing(shares, &mut rng);
    let proof_of_4 = reveals[3].proof;
    reveals[3].proof = Proof::new(Scalar::ONE, Scalar::ONE);
    let spoilt = states.remove(1).check(&reveals, &mut rng).unwrap_err();
    assert_eq!(spoilt, CeremonyError::Possession { trustee: index(4) });

    // With all proofs in order, the cheat is found.
    reveals[3].proof = proof_of_4;
    let (state, _) =
        Committed::from_bytes(&stored_2).unwrap().reveal(&commitments, &mut rng).unwrap().stored();
    let Ok(OpenedShares::Bad(shares)) = state.check(&reveals, &mut rng) else {
        panic!("a bad share without a complaint")
    };
    assert_eq!(shares.dealers().collect::<Vec<_>>(), [index(1)]);

    // The dealer's complaint about itself, and one of another panel's trustee, are none.
    let dealing = Dealing::new(&ceremony, Proven::new(&ceremony, &reveals[0]).unwrap()).unwrap();
    let fourth = states.pop().unwrap();
    for (of, identity) in [(1, &cheater.identity), (4, fourth.identity())] {
        let complaint = complain(&ceremony, index(of), identity, &dealing, &keys[0], &mut rng);
        let parties = CeremonyError::ComplaintParties { dealer: index(1), complainant: index(of) };
        assert_eq!(ceremony.settle(&complaint), Err(parties));
    }
    // Nor is there a share to open for it.
    assert!(dealing.open(&ceremony, index(3), &[1; 32]).is_some());
    assert!(dealing.open(&ceremony, index(4), &[1; 32]).is_none());
}

/// The labels and order of the sealing transcript, spelled out.
#[test]
fn seal_is_the_transcript_of_the_protocol() {
    let digest = CeremonyDigest::from_bytes([9; 32]);
    let index = |number| TrusteeIndex::new(number).unwrap();
    let seal =
        Seal { ceremony: &digest, from: index(1), to: index(2), commitments: &[1; 64], secret: &[2; 32] };
    let mut transcript = Transcript::new(b"urne/2 share");
    transcript.append(b"ceremony", &[9; 32]);
    transcript.append(b"from", &1u64.to_le_bytes());
    transcript.append(b"to", &2u64.to_le_bytes());
    transcript.append(b"commitments", &[1; 64]);
    transcript.append(b"secret", &[2; 32]);
    assert_eq!(*seal.masks(2), [transcript.challenge(b"mask"), transcript.challenge(b"mask")]);
}
