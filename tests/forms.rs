//! Every form says what it is: bytes of one kind that are read as another are refused, by naming both.
#![cfg(feature = "serde")]

mod fixture;

use fixture::election;
use fixture::forms::{FORMS, Form, good};
use urne::ballot::{Ballot, BallotError, PartialSum};
use urne::ballot_box::{
    Acknowledgement, Anchor, DepositProof, Emargement, GivenClosing, Head, Issue, MerklePath,
    ProposedOpening, SignedClosing, SignedOpening, Signings, VoterState,
};
use urne::bureau::{Ceremony, Commitment, Complaint, Confirmation, Reveal};
use urne::contest::Approval;
use urne::primitives::Kind;
use urne::record::shard::{JoinReport, RollReport, ShardReport};
use urne::tally::{DecryptionFactors, Endorsement};
use urne::trustee::Ready;
use urne::voter::Dossier;
use urne::{
    Activation, ApprovedContest, ClosedRecord, Contest, DecodeError, ElectionKey, IdentityKey, Receipt,
    Record, VoterId,
};

/// The forms that have a kind.
fn kinds() -> impl Iterator<Item = (Kind, Form)> {
    FORMS.into_iter().filter_map(|form| Some((form.kind?, form)))
}

#[test]
fn every_kind_is_that_of_one_form() {
    let mut of_forms: Vec<_> = kinds().map(|(kind, _)| kind).collect();
    of_forms.sort_unstable();
    assert_eq!(of_forms, Kind::ALL);
    for kind in Kind::ALL {
        assert_eq!(Kind::of_byte(kind.byte()), Some(*kind));
    }
    let known = (0..=u8::MAX).filter(|byte| Kind::of_byte(*byte).is_some());
    assert_eq!(known.count(), Kind::ALL.len());
}

#[test]
fn a_good_one_of_every_form_is_read_and_written_alike() {
    for Form { name, kind, read, good } in FORMS {
        let bytes = good(election());
        assert_eq!(read(&bytes).as_ref(), Ok(&bytes), "{name}");
        if let Some(kind) = kind {
            // A ballot begins with the version alone.
            let head = [kind.byte(), 2];
            assert!(bytes.starts_with(if kind == Kind::Ballot { &head[..1] } else { &head }), "{name}");
        }
    }
}

/// What an application does with a message of any kind: the same as the type's own methods, under a name of its own.
#[test]
fn a_form_is_the_same_by_its_trait_and_has_a_name_that_no_other_has() {
    fn check<M: urne::Form>(bytes: &[u8], names: &mut Vec<&str>) {
        let read = M::from_form(bytes).unwrap_or_else(|error| panic!("{}: {error}", M::NAME));
        assert!(read.to_form().as_ref() == bytes, "{}", M::NAME);
        assert!(M::from_form(&bytes[1..]).is_err(), "{}", M::NAME);
        assert!(!names.contains(&M::NAME), "{} twice", M::NAME);
        names.push(M::NAME);
    }
    let names = &mut Vec::new();
    macro_rules! checked {
        ($($name:ty: $form:literal),+) => { $(check::<$name>(&good($form), names);)+ };
    }
    checked! {
        Acknowledgement: "acknowledgement", Activation: "activation", Anchor: "anchor", Approval: "approval",
        Ceremony: "ceremony", Commitment: "commitment", Complaint: "complaint", Confirmation: "confirmation",
        DecryptionFactors: "decryption-factors", DepositProof: "deposit-proof", Dossier: "dossier",
        ElectionKey: "election-key", Emargement: "emargement", Endorsement: "endorsement",
        GivenClosing: "given-closing", Head: "head", IdentityKey: "identity-key", Issue: "issue",
        JoinReport: "join-report", MerklePath: "merkle-path", PartialSum: "partial-sum",
        ProposedOpening: "proposed-opening", Ready: "ready", Receipt: "receipt", Reveal: "reveal",
        RollReport: "roll-report", ShardReport: "shard-report", SignedClosing: "signed-closing",
        SignedOpening: "opening", Signings: "signings", VoterId: "voter-id", VoterState: "voter-state"
    }
    let election = election();
    check::<Contest>(election.contest.contest().to_json().as_bytes(), names);
    check::<ApprovedContest>(election.contest.to_json().as_bytes(), names);
    check::<ClosedRecord>(election.closed_record.to_json().as_bytes(), names);
    check::<Record>(election.record.to_json().as_bytes(), names);
}

#[test]
fn attack_6_a_file_of_another_kind_is_refused_by_naming_both() {
    for (actual, from) in kinds() {
        let bytes = (from.good)(election());
        for (expected, to) in kinds().filter(|(expected, _)| *expected != actual) {
            let error = (to.read)(&bytes).unwrap_err();
            let kind = DecodeError::Kind { expected, actual: actual.byte() };
            // Around it stands at most what was being decoded.
            assert!(error.contains(&format!("{kind:?}")), "{} as {}: {error}", from.name, to.name);
            assert_eq!(kind.to_string(), format!("this is {actual}, where {expected} is needed"));
        }
    }
}

#[test]
fn what_has_no_kind_is_refused_without_a_name() {
    let mut other = (kinds().next().unwrap().1.good)(election());
    let unknown = (0..=u8::MAX).filter(|byte| Kind::of_byte(*byte).is_none());
    for byte in unknown {
        other[0] = byte;
        let error = Approval::from_bytes(&other).unwrap_err();
        assert_eq!(error, DecodeError::Kind { expected: Kind::Approval, actual: byte });
        assert_eq!(error.to_string(), format!("first byte {byte:#04x}, where an approval is needed"));
        let error = Ballot::from_bytes(election().contest.contest(), &other).unwrap_err();
        assert_eq!(error, BallotError::Decode(DecodeError::Version { actual: byte }));
    }
}

#[test]
fn another_version_of_every_form_is_refused() {
    for (kind, form) in kinds().filter(|(kind, _)| *kind != Kind::Ballot) {
        let mut bytes = (form.good)(election());
        for version in [0, 1, 3, kind.byte(), 255] {
            bytes[1] = version;
            let error = (form.read)(&bytes).unwrap_err();
            let expected = format!("{:?}", DecodeError::Version { actual: version });
            assert!(error.contains(&expected), "{}: {error}", form.name);
        }
    }
}
