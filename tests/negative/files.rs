//! The files that are made from good messages.

use serde_json::Value;
use urne::ApprovedContest;

use super::fixture::forms::good;
use super::fixture::{SLOTS, unhex};
use super::layout::{Expected, Field, Tests, replaced};
use super::voter;

use Field::{Bytes, Count, IdLength, Kind, Number, Point, Positive, Scalar, Sum, Version};

/// How every form but the ballot begins.
pub const HEAD: [(&str, Field); 2] = [("kind", Kind), ("version", Version)];
const PROOF: [(&str, Field); 2] = [("c", Scalar), ("z", Scalar)];
/// A head of the box, in its own form and in a deposit proof.
pub const BOX_HEAD: [(&str, Field); 6] = [
    ("fingerprint", Bytes(32)),
    ("opening", Bytes(32)),
    ("size", Number),
    ("root", Bytes(32)),
    ("at", Number),
    ("signature", Bytes(64)),
];
const OPENING: [(&str, Field); 6] = [
    ("fingerprint", Bytes(32)),
    ("N", Number),
    ("credentials", Bytes(32)),
    ("at", Number),
    ("the box's signature", Bytes(64)),
    ("the issuer's signature", Bytes(64)),
];
const CLOSING: [(&str, Field); 9] = [
    ("fingerprint", Bytes(32)),
    ("opening", Bytes(32)),
    ("size", Number),
    ("root", Bytes(32)),
    ("signings", Bytes(32)),
    ("roll", Bytes(32)),
    ("at", Number),
    ("the box's signature", Bytes(64)),
    ("the issuer's signature", Bytes(64)),
];
pub const VOTER: [(&str, Field); 2] = [("length", IdLength), ("voter", Bytes(7))];

/// Name and content of every file that is made here.
pub fn all(contest: &ApprovedContest, ballot: &[u8]) -> Vec<(&'static str, Value)> {
    let trustee = [("trustee", Positive)];
    let signature = "kind ‖ 02 ‖ trustee (1 byte) ‖ c ‖ z. Decoding only.";
    let signature = |name, kind| simple(name, &signature.replace("kind", kind), &[&HEAD, &trustee, &PROOF]);
    vec![
        ("ballot", self::ballot(contest, ballot)),
        (
            "commitment",
            simple(
                "commitment",
                "10 ‖ 02 ‖ trustee (1 byte) ‖ digest ‖ c ‖ z. Decoding only; the signature is not looked at.",
                &[&HEAD, &trustee, &[("digest", Bytes(32))], &PROOF],
            ),
        ),
        ("reveal", reveal()),
        ("complaint", complaint()),
        ("confirmation", signature("confirmation", "13")),
        ("approval", signature("approval", "20")),
        ("endorsement", signature("endorsement", "21")),
        (
            "ready",
            simple(
                "ready",
                "22 ‖ 02 ‖ trustee (1 byte) ‖ digest of the closing. It is not signed.",
                &[&HEAD, &trustee, &[("closing", Bytes(32))]],
            ),
        ),
        ("decryption-factors", factors()),
        ("issue", issue()),
        ("proposed-opening", proposed_opening()),
        (
            "opening",
            simple(
                "opening",
                "32 ‖ 02 ‖ fingerprint ‖ LE64(N) ‖ hash of the credentials ‖ LE64(at) ‖ signature of the box ‖ \
                 signature of the issuer; integers are below 2^53. Decoding only.",
                &[&HEAD, &OPENING],
            ),
        ),
        (
            "activation",
            simple("activation", "33 ‖ 02 ‖ C ‖ c ‖ z. Decoding only.", &[&HEAD, &[("C", Point)], &PROOF]),
        ),
        ("challenged-ballot", challenged()),
        ("partial-sum", partial_sum()),
        (
            "head",
            simple(
                "head",
                "50 ‖ 02 ‖ fingerprint ‖ opening digest ‖ LE64(size) ‖ root ‖ LE64(at) ‖ signature; integers are \
                 below 2^53. Decoding only.",
                &[&HEAD, &BOX_HEAD],
            ),
        ),
        (
            "emargement",
            simple(
                "emargement",
                "51 ‖ 02 ‖ fingerprint ‖ LE64(length) ‖ voter (1 to 256 bytes) ‖ LE64(at), below 2^53 ‖ signature. \
                 Decoding only.",
                &[&HEAD, &[("fingerprint", Bytes(32))], &VOTER, &[("at", Number), ("signature", Bytes(64))]],
            ),
        ),
        ("deposit-proof", deposit_proof()),
        (
            "signed-closing",
            simple(
                "signed-closing",
                "53 ‖ 02 ‖ fingerprint ‖ opening digest ‖ LE64(size) ‖ root ‖ signings digest ‖ roll digest ‖ \
                 LE64(at) ‖ signature of the box ‖ signature of the issuer; integers are below 2^53. Decoding only.",
                &[&HEAD, &CLOSING],
            ),
        ),
        ("signings", signings()),
        ("merkle-path", merkle_path()),
        ("receipt", voter::receipt()),
        ("acknowledgement", voter::acknowledgement()),
        ("voter-state", voter::voter_state()),
        ("dossier", voter::dossier()),
    ]
}

