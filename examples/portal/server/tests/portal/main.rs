//! The server as browsers meet it, without a network: requests go into its router.

mod bureau;
mod database;
#[path = "../common/fixture.rs"]
mod fixture;
mod logins;
mod mails;
mod security;
mod voting;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, Once};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use fixture::Election;
use http_body_util::BodyExt;
use tower::ServiceExt;
use urne_portal::config::Config;
use urne_portal::sessions::From;
use urne_portal::web::{App, Shared, router};

pub const ORIGIN: &str = "http://localhost:8080";
pub const PASSWORD: &str = "correct horse battery";
pub const VOTERS: [&str; 4] = ["ada", "bo", "cy", "di"];

/// What all tests of this program have written into the log.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

pub fn log() -> String {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let writer = || Log;
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(writer)
            .init();
    });
    String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned()
}

struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub struct Portal {
    pub election: Election,
    pub app: Shared,
    pub router: Router,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of a refusal.
    pub fn code(&self) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        json["code"].as_str().unwrap().to_string()
    }

    /// The value of a hidden field.
    pub fn field(&self, name: &str) -> String {
        let text = self.text();
        let at = format!("name=\"{name}\" value=\"");
        let rest = text.split(&at).nth(1).unwrap_or_else(|| panic!("no field {name} in {text}"));
        rest.split('"').next().unwrap().to_string()
    }
}

/// A list of voters with names that are not what a page may show as they are.
pub fn voters_csv() -> String {
    let mut csv = String::from("id,email,name,numen,social10,contests\n");
    for (number, id) in VOTERS.iter().enumerate() {
        let name = [r#"<img src=x onerror=alert(1)>"#, "Zoé Bo", "=1+1;=2+2", "Élan Di"][number];
        csv += &format!("{id},{id}@example.org,{name},12E345678{number}ABC,278017500{number},584 585\n");
    }
    csv
}

impl Portal {
    pub async fn new() -> Portal {
        Portal::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Portal {
        log();
        let election = Election::new(&VOTERS);
        let own = election.folder.join("portal");
        std::fs::write(own.join("voters.csv"), voters_csv()).unwrap();
        let hash = urne_portal::accounts::hash_password(PASSWORD).unwrap();
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../static");
        let text = format!(
            "origin = \"{ORIGIN}\"\nlisten = \"127.0.0.1:0\"\nissuer = \"127.0.0.1:1\"\ndatabase = \"sqlite:data.sqlite\"\nanchors = \"../anchors\"\nmail = \"folder:mail-out\"\nmail_from = \"vote@localhost\"\nstatic = \"{}\"\n\
             complaints_seconds = 60\n[[bureau]]\nname = \"president\"\npassword = \"{hash}\"\n\
             [[bureau]]\nname = \"secretary\"\npassword = \"{hash}\"\n",
            assets.display()
        );
        std::fs::write(own.join("portal.toml"), text).unwrap();
        let mut config = Config::read(&own.join("portal.toml")).unwrap();
        if let Ok(url) = std::env::var("URNE_TEST_DATABASE") {
            config.database = own_database(&url, &election).await;
        }
        config.clock_ahead = Some(own.join("ahead"));
        change(&mut config);
        let app = App::new(config, false).await.unwrap();
        let router = router(&app);
        Portal { election, app, router }
    }

    /// Its clock is ahead by so much; less than before sets it back.
    pub fn set_ahead(&self, seconds: u64) {
        std::fs::write(self.election.folder.join("portal/ahead"), seconds.to_string()).unwrap();
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser {
            portal: self,
            forwarded: None,
            cookies: BTreeMap::new(),
            from: [192, 0, 2, 1],
            csrf: String::new(),
        }
    }

    /// A voter who has a password and is logged in.
    pub async fn logged_in(&self, voter: &str) -> Browser<'_> {
        self.set_password(voter).await;
        let mut browser = self.browser();
        let answer = browser.log_in(&format!("{voter}@example.org"), PASSWORD).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::SEE_OTHER, "/home"),
            "{}",
            answer.text()
        );
        browser.csrf = browser.get("/home").await.field("csrf");
        browser
    }

    pub async fn member(&self) -> Browser<'_> {
        self.member_named("president").await
    }

    pub async fn member_named(&self, name: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let answer = browser.submit_login("/bureau/login", name, PASSWORD).await;
        assert_eq!(answer.header("location"), "/bureau", "{}", answer.text());
        browser.csrf = browser.get("/bureau").await.field("csrf");
        browser
    }

    pub async fn set_password(&self, voter: &str) {
        let now = self.app.clock.seconds();
        let token = urne_portal::accounts::new_link(&self.app.db, voter, now).await.unwrap();
        let answer = self
            .browser()
            .post(&format!("/password/{token}"), &[("password", PASSWORD), ("again", PASSWORD)])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }

    /// What was sent by e-mail so far, without the ends of lines that mailers put in.
    pub fn mails(&self) -> Vec<String> {
        let Ok(folder) = std::fs::read_dir(self.election.folder.join("portal/mail-out")) else {
            return Vec::new();
        };
        folder
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap().replace("=\r\n", ""))
            .collect()
    }
}

