//! Replays the committed corpus of the fuzz targets, and seeds made from good messages and negative vectors,
//! through the very functions that are fuzzed.
//!
//! `WRITE_SEEDS=1 cargo test --test corpus` puts the seeds into the corpus, for a fuzzer to begin with.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::{env, fs};

use serde_json::Value;
use urne::ballot_box::SignedClosing;

mod fixture;
#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

use fixture::forms::{FORMS, good};
use fixture::{BALLOTS_EACH, LISTS, election, second_closing, unhex};
use targets::TARGETS;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn replay(target: targets::Target, input: &[u8], name: &str) {
    assert!(catch_unwind(AssertUnwindSafe(|| target(input))).is_ok(), "{name} fails");
}

#[test]
fn attack_20_the_corpus_of_every_target_passes() {
    for (name, target) in TARGETS {
        let directory = root().join("fuzz/corpus").join(name);
        let files: Vec<_> = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty(), "no corpus for {name}");
        for file in files {
            replay(target, &fs::read(&file).unwrap(), &file.display().to_string());
        }
    }
}

#[test]
fn attack_20_the_seeds_of_every_target_pass() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "no seeds for {name}");
        for (number, seed) in seeds.iter().enumerate() {
            if env::var_os("WRITE_SEEDS").is_some() {
                let directory = root().join("fuzz/corpus").join(name);
                fs::create_dir_all(&directory).unwrap();
                fs::write(directory.join(format!("seed-{number:03}")), seed).unwrap();
            }
            replay(target, seed, &format!("seed {number} of {name}"));
        }
    }
}

/// A fuzzer does not guess what a form begins with when it is a hash.
#[test]
fn attack_20_the_corpus_has_an_accepted_value_of_every_form() {
    let directory = root().join("fuzz/corpus/decode");
    let files: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    for (selector, form) in (0u8..).zip(FORMS) {
        let accepted = |input: &Vec<u8>| input.first() == Some(&selector) && (form.read)(&input[1..]).is_ok();
        assert!(files.iter().any(accepted), "no {} in the corpus is accepted: see WRITE_SEEDS", form.name);
    }
}

/// A contest in JSON: described, to be reviewed, approved.
fn contests() -> [String; 3] {
    let approved = &election().contest;
    let contest = approved.contest();
    [contest.description().to_json(), contest.to_json(), approved.to_json()]
}

#[test]
fn attack_20_the_corpus_has_a_contest_in_every_form() {
    let corpus = fs::read_dir(root().join("fuzz/corpus/record")).unwrap();
    let files: Vec<_> = corpus.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    for json in contests() {
        assert!(files.contains(&tagged(&[0], &json)), "not in the corpus: see WRITE_SEEDS\n{json}");
    }
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    match target {
        "decode" => decode_seeds(),
        "verify" => verify_seeds(),
        "record" => record_seeds(),
        "box_log" => box_log_seeds(),
        _ => vec![
            vec![0, 0],
            vec![11, 0],
            vec![23, 5],
            vec![11, 128],
            vec![5, 130, 0, 1, 99, 0, 1, 3, 2, 0, 0, 1],
            vec![3, 0, 0, 1, 99, 0, 1, 0, 2, 100, 1, 1],
            vec![11, 0, 1, 2, 10, 0, 3, 1, 5, 8, 0, 7, 2, 4, 9, 0, 10, 3, 6, 0, 0, 5],
            vec![7, 3, 0, 0, 1, 0, 3, 0, 1, 34, 0, 128, 0, 2, 129, 1, 1],
        ],
    }
}

fn vectors(name: &str) -> Option<Value> {
    let path = root().join("tests/vectors/negative").join(format!("{name}.json"));
    fs::read(path).ok().map(|json| serde_json::from_slice(&json).unwrap())
}

