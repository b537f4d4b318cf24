//! A trustee, in the key ceremony and after it: every act is stored before its message is sent.

use urne::ballot_box::{Complaints, SignedClosing};
use urne::bureau::{Ceremony, Committed, Confirmed, OpenedShares, Revealed};
use urne::primitives::Kind;
use urne::trustee::TrusteeError;
use urne::{IdentitySecret, Trustee, Unsent};

use crate::desk::{Desk, Failure, all, get, rng, send_as};
use crate::sealed::Seal;

/// Each step sends again what was stored by the one before, and goes on.
pub fn ceremony(desk: &Desk) -> Result<(), Failure> {
    let (rng, board) = (&mut rng(), &desk.ceremony()?);
    if desk.step == "identity" {
        let secret = IdentitySecret::generate(rng);
        Seal::new(desk, &["delegate", "substitute"])?.put(&secret.to_bytes())?;
        return send_as(desk.options.one::<u8>("seat")?, board, &secret.public());
    }
    let (seal, memory) = Seal::open(desk)?;
    match memory.first().and_then(|byte| Kind::of_byte(*byte)).filter(|_| desk.step == "next") {
        Some(Kind::IdentitySecret) => {
            let ceremony: Ceremony = get(board)?;
            let digest = ceremony.digest().to_string();
            if desk.options.one::<String>("digest")? != digest {
                return Err(format!("the ceremony on the board has another digest: {digest}").into());
            }
            let unsent = ceremony.join(IdentitySecret::from_bytes(&memory)?, rng)?;
            let (state, commitment) = seal.store(unsent)?;
            send_as(state.index(), board, &commitment)
        }
        Some(Kind::Committed) => {
            let state = Committed::from_bytes(&memory)?;
            send_as(state.index(), board, &state.commitment(rng))?;
            let (state, reveal) = seal.store(state.reveal(&all(board)?, rng)?)?;
            send_as(state.index(), board, &reveal)
        }
        Some(Kind::Revealed) => {
            let state = Revealed::from_bytes(&memory)?;
            send_as(state.index(), board, &state.reveal(rng))?;
            match state.check(&all(board)?, rng)? {
                OpenedShares::Good(checked) => {
                    let (state, confirmation) = seal.store(checked.confirm(&all(board)?, rng)?)?;
                    send_as(state.index(), board, &confirmation)
                }
                OpenedShares::Bad(shares) => {
                    for complaint in shares.complaints() {
                        let (by, about) = (complaint.complainant(), complaint.dealer());
                        send_as(format!("{by}-{about}"), board, complaint)?;
                    }
                    Err(shares.to_string().into())
                }
            }
        }
        Some(Kind::Confirmed) => {
            let state = Confirmed::from_bytes(&memory)?;
            send_as(state.index(), board, &state.confirmation(rng))?;
            let key = state.finish(&all(board)?, &all(board)?)?;
            // The only trustee that begins with an empty memory, in place of what the ceremony left.
            seal.put(&Trustee::after_ceremony(key).to_bytes())
        }
        Some(_) => Err("the ceremony is over".into()),
        None => desk.unknown(),
    }
}

pub fn run(desk: &Desk) -> Result<(), Failure> {
    let (seal, memory) = Seal::open(desk)?;
    let mut trustee = Trustee::from_bytes(&memory)?;
    desk.contests()?.iter().try_for_each(|place| act(&seal, &mut trustee, place))
}

fn act(seal: &Seal, trustee: &mut Trustee, desk: &Desk) -> Result<(), Failure> {
    let (Desk { number, board, post, .. }, index, rng, now) =
        (desk, trustee.index(), &mut rng(), desk.now()?);
    let electorate = || Ok::<_, Failure>(desk.voters()?.into_iter().filter(|(_, of)| of.contains(number)));
    let keep = |shown: Result<Unsent<()>, TrusteeError>| {
        use TrusteeError::{HeadForm, HeadSignature, SameClosing};
        match shown {
            // Nothing to keep: no head of the box, which anybody can show; or what is kept already.
            Err(error @ (HeadForm(_) | HeadSignature(_) | SameClosing { .. })) => {
                eprintln!("contest {number}: {error}");
                Ok(())
            }
            shown => seal.store(shown?),
        }
    };
    match desk.step.as_str() {
        "approve" => {
            let contest = get(board)?;
            desk.check(&contest)?;
            send_as(index, board, &seal.store(trustee.approve(&contest, now, rng)?)?)
        }
        "keep-openings" => {
            let (contest, voters) = (desk.contest()?, electorate()?.count().try_into()?);
            seal.store(trustee.keep_opening(contest.contest(), &get(board)?, voters, now)?)
        }
        "show-heads" => {
            let (contest, heads) = (desk.contest()?, all(post)?);
            heads.iter().try_for_each(|head| keep(trustee.show_head(contest.contest(), head)))
        }
        "given" => send_as(index, board, &seal.store(trustee.given(&desk.closed()?, now)?)?),
        "endorse" => {
            let (signed, voters) = (desk.signed()?, electorate()?.map(|(voter, _)| voter).collect());
            let complaints = Complaints { given: &all(board)?, seconds: desk.options.one("complaints")? };
            let endorsed = trustee.endorse(&signed, &get(post)?, &voters, &complaints, now, rng);
            if let Err(TrusteeError::OtherClosing { .. } | TrusteeError::Stopped { .. }) = &endorsed {
                // Both signatures stand under it. It is kept, stops the count, and is to be published.
                let (contest, second) = (desk.contest()?, SignedClosing::of(&signed));
                keep(trustee.show_second_closing(contest.contest(), &second, &[]))?;
            }
            send_as(index, board, &seal.store(endorsed?)?)
        }
        "ready" => send_as(index, board, &trustee.ready(&desk.signed()?, &all(board)?)?),
        "give-factors" => {
            let unsent = trustee.give_factors(&desk.signed()?, &all(board)?, &all(board)?, rng)?;
            send_as(index, board, &seal.store(unsent)?)
        }
        _ => desk.unknown(),
    }
}
