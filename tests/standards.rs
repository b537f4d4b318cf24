//! What voters take home is standard: an émargement is plain Ed25519 over a SHA-256, and paths are plain
//! RFC 6962. Checked here with code that uses none of our types, and against values that do not change.

#[path = "support/dealer.rs"]
mod dealer;
#[path = "support/polling.rs"]
mod polling;

use curve25519_dalek::scalar::Scalar;
use dealer::{encode, index, sign};
use ed25519_dalek::{Signature, VerifyingKey};
use polling::{OPEN_FOR, Polling, at, box_key, description};
use sha2::{Digest, Sha256};
use urne::contest::TrusteeSignature;
use urne::receipt::{DepositProof, Emargement};
use urne::{ApprovedContest, Choice, Contest, ElectionKey, Proof, Receipt};

type Hash = [u8; 32];

// ---------------------------------------------------------------------------------------------------
// RFC 6962 §2.1, written from its text

fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The largest power of two below `n`.
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

/// MTH(D[n])
fn tree_hash(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => leaf_hash(leaf),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&tree_hash(left), &tree_hash(right))
        }
    }
}

/// PATH(m, D[n])
fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut nodes, sibling) = if m < k { (path(m, left), right) } else { (path(m - k, right), left) };
    nodes.push(tree_hash(sibling));
    nodes
}

