//! A voter's device, and a second one.

use std::path::PathBuf;

use urne::ballot::ChallengedBallot;
use urne::ballot_box::{GivenClosing, Receipt, SignedOpening, VoterState};
use urne::record::{EndorsedRecord, GivenRecord};
use urne::voter::{ActiveSession, Dossier, Voted};
use urne::{
    ActivationNonce, BallotReference, Choice, ClosedRecord, Credential, Fingerprint, Record, VoterId, VoterSession,
    VotingCode,
};

use crate::ballot_box::NO_NONCE;
use crate::desk::{Desk, Of, Place, all, get, list, name, put, rng, voter};
use crate::requests::ask;
use crate::tool::Failure;

/// How many seconds the clocks of box and device may be apart.
const TOLERANCE: u64 = 60;

pub fn run(desk: &Desk) -> Result<(), Failure> {
    match &*desk.one::<String>("step")? {
        "vote" => vote(desk),
        "challenge" => challenge(desk),
        "check-challenge" => {
            let Of { number, is } = desk.one::<Of<Choice>>("choice")?;
            let contest = published(desk, &desk.place(number))?;
            let credential = Credential::derive(contest.contest(), &code(desk)?).public();
            let opened = get(desk.one::<PathBuf>("opened")?, ChallengedBallot::from_bytes)?;
            Ok(opened.verify(&contest, &desk.one("reference")?, &credential, is)?)
        }
        "check-code" => {
            let shown = desk.one::<BallotReference>("reference")?;
            let found = counted(desk, &desk.place(shown.number()))?.ballots().check_code(&code(desk)?, &shown)?;
            println!("{} is ballot {}", found.reference, found.index + 1);
            Ok(())
        }
        "resume" => of_dossiers(desk, |place, dossier| match dossier.receipt() {
            Some(_) => Ok(()),
            None => resume(desk, place, dossier),
        }),
        "check" => of_dossiers(desk, |place, dossier| {
            let contest = published(desk, place)?;
            check(desk, place, &dossier.voted(contest.contest())?)
        }),
        "hand-over" => of_dossiers(desk, |place, dossier| {
            let head = dossier.receipt().ok_or("not acknowledged")?.deposit_proof.head;
            Ok(put(place.post.join(format!("{}.head", name(dossier.voter()))), head.to_bytes())?)
        }),
        _ => desk.unknown(),
    }
}

fn code(desk: &Desk) -> Result<VotingCode, Failure> {
    get(desk.one::<PathBuf>("letter")?, |text| std::str::from_utf8(text).unwrap_or_default().parse::<VotingCode>())
}

/// What is on the board, if it is what the trustees publish.
fn published(desk: &Desk, place: &Place) -> Result<urne::ApprovedContest, Failure> {
    let contest = place.approved()?;
    desk.check(contest.contest(), place)?;
    Ok(contest)
}

/// Where the code is active: from the list of contests on.
fn session(desk: &Desk, voter: &VoterId) -> Result<ActiveSession, Failure> {
    let code = code(desk)?;
    let all = desk.all::<Of<Fingerprint>>("fingerprint")?;
    let fingerprints: Vec<_> = all.iter().map(|of| of.is).collect();
    loop {
        let mut contests = Vec::new();
        for place in desk.contests()? {
            // Refused where the voter is not on the roll.
            if let Ok(state) = ask(desk, "state", place.number, voter, b"")? {
                let opening = get(place.board.join("opening"), SignedOpening::from_bytes)?;
                contests.push((place.approved()?, opening, VoterState::from_bytes(&state)?));
            }
        }
        let session = VoterSession::new(voter.clone(), &fingerprints, contests)?;
        let any = all.first().map_or(0, |of| of.number);
        let nonce = ask(desk, "nonce", any, voter, b"")??;
        let entered = session.enter_code(&code, &ActivationNonce::from_bytes(nonce[..].try_into()?), &mut rng());
        let (mut accepted, mut restarted) = (Vec::new(), false);
        for (contest, activation) in entered.activations() {
            let number = all.iter().find(|of| of.is == *contest).map_or(0, |of| of.number);
            match ask(desk, "activate", number, voter, &activation.to_bytes())? {
                Ok(_) => accepted.push(*contest),
                Err(why) if why == NO_NONCE => restarted = true,
                Err(why) => eprintln!("contest {number}: {why}"),
            }
        }
        if !restarted {
            return Ok(entered.activated(&accepted)?);
        }
    }
}

