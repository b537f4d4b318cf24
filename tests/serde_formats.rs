//! The serde form of everything that crosses a process is read back in every format: hex in JSON, bytes in others,
//! however their readers hand these over. CBOR's (ciborium) gives a short buffer for a moment and one above 4 KiB as its
//! own; postcard's lends a part of its input; JSON's strings come borrowed, owned, and from a tree of values.
#![cfg(feature = "serde")]

mod fixture;

use std::fmt::Debug;
use std::path::Path;

use fixture::forms::good;
use serde::Serialize;
use serde::de::DeserializeOwned;
use urne::ballot::PartialSum;
use urne::ballot_box::{
    Acknowledgement, Anchor, DepositProof, Emargement, GivenClosing, Head, Issue, MerklePath,
    ProposedOpening, SignedClosing, SignedOpening, VoterState,
};
use urne::bureau::{Ceremony, Commitment, Complaint, Confirmation, Reveal};
use urne::contest::Approval;
use urne::primitives::{Kind, Proof, Signature};
use urne::record::shard::{JoinReport, RollReport, ShardReport};
use urne::tally::{DecryptionFactors, Endorsement};
use urne::trustee::Ready;
use urne::voter::Dossier;
use urne::{
    Activation, ActivationNonce, BallotReference, ElectionKey, Fingerprint, IdentityKey, PublicCredential,
    Receipt, SigningKey, VoterId,
};

fn cbor(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// The value comes back from each format, as whatever its reader gives.
fn assert_read_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, bytes: &[u8]) {
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(json, format!("\"{}\"", fixture::hex(bytes)));
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value);
    assert_eq!(serde_json::from_reader::<_, T>(json.as_bytes()).unwrap(), *value);
    assert_eq!(serde_json::from_value::<T>(serde_json::to_value(value).unwrap()).unwrap(), *value);
    assert!(serde_json::from_str::<T>(&json.to_uppercase().replace('"', "\"A")).is_err());

    let written = cbor(value);
    assert!(written.ends_with(bytes));
    assert_eq!(ciborium::from_reader::<T, _>(&written[..]).unwrap(), *value);
    let tree: ciborium::Value = ciborium::from_reader(&written[..]).unwrap();
    assert_eq!(tree, ciborium::Value::Bytes(bytes.to_vec()));
    assert_eq!(tree.deserialized::<T>().unwrap(), *value);
    // From a writer that knows no bytes, only lists of numbers.
    let list = cbor(&bytes.iter().copied().map(u16::from).collect::<Vec<_>>());
    assert_eq!(ciborium::from_reader::<T, _>(&list[..]).unwrap(), *value);
    for wrong in [cbor(&"text"), cbor(&[256u16]), cbor(&[u16::from(bytes[0])]), cbor(&7)] {
        assert!(ciborium::from_reader::<T, _>(&wrong[..]).is_err());
    }

    let written = postcard::to_stdvec(value).unwrap();
    assert!(written.ends_with(bytes));
    assert_eq!(postcard::from_bytes::<T>(&written).unwrap(), *value);
    assert!(postcard::from_bytes::<T>(&written[..written.len() - 1]).is_err());
}

#[test]
fn every_form_with_serde_is_read_back_in_every_format() {
    macro_rules! read_back {
        ($($type:ty = $name:literal),* $(,)?) => {$({
            let bytes = good($name);
            assert_read_back(&<$type>::from_bytes(&bytes).unwrap(), &bytes);
        })*};
    }
    read_back!(
        PublicCredential = "point",
        Proof = "proof",
        Commitment = "commitment",
        Reveal = "reveal",
        Complaint = "complaint",
        Confirmation = "confirmation",
        Approval = "approval",
        Endorsement = "endorsement",
        Ready = "ready",
        DecryptionFactors = "decryption-factors",
        Issue = "issue",
        ProposedOpening = "proposed-opening",
        SignedOpening = "opening",
        Activation = "activation",
        PartialSum = "partial-sum",
        Head = "head",
        Emargement = "emargement",
        DepositProof = "deposit-proof",
        SignedClosing = "signed-closing",
        MerklePath = "merkle-path",
        IdentityKey = "identity-key",
        Ceremony = "ceremony",
        ElectionKey = "election-key",
        GivenClosing = "given-closing",
        VoterId = "voter-id",
        Receipt = "receipt",
        Acknowledgement = "acknowledgement",
        VoterState = "voter-state",
        Dossier = "dossier",
        Anchor = "anchor",
        ShardReport = "shard-report",
        RollReport = "roll-report",
        JoinReport = "join-report",
    );
    let [signature, nonce] = [Signature::from_bytes([7; 64]), Signature::from_bytes([8; 64])];
    assert_read_back(&signature, &[7; 64]);
    assert_ne!(signature, nonce);
    assert_read_back(&ActivationNonce::from_bytes([9; 32]), &[9; 32]);
    assert_read_back(&Fingerprint::from_bytes([5; 32]), &[5; 32]);
    let key = SigningKey::from_seed(&[6; 32]).public();
    assert_read_back(&key, &key.to_bytes());
}

