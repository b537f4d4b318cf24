//! JSON, strictly: what is not there or twice there is not guessed at.

use std::collections::BTreeMap;

/// No value of a record lies deeper than six; a reader that calls itself has to stop somewhere.
const DEEPEST: usize = 16;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Boolean(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// One value with nothing but white space around it.
pub fn read(bytes: &[u8]) -> Result<Json, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8: {error}"))?;
    let mut reader = Reader { rest: text, length: text.len() };
    let value = reader.value(0)?;
    reader.space();
    if reader.rest.is_empty() { Ok(value) } else { reader.fail("something after the end") }
}

struct Reader<'a> {
    rest: &'a str,
    length: usize,
}

impl Reader<'_> {
    fn fail<T>(&self, what: &str) -> Result<T, String> {
        Err(format!("JSON: {what} at byte {}", self.length - self.rest.len()))
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes this text if it comes next.
    fn takes(&mut self, expected: &str) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn character(&mut self) -> Result<char, String> {
        let Some(character) = self.rest.chars().next() else { return self.fail("the end") };
        self.rest = &self.rest[character.len_utf8()..];
        Ok(character)
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        self.space();
        if depth > DEEPEST {
            return self.fail("too deep");
        }
        if self.takes("null") {
            return Ok(Json::Null);
        }
        if self.takes("true") {
            return Ok(Json::Boolean(true));
        }
        if self.takes("false") {
            return Ok(Json::Boolean(false));
        }
        if self.takes("\"") {
            return Ok(Json::Text(self.text()?));
        }
        if self.takes("[") {
            return self.list(depth);
        }
        if self.takes("{") {
            return self.object(depth);
        }
        let number = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !number(c)).unwrap_or(self.rest.len());
        if end == 0 {
            return self.fail("no value");
        }
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Json::Number(number.into()))
    }

    fn list(&mut self, depth: usize) -> Result<Json, String> {
        let mut list = Vec::new();
        self.space();
        if self.takes("]") {
            return Ok(Json::List(list));
        }
        loop {
            list.push(self.value(depth + 1)?);
            self.space();
            if self.takes("]") {
                return Ok(Json::List(list));
            }
            if !self.takes(",") {
                return self.fail("neither , nor ]");
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        let mut object = BTreeMap::new();
        self.space();
        if self.takes("}") {
            return Ok(Json::Object(object));
        }
        loop {
            self.space();
            if !self.takes("\"") {
                return self.fail("no name");
            }
            let name = self.text()?;
            self.space();
            if !self.takes(":") {
                return self.fail("no : after a name");
            }
            let value = self.value(depth + 1)?;
            if object.insert(name, value).is_some() {
                return self.fail("a name twice");
            }
            self.space();
            if self.takes("}") {
                return Ok(Json::Object(object));
            }
            if !self.takes(",") {
                return self.fail("neither , nor }");
            }
        }
    }

    /// The rest of a text after its opening quotation mark.
    fn text(&mut self) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.character()? {
                '"' => return Ok(text),
                '\\' => text.push(self.escaped()?),
                '\0'..='\u{1f}' => return self.fail("a control character"),
                character => text.push(character),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, String> {
        Ok(match self.character()? {
            same @ ('"' | '\\' | '/') => same,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.unit()?;
                let mut units = vec![first];
                if (0xd800..0xdc00).contains(&first) {
                    if !self.takes("\\u") {
                        return self.fail("half a surrogate pair");
                    }
                    units.push(self.unit()?);
                }
                match char::decode_utf16(units).next() {
                    Some(Ok(character)) => character,
                    _ => return self.fail("half a surrogate pair"),
                }
            }
            _ => return self.fail("an unknown escape"),
        })
    }

    fn unit(&mut self) -> Result<u16, String> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = self.character()?.to_digit(16) else { return self.fail("no hex digit") };
            unit = unit << 4 | u16::try_from(digit).unwrap();
        }
        Ok(unit)
    }
}
