//! The Diffie–Hellman oracle, against the second line of defence. What can be tried through the public
//! API is in `tests/ceremony.rs`; there the rogue trustee fails with its commitment already.

use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::dealing::{Dealing, Proven, Seal};
use super::possession::Possession;
use super::rounds::complain;
use super::*;
use crate::primitives::proof::Proof;
use crate::primitives::transcript::Transcript;

/// Trustee 1 is `E_1 = a·E_2`, of which nobody knows the logarithm, and wants `e_3·E_2`, which opens what 2
/// seals for 3: it deals 3 a bad share, so that 3 complains and publishes `e_3·E_1 = a·(e_3·E_2)`.
/// Its commitment is taken for signed here.
#[test]
fn attack_10_rogue_identity_key_gets_no_complaint() {
    let mut rng = ChaCha20Rng::seed_from_u64(10);
    let a = Scalar::from(77u64);
    let honest: Vec<_> = (0..2).map(|_| IdentitySecret::generate(&mut rng)).collect();
    let rogue = IdentityKey(Element::from(honest[0].public().0.point() * a));
    let keys = [rogue, honest[0].public(), honest[1].public()].to_vec();
    let ceremony = Ceremony::new("oracle", Threshold::new(2, 3).unwrap(), 1, keys).unwrap();
    let index = |number| TrusteeIndex::new(number).unwrap();

    let stored: Vec<_> =
        honest.into_iter().map(|secret| ceremony.join(secret, &mut rng).unwrap().0.expose_bytes()).collect();
    let honest = |j: usize| Committed::from_bytes(&ceremony, &stored[j - 2]).unwrap();

    // The rogue's points and (bad) shares.
    let known = [Scalar::from(5u64), Scalar::from(6u64)];
    let row: Vec<Element> = known.iter().map(|c| RistrettoPoint::mul_base(c).into()).collect();
    let commitments = [row.iter().map(|point| *point.encoding()).collect::<Vec<_>>()].to_vec();
    let shares = [[1; 32], [2; 32], [3; 32]].map(|mut share: [u8; 32]| {
        share[31] = 0;
        share
    });

    // Commitments as if all were signed.
    let digests: Vec<_> = [
        commitment_digest(&ceremony.digest, index(1), &row),
        honest(2).commitment(&mut rng).digest,
        honest(3).commitment(&mut rng).digest,
    ]
    .to_vec();
    let reveal = |committed: Committed, rng: &mut ChaCha20Rng| {
        let state = Revealed::new(committed, digests.clone()).unwrap();
        let reveal = state.reveal(rng);
        (state, reveal)
    };
    let (_, reveal_2) = reveal(honest(2), &mut rng);
    let (_, reveal_3) = reveal(honest(3), &mut rng);

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
    let own_guess = prove(&IdentitySecret::from_scalar(a), &mut rng);
    let attempts = [
        own_guess,
        Proof::new(Scalar::ZERO, Scalar::ZERO),
        Proof::new(crate::primitives::group::decode_scalar(&own_guess.challenge()).unwrap(), Scalar::ONE),
        reveal_2.proof,
        reveal_3.proof,
    ];
    for proof in attempts {
        let forged =
            Reveal { trustee: index(1), commitments: commitments.clone(), shares: shares.to_vec(), proof };
        let (state, ours) = reveal(honest(3), &mut rng);
        let error = state.check(&[forged, reveal_2.clone(), ours], &mut rng).unwrap_err();
        assert_eq!(error, CeremonyError::Possession { trustee: index(1) });
        assert_eq!(error.culprit(), None);
    }

    // The attack is real: could the proof be had, the complaint would open what 2 sealed for 3. Here e_2 is
    // borrowed for the proof, as if the check were not there.
    let e_2 = Scalar::from_canonical_bytes(stored[0][32..64].try_into().unwrap()).unwrap();
    let proof = prove(&IdentitySecret::from_scalar(a * e_2), &mut rng);
    let accepted =
        Reveal { trustee: index(1), commitments: commitments.clone(), shares: shares.to_vec(), proof };
    let (state, ours) = reveal(honest(3), &mut rng);
    let Err(CeremonyError::BadShares(complaints)) =
        state.check(&[accepted, reveal_2.clone(), ours], &mut rng)
    else {
        panic!("a bad share without a complaint")
    };
    let [complaint] = &complaints[..] else { panic!("one complaint") };
    let stolen = Element::from(complaint.secret.point() * a.invert());
    let dealing = Dealing::new(&ceremony, &Proven::new(&ceremony, &reveal_2).unwrap()).unwrap();
    let opened = dealing.open(&ceremony, index(3), stolen.encoding());
    assert!(dealing.holds(index(3), &opened), "the attack would have worked");
}

