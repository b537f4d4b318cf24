//! The bureau as it is given on the command line, and what it does at the count.

use std::collections::BTreeSet;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use urne::ballot_box::{ClosingDigest, Complaints, SignedBox, Signings};
use urne::tally::{DecryptionFactors, Endorsement, FactorsSignature};
use urne::trustee::Ready;
use urne::{Contest, OpenedTally, PanelIndex, Trustee, TrusteeIndex, UnixTime, VoterId};

use crate::common::{Failure, PANELS};
use crate::show::Phase;
use crate::tool::{Line, value_of, wrong};

/// Thresholds with numbers of trustees, and the quorums, if any was given.
pub struct Panels {
    pub panels: Vec<(u8, u8)>,
    quorums: Vec<Option<u8>>,
}

fn panel(text: &str) -> Result<(u8, u8), Failure> {
    let (threshold, trustees) =
        text.split_once('/').ok_or_else(|| wrong("--panel is T/N, for example 2/5"))?;
    Ok((value_of("panel", threshold)?, value_of("panel", trustees)?))
}

impl Panels {
    /// Puts every quorum to the panel before it.
    pub fn of(line: &Line) -> Result<Self, Failure> {
        let mut all = Panels { panels: Vec::new(), quorums: Vec::new() };
        for (name, value) in &line.options {
            match (name.as_str(), all.quorums.last_mut()) {
                ("panel", _) => {
                    all.panels.push(panel(value)?);
                    all.quorums.push(None);
                }
                ("quorum", Some(of @ None)) => *of = Some(value_of("quorum", value)?),
                ("quorum", Some(_)) => {
                    return Err(wrong(format!("panel {} has two quorums", all.panels.len())));
                }
                ("quorum", None) => return Err(wrong("a quorum stands after its panel")),
                _ => (),
            }
        }
        if all.panels.is_empty() {
            all = Panels { panels: PANELS.to_vec(), quorums: vec![None; PANELS.len()] };
        }
        Ok(all)
    }
}

impl Panels {
    /// The quorums of a contest, in which those not given are `default`.
    pub fn quorums(&self, default: &[u8]) -> Option<Vec<u8>> {
        let all = self.quorums.iter().zip(default).map(|(given, default)| given.unwrap_or(*default));
        self.quorums.iter().any(Option::is_some).then(|| all.collect())
    }
}

/// Who comes to the session: everybody but the second trustee of the first panel, if it can be missed.
fn present(contest: &Contest, trustee: TrusteeIndex) -> bool {
    let first = contest.bureau().numbered().zip(contest.quorums()).next();
    let away = first.filter(|((_, of), quorum)| usize::from(**quorum) < of.trustees.len());
    let away = away.and_then(|((panel, _), _)| contest.bureau().members(panel).nth(1));
    away != Some(trustee)
}

/// Who gives false factors: the first trustee of the last panel, if it has one to spare.
fn liar(contest: &Contest) -> Option<TrusteeIndex> {
    let (panel, of): (PanelIndex, _) = contest.bureau().numbered().last()?;
    let mut members = contest.bureau().members(panel).filter(|trustee| present(contest, *trustee));
    let spare = members.clone().count() > usize::from(of.threshold);
    members.next().filter(|_| spare)
}

