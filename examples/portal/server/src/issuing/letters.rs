//! Letters and e-mails with codes.

use askama::Template;
use qrcode::QrCode;
use qrcode::render::svg;
use urne::ballot_box::Issued;
use zeroize::Zeroizing;

use super::Desk;
use crate::Failure;
use crate::clock::Clock;
use crate::election::Elector;
use crate::i18n::Lang;
use crate::programs;

/// What is printed on every letter alike.
pub struct Common {
    pub election: String,
    pub address: String,
    /// The address, not the code: what scans a QR may send on what it reads.
    pub qr: String,
    pub opens_at: String,
    pub closes_at: String,
}

/// A contest on a letter.
pub struct OnLetter {
    pub number: u64,
    pub title: String,
    /// In groups that can be compared with the eye.
    pub fingerprint: String,
}

pub struct Letter {
    pub name: String,
    pub code: Zeroizing<String>,
    pub contests: Vec<OnLetter>,
}

#[derive(Template)]
#[template(path = "letters.html")]
pub struct Letters<'a> {
    pub lang: Lang,
    pub common: &'a Common,
    /// Of each program that browsers are given: name and SHA-256.
    pub programs: &'a [(String, String)],
    pub letters: Vec<Letter>,
}

impl Letters<'_> {
    fn t(&self, key: &str) -> String {
        self.lang.text(key)
    }

    fn t1(&self, key: &str, name: &str, value: &str) -> String {
        self.lang.with(key, &[(name, value)])
    }
}

impl Common {
    pub fn of(desk: &Desk, lang: Lang, clock: &Clock) -> Result<Self, Failure> {
        let contest = desk.contests.values().next().ok_or("no contest")?;
        let description = contest.contest().description();
        let time = |at: urne::UnixTime| clock.text(lang, i64::try_from(at.seconds()).unwrap_or(i64::MAX));
        let qr = QrCode::new(&desk.file.address)?;
        let qr = qr.render::<svg::Color<'_>>().min_dimensions(120, 120).build();
        // Its picture alone, without the declaration of a document.
        let qr = qr.find("<svg").map_or(String::new(), |at| qr[at..].to_owned());
        Ok(Common {
            election: description.election.to_string(),
            address: desk.file.address.clone(),
            qr,
            opens_at: time(description.opens_at),
            closes_at: time(description.closes_at),
        })
    }
}

impl Letter {
    pub fn of(desk: &Desk, issued: &Issued, elector: &Elector) -> Self {
        let on_letter = |number: &u64| {
            let contest = desk.contests.get(number)?.contest();
            let fingerprint = groups(&contest.fingerprint().to_string());
            Some(OnLetter { number: *number, title: contest.description().title.to_string(), fingerprint })
        };
        Letter {
            name: elector.name.clone(),
            code: issued.code.expose_text(),
            contests: elector.contests.iter().filter_map(on_letter).collect(),
        }
    }
}

/// What letters are printed with.
pub struct Press {
    lang: Lang,
    common: Common,
    programs: Vec<(String, String)>,
}

impl Press {
    pub fn new(desk: &Desk, lang: Lang, clock: &Clock) -> Result<Self, Failure> {
        let programs = programs::of(&desk.file.scripts)?;
        let programs = programs.into_iter().map(|(name, hash)| (name, groups(&hash))).collect();
        Ok(Press { lang, common: Common::of(desk, lang, clock)?, programs })
    }

    /// A page with these letters, one a sheet.
    pub fn print(&self, desk: &Desk, letters: &[(Issued, &Elector)]) -> Result<Zeroizing<String>, Failure> {
        let Press { lang, common, programs } = self;
        let letters = letters.iter().map(|(issued, elector)| Letter::of(desk, issued, elector)).collect();
        Ok(Zeroizing::new(Letters { lang: *lang, common, programs, letters }.render()?))
    }
}

/// An e-mail with a code: subject and text. One that was issued anew says how long it serves.
pub fn mail(
    lang: Lang,
    common: &Common,
    issued: &Issued,
    elector: &Elector,
    new: bool,
) -> (String, Zeroizing<String>) {
    let key = if new { "mail-new-code" } else { "mail-code" };
    let code = issued.code.expose_text();
    let text = lang.with(
        &format!("{key}-text"),
        &[
            ("name", elector.name.as_str()),
            ("election", &common.election),
            ("code", &code),
            ("address", &common.address),
            ("closes", &common.closes_at),
        ],
    );
    (lang.with(&format!("{key}-subject"), &[("election", &common.election)]), Zeroizing::new(text))
}

/// Eight digits at a time.
pub fn groups(text: &str) -> String {
    let mut all = String::new();
    for (at, character) in text.chars().enumerate() {
        if at > 0 && at % 8 == 0 {
            all.push(' ');
        }
        all.push(character);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_shown_in_groups() {
        assert_eq!(groups("0123456789abcdef01"), "01234567 89abcdef 01");
        assert_eq!(groups(""), "");
    }
}
