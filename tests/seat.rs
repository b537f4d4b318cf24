//! A trustee's seat in a key ceremony: a bureau that has nothing else makes a key, whatever is lost on the way, and a seat
//! serves no other ceremony, no other trustee, and never again after a complaint.

use std::collections::BTreeSet;

use urne::bureau::{
    Board, Ceremony, CeremonyError, Commitment, Complaint, MessageKind, Reveal, Said, Seat, Step,
};
use urne::primitives::Kind;
use urne::{DecodeError, IdentitySecret, Trustee, TrusteeIndex, TrusteeKey};

#[path = "support/dealer.rs"]
mod dealer;

use dealer::*;

const LABEL: &str = "a ceremony";
/// One of president and secretary, two of five delegates.
const COUNCIL: &[(u8, u8)] = &[(1, 2), (2, 5)];

/// A bureau of seats, each as it is stored.
struct Seats {
    ceremony: Ceremony,
    stored: Vec<Vec<u8>>,
    board: Board,
}

impl Seats {
    fn new(panels: &[(u8, u8)], seed: u64) -> Seats {
        let mut rng = rng(seed);
        let n = panels.iter().map(|(_, n)| n).sum();
        let seats: Vec<_> = (1..=n)
            .map(|j| Seat::new(LABEL, index(j), IdentitySecret::generate(&mut rng)).unwrap())
            .collect();
        let keys: Vec<_> = seats.iter().map(Seat::identity).collect();
        let ceremony = Ceremony::new(LABEL, 2, bureau(panels, &keys)).unwrap();
        let stored = seats.iter().map(|seat| seat.to_bytes().to_vec()).collect();
        Seats { ceremony, stored, board: Board::default() }
    }

    fn trustees(&self) -> std::ops::RangeInclusive<u8> {
        1..=u8::try_from(self.stored.len()).unwrap()
    }

    /// What trustee `j` has stored, and no more.
    fn seat(&self, j: u8) -> Seat {
        Seat::from_bytes(&self.stored[usize::from(j) - 1]).unwrap()
    }

    fn next(&self, j: u8, seed: u64) -> Result<Step, CeremonyError> {
        self.seat(j).next(&self.ceremony, &self.board, &mut rng(seed))
    }

    /// Trustee `j` takes a step, stores its seat, and sends nothing yet.
    fn store(&mut self, j: u8) -> Said {
        let unsent = said(self.next(j, 100 + u64::from(j)).unwrap());
        self.stored[usize::from(j) - 1] = unsent.to_store().to_vec();
        let (seat, said) = unsent.stored();
        assert_eq!(*seat.to_bytes(), self.stored[usize::from(j) - 1]);
        assert_eq!((seat.label(), seat.index(), seat.identity()), (LABEL, index(j), self.seat(j).identity()));
        said
    }

    /// Every trustee takes a step.
    fn all(&mut self) {
        for j in self.trustees() {
            let said = self.store(j);
            self.board.add(said);
        }
    }

    /// The bureau once everybody has taken so many steps.
    fn after(steps: usize, panels: &[(u8, u8)], seed: u64) -> Seats {
        let mut seats = Seats::new(panels, seed);
        (0..steps).for_each(|_| seats.all());
        seats
    }

    /// The secrets of the trustees once they have joined, for those who cheat.
    fn dealer(&self, j: u8) -> Dealer {
        let stored = self.trustees().map(|j| inner(&self.stored[usize::from(j) - 1]).to_vec()).collect();
        let (ceremony, commitments) = (self.ceremony.clone(), self.board.commitments.clone());
        let n = *self.trustees().end();
        Setup { ceremony, panels: PANELS.to_vec(), n, stored, commitments, rng: rng(0) }.dealer(j)
    }
}

fn said(step: Step) -> urne::Unsent<(Seat, Said)> {
    match step {
        Step::Said(unsent) => unsent,
        Step::Key(key) => panic!("{key:?}"),
    }
}