/// PROOF(m, D[n])
fn proof(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    fn subproof(m: usize, leaves: &[Hash], complete: bool) -> Vec<Hash> {
        if m == leaves.len() {
            return if complete { vec![] } else { vec![tree_hash(leaves)] };
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        let (mut nodes, sibling) =
            if m <= k { (subproof(m, left, complete), right) } else { (subproof(m - k, right, false), left) };
        nodes.push(tree_hash(sibling));
        nodes
    }
    subproof(m, leaves, true)
}

/// The root that an inclusion path leads to, without the leaves.
fn root_by_path(leaf: &Hash, m: usize, n: usize, path: &[Hash]) -> Option<Hash> {
    if n == 1 {
        return path.is_empty().then(|| leaf_hash(leaf));
    }
    let (sibling, path) = path.split_last()?;
    let k = split(n);
    if m < k {
        Some(node_hash(&root_by_path(leaf, m, k, path)?, sibling))
    } else {
        Some(node_hash(sibling, &root_by_path(leaf, m - k, n - k, path)?))
    }
}

/// The roots of the tree of `m` and of that of `n` leaves that a consistency path leads to. `old` is the root
/// of the first, which the path leaves out where it is a whole subtree of the second.
fn roots_by_proof(m: usize, n: usize, path: &[Hash], old: Option<&Hash>) -> Option<(Hash, Hash)> {
    if m == n {
        return match (old, path) {
            (Some(old), []) => Some((*old, *old)),
            (None, [node]) => Some((*node, *node)),
            _ => None,
        };
    }
    let (sibling, path) = path.split_last()?;
    let k = split(n);
    if m <= k {
        let (first, second) = roots_by_proof(m, k, path, old)?;
        Some((first, node_hash(&second, sibling)))
    } else {
        let (first, second) = roots_by_proof(m - k, n - k, path, None)?;
        Some((node_hash(sibling, &first), node_hash(sibling, &second)))
    }
}

// ---------------------------------------------------------------------------------------------------
// The protocol's bytes, taken apart by hand

/// `H(tag; …)`
fn hash_of(tag: &str, fields: &[&[u8]]) -> Hash {
    let mut input = vec![];
    for field in [tag.as_bytes()].iter().chain(fields) {
        input.extend((field.len() as u64).to_le_bytes());
        input.extend(*field);
    }
    Sha256::digest(input).into()
}

/// The parts of `01 ‖ fingerprint ‖ LE64(length) ‖ voter ‖ LE64(at) ‖ signature`, the signature verified.
fn check_emargement(
    key: &VerifyingKey,
    bytes: &[u8],
    voter: &str,
) -> Result<(), ed25519_dalek::SignatureError> {
    let length = voter.len();
    assert_eq!(bytes.len(), 1 + 32 + 8 + length + 8 + 64);
    assert_eq!((bytes[0], &bytes[33..41]), (1, &(length as u64).to_le_bytes()[..]));
    let (fingerprint, rest) = (&bytes[1..33], &bytes[41..]);
    assert_eq!(&rest[..length], voter.as_bytes());
    let (time, signature) = rest[length..].split_at(8);
    let digest = hash_of("urne/1 signing", &[fingerprint, voter.as_bytes(), time]);
    key.verify_strict(&digest, &Signature::from_slice(signature).unwrap())
}

fn number(bytes: &[u8]) -> usize {
    u64::from_le_bytes(bytes.try_into().unwrap()).try_into().unwrap()
}

fn hashes(bytes: &[u8]) -> Vec<Hash> {
    assert_eq!(bytes.len() % 32, 0);
    bytes.chunks(32).map(|node| node.try_into().unwrap()).collect()
}

struct Parts {
    reference: Hash,
    index: usize,
    size: usize,
    root: Hash,
    path: Vec<Hash>,
}

/// The parts of `01 ‖ LE64(number) ‖ reference ‖ LE64(index) ‖ LE64(size) ‖ root ‖ LE64(at) ‖ signature ‖ path`,
/// the signature on the head verified.
fn check_deposit_proof(key: &VerifyingKey, fingerprint: &[u8], bytes: &[u8]) -> Parts {
    assert_eq!((bytes[0], number(&bytes[1..9])), (1, 584));
    let (size, root, time) = (&bytes[49..57], &bytes[57..89], &bytes[89..97]);
    let digest = hash_of("urne/1 head", &[fingerprint, size, root, time]);
    assert!(key.verify_strict(&digest, &Signature::from_slice(&bytes[97..161]).unwrap()).is_ok());
    Parts {
        reference: bytes[9..41].try_into().unwrap(),
        index: number(&bytes[41..49]),
        size: number(size),
        root: root.try_into().unwrap(),
        path: hashes(&bytes[161..]),
    }
}

fn key() -> VerifyingKey {
    VerifyingKey::from_bytes(&box_key().public().to_bytes()).unwrap()
}

#[test]
fn an_emargement_is_plain_ed25519() {
    let mut polling = Polling::open(2);
    let (_, receipt) = polling.vote(0, Choice::List(1), 10);
    let bytes = receipt.emargement.to_bytes();
    assert!(check_emargement(&key(), &bytes, "voter 0").is_ok());
    for at in [1, 32, 50, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(check_emargement(&key(), &changed, "voter 0").is_err(), "byte {at}");
    }
}

#[test]
fn paths_are_plain_rfc_6962() {
    const VOTERS: usize = 9;
    let mut polling = Polling::open(u8::try_from(VOTERS).unwrap());
    let fingerprint = polling.contest.fingerprint().to_bytes();
    let mut leaves: Vec<Hash> = vec![];
    let mut roots: Vec<Hash> = vec![];
    for voter in 0..VOTERS {
        let (ballot, receipt) = polling.vote(voter, Choice::Blank, 10);
        leaves.push(hash_of("urne/1 reference", &[&fingerprint, &ballot]));
        let bytes = receipt.deposit_proof.unwrap().to_bytes();
        let Parts { reference, index, size, root, path: given } =
            check_deposit_proof(&key(), &fingerprint, &bytes);
        assert_eq!((reference, index, size), (leaves[voter], voter, voter + 1));
        assert_eq!(root, tree_hash(&leaves));
        assert_eq!(given, path(voter, &leaves));
        assert_eq!(root_by_path(&reference, index, size, &given), Some(root));
        roots.push(root);
    }
    let (closed, _) = polling.close();
    assert_eq!(closed.closing().root, roots[VOTERS - 1]);
    for size in 1..=VOTERS {
        let given = hashes(&closed.consistency(size as u64).unwrap().to_bytes());
        assert_eq!(given, proof(size, &leaves));
        let old = roots[size - 1];
        let reached = roots_by_proof(size, VOTERS, &given, Some(&old));
        assert_eq!(reached, Some((old, roots[VOTERS - 1])), "from {size}");
    }
}

// ---------------------------------------------------------------------------------------------------
// Values that do not change

/// A contest and a box without any randomness: all secrets are small numbers, and the ballots are frozen.
fn frozen_contest() -> ApprovedContest {
    let identity = Scalar::from(11u64);
    let slots = [12u64, 13].map(|secret| vec![encode(&Scalar::from(secret))]);
    let key = ElectionKey::from_encodings(1, &[encode(&identity)], &slots).unwrap();
    let contest = Contest::new(description(584, 2), &key).unwrap();
    let signature = sign(&identity, b"approval", &contest.fingerprint().to_bytes());
    let approval = TrusteeSignature::new(index(1), Proof::from_bytes(&signature).unwrap());
    ApprovedContest::new(contest, vec![approval]).unwrap()
}

fn unhex(value: &serde_json::Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn frozen() -> serde_json::Value {
    serde_json::from_str(include_str!("vectors/receipts.json")).unwrap()
}

#[test]
fn the_frozen_receipt_is_given_again() {
    let vector = frozen();
    let mut polling = Polling::of(frozen_contest(), vec![], 4);
    assert_eq!(polling.contest.fingerprint().to_bytes().to_vec(), unhex(&vector["fingerprint"]));
    let ballots: Vec<_> = vector["ballots"].as_array().unwrap().iter().map(unhex).collect();
    let mut receipts: Vec<Receipt> = vec![];
    for (voter, ballot) in ballots.iter().enumerate() {
        polling.activate(voter, 10).unwrap();
        receipts.push(polling.deposit(voter, ballot, 10 + 10 * i64::try_from(voter).unwrap()).unwrap());
    }
    let last = &receipts[3];
    let (emargement, proof) = (unhex(&vector["emargement"]), unhex(&vector["deposit_proof"]));
    assert_eq!(last.emargement.to_bytes(), emargement);
    assert_eq!(last.deposit_proof.as_ref().unwrap().to_bytes(), proof);

    // Read from the bytes, it is about the frozen ballot, and leads to the frozen closing.
    let contest = polling.contest.contest().clone();
    let proof = DepositProof::from_bytes(&proof).unwrap();
    assert_eq!(proof.verify(&contest, &ballots[3]), Ok(()));
    assert_eq!(proof.reference.to_string(), vector["reference"].as_str().unwrap());
    assert_eq!(Emargement::from_bytes(&emargement).unwrap().verify(&contest), Ok(()));
    let (closed, _) = polling.ballot_box.close(at(OPEN_FOR)).unwrap();
    assert_eq!(closed.digest().to_bytes().to_vec(), unhex(&vector["closing_digest"]));
    assert_eq!(closed.closing().signature.to_bytes().to_vec(), unhex(&vector["closing_signature"]));
}

#[test]
fn the_frozen_receipt_is_standard() {
    let vector = frozen();
    let key = VerifyingKey::from_bytes(&unhex(&vector["box_key"]).try_into().unwrap()).unwrap();
    assert!(check_emargement(&key, &unhex(&vector["emargement"]), "voter 3").is_ok());
    let fingerprint = unhex(&vector["fingerprint"]);
    let parts = check_deposit_proof(&key, &fingerprint, &unhex(&vector["deposit_proof"]));
    let leaves: Vec<_> = vector["ballots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ballot| hash_of("urne/1 reference", &[&fingerprint, &unhex(ballot)]))
        .collect();
    assert_eq!((parts.index, parts.size, parts.root), (3, 4, tree_hash(&leaves)));
    assert_eq!(parts.path, path(3, &leaves));
    assert_eq!(root_by_path(&parts.reference, 3, 4, &parts.path), Some(parts.root));
    let digest: Hash = unhex(&vector["closing_digest"]).try_into().unwrap();
    let signature = Signature::from_slice(&unhex(&vector["closing_signature"])).unwrap();
    assert!(key.verify_strict(&digest, &signature).is_ok());
}
