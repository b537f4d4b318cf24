//! E-mails: by SMTP, or as files in a folder, which a demonstration shows.

use std::path::PathBuf;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{SmtpTransport, Transport};

use crate::Failure;
use crate::accounts::random_token;
use crate::disk;

/// A mail server that takes longer keeps nobody waiting.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Where e-mails go.
#[derive(Clone, Debug)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Folder(PathBuf),
    Smtp(SmtpTransport),
}

impl Mailer {
    /// `folder:DIR`, or `smtps://USER:PASSWORD@HOST`, `smtp://USER:PASSWORD@HOST?tls=required`.
    pub fn new(to: &str, from: &str) -> Result<Self, Failure> {
        let from = from.parse().map_err(|error| format!("mail_from = {from:?}: {error}"))?;
        let way = match to.strip_prefix("folder:") {
            Some(folder) => Way::Folder(folder.into()),
            // Not what is in it: there is a password.
            None if to.starts_with("smtp") => {
                let smtp = SmtpTransport::from_url(to).map_err(|error| format!("mail: {error}"))?;
                Way::Smtp(smtp.timeout(Some(TIMEOUT)).build())
            }
            None => return Err("mail: folder:DIR, smtps://… and smtp://…?tls=required are known".into()),
        };
        Ok(Mailer { from, way })
    }

    /// Hands an e-mail over. `to` is an address as `accounts::email` gives it.
    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), Failure> {
        let (mailer, [to, subject, text]) = (self.clone(), [to, subject, text].map(str::to_owned));
        tokio::task::spawn_blocking(move || mailer.send_now(&to, &subject, &text)).await?
    }

    /// The same, where waiting is no harm.
    pub fn send_now(&self, to: &str, subject: &str, text: &str) -> Result<(), Failure> {
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.parse()?))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())?;
        match &self.way {
            Way::Folder(folder) => {
                disk::put_secret(&folder.join(format!("{}.eml", random_token())), &mail.formatted())
            }
            Way::Smtp(smtp) => smtp.send(&mail).map(drop).map_err(Failure::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_from_outside_makes_no_header() {
        let folder = std::env::temp_dir().join(format!("urne-mail-{}", std::process::id()));
        let mailer = Mailer::new(&format!("folder:{}", folder.display()), "vote@localhost").unwrap();
        mailer.send("jo@example.org\r\nBcc: all@example.org", "A", "one").await.unwrap_err();
        mailer.send("jo@example.org", "A\r\nBcc: all@example.org", "one\ntwo").await.unwrap();
        let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("To: jo@example.org\r\n") && !text.contains("\nBcc"), "{text}");
        assert!(text.trim_end().ends_with("one\r\ntwo"), "{text}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_unknown_way_is_an_error() {
        let error = Mailer::new("carrier-pigeon", "vote@localhost").unwrap_err().to_string();
        assert!(error.contains("folder:DIR") && !error.contains("pigeon"), "{error}");
    }
}
