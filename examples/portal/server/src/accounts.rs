//! Voters' accounts: the list of voters, passwords, and links by e-mail to set one.

use std::path::Path;
use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use urne::rand_core::{Rng, UnwrapErr};
use zeroize::Zeroizing;

use crate::Failure;
use crate::contests::{Contests, Waiting};
use crate::db::{Db, sql};
use crate::election::{self, Elector};

/// A link by e-mail serves for an hour.
const LINK_SECONDS: i64 = 3_600;
const SHORTEST_PASSWORD: usize = 12;
const LONGEST_PASSWORD: usize = 200;

/// Of the system. It panics where the system has none.
pub fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

/// 32 random bytes in hex, for cookies and links.
pub fn random_token() -> String {
    let mut bytes = [0; 32];
    rng().fill_bytes(&mut bytes);
    hex(bytes)
}

pub use ::hex::encode as hex;

/// A key of this run of the server, for words that it gives out and takes back; it ends with the process.
pub struct RunKey(Zeroizing<[u8; 64]>);

impl Default for RunKey {
    fn default() -> Self {
        let mut key = Zeroizing::new([0; 64]);
        rng().fill_bytes(&mut key[..]);
        RunKey(key)
    }
}

impl RunKey {
    /// HMAC of parts, each with its length, so that what ends one does not begin the next.
    pub fn mark(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new(&(*self.0).into());
        for part in parts {
            mac.update(&part.len().to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// What the database keeps of a token: who reads the database cannot use it.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: String,
    pub email: String,
    pub name: String,
    pub numen: String,
    pub social10: String,
    pub password: Option<String>,
}

/// Reads the list of voters into an empty database, all of it or nothing, once all contests are approved: before that there
/// are no codes, and nobody votes. A database that has voters must be this election's. Returns how many there are.
pub async fn import(db: &Db, file: &Path, contests: &Contests, waiting: &Waiting) -> Result<usize, Failure> {
    let approved = contests.values().map(|of| of.approved.contest());
    let named = |of: &urne::Contest| format!("{} {}", of.description().number, of.fingerprint());
    let ours = approved.chain(waiting.values()).map(named).collect::<Vec<_>>().join(", ");
    let voters: i64 = sqlx::query_scalar("SELECT count(*) FROM voters").fetch_one(db).await?;
    let theirs: Option<String> =
        sqlx::query_scalar("SELECT fingerprints FROM election").fetch_optional(db).await?;
    match &theirs {
        Some(theirs) if *theirs == ours => return Ok(usize::try_from(voters)?),
        None if voters == 0 && waiting.is_empty() => (),
        None if voters == 0 => return Ok(0),
        _ => {
            let theirs = theirs.as_deref().unwrap_or("an election that it does not name");
            let why = "the database is another election's, and has its voters and votes";
            return Err(format!("{why}: it is of {theirs}, and this folder of {ours}").into());
        }
    }
    let electors = election::electors(file, &contests.keys().copied().collect())?;
    let mut transaction = db.begin().await?;
    for Elector { id, email, name, numen, social10, contests, .. } in &electors {
        let insert =
            "INSERT INTO voters(id, email, name, folded, numen, social10) VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = sql!(query, insert, id, email, name, folded(name), plain(numen), social10);
        insert.execute(&mut *transaction).await?;
        for number in contests {
            let insert = "INSERT INTO entitled(contest, voter) VALUES ($1, $2)";
            sql!(query, insert, number.cast_signed(), id).execute(&mut *transaction).await?;
        }
    }
    sql!(query, "INSERT INTO election(fingerprints) VALUES ($1)", &ours).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(electors.len())
}

/// An e-mail address as it is compared, in small letters. No more is asked of it than keeps it from going where mail cannot.
pub fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (name, host) = text.split_once('@')?;
    let plain = text.chars().all(|c| c.is_ascii_graphic() && !"<>(),;:\\\"[]".contains(c));
    let host_like = host.contains('.') && !host.contains('@') && !host.ends_with('.');
    (plain && !name.is_empty() && host_like && text.len() <= 254).then_some(text)
}

/// A name as it is sorted and looked for: without accents and capitals, as in French dictionaries.
pub fn folded(name: &str) -> String {
    let [accented, plainly] = ["àâäçéèêëîïôöùûüÿ-'’", "aaaceeeeiioouuuy   "];
    let plain =
        |c| accented.chars().zip(plainly.chars()).find(|(of, _)| *of == c).map_or(c, |(_, plain)| plain);
    name.to_lowercase().replace('œ', "oe").chars().map(plain).collect()
}

/// A number as it is compared: letters and digits alone.
pub fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// By the id, or the address: no id has an `@`.
pub async fn find(db: &Db, voter: &str) -> sqlx::Result<Option<Account>> {
    type Columns = (String, String, String, String, String, Option<String>);
    let select = "SELECT id, email, name, numen, social10, password FROM voters WHERE id = $1 OR email = $1";
    let found: Option<Columns> = sql!(query_as, select, voter).fetch_optional(db).await?;
    let account =
        |(id, email, name, numen, social10, password)| Account { id, email, name, numen, social10, password };
    Ok(found.map(account))
}

/// The numbers of a voter's contests, ascending.
pub async fn contests_of(db: &Db, voter: &str) -> sqlx::Result<Vec<u64>> {
    let select = "SELECT contest FROM entitled WHERE voter = $1 ORDER BY contest";
    let found: Vec<i64> = sql!(query_scalar, select, voter).fetch_all(db).await?;
    Ok(found.into_iter().map(i64::cast_unsigned).collect())
}

/// A token of which the database has the hash, for a link that serves once. Earlier ones go on serving: others can ask too.
pub async fn new_link(db: &Db, voter: &str, now: i64) -> sqlx::Result<String> {
    let token = random_token();
    sql!(query, "DELETE FROM tokens WHERE expires <= $1", now).execute(db).await?;
    let (expires, insert) =
        (now.saturating_add(LINK_SECONDS), "INSERT INTO tokens(hash, voter, expires) VALUES ($1, $2, $3)");
    sql!(query, insert, token_hash(&token), voter, expires).execute(db).await?;
    Ok(token)
}

/// Whose link it is, if it still serves.
pub async fn link(db: &Db, token: &str, now: i64) -> sqlx::Result<Option<String>> {
    let select = "SELECT voter FROM tokens WHERE hash = $1 AND expires > $2";
    sql!(query_scalar, select, token_hash(token), now).fetch_optional(db).await
}

/// Uses a link up, and all others of its voter, who is returned; sets the password, and ends all sessions.
pub async fn set_password(db: &Db, token: &str, password: &str, now: i64) -> sqlx::Result<Option<String>> {
    // Together, so that no link is used up without a password.
    let mut transaction = db.begin().await?;
    // Of two that use it at once one finds it.
    let used = sqlx::query_scalar("DELETE FROM tokens WHERE hash = $1 AND expires > $2 RETURNING voter");
    let used = used.bind(token_hash(token)).bind(now).fetch_optional(&mut *transaction).await?;
    let Some(voter): Option<String> = used else { return Ok(None) };
    let update = "UPDATE voters SET password = $1 WHERE id = $2";
    sql!(query, update, password, &voter).execute(&mut *transaction).await?;
    sql!(query, "DELETE FROM tokens WHERE voter = $1", &voter).execute(&mut *transaction).await?;
    let sessions = "DELETE FROM sessions WHERE bureau = 0 AND who = $1";
    sql!(query, sessions, &voter).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(Some(voter))
}

/// Why a password is refused, as the key of a text.
pub fn check_password(password: &str) -> Result<(), &'static str> {
    match password.chars().count() {
        0..SHORTEST_PASSWORD => Err("account-password-short"),
        SHORTEST_PASSWORD..=LONGEST_PASSWORD => Ok(()),
        _ => Err("account-password-long"),
    }
}

/// Slow, on purpose: not to be called where others wait. Of the least memory and time that OWASP names for argon2id, which
/// are the crate's own.
pub fn hash_password(password: &str) -> Result<String, Failure> {
    Ok(Argon2::default().hash_password(password.as_bytes())?.to_string())
}

/// Takes as long whether there is such an account or not.
pub fn is_password(stored: Option<&str>, password: &str) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let nobody = || NOBODY.get_or_init(|| hash_password(&random_token()).unwrap_or_default()).as_str();
    let hash = stored.unwrap_or_else(nobody);
    let matches = PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    matches && stored.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_in_one_form() {
        assert_eq!(email(" Jo.Doe@Example.ORG "), Some("jo.doe@example.org".into()));
        for bad in ["", "jo", "@host", "jo@", "jo@a@b", "jo doe@host", "jo@host\nBcc: all@host", "<jo@host>"]
        {
            assert_eq!(email(bad), None, "{bad:?}");
        }
        assert_eq!(plain("12 e-3456"), "12E3456");
    }

    #[test]
    fn names_are_sorted_as_in_a_dictionary() {
        let mut names = ["Zoé", "Élan", "Eden", "OEil", "œuf", "Saint-Ange", "Saint Aa"];
        names.sort_by_cached_key(|name| folded(name));
        assert_eq!(names, ["Eden", "Élan", "OEil", "œuf", "Saint Aa", "Saint-Ange", "Zoé"]);
    }

    #[test]
    fn passwords_are_theirs_alone() {
        let stored = hash_password("correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert_ne!(stored, hash_password("correct horse battery").unwrap());
        assert!(is_password(Some(&stored), "correct horse battery"));
        assert!(!is_password(Some(&stored), "correct horse batterY"));
        assert!(!is_password(None, "correct horse battery"));
        assert!(!is_password(Some("no hash"), ""));
        assert_eq!(check_password("elevenchars"), Err("account-password-short"));
        assert_eq!(check_password("twelve chars"), Ok(()));
        assert_eq!(check_password(&"é".repeat(201)), Err("account-password-long"));
    }
}
