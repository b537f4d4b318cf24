//! Letters and e-mails with codes.

use askama::Template;
use qrcode::QrCode;
use qrcode::render::svg;
use urne::VoterId;
use urne::ballot_box::Issued;
use zeroize::Zeroizing;

use super::Desk;
use crate::i18n::Lang;
use crate::page::page;
use crate::{Failure, programs};

/// More than an e-mail has.
const MOST_BYTES: usize = 64 << 10;

/// What letters and e-mails are made with, in a language.
pub struct Press<'a> {
    desk: &'a Desk,
    lang: Lang,
    election: &'a str,
    /// The address, not the code: what scans a QR may send on what it reads.
    qr: String,
    opens_at: String,
    closes_at: String,
    /// Of each program that browsers are given: name and SHA-256, in groups.
    programs: Vec<(String, String)>,
}

page!("letters.html", Letters<'a> {
    press: &'a Press<'a>,
    /// One a sheet.
    letters: &'a [Issued],
    /// Of how many it is which.
    part: &'a str,
});

page!("code.txt", Text<'a> {
    press: &'a Press<'a>,
    intro: &'a str,
    voter: &'a VoterId,
});

/// An e-mail with a code.
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: Zeroizing<String>,
}

impl<'a> Press<'a> {
    pub fn new(desk: &'a Desk, lang: Lang) -> Result<Self, Failure> {
        let contest = desk.contests.values().next().ok_or("no contest")?;
        let qr = QrCode::new(&desk.file.address)?;
        let qr = qr.render::<svg::Color<'_>>().min_dimensions(120, 120).build();
        let programs = programs::list(&desk.assets).into_iter();
        Ok(Press {
            desk,
            lang,
            election: &contest.description().election,
            // Its picture alone, without the declaration of a document.
            qr: qr.find("<svg").map_or(String::new(), |at| qr[at..].to_owned()),
            opens_at: desk.clock.text(lang, contest.description().opens_at.seconds()),
            closes_at: desk.clock.text(lang, contest.description().closes_at.seconds()),
            programs: programs.map(|(name, hash)| (name, groups(hash))).collect(),
        })
    }

    /// Number, title and fingerprint of each of a voter's contests.
    fn contests(&self, voter: &VoterId) -> Vec<(u64, &str, String)> {
        let numbers = self.desk.electors.get(voter).map_or(&[][..], |elector| &elector.contests);
        let contests = numbers.iter().filter_map(|number| self.desk.contests.get(number));
        contests.map(|of| (of.number, &*of.description().title, groups(of.approved.fingerprint()))).collect()
    }

    pub fn print(&self, letters: &[Issued], part: &str) -> Result<Zeroizing<String>, Failure> {
        Ok(Zeroizing::new(Letters { press: self, letters, part }.render()?))
    }

    /// With what a letter gives to be compared. Where the code was issued anew it is said how long it serves.
    pub fn mail(&self, issued: &Issued) -> Result<Mail, Failure> {
        let elector = self.desk.electors.get(&issued.voter).ok_or("no such voter")?;
        let key = if issued.reissued { "mail-new-code" } else { "mail-code" };
        let intro = Zeroizing::new(self.lang.with(
            &format!("{key}-text"),
            &[
                ("name", elector.name.as_str()),
                ("election", self.election),
                ("code", &issued.code.expose_text()),
                ("address", &self.desk.file.address),
                ("closes", &self.closes_at),
            ],
        ));
        // As long as it becomes from the start, so that no copy of the code is left where it was shorter.
        let mut text = Zeroizing::new(String::with_capacity(MOST_BYTES));
        Text { press: self, intro: &intro, voter: &issued.voter }.render_into(&mut *text)?;
        let subject = self.lang.with(&format!("{key}-subject"), &[("election", self.election)]);
        Ok(Mail { to: elector.email.clone(), subject, text })
    }
}

/// Eight digits at a time.
pub fn groups(digits: impl ToString) -> String {
    let digits = digits.to_string();
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
