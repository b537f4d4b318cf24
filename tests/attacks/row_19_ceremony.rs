//! Row 19, the key ceremony: secret states are wiped and print without their secrets.

use urne::Trustee;
use urne::bureau::{Board, Seat, Step};

use crate::dealer::*;

#[test]
fn attack_19_debug_of_secret_states_is_redacted() {
    fn wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
    let mut setup = Setup::new(PANELS, 1, 52);
    let reveals = setup.reveals();
    let secrets = committed_secrets(&setup.ceremony, &setup.stored[0]).to_vec();
    let leaks = |text: &str, more: &[u8]| {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let dec = |bytes: &[u8]| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        secrets
            .chunks(32)
            .chain(more.chunks(32))
            .any(|secret| text.contains(&hex(secret)) || text.contains(&dec(secret)))
    };
    let seat = Seat::new("a ceremony", index(1), identity(&scalar(&secrets[..32]))).unwrap();
    wiped(&seat);
    assert_eq!(format!("{seat:?}"), "Seat(trustee 1, redacted)");
    let step = seat.next(&setup.ceremony, &Board::default(), &mut setup.rng).unwrap();
    let Step::Said(unsent) = &step else { panic!() };
    let stored = unsent.to_store().len();
    assert_eq!(format!("{step:?}"), format!("Said(Unsent({stored} bytes to store, redacted))"));
    let committed = setup.committed(1);
    wiped(&committed);
    assert_eq!(format!("{committed:?}"), "Committed(trustee 1, redacted)");
    let (revealed, _) = committed.reveal(&setup.commitments, &mut setup.rng).unwrap().stored();
    wiped(&revealed);
    assert_eq!(format!("{revealed:?}"), "Revealed(trustee 1, redacted)");
    let checked = good(revealed.check(&reveals, &mut setup.rng).unwrap());
    wiped(&checked);
    assert_eq!(format!("{checked:?}"), "Checked(trustee 1, redacted)");
    let (confirmed, _) = checked.confirm(&[], &mut setup.rng).unwrap().stored();
    wiped(&confirmed);
    assert_eq!(format!("{confirmed:?}"), "Confirmed(trustee 1, redacted)");
    let (_, confirmations) = setup.confirmed();
    let key = confirmed.finish(&confirmations, &[]).unwrap();
    wiped(&key);
    assert_eq!(format!("{key:?}"), "TrusteeKey(of trustee 1, redacted)");
    // Nor does an error or a public message show a secret.
    let complaint = setup.dealer(1).complain(&reveals[1]);
    let trustee = Trustee::after_ceremony(key);
    let (identity, shares) = trustee_secrets(&trustee);
    let more: Vec<u8> = [identity].iter().chain(&shares).flat_map(|secret| secret.to_bytes()).collect();
    for text in [format!("{trustee:#?}"), format!("{:?}", reveals[0]), format!("{complaint:?}")] {
        assert!(!leaks(&text, &more), "{text}");
    }
}
