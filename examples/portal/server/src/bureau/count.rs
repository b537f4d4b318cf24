//! From the close to the published record. What is uploaded is checked by the library before it is kept; no secret of a
//! trustee ever comes here.

use std::path::Path as FilePath;

use askama::Template;
use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use urne::ballot_box::{ClosedBox, GivenClosing, SignedBox, SignedClosing};
use urne::contest::{Approval, ContestError};
use urne::primitives::Kind;
use urne::tally::{DecryptionFactors, Endorsement, GivenEndorsements, OpeningError, Seats};
use urne::trustee::Ready;
use urne::{ApprovedContest, ClosedRecord, OpenedTally, Record, TrusteeIndex};

use super::{download, page, share};
use crate::account_pages::Asking;
use crate::accounts::hex;
use crate::boxes::{Change, NoAnswer};
use crate::contests::Contest;
use crate::page::{Page, html};
use crate::sessions::{Member, Posted, Unchecked};
use crate::web::{Problem, Shared};
use crate::{Failure, disk, files, on};

/// Of each trustee, in the order in which they are given.
const OF_TRUSTEES: [&str; 5] = ["approval", "given", "endorsement", "ready", "factors"];

/// Closes every box whose contest has ended, and publishes what it was closed with. Again, it gives the same.
pub async fn close(State(app): State<Shared>, _: Posted<true>) -> Result<Response, Problem> {
    for contest in app.contests.values() {
        match app.boxes.change(contest.number, Change::Close).await {
            Ok(_) => (),
            Err(NoAnswer::Refused(refusal)) if refusal.code == "close/too-early" => continue,
            Err(error) => return Err(error.into()),
        }
        let closed = app.boxes.look(contest.number, |of, _| of.closed()).await?;
        let (closed, signings) = closed.ok_or(Problem::ComeBack)?;
        let (record, list) = (contest.folder.join("closed.json"), app.folder.signings(contest.number));
        let write = tokio::task::spawn_blocking(move || -> Result<(), Failure> {
            disk::put_secret(&list, &signings.to_bytes())?;
            Ok(files::put(&record, ClosedRecord::new(&closed).to_json().as_bytes())?)
        });
        write.await??;
    }
    Ok(Redirect::to("/bureau").into_response())
}

/// The list of signings in its form, for the trustees, who compare it with the list of voters.
pub async fn signings_form(
    _: Member,
    State(app): State<Shared>,
    Path(number): Path<u64>,
) -> Result<Response, Problem> {
    app.contest(number)?;
    let bytes = files::get(&app.folder.signings(number))?.ok_or(Problem::NotFound)?;
    Ok(download(bytes, "application/octet-stream", &format!("{number}.signings")))
}

/// What there is of each kind, in words: `endorsement: 1, 3, 4`.
pub fn given(contest: &urne::Contest, folder: &FilePath) -> Vec<String> {
    let mut lines = Vec::new();
    if folder.join("closing").exists() {
        lines.push("closing".into());
    }
    for kind in OF_TRUSTEES {
        let trustees = contest.bureau().indices();
        let there = trustees.filter(|trustee| folder.join(format!("{trustee}.{kind}")).exists());
        let there: Vec<_> = there.map(|trustee| trustee.to_string()).collect();
        if !there.is_empty() {
            lines.push(format!("{kind}: {}", there.join(", ")));
        }
    }
    lines
}

/// All that were kept of a kind. They were checked before.
fn kept<T, E: std::fmt::Display>(
    contest: &Contest,
    kind: &str,
    read: impl Fn(&[u8]) -> Result<T, E>,
) -> Result<Vec<T>, Failure> {
    let trustees = contest.approved.contest().bureau().indices();
    let places = trustees.map(|trustee| contest.folder.join(format!("{trustee}.{kind}")));
    places.filter(|place| place.exists()).map(|place| disk::get(place, &read)).collect()
}

async fn closed_box(app: &Shared, contest: &Contest) -> Result<ClosedBox, Problem> {
    let closed = app.boxes.look(contest.number, |of, _| of.closed()).await?;
    closed.map(|(closed, _)| closed).ok_or(Problem::Bad("bureau-not-closed"))
}

/// With the issuer's signature, which is uploaded first.
fn signed_box(contest: &Contest, closed: ClosedBox) -> Result<SignedBox, Problem> {
    let place = contest.folder.join("closing");
    if !place.exists() {
        return Err(Problem::Bad("bureau-no-closing"));
    }
    let signed = disk::get(place, SignedClosing::from_bytes)?;
    SignedBox::new(closed, *signed.issuer_signature()).map_err(Problem::internal)
}

