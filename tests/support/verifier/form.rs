//! The form of a record: names, types, lengths. Nothing in it is believed yet.

use super::super::text::Bytes;
use super::json::{self, Json};

pub struct Record {
    pub contest: Contest,
    pub approvals: Vec<Signature>,
    pub opening: Opening,
    pub roll: Vec<Entry>,
    pub ballots: Vec<Vec<u8>>,
    pub closing: Closing,
    pub tally: Tally,
    /// What only an election record has.
    pub opened: Option<Opened>,
}

pub struct Contest {
    pub election: String,
    pub number: u64,
    pub title: String,
    pub documents: String,
    pub lists: Vec<String>,
    pub opens_at: u64,
    pub closes_at: u64,
    pub grace: u64,
    pub capacity: u64,
    pub packing: u64,
    pub panels: Vec<Panel>,
    pub box_key: Bytes,
    pub issuer_key: Bytes,
}

pub struct Panel {
    pub threshold: u64,
    pub quorum: u64,
    pub trustees: Vec<Bytes>,
    pub key: Vec<Vec<Bytes>>,
}

/// Of the trustee with this number.
pub struct Signature {
    pub trustee: u64,
    pub pair: Pair,
}

/// Challenge and response, as bytes.
pub struct Pair {
    pub c: Bytes,
    pub z: Bytes,
}

pub struct Opening {
    pub voters: u64,
    pub at: u64,
    pub box_signature: [u8; 64],
    pub issuer_signature: [u8; 64],
}

pub struct Entry {
    pub credential: Bytes,
    pub revoked: bool,
}

pub struct Closing {
    pub size: u64,
    pub root: Bytes,
    pub signings_digest: Bytes,
    pub at: u64,
    pub box_signature: [u8; 64],
}

pub struct Tally {
    pub count: u64,
    pub nonce: Bytes,
    pub sums: Vec<Bytes>,
}

pub struct Opened {
    pub issuer_signature: [u8; 64],
    pub endorsements: Vec<Signature>,
    pub factors: Vec<Factors>,
    pub votes: Vec<u64>,
    pub blank: u64,
}

pub struct Factors {
    pub trustee: u64,
    pub factors: Vec<Bytes>,
    pub proof: Pair,
    pub signature: Pair,
}

type Form<T> = Result<T, String>;

impl Record {
    pub fn read(bytes: &[u8], closed: bool) -> Form<Self> {
        let common = ["protocol", "contest", "approvals", "opening", "roll", "ballots", "closing", "tally"];
        let json = json::read(bytes)?;
        let [factors, result] = [String::from("factors"), String::from("result")];
        let (json, rest) = if closed {
            (json, None)
        } else {
            // The two that a closed record lacks are taken out, and the rest is read alike.
            let Json::Object(mut names) = json else { return Err("the record is no object".into()) };
            let taken = [factors, result].map(|name| names.remove(&name).ok_or(format!("no {name}")));
            let [factors, result] = taken;
            (Json::Object(names), Some((factors?, result?)))
        };
        let [protocol, contest, approvals, opening, roll, ballots, closing, tally] =
            object("the record", json, common)?;
        let expected = if closed { "urne/2 closed" } else { "urne/2" };
        if text("protocol", protocol)? != expected {
            return Err(format!("the protocol is not {expected}"));
        }
        let contest = Contest::read(contest)?;
        let slots = contest.slots()?;
        let (closing, sealed) = read_closing(closing, closed)?;
        let opened = match (rest, sealed) {
            (Some((factors, result)), Some((issuer_signature, endorsements))) => {
                let [votes, blank] = object("result", result, ["votes", "blank"])?;
                let votes = list("votes", votes, |vote| integer("votes", vote))?;
                fixed("votes", &votes, contest.lists.len())?;
                Some(Opened {
                    issuer_signature,
                    endorsements,
                    factors: list("factors", factors, |json| Factors::read(json, slots))?,
                    votes,
                    blank: integer("blank", blank)?,
                })
            }
            _ => None,
        };
        Ok(Record {
            approvals: list("approvals", approvals, Signature::read)?,
            opening: Opening::read(opening)?,
            roll: list("roll", roll, Entry::read)?,
            ballots: list("ballots", ballots, |json| any_hex("ballots", json))?,
            closing,
            tally: Tally::read(tally, slots)?,
            contest,
            opened,
        })
    }
}

