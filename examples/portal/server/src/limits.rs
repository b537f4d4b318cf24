//! How often somebody may try.
//!
//! Nobody can lock another out: what is refused is refused to the *source* that failed too often at an account, for a time
//! that grows; an account that many sources fail at is answered later, but answered. Of an address alone only a great many
//! failures are refused, for a school has one. A browser that has been logged in is a source of its own, so that nobody behind
//! the same address can make it wait. Nothing is counted of who has not copied the digits of a captcha.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;
use std::time::Duration;

use sha2::{Digest, Sha256};

/// How often at once, and then once in how many seconds.
#[derive(Clone, Copy)]
pub struct Rate(i64, i64);
/// Wrong passwords of one address, and links that it may ask for.
pub const OF_ADDRESS: Rate = Rate(600, 1);
/// E-mails to one voter that one source may ask for.
pub const MAILS: Rate = Rate(5, 600);
/// E-mails with a link to one voter, whoever asks: each serves for an hour, or until one of them is used, so that nobody is
/// kept from one.
pub const LINKS: Rate = Rate(10, 360);
/// Wrong passwords of one source on one account before it has to wait, twice as long each time.
const FREE: u32 = 5;
const FIRST_WAIT: i64 = 10;
const LONGEST_WAIT: i64 = 120;
/// Wrong passwords on one account from everywhere, in an hour, before answers to anybody's are delayed.
const DELAYED_FROM: u32 = 30;
const DELAY: Duration = Duration::from_secs(2);
/// What is kept at most: beyond that what is oldest is forgotten.
const MOST: usize = 200_000;
const FORGOTTEN_AFTER: i64 = 3_600;

#[derive(Clone, Copy, Default)]
struct Tries {
    failures: u32,
    last: i64,
    /// Until when it is refused; of a rate, when it will have been forgotten.
    until: i64,
}

impl Tries {
    /// Seconds to wait before one more.
    fn wait(&mut self, Rate(burst, one_in): Rate, now: i64) -> i64 {
        let full = now + burst * one_in;
        // More than full it is only where the clock was set back, which locks nobody out.
        if !(now..=full).contains(&self.until) {
            self.until = now;
        }
        (self.until + one_in - full).max(0)
    }

    fn count(&mut self, rate: Rate, now: i64) -> Result<(), i64> {
        let wait = self.wait(rate, now);
        if wait > 0 {
            return Err(wait);
        }
        (self.until, self.last) = (self.until + rate.1, now);
        Ok(())
    }
}

/// As short for a name of a megabyte as for any.
type Key = [u8; 32];

fn key(kind: &str, of: &[&str]) -> Key {
    let mut hash = Sha256::new().chain_update(kind);
    for part in of {
        hash.update([0]);
        hash.update(part);
    }
    hash.finalize().into()
}

/// Kept in memory: a restart, which nobody outside can cause, forgets it.
#[derive(Default)]
pub struct Limits {
    tries: Mutex<HashMap<Key, Tries>>,
}

/// Where a request is from: of IPv6 the network, since whoever has one address has them all.
pub fn source(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).to_string(),
    }
}

impl Limits {
    fn with<T>(&self, now: i64, act: impl FnOnce(&mut HashMap<Key, Tries>) -> T) -> T {
        let mut tries = self.tries.lock().unwrap_or_else(|broken| broken.into_inner());
        if tries.len() > MOST {
            tries.retain(|_, of| of.last.max(of.until) > now - FORGOTTEN_AFTER);
            if tries.len() > MOST {
                tries.clear();
            }
        }
        act(&mut tries)
    }

    /// Counts a request. `Err` with the seconds to wait when there were too many.
    pub fn request(&self, rate: Rate, kind: &str, from: &str, now: i64) -> Result<(), i64> {
        self.with(now, |tries| tries.entry(key(kind, &[from])).or_default().count(rate, now))
    }

    /// Before a password is looked at: `Err` with the seconds for which this source has to wait with this account, or
    /// with all; else how long the answer is to be held back.
    pub fn before(&self, from: &str, account: &str, now: i64) -> Result<Duration, i64> {
        self.with(now, |tries| {
            let of = |key: Key| tries.get(&key).copied().unwrap_or_default();
            let pair = of(key("pair", &[from, account]));
            // However a clock was changed, nobody waits longer than that.
            if pair.until > now && pair.until <= now + LONGEST_WAIT {
                return Err(pair.until - now);
            }
            let wait = of(key("source", &[from])).wait(OF_ADDRESS, now);
            if wait > 0 {
                return Err(wait);
            }
            let everybody = of(key("account", &[account]));
            let many = everybody.failures >= DELAYED_FROM && now - everybody.last < FORGOTTEN_AFTER;
            Ok(if many { DELAY } else { Duration::ZERO })
        })
    }

