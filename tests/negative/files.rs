//! The files that are made from good messages.

use serde_json::Value;
use urne::ApprovedContest;
use urne::tally::PartialSum;

use super::fixture::{LISTS, election};
use super::layout::{Field, Tests, replaced};

use Field::{Bytes, Count, IdLength, Number, Point, Positive, Scalar, Sum, Version};

const PROOF: [(&str, Field); 2] = [("c", Scalar), ("z", Scalar)];

/// Name and content of every file that is made here.
pub fn all(contest: &ApprovedContest, ballot: &[u8]) -> Vec<(&'static str, Value)> {
    let election = election();
    let receipt = &election.receipts[1];
    let commitment = election.board.commitments[0].to_bytes();
    let confirmation = election.board.confirmations[1].to_bytes();
    let signature = election.endorsements[2].to_bytes();
    let trustee = [("version", Version), ("trustee", Positive)];
    let complaint = [("version", Version), ("dealer", Positive), ("complainant", Positive), ("D", Point)];
    let activation = [("version", Version), ("C", Point)];
    vec![
        ("ballot", self::ballot(contest, ballot)),
        (
            "commitment",
            simple(
                "commitment",
                "01 ‖ trustee (1 byte) ‖ digest ‖ c ‖ z. Decoding only; the signature is not looked at.",
                &commitment,
                &[&trustee, &[("digest", Bytes(32))], &PROOF[..]],
            ),
        ),
        ("reveal", reveal(&election.board.reveals[0].to_bytes())),
        (
            "complaint",
            simple(
                "complaint",
                "01 ‖ dealer (1 byte) ‖ complainant (1 byte) ‖ D ‖ c ‖ z. Decoding only.",
                &election.complaint.to_bytes(),
                &[&complaint, &PROOF[..]],
            ),
        ),
        (
            "confirmation",
            simple(
                "confirmation",
                "01 ‖ trustee (1 byte) ‖ c ‖ z. Decoding only.",
                &confirmation,
                &[&trustee, &PROOF[..]],
            ),
        ),
        (
            "trustee-signature",
            simple(
                "trustee-signature",
                "An approval or endorsement: 01 ‖ trustee (1 byte) ‖ c ‖ z. Decoding only.",
                &signature,
                &[&trustee, &PROOF[..]],
            ),
        ),
        ("decryption-factors", factors(&election.factors[0].to_bytes())),
        ("partial-sum", partial_sum()),
        (
            "head",
            simple(
                "head",
                "01 ‖ LE64(size) ‖ root ‖ LE64(at) ‖ signature; integers are below 2^53. Decoding only.",
                &receipt.deposit_proof.as_ref().unwrap().head.to_bytes(),
                &[&[("version", Version)], &HEAD[..]],
            ),
        ),
        ("emargement", emargement(&receipt.emargement.to_bytes())),
        ("deposit-proof", deposit_proof(&receipt.deposit_proof.as_ref().unwrap().to_bytes())),
        ("merkle-path", merkle_path()),
        (
            "activation",
            simple(
                "activation",
                "01 ‖ C ‖ c ‖ z. Decoding only.",
                &election.activation.to_bytes(),
                &[&activation, &PROOF[..]],
            ),
        ),
        ("challenged-ballot", challenged(&election.challenged[0].to_bytes())),
    ]
}

const HEAD: [(&str, Field); 4] =
    [("size", Number), ("root", Bytes(32)), ("at", Number), ("signature", Bytes(64))];

/// A form of one fixed layout.
fn simple(name: &'static str, notes: &str, good: &[u8], layout: &[&[(&str, Field)]]) -> Value {
    let mut tests = Tests::new(name);
    tests.damage(good, &layout.concat());
    tests.into_file(name, notes)
}

/// Decoding, and then the proof, for a contest of three lists.
fn ballot(contest: &ApprovedContest, good: &[u8]) -> Value {
    let lists = usize::from(contest.contest().lists());
    assert_eq!(lists, 3);
    let points = ["C", "R", "C_1", "C_2", "C_3", "A", "B", "S"];
    let scalars = ["f_1", "f_2", "f_3", "z", "k", "u"];
    let mut layout = vec![("version", Version), ("lists", Bytes(1))];
    layout.extend(points.map(|name| (name, Point)));
    layout.extend(scalars.map(|name| (name, Scalar)));
    let mut tests = Tests::new("ballot");
    tests.damage(good, &layout);
    for lists in [0, 2, 4, 255] {
        let damaged = replaced(good, 1, &[lists]);
        tests.add(format!("lists: {lists}"), &damaged, Some(("Lists", None)));
    }
    let proof = Some(("Proof", None));
    for (position, name) in points.iter().enumerate() {
        let (own, other) = (2 + 32 * position, 2 + 32 * ((position + 1) % points.len()));
        let moved = replaced(good, own, &good[other..other + 32]);
        tests.add(format!("{name}: another point"), &moved, proof);
        let swapped = replaced(&moved, other, &good[own..own + 32]);
        tests.add(format!("{name}: swapped with the next point"), &swapped, proof);
    }
    for (position, name) in scalars.iter().enumerate() {
        let offset = 2 + 32 * (points.len() + position);
        let changed = replaced(good, offset, &[good[offset] ^ 1]);
        tests.add(format!("{name}: another scalar"), &changed, proof);
        tests.add(format!("{name}: 0"), &replaced(good, offset, &[0; 32]), proof);
    }
    let mut file = tests.into_file(
        "ballot",
        "01 ‖ L ‖ C ‖ R ‖ C_1 … C_L ‖ A ‖ B ‖ S ‖ f_1 … f_L ‖ z ‖ k ‖ u for the contest of the record, L = 3. \
         What decodes is verified.",
    );
    file["contest"] = "../record.json".into();
    file
}

