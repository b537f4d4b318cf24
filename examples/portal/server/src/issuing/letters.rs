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

/// What letters and e-mails are made with, in a language.
pub struct Press<'a> {
    desk: &'a Desk,
    lang: Lang,
    election: String,
    /// The address, not the code: what scans a QR may send on what it reads.
    qr: String,
    opens_at: String,
    closes_at: String,
    /// Of each program that browsers are given: name and SHA-256, in groups.
    programs: Vec<(String, String)>,
}

/// A page of letters, one a sheet, which says of how many it is which.
#[derive(Template)]
#[template(path = "letters.html")]
struct Letters<'a> {
    press: &'a Press<'a>,
    letters: &'a [(Issued, &'a Elector)],
    part: &'a str,
}

/// An e-mail with a code.
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: Zeroizing<String>,
}

impl<'a> Press<'a> {
    pub fn new(desk: &'a Desk, lang: Lang, clock: &Clock) -> Result<Self, Failure> {
        let contest = desk.contests.values().next().ok_or("no contest")?;
        let time = |at: u64| clock.text(lang, i64::try_from(at).unwrap_or(i64::MAX));
        let qr = QrCode::new(&desk.file.address)?;
        let qr = qr.render::<svg::Color<'_>>().min_dimensions(120, 120).build();
        let programs = programs::of(&desk.file.scripts)?;
        Ok(Press {
            desk,
            lang,
            election: contest.approved.contest().description().election.to_string(),
            // Its picture alone, without the declaration of a document.
            qr: qr.find("<svg").map_or(String::new(), |at| qr[at..].to_owned()),
            opens_at: time(contest.opens_at()),
            closes_at: time(contest.closes_at()),
            programs: programs.into_iter().map(|(name, hash)| (name, groups(&hash))).collect(),
        })
    }

    fn t(&self, key: &str) -> String {
        self.lang.text(key)
    }

    /// Number, title and fingerprint of each of a voter's contests.
    fn contests(&self, elector: &Elector) -> Vec<(u64, String, String)> {
        let of = |number: &u64| {
            let contest = self.desk.contests.get(number)?;
            let title = contest.approved.contest().description().title.to_string();
            Some((*number, title, groups(&contest.fingerprint())))
        };
        elector.contests.iter().filter_map(of).collect()
    }

    pub fn print(&self, letters: &[(Issued, &Elector)], part: &str) -> Result<Zeroizing<String>, Failure> {
        Ok(Zeroizing::new(Letters { press: self, letters, part }.render()?))
    }

    /// With what a letter gives to be compared. Where the code was issued anew it is said how long it serves.
    pub fn mail(&self, issued: &Issued, elector: &Elector, new: bool) -> Mail {
        let key = if new { "mail-new-code" } else { "mail-code" };
        let code = issued.code.expose_text();
        let written = Zeroizing::new(self.lang.with(
            &format!("{key}-text"),
            &[
                ("name", elector.name.as_str()),
                ("election", &self.election),
                ("code", &code),
                ("address", &self.desk.file.address),
                ("closes", &self.closes_at),
            ],
        ));
        let mut compared = format!("\n\n{}\n", self.t("issuer-letter-compare"));
        for (number, title, fingerprint) in self.contests(elector) {
            compared += &format!("\n    {title} ({number})\n    {fingerprint}\n");
        }
        compared += &format!("\n{}\n", self.t("issuer-letter-scripts"));
        for (name, hash) in &self.programs {
            compared += &format!("\n    {name}\n    {hash}\n");
        }
        // As long as it becomes from the start, so that no copy of the code is left where it was shorter.
        let mut text = Zeroizing::new(String::with_capacity(written.len() + compared.len()));
        text.push_str(&written);
        text.push_str(&compared);
        let subject = self.lang.with(&format!("{key}-subject"), &[("election", &self.election)]);
        Mail { to: elector.email.clone(), subject, text }
    }
}

/// Eight digits at a time.
pub fn groups(digits: &str) -> String {
    let groups: Vec<_> = digits.as_bytes().chunks(8).map(String::from_utf8_lossy).collect();
    groups.join(" ")
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
