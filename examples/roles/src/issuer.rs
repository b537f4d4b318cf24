//! The issuer of codes: it holds each until its letter is sent, and signs opening and closing.

use urne::ballot_box::{Complaints, ProposedOpening, SignedBox, SignedClosing, SignedOpening, Validity};
use urne::{ApprovedContest, Issuer, SigningKey};

use crate::ballot_box::{Request, ask};
use crate::desk::{Desk, Failure, all, get, put, rng, send, through, voter_id};
use crate::sealed::Seal;

type Contests = Vec<(Desk, ApprovedContest)>;

pub fn run(desk: &Desk) -> Result<(), Failure> {
    if desk.step == "new" {
        let first = || Ok(Issuer::with_empty_memory(SigningKey::generate(&mut rng())).to_bytes());
        println!("{}", Issuer::from_bytes(&Seal::begin(desk, &["issuer"], first)?)?.public_key());
        return Ok(());
    }
    let (seal, memory) = Seal::open(desk)?;
    let (issuer, mut contests) = (&mut Issuer::from_bytes(&memory)?, Contests::new());
    for at in desk.contests()? {
        // Anybody can put a contest there, or what is none: it stops nothing.
        match at.contest() {
            Ok(it) if it.contest().description().issuer_key != issuer.public_key() => {
                at.says("under another issuer");
            }
            Ok(it) if desk.step != "issue" && issuer.contests().all(|own| own != it.fingerprint()) => {
                at.says("no code was issued for it");
            }
            Ok(it) => contests.push((at, it)),
            Err(error) => at.says(error),
        }
    }
    contests.first().ok_or("no contest on the board is this issuer's")?;
    let missing = issuer.contests().find(|own| contests.iter().all(|(_, it)| it.fingerprint() != *own));
    let missing =
        missing.map(|it| format!("contest {it}, of which it issued codes, is not on the board").into());
    let all_there = missing.map_or(Ok(()), Err);
    match desk.step {
        // Of another election it has codes that are not to be mixed with these.
        "issue" => all_there.and_then(|()| issue(desk, &seal, issuer, &contests)),
        // A code is for all contests of its voter.
        "letters" => all_there.and_then(|()| letters(desk, &seal, issuer, &contests)),
        "reissue" => all_there.and_then(|()| reissue(desk, &seal, issuer, &contests)),
        _ => through(contests.into_iter().map(|(at, _)| at), |at| act(&at, &seal, issuer)).and(all_there),
    }
}

fn act(at: &Desk, seal: &Seal, issuer: &mut Issuer) -> Result<(), Failure> {
    let Desk { board, post, .. } = at;
    match at.step {
        "open" => {
            let proposed: ProposedOpening = get(post)?;
            let opening = seal.store(issuer.sign_opening(at.contest()?.contest(), &proposed)?)?;
            send(post, &proposed.signed(&opening))
        }
        "given" => seal.store(issuer.given(&at.closed()?, at.now()?)?),
        "sign-closings" => {
            let closed = at.closed()?;
            let complaints = Complaints { given: &all(board)?, seconds: at.options.one("complaints")? };
            let signature = seal.store(issuer.sign_closing(&closed, &complaints, at.now()?)?)?;
            send(board, &SignedClosing::of(&SignedBox::new(closed, signature)?))
        }
        _ => at.unknown(),
    }
}

/// All codes at once, or none: the step can be taken again.
fn issue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    if issuer.contests().next().is_none() {
        let order = |(voter, numbers): (_, Vec<u64>)| -> Result<_, Failure> {
            let of = |number: &u64| {
                let found = contests.iter().find(|(at, _)| at.number == *number);
                let missing = || format!("contest {number}, of a voter, is not on the board");
                found.map(|(_, contest)| contest.contest()).ok_or_else(missing)
            };
            Ok((voter, numbers.iter().map(of).collect::<Result<Vec<_>, _>>()?))
        };
        let orders = desk.voters()?.into_iter().map(order).collect::<Result<Vec<_>, _>>()?;
        seal.store(issuer.issue(&orders, Validity::UntilClose, desk.now()?, &mut rng())?)?;
    }
    if let Some((at, _)) = contests.iter().find(|(_, it)| issuer.issues(it.contest()).is_empty()) {
        return Err(
            format!("contest {} has no codes, though others have: it takes a new issuer", at.number).into()
        );
    }
    contests
        .iter()
        .try_for_each(|(at, contest)| put(at.post.join("roll"), issuer.electoral_roll(contest)?.to_bytes()))
}

/// The box, which knows who has voted, is asked; the new code is stored; the box takes it; the voter gets it. Taken
/// again, as after a crash, it goes on with the code that was drawn. Letters that are pending go first: one of them may be
/// this voter's first, which is no new code.
fn reissue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    let voter = &voter_id(desk.name)?;
    let begun = issuer.unsent_codes().iter().any(|letter| letter.voter == *voter && letter.reissued);
    letters(desk, seal, issuer, contests)?;
    if begun {
        return Ok(());
    }
    let mut of_voter = Vec::new();
    for (at, contest) in contests {
        match ask::<()>(at, None, &Request::CanReissue(voter.clone()))? {
            Ok(()) => of_voter.push(contest.contest()),
            Err(why) => at.says(why),
        }
    }
    seal.store(issuer.reissue(voter, &of_voter, Validity::UntilClose, desk.now()?, &mut rng())?)?;
    letters(desk, seal, issuer, contests)
}

/// Letters are printed and sent, and their codes then forgotten: once both have signed the opening, before which the
/// box could still leave a voter out; and once the box has what was drawn after it, in place of another code.
fn letters(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    for (at, contest) in contests {
        let signed = get::<SignedOpening>(&at.post)?.verify(contest.contest());
        signed.map_err(|error| format!("contest {}: {error}", at.number))?;
    }
    let (mut sent, mut refused) = (Vec::new(), Vec::new());
    for letter in issuer.unsent_codes() {
        let mut serves = !letter.reissued;
        for issue in letter.issues.iter().filter(|_| letter.reissued) {
            let of = contests.iter().find(|(_, contest)| contest.fingerprint() == issue.contest());
            let (at, _) = of.ok_or("a code of a contest that is not on the board")?;
            match ask(at, None, &Request::Reissue(issue.clone()))? {
                Ok(()) => serves = true,
                Err(why) => {
                    at.says(why);
                    seal.store(issuer.withdraw(issue)?)?;
                }
            }
        }
        if serves {
            let place = desk.post.join("letters").join(letter.voter.to_string());
            put(place, letter.code.expose_text().as_bytes())?;
            sent.push(letter);
        } else {
            refused.push(letter.voter.to_string());
        }
    }
    seal.store(issuer.letters_sent(&sent))?;
    match refused.is_empty() {
        true => Ok(()),
        false => {
            Err(format!("the box takes no new code of {}; the one before stands", refused.join(", ")).into())
        }
    }
}
