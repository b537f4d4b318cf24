//! Row 19 of the attacks: what is left on the stack once the library has worked with a secret.
//!
//! Each piece of work runs on a thread of its own, below a pad, and when it has come back the part of the stack where
//! it ran is read through `/proc/self/mem`: no unsafe code is needed for it. Every secret that the work knew is looked
//! for there. A choice is one byte, which random bytes hold too; it is found by where it stands: the same place holds
//! each of several choices.
//!
//! That a copy would be found is shown with copies that are left on purpose.
#![cfg(all(target_os = "linux", feature = "serde"))]

use std::fs::{self, File};
use std::hint::black_box;
use std::os::unix::fs::FileExt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256, Sha512};
use urne::ballot::{ChallengedBallot, Sealer};
use urne::ballot_box::{Closing, Opening, RollEntry, SignedOpening, SigningsDigest, VoterState};
use urne::bureau::{Board, Ceremony, Committed, Confirmed, OpenedShares, Revealed, Said, Seat, Step};
use urne::voter::ActiveSession;
use urne::{
    Activation, ActivationNonce, ApprovedContest, BallotReference, Bureau, Choice, Credential,
    IdentitySecret, Panel, Roll, SealedBallot, Signature, SigningKey, Trustee, TrusteeIndex, UnixTime,
    VoterId, VoterSession, VotingCode,
};

#[path = "support/dealer.rs"]
mod dealer;
mod fixture;

use fixture::common::{self, OPENS_AT};

/// No pattern that stands elsewhere.
const BOX_SEED: [u8; 32] = *b"the seed of a box that is closed";
const ISSUER_SEED: [u8; 32] = [2; 32];
const LISTS: u8 = 200;
const NUMBER: u64 = 584;
/// Deeper than anything here goes.
const DEPTH: usize = 512 * 1_024;

/// A part of the stack from its deepest address up.
struct Left(Vec<u8>);

impl Left {
    fn contains(&self, secret: &[u8]) -> bool {
        self.0.windows(secret.len()).any(|window| window == secret)
    }
}

/// What some work leaves on the stack, which was zero before.
fn left_by(work: impl FnOnce() + Send) -> Left {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(4 * DEPTH);
        thread
            .spawn_scoped(scope, || {
                clear();
                pad(work);
                read()
            })
            .unwrap()
            .join()
            .unwrap()
    })
}

#[inline(never)]
fn clear() {
    black_box([0u64; DEPTH / 8]);
}

/// What comes after the work uses this much of the stack, and not where the work was.
#[inline(never)]
fn pad(work: impl FnOnce()) {
    let pad = black_box([0u64; 4_096]);
    apart(work);
    black_box(pad);
}

#[inline(never)]
fn apart(work: impl FnOnce()) {
    work();
}

/// The stack from `DEPTH` below here up to the pad.
#[inline(never)]
fn read() -> Left {
    let here = std::ptr::from_ref(&black_box(0u8)) as usize;
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let holds_here = |line: &&str| {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [from, to] = [from, to].map(|hex| usize::from_str_radix(hex, 16).unwrap());
        (from..to).contains(&here)
    };
    let stack = maps.lines().find(holds_here).unwrap();
    let lowest = usize::from_str_radix(stack.split_once('-').unwrap().0, 16).unwrap();
    let from = lowest.max(here - DEPTH);
    // Above it is the pad, which this function has overwritten in part.
    let mut bytes = vec![0; here - 16_384 - from];
    File::open("/proc/self/mem").unwrap().read_exact_at(&mut bytes, from as u64).unwrap();
    Left(bytes)
}

/// A contest of a trustee, and of a voter who has a code.
struct World {
    contest: ApprovedContest,
    code: VotingCode,
    text: String,
    credential: Credential,
    box_key: SigningKey,
}