/// So that a type which gets a serde form is read back above.
#[test]
fn no_type_with_a_serde_form_is_left_out() {
    let test = include_str!("serde_formats.rs");
    let (mut folders, mut named) = (vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let named_here =
                ["serde_bytes!(", "named_form!("].into_iter().flat_map(|made| source.split(made).skip(1));
            for name in named_here.filter_map(|rest| rest.split([',', ':']).next()) {
                // Inside of a macro the name is another's; of those that it makes there are some above.
                let whole = test.contains(&format!(" {name} = ")) || test.contains(&format!("{name}::from"));
                let is_key = name == "VerifyingKey" && test.contains("SigningKey::from_seed");
                assert!(name.starts_with('$') || whole || is_key, "{name} in {}", path.display());
                named += 1;
            }
        }
    }
    assert!(named > 30, "{named}");
}

/// Around the 4,096 bytes from which on a reader of CBOR no longer gives what it has on its own stack.
#[test]
fn long_buffers_are_read_back() {
    // With m slots, and t points and n shares in each: 76 + m·(1 + 32·(t + n)) bytes.
    let reveal = |slots: u8, points: u8, shares: u16| {
        let mut bytes = vec![Kind::Reveal.byte(), 2, 1, slots];
        for _ in 0..slots {
            bytes.push(points);
            bytes.extend(vec![7; 32 * usize::from(points)]);
        }
        bytes.extend(u64::from(shares).to_le_bytes());
        bytes.extend(vec![8; 32 * usize::from(shares)]);
        bytes.extend([0; 64]);
        bytes
    };
    let mut lengths = Vec::new();
    for bytes in [reveal(11, 3, 11 * 9), reveal(1, 100, 25), reveal(1, 100, 26), reveal(255, 5, 255 * 50)] {
        assert_read_back(&Reveal::from_bytes(&bytes).unwrap(), &bytes);
        lengths.push(bytes.len());
    }
    assert_eq!(lengths[..3], [4_311, 4_077, 4_109]);
    assert!(lengths[3] > 400_000);
}

/// A reference is shown in one way, and `%29` is for links alone.
#[test]
fn a_reference_has_one_serde_form() {
    let election = fixture::election();
    let reference = BallotReference::of(election.contest.contest(), &election.ballots[0]);
    let (shown, in_a_link) = (reference.to_string(), reference.to_string().replace(')', "%29"));
    assert_eq!(in_a_link.parse(), Ok(reference));
    let json = format!("\"{shown}\"");
    assert_eq!(serde_json::to_string(&reference).unwrap(), json);
    assert_eq!(serde_json::from_str::<BallotReference>(&json).unwrap(), reference);
    assert_eq!(ciborium::from_reader::<BallotReference, _>(&cbor(&reference)[..]).unwrap(), reference);
    assert_eq!(
        postcard::from_bytes::<BallotReference>(&postcard::to_stdvec(&reference).unwrap()),
        Ok(reference)
    );
    assert!(serde_json::from_str::<BallotReference>(&format!("\"{in_a_link}\"")).is_err());
    assert!(ciborium::from_reader::<BallotReference, _>(&cbor(&in_a_link)[..]).is_err());
}