/// Any form of issuer or trustees that belongs to the count: its first byte says which it is.
pub async fn upload(
    State(app): State<Shared>,
    Path(number): Path<u64>,
    Unchecked(member): Unchecked<true>,
    form: Multipart,
) -> Result<Response, Problem> {
    let bytes = uploaded(&member, form).await?;
    if let Some(contest) = app.waiting.get(&number) {
        let name = check_approval(contest, &bytes)?;
        files::put(&app.config.public.join(number.to_string()).join(name), &bytes)?;
        return Ok(Redirect::to("/bureau").into_response());
    }
    let contest = app.contest(number)?;
    let closed = closed_box(&app, contest).await?;
    // Members are in the order of their seats.
    let seat = app.config.bureau.iter().position(|of| of.name == member.session.who);
    // Some are as slow as the audit of a record.
    let shared = app.clone();
    let kept = tokio::task::spawn_blocking(move || {
        let contest = shared.contest(number)?;
        let name = check(contest, closed, seat, &bytes)?;
        Ok::<_, Problem>(files::put(&contest.folder.join(name), &bytes)?)
    });
    kept.await??;
    Ok(Redirect::to("/bureau").into_response())
}

/// The word against forgery comes before the file.
async fn uploaded(member: &Member, mut form: Multipart) -> Result<Vec<u8>, Problem> {
    let bad = |error: axum::extract::multipart::MultipartError| Problem::Status(error.status());
    let mut checked = false;
    while let Some(field) = form.next_field().await.map_err(bad)? {
        match field.name() {
            Some("csrf") => {
                member.session.check_csrf(&field.text().await.map_err(bad)?)?;
                checked = true;
            }
            Some("file") if checked => return Ok(field.bytes().await.map_err(bad)?.to_vec()),
            _ => break,
        }
    }
    Err(if checked { Problem::Bad("common-bad-form") } else { Problem::Forged })
}

/// The name under which a trustee's approval is kept, if it holds. It is signed, so that anybody of the bureau may bring it.
fn check_approval(contest: &urne::Contest, bytes: &[u8]) -> Result<String, Problem> {
    if bytes.first().copied().and_then(Kind::of_byte) != Some(Kind::Approval) {
        return Err(Problem::Bad("bureau-no-approval"));
    }
    let approval = Approval::from_bytes(bytes)?;
    match ApprovedContest::new(contest.clone(), vec![approval]) {
        // Of the others it says nothing.
        Ok(_) | Err(ContestError::MissingApproval { .. }) => Ok(format!("{}.approval", approval.trustee())),
        Err(error) => Err(Problem::refused(error.code(), &error)),
    }
}

/// The name under which it is kept, if it holds.
fn check(contest: &Contest, closed: ClosedBox, seat: Option<usize>, bytes: &[u8]) -> Result<String, Problem> {
    let of = contest.approved.contest();
    let known = |trustee: TrusteeIndex| {
        let known = of.bureau().identity(trustee).is_some();
        if known { Ok(()) } else { Err(Problem::Bad("bureau-no-such-trustee")) }
    };
    // What is not signed is taken from who holds the seat and from nobody else.
    let own = |trustee: TrusteeIndex| {
        known(trustee)?;
        let own = seat.and_then(|seat| seat.checked_add(1)) == Some(usize::from(trustee.get()));
        if own { Ok(()) } else { Err(Problem::Bad("bureau-not-your-seat")) }
    };
    let digest = closed.digest();
    let of_this_closing = |same| if same { Ok(()) } else { Err(Problem::Bad("bureau-other-closing")) };
    match bytes.first().copied().and_then(Kind::of_byte) {
        Some(Kind::GivenClosing) => {
            // One that names another closing is kept: it is for all to see.
            let given = GivenClosing::from_bytes(bytes)?;
            own(given.trustee)?;
            Ok(format!("{}.given", given.trustee))
        }
        Some(Kind::SignedClosing) => {
            let signed = SignedClosing::from_bytes(bytes)?;
            SignedBox::new(closed, *signed.issuer_signature())
                .map_err(|error| Problem::refused("bureau/closing", &error))?;
            let verified = signed.verify(of).map_err(|error| Problem::refused(error.code(), &error))?;
            of_this_closing(verified == digest)?;
            Ok("closing".into())
        }
        Some(Kind::Endorsement) => {
            let endorsement = Endorsement::from_bytes(bytes)?;
            let given = GivenEndorsements::of(&signed_box(contest, closed)?, &[endorsement]);
            match given.rejected().first() {
                None => Ok(format!("{}.endorsement", endorsement.trustee())),
                Some(error) => Err(Problem::refused(error.code(), error)),
            }
        }
        Some(Kind::Ready) => {
            let ready = Ready::from_bytes(bytes)?;
            own(ready.trustee)?;
            of_this_closing(ready.closing == digest)?;
            Ok(format!("{}.ready", ready.trustee))
        }
        Some(Kind::Factors) => {
            let factors = DecryptionFactors::from_bytes(bytes)?;
            let name = format!("{}.factors", factors.trustee());
            known(factors.trustee())?;
            let endorsements = kept(contest, "endorsement", Endorsement::from_bytes)?;
            let opened = OpenedTally::open(&signed_box(contest, closed)?, &endorsements, &[factors]);
            // Alone they open nothing, but whether they hold is told.
            let rejected = match &opened {
                Ok(opened) => opened.rejected(),
                Err(OpeningError::TooFew { rejected, .. }) => rejected,
                Err(error) => return Err(Problem::refused(error.code(), error)),
            };
            rejected.first().map_or(Ok(name), |error| Err(Problem::refused(error.code(), error)))
        }
        _ => Err(Problem::Bad("bureau-unknown-form")),
    }
}

