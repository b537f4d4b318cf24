//! E-mails: files in a folder, which a demonstration shows.

use std::path::PathBuf;

use crate::Failure;
use crate::accounts::random_token;
use crate::files;

/// Where e-mails go.
#[derive(Clone, Debug)]
pub struct Mailer {
    from: String,
    folder: PathBuf,
}

impl Mailer {
    /// `folder:DIR`.
    pub fn new(to: &str, from: &str) -> Result<Self, Failure> {
        let folder = to.strip_prefix("folder:").ok_or_else(|| format!("mail = {to:?}: folder:DIR is known"))?;
        Ok(Mailer { from: from.into(), folder: folder.into() })
    }

    /// Hands an e-mail over. `to` is an address as `accounts::email` gives it.
    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), Failure> {
        let one_line = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let mail = format!(
            "From: {}\r\nTo: {}\r\nSubject: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n",
            one_line(&self.from), one_line(to), one_line(subject), text.replace('\n', "\r\n")
        );
        let place = self.folder.join(format!("{}.eml", random_token()));
        Ok(tokio::task::spawn_blocking(move || files::put(&place, mail.as_bytes())).await??)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_from_outside_makes_no_header() {
        let folder = std::env::temp_dir().join(format!("urne-mail-{}", std::process::id()));
        let mailer = Mailer::new(&format!("folder:{}", folder.display()), "vote@localhost").unwrap();
        mailer.send("jo@host\r\nBcc: all@host", "A\nB", "one\ntwo").await.unwrap();
        let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("To: jo@hostBcc: all@host\r\nSubject: AB\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\none\r\ntwo\r\n"));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn an_unknown_way_is_an_error() {
        assert!(Mailer::new("carrier-pigeon", "vote@localhost").unwrap_err().to_string().contains("carrier-pigeon"));
    }
}
