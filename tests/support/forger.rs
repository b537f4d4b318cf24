//! A contest of which every secret is known, and whole records of it.
//!
//! A record is a JSON value. Each method of [`Forger`] reads what it needs from the record as it stands,
//! however false, and writes one part of it: so a test changes one thing and has everything that hangs on
//! it made anew, or not.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::prover::{Parts, Schedule, Setting, Witness, prove};
use super::text::{
    Bytes, base, challenge, decode, draw, encode, hash, hex, merkle_root, number, powers, scalar, sign, unhex,
};

pub const OPENS_AT: u64 = 1_780_000_000;
pub const CLOSES_AT: u64 = 1_780_086_400;

/// Every secret of a contest.
#[derive(Clone)]
pub struct Forger {
    /// `e_1 … e_n`.
    pub identities: Vec<Scalar>,
    /// For each list the `t` coefficients of its polynomial; the first is `h_s`, the logarithm of `H_s`.
    pub polynomials: Vec<Vec<Scalar>>,
    pub box_key: SigningKey,
    /// Credential secrets, in the order of the roll.
    pub voters: Vec<Scalar>,
}

impl Forger {
    pub fn new(required: usize, trustees: usize, lists: usize, voters: usize) -> Self {
        let secret = |what: &str, number: usize| draw(&[what.as_bytes(), &number.to_le_bytes()]);
        let mut voters: Vec<_> = (0..voters).map(|voter| secret("voter", voter)).collect();
        voters.sort_by_key(|s| encode(&base(s)));
        Forger {
            identities: (0..trustees).map(|j| secret("identity", j)).collect(),
            polynomials: (0..lists)
                .map(|s| (0..required).map(|k| secret("coefficient", s * 256 + k)).collect())
                .collect(),
            box_key: SigningKey::from_bytes(&[9; 32]),
            voters,
        }
    }

    /// `x_{j,s}`, of the trustee with this number and the list counted from 0.
    pub fn share(&self, trustee: u64, list: usize) -> Scalar {
        powers(Scalar::from(trustee)).zip(&self.polynomials[list]).map(|(power, c)| power * c).sum()
    }

    /// A whole record: these plaintexts are cast by the first voters of the roll, of whom the third has had
    /// the code reissued.
    pub fn record(&self, votes: &[Vec<Scalar>]) -> Value {
        let mut record = json!({ "protocol": "urne/1", "contest": self.contest() });
        self.approve(&mut record);
        self.open_roll(&mut record, OPENS_AT - 60);
        self.reissue(&mut record, 2);
        record["ballots"] = json!([]);
        for (voter, m) in votes.iter().enumerate() {
            let ballot = self.ballot(&record, &self.credential(voter), m);
            record["ballots"].as_array_mut().unwrap().push(json!(hex(&ballot)));
        }
        self.finish(&mut record);
        record
    }

    /// The credential secret that a voter holds at the end.
    pub fn credential(&self, voter: usize) -> Scalar {
        if voter == 2 { self.reissued() } else { self.voters[voter] }
    }

    /// The credential that the third voter gets for the revoked one.
    pub fn reissued(&self) -> Scalar {
        draw(&[b"reissued", &self.voters[2].to_bytes()])
    }