fn key(step: Step) -> TrusteeKey {
    match step {
        Step::Said(unsent) => panic!("{:?}", unsent.stored().1),
        Step::Key(key) => key,
    }
}

/// The form of a seat, written from its description.
fn written(label: &str, j: u8, state: &[u8], complaints: &[Complaint]) -> Vec<u8> {
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap().to_le_bytes();
    let mut bytes = head(Kind::Seat).to_vec();
    bytes.extend(length(label.as_bytes()));
    bytes.extend(label.as_bytes());
    bytes.push(j);
    bytes.extend(length(state));
    bytes.extend(state);
    bytes.extend(u64::try_from(complaints.len()).unwrap().to_le_bytes());
    for complaint in complaints {
        let complaint = complaint.to_bytes();
        bytes.extend(length(&complaint));
        bytes.extend(complaint);
    }
    let tag = tag(&bytes);
    [bytes, tag.to_vec()].concat()
}

/// Where a seat of this label has its number, its state's length, and its state.
const PLACES: [usize; 3] = [10 + LABEL.len(), 11 + LABEL.len(), 19 + LABEL.len()];

/// The state's own form in a seat.
fn inner(seat: &[u8]) -> &[u8] {
    let [_, length, state] = PLACES;
    let length = u64::from_le_bytes(seat[length..state].try_into().unwrap());
    &seat[state..][..usize::try_from(length).unwrap()]
}

/// That two words are the same: what the trustee has said, whatever the signature or proof.
fn assert_same(first: &Said, second: &Said) {
    match (first, second) {
        (Said::Commitment(first), Said::Commitment(second)) => {
            assert_eq!((first.trustee(), first.digest()), (second.trustee(), second.digest()));
        }
        (Said::Reveal(first), Said::Reveal(second)) => {
            assert_eq!(first.trustee(), second.trustee());
            assert_eq!((first.commitments(), first.shares()), (second.commitments(), second.shares()));
        }
        // The signature is of the key, and both are counted where the ceremony is concluded.
        (Said::Confirmation(first), Said::Confirmation(second)) => {
            assert_eq!(first.trustee(), second.trustee());
        }
        (first, second) => assert_eq!(first, second),
    }
}

// ---------------------------------------------------------------------------------------------------
// Ceremonies that go well

/// Every step of everyone begins with what is stored, and every second trustee loses its message before it is sent.
/// Fails where a state is not stored or read back, draws or deals anew, or where its last word is another.
#[test]
fn attack_22_a_bureau_of_seats_makes_the_key_whatever_is_lost_between_storing_and_sending() {
    let mut seats = Seats::new(COUNCIL, 1);
    for j in seats.trustees() {
        assert_eq!(seats.seat(j).said(&mut rng(1)), None);
    }
    for kind in [Kind::Committed, Kind::Revealed, Kind::Confirmed] {
        for j in seats.trustees() {
            // The power fails before anything is stored: the step is as if it had not been.
            drop(seats.next(j, 7).unwrap());
            let lost = seats.store(j);
            assert_eq!(inner(&seats.stored[usize::from(j) - 1])[0], kind.byte());
            let again = seats.seat(j).said(&mut rng(8)).unwrap();
            assert_same(&lost, &again);
            assert_ne!(lost, again, "another signature or proof");
            match j % 3 {
                0 => seats.board.add(lost),
                1 => seats.board.add(again),
                // Both count as one.
                _ => [lost, again].into_iter().for_each(|said| seats.board.add(said)),
            }
        }
    }
    let Seats { ceremony, board, .. } = &seats;
    let Board { commitments, reveals, complaints, confirmations } = board;
    let public = ceremony.conclude(commitments, reveals, complaints, confirmations).unwrap();
    assert_eq!((public.slots(), public.bureau()), (2, ceremony.bureau()));
    for j in seats.trustees() {
        // What is stored stays until the trustee is: the key is taken again.
        drop(key(seats.next(j, 9).unwrap()));
        let key = key(seats.next(j, 10).unwrap());
        assert_eq!((key.index(), key.election_key()), (index(j), &public));
        let stored = Trustee::after_ceremony(key).to_bytes();
        assert_eq!(Trustee::from_bytes(&stored).unwrap().key().election_key(), &public);
    }
}