/// A form of one fixed layout.
pub fn simple(name: &'static str, notes: &str, layout: &[&[(&str, Field)]]) -> Value {
    let mut tests = Tests::new(name);
    tests.damage(&good(name), &layout.concat());
    tests.into_file(name, notes)
}

/// Decoding, and then the proof, for a contest of three lists in two slots.
fn ballot(contest: &ApprovedContest, good: &[u8]) -> Value {
    assert_eq!((contest.contest().lists(), contest.contest().layout().slots()), (3, 2));
    let points = ["C", "R", "C_1", "C_2", "B", "A", "S"];
    let scalars = ["e", "f_1", "f_2", "f_3", "z", "k", "u"];
    let mut layout = vec![("version", Bytes(1)), ("lists", Bytes(1))];
    layout.extend(points.map(|name| (name, Point)));
    layout.extend(scalars.map(|name| (name, Scalar)));
    let mut tests = Tests::new("ballot");
    tests.damage(good, &layout);
    for version in [0, 1, 3, 255] {
        let damaged = replaced(good, 0, &[version]);
        tests.add(format!("version: {version}"), &damaged, Some(("Version", None)));
    }
    for kind in [0x20, 0x40, 0x50] {
        let damaged = replaced(good, 0, &[kind]);
        tests.add(
            format!("version: {kind:x}, which is how another form begins"),
            &damaged,
            Some(("Kind", None)),
        );
    }
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
        "02 ‖ L ‖ C ‖ R ‖ C_1 … C_J ‖ B ‖ A ‖ S ‖ e ‖ f_1 … f_L ‖ z ‖ k ‖ u for the contest of the record, L = 3 and \
         J = 2. What decodes is verified.",
    );
    file["contest"] = "../record.json".into();
    file
}

/// What follows kind and version: of a dealer with the threshold 2 in a panel of 3.
fn reveal_layout(slots: usize) -> Vec<(&'static str, Field)> {
    let mut layout = vec![("trustee", Positive), ("slots", Bytes(1))];
    for _ in 0..slots {
        layout.extend([("points", Bytes(1)), ("F", Bytes(2 * 32))]);
    }
    layout.extend([("shares", Count), ("share", Bytes(3 * slots * 32))]);
    layout.extend(PROOF);
    layout
}

fn reveal() -> Value {
    let good = &good("reveal")[..];
    let layout = [&HEAD[..], &reveal_layout(SLOTS.into())].concat();
    let mut tests = Tests::new("reveal");
    tests.damage(good, &layout);
    let short = Some(("TooShort", None));
    tests.add("points of the first slot: 255", &replaced(good, 4, &[255]), short);
    tests.add("slots: 255 with nothing after it", &[0x11, 2, 1, 255], short);
    tests.add("slots: 0, shares: 0", &[&[0x11, 2, 1, 0], &[0; 8][..], &[0; 64]].concat(), None);
    let pointless = [&[0x11, 2, 1, 1, 0], &[0; 8][..], &[0; 64]].concat();
    tests.add("slots: 1 with 0 points, shares: 0", &pointless, None);
    let point = replaced(good, 5, &[0xff; 32]);
    tests.add("F: no point, which is found when the reveal is used", &point, None);
    tests.into_file(
        "reveal",
        "11 ‖ 02 ‖ trustee (1 byte) ‖ slots (1 byte) ‖ for each slot: points (1 byte), 32 bytes each ‖ LE64(shares) ‖ \
         32 bytes each ‖ c ‖ z. Decoding only; points and shares are kept as they came.",
    )
}

fn complaint() -> Value {
    let own = [("complainant", Positive), ("D", Point)];
    let mut tests = Tests::new("complaint");
    tests.damage(&good("complaint"), &[&HEAD[..], &own, &PROOF, &reveal_layout(2)].concat());
    tests.into_file(
        "complaint",
        "12 ‖ 02 ‖ complainant (1 byte) ‖ D ‖ c ‖ z ‖ the reveal complained about, without its kind and version. \
         Decoding only.",
    )
}

