//! Row 22, on the voter's side: whatever stops between "I vote" and the receipt, the dossier that was stored first
//! brings the same ballot, its receipt and its deposit proof back.

use urne::voter::{Dossier, Resumed};
use urne::{BallotBox, Choice, Receipt};

use crate::polling::acts::{self, OneByOne};
use crate::polling::{Polling, at, box_key};
use crate::row_16_server::unsent;

const LIST_1: Choice = Choice::List(1);
const LIST_2: Choice = Choice::List(2);

/// The device was switched off too: it has its file, and the contest from anywhere.
fn resume(polling: &Polling, file: &[u8]) -> Resumed {
    Dossier::from_bytes(file).unwrap().resume(polling.contest.contest()).unwrap()
}

fn send(ballot_box: &mut BallotBox, resumed: &Resumed, seconds: i64) -> Receipt {
    ballot_box.deposit(resumed.voter(), resumed.ballot(), at(seconds)).unwrap().receipt
}

/// The power fails when the box has stored the entry, and has not answered; or just before it stored it.
#[test]
fn attack_22_a_box_that_stops_before_it_answers_gives_the_deposit_proof_later() {
    for stored in [true, false] {
        let mut polling = Polling::open(3);
        polling.vote(1, LIST_1, 5);
        let unsent = unsent(&mut polling, 0, LIST_2, 10);
        let file = unsent.to_store().to_vec();
        let casting = unsent.stored();
        let log = polling.log.len();
        let lost = polling.deposit(0, casting.ballot(), 11).unwrap();
        drop(casting);
        if !stored {
            polling.log.truncate(log);
        }
        let mut again = acts::rebuild(polling.contest.clone(), box_key(), &polling.log).unwrap();
        assert_eq!(again.len(), 1 + usize::from(stored));
        let resumed = resume(&polling, &file);
        let receipt = send(&mut again, &resumed, 500);
        assert_eq!(receipt == lost, stored);
        assert_eq!(again.len(), 2);
        // By the device's clock the vote is somewhere between when it was sent first and now.
        let voted = resumed.acknowledge(receipt.clone(), at(500), 5).unwrap();
        assert_eq!(voted.receipt().acknowledgement.at, at(if stored { 11 } else { 500 }));
        // And for ever after, with what came in between.
        let resumed = self::resume(&polling, &file);
        assert_eq!(send(&mut again, &resumed, 100_000), receipt);
    }
}

/// The device stops before the ballot was ever sent: nothing is known of it anywhere, and it is sent now.
#[test]
fn attack_22_a_device_that_stops_before_it_sends_sends_the_same_ballot_later() {
    let mut polling = Polling::open(2);
    let unsent = unsent(&mut polling, 0, LIST_2, 10);
    let file = unsent.to_store().to_vec();
    drop(unsent);
    let resumed = resume(&polling, &file);
    let receipt = send(&mut polling.ballot_box, &resumed, 200);
    assert!(resumed.acknowledge(receipt, at(200), 5).is_ok());
    assert_eq!(polling.ballot_box.len(), 1);
}