impl Contest {
    fn read(json: Json) -> Form<Self> {
        let names = [
            "election",
            "number",
            "title",
            "documents",
            "lists",
            "opens_at",
            "closes_at",
            "grace",
            "capacity",
            "packing",
            "panels",
            "box_key",
            "issuer_key",
        ];
        let [
            election,
            number,
            title,
            documents,
            lists,
            opens_at,
            closes_at,
            grace,
            capacity,
            packing,
            panels,
            box_key,
            issuer_key,
        ] = object("contest", json, names)?;
        Ok(Contest {
            election: text("election", election)?,
            number: integer("number", number)?,
            title: text("title", title)?,
            documents: text("documents", documents)?,
            lists: list("lists", lists, |json| text("lists", json))?,
            opens_at: integer("opens_at", opens_at)?,
            closes_at: integer("closes_at", closes_at)?,
            grace: integer("grace", grace)?,
            capacity: integer("capacity", capacity)?,
            packing: integer("packing", packing)?,
            panels: list("panels", panels, Panel::read)?,
            box_key: hex("box_key", box_key)?,
            issuer_key: hex("issuer_key", issuer_key)?,
        })
    }

    /// `J = ⌈L/κ⌉`
    pub fn slots(&self) -> Form<usize> {
        let packing = usize::try_from(self.packing).unwrap();
        if packing == 0 || packing > self.lists.len() {
            return Err(format!("{packing} lists a slot of {} lists", self.lists.len()));
        }
        Ok(self.lists.len().div_ceil(packing))
    }
}

impl Panel {
    fn read(json: Json) -> Form<Self> {
        let [threshold, quorum, trustees, key] =
            object("panel", json, ["threshold", "quorum", "trustees", "key"])?;
        Ok(Panel {
            threshold: integer("threshold", threshold)?,
            quorum: integer("quorum", quorum)?,
            trustees: list("trustees", trustees, |json| hex("trustees", json))?,
            key: list("key", key, |slot| list("key", slot, |point| hex("key", point)))?,
        })
    }
}

impl Signature {
    fn read(json: Json) -> Form<Self> {
        let [trustee, c, z] = object("signature", json, ["trustee", "challenge", "response"])?;
        let pair = Pair { c: hex("challenge", c)?, z: hex("response", z)? };
        Ok(Signature { trustee: integer("trustee", trustee)?, pair })
    }
}

impl Pair {
    fn read(json: Json) -> Form<Self> {
        let [c, z] = object("proof or signature", json, ["challenge", "response"])?;
        Ok(Pair { c: hex("challenge", c)?, z: hex("response", z)? })
    }
}

impl Opening {
    fn read(json: Json) -> Form<Self> {
        let [voters, at, box_signature, issuer_signature] =
            object("opening", json, ["voters", "at", "box_signature", "issuer_signature"])?;
        Ok(Opening {
            voters: integer("voters", voters)?,
            at: integer("at", at)?,
            box_signature: hex("box_signature", box_signature)?,
            issuer_signature: hex("issuer_signature", issuer_signature)?,
        })
    }
}

impl Entry {
    fn read(json: Json) -> Form<Self> {
        let [credential, revoked] = object("roll", json, ["credential", "revoked"])?;
        let Json::Boolean(revoked) = revoked else { return Err("revoked is neither true nor false".into()) };
        Ok(Entry { credential: hex("credential", credential)?, revoked })
    }
}

type Sealed = ([u8; 64], Vec<Signature>);

