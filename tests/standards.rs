//! What voters take home is standard: an émargement is plain Ed25519 over a SHA-256, and paths are plain
//! RFC 6962. Checked here with code that uses none of our types, and against values that do not change.

#[path = "support/polling.rs"]
mod polling;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, VerifyingKey};
use polling::{Polling, box_key, description, issuer_key};
use sha2::{Digest, Sha256};
use urne::ballot_box::{DepositProof, Emargement, SignedClosing, SignedOpening};
use urne::bureau::Panel;
use urne::contest::Approval;
use urne::primitives::Kind;
use urne::{
    ApprovedContest, Bureau, Choice, Contest, ElectionKey, IdentitySecret, Proof, Receipt, TrusteeIndex,
};

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

/// Takes bytes apart from the front.
struct Cut<'a>(&'a [u8]);

impl<'a> Cut<'a> {
    /// A form of this kind.
    fn form(kind: u8, bytes: &'a [u8]) -> Self {
        assert_eq!(bytes[..2], [kind, 2]);
        Cut(&bytes[2..])
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at(length);
        self.0 = rest;
        head
    }
}

fn holds(key: &VerifyingKey, digest: &Hash, signature: &[u8]) -> bool {
    key.verify_strict(digest, &Signature::from_slice(signature).unwrap()).is_ok()
}