/// Fails where an error leaves something done, or a step is taken without everybody's message.
#[test]
fn what_is_missing_leaves_the_seat_as_it_was_and_the_next_try_succeeds() {
    let mut seats = Seats::new(PANELS, 2);
    let missing = |message, trustee| Err(CeremonyError::Missing { message, trustee: index(trustee) });
    let step = |seats: &Seats, j| seats.next(j, 3).map(|_| ());
    seats.all();
    let last = seats.board.commitments.remove(3);
    seats.trustees().for_each(|j| assert_eq!(step(&seats, j), missing(MessageKind::Commitment, 4)));
    seats.board.commitments.push(last);
    seats.all();
    let last = seats.board.reveals.remove(1);
    seats.trustees().for_each(|j| assert_eq!(step(&seats, j), missing(MessageKind::Reveal, 2)));
    seats.board.reveals.push(last);
    seats.all();
    let last = seats.board.confirmations.remove(0);
    seats.trustees().for_each(|j| assert_eq!(step(&seats, j), missing(MessageKind::Confirmation, 1)));
    seats.board.confirmations.push(last);
    seats.trustees().for_each(|j| drop(key(seats.next(j, 4).unwrap())));
}

// ---------------------------------------------------------------------------------------------------
// One ceremony, ever

/// Fails where a seat joins what it is not for, or goes on with what it has not joined.
#[test]
fn attack_10_a_seat_serves_one_ceremony_and_one_number() {
    let seats = Seats::new(PANELS, 4);
    let keys: Vec<_> = seats.ceremony.bureau().identities().copied().collect();
    let of = |label: &str, slots, keys: &[_]| Ceremony::new(label, slots, bureau(PANELS, keys)).unwrap();
    let next = |seats: &Seats, ceremony: &Ceremony| {
        seats.seat(1).next(ceremony, &seats.board, &mut rng(5)).map(|step| said(step).stored().0)
    };
    let other_label = CeremonyError::OtherLabel { expected: LABEL.into(), actual: "another".into() };
    let mut swapped = keys.clone();
    swapped.swap(0, 4);
    let mut without = keys.clone();
    without[0] = IdentitySecret::generate(&mut rng(6)).public();
    let refused = |ceremony: &Ceremony, error: &CeremonyError| {
        assert_eq!(&next(&seats, ceremony).unwrap_err(), error);
        assert_eq!(error.culprit(), None);
    };
    refused(&of("another", 2, &keys), &other_label);
    refused(&of("another", 2, &without), &other_label);
    refused(&of(LABEL, 2, &without), &CeremonyError::NotATrustee);
    let other_number = CeremonyError::OtherNumber { expected: index(1), actual: index(5) };
    refused(&of(LABEL, 2, &swapped), &other_number);
    // Of two ceremonies of its label and number, it joins what the person whose seat it is gives it.
    let second = of(LABEL, 3, &keys);
    for ceremony in [&seats.ceremony, &second] {
        assert!(next(&seats, ceremony).is_ok());
    }
    // From then on, that one only.
    for steps in 1..=3 {
        let seats = Seats::after(steps, PANELS, 4);
        let (expected, actual) = (seats.ceremony.digest(), second.digest());
        let error = CeremonyError::OtherCeremony { expected, actual };
        assert_eq!(next(&seats, &second).unwrap_err(), error);
        for digest in [expected, actual] {
            assert!(error.to_string().contains(&digest.to_string()), "{error}");
        }
        let (expected, actual) = (seats.ceremony.digest(), of(LABEL, 2, &swapped).digest());
        let error = CeremonyError::OtherCeremony { expected, actual };
        assert_eq!(next(&seats, &of(LABEL, 2, &swapped)).unwrap_err(), error);
        assert_eq!(next(&seats, &of("another", 2, &keys)).unwrap_err(), other_label);
        assert!(seats.next(1, 5).is_ok());
    }
}

