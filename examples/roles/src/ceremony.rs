//! A trustee in the key ceremony. Each step sends again what was stored by the one before, and goes on.

use urne::bureau::{
    Ceremony, Commitment, Committed, Complaint, Confirmation, Confirmed, OpenedShares, Reveal, Revealed,
};
use urne::primitives::Kind;
use urne::{IdentitySecret, Trustee};

use crate::desk::{Desk, all, get, put, rng};
use crate::sealed::Seal;
use crate::tool::Failure;

pub fn run(desk: &Desk) -> Result<(), Failure> {
    let (rng, board) = (&mut rng(), desk.board(desk.one::<String>("name")?));
    let send = |number: &dyn std::fmt::Display, kind: &str, message: &[u8]| {
        put(board.join(format!("{number}.{kind}")), message)
    };
    match desk.one::<String>("step")?.as_str() {
        "identity" => {
            let seal = Seal::new(desk, &["delegate", "substitute"])?;
            let secret = IdentitySecret::generate(rng);
            seal.put(&secret.to_bytes())?;
            return Ok(send(&desk.one::<u8>("seat")?, "identity", &secret.public().to_bytes())?);
        }
        "next" => (),
        _ => return desk.unknown(),
    }
    let seal = Seal::open(desk)?;
    let memory = seal.read()?;
    match memory.first().and_then(|byte| Kind::of_byte(*byte)) {
        Some(Kind::IdentitySecret) => {
            let ceremony = get(board.join("ceremony"), Ceremony::from_bytes)?;
            let digest = ceremony.digest().to_string();
            if desk.one::<String>("digest")? != digest {
                return Err(format!("the ceremony on the board has another digest: {digest}").into());
            }
            let unsent = ceremony.join(IdentitySecret::from_bytes(&memory)?, rng)?;
            let (state, commitment) = seal.store(unsent)?;
            send(&state.index(), "commitment", &commitment.to_bytes())?;
        }
        Some(Kind::Committed) => {
            let state = Committed::from_bytes(&memory)?;
            send(&state.index(), "commitment", &state.commitment(rng).to_bytes())?;
            let commitments = all(&board, ".commitment", Commitment::from_bytes)?;
            let (state, reveal) = seal.store(state.reveal(&commitments, rng)?)?;
            send(&state.index(), "reveal", &reveal.to_bytes())?;
        }
        Some(Kind::Revealed) => {
            let state = Revealed::from_bytes(&memory)?;
            send(&state.index(), "reveal", &state.reveal(rng).to_bytes())?;
            match state.check(&all(&board, ".reveal", Reveal::from_bytes)?, rng)? {
                OpenedShares::Good(checked) => {
                    let complaints = all(&board, ".complaint", Complaint::from_bytes)?;
                    let (state, confirmation) = seal.store(checked.confirm(&complaints, rng)?)?;
                    send(&state.index(), "confirmation", &confirmation.to_bytes())?;
                }
                OpenedShares::Bad(shares) => {
                    for complaint in shares.complaints() {
                        let parties = format!("{}-{}", complaint.complainant(), complaint.dealer());
                        send(&parties, "complaint", &complaint.to_bytes())?;
                    }
                    return Err(shares.to_string().into());
                }
            }
        }
        Some(Kind::Confirmed) => {
            let state = Confirmed::from_bytes(&memory)?;
            send(&state.index(), "confirmation", &state.confirmation(rng).to_bytes())?;
            let complaints = all(&board, ".complaint", Complaint::from_bytes)?;
            let key = state.finish(&all(&board, ".confirmation", Confirmation::from_bytes)?, &complaints)?;
            // The only trustee that begins with an empty memory, in place of what the ceremony left.
            seal.put(&Trustee::after_ceremony(key).to_bytes())?;
        }
        _ => return Err("the ceremony is over".into()),
    }
    Ok(())
}
