//! From the close to the published record. What is uploaded is checked by the library before it is kept; no secret of a
//! trustee ever comes here.

use axum::extract::Multipart;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use urne::ballot_box::{ClosedBox, GivenClosing, SignedBox, SignedClosing, Signings};
use urne::contest::{Approval, ContestError};
use urne::primitives::Kind;
use urne::tally::{DecryptionFactors, Endorsement, GivenEndorsements, OpeningError, Seats, Tie};
use urne::{ApprovedContest, ClosedRecord, OpenedTally, Record};

use super::download;
use crate::accounts::{hex, rng};
use crate::boxes::refused;
use crate::contests::CLOSED_AT;
use crate::page::prelude::*;
use crate::{Failure, disk};

/// Of each trustee, in the order in which they are given.
pub const OF_TRUSTEES: [&str; 4] = ["approval", "given", "endorsement", "factors"];

/// Closes every box whose contest has ended, and publishes what it was closed with. Again, it gives the same.
pub async fn close(Posted { by: Member { app, .. }, .. }: Posted<true>) -> Answer {
    let now = app.clock.now().seconds();
    for contest in app.contests.values().filter(|of| of.ends_at() <= now) {
        let closed = app.boxes.change(contest.number, |of, now| {
            of.close(now, &mut rng()).map_err(|error| refused(error.code(), &error))
        });
        closed.await?;
        let (closed, signings) = closed_box(&app, contest).await?;
        let (record, list) = (contest.folder.join("closed.json"), app.config.signings(contest.number));
        let closed_at = contest.folder.join(CLOSED_AT);
        let write = move || {
            disk::put_secret(&list, &signings.to_bytes())?;
            disk::put(&closed_at, closed.closing().at.seconds().to_string().as_bytes())?;
            disk::put(&record, ClosedRecord::new(&closed).to_json().as_bytes())
        };
        spawn_blocking(write).await??;
    }
    Ok(Redirect::to("/bureau").into_response())
}

/// The list of signings in its form, for the trustees, who compare it with the list of voters.
pub async fn signings_form(by: Member, Path(number): Path<u64>) -> Answer {
    let bytes = disk::find(&by.app.config.signings(number))?.ok_or(Problem::NotFound)?;
    Ok(download(bytes, "application/octet-stream", &format!("{number}.signings")))
}

/// What there is of each kind, in words: `Endorsements of trustees 1, 3, 4`.
pub fn given(by: &Member, contest: &urne::Contest) -> Vec<String> {
    let folder = by.app.config.public.join(contest.description().number.to_string());
    let closing = folder.join("closing").exists().then(|| by.lang.text("bureau-given-closing"));
    let of_kind = |kind| {
        let trustees = contest.bureau().indices().map(|trustee| trustee.to_string());
        let there: Vec<_> = trustees.filter(|of| folder.join(format!("{of}.{kind}")).exists()).collect();
        let words = || by.lang.with(&format!("bureau-given-{kind}"), &[("trustees", &there.join(", "))]);
        (!there.is_empty()).then(words)
    };
    closing.into_iter().chain(OF_TRUSTEES.into_iter().filter_map(of_kind)).collect()
}

async fn closed_box(app: &App, contest: &Contest) -> Result<(ClosedBox, Signings), Problem> {
    let closed = app.boxes.look(contest.number, |of, _| of.closed()).await?;
    closed.ok_or(Problem::Bad("bureau-not-closed"))
}

/// With the issuer's signature, which is uploaded first. Where there is a second closing nothing more is taken or counted.
fn signed_box(contest: &Contest, closed: ClosedBox) -> Result<SignedBox, Problem> {
    Problem::unless(contest.second_closings().is_empty(), "bureau-second")?;
    Problem::unless(contest.has("closing"), "bureau-no-closing")?;
    let signed = disk::get(contest.folder.join("closing"), SignedClosing::from_bytes)?;
    Ok(SignedBox::new(closed, *signed.issuer_signature())?)
}

/// Any form of issuer or trustees that belongs to the count: its first byte says which it is.
pub async fn upload(State(app): State<Shared>, at: Path<u64>, head: Parts, form: Multipart) -> Answer {
    let Path(number) = at;
    let member = Member::unchecked(&head, &app).await?;
    let bytes = uploaded(&member, form).await?;
    if let Some(contest) = app.waiting.get(&number) {
        let name = check_approval(contest, &bytes)?;
        disk::put(&app.config.public.join(number.to_string()).join(name), &bytes)?;
        return Ok(Redirect::to("/bureau").into_response());
    }
    let (closed, _) = closed_box(&app, app.contest(number)?).await?;
    // Members are in the order of their seats.
    let seat = app.config.bureau.iter().position(|of| of.name == member.session.who);
    let keep = move || {
        let contest = app.contest(number)?;
        let name = check(contest, closed, seat, &bytes)?;
        Ok::<_, Problem>(disk::put(&contest.folder.join(name), &bytes)?)
    };
    // Some are as slow as the audit of a record.
    spawn_blocking(keep).await??;
    Ok(Redirect::to("/bureau").into_response())
}

/// The word against forgery comes before the file.
async fn uploaded(member: &Member, mut form: Multipart) -> Result<Vec<u8>, Problem> {
    let bad = |error: axum::extract::multipart::MultipartError| Problem::Status(error.status());
    let first = form.next_field().await.map_err(bad)?.filter(|field| field.name() == Some("csrf"));
    member.session.check_csrf(&first.ok_or(Problem::Forged)?.text().await.map_err(bad)?)?;
    let file = form.next_field().await.map_err(bad)?.filter(|field| field.name() == Some("file"));
    Ok(file.ok_or(Problem::Status(StatusCode::BAD_REQUEST))?.bytes().await.map_err(bad)?.to_vec())
}

