//! The issuer of codes: it holds each until its letter is sent, and signs opening and closing.

use urne::ballot_box::{
    Complaints, Issue, ProposedOpening, SignedBox, SignedClosing, SignedOpening, Validity,
};
use urne::{ApprovedContest, ElectoralRoll, Issuer, SigningKey};

use crate::ballot_box::{Request, ask};
use crate::desk::{Desk, Failure, all, get, put, rng, send, through, voter_id};
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
    let (mut of_board, first) = (Vec::new(), desk.step == "issue");
    let read = through(
        desk.contests()?,
        |at| at.number,
        |at| {
            let contest = at.contest()?;
            match contest.contest() {
                it if it.description().issuer_key != issuer.public_key() => at.says("under another issuer"),
                it if !first && issuer.issues(it).is_empty() => at.says("no code was issued for it"),
                _ => of_board.push((contest, at)),
            }
            Ok(())
        },
    );
    if of_board.is_empty() {
        return read.and(Err("no contest on the board is this issuer's".into()));
    }
    if desk.step == "reissue" {
        read?; // one new code is for all contests of the voter
        return act(desk, &seal, issuer, &of_board);
    }
    act(desk, &seal, issuer, &of_board).and(read)
}

fn act(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    let number = |(_, at): &&(ApprovedContest, Desk)| at.number;
    match desk.step.as_str() {
        "issue" => issue(desk, seal, issuer, contests),
        "open" => through(contests, number, |(contest, Desk { post, .. })| {
            let proposed: ProposedOpening = get(post)?;
            let opening = seal.store(issuer.sign_opening(contest.contest(), &proposed)?)?;
            send(post, &proposed.signed(&opening))
        }),
        "letters" => letters(desk, seal, issuer, contests),
        "reissue" => reissue(desk, seal, issuer, contests),
        "given" => through(contests, number, |(_, at)| seal.store(issuer.given(&at.closed()?, at.now()?)?)),
        "sign-closings" => through(contests, number, |(_, at)| {
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
        let voters = desk.voters()?;
        let known = |number: &&u64| contests.iter().any(|(_, at)| at.number == **number);
        if let Some(number) = voters.iter().flat_map(|(_, numbers)| numbers).find(|it| !known(it)) {
            return Err(format!("contest {number}, of a voter, is not on the board").into());
        }
        let orders: Vec<_> = voters.into_iter().map(order).collect();
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
/// again, as after a crash, it goes on with the code that was drawn. Letters that are pending go first: one of them may be
/// this voter's first, which is no new code.
fn reissue(desk: &Desk, seal: &Seal, issuer: &mut Issuer, contests: &Contests) -> Result<(), Failure> {
    let voter = &voter_id(&desk.name)?;
    let unsent = issuer.unsent_codes();
    let mut begun = unsent.iter().filter(|letter| letter.voter == *voter).flat_map(|letter| &letter.issues);
    let begun = begun.any(|issue| anew(issuer, contests, issue));
    letters(desk, seal, issuer, contests)?;
    if begun {
        return Ok(());
    }
    let mut of_voter = Vec::new();
    for (contest, at) in contests {
        match ask::<()>(at, None, &Request::CanReissue(voter.clone()))? {
            Ok(()) => of_voter.push(contest.contest()),
            Err(why) => at.says(why),
        }
    }
    seal.store(issuer.reissue(voter, &of_voter, Validity::UntilClose, desk.now()?, &mut rng())?)?;
    letters(desk, seal, issuer, contests)
}

/// In place of another code.
fn anew(issuer: &Issuer, contests: &Contests, issue: &Issue) -> bool {
    let of = contests.iter().find(|(contest, _)| contest.fingerprint() == issue.contest());
    of.is_some_and(|(contest, _)| issuer.issues_of(contest.contest(), issue.voter()).len() > 1)
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
            let (_, at) = of.ok_or("a code of a contest that is not on the board")?;
            match if anew(issuer, contests, issue) {
                ask(at, None, &Request::Reissue(issue.clone()))?
            } else {
                Ok(())
            } {
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
    if !refused.is_empty() {
        return Err(
            format!("the box takes no new code of {}; the one before stands", refused.join(", ")).into()
        );
    }
    Ok(())
}
