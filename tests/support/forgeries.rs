//! Ballots that are no votes: choices that break the rules, and forgers for verifiers whose transcript
//! lacks one item.
//!
//! Each forger knows every logarithm `h_j` of the keys. What it makes passes a verifier that hashes one item
//! too late or not at all, so the forgery is real; one that hashes everything in time must refuse it.
//!
//! Throughout, `b` is an honest choice, `m` the totals of the slots that the forger is after, and
//! `d = m − packed(b)`. With a proof of `b` beside a ciphertext of `m`, equation (2) is off by
//! `x·Σ_{j=1…J} y^j·d_j·G`, which something must absorb.

use curve25519_dalek::scalar::Scalar;

use super::forger::{Forger, votes};
use super::prover::{
    Challenges, Item, Parts, Proving, Round, Schedule, Setting, Witness, finish_committed, first_right,
    folded, quadratic, second_right,
};
use super::text::{Bytes, ORDER, base, draw, powers};

/// A ballot that is no vote, and a verifier that takes it for one.
pub struct Forgery {
    pub name: &'static str,
    pub weak: Schedule,
    pub ballot: Parts,
    /// What the slots hold, where the forger could choose it.
    pub slots: Option<Vec<Scalar>>,
}

/// The choices that are no votes, by name, for three lists of which the first two share a slot.
pub fn invalid(setting: &Setting) -> Vec<(&'static str, Vec<Scalar>)> {
    let (zero, one) = (Scalar::ZERO, Scalar::ONE);
    let M = setting.radix;
    let two = one + one;
    let half = two.invert();
    // As an integer about ℓ/2: added to its like it wraps round.
    let huge = -half;
    let third = (two + one).invert();
    // Here b·(1 − b) over b_0 … b_3 adds up to 0, so that only the powers of y tell it from a vote.
    let balanced = vec![two * third, -third, two * third];
    assert_eq!(balanced.iter().map(|b| b * (one - b)).sum::<Scalar>(), zero);
    assert_eq!(balanced.iter().sum::<Scalar>(), one);
    vec![
        ("two lists of one slot", votes(&[1, 1, 0])),
        ("two lists of two slots", votes(&[0, 1, 1])),
        ("all lists", votes(&[1, 1, 1])),
        ("weight two", votes(&[2, 0, 0])),
        ("a thousand votes", votes(&[0, 1000, 0])),
        ("minus one", votes(&[0, -1, 0])),
        ("one moved to a friend", votes(&[2, -1, 0])),
        ("one from each to a friend", votes(&[-1, -1, 3])),
        ("a half", vec![half, zero, zero]),
        ("two halves of one slot", vec![half, half, zero]),
        ("two halves of two slots", vec![half, zero, half]),
        ("thirds", vec![third; 3]),
        ("the next list's weight", vec![M, zero, zero]),
        ("its weight in a slot that has one list", vec![zero, zero, M]),
        ("the slot of a vote from a list's debt", vec![M + one, -one, zero]),
        ("the slot of the next list's vote from a fraction", vec![zero - M, two, zero]),
        ("a vote as a fraction of the next list", vec![zero, M.invert(), zero]),
        ("the slot of a blank vote", vec![M, -one, zero]),
        ("wraps to one", vec![huge, one - huge, zero]),
        ("wraps to blank", vec![huge, -huge, zero]),
        ("wraps by half the order twice", vec![huge, huge, two]),
        ("the slot's total wraps to one", vec![huge, (one - huge) * M.invert(), zero]),
        ("balanced where all powers of y are 1", balanced),
        ("two lists and a debt", votes(&[1, 1, -1])),
    ]
}

/// Every forgery. The contest has three lists of which the first two share a slot.
pub fn forgeries(forger: &Forger, setting: &Setting) -> Vec<Forgery> {
    let scene = Scene { forger, setting };
    let mut all = vec![scene.S_after_x(), scene.A_after_x(), scene.e_after_x(), scene.B_after_x()];
    all.extend([scene.B_after_y_with_a_false_secret(), scene.B_after_y_with_other_bits()]);
    all.extend(too_late(&[Item::Slots]).map(|weak| scene.slots_in_the_kernel(weak)));
    all.extend(too_late(&[Item::Nonce, Item::Slots]).map(|weak| scene.nonce_with_known_logarithms(weak)));
    all.extend(too_late(&[Item::Nonce]).map(|weak| scene.nonce_alone(weak)));
    all.extend(too_late(&[Item::Credential]).map(|weak| scene.credential(weak)));
    all
}

