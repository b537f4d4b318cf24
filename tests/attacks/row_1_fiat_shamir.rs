//! Row 1: forgers against verifiers whose transcript lacks one item.
//!
//! Each forger knows every logarithm `h_s` of the keys, and makes a ballot that is no vote. It succeeds
//! against a verifier that hashes one item too late or not at all, so the forgery is real; it fails
//! against ours, which hashes everything in time.
//!
//! Throughout, the proof is honest for a valid choice `b` (or for nothing), and the ciphertext holds
//! `m = b + d`. Equation (2) then is off by `x·(d_0 + Σ w^i·d_i + …)·G`, which something must absorb.

use curve25519_dalek::scalar::Scalar;
use urne::ballot::BallotError;
use urne::{ApprovedContest, Ballot, Record};

use crate::support::forger::{Forger, setting, votes};
use crate::support::prover::{
    Challenges, Item, Parts, Proving, Round, Schedule, Setting, Unequal, Witness, first_right, folded, prove,
    second_right, verify,
};
use crate::support::text::{base, draw, powers};

struct Scene {
    forger: Forger,
    setting: Setting,
    contest: ApprovedContest,
}

impl Scene {
    fn new() -> Self {
        let forger = Forger::new(2, 4, 3, 6);
        let record = forger.record(&[votes(&[1, 0, 0])]);
        let contest = Record::from_json(record.to_string().as_bytes()).unwrap().contest().unwrap();
        Scene { setting: setting(&record), forger, contest }
    }

    /// The forger's own secrets, with an honest choice.
    fn honest(&self) -> Witness {
        Witness::new(self.forger.voters[0], &votes(&[1, 0, 0]))
    }

    /// A forgery passes the weak verifier, and neither the strict one nor the crate.
    fn succeeds_only_against(&self, weak: &Schedule, forgery: &Parts) {
        assert_eq!(verify(&self.setting, weak, forgery), Ok(()), "the forgery works against a weak verifier");
        assert!(matches!(verify(&self.setting, &Schedule::strict(), forgery), Err(Unequal(1 | 2))));
        let ballot = Ballot::from_bytes(&self.contest, &forgery.to_bytes()).unwrap();
        assert_eq!(ballot.verify(&self.contest).unwrap_err(), BallotError::Proof);
    }

    fn decrypts_to(&self, forgery: &Parts, m: &[i64]) {
        let expected: Vec<_> = votes(m).iter().map(base).collect();
        assert_eq!(self.forger.plaintexts(forgery), expected);
    }
}

/// The table proves something only if honest ballots of the same prover pass everywhere.
#[test]
fn an_honest_prover_is_accepted() {
    let scene = Scene::new();
    for m in [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]] {
        let witness = Witness::new(scene.forger.voters[0], &votes(&m));
        let ballot = prove(&scene.setting, &Schedule::strict(), &witness);
        assert_eq!(verify(&scene.setting, &Schedule::strict(), &ballot), Ok(()));
        scene.decrypts_to(&ballot, &m);
        let ours = Ballot::from_bytes(&scene.contest, &ballot.to_bytes()).unwrap();
        assert!(ours.verify(&scene.contest).is_ok());
    }
    // A prover with a weak schedule passes the verifier with the same, and only that one.
    for item in [Item::Contest, Item::Credential, Item::Nonce, Item::Choices, Item::A, Item::B, Item::S] {
        let weak = Schedule::strict().without(item);
        scene.succeeds_only_against(&weak, &prove(&scene.setting, &weak, &scene.honest()));
    }
}

/// `S` is hashed after `x`, or never: it is what is left over in equation (2). The forger needs no witness
/// at all: here it votes twice, under a credential that it does not hold.
#[test]
fn attack_1_S_after_x() {
    let scene = Scene::new();
    let weak = Schedule::strict().without(Item::S);
    let victim = base(&scene.forger.voters[1]);
    let honest = scene.honest();
    let mut proving = Proving::new(&scene.setting, &honest);
    proving.encrypt(&Witness { m: votes(&[1, 1, 0]), ..honest.clone() });
    proving.parts.credential = victim;
    let y = weak.challenges(&scene.setting, &proving.parts).y;
    proving.mask(y);
    proving.commit(y, &honest);
    let Challenges { w, x, .. } = weak.challenges(&scene.setting, &proving.parts);
    proving.respond(x, &honest);
    let mut forgery = proving.parts;
    forgery.S = second_right(&scene.setting, w, &forgery) - folded(w, &forgery) * x;
    scene.succeeds_only_against(&weak, &forgery);
    scene.decrypts_to(&forgery, &[1, 1, 0]);
}

