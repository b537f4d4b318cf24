//! A prover of ballots that takes any plaintexts, and a verifier that can be made weak.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

use super::text::{Bytes, base, challenge, decode, draw, encode, generator, powers, scalar};

/// What is public of a contest and goes into a ballot.
#[derive(Clone)]
pub struct Setting {
    pub fingerprint: Bytes,
    /// `H_1 … H_L`.
    pub keys: Vec<RistrettoPoint>,
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

/// A ballot, each part open to be changed.
#[derive(Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct Parts {
    pub credential: RistrettoPoint,
    pub nonce: RistrettoPoint,
    pub choices: Vec<RistrettoPoint>,
    pub A: RistrettoPoint,
    pub B: RistrettoPoint,
    pub S: RistrettoPoint,
    pub f: Vec<Scalar>,
    pub z: Scalar,
    pub k: Scalar,
    pub u: Scalar,
}

impl Parts {
    /// Nothing yet. A forger fills in part after part and draws challenges in between; a challenge that
    /// hashes a part before it is filled in comes out wrong, and the forgery fails.
    pub fn empty(lists: usize) -> Self {
        let none = RistrettoPoint::identity();
        Parts {
            credential: none,
            nonce: none,
            choices: vec![none; lists],
            A: none,
            B: none,
            S: none,
            f: vec![Scalar::ZERO; lists],
            z: Scalar::ZERO,
            k: Scalar::ZERO,
            u: Scalar::ZERO,
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![1, u8::try_from(self.choices.len()).unwrap()];
        let points = [&self.credential, &self.nonce].into_iter().chain(&self.choices);
        for point in points.chain([&self.A, &self.B, &self.S]) {
            bytes.extend(encode(point));
        }
        for scalar in self.f.iter().chain([&self.z, &self.k, &self.u]) {
            bytes.extend(scalar.to_bytes());
        }
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Self {
        let lists = usize::from(bytes[1]);
        let items: Vec<_> = bytes[2..].chunks(32).collect();
        let (points, scalars) = items.split_at(lists + 5);
        Parts {
            credential: decode(points[0]),
            nonce: decode(points[1]),
            choices: points[2..2 + lists].iter().map(|point| decode(point)).collect(),
            A: decode(points[lists + 2]),
            B: decode(points[lists + 3]),
            S: decode(points[lists + 4]),
            f: scalars[..lists].iter().map(|f| scalar(f)).collect(),
            z: scalar(scalars[lists]),
            k: scalar(scalars[lists + 1]),
            u: scalar(scalars[lists + 2]),
        }
    }
}

/// One thing that a ballot's transcript hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Contest,
    Credential,
    /// `R`, the first part of the ciphertext.
    Nonce,
    /// `C_1 … C_L`, the rest of it.
    Choices,
    A,
    B,
    S,
}

/// The challenge before which an item is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    Y,
    W,
    X,
}

/// Which items are hashed before which challenge. The protocol's is [`Schedule::strict`]; a weak verifier
/// has another.
#[derive(Clone)]
pub struct Schedule(Vec<(Round, Item)>);

pub struct Challenges {
    pub y: Scalar,
    pub w: Scalar,
    pub x: Scalar,
}

impl Schedule {
    pub fn strict() -> Self {
        let y = [Item::Contest, Item::Credential, Item::Nonce, Item::Choices].map(|item| (Round::Y, item));
        let w = [Item::A, Item::B].map(|item| (Round::W, item));
        Schedule([&y[..], &w, &[(Round::X, Item::S)]].concat())
    }

    /// The item is not hashed at all, or what is the same to a forger, only after the last challenge.
    pub fn without(mut self, item: Item) -> Self {
        self.0.retain(|(_, other)| *other != item);
        self
    }

    /// The item is hashed late: only before this challenge.
    pub fn late(self, item: Item, round: Round) -> Self {
        let mut schedule = self.without(item);
        schedule.0.push((round, item));
        schedule
    }

