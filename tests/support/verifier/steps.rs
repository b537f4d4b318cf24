//! The steps of an audit, after the contest.

use std::collections::{BTreeMap, BTreeSet};

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use super::super::parts::{Generators, Parts};
use super::super::prover::{Schedule, Unequal, verify_with};
use super::super::text::{
    Bytes, base, challenge, encode, hash, length, merkle_root, number, powers, read_point, read_scalar,
    signed,
};
use super::form::{Factors, Opened, Pair, Record, Signature};
use super::rules::{Contest, Panel};
use super::{Flaws, Outcome, ed25519};

/// The part of step 1 that stops nothing.
pub fn approvals(record: &Record, contest: &Contest) -> Outcome {
    let mut flaws = Flaws::default();
    let by = signatures(&mut flaws, contest, "approval", &contest.setting.fingerprint, &record.approvals);
    flaws.unless(by.len() == contest.trustees(), "not every trustee approves");
    flaws.outcome()
}

/// Trustees in ascending order, each there and none twice.
fn ascending(flaws: &mut Flaws, contest: &Contest, what: &str, trustees: impl Iterator<Item = u64>) {
    let mut last = 0;
    for trustee in trustees {
        flaws.unless(trustee > last, format!("{what} of trustee {trustee} out of order"));
        flaws.unless(contest.panel(trustee).is_some(), format!("{what} of trustee {trustee}, who is none"));
        last = trustee;
    }
}

/// The trustees whose signature holds; every other signature is a flaw.
fn signatures(
    flaws: &mut Flaws,
    contest: &Contest,
    purpose: &str,
    digest: &Bytes,
    all: &[Signature],
) -> BTreeSet<u64> {
    ascending(flaws, contest, purpose, all.iter().map(|signature| signature.trustee));
    let holds = |signature: &&Signature| holds(contest, signature.trustee, purpose, digest, &signature.pair);
    for false_one in all.iter().filter(|signature| !holds(signature)) {
        flaws.add(format!("the {purpose} of trustee {} does not hold", false_one.trustee));
    }
    all.iter().filter(holds).map(|signature| signature.trustee).collect()
}

fn holds(contest: &Contest, trustee: u64, purpose: &str, digest: &Bytes, pair: &Pair) -> bool {
    match (contest.identity(trustee), read_scalar(&pair.c), read_scalar(&pair.z)) {
        (Some(key), Some(c), Some(z)) => signed(key, purpose, digest, &(c, z)),
        _ => false,
    }
}

/// Names each panel of which fewer than are due are among these trustees.
fn complete(
    flaws: &mut Flaws,
    contest: &Contest,
    what: &str,
    by: &BTreeSet<u64>,
    due: impl Fn(&Panel) -> usize,
) {
    for (number, panel) in (1..).zip(&contest.panels) {
        let there = by.iter().filter(|trustee| panel.has(**trustee)).count();
        flaws.unless(there >= due(panel), format!("too few {what} of panel {number}"));
    }
}

/// A record whose contest keeps the rules, with what is computed from it.
pub struct Audit<'a> {
    record: &'a Record,
    contest: &'a Contest,
    /// In order of deposit; nothing where a ballot does not decode.
    parts: Vec<Option<Parts>>,
    references: Vec<Bytes>,
    opening: Bytes,
    closing: Bytes,
    nonce: RistrettoPoint,
    sums: Vec<RistrettoPoint>,
}

impl<'a> Audit<'a> {
    pub fn new(record: &'a Record, contest: &'a Contest) -> Self {
        let setting = &contest.setting;
        let parts: Vec<_> = record.ballots.iter().map(|bytes| Parts::read(setting, bytes).ok()).collect();
        let reference =
            |bytes: &Vec<u8>| hash("urne/2 reference", &[setting.fingerprint.to_vec(), bytes.clone()]);
        let references: Vec<_> = record.ballots.iter().map(reference).collect();
        let opening = opening_digest(record, contest);
        let decoded = || parts.iter().flatten();
        Audit {
            record,
            contest,
            opening,
            closing: closing_digest(record, contest, &opening, &references),
            nonce: decoded().map(|ballot| ballot.nonce).sum(),
            sums: (0..setting.keys.len()).map(|s| decoded().map(|ballot| ballot.slots[s]).sum()).collect(),
            references,
            parts,
        }
    }

