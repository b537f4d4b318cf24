//! Numbers with their nouns, as errors say them.

use core::fmt;

/// A number of things, as it is said: `1 ballot`, `2 ballots`.
pub(crate) fn count<T: fmt::Display + PartialEq + From<bool>>(
    number: T,
    noun: &'static str,
) -> impl fmt::Display {
    Count { number, noun }
}

struct Count<T> {
    number: T,
    /// For one of them.
    noun: &'static str,
}

impl<T: fmt::Display + PartialEq + From<bool>> fmt::Display for Count<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { number, noun } = self;
        // `true` is 1.
        let plural = if *number == T::from(true) { "" } else { "s" };
        write!(f, "{number} {noun}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::count;
    use alloc::string::ToString;

    #[test]
    fn one_is_singular_and_nothing_else_is() {
        let said = [0u64, 1, 2, 21].map(|number| count(number, "ballot").to_string());
        assert_eq!(said, ["0 ballots", "1 ballot", "2 ballots", "21 ballots"]);
        assert_eq!(count(1u8, "sealed share").to_string(), "1 sealed share");
    }
}
