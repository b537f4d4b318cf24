//! The server's clock, and times as people in Paris read them.

use std::path::PathBuf;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use urne::UnixTime;

use crate::Failure;
use crate::i18n::Lang;

/// The system's clock; ahead of it only for tests.
#[derive(Clone)]
pub struct Clock {
    file: Option<PathBuf>,
    paris: TimeZone,
}

impl Clock {
    pub fn new(file: Option<PathBuf>) -> Result<Self, Failure> {
        if let Some(file) = &file {
            tracing::warn!("FOR TESTS ONLY: the clock is ahead by {}", file.display());
        }
        Ok(Clock { file, paris: TimeZone::get("Europe/Paris")? })
    }

    pub fn now(&self) -> UnixTime {
        let system = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_secs());
        let read = |file: &PathBuf| std::fs::read_to_string(file).ok()?.trim().parse::<u64>().ok();
        UnixTime::from_seconds(system.saturating_add(self.file.as_ref().and_then(read).unwrap_or(0)))
    }

    pub fn seconds(&self) -> i64 {
        i64::try_from(self.now().seconds()).unwrap_or(i64::MAX)
    }

    fn paris(&self, seconds: i64) -> DateTime {
        self.paris.to_datetime(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX))
    }

    /// `2026-12-03`, the day in Paris.
    pub fn day(&self, seconds: i64) -> String {
        self.paris(seconds).date().to_string()
    }

    /// `3 décembre 2026 à 14:05:09 (heure de Paris)`.
    pub fn text(&self, lang: Lang, seconds: u64) -> String {
        let at = self.paris(i64::try_from(seconds).unwrap_or(i64::MAX));
        let month = lang.text(&format!("common-month-{}", at.month()));
        let [day, year] = [at.day().to_string(), at.year().to_string()];
        let time = at.time().to_string();
        lang.with("common-time", &[("day", &day), ("month", &month), ("year", &year), ("time", &time)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_paris() {
        let clock = Clock::new(None).unwrap();
        assert_eq!(clock.text(Lang::Fr, 1_669_878_000), "1 décembre 2022 à 08:00:00 (heure de Paris)");
        assert_eq!(clock.text(Lang::En, 1_669_878_000), "1 December 2022 at 08:00:00 (Paris time)");
        // In summer Paris is two hours ahead, and its day begins before that of UTC.
        assert_eq!(clock.text(Lang::Fr, 1_656_633_599), "1 juillet 2022 à 01:59:59 (heure de Paris)");
        assert_eq!(clock.day(1_656_633_599), "2022-07-01");
    }

    #[test]
    fn the_clock_of_tests_is_ahead() {
        let file = std::env::temp_dir().join(format!("urne-clock-{}", std::process::id()));
        let clock = Clock::new(Some(file.clone())).unwrap();
        let before = clock.seconds();
        std::fs::write(&file, "1000\n").unwrap();
        assert!((before + 1_000..=before + 1_002).contains(&clock.seconds()));
        std::fs::remove_file(file).unwrap();
        assert!(clock.seconds() <= before + 2);
    }
}
