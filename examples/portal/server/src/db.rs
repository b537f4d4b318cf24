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

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use crate::Failure;

/// Whoever waits longer for the database is told to come back.
pub const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub enum Db {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Runs a statement on whichever database it is: `on!(db, pool => sqlx::query("…").execute(pool).await)`.
#[macro_export]
macro_rules! on {
    ($db:expr, $pool:ident => $run:expr) => {
        match $db {
            $crate::db::Db::Sqlite($pool) => $run,
            $crate::db::Db::Postgres($pool) => $run,
        }
    };
}

const TABLES: &str = include_str!("tables.sql");

/// Where the database is, and how it is reached.
#[derive(Clone)]
pub enum Place {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

impl Place {
    /// Reads `sqlite:FILE` or `postgres://…`. Errors name neither user nor password.
    pub fn read(url: &str, in_clear: bool) -> Result<Place, Failure> {
        if url.starts_with("sqlite:") {
            return Ok(Place::Sqlite(Box::new(sqlite(url)?)));
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
        Ok(Place::Postgres(Box::new(postgres)))
    }
}

impl Db {
    pub async fn open(place: &Place) -> Result<Db, Failure> {
        let (db, bytes) = match place.clone() {
            Place::Sqlite(place) => {
                let options = SqlitePoolOptions::new().max_connections(4).acquire_timeout(PATIENCE);
                // A file does not hang up.
                let options = options.test_before_acquire(false);
                (Db::Sqlite(options.connect_with(*place).await?), "BLOB")
            }
            Place::Postgres(place) => {
                let options = PgPoolOptions::new().max_connections(10).acquire_timeout(PATIENCE);
                (Db::Postgres(options.connect_with(*place).await?), "BYTEA")
            }
        };
        let tables = sqlx::AssertSqlSafe(TABLES.replace("BYTEA", bytes));
        on!(&db, pool => sqlx::raw_sql(tables).execute(pool).await.map(drop))?;
        Ok(db)
    }

    /// Whether it answers.
    pub async fn is_there(&self) -> bool {
        let asked = async { on!(self, pool => sqlx::query("SELECT 1").execute(pool).await.is_ok()) };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or(false)
    }
}

/// Durable at every commit; readers do not wait for the writer. The file is its owner's alone, and what SQLite puts beside
/// it has the same mode.
fn sqlite(url: &str) -> Result<SqliteConnectOptions, Failure> {
    let options = SqliteConnectOptions::from_str(url)?;
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(options.get_filename());
    file.map_err(|error| format!("{}: {error}", options.get_filename().display()))?;
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE))
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
        Db::open(&Place::read(&url, false).unwrap()).await.err().unwrap();
        assert_eq!(heard.join().unwrap(), 0x16);
    }
}
