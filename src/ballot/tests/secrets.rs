//! Attacks 8 and 19: nonces, and what shows of secrets.

use super::*;

#[test]
fn attack_8_a_stuck_rng_repeats_no_nonce_on_another_statement() {
    let dealt = Dealt::simple(2, 1);
    let other = Dealt::simple(2, 2);
    let sealed = |dealt: &Dealt, choice, voter| {
        // Same seed each time: an RNG that repeats.
        let bytes =
            SealedBallot::seal(&dealt.contest, choice, &dealt.credential(voter), &mut rng(0)).unwrap().cast();
        decode(dealt, &bytes)
    };
    let base = sealed(&dealt, Choice::List(1), 1);
    assert_eq!(base.bytes, sealed(&dealt, Choice::List(1), 1).bytes, "the RNG does repeat");
    for different in [
        sealed(&other, Choice::List(1), 1),
        sealed(&dealt, Choice::List(2), 1),
        sealed(&dealt, Choice::Blank, 1),
        sealed(&dealt, Choice::List(1), 2),
    ] {
        assert_ne!(base.ciphertext.nonce, different.ciphertext.nonce);
        assert_ne!(base.proof.A, different.proof.A);
        assert_ne!(base.proof.B, different.proof.B);
        assert_ne!(base.proof.S, different.proof.S);
    }
}

#[test]
fn nonces_of_one_ballot_are_all_different() {
    // From f_i = a_i + x·b_i, z, k and u with everything known, every mask comes back; they must differ.
    let dealt = Dealt::simple(12, 1);
    let ballot = decode(&dealt, &seal(&dealt, Choice::Blank, 1));
    let (f, _) = ballot.parts().responses.as_chunks::<32>();
    let mut masks = f[..12].to_vec(); // b_i = 0, so these are the a_i
    masks.sort();
    masks.dedup();
    assert_eq!(masks.len(), 12);
}

#[test]
fn attack_19_what_is_secret_does_not_show_itself() {
    let dealt = Dealt::simple(2, 1);
    let sealed =
        SealedBallot::seal(&dealt.contest, Choice::List(2), &dealt.credential(1), &mut rng(1)).unwrap();
    let shown = alloc::format!("{sealed:?} {:?} {:?}", Choice::List(2), dealt.credential(1));
    assert_eq!(shown.matches("redacted").count(), 3);
    let secret = crate::primitives::wire::to_hex(dealt.credential(1).secret().as_bytes());
    assert!(!shown.contains(&secret));
}
