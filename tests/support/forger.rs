//! A contest of which every secret is known, and whole records of it.
//!
//! A record is a JSON value. Each method of [`Forger`] reads what it needs from the record as it stands,
//! however false, and writes one part of it: so a test changes one thing and has everything that hangs on
//! it made anew, or not.

use std::collections::HashMap;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::digests::{array, hexes};
pub use super::digests::{
    ballots, closing_digest, fingerprint, opening_digest, parts, reference, references, roll_digest, setting,
    signings_digest,
};
use super::prover::{Parts, Schedule, Witness, prove};
pub use super::shape::{CAPACITY, PanelShape, Shape};
use super::text::{
    Bytes, base, challenge, decode, draw, encode, hash, hex, merkle_root, powers, scalar, sign, unhex,
};

pub const OPENS_AT: u64 = 1_780_000_000;
pub const CLOSES_AT: u64 = 1_780_086_400;
pub const GRACE: u64 = 1_800;
/// The first moment at which the box may close.
pub const END: u64 = CLOSES_AT + GRACE;

/// A panel and the secrets of its key.
#[derive(Clone)]
pub struct Panel {
    pub shape: PanelShape,
    /// For each slot the `t_p` coefficients of the panel's polynomial.
    pub polynomials: Vec<Vec<Scalar>>,
}

/// Every secret of a contest.
#[derive(Clone)]
pub struct Forger {
    /// `e_1 … e_n`, through the whole bureau.
    pub identities: Vec<Scalar>,
    pub panels: Vec<Panel>,
    pub lists: usize,
    pub packing: usize,
    pub capacity: u64,
    pub box_key: SigningKey,
    pub issuer_key: SigningKey,
    /// The secrets of the credentials at the opening, in the order of the roll.
    pub voters: Vec<Scalar>,
    /// Voters whose code is issued anew, in order of issue: the third, if there is one.
    pub reissues: Vec<usize>,
}

impl Forger {
    /// One panel, and the defaults for everything else.
    pub fn new(threshold: usize, trustees: usize, lists: usize, voters: usize) -> Self {
        Self::of(&Shape::new(&[(threshold, trustees)], lists, voters))
    }

    pub fn of(shape: &Shape) -> Self {
        let secret = |what: &str, number: usize| draw(&[what.as_bytes(), &number.to_le_bytes()]);
        let mut voters: Vec<_> = (0..shape.voters).map(|voter| secret("voter", voter)).collect();
        voters.sort_by_key(|s| encode(&base(s)));
        let slots = shape.lists.div_ceil(shape.packing);
        let panel = |(p, shape): (usize, &PanelShape)| Panel {
            shape: *shape,
            polynomials: (0..slots)
                .map(|s| {
                    (0..shape.threshold).map(|k| secret("coefficient", (p * 256 + s) * 256 + k)).collect()
                })
                .collect(),
        };
        let trustees: usize = shape.panels.iter().map(|panel| panel.trustees).sum();
        Forger {
            identities: (0..trustees).map(|j| secret("identity", j)).collect(),
            panels: shape.panels.iter().enumerate().map(panel).collect(),
            lists: shape.lists,
            packing: shape.packing,
            capacity: shape.capacity,
            box_key: SigningKey::from_bytes(&[9; 32]),
            issuer_key: SigningKey::from_bytes(&[10; 32]),
            voters,
            reissues: if shape.voters > 2 { vec![2] } else { Vec::new() },
        }
    }

    pub fn slots(&self) -> usize {
        self.panels[0].polynomials.len()
    }

    /// The panel of the trustee with this number.
    pub fn panel(&self, trustee: u64) -> &Panel {
        let mut last = 0;
        let mut reaches = |panel: &&Panel| {
            last += panel.shape.trustees;
            trustee <= last as u64
        };
        self.panels.iter().find(&mut reaches).unwrap()
    }

    /// `h_j`, the logarithm of `H_j`, of the slot counted from 0.
    pub fn logarithm(&self, slot: usize) -> Scalar {
        self.panels.iter().map(|panel| panel.polynomials[slot][0]).sum()
    }

    /// `h_1 … h_J`
    pub fn logarithms(&self) -> Vec<Scalar> {
        (0..self.slots()).map(|slot| self.logarithm(slot)).collect()
    }

    /// `x_{j,s}`, of the trustee with this number and the slot counted from 0.
    pub fn share(&self, trustee: u64, slot: usize) -> Scalar {
        let coefficients = &self.panel(trustee).polynomials[slot];
        powers(Scalar::from(trustee)).zip(coefficients).map(|(power, c)| power * c).sum()
    }

    pub fn shares(&self, trustee: u64) -> Vec<Scalar> {
        (0..self.slots()).map(|slot| self.share(trustee, slot)).collect()
    }