/// `B` is hashed after `x`: it is what is left over in equation (1). Equation (2), which does not have `B`,
/// is honest for seven votes.
#[test]
fn attack_1_B_after_x() {
    let scene = Scene::new();
    let weak = Schedule::strict().without(Item::B);
    let seven = Witness { m: votes(&[7, 0, 0]), ..scene.honest() };
    let mut proving = Proving::new(&scene.setting, &seven);
    let y = weak.challenges(&scene.setting, &proving.parts).y;
    proving.mask(y);
    let w = weak.challenges(&scene.setting, &proving.parts).w;
    proving.tie(w);
    let challenges = weak.challenges(&scene.setting, &proving.parts);
    proving.respond(challenges.x, &seven);
    let mut forgery = proving.parts;
    let right = first_right(&proving.generators, &challenges, &forgery);
    forgery.B = (right - forgery.A) * challenges.x.invert();
    scene.succeeds_only_against(&weak, &forgery);
    scene.decrypts_to(&forgery, &[7, 0, 0]);
}

/// `A` is hashed after `x`: as with `B`, with `A` as the remainder. `B` may be any point.
#[test]
fn attack_1_A_after_x() {
    let scene = Scene::new();
    let weak = Schedule::strict().without(Item::A);
    let minus = Witness { m: votes(&[-1, 1, 1]), ..scene.honest() };
    let mut proving = Proving::new(&scene.setting, &minus);
    proving.parts.B = base(&draw(&[b"any point"]));
    let w = weak.challenges(&scene.setting, &proving.parts).w;
    proving.tie(w);
    let challenges = weak.challenges(&scene.setting, &proving.parts);
    proving.respond(challenges.x, &minus);
    let mut forgery = proving.parts;
    forgery.A = first_right(&proving.generators, &challenges, &forgery) - forgery.B * challenges.x;
    scene.succeeds_only_against(&weak, &forgery);
    scene.decrypts_to(&forgery, &[-1, 1, 1]);
}

/// `B` is hashed after `w`, though before `x`: the forger commits to an honest choice and to a false
/// credential secret `s' = s + Σ w^i·d_i / w^{L+1}`, which takes up the error of equation (2).
#[test]
fn attack_1_B_after_w() {
    let scene = Scene::new();
    let weak = Schedule::strict().late(Item::B, Round::X);
    let honest = scene.honest();
    let d = votes(&[0, 1, 1]);
    let mut proving = Proving::new(&scene.setting, &honest);
    proving.encrypt(&Witness { m: votes(&[1, 1, 1]), ..honest.clone() });
    let y = weak.challenges(&scene.setting, &proving.parts).y;
    proving.mask(y);
    let w = weak.challenges(&scene.setting, &proving.parts).w;
    let committed = Witness { s: honest.s + error(w, &d) * power(w, 4).invert(), ..honest };
    proving.commit(y, &committed);
    proving.tie(w);
    let x = weak.challenges(&scene.setting, &proving.parts).x;
    proving.respond(x, &committed);
    scene.succeeds_only_against(&weak, &proving.parts);
    scene.decrypts_to(&proving.parts, &[1, 1, 1]);
}

/// The `C_i` are hashed after `w`, or never: they move by `d_i·G` with `Σ w^i·d_i = 0`, which equation (2) cannot
/// see. Here list 2 gets a whole second vote, and list 3 whatever balances it.
#[test]
fn attack_1_ciphertext_in_the_kernel_of_w() {
    let scene = Scene::new();
    for weak in too_late(&[Item::Choices], &[Round::X]) {
        let honest = scene.honest();
        let mut proving = Proving::new(&scene.setting, &honest);
        let y = weak.challenges(&scene.setting, &proving.parts).y;
        proving.mask(y);
        proving.commit(y, &honest);
        let w = weak.challenges(&scene.setting, &proving.parts).w;
        // w²·d_2 + w³·d_3 = 0
        let d = [Scalar::ZERO, Scalar::ONE, -w.invert()];
        assert_eq!(error(w, &d), Scalar::ZERO);
        for (C, d_i) in proving.parts.choices.iter_mut().zip(&d) {
            *C += base(d_i);
        }
        finish(&scene, &weak, proving, w, &honest);
    }
}

