//! The issuer of codes: it holds each until its letter is sent, and signs opening and closing.

use urne::ballot_box::{Issued, ProposedOpening, SignedBox, SignedClosing, Validity};
use urne::{ApprovedContest, ElectoralRoll, Issuer, SigningKey};

use crate::desk::{Desk, Place, get, name, put, rng, voter, voters};
use crate::requests::ask;
use crate::sealed::Seal;
use crate::tool::Failure;
use crate::trustee::{after_complaints, closed_box};

pub fn run(desk: &Desk) -> Result<(), Failure> {
    let step = desk.one::<String>("step")?;
    if step == "new" {
        let (seal, key) = (Seal::new(desk, &["issuer"])?, SigningKey::generate(&mut rng()));
        let public = serde_json::to_string(&key.public())?;
        seal.put(&Issuer::with_empty_memory(key).to_bytes())?;
        return Ok(put(desk.board("issuer.key"), public)?);
    }
    let seal = Seal::open(desk)?;
    let issuer = &mut Issuer::from_bytes(&seal.read()?)?;
    let contests = desk.contests()?.into_iter().map(|place| Ok((place.approved()?, place)));
    let contests = contests.collect::<Result<Vec<_>, Failure>>()?;
    match step.as_str() {
        "issue" => issue(desk, &seal, issuer, &contests)?,
        "open" => {
            for (contest, Place { post, .. }) in &contests {
                let proposed = get(post.join("proposed"), ProposedOpening::from_bytes)?;
                let opening = seal.store(issuer.sign_opening(contest.contest(), &proposed)?)?;
                put(post.join("opening"), proposed.signed(&opening).to_bytes())?;
            }
        }
        "letters" => send(desk, &seal, issuer, &issuer.unsent_codes())?,
        "reissue" => reissue(desk, &seal, issuer, &contests)?,
        "sign-closings" => {
            for (_, place) in &contests {
                let closed = closed_box(place)?;
                let after = after_complaints(desk, place, &closed)?;
                let signature = seal.store(issuer.sign_closing(&closed, &after)?)?;
                let signed = SignedClosing::of(&SignedBox::new(closed, signature)?);
                put(place.board.join("closing"), signed.to_bytes())?;
            }
        }
        _ => return desk.unknown(),
    }
    Ok(())
}

type Contests = [(ApprovedContest, Place)];

/// All codes at once, or none: the step can be taken again.
fn issue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    if contests.iter().all(|(contest, _)| issuer.issues(contest.contest()).is_empty()) {
        let mut orders = Vec::new();
        for (voter, numbers) in voters(desk)? {
            let of_voter = contests.iter().filter(|(_, place)| numbers.contains(&place.number));
            orders.push((voter, of_voter.map(|(contest, _)| contest.contest()).collect()));
        }
        seal.store(issuer.issue(&orders, Validity::UntilClose, desk.now()?, &mut rng())?)?;
    }
    for (contest, place) in contests {
        let mut roll = ElectoralRoll::new(contest.clone());
        issuer.issues(contest.contest()).into_iter().try_for_each(|issue| roll.register(issue))?;
        put(place.post.join("roll"), roll.to_bytes())?;
    }
    Ok(())
}

/// The box, which knows who has voted, is asked; the new code is stored; the box takes it; the voter gets it. Taken
/// again, as after a crash, it goes on with the code that was drawn.
fn reissue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    let voter = &voter(&desk.one::<String>("name")?)?;
    let letter = match issuer.unsent_codes().into_iter().find(|letter| letter.voter == *voter) {
        Some(drawn) => drawn,
        None => {
            let mut of_voter = Vec::new();
            for (contest, place) in contests {
                if ask(desk, "can-reissue", place.number, voter, b"")?.is_ok() {
                    of_voter.push(contest.contest());
                }
            }
            seal.store(issuer.reissue(voter, &of_voter, Validity::UntilClose, desk.now()?, &mut rng())?)?
        }
    };
    for issue in &letter.issues {
        let of = contests.iter().find(|(contest, _)| contest.fingerprint() == issue.contest());
        let number = of.ok_or("a code of a contest that is not on the board")?.1.number;
        if let Err(why) = ask(desk, "reissue", number, voter, &issue.to_bytes())? {
            eprintln!("contest {number}: {why}");
            seal.store(issuer.withdraw(issue)?)?;
        }
    }
    send(desk, seal, issuer, &[letter])
}

/// Printed and sent, and then forgotten.
fn send(desk: &Desk, seal: &Seal, issuer: &mut Issuer, letters: &[Issued]) -> Result<(), Failure> {
    for letter in letters {
        put(desk.post("letters").join(name(&letter.voter)), letter.code.expose_text().as_bytes())?;
    }
    seal.store(issuer.letters_sent(letters))
}