fn world() -> World {
    let mut rng = rng();
    let [box_key, issuer_key] = [BOX_SEED, ISSUER_SEED].map(|seed| SigningKey::from_seed(&seed));
    let (key, mut trustees) = common::run_ceremony("left", &[(1, 1)], LISTS.div_ceil(2), &mut rng).unwrap();
    let description = common::description(LISTS, 1_000, &box_key, &issuer_key);
    let contest = common::approve(description, &key, &mut trustees, &mut rng).unwrap();
    let code = VotingCode::generate(&mut rng);
    let credential = Credential::derive(contest.contest(), &code);
    World { text: code.expose_text().to_string(), contest, code, credential, box_key }
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(19)
}

/// The nonce of the ballot that this RNG seals, and its bytes.
fn nonce(world: &World, choice: Choice) -> ([u8; 32], Vec<u8>) {
    let sealed = SealedBallot::seal(&world.contest, choice, &world.credential, &mut rng()).unwrap();
    let opened = sealed.challenge().expose_bytes();
    (*opened[3..].first_chunk().unwrap(), opened.to_vec())
}

/// The credential's secret, as the protocol derives it.
fn credential_secret(world: &World) -> [u8; 32] {
    let mut transcript = merlin::Transcript::new(b"urne/2 credential");
    transcript.append_message(b"contest", &world.contest.contest().fingerprint().to_bytes());
    transcript.append_message(b"code", world.code.expose_bytes().as_ref());
    let mut wide = [0; 64];
    transcript.challenge_bytes(b"secret", &mut wide);
    let secret = Scalar::from_bytes_mod_order_wide(&wide);
    let public = curve25519_dalek::RistrettoPoint::mul_base(&secret).compress();
    assert_eq!(public.to_bytes(), world.credential.public().to_bytes());
    secret.to_bytes()
}

/// A scalar, its half, its negative, and its limbs as the two backends hold them.
fn forms(name: &str, scalar: [u8; 32]) -> Vec<(String, Vec<u8>)> {
    let value = Scalar::from_canonical_bytes(scalar).unwrap();
    let words: Vec<u64> = scalar.chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect();
    // Of 52 bits each: the first four, since the last may be small.
    let limb = |at: usize| {
        let (word, shift) = (at * 52 / 64, at * 52 % 64);
        let high = words.get(word + 1).copied().unwrap_or(0);
        let both = u128::from(words[word]) | u128::from(high) << 64;
        u64::try_from(both >> shift & ((1 << 52) - 1)).unwrap().to_le_bytes()
    };
    let limbs: Vec<u8> = (0..4).flat_map(limb).collect();
    // Digits to base 16, as multiplications use them, from -8 to 8.
    let mut digits = [0i8; 64];
    for (digit, nibble) in digits.iter_mut().zip(scalar.iter().flat_map(|byte| [byte & 15, byte >> 4])) {
        *digit = i8::try_from(nibble).unwrap();
    }
    for at in 0..63 {
        let carry = (digits[at] + 8) >> 4;
        digits[at] -= carry << 4;
        digits[at + 1] += carry;
    }
    let digits: Vec<u8> = digits.iter().map(|digit| digit.to_le_bytes()[0]).collect();
    vec![
        (name.to_owned(), scalar.to_vec()),
        (format!("half of {name}"), value.div_by_2().to_bytes().to_vec()),
        (format!("-{name}"), (-value).to_bytes().to_vec()),
        (format!("limbs of {name}"), limbs),
        (format!("digits of {name}"), digits[..48].to_vec()),
    ]
}

fn assert_none(what: &str, left: &Left, secrets: &[(String, Vec<u8>)]) {
    for (name, secret) in secrets {
        assert!(!left.contains(secret), "{what}: {name} is left on the stack");
    }
}

