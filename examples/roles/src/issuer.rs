//! The issuer of codes: it holds each until its letter is sent, and signs opening and closing.

use std::collections::BTreeSet;

use urne::ballot_box::{Complaints, ProposedOpening, SignedBox, SignedClosing, SignedOpening, Validity};
use urne::{ApprovedContest, Issuer, SigningKey, VoterId};

use crate::ballot_box::{Request, ask};
use crate::desk::{Desk, rng, through, voter_id};
use crate::post::{Done, Failure, all, get, put, send};
use crate::sealed::Seal;

type Contests = Vec<(Desk, ApprovedContest)>;

pub fn run(desk: &Desk) -> Done {
    if desk.step == "new" {
        let first = || Ok(Issuer::with_empty_memory(SigningKey::generate(&mut rng())).to_bytes());
        println!("{}", Issuer::from_bytes(&Seal::begin(desk, &["issuer"], first)?)?.public_key());
        return Ok(());
    }
    let (seal, memory) = Seal::open(desk)?;
    let (issuer, contests) = (&mut Issuer::from_bytes(&memory)?, desk.contests()?);
    let all_at_once = match desk.step {
        "issue" => issue,
        "letters" => letters,
        "reissue" => reissue,
        _ => return through(contests, |at| act(&at, &seal, issuer)),
    };
    // A code is for all contests of its voter. And those of one election are not to be mixed with another's.
    let named = |it: &_| contests.iter().any(|at| at.meant.contains(it));
    if let Some(other) = issuer.contests().find(|it| !named(it)) {
        return Err(format!("codes were issued for contest {other} too, which is not named").into());
    }
    let read = |at: Desk| at.contest().map(|contest| (at, contest));
    all_at_once(desk, &seal, issuer, &contests.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn act(at: &Desk, seal: &Seal, issuer: &mut Issuer) -> Done {
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
fn issue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Done {
    let (mut drawn, voters) = (None, desk.voters()?);
    let of = |number: &u64| {
        let found = contests.iter().find(|(at, _)| at.number == *number);
        found.map(|(_, it)| it.contest()).ok_or_else(|| format!("contest {number}, of a voter, is not named"))
    };
    let order = |(voter, numbers): &(VoterId, Vec<_>)| -> Result<_, Failure> {
        Ok((voter.clone(), numbers.iter().map(of).collect::<Result<Vec<_>, String>>()?))
    };
    let orders = voters.iter().map(order).collect::<Result<Vec<_>, _>>()?;
    if issuer.contests().next().is_none() {
        drawn = Some(issuer.issue(&orders, Validity::UntilClose, desk.now()?, &mut rng())?);
    }
    let mut rolls = Vec::new();
    for (at, contest) in contests {
        let roll = issuer.electoral_roll(contest)?;
        if roll.is_empty() {
            return Err(format!("nobody has a code for contest {}", at.number).into());
        }
        // Taken again with another list it would change nothing.
        let listed = voters.iter().filter(|(_, of)| of.contains(&at.number)).map(|(voter, _)| voter);
        let issues = issuer.issues(contest.contest());
        if !issues.iter().map(|it| it.voter()).eq(listed.collect::<BTreeSet<_>>()) {
            return Err("codes were issued by another list of voters".into());
        }
        rolls.push((at.post.join("roll"), roll.to_bytes()));
    }
    drawn.map(|unsent| seal.store(unsent)).transpose()?;
    rolls.into_iter().try_for_each(|(place, roll)| put(place, roll))
}

/// The box, which knows who has voted, is asked; the new code is stored; the box takes it; the voter gets it. Taken
/// again, as after a crash, it goes on with the code that was drawn. Letters that are pending go first: one of them may be
/// this voter's first, which is no new code.
fn reissue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Done {
    let voter = &voter_id(desk.name)?;
    let begun = issuer.unsent_codes().iter().any(|letter| letter.voter == *voter && letter.reissued);
    letters(desk, seal, issuer, contests)?;
    if begun {
        return Ok(());
    }
    let mut of_voter = Vec::new();
    let has_one = |contest: &ApprovedContest| !issuer.issues_of(contest.contest(), voter).is_empty();
    for (at, contest) in contests.iter().filter(|(_, contest)| has_one(contest)) {
        match ask::<()>(at, None, &Request::CanReissue(voter.clone()))? {
            Ok(()) => of_voter.push(contest.contest()),
            Err(why) => at.says(why),
        }
    }
    of_voter.first().ok_or_else(|| format!("no contest takes a new code of {voter}"))?;
    seal.store(issuer.reissue(voter, &of_voter, Validity::UntilClose, desk.now()?, &mut rng())?)?;
    letters(desk, seal, issuer, contests)
}

/// Letters are printed and sent, and their codes then forgotten: once both have signed the opening, before which the
/// box could still leave a voter out; and once the box has what was drawn after it, in place of another code.
fn letters(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Done {
    for (at, contest) in contests {
        get::<SignedOpening>(&at.post)?.verify(contest.contest())?;
    }
    let (mut sent, mut refused) = (Vec::new(), Vec::new());
    for letter in issuer.unsent_codes() {
        let mut serves = !letter.reissued;
        for issue in letter.issues.iter().filter(|_| letter.reissued) {
            let of = contests.iter().find(|(_, contest)| contest.fingerprint() == issue.contest());
            let (at, _) = of.ok_or("a code of a contest that is not named")?;
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
            println!("a letter for {}", letter.voter);
            sent.push(letter);
        } else {
            refused.push(letter.voter.to_string());
        }
    }
    seal.store(issuer.letters_sent(&sent))?;
    let why = || format!("the box takes no new code of {}; the one before stands", refused.join(", "));
    Ok(refused.is_empty().then_some(()).ok_or_else(why)?)
}