fn reveal(good: &[u8]) -> Value {
    let slots = usize::from(LISTS);
    let mut layout = vec![("version", Version), ("trustee", Positive), ("slots", Bytes(1))];
    for _ in 0..slots {
        layout.extend([("points", Bytes(1)), ("F", Bytes(2 * 32))]);
    }
    layout.push(("shares", Count));
    layout.push(("share", Bytes(3 * slots * 32)));
    layout.extend(PROOF);
    let mut tests = Tests::new("reveal");
    tests.damage(good, &layout);
    let short = Some(("TooShort", None));
    tests.add("points of the first slot: 255", &replaced(good, 3, &[255]), short);
    tests.add("slots: 255 with nothing after it", &[1, 1, 255], short);
    tests.add("slots: 0, shares: 0", &[&[1, 1, 0], &[0; 8][..], &[0; 64]].concat(), None);
    tests.add("slots: 1 with 0 points, shares: 0", &[&[1, 1, 1, 0], &[0; 8][..], &[0; 64]].concat(), None);
    let point = replaced(good, 4, &[0xff; 32]);
    tests.add("F: no point, which is found when the reveal is used", &point, None);
    tests.into_file(
        "reveal",
        "01 ‖ trustee (1 byte) ‖ slots (1 byte) ‖ for each slot: points (1 byte), 32 bytes each ‖ LE64(shares) ‖ \
         32 bytes each ‖ c ‖ z. Decoding only; points and shares are kept as they came.",
    )
}

fn factors(good: &[u8]) -> Value {
    let mut layout = vec![("version", Version), ("trustee", Positive), ("lists", Bytes(1))];
    layout.extend(["D_1", "D_2", "D_3"].map(|name| (name, Sum)));
    layout.extend(PROOF);
    let mut tests = Tests::new("decryption-factors");
    tests.damage(good, &layout);
    tests.add("lists: 255", &replaced(good, 2, &[255]), Some(("TooShort", None)));
    tests.add("lists: 0 and none", &[&good[..2], &[0], &good[3 + 96..]].concat(), None);
    tests.into_file(
        "decryption-factors",
        "01 ‖ trustee (1 byte) ‖ L (1 byte) ‖ D_1 … D_L ‖ c ‖ z. Decoding only.",
    )
}

fn partial_sum() -> Value {
    let mut sum = PartialSum::new(election().contest.contest());
    for (index, bytes) in [0, 1, 5].into_iter().zip(&election().ballots) {
        let ballot = urne::Ballot::from_bytes(&election().contest, bytes).unwrap();
        sum.add(index, &ballot.verify(&election().contest).unwrap()).unwrap();
    }
    let good = sum.to_bytes();
    let mut layout =
        vec![("version", Version), ("lists", Positive), ("fingerprint", Bytes(32)), ("ranges", Count)];
    layout.extend([("first range", Bytes(16)), ("second range", Bytes(16))]);
    layout.extend(["R", "C_1", "C_2", "C_3"].map(|name| (name, Sum)));
    let mut tests = Tests::new("partial-sum");
    tests.damage(&good, &layout);
    tests.add("lists: 255", &replaced(&good, 1, &[255]), Some(("TooShort", None)));
    let (first, second) = (42, 58);
    let limit = 1 << 53;
    for (what, ranges, refused) in [
        ("0…1 and 2…3", [0, 1, 2, 3], None),
        ("the last up to 2^53 - 1", [0, 2, limit - 2, limit - 1], None),
        ("the last up to 2^53", [0, 2, limit - 1, limit], Some(second + 8)),
        ("the last from 2^53", [0, 2, limit, limit + 1], Some(second)),
        ("the last up to 2^64 - 1", [0, 2, 5, u64::MAX], Some(second + 8)),
        ("the first up to 2^64 - 1", [0, u64::MAX, 5, 6], Some(first + 8)),
        ("the first is empty", [0, 0, 5, 6], Some(first)),
        ("the first ends before it begins", [2, 1, 5, 6], Some(first)),
        ("the second is empty", [0, 2, 5, 5], Some(second)),
        ("they touch", [0, 2, 2, 3], Some(second)),
        ("they overlap", [0, 2, 1, 3], Some(second)),
        ("the same twice", [0, 2, 0, 2], Some(second)),
        ("they descend", [5, 6, 0, 2], Some(second)),
    ] {
        let bytes: Vec<u8> = ranges.into_iter().flat_map(u64::to_le_bytes).collect();
        let expected = refused.map(|offset| ("Number", Some(offset)));
        tests.add(format!("ranges: {what}"), &replaced(&good, first, &bytes), expected);
    }
    let none = [&good[..34], &[0; 8], &good[74..]].concat();
    tests.add("ranges: none", &none, None);
    tests.into_file(
        "partial-sum",
        "01 ‖ L (1 byte, not 0) ‖ fingerprint ‖ LE64(ranges) ‖ (LE64(start) ‖ LE64(end))… ‖ ΣR ‖ ΣC_1 … ΣC_L. Ranges \
         are half-open, not empty, ascending, apart from each other, and end below 2^53. Decoding only.",
    )
}

