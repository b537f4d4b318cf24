//! Times, which always come in as arguments: the crate reads no clock.

use core::fmt;

const DAY: u64 = 86_400;
/// Days of 400 years, after which the calendar repeats itself.
const ERA: u64 = 146_097;

/// A time in whole seconds since 1970-01-01 00:00 UTC, without leap seconds.
///
/// It is shown by the calendar, in UTC (ISO 8601), and by its number:
///
/// ```
/// use urne::UnixTime;
///
/// let opens_at = UnixTime::from_seconds(1_669_878_000);
/// assert_eq!(opens_at.to_string(), "2022-12-01T07:00:00Z (1669878000)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// A time from its number of seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        UnixTime(seconds)
    }

    /// The number of seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// The time so many seconds later, and no later than a `u64` says.
    #[must_use]
    pub const fn saturating_add(self, seconds: u64) -> Self {
        UnixTime(self.0.saturating_add(seconds))
    }

    /// Year, month and day, in the Gregorian calendar.
    ///
    /// Years are taken to begin in March: the leap day is then the last of its year, and the months before the one
    /// that is looked for have, in all, `⌊(153·m + 2) / 5⌋` days.
    fn date(self) -> (u64, u64, u64) {
        // From 0000-03-01 on.
        let days = (self.0 / DAY).saturating_add(719_468);
        let (era, day) = (days / ERA, days % ERA);
        // Without the leap days before it, each year of the era has 365.
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let year = era * 400 + year;
        if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let second = self.0 % DAY;
        // Years of more than four digits have a sign.
        let sign = if year > 9_999 { "+" } else { "" };
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{sign}{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z ({})", self.0)
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixTime({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn shown(seconds: u64) -> alloc::string::String {
        UnixTime::from_seconds(seconds).to_string()
    }

    #[test]
    fn times_are_shown_by_the_calendar_and_by_their_number() {
        assert_eq!(shown(0), "1970-01-01T00:00:00Z (0)");
        assert_eq!(shown(86_399), "1970-01-01T23:59:59Z (86399)");
        assert_eq!(shown(951_782_400), "2000-02-29T00:00:00Z (951782400)");
        assert_eq!(shown(951_868_800), "2000-03-01T00:00:00Z (951868800)");
        assert_eq!(shown(1_670_515_201), "2022-12-08T16:00:01Z (1670515201)");
        assert_eq!(shown(4_107_542_399), "2100-02-28T23:59:59Z (4107542399)");
        assert_eq!(shown(4_107_542_400), "2100-03-01T00:00:00Z (4107542400)");
        assert_eq!(shown(253_402_300_799), "9999-12-31T23:59:59Z (253402300799)");
        assert_eq!(shown(253_402_300_800), "+10000-01-01T00:00:00Z (253402300800)");
        assert_eq!(shown(u64::MAX), "+584554051223-11-09T07:00:15Z (18446744073709551615)");
    }

    #[test]
    fn no_time_is_later_than_the_last() {
        assert_eq!(UnixTime::from_seconds(5).saturating_add(7).seconds(), 12);
        assert_eq!(UnixTime::from_seconds(5).saturating_add(u64::MAX).seconds(), u64::MAX);
    }

    /// Day after day for a thousand years, and the same 400 years later, against a calendar that only counts.
    #[test]
    fn every_day_of_a_thousand_years_has_its_date() {
        let leap =
            |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for number in 0..365_250 {
            let time = UnixTime::from_seconds(number * DAY + 4_321);
            assert_eq!(time.date(), (year, month, day));
            let later = UnixTime::from_seconds((number + ERA) * DAY);
            assert_eq!(later.date(), (year + 400, month, day));
            let last = match month {
                2 => 28 + u64::from(leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > last {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }
}