    /// A whole record: these choices are cast by the first voters of the roll, some of whom have had the
    /// code issued anew.
    pub fn record(&self, votes: &[Vec<Scalar>]) -> Value {
        let mut record = self.opened();
        record["ballots"] = json!([]);
        for (voter, b) in votes.iter().enumerate() {
            let ballot = self.ballot(&record, &self.credential(voter), b);
            record["ballots"].as_array_mut().unwrap().push(json!(hex(&ballot)));
        }
        self.finish(&mut record);
        record
    }

    /// A record up to its roll, with contest, approvals and opening.
    pub fn opened(&self) -> Value {
        let mut record = json!({ "protocol": "urne/2", "contest": self.contest() });
        self.approve(&mut record);
        self.open_roll(&mut record, OPENS_AT - 60);
        for voter in &self.reissues {
            self.reissue(&mut record, *voter);
        }
        record
    }

    /// The credential secret that a voter holds at the end.
    pub fn credential(&self, voter: usize) -> Scalar {
        if self.reissues.contains(&voter) { self.reissued(voter) } else { self.voters[voter] }
    }

    /// The credential that a voter gets for a revoked one.
    pub fn reissued(&self, voter: usize) -> Scalar {
        draw(&[b"reissued", &self.voters[voter].to_bytes()])
    }

    pub fn contest(&self) -> Value {
        let mut identities = self.identities.iter().map(public);
        let mut panel = |panel: &Panel| {
            let PanelShape { threshold, trustees, quorum } = panel.shape;
            let key = panel.polynomials.iter().map(|row| row.iter().map(public).collect::<Vec<_>>());
            json!({
                "threshold": threshold, "quorum": quorum,
                "trustees": identities.by_ref().take(trustees).collect::<Vec<_>>(),
                "key": key.collect::<Vec<_>>(),
            })
        };
        json!({
            "election": "Falsified election", "number": 584, "title": "Committee", "documents": "",
            "lists": (1..=self.lists).map(|list| format!("List {list}")).collect::<Vec<_>>(),
            "opens_at": OPENS_AT, "closes_at": CLOSES_AT, "grace": GRACE,
            "capacity": self.capacity, "packing": self.packing,
            "panels": self.panels.iter().map(&mut panel).collect::<Vec<_>>(),
            "box_key": hex(self.box_key.verifying_key().as_bytes()),
            "issuer_key": hex(self.issuer_key.verifying_key().as_bytes()),
        })
    }

    fn signatures(&self, purpose: &'static str, digest: &Bytes) -> Value {
        (1u64..).zip(&self.identities).map(|(j, e)| signature(j, sign(e, purpose, digest))).collect()
    }

    /// All trustees approve the contest as it stands.
    pub fn approve(&self, record: &mut Value) {
        record["approvals"] = self.signatures("approval", &fingerprint(record));
    }

    /// The roll with every voter's first credential, opened.
    pub fn open_roll(&self, record: &mut Value, at: u64) {
        let entry = |s| json!({ "credential": public(s), "revoked": false });
        record["roll"] = self.voters.iter().map(entry).collect();
        record["opening"] = json!({ "voters": self.voters.len(), "at": at });
        self.sign_opening(record);
    }

    /// Box and issuer sign what the opening says.
    pub fn sign_opening(&self, record: &mut Value) {
        self.sign_both(&opening_digest(record), &mut record["opening"]);
    }

    fn sign_both(&self, digest: &Bytes, object: &mut Value) {
        object["box_signature"] = signed_by(&self.box_key, digest);
        object["issuer_signature"] = signed_by(&self.issuer_key, digest);
    }

    /// The voter's first credential is revoked, and another stands at the end of the roll.
    pub fn reissue(&self, record: &mut Value, voter: usize) {
        record["roll"][voter]["revoked"] = json!(true);
        let entry = json!({ "credential": public(&self.reissued(voter)), "revoked": false });
        record["roll"].as_array_mut().unwrap().push(entry);
    }

    /// A ballot by a prover who follows every step, whatever the choice.
    pub fn ballot(&self, record: &Value, credential: &Scalar, b: &[Scalar]) -> Vec<u8> {
        prove(&setting(record), &Schedule::strict(), &Witness::new(*credential, b)).to_bytes()
    }

    /// Everything after the ballots: closing, endorsements, sums, factors, result.
    pub fn finish(&self, record: &mut Value) {
        self.close(record);
        self.open_tally(record);
    }

    /// Everything after the closing.
    pub fn open_tally(&self, record: &mut Value) {
        self.endorse(record);
        self.add_up(record);
        self.decrypt(record);
        self.count(record);
    }

