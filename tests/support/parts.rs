//! A contest's public side of a ballot, and a ballot as its parts.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use super::text::{Bytes, decode, encode, generator, powers, read_point, read_scalar, scalar};

/// What is public of a contest and goes into a ballot.
#[derive(Clone)]
pub struct Setting {
    pub fingerprint: Bytes,
    /// `H_1 … H_J`.
    pub keys: Vec<RistrettoPoint>,
    /// `L`.
    pub lists: usize,
    /// `κ`.
    pub packing: usize,
    /// `M`.
    pub radix: Scalar,
}

impl Setting {
    /// `M^((i−1) mod κ)` for `i = 1…L`.
    pub fn weights(&self) -> Vec<Scalar> {
        let slot: Vec<_> = powers(self.radix).take(self.packing).collect();
        slot.iter().cycle().take(self.lists).copied().collect()
    }

    /// What each slot holds of one value a list: `Σ_{i in slot j} M^((i−1) mod κ)·v_i` for `j = 1…J`.
    pub fn packed(&self, values: &[Scalar]) -> Vec<Scalar> {
        let weighted: Vec<_> = self.weights().iter().zip(values).map(|(weight, v)| weight * v).collect();
        weighted.chunks(self.packing).map(|slot| slot.iter().sum()).collect()
    }
}

/// `P`, `N`, `K`, `Q`, `P_1 … P_L`.
#[allow(non_snake_case)]
pub struct Generators {
    pub P: RistrettoPoint,
    pub N: RistrettoPoint,
    pub K: RistrettoPoint,
    pub Q: RistrettoPoint,
    pub P_i: Vec<RistrettoPoint>,
}

impl Generators {
    pub fn new(lists: usize) -> Self {
        let lists = u32::try_from(lists).unwrap();
        Generators {
            P: generator("blind", 0),
            N: generator("nonce", 0),
            K: generator("credential", 0),
            Q: generator("quadratic", 0),
            P_i: (1..=lists).map(|i| generator("choice", i)).collect(),
        }
    }
}

/// Points and scalars of a ballot beside its lists and slots: `C`, `R`, `B`, `A`, `S`, `e`, `z`, `k`, `u`.
const BESIDE: usize = 9;

/// A ballot, each part open to be changed.
#[derive(Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct Parts {
    pub credential: RistrettoPoint,
    pub nonce: RistrettoPoint,
    /// `C_1 … C_J`.
    pub slots: Vec<RistrettoPoint>,
    pub B: RistrettoPoint,
    pub A: RistrettoPoint,
    pub S: RistrettoPoint,
    pub e: Scalar,
    pub f: Vec<Scalar>,
    pub z: Scalar,
    pub k: Scalar,
    pub u: Scalar,
}

impl Parts {
    /// Nothing yet. A forger fills in part after part and draws challenges in between; a challenge that
    /// hashes a part before it is filled in comes out wrong, and the forgery fails.
    pub fn empty(setting: &Setting) -> Self {
        let none = RistrettoPoint::identity();
        Parts {
            credential: none,
            nonce: none,
            slots: vec![none; setting.keys.len()],
            B: none,
            A: none,
            S: none,
            e: Scalar::ZERO,
            f: vec![Scalar::ZERO; setting.lists],
            z: Scalar::ZERO,
            k: Scalar::ZERO,
            u: Scalar::ZERO,
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![2, u8::try_from(self.f.len()).unwrap()];
        let points = [&self.credential, &self.nonce].into_iter().chain(&self.slots);
        for point in points.chain([&self.B, &self.A, &self.S]) {
            bytes.extend(encode(point));
        }
        for scalar in [&self.e].into_iter().chain(&self.f).chain([&self.z, &self.k, &self.u]) {
            bytes.extend(scalar.to_bytes());
        }
        bytes
    }

    /// A ballot that is known to be well formed; how many slots it has, its length tells.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let lists = usize::from(bytes[1]);
        let slots = (bytes.len() - 2) / 32 - lists - BESIDE;
        let items: Vec<_> = bytes[2..].chunks(32).collect();
        let (points, scalars) = items.split_at(slots + 5);
        Parts {
            credential: decode(points[0]),
            nonce: decode(points[1]),
            slots: points[2..2 + slots].iter().map(|point| decode(point)).collect(),
            B: decode(points[slots + 2]),
            A: decode(points[slots + 3]),
            S: decode(points[slots + 4]),
            e: scalar(scalars[0]),
            f: scalars[1..=lists].iter().map(|f| scalar(f)).collect(),
            z: scalar(scalars[lists + 1]),
            k: scalar(scalars[lists + 2]),
            u: scalar(scalars[lists + 3]),
        }
    }

    /// A ballot of this contest from bytes that may be anything.
    pub fn read(setting: &Setting, bytes: &[u8]) -> Result<Self, String> {
        let slots = setting.keys.len();
        if bytes.first() != Some(&2) {
            return Err("not a ballot of version 2".into());
        }
        if bytes.get(1).map(|lists| usize::from(*lists)) != Some(setting.lists) {
            return Err(format!("not a ballot of {} lists", setting.lists));
        }
        let length = 2 + 32 * (slots + setting.lists + BESIDE);
        if bytes.len() != length {
            return Err(format!("{} bytes where {length} are due", bytes.len()));
        }
        for (index, item) in bytes[2..].chunks(32).enumerate() {
            let offset = 2 + 32 * index;
            if index < slots + 5 {
                let point = read_point(item).ok_or_else(|| format!("no point at byte {offset}"))?;
                if point == RistrettoPoint::identity() {
                    return Err(format!("the identity at byte {offset}"));
                }
            } else if read_scalar(item).is_none() {
                return Err(format!("no scalar at byte {offset}"));
            }
        }
        Ok(Self::from_bytes(bytes))
    }
}