    pub fn failed(&self, from: &str, account: &str, now: i64) {
        self.with(now, |tries| {
            // Where it is full already it stays so.
            let _ = tries.entry(key("source", &[from])).or_default().count(OF_ADDRESS, now);
            let pair = key("pair", &[from, account]);
            for which in [pair, key("account", &[account])] {
                let of = tries.entry(which).or_default();
                if now - of.last >= FORGOTTEN_AFTER {
                    *of = Tries::default();
                }
                (of.failures, of.last) = (of.failures.saturating_add(1), now);
                if which == pair && of.failures >= FREE {
                    let wait = FIRST_WAIT << (of.failures - FREE).min(20);
                    of.until = now + wait.min(LONGEST_WAIT);
                }
            }
        });
    }

    /// The right password: this source's failures at this account are forgotten.
    pub fn succeeded(&self, from: &str, account: &str, now: i64) {
        self.with(now, |tries| tries.remove(&key("pair", &[from, account])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_waits_and_nobody_else_does() {
        let limits = Limits::default();
        for _ in 0..FREE {
            assert_eq!(limits.before("evil", "jo", 1_000), Ok(Duration::ZERO));
            limits.failed("evil", "jo", 1_000);
        }
        assert_eq!(limits.before("evil", "jo", 1_000), Err(10));
        assert_eq!(limits.before("evil", "jo", 1_010), Ok(Duration::ZERO));
        limits.failed("evil", "jo", 1_010);
        assert_eq!(limits.before("evil", "jo", 1_010), Err(20));
        // The voter, from elsewhere, and the source with an account of its own.
        assert_eq!(limits.before("home", "jo", 1_010), Ok(Duration::ZERO));
        assert_eq!(limits.before("evil", "bo", 1_010), Ok(Duration::ZERO));
        for _ in 0..40 {
            limits.failed("evil", "jo", 1_010);
        }
        assert_eq!(limits.before("evil", "jo", 1_010), Err(LONGEST_WAIT));
        // Many failures delay the voter's answer and do not refuse it.
        assert_eq!(limits.before("home", "jo", 1_010), Ok(DELAY));
        limits.succeeded("home", "jo", 1_010);
        assert_eq!(limits.before("evil", "jo", 1_010), Err(LONGEST_WAIT));
        // An hour later nothing is left of it.
        assert_eq!(limits.before("home", "jo", 5_000), Ok(Duration::ZERO));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let limits = Limits::default();
        for _ in 0..20 {
            limits.failed("home", "jo", 1_000_000);
        }
        assert_eq!(limits.before("home", "jo", 1_000), Ok(Duration::ZERO));
        (0..600).for_each(|_| limits.request(OF_ADDRESS, "link", "home", 1_000_000).unwrap());
        assert_eq!(limits.request(OF_ADDRESS, "link", "home", 1_000_000), Err(1));
        assert_eq!(limits.request(OF_ADDRESS, "link", "home", 1_000), Ok(()));
    }

    #[test]
    fn a_source_has_a_burst_and_then_a_rate() {
        let limits = Limits::default();
        (0..600).for_each(|_| limits.request(OF_ADDRESS, "link", "a", 10).unwrap());
        assert_eq!(limits.request(OF_ADDRESS, "link", "a", 10), Err(1));
        assert_eq!(limits.request(OF_ADDRESS, "login", "a", 10), Ok(()));
        assert_eq!(limits.request(OF_ADDRESS, "link", "b", 10), Ok(()));
        assert_eq!(limits.request(OF_ADDRESS, "link", "a", 11), Ok(()));
        assert_eq!(limits.request(OF_ADDRESS, "link", "a", 11), Err(1));
        (0..5).for_each(|_| limits.request(MAILS, "sent", "a jo", 10).unwrap());
        assert_eq!(limits.request(MAILS, "sent", "a jo", 11), Err(599));
        assert_eq!(limits.request(MAILS, "sent", "b jo", 11), Ok(()));
        assert_eq!(limits.request(MAILS, "sent", "a jo", 610), Ok(()));
    }

    /// Whoever fails at everybody's account is stopped, however many there are; a school that fails as often as people do is not.
    #[test]
    fn an_address_may_fail_a_great_many_times() {
        let limits = Limits::default();
        for account in 0..600 {
            assert_eq!(limits.before("school", &account.to_string(), 10), Ok(Duration::ZERO));
            limits.failed("school", &account.to_string(), 10);
        }
        assert_eq!(limits.before("school", "jo", 10), Err(1));
        // As long again, and no longer.
        limits.failed("school", "jo", 10);
        assert_eq!(limits.before("school", "jo", 11), Ok(Duration::ZERO));
        assert_eq!(limits.before("home", "jo", 10), Ok(Duration::ZERO));
        // A browser that has been logged in is a source of its own.
        assert_eq!(limits.before("device 1", "jo", 10), Ok(Duration::ZERO));
    }

    #[test]
    fn nothing_is_taken_for_another() {
        assert_ne!(key("pair", &["a", "bc"]), key("pair", &["ab", "c"]));
        assert_ne!(key("pair", &["a"]), key("paira", &[]));
    }

    #[test]
    fn a_network_of_ipv6_is_one_source() {
        let [a, b, c] = ["2001:db8:1:2::3", "2001:db8:1:2:ffff::", "2001:db8:1:3::3"]
            .map(|ip| source(ip.parse().unwrap()));
        assert_eq!(a, b);
        assert_ne!(a, c);
        assert_eq!(source("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1");
    }
}
