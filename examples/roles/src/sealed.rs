//! A role's memory: one file, sealed to an age identity that is sealed in turn for the passphrase of each holder.
//! So a delegate and the substitute are one trustee with one memory, and neither can act from an older one.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, stdin};
use std::os::fd::AsFd;
use std::path::PathBuf;

use age::secrecy::{ExposeSecret, SecretString};
use age::{Decryptor, Identity, scrypt, x25519};
use console::Term;
use urne::Unsent;
use zeroize::Zeroizing;

use crate::desk::Desk;
use crate::post::{Done, Failure, exists, names, put, read};

pub struct Seal {
    memory: PathBuf,
    identity: x25519::Identity,
}

type Memory = Zeroizing<Vec<u8>>;

impl Seal {
    /// A role's first memory, for which each holder, one or two, gives a passphrase. Taken again, as after a crash, it
    /// opens the one that is there: nothing is drawn a second time.
    pub fn begin(
        desk: &Desk,
        holders: &[&str],
        first: impl FnOnce() -> Result<Memory, Failure>,
    ) -> Result<Memory, Failure> {
        let seal = Seal { memory: desk.own.join("memory.age"), identity: x25519::Identity::generate() };
        if exists(&seal.memory)? {
            return Ok(Seal::open(desk)?.1);
        }
        let typed = holders.iter().map(|holder| passphrase(holder, true)).collect::<Result<Vec<_>, _>>()?;
        if matches!(&typed[..], [one, other] if one.expose_secret() == other.expose_secret()) {
            return Err("each holder has a passphrase of their own".into());
        }
        for (holder, typed) in holders.iter().zip(typed) {
            let mut recipient = scrypt::Recipient::new(typed);
            desk.options.option("work-factor")?.into_iter().for_each(|low| recipient.set_work_factor(low));
            let sealed = age::encrypt(&recipient, seal.identity.to_string().expose_secret().as_bytes())?;
            put(desk.own.join(format!("{holder}.key.age")), sealed)?;
        }
        let first = first()?;
        seal.put(&first)?;
        Ok(first)
    }

    /// With the passphrase of any of them, and what it seals.
    pub fn open(desk: &Desk) -> Result<(Self, Memory), Failure> {
        let mut yours = scrypt::Identity::new(passphrase("yours", false)?);
        yours.set_max_work_factor(22); // a logarithm: what needs more than 4 GiB is not opened
        for name in names(&desk.own)?.iter().filter(|name| name.ends_with(".key.age")) {
            if let Ok(identity) = decrypt(&yours, &read(desk.own.join(name))?) {
                let identity = std::str::from_utf8(&identity)?.parse()?;
                let seal = Seal { memory: desk.own.join("memory.age"), identity };
                let memory = decrypt(&seal.identity, &read(&seal.memory)?)?;
                // Where storing has failed, what is read may not be on the disk, and what follows from it may leave.
                seal.put(&memory)?;
                return Ok((seal, memory));
            }
        }
        Err(format!("the passphrase opens no key in {}", desk.own.display()).into())
    }

    /// In place of what was there.
    pub fn put(&self, memory: &[u8]) -> Done {
        put(&self.memory, age::encrypt(&self.identity.to_public(), memory)?)
    }

    /// What must be stored before a message is sent: the way from every act to its message.
    pub fn store<M>(&self, unsent: Unsent<M>) -> Result<M, Failure> {
        self.put(unsent.to_store())?;
        Ok(unsent.stored())
    }
}

fn decrypt(identity: &dyn Identity, sealed: &[u8]) -> Result<Memory, Failure> {
    // Room from the start: growing would leave copies behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    Decryptor::new_buffered(sealed)?.decrypt([identity].into_iter())?.read_to_end(&mut plain)?;
    Ok(plain)
}

/// Typed without being shown, a new one twice; or the next line of standard input.
fn passphrase(whose: &str, new: bool) -> Result<SecretString, Failure> {
    let (terminal, said) = (stdin().is_terminal(), |what| format!("passphrase ({whose}){what}"));
    let ask = |again| -> Result<SecretString, Failure> {
        eprintln!("{}", said(again));
        Ok(Zeroizing::new(Term::stderr().read_secure_line()?).as_str().into())
    };
    let typed = if terminal { ask(":")? } else { line()? };
    if typed.expose_secret().is_empty() {
        return Err(said(": none").into());
    }
    if terminal && new && ask(", again:")?.expose_secret() != typed.expose_secret() {
        return Err(said(": not the same twice").into());
    }
    Ok(typed)
}

/// A byte at a time, into room that does not grow: what std reads ahead, or leaves behind, it does not wipe.
fn line() -> Result<SecretString, Failure> {
    const MOST: usize = 1024;
    let input = File::from(stdin().as_fd().try_clone_to_owned()?).take(MOST as u64);
    let mut line = Zeroizing::new(Vec::with_capacity(MOST));
    match BufReader::with_capacity(1, input).read_until(b'\n', &mut line)? {
        MOST => Err(format!("a passphrase has less than {MOST} bytes").into()),
        _ => Ok(std::str::from_utf8(line.strip_suffix(b"\n").unwrap_or(&line))?.into()),
    }
}
