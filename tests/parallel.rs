//! With the feature `parallel`: what comes out does not depend on the number of threads.
#![cfg(all(feature = "parallel", feature = "serde"))]

#[path = "support/polling.rs"]
mod polling;

use rayon::ThreadPoolBuilder;
use urne::ballot::{BallotError, PartialSum, verify_stream};
use urne::credential::DecodedCredentials;
use urne::{ApprovedContest, AuditReport, BallotBox, Choice, Record};

/// In pools of 1, 2, 3 and 8 threads, all of which must give the same.
fn in_pools<T: PartialEq + std::fmt::Debug + Send>(work: impl Fn() -> T + Send + Sync) -> T {
    let mut results = [1, 2, 3, 8].map(|threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            assert_eq!(rayon::current_num_threads(), threads);
            work()
        })
    });
    for pair in results.windows(2) {
        assert_eq!(pair[0], pair[1]);
    }
    std::mem::replace(&mut results[0], work())
}

#[test]
fn verdicts_and_sums_do_not_depend_on_the_threads() {
    let mut polling = polling::Polling::open(10);
    let contest = polling.contest.clone();
    let pool: Vec<_> = (0..10).map(|voter| polling.seal(voter, Choice::List(1))).collect();
    // More than any pool takes at a time, with ballots that fail in either way at odd places.
    let ballots: Vec<_> = (0..5_003)
        .map(|at: usize| {
            let mut ballot = pool[at % 10].clone();
            match at {
                at if at % 701 == 3 => ballot.truncate(100),
                at if at % 997 == 5 => ballot[2..34].copy_from_slice(&pool[(at + 1) % 10][2..34]),
                _ => (),
            }
            ballot
        })
        .collect();
    let decoded = polling.ballot_box.roll().decoded_credentials();
    let [with, without] =
        [Some(&decoded), None].map(|credentials| in_pools(|| verdicts(&contest, &ballots, credentials)));
    assert_eq!(with, without, "decoded credentials change no verdict");
    let (sum, refused) = with;
    assert!(!sum.is_empty());
    let expected: Vec<u64> = (0..5_003).filter(|at| at % 701 == 3 || at % 997 == 5).collect();
    assert_eq!(refused.iter().map(|(index, _)| *index).collect::<Vec<_>>(), expected);
}

/// The sum of what holds, and the others with their errors.
fn verdicts(
    contest: &ApprovedContest,
    ballots: &[Vec<u8>],
    credentials: Option<&DecodedCredentials>,
) -> (Vec<u8>, Vec<(u64, BallotError)>) {
    let mut sum = PartialSum::new(contest.contest());
    let mut refused = vec![];
    for (index, verdict) in (0..).zip(verify_stream(contest.contest(), ballots, credentials)) {
        match verdict {
            Ok(ballot) => sum.add(index, &ballot).unwrap(),
            Err(error) => refused.push((index, error)),
        }
    }
    (sum.to_bytes(), refused)
}

#[test]
fn the_audit_does_not_depend_on_the_threads() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/record-12-lists.json");
    let mut record = Record::from_json(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(in_pools(|| AuditReport::of(&record, &mut |_| ())).verdict(), Ok(()));
    let last = record.ballots.len() - 1;
    record.ballots.swap(0, last);
    record.ballots[1].0.pop();
    let report = in_pools(|| AuditReport::of(&record, &mut |_| ()));
    assert!(report.verdict().is_err());
}

/// A box made again from its log is the same, and a damaged log is refused alike.
#[test]
fn a_rebuilt_box_does_not_depend_on_the_threads() {
    let mut polling = polling::Polling::open(40);
    for voter in 0..40 {
        polling.vote(voter, Choice::List(1), 10);
    }
    let rebuild = |log: &[u8]| {
        let mut rebuilding =
            BallotBox::rebuilding(polling.contest.clone(), polling::box_key(), polling.anchor);
        rebuilding.read(log).map_err(|error| error.to_string())?;
        let rebuilt = rebuilding.finish().map_err(|error| error.to_string())?;
        let anchor = rebuilt.anchor();
        Ok::<_, String>((rebuilt.stored().head(), anchor))
    };
    let (head, anchor) = in_pools(|| rebuild(&polling.log)).unwrap();
    assert_eq!((head, anchor), (polling.ballot_box.head(), polling.anchor));
    let mut spoilt = polling.log.clone();
    let last = spoilt.len() - 100;
    spoilt[last] ^= 1;
    in_pools(|| rebuild(&spoilt)).unwrap_err();
}