    pub fn contest(&self) -> Value {
        let (n, t) = (self.identities.len(), self.polynomials[0].len());
        json!({
            "election": "Falsified election", "number": 584, "title": "Committee", "documents": "",
            "lists": (1..=self.polynomials.len()).map(|list| format!("List {list}")).collect::<Vec<_>>(),
            "opens_at": OPENS_AT, "closes_at": CLOSES_AT,
            "trustees": self.identities.iter().map(public).collect::<Vec<_>>(),
            "threshold": t, "quorum": n.min((n + t - 1) / 2 + 1),
            "key": self.polynomials.iter().map(|row| row.iter().map(public).collect::<Vec<_>>())
                .collect::<Vec<_>>(),
            "box_key": hex(self.box_key.verifying_key().as_bytes()),
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

    pub fn sign_opening(&self, record: &mut Value) {
        let digest = opening_digest(record);
        record["opening"]["signature"] = json!(hex(&self.box_key.sign(&digest).to_bytes()));
    }

    fn reissue(&self, record: &mut Value, voter: usize) {
        record["roll"][voter]["revoked"] = json!(true);
        let entry = json!({ "credential": public(&self.reissued()), "revoked": false });
        record["roll"].as_array_mut().unwrap().push(entry);
    }

    /// A ballot by a prover who follows every step, whatever the plaintexts.
    pub fn ballot(&self, record: &Value, credential: &Scalar, m: &[Scalar]) -> Vec<u8> {
        let witness = Witness::new(*credential, m);
        prove(&setting(record), &Schedule::strict(), &witness).to_bytes()
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

    /// The box closes over the ballots as they stand.
    pub fn close(&self, record: &mut Value) {
        let references = references(record);
        let at = record["contest"]["closes_at"].clone();
        let (size, root) = (references.len(), hex(&merkle_root(&references)));
        record["closing"] = json!({ "size": size, "root": root, "signings": size, "at": at });
        self.sign_closing(record);
    }

    /// The box signs what the closing says.
    pub fn sign_closing(&self, record: &mut Value) {
        let digest = closing_digest(record);
        record["closing"]["signature"] = json!(hex(&self.box_key.sign(&digest).to_bytes()));
    }

    /// All trustees endorse the closing.
    pub fn endorse(&self, record: &mut Value) {
        record["closing"]["endorsements"] = self.signatures("endorsement", &closing_digest(record));
    }

    pub fn add_up(&self, record: &mut Value) {
        let ballots = parts(record);
        let sum = |of: &dyn Fn(&Parts) -> RistrettoPoint| hex(&encode(&ballots.iter().map(of).sum()));
        let sums: Vec<_> =
            (0..self.polynomials.len()).map(|list| sum(&|ballot| ballot.choices[list])).collect();
        record["tally"] =
            json!({ "count": ballots.len(), "nonce": sum(&|ballot| ballot.nonce), "sums": sums });
    }

    /// The factors of all trustees, none for an empty box.
    pub fn decrypt(&self, record: &mut Value) {
        let trustees = if record["tally"]["count"] == json!(0) { 0 } else { self.identities.len() as u64 };
        record["factors"] = (1..=trustees).map(|j| self.factors(record, j, &self.shares(j))).collect();
    }

    pub fn shares(&self, trustee: u64) -> Vec<Scalar> {
        (0..self.polynomials.len()).map(|list| self.share(trustee, list)).collect()
    }

    /// The factors that these shares give, and their proof. With the trustee's own shares they are good.
    pub fn factors(&self, record: &Value, trustee: u64, shares: &[Scalar]) -> Value {
        let tally = &record["tally"];
        let nonce = decode(&unhex(tally["nonce"].as_str().unwrap()));
        let factors: Vec<_> = shares.iter().map(|x| nonce * x).collect();
        self.prove_factors(record, trustee, shares, &factors, true)
    }

    /// A proof by these shares for any factors; `hashed` says whether the challenge depends on them, as it
    /// must.
    pub fn prove_factors(
        &self,
        record: &Value,
        trustee: u64,
        shares: &[Scalar],
        factors: &[RistrettoPoint],
        hashed: bool,
    ) -> Value {
        let nonce = decode(&unhex(record["tally"]["nonce"].as_str().unwrap()));
        let encoded: Vec<u8> = factors.iter().flat_map(encode).collect();
        let mut transcript = self.decryption(record, trustee);
        if hashed {
            transcript.append_message(b"factors", &encoded);
        }
        let w = challenge(&mut transcript, b"w");
        let tau = draw(&[b"decryption", &trustee.to_le_bytes(), &encoded]);
        transcript.append_message(b"T1", &encode(&base(&tau)));
        transcript.append_message(b"T2", &encode(&(nonce * tau)));
        let c = challenge(&mut transcript, b"c");
        let z = tau + c * powers(w).zip(shares).map(|(w_s, x)| w_s * x).sum::<Scalar>();
        let mut object = signature(trustee, (c, z));
        object["factors"] = factors.iter().map(|factor| hex(&encode(factor))).collect();
        object
    }

    /// The transcript of a decryption proof, up to the factors.
    pub fn decryption(&self, record: &Value, trustee: u64) -> merlin::Transcript {
        let tally = &record["tally"];
        let sums = [&tally["nonce"]].into_iter().chain(tally["sums"].as_array().unwrap());
        let sums: Vec<u8> = sums.flat_map(|sum| unhex(sum.as_str().unwrap())).collect();
        let keys: Vec<u8> = self.shares(trustee).iter().flat_map(|x| encode(&base(x))).collect();
        let mut transcript = merlin::Transcript::new(b"urne/1 decryption");
        transcript.append_message(b"contest", &fingerprint(record));
        transcript.append_message(b"closing", &closing_digest(record));
        transcript.append_u64(b"count", tally["count"].as_u64().unwrap());
        transcript.append_message(b"sums", &sums);
        transcript.append_u64(b"trustee", trustee);
        transcript.append_message(b"keys", &keys);
        transcript
    }

    /// The result that the sums hold, read with the known secrets. A list with no small total gets 0.
    pub fn count(&self, record: &mut Value) {
        let count = record["tally"]["count"].as_u64().unwrap();
        let votes: Vec<u64> =
            self.totals(record).iter().map(|total| small(total, count).unwrap_or(0)).collect();
        let blank = count.saturating_sub(votes.iter().sum());
        record["result"] = json!({ "votes": votes, "blank": blank });
    }

    /// `M_s` of the sums.
    fn totals(&self, record: &Value) -> Vec<RistrettoPoint> {
        let nonce = decode(&unhex(record["tally"]["nonce"].as_str().unwrap()));
        let sums = hexes(&record["tally"]["sums"]);
        sums.iter().zip(&self.polynomials).map(|(sum, h)| decode(sum) - nonce * h[0]).collect()
    }

    /// The plaintexts of a ballot as points, `m_i·G`, opened with the logarithms of all `H_s`.
    pub fn plaintexts(&self, ballot: &Parts) -> Vec<RistrettoPoint> {
        ballot.choices.iter().zip(&self.polynomials).map(|(C, h)| C - ballot.nonce * h[0]).collect()
    }
}

fn small(point: &RistrettoPoint, most: u64) -> Option<u64> {
    (0..=most).find(|votes| base(&Scalar::from(*votes)) == *point)
}

/// Plaintexts of small integers, which may be negative.
pub fn votes(m: &[i64]) -> Vec<Scalar> {
    let scalar = |m: &i64| {
        let absolute = Scalar::from(m.unsigned_abs());
        if *m < 0 { -absolute } else { absolute }
    };
    m.iter().map(scalar).collect()
}

pub fn public(secret: &Scalar) -> String {
    hex(&encode(&base(secret)))
}

pub fn signature(trustee: u64, (c, z): (Scalar, Scalar)) -> Value {
    json!({ "trustee": trustee, "challenge": hex(&c.to_bytes()), "response": hex(&z.to_bytes()) })
}

fn hexes(value: &Value) -> Vec<Vec<u8>> {
    value.as_array().unwrap().iter().map(|text| unhex(text.as_str().unwrap())).collect()
}

pub fn ballots(record: &Value) -> Vec<Vec<u8>> {
    hexes(&record["ballots"])
}

/// All ballots, which must decode.
pub fn parts(record: &Value) -> Vec<Parts> {
    ballots(record).iter().map(|bytes| Parts::from_bytes(bytes)).collect()
}

pub fn setting(record: &Value) -> Setting {
    let slots = record["contest"]["key"].as_array().unwrap();
    let keys = slots.iter().map(|slot| decode(&unhex(slot[0].as_str().unwrap()))).collect();
    Setting { fingerprint: fingerprint(record), keys }
}

pub fn fingerprint(record: &Value) -> Bytes {
    let contest = &record["contest"];
    let text = |name: &str| contest[name].as_str().unwrap().as_bytes().to_vec();
    let int = |name: &str| number(contest[name].as_u64().unwrap());
    let lists = contest["lists"].as_array().unwrap();
    let trustees = hexes(&contest["trustees"]);
    let length = |length: usize| number(u64::try_from(length).unwrap());
    let mut fields =
        vec![text("election"), int("number"), text("title"), text("documents"), length(lists.len())];
    fields.extend(lists.iter().map(|list| list.as_str().unwrap().as_bytes().to_vec()));
    fields.extend([
        int("opens_at"),
        int("closes_at"),
        length(trustees.len()),
        int("threshold"),
        int("quorum"),
    ]);
    fields.extend(trustees);
    fields.extend(contest["key"].as_array().unwrap().iter().flat_map(hexes));
    fields.push(unhex(contest["box_key"].as_str().unwrap()));
    hash("urne/1 contest", &fields)
}

pub fn opening_digest(record: &Value) -> Bytes {
    let opening = &record["opening"];
    let voters = opening["voters"].as_u64().unwrap();
    let mut fields = vec![fingerprint(record).to_vec(), number(voters)];
    let entries = record["roll"].as_array().unwrap().iter();
    fields.extend(
        entries.take(voters.try_into().unwrap()).map(|entry| unhex(entry["credential"].as_str().unwrap())),
    );
    fields.push(number(opening["at"].as_u64().unwrap()));
    hash("urne/1 opening", &fields)
}

pub fn references(record: &Value) -> Vec<Bytes> {
    let fingerprint = fingerprint(record).to_vec();
    ballots(record)
        .into_iter()
        .map(|ballot| hash("urne/1 reference", &[fingerprint.clone(), ballot]))
        .collect()
}

pub fn closing_digest(record: &Value) -> Bytes {
    let roll = record["roll"].as_array().unwrap();
    let mut fields = vec![number(u64::try_from(roll.len()).unwrap())];
    for entry in roll {
        let revoked = u8::from(entry["revoked"].as_bool().unwrap());
        fields.extend([unhex(entry["credential"].as_str().unwrap()), vec![revoked]]);
    }
    let closing = &record["closing"];
    let int = |name: &str| number(closing[name].as_u64().unwrap());
    let fields = [
        fingerprint(record).to_vec(),
        int("size"),
        unhex(closing["root"].as_str().unwrap()),
        int("signings"),
        hash("urne/1 roll", &fields).to_vec(),
        int("at"),
    ];
    hash("urne/1 closing", &fields)
}

/// The scalar that stands in a record as hex.
pub fn scalar_of(value: &Value) -> Scalar {
    scalar(&unhex(value.as_str().unwrap()))
}
