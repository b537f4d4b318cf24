//! Proof that urne needs no std: this program has none, and holds and audits an election.
//!
//! A target without std is not to be had everywhere. Its place is taken by a rule of the language: there
//! is one panic handler in a program, and std has its own. So this does not compile once any crate that
//! urne brings along uses std.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::{vec, vec::Vec};
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ffi::c_int;
use core::sync::atomic::{AtomicUsize, Ordering};

use rand_chacha::ChaCha20Rng;
use urne::ballot_box::{Complaints, IdentityChecked, Issued, SignedBox, Validity};
use urne::bureau::{Ceremony, OpenedShares};
use urne::contest::ContestDescription;
use urne::rand_core::SeedableRng;
use urne::record::AuditReport;
use urne::*;

/// What C's startup code calls; 0 is success.
#[unsafe(no_mangle)]
extern "C" fn main() -> c_int {
    election().is_none().into()
}

/// A key of two panels, a contest with issuer and box apart, two voters of whom one asks for another code, the
/// closing with both signatures, the count, and the audit.
fn election() -> Option<()> {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let [before, opens_at, now, closes_at, end] =
        [900, 1_000, 1_500, 2_000, 2_600].map(UnixTime::from_seconds);
    let mut trustees = ceremony(rng)?;
    let key = trustees.first()?.key().election_key().clone();
    let [box_key, issuer_key] = [(); 2].map(|()| SigningKey::generate(rng));
    let description = ContestDescription {
        election: "No std".into(),
        number: 1,
        title: "Council".into(),
        documents: "".into(),
        lists: vec!["Left bank".into(), "Right bank".into(), "Island".into()],
        opens_at,
        closes_at,
        grace: 600,
        capacity: 1_000,
        packing: None,
        quorums: None,
        box_key: box_key.public(),
        issuer_key: issuer_key.public(),
    };
    let contest = Contest::new(description, &key).ok()?;
    let approvals: Vec<_> = trustees
        .iter_mut()
        .map(|trustee| Some(trustee.approve(&contest, before, rng).ok()?.stored()))
        .collect::<Option<_>>()?;
    let contest = ApprovedContest::new(contest, approvals).ok()?;

    let mut issuer = Issuer::with_empty_memory(issuer_key);
    let voters = [VoterId::new("Jo Doe")?, VoterId::new("Ann Other")?];
    let orders: Vec<_> = voters.iter().map(|voter| (voter.clone(), vec![contest.contest()])).collect();
    let issued = issuer.issue(&orders, Validity::UntilClose, before, rng).ok()?.stored();
    let mut codes: Vec<_> = issued.into_iter().map(|letter| letter.code).collect();
    let roll = issuer.electoral_roll(&contest).ok()?;
    let opening = issuer.sign_opening(contest.contest(), &roll.propose(before, &box_key).ok()?.stored()).ok()?.stored();
    let mut ballot_box = BallotBox::open(roll, opening, box_key).ok()?.stored();
    let [_, second] = &voters;
    let contests = [contest.contest()];
    let issued = issuer.reissue(second, &contests, Validity::TWO_MINUTES, now, rng).ok()?;
    let Issued { code, issues, .. } = issued.stored();
    let mut transaction = ballot_box.transaction();
    for issue in issues {
        transaction.reissue(IdentityChecked::by_application(second.clone()), issue, now).ok()?;
    }
    *codes.last_mut()? = code;
    for ((voter, code), choice) in voters.iter().zip(&codes).zip([Choice::List(3), Choice::Blank]) {
        let credential = Credential::derive(contest.contest(), code);
        let nonce = ActivationNonce::generate(rng);
        transaction.activate(voter, &nonce, &Activation::new(&credential, &nonce, rng), now).ok()?;
        let ballot = SealedBallot::seal(&contest, choice, &credential, rng).ok()?.cast();
        transaction.deposit(voter, &ballot, now).ok()?;
    }

    transaction.close(end, rng).ok()?;
    // Where there is no disk nothing is stored.
    drop(transaction.stored());
    let (closed, signings) = ballot_box.closed()?;
    let report = AuditReport::of_closed(&ClosedRecord::new(&closed), &mut |_| ());
    report.verdict_of_closed().ok()?;
    issuer.given(&closed, end).ok()?.stored();
    let given: Vec<_> = trustees
        .iter_mut()
        .map(|trustee| Some(trustee.given(&closed, end).ok()?.stored()))
        .collect::<Option<_>>()?;
    let complaints = Complaints { seconds: 0, given: &given };
    let signature = issuer.sign_closing(&closed, &complaints, end).ok()?.stored();
    let signed = SignedBox::new(closed, signature).ok()?;
    let voters = voters.into_iter().collect();
    let endorsements: Vec<_> = trustees
        .iter_mut()
        .map(|trustee| Some(trustee.endorse(&signed, &signings, &voters, &complaints, end, rng).ok()?.stored()))
        .collect::<Option<_>>()?;
    let ready: Vec<_> =
        trustees.iter().map(|trustee| trustee.ready(&signed, &endorsements).ok()).collect::<Option<_>>()?;
    let factors: Vec<_> = trustees
        .iter_mut()
        .map(|trustee| Some(trustee.give_factors(&signed, &endorsements, &ready, rng).ok()?.stored()))
        .collect::<Option<_>>()?;
    let opened = OpenedTally::open(&signed, &endorsements, &factors).ok()?;
    let record = Record::new(&signed, &opened).to_json();
    let report = AuditReport::of(&Record::from_json(record.as_bytes()).ok()?, &mut |_| ());
    let result = opened.result();
    (report.verdict().is_ok() && result.votes() == [0, 0, 1] && result.blank() == 1).then_some(())
}