/// The whole ciphertext is hashed after `w`, or never, and the logarithms of the keys are known: the nonce of the
/// ciphertext, whose power of `w` is 0, absorbs the error. With `r' = r + d_0` and `m = b + d`, equation
/// (2) is off by `d_0·(1 + Σ w^i·h_i) + Σ w^i·d_i`, which is a linear equation for `d_0`. Any vote at all.
#[test]
fn attack_1_error_absorbed_by_w_to_the_0_with_known_logarithms() {
    let scene = Scene::new();
    for weak in too_late(&[Item::Nonce, Item::Choices], &[Round::X]) {
        let honest = scene.honest();
        let d = votes(&[1, 5, 0]);
        let mut proving = Proving::new(&scene.setting, &honest);
        let y = weak.challenges(&scene.setting, &proving.parts).y;
        proving.mask(y);
        proving.commit(y, &honest);
        let w = weak.challenges(&scene.setting, &proving.parts).w;
        let logarithms = scene.forger.polynomials.iter().map(|h| h[0]);
        let mixed =
            Scalar::ONE + powers(w).skip(1).zip(logarithms).map(|(w_i, h_i)| w_i * h_i).sum::<Scalar>();
        let d_0 = -error(w, &d) * mixed.invert();
        proving.encrypt(&Witness { r: honest.r + d_0, m: votes(&[2, 5, 0]), s: honest.s });
        let forgery = finish(&scene, &weak, proving, w, &honest);
        scene.decrypts_to(&forgery, &[2, 5, 0]);
    }
}

/// Only `R` is hashed late, after `w`, or never: it absorbs the error alone, `R' = R − Σ w^i·d_i·G`. The forger cannot
/// steer what the ballot then decrypts to, but it is no vote, and spoils the tally.
#[test]
fn attack_1_error_absorbed_by_w_to_the_0() {
    let scene = Scene::new();
    for weak in too_late(&[Item::Nonce], &[Round::X]) {
        let honest = scene.honest();
        let d = votes(&[0, 1, 0]);
        let mut proving = Proving::new(&scene.setting, &honest);
        proving.encrypt(&Witness { m: votes(&[1, 1, 0]), ..honest.clone() });
        let y = weak.challenges(&scene.setting, &proving.parts).y;
        proving.mask(y);
        proving.commit(y, &honest);
        let w = weak.challenges(&scene.setting, &proving.parts).w;
        proving.parts.nonce -= base(&error(w, &d));
        let forgery = finish(&scene, &weak, proving, w, &honest);
        let bits = [base(&Scalar::ZERO), base(&Scalar::ONE)];
        assert!(scene.forger.plaintexts(&forgery).iter().all(|plaintext| !bits.contains(plaintext)));
    }
}

/// The credential is hashed after `w`, or never: `C' = C − Σ w^i·d_i / w^{L+1}·G` absorbs the error. The ciphertext was there
/// before `y`, so the vote is whatever the forger wants; the credential has to be put on the roll
/// afterwards, and its secret is known.
#[test]
fn attack_1_error_absorbed_by_w_to_the_L_plus_1() {
    let scene = Scene::new();
    for weak in too_late(&[Item::Credential], &[Round::X]) {
        let honest = scene.honest();
        let d = votes(&[9, 0, -1]);
        let mut proving = Proving::new(&scene.setting, &honest);
        proving.encrypt(&Witness { m: votes(&[10, 0, -1]), ..honest.clone() });
        let y = weak.challenges(&scene.setting, &proving.parts).y;
        proving.mask(y);
        proving.commit(y, &honest);
        let w = weak.challenges(&scene.setting, &proving.parts).w;
        proving.parts.credential = base(&(honest.s - error(w, &d) * power(w, 4).invert()));
        let forgery = finish(&scene, &weak, proving, w, &honest);
        scene.decrypts_to(&forgery, &[10, 0, -1]);
    }
}

