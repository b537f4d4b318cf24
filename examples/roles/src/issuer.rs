//! The issuer of codes: it holds each until its letter is sent, and signs opening and closing.

use urne::ballot_box::{Complaints, ProposedOpening, SignedBox, SignedClosing, SignedOpening, Validity};
use urne::{ApprovedContest, ElectoralRoll, Issuer, SigningKey};

use crate::ballot_box::{Request, ask};
use crate::desk::{Desk, Failure, all, get, put, rng, send, voter_id};
use crate::sealed::Seal;

type Contests = [(ApprovedContest, Desk)];

pub fn run(desk: &Desk) -> Result<(), Failure> {
    if desk.step == "new" {
        let first = || Ok(Issuer::with_empty_memory(SigningKey::generate(&mut rng())).to_bytes());
        println!("{}", Issuer::from_bytes(&Seal::begin(desk, &["issuer"], first)?)?.public_key());
        return Ok(());
    }
    let (seal, memory) = Seal::open(desk)?;
    let issuer = &mut Issuer::from_bytes(&memory)?;
    let contests = desk.contests()?.into_iter().map(|at| Ok((at.contest()?, at)));
    let contests = &contests.collect::<Result<Vec<_>, Failure>>()?;
    match desk.step.as_str() {
        "issue" => issue(desk, &seal, issuer, contests),
        "open" => contests.iter().try_for_each(|(contest, Desk { post, .. })| {
            let proposed: ProposedOpening = get(post)?;
            let opening = seal.store(issuer.sign_opening(contest.contest(), &proposed)?)?;
            send(post, &proposed.signed(&opening))
        }),
        "letters" => letters(desk, &seal, issuer, contests),
        "reissue" => reissue(desk, &seal, issuer, contests),
        "given" => {
            contests.iter().try_for_each(|(_, at)| seal.store(issuer.given(&at.closed()?, at.now()?)?))
        }
        "sign-closings" => contests.iter().try_for_each(|(_, at)| {
            let (closed, board) = (at.closed()?, &at.board);
            let complaints = Complaints { given: &all(board)?, seconds: desk.options.one("complaints")? };
            let signature = seal.store(issuer.sign_closing(&closed, &complaints, desk.now()?)?)?;
            send(board, &SignedClosing::of(&SignedBox::new(closed, signature)?))
        }),
        _ => desk.unknown(),
    }
}

/// All codes at once, or none: the step can be taken again.
fn issue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    if contests.iter().all(|(contest, _)| issuer.issues(contest.contest()).is_empty()) {
        let of = |numbers: Vec<u64>| contests.iter().filter(move |(_, at)| numbers.contains(&at.number));
        let order = |(voter, numbers)| (voter, of(numbers).map(|(contest, _)| contest.contest()).collect());
        let orders: Vec<_> = desk.voters()?.into_iter().map(order).collect();
        seal.store(issuer.issue(&orders, Validity::UntilClose, desk.now()?, &mut rng())?)?;
    }
    for (contest, at) in contests {
        let mut roll = ElectoralRoll::new(contest.clone());
        issuer.issues(contest.contest()).into_iter().try_for_each(|issue| roll.register(issue))?;
        put(at.post.join("roll"), roll.to_bytes())?;
    }
    Ok(())
}

/// The box, which knows who has voted, is asked; the new code is stored; the box takes it; the voter gets it. Taken
/// again, as after a crash, it goes on with the code that was drawn.
fn reissue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    let voter = &voter_id(&desk.name)?;
    if !issuer.unsent_codes().iter().any(|letter| letter.voter == *voter) {
        let mut of_voter = Vec::new();
        for (contest, at) in contests {
            if ask::<()>(at, None, &Request::CanReissue(voter.clone()))?.is_ok() {
                of_voter.push(contest.contest());
            }
        }
        seal.store(issuer.reissue(voter, &of_voter, Validity::UntilClose, desk.now()?, &mut rng())?)?;
    }
    letters(desk, seal, issuer, contests)
}

/// Letters are printed and sent, and their codes then forgotten: once both have signed the opening, before which the
/// box could still leave a voter out; and once the box has what was drawn after it, in place of another code.
fn letters(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    for (contest, Desk { number, post, .. }) in contests {
        let signed = get::<SignedOpening>(post)?.verify(contest.contest());
        signed.map_err(|error| format!("contest {number}: {error}"))?;
    }
    let (mut sent, mut refused) = (Vec::new(), Vec::new());
    for letter in issuer.unsent_codes() {
        let mut serves = false;
        for issue in &letter.issues {
            let of = contests.iter().find(|(contest, _)| contest.fingerprint() == issue.contest());
            let (contest, at) = of.ok_or("a code of a contest that is not on the board")?;
            let anew = issuer.issues_of(contest.contest(), &letter.voter).len() > 1;
            match if anew { ask(at, None, &Request::Reissue(issue.clone()))? } else { Ok(()) } {
                Ok(()) => serves = true,
                Err(why) => {
                    eprintln!("contest {}: {why}", at.number);
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
    if !refused.is_empty() {
        return Err(
            format!("the box takes no new code of {}; the one before stands", refused.join(", ")).into()
        );
    }
    Ok(())
}
