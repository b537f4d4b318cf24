//! The database: SQLite in a file, or PostgreSQL by its URL. The same statements serve both.
//!
//! What goes to a PostgreSQL of another machine, ballots and hashes of passwords, goes by TLS to the machine that its
//! certificate names (`sslmode=verify-full`, with `sslrootcert=FILE` for an authority of one's own), or not at all. Its
//! password belongs into `portal.toml`, which is the server's alone, `~/.pgpass` or `PGPASSWORD`, and not on a command line.

use std::fs::OpenOptions;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Executor};

use crate::{Failure, disk};

/// Whoever waits longer for the database is told to come back.
pub const PATIENCE: Duration = Duration::from_secs(5);

pub type Db = AnyPool;

const TABLES: &str = include_str!("tables.sql");

/// What SQLite is told on each connection: durable at every commit; readers do not wait for the writer. sqlx says how
/// long it waits for others that write, which is [`PATIENCE`] too.
const DURABLE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL";

/// A statement of sqlx with its values, `$1` first: `sql!(query, "…", voter, now).execute(db)`.
macro_rules! sql {
    ($kind:ident, $text:expr $(, $value:expr)+ $(,)?) => {
        sqlx::$kind($text)$(.bind($value))+
    };
}
pub(crate) use sql;

/// Where the database is, and how it is reached.
#[derive(Clone)]
pub struct Place {
    options: AnyConnectOptions,
    /// What each connection is told first.
    pub told: String,
}

impl Place {
    /// Reads `sqlite:FILE` or `postgres://…`. Errors name neither user nor password.
    pub fn read(url: &str, in_clear: bool) -> Result<Place, Failure> {
        install_default_drivers();
        if url.starts_with("sqlite:") {
            let options: AnyConnectOptions = url.parse()?;
            make_file(&SqliteConnectOptions::from_url(&options.database_url)?)?;
            return Ok(Place { options, told: DURABLE.into() });
        }
        let postgres =
            PgConnectOptions::from_str(url).map_err(|_| "database: this is no postgres://… that reads")?;
        let host = postgres.get_host();
        let here = postgres.get_socket().is_some()
            || host.starts_with('/')
            || host == "localhost"
            || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if !here && !in_clear && !matches!(postgres.get_ssl_mode(), PgSslMode::VerifyFull) {
            let why = "is another machine, and nothing says that it is the right one that hears what goes there: add \
                       sslmode=verify-full, or say database_in_clear_over_the_network = true";
            return Err(format!("database: {host} {why}").into());
        }
        Ok(Place { options: url.parse()?, told: String::new() })
    }

    pub fn is_sqlite(&self) -> bool {
        self.options.database_url.scheme() == "sqlite"
    }

    /// One connection.
    pub async fn connect(&self) -> sqlx::Result<AnyConnection> {
        let mut connection = self.options.connect().await?;
        connection.execute(AssertSqlSafe(self.told.as_str())).await?;
        Ok(connection)
    }

    /// As many as there may be, and the tables.
    pub async fn open(&self) -> Result<Db, Failure> {
        let told = self.told.clone();
        let options = AnyPoolOptions::new()
            .acquire_timeout(PATIENCE)
            .max_connections(if self.is_sqlite() { 4 } else { 10 })
            // A file does not hang up.
            .test_before_acquire(!self.is_sqlite())
            .after_connect(move |connection, _| {
                let told = AssertSqlSafe(told.clone());
                Box::pin(async { connection.execute(told).await.map(drop) })
            });
        let db = options.connect_with(self.options.clone()).await?;
        let bytes = if self.is_sqlite() { "BLOB" } else { "BYTEA" };
        sqlx::raw_sql(AssertSqlSafe(TABLES.replace("BYTEA", bytes))).execute(&db).await?;
        Ok(db)
    }
}

/// Whether it answers.
pub async fn is_there(db: &Db) -> bool {
    tokio::time::timeout(PATIENCE, sqlx::query("SELECT 1").execute(db)).await.is_ok_and(|asked| asked.is_ok())
}

/// The file is its owner's alone, and what SQLite puts beside it has the same mode.
fn make_file(of: &SqliteConnectOptions) -> Result<(), Failure> {
    let place = of.get_filename();
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(place);
    file.map(drop).map_err(|error| disk::named(place, error))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn another_machine_is_reached_by_tls_or_not_at_all() {
        let read = |url: &str, in_clear| Place::read(url, in_clear).err().map(|error| error.to_string());
        for here in ["localhost", "127.0.0.1", "127.8.9.1:5433", "[::1]", "%2Fvar%2Frun%2Fpostgresql"] {
            assert_eq!(read(&format!("postgres://u:p@{here}/d"), false), None, "{here}");
        }
        assert_eq!(read("postgres://u@x/d?host=/var/run", false), None);
        for away in ["db.example.org", "192.0.2.1", "localhost.example.org", "[2001:db8::1]"] {
            for mode in ["", "?sslmode=disable", "?sslmode=prefer", "?sslmode=require", "?sslmode=verify-ca"]
            {
                let url = format!("postgres://u:secret@{away}/d{mode}");
                let why = read(&url, false).unwrap();
                assert!(why.contains("sslmode=verify-full") && !why.contains("secret"), "{why}");
                assert_eq!(read(&url, true), None);
            }
            assert_eq!(read(&format!("postgres://u@{away}/d?sslmode=verify-full"), false), None);
        }
        // What is connected to is what is looked at.
        assert!(read("postgres://u@localhost/d?host=192.0.2.1", false).is_some());
        assert!(read("postgres://u@localhost/d?hostaddr=192.0.2.1", false).is_some());
        assert!(!read("postgres://u:secret@[x/d", false).unwrap().contains("secret"));
    }

    /// To a server that has TLS it is spoken: the next byte begins a handshake.
    #[tokio::test]
    async fn tls_is_spoken() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgres://u@{}/d?sslmode=verify-full", server.local_addr().unwrap());
        let heard = std::thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let (mut asked, mut next) = ([0; 8], [0; 1]);
            stream.read_exact(&mut asked).unwrap();
            stream.write_all(b"S").unwrap();
            stream.read_exact(&mut next).unwrap();
            next[0]
        });
        Place::read(&url, false).unwrap().open().await.err().unwrap();
        assert_eq!(heard.join().unwrap(), 0x16);
    }
}