#[test]
fn a_label_that_is_too_long_for_a_ceremony_is_too_long_for_a_seat() {
    let seat = |length| Seat::new(&"x".repeat(length), index(1), IdentitySecret::generate(&mut rng(1)));
    let longest = seat(1024).unwrap().to_bytes();
    assert_eq!(Seat::from_bytes(&longest).unwrap().label().len(), 1024);
    assert_eq!(seat(1025).map(|_| ()), Err(CeremonyError::Label { actual: 1025 }));
    let state = inner_of(&seat(3).unwrap());
    let read = |bytes: &[u8]| Seat::from_bytes(bytes).map(|_| ());
    assert_eq!(read(&written(&"x".repeat(3), 1, &state, &[])), Ok(()));
    let refused = Err(CeremonyError::Label { actual: 1025 });
    assert_eq!(read(&written(&"x".repeat(1025), 1, &state, &[])), refused);
}

/// The state of a seat whose label has three bytes.
fn inner_of(seat: &Seat) -> Vec<u8> {
    seat.to_bytes()[2 + 8 + 3 + 1 + 8..][..34].to_vec()
}

// ---------------------------------------------------------------------------------------------------
// Complaints

/// Trustee 1 deals bad shares to trustee 2, which complains. Its honest reveal comes too.
fn complained(seed: u64) -> (Seats, Reveal, Vec<Complaint>) {
    let mut seats = Seats::after(1, PANELS, seed);
    let dealer = seats.dealer(1);
    seats.all();
    let points = dealer.points();
    let mut shares = dealer.shares(&points);
    shares[2] = [0; 32];
    let bad = dealer.reveal_of(&points, &shares);
    let good = std::mem::replace(&mut seats.board.reveals[0], bad);
    let Said::Complaints(complaints) = seats.store(2) else { panic!("no complaint") };
    (seats, good, complaints)
}

/// Fails where a seat forgets that it has complained, makes its complaints anew, or believes what is shown instead.
#[test]
fn attack_10_a_seat_that_has_complained_never_confirms() {
    let (mut seats, good, complaints) = complained(20);
    let bytes = |complaints: &[Complaint]| complaints.iter().map(Complaint::to_bytes).collect::<Vec<_>>();
    let [complaint] = &complaints[..] else { panic!("{complaints:?}") };
    assert_eq!(seats.ceremony.settle(complaint), Ok(index(1)));
    let error = CeremonyError::Complained { dealers: vec![index(1)] };
    assert_eq!(error.culprit(), Some(index(1)));
    assert!(error.to_string().starts_with("we have complained about trustee 1, "), "{error}");
    let never = |seats: &Seats| {
        assert_eq!(seats.next(2, 21).map(|_| ()), Err(error.clone()));
        let Some(Said::Complaints(again)) = seats.seat(2).said(&mut rng(22)) else { panic!() };
        assert_eq!(bytes(&again), bytes(&complaints));
    };
    // The board as it was, and without the bad reveal and the complaint: the others confirm.
    never(&seats);
    seats.board.reveals[0] = good;
    never(&seats);
    for j in [1, 3, 4, 5] {
        let said = seats.store(j);
        seats.board.add(said);
    }
    never(&seats);
    // Nor with another ceremony, or none of its messages.
    let other = Ceremony::new("another", 1, seats.ceremony.bureau().clone()).unwrap();
    let refused = seats.seat(2).next(&other, &Board::default(), &mut rng(23)).map(|_| ());
    assert_eq!(refused, Err(error.clone()));
    // And so nobody gets the key.
    let missing = CeremonyError::Missing { message: MessageKind::Confirmation, trustee: index(2) };
    assert_eq!(seats.next(1, 24).map(|_| ()), Err(missing));
    // Another's complaint stops a seat too.
    let Said::Complaints(sent) = seats.seat(2).said(&mut rng(25)).unwrap() else { panic!() };
    seats.board.add(Said::Complaints(sent));
    let stands = CeremonyError::Complaint { dealer: index(1), complainant: index(2), culprit: index(1) };
    // It shows a reveal that is not the one on the board.
    let stopped = seats.next(3, 26).map(|_| ()).unwrap_err();
    assert!(matches!(stopped, CeremonyError::TwoReveals(_)), "{stopped}");
    let (mut seats, _, complaints) = complained(20);
    seats.board.add(Said::Complaints(complaints));
    assert_eq!(seats.next(3, 26).map(|_| ()), Err(stands));
}