fn inputs(name: &str) -> Vec<Vec<u8>> {
    let file = vectors(name).unwrap_or_default();
    let tests = file["tests"].as_array().cloned().unwrap_or_default();
    let input = |test: &Value| match test["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => unhex(test["bytes"].as_str().unwrap_or_default()),
    };
    tests.iter().map(input).collect()
}

fn tagged(tag: &[u8], bytes: impl AsRef<[u8]>) -> Vec<u8> {
    [tag, bytes.as_ref()].concat()
}

/// A good one of every form, and some of the negative vectors of the forms that are decoded.
fn decode_seeds() -> Vec<Vec<u8>> {
    let names = FORMS.iter().map(|form| form.name).chain(["ballot-reference", "voting-code"]);
    let mut seeds = Vec::new();
    for (selector, name) in (0u8..).zip(names) {
        let inputs = inputs(name);
        // The others are replayed by `negative_vectors`; what a fuzzer needs is a few of each.
        let step = inputs.len().div_ceil(6).max(1);
        let some = inputs.iter().filter(|bytes| bytes.len() < 700).step_by(step);
        seeds.extend(some.map(|bytes| tagged(&[selector], bytes)));
        if FORMS.get(usize::from(selector)).is_some() {
            seeds.push(tagged(&[selector], good(name)));
        }
    }
    seeds.push(tagged(&[11], &election().stopped));
    seeds
}

/// Good messages where they are checked.
fn verify_seeds() -> Vec<Vec<u8>> {
    let election = election();
    let receipt = &election.receipts[2];
    let proof = &receipt.deposit_proof;
    let second = second_closing(election.closed()).to_bytes();
    // Beside the secrets, and before the tag.
    let memory = |stored: &[u8]| stored[election.memory()..stored.len() - 32].to_vec();
    let mut seeds = vec![
        tagged(&[0], &election.ballots[0]),
        tagged(&[2, 0x20], proof.head.to_bytes()),
        tagged(&[2, 0x21], receipt.emargement.to_bytes()),
        tagged(&[2, 0x22], proof.to_bytes()),
        tagged(&[2, 0x13], good("dossier")),
        tagged(&[4], election.complaint.1.to_bytes()),
        tagged(&[5, 0], election.factors[0].to_bytes()),
        tagged(&[5, 1], election.factors[0].to_bytes()),
        tagged(&[5, 4], election.factors[3].to_bytes()),
        tagged(&[6, 1], election.endorsements[1].to_bytes()),
        tagged(&[6, 4], election.endorsements[4].to_bytes()),
        tagged(&[8, 3], election.contest.approvals()[3].to_bytes()),
        tagged(&[9, 0], election.proposed.to_bytes()),
        tagged(&[9, 1], election.closed().roll().signed_opening().to_bytes()),
        tagged(&[9, 2], SignedClosing::of(&election.signed).to_bytes()),
        tagged(&[10, 0], election.signings.to_bytes()),
        tagged(&[10, 1], SignedClosing::of(&election.signed).to_bytes()),
        tagged(&[10, 2], election.ready[1].to_bytes()),
        tagged(&[10, 3], memory(&election.stored)),
        tagged(&[10, 3], memory(&election.stopped)),
        tagged(&[10, 3], [0; 24]),
    ];
    // Only box and issuer together make one, and the fuzzer has the keys of neither: both signatures spoilt.
    seeds.push(tagged(&[9, 2], &second[..second.len() - 1]));
    for (number, opened) in (0u8..).zip(&election.challenged) {
        let (voter, ballot) = (number / BALLOTS_EACH, number % BALLOTS_EACH);
        let choice = (voter + ballot) % (LISTS + 1);
        let code = 8 * u8::from(ballot + 1 == BALLOTS_EACH);
        seeds.push(tagged(&[1, 16 * voter + code + choice], opened.expose_bytes()));
    }
    for (place, receipt) in (0..).zip(&election.receipts) {
        let size = receipt.deposit_proof.head.size;
        let path = election.closed().consistency(size).unwrap();
        seeds.push(tagged(&[2, 0x10 * place + 3], path.to_bytes()));
    }
    for (place, kind) in [(0, 0), (1, 1), (2, 2), (3, 1), (4, 0)] {
        let board = &election.board;
        let message = match kind {
            0 => board.commitments[place].to_bytes(),
            1 => board.reveals[place].to_bytes(),
            _ => board.confirmations[place].to_bytes(),
        };
        // In the place of the true one, and beside it. Selectors with the bit 8 count on by 8 modulo 3.
        let place = 0x10 * u8::try_from(place).unwrap();
        for beside in [0, 8] {
            let selector = (place + beside..).find(|s| s % 3 == kind && s & 8 == beside).unwrap();
            seeds.push(tagged(&[3, selector], &message));
        }
    }
    let sums = inputs("partial-sum");
    seeds.extend(sums.iter().map(|bytes| tagged(&[7, 2], bytes)));
    // A slot less than the contest has, under its fingerprint.
    let mut lying = sums[0].clone();
    lying[2] -= 1;
    lying.truncate(lying.len() - 32);
    seeds.push(tagged(&[7, 0], lying));
    let both = tagged(&[7, u8::try_from(sums[0].len()).unwrap()], &sums[0]);
    seeds.push([both, sums[sums.len() - 1].clone()].concat());
    seeds
}