/// The trustees endorse the closing, say that they are ready, and give their factors, one of them false ones.
pub fn count(
    signed: &SignedBox,
    signings: &Signings,
    voters: &BTreeSet<VoterId>,
    (complaints, now): (&Complaints<'_>, UnixTime),
    trustees: &mut [Trustee],
    rng: &mut ChaCha20Rng,
) -> Result<OpenedTally, Failure> {
    let phase = Phase::start("opening the tally");
    let (closed, contest) = (signed.closed(), signed.closed().contest().contest());
    let mut session: Vec<_> =
        trustees.iter_mut().filter(|trustee| present(contest, trustee.index())).collect();

    let endorsements: Vec<Endorsement> = session
        .iter_mut()
        .map(|trustee| Ok(trustee.endorse(signed, signings, voters, complaints, now, rng)?.stored()))
        .collect::<Result<_, Failure>>()?;

    let mut factors = Vec::new();
    if closed.tally().count() > 0 {
        let ready: Vec<Ready> =
            session.iter().map(|trustee| trustee.ready(signed, &endorsements)).collect::<Result<_, _>>()?;
        for trustee in &mut session {
            let honest = trustee.give_factors(signed, &endorsements, &ready, rng)?.stored();
            let lies = liar(contest) == Some(trustee.index());
            factors.push(if lies { falsify(trustee, &honest, closed.digest())? } else { honest });
        }
    }
    let opened = OpenedTally::open(signed, &endorsements, &factors)?;
    phase.done(u64::try_from(factors.len())?, "trustees");
    for trustee in contest.bureau().indices().filter(|trustee| !present(contest, *trustee)) {
        println!("    trustee {trustee} is away (staged)");
    }
    println!("    {} trustees endorse the closing", endorsements.len());
    for error in opened.rejected() {
        let culprit =
            error.culprit().map_or(String::new(), |trustee| format!(" (trustee {trustee} is to blame)"));
        println!("    left out: {error}{culprit}");
    }
    if let Some(trustee) = liar(contest).filter(|_| !factors.is_empty()) {
        println!("    (staged: trustee {trustee} gave false factors)");
    }
    Ok(opened)
}

/// The factors with those of the first two slots exchanged, which would exchange their votes; with one slot only,
/// the identity in place of its factor. The trustee signs them, with the secret that it alone has; the library
/// offers nothing for it, so the signature is made here from the protocol's text.
fn falsify(
    trustee: &Trustee,
    honest: &DecryptionFactors,
    closing: ClosingDigest,
) -> Result<DecryptionFactors, Failure> {
    let mut encodings = honest.factors().to_vec();
    if encodings.len() > 1 {
        encodings.swap(0, 1);
    } else {
        encodings.fill([0; 32]);
    }
    let proof = *honest.proof();
    let mut fields = vec![closing.to_bytes()];
    fields.extend(&encodings);
    fields.extend(proof.as_chunks::<32>().0);
    let digest = hash("urne/2 factors", &fields);
    let signature = FactorsSignature::from_bytes(sign(trustee, &digest)?);
    Ok(DecryptionFactors::from_encodings(honest.trustee(), &encodings, proof, signature)?)
}

fn hash(tag: &str, fields: &[[u8; 32]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in [tag.as_bytes()].into_iter().chain(fields.iter().map(|field| &field[..])) {
        hash.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// Schnorr's signature for the purpose "factors".
fn sign(trustee: &Trustee, digest: &[u8; 32]) -> Result<[u8; 64], Failure> {
    // The identity secret stands after the election key, as in its own form, and the digest of its ceremony.
    let (stored, key) = (trustee.to_bytes(), trustee.key().election_key().to_bytes().len());
    let secret = stored.get(key + 32..key + 64).ok_or("a stored trustee is longer")?.try_into()?;
    let secret = Option::<Scalar>::from(Scalar::from_canonical_bytes(secret)).ok_or("not a scalar")?;
    let mut transcript = merlin::Transcript::new(b"urne/2 signature");
    transcript.append_message(b"purpose", b"factors");
    transcript.append_message(b"digest", digest);
    transcript.append_message(b"key", RistrettoPoint::mul_base(&secret).compress().as_bytes());
    // A nonce that anyone can guess: whoever cheats here does not care for its own secrets.
    let nonce = Scalar::from(2022u32);
    transcript.append_message(b"T", RistrettoPoint::mul_base(&nonce).compress().as_bytes());
    let mut wide = [0; 64];
    transcript.challenge_bytes(b"c", &mut wide);
    let challenge = Scalar::from_bytes_mod_order_wide(&wide);
    let response = nonce + challenge * secret;
    Ok([challenge.to_bytes(), response.to_bytes()].concat().try_into().map_err(|_| "two scalars")?)
}