/// One of two, and two of three.
fn ceremony(rng: &mut ChaCha20Rng) -> Option<Vec<Trustee>> {
    let secrets: Vec<_> = (0..5).map(|_| IdentitySecret::generate(rng)).collect();
    let keys: Vec<_> = secrets.iter().map(IdentitySecret::public).collect();
    let (first, second) = keys.split_at_checked(2)?;
    let panels = vec![
        Panel { threshold: 1, trustees: first.to_vec() },
        Panel { threshold: 2, trustees: second.to_vec() },
    ];
    let ceremony = Ceremony::new("no std", 2, Bureau::new(panels).ok()?).ok()?;
    let (mut states, mut commitments) = (Vec::new(), Vec::new());
    for secret in secrets {
        let (state, message) = ceremony.join(secret, rng).ok()?.stored();
        states.push(state);
        commitments.push(message);
    }
    let (mut revealed, mut reveals) = (Vec::new(), Vec::new());
    for state in states {
        let (state, message) = state.reveal(&commitments, rng).ok()?.stored();
        revealed.push(state);
        reveals.push(message);
    }
    let (mut confirmed, mut confirmations) = (Vec::new(), Vec::new());
    for state in revealed {
        let OpenedShares::Good(checked) = state.check(&reveals, rng).ok()? else { return None };
        let (state, message) = checked.confirm(&[], rng).ok()?.stored();
        confirmed.push(state);
        confirmations.push(message);
    }
    confirmed
        .into_iter()
        .map(|state| state.finish(&confirmations, &[]).ok().map(Trustee::after_ceremony))
        .collect()
}

const MEMORY: usize = 1 << 26;

/// Memory that is handed out once and never taken back.
struct Arena {
    memory: UnsafeCell<[u8; MEMORY]>,
    used: AtomicUsize,
}

// SAFETY: every piece of the memory is handed out to one caller only.
unsafe impl Sync for Arena {}

// SAFETY: pieces are aligned, within the memory, and do not overlap, because `used` only grows.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.memory.get().cast::<u8>();
        // Enough for the piece wherever in it the aligned part begins.
        let Some(needed) = layout.size().checked_add(layout.align()) else { return core::ptr::null_mut() };
        let from = self.used.fetch_add(needed, Ordering::Relaxed);
        if from > MEMORY || needed > MEMORY - from {
            return core::ptr::null_mut();
        }
        // SAFETY: `from` and the aligned piece after it lie within the memory, as just checked.
        unsafe {
            let piece = start.add(from);
            piece.add(piece.align_offset(layout.align()))
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ARENA: Arena = Arena { memory: UnsafeCell::new([0; MEMORY]), used: AtomicUsize::new(0) };

#[link(name = "c")]
unsafe extern "C" {
    safe fn abort() -> !;
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    abort()
}
