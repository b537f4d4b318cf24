//! The bureau's pages, and the count from the close to the published record.

use axum::body::Body;
use axum::http::{StatusCode, header};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use urne::ballot_box::{Complaints, Head, SignedBox, SignedClosing, SignedOpening, Signings};
use urne::{
    AuditReport, BallotBox, Choice, ClosedRecord, ElectoralRoll, IdentitySecret, Issuer, Record, SigningKey,
    UnixTime, VoterId,
};

use crate::fixture::{self, CLOSES_IN, Election, GRACE};
use urne_portal::i18n::Lang;

use crate::{Answer, Browser, ORIGIN, Portal, VOTERS};

impl Browser<'_> {
    async fn upload(&mut self, contest: u64, csrf: &str, bytes: &[u8]) -> Answer {
        let mut body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--b\r\nContent-Disposition: form-data; \
             name=\"file\"; filename=\"x\"\r\n\r\n"
        )
        .into_bytes();
        body.extend(bytes);
        body.extend(b"\r\n--b--\r\n");
        let request = self
            .request("POST", &format!("/bureau/{contest}/upload"))
            .header("origin", ORIGIN)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }
}

#[tokio::test]
async fn counter_signings_and_turnout() {
    let portal = Portal::new().await;
    let mut member = portal.member().await;
    for (voter, choice) in [("di", Choice::List(1)), ("cy", Choice::Blank), ("bo", Choice::List(2))] {
        portal.logged_in(voter).await.vote(584, voter, choice).await;
    }
    let page = member.get("/bureau").await.text();
    assert!(page.contains("data-counter=\"584\">3</td>") && page.contains(">75.00</td>"), "{page}");
    assert!(page.contains("data-counter=\"585\">0</td>"));
    // In the order of the alphabet and not of the votes, and without times.
    let list = member.get("/bureau/584/signings").await.text();
    let places = ["=1+1;", "Élan Di", "Zoé Bo"].map(|name| list.find(name).unwrap());
    assert!(places.is_sorted() && !list.contains("heure de Paris"), "{list}");
    let english = member.get("/bureau/584/signings?lang=en").await.text();
    assert!(english.contains("3 signings") && english.contains("\"?lang=fr\""), "{english}");
    member.get("/bureau?lang=fr").await;
    let csv = member.get("/bureau/584/signings.csv").await;
    assert_eq!(
        csv.text(),
        "\"Nom\",\"Identifiant\"\n\"'=1+1;'=2+2\",\"cy\"\n\"Élan Di\",\"di\"\n\"Zoé Bo\",\"bo\"\n"
    );
    assert!(csv.header("content-disposition").contains("emargement-584.csv"));
    // No list of voters has such a name.
    sqlx::query("UPDATE voters SET name = $1 WHERE id = 'bo'")
        .bind("Bo\u{202e}\u{200b}")
        .execute(&portal.app.db)
        .await
        .map(drop)
        .unwrap();
    let csv = member.get("/bureau/584/signings.csv").await.text();
    assert!(csv.contains("\"Bo\\u{202e}\\u{200b}\",\"bo\""), "{csv}");
    let day = portal.app.clock.day(portal.app.clock.seconds());
    let turnout = format!("<th scope=\"row\">{day}</th><td>3</td><td>0</td>");
    assert!(member.get("/bureau").await.text().contains(&turnout), "{turnout}");
    // Of voters and of nobody.
    for path in [
        "/bureau",
        "/bureau/584/signings",
        "/bureau/584/signings.csv",
        "/bureau/integrity",
        "/bureau/complaints",
    ] {
        assert_eq!(portal.browser().get(path).await.header("location"), "/bureau/login", "{path}");
        assert_eq!(
            portal.logged_in("ada").await.get(path).await.header("location"),
            "/bureau/login",
            "{path}"
        );
    }
    assert_eq!(member.get("/home").await.header("location"), "/");
}