/// The name under which a trustee's approval is kept, if it holds. It is signed, so that anybody of the bureau may bring it.
fn check_approval(contest: &urne::Contest, bytes: &[u8]) -> Result<String, Problem> {
    let kind = bytes.first().copied().and_then(Kind::of_byte);
    Problem::unless(kind == Some(Kind::Approval), "bureau-no-approval")?;
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
    let known = |trustee| Problem::unless(of.bureau().identity(trustee).is_some(), "bureau-no-such-trustee");
    match bytes.first().copied().and_then(Kind::of_byte) {
        Some(Kind::GivenClosing) => {
            let trustee = GivenClosing::from_bytes(bytes)?.trustee;
            known(trustee)?;
            // It is not signed: it is taken from who holds the seat. One that names another closing is for all to see.
            let own = seat.is_some_and(|seat| seat + 1 == usize::from(trustee.get()));
            Problem::unless(own, "bureau-not-your-seat").map(|()| format!("{trustee}.given"))
        }
        Some(Kind::SignedClosing) => {
            let verified = SignedClosing::from_bytes(bytes)?.verify(of);
            let verified = verified.map_err(|error| Problem::refused(error.code(), &error))?;
            // With both signatures another one stops the count: it is kept for all to see.
            Ok(if verified == closed.digest() { "closing".into() } else { format!("{verified}.closing") })
        }
        Some(Kind::Endorsement) => {
            let endorsement = Endorsement::from_bytes(bytes)?;
            let name = format!("{}.endorsement", endorsement.trustee());
            let given = GivenEndorsements::of(&signed_box(contest, closed)?, &[endorsement]);
            given.rejected().first().map_or(Ok(name), |error| Err(Problem::refused(error.code(), error)))
        }
        Some(Kind::Factors) => {
            let factors = DecryptionFactors::from_bytes(bytes)?;
            let name = format!("{}.factors", factors.trustee());
            known(factors.trustee())?;
            let signed = signed_box(contest, closed)?;
            let opened = OpenedTally::open(&signed, &disk::all(&contest.folder)?, &[factors]);
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
pub async fn publish(Path(number): Path<u64>, Posted { by, .. }: Posted<true>) -> Answer {
    let app = by.app;
    let (closed, _) = closed_box(&app, app.contest(number)?).await?;
    let published = spawn_blocking(move || {
        let contest = app.contest(number)?;
        let signed = signed_box(contest, closed)?;
        let opened = OpenedTally::open(&signed, &disk::all(&contest.folder)?, &disk::all(&contest.folder)?)
            .map_err(|error| Problem::refused(error.code(), &error))?;
        let closed = signed.closed();
        let result = Published {
            votes: opened.result().votes().to_vec(),
            blank: opened.result().blank(),
            voters: closed.roll().signed_opening().voters(),
            closed_at: closed.closing().at.seconds(),
            closing: hex(closed.digest().to_bytes()),
            endorsed_by: opened.endorsements().iter().map(|by| by.trustee().get()).collect(),
            opened_by: opened.factors().iter().map(|by| by.trustee().get()).collect(),
        };
        let record = Record::new(&signed, &opened).to_json();
        disk::put(&contest.folder.join("record.json"), record.as_bytes())?;
        Ok::<_, Problem>(disk::put(&contest.folder.join("result.json"), &serde_json::to_vec(&result)?)?)
    });
    published.await??;
    Ok(Redirect::to("/results").into_response())
}

/// A contest that was counted, for pages.
struct Counted<'a> {
    contest: &'a Contest,
    seats: Seats,
    published: Published,
}

impl Counted<'_> {
    /// All that were counted.
    fn all(app: &Shared) -> Result<Vec<Counted<'_>>, Failure> {
        let counted = app.contests.values().filter(|contest| contest.has("result.json"));
        let read = counted.map(|contest| {
            let place = contest.folder.join("result.json");
            let published: Published = disk::get(place, |bytes| serde_json::from_slice(bytes))?;
            let seats = Seats::by_highest_averages(&published.votes, contest.documents.seats);
            Ok(Counted { contest, seats, published })
        });
        read.collect()
    }

    /// Votes for lists.
    fn cast(&self) -> u64 {
        self.published.votes.iter().sum()
    }

    fn ballots(&self) -> u64 {
        self.cast() + self.published.blank
    }

    fn names(&self) -> Vec<&str> {
        self.contest.approved.contest().description().lists.iter().map(|name| name.as_str()).collect()
    }

    /// Of each list name, votes and seats.
    fn lists(&self) -> impl Iterator<Item = ((&str, &u64), &u64)> {
        self.names().into_iter().zip(&self.published.votes).zip(self.seats.certain())
    }

    fn tied(&self, tie: &Tie) -> String {
        let names = self.names();
        let tied: Vec<_> =
            tie.lists.iter().filter_map(|list| names.get(list.checked_sub(1)?).copied()).collect();
        tied.join(", ")
    }
}

page!("results.html", ResultsPage<'a> { page: Page, results: Vec<Counted<'a>> });

/// For everybody.
pub async fn results(by: Asking) -> Answer {
    html(&ResultsPage { page: by.page(), results: Counted::all(&by.app)? })
}

page!("minutes.html", MinutesPage<'a> { page: Page, results: Vec<Counted<'a>>, complaints: i64 });

/// To be printed and signed by hand.
pub async fn minutes(by: Member) -> Answer {
    let complaints = sqlx::query_scalar("SELECT count(*) FROM complaints").fetch_one(&by.app.db).await?;
    html(&MinutesPage { page: by.page(), results: Counted::all(&by.app)?, complaints })
}