fn factors() -> Value {
    let good = &good("decryption-factors")[..];
    let mut layout = [&HEAD[..], &[("trustee", Positive), ("slots", Bytes(1))]].concat();
    layout.extend(["D_1", "D_2"].map(|name| (name, Bytes(32))));
    // Whether they are points and scalars is found after the signature.
    layout.extend(["c", "z", "c of the signature", "z of the signature"].map(|name| (name, Bytes(32))));
    let mut tests = Tests::new("decryption-factors");
    tests.damage(good, &layout);
    tests.add("slots: 255", &replaced(good, 3, &[255]), Some(("TooShort", None)));
    let point = replaced(good, 4, &[0xff; 32]);
    tests.add("D_1: no point, which is found after the signature", &point, None);
    tests.add("slots: 0 and no factor", &[&good[..3], &[0], &good[4 + 64..]].concat(), None);
    tests.into_file(
        "decryption-factors",
        "23 ‖ 02 ‖ trustee (1 byte) ‖ J (1 byte) ‖ D_1 … D_J ‖ c ‖ z ‖ c ‖ z of the signature. Decoding only; factors \
         are kept as they came.",
    )
}

fn issue() -> Value {
    let good = &good("issue")[..];
    let layout = [
        &HEAD[..],
        &[("fingerprint", Bytes(32))],
        &VOTER,
        &[("C", Point), ("issued_at", Number), ("validity", Bytes(1)), ("seconds", Bytes(8))],
    ];
    let mut tests = Tests::new("issue");
    tests.damage(good, &layout.concat());
    let offset = good.len() - 9;
    let refused = Some(("Number", Some(offset)));
    let mut with = |what: &str, validity: u8, seconds: u64, expected| {
        let end = [&[validity][..], &seconds.to_le_bytes()].concat();
        tests.add(format!("validity: {what}"), &replaced(good, offset, &end), expected);
    };
    with("until the close", 0, 0, None);
    with("until the close, and a second", 0, 1, refused);
    with("no second", 1, 0, None);
    with("2^64 - 1 s", 1, u64::MAX, None);
    with("2", 2, 0, refused);
    tests.into_file(
        "issue",
        "30 ‖ 02 ‖ fingerprint ‖ LE64(length) ‖ voter (1 to 256 bytes) ‖ C ‖ LE64(issued_at), below 2^53 ‖ validity \
         (1 byte, 0: until the close, 1: seconds) ‖ LE64(seconds), 0 until the close.",
    )
}

/// The credentials take all that is left. Whether they ascend is for verification to see.
fn proposed_opening() -> Value {
    let good = &good("proposed-opening")[..];
    let mut tests = Tests::new("proposed-opening");
    let layout = [("fingerprint", Bytes(32)), ("at", Number), ("signature", Bytes(64))];
    let fixed = tests.damage_fields(good, &[&HEAD[..], &layout].concat());
    let (head, credentials) = good.split_at(fixed);
    assert_eq!(credentials.len(), 4 * 32);
    let last = good.len() - 32;
    let identity = Some(("Identity", Some(last)));
    tests.add("the last credential: the identity", &replaced(good, last, &[0; 32]), identity);
    for (what, bad) in super::layout::BAD_POINTS {
        let expected = Some(("NotAPoint", Some(last)));
        tests.add(format!("the last credential: {what}"), &replaced(good, last, &unhex(bad)), expected);
    }
    let short = Some(("TooShort", None));
    tests.add("the last byte is missing", &good[..good.len() - 1], short);
    tests.add("a byte more", &[good, &[0]].concat(), short);
    tests.add("no credential", head, None);
    tests.add("a credential twice", &[head, credentials, credentials].concat(), None);
    tests.into_file(
        "proposed-opening",
        "31 ‖ 02 ‖ fingerprint ‖ LE64(at), below 2^53 ‖ signature of the box ‖ credentials. Decoding only.",
    )
}

fn partial_sum() -> Value {
    let good = good("partial-sum");
    let mut layout = [
        &HEAD[..],
        &[("slots", Positive), ("fingerprint", Bytes(32)), ("ranges", Count)],
        &[("first range", Bytes(16)), ("second range", Bytes(16))],
    ]
    .concat();
    layout.extend(["R", "C_1", "C_2"].map(|name| (name, Sum)));
    let mut tests = Tests::new("partial-sum");
    tests.damage(&good, &layout);
    tests.add("slots: 255", &replaced(&good, 2, &[255]), Some(("TooShort", None)));
    let (first, second) = (43, 59);
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
    let none = [&good[..35], &[0; 8], &good[75..]].concat();
    tests.add("ranges: none", &none, None);
    tests.into_file(
        "partial-sum",
        "41 ‖ 02 ‖ J (1 byte, not 0) ‖ fingerprint ‖ LE64(ranges) ‖ (LE64(start) ‖ LE64(end))… ‖ ΣR ‖ ΣC_1 … ΣC_J. \
         Ranges are half-open, not empty, ascending, apart from each other, and end below 2^53. Decoding only.",
    )
}

