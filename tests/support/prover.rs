//! A prover of ballots that takes any bits, and a verifier that can be made weak.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::VartimeMultiscalarMul;

pub use super::parts::{Generators, Parts, Setting};
use super::text::{Bytes, base, challenge, draw, encode, powers};

/// One thing that a ballot's transcript hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Contest,
    Credential,
    /// `R`, the first part of the ciphertext.
    Nonce,
    /// `C_1 … C_J`, the rest of it.
    Slots,
    B,
    A,
    S,
    E,
}

impl Item {
    pub const ALL: [Item; 8] =
        [Item::Contest, Item::Credential, Item::Nonce, Item::Slots, Item::B, Item::A, Item::S, Item::E];
}

/// The challenge before which an item is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    Y,
    X,
}

/// Which items are hashed before which challenge. The protocol's is [`Schedule::strict`]; a weak verifier
/// has another.
#[derive(Clone)]
pub struct Schedule(Vec<(Round, Item)>);

#[derive(Clone, Copy, Debug)]
pub struct Challenges {
    pub y: Scalar,
    pub x: Scalar,
}

impl Schedule {
    pub fn strict() -> Self {
        let y = [Item::Contest, Item::Credential, Item::Nonce, Item::Slots, Item::B];
        let x = [Item::A, Item::S, Item::E];
        Schedule(y.map(|item| (Round::Y, item)).into_iter().chain(x.map(|item| (Round::X, item))).collect())
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
        self.run(setting, parts).1
    }

    /// The transcript after the last challenge, and the challenges.
    fn run(&self, setting: &Setting, parts: &Parts) -> (merlin::Transcript, Challenges) {
        let mut transcript = merlin::Transcript::new(b"urne/2 ballot");
        let mut round = |round, label| {
            let has = |item| self.0.contains(&(round, item));
            if has(Item::Contest) {
                transcript.append_message(b"contest", &setting.fingerprint);
            }
            if has(Item::Credential) {
                transcript.append_message(b"credential", &encode(&parts.credential));
            }
            let nonce = [parts.nonce].into_iter().filter(|_| has(Item::Nonce));
            let slots = parts.slots.iter().copied().filter(|_| has(Item::Slots));
            let ciphertext: Vec<u8> = nonce.chain(slots).flat_map(|point| encode(&point)).collect();
            if !ciphertext.is_empty() {
                transcript.append_message(b"ciphertext", &ciphertext);
            }
            for (item, label, bytes) in [
                (Item::B, &b"B"[..], encode(&parts.B)),
                (Item::A, &b"A"[..], encode(&parts.A)),
                (Item::S, &b"S"[..], encode(&parts.S)),
                (Item::E, &b"e"[..], parts.e.to_bytes()),
            ] {
                if has(item) {
                    transcript.append_message(label, &bytes);
                }
            }
            challenge(&mut transcript, label)
        };
        let y = round(Round::Y, b"y");
        let x = round(Round::X, b"x");
        (transcript, Challenges { y, x })
    }
}

/// What a prover knows: nonce, credential secret, and `b_1 … b_L`, which need not be bits.
#[derive(Clone)]
pub struct Witness {
    pub r: Scalar,
    pub s: Scalar,
    pub b: Vec<Scalar>,
}

impl Witness {
    /// With a nonce drawn from the rest.
    pub fn new(s: Scalar, b: &[Scalar]) -> Self {
        let name: Vec<_> = [s].iter().chain(b).map(Scalar::to_bytes).collect();
        Witness { r: draw(&[b"nonce", &name.concat()]), s, b: b.to_vec() }
    }

    /// `b_0 = 1 − Σ b_i`, then `b_1 … b_L`.
    pub fn all(&self) -> Vec<Scalar> {
        [Scalar::ONE - self.b.iter().sum::<Scalar>()].iter().chain(&self.b).copied().collect()
    }
}

/// The masks of a proof.
pub struct Masks {
    pub beta: Scalar,
    pub mu: Scalar,
    pub rho: Scalar,
    pub sigma: Scalar,
    pub alpha: Scalar,
    /// `a_1 … a_L`.
    pub a: Vec<Scalar>,
}

impl Masks {
    pub fn new(lists: usize, witness: &Witness) -> Self {
        let seed = [witness.r.to_bytes(), witness.s.to_bytes()].concat();
        let mask = |name: &str| draw(&[b"mask", name.as_bytes(), &seed]);
        Masks {
            beta: mask("beta"),
            mu: mask("mu"),
            rho: mask("rho"),
            sigma: mask("sigma"),
            alpha: mask("alpha"),
            a: (1..=lists).map(|i| mask(&format!("a{i}"))).collect(),
        }
    }

