//! The codes of all errors, which programs compare and which therefore never change.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::super::snapshot;

/// An error with its code, so that the tests can speak of all of them.
pub trait Coded {
    const NAME: &'static str;
    const CODES: &'static [&'static str];

    fn code(&self) -> &'static str;
}

macro_rules! coded {
    ($($room:ident: $($name:ident),+;)+) => {
        $($(
            impl Coded for urne::$room::$name {
                const NAME: &'static str = stringify!($name);
                const CODES: &'static [&'static str] = Self::CODES;

                fn code(&self) -> &'static str {
                    // The type's own.
                    Self::code(self)
                }
            }
        )+)+

        const ALL: &[(&str, &str, &[&str])] =
            &[$($((stringify!($room), stringify!($name), urne::$room::$name::CODES)),+),+];
    };
}

coded! {
    primitives: DecodeError, DiscreteLogError, VerifyingKeyError;
    bureau: KeyError, TrusteeSignatureError, TrusteeKeyError, CeremonyError, RevealFault;
    contest: ContestError, DocumentsError;
    credential: VotingCodeError;
    ballot: BallotError, ChallengeError, ReferenceError, SumError;
    ballot_box: IssueError, IssuerError, RegistrationError, RollError, OpenError, ActivationError, DepositError,
        ReissueError, ChallengeRefusal, CloseError, LogFlaw, ReceiptError, SigningsError, ComplaintsError, BoxFlaw;
    tally: EndorsementError, FactorError, OpeningError;
    trustee: TrusteeError;
    record: RecordError, PublishedError, CheckError, Flaw, Because, Conclusion, ShardError;
    voter: DossierError, SessionError;
}

#[test]
fn all_codes() {
    let text = |(room, name, codes): &(&str, &str, &[&str])| {
        format!("# {room}::{name}\n{}\n", codes.iter().map(|code| format!("{code}\n")).collect::<String>())
    };
    snapshot("codes", ALL.iter().map(text).collect());
}

/// A text that nobody has looked at may say anything.
#[test]
fn every_code_has_a_text_in_a_snapshot() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut texts = String::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_name().to_string_lossy().starts_with("errors_") && entry.path().is_file() {
            texts.push_str(&fs::read_to_string(entry.path()).unwrap());
        }
    }
    let with_text: BTreeSet<_> = texts.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    let codes = ALL.iter().flat_map(|(_, _, codes)| *codes);
    let without: Vec<_> = codes.filter(|code| !with_text.contains(*code)).collect();
    assert!(without.is_empty(), "no text of {without:?}");
}

/// Within its enum the compiler sees to it.
#[test]
fn no_two_errors_have_one_code() {
    let codes: Vec<_> = ALL.iter().flat_map(|(_, _, codes)| *codes).collect();
    let distinct: BTreeSet<_> = codes.iter().collect();
    assert_eq!(distinct.len(), codes.len());
    for code in distinct {
        let (room, what) = code.split_once('/').unwrap();
        let plain = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        assert!(room.split('-').chain(what.split('-')).all(|word| !word.is_empty() && plain(word)), "{code}");
    }
}

/// Whatever an error is made of in the sources: that its table is here, and that it has one.
#[test]
fn every_error_of_the_sources_has_its_codes_here() {
    let mut text = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    let after = |what: &str, end: &[char]| -> BTreeSet<String> {
        text.split(what).skip(1).filter_map(|rest| Some(rest.split_once(end)?.0.to_owned())).collect()
    };
    let tables = after("\nmessages! { ", &[':']);
    let here = ALL.iter().map(|(_, name, _)| (*name).to_owned()).collect();
    assert_eq!(tables, here);
    // What is an error and has no table gives the code of what is in it, but for these, of which each flaw has one.
    let mut without: BTreeSet<_> =
        after("core::error::Error for ", &[' ']).difference(&tables).cloned().collect();
    assert!(without.remove("BoxFlaws"));
    for name in without.iter().filter(|name| *name != "$name") {
        let coded = text.split(&format!(" {name} {{")).skip(1).any(|body| {
            body.split("\n}").next().is_some_and(|body| body.contains("pub fn code(&self) -> &'static str"))
        });
        assert!(coded, "{name} has no code");
    }
}

/// All sources but the tests among them.
fn read(path: &Path, text: &mut String) {
    for entry in fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            read(&entry, text);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&entry).unwrap();
            text.push_str(source.split("#[cfg(test)]\nmod tests {").next().unwrap());
        }
    }
}
