//! Command lines: `--name value`, each name known.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::Failure;

/// The arguments of a program.
pub struct Arguments {
    plain: Vec<String>,
    named: BTreeMap<String, Vec<String>>,
}

impl Arguments {
    /// Those of this process. `flags` stand alone, `options` have a value.
    pub fn read(flags: &[&str], options: &[&str]) -> Result<Self, Failure> {
        Arguments::of(std::env::args().skip(1), flags, options)
    }

    fn of(given: impl Iterator<Item = String>, flags: &[&str], options: &[&str]) -> Result<Self, Failure> {
        let (mut plain, mut named, mut given) = (Vec::new(), BTreeMap::<_, Vec<_>>::new(), given);
        while let Some(argument) = given.next() {
            match argument.strip_prefix("--") {
                None => plain.push(argument),
                Some(name) if flags.contains(&name) => _ = named.entry(name.to_owned()).or_default(),
                Some(name) if options.contains(&name) => {
                    let value = given.next().ok_or_else(|| format!("--{name} needs a value"))?;
                    named.entry(name.to_owned()).or_default().push(value);
                }
                Some(name) => {
                    let known: Vec<_> = flags.iter().chain(options).map(|name| format!("--{name}")).collect();
                    return Err(format!("--{name} is not known; there are {}", known.join(" ")).into());
                }
            }
        }
        Ok(Arguments { plain, named })
    }

    /// The only argument without a name.
    pub fn only(&self, what: &str) -> Result<&str, Failure> {
        match self.plain.as_slice() {
            [one] => Ok(one),
            [] => Err(format!("{what} is needed").into()),
            [_, other, ..] => Err(format!("{other:?} is too many: {what} is all").into()),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.named.contains_key(name)
    }

    pub fn all(&self, name: &str) -> &[String] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    /// The last value of an option.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all(name).last().map(String::as_str)
    }

    /// It does not read, with the option's name.
    pub fn get<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<Option<T>, Failure> {
        let read = |text: &str| text.parse().map_err(|error| format!("--{name} {text}: {error}").into());
        self.text(name).map(read).transpose()
    }

    /// A time: `90`, `90s`, `15m`, `2h`, `7d`.
    pub fn seconds(&self, name: &str) -> Result<Option<u64>, Failure> {
        let read = |text: &str| {
            let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
            let unit = units.iter().find_map(|(unit, of)| Some((text.strip_suffix(unit)?, *of)));
            let (number, of) = unit.unwrap_or((text, 1));
            let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(of));
            seconds.ok_or_else(|| format!("--{name} {text}: a time is written 90s, 15m, 2h or 7d").into())
        };
        self.text(name).map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Result<Arguments, String> {
        Arguments::of(line.split(' ').map(str::to_owned), &["flag"], &["in", "port"])
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_given_is_read_or_refused_by_name() {
        let read = of("dir --in 15m --flag --port 80").unwrap();
        assert_eq!(read.only("a folder").unwrap(), "dir");
        assert!(read.has("flag"));
        assert_eq!(read.seconds("in").unwrap(), Some(900));
        assert_eq!(read.get::<u16>("port").unwrap(), Some(80));
        assert_eq!(of("--in 2h").unwrap().seconds("in").unwrap(), Some(7_200));
        assert_eq!(of("--in 90").unwrap().seconds("in").unwrap(), Some(90));
        for wrong in ["m", "1w", "-1s", "99999999999999999999d", "é"] {
            assert!(of(&format!("--in {wrong}")).unwrap().seconds("in").is_err(), "{wrong}");
        }
        let refused = |line: &str| of(line).err().unwrap();
        assert_eq!(refused("--prot 80"), "--prot is not known; there are --flag --in --port");
        assert_eq!(refused("--port"), "--port needs a value");
        let port = of("--port x").unwrap().get::<u16>("port").unwrap_err().to_string();
        assert_eq!(port, "--port x: invalid digit found in string");
        assert!(of("a b").unwrap().only("a folder").is_err());
    }
}
