//! The rules of a contest, and what is computed from one that keeps them.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use super::super::parts::Setting;
use super::super::text::{Bytes, encode, hash, length, number, powers, read_point};
use super::{ed25519, form};

/// A contest that keeps the rules.
pub struct Contest {
    pub setting: Setting,
    pub panels: Vec<Panel>,
    pub end: u64,
}

pub struct Panel {
    pub threshold: usize,
    pub quorum: usize,
    /// The number of its first trustee.
    pub first: u64,
    pub identities: Vec<RistrettoPoint>,
    /// `Φ_p[s][k]`, a row a slot.
    pub key: Vec<Vec<RistrettoPoint>>,
}

impl Panel {
    /// Whether the trustee with this number is of this panel.
    pub fn has(&self, trustee: u64) -> bool {
        (self.first..self.first + self.identities.len() as u64).contains(&trustee)
    }
}

fn require(holds: bool, flaw: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(flaw.into()) }
}

/// A point of the contest, which is never the identity.
fn point(what: &str, bytes: &Bytes) -> Result<RistrettoPoint, String> {
    let point = read_point(bytes).filter(|point| *point != RistrettoPoint::identity());
    point.ok_or_else(|| format!("{what} has something that is no point, or the identity"))
}

impl Contest {
    pub fn check(contest: &form::Contest) -> Result<Self, String> {
        texts(contest)?;
        numbers(contest)?;
        let slots = contest.slots()?;
        let mut first = 1;
        let mut panels = Vec::new();
        for panel in &contest.panels {
            let panel = check_panel(panel, slots, first)?;
            first += panel.identities.len() as u64;
            panels.push(panel);
        }
        require(!panels.is_empty(), "no panel")?;
        require(first <= 256, "more than 255 trustees")?;
        require(
            panels.iter().any(|panel| 2 * panel.quorum > panel.identities.len()),
            "no panel has a quorum of more than half of its trustees",
        )?;
        let identities: Vec<_> = contest.panels.iter().flat_map(|panel| &panel.trustees).collect();
        require(distinct(&identities), "an identity key twice")?;
        require(ed25519::is_key(&contest.box_key), "box_key is no key")?;
        require(ed25519::is_key(&contest.issuer_key), "issuer_key is no key")?;
        let keys: Vec<RistrettoPoint> =
            (0..slots).map(|s| panels.iter().map(|panel| panel.key[s][0]).sum()).collect();
        require(!keys.contains(&RistrettoPoint::identity()), "the identity for an encryption key")?;
        require(distinct(&keys.iter().map(encode).collect::<Vec<_>>()), "an encryption key twice")?;
        let setting = Setting {
            fingerprint: fingerprint(contest),
            keys,
            lists: contest.lists.len(),
            packing: usize::try_from(contest.packing).unwrap(),
            radix: Scalar::from(contest.capacity + 1),
        };
        Ok(Contest { setting, panels, end: contest.closes_at + contest.grace })
    }

    /// The identity key of the trustee with this number.
    pub fn identity(&self, trustee: u64) -> Option<&RistrettoPoint> {
        let panel = self.panel(trustee)?;
        panel.identities.get(usize::try_from(trustee - panel.first).ok()?)
    }

    pub fn panel(&self, trustee: u64) -> Option<&Panel> {
        self.panels.iter().find(|panel| panel.has(trustee))
    }

    /// `V_{j,1} … V_{j,J}`
    pub fn verification_keys(&self, trustee: u64) -> Vec<RistrettoPoint> {
        let panel = self.panel(trustee).unwrap();
        let at = |row: &Vec<RistrettoPoint>| {
            powers(Scalar::from(trustee)).zip(row).map(|(power, point)| point * power).sum()
        };
        panel.key.iter().map(at).collect()
    }

    pub fn trustees(&self) -> usize {
        self.panels.iter().map(|panel| panel.identities.len()).sum()
    }
}

fn texts(contest: &form::Contest) -> Result<(), String> {
    let others = [&contest.election, &contest.title, &contest.documents];
    let short = others.into_iter().chain(&contest.lists).all(|text| text.len() <= 1_024);
    require(short, "a text of more than 1,024 bytes")?;
    require((1..=255).contains(&contest.lists.len()), "not 1 to 255 lists")?;
    require(contest.lists.iter().all(|list| !list.is_empty()), "a list without a name")?;
    require(distinct(&contest.lists), "a list twice")
}

fn numbers(contest: &form::Contest) -> Result<(), String> {
    require(contest.opens_at < contest.closes_at, "it closes before it opens")?;
    require(contest.grace <= 86_400, "more than a day of grace")?;
    require(contest.closes_at + contest.grace < 1 << 53, "the end is too far off")?;
    require((1..1 << 48).contains(&contest.capacity), "capacity is not between 1 and 2^48")?;
    contest.slots()?;
    let mut largest: u128 = 1;
    for _ in 0..contest.packing {
        largest *= u128::from(contest.capacity) + 1;
        require(largest <= 1 << 48, "a slot holds more than 2^48")?;
    }
    Ok(())
}

fn check_panel(panel: &form::Panel, slots: usize, first: u64) -> Result<Panel, String> {
    let trustees = panel.trustees.len();
    let (threshold, quorum) =
        (usize::try_from(panel.threshold).unwrap(), usize::try_from(panel.quorum).unwrap());
    require((1..=trustees).contains(&threshold), "a threshold outside its panel")?;
    require((threshold..=trustees).contains(&quorum), "a quorum outside its panel")?;
    require(panel.key.len() == slots, "not a key of one row a slot")?;
    require(panel.key.iter().all(|row| row.len() == threshold), "not a key of one point a trustee needed")?;
    let points = |what, bytes: &[Bytes]| bytes.iter().map(|bytes| point(what, bytes)).collect();
    let key: Result<_, _> = panel.key.iter().map(|row| points("the key", row)).collect();
    Ok(Panel { threshold, quorum, first, identities: points("trustees", &panel.trustees)?, key: key? })
}

fn distinct<T: Ord>(items: &[T]) -> bool {
    let set: std::collections::BTreeSet<_> = items.iter().collect();
    set.len() == items.len()
}

fn fingerprint(contest: &form::Contest) -> Bytes {
    let text = |text: &String| text.as_bytes().to_vec();
    let mut fields = vec![
        text(&contest.election),
        number(contest.number),
        text(&contest.title),
        text(&contest.documents),
        length(contest.lists.len()),
    ];
    fields.extend(contest.lists.iter().map(text));
    fields.push(number(contest.opens_at));
    fields.push(number(contest.closes_at));
    fields.push(number(contest.grace));
    fields.push(number(contest.capacity));
    fields.push(number(contest.packing));
    fields.push(length(contest.panels.len()));
    for panel in &contest.panels {
        fields.push(length(panel.trustees.len()));
        fields.push(number(panel.threshold));
        fields.push(number(panel.quorum));
        fields.extend(panel.trustees.iter().map(|key| key.to_vec()));
        fields.extend(panel.key.iter().flatten().map(|point| point.to_vec()));
    }
    fields.push(contest.box_key.to_vec());
    fields.push(contest.issuer_key.to_vec());
    hash("urne/2 contest", &fields)
}
