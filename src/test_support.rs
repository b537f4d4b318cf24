//! What unit tests share: a contest whose every secret is known, dealt by one hand. Nothing like it
//! exists outside of tests.

use alloc::format;
use alloc::vec::Vec;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use crate::bureau::{Bureau, ElectionKey, IdentitySecret, Panel, SignedBy};
use crate::contest::{Approval, ApprovedContest, Contest, ContestDescription, Packing};
use crate::credential::{Credential, VotingCode};
use crate::primitives::group::Element;
use crate::primitives::labels;
use crate::primitives::{SigningKey, UnixTime};

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn random_scalar(rng: &mut ChaCha20Rng) -> Scalar {
    let mut wide = [0; 64];
    rng.fill_bytes(&mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// Holds only where the compiler knows that the value wipes itself.
pub(crate) fn wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}

/// The memory of this process, whoever owns a place in it now: what was freed is read without unsafe code.
#[cfg(target_os = "linux")]
pub(crate) struct OwnMemory(std::fs::File);

#[cfg(target_os = "linux")]
impl OwnMemory {
    pub(crate) fn open() -> Self {
        OwnMemory(std::fs::File::open("/proc/self/mem").unwrap())
    }

    /// What stands there. Allocates nothing, so that what was freed last is not given out again.
    pub(crate) fn at<const N: usize>(&self, address: usize) -> [u8; N] {
        let mut bytes = [0; N];
        std::os::unix::fs::FileExt::read_exact_at(&self.0, &mut bytes, address.try_into().unwrap()).unwrap();
        bytes
    }
}

pub(crate) struct Dealt {
    pub(crate) contest: ApprovedContest,
    /// `e_1 … e_n`.
    pub(crate) identities: Vec<IdentitySecret>,
    /// Of each panel, the polynomial of each slot, the constant term first.
    pub(crate) polynomials: Vec<Vec<Vec<Scalar>>>,
    pub(crate) box_key: SigningKey,
    pub(crate) issuer_key: SigningKey,
}

impl Dealt {
    /// One panel of one trustee, two lists a slot.
    pub(crate) fn simple(lists: u8, number: u64) -> Self {
        Dealt::new(&[(1, 1)], lists, None, number)
    }

    /// `panels` are thresholds with numbers of trustees. Up to five lists share a slot.
    pub(crate) fn new(panels: &[(u8, u8)], lists: u8, packing: Option<u8>, number: u64) -> Self {
        let mut rng = rng(number);
        let identities: Vec<_> = panels
            .iter()
            .flat_map(|(_, trustees)| 0..*trustees)
            .map(|_| IdentitySecret::from_scalar(random_scalar(&mut rng)))
            .collect();
        let mut public = identities.iter().map(IdentitySecret::public);
        let bureau = panels
            .iter()
            .map(|(threshold, trustees)| Panel {
                threshold: *threshold,
                trustees: public.by_ref().take((*trustees).into()).collect(),
            })
            .collect();
        let polynomials: Vec<Vec<Vec<Scalar>>> = panels
            .iter()
            .map(|(threshold, _)| {
                (0..lists).map(|_| (0..*threshold).map(|_| random_scalar(&mut rng)).collect()).collect()
            })
            .collect();
        let point = |c: &Scalar| Element::from(RistrettoPoint::mul_base(c));
        let matrices = polynomials
            .iter()
            .map(|slots| slots.iter().map(|slot| slot.iter().map(point).collect()).collect())
            .collect();
        let key = ElectionKey::new(Bureau::new(bureau).unwrap(), matrices).unwrap();
        let [box_key, issuer_key] = [9, 10].map(|seed| SigningKey::from_seed(&[seed; 32]));
        let mut description = description(lists, number, &box_key, &issuer_key);
        description.packing = packing.map(|packing| Packing::new(packing).unwrap());
        if packing.is_some_and(|packing| packing > 2) {
            // A million voters leave room for two lists a slot only.
            description.capacity = 400;
        }
        let contest = Contest::new(description, &key).unwrap();
        let digest = contest.fingerprint().to_bytes();
        let approvals = contest
            .bureau()
            .indices()
            .zip(&identities)
            .map(|(j, identity)| {
                Approval(SignedBy::sign(j, identity, labels::PURPOSE_APPROVAL, &digest, &mut rng))
            })
            .collect();
        let contest = ApprovedContest::new(contest, approvals).unwrap();
        Dealt { contest, identities, polynomials, box_key, issuer_key }
    }

    /// The credential of a voter whose code is the voter's number.
    pub(crate) fn credential(&self, voter: u64) -> Credential {
        let mut code = [0; 15];
        code[..8].copy_from_slice(&voter.to_le_bytes());
        Credential::derive(self.contest.contest(), &VotingCode::from_bytes(code))
    }
}

pub(crate) fn description(
    lists: u8,
    number: u64,
    box_key: &SigningKey,
    issuer_key: &SigningKey,
) -> ContestDescription {
    ContestDescription {
        election: "Test".into(),
        number,
        title: "Committee".into(),
        documents: "".into(),
        lists: (1..=lists).map(|list| format!("List {list}").into()).collect(),
        opens_at: UnixTime::from_seconds(1_000),
        closes_at: UnixTime::from_seconds(2_000),
        grace: 300,
        capacity: 1_000_000,
        packing: None,
        quorums: None,
        box_key: box_key.public(),
        issuer_key: issuer_key.public(),
    }
}
