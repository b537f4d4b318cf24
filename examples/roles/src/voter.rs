//! A voter's device, and a second one.

use std::io::{BufRead, Read, stdin};

use urne::ballot::ChallengedBallot;
use urne::record::{EndorsedRecord, GivenRecord, HexBytes};
use urne::voter::{Dossier, SealedChoice};
use urne::{Choice, Credential, Form, Record, VoterSession, VotingCode};

use crate::ballot_box::{Request, ask};
use crate::desk::{Desk, rng, through, voter_id};
use crate::post::{Done, Failure, all, exists, get, put, send, send_as};
use crate::tool::{flush, wrong};

pub fn run(desk: &Desk) -> Done {
    match desk.step {
        // Without a choice it sends again what has no receipt yet.
        "vote" if desk.options.has("choice") => of_choices(desk, vote),
        "vote" => of_dossiers(desk, deposit),
        "check-challenge" => of_choices(desk, check_challenge),
        "check" => of_dossiers(desk, check),
        "hand-over" => of_dossiers(desk, |at, dossier| {
            let head = dossier.receipt().ok_or("not acknowledged")?.deposit_proof.head;
            send_as(dossier.voter(), &at.post.join("heads"), &head)
        }),
        _ => desk.unknown(),
    }
}

/// `--choice 584=2`, or `584=blank`. What is typed for one contest is not for another: the first that fails ends it.
fn of_choices(desk: &Desk, act: fn(&Desk, Choice) -> Done) -> Done {
    let contests = desk.contests()?;
    let read = |text: &String| -> Result<_, Failure> {
        let (number, choice) = text.split_once('=').ok_or("a choice is NUMBER=LIST or NUMBER=blank")?;
        let choice = if choice == "blank" { Choice::Blank } else { Choice::List(choice.parse()?) };
        let at = contests.iter().find(|at| at.number.to_string() == number);
        Ok((at.ok_or_else(|| wrong(format!("--contest {number} is needed")))?, choice))
    };
    let choices = desk.options.all("choice")?.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    choices.first().ok_or_else(|| wrong("--choice is needed"))?;
    choices.into_iter().try_for_each(|(at, choice)| {
        act(at, choice).inspect_err(|_| at.says("not done, and so are those after it"))
    })
}

fn of_dossiers(desk: &Desk, act: fn(&Desk, Dossier) -> Done) -> Done {
    through(desk.contests()?, |at| act(&at, get(&at.own)?))
}

fn code(desk: &Desk) -> Result<VotingCode, Failure> {
    Ok(String::from_utf8(desk.file("letter")?)?.parse()?)
}

/// From code and booklet to a sealed choice, whose reference is shown.
fn seal(at: &Desk, choice: Choice) -> Result<SealedChoice, Failure> {
    let voter = voter_id(at.name)?;
    let (state, nonce) = ask(at, Some(&voter), &Request::Hello)??;
    let contests = [(at.contest()?, get(&at.board)?, state)];
    let session = VoterSession::new(voter.clone(), &at.meant, contests)?;
    let entered = session.enter_code(&code(at)?, &nonce, &mut rng());
    for (_, activation) in entered.activations() {
        ask::<()>(at, Some(&voter), &Request::Activate(*activation))??;
    }
    let contest = entered.activated(&at.meant)?.choose(at.number, at.now()?)?;
    contest.check_documents(&at.file("booklet")?)?;
    let sealed = contest.activate_selection().select(choice)?.seal(&mut rng())?;
    println!("{}", sealed.reference());
    Ok(sealed)
}

/// Does this device seal what it is told? The reference is shown before the device can know whether it is watched.
fn vote(at: &Desk, choice: Choice) -> Done {
    let file = at.own.join(Dossier::NAME);
    if exists(&file)? {
        return Err("a ballot was sealed before".into());
    }
    let (sealed, mut said) = (seal(at, choice)?, String::new());
    flush();
    eprintln!("contest {}: cast or challenge?", at.number);
    stdin().lock().take(100).read_line(&mut said)?;
    match said.trim_end() {
        "cast" => {
            put(file, sealed.cast(at.now()?).to_store())?;
            // The dossier is stored. From here the ballot is sent, now or later.
            deposit(at, get(&at.own)?)
        }
        "challenge" => {
            let challenging = sealed.challenge();
            let request = Request::Challenge(HexBytes(challenging.ballot().to_vec()));
            ask::<()>(at, Some(&voter_id(at.name)?), &request)??;
            // The box never takes it: now it may be opened.
            put(at.own.join("opened"), &challenging.noted().0.expose_bytes()[..])
        }
        _ => Err("neither cast nor challenge; the ballot is forgotten".into()),
    }
}

/// Sends a ballot, or sends it again: it counts once, and is answered alike. The receipt goes into the dossier.
fn deposit(at: &Desk, dossier: Dossier) -> Done {
    if dossier.receipt().is_some() {
        return Ok(());
    }
    send(&at.own, &dossier)?; // where storing it has failed before
    let resumed = dossier.resume(at.contest()?.contest())?;
    let receipt = ask(at, Some(resumed.voter()), &Request::Deposit(HexBytes(resumed.ballot().to_vec())))??;
    // The clocks of box and device may be a minute apart.
    send(&at.own, &resumed.acknowledge(receipt, at.now()?, 60)?.dossier())
}

/// On a second device, which has the code and nothing else from the first.
fn check_challenge(at: &Desk, choice: Choice) -> Done {
    let contest = at.contest()?;
    let credential = Credential::derive(contest.contest(), &code(at)?).public();
    let opened = ChallengedBallot::from_bytes(&at.file("opened")?)?;
    opened.verify(&contest, &at.options.one("reference")?, &credential, choice)?;
    println!("contest {}: it was sealed as it was meant", at.number);
    Ok(())
}

/// The voter's ballot in what was counted, or else in what was closed.
fn check(at: &Desk, dossier: Dossier) -> Done {
    let (voted, board) = (dossier.voted(at.contest()?.contest())?, &at.board);
    let counted = || Ok::<_, Failure>(EndorsedRecord::verify(&get(board)?, &at.meant)?);
    let record = exists(&board.join(Record::NAME))?.then(counted);
    // Said first: what was closed may say nothing either.
    if let Some(Err(error)) = &record {
        at.says(format!("the record does not hold: {error}"));
    }
    let (found, of) = match &record {
        Some(Ok(record)) => (voted.check_counted(record)?, "counted"),
        _ => (voted.check_given(&GivenRecord::verify(&get(board)?, &all(board)?)?)?, "closed"),
    };
    println!("{} is ballot {} of what was {of}", found.reference, found.index + 1);
    if matches!(record, Some(Err(_))) { Err("there is no record that holds".into()) } else { Ok(()) }
}