    pub fn challenges(&self, setting: &Setting, parts: &Parts) -> Challenges {
        let mut transcript = merlin::Transcript::new(b"urne/1 ballot");
        let mut round = |round, label| {
            let has = |item| self.0.contains(&(round, item));
            if has(Item::Contest) {
                transcript.append_message(b"contest", &setting.fingerprint);
            }
            if has(Item::Credential) {
                transcript.append_message(b"credential", &encode(&parts.credential));
            }
            let nonce = [parts.nonce].into_iter().filter(|_| has(Item::Nonce));
            let choices = parts.choices.iter().copied().filter(|_| has(Item::Choices));
            let ciphertext: Vec<u8> = nonce.chain(choices).flat_map(|point| encode(&point)).collect();
            if !ciphertext.is_empty() {
                transcript.append_message(b"ciphertext", &ciphertext);
            }
            for (item, label, point) in [
                (Item::A, &b"A"[..], &parts.A),
                (Item::B, &b"B"[..], &parts.B),
                (Item::S, &b"S"[..], &parts.S),
            ] {
                if has(item) {
                    transcript.append_message(label, &encode(point));
                }
            }
            challenge(&mut transcript, label)
        };
        let y = round(Round::Y, b"y");
        let w = round(Round::W, b"w");
        let x = round(Round::X, b"x");
        Challenges { y, w, x }
    }
}

/// What a prover knows: nonce, credential secret, and the logarithm of each plaintext, which need not be
/// a bit.
#[derive(Clone)]
pub struct Witness {
    pub r: Scalar,
    pub s: Scalar,
    pub m: Vec<Scalar>,
}

impl Witness {
    /// With a nonce drawn from the rest.
    pub fn new(s: Scalar, m: &[Scalar]) -> Self {
        let name: Vec<_> = [s].iter().chain(m).map(Scalar::to_bytes).collect();
        Witness { r: draw(&[b"nonce", &name.concat()]), s, m: m.to_vec() }
    }

    /// `m_0 = 1 − Σ m_i`, then `m_1 … m_L`.
    pub fn all(&self) -> Vec<Scalar> {
        [Scalar::ONE - self.m.iter().sum::<Scalar>()].iter().chain(&self.m).copied().collect()
    }
}

/// The masks of a proof.
pub struct Masks {
    pub rho: Scalar,
    pub kappa: Scalar,
    pub alpha: Scalar,
    pub beta: Scalar,
    /// `a_1 … a_L`.
    pub a: Vec<Scalar>,
}

impl Masks {
    pub fn new(lists: usize, witness: &Witness) -> Self {
        let seed = [witness.r.to_bytes(), witness.s.to_bytes()].concat();
        let mask = |name: &str| draw(&[b"mask", name.as_bytes(), &seed]);
        Masks {
            rho: mask("rho"),
            kappa: mask("kappa"),
            alpha: mask("alpha"),
            beta: mask("beta"),
            a: (1..=lists).map(|i| mask(&format!("a{i}"))).collect(),
        }
    }
}

/// A proof in the making, step by step, so that a forger can step aside. Every step is the protocol's.
pub struct Proving<'a> {
    pub setting: &'a Setting,
    pub generators: Generators,
    pub masks: Masks,
    pub parts: Parts,
}

impl<'a> Proving<'a> {
    /// Step 1: credential and ciphertext of the witness.
    pub fn new(setting: &'a Setting, witness: &Witness) -> Self {
        let lists = setting.keys.len();
        let mut parts = Parts::empty(lists);
        parts.credential = base(&witness.s);
        let masks = Masks::new(lists, witness);
        let mut proving = Proving { setting, generators: Generators::new(lists), masks, parts };
        proving.encrypt(witness);
        proving
    }

    pub fn encrypt(&mut self, witness: &Witness) {
        self.parts.nonce = base(&witness.r);
        let encrypted = self.setting.keys.iter().zip(&witness.m).map(|(H, m)| H * witness.r + base(m));
        self.parts.choices = encrypted.collect();
    }

    /// Step 3: `A`.
    pub fn mask(&mut self, y: Scalar) {
        let Masks { rho, kappa, alpha, a, .. } = &self.masks;
        let a_0 = -a.iter().sum::<Scalar>();
        let e0 =
            -powers(y).zip([&a_0].into_iter().chain(a)).map(|(y_i, a_i)| y_i * a_i * a_i).sum::<Scalar>();
        self.parts.A = commit(&self.generators, [alpha, rho, kappa, &e0], a);
    }

    /// Step 3: `B`, to what the witness says.
    pub fn commit(&mut self, y: Scalar, witness: &Witness) {
        let Masks { beta, a, .. } = &self.masks;
        let a_0 = -a.iter().sum::<Scalar>();
        let all_a = [&a_0].into_iter().chain(a);
        let e1: Scalar = powers(y)
            .zip(all_a.zip(witness.all()))
            .map(|(y_i, (a_i, m_i))| y_i * a_i * (Scalar::ONE - m_i - m_i))
            .sum();
        self.parts.B = commit(&self.generators, [beta, &witness.r, &witness.s, &e1], &witness.m);
    }

