//! A role's memory: one file, sealed to an age identity that is sealed in turn for the passphrase of each holder.
//! So a delegate and the substitute are one trustee with one memory, and neither can act from an older one.

use std::fs::{self, File};
use std::io::{IsTerminal, Read, stdin};
use std::os::fd::AsFd;
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
        let typed = holders.iter().map(|holder| passphrase(holder, true));
        let typed = typed.collect::<Result<Vec<SecretString>, _>>()?;
        if (1..typed.len()).any(|n| typed[..n].iter().any(|other| same(other, &typed[n]))) {
            return Err("each holder has a passphrase of their own".into());
        }
        for (holder, typed) in holders.iter().zip(typed) {
            let mut recipient = scrypt::Recipient::new(typed);
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
        let mut yours = scrypt::Identity::new(passphrase("yours", false)?);
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

fn same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// Typed without being shown, a new one twice; or the next line of standard input.
fn passphrase(whose: &str, new: bool) -> Result<SecretString, Failure> {
    let ask = |again| -> Result<SecretString, Failure> {
        eprintln!("passphrase ({whose}{again}):");
        let typed = Zeroizing::new(Term::stderr().read_secure_line()?);
        Ok(typed.as_str().into())
    };
    let terminal = stdin().is_terminal();
    let typed = if terminal { ask("")? } else { line()? };
    if typed.expose_secret().is_empty() {
        return Err(format!("passphrase ({whose}): none").into());
    }
    if terminal && new && !same(&typed, &ask(", again")?) {
        return Err(format!("passphrase ({whose}): not the same twice").into());
    }
    Ok(typed)
}

/// A byte at a time: what std reads ahead it does not wipe.
fn line() -> Result<SecretString, Failure> {
    const MOST: usize = 1024;
    let (input, mut line) = (File::from(stdin().as_fd().try_clone_to_owned()?), Zeroizing::new([0; MOST]));
    for at in 0..MOST {
        let end = (&input).read(&mut line[at..=at])? == 0;
        if end || line[at] == b'\n' {
            return Ok(std::str::from_utf8(&line[..at])?.into());
        }
    }
    Err(format!("a passphrase has less than {MOST} bytes").into())
}