/// Whole records, texts that are none, and edits of each kind.
fn record_seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = inputs("record")
        .into_iter()
        .filter(|text| !text.is_empty() && text.len() < 1_500)
        .map(|text| tagged(&[0], text))
        .collect();
    seeds.push(tagged(&[0], serde_json::to_vec(&election().record).unwrap()));
    seeds.push(tagged(&[0], serde_json::to_vec(&election().closed_record).unwrap()));
    seeds.extend(contests().map(|json| tagged(&[0], json)));
    for name in ["record-empty.json", "record-single.json"] {
        let json = fs::read(root().join("tests/vectors").join(name)).unwrap();
        let compact: Value = serde_json::from_slice(&json).unwrap();
        seeds.push(tagged(&[0], compact.to_string()));
    }
    for kind in [1, 2, 3] {
        for operation in [0, 1, 2, 128] {
            seeds.extend((0..250u8).step_by(17).map(|node| vec![kind, node, 0, operation, node / 3, node]));
        }
    }
    seeds
}

/// The election's log, as it is and in bodies, and operations in some order.
fn box_log_seeds() -> Vec<Vec<u8>> {
    let log = &election().log;
    let whole: Vec<u8> = log.iter().flat_map(|entry| entry.as_bytes()).copied().collect();
    let mut bodies = vec![1, 0];
    let mut seeds = vec![tagged(&[0], &whole), tagged(&[0], &whole[..1_000])];
    for (kept, entry) in (0u8..).zip(log) {
        let body = targets::body(entry.as_bytes());
        let length = u16::try_from(body.len()).unwrap().to_le_bytes();
        seeds.push([&[1, kept][..], &length, body].concat());
        bodies.extend([&length[..], body].concat());
    }
    seeds.push(bodies);
    let operations = [
        vec![0, 0, 0, 1, 0, 2, 2, 0, 2, 1, 2, 0],
        vec![1, 0, 0, 1, 1, 2, 1, 8, 0, 8, 2, 16, 2, 0],
        vec![50, 0, 3, 3, 0, 1, 2, 8, 3, 4, 2, 1, 2, 0, 3, 3],
        vec![0, 2, 1, 11, 4, 200, 0, 11, 5, 100, 0, 11, 0, 3, 2, 3, 200, 3],
        vec![4, 0, 0, 0, 2, 0],
        vec![9, 1, 0, 0, 22, 7, 2, 0, 22, 255, 0, 1, 1, 1],
    ];
    seeds.extend(operations.iter().map(|operations| tagged(&[2], operations)));
    seeds
}