    /// Step 5: `S`.
    pub fn tie(&mut self, w: Scalar) {
        let Masks { rho, kappa, a, .. } = &self.masks;
        let tied: Scalar = powers(w).skip(1).zip(a.iter().chain([kappa])).map(|(w_i, a_i)| w_i * a_i).sum();
        self.parts.S = mixed_key(self.setting, w) * rho + base(&tied);
    }

    /// Step 6: the responses.
    pub fn respond(&mut self, x: Scalar, witness: &Witness) {
        let Masks { rho, kappa, alpha, beta, a } = &self.masks;
        self.parts.f = a.iter().zip(&witness.m).map(|(a_i, m_i)| a_i + x * m_i).collect();
        self.parts.z = rho + x * witness.r;
        self.parts.k = kappa + x * witness.s;
        self.parts.u = alpha + x * beta;
    }
}

/// A prover who follows every step, with challenges of the given schedule and whatever plaintexts.
pub fn prove(setting: &Setting, schedule: &Schedule, witness: &Witness) -> Parts {
    finish(Proving::new(setting, witness), schedule, witness)
}

/// A prover who follows every step, but encrypts something else than it proves.
pub fn prove_beside(setting: &Setting, proven: &Witness, encrypted: &Witness) -> Parts {
    let mut proving = Proving::new(setting, proven);
    proving.encrypt(encrypted);
    finish(proving, &Schedule::strict(), proven)
}

/// Steps 2 to 6.
pub fn finish(mut proving: Proving<'_>, schedule: &Schedule, witness: &Witness) -> Parts {
    let y = schedule.challenges(proving.setting, &proving.parts).y;
    proving.mask(y);
    proving.commit(y, witness);
    let w = schedule.challenges(proving.setting, &proving.parts).w;
    proving.tie(w);
    let x = schedule.challenges(proving.setting, &proving.parts).x;
    proving.respond(x, witness);
    proving.parts
}

/// `α·P + ρ·N + κ·K + e·Q + Σ v_i·P_i`
fn commit(
    generators: &Generators,
    [alpha, rho, kappa, e]: [&Scalar; 4],
    values: &[Scalar],
) -> RistrettoPoint {
    let Generators { P, N, K, Q, P_i } = generators;
    P * alpha
        + N * rho
        + K * kappa
        + Q * e
        + P_i.iter().zip(values).map(|(P_i, v)| P_i * v).sum::<RistrettoPoint>()
}

/// `G + Σ w^i·H_i`
fn mixed_key(setting: &Setting, w: Scalar) -> RistrettoPoint {
    base(&Scalar::ONE)
        + powers(w).skip(1).zip(&setting.keys).map(|(w_i, H_i)| H_i * w_i).sum::<RistrettoPoint>()
}

/// Right side of equation (1).
pub fn first_right(
    generators: &Generators,
    Challenges { y, x, .. }: &Challenges,
    parts: &Parts,
) -> RistrettoPoint {
    let Parts { f, z, k, u, .. } = parts;
    let f_0 = x - f.iter().sum::<Scalar>();
    let quadratic: Scalar =
        powers(*y).zip([&f_0].into_iter().chain(f)).map(|(y_i, f_i)| y_i * f_i * (x - f_i)).sum();
    commit(generators, [u, z, k, &quadratic], f)
}

/// Right side of equation (2).
pub fn second_right(setting: &Setting, w: Scalar, parts: &Parts) -> RistrettoPoint {
    let Parts { f, z, k, .. } = parts;
    let tied: Scalar = powers(w).skip(1).zip(f.iter().chain([k])).map(|(w_i, f_i)| w_i * f_i).sum();
    mixed_key(setting, w) * z + base(&tied)
}

/// `R + Σ w^i·C_i + w^{L+1}·C`
pub fn folded(w: Scalar, parts: &Parts) -> RistrettoPoint {
    let points = [&parts.nonce].into_iter().chain(&parts.choices).chain([&parts.credential]);
    powers(w).zip(points).map(|(w_i, point)| point * w_i).sum()
}

/// The number of an equation that does not hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Unequal(pub u8);

/// The protocol's two equations, one after the other, with the challenges of the given schedule.
pub fn verify(setting: &Setting, schedule: &Schedule, parts: &Parts) -> Result<(), Unequal> {
    let challenges = schedule.challenges(setting, parts);
    let Challenges { w, x, .. } = challenges;
    if parts.A + parts.B * x != first_right(&Generators::new(parts.choices.len()), &challenges, parts) {
        return Err(Unequal(1));
    }
    if parts.S + folded(w, parts) * x != second_right(setting, w, parts) {
        return Err(Unequal(2));
    }
    Ok(())
}