#[tokio::test]
async fn integrity_is_told_from_the_last_look() {
    let portal = Portal::new().await;
    let mut member = portal.member().await;
    assert!(member.get("/bureau/integrity").await.text().contains("pas encore fait de contrôle"));
    portal.logged_in("ada").await.vote(584, "ada", Choice::Blank).await;
    member.post_signed("/bureau/integrity", &[]).await;
    portal.logged_in("bo").await.vote(584, "bo", Choice::Blank).await;
    let page = member.get("/bureau/integrity").await.text();
    assert!(
        page.contains("prolonge celle de votre dernier contrôle") && page.contains(": 1 bulletin."),
        "{page}"
    );
    assert!(page.contains("2 bulletins dans l’urne, 2 émargements"), "{page}");
    // The proof is the box's, for the member's own machine.
    assert!(page.contains("/api/584/consistency/1\""), "{page}");
    // What the page cannot show is said, and the head goes to the trustees as a file.
    assert!(
        page.contains("la parole du serveur lui-même") && page.contains("/bureau/584/box.head"),
        "{page}"
    );
    let file = member.get("/bureau/584/box.head").await;
    assert!(file.header("content-disposition").contains("\"584-2.head\""));
    let head = Head::from_bytes(&file.body).unwrap();
    let contest = portal.election.contest(584).contest();
    portal.election.trustee.borrow_mut().show_head(contest, &head).unwrap().stored();
    assert_eq!(portal.browser().get("/bureau/584/box.head").await.header("location"), "/bureau/login");
    // A head of this size under another root, as of a box that was rewritten.
    let head = portal.app.boxes.look(585, |of, _| of.head().to_bytes()).await.unwrap();
    sqlx::query("UPDATE reviews SET head = $1 WHERE contest = 584")
        .bind(head)
        .execute(&portal.app.db)
        .await
        .map(drop)
        .unwrap();
    let page = member.get("/bureau/integrity").await.text();
    assert!(page.contains("ALERTE"), "{page}");
    // And it stays what was seen last: nobody clicks an alert away.
    member.post_signed("/bureau/integrity", &[]).await;
    assert!(member.get("/bureau/integrity").await.text().contains("ALERTE"));
}