fn emargement(good: &[u8]) -> Value {
    let layout = [
        ("version", Version),
        ("fingerprint", Bytes(32)),
        ("length", IdLength),
        ("voter", Bytes(7)),
        ("at", Number),
        ("signature", Bytes(64)),
    ];
    simple(
        "emargement",
        "01 ‖ fingerprint ‖ LE64(length) ‖ voter (1 to 256 bytes) ‖ LE64(at), below 2^53 ‖ signature. Decoding only.",
        good,
        &[&layout],
    )
}

/// The path takes all that is left, so its length is what can be wrong with it.
fn deposit_proof(good: &[u8]) -> Value {
    let mut tests = Tests::new("deposit-proof");
    let mut layout =
        vec![("version", Version), ("number", Number), ("reference", Bytes(32)), ("index", Number)];
    layout.extend(HEAD);
    let fixed = tests.damage_fields(good, &layout);
    let (head, node) = good.split_at(fixed);
    assert_eq!(node.len(), 32);
    let largest = ((1u64 << 53) - 1).to_le_bytes();
    tests.add("number: 2^53 - 1", &replaced(good, 1, &largest), None);
    tests.add("index: 2^53 - 1, which is not the head's", &replaced(good, 41, &largest), None);
    for (what, path, expected) in paths(node) {
        tests.add(format!("path: {what}"), &[head, &path].concat(), expected);
    }
    tests.into_file(
        "deposit-proof",
        "01 ‖ LE64(number) ‖ reference ‖ LE64(index) ‖ LE64(size) ‖ root ‖ LE64(at) ‖ signature ‖ path, all \
         integers below 2^53. Decoding only: index, head and path are not compared.",
    )
}

fn merkle_path() -> Value {
    let mut tests = Tests::new("merkle-path");
    for (what, path, expected) in paths(&[7; 32]) {
        tests.add(what, &path, expected);
    }
    tests.into_file("merkle-path", "Nodes of 32 bytes, 0 to 64 of them, from the leaf up. Decoding only.")
}

type Path = (&'static str, Vec<u8>, super::layout::Expected);

fn paths(node: &[u8]) -> Vec<Path> {
    let long = Some(("TooLong", None));
    vec![
        ("no node", vec![], None),
        ("one node", node.to_vec(), None),
        ("64 nodes", node.repeat(64), None),
        ("65 nodes", node.repeat(65), long),
        ("1,000 nodes", node.repeat(1_000), long),
        ("a node and a byte", [node, &[0]].concat(), long),
        ("a byte", vec![0], long),
        ("a node less a byte", node[..31].to_vec(), long),
    ]
}

/// The ballot takes all that is left and is looked at when the opening is verified.
fn challenged(good: &[u8]) -> Value {
    let mut tests = Tests::new("challenged-ballot");
    tests.damage_fields(good, &[("version", Version), ("choice", Bytes(1)), ("r", Scalar)]);
    tests.add("ends in r", &good[..33], Some(("TooShort", None)));
    tests.add("no ballot", &good[..34], None);
    tests.add("the ballot's last byte is missing", &good[..good.len() - 1], None);
    tests.add("choice: 255", &replaced(good, 1, &[255]), None);
    tests.into_file(
        "challenged-ballot",
        "01 ‖ choice (1 byte, 0 for blank) ‖ r ‖ ballot. Decoding only: choice and ballot are looked at when the \
         opening is verified.",
    )
}
