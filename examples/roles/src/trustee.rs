//! A trustee, in the key ceremony and after it: every act is stored before its message is sent.

use std::path::Path;

use urne::ballot_box::{Complaints, Head, SignedClosing};
use urne::bureau::{Board, Ceremony, CeremonyDigest, Said, Seat, Step};
use urne::trustee::{Ready, TrusteeError};
use urne::{IdentitySecret, Trustee, TrusteeIndex};

use crate::desk::{Desk, rng, through};
use crate::post::{Done, Failure, all, get, send_as};
use crate::sealed::Seal;

/// Each step sends again what the one before has stored, and goes on.
pub fn ceremony(desk: &Desk) -> Done {
    let (rng, board) = (&mut rng(), &desk.ceremony()?);
    if desk.step == "identity" {
        let number = TrusteeIndex::new(desk.options.one("seat")?).ok_or("seats count from 1")?;
        let first = || Ok(Seat::new(desk.name, number, IdentitySecret::generate(rng))?.to_bytes());
        let seat = Seat::from_bytes(&Seal::begin(desk, &["delegate", "substitute"], first)?)?;
        // A key serves one ceremony, ever.
        let other = || format!("the key is for seat {} of ceremony {}", seat.index(), seat.label());
        ((seat.label(), seat.index()) == (desk.name, number)).then_some(()).ok_or_else(other)?;
        return send_as(number, board, &seat.identity());
    }
    if desk.step != "next" {
        return desk.unknown();
    }
    let ((seal, memory), ceremony) = (Seal::open(desk)?, get::<Ceremony>(board)?);
    if desk.options.one::<CeremonyDigest>("digest")? != ceremony.digest() {
        return Err(format!("the ceremony on the board has another digest: {}", ceremony.digest()).into());
    }
    let seat = Seat::from_bytes(&memory)?;
    if seat.label() != desk.name {
        return Err(format!("the seat is of ceremony {}", seat.label()).into());
    }
    seat.said(rng).map_or(Ok(()), |said| say(seat.index(), board, &said))?;
    let (commitments, reveals, complaints, confirmations) =
        (all(board)?, all(board)?, all(board)?, all(board)?);
    match seat.next(&ceremony, &Board { commitments, reveals, complaints, confirmations }, rng)? {
        Step::Said(unsent) => {
            let (seat, said) = seal.store(unsent)?;
            say(seat.index(), board, &said)
        }
        // The only trustee that begins with an empty memory, in place of the seat.
        Step::Key(key) => seal.put(&Trustee::after_ceremony(key).to_bytes()),
    }
}

fn say(who: TrusteeIndex, board: &Path, said: &Said) -> Done {
    match said {
        Said::Commitment(it) => send_as(who, board, it),
        Said::Reveal(it) => send_as(who, board, it),
        Said::Confirmation(it) => send_as(who, board, it),
        Said::Complaints(of_dealers) => {
            of_dealers.iter().try_for_each(|it| send_as(format!("{who}-{}", it.dealer()), board, it))?;
            Err("a dealer's shares are bad: the complaints are on the board, and nothing of this ceremony is used".into())
        }
    }
}

pub fn run(desk: &Desk) -> Done {
    let (seal, memory) = Seal::open(desk)?;
    let mut trustee = Trustee::from_bytes(&memory)?;
    if desk.step == "minimum" && !desk.options.has("contest") {
        return seal.store(trustee.set_minimum(desk.options.one("ballots")?));
    }
    through(desk.contests()?, |at| match act(&seal, &mut trustee, &at) {
        // Its result is zeros, and takes no factors.
        Err(error) if matches!(error.downcast_ref(), Some(TrusteeError::Empty)) => {
            at.says(error);
            Ok(())
        }
        done => done,
    })
}

fn act(seal: &Seal, trustee: &mut Trustee, desk: &Desk) -> Done {
    let (Desk { number, board, post, .. }, index, rng, now) =
        (desk, trustee.index(), &mut rng(), desk.now()?);
    let counts = matches!(desk.step, "endorse" | "ready" | "give-factors");
    counts.then(|| stop(seal, trustee, desk)).transpose()?;
    match desk.step {
        "approve" => {
            let contest = get(board)?;
            desk.check(&contest)?;
            send_as(index, board, &seal.store(trustee.approve(&contest, now, rng)?)?)
        }
        "keep-openings" => {
            let (contest, voters) = (desk.contest()?, desk.electorate()?.len().try_into()?);
            seal.store(trustee.keep_opening(contest.contest(), &get(board)?, voters, now)?)
        }
        "show-heads" => {
            let heads: Vec<Head> = all(&post.join("heads"))?;
            let passed_over = seal.store(trustee.show_heads(desk.contest()?.contest(), &heads)?)?;
            passed_over.iter().for_each(|why| desk.says(why));
            desk.says(format!("{} heads are kept", heads.len() - passed_over.len()));
            Ok(())
        }
        "given" => send_as(index, board, &seal.store(trustee.given(&desk.closed()?, now)?)?),
        "endorse" => {
            let complaints = Complaints { given: &all(board)?, seconds: desk.options.one("complaints")? };
            let (signed, voters) = (desk.signed()?, desk.electorate()?);
            let endorsed = trustee.endorse(&signed, &get(post)?, &voters, &complaints, now, rng)?;
            send_as(index, board, &seal.store(endorsed)?)
        }
        // It is said among those in one room, who see each other: what came by a file, others could write.
        "ready" => {
            println!("{number}:{}", trustee.ready(&desk.signed()?, &all(board)?)?);
            Ok(())
        }
        "give-factors" => {
            let said = |said: &String| -> Result<(u64, Ready), Failure> {
                let (of, ready) = said.split_once(':').ok_or("who is ready is NUMBER:J=DIGEST")?;
                Ok((of.parse()?, ready.parse()?))
            };
            let said = desk.options.all("ready")?.iter().map(said).collect::<Result<Vec<_>, _>>()?;
            // All that was said of this contest, also of another closing: then there are two, and nothing is given.
            let ready: Vec<_> = said.iter().filter(|(of, _)| of == number).map(|(_, ready)| *ready).collect();
            let unsent = trustee.give_factors(&desk.signed()?, &all(board)?, &ready, rng)?;
            send_as(index, board, &seal.store(unsent)?)
        }
        _ => desk.unknown(),
    }
}

/// A second closing stops the count: it is kept, and published so that all others stop. The one that is to be endorsed or
/// counted is shown too: it may itself be the second.
fn stop(seal: &Seal, trustee: &mut Trustee, desk: &Desk) -> Done {
    let (contest, quorum) = (desk.contest()?, all(&desk.board)?);
    let mut shown = all(&desk.board)?;
    shown.extend(get::<SignedClosing>(&desk.board));
    let passed_over = seal.store(trustee.show_second_closings(contest.contest(), &shown, &quorum)?)?;
    passed_over.iter().for_each(|why| desk.says(why));
    for (n, second) in (1..).zip(trustee.second_closings(contest.contest())) {
        send_as(format!("{}-{n}", trustee.index()), &desk.board, second)?;
    }
    Ok(())
}