fn vote(desk: &Desk) -> Result<(), Failure> {
    let voter = voter(&desk.one::<String>("name")?)?;
    let mut session = session(desk, &voter)?;
    for Of { number, is } in desk.all::<Of<Choice>>("choice")? {
        let selection = session.choose(number, desk.now()?)?.activate_selection();
        let sealed = selection.select(is)?.seal(&mut rng())?;
        println!("{}", sealed.reference());
        // The dossier first: whatever happens from here on, the same ballot can be sent again.
        let (dossier, unsent) = (desk.own.join(format!("{number}.dossier")), sealed.cast(desk.now()?));
        put(&dossier, unsent.to_store())?;
        let casting = unsent.stored();
        let receipt = Receipt::from_bytes(&ask(desk, "deposit", number, &voter, casting.ballot())??)?;
        let (left, voted) = casting.acknowledge(receipt, desk.now()?, TOLERANCE)?;
        put(&dossier, voted.dossier().to_bytes())?;
        session = left;
    }
    Ok(())
}

/// Does this device seal what it is told?
fn challenge(desk: &Desk) -> Result<(), Failure> {
    let (voter, Of { number, is }) = (voter(&desk.one::<String>("name")?)?, desk.one("choice")?);
    let selection = session(desk, &voter)?.choose(number, desk.now()?)?.activate_selection();
    let sealed = selection.select(is)?.seal(&mut rng())?;
    // Shown first: only then the device hears that it is watched.
    println!("{}", sealed.reference());
    let challenging = sealed.challenge();
    ask(desk, "challenge", number, &voter, challenging.ballot())??;
    // The box never takes it: now it may be opened.
    Ok(put(desk.one::<PathBuf>("opened")?, &challenging.noted().0.expose_bytes()[..])?)
}

fn of_dossiers(desk: &Desk, act: impl Fn(&Place, Dossier) -> Result<(), Failure>) -> Result<(), Failure> {
    for name in list(&desk.own)? {
        if let Some(number) = name.strip_suffix(".dossier") {
            act(&desk.place(number.parse()?), get(desk.own.join(&name), Dossier::from_bytes)?)?;
        }
    }
    Ok(())
}

fn resume(desk: &Desk, place: &Place, dossier: Dossier) -> Result<(), Failure> {
    let resumed = dossier.resume(published(desk, place)?.contest())?;
    let receipt = ask(desk, "deposit", place.number, resumed.voter(), resumed.ballot())??;
    let voted = resumed.acknowledge(Receipt::from_bytes(&receipt)?, desk.now()?, TOLERANCE)?;
    Ok(put(desk.own.join(format!("{}.dossier", place.number)), voted.dossier().to_bytes())?)
}

fn counted(desk: &Desk, place: &Place) -> Result<EndorsedRecord, Failure> {
    let published: Vec<_> = desk.all::<Of<Fingerprint>>("fingerprint")?.iter().map(|of| of.is).collect();
    Ok(EndorsedRecord::verify(&get(place.board.join("record.json"), Record::from_json)?, &published)?)
}

fn check(desk: &Desk, place: &Place, voted: &Voted) -> Result<(), Failure> {
    let found = if place.board.join("record.json").exists() {
        voted.check_counted(&counted(desk, place)?)?
    } else {
        let record = get(place.board.join("closed.json"), ClosedRecord::from_json)?;
        let given = all(&place.board, ".given", GivenClosing::from_bytes)?;
        voted.check_given(&GivenRecord::verify(&record, &given)?)?
    };
    println!("{} is ballot {}", found.reference, found.index + 1);
    Ok(())
}