/// Copies left on purpose are found, of each kind.
#[test]
fn attack_19_a_copy_that_is_left_is_found() {
    #[inline(never)]
    fn leave(secret: &[u8]) {
        let mut copy = [0; 64];
        copy[..secret.len().min(64)].copy_from_slice(&secret[..secret.len().min(64)]);
        black_box(&copy);
    }
    let world = world();
    let (nonce, _) = nonce(&world, Choice::List(1));
    for (name, secret) in forms("r", nonce) {
        assert!(left_by(|| leave(&secret)).contains(&secret), "{name}");
        assert!(!left_by(|| ()).contains(&secret), "{name}");
    }
    // Dalek alone, without any care: the scalar and its limbs.
    let scalar = Box::new(Scalar::from_canonical_bytes(nonce).unwrap());
    let careless = left_by(|| {
        black_box(*scalar * *scalar + Scalar::ONE);
    });
    assert!(forms("r", nonce).iter().any(|(_, secret)| careless.contains(secret)));
    // A choice in the same place.
    assert_ne!(places_of_choices(|choice| leave(std::slice::from_ref(choice))), Vec::<usize>::new());
}

/// Where on the stack each of several choices stood in its turn. The work reads it where it is used: this test's own
/// frames must not hold it.
fn places_of_choices(work: impl Fn(&u8) + Sync) -> Vec<usize> {
    let mut places: Option<Vec<usize>> = None;
    for choice in [0xa7, 0x5b, 0x3c, 0xc1, 0x76] {
        let chosen = Box::new(choice);
        let left = left_by(|| work(&chosen));
        let of_this = (1..=left.0.len()).filter(|below_end| left.0[left.0.len() - below_end] == choice);
        let of_this: std::collections::BTreeSet<_> = of_this.collect();
        places = Some(match places {
            None => of_this.into_iter().collect(),
            Some(places) => places.into_iter().filter(|place| of_this.contains(place)).collect(),
        });
    }
    places.unwrap()
}

#[test]
fn attack_19_sealing_leaves_neither_nonce_nor_credential() {
    let world = world();
    let World { contest, credential, .. } = &world;
    let choice = Choice::List(7);
    let (nonce, opened) = nonce(&world, choice);
    let secrets = [forms("r", nonce), forms("s", credential_secret(&world))].concat();
    let seal = || SealedBallot::seal(contest, choice, credential, &mut rng()).unwrap();
    let cast = left_by(|| drop(black_box(seal().cast())));
    assert_none("seal and cast", &cast, &secrets);
    assert_none("seal and drop", &left_by(|| drop(black_box(seal()))), &secrets);
    assert_none("seal and challenge", &left_by(|| drop(black_box(seal().challenge()))), &secrets);
    let sealer = Sealer::new(contest);
    let with_tables =
        left_by(|| drop(black_box(sealer.seal(choice, credential, &mut rng()).unwrap().cast())));
    assert_none("seal with tables", &with_tables, &secrets);
    // On the second device.
    let public = credential.public();
    let verify = left_by(|| {
        let opened = ChallengedBallot::from_bytes(&opened).unwrap();
        let shown = BallotReference::of(contest.contest(), opened.ballot());
        assert_eq!(opened.verify(contest, &shown, &public, choice), Ok(()));
    });
    assert_none("an opened ballot", &verify, &secrets);
}

/// A session up to its contest.
fn session(world: &World, opening: &SignedOpening, rng: &mut ChaCha20Rng) -> ActiveSession {
    let World { contest, code, .. } = world;
    let state = VoterState::Open { closes_at: common::CLOSES_AT, active: false };
    let published = [contest.contest().fingerprint()];
    let voter = VoterId::new("anne").unwrap();
    let session = VoterSession::new(voter, &published, [(contest.clone(), *opening, state)]).unwrap();
    session.enter_code(code, &ActivationNonce::from_bytes([1; 32]), rng).activated(&published).unwrap()
}