/// The closing, with what the issuer and the trustees put to it.
fn read_closing(json: Json, closed: bool) -> Form<(Closing, Option<Sealed>)> {
    let common = ["size", "root", "signings_digest", "at", "box_signature"];
    let [size, root, signings_digest, at, box_signature, sealed @ ..] = if closed {
        let [a, b, c, d, e] = object("closing", json, common)?;
        [Some(a), Some(b), Some(c), Some(d), Some(e), None, None]
    } else {
        let [a, b, c, d, e] = common;
        object("closing", json, [a, b, c, d, e, "issuer_signature", "endorsements"])?.map(Some)
    };
    let present = |json: Option<Json>| json.ok_or(String::from("closing"));
    let sealed = match sealed {
        [Some(issuer), Some(endorsements)] => {
            Some((hex("issuer_signature", issuer)?, list("endorsements", endorsements, Signature::read)?))
        }
        _ => None,
    };
    let closing = Closing {
        size: integer("size", present(size)?)?,
        root: hex("root", present(root)?)?,
        signings_digest: hex("signings_digest", present(signings_digest)?)?,
        at: integer("at", present(at)?)?,
        box_signature: hex("box_signature", present(box_signature)?)?,
    };
    Ok((closing, sealed))
}

impl Tally {
    fn read(json: Json, slots: usize) -> Form<Self> {
        let [count, nonce, sums] = object("tally", json, ["count", "nonce", "sums"])?;
        let sums = list("sums", sums, |json| hex("sums", json))?;
        fixed("sums", &sums, slots)?;
        Ok(Tally { count: integer("count", count)?, nonce: hex("nonce", nonce)?, sums })
    }
}

impl Factors {
    fn read(json: Json, slots: usize) -> Form<Self> {
        let [trustee, factors, proof, signature] =
            object("factors", json, ["trustee", "factors", "proof", "signature"])?;
        let factors = list("factors", factors, |json| hex("factors", json))?;
        fixed("factors", &factors, slots)?;
        Ok(Factors {
            trustee: integer("trustee", trustee)?,
            factors,
            proof: Pair::read(proof)?,
            signature: Pair::read(signature)?,
        })
    }
}

/// The values of an object in the order of these names, and no others.
fn object<const N: usize>(what: &str, json: Json, names: [&str; N]) -> Form<[Json; N]> {
    let Json::Object(mut object) = json else { return Err(format!("{what} is no object")) };
    if let Some(unknown) = object.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("{what} has an unknown {unknown:?}"));
    }
    let values = names.map(|name| object.remove(name));
    if let Some(missing) = values.iter().position(Option::is_none) {
        return Err(format!("{what} has no {}", names[missing]));
    }
    Ok(values.map(Option::unwrap))
}

fn list<T>(what: &str, json: Json, item: impl Fn(Json) -> Form<T>) -> Form<Vec<T>> {
    let Json::List(list) = json else { return Err(format!("{what} is no list")) };
    list.into_iter().map(item).collect()
}

fn fixed<T>(what: &str, list: &[T], length: usize) -> Form<()> {
    if list.len() == length {
        return Ok(());
    }
    Err(format!("{} {what} where {length} are due", list.len()))
}

fn text(what: &str, json: Json) -> Form<String> {
    let Json::Text(text) = json else { return Err(format!("{what} is no text")) };
    Ok(text)
}

fn integer(what: &str, json: Json) -> Form<u64> {
    let Json::Number(digits) = json else { return Err(format!("{what} is no number")) };
    let plain =
        digits.bytes().all(|digit| digit.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    match digits.parse::<u64>() {
        Ok(integer) if plain && integer < 1 << 53 => Ok(integer),
        _ => Err(format!("{what} is no integer below 2^53")),
    }
}

fn any_hex(what: &str, json: Json) -> Form<Vec<u8>> {
    let text = text(what, json)?;
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    let bytes: Option<_> = text.as_bytes().chunks(2).map(byte).collect();
    bytes.ok_or_else(|| format!("{what} is not lower-case hex"))
}

fn hex<const N: usize>(what: &str, json: Json) -> Form<[u8; N]> {
    let bytes = any_hex(what, json)?;
    bytes.try_into().map_err(|bytes: Vec<u8>| format!("{what} has {} bytes, not {N}", bytes.len()))
}