/// The ciphertext is hashed after `y`, or never: the forger needs `Σ_{i=0…L} y^i·m_i·(1 − m_i) = 0` for this one `y`,
/// and then follows every step. A valid choice `b` lies on this quadric, so the line `m = b + t·d` meets it
/// a second time at `t = Σ y^i·d_i·(1 − 2b_i) / Σ y^i·d_i²`, for any direction with `d_0 = −Σ d_i`.
#[test]
fn attack_1_ciphertext_in_the_kernel_of_y() {
    let scene = Scene::new();
    for weak in too_late(&[Item::Nonce, Item::Choices], &[Round::W, Round::X]) {
        let honest = scene.honest();
        let mut proving = Proving::new(&scene.setting, &honest);
        let y = weak.challenges(&scene.setting, &proving.parts).y;
        let d = votes(&[0, 3, -2]);
        let d: Vec<_> = [-d.iter().sum::<Scalar>()].iter().chain(&d).copied().collect();
        let b = honest.all();
        let sum = |of: &dyn Fn(usize) -> Scalar| (0..4).map(|i| power(y, i) * of(i)).sum::<Scalar>();
        let t = sum(&|i| d[i] * (Scalar::ONE - b[i] - b[i])) * sum(&|i| d[i] * d[i]).invert();
        let false_vote = Witness { m: (1..4).map(|i| b[i] + t * d[i]).collect(), ..honest };
        let m = false_vote.all();
        assert_eq!(sum(&|i| m[i] * (Scalar::ONE - m[i])), Scalar::ZERO);
        assert!(m.iter().any(|m_i| *m_i != Scalar::ZERO && *m_i != Scalar::ONE));

        proving.encrypt(&false_vote);
        proving.mask(y);
        proving.commit(y, &false_vote);
        finish_with(&scene, &weak, proving, &false_vote);
    }
}

/// Verifiers that hash the items only in these rounds, and one that never does.
fn too_late(items: &[Item], rounds: &[Round]) -> Vec<Schedule> {
    let each = |weaken: &dyn Fn(Schedule, Item) -> Schedule| {
        items.iter().fold(Schedule::strict(), |schedule, item| weaken(schedule, *item))
    };
    let late = rounds.iter().map(|round| each(&|schedule, item| schedule.late(item, *round)));
    late.chain([each(&Schedule::without)]).collect()
}

/// `Σ_{i=1…L} w^i·d_i`
fn error(w: Scalar, d: &[Scalar]) -> Scalar {
    powers(w).skip(1).zip(d).map(|(w_i, d_i)| w_i * d_i).sum()
}

fn power(x: Scalar, exponent: usize) -> Scalar {
    powers(x).nth(exponent).unwrap()
}

/// The rest of an honest proof for this witness, whatever the ciphertext has become after `w`.
fn finish(scene: &Scene, weak: &Schedule, proving: Proving<'_>, w: Scalar, witness: &Witness) -> Parts {
    let same = weak.challenges(&scene.setting, &proving.parts).w;
    assert_eq!(w, same, "the weak verifier's w does not notice");
    finish_with(scene, weak, proving, witness)
}

fn finish_with(scene: &Scene, weak: &Schedule, mut proving: Proving<'_>, witness: &Witness) -> Parts {
    let w = weak.challenges(&scene.setting, &proving.parts).w;
    proving.tie(w);
    let x = weak.challenges(&scene.setting, &proving.parts).x;
    proving.respond(x, witness);
    scene.succeeds_only_against(weak, &proving.parts);
    proving.parts
}

/// All items are hashed by name and not only by position: a verifier of the strict order with two points
/// exchanged between their labels gets other challenges.
#[test]
fn attack_1_points_exchanged() {
    let scene = Scene::new();
    let honest = prove(&scene.setting, &Schedule::strict(), &scene.honest());
    let Parts { A, B, S, .. } = honest;
    for (A, B, S) in [(B, A, S), (S, B, A), (A, S, B)] {
        let exchanged = Parts { A, B, S, ..honest.clone() };
        let ballot = Ballot::from_bytes(&scene.contest, &exchanged.to_bytes()).unwrap();
        assert_eq!(ballot.verify(&scene.contest).unwrap_err(), BallotError::Proof);
    }
}
