//! The documents of a contest: statements and candidates of the lists, tied to the contest by a hash.

use alloc::string::String;

use sha2::{Digest, Sha256};

use crate::contest::Contest;
use crate::primitives::Text;
use crate::primitives::messages::messages;

const PREFIX: &str = "sha256:";

/// The text for [`ContestDescription::documents`](crate::contest::ContestDescription::documents) that
/// ties a booklet to a contest: `sha256:` and 64 hex digits.
#[must_use]
pub fn documents_text(booklet: &[u8]) -> Text {
    let digest: [u8; 32] = Sha256::digest(booklet).into();
    let mut text = String::from(PREFIX);
    text.push_str(&crate::primitives::wire::to_hex(&digest));
    text.into()
}

impl Contest {
    /// Checks that a booklet of statements and candidates is the one that the contest was approved with.
    ///
    /// # Errors
    ///
    /// [`DocumentsError::Form`] when the contest's `documents` is not of the form [`documents_text`] gives,
    /// so that nothing can be checked, and [`DocumentsError::Other`] when the booklet is another.
    pub fn check_documents(&self, booklet: &[u8]) -> Result<(), DocumentsError> {
        let expected = &self.description().documents;
        let digest = expected.strip_prefix(PREFIX).ok_or(DocumentsError::Form)?;
        crate::primitives::wire::array_from_hex::<32>(digest).ok_or(DocumentsError::Form)?;
        if *expected == documents_text(booklet) { Ok(()) } else { Err(DocumentsError::Other) }
    }
}

/// Why a booklet cannot be shown for a contest.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentsError {
    /// The contest does not name its documents by a SHA-256.
    Form,
    /// The contest was approved with another booklet.
    Other,
}

messages! { DocumentsError: "documents";
    Form => "form", "the contest does not name its documents by a SHA-256";
    Other => "other", "the contest was approved with other documents";
}

impl core::error::Error for DocumentsError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Dealt, description};

    #[test]
    fn only_the_approved_booklet_is_shown() {
        let dealt = Dealt::simple(2, 1);
        let contest = |documents: &str| {
            let mut description = description(2, 1, &dealt.box_key, &dealt.issuer_key);
            description.documents = documents.into();
            Contest::new(description, dealt.contest.contest().key()).unwrap()
        };
        let named = contest(&documents_text(b"booklet"));
        assert_eq!(named.check_documents(b"booklet"), Ok(()));
        assert_eq!(named.check_documents(b"booklet "), Err(DocumentsError::Other));
        for form in ["", "sha256:", "sha256:00", "md5:00000000000000000000000000000000"] {
            assert_eq!(contest(form).check_documents(b"booklet"), Err(DocumentsError::Form));
        }
    }
}
