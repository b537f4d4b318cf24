//! How every error states what it says: a stable code and a text, beside each other.
//!
//! A text is complete: what an inner error says stands in it, and so no error has a `source`, which would say it twice.

/// Gives an enum `code`, `CODES` and `Display` from one table of its variants.
///
/// Each line is a pattern, then code and text, or `of` the inner error that says all there is to say and whose code
/// is the code. A code is `room/what-is-wrong`, is never changed or used again once released, and is the only thing
/// that programs may compare; the text is for people, and changes. A variant that is not in the table does not
/// compile, nor do two of one code.
///
/// ```text
/// messages! { DepositError: "deposit";
///     NotYetOpen { opens_at } => "not-yet-open", "the contest opens at {opens_at}";
///     Ballot(error) => of error;
/// }
/// ```
macro_rules! messages {
    ($name:ident: $room:literal;
     $($variant:ident $({ $($field:tt)* })? $(( $($inner:tt)* ))? =>
       $(of $error:ident)? $($code:literal, $text:literal $(, $argument:expr)*)?;)+) => {
        impl $name {
            /// Every [`code`](Self::code) that is of this type itself, not of an error inside of it.
            pub const CODES: &'static [&'static str] = &[$($(concat!($room, "/", $code),)?)+];

            /// What is wrong, for programs: it stays the same in every later version, whatever becomes of the text.
            /// Of an error that says nothing but what another says, it is that one's code.
            #[must_use]
            #[allow(unused_variables)]
            pub fn code(&self) -> &'static str {
                match self {
                    $($name::$variant $({ $($field)* })? $(( $($inner)* ))? =>
                        $(concat!($room, "/", $code))? $($error.code())?,)+
                }
            }
        }

        impl ::core::fmt::Display for $name {
            #[allow(unused_variables)]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    $($name::$variant $({ $($field)* })? $(( $($inner)* ))? =>
                        $(write!(f, $text $(, $argument)*))? $(::core::fmt::Display::fmt($error, f))?,)+
                }
            }
        }

        const _: () = assert!($crate::primitives::messages::distinct($name::CODES), "two variants of one code");
    };
}
pub(crate) use messages;

/// Whether no two of them are the same, for the compiler to find out.
pub(crate) const fn distinct(codes: &[&str]) -> bool {
    match codes {
        [first, rest @ ..] => !is_among(first, rest) && distinct(rest),
        [] => true,
    }
}

const fn is_among(code: &str, codes: &[&str]) -> bool {
    match codes {
        [first, rest @ ..] => are_equal(code.as_bytes(), first.as_bytes()) || is_among(code, rest),
        [] => false,
    }
}

const fn are_equal(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([first, one @ ..], [second, other @ ..]) => *first == *second && are_equal(one, other),
        (rest, []) | ([], rest) => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(unreachable_pub)]

    use super::*;
    use core::fmt;

    #[derive(Clone, Copy)]
    enum Inner {
        Broken { at: u8 },
        Lost,
    }

    messages! { Inner: "inner";
        Broken { at } => "broken", "broken at {}", *at + 1;
        Lost => "lost", "lost";
    }

    enum Outer {
        Pair(u8, Inner),
        Same(Inner),
    }

    messages! { Outer: "outer";
        Pair(number, error) => "pair", "{number}: {error}";
        Same(error) => of error;
    }

    #[test]
    fn code_and_text_are_those_of_the_table() {
        fn said<E: fmt::Display>(error: &E, code: &str) -> alloc::string::String {
            alloc::format!("{code} {error}")
        }
        let broken = Inner::Broken { at: 0 };
        assert_eq!(said(&broken, broken.code()), "inner/broken broken at 1");
        let pair = Outer::Pair(7, broken);
        assert_eq!(said(&pair, pair.code()), "outer/pair 7: broken at 1");
        let same = Outer::Same(Inner::Lost);
        assert_eq!(said(&same, same.code()), "inner/lost lost");
        assert_eq!(Inner::CODES, ["inner/broken", "inner/lost"]);
        assert_eq!(Outer::CODES, ["outer/pair"]);
    }

    #[test]
    fn codes_are_told_apart_to_the_last_letter() {
        assert!(distinct(&[]));
        assert!(distinct(&["a", "b", "ab", "ba", ""]));
        assert!(!distinct(&["a", "b", "a"]));
        assert!(!distinct(&["c", "ab", "b", "ab"]));
        assert!(!distinct(&["", ""]));
    }
}
