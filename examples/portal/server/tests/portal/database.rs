//! Whose a database is, and what it keeps of what it has committed.

use urne::Choice;
use urne_portal::web::App;

use crate::Portal;

/// The folder of one election and the database of another, as after a copy that went wrong.
#[tokio::test]
async fn a_database_is_of_one_election() {
    let (one, other) = (Portal::new().await, Portal::new().await);
    one.app.boxes.stop();
    let mut config = other.app.config.clone();
    config.database = one.app.config.database.clone();
    let why = App::new(config, false).await.err().unwrap().to_string();
    for contest in one.election.contests.iter().chain(&other.election.contests) {
        assert!(why.contains(&contest.fingerprint().to_string()), "{why}");
    }
    // Its own goes on with it.
    App::new(one.app.config.clone(), false).await.unwrap().boxes.stop();
    // One that has voters and does not say whose.
    sqlx::query("DELETE FROM election").execute(&one.app.db).await.unwrap();
    let why = App::new(one.app.config.clone(), false).await.err().unwrap().to_string();
    assert!(why.contains("does not name"), "{why}");
}

/// Whatever is the default of database and role: in the tests of PostgreSQL a commit that waits for nothing.
#[tokio::test]
async fn what_the_box_commits_is_on_the_disk() {
    let portal = Portal::new().await;
    let pool = &portal.app.db;
    if portal.app.config.database.starts_with("sqlite:") {
        let (journal, synchronous): (String, i64) = (
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(pool).await.unwrap(),
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(pool).await.unwrap(),
        );
        assert_eq!((journal.as_str(), synchronous), ("wal", 2));
        return;
    }
    let others: String = sqlx::query_scalar("SHOW synchronous_commit").fetch_one(pool).await.unwrap();
    assert_eq!(others, "off");
    // Each entry of a log says what holds for who writes it.
    for statement in [
        "CREATE TABLE told(setting TEXT)",
        "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         INSERT INTO told VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$",
        "CREATE TRIGGER tell BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION tell()",
    ] {
        sqlx::query(statement).execute(pool).await.unwrap();
    }
    portal.logged_in("ada").await.vote(584, "ada", Choice::Blank).await;
    let told: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT setting FROM told").fetch_all(pool).await.unwrap();
    assert_eq!(told, ["on"]);
}