    /// The box closes over the ballots as they stand, at the end; it says that the first voters signed.
    pub fn close(&self, record: &mut Value) {
        let references = references(record);
        let at =
            record["contest"]["closes_at"].as_u64().unwrap() + record["contest"]["grace"].as_u64().unwrap();
        let size = references.len();
        let ids: Vec<_> = (0..size).map(|voter| format!("voter {voter}").into_bytes()).collect();
        record["closing"] = json!({
            "size": size, "root": hex(&merkle_root(&references)),
            "signings_digest": hex(&signings_digest(&[7; 32], &ids)), "at": at,
        });
        self.sign_closing(record);
    }

    /// Box and issuer sign what the closing says.
    pub fn sign_closing(&self, record: &mut Value) {
        self.sign_both(&closing_digest(record), &mut record["closing"]);
    }

    /// All trustees endorse what the closing says.
    pub fn endorse(&self, record: &mut Value) {
        record["closing"]["endorsements"] = self.signatures("endorsement", &closing_digest(record));
    }

    pub fn add_up(&self, record: &mut Value) {
        let ballots = parts(record);
        let sum = |of: &dyn Fn(&Parts) -> RistrettoPoint| hex(&encode(&ballots.iter().map(of).sum()));
        let sums: Vec<_> = (0..self.slots()).map(|slot| sum(&|ballot| ballot.slots[slot])).collect();
        record["tally"] =
            json!({ "count": ballots.len(), "nonce": sum(&|ballot| ballot.nonce), "sums": sums });
    }

    /// The factors of all trustees, none for an empty box.
    pub fn decrypt(&self, record: &mut Value) {
        let trustees = if record["tally"]["count"] == json!(0) { 0 } else { self.identities.len() as u64 };
        record["factors"] = (1..=trustees).map(|j| self.factors(record, j, &self.shares(j))).collect();
    }

    /// The factors that these shares give, their proof and signature. With the trustee's own shares they
    /// are good.
    pub fn factors(&self, record: &Value, trustee: u64, shares: &[Scalar]) -> Value {
        let nonce = nonce(record);
        let factors: Vec<_> = shares.iter().map(|x| nonce * x).collect();
        self.prove_factors(record, trustee, shares, &factors, true)
    }

    /// A proof by these shares for any factors, signed; `hashed` says whether the challenge depends on
    /// them, as it must.
    pub fn prove_factors(
        &self,
        record: &Value,
        trustee: u64,
        shares: &[Scalar],
        factors: &[RistrettoPoint],
        hashed: bool,
    ) -> Value {
        let encoded: Vec<u8> = factors.iter().flat_map(encode).collect();
        let mut transcript = self.decryption(record, trustee);
        if hashed {
            transcript.append_message(b"factors", &encoded);
        }
        let w = challenge(&mut transcript, b"w");
        let tau = draw(&[b"decryption", &trustee.to_le_bytes(), &encoded]);
        transcript.append_message(b"T1", &encode(&base(&tau)));
        transcript.append_message(b"T2", &encode(&(nonce(record) * tau)));
        let c = challenge(&mut transcript, b"c");
        let z = tau + c * powers(w).zip(shares).map(|(w_s, x)| w_s * x).sum::<Scalar>();
        let mut object = json!({
            "trustee": trustee,
            "factors": factors.iter().map(|factor| hex(&encode(factor))).collect::<Vec<_>>(),
            "proof": pair((c, z)),
        });
        self.sign_factors(record, &mut object);
        object
    }

    /// The trustee signs its factors as they stand.
    pub fn sign_factors(&self, record: &Value, object: &mut Value) {
        let trustee: usize = object["trustee"].as_u64().unwrap().try_into().unwrap();
        let digest = factors_digest(record, object);
        object["signature"] = pair(sign(&self.identities[trustee - 1], "factors", &digest));
    }

    /// The transcript of a decryption proof, up to the factors.
    pub fn decryption(&self, record: &Value, trustee: u64) -> merlin::Transcript {
        let tally = &record["tally"];
        let sums = [unhex(tally["nonce"].as_str().unwrap()), hexes(&tally["sums"]).concat()].concat();
        let keys: Vec<u8> = self.shares(trustee).iter().flat_map(|x| encode(&base(x))).collect();
        let mut transcript = merlin::Transcript::new(b"urne/2 decryption");
        transcript.append_message(b"contest", &fingerprint(record));
        transcript.append_message(b"closing", &closing_digest(record));
        transcript.append_u64(b"count", tally["count"].as_u64().unwrap());
        transcript.append_message(b"sums", &sums);
        transcript.append_u64(b"trustee", trustee);
        transcript.append_message(b"keys", &keys);
        transcript
    }