    /// `a_0 = −Σ a_i`, then `a_1 … a_L`.
    pub fn all(&self) -> Vec<Scalar> {
        [-self.a.iter().sum::<Scalar>()].iter().chain(&self.a).copied().collect()
    }

    /// `e_0 = −Σ_{i=0…L} y^i·a_i²`
    pub fn e_0(&self, y: Scalar) -> Scalar {
        -powers(y).zip(self.all()).map(|(y_i, a_i)| y_i * a_i * a_i).sum::<Scalar>()
    }

    /// `e_1 = Σ_{i=0…L} y^i·a_i·(1 − 2b_i)`
    pub fn e_1(&self, y: Scalar, witness: &Witness) -> Scalar {
        let pairs = self.all().into_iter().zip(witness.all());
        powers(y).zip(pairs).map(|(y_i, (a_i, b_i))| y_i * a_i * (Scalar::ONE - b_i - b_i)).sum()
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
        let mut parts = Parts::empty(setting);
        parts.credential = base(&witness.s);
        let masks = Masks::new(setting.lists, witness);
        let mut proving = Proving { setting, generators: Generators::new(setting.lists), masks, parts };
        proving.encrypt(witness);
        proving
    }

    pub fn encrypt(&mut self, witness: &Witness) {
        self.encrypt_slots(witness.r, &self.setting.packed(&witness.b));
    }

    /// A ciphertext of these `m_1 … m_J`, whatever bits they may be made of.
    pub fn encrypt_slots(&mut self, r: Scalar, m: &[Scalar]) {
        self.parts.nonce = base(&r);
        self.parts.slots = self.setting.keys.iter().zip(m).map(|(H, m)| H * r + base(m)).collect();
    }

    /// Step 2: `B`, to what the witness says.
    pub fn commit(&mut self, witness: &Witness) {
        let Masks { beta, mu, .. } = &self.masks;
        self.parts.B = commit(&self.generators, [beta, &witness.r, &witness.s, mu], &witness.b);
    }

    /// Step 4: `A`.
    pub fn mask(&mut self, y: Scalar) {
        let Masks { rho, sigma, alpha, a, .. } = &self.masks;
        self.parts.A = commit(&self.generators, [alpha, rho, sigma, &self.masks.e_0(y)], a);
    }

    /// Step 4: `S`.
    pub fn tie(&mut self, y: Scalar) {
        let Masks { rho, sigma, a, .. } = &self.masks;
        self.parts.S = mixed_key(self.setting, y) * rho + base(&tied(self.setting, y, a, sigma));
    }

    /// Step 4: `e`, for what the witness says.
    pub fn correct(&mut self, y: Scalar, witness: &Witness) {
        self.parts.e = self.masks.e_1(y, witness) - self.masks.mu;
    }

    /// Step 5: the responses.
    pub fn respond(&mut self, x: Scalar, witness: &Witness) {
        let Masks { beta, rho, sigma, alpha, a, .. } = &self.masks;
        self.parts.f = a.iter().zip(&witness.b).map(|(a_i, b_i)| a_i + x * b_i).collect();
        self.parts.z = rho + x * witness.r;
        self.parts.k = sigma + x * witness.s;
        self.parts.u = alpha + x * beta;
    }
}

/// A prover who follows every step, with challenges of the given schedule and whatever bits.
pub fn prove(setting: &Setting, schedule: &Schedule, witness: &Witness) -> Parts {
    finish(Proving::new(setting, witness), schedule, witness)
}

/// A prover who follows every step, but encrypts something else than it proves.
pub fn prove_beside(setting: &Setting, proven: &Witness, encrypted: &Witness) -> Parts {
    let mut proving = Proving::new(setting, proven);
    proving.encrypt(encrypted);
    finish(proving, &Schedule::strict(), proven)
}

/// Steps 2 to 5.
pub fn finish(mut proving: Proving<'_>, schedule: &Schedule, witness: &Witness) -> Parts {
    proving.commit(witness);
    finish_committed(proving, schedule, witness)
}

/// Steps 3 to 5.
pub fn finish_committed(mut proving: Proving<'_>, schedule: &Schedule, witness: &Witness) -> Parts {
    let y = schedule.challenges(proving.setting, &proving.parts).y;
    proving.mask(y);
    proving.tie(y);
    proving.correct(y, witness);
    let x = schedule.challenges(proving.setting, &proving.parts).x;
    proving.respond(x, witness);
    proving.parts
}

