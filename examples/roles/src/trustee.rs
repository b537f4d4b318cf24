//! A trustee, in the key ceremony and after it: every act is stored before its message is sent.

use urne::ballot_box::{Complaints, Head, SignedClosing};
use urne::bureau::{Ceremony, Committed, Complaint, Confirmed, OpenedShares, Revealed};
use urne::primitives::Kind;
use urne::trustee::{Ready, TrusteeError};
use urne::{IdentitySecret, Trustee};

use crate::desk::{Desk, Failure, all, get, put, read, rng, send_as, through};
use crate::sealed::Seal;

/// Each step sends again what was stored by the one before, and goes on.
pub fn ceremony(desk: &Desk) -> Result<(), Failure> {
    let (rng, board, file) = (&mut rng(), &desk.ceremony()?, desk.own.join("seat"));
    // A key serves one ceremony, ever.
    let bound = |place: &str| -> Result<(), Failure> {
        match String::from_utf8(read(&file)?)? {
            of if of.ends_with(place) => Ok(()),
            of => Err(format!("the key in {} is for {of}", desk.own.display()).into()),
        }
    };
    if desk.step == "identity" {
        let seat = desk.options.one::<u8>("seat")?;
        let place = format!("seat {seat} of ceremony {}", desk.name);
        let memory = Seal::begin(desk, &["delegate", "substitute"], || {
            put(&file, &place)?;
            Ok(IdentitySecret::generate(rng).to_bytes())
        })?;
        bound(&place)?;
        return send_as(seat, board, &IdentitySecret::from_bytes(&memory)?.public());
    }
    let (seal, memory) = Seal::open(desk)?;
    bound(&format!(" of ceremony {}", desk.name))?;
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
            let mut complaints: Vec<Complaint> = all(&desk.own)?;
            // Whoever has complained never confirms, whatever is sent in place of a bad share.
            if complaints.is_empty() {
                match state.check(&all(board)?, rng)? {
                    OpenedShares::Good(checked) => {
                        let (state, confirmation) = seal.store(checked.confirm(&all(board)?, rng)?)?;
                        return send_as(state.index(), board, &confirmation);
                    }
                    OpenedShares::Bad(shares) => complaints = shares.complaints().to_vec(),
                }
            }
            for place in [&desk.own, board] {
                for it in &complaints {
                    send_as(format!("{}-{}", it.complainant(), it.dealer()), place, it)?;
                }
            }
            Err("a dealer's shares are bad: the complaints are on the board, and nothing of this ceremony is used".into())
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
    if desk.step == "minimum" {
        return seal.store(trustee.set_minimum(desk.options.one("ballots")?));
    }
    let contests = desk.contests()?;
    if desk.step == "show-heads" && contests.iter().all(|at| heads(at).is_ok_and(|heads| heads.is_empty())) {
        return Err("no voter has handed over a head".into());
    }
    through(contests, |at| match act(&seal, &mut trustee, &at) {
        // Its result is zeros, and takes no factors.
        Err(error) if matches!(error.downcast_ref(), Some(TrusteeError::Empty)) => {
            at.says(error);
            Ok(())
        }
        done => done,
    })
}

fn act(seal: &Seal, trustee: &mut Trustee, desk: &Desk) -> Result<(), Failure> {
    let (Desk { number, board, post, .. }, index, rng, now) =
        (desk, trustee.index(), &mut rng(), desk.now()?);
    let electorate = || Ok::<_, Failure>(desk.voters()?.into_iter().filter(|(_, of)| of.contains(number)));
    if ["endorse", "ready", "give-factors"].contains(&desk.step) {
        stop(seal, trustee, desk, &all(board)?)?;
    }
    match desk.step {
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
            let (contest, mut last) = (desk.contest()?, None);
            for head in heads(desk)? {
                match trustee.show_head(contest.contest(), &head) {
                    Err(error) if error.says_nothing() => desk.says(error),
                    shown => last = Some(shown?),
                }
            }
            // Each has the whole memory to store, and so the last has all.
            last.map_or(Ok(()), |unsent| seal.store(unsent))
        }
        "given" => send_as(index, board, &seal.store(trustee.given(&desk.closed()?, now)?)?),
        "endorse" => {
            let (signed, voters) = (desk.signed()?, electorate()?.map(|(voter, _)| voter).collect());
            let complaints = Complaints { given: &all(board)?, seconds: desk.options.one("complaints")? };
            let endorsed = trustee.endorse(&signed, &get(post)?, &voters, &complaints, now, rng);
            if let Err(TrusteeError::OtherClosing { .. } | TrusteeError::Stopped { .. }) = &endorsed {
                // Both signatures stand under it.
                stop(seal, trustee, desk, &[SignedClosing::of(&signed)])?;
            }
            send_as(index, board, &seal.store(endorsed?)?)
        }
        // It is said among those in one room, who see each other: what came by a file, others could write.
        "ready" => {
            println!("{number}:{}", trustee.ready(&desk.signed()?, &all(board)?)?);
            Ok(())
        }
        "give-factors" => {
            // All that was said of this contest, also of another closing: then there are two, and nothing is given.
            let said = |said: &String| -> Result<Option<Ready>, Failure> {
                let (of, ready) = said.split_once(':').ok_or("who is ready is NUMBER:J=DIGEST")?;
                Ok((of == number.to_string()).then(|| ready.parse()).transpose()?)
            };
            let all_said = desk.options.all("ready")?;
            let ready: Vec<_> =
                all_said.iter().filter_map(|it| said(it).transpose()).collect::<Result<_, _>>()?;
            let unsent = trustee.give_factors(&desk.signed()?, &all(board)?, &ready, rng)?;
            send_as(index, board, &seal.store(unsent)?)
        }
        _ => desk.unknown(),
    }
}

fn heads(at: &Desk) -> Result<Vec<Head>, Failure> {
    all(&at.post.join("heads"))
}

/// A second closing, which one trustee was shown, stops the count: it is kept, and published so that all others stop.
fn stop(seal: &Seal, trustee: &mut Trustee, desk: &Desk, shown: &[SignedClosing]) -> Result<(), Failure> {
    let (contest, quorum) = (desk.contest()?, all(&desk.board)?);
    for second in shown {
        match trustee.show_second_closing(contest.contest(), second, &quorum) {
            Err(error) if error.says_nothing() => desk.says(error),
            shown => seal.store(shown?)?,
        }
    }
    for (n, second) in trustee.second_closings(contest.contest()).iter().enumerate() {
        send_as(format!("{}-{}", trustee.index(), n + 1), &desk.board, second)?;
    }
    Ok(())
}
