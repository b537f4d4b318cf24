//! What unit tests share: a contest whose every secret is known, dealt by one hand. Nothing like it
//! exists outside of tests.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::box_key::BoxSecretKey;
use crate::code::VotingCode;
use crate::contest::{ApprovedContest, Contest, ContestDescription, TrusteeSignature};
use crate::credential::Credential;
use crate::group::Element;
use crate::key::{ElectionKey, Identities, Threshold};
use crate::labels;
use crate::signature::IdentitySecret;
use crate::time::UnixTime;

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn random_scalar(rng: &mut ChaCha20Rng) -> Scalar {
    let mut wide = [0; 64];
    rng.fill_bytes(&mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// Compiles only for what wipes itself when it is dropped.
pub(crate) fn wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}

/// A contest and all its secrets.
pub(crate) struct Dealt {
    pub(crate) contest: ApprovedContest,
    /// For each slot the polynomial's `t` coefficients.
    pub(crate) polynomials: Vec<Vec<Scalar>>,
    pub(crate) box_key: BoxSecretKey,
}

impl Dealt {
    /// `required` of `trustees`, `lists` lists, contest `number`.
    pub(crate) fn new(required: u8, trustees: u8, lists: u8, number: u64) -> Self {
        let mut rng = rng(number);
        let threshold = Threshold::new(required, trustees).unwrap();
        let identities: Vec<_> =
            (0..trustees).map(|_| IdentitySecret::from_scalar(random_scalar(&mut rng))).collect();
        let polynomials: Vec<Vec<Scalar>> =
            (0..lists).map(|_| (0..required).map(|_| random_scalar(&mut rng)).collect()).collect();
        let slots = polynomials
            .iter()
            .map(|polynomial| polynomial.iter().map(|c| Element::from(RistrettoPoint::mul_base(c))).collect())
            .collect();
        let public = identities.iter().map(IdentitySecret::public).collect();
        let key = ElectionKey::new(threshold, Identities::new(public, threshold).unwrap(), slots).unwrap();
        let box_key = BoxSecretKey::from_bytes(&[9; 32]);
        let contest = Contest::new(description(lists, number, &box_key), &key).unwrap();
        let digest = contest.fingerprint().to_bytes();
        let approvals = threshold
            .indices()
            .zip(&identities)
            .map(|(j, identity)| {
                TrusteeSignature::sign(j, identity, labels::PURPOSE_APPROVAL, &digest, &mut rng)
            })
            .collect();
        let contest = ApprovedContest::new(contest, approvals).unwrap();
        Dealt { contest, polynomials, box_key }
    }

    /// The credential of voter number `voter`.
    pub(crate) fn credential(&self, voter: u64) -> Credential {
        let mut code = [0; 15];
        code[..8].copy_from_slice(&voter.to_le_bytes());
        Credential::derive(self.contest.contest(), &VotingCode::from_bytes(code))
    }
}

pub(crate) fn description(lists: u8, number: u64, box_key: &BoxSecretKey) -> ContestDescription {
    ContestDescription {
        election: String::from("Test"),
        number,
        title: String::from("Committee"),
        documents: String::new(),
        lists: (1..=lists).map(|list| format!("List {list}")).collect(),
        opens_at: UnixTime::from_seconds(1_000),
        closes_at: UnixTime::from_seconds(2_000),
        quorum: None,
        box_key: box_key.public(),
    }
}