    fn count(&self) -> u64 {
        self.parts.len() as u64
    }

    /// Step 2.
    pub fn ballots(&self) -> Outcome {
        let mut flaws = Flaws::default();
        for (index, bytes) in self.record.ballots.iter().enumerate() {
            if let Err(error) = Parts::read(&self.contest.setting, bytes) {
                flaws.add(format!("ballot {index}: {error}"));
            }
        }
        flaws.outcome()
    }

    /// Step 3.
    pub fn roll(&self) -> Outcome {
        let mut flaws = Flaws::default();
        let Record { roll, opening, contest, .. } = self.record;
        let mut revoked = BTreeMap::new();
        for (index, entry) in roll.iter().enumerate() {
            let point = read_point(&entry.credential).filter(|point| *point != RistrettoPoint::identity());
            flaws.unless(point.is_some(), format!("entry {index} of the roll is no point"));
            let known = revoked.insert(entry.credential, entry.revoked);
            flaws.unless(known.is_none(), format!("entry {index} of the roll repeats one"));
        }
        let voters = opening.voters;
        flaws.unless((1..=contest.capacity).contains(&voters), "not 1 to capacity voters");
        let first = usize::try_from(voters).unwrap();
        flaws.unless(roll.len() >= first, "fewer entries on the roll than voters");
        let ascending = roll.iter().take(first).is_sorted_by(|a, b| a.credential < b.credential);
        flaws.unless(ascending, "the first entries of the roll do not ascend");
        let valid = roll.iter().filter(|entry| !entry.revoked).count();
        flaws.unless(valid == first, format!("{valid} entries not revoked for {voters} voters"));
        for (name, key, signature) in [
            ("box", &contest.box_key, &opening.box_signature),
            ("issuer", &contest.issuer_key, &opening.issuer_signature),
        ] {
            let holds = ed25519::verify(key, &self.opening, signature);
            flaws.unless(holds, format!("the {name} did not sign the opening"));
        }
        flaws.unless(opening.at <= contest.opens_at, "opened late");
        self.depositors(&mut flaws, &revoked);
        flaws.outcome()
    }

    fn depositors(&self, flaws: &mut Flaws, revoked: &BTreeMap<Bytes, bool>) {
        let (mut credentials, mut nonces) = (BTreeSet::new(), BTreeSet::new());
        for (index, ballot) in self.parts.iter().enumerate() {
            let Some(ballot) = ballot else { continue };
            let credential = encode(&ballot.credential);
            match revoked.get(&credential) {
                Some(false) => (),
                Some(true) => flaws.add(format!("ballot {index} has a revoked credential")),
                None => flaws.add(format!("ballot {index} has a credential that is not on the roll")),
            }
            flaws.unless(credentials.insert(credential), format!("ballot {index} repeats a credential"));
            flaws.unless(nonces.insert(encode(&ballot.nonce)), format!("ballot {index} repeats an R"));
        }
    }

    /// Step 4.
    pub fn proofs(&self) -> Outcome {
        let mut flaws = Flaws::default();
        let setting = &self.contest.setting;
        let (generators, schedule) = (Generators::new(setting.lists), Schedule::strict());
        for (index, ballot) in self.parts.iter().enumerate() {
            let verdict = ballot.as_ref().map(|ballot| verify_with(setting, &generators, &schedule, ballot));
            if let Some(Err(Unequal(equation))) = verdict {
                flaws.add(format!("ballot {index}: equation ({equation}) does not hold"));
            }
        }
        flaws.outcome()
    }

    /// Step 5.
    pub fn references(&self) -> Outcome {
        let mut flaws = Flaws::default();
        let mut seen = BTreeSet::new();
        for (index, reference) in self.references.iter().enumerate() {
            flaws.unless(seen.insert(reference), format!("ballot {index} repeats a reference"));
        }
        let closing = &self.record.closing;
        flaws.unless(closing.size == self.count(), "the closing has another size");
        flaws.unless(closing.root == merkle_root(&self.references), "the closing has another root");
        flaws.outcome()
    }

