//! The clock of the demonstration, and times as a person in Paris reads them.

use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use urne::UnixTime;

use crate::common::Failure;

const DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// A clock that starts in December 2022. With a person at the keyboard it then runs as theirs does; in a
/// script only the script moves it.
pub struct Clock {
    start: UnixTime,
    running_since: Option<Instant>,
    paris: TimeZone,
}

impl Clock {
    pub fn new(start: UnixTime, runs: bool) -> Result<Self, Failure> {
        let running_since = runs.then(Instant::now);
        Ok(Clock { start, running_since, paris: TimeZone::get("Europe/Paris")? })
    }

    pub fn now(&self) -> UnixTime {
        let elapsed = self.running_since.map_or(0, |since| since.elapsed().as_secs());
        after(self.start, elapsed)
    }

    pub fn advance(&mut self, seconds: u64) {
        self.start = after(self.start, seconds);
    }

    /// Goes to a later time; never back.
    pub fn advance_to(&mut self, time: UnixTime) {
        self.advance(time.seconds().saturating_sub(self.now().seconds()));
    }

    fn in_paris(&self, time: UnixTime) -> Result<DateTime, Failure> {
        Ok(self.paris.to_datetime(Timestamp::from_second(time.seconds().try_into()?)?))
    }

    /// `samedi 3 décembre 2022`
    pub fn date(&self, time: UnixTime) -> Result<String, Failure> {
        let local = self.in_paris(time)?;
        let day = usize::try_from(local.weekday().to_monday_zero_offset())?;
        let month = usize::try_from(local.month() - 1)?;
        let ordinal = if local.day() == 1 { "1er".to_owned() } else { local.day().to_string() };
        Ok(format!("{} {ordinal} {} {}", DAYS[day], MONTHS[month], local.year()))
    }

    /// `09:23:07`
    pub fn time(&self, time: UnixTime) -> Result<String, Failure> {
        let local = self.in_paris(time)?;
        Ok(format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second()))
    }

    /// `samedi 3 décembre 2022 à 09:23:07 (heure de Paris)`
    pub fn date_and_time(&self, time: UnixTime) -> Result<String, Failure> {
        Ok(format!("{} à {} (heure de Paris)", self.date(time)?, self.time(time)?))
    }
}

pub fn after(time: UnixTime, seconds: u64) -> UnixTime {
    UnixTime::from_seconds(time.seconds().saturating_add(seconds))
}

/// `05 jours 07 heures 37 minutes`
pub fn countdown(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    format!("{days:02} jours {hours:02} heures {minutes:02} minutes")
}

/// A length of time as typed after `:attendre`: `3` minutes, `90 s`, `2 h`, `4 j`.
pub fn parse_duration(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = match unit.trim() {
        "" | "m" | "min" => 60,
        "s" => 1,
        "h" => 3_600,
        "j" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}
