//! The issuer of codes: it holds each until its letter is sent, and signs opening and closing.

use urne::ballot_box::{
    Complaints, Issue, Issued, ProposedOpening, SignedBox, SignedClosing, SignedOpening, Validity,
};
use urne::{ApprovedContest, ElectoralRoll, Issuer, SigningKey};

use crate::ballot_box::ask;
use crate::desk::{Desk, Failure, all, get, put, rng, send, voter_id};
use crate::sealed::Seal;

type Contests = [(ApprovedContest, Desk)];

pub fn run(desk: &Desk) -> Result<(), Failure> {
    if desk.step == "new" {
        let issuer = Issuer::with_empty_memory(SigningKey::generate(&mut rng()));
        Seal::new(desk, &["issuer"])?.put(&issuer.to_bytes())?;
        println!("{}", issuer.public_key());
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
    let drawn = |issuer: &Issuer| {
        let mut unsent = issuer.unsent_codes().into_iter();
        unsent.find(|letter| letter.voter == *voter && is_anew(issuer, contests, letter))
    };
    if drawn(issuer).is_none() {
        let mut of_voter = Vec::new();
        for (contest, at) in contests {
            if ask::<()>(at, "can-reissue", voter, b"")?.is_ok() {
                of_voter.push(contest.contest());
            }
        }
        seal.store(issuer.reissue(voter, &of_voter, Validity::UntilClose, desk.now()?, &mut rng())?)?;
    }
    let letter = drawn(issuer).ok_or("no code was drawn")?;
    let mut taken = false;
    for issue in &letter.issues {
        let (_, at) = of(contests, issue)?;
        if let Err(why) = ask::<()>(at, "reissue", voter, &issue.to_bytes())? {
            eprintln!("contest {}: {why}", at.number);
            seal.store(issuer.withdraw(issue)?)?;
        } else {
            taken = true;
        }
    }
    if !taken {
        return Err(format!("{voter}: the box takes no new code; the one before stands").into());
    }
    deliver(desk, seal, issuer, &[letter])
}

/// Letters of the opening, once both have signed it: before, the box could still leave a voter out. What was drawn anew
/// goes to the box first.
fn letters(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    let (unsent, mut opened) = (issuer.unsent_codes(), Vec::new());
    for issue in unsent.iter().flat_map(|letter| &letter.issues) {
        if !opened.contains(&issue.contest()) {
            let (contest, at) = of(contests, issue)?;
            let signed = get::<SignedOpening>(&at.post)?.verify(contest.contest());
            signed.map_err(|error| format!("contest {}: {error}", at.number))?;
            opened.push(issue.contest());
        }
    }
    let (anew, first): (Vec<_>, Vec<_>) =
        unsent.into_iter().partition(|letter| is_anew(issuer, contests, letter));
    deliver(desk, seal, issuer, &first)?;
    match &anew[..] {
        [] => Ok(()),
        [letter, ..] => {
            Err(format!("a new code that the box may not have: take reissue {} again", letter.voter).into())
        }
    }
}

/// Whether a code was drawn after the opening, in place of another.
fn is_anew(issuer: &Issuer, contests: &Contests, letter: &Issued) -> bool {
    let issues = |contest: &ApprovedContest| issuer.issues_of(contest.contest(), &letter.voter).len();
    letter.issues.iter().any(|issue| of(contests, issue).is_ok_and(|(contest, _)| issues(contest) > 1))
}

fn of<'a>(contests: &'a Contests, issue: &Issue) -> Result<&'a (ApprovedContest, Desk), Failure> {
    let of = contests.iter().find(|(contest, _)| contest.fingerprint() == issue.contest());
    Ok(of.ok_or("a code of a contest that is not on the board")?)
}

/// Printed and sent, and then forgotten.
fn deliver(desk: &Desk, seal: &Seal, issuer: &mut Issuer, letters: &[Issued]) -> Result<(), Failure> {
    for letter in letters {
        put(desk.post.join("letters").join(letter.voter.to_string()), letter.code.expose_text().as_bytes())?;
    }
    seal.store(issuer.letters_sent(letters))
}
