//! E-mails: by SMTP, or as files in a folder, which a demonstration shows.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::{SmtpTransport, Transport};
use url::Url;

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
    /// `folder:DIR`, or `smtps://USER:PASSWORD@HOST`, `smtp://USER:PASSWORD@HOST?tls=required`. In clear, which whoever is
    /// on the way reads, codes among it, only to this machine or by `insecure-smtp://HOST`.
    pub fn new(to: &str, from: &str) -> Result<Self, Failure> {
        let from = from.parse().map_err(|error| format!("mail_from = {from:?}: {error}"))?;
        let way = match to.strip_prefix("folder:") {
            Some(folder) => Way::Folder(folder.into()),
            None => {
                let smtp =
                    SmtpTransport::from_url(&checked(to)?).map_err(|error| format!("mail: {error}"))?;
                Way::Smtp(smtp.timeout(Some(TIMEOUT)).build())
            }
        };
        Ok(Mailer { from, way })
    }

    /// Hands an e-mail over. `to` is an address as `accounts::email` gives it.
    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), Failure> {
        let mail = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.parse()?))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())?;
        let way = self.way.clone();
        let send = move || match way {
            Way::Folder(folder) => {
                disk::put_secret(&folder.join(format!("{}.eml", random_token())), &mail.formatted())
            }
            Way::Smtp(smtp) => smtp.send(&mail).map(drop).map_err(|error| why(&error).into()),
        };
        tokio::task::spawn_blocking(send).await?
    }
}

/// A URL of SMTP that keeps what it carries from whoever is on the way. Errors do not show it: there is a password in it.
fn checked(to: &str) -> Result<String, Failure> {
    let known = "mail: folder:DIR, smtps://HOST and smtp://HOST?tls=required are known";
    let url = Url::parse(&to.replacen("insecure-smtp:", "smtp:", 1)).map_err(|_| known)?;
    let host = url.host_str().ok_or(known)?;
    let here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    // The first of them is what counts.
    let tls = url.query_pairs().find(|(name, _)| name == "tls");
    let required = tls.is_some_and(|(_, value)| value == "required");
    match url.scheme() {
        "smtps" => (),
        "smtp" if required || here || to.starts_with("insecure-smtp:") => (),
        "smtp" => {
            return Err("mail: smtp:// would send codes and links in clear: write smtps://HOST, smtp://HOST?tls=required, \
                        or, if you accept that others read them, insecure-smtp://HOST"
                .into());
        }
        _ => return Err(known.into()),
    }
    Ok(url.into())
}

/// Without the mail server's own words, which repeat the address.
fn why(error: &smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server refuses it with {code}"),
        None if error.is_timeout() => "the mail server takes too long".into(),
        None if error.is_tls() => "no TLS with the mail server".into(),
        None if error.is_response() || error.is_client() => "the mail server is not understood".into(),
        None => "no connection with the mail server".into(),
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
    fn nothing_leaves_in_clear_unless_that_is_asked_for() {
        let of = |to: &str| Mailer::new(to, "vote@localhost").map(drop).map_err(|error| error.to_string());
        for good in [
            "smtps://jo:pa%40ss@mail.example",
            "smtp://jo:pass@mail.example?tls=required",
            "smtp://localhost:25",
            "smtp://127.0.0.1:2525",
            "insecure-smtp://mail.example",
        ] {
            assert_eq!(of(good), Ok(()), "{good}");
        }
        for clear in [
            "smtp://jo:pass@mail.example",
            "smtp://mail.example?tls=opportunistic",
            "smtp://mail.example?tls=opportunistic&tls=required",
            "smtp://localhost.example",
            "smtp://10.0.0.1",
        ] {
            let error = of(clear).unwrap_err();
            assert!(error.contains("in clear") && !error.contains("jo:"), "{error}");
        }
        for unknown in ["carrier-pigeon", "ftp://mail.example", "", "smtps:"] {
            assert!(of(unknown).unwrap_err().contains("folder:DIR"), "{unknown}");
        }
    }

    /// The server repeats the address in what it says.
    #[tokio::test]
    async fn what_goes_wrong_is_told_without_the_address() {
        use std::io::{BufRead, BufReader, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            (&stream).write_all(b"220 mail.example\r\n").unwrap();
            for line in BufReader::new(&stream).lines() {
                let refused = line.unwrap().starts_with("RCPT");
                let said: &[u8] =
                    if refused { b"550 <jo@example.org>: no such user\r\n" } else { b"250 good\r\n" };
                (&stream).write_all(said).unwrap();
            }
        });
        let mailer = Mailer::new(&format!("smtp://{address}"), "vote@localhost").unwrap();
        let error = mailer.send("jo@example.org", "A", "one").await.unwrap_err().to_string();
        assert_eq!(error, "the mail server refuses it with 550");
    }
}