/// Two dealers, and both are named.
#[test]
fn all_dealers_of_bad_shares_are_complained_about() {
    let mut seats = Seats::after(1, PANELS, 30);
    let dealers = [3, 1].map(|j| seats.dealer(j));
    seats.all();
    for dealer in dealers {
        let mut shares = dealer.shares(&dealer.points());
        shares[2] = [0; 32];
        seats.board.reveals[usize::from(dealer.index) - 1] = dealer.reveal_of(&dealer.points(), &shares);
    }
    let Said::Complaints(complaints) = seats.store(2) else { panic!("no complaint") };
    let about: Vec<_> = complaints.iter().map(Complaint::dealer).collect();
    assert_eq!(about, [index(1), index(3)]);
    assert_eq!(seats.next(2, 31).map(|_| ()), Err(CeremonyError::Complained { dealers: about }));
}

// ---------------------------------------------------------------------------------------------------
// What is stored

fn read(bytes: &[u8]) -> Result<TrusteeIndex, CeremonyError> {
    Seat::from_bytes(bytes).map(|seat| seat.index())
}

/// The form is the one that is described, in every state, and nothing else is read.
#[test]
fn attack_22_stored_seats_are_checked() {
    let mut kinds = BTreeSet::new();
    for steps in 0..=3 {
        let stored = Seats::after(steps, PANELS, 40).stored[1].clone();
        kinds.insert(inner(&stored)[0]);
        assert_eq!(stored, written(LABEL, 2, inner(&stored), &[]));
        assert_eq!(read(&stored), Ok(index(2)));
        assert_guarded(&stored, Kind::Seat, &read);
    }
    let drawn_to_confirmed = [Kind::Committed, Kind::Revealed, Kind::Confirmed, Kind::IdentitySecret];
    assert_eq!(kinds, BTreeSet::from(drawn_to_confirmed.map(Kind::byte)));
    let (seats, _, complaints) = complained(41);
    let stored = &seats.stored[1];
    assert_eq!(*stored, written(LABEL, 2, inner(stored), &complaints));
    assert_eq!(inner(stored)[0], Kind::Revealed.byte());
    assert_guarded(stored, Kind::Seat, &read);
}

