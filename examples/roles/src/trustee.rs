//! A trustee after the ceremony: every act is stored before its message is sent.

use urne::Trustee;
use urne::ballot_box::{Complaints, Head};
use urne::trustee::TrusteeError;

use crate::desk::{Desk, Place, rng};
use crate::sealed::Seal;
use crate::tool::Failure;

pub fn run(desk: &Desk) -> Result<(), Failure> {
    let seal = Seal::open(desk)?;
    let mut trustee = Trustee::from_bytes(&seal.read()?)?;
    desk.contests()?.iter().try_for_each(|place| act(desk, &seal, &mut trustee, place))
}

fn act(desk: &Desk, seal: &Seal, trustee: &mut Trustee, place: &Place) -> Result<(), Failure> {
    let (Place { number, board, post }, rng, now) = (place, &mut rng(), desk.now()?);
    let index = trustee.index();
    let electorate = || Ok::<_, Failure>(desk.voters()?.into_iter().filter(|(_, of)| of.contains(number)));
    match desk.step.as_str() {
        "approve" => {
            let contest = board.get()?;
            place.check(desk, &contest)?;
            board.put_of(index, &seal.store(trustee.approve(&contest, now, rng)?)?)
        }
        "keep-openings" => {
            let (contest, voters) = (place.approved()?, electorate()?.count().try_into()?);
            seal.store(trustee.keep_opening(contest.contest(), &board.get()?, voters, now)?)
        }
        "show-heads" => {
            let contest = place.approved()?;
            for head in post.all::<Head>()? {
                match trustee.show_head(contest.contest(), &head) {
                    Ok(unsent) => seal.store(unsent)?,
                    Err(error) => eprintln!("contest {number}: {error}"),
                }
            }
            Ok(())
        }
        "given" => board.put_of(index, &seal.store(trustee.given(&place.closed()?, now)?)?),
        "endorse" => {
            let (signed, voters) = (place.signed()?, electorate()?.map(|(voter, _)| voter).collect());
            let complaints = Complaints { given: &board.all()?, seconds: desk.options.one("complaints")? };
            let endorsed = trustee.endorse(&signed, &post.get()?, &voters, &complaints, now, rng);
            if let Err(TrusteeError::OtherClosing { .. } | TrusteeError::Stopped { .. }) = &endorsed {
                // Both signatures stand under it. It is kept, stops the count, and is to be published.
                match trustee.show_second_closing(place.approved()?.contest(), &board.get()?, &[]) {
                    Ok(unsent) => seal.store(unsent)?,
                    Err(error) => eprintln!("contest {number}: {error}"),
                }
            }
            board.put_of(index, &seal.store(endorsed?)?)
        }
        "ready" => board.put_of(index, &trustee.ready(&place.signed()?, &board.all()?)?),
        "give-factors" => {
            let unsent = trustee.give_factors(&place.signed()?, &board.all()?, &board.all()?, rng)?;
            board.put_of(index, &seal.store(unsent)?)
        }
        _ => desk.unknown(),
    }
}
