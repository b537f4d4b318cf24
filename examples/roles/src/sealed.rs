//! A role's memory: one file, sealed to an age identity that is sealed in turn for the passphrase of each holder.
//! So a delegate and the substitute are one trustee with one memory, and neither can act from an older one.

use std::fs::{self, File};
use std::io::{IsTerminal, Read, stdin};
use std::path::PathBuf;

use age::secrecy::{ExposeSecret, SecretString};
use age::{Decryptor, Identity, scrypt, x25519};
use console::Term;
use urne::Unsent;
use zeroize::Zeroizing;

use crate::desk::{Desk, Failure, names, put, read};

pub struct Seal {
    memory: PathBuf,
    identity: x25519::Identity,
    _alone: File, // held while the process lives: of two with one memory, one would forget what the other did
}

impl Seal {
    /// For a memory that is not there yet. Everyone named gives a passphrase.
    pub fn new(desk: &Desk, holders: &[&str]) -> Result<Self, Failure> {
        let seal = Seal::with(desk, x25519::Identity::generate())?;
        if seal.memory.exists() {
            return Err(format!("{} is there already, and exists once", seal.memory.display()).into());
        }
        for holder in holders {
            let mut recipient = scrypt::Recipient::new(passphrase(holder)?);
            if let Some(low) = desk.options.option("work-factor")? {
                recipient.set_work_factor(low);
            }
            let sealed = age::encrypt(&recipient, seal.identity.to_string().expose_secret().as_bytes())?;
            put(desk.own.join(format!("{holder}.key.age")), sealed)?;
        }
        Ok(seal)
    }

    /// With the passphrase of any of them, and what it seals.
    pub fn open(desk: &Desk) -> Result<(Self, Zeroizing<Vec<u8>>), Failure> {
        let mut yours = scrypt::Identity::new(passphrase("yours")?);
        yours.set_max_work_factor(22); // a logarithm: what needs more than 4 GiB is not opened
        for name in names(&desk.own)?.iter().filter(|name| name.ends_with(".key.age")) {
            if let Ok(identity) = decrypt(&yours, &read(desk.own.join(name))?) {
                let seal = Seal::with(desk, std::str::from_utf8(&identity)?.parse()?)?;
                let memory = decrypt(&seal.identity, &read(&seal.memory)?)?;
                return Ok((seal, memory));
            }
        }
        Err(format!("the passphrase opens no key in {}", desk.own.display()).into())
    }

    fn with(desk: &Desk, identity: x25519::Identity) -> Result<Self, Failure> {
        fs::create_dir_all(&desk.own)?;
        let alone = File::create(desk.own.join("lock"))?;
        alone.try_lock().map_err(|error| format!("{}: in use? {error}", desk.own.display()))?;
        Ok(Seal { memory: desk.own.join("memory.age"), identity, _alone: alone })
    }

    /// In place of what was there.
    pub fn put(&self, memory: &[u8]) -> Result<(), Failure> {
        put(&self.memory, age::encrypt(&self.identity.to_public(), memory)?)
    }

    /// What must be stored before a message is sent: the way from every act to its message.
    pub fn store<M>(&self, unsent: Unsent<M>) -> Result<M, Failure> {
        self.put(unsent.to_store())?;
        Ok(unsent.stored())
    }
}

fn decrypt(identity: &dyn Identity, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    // Room from the start: growing would leave copies behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    Decryptor::new_buffered(sealed)?.decrypt([identity].into_iter())?.read_to_end(&mut plain)?;
    Ok(plain)
}

/// Typed without being shown, or the next line of standard input.
fn passphrase(whose: &str) -> Result<SecretString, Failure> {
    if stdin().is_terminal() {
        eprintln!("passphrase ({whose}):");
        return Ok(Term::stderr().read_secure_line()?.into());
    }
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches('\n').to_owned().into())
}
