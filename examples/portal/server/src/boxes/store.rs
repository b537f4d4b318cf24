//! Logs and receipts in the database: one connection, which nobody else writes these tables by.

use std::fmt;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Executor, PgConnection, QueryBuilder, SqliteConnection};
use tokio::time::timeout;
use urne::{UnixTime, VoterId};

use crate::db::{PATIENCE, Place};

/// Contest, number, bytes.
pub type Row<'a> = (u64, u64, &'a [u8]);

enum Connected {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

pub struct Store {
    place: Place,
    connected: Option<Connected>,
    /// What may happen to a commit.
    #[cfg(test)]
    pub fault: std::sync::Arc<std::sync::Mutex<Option<Fault>>>,
}

#[cfg(test)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is committed and the answer is lost.
    AnswerLost,
    /// The connection is lost, and it is not committed.
    CommitLost,
    /// The database is away from then on.
    Away,
}

/// Why a batch was not kept.
#[derive(Debug)]
pub enum NotKept {
    /// Nothing of it was.
    Nothing(String),
    /// Another server has written entries of these numbers.
    Forked,
    /// Nobody knows.
    Unknown(String),
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotKept::Nothing(error) => write!(f, "nothing was written: {error}"),
            NotKept::Forked => f.write_str("another server writes the same log"),
            NotKept::Unknown(error) => write!(f, "it is not known whether it was written: {error}"),
        }
    }
}

