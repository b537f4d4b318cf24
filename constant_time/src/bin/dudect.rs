//! A second opinion by measuring, after Reparaz, Balasch and Verbauwhede (2017): does the time of an
//! operation differ between a fixed secret and random ones? `dudect SECONDS`, on a quiet machine.
//!
//! The two classes come in random order. Welch's t is taken over all measurements, and over those below
//! several percentiles of both classes together, because interrupts lengthen some of them at random. The
//! largest |t| counts; from 4.5 the times differ. Two rows are controls: times of the same class, which
//! must not differ, and a planted leak, which must.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha20Rng;
use urne::rand_core::Rng;
use urne::*;
use urne_constant_time::election;

const LISTS: u8 = 12;
const PACKING: u8 = 2;
const PERCENTILES: [usize; 7] = [10, 25, 50, 75, 90, 99, 100];
const LIMIT: f64 = 4.5;
const AT_ONCE: usize = 128;

/// Nanoseconds, of the class with the fixed secret and of the other.
type Times = [Vec<f64>; 2];

fn main() {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(150);
    let rng = &mut election::rng(1);
    let mut trustees = election::key_ceremony(&[(1, 1)], LISTS.div_ceil(PACKING), |bytes| bytes, |_| (), rng);
    let contest = election::contest(&mut trustees, LISTS, PACKING, |bytes| bytes, rng).contest;

    let choice = |is_random, rng: &mut ChaCha20Rng| {
        let list = Choice::List((rng.next_u32() % u32::from(LISTS)) as u8 + 1);
        if is_random { list } else { Choice::Blank }
    };
    let code = |is_random, rng: &mut ChaCha20Rng| {
        let mut bytes = [0; 15];
        rng.fill_bytes(&mut bytes);
        VotingCode::from_bytes(if is_random { bytes } else { [7; 15] })
    };
    let derive = |code: &VotingCode| Credential::derive(contest.contest(), code);
    let credential = |is_random, rng: &mut ChaCha20Rng| derive(&code(is_random, rng));
    let seal = |choice: Choice, credential: &Credential, rng: &mut ChaCha20Rng| {
        black_box(SealedBallot::seal(&contest, choice, credential, rng).expect("all choices are valid"));
    };
    let fixed = derive(&VotingCode::from_bytes([7; 15]));
    let point = fixed.public().to_bytes();
    let nonce = ActivationNonce::generate(rng);

    println!(
        "{:24} {:>9} {:>9} {:>11} {:>8}",
        "fixed against random", "fixed", "random", "median ns", "max |t|"
    );
    let mut measure = Measure { time: Duration::from_secs(seconds) / 6, rng };
    measure.report("choice: sealing", choice, |choice, rng| seal(*choice, &fixed, rng));
    measure.report("credential: sealing", credential, |own, rng| seal(Choice::List(3), own, rng));
    measure.report("code: credential", code, |code, _| drop(black_box(derive(code))));
    measure.report("credential: activation", credential, |own, rng| {
        black_box(Activation::new(own, &nonce, rng));
    });
    let same = |_, rng: &mut ChaCha20Rng| choice(true, rng);
    measure.report("control: no difference", same, |choice, rng| seal(*choice, &fixed, rng));
    measure.report("control: planted leak", choice, |choice, rng| {
        seal(*choice, &fixed, rng);
        // One point more is decoded for a list than for a blank ballot.
        if *choice != Choice::Blank {
            black_box(PublicCredential::from_bytes(black_box(&point)).is_ok());
        }
    });
}

struct Measure<'a> {
    /// For each row.
    time: Duration,
    rng: &'a mut ChaCha20Rng,
}

impl Measure<'_> {
    /// Measures for some time, and prints what comes out.
    ///
    /// Inputs are prepared many at a time, so that what is done just before an operation is the same for
    /// both classes: the processor's caches and branch predictors remember it.
    fn report<I>(
        &mut self,
        name: &str,
        mut prepare: impl FnMut(bool, &mut ChaCha20Rng) -> I,
        mut operation: impl FnMut(&I, &mut ChaCha20Rng),
    ) {
        let mut times: Times = [Vec::new(), Vec::new()];
        let begin = Instant::now();
        while begin.elapsed() < self.time {
            let inputs: Vec<_> = (0..AT_ONCE)
                .map(|_| {
                    let is_random = self.rng.next_u32() & 1 == 1;
                    (is_random, prepare(is_random, self.rng))
                })
                .collect();
            let measured: Vec<_> = inputs
                .iter()
                .map(|(_, input)| {
                    let start = Instant::now();
                    operation(black_box(input), self.rng);
                    start.elapsed().as_nanos() as f64
                })
                .collect();
            // The first ones warm up.
            for ((is_random, _), time) in inputs.iter().zip(measured).skip(8) {
                times[usize::from(*is_random)].push(time);
            }
        }
        let mut all = times.concat();
        all.sort_by(f64::total_cmp);
        let t = PERCENTILES
            .map(|percentile| all[(all.len() * percentile / 100).saturating_sub(1)])
            .map(|most| welch(&times.each_ref().map(|class| crop(class, most))))
            .into_iter()
            .fold(0.0, f64::max);
        let verdict = if t < LIMIT { "" } else { "  differs" };
        let [fixed, random] = times.each_ref().map(Vec::len);
        println!("{name:24} {fixed:9} {random:9} {:11} {t:8.2}{verdict}", all[all.len() / 2]);
    }
}

fn crop(times: &[f64], most: f64) -> Vec<f64> {
    times.iter().copied().filter(|time| *time <= most).collect()
}

/// |t| of Welch's test.
fn welch(classes: &Times) -> f64 {
    let [a, b] = classes.each_ref().map(|times| {
        let count = times.len() as f64;
        let mean = times.iter().sum::<f64>() / count;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    });
    (a.0 - b.0).abs() / (a.1 + b.1).sqrt()
}
