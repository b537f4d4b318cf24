//! A trustee in the key ceremony. Each step sends again what was stored by the one before, and goes on.

use urne::bureau::{Ceremony, Committed, Confirmed, OpenedShares, Revealed};
use urne::primitives::Kind;
use urne::{IdentitySecret, Trustee};

use crate::desk::{Desk, rng};
use crate::sealed::Seal;
use crate::tool::Failure;

pub fn run(desk: &Desk) -> Result<(), Failure> {
    let (rng, board) = (&mut rng(), desk.board.folder(&desk.name));
    match desk.step.as_str() {
        "identity" => {
            let secret = IdentitySecret::generate(rng);
            Seal::new(desk, &["delegate", "substitute"])?.put(&secret.to_bytes())?;
            return board.put_of(desk.options.one::<u8>("seat")?, &secret.public());
        }
        "next" => (),
        _ => return desk.unknown(),
    }
    let seal = Seal::open(desk)?;
    let memory = seal.read()?;
    match memory.first().and_then(|byte| Kind::of_byte(*byte)) {
        Some(Kind::IdentitySecret) => {
            let ceremony = board.get::<Ceremony>()?;
            if desk.options.one::<String>("digest")? != ceremony.digest().to_string() {
                return Err(
                    format!("the ceremony on the board has another digest: {}", ceremony.digest()).into()
                );
            }
            let unsent = ceremony.join(IdentitySecret::from_bytes(&memory)?, rng)?;
            let (state, commitment) = seal.store(unsent)?;
            board.put_of(state.index(), &commitment)
        }
        Some(Kind::Committed) => {
            let state = Committed::from_bytes(&memory)?;
            board.put_of(state.index(), &state.commitment(rng))?;
            let (state, reveal) = seal.store(state.reveal(&board.all()?, rng)?)?;
            board.put_of(state.index(), &reveal)
        }
        Some(Kind::Revealed) => {
            let state = Revealed::from_bytes(&memory)?;
            board.put_of(state.index(), &state.reveal(rng))?;
            match state.check(&board.all()?, rng)? {
                OpenedShares::Good(checked) => {
                    let (state, confirmation) = seal.store(checked.confirm(&board.all()?, rng)?)?;
                    board.put_of(state.index(), &confirmation)
                }
                OpenedShares::Bad(shares) => {
                    for complaint in shares.complaints() {
                        let (by, about) = (complaint.complainant(), complaint.dealer());
                        board.put_of(format!("{by}-{about}"), complaint)?;
                    }
                    Err(shares.to_string().into())
                }
            }
        }
        Some(Kind::Confirmed) => {
            let state = Confirmed::from_bytes(&memory)?;
            board.put_of(state.index(), &state.confirmation(rng))?;
            let key = state.finish(&board.all()?, &board.all()?)?;
            // The only trustee that begins with an empty memory, in place of what the ceremony left.
            seal.put(&Trustee::after_ceremony(key).to_bytes())
        }
        _ => Err("the ceremony is over".into()),
    }
}