/// The opening of a roll with the voter's credential alone.
fn roll(world: &World) -> Roll {
    let World { contest, credential, box_key, .. } = world;
    let (fingerprint, at) = (contest.contest().fingerprint().to_bytes(), UnixTime::from_seconds(1));
    let credentials = hash("urne/2 credentials", &[&credential.public().to_bytes()]);
    let number = |number: u64| number.to_le_bytes();
    let digest = hash("urne/2 opening", &[&fingerprint, &number(1), &credentials, &number(at.seconds())]);
    let sign = |key: &SigningKey| {
        let key = ed25519_dalek::SigningKey::from_bytes(&key.expose_seed());
        Signature::from_bytes(ed25519_dalek::Signer::sign(&key, &digest).to_bytes())
    };
    let [box_signature, issuer_signature] = [box_key, &SigningKey::from_seed(&ISSUER_SEED)].map(sign);
    let opening = Opening { voters: 1, at, box_signature, issuer_signature };
    let entry = RollEntry { credential: credential.public(), revoked: false };
    Roll::verify(contest.contest(), opening, vec![entry]).unwrap()
}

fn hash(tag: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in [tag.as_bytes()].iter().chain(fields) {
        hash.update(u64::try_from(field.len()).unwrap().to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

#[test]
fn attack_19_a_session_leaves_no_secret_and_no_choice() {
    let world = world();
    let opening = roll(&world).signed_opening();
    let vote = |choice: &u8, challenge: bool| {
        let mut rng = rng();
        let selection =
            session(&world, &opening, &mut rng).choose(NUMBER, OPENS_AT).unwrap().activate_selection();
        let review = selection.select(Choice::List(*choice)).unwrap();
        let sealed = review.seal(&mut rng).unwrap();
        if challenge {
            let (opened, selection) = sealed.challenge().noted();
            drop(black_box((opened, selection.leave())));
        } else {
            drop(black_box(sealed.cast(OPENS_AT).stored().refused()));
        }
    };
    // The nonce, by the same steps.
    let nonce = {
        let mut rng = rng();
        let selection =
            session(&world, &opening, &mut rng).choose(NUMBER, OPENS_AT).unwrap().activate_selection();
        let sealed = selection.select(Choice::List(7)).unwrap().seal(&mut rng).unwrap();
        *sealed.challenge().noted().0.expose_bytes()[3..].first_chunk().unwrap()
    };
    let code = world.code.expose_bytes().to_vec();
    let secrets = [
        forms("r", nonce),
        forms("s", credential_secret(&world)),
        vec![("the code".into(), code[..].to_vec()), ("most of the code".into(), code[..12].to_vec())],
    ]
    .concat();
    assert_none("a session that casts", &left_by(|| vote(&7, false)), &secrets);
    assert_none("a session that challenges", &left_by(|| vote(&7, true)), &secrets);
    for challenge in [false, true] {
        assert_eq!(places_of_choices(|choice| vote(choice, challenge)), Vec::<usize>::new());
    }
    let sealing = |choice: &u8| {
        let (mut rng, contest, credential) = (rng(), &world.contest, &world.credential);
        let sealed = SealedBallot::seal(contest, Choice::List(*choice), credential, &mut rng).unwrap();
        drop(black_box(sealed.cast()));
    };
    assert_eq!(places_of_choices(sealing), Vec::<usize>::new());
}

#[test]
fn attack_19_code_and_credential_leave_nothing() {
    let world = world();
    let World { contest, code, text, credential, .. } = &world;
    let bytes = code.expose_bytes().to_vec();
    let plain = text.replace('-', "");
    let of_code: Vec<(String, Vec<u8>)> = vec![
        ("the code".into(), bytes[..12].to_vec()),
        ("its text".into(), text.as_bytes()[6..23].to_vec()),
        ("its characters".into(), plain.as_bytes()[5..22].to_vec()),
    ];
    let of_credential = forms("s", credential_secret(&world));
    let read = left_by(|| drop(black_box(text.parse::<VotingCode>().unwrap())));
    assert_none("a code that is read", &read, &of_code);
    assert_none("a code that is shown", &left_by(|| drop(black_box(code.expose_text()))), &of_code);
    let generated = left_by(|| {
        let mut same = ChaCha20Rng::seed_from_u64(3);
        drop(black_box(VotingCode::generate(&mut same)));
    });
    let same = VotingCode::generate(&mut ChaCha20Rng::seed_from_u64(3)).expose_bytes()[..12].to_vec();
    assert_none("a code that is drawn", &generated, &[("the code".into(), same)]);
    let all = [of_code, of_credential].concat();
    let derived = left_by(|| drop(black_box(Credential::derive(contest.contest(), code))));
    assert_none("a credential", &derived, &all);
    let nonce = ActivationNonce::from_bytes([1; 32]);
    let answer = left_by(|| {
        black_box(Activation::new(credential, &nonce, &mut rng()));
    });
    assert_none("an activation", &answer, &all);
}

#[test]
fn attack_19_keys_of_box_and_trustees_leave_nothing() {
    let world = world();
    let (contest, roll) = (world.contest.contest(), roll(&world));
    let expanded = Sha512::digest(BOX_SEED);
    let (scalar, prefix) = expanded.split_at(32);
    let mut clamped = <[u8; 32]>::try_from(scalar).unwrap();
    clamped[0] &= 248;
    clamped[31] = clamped[31] & 127 | 64;
    let reduced = Scalar::from_bytes_mod_order(clamped).to_bytes();
    let mut secrets = forms("the box's scalar", reduced);
    secrets.extend([
        ("the seed".into(), BOX_SEED.to_vec()),
        ("its hash".into(), scalar.to_vec()),
        ("the clamped scalar".into(), clamped.to_vec()),
        ("the prefix".into(), prefix.to_vec()),
    ]);
    // Read from where it was stored, and used.
    let seed = Box::new(BOX_SEED);
    assert_none("a key that is read", &left_by(|| drop(black_box(SigningKey::from_seed(&seed)))), &secrets);
    let signings = SigningsDigest::from_bytes([0; 32]);
    let sign = || Closing::sign(contest, &roll, &[], signings, common::ENDS_AT, &world.box_key).unwrap();
    let signed = left_by(|| {
        black_box(sign());
    });
    assert_none("a signature", &signed, &secrets);

    let identity = IdentitySecret::generate(&mut rng());
    // Kind, version, and the secret.
    let stored = identity.to_bytes();
    let secrets = forms("e", *stored[2..].first_chunk().unwrap());
    let read = left_by(|| drop(black_box(IdentitySecret::from_bytes(&stored).unwrap())));
    assert_none("an identity key that is read", &read, &secrets);
    let bureau = Bureau::new(vec![Panel { threshold: 1, trustees: vec![identity.public()] }]).unwrap();
    let ceremony = Ceremony::new("left", 1, bureau).unwrap();
    let join = || ceremony.join(IdentitySecret::from_bytes(&stored).unwrap(), &mut rng()).unwrap();
    assert_none("joining a ceremony", &left_by(|| drop(black_box(join()))), &secrets);
}

/// A trustee of two through its ceremony: its polynomials, the shares that it deals and those that it is dealt, the
/// point that the two share, and what it comes out with.
#[test]
fn attack_19_a_ceremony_leaves_nothing() {
    let stored: Vec<_> = (1..3)
        .map(|seed| IdentitySecret::generate(&mut ChaCha20Rng::seed_from_u64(seed)).to_bytes())
        .collect();
    let identity = |at: usize| IdentitySecret::from_bytes(&stored[at]).unwrap();
    let trustees = vec![identity(0).public(), identity(1).public()];
    let bureau = Bureau::new(vec![Panel { threshold: 2, trustees }]).unwrap();
    let ceremony = Ceremony::new("left", 2, bureau).unwrap();
    let join = |at| ceremony.join(identity(at), &mut rng()).unwrap().stored();
    let (own, other) = (join(0), join(1));
    let commitments = [own.1.clone(), other.1];

    let scalar = |bytes: &[u8]| Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap();
    // After the ceremony, as in its own form, and before the tag: the identity secret, then two coefficients a slot.
    let drawn = |stored: &[u8]| -> Vec<Scalar> {
        stored[ceremony.to_bytes().len()..stored.len() - 32].chunks(32).map(scalar).collect()
    };
    let polynomials = [own.0.to_bytes(), other.0.to_bytes()].map(|stored| drawn(&stored));
    let share = |dealer: usize, slot: usize, to: u64| {
        let [constant, linear] = [1, 2].map(|term| polynomials[dealer][2 * slot + term]);
        constant + linear * Scalar::from(to)
    };
    let mut secrets = forms("e", polynomials[0][0].to_bytes());
    for (place, coefficient) in polynomials[0].iter().enumerate().skip(1) {
        secrets.extend(forms(&format!("coefficient {place}"), coefficient.to_bytes()));
    }
    for slot in 0..2 {
        for (dealer, to) in [(0, 1), (0, 2), (1, 1)] {
            secrets.extend(forms(&format!("the share {dealer} to {to}"), share(dealer, slot, to).to_bytes()));
        }
        secrets.extend(forms("x", (share(0, slot, 1) + share(1, slot, 1)).to_bytes()));
    }
    let both = RistrettoPoint::mul_base(&(polynomials[0][0] * polynomials[1][0]));
    secrets.push(("the point of both".into(), both.compress().to_bytes().to_vec()));

    let none = |what: &str, work: &(dyn Fn() + Sync)| assert_none(what, &left_by(work), &secrets);
    none("joining", &|| drop(black_box(join(0))));
    let committed = own.0.to_bytes();
    let read = || Committed::from_bytes(&committed).unwrap();
    none("reading what was drawn", &|| drop(black_box(read())));
    let reveal = |state: Committed| state.reveal(&commitments, &mut rng()).unwrap().stored();
    none("revealing", &|| drop(black_box(reveal(read()))));
    let (revealed, own_reveal) = reveal(read());
    let reveals = [own_reveal, reveal(other.0).1];
    let revealed = revealed.to_bytes();
    let read = || Revealed::from_bytes(&revealed).unwrap();
    none("reading what was revealed", &|| drop(black_box(read())));
    let check = || match read().check(&reveals, &mut rng()).unwrap() {
        OpenedShares::Good(checked) => checked,
        OpenedShares::Bad(shares) => panic!("{shares}"),
    };
    none("opening shares", &|| drop(black_box(check())));
    let confirm = || check().confirm(&[], &mut rng()).unwrap().stored();
    none("confirming", &|| drop(black_box(confirm())));
    let confirmed = confirm().0.to_bytes();
    none("reading shares", &|| drop(black_box(Confirmed::from_bytes(&confirmed).unwrap())));
}

/// The same by the one object that an application keeps: read, taken a step further, sent again, stored; and where a share
/// is bad.
#[test]
fn attack_19_a_seat_leaves_nothing() {
    let seats = [1, 2].map(|number| {
        let identity = IdentitySecret::generate(&mut ChaCha20Rng::seed_from_u64(number.into()));
        Seat::new("left", TrusteeIndex::new(number).unwrap(), identity).unwrap()
    });
    let trustees = seats.iter().map(Seat::identity).collect();
    let bureau = Bureau::new(vec![Panel { threshold: 2, trustees }]).unwrap();
    let ceremony = Ceremony::new("left", 2, bureau).unwrap();
    let step = |stored: &[u8], board: &Board| match Seat::from_bytes(stored)
        .unwrap()
        .next(&ceremony, board, &mut rng())
        .unwrap()
    {
        Step::Said(unsent) => unsent,
        Step::Key(key) => panic!("{key:?}"),
    };
    let look = |what: &str, stored: &[u8], board: &Board, secrets: &[(String, Vec<u8>)]| {
        let none = |how: &str, work: &(dyn Fn() + Sync)| {
            assert_none(&format!("{what}: {how}"), &left_by(work), secrets);
        };
        none("reading the seat", &|| drop(black_box(Seat::from_bytes(stored).unwrap())));
        none("the next step", &|| drop(black_box(step(stored, board).stored())));
        none("what it said, and storing it", &|| {
            let seat = Seat::from_bytes(stored).unwrap();
            drop(black_box((seat.said(&mut rng()), seat.to_bytes())));
        });
    };
    // Where the state's own form begins, and in it, once it has joined, the scalars after the identity key.
    let state = 2 + 8 + 4 + 1 + 8;
    let scalars = |stored: &[u8], count: usize| {
        let first = state + ceremony.to_bytes().len() + 32;
        stored[first..][..32 * count].chunks(32).map(|scalar| scalar.try_into().unwrap()).collect::<Vec<_>>()
    };
    let mut stored = seats.map(|seat| seat.to_bytes().to_vec());
    let mut board = Board::default();
    let mut secrets = forms("e", *stored[0][state + 2..].first_chunk().unwrap());
    let mut joined = Vec::new();
    for what in ["drawn", "committed", "revealed"] {
        let unsent = [0, 1].map(|at| step(&stored[at], &board));
        let next = [0, 1].map(|at| unsent[at].to_store().to_vec());
        let drawn = match what {
            "drawn" => scalars(&next[0], 4),
            "committed" => Vec::new(),
            _ => scalars(&next[0], 2),
        };
        drawn.into_iter().for_each(|scalar| secrets.extend(forms(&format!("a scalar once {what}"), scalar)));
        look(what, &stored[0], &board, &secrets);
        if what == "committed" {
            joined = stored.iter().map(|seat| seat[state..seat.len() - 8 - 32].to_vec()).collect();
        }
        if what == "revealed" {
            let (ceremony, commitments) = (ceremony.clone(), board.commitments.clone());
            let (panels, stored_states) = (vec![(2, 2)], joined.clone());
            let setup =
                dealer::Setup { ceremony, panels, n: 2, stored: stored_states, commitments, rng: rng() };
            let cheat = setup.dealer(2);
            let mut shares = cheat.shares(&cheat.points());
            shares[0] = [0; 32];
            let mut board = board.clone();
            board.reveals[1] = cheat.reveal_of(&cheat.points(), &shares);
            look("dealt bad shares", &stored[0], &board, &secrets);
            let (complained, said) = step(&stored[0], &board).stored();
            assert!(matches!(said, Said::Complaints(_)));
            let complained = complained.to_bytes();
            let read = left_by(|| drop(black_box(Seat::from_bytes(&complained).unwrap())));
            assert_none("reading a seat that has complained", &read, &secrets);
        }
        for unsent in unsent {
            board.add(unsent.stored().1);
        }
        stored = next;
    }
    // The identity key, four coefficients, two shares, each in five forms.
    assert_eq!(secrets.len(), 5 * 7);
    let key = left_by(|| {
        let seat = Seat::from_bytes(&stored[0]).unwrap();
        drop(black_box(seat.next(&ceremony, &board, &mut rng()).unwrap()));
    });
    assert_none("the key", &key, &secrets);
}

/// The key shares of a trustee, which multiply the total.
#[test]
fn attack_19_decryption_factors_leave_nothing() {
    let election = fixture::election();
    // In what a trustee stores, after the election key and its digest: the identity secret, then a share a slot.
    let begin = election.key.to_bytes().len() + 32;
    let parts = election.stored[begin..election.memory()].chunks(32);
    let secrets: Vec<_> = ["e", "x_1", "x_2"]
        .iter()
        .zip(parts)
        .flat_map(|(name, secret)| forms(name, secret.try_into().unwrap()))
        .collect();
    assert_eq!((begin + 32 * 3, secrets.len() % 3), (election.memory(), 0));
    let read = || Trustee::from_bytes(&election.stored).unwrap();
    let give = |mut trustee: Trustee| {
        trustee
            .give_factors(&election.signed, &election.endorsements, &election.ready, &mut rng())
            .unwrap()
            .stored()
    };
    let none = |what: &str, work: &(dyn Fn() + Sync)| assert_none(what, &left_by(work), &secrets);
    none("a trustee that is read", &|| drop(black_box(read())));
    none("decryption factors", &|| drop(black_box(give(read()))));
    assert_eq!(give(read()), election.factors[0]);
}
