//! A small election in a folder, with everybody's keys: two contests, a bureau of one, and voters.
#![allow(dead_code)]

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use urne::ballot_box::{Issued, OpeningDigest, Validity};
use urne::bureau::{Ceremony, OpenedShares};
use urne::contest::{ContestDescription, documents_text};
use urne::rand_core::UnwrapErr;
use urne::{
    Activation, ActivationNonce, ApprovedContest, Bureau, Choice, Contest, Credential, ElectoralRoll,
    IdentitySecret, Issuer, Panel, SealedBallot, SigningKey, Trustee, UnixTime, VoterId,
};

pub const NUMBERS: [u64; 2] = [584, 585];
/// Seconds from now to the close, and the grace.
pub const CLOSES_IN: u64 = 10_000;
pub const GRACE: u64 = 100;

pub struct Election {
    /// `DIR`; it goes with the election.
    pub folder: PathBuf,
    pub contests: Vec<ApprovedContest>,
    pub openings: Vec<OpeningDigest>,
    pub letters: Vec<Issued>,
    pub issuer: RefCell<Issuer>,
    /// The issuer as it was before it signed the openings.
    pub issuer_before: Vec<u8>,
    /// And after.
    pub issuer_after: Vec<u8>,
    pub trustee: RefCell<Trustee>,
    pub box_key: [u8; 32],
}

pub fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

pub fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

/// The documents of a contest: one list's name is not what a page may show as it is.
pub fn documents(number: u64) -> String {
    let list = |name: &str| {
        format!(r#"{{"name":"{name}","statement":"One.\n\nTwo <b>bold</b>.","candidates":["Zoé <img>"]}}"#)
    };
    format!(
        r#"{{"number":{number},"short":"CSA","title":"CSA {number}","seats":3,"lists":[{},{}]}}"#,
        list("Left <script>alert(1)</script>"),
        list("Right & Co")
    )
}

/// A bureau of one, after its ceremony.
pub fn only_trustee(label: &str, slots: u8) -> Trustee {
    let rng = &mut rng();
    let secret = IdentitySecret::generate(rng);
    let bureau = Bureau::new(vec![Panel { threshold: 1, trustees: vec![secret.public()] }]).unwrap();
    let ceremony = Ceremony::new(label, slots, bureau).unwrap();
    let (trustee, commitment) = ceremony.join(secret, rng).unwrap().stored();
    let (trustee, reveal) = trustee.reveal(&[commitment], rng).unwrap().stored();
    let OpenedShares::Good(trustee) = trustee.check(&[reveal], rng).unwrap() else { panic!("bad shares") };
    let (trustee, confirmation) = trustee.confirm(&[], rng).unwrap().stored();
    Trustee::after_ceremony(trustee.finish(&[confirmation], &[]).unwrap())
}

impl Election {
    pub fn new(voters: &[&str]) -> Election {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("urne-portal-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(name);
        let rng = &mut rng();
        let before = UnixTime::from_seconds(now() - 2_000);
        let mut trustee = only_trustee("portal", 2);
        let box_key = *SigningKey::generate(rng).expose_seed();
        let issuer_key = SigningKey::generate(rng);
        let mut contests = Vec::new();
        for number in NUMBERS {
            let description = ContestDescription {
                election: "Élections 2026".into(),
                number,
                title: format!("CSA {number}").as_str().into(),
                documents: documents_text(documents(number).as_bytes()),
                lists: vec!["Left <script>alert(1)</script>".into(), "Right & Co".into()],
                opens_at: UnixTime::from_seconds(now() - 1_000),
                closes_at: UnixTime::from_seconds(now() + CLOSES_IN),
                grace: GRACE,
                capacity: 1_000,
                packing: None,
                quorums: None,
                box_key: SigningKey::from_seed(&box_key).public(),
                issuer_key: issuer_key.public(),
            };
            let contest = Contest::new(description, trustee.key().election_key()).unwrap();
            let approval = trustee.approve(&contest, before, rng).unwrap().stored();
            contests.push(ApprovedContest::new(contest, vec![approval]).unwrap());
        }
        let mut issuer = Issuer::with_empty_memory(issuer_key);
        let orders: Vec<_> = voters
            .iter()
            .map(|id| (VoterId::new(*id).unwrap(), contests.iter().map(ApprovedContest::contest).collect()))
            .collect();
        let letters = issuer.issue(&orders, Validity::UntilClose, before, rng).unwrap().stored();
        let issuer_before = issuer.to_bytes().to_vec();
        let (public, portal) = (folder.join("public"), folder.join("portal"));
        std::fs::create_dir_all(&portal).unwrap();
        let mut openings = Vec::new();
        for contest in &contests {
            let number = contest.contest().description().number;
            let mut roll = ElectoralRoll::new(contest.clone());
            issuer.issues(contest.contest()).into_iter().try_for_each(|issue| roll.register(issue)).unwrap();
            let proposed = roll.propose(before, &SigningKey::from_seed(&box_key)).unwrap().stored();
            let opening = issuer.sign_opening(contest.contest(), &proposed).unwrap().stored();
            let signed = proposed.signed(&opening);
            openings.push(signed.verify(contest.contest()).unwrap());
            let place = public.join(number.to_string());
            std::fs::create_dir_all(&place).unwrap();
            std::fs::write(place.join("opening"), signed.to_bytes()).unwrap();
            std::fs::write(place.join("approved.json"), contest.to_json()).unwrap();
            std::fs::write(place.join("documents"), documents(number)).unwrap();
            std::fs::write(portal.join(format!("{number}.roll")), roll.to_bytes()).unwrap();
            let voters = u64::try_from(voters.len()).unwrap();
            trustee.keep_opening(contest.contest(), &signed, voters, before).unwrap().stored();
        }
        std::fs::write(public.join("fingerprints.json"), "{}").unwrap();
        std::fs::write(portal.join("box.key"), box_key).unwrap();
        Election {
            folder,
            contests,
            openings,
            letters,
            issuer_before,
            issuer_after: issuer.to_bytes().to_vec(),
            issuer: issuer.into(),
            trustee: trustee.into(),
            box_key,
        }
    }

    pub fn letter(&self, voter: &str) -> &Issued {
        self.letters.iter().find(|letter| letter.voter.as_bytes() == voter.as_bytes()).unwrap()
    }

    pub fn contest(&self, number: u64) -> &ApprovedContest {
        self.contests.iter().find(|contest| contest.contest().description().number == number).unwrap()
    }

    fn credential(&self, number: u64, voter: &str) -> Credential {
        Credential::derive(self.contest(number).contest(), &self.letter(voter).code)
    }

    pub fn activation(&self, number: u64, voter: &str, nonce: &ActivationNonce) -> Activation {
        Activation::new(&self.credential(number, voter), nonce, &mut rng())
    }

    pub fn ballot(&self, number: u64, voter: &str, choice: Choice) -> Vec<u8> {
        let credential = self.credential(number, voter);
        SealedBallot::seal(self.contest(number), choice, &credential, &mut rng()).unwrap().cast()
    }
}

impl Drop for Election {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
