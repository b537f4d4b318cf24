//! Proof that urne needs no std: this program has none, and seals, tallies and audits an election.
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
use urne::audit::AuditReport;
use urne::ceremony::Ceremony;
use urne::closed_box::Closing;
use urne::contest::ContestDescription;
use urne::rand_core::SeedableRng;
use urne::*;

/// What C's startup code calls; 0 is success.
#[unsafe(no_mangle)]
extern "C" fn main() -> c_int {
    election().is_none().into()
}

fn election() -> Option<()> {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let [before, opens_at, closes_at] = [900, 1_000, 2_000].map(UnixTime::from_seconds);
    let secret = IdentitySecret::generate(rng);
    let ceremony = Ceremony::new("no std", Threshold::new(1, 1).ok()?, 2, vec![secret.public()]).ok()?;
    let (trustee, commitment) = ceremony.join(secret, rng).ok()?;
    let (trustee, reveal) = trustee.reveal(&[commitment], rng).ok()?;
    let (trustee, confirmation) = trustee.check(&[reveal], rng).ok()?.confirm(&[], rng).ok()?;
    let mut trustee = Trustee::new(trustee.finish(&[confirmation], &[]).ok()?);

    let box_key = BoxSecretKey::generate(rng);
    let description = ContestDescription {
        election: "No std".into(),
        number: 1,
        title: "Council".into(),
        documents: "".into(),
        lists: vec!["Left bank".into(), "Right bank".into()],
        opens_at,
        closes_at,
        quorum: None,
        box_key: box_key.public(),
    };
    let contest = Contest::new(description, trustee.key().election_key()).ok()?;
    let approvals = vec![trustee.approve(&contest, rng).ok()?];
    let contest = ApprovedContest::new(contest, approvals).ok()?;
    let credential = Credential::derive(contest.contest(), &VotingCode::generate(rng));
    let roll = Roll::open(contest.contest(), vec![credential.public()], before, &box_key).ok()?;
    let sealed = SealedBallot::seal(&contest, Choice::List(2), &credential, rng).ok()?;
    let (references, ballots): (Vec<_>, _) = (vec![sealed.reference()], vec![sealed.cast()]);

    let closing = Closing::sign(contest.contest(), &roll, &references, closes_at, &box_key).ok()?;
    let closed = ClosedBox::verify(contest, roll, ballots, closing, &mut |_| ()).ok()?;
    let endorsements = [trustee.endorse(&closed, closed.closing().at, rng).ok()?];
    let factors = [trustee.decrypt(&closed, &endorsements, rng).ok()?];
    let opened = OpenedTally::open(&closed, &endorsements, &factors).ok()?;
    let record = Record::new(&closed, &opened).to_json();
    let report = AuditReport::of(&Record::from_json(record.as_bytes()).ok()?, &mut |_| ());
    (report.verdict().is_ok() && opened.result().votes() == [0, 1]).then_some(())
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
