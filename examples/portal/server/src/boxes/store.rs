//! Logs and receipts in the database: one connection, which nobody else writes these tables by.

use sqlx::{AnyConnection, AssertSqlSafe, Executor};
use tokio::time::timeout;
use urne::ballot_box::LogEntry;
use urne::{UnixTime, VoterId};

use super::LONGEST;
use crate::db::{PATIENCE, Place};

/// Of a contest's log.
pub type Row<'a> = (u64, &'a LogEntry);
/// Contest, who has voted, and when.
pub type Voted<'a> = (u64, &'a VoterId, UnixTime);

pub struct Store {
    place: Place,
    connection: Option<AnyConnection>,
    #[cfg(test)]
    pub faults: super::tests::Faults,
}

/// Why a batch was not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    #[error("nothing was written: {0}")]
    Nothing(String),
    /// It has written entries of these numbers.
    #[error("another server writes the same log")]
    Forked,
    #[error("it is not known whether it was written: {0}")]
    Unknown(String),
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Store {
    pub fn new(place: Place) -> Self {
        Store {
            place,
            connection: None,
            #[cfg(test)]
            faults: Default::default(),
        }
    }

    async fn connection(&mut self) -> sqlx::Result<&mut AnyConnection> {
        #[cfg(test)]
        self.faults.connecting()?;
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                timeout(PATIENCE, durable(&self.place)).await.map_err(|_| sqlx::Error::PoolTimedOut)??
            }
        };
        Ok(self.connection.insert(connection))
    }

    /// Entries after a number, at most so many, with the number of the last.
    pub async fn read(&mut self, contest: u64, after: i64, most: i64) -> sqlx::Result<Vec<(i64, Vec<u8>)>> {
        let text =
            "SELECT number, bytes FROM entries WHERE contest = $1 AND number > $2 ORDER BY number LIMIT $3";
        let query = sqlx::query_as(text).bind(signed(contest)).bind(after).bind(most);
        let rows = query.fetch_all(self.connection().await?).await;
        // The next time by another.
        rows.inspect_err(|_| self.connection = None)
    }

    /// How many receipts a contest has.
    pub async fn receipts(&mut self, contest: u64) -> sqlx::Result<i64> {
        let query = sqlx::query_scalar("SELECT count(*) FROM receipts WHERE contest = $1");
        query.bind(signed(contest)).fetch_one(self.connection().await?).await
    }

    /// Writes entries and receipts, all or nothing.
    pub async fn keep(&mut self, entries: &[Row<'_>], receipts: &[Voted<'_>]) -> Result<(), NotKept> {
        let kept = timeout(LONGEST, self.write_and_commit(entries, receipts)).await;
        let kept = kept.unwrap_or_else(|_| Err(NotKept::Unknown(format!("no answer in {LONGEST:?}"))));
        // What was begun on the connection ends with it.
        kept.inspect_err(|_| self.connection = None)
    }

    async fn write_and_commit(&mut self, entries: &[Row<'_>], receipts: &[Voted<'_>]) -> Result<(), NotKept> {
        #[cfg(test)]
        let faults = self.faults.clone();
        // SQLite: whoever writes waits here, and not half way.
        let begin = if self.place.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        let connection = self.connection().await.map_err(|error| NotKept::Nothing(error.to_string()))?;
        // Until it is told to commit the database keeps nothing.
        write(connection, begin, entries, receipts).await.map_err(|error| match error {
            sqlx::Error::Database(error) if error.is_unique_violation() => NotKept::Forked,
            error => NotKept::Nothing(error.to_string()),
        })?;
        #[cfg(test)]
        faults.before_commit()?;
        connection.execute("COMMIT").await.map_err(|error| NotKept::Unknown(error.to_string()))?;
        #[cfg(test)]
        faults.after_commit()?;
        Ok(())
    }
}

/// A connection whose commits are on the disk before they are answered, which PostgreSQL can be told not to do.
async fn durable(place: &Place) -> sqlx::Result<AnyConnection> {
    let mut connection = place.connect().await?;
    if !place.is_sqlite() {
        let asked = "SELECT current_setting('fsync'), current_setting('synchronous_commit')";
        let (fsync, commit): (String, String) = sqlx::query_as(asked).fetch_one(&mut connection).await?;
        if let Some(told) = to_be_durable(&fsync, &commit)? {
            connection.execute(told).await?;
        }
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
    connection: &mut AnyConnection,
    begin: &'static str,
    entries: &[Row<'_>],
    receipts: &[Voted<'_>],
) -> sqlx::Result<()> {
    connection.execute(begin).await?;
    let insert = format!("INSERT INTO entries(contest, number, bytes) VALUES {}", rows(entries.len()));
    let mut insert = sqlx::query(AssertSqlSafe(insert));
    for (contest, entry) in entries {
        insert = insert.bind(signed(*contest)).bind(signed(entry.number())).bind(entry.as_bytes());
    }
    insert.execute(&mut *connection).await?;
    if !receipts.is_empty() {
        // A ballot that is sent again has its receipt.
        let rows = rows(receipts.len());
        let insert = format!("INSERT INTO receipts(contest, voter, at) VALUES {rows} ON CONFLICT DO NOTHING");
        let mut insert = sqlx::query(AssertSqlSafe(insert));
        for (contest, voter, at) in receipts {
            let voter = String::from_utf8_lossy(voter.as_bytes()).into_owned();
            insert = insert.bind(signed(*contest)).bind(voter).bind(signed(at.seconds()));
        }
        insert.execute(connection).await?;
    }
    Ok(())
}

/// Places for so many rows of three values.
fn rows(many: usize) -> String {
    let row = |row: usize| format!("(${}, ${}, ${})", 3 * row + 1, 3 * row + 2, 3 * row + 3);
    (0..many).map(row).collect::<Vec<_>>().join(", ")
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