/// The result of a contest, beside its record, so that no page reads the record.
#[derive(Deserialize, Serialize)]
pub struct Published {
    pub votes: Vec<u64>,
    pub blank: u64,
    pub voters: u64,
    pub closed_at: u64,
    pub closing: String,
    pub endorsed_by: Vec<u8>,
    pub opened_by: Vec<u8>,
}

/// Counts, if there is what it takes, and publishes the record.
pub async fn publish(
    State(app): State<Shared>,
    Path(number): Path<u64>,
    _: Posted<true>,
) -> Result<Response, Problem> {
    let closed = closed_box(&app, app.contest(number)?).await?;
    let published = tokio::task::spawn_blocking(move || {
        let contest = app.contest(number)?;
        let (closing, closed_at) = (hex(closed.digest().to_bytes()), closed.closing().at.seconds());
        let voters = closed.roll().signed_opening().voters();
        let signed = signed_box(contest, closed)?;
        let endorsements = kept(contest, "endorsement", Endorsement::from_bytes)?;
        let factors = kept(contest, "factors", DecryptionFactors::from_bytes)?;
        let opened = OpenedTally::open(&signed, &endorsements, &factors)
            .map_err(|error| Problem::refused(error.code(), &error))?;
        let result = Published {
            votes: opened.result().votes().to_vec(),
            blank: opened.result().blank(),
            voters,
            closed_at,
            closing,
            endorsed_by: opened.endorsements().iter().map(|by| by.trustee().get()).collect(),
            opened_by: opened.factors().iter().map(|by| by.trustee().get()).collect(),
        };
        let record = Record::new(&signed, &opened).to_json();
        files::put(&contest.folder.join("record.json"), record.as_bytes())?;
        let result = serde_json::to_vec(&result).map_err(Problem::internal)?;
        Ok::<_, Problem>(files::put(&contest.folder.join("result.json"), &result)?)
    });
    published.await??;
    Ok(Redirect::to("/results").into_response())
}

struct Bar {
    name: String,
    votes: u64,
    share: String,
    /// Of 400, for the drawing.
    width: u64,
    seats: u64,
}

/// A contest that was counted, for pages.
struct Counted<'a> {
    contest: &'a Contest,
    ballots: u64,
    bars: Vec<Bar>,
    tie: String,
    published: Published,
}

/// All that were counted.
fn counted<'a>(app: &'a Shared, page: &Page) -> Result<Vec<Counted<'a>>, Problem> {
    app.contests.values().filter_map(|contest| result(contest, page).transpose()).collect()
}

fn result<'a>(contest: &'a Contest, page: &Page) -> Result<Option<Counted<'a>>, Problem> {
    let place = contest.folder.join("result.json");
    if !place.exists() {
        return Ok(None);
    }
    let published: Published = disk::get(place, |bytes| serde_json::from_slice(bytes))?;
    let cast: u64 = published.votes.iter().sum();
    let most = published.votes.iter().copied().max().unwrap_or(0).max(1);
    let seats = Seats::by_highest_averages(&published.votes, contest.documents.seats);
    let names = &contest.approved.contest().description().lists;
    let bars = names.iter().zip(&published.votes).zip(seats.certain()).map(|((name, votes), seats)| Bar {
        name: name.as_str().into(),
        votes: *votes,
        share: share(votes, &cast),
        width: votes.saturating_mul(400) / most,
        seats: *seats,
    });
    let tied = |tie: &urne::tally::Tie| {
        let lists = tie.lists.iter().filter_map(|list| Some(names.get(list.checked_sub(1)?)?.as_str()));
        let lists = lists.collect::<Vec<_>>().join(", ");
        page.t2("results-tie", "seats", tie.seats, "lists", lists)
    };
    let ballots = cast + published.blank;
    let (bars, tie) = (bars.collect(), seats.tie().map(tied).unwrap_or_default());
    Ok(Some(Counted { contest, ballots, bars, tie, published }))
}

#[derive(Template)]
#[template(path = "results.html")]
struct ResultsPage<'a> {
    page: Page,
    results: Vec<Counted<'a>>,
}

/// For everybody.
pub async fn results(by: Asking) -> Result<Response, Problem> {
    let page = by.page();
    let results = counted(&by.app, &page)?;
    html(&ResultsPage { page, results })
}

#[derive(Template)]
#[template(path = "minutes.html")]
struct MinutesPage<'a> {
    page: Page,
    election: &'a str,
    results: Vec<Counted<'a>>,
    complaints: i64,
    now: u64,
}

/// To be printed and signed by hand.
pub async fn minutes(member: Member, State(app): State<Shared>) -> Result<Response, Problem> {
    let page = page(&app, &member);
    let (complaints,): (i64,) =
        on!(&app.db, pool => sqlx::query_as("SELECT count(*) FROM complaints").fetch_one(pool).await)?;
    let results = counted(&app, &page)?;
    let election = app.contests.values().next().map_or("", Contest::election);
    html(&MinutesPage { page, election, results, complaints, now: app.clock.now().seconds() })
}
