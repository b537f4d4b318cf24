//! The database: SQLite in a file, or PostgreSQL by its URL. The same statements serve both.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgPoolOptions;
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

/// Of both dialects but for the type of bytes.
const TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS voters(id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, \
     folded TEXT NOT NULL, numen TEXT NOT NULL, social10 TEXT NOT NULL, password TEXT)",
    "CREATE TABLE IF NOT EXISTS entitled(contest BIGINT NOT NULL, voter TEXT NOT NULL, PRIMARY KEY(contest, voter))",
    // The logs of the boxes. Two servers cannot both write entry n.
    "CREATE TABLE IF NOT EXISTS entries(contest BIGINT NOT NULL, number BIGINT NOT NULL, bytes BYTEA NOT NULL, \
     PRIMARY KEY(contest, number))",
    // Who has voted. `proof_given`: the deposit proof is offered once.
    "CREATE TABLE IF NOT EXISTS receipts(contest BIGINT NOT NULL, voter TEXT NOT NULL, at BIGINT NOT NULL, \
     proof_given BIGINT NOT NULL DEFAULT 0, PRIMARY KEY(contest, voter))",
    "CREATE TABLE IF NOT EXISTS sessions(hash BYTEA PRIMARY KEY, bureau BIGINT NOT NULL, who TEXT NOT NULL, \
     csrf TEXT NOT NULL, created BIGINT NOT NULL, ended BIGINT NOT NULL DEFAULT 0)",
    "CREATE TABLE IF NOT EXISTS tokens(hash BYTEA PRIMARY KEY, voter TEXT NOT NULL, expires BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS complaints(id TEXT PRIMARY KEY, voter TEXT NOT NULL, text TEXT NOT NULL, \
     at BIGINT NOT NULL, answer TEXT, answered_by TEXT, answered_at BIGINT)",
    // The head that a member of the bureau saw last.
    "CREATE TABLE IF NOT EXISTS reviews(member TEXT NOT NULL, contest BIGINT NOT NULL, head BYTEA NOT NULL, \
     at BIGINT NOT NULL, PRIMARY KEY(member, contest))",
];

impl Db {
    pub async fn open(url: &str) -> Result<Db, Failure> {
        let db = if url.starts_with("sqlite:") {
            let options = SqlitePoolOptions::new().max_connections(4).acquire_timeout(PATIENCE);
            Db::Sqlite(options.connect_with(sqlite_options(url)?).await?)
        } else {
            let options = PgPoolOptions::new().max_connections(10).acquire_timeout(PATIENCE);
            Db::Postgres(options.connect(url).await?)
        };
        for table in TABLES {
            match &db {
                Db::Sqlite(pool) => {
                    let table = table.replace("BYTEA", "BLOB");
                    sqlx::query(sqlx::AssertSqlSafe(table)).execute(pool).await.map(drop)?;
                }
                Db::Postgres(pool) => sqlx::query(*table).execute(pool).await.map(drop)?,
            }
        }
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
pub fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, sqlx::Error> {
    let options = SqliteConnectOptions::from_str(url)?;
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(options.get_filename());
    file.map_err(sqlx::Error::Io)?;
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE))
}
