//! A voter's device, and a second one.

use std::path::PathBuf;

use urne::ballot::ChallengedBallot;
use urne::ballot_box::{GivenClosing, Receipt, SignedOpening, VoterState};
use urne::record::{EndorsedRecord, GivenRecord};
use urne::voter::{Dossier, SealedChoice};
use urne::{
    ActivationNonce, ApprovedContest, BallotReference, Choice, ClosedRecord, Credential, Record, VoterId,
    VoterSession, VotingCode,
};

use crate::ballot_box::NO_NONCE;
use crate::desk::{Desk, Place, all, get, list, name, put, rng, voter};
use crate::requests::ask;
use crate::tool::Failure;

/// How many seconds the clocks of box and device may be apart.
const TOLERANCE: u64 = 60;

pub fn run(desk: &Desk) -> Result<(), Failure> {
    match desk.one::<String>("step")?.as_str() {
        "vote" => {
            for (number, choice) in choices(desk)? {
                let dossier = desk.own.join(format!("{number}.dossier"));
                if dossier.exists() {
                    return Err(format!(
                        "a ballot was sealed before: resume, or look at {}",
                        dossier.display()
                    )
                    .into());
                }
                let sealed = seal(desk, &voter(&desk.one::<String>("name")?)?, number, choice)?;
                // The dossier is stored. From here on the ballot is sent from there, now or later.
                let unsent = sealed.cast(desk.now()?);
                put(dossier, unsent.to_store())?;
                drop(unsent.stored());
            }
            of_dossiers(desk, |place, dossier| send(desk, place, dossier))
        }
        "resume" => of_dossiers(desk, |place, dossier| send(desk, place, dossier)),
        "challenge" => challenge(desk),
        "check-challenge" => {
            for (number, choice) in choices(desk)? {
                let contest = published(desk, &desk.place(number))?;
                let credential = Credential::derive(contest.contest(), &code(desk)?).public();
                let opened = get(desk.one::<PathBuf>("opened")?, ChallengedBallot::from_bytes)?;
                opened.verify(&contest, &desk.one("reference")?, &credential, choice)?;
            }
            Ok(())
        }
        "check-code" => {
            let shown = desk.one::<BallotReference>("reference")?;
            let found =
                counted(desk, &desk.place(shown.number()))?.ballots().check_code(&code(desk)?, &shown)?;
            println!("{} is ballot {}", found.reference, found.index + 1);
            Ok(())
        }
        "check" => of_dossiers(desk, |place, dossier| check(desk, place, dossier)),
        "hand-over" => of_dossiers(desk, |place, dossier| {
            let head = dossier.receipt().ok_or("not acknowledged")?.deposit_proof.head;
            Ok(put(place.post.join(format!("{}.head", name(dossier.voter()))), head.to_bytes())?)
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
    desk.all("choice")?.iter().map(read).collect()
}

fn code(desk: &Desk) -> Result<VotingCode, Failure> {
    let text = |text: &[u8]| String::from_utf8_lossy(text).parse::<VotingCode>();
    get(desk.one::<PathBuf>("letter")?, text)
}

/// What is on the board, if it is what the trustees publish.
fn published(desk: &Desk, place: &Place) -> Result<ApprovedContest, Failure> {
    let contest = place.approved()?;
    desk.check(contest.contest(), place)?;
    Ok(contest)
}

/// From the list of contests to a sealed choice.
fn seal(desk: &Desk, voter: &VoterId, number: u64, choice: Choice) -> Result<SealedChoice, Failure> {
    loop {
        let (mut contests, mut places) = (Vec::new(), Vec::new());
        for place in desk.contests()? {
            // Refused where the voter is not on the roll.
            if let Ok(state) = ask(desk, "state", place.number, voter, b"")? {
                let opening = get(place.board.join("opening"), SignedOpening::from_bytes)?;
                let contest = place.approved()?;
                places.push((contest.fingerprint(), place.number));
                contests.push((contest, opening, VoterState::from_bytes(&state)?));
            }
        }
        let session = VoterSession::new(voter.clone(), &desk.published()?, contests)?;
        let nonce = ask(desk, "nonce", number, voter, b"")??;
        let nonce = ActivationNonce::from_bytes(nonce[..].try_into()?);
        let entered = session.enter_code(&code(desk)?, &nonce, &mut rng());
        let (mut accepted, mut restarted) = (Vec::new(), false);
        for (contest, activation) in entered.activations() {
            let place = places.iter().find(|(of, _)| of == contest).ok_or("an unknown contest")?;
            match ask(desk, "activate", place.1, voter, &activation.to_bytes())? {
                Ok(_) => accepted.push(*contest),
                Err(why) if why == NO_NONCE => restarted = true,
                Err(why) => eprintln!("contest {}: {why}", place.1),
            }
        }
        if !restarted {
            let selection = entered.activated(&accepted)?.choose(number, desk.now()?)?.activate_selection();
            let sealed = selection.select(choice)?.seal(&mut rng())?;
            println!("{}", sealed.reference());
            return Ok(sealed);
        }
    }
}

/// Does this device seal what it is told? The reference has been shown: only now the device hears that it is watched.
fn challenge(desk: &Desk) -> Result<(), Failure> {
    let voter = voter(&desk.one::<String>("name")?)?;
    for (number, choice) in choices(desk)? {
        let challenging = seal(desk, &voter, number, choice)?.challenge();
        ask(desk, "challenge", number, &voter, challenging.ballot())??;
        // The box never takes it: now it may be opened.
        put(desk.one::<PathBuf>("opened")?, &challenging.noted().0.expose_bytes()[..])?;
    }
    Ok(())
}

fn of_dossiers(desk: &Desk, act: impl Fn(&Place, Dossier) -> Result<(), Failure>) -> Result<(), Failure> {
    for name in list(&desk.own)? {
        if let Some(number) = name.strip_suffix(".dossier") {
            act(&desk.place(number.parse()?), get(desk.own.join(&name), Dossier::from_bytes)?)?;
        }
    }
    Ok(())
}

/// Sends a ballot, or sends it again: it counts once, and is answered alike. The receipt goes into the dossier.
fn send(desk: &Desk, place: &Place, dossier: Dossier) -> Result<(), Failure> {
    if dossier.receipt().is_some() {
        return Ok(());
    }
    let resumed = dossier.resume(published(desk, place)?.contest())?;
    let receipt = ask(desk, "deposit", place.number, resumed.voter(), resumed.ballot())??;
    let voted = resumed.acknowledge(Receipt::from_bytes(&receipt)?, desk.now()?, TOLERANCE)?;
    Ok(put(desk.own.join(format!("{}.dossier", place.number)), voted.dossier().to_bytes())?)
}

fn counted(desk: &Desk, place: &Place) -> Result<EndorsedRecord, Failure> {
    let record = get(place.board.join("record.json"), Record::from_json)?;
    Ok(EndorsedRecord::verify(&record, &desk.published()?)?)
}

fn check(desk: &Desk, place: &Place, dossier: Dossier) -> Result<(), Failure> {
    let voted = dossier.voted(published(desk, place)?.contest())?;
    let found = if place.board.join("record.json").exists() {
        voted.check_counted(&counted(desk, place)?)?
    } else {
        let record = get(place.board.join("closed.json"), ClosedRecord::from_json)?;
        voted.check_given(&GivenRecord::verify(
            &record,
            &all(&place.board, ".given", GivenClosing::from_bytes)?,
        )?)?
    };
    println!("{} is ballot {}", found.reference, found.index + 1);
    Ok(())
}