    /// Step 6, or the box's half of it.
    pub fn closing(&self) -> Outcome {
        let mut flaws = Flaws::default();
        let Record { contest, closing, opened, .. } = self.record;
        let signs = |key, signature| ed25519::verify(key, &self.closing, signature);
        flaws.unless(signs(&contest.box_key, &closing.box_signature), "the box did not sign the closing");
        flaws.unless(closing.at >= self.contest.end, "closed early");
        if let Some(Opened { issuer_signature, endorsements, .. }) = opened {
            flaws.unless(signs(&contest.issuer_key, issuer_signature), "the issuer did not sign the closing");
            let by = signatures(&mut flaws, self.contest, "endorsement", &self.closing, endorsements);
            complete(&mut flaws, self.contest, "endorsements", &by, |panel| panel.quorum);
        }
        flaws.outcome()
    }

    /// Step 7.
    pub fn tally(&self) -> Outcome {
        let mut flaws = Flaws::default();
        let tally = &self.record.tally;
        flaws.unless(tally.count == self.count(), "another count");
        flaws.unless(tally.nonce == encode(&self.nonce), "another sum of R");
        for (slot, (stated, sum)) in (1..).zip(tally.sums.iter().zip(&self.sums)) {
            flaws.unless(*stated == encode(sum), format!("another sum of slot {slot}"));
        }
        flaws.outcome()
    }

    /// Step 8, with `M_1 … M_J` if the trustees ascend and each panel has enough good factors, which may stand beside
    /// false ones.
    pub fn factors(&self, opened: &Opened) -> (Outcome, Option<Vec<RistrettoPoint>>) {
        let mut flaws = Flaws::default();
        ascending(&mut flaws, self.contest, "factors", opened.factors.iter().map(|factors| factors.trustee));
        let mut good = BTreeMap::new();
        let ascend = flaws.0.is_empty();
        for factors in &opened.factors {
            let known = self.contest.panel(factors.trustee).is_some();
            let verdict = if known { self.verify(factors) } else { Err("who is none") };
            match verdict {
                Ok(points) => drop(good.insert(factors.trustee, points)),
                Err(flaw) => flaws.add(format!("factors of trustee {}: {flaw}", factors.trustee)),
            }
        }
        let by = good.keys().copied().collect();
        let mut missing = Flaws::default();
        if self.parts.is_empty() {
            flaws.unless(opened.factors.is_empty(), "factors of an empty box");
        } else {
            complete(&mut missing, self.contest, "factors", &by, |panel| panel.threshold);
        }
        let totals = (ascend && missing.0.is_empty()).then(|| self.totals(&good));
        flaws.0.extend(missing.0);
        (flaws.outcome(), totals)
    }