/// Before there are codes: trustees bring what they approved on their own machines.
#[tokio::test]
async fn contests_are_approved_by_what_trustees_upload() {
    let unapproved = |config: &mut urne_portal::config::Config| {
        for number in fixture::NUMBERS {
            let folder = config.public.join(number.to_string());
            let approved = std::fs::read(folder.join("approved.json")).unwrap();
            let approved = urne::ApprovedContest::from_json(&approved).unwrap();
            std::fs::write(folder.join("contest.json"), approved.contest().to_json()).unwrap();
            std::fs::remove_file(folder.join("approved.json")).unwrap();
        }
    };
    let portal = Portal::with(unapproved).await;
    let contest = portal.election.contest(584);
    let approval = contest.approvals()[0].to_bytes();
    let mut member = portal.member_named("secretary").await;
    let csrf = member.csrf.clone();
    let page = member.get("/bureau").await.text();
    assert!(page.contains(&contest.fingerprint().to_string()) && page.contains("À approuver"), "{page}");
    assert_eq!(member.get("/public/584/contest.json").await.body, contest.contest().to_json().into_bytes());
    assert_eq!(member.get("/public/584/documents").await.status, StatusCode::OK);
    assert_eq!(portal.browser().get("/healthz").await.status, StatusCode::OK);
    // Another contest's, an edited one, another form, nobody's word, a contest that there is not.
    assert_eq!(member.upload(585, &csrf, &approval).await.status, StatusCode::CONFLICT);
    let mut edited = approval.to_vec();
    *edited.last_mut().unwrap() ^= 1;
    let refused = member.upload(584, &csrf, &edited).await;
    assert!(!refused.status.is_success() && !refused.status.is_redirection(), "{}", refused.text());
    let ballot = portal.election.ballot(584, "ada", Choice::Blank);
    for other in [&ballot[..], b"", &approval[..5]] {
        assert_eq!(member.upload(584, &csrf, other).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(member.upload(584, "", &approval).await.status, StatusCode::FORBIDDEN);
    assert_eq!(member.upload(9, &csrf, &approval).await.status, StatusCode::NOT_FOUND);
    assert_eq!(member.get("/public/584/1.approval").await.status, StatusCode::NOT_FOUND);
    assert_eq!(member.upload(584, &csrf, &approval).await.header("location"), "/bureau");
    assert!(member.get("/bureau").await.text().contains("<li>Approbations des détenteurs de clé 1</li>"));
    // What setup makes the approved contest of.
    let kept = urne::contest::Approval::from_bytes(&member.get("/public/584/1.approval").await.body).unwrap();
    let approved = urne::ApprovedContest::new(contest.contest().clone(), vec![kept]).unwrap();
    assert_eq!(&approved, contest);
}

/// Of a box without ballots under the same opening, with the signatures of box and issuer.
fn second_closing(election: &Election) -> Vec<u8> {
    let (contest, later) =
        (election.contest(584), UnixTime::from_seconds(fixture::now() + CLOSES_IN + GRACE + 50));
    let roll = std::fs::read(election.folder.join("portal/584.roll.opened")).unwrap();
    let roll = ElectoralRoll::from_bytes(contest.clone(), &roll).unwrap();
    let opening = std::fs::read(election.folder.join("public/584/opening")).unwrap();
    let opening = *SignedOpening::from_bytes(&opening).unwrap().opening();
    let key = SigningKey::from_seed(&election.box_key);
    let mut other = BallotBox::open(roll, opening, key).unwrap().stored();
    let mut transaction = other.transaction();
    transaction.close(later, &mut fixture::rng()).unwrap();
    transaction.stored();
    let (closed, _) = other.closed().unwrap();
    let mut issuer = Issuer::from_bytes(&election.issuer_after).unwrap();
    issuer.given(&closed, later).unwrap().stored();
    let complaints = Complaints { seconds: 0, given: &[] };
    let signature = issuer.sign_closing(&closed, &complaints, later).unwrap().stored();
    SignedClosing::of(&SignedBox::new(closed, signature).unwrap()).to_bytes()
}

/// Until when complaints are taken, as the library counts it at the earliest, bureau and voters are told.
async fn say_until_when(portal: &Portal, member: &mut Browser<'_>, closed_at: u64) {
    let until = portal.app.clock.text(Lang::Fr, closed_at + 60);
    let said = format!("CSA 584 : les réclamations sur la clôture sont reçues au moins jusqu’au {until}.");
    let mut ada = portal.logged_in("ada").await;
    for page in [member.get("/bureau").await.text(), ada.get("/complaint").await.text()] {
        assert!(page.contains(&said) && page.contains("jamais plus court"), "{said} in {page}");
    }
}

#[tokio::test]
async fn from_the_close_to_the_published_record() {
    let portal = Portal::new().await;
    let votes = [("ada", Choice::List(2)), ("bo", Choice::List(2)), ("cy", Choice::Blank)];
    for (voter, choice) in votes {
        portal.logged_in(voter).await.vote(584, voter, choice).await;
    }
    let mut member = portal.member().await;
    member.post_signed("/bureau/close", &[]).await;
    assert_eq!(member.get("/public/584/closed.json").await.status, StatusCode::NOT_FOUND);
    say_until_when(&portal, &mut member, portal.app.contests[&584].ends_at()).await;
    let early = member.upload(584, &member.csrf.clone(), b"anything").await;
    assert!(early.text().contains("lang=\"fr\">L’urne n’est pas close."), "{}", early.text());
    portal.set_ahead(CLOSES_IN + GRACE + 10);
    let mut member = portal.member().await;
    assert_eq!(member.post_signed("/bureau/close", &[]).await.header("location"), "/bureau");
    let record = member.get("/public/584/closed.json").await.body;
    let closed = ClosedRecord::from_json(&record).unwrap().verify(&mut |_| ()).unwrap();
    let closed_at = closed.closing().at.seconds();
    assert!(closed_at > portal.app.contests[&584].ends_at());
    say_until_when(&portal, &mut member, closed_at).await;
    // Closed again, it is the same.
    member.post_signed("/bureau/close", &[]).await;
    assert_eq!(member.get("/public/584/closed.json").await.body, record);
    let signings = Signings::from_bytes(&member.get("/bureau/584/signings.urne").await.body).unwrap();
    assert_eq!(signings.voters().len(), 3);
    assert_eq!(portal.browser().get("/bureau/584/signings.urne").await.header("location"), "/bureau/login");
    assert_eq!(portal.browser().get("/public/584/signings").await.status, StatusCode::NOT_FOUND);

    // On the machines of issuer and trustee.
    let later = UnixTime::from_seconds(fixture::now() + CLOSES_IN + GRACE + 100);
    let rng = &mut fixture::rng();
    let at = closed.closing().at;
    portal.election.issuer.borrow_mut().given(&closed, at).unwrap().stored();
    let given = portal.election.trustee.borrow_mut().given(&closed, at).unwrap().stored();
    let all_given = [given];
    let complaints = Complaints { seconds: 60, given: &all_given };
    let signature =
        portal.election.issuer.borrow_mut().sign_closing(&closed, &complaints, later).unwrap().stored();
    let signed = SignedBox::new(closed, signature).unwrap();
    let voters: BTreeSet<_> = VOTERS.iter().map(|voter| VoterId::new(*voter).unwrap()).collect();
    let (endorsement, ready, factors) = {
        let trustee = &mut *portal.election.trustee.borrow_mut();
        let endorsement =
            trustee.endorse(&signed, &signings, &voters, &complaints, later, rng).unwrap().stored();
        let ready = trustee.ready(&signed, &[endorsement]).unwrap();
        let factors = trustee.give_factors(&signed, &[endorsement], &[ready], rng).unwrap().stored();
        (endorsement, ready, factors)
    };
    let closing = SignedClosing::of(&signed).to_bytes();

    let csrf = member.csrf.clone();
    let edited = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    // What does not hold is not kept, and what comes too early is told why.
    assert_eq!(member.upload(584, "", &closing).await.status, StatusCode::FORBIDDEN);
    assert!(member.upload(584, &csrf, &endorsement.to_bytes()).await.text().contains("pas encore signée"));
    assert_eq!(member.upload(584, &csrf, &edited(&closing)).await.status, StatusCode::CONFLICT);
    // What is not signed nobody says for another, and nobody takes back for another.
    let mut other = portal.member_named("secretary").await;
    let token = other.csrf.clone();
    assert!(other.upload(584, &token, &given.to_bytes()).await.text().contains("la parole d’un autre"));
    // Who is ready says so in one room: whoever could write it here would have factors given early.
    assert!(member.upload(584, &csrf, &ready.to_bytes()).await.text().contains("pas par le portail"));
    assert_eq!(member.upload(584, &csrf, &given.to_bytes()).await.header("location"), "/bureau");
    assert_eq!(member.upload(584, &csrf, &closing).await.header("location"), "/bureau");
    assert_eq!(member.upload(585, &csrf, &closing).await.status, StatusCode::CONFLICT);
    assert_eq!(member.upload(584, &csrf, &factors.to_bytes()).await.status, StatusCode::CONFLICT);
    let bad = member.upload(584, &csrf, &edited(&endorsement.to_bytes())).await;
    assert!(!bad.status.is_success() && !bad.status.is_redirection(), "{}", bad.text());
    assert_eq!(member.get("/public/584/1.endorsement").await.status, StatusCode::NOT_FOUND);
    assert_eq!(member.upload(584, &csrf, &endorsement.to_bytes()).await.header("location"), "/bureau");
    assert_eq!(member.post_signed("/bureau/584/publish", &[]).await.status, StatusCode::CONFLICT);
    let bad = member.upload(584, &csrf, &edited(&factors.to_bytes())).await;
    assert!(!bad.status.is_success() && !bad.status.is_redirection(), "{}", bad.text());
    assert_eq!(member.upload(584, &csrf, &factors.to_bytes()).await.header("location"), "/bureau");
    assert_eq!(member.upload(584, &csrf, b"").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        member.upload(584, &csrf, &portal.election.ballot(584, "di", Choice::Blank)).await.status,
        StatusCode::BAD_REQUEST
    );
    let page = member.get("/bureau").await.text();
    for line in [
        "<li>Clôture signée par l’émetteur</li>",
        "<li>Clôture reçue, selon les détenteurs de clé 1</li>",
        "<li>Avals des détenteurs de clé 1</li>",
        "<li>Facteurs de déchiffrement des détenteurs de clé 1</li>",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
    assert!(portal.browser().get("/results").await.text().contains("Aucun résultat"));
    // A second closing that is there before the publication stops it, and what leads to it.
    let second = second_closing(&portal.election);
    // Not what nobody has signed, whoever put it there.
    let unsigned = portal.app.contests[&584].folder.join(format!("{}.closing", "ab".repeat(32)));
    std::fs::write(&unsigned, edited(&second)).unwrap();
    assert_eq!(portal.app.contests[&584].second_closings(), [""; 0]);
    assert_eq!(member.upload(584, &csrf, &second).await.header("location"), "/bureau");
    for form in [endorsement.to_bytes().to_vec(), factors.to_bytes().to_vec()] {
        let refused = member.upload(584, &csrf, &form).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text().contains("seconde clôture de ce scrutin"), "{}", refused.text());
    }
    let refused = member.post_signed("/bureau/584/publish?lang=en", &[]).await;
    assert!(
        refused.text().contains("a second closing of this contest: the count stops"),
        "{}",
        refused.text()
    );
    assert_eq!(member.get("/public/584/record.json?lang=fr").await.status, StatusCode::NOT_FOUND);
    for name in portal.app.contests[&584].second_closings() {
        std::fs::remove_file(portal.app.contests[&584].folder.join(name)).unwrap();
    }
    assert!(unsigned.exists());
    assert_eq!(member.post_signed("/bureau/584/publish", &[]).await.header("location"), "/results");
    let record = Record::from_json(&member.get("/public/584/record.json").await.body).unwrap();
    let report = AuditReport::of(&record, &mut |_| ()).expecting(portal.election.contest(584).fingerprint());
    assert!(report.verdict().is_ok(), "{report}");
    assert_eq!((record.result.votes, record.result.blank), (vec![0, 2], 1));
    let results = portal.browser().get("/results").await.text();
    assert!(results.contains("<td>2</td><td>100.00</td><td>3</td>"), "{results}");
    assert!(
        results.contains("1 vote blanc.")
            && results.contains("viewBox=\"0 0 2 20\"")
            && results.contains("<rect width=\"2\" height=\"20\"/>"),
        "{results}"
    );
    // A second closing that somebody was shown is there for all to see, and for trustees to take.
    assert_eq!(member.upload(584, &csrf, &edited(&second)).await.status, StatusCode::CONFLICT);
    for page in [member.get("/bureau").await.text(), portal.browser().get("/results").await.text()] {
        assert!(!page.contains("seconde clôture"), "{page}");
    }
    assert_eq!(member.upload(584, &csrf, &second).await.header("location"), "/bureau");
    for page in [member.get("/bureau").await.text(), portal.browser().get("/results").await.text()] {
        assert!(page.contains("ALERTE : CSA 584 a une seconde clôture"), "{page}");
        let name =
            page.split("href=\"/public/584/").find_map(|rest| rest.split_once(".closing\"")).unwrap().0;
        assert_eq!(portal.browser().get(&format!("/public/584/{name}.closing")).await.body, second);
    }
    assert_eq!(member.get("/public/584/closing").await.body, closing, "the first stays");
    let minutes = member.get("/bureau/minutes").await.text();
    assert!(
        minutes.contains("3 (75.00 %)")
            && minutes.contains(&urne_portal::accounts::hex(signed.closed().digest().to_bytes()))
    );
}

/// A trustee who picks the wrong file: it is refused in every state of the contest, and nothing of it stays.
#[tokio::test]
async fn no_secret_of_a_trustee_is_kept() {
    let portal = Portal::new().await;
    let secret = IdentitySecret::generate(&mut fixture::rng());
    let (memory, secret) = (portal.election.trustee.borrow().to_bytes(), secret.to_bytes());
    let mut files = vec![memory.to_vec(), secret.to_vec(), b"age-encryption.org/v1\n-> scrypt".to_vec()];
    // As text too, which other programs keep.
    files.extend([memory, secret].map(|bytes| urne_portal::accounts::hex(&bytes[..]).into_bytes()));
    let kept = |folder: &Path| {
        let mut folders = vec![folder.to_path_buf()];
        let mut all = BTreeMap::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let place = entry.unwrap().path();
                match place.is_dir() {
                    true => folders.push(place),
                    false => _ = all.insert(place.clone(), std::fs::read(place).unwrap()),
                }
            }
        }
        all
    };
    for (closed, why) in [(false, "L’urne n’est pas close."), (true, "Ce fichier n’est ni")] {
        if closed {
            portal.set_ahead(CLOSES_IN + GRACE + 10);
        }
        let mut member = portal.member().await;
        if closed {
            member.post_signed("/bureau/close", &[]).await;
        }
        let (csrf, before) = (member.csrf.clone(), kept(&portal.election.folder));
        assert!(before.len() > 8);
        for file in &files {
            let refused = member.upload(584, &csrf, file).await;
            assert_eq!(refused.status, StatusCode::BAD_REQUEST);
            assert!(refused.text().contains(why), "{}", refused.text());
        }
        let after = kept(&portal.election.folder);
        assert!(before.keys().eq(after.keys()), "a file more, or less");
        for (place, bytes) in after {
            for file in &files {
                assert!(!bytes.windows(file.len() - 2).any(|part| part == &file[2..]), "{}", place.display());
            }
        }
    }
}