/// Whoever knows all secrets of two trustees of a bureau, and makes the tag, gets no seat out of parts of both. Fails where
/// label, number, state or complaints are believed without each other.
#[test]
fn attack_22_seats_do_not_read_each_others_states() {
    let decode = |error| Err(CeremonyError::Decode(error));
    let [number, length, state_at] = PLACES;
    for steps in 1..=3 {
        let seats = Seats::after(steps, PANELS, 42);
        let [first, second] = [0, 1].map(|at| &seats.stored[at]);
        let other = |expected, actual| {
            Err(CeremonyError::OtherNumber { expected: index(expected), actual: index(actual) })
        };
        assert_eq!(read(&written(LABEL, 1, inner(second), &[])), other(1, 2));
        assert_eq!(read(&written(LABEL, 2, inner(first), &[])), other(2, 1));
        assert_eq!(read(&at(first, number, 9, 1)), other(9, 1));
        let label = CeremonyError::OtherLabel { expected: "another".into(), actual: LABEL.into() };
        assert_eq!(read(&written("another", 1, inner(first), &[])), Err(label));
    }
    // A number that no trustee has, a label that is no text, and what is no state of a seat.
    let seats = Seats::new(PANELS, 42);
    let drawn = &seats.stored[0];
    assert_eq!(read(&at(drawn, number, 0, 1)), decode(DecodeError::Number { offset: number }));
    assert_eq!(read(&at(drawn, 10, 0xff, 1)), decode(DecodeError::Number { offset: 2 }));
    let no_state = decode(DecodeError::Number { offset: length });
    for none in [Kind::Checked, Kind::Trustee, Kind::Seat] {
        assert_eq!(read(&at(drawn, state_at, none.byte(), 1)), no_state);
    }
    assert_eq!(read(&written(LABEL, 1, &[], &[])), no_state);
    let (seats, _, complaints) = complained(42);
    assert_eq!(read(&written(LABEL, 1, drawn, &[])), no_state, "a seat in a seat");
    // A state that is altered inside of a seat, under a tag of the seat's own.
    let stored = &seats.stored[1];
    let last = state_at + inner(stored).len() - 1;
    assert_eq!(read(&retagged(stored, |bytes| bytes[last] ^= 1)), decode(DecodeError::Altered));

    // Complaints stand beside a reveal only, and are the trustee's own, about another of its panel.
    let altered = decode(DecodeError::Altered);
    for steps in [0, 1, 3] {
        let state = inner(&Seats::after(steps, PANELS, 42).stored[1]).to_vec();
        assert_eq!(read(&written(LABEL, 2, &state, &[])), Ok(index(2)));
        assert_eq!(read(&written(LABEL, 2, &state, &complaints)), altered);
    }
    let state = inner(stored);
    let of = |complainant: u8, reveal: usize| {
        let complaint = complaints[0].to_bytes();
        let [secret, proof] = [&complaint[3..35], &complaint[35..99]];
        complaint_message(complainant, secret.try_into().unwrap(), proof, &seats.board.reveals[reveal])
    };
    let [ours, about_3] = [of(2, 0), of(2, 2)];
    assert_eq!(ours, complaints[0]);
    assert_eq!(read(&written(LABEL, 2, state, &[ours.clone(), about_3])), Ok(index(2)));
    for none in [of(3, 0), of(2, 1), of(2, 3), of(4, 4)] {
        assert_eq!(read(&written(LABEL, 2, state, std::slice::from_ref(&none))), altered);
        assert_eq!(read(&written(LABEL, 2, state, &[ours.clone(), none])), altered);
    }
    // A number of complaints that is not that of those that follow.
    let count = state_at + state.len();
    for lie in [0u64, 2, 1 << 40, u64::MAX] {
        let lying = retagged(stored, |bytes| bytes[count..count + 8].copy_from_slice(&lie.to_le_bytes()));
        assert!(read(&lying).is_err(), "{lie}");
    }
    for lie in [1u64 << 40, u64::MAX] {
        let lying = retagged(stored, |bytes| bytes[length..length + 8].copy_from_slice(&lie.to_le_bytes()));
        assert!(read(&lying).is_err(), "{lie}");
    }
}

/// A commitment under another's number, and of an earlier ceremony, change nothing for a seat.
#[test]
fn what_others_put_on_the_board_stops_no_seat() {
    let mut seats = Seats::after(1, PANELS, 50);
    let forged = Commitment::from_bytes(&renumbered(seats.board.commitments[0].to_bytes(), 3)).unwrap();
    seats.board.commitments.insert(0, forged);
    seats.all();
    let forged = Reveal::from_bytes(&renumbered(seats.board.reveals[0].to_bytes(), 2)).unwrap();
    seats.board.reveals.insert(0, forged);
    seats.all();
    seats.trustees().for_each(|j| drop(key(seats.next(j, 51).unwrap())));
}