/// As long as one proof of possession does not hold, there is no complaint about any other dealer either.
#[test]
fn attack_10_no_complaint_before_all_proofs_hold() {
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let secrets: Vec<_> = (0..3).map(|_| IdentitySecret::generate(&mut rng)).collect();
    let keys = secrets.iter().map(IdentitySecret::public).collect();
    let ceremony = Ceremony::new("order", Threshold::new(2, 3).unwrap(), 1, keys).unwrap();
    let (committed, commitments): (Vec<_>, Vec<_>) =
        secrets.into_iter().map(|secret| ceremony.join(secret, &mut rng).unwrap()).unzip();
    let (cheat, stored_2) = (committed[0].expose_bytes(), committed[1].expose_bytes());
    let (mut states, mut reveals): (Vec<_>, Vec<_>) =
        committed.into_iter().map(|state| state.reveal(&commitments, &mut rng).unwrap()).unzip();

    // Trustee 1 deals 2 a bad share and signs it; the proof of 3 is spoilt on its way.
    let cheater = Committed::from_bytes(&ceremony, &cheat).unwrap();
    let mut shares = reveals[0].shares.clone();
    shares[1] = [0; 32];
    reveals[0] = cheater.sign_dealing(shares, &mut rng);
    let proof_of_3 = reveals[2].proof;
    reveals[2].proof = Proof::new(Scalar::ONE, Scalar::ONE);
    let spoilt = states.remove(1).check(&reveals, &mut rng).unwrap_err();
    assert_eq!(spoilt, CeremonyError::Possession { trustee: TrusteeIndex::new(3).unwrap() });

    // With all proofs in order, the cheat is found.
    reveals[2].proof = proof_of_3;
    let (state, _) =
        Committed::from_bytes(&ceremony, &stored_2).unwrap().reveal(&commitments, &mut rng).unwrap();
    let error = state.check(&reveals, &mut rng).unwrap_err();
    assert!(matches!(&error, CeremonyError::BadShares(complaints) if complaints.len() == 1));
    assert_eq!(error.culprit(), TrusteeIndex::new(1));

    let dealing = Dealing::new(&ceremony, &Proven::new(&ceremony, &reveals[0]).unwrap()).unwrap();
    let identity = IdentitySecret::from_bytes(cheat[32..64].try_into().unwrap()).unwrap();
    let self_made =
        complain(&ceremony, TrusteeIndex::new(1).unwrap(), &identity, &dealing, &mut rng).unwrap();
    // The dealer's own share is good: its complaint about itself blames itself all the same.
    assert_eq!(ceremony.settle(&reveals[0], &self_made), Ok(TrusteeIndex::new(1).unwrap()));
}

/// The labels and order of the sealing transcript, spelled out.
#[test]
fn seal_is_the_transcript_of_the_protocol() {
    let digest = CeremonyDigest::from_bytes([9; 32]);
    let index = |number| TrusteeIndex::new(number).unwrap();
    let seal =
        Seal { ceremony: &digest, from: index(1), to: index(2), commitments: &[1; 64], secret: &[2; 32] };
    let mut transcript = Transcript::new(b"urne/1 share");
    transcript.append(b"ceremony", &[9; 32]);
    transcript.append(b"from", &1u64.to_le_bytes());
    transcript.append(b"to", &2u64.to_le_bytes());
    transcript.append(b"commitments", &[1; 64]);
    transcript.append(b"secret", &[2; 32]);
    assert_eq!(*seal.masks(2), [transcript.challenge(b"mask"), transcript.challenge(b"mask")]);
}
