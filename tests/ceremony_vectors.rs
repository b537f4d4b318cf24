//! A key ceremony made by an independent implementation of the protocol: two panels, 1 of 2 and 2 of 3, and
//! every value of it.
#![cfg(feature = "serde")]

use curve25519_dalek::ristretto::RistrettoPoint;
use serde_json::Value;
use urne::Trustee;
use urne::bureau::{Ceremony, CeremonyError, Committed};
use urne::primitives::Kind;

#[path = "support/dealer.rs"]
mod dealer;

use dealer::*;

/// A value of the file, which is gone when it is read. What nobody reads is left over at the end.
fn take(value: &mut Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name).unwrap_or_else(|| panic!("no {name}"))
}

/// The values of trustees 1 to 5, in order, and no others.
fn of_each_trustee(value: &mut Value, name: &str) -> Vec<Value> {
    let mut values = take(value, name);
    let of = (1..=5).map(|j: u8| take(&mut values, &j.to_string())).collect();
    assert_eq!(values, Value::Object(serde_json::Map::new()), "{name}");
    of
}

fn unhex(value: &Value) -> Bytes {
    let text = value.as_str().unwrap();
    assert_eq!(text.len(), 64);
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    std::array::from_fn(|at| byte(2 * at))
}

fn list(value: &Value) -> Vec<Bytes> {
    value.as_array().unwrap().iter().map(unhex).collect()
}

fn rows(value: &Value) -> Vec<Vec<Bytes>> {
    value.as_array().unwrap().iter().map(list).collect()
}

fn proof(value: &mut Value) -> Vec<u8> {
    [unhex(&take(value, "challenge")), unhex(&take(value, "response"))].concat()
}