    /// The points of factors whose signature, over the bytes as they came, and whose proof hold.
    fn verify(&self, factors: &Factors) -> Result<Vec<RistrettoPoint>, &'static str> {
        let Factors { trustee, factors: encoded, proof, signature } = factors;
        let mut fields = vec![self.closing.to_vec()];
        fields.extend(encoded.iter().map(|factor| factor.to_vec()));
        fields.extend([proof.c.to_vec(), proof.z.to_vec()]);
        if !holds(self.contest, *trustee, "factors", &hash("urne/2 factors", &fields), signature) {
            return Err("the signature does not hold");
        }
        let points = encoded.iter().map(|factor| read_point(factor)).collect::<Option<Vec<_>>>();
        let points = points.ok_or("a factor that is no point")?;
        let (c, z) = read_scalar(&proof.c).zip(read_scalar(&proof.z)).ok_or("a proof that is no scalars")?;
        if self.decryption_challenge(*trustee, &points, &c, &z) == c {
            Ok(points)
        } else {
            Err("the proof does not hold")
        }
    }

    fn decryption_challenge(
        &self,
        trustee: u64,
        factors: &[RistrettoPoint],
        c: &Scalar,
        z: &Scalar,
    ) -> Scalar {
        let all = |points: &[RistrettoPoint]| points.iter().flat_map(encode).collect::<Vec<_>>();
        let keys = self.contest.verification_keys(trustee);
        let mut transcript = merlin::Transcript::new(b"urne/2 decryption");
        transcript.append_message(b"contest", &self.contest.setting.fingerprint);
        transcript.append_message(b"closing", &self.closing);
        transcript.append_u64(b"count", self.count());
        transcript.append_message(b"sums", &[&encode(&self.nonce)[..], &all(&self.sums)].concat());
        transcript.append_u64(b"trustee", trustee);
        transcript.append_message(b"keys", &all(&keys));
        transcript.append_message(b"factors", &all(factors));
        let w = challenge(&mut transcript, b"w");
        let fold = |points: &[RistrettoPoint]| -> RistrettoPoint {
            powers(w).zip(points).map(|(power, point)| point * power).sum()
        };
        transcript.append_message(b"T1", &encode(&(base(z) - fold(&keys) * c)));
        transcript.append_message(b"T2", &encode(&(self.nonce * z - fold(factors) * c)));
        challenge(&mut transcript, b"c")
    }

    /// `M_s = C_Σ,s − Σ_p Σ_j λ_j·D_{j,s}` over the lowest trustees of each panel.
    fn totals(&self, good: &BTreeMap<u64, Vec<RistrettoPoint>>) -> Vec<RistrettoPoint> {
        let mut totals = self.sums.clone();
        if self.parts.is_empty() {
            return totals;
        }
        for panel in &self.contest.panels {
            let lowest: Vec<_> = good.iter().filter(|(j, _)| panel.has(**j)).take(panel.threshold).collect();
            for (j, factors) in &lowest {
                let others = lowest.iter().map(|(i, _)| **i).filter(|i| i != *j);
                let coefficient: Scalar = others
                    .map(|i| Scalar::from(i) * (Scalar::from(i) - Scalar::from(**j)).invert())
                    .product();
                for (total, factor) in totals.iter_mut().zip(*factors) {
                    *total -= factor * coefficient;
                }
            }
        }
        totals
    }

    /// Step 9.
    pub fn result(&self, opened: &Opened, totals: &[RistrettoPoint]) -> Outcome {
        let mut flaws = Flaws::default();
        let Opened { votes, blank, .. } = opened;
        let count = self.count();
        flaws.unless(count <= self.record.contest.capacity, "more ballots than voters there can be");
        flaws.unless(votes.iter().all(|votes| *votes <= count), "more votes than ballots");
        let sum = votes.iter().chain([blank]).try_fold(0u64, |sum, votes| sum.checked_add(*votes));
        flaws.unless(sum == Some(count), "votes and blank votes are not as many as ballots");
        if flaws.0.is_empty() {
            let scalars: Vec<_> = votes.iter().map(|votes| Scalar::from(*votes)).collect();
            for (slot, (v, total)) in (1..).zip(self.contest.setting.packed(&scalars).iter().zip(totals)) {
                flaws.unless(base(v) == *total, format!("the total of slot {slot} holds other votes"));
            }
        }
        flaws.outcome()
    }
}

fn opening_digest(record: &Record, contest: &Contest) -> Bytes {
    let voters = record.opening.voters;
    let first = record.roll.iter().take(usize::try_from(voters).unwrap());
    let credentials: Vec<_> = first.map(|entry| entry.credential.to_vec()).collect();
    let fields = [
        contest.setting.fingerprint.to_vec(),
        number(voters),
        hash("urne/2 credentials", &credentials).to_vec(),
        number(record.opening.at),
    ];
    hash("urne/2 opening", &fields)
}

/// Size and root are those of the ballots, whatever the closing says.
fn closing_digest(record: &Record, contest: &Contest, opening: &Bytes, references: &[Bytes]) -> Bytes {
    let mut roll = vec![length(record.roll.len())];
    for entry in &record.roll {
        roll.extend([entry.credential.to_vec(), vec![u8::from(entry.revoked)]]);
    }
    let fields = [
        contest.setting.fingerprint.to_vec(),
        opening.to_vec(),
        length(references.len()),
        merkle_root(references).to_vec(),
        record.closing.signings_digest.to_vec(),
        hash("urne/2 roll", &roll).to_vec(),
        number(record.closing.at),
    ];
    hash("urne/2 closing", &fields)
}
