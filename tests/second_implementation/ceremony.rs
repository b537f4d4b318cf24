//! The ceremony of another implementation, two panels and two slots, of which every secret is given.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};

use crate::support::ceremony::{Ceremony, Dealer, Panel, at};
use crate::support::text::{Bytes, base, decode, encode, hex, scalar, unhex};
use crate::vector;

fn vectors() -> Value {
    serde_json::from_slice(&vector("ceremony.json")).unwrap()
}

fn scalar_of(value: &Value) -> Scalar {
    scalar(&unhex(value.as_str().unwrap()))
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn size(value: &Value) -> usize {
    value.as_u64().unwrap().try_into().unwrap()
}

/// The ceremony, and its five dealers.
fn scene(vectors: &Value) -> (Ceremony, Vec<Dealer>) {
    let secrets: Vec<_> = array(&vectors["identity_secrets"]).iter().map(scalar_of).collect();
    let identities: Vec<_> = secrets.iter().map(|secret| hex(&encode(&base(secret)))).collect();
    assert_eq!(vectors["identities"], json!(identities));
    let mut identities = secrets.iter().map(base);
    let panel = |panel: &Value| Panel {
        threshold: size(&panel["threshold"]),
        identities: identities.by_ref().take(size(&panel["trustees"])).collect(),
    };
    let panels = array(&vectors["panels"]).iter().map(panel).collect();
    let label = vectors["label"].as_str().unwrap().into();
    let dealer = |(number, identity): (u64, &Scalar)| {
        let rows = array(&vectors["polynomials"][number.to_string()]).iter();
        let polynomials = rows.map(|row| array(row).iter().map(scalar_of).collect()).collect();
        Dealer { number, identity: *identity, polynomials }
    };
    (Ceremony { label, slots: 2, panels }, (1..).zip(&secrets).map(dealer).collect())
}

#[test]
fn a_ceremony_comes_to_the_same() {
    let vectors = vectors();
    let (ceremony, dealers) = scene(&vectors);
    assert_eq!(vectors["ceremony"], hex(&ceremony.digest()));
    assert_eq!(dealers.len(), 5);
    for dealer in &dealers {
        let name = dealer.number.to_string();
        assert_eq!(vectors["commitments"][&name], hex(&dealer.commitment(&ceremony)));
        let sealed = dealer.sealed(&ceremony);
        let expected: Vec<_> = array(&vectors["sealed_shares"][&name]).iter().flat_map(array).collect();
        assert_eq!(json!(expected), json!(sealed.iter().map(|s| hex(s.as_bytes())).collect::<Vec<_>>()));

        let proof = &vectors["possession"][&name];
        let proof = (scalar_of(&proof["challenge"]), scalar_of(&proof["response"]));
        for proof in [proof, dealer.possession(&ceremony, &sealed)] {
            assert!(ceremony.possesses(dealer.number, &dealer.points(), &sealed, &proof));
            let other = dealer.number % 5 + 1;
            assert!(!ceremony.possesses(other, &dealer.points(), &sealed, &proof));
            assert!(!ceremony.possesses(dealer.number, &dealer.points(), &sealed[1..], &proof));
        }
    }

    // Of every panel the sum of what its trustees dealt.
    let keys: Vec<Vec<Vec<RistrettoPoint>>> = [&dealers[..2], &dealers[2..]].map(panel_key).to_vec();
    let shown = |point: &RistrettoPoint| hex(&encode(point));
    let hexes: Vec<Vec<Vec<_>>> =
        keys.iter().map(|key| key.iter().map(|row| row.iter().map(shown).collect()).collect()).collect();
    assert_eq!(vectors["keys"], json!(hexes));
    let encryption: Vec<_> = (0..2).map(|s| shown(&keys.iter().map(|key| key[s][0]).sum())).collect();
    assert_eq!(vectors["encryption_keys"], json!(encryption));
    let commitments: Vec<Bytes> = dealers.iter().map(|dealer| dealer.commitment(&ceremony)).collect();
    assert_eq!(vectors["key_digest"], hex(&ceremony.key_digest(&commitments, &keys)));

    // What each trustee keeps, and the verification key that goes with it.
    for trustee in 1..=5 {
        let (recipients, _) = ceremony.panel(trustee);
        let panel: Vec<_> = dealers.iter().filter(|dealer| recipients.contains(&dealer.number)).collect();
        let secrets: Vec<Scalar> = (0..2)
            .map(|s| panel.iter().map(|dealer| at::<Scalar>(trustee, &dealer.polynomials[s])).sum())
            .collect();
        let hexes: Vec<_> = secrets.iter().map(|secret| hex(secret.as_bytes())).collect();
        assert_eq!(vectors["trustee_secrets"][trustee.to_string()], json!(hexes));
        let key = &keys[usize::from(trustee > 2)];
        for (secret, row) in secrets.iter().zip(key) {
            assert_eq!(base(secret), at(trustee, row));
        }
    }
}

fn panel_key(dealers: &[Dealer]) -> Vec<Vec<RistrettoPoint>> {
    let points: Vec<_> = dealers.iter().map(Dealer::points).collect();
    let sum = |s: usize, k: usize| points.iter().map(|points| points[s][k]).sum();
    (0..2).map(|s| (0..points[0][s].len()).map(|k| sum(s, k)).collect()).collect()
}

#[test]
fn a_complaint_opens_the_shares() {
    let vectors = vectors();
    let (ceremony, dealers) = scene(&vectors);
    let given = &vectors["complaint_of_5_against_3"];
    let secret = decode(&unhex(given["secret"].as_str().unwrap()));
    let proof = (scalar_of(&given["challenge"]), scalar_of(&given["response"]));
    let (own, own_proof) = dealers[4].complain(&ceremony, 3);
    assert_eq!(own, secret);
    for proof in [proof, own_proof] {
        assert!(ceremony.complaint_holds(3, 5, &secret, &proof));
        assert!(!ceremony.complaint_holds(5, 3, &secret, &proof));
        assert!(!ceremony.complaint_holds(3, 5, &(secret + secret), &proof));
    }
    // Nobody cheats here: the shares that it opens are those that the commitments say.
    let dealer = &dealers[2];
    let masks = ceremony.masks(3, 5, &dealer.points(), &secret);
    for (s, (sealed, mask)) in dealer.sealed_for(&ceremony, 5).into_iter().zip(masks).enumerate() {
        assert_eq!(base(&(sealed - mask)), at(5, &dealer.points()[s]));
    }
}