/// With `URNE_TEST_DATABASE=postgres://…/postgres` all of this runs on PostgreSQL, each test in a database of its own.
async fn own_database(url: &str, election: &Election) -> String {
    use sqlx::{Connection, Executor};
    let name = election.folder.file_name().unwrap().to_str().unwrap().replace('-', "_");
    let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
    for statement in [
        format!("DROP DATABASE IF EXISTS {name}"),
        format!("CREATE DATABASE {name}"),
        // Who does not ask for more is answered before anything is on the disk.
        format!("ALTER DATABASE {name} SET synchronous_commit = local"),
        format!("ALTER ROLE CURRENT_USER IN DATABASE {name} SET synchronous_commit = off"),
    ] {
        connection.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    }
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.app.boxes.stop();
    }
}

pub struct Browser<'a> {
    pub portal: &'a Portal,
    pub cookies: BTreeMap<String, String>,
    pub from: [u8; 4],
    /// What a proxy, or whoever says to be one, says of where a request is from.
    pub forwarded: Option<String>,
    /// The word against forgery, once there is one.
    pub csrf: String,
}

impl Browser<'_> {
    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Request::builder().method(method).uri(path).header(header::COOKIE, cookies.join("; "))
    }

    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let mut request = request;
        request.extensions_mut().insert(From(self.from.into()));
        if let Some(forwarded) = &self.forwarded {
            request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        let response = self.portal.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        for cookie in headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.into(), rest.split(';').next().unwrap().into());
        }
        Answer { status, headers, body }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// A form of one of our own pages.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .request("POST", path)
            .header("origin", ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form(fields)))
            .unwrap();
        self.send(request).await
    }

    /// The same with the word against forgery.
    pub async fn post_signed(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf.clone();
        let fields: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.post(path, &fields).await
    }

    /// What the booth sends.
    pub async fn api(&mut self, path: &str, bytes: Vec<u8>) -> Answer {
        let request = self.request("POST", path).header("origin", ORIGIN).header("x-csrf", &self.csrf);
        let request =
            request.header(header::CONTENT_TYPE, "application/octet-stream").body(Body::from(bytes)).unwrap();
        self.send(request).await
    }

    pub async fn log_in(&mut self, email: &str, password: &str) -> Answer {
        self.submit_login("/login", email, password).await
    }

    pub async fn submit_login(&mut self, path: &str, email: &str, password: &str) -> Answer {
        let page = if path == "/login" { "/" } else { path };
        let (name, digits) = self.captcha(page).await;
        let fields =
            [("email", email), ("password", password), ("captcha_name", &name), ("captcha", &digits)];
        self.post(path, &fields).await
    }

    /// A captcha of a page, and its digits, which a person would see.
    pub async fn captcha(&mut self, page: &str) -> (String, String) {
        let name = self.get(page).await.field("captcha_name");
        let digits = self.portal.app.captchas.digits(&name).unwrap();
        (name, digits.iter().map(u8::to_string).collect())
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}
