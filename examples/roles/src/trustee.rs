//! A trustee after the ceremony: every act is stored before its message is sent.

use urne::ballot_box::{
    AfterComplaints, ClosedBox, GivenClosing, Head, SignedBox, SignedClosing, SignedOpening, Signings,
};
use urne::tally::Endorsement;
use urne::trustee::Ready;
use urne::{ClosedRecord, Contest, Trustee, UnixTime};

use crate::desk::{Desk, Place, all, get, put, rng, voters};
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
    let send = |kind, message: &[u8]| put(board.join(format!("{index}.{kind}")), message);
    let endorsements = || all(board, ".endorsement", Endorsement::from_bytes);
    let electorate = || Ok::<_, Failure>(voters(desk)?.into_iter().filter(|(_, of)| of.contains(number)));
    match desk.one::<String>("step")?.as_str() {
        "approve" => {
            let contest = get(board.join("contest.json"), Contest::from_json)?;
            desk.check(&contest, place)?;
            let approval = seal.store(trustee.approve(&contest, now, rng)?)?;
            send("approval", &approval.to_bytes())?;
        }
        "keep-openings" => {
            let opening = get(board.join("opening"), SignedOpening::from_bytes)?;
            let (contest, voters) = (place.approved()?, electorate()?.count().try_into()?);
            seal.store(trustee.keep_opening(contest.contest(), &opening, voters, now)?)?;
        }
        "show-heads" => {
            let contest = place.approved()?;
            for head in all(post, ".head", Head::from_bytes)? {
                match trustee.show_head(contest.contest(), &head) {
                    Ok(unsent) => seal.store(unsent)?,
                    Err(error) => eprintln!("contest {number}: {error}"),
                }
            }
        }
        "given" => {
            let closing = closed_box(place)?.digest();
            send("given", &GivenClosing { trustee: index, closing }.to_bytes())?;
        }
        "endorse" => {
            let signed = signed_box(place)?;
            let signings = get(post.join("signings"), Signings::from_bytes)?;
            let voters = electorate()?.map(|(voter, _)| voter).collect();
            let after = after_complaints(desk, place, signed.closed())?;
            let unsent = trustee.endorse(&signed, &signings, &voters, &after, now, rng)?;
            send("endorsement", &seal.store(unsent)?.to_bytes())?;
        }
        "ready" => send("ready", &trustee.ready(&signed_box(place)?, &endorsements()?)?.to_bytes())?,
        "give-factors" => {
            let ready = all(board, ".ready", Ready::from_bytes)?;
            let unsent = trustee.give_factors(&signed_box(place)?, &endorsements()?, &ready, rng)?;
            send("factors", &seal.store(unsent)?.to_bytes())?;
        }
        _ => return desk.unknown(),
    }
    Ok(())
}

/// Whoever reads it verifies it anew.
pub fn closed_box(place: &Place) -> Result<ClosedBox, Failure> {
    Ok(get(place.board.join("closed.json"), ClosedRecord::from_json)?.verify(&mut |_| ())?)
}

/// With the issuer's signature.
pub fn signed_box(place: &Place) -> Result<SignedBox, Failure> {
    let signed = get(place.board.join("closing"), SignedClosing::from_bytes)?;
    Ok(SignedBox::new(closed_box(place)?, *signed.issuer_signature())?)
}

pub fn after_complaints(desk: &Desk, place: &Place, closed: &ClosedBox) -> Result<AfterComplaints, Failure> {
    let given = all(&place.board, ".given", GivenClosing::from_bytes)?;
    let given_at = UnixTime::from_seconds(desk.one("given-at")?);
    Ok(AfterComplaints::of(closed, &given, given_at, desk.one("complaints")?, desk.now()?)?)
}