/// Of both kinds of connection, whose types differ.
macro_rules! on_connection {
    ($connected:expr, $connection:ident, $database:ident => $run:expr) => {
        match $connected {
            Connected::Sqlite($connection) => {
                type $database = sqlx::Sqlite;
                $run
            }
            Connected::Postgres($connection) => {
                type $database = sqlx::Postgres;
                $run
            }
        }
    };
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Store {
    pub fn new(place: Place) -> Self {
        Store {
            place,
            connected: None,
            #[cfg(test)]
            fault: Default::default(),
        }
    }

    async fn connect(&mut self) -> sqlx::Result<&mut Connected> {
        #[cfg(test)]
        if *self.fault.lock().unwrap() == Some(Fault::Away) {
            self.connected = None;
            return Err(sqlx::Error::PoolClosed);
        }
        let connected = match (self.connected.take(), &self.place) {
            (Some(connected), _) => connected,
            (None, Place::Sqlite(place)) => Connected::Sqlite(place.connect().await?),
            (None, Place::Postgres(place)) => {
                let connecting = timeout(PATIENCE, durable(place)).await;
                Connected::Postgres(connecting.map_err(|_| sqlx::Error::PoolTimedOut)??)
            }
        };
        Ok(self.connected.insert(connected))
    }

    /// What was begun on the connection ends with it.
    pub fn disconnect(&mut self) {
        self.connected = None;
    }

    /// Entries after a number, at most so many, with the number of the last.
    pub async fn read(&mut self, contest: u64, after: i64, most: i64) -> sqlx::Result<Vec<(i64, Vec<u8>)>> {
        let read = async |connected: &mut Connected| {
            on_connection!(connected, connection, _Db => sqlx::query_as(
                "SELECT number, bytes FROM entries WHERE contest = $1 AND number > $2 ORDER BY number LIMIT $3")
                .bind(signed(contest)).bind(after).bind(most).fetch_all(connection).await)
        };
        let rows = read(self.connect().await?).await;
        if rows.is_err() {
            self.disconnect();
        }
        rows
    }

    /// How many receipts a contest has.
    pub async fn receipts(&mut self, contest: u64) -> sqlx::Result<i64> {
        let (count,): (i64,) = on_connection!(self.connect().await?, connection, _Db => sqlx::query_as(
            "SELECT count(*) FROM receipts WHERE contest = $1")
            .bind(signed(contest)).fetch_one(connection).await)?;
        Ok(count)
    }

    /// Writes entries and receipts, all or nothing.
    pub async fn keep(
        &mut self,
        entries: &[Row<'_>],
        receipts: &[(u64, &VoterId, UnixTime)],
    ) -> Result<(), NotKept> {
        #[cfg(test)]
        let fault = *self.fault.lock().unwrap();
        let connected = self.connect().await.map_err(|error| NotKept::Nothing(error.to_string()))?;
        let kept = match write(connected, entries, receipts).await {
            // Until it is told to commit the database keeps nothing.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(NotKept::Forked),
            Err(error) => Err(NotKept::Nothing(error.to_string())),
            #[cfg(test)]
            Ok(()) if fault == Some(Fault::CommitLost) => Err(NotKept::Unknown("a test".into())),
            Ok(()) => {
                let commit = on_connection!(connected, connection, _Db => connection.execute("COMMIT").await.map(drop));
                commit.map_err(|error| NotKept::Unknown(error.to_string()))
            }
        };
        #[cfg(test)]
        let kept = match fault {
            Some(Fault::AnswerLost) => kept.and(Err(NotKept::Unknown("a test".into()))),
            _ => kept,
        };
        if kept.is_err() {
            self.disconnect();
        }
        kept
    }
}

/// A connection whose commits are on the disk before they are answered, which PostgreSQL can be told not to do.
async fn durable(place: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let mut connection = place.connect().await?;
    let (fsync, commit): (String, String) =
        sqlx::query_as("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
            .fetch_one(&mut connection)
            .await?;
    if let Some(told) = to_be_durable(&fsync, &commit)? {
        connection.execute(told).await?;
    }
    Ok(connection)
}

/// What PostgreSQL is to be told, by its settings `fsync` and `synchronous_commit`.
fn to_be_durable(fsync: &str, commit: &str) -> sqlx::Result<Option<&'static str>> {
    match (fsync, commit) {
        // What waits for a standby's work too is more, and stays.
        ("on", "on" | "remote_apply") => Ok(None),
        ("on", _) => Ok(Some("SET synchronous_commit = on")),
        _ => Err(sqlx::Error::Configuration(
            "PostgreSQL has fsync off, and would lose acknowledged votes: set it on".into(),
        )),
    }
}

async fn write(
    connected: &mut Connected,
    entries: &[Row<'_>],
    receipts: &[(u64, &VoterId, UnixTime)],
) -> sqlx::Result<()> {
    // SQLite: whoever writes waits here, and not half way.
    let begin = if matches!(connected, Connected::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
    on_connection!(connected, connection, Db => {
        connection.execute(begin).await?;
        let mut insert = QueryBuilder::<Db>::new("INSERT INTO entries(contest, number, bytes) ");
        insert.push_values(entries, |mut row, (contest, number, bytes)| {
            row.push_bind(signed(*contest)).push_bind(signed(*number)).push_bind(bytes.to_vec());
        });
        insert.build().execute(&mut *connection).await?;
        if !receipts.is_empty() {
            let mut insert = QueryBuilder::<Db>::new("INSERT INTO receipts(contest, voter, at) ");
            insert.push_values(receipts, |mut row, (contest, voter, at)| {
                let voter = String::from_utf8_lossy(voter.as_bytes()).into_owned();
                row.push_bind(signed(*contest)).push_bind(voter).push_bind(signed(at.seconds()));
            });
            // A ballot that is sent again has its receipt.
            insert.push(" ON CONFLICT DO NOTHING");
            insert.build().execute(&mut *connection).await?;
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::to_be_durable;

    #[test]
    fn postgresql_is_told_to_keep_what_it_commits_or_is_not_used() {
        for less in ["off", "local", "remote_write"] {
            assert_eq!(to_be_durable("on", less).unwrap(), Some("SET synchronous_commit = on"), "{less}");
        }
        for enough in ["on", "remote_apply"] {
            assert_eq!(to_be_durable("on", enough).unwrap(), None, "{enough}");
            let why = to_be_durable("off", enough).unwrap_err().to_string();
            assert!(why.contains("fsync off"), "{why}");
        }
    }
}
