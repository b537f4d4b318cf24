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
    /// Of each program that browsers are given: name and SHA-256, in groups.
    pub programs: Vec<(String, String)>,
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
        let programs = programs::of(&desk.file.scripts)?;
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
            programs: programs.into_iter().map(|(name, hash)| (name, groups(&hash))).collect(),
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
}

impl Press {
    pub fn new(desk: &Desk, lang: Lang, clock: &Clock) -> Result<Self, Failure> {
        Ok(Press { lang, common: Common::of(desk, lang, clock)? })
    }

    /// A page with these letters, one a sheet.
    pub fn print(&self, desk: &Desk, letters: &[(Issued, &Elector)]) -> Result<Zeroizing<String>, Failure> {
        let Press { lang, common } = self;
        let letters = letters.iter().map(|(issued, elector)| Letter::of(desk, issued, elector)).collect();
        Ok(Zeroizing::new(Letters { lang: *lang, common, letters }.render()?))
    }
}

/// An e-mail with a code: subject and text, with what a letter gives to be compared. One that was issued anew says how long
/// it serves.
pub fn mail(
    desk: &Desk,
    lang: Lang,
    common: &Common,
    issued: &Issued,
    elector: &Elector,
    new: bool,
) -> (String, Zeroizing<String>) {
    let key = if new { "mail-new-code" } else { "mail-code" };
    let Letter { name, code, contests } = Letter::of(desk, issued, elector);
    let written = Zeroizing::new(lang.with(
        &format!("{key}-text"),
        &[
            ("name", name.as_str()),
            ("election", &common.election),
            ("code", &code),
            ("address", &common.address),
            ("closes", &common.closes_at),
        ],
    ));
    let mut compared = format!("\n\n{}\n", lang.text("issuer-letter-compare"));
    for OnLetter { number, title, fingerprint } in contests {
        compared += &format!("\n    {title} ({number})\n    {fingerprint}\n");
    }
    compared += &format!("\n{}\n", lang.text("issuer-letter-scripts"));
    for (name, hash) in &common.programs {
        compared += &format!("\n    {name}\n    {hash}\n");
    }
    // As long as it becomes from the start, so that no copy of the code is left where it was shorter.
    let mut text = Zeroizing::new(String::with_capacity(written.len() + compared.len()));
    text.push_str(&written);
    text.push_str(&compared);
    (lang.with(&format!("{key}-subject"), &[("election", &common.election)]), text)
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
