//! What a trustee that cheats does with its own secrets, and an outsider with what it finds on the board. The
//! library offers nothing for it, so the proof is made here from the protocol's text.

use std::error::Error;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use urne::TrusteeIndex;
use urne::bureau::{Ceremony, Commitment, Reveal};

/// Spoils the share that the dealer has sealed for `victim`, of its panel, in the first slot, and proves the
/// reveal again, so that it is the dealer's own word for everyone. `seat` is the dealer's from before its reveal, as
/// [`Seat::to_bytes`](urne::bureau::Seat::to_bytes) gives it.
pub fn deal_a_bad_share(
    ceremony: &Ceremony,
    seat: &[u8],
    honest: &Reveal,
    victim: TrusteeIndex,
) -> Result<Reveal, Box<dyn Error>> {
    let panel = ceremony.bureau().panel_of(honest.trustee()).ok_or("a dealer of no panel")?;
    let recipient = ceremony.bureau().members(panel).position(|member| member == victim);
    let spoiled = usize::from(ceremony.slots()) * recipient.ok_or("a victim of another panel")?;
    let mut shares = honest.shares().to_vec();
    shares[spoiled] = (scalar(&shares[spoiled])? + Scalar::ONE).to_bytes();

    let proof = prove_possession(ceremony, seat, honest, &shares)?;
    let mut bytes = honest.to_bytes();
    let tail = bytes.len() - proof.len() - shares.len() * 32;
    bytes.truncate(tail);
    bytes.extend(shares.as_flattened());
    bytes.extend(proof);
    Ok(Reveal::from_bytes(&bytes)?)
}

/// The first trustee's commitment under the second's number, as anybody can send it.
pub fn in_the_name_of_another(commitments: &[Commitment]) -> Result<Commitment, Box<dyn Error>> {
    let [first, second, ..] = commitments else { return Err("fewer than two commitments".into()) };
    // After kind and version.
    let mut bytes = first.to_bytes();
    bytes[2] = second.trustee().get();
    Ok(Commitment::from_bytes(&bytes)?)
}

fn prove_possession(
    ceremony: &Ceremony,
    seat: &[u8],
    honest: &Reveal,
    shares: &[[u8; 32]],
) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut transcript = merlin::Transcript::new(b"urne/2 possession");
    transcript.append_message(b"ceremony", &ceremony.digest().to_bytes());
    transcript.append_u64(b"trustee", honest.trustee().get().into());
    transcript.append_message(b"commitments", honest.commitments().concat().as_flattened());
    transcript.append_message(b"shares", shares.as_flattened());
    let w = challenge(&mut transcript, b"w");
    // A nonce that anyone can guess: whoever cheats here does not care for its own secrets.
    let nonce = Scalar::from(2022u32);
    transcript.append_message(b"T", RistrettoPoint::mul_base(&nonce).compress().as_bytes());
    let c = challenge(&mut transcript, b"c");

    // In the seat, between its label, number and lengths and its own tag, a state that has committed: in it, after the
    // ceremony, as in its own form, and before the tag, the identity secret, then the coefficients of each slot, the
    // constant term first.
    let committed = &seat[2 + 8 + ceremony.label().len() + 1 + 8..seat.len() - 8 - 32];
    let (identity, coefficients) = committed[ceremony.to_bytes().len()..committed.len() - 32].split_at(32);
    let row = coefficients.len() / usize::from(ceremony.slots());
    let mut sum = Scalar::ZERO;
    let mut power = Scalar::ONE;
    for constant in coefficients.chunks(row).map(|row| &row[..32]).chain([identity]) {
        sum += power * scalar(constant)?;
        power *= w;
    }
    Ok([c.to_bytes(), (nonce + c * sum).to_bytes()].concat())
}

fn challenge(transcript: &mut merlin::Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    transcript.challenge_bytes(label, &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

fn scalar(bytes: &[u8]) -> Result<Scalar, Box<dyn Error>> {
    Option::from(Scalar::from_canonical_bytes(bytes.try_into()?)).ok_or_else(|| "not a scalar".into())
}
