//! Row 19: what holds a secret wipes it when it is dropped, and so do the bytes that are got out of it. Types whose
//! secrets stand in private fields are looked at beside them.

use serde::Serialize;
use urne::ballot::{ChallengedBallot, Sealer};
use urne::bureau::{Checked, Committed, Confirmed, Revealed, Seat};
use urne::voter::{ActiveSession, Casting, Challenging, EnteredCode, Review, SealedChoice};
use urne::{
    BallotBox, Credential, IdentitySecret, Issuer, SealedBallot, SigningKey, Trustee, TrusteeKey,
    VoterSession, VotingCode,
};
use zeroize::{ZeroizeOnDrop, Zeroizing};

fn wiped<T: ZeroizeOnDrop>() {}

#[test]
fn attack_19_secrets_are_wiped() {
    wiped::<VotingCode>();
    wiped::<Credential>();
    wiped::<IdentitySecret>();
    wiped::<TrusteeKey>();
    wiped::<Seat>();
}

#[test]
fn attack_19_exposed_bytes_are_wiped() {
    let _: fn(&VotingCode) -> Zeroizing<[u8; 15]> = VotingCode::expose_bytes;
    let _: fn(&VotingCode) -> Zeroizing<String> = VotingCode::expose_text;
    let _: fn(&IdentitySecret) -> Zeroizing<Vec<u8>> = IdentitySecret::to_bytes;
    let _: fn(&SigningKey) -> Zeroizing<[u8; 32]> = SigningKey::expose_seed;
    let _: fn(&SigningKey) -> Zeroizing<Vec<u8>> = SigningKey::to_bytes;
    let _: fn(&ChallengedBallot) -> Zeroizing<Vec<u8>> = ChallengedBallot::expose_bytes;
    let _: fn(&Committed) -> Zeroizing<Vec<u8>> = Committed::to_bytes;
    let _: fn(&Revealed) -> Zeroizing<Vec<u8>> = Revealed::to_bytes;
    let _: fn(&Checked) -> Zeroizing<Vec<u8>> = Checked::to_bytes;
    let _: fn(&Confirmed) -> Zeroizing<Vec<u8>> = Confirmed::to_bytes;
    let _: fn(&Seat) -> Zeroizing<Vec<u8>> = Seat::to_bytes;
    let _: fn(&Trustee) -> Zeroizing<Vec<u8>> = Trustee::to_bytes;
    let _: fn(&Issuer) -> Zeroizing<Vec<u8>> = Issuer::to_bytes;
}

/// It does not compile where one of them has a serde form: then there are two ways to call `ambiguous`.
#[test]
fn attack_19_secrets_have_no_serde_form() {
    trait Unserialized<Why> {
        fn ambiguous() {}
    }
    impl<T> Unserialized<()> for T {}
    struct Serialized;
    impl<T: Serialize> Unserialized<Serialized> for T {}
    macro_rules! no_serde {
        ($($secret:ty),+ $(,)?) => {$(<$secret as Unserialized<_>>::ambiguous();)+};
    }
    no_serde!(
        VotingCode,
        Credential,
        SigningKey,
        IdentitySecret,
        Committed,
        Revealed,
        Checked,
        Confirmed,
        Seat,
        TrusteeKey,
        Trustee,
        Issuer,
        BallotBox,
        SealedBallot,
        Sealer,
        ChallengedBallot,
        VoterSession,
        EnteredCode,
        ActiveSession,
        Review,
        SealedChoice,
        Casting,
        Challenging,
    );
}
