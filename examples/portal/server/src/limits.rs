//! How often somebody may try.
//!
//! Nobody can lock another out: what is refused is refused to the *source* that failed too often at an account; an account
//! that many sources fail at is answered later, but answered. Of an address alone only a great many
//! failures are refused, for a school has one. A browser that has been logged in is a source of its own, so that nobody behind
//! the same address can make it wait. Nothing is counted of who has not copied the digits of a captcha.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;
use std::time::Duration;

use crate::accounts::RunKey;

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
/// Codes in e-mails that the issuer makes for one voter, whatever the portal says: a flood of them helps nobody.
pub const CODES: Rate = Rate(6, 3_600);
/// Wrong passwords of one source on one account.
const OF_PAIR: Rate = Rate(5, 30);
/// Wrong passwords on one account from everywhere, beyond which answers to anybody's are delayed.
const OF_ACCOUNT: Rate = Rate(30, 3_600);
const DELAY: Duration = Duration::from_secs(2);
/// What is kept at most: beyond that all is forgotten.
const MOST: usize = 200_000;

/// As short for a name of a megabyte as for any.
type Key = [u8; 32];
/// When what was counted will have been forgotten.
type Counted = HashMap<Key, i64>;

impl Rate {
    /// Seconds to wait before one more, and when all with it will have been forgotten.
    fn one_more(self, of: Key, counted: &Counted, now: i64) -> (i64, i64) {
        let Rate(burst, one_in) = self;
        let full = now + burst * one_in;
        // More than full it is only where the clock was set back, which locks nobody out.
        let until = counted.get(&of).filter(|until| (now..=full).contains(until)).unwrap_or(&now) + one_in;
        ((until - full).max(0), until)
    }

    fn count(self, of: Key, counted: &mut Counted, now: i64) -> Result<(), i64> {
        let (wait, until) = self.one_more(of, counted, now);
        if wait > 0 {
            return Err(wait);
        }
        counted.insert(of, until);
        Ok(())
    }
}

/// Kept in memory: a restart, which nobody outside can cause, forgets it.
#[derive(Default)]
pub struct Limits {
    key: RunKey,
    counted: Mutex<Counted>,
}

/// Where a request is from: of IPv6 the network, since whoever has one address has them all.
pub fn source(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).to_string(),
    }
}

impl Limits {
    fn with<T>(&self, now: i64, act: impl FnOnce(&mut Counted) -> T) -> T {
        let mut counted = self.counted.lock().unwrap_or_else(|broken| broken.into_inner());
        if counted.len() > MOST {
            counted.retain(|_, until| *until > now);
            if counted.len() > MOST {
                counted.clear();
            }
        }
        act(&mut counted)
    }

    /// Counts a request. `Err` with the seconds to wait when there were too many.
    pub fn request(&self, rate: Rate, kind: &str, from: &str, now: i64) -> Result<(), i64> {
        let of = self.key.mark(&[kind.as_bytes(), from.as_bytes()]);
        self.with(now, |counted| rate.count(of, counted, now))
    }

    /// Of this source at this account, of the source, of the account.
    fn passwords(&self, from: &str, account: &str) -> [(Rate, Key); 3] {
        let (from, account) = (from.as_bytes(), account.as_bytes());
        let of = |parts: &[&[u8]]| self.key.mark(parts);
        [
            (OF_PAIR, of(&[b"pair", from, account])),
            (OF_ADDRESS, of(&[b"source", from])),
            (OF_ACCOUNT, of(&[b"account", account])),
        ]
    }

    /// Before a password is looked at: `Err` with the seconds for which this source has to wait with this account, or
    /// with all; else how long the answer is to be held back.
    pub fn before(&self, from: &str, account: &str, now: i64) -> Result<Duration, i64> {
        self.with(now, |counted| {
            let wait = |(rate, of): (Rate, Key)| rate.one_more(of, counted, now).0;
            match self.passwords(from, account).map(wait) {
                [0, 0, 0] => Ok(Duration::ZERO),
                [0, 0, _] => Ok(DELAY),
                [pair, source, _] => Err(pair.max(source)),
            }
        })
    }

    pub fn failed(&self, from: &str, account: &str, now: i64) {
        self.with(now, |counted| {
            for (rate, of) in self.passwords(from, account) {
                // Where it is full already it stays so.
                let _ = rate.count(of, counted, now);
            }
        });
    }

    /// The right password: this source's failures at this account are forgotten.
    pub fn succeeded(&self, from: &str, account: &str, now: i64) {
        let [(_, pair), ..] = self.passwords(from, account);
        self.with(now, |counted| counted.remove(&pair));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_waits_and_nobody_else_does() {
        let limits = Limits::default();
        for _ in 0..5 {
            assert_eq!(limits.before("evil", "jo", 1_000), Ok(Duration::ZERO));
            limits.failed("evil", "jo", 1_000);
        }
        assert_eq!(limits.before("evil", "jo", 1_000), Err(30));
        assert_eq!(limits.before("evil", "jo", 1_029), Err(1));
        assert_eq!(limits.before("evil", "jo", 1_030), Ok(Duration::ZERO));
        limits.failed("evil", "jo", 1_030);
        assert_eq!(limits.before("evil", "jo", 1_030), Err(30));
        // The voter, from elsewhere, and the source with an account of its own.
        assert_eq!(limits.before("home", "jo", 1_030), Ok(Duration::ZERO));
        assert_eq!(limits.before("evil", "bo", 1_030), Ok(Duration::ZERO));
        for _ in 0..40 {
            limits.failed("evil", "jo", 1_030);
        }
        assert_eq!(limits.before("evil", "jo", 1_030), Err(30));
        // Many failures delay the voter's answer and do not refuse it.
        assert_eq!(limits.before("home", "jo", 1_030), Ok(DELAY));
        limits.succeeded("home", "jo", 1_030);
        assert_eq!(limits.before("evil", "jo", 1_030), Err(30));
        // An hour later one is answered at once, and no other.
        assert_eq!(limits.before("home", "jo", 5_000), Ok(Duration::ZERO));
        limits.failed("away", "jo", 5_000);
        assert_eq!(limits.before("home", "jo", 8_000), Ok(DELAY));
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
        let limits = Limits::default();
        let mark = |parts: &[&[u8]]| limits.key.mark(parts);
        assert_ne!(mark(&[b"pair", b"a", b"bc"]), mark(&[b"pair", b"ab", b"c"]));
        assert_ne!(mark(&[b"pair", b"a"]), mark(&[b"paira"]));
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
