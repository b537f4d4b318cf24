//! Every wire form: an example, where its points and scalars stand, and how it is read and written again.

use serde_json::Value;
use urne::ballot::{BallotError, ChallengedBallot, PartialSum};
use urne::ballot_box::{
    Anchor, DepositProof, Emargement, Head, Issue, MerklePath, ProposedOpening, SignedClosing, SignedOpening,
    Signings,
};
use urne::contest::Approval;
use urne::primitives::Kind;
use urne::tally::{DecryptionFactors, Endorsement};
use urne::trustee::Ready;
use urne::{Activation, Ballot, Contest, DecodeError, IdentityKey, Proof, PublicCredential, Record};

use crate::support::forger::{Forger, ballots, votes};
use crate::support::text::{base, draw, encode};

pub(super) const LISTS: u8 = 3;
/// Two of the lists share a slot.
pub(super) const SLOTS: usize = 2;

pub(super) type Decode = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, DecodeError>>;

/// A wire form: an example, where its points and scalars stand, and how it is read and written again.
pub(super) struct Form {
    pub(super) name: &'static str,
    /// What it begins with. Of a ballot that is the version too; what is bare has neither.
    pub(super) kind: Option<Kind>,
    pub(super) example: Vec<u8>,
    /// Where the version stands.
    pub(super) version: Option<usize>,
    /// Its end is fixed by what stands before it.
    pub(super) closed: bool,
    /// Points that are not the identity.
    pub(super) points: Vec<usize>,
    /// Points that may be.
    pub(super) sums: Vec<usize>,
    pub(super) scalars: Vec<usize>,
    pub(super) decode: Decode,
}

/// A form without kind and version.
fn bare<T: 'static>(
    name: &'static str,
    example: Vec<u8>,
    [points, sums, scalars]: [Vec<usize>; 3],
    read: impl Fn(&[u8]) -> Result<T, DecodeError> + 'static,
    write: impl Fn(&T) -> Vec<u8> + 'static,
) -> Form {
    let decode = Box::new(move |bytes: &[u8]| read(bytes).map(|value| write(&value)));
    Form { name, kind: None, example, version: None, closed: true, points, sums, scalars, decode }
}

/// A form of a kind, of what stands after kind and version.
fn form<T: 'static>(
    kind: Kind,
    name: &'static str,
    body: &[&[u8]],
    places: [Vec<usize>; 3],
    read: impl Fn(&[u8]) -> Result<T, DecodeError> + 'static,
    write: impl Fn(&T) -> Vec<u8> + 'static,
) -> Form {
    let example = [&[kind.byte(), 2][..], &body.concat()].concat();
    Form { kind: Some(kind), version: Some(1), ..bare(name, example, places, read, write) }
}

/// A form that may go on.
fn open(form: Form) -> Form {
    Form { closed: false, ..form }
}

/// `count` positions from `first`, 32 apart.
fn at(first: usize, count: usize) -> Vec<usize> {
    (0..count).map(|i| first + 32 * i).collect()
}

fn nowhere() -> [Vec<usize>; 3] {
    [vec![], vec![], vec![]]
}

pub(super) fn contest() -> (Value, Contest) {
    let record = Forger::new(2, 3, LISTS.into(), 4).record(&[votes(&[0, 1, 0])]);
    let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
    (record, contest.contest().clone())
}