    /// The result that the sums hold, read with the known secrets. The lists of a slot with no small total
    /// get 0.
    pub fn count(&self, record: &mut Value) {
        let count = record["tally"]["count"].as_u64().unwrap();
        let radix = record["contest"]["capacity"].as_u64().unwrap() + 1;
        let mut votes = Vec::new();
        for total in self.totals(record) {
            let lists = self.packing.min(self.lists - votes.len());
            votes.extend(digits(&total, count, radix, lists).unwrap_or_else(|| vec![0; lists]));
        }
        let blank = count.saturating_sub(votes.iter().sum());
        record["result"] = json!({ "votes": votes, "blank": blank });
    }

    /// `M_s` of the sums.
    fn totals(&self, record: &Value) -> Vec<RistrettoPoint> {
        let nonce = nonce(record);
        let sums = hexes(&record["tally"]["sums"]);
        sums.iter().zip(self.logarithms()).map(|(sum, h)| decode(sum) - nonce * h).collect()
    }

    /// The plaintexts of a ballot as points, `m_j·G`, opened with the logarithms of all `H_j`.
    pub fn plaintexts(&self, ballot: &Parts) -> Vec<RistrettoPoint> {
        ballot.slots.iter().zip(self.logarithms()).map(|(C, h)| C - ballot.nonce * h).collect()
    }
}

/// The digits, each at most `count`, of a total to this base.
fn digits(total: &RistrettoPoint, count: u64, radix: u64, digits: usize) -> Option<Vec<u64>> {
    // Every value of the lower digits in a table, and a search through those of the upper ones.
    let lower = digits.div_ceil(2);
    let table: HashMap<Bytes, Vec<u64>> =
        all(count, lower).map(|values| (encode(&base(&value(radix, &values))), values)).collect();
    let shift = powers(Scalar::from(radix)).nth(lower).unwrap();
    all(count, digits - lower).find_map(|upper| {
        let rest = total - base(&(shift * value(radix, &upper)));
        table.get(&encode(&rest)).map(|found| [found.clone(), upper].concat())
    })
}

/// All tuples of numbers up to `most`.
fn all(most: u64, length: usize) -> impl Iterator<Item = Vec<u64>> {
    let tuples = (most + 1).pow(length.try_into().unwrap());
    (0..tuples).map(move |tuple| {
        let digit = |at: usize| tuple / (most + 1).pow(at.try_into().unwrap()) % (most + 1);
        (0..length).map(digit).collect()
    })
}

fn value(radix: u64, digits: &[u64]) -> Scalar {
    powers(Scalar::from(radix)).zip(digits).map(|(power, digit)| power * Scalar::from(*digit)).sum()
}

fn nonce(record: &Value) -> RistrettoPoint {
    decode(&unhex(record["tally"]["nonce"].as_str().unwrap()))
}

/// What a trustee signs of its factors.
pub fn factors_digest(record: &Value, object: &Value) -> Bytes {
    let mut fields = vec![closing_digest(record).to_vec()];
    fields.extend(hexes(&object["factors"]));
    fields.extend(["challenge", "response"].map(|name| unhex(object["proof"][name].as_str().unwrap())));
    hash("urne/2 factors", &fields)
}

/// The record as the box publishes it before complaints.
pub fn closed_form(record: &Value) -> Value {
    let mut closed = record.clone();
    closed["protocol"] = json!("urne/2 closed");
    let closing = closed["closing"].as_object_mut().unwrap();
    closing.remove("issuer_signature");
    closing.remove("endorsements");
    let object = closed.as_object_mut().unwrap();
    object.remove("factors");
    object.remove("result");
    closed
}

/// Choices of small integers, which may be negative.
pub fn votes(b: &[i64]) -> Vec<Scalar> {
    let scalar = |b: &i64| {
        let absolute = Scalar::from(b.unsigned_abs());
        if *b < 0 { -absolute } else { absolute }
    };
    b.iter().map(scalar).collect()
}

pub fn public(secret: &Scalar) -> String {
    hex(&encode(&base(secret)))
}

/// An Ed25519 signature as it stands in a record.
pub fn signed_by(key: &SigningKey, digest: &[u8]) -> Value {
    json!(hex(&key.sign(digest).to_bytes()))
}

/// A trustee's signature as it stands in a record.
pub fn signature(trustee: u64, signature: (Scalar, Scalar)) -> Value {
    let mut object = pair(signature);
    object["trustee"] = json!(trustee);
    object
}

/// Challenge and response.
pub fn pair((c, z): (Scalar, Scalar)) -> Value {
    json!({ "challenge": hex(&c.to_bytes()), "response": hex(&z.to_bytes()) })
}

/// The scalar that stands in a record as hex.
pub fn scalar_of(value: &Value) -> Scalar {
    scalar(&unhex(value.as_str().unwrap()))
}

/// The entries of a list in a record.
pub fn entries<'a>(record: &'a Value, pointer: &str) -> &'a Vec<Value> {
    array(record.pointer(pointer).unwrap())
}
