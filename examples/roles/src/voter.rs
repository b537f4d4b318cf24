//! A voter's device, and a second one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use urne::ballot::ChallengedBallot;
use urne::record::{EndorsedRecord, GivenRecord};
use urne::voter::{Dossier, SealedChoice};
use urne::{ActivationNonce, ApprovedContest, Choice, Credential, VoterSession, VotingCode};

use crate::desk::{Desk, Place, rng, voter};
use crate::requests::ask;
use crate::tool::{Failure, put, read};

/// How many seconds the clocks of box and device may be apart.
const TOLERANCE: u64 = 60;

pub fn run(desk: &Desk) -> Result<(), Failure> {
    match desk.step.as_str() {
        "vote" => vote(desk),
        "challenge" => challenge(desk),
        "check-challenge" => check_challenge(desk),
        "check" => of_dossiers(desk, |place, dossier| check(desk, place, dossier)),
        "hand-over" => of_dossiers(desk, |place, dossier| {
            let head = dossier.receipt().ok_or("not acknowledged")?.deposit_proof.head;
            place.post.put_of(dossier.voter(), &head)
        }),
        _ => desk.unknown(),
    }
}

/// `584=2`, or `584=blank`.
fn choices(desk: &Desk) -> Result<Vec<(u64, Choice)>, Failure> {
    let read = |text: &String| -> Result<_, Failure> {
        let (number, choice) = text.split_once('=').ok_or("a choice is NUMBER=LIST or NUMBER=blank")?;
        let choice = if choice == "blank" { Choice::Blank } else { Choice::List(choice.parse()?) };
        Ok((number.parse()?, choice))
    };
    desk.options.all("choice")?.iter().map(read).collect()
}

fn code(desk: &Desk) -> Result<VotingCode, Failure> {
    Ok(String::from_utf8(read(desk.options.one::<PathBuf>("letter")?)?)?.parse()?)
}

/// What is on the board, if it is what the trustees publish.
fn published(desk: &Desk, place: &Place) -> Result<ApprovedContest, Failure> {
    let contest = place.approved()?;
    place.check(desk, contest.contest())?;
    Ok(contest)
}

/// Seals every choice, and sends whatever has no receipt yet: without a choice it sends again.
fn vote(desk: &Desk) -> Result<(), Failure> {
    for (number, choice) in choices(desk)? {
        let file = desk.own.file(format!("{number}.dossier"));
        if file.exists() {
            return Err(format!("contest {number}: a ballot was sealed before").into());
        }
        // The dossier is stored. From here on the ballot is sent from there, now or later.
        let unsent = seal(desk, number, choice)?.cast(desk.now()?);
        put(file, unsent.to_store())?;
        drop(unsent.stored());
    }
    of_dossiers(desk, |place, dossier| send(desk, place, dossier))
}

/// From the list of contests to a sealed choice.
fn seal(desk: &Desk, number: u64, choice: Choice) -> Result<SealedChoice, Failure> {
    let (voter, mut contests, mut numbers) = (voter(&desk.name)?, Vec::new(), BTreeMap::new());
    for place in desk.contests()? {
        // Refused where the voter is not on the roll.
        if let Ok(state) = ask(desk, "state", place.number, &voter, b"")? {
            let contest = place.approved()?;
            numbers.insert(contest.fingerprint(), place.number);
            contests.push((contest, place.board.get()?, state));
        }
    }
    let session = VoterSession::new(voter.clone(), &desk.meant()?, contests)?;
    let nonce: ActivationNonce = ask(desk, "nonce", number, &voter, b"")??;
    let entered = session.enter_code(&code(desk)?, &nonce, &mut rng());
    let mut accepted = Vec::new();
    for (contest, activation) in entered.activations() {
        match ask::<()>(desk, "activate", numbers[contest], &voter, &activation.to_bytes())? {
            Ok(()) => accepted.push(*contest),
            Err(why) => eprintln!("contest {}: {why}", numbers[contest]),
        }
    }
    let contest = entered.activated(&accepted)?.choose(number, desk.now()?)?;
    contest.check_documents(&read(desk.options.one::<PathBuf>("booklet")?)?)?;
    let sealed = contest.activate_selection().select(choice)?.seal(&mut rng())?;
    println!("{}", sealed.reference());
    Ok(sealed)
}

/// Sends a ballot, or sends it again: it counts once, and is answered alike. The receipt goes into the dossier.
fn send(desk: &Desk, place: &Place, dossier: Dossier) -> Result<(), Failure> {
    if dossier.receipt().is_some() {
        return Ok(());
    }
    let resumed = dossier.resume(published(desk, place)?.contest())?;
    let receipt = ask(desk, "deposit", place.number, resumed.voter(), resumed.ballot())??;
    let voted = resumed.acknowledge(receipt, desk.now()?, TOLERANCE)?;
    desk.own.put_of(place.number, &voted.dossier())
}

fn of_dossiers(desk: &Desk, act: impl Fn(&Place, Dossier) -> Result<(), Failure>) -> Result<(), Failure> {
    let dossiers = desk.own.all::<Dossier>()?;
    dossiers.into_iter().try_for_each(|dossier| act(&desk.place(dossier.reference().number()), dossier))
}

/// Does this device seal what it is told? The reference has been shown: only now the device hears that it is watched.
fn challenge(desk: &Desk) -> Result<(), Failure> {
    for (number, choice) in choices(desk)? {
        let challenging = seal(desk, number, choice)?.challenge();
        ask::<()>(desk, "challenge", number, &voter(&desk.name)?, challenging.ballot())??;
        // The box never takes it: now it may be opened.
        put(desk.options.one::<PathBuf>("opened")?, &challenging.noted().0.expose_bytes()[..])?;
    }
    Ok(())
}

/// On a second device, which has the code and nothing else from the first.
fn check_challenge(desk: &Desk) -> Result<(), Failure> {
    for (number, choice) in choices(desk)? {
        let contest = published(desk, &desk.place(number))?;
        let credential = Credential::derive(contest.contest(), &code(desk)?).public();
        let opened = ChallengedBallot::from_bytes(&read(desk.options.one::<PathBuf>("opened")?)?)?;
        opened.verify(&contest, &desk.options.one("reference")?, &credential, choice)?;
    }
    Ok(())
}

/// The voter's ballot in what was closed, or counted.
fn check(desk: &Desk, Place { board, .. }: &Place, dossier: Dossier) -> Result<(), Failure> {
    let voted = dossier.voted(board.get::<ApprovedContest>()?.contest())?;
    let found = if board.file("record.json").exists() {
        voted.check_counted(&EndorsedRecord::verify(&board.get()?, &desk.meant()?)?)?
    } else {
        voted.check_given(&GivenRecord::verify(&board.get()?, &board.all()?)?)?
    };
    println!("{} is ballot {}", found.reference, found.index + 1);
    Ok(())
}
