//! The issuer of codes: it holds each until its letter is sent, and signs opening and closing.

use urne::ballot_box::{Complaints, Issued, ProposedOpening, SignedBox, SignedClosing, Validity};
use urne::{ApprovedContest, ElectoralRoll, Issuer, SigningKey};

use crate::desk::{Desk, Place, rng, voter};
use crate::requests::ask;
use crate::sealed::Seal;
use crate::tool::{Failure, put};

pub fn run(desk: &Desk) -> Result<(), Failure> {
    if desk.step == "new" {
        let issuer = Issuer::with_empty_memory(SigningKey::generate(&mut rng()));
        Seal::new(desk, &["issuer"])?.put(&issuer.to_bytes())?;
        println!("{}", issuer.public_key());
        return Ok(());
    }
    let seal = Seal::open(desk)?;
    let issuer = &mut Issuer::from_bytes(&seal.read()?)?;
    let contests = desk.contests()?.into_iter().map(|place| Ok((place.approved()?, place)));
    let contests = &contests.collect::<Result<Vec<_>, Failure>>()?;
    match desk.step.as_str() {
        "issue" => issue(desk, &seal, issuer, contests),
        "open" => contests.iter().try_for_each(|(contest, Place { post, .. })| {
            let proposed: ProposedOpening = post.get()?;
            let opening = seal.store(issuer.sign_opening(contest.contest(), &proposed)?)?;
            post.put(&proposed.signed(&opening))
        }),
        "letters" => send(desk, &seal, issuer, &issuer.unsent_codes()),
        "reissue" => reissue(desk, &seal, issuer, contests),
        "given" => contests
            .iter()
            .try_for_each(|(_, place)| seal.store(issuer.given(&place.closed()?, desk.now()?)?)),
        "sign-closings" => contests.iter().try_for_each(|(_, place)| {
            let (closed, board) = (place.closed()?, &place.board);
            let complaints = Complaints { given: &board.all()?, seconds: desk.options.one("complaints")? };
            let signature = seal.store(issuer.sign_closing(&closed, &complaints, desk.now()?)?)?;
            board.put(&SignedClosing::of(&SignedBox::new(closed, signature)?))
        }),
        _ => desk.unknown(),
    }
}

type Contests = [(ApprovedContest, Place)];

/// All codes at once, or none: the step can be taken again.
fn issue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    if contests.iter().all(|(contest, _)| issuer.issues(contest.contest()).is_empty()) {
        let mut orders = Vec::new();
        for (voter, numbers) in desk.voters()? {
            let of_voter = contests.iter().filter(|(_, place)| numbers.contains(&place.number));
            orders.push((voter, of_voter.map(|(contest, _)| contest.contest()).collect()));
        }
        seal.store(issuer.issue(&orders, Validity::UntilClose, desk.now()?, &mut rng())?)?;
    }
    for (contest, place) in contests {
        let mut roll = ElectoralRoll::new(contest.clone());
        issuer.issues(contest.contest()).into_iter().try_for_each(|issue| roll.register(issue))?;
        put(place.post.file("roll"), roll.to_bytes())?;
    }
    Ok(())
}

/// The box, which knows who has voted, is asked; the new code is stored; the box takes it; the voter gets it. Taken
/// again, as after a crash, it goes on with the code that was drawn.
fn reissue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    let voter = &voter(&desk.name)?;
    let drawn = issuer.unsent_codes().into_iter().find(|letter| letter.voter == *voter);
    let letter = match drawn {
        Some(drawn) => drawn,
        None => {
            let mut of_voter = Vec::new();
            for (contest, place) in contests {
                if ask::<()>(desk, "can-reissue", place.number, voter, b"")?.is_ok() {
                    of_voter.push(contest.contest());
                }
            }
            seal.store(issuer.reissue(voter, &of_voter, Validity::UntilClose, desk.now()?, &mut rng())?)?
        }
    };
    for issue in &letter.issues {
        let of = contests.iter().find(|(contest, _)| contest.fingerprint() == issue.contest());
        let number = of.ok_or("a code of a contest that is not on the board")?.1.number;
        if let Err(why) = ask::<()>(desk, "reissue", number, voter, &issue.to_bytes())? {
            eprintln!("contest {number}: {why}");
            seal.store(issuer.withdraw(issue)?)?;
        }
    }
    send(desk, seal, issuer, &[letter])
}

/// Printed and sent, and then forgotten.
fn send(desk: &Desk, seal: &Seal, issuer: &mut Issuer, letters: &[Issued]) -> Result<(), Failure> {
    for letter in letters {
        put(desk.post.folder("letters").file(&letter.voter), letter.code.expose_text().as_bytes())?;
    }
    seal.store(issuer.letters_sent(letters))
}