/// A verifier that hashes the items only before `x`, and one that never does.
fn too_late(items: &[Item]) -> [Schedule; 2] {
    let each = |weaken: &dyn Fn(Schedule, Item) -> Schedule| {
        items.iter().fold(Schedule::strict(), |schedule, item| weaken(schedule, *item))
    };
    [each(&|schedule, item| schedule.late(item, Round::X)), each(&Schedule::without)]
}

struct Scene<'a> {
    forger: &'a Forger,
    setting: &'a Setting,
}

impl Scene<'_> {
    /// The forger's own secrets, with an honest choice.
    fn honest(&self) -> Witness {
        Witness::new(self.forger.voters[0], &votes(&[1, 0, 0]))
    }

    /// `m`, the slots of a choice that is no vote.
    fn slots(&self, b: &[i64]) -> Vec<Scalar> {
        self.setting.packed(&votes(b))
    }

    fn challenges(&self, weak: &Schedule, proving: &Proving<'_>) -> Challenges {
        weak.challenges(self.setting, &proving.parts)
    }

    /// `Σ_{j=1…J} y^j·d_j`
    fn error(&self, y: Scalar, witness: &Witness, m: &[Scalar]) -> Scalar {
        let honest = self.setting.packed(&witness.b);
        powers(y).skip(1).zip(m.iter().zip(honest)).map(|(y_j, (m_j, b_j))| y_j * (m_j - b_j)).sum()
    }

    /// `y^{J+1}`
    fn last_power(&self, y: Scalar) -> Scalar {
        powers(y).nth(self.setting.keys.len() + 1).unwrap()
    }

    /// `S` is hashed after `x`, or never: it is what is left over in equation (2). The forger needs no
    /// witness at all: here it votes twice, under a credential that it does not hold.
    fn S_after_x(&self) -> Forgery {
        let weak = Schedule::strict().without(Item::S);
        let honest = self.honest();
        let slots = self.slots(&[1, 1, 0]);
        let mut proving = Proving::new(self.setting, &honest);
        proving.encrypt_slots(honest.r, &slots);
        proving.parts.credential = base(&self.forger.voters[1]);
        proving.commit(&honest);
        let y = self.challenges(&weak, &proving).y;
        proving.mask(y);
        proving.correct(y, &honest);
        let x = self.challenges(&weak, &proving).x;
        proving.respond(x, &honest);
        let mut ballot = proving.parts;
        ballot.S = second_right(self.setting, y, &ballot) - folded(y, &ballot) * x;
        Forgery { name: "S after x", weak, ballot, slots: Some(slots) }
    }

    /// `A` is hashed after `x`: it is what is left over in equation (1). `B` may be any point, `e` anything.
    fn A_after_x(&self) -> Forgery {
        let weak = Schedule::strict().without(Item::A);
        let minus = Witness { b: votes(&[-1, 1, 1]), ..self.honest() };
        let mut proving = Proving::new(self.setting, &minus);
        proving.parts.B = base(&draw(&[b"any point"]));
        proving.parts.e = draw(&[b"any scalar"]);
        let y = self.challenges(&weak, &proving).y;
        proving.tie(y);
        let challenges = self.challenges(&weak, &proving);
        proving.respond(challenges.x, &minus);
        let mut ballot = proving.parts;
        ballot.A = first_right(&proving.generators, &challenges, &ballot) - ballot.B * challenges.x;
        Forgery { name: "A after x", weak, ballot, slots: Some(self.slots(&[-1, 1, 1])) }
    }

    /// `e` is hashed after `x`: the coefficient of `Q` in equation (1) is one equation for it.
    fn e_after_x(&self) -> Forgery {
        let weak = Schedule::strict().without(Item::E);
        let two = Witness { b: votes(&[0, 2, 0]), ..self.honest() };
        let mut proving = Proving::new(self.setting, &two);
        proving.commit(&two);
        let y = self.challenges(&weak, &proving).y;
        proving.mask(y);
        proving.tie(y);
        let challenges = self.challenges(&weak, &proving);
        proving.respond(challenges.x, &two);
        let mut ballot = proving.parts;
        let left = proving.masks.e_0(y) + challenges.x * proving.masks.mu;
        ballot.e = (quadratic(&challenges, &ballot.f) - left) * challenges.x.invert();
        Forgery { name: "e after x", weak, ballot, slots: Some(self.slots(&[0, 2, 0])) }
    }

    /// `B` is hashed after `x`, or never: it is what is left over in equation (1). Equation (2), which does
    /// not have `B`, is honest for seven votes.
    fn B_after_x(&self) -> Forgery {
        let weak = Schedule::strict().without(Item::B);
        let seven = Witness { b: votes(&[7, 0, 0]), ..self.honest() };
        let mut proving = Proving::new(self.setting, &seven);
        let y = self.challenges(&weak, &proving).y;
        proving.mask(y);
        proving.tie(y);
        proving.correct(y, &seven);
        let challenges = self.challenges(&weak, &proving);
        proving.respond(challenges.x, &seven);
        let mut ballot = proving.parts;
        let right = first_right(&proving.generators, &challenges, &ballot);
        ballot.B = (right - ballot.A) * challenges.x.invert();
        Forgery { name: "B after x", weak, ballot, slots: Some(self.slots(&[7, 0, 0])) }
    }

    /// `B` is hashed after `y`, though before `x`: the forger commits to an honest choice and to a false
    /// credential secret `s' = s + Σ y^j·d_j / y^{J+1}`, which takes up the error of equation (2).
    fn B_after_y_with_a_false_secret(&self) -> Forgery {
        let weak = Schedule::strict().late(Item::B, Round::X);
        let honest = self.honest();
        let slots = self.slots(&[1, 1, 1]);
        let mut proving = Proving::new(self.setting, &honest);
        proving.encrypt_slots(honest.r, &slots);
        let y = self.challenges(&weak, &proving).y;
        let absorbed = self.error(y, &honest, &slots) * self.last_power(y).invert();
        let committed = Witness { s: honest.s + absorbed, ..honest };
        proving.commit(&committed);
        let ballot = finish_committed(proving, &weak, &committed);
        Forgery { name: "B after y, with a false secret", weak, ballot, slots: Some(slots) }
    }

    /// `B`, and with it the bits of a packed slot, is hashed after `y`. A slot of two votes for list 1 is
    /// also `b_1 = 2 − M·t`, `b_2 = t` for any `t`, and `Σ_{i=0…L} y^i·b_i·(1 − b_i) = 0` is a quadratic
    /// equation for it, which has a solution for half of all `y`. Every step is then honest.
    fn B_after_y_with_other_bits(&self) -> Forgery {
        let weak = Schedule::strict().late(Item::B, Round::X);
        let slots = self.slots(&[2, 0, 0]);
        for attempt in 0u64.. {
            let r = draw(&[b"other bits", &attempt.to_le_bytes()]);
            let honest = Witness { r, ..self.honest() };
            let mut proving = Proving::new(self.setting, &honest);
            proving.encrypt_slots(r, &slots);
            let y = self.challenges(&weak, &proving).y;
            let bits = |t: Scalar| Witness {
                b: vec![slots[0] - self.setting.radix * t, t, Scalar::ZERO],
                ..honest.clone()
            };
            let value = |t: Scalar| -> Scalar {
                powers(y).zip(bits(t).all()).map(|(y_i, b_i)| y_i * b_i * (Scalar::ONE - b_i)).sum()
            };
            // The parabola through three of its points.
            let half = Scalar::from(2u64).invert();
            let [minus, zero, plus] = [-Scalar::ONE, Scalar::ZERO, Scalar::ONE].map(value);
            let (a, b) = ((plus + minus) * half - zero, (plus - minus) * half);
            let Some(root) = square_root(b * b - Scalar::from(4u64) * a * zero) else { continue };
            let found = bits((root - b) * (a + a).invert());
            assert_eq!(self.setting.packed(&found.b), slots);
            proving.commit(&found);
            let ballot = finish_committed(proving, &weak, &found);
            return Forgery { name: "B after y, with other bits", weak, ballot, slots: Some(slots) };
        }
        unreachable!("half of all attempts succeed")
    }

    /// An honest proof for `b` with something made after `y`, which the weak verifier's `y` does not notice.
    fn after_y(
        &self,
        weak: &Schedule,
        slots: Option<&[Scalar]>,
        change: impl FnOnce(&mut Parts, Scalar, &Witness),
    ) -> Parts {
        let honest = self.honest();
        let mut proving = Proving::new(self.setting, &honest);
        if let Some(slots) = slots {
            proving.encrypt_slots(honest.r, slots);
        }
        proving.commit(&honest);
        let y = self.challenges(weak, &proving).y;
        change(&mut proving.parts, y, &honest);
        assert_eq!(y, self.challenges(weak, &proving).y);
        finish_committed(proving, weak, &honest)
    }

    /// The `C_j` are hashed after `y`, or never: they move by `d_j·G` with `Σ y^j·d_j = 0`, which equation
    /// (2) cannot see. Here the first slot gets a whole second vote, and the second whatever balances it.
    fn slots_in_the_kernel(&self, weak: Schedule) -> Forgery {
        let ballot = self.after_y(&weak, None, |parts, y, _| {
            parts.slots[0] += base(&Scalar::ONE);
            parts.slots[1] -= base(&y.invert());
        });
        Forgery { name: "the slots after y, in its kernel", weak, ballot, slots: None }
    }

    /// The whole ciphertext is hashed after `y`, or never, and the logarithms of the keys are known: the
    /// nonce, whose power of `y` is 0, absorbs the error. With `r' = r + d_0` equation (2) is off by
    /// `d_0·(1 + Σ y^j·h_j) + Σ y^j·d_j`, which is a linear equation for `d_0`. Any vote at all.
    fn nonce_with_known_logarithms(&self, weak: Schedule) -> Forgery {
        let slots = self.slots(&[2, 5, 0]);
        let ballot = self.after_y(&weak, None, |parts, y, honest| {
            let logarithms = self.forger.logarithms();
            let mixed =
                Scalar::ONE + powers(y).skip(1).zip(&logarithms).map(|(y_j, h_j)| y_j * h_j).sum::<Scalar>();
            let r = honest.r - self.error(y, honest, &slots) * mixed.invert();
            parts.nonce = base(&r);
            parts.slots = slots.iter().zip(&logarithms).map(|(m, h)| base(&(h * r + m))).collect();
        });
        let name = "the ciphertext after y, the error absorbed by y^0";
        Forgery { name, weak, ballot, slots: Some(slots) }
    }

    /// Only `R` is hashed late: it absorbs the error alone, `R' = R − Σ y^j·d_j·G`. The forger cannot steer
    /// what the ballot then decrypts to, but it is no vote, and spoils the tally.
    fn nonce_alone(&self, weak: Schedule) -> Forgery {
        let slots = self.slots(&[1, 1, 0]);
        let ballot = self.after_y(&weak, Some(&slots), |parts, y, honest| {
            parts.nonce -= base(&self.error(y, honest, &slots));
        });
        Forgery { name: "R after y, the error absorbed by y^0", weak, ballot, slots: None }
    }

    /// The credential is hashed late: `C' = C − Σ y^j·d_j / y^{J+1}·G` absorbs the error. The vote is
    /// whatever the forger wants; the credential has to be put on the roll afterwards, and its secret is
    /// known.
    fn credential(&self, weak: Schedule) -> Forgery {
        let slots = self.slots(&[10, 0, -1]);
        let ballot = self.after_y(&weak, Some(&slots), |parts, y, honest| {
            let absorbed = self.error(y, honest, &slots) * self.last_power(y).invert();
            parts.credential = base(&(honest.s - absorbed));
        });
        Forgery { name: "C after y, the error absorbed by y^{J+1}", weak, ballot, slots: Some(slots) }
    }
}

/// A root modulo the order `ℓ`, which is 5 modulo 8, if there is one.
fn square_root(square: Scalar) -> Option<Scalar> {
    let [mut plus_three, mut minus_one] = [ORDER; 2];
    plus_three[0] += 3;
    minus_one[0] -= 1;
    let root = power(square, divided(plus_three, 8));
    // 2 is no square, so this is a root of −1.
    let turned = root * power(Scalar::from(2u64), divided(minus_one, 4));
    [root, turned].into_iter().find(|root| root * root == square)
}

fn power(x: Scalar, exponent: Bytes) -> Scalar {
    let bits = exponent.into_iter().rev().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    bits.fold(Scalar::ONE, |power, bit| if bit == 1 { power * power * x } else { power * power })
}

/// A little-endian integer divided by a small number.
fn divided(number: Bytes, by: u16) -> Bytes {
    let mut quotient = [0; 32];
    let mut rest = 0;
    for (digit, byte) in quotient.iter_mut().zip(number).rev() {
        let value = rest << 8 | u16::from(byte);
        *digit = u8::try_from(value / by).unwrap();
        rest = value % by;
    }
    quotient
}