/// The parts of `kind ‖ version ‖ fingerprint ‖ LE64(length) ‖ voter ‖ LE64(at) ‖ signature`, the signature
/// verified.
fn emargement_holds(key: &VerifyingKey, bytes: &[u8], voter: &str) -> bool {
    let mut cut = Cut::form(0x51, bytes);
    let fingerprint = cut.take(32);
    assert_eq!(number(cut.take(8)), voter.len());
    assert_eq!(cut.take(voter.len()), voter.as_bytes());
    let (time, signature) = (cut.take(8), cut.take(64));
    assert!(cut.0.is_empty());
    holds(key, &hash_of("urne/2 signing", &[fingerprint, voter.as_bytes(), time]), signature)
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

/// The parts of `kind ‖ version ‖ LE64(number) ‖ reference ‖ LE64(index) ‖ fingerprint ‖ opening digest ‖
/// LE64(size) ‖ root ‖ LE64(at) ‖ signature ‖ path`, the signature on the head verified.
fn check_deposit_proof(key: &VerifyingKey, fingerprint: &[u8], opening: &[u8], bytes: &[u8]) -> Parts {
    let mut cut = Cut::form(0x52, bytes);
    assert_eq!(number(cut.take(8)), 584);
    let (reference, index) = (cut.take(32).try_into().unwrap(), number(cut.take(8)));
    assert_eq!((cut.take(32), cut.take(32)), (fingerprint, opening));
    let (size, root, time, signature) = (cut.take(8), cut.take(32), cut.take(8), cut.take(64));
    assert!(holds(key, &hash_of("urne/2 head", &[fingerprint, opening, size, root, time]), signature));
    Parts { reference, index, size: number(size), root: root.try_into().unwrap(), path: hashes(cut.0) }
}

/// The opening digest from `kind ‖ version ‖ fingerprint ‖ LE64(N) ‖ hash of the credentials ‖ LE64(at) ‖
/// both signatures`, the signatures verified. The hash is that of these credentials.
fn check_opening(keys: [&VerifyingKey; 2], bytes: &[u8], credentials: &[Vec<u8>]) -> Hash {
    let mut cut = Cut::form(0x32, bytes);
    let (fingerprint, voters, hash, time) = (cut.take(32), cut.take(8), cut.take(32), cut.take(8));
    let credentials: Vec<_> = credentials.iter().map(Vec::as_slice).collect();
    assert_eq!((number(voters), hash), (credentials.len(), &hash_of("urne/2 credentials", &credentials)[..]));
    let digest = hash_of("urne/2 opening", &[fingerprint, voters, hash, time]);
    for key in keys {
        assert!(holds(key, &digest, cut.take(64)));
    }
    assert!(cut.0.is_empty());
    digest
}

/// The closing digest from `kind ‖ version ‖ fingerprint ‖ opening digest ‖ LE64(size) ‖ root ‖ signings
/// digest ‖ roll digest ‖ LE64(at) ‖ both signatures`, the signatures verified.
fn check_closing(keys: [&VerifyingKey; 2], bytes: &[u8]) -> Hash {
    let mut cut = Cut::form(0x53, bytes);
    let parts = [32, 32, 8, 32, 32, 32, 8].map(|length| cut.take(length));
    let digest = hash_of("urne/2 closing", &parts);
    for key in keys {
        assert!(holds(key, &digest, cut.take(64)));
    }
    assert!(cut.0.is_empty());
    digest
}

fn keys() -> [VerifyingKey; 2] {
    [box_key(), issuer_key()].map(|key| VerifyingKey::from_bytes(&key.public().to_bytes()).unwrap())
}

#[test]
fn an_emargement_is_plain_ed25519() {
    let mut polling = Polling::open(2);
    let (_, receipt) = polling.vote(0, Choice::List(1), 10);
    let bytes = receipt.emargement.to_bytes();
    let [key, other] = &keys();
    assert!(emargement_holds(key, &bytes, "voter 0"));
    assert!(!emargement_holds(other, &bytes, "voter 0"));
    for at in [2, 33, 50, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(!emargement_holds(key, &changed, "voter 0"), "byte {at}");
    }
}

#[test]
fn paths_are_plain_rfc_6962() {
    const VOTERS: usize = 9;
    let mut polling = Polling::open(u8::try_from(VOTERS).unwrap());
    let fingerprint = polling.contest.fingerprint().to_bytes();
    let opening = polling.opening.to_bytes();
    let [key, _] = &keys();
    let mut leaves: Vec<Hash> = vec![];
    let mut roots: Vec<Hash> = vec![];
    for voter in 0..VOTERS {
        let (ballot, receipt) = polling.vote(voter, Choice::Blank, 10);
        leaves.push(hash_of("urne/2 reference", &[&fingerprint, &ballot]));
        let bytes = receipt.deposit_proof.to_bytes();
        let Parts { reference, index, size, root, path: given } =
            check_deposit_proof(key, &fingerprint, &opening, &bytes);
        assert_eq!((reference, index, size), (leaves[voter], voter, voter + 1));
        assert_eq!(root, tree_hash(&leaves));
        assert_eq!(given, path(voter, &leaves));
        assert_eq!(root_by_path(&reference, index, size, &given), Some(root));
        roots.push(root);
    }
    // What was given is given again, when the box is larger.
    for voter in 0..VOTERS {
        let again = polling.ballot_box.receipt_again(&polling.id(voter)).unwrap();
        let parts = check_deposit_proof(key, &fingerprint, &opening, &again.deposit_proof.to_bytes());
        assert_eq!(
            (parts.size, parts.root, parts.path),
            (voter + 1, roots[voter], path(voter, &leaves[..=voter]))
        );
    }
    let (closed, _) = polling.close();
    assert_eq!(closed.closing().root, roots[VOTERS - 1]);
    for size in 1..=VOTERS {
        let bytes = closed.consistency(size as u64).unwrap().to_bytes();
        let given = hashes(Cut::form(0x56, &bytes).0);
        assert_eq!(given, proof(size, &leaves));
        let old = roots[size - 1];
        let reached = roots_by_proof(size, VOTERS, &given, Some(&old));
        assert_eq!(reached, Some((old, roots[VOTERS - 1])), "from {size}");
    }
}

#[test]
fn opening_and_closing_are_plain_ed25519_by_both() {
    let mut polling = Polling::open(3);
    polling.vote(0, Choice::List(1), 10);
    let [key, issuer] = &keys();
    let roll = polling.ballot_box.roll();
    let credentials: Vec<_> = roll.entries().iter().map(|e| e.credential.to_bytes().to_vec()).collect();
    let bytes = roll.signed_opening().to_bytes();
    assert_eq!(check_opening([key, issuer], &bytes, &credentials), polling.opening.to_bytes());
    let ended = polling.sign_off();
    let digest = check_closing([key, issuer], &SignedClosing::of(&ended.signed).to_bytes());
    assert_eq!(digest, ended.signed.closed().digest().to_bytes());
    let signings = &ended.signings;
    let list = signings.voters().iter().map(|voter| voter.as_bytes());
    let size = 1u64.to_le_bytes();
    let fields: Vec<&[u8]> = [&signings.random()[..], &size].into_iter().chain(list).collect();
    let stated = ended.signed.closed().closing().signings_digest;
    assert_eq!(hash_of("urne/2 signings", &fields), stated.to_bytes());
}

// ---------------------------------------------------------------------------------------------------
// Values that do not change

/// A contest and a box without any randomness: all secrets are small numbers, and the ballots are frozen.
fn frozen_contest() -> ApprovedContest {
    let stored = [&[Kind::IdentitySecret.byte(), 2][..], &Scalar::from(11u64).to_bytes()].concat();
    let identity = IdentitySecret::from_bytes(&stored).unwrap();
    let bureau = Bureau::new(vec![Panel { threshold: 1, trustees: vec![identity.public()] }]).unwrap();
    let point = RistrettoPoint::mul_base(&Scalar::from(12u64)).compress().to_bytes();
    let key = ElectionKey::from_encodings(bureau, &[vec![vec![point]]]).unwrap();
    let contest = Contest::new(description(584, 2), &key).unwrap();
    let proof = approval(&Scalar::from(11u64), &contest.fingerprint().to_bytes());
    let proof = Proof::from_bytes(&proof).unwrap();
    let approval = Approval::new(TrusteeIndex::new(1).unwrap(), proof);
    ApprovedContest::new(contest, vec![approval]).unwrap()
}

/// The signature of an approval, made from the protocol's text.
fn approval(identity: &Scalar, digest: &Hash) -> Vec<u8> {
    let encode = |secret: &Scalar| RistrettoPoint::mul_base(secret).compress().to_bytes();
    let nonce = Scalar::from(424_242u64);
    let mut transcript = merlin::Transcript::new(b"urne/2 signature");
    transcript.append_message(b"purpose", b"approval");
    transcript.append_message(b"digest", digest);
    transcript.append_message(b"key", &encode(identity));
    transcript.append_message(b"T", &encode(&nonce));
    let mut wide = [0; 64];
    transcript.challenge_bytes(b"c", &mut wide);
    let c = Scalar::from_bytes_mod_order_wide(&wide);
    [c.to_bytes(), (nonce + c * identity).to_bytes()].concat()
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
    let contest = polling.contest.contest().clone();
    let signed = polling.ballot_box.roll().signed_opening();
    assert_eq!(signed.to_bytes(), unhex(&vector["opening"]));
    let ballots: Vec<_> = vector["ballots"].as_array().unwrap().iter().map(unhex).collect();
    let mut receipts: Vec<Receipt> = vec![];
    for (voter, ballot) in ballots.iter().enumerate() {
        polling.activate(voter, 10).unwrap();
        receipts.push(polling.deposit(voter, ballot, 10 + 10 * i64::try_from(voter).unwrap()).unwrap());
    }
    let last = &receipts[3];
    let (emargement, proof) = (unhex(&vector["emargement"]), unhex(&vector["deposit_proof"]));
    assert_eq!(last.emargement.to_bytes(), emargement);
    assert_eq!(last.deposit_proof.to_bytes(), proof);

    // Read from the bytes, it is about the frozen ballot, and leads to the frozen closing.
    let opening = SignedOpening::from_bytes(&unhex(&vector["opening"])).unwrap().verify(&contest).unwrap();
    let proof = DepositProof::from_bytes(&proof).unwrap();
    assert_eq!(proof.verify(&contest, opening, &ballots[3]), Ok(()));
    assert_eq!(proof.reference.to_string(), vector["reference"].as_str().unwrap());
    assert_eq!(Emargement::from_bytes(&emargement).unwrap().verify(&contest), Ok(()));
    let ended = polling.sign_off();
    let closing = SignedClosing::of(&ended.signed);
    assert_eq!(closing.to_bytes(), unhex(&vector["closing"]));
    assert_eq!(ended.signings.to_bytes(), unhex(&vector["signings"]));
}

#[test]
fn the_frozen_receipt_is_standard() {
    let vector = frozen();
    let key = |name: &str| VerifyingKey::from_bytes(&unhex(&vector[name]).try_into().unwrap()).unwrap();
    let (key, issuer) = (key("box_key"), key("issuer_key"));
    let credentials: Vec<_> = vector["credentials"].as_array().unwrap().iter().map(unhex).collect();
    let opening = check_opening([&key, &issuer], &unhex(&vector["opening"]), &credentials);
    assert!(emargement_holds(&key, &unhex(&vector["emargement"]), "voter 3"));
    let fingerprint = unhex(&vector["fingerprint"]);
    let proof = unhex(&vector["deposit_proof"]);
    let parts = check_deposit_proof(&key, &fingerprint, &opening, &proof);
    let leaves: Vec<_> = vector["ballots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ballot| hash_of("urne/2 reference", &[&fingerprint, &unhex(ballot)]))
        .collect();
    assert_eq!((parts.index, parts.size, parts.root), (3, 4, tree_hash(&leaves)));
    assert_eq!(parts.path, path(3, &leaves));
    assert_eq!(root_by_path(&parts.reference, 3, 4, &parts.path), Some(parts.root));
    let digest = check_closing([&key, &issuer], &unhex(&vector["closing"]));
    assert_eq!(digest.to_vec(), unhex(&vector["closing_digest"]));
}

/// The same is made again. Only a change of the protocol or of a form may write the file anew, with `UPDATE_VECTORS`.
#[test]
fn the_frozen_receipt_is_made_again() {
    let mut polling = Polling::of(frozen_contest(), vec![], 4);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let roll = polling.ballot_box.roll();
    let opening = hex(&roll.signed_opening().to_bytes());
    let credentials: Vec<_> = roll.entries().iter().map(|e| hex(&e.credential.to_bytes())).collect();
    let mut receipts = vec![];
    let mut ballots = vec![];
    for (voter, choice) in
        [Choice::List(1), Choice::Blank, Choice::List(2), Choice::List(1)].into_iter().enumerate()
    {
        polling.activate(voter, 10).unwrap();
        let ballot = polling.seal(voter, choice);
        receipts.push(polling.deposit(voter, &ballot, 10 + 10 * i64::try_from(voter).unwrap()).unwrap());
        ballots.push(hex(&ballot));
    }
    let fingerprint = hex(&polling.contest.fingerprint().to_bytes());
    let last = receipts.remove(3);
    let ended = polling.sign_off();
    let vector = serde_json::json!({
        "fingerprint": fingerprint,
        "box_key": hex(&box_key().public().to_bytes()),
        "issuer_key": hex(&issuer_key().public().to_bytes()),
        "credentials": credentials,
        "opening": opening,
        "ballots": ballots,
        "reference": last.acknowledgement.reference.to_string(),
        "emargement": hex(&last.emargement.to_bytes()),
        "deposit_proof": hex(&last.deposit_proof.to_bytes()),
        "closing": hex(&SignedClosing::of(&ended.signed).to_bytes()),
        "closing_digest": hex(&ended.signed.closed().digest().to_bytes()),
        "signings": hex(&ended.signings.to_bytes()),
    });
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/receipts.json");
        std::fs::write(path, format!("{}\n", serde_json::to_string_pretty(&vector).unwrap())).unwrap();
    }
    let kept: serde_json::Value = serde_json::from_str(include_str!("vectors/receipts.json")).unwrap();
    assert_eq!(vector, kept);
}