pub(super) fn forms() -> Vec<Form> {
    let (record, contest) = contest();
    let ballot = ballots(&record).remove(0);
    let points = [5u64, 6, 7, 8].map(|n| encode(&base(&n.into())));
    let proof = [draw(&[b"c"]), draw(&[b"z"])].map(|scalar| scalar.to_bytes()).concat();
    let number = |n: u64| n.to_le_bytes();
    let (contest_digest, signature) = ([0xc8; 32], [3; 64]);
    let voter = [&number(5)[..], b"voter"].concat();
    let path = [[0xca; 32], [0xdb; 32]].concat();
    let head = [&contest_digest[..], &[9; 32], &number(7), &[2; 32], &number(9), &signature].concat();
    let ranges = [2, 0, 3, 5, 9].map(number).concat();
    let read_ballot = move |bytes: &[u8]| match Ballot::from_bytes(&contest, bytes) {
        Ok(ballot) => Ok(ballot),
        Err(BallotError::Decode(error)) => Err(error),
        // The one other flaw: another number of lists, which has a test of its own.
        Err(_) => Err(DecodeError::Number { offset: 1 }),
    };
    let lists = usize::from(LISTS);
    let in_ballot = [at(2, SLOTS + 5), vec![], at(2 + 32 * (SLOTS + 5), lists + 4)];
    vec![
        Form {
            kind: Some(Kind::Ballot),
            version: Some(0),
            ..bare("a ballot", ballot.clone(), in_ballot, read_ballot, |b| b.as_bytes().to_vec())
        },
        bare(
            "credential",
            points[0].to_vec(),
            [at(0, 1), vec![], vec![]],
            PublicCredential::from_bytes,
            |c| c.to_bytes().to_vec(),
        ),
        bare("identity key", points[1].to_vec(), [at(0, 1), vec![], vec![]], IdentityKey::from_bytes, |k| {
            k.to_bytes().to_vec()
        }),
        bare("proof", proof.clone(), [vec![], vec![], at(0, 2)], Proof::from_bytes, |p| p.to_bytes()),
        open(form(
            Kind::ChallengedBallot,
            "a challenged ballot",
            &[&[2], &proof[..32], &ballot],
            [vec![], vec![], at(3, 1)],
            ChallengedBallot::from_bytes,
            |challenged| challenged.expose_bytes().to_vec(),
        )),
        form(
            Kind::Approval,
            "an approval",
            &[&[3], &proof],
            [vec![], vec![], at(3, 2)],
            Approval::from_bytes,
            |approval| approval.to_bytes(),
        ),
        form(
            Kind::Endorsement,
            "an endorsement",
            &[&[3], &proof],
            [vec![], vec![], at(3, 2)],
            Endorsement::from_bytes,
            |endorsement| endorsement.to_bytes(),
        ),
        form(
            Kind::Factors,
            "decryption factors",
            &[&[2, 2], points[..SLOTS].as_flattened(), &proof, &proof],
            // Whether they are points and scalars is asked when it is known that they are their trustee's.
            nowhere(),
            DecryptionFactors::from_bytes,
            DecryptionFactors::to_bytes,
        ),
        form(
            Kind::Ready,
            "a trustee's word that it is ready",
            &[&[3], &[0xc7; 32]],
            nowhere(),
            Ready::from_bytes,
            |ready| ready.to_bytes(),
        ),
        form(
            Kind::Activation,
            "an activation",
            &[&points[2], &proof],
            [at(2, 1), vec![], at(34, 2)],
            Activation::from_bytes,
            |activation| activation.to_bytes(),
        ),
        form(
            Kind::PartialSum,
            "a partial sum",
            &[&[2], &contest_digest, &ranges, points[..SLOTS + 1].as_flattened()],
            [vec![], at(SUMS, SLOTS + 1), vec![]],
            PartialSum::from_bytes,
            PartialSum::to_bytes,
        ),
        open(form(
            Kind::MerklePath,
            "a Merkle path",
            &[&path],
            nowhere(),
            MerklePath::from_bytes,
            MerklePath::to_bytes,
        )),
        form(Kind::Head, "a head", &[&head], nowhere(), Head::from_bytes, Head::to_bytes),
        form(
            Kind::Anchor,
            "an anchor",
            &[&number(12), &[7; 32], &head],
            nowhere(),
            Anchor::from_bytes,
            Anchor::to_bytes,
        ),
        form(
            Kind::Emargement,
            "an émargement",
            &[&contest_digest, &voter, &number(9), &signature],
            nowhere(),
            Emargement::from_bytes,
            Emargement::to_bytes,
        ),
        open(form(
            Kind::DepositProof,
            "a deposit proof",
            &[&number(584), &[6; 32], &number(6), &head, &path],
            nowhere(),
            DepositProof::from_bytes,
            DepositProof::to_bytes,
        )),
        form(
            Kind::SignedClosing,
            "a signed closing",
            &[
                &contest_digest,
                &[9; 32],
                &number(7),
                &[2; 32],
                &[1; 32],
                &[5; 32],
                &number(9),
                &signature,
                &signature,
            ],
            nowhere(),
            SignedClosing::from_bytes,
            SignedClosing::to_bytes,
        ),
        open(form(
            Kind::Signings,
            "a list of signings",
            &[&[7; 32], &number(3), b"one", &number(3), b"two"],
            nowhere(),
            Signings::from_bytes,
            Signings::to_bytes,
        )),
        form(
            Kind::Issue,
            "an issue",
            &[&contest_digest, &voter, &points[3], &number(9), &[1], &number(120)],
            [at(2 + 32 + 8 + 5, 1), vec![], vec![]],
            Issue::from_bytes,
            Issue::to_bytes,
        ),
        open(form(
            Kind::ProposedOpening,
            "an opening without the issuer's signature",
            &[&contest_digest, &number(9), &signature, points[..2].as_flattened()],
            [at(2 + 32 + 8 + 64, 2), vec![], vec![]],
            ProposedOpening::from_bytes,
            ProposedOpening::to_bytes,
        )),
        form(
            Kind::Opening,
            "an opening",
            &[&contest_digest, &number(2), &[7; 32], &number(9), &signature, &signature],
            nowhere(),
            SignedOpening::from_bytes,
            SignedOpening::to_bytes,
        ),
    ]
}

/// Where the points of the partial sum begin, after kind, version, number of slots, contest and two ranges.
pub(super) const SUMS: usize = 3 + 32 + 5 * 8;

/// The example with 32 bytes replaced.
pub(super) fn with(example: &[u8], offset: usize, item: &[u8; 32]) -> Vec<u8> {
    let mut bytes = example.to_vec();
    bytes[offset..offset + 32].copy_from_slice(item);
    bytes
}

pub(super) fn of_kind(kind: Kind) -> Form {
    forms().into_iter().find(|form| form.kind == Some(kind)).unwrap()
}
