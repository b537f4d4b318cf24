//! What a portal does besides the vote, and what no library of voting does for it: accounts, captcha,
//! passwords, proofs of identity, complaints.

use argon2::Argon2;
use rand_chacha::ChaCha20Rng;
use subtle::ConstantTimeEq;
use urne::rand_core::Rng;
use urne::{UnixTime, VoterId};

use crate::common::Failure;
use crate::election::voter_id;

pub const LEAST_PASSWORD: usize = 12;
const CAPTCHA_DIGITS: usize = 6;

/// A complaint as it was recorded.
pub struct Complaint {
    pub at: UnixTime,
    pub text: String,
}

/// A password as it is stored: a salt and the Argon2id hash, with the library's default cost.
struct StoredPassword {
    salt: [u8; 16],
    hash: [u8; 32],
}

/// The portal, with the account of one voter.
pub struct Portal {
    pub name: &'static str,
    pub email: &'static str,
    pub voter: VoterId,
    pub complaints: Vec<Complaint>,
    numen: &'static str,
    social_security: &'static str,
    password: Option<StoredPassword>,
    rng: ChaCha20Rng,
}

impl Portal {
    pub fn new(rng: ChaCha20Rng) -> Result<Self, Failure> {
        Ok(Portal {
            name: "Camille Durand",
            email: "camille.durand@universite.example",
            voter: voter_id("camille.durand")?,
            complaints: Vec::new(),
            numen: "06E1234567ABC",
            social_security: "2840775123",
            password: None,
            rng,
        })
    }

    /// What someone at the keyboard needs to know to play the teacher.
    pub fn identity_card(&self) -> [String; 3] {
        [
            format!("Adresse électronique : {}", self.email),
            format!("NUMEN : {}", self.numen),
            format!("Dix premiers chiffres du numéro de sécurité sociale : {}", self.social_security),
        ]
    }

    /// Fresh digits to be copied.
    pub fn captcha(&mut self) -> String {
        (0..CAPTCHA_DIGITS).map(|_| char::from(b'0' + (self.rng.next_u32() % 10) as u8)).collect()
    }

    pub fn knows(&self, email: &str) -> bool {
        email.eq_ignore_ascii_case(self.email)
    }

    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Stores a password. `false` when it is too short.
    pub fn set_password(&mut self, password: &str) -> Result<bool, Failure> {
        if password.chars().count() < LEAST_PASSWORD {
            return Ok(false);
        }
        let mut salt = [0; 16];
        self.rng.fill_bytes(&mut salt);
        self.password = Some(StoredPassword { salt, hash: hash(password, &salt)? });
        Ok(true)
    }

    pub fn password_holds(&self, password: &str) -> Result<bool, Failure> {
        let Some(stored) = &self.password else { return Ok(false) };
        Ok(hash(password, &stored.salt)?.ct_eq(&stored.hash).into())
    }

    /// Replaces a forgotten password by one for a single use, which goes out by e-mail.
    pub fn reissue_password(&mut self) -> Result<String, Failure> {
        const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
        let mut draw = || char::from(LETTERS[self.rng.next_u32() as usize % LETTERS.len()]);
        let password: String = (0..LEAST_PASSWORD).map(|_| draw()).collect();
        self.set_password(&password)?;
        Ok(password)
    }

    /// Whether this is the voter's NUMEN, or the first ten digits of their social security number.
    pub fn proves_identity(&self, typed: &str) -> bool {
        let typed: String = typed.chars().filter(|c| *c != ' ').collect::<String>().to_uppercase();
        typed == self.numen || typed == self.social_security
    }

    pub fn complain(&mut self, at: UnixTime, text: String) -> usize {
        self.complaints.push(Complaint { at, text });
        self.complaints.len()
    }
}

fn hash(password: &str, salt: &[u8]) -> Result<[u8; 32], Failure> {
    let mut hash = [0; 32];
    Argon2::default()
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .map_err(|error| format!("argon2: {error}"))?;
    Ok(hash)
}

/// The digits, large.
pub fn large(digits: &str) -> [String; 3] {
    const GLYPHS: [[&str; 3]; 10] = [
        [" _ ", "| |", "|_|"],
        ["   ", "  |", "  |"],
        [" _ ", " _|", "|_ "],
        [" _ ", " _|", " _|"],
        ["   ", "|_|", "  |"],
        [" _ ", "|_ ", " _|"],
        [" _ ", "|_ ", "|_|"],
        [" _ ", "  |", "  |"],
        [" _ ", "|_|", "|_|"],
        [" _ ", "|_|", " _|"],
    ];
    let row = |row: usize| {
        let glyphs = digits.chars().filter_map(|c| c.to_digit(10)).map(|digit| GLYPHS[digit as usize][row]);
        glyphs.collect::<Vec<_>>().join("  ")
    };
    [row(0), row(1), row(2)]
}