/// The path takes all that is left, so its length is what can be wrong with it.
fn deposit_proof() -> Value {
    let good = &good("deposit-proof")[..];
    let mut tests = Tests::new("deposit-proof");
    let own = [("number", Number), ("reference", Bytes(32)), ("index", Number)];
    let fixed = tests.damage_fields(good, &[&HEAD[..], &own, &BOX_HEAD].concat());
    let (head, node) = good.split_at(fixed);
    assert_eq!(node.len(), 32);
    let largest = ((1u64 << 53) - 1).to_le_bytes();
    tests.add("number: 2^53 - 1", &replaced(good, 2, &largest), None);
    tests.add("index: 2^53 - 1, which is not the head's", &replaced(good, 42, &largest), None);
    for (what, path, expected) in paths(node) {
        tests.add(format!("path: {what}"), &[head, &path].concat(), expected);
    }
    tests.into_file(
        "deposit-proof",
        "52 ‖ 02 ‖ LE64(number) ‖ reference ‖ LE64(index) ‖ fingerprint ‖ opening digest ‖ LE64(size) ‖ root ‖ \
         LE64(at) ‖ signature ‖ path, all integers below 2^53. Decoding only: index, head and path are not compared.",
    )
}

/// The voters take all that is left.
fn signings() -> Value {
    let good = &good("signings")[..];
    let mut tests = Tests::new("signings");
    let fixed = tests.damage_fields(good, &[&HEAD[..], &[("random", Bytes(32))]].concat());
    let (head, voters) = good.split_at(fixed);
    let voter: Vec<&[u8]> = voters.chunks(8 + 7).collect();
    assert_eq!((voter.len(), voters.len()), (3, 3 * 15));
    let list = |order: &[usize]| {
        [head, &order.iter().flat_map(|at| voter[*at]).copied().collect::<Vec<_>>()].concat()
    };
    let second = Some(("Number", Some(fixed + 15)));
    tests.add("nobody", head, None);
    tests.add("one voter", &list(&[1]), None);
    tests.add("they descend", &list(&[1, 0, 2]), second);
    tests.add("a voter twice", &list(&[1, 1, 2]), second);
    let length = |number: u64| replaced(good, fixed, &number.to_le_bytes());
    tests.add("length: 0", &length(0), Some(("Number", Some(fixed))));
    tests.add("length: 257", &length(257), Some(("Number", Some(fixed))));
    tests.add("length: 2^64 - 1", &length(u64::MAX), Some(("Number", Some(fixed))));
    tests.add("the last byte is missing", &good[..good.len() - 1], Some(("TooShort", None)));
    tests.add("a byte more", &[good, &[0]].concat(), Some(("TooShort", None)));
    tests.into_file(
        "signings",
        "54 ‖ 02 ‖ 32 random bytes ‖ for each voter LE64(length) ‖ voter (1 to 256 bytes), in ascending order of the \
         bytes.",
    )
}

fn merkle_path() -> Value {
    let mut tests = Tests::new("merkle-path");
    tests.damage_fields(&good("merkle-path"), &HEAD);
    for (what, path, expected) in paths(&[7; 32]) {
        tests.add(what, &[&[0x56, 2][..], &path].concat(), expected);
    }
    tests.into_file(
        "merkle-path",
        "56 ‖ 02 ‖ nodes of 32 bytes, 0 to 64 of them, from the leaf up. Decoding only.",
    )
}

pub type Path = (&'static str, Vec<u8>, Expected);

pub fn paths(node: &[u8]) -> Vec<Path> {
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
fn challenged() -> Value {
    let good = &good("challenged-ballot")[..];
    let mut tests = Tests::new("challenged-ballot");
    tests.damage_fields(good, &[&HEAD[..], &[("choice", Bytes(1)), ("r", Scalar)]].concat());
    tests.add("ends in r", &good[..34], Some(("TooShort", None)));
    tests.add("no ballot", &good[..35], None);
    tests.add("the ballot's last byte is missing", &good[..good.len() - 1], None);
    tests.add("choice: 255", &replaced(good, 2, &[255]), None);
    tests.into_file(
        "challenged-ballot",
        "40 ‖ 02 ‖ choice (1 byte, 0 for blank) ‖ r ‖ ballot. Decoding only: choice and ballot are looked at when the \
         opening is verified. For a second device alone.",
    )
}