/// `β·P + r·N + s·K + μ·Q + Σ v_i·P_i`
fn commit(generators: &Generators, scalars: [&Scalar; 4], values: &[Scalar]) -> RistrettoPoint {
    let Generators { P, N, K, Q, P_i } = generators;
    let points = [P, N, K, Q].into_iter().chain(P_i);
    RistrettoPoint::vartime_multiscalar_mul(scalars.into_iter().chain(values), points.take(4 + values.len()))
}

/// `G + Σ_{j=1…J} y^j·H_j`
pub fn mixed_key(setting: &Setting, y: Scalar) -> RistrettoPoint {
    base(&Scalar::ONE)
        + powers(y).skip(1).zip(&setting.keys).map(|(y_j, H_j)| H_j * y_j).sum::<RistrettoPoint>()
}

/// `Σ_{j=1…J} y^j·Σ_{i in slot j} M^((i−1) mod κ)·v_i + y^{J+1}·k`
pub fn tied(setting: &Setting, y: Scalar, values: &[Scalar], k: &Scalar) -> Scalar {
    let packed = setting.packed(values);
    powers(y).skip(1).zip(packed.iter().chain([k])).map(|(y_j, v_j)| y_j * v_j).sum()
}

/// `Σ_{i=0…L} y^i·f_i·(x − f_i)`
pub fn quadratic(Challenges { y, x }: &Challenges, f: &[Scalar]) -> Scalar {
    let f_0 = x - f.iter().sum::<Scalar>();
    powers(*y).zip([&f_0].into_iter().chain(f)).map(|(y_i, f_i)| y_i * f_i * (x - f_i)).sum()
}

/// Right side of equation (1).
pub fn first_right(generators: &Generators, challenges: &Challenges, parts: &Parts) -> RistrettoPoint {
    let Parts { e, f, z, k, u, .. } = parts;
    commit(generators, [u, z, k, &(quadratic(challenges, f) - challenges.x * e)], f)
}

/// Right side of equation (2).
pub fn second_right(setting: &Setting, y: Scalar, parts: &Parts) -> RistrettoPoint {
    let Parts { f, z, k, .. } = parts;
    mixed_key(setting, y) * z + base(&tied(setting, y, f, k))
}

/// `R + Σ_{j=1…J} y^j·C_j + y^{J+1}·C`
pub fn folded(y: Scalar, parts: &Parts) -> RistrettoPoint {
    let points = [&parts.nonce].into_iter().chain(&parts.slots).chain([&parts.credential]);
    powers(y).zip(points).map(|(y_j, point)| point * y_j).sum()
}

/// The number of an equation that does not hold.
#[derive(Debug, PartialEq, Eq)]
pub struct Unequal(pub u8);

/// The protocol's two equations, one after the other, with the challenges of the given schedule.
pub fn verify(setting: &Setting, schedule: &Schedule, parts: &Parts) -> Result<(), Unequal> {
    verify_with(setting, &Generators::new(setting.lists), schedule, parts)
}

/// The same for many ballots, with the generators made once.
pub fn verify_with(
    setting: &Setting,
    generators: &Generators,
    schedule: &Schedule,
    parts: &Parts,
) -> Result<(), Unequal> {
    let challenges = schedule.challenges(setting, parts);
    let Challenges { y, x } = challenges;
    if parts.A + parts.B * x != first_right(generators, &challenges, parts) {
        return Err(Unequal(1));
    }
    if parts.S + folded(y, parts) * x != second_right(setting, y, parts) {
        return Err(Unequal(2));
    }
    Ok(())
}

/// What a ballot adds to the transcript of its batch.
pub fn digest(setting: &Setting, parts: &Parts) -> Bytes {
    let (mut transcript, _) = Schedule::strict().run(setting, parts);
    let responses = parts.f.iter().chain([&parts.z, &parts.k, &parts.u]);
    transcript.append_message(b"responses", &responses.flat_map(Scalar::to_bytes).collect::<Vec<_>>());
    let mut digest = [0; 32];
    transcript.challenge_bytes(b"digest", &mut digest);
    digest
}

/// The weights of equations (1) and (2) for each ballot of a batch.
pub fn batch_weights(setting: &Setting, ballots: &[Parts]) -> Vec<[u128; 2]> {
    let mut transcript = merlin::Transcript::new(b"urne/2 batch");
    transcript.append_message(b"contest", &setting.fingerprint);
    for ballot in ballots {
        transcript.append_message(b"ballot", &digest(setting, ballot));
    }
    let mut weight = || {
        let mut bytes = [0; 16];
        transcript.challenge_bytes(b"weight", &mut bytes);
        u128::from_le_bytes(bytes).max(1)
    };
    ballots.iter().map(|_| [weight(), weight()]).collect()
}