#[test]
fn every_value_of_the_ceremony_matches() {
    let mut file: Value = serde_json::from_str(include_str!("vectors/ceremony.json")).unwrap();
    let v = &mut file;
    let mut rng = rng(1);

    // The bureau and the ceremony.
    let number = |value: Value| u8::try_from(value.as_u64().unwrap()).unwrap();
    let Value::Array(panels) = take(v, "panels") else { panic!("panels") };
    let panels: Vec<_> = panels
        .into_iter()
        .map(|mut panel| {
            let of = (number(take(&mut panel, "threshold")), number(take(&mut panel, "trustees")));
            assert!(panel.as_object().unwrap().is_empty());
            of
        })
        .collect();
    assert_eq!(panels, [(1, 2), (2, 3)]);
    let secrets = list(&take(v, "identity_secrets"));
    let identities: Vec<_> = secrets.iter().map(|bytes| identity(&scalar(bytes)).public()).collect();
    let encoded: Vec<_> = identities.iter().map(|key| key.to_bytes()).collect();
    assert_eq!(encoded, list(&take(v, "identities")));
    let label = take(v, "label");
    let ceremony = Ceremony::new(label.as_str().unwrap(), 2, bureau(&panels, &identities)).unwrap();
    let digest = unhex(&take(v, "ceremony"));
    assert_eq!(ceremony.digest().to_bytes(), digest);
    // The second implementation agrees.
    let by_panel = [(1, encoded[..2].to_vec()), (2, encoded[2..].to_vec())];
    assert_eq!(ceremony_digest(ceremony.label(), ceremony.slots(), &by_panel), digest);

    // Commitments, from polynomials as they would be stored.
    let stored: Vec<_> = secrets
        .iter()
        .zip(of_each_trustee(v, "polynomials"))
        .map(|(secret, polynomials)| {
            let coefficients = rows(&polynomials).concat().concat();
            let parts = [&head(Kind::Committed)[..], &ceremony.to_bytes()[2..], secret, &coefficients];
            let before = parts.concat();
            [&before[..], &tag(&before)].concat()
        })
        .collect();
    let state = |j: usize| {
        let state = Committed::from_bytes(&stored[j]).unwrap();
        assert_eq!(state.to_bytes().as_slice(), stored[j]);
        state
    };
    let commitments: Vec<_> = (0..5).map(|j| state(j).commitment(&mut rng)).collect();
    let digests: Vec<_> = of_each_trustee(v, "commitments").iter().map(unhex).collect();
    let ours: Vec<_> = commitments.iter().map(|message| message.digest().to_bytes()).collect();
    assert_eq!(ours, digests);

    // The reveals with the proofs of the vectors; ours differ by their nonce.
    let (mut revealed, mut reveals) = (Vec::new(), Vec::new());
    let shares = of_each_trustee(v, "sealed_shares");
    let proofs = of_each_trustee(v, "possession");
    for (j, (shares, mut possession)) in shares.iter().zip(proofs).enumerate() {
        let (state, reveal) = state(j).reveal(&commitments, &mut rng).unwrap().stored();
        assert_eq!(reveal.shares(), rows(shares).concat());
        let number = state.index().get();
        reveals.push(reveal_message(number, reveal.commitments(), reveal.shares(), &proof(&mut possession)));
        assert!(possession.as_object().unwrap().is_empty());
        revealed.push(state);
    }

    // The key.
    let confirmed_digest = unhex(&take(v, "key_digest"));
    let (mut confirmed, mut confirmations) = (Vec::new(), Vec::new());
    for state in revealed {
        let checked = good(state.check(&reveals, &mut rng).unwrap());
        assert_eq!(checked.key_digest().to_bytes(), confirmed_digest);
        let (state, confirmation) = checked.confirm(&[], &mut rng).unwrap().stored();
        assert_eq!(state.key_digest().to_bytes(), confirmed_digest);
        confirmed.push(state);
        confirmations.push(confirmation);
    }
    let key = ceremony.conclude(&commitments, &reveals, &[], &confirmations).unwrap();
    let keys: Vec<_> = take(v, "keys").as_array().unwrap().iter().map(rows).collect();
    assert_eq!(key.to_encodings(), keys);
    assert_eq!(key_digest(&digest, &digests, &keys), confirmed_digest);
    let sums: Vec<_> = (0..key.slots())
        .map(|slot| {
            let parts = keys.iter().map(|panel| point(&panel[slot][0]));
            parts.sum::<RistrettoPoint>().compress().to_bytes()
        })
        .collect();
    assert_eq!(sums, list(&take(v, "encryption_keys")));

    // What each trustee keeps.
    let kept = of_each_trustee(v, "trustee_secrets");
    for ((state, secret), shares) in confirmed.into_iter().zip(&secrets).zip(&kept) {
        let trustee = state.finish(&confirmations, &[]).unwrap();
        assert_eq!(trustee.election_key(), &key);
        assert_eq!(trustee.key_digest().to_bytes(), confirmed_digest);
        let shares = list(shares);
        let verification: Vec<_> = shares.iter().map(|share| encode(&scalar(share))).collect();
        assert_eq!(key.verification_keys(trustee.index()), verification);
        let trustee = Trustee::after_ceremony(trustee);
        let (own, own_shares) = trustee_secrets(&trustee);
        assert_eq!((own, own_shares), (scalar(secret), scalars(shares.as_flattened())));
        let stored = trustee.to_bytes();
        assert_eq!(Trustee::from_bytes(&stored).unwrap().to_bytes(), stored);
    }

    // The share is right, so the complainant is to blame.
    let mut complaint = take(v, "complaint_of_5_against_3");
    let secret = unhex(&take(&mut complaint, "secret"));
    assert_eq!(secret, (point(&encoded[2]) * scalar(&secrets[4])).compress().to_bytes());
    let message = complaint_message(5, &secret, &proof(&mut complaint), &reveals[2]);
    assert!(complaint.as_object().unwrap().is_empty());
    assert_eq!(ceremony.settle(&message), Ok(index(5)));
    assert_eq!(
        ceremony.conclude(&commitments, &reveals, &[message], &confirmations),
        Err(CeremonyError::Complaint { dealer: index(3), complainant: index(5), culprit: index(5) })
    );

    // What is left says in words how the rest was made.
    let left: Vec<_> = v.as_object().unwrap().keys().cloned().collect();
    assert_eq!(left, ["steps"]);
}
