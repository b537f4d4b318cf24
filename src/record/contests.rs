//! A contest as people review it, and as its trustees have approved it: JSON, in the shapes of a record.

use alloc::string::String;
use alloc::vec::Vec;

use super::json::strict_object;
use super::make::approvals;
use super::read::{approved, check_protocol, read_contest};
use super::{ContestRecord, RecordError, SignatureRecord};
use crate::contest::{ApprovedContest, Contest};
use crate::primitives::{Text, labels};

struct ReviewedFile {
    protocol: Text,
    contest: ContestRecord,
}

strict_object!(ReviewedFile { protocol, contest });

struct ApprovedFile {
    protocol: Text,
    contest: ContestRecord,
    approvals: Vec<SignatureRecord>,
}

strict_object!(ApprovedFile { protocol, contest, approvals });

/// JSON is written two spaces a level. Strings, integers and lists of them always have a JSON form.
fn written(file: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(file).unwrap_or_default()
}

fn read<F: serde::de::DeserializeOwned>(json: &[u8], expected: &'static str) -> Result<F, RecordError> {
    serde_json::from_slice(json).map_err(|error| match serde_json::from_slice(json) {
        // A file of another kind has other fields, so an error would be about one of these.
        Ok(super::json::Protocol { protocol }) if protocol != expected => RecordError::Protocol { expected },
        _ => RecordError::json(&error),
    })
}

impl Contest {
    /// The contest as people review it before they approve it: one JSON object with `"protocol": "urne/2 contest"` and
    /// `contest` as it stands in a [`Record`](super::Record).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use urne::Contest;
    /// # let record = urne::Record::from_json(include_bytes!("../../tests/vectors/record.json"))?;
    /// # let approved = record.contest()?;
    /// # let contest = approved.contest();
    ///
    /// let json = contest.to_json();
    /// assert_eq!(Contest::from_json(json.as_bytes())?, *contest);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        written(&ReviewedFile {
            protocol: labels::PROTOCOL_CONTEST.into(),
            contest: ContestRecord::from(self),
        })
    }

    /// Reads what [`to_json`](Contest::to_json) gave, as strictly as a record. Nobody has approved it by that.
    ///
    /// # Errors
    ///
    /// [`RecordError::Json`] with what is wrong, line and column, [`RecordError::CutShort`] for a file that ends early,
    /// [`RecordError::Protocol`] for another kind of file, and the [`RecordError`] of the first rule that the contest breaks.
    pub fn from_json(json: &[u8]) -> Result<Self, RecordError> {
        let ReviewedFile { protocol, contest } = read(json, labels::PROTOCOL_CONTEST)?;
        check_protocol(&protocol, labels::PROTOCOL_CONTEST)?;
        read_contest(&contest)
    }
}

impl ApprovedContest {
    /// The contest with its approvals, as it is published before the opening: one JSON object with
    /// `"protocol": "urne/2 approved contest"`, and `contest` and `approvals` as they stand in a
    /// [`Record`](super::Record).
    #[must_use]
    pub fn to_json(&self) -> String {
        written(&ApprovedFile {
            protocol: labels::PROTOCOL_APPROVED.into(),
            contest: ContestRecord::from(self.contest()),
            approvals: approvals(self),
        })
    }

    /// Reads what [`to_json`](ApprovedContest::to_json) gave, as strictly as a record, and verifies all approvals.
    /// Whose trustees these are shows in the [fingerprint](ApprovedContest::fingerprint) alone.
    ///
    /// # Errors
    ///
    /// Those of [`Contest::from_json`] and [`ApprovedContest::new`], as a [`RecordError`].
    pub fn from_json(json: &[u8]) -> Result<Self, RecordError> {
        let ApprovedFile { protocol, contest, approvals } = read(json, labels::PROTOCOL_APPROVED)?;
        approved(&protocol, labels::PROTOCOL_APPROVED, &contest, &approvals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Dealt;

    #[test]
    fn contests_read_only_what_they_write() {
        let approved = Dealt::new(&[(1, 2), (2, 3)], 4, None, 10).contest;
        let contest = approved.contest();
        let [reviewed, whole] = [contest.to_json(), approved.to_json()];
        assert_eq!(Contest::from_json(reviewed.as_bytes()).as_ref(), Ok(contest));
        assert_eq!(ApprovedContest::from_json(whole.as_bytes()).as_ref(), Ok(&approved));
        // Neither passes for the other.
        let expected = labels::PROTOCOL_CONTEST;
        assert_eq!(Contest::from_json(whole.as_bytes()).unwrap_err(), RecordError::Protocol { expected });
        let expected = labels::PROTOCOL_APPROVED;
        assert_eq!(
            ApprovedContest::from_json(reviewed.as_bytes()).unwrap_err(),
            RecordError::Protocol { expected }
        );
        let renamed = reviewed.replacen(labels::PROTOCOL_CONTEST, labels::PROTOCOL, 1);
        let expected = labels::PROTOCOL_CONTEST;
        assert_eq!(Contest::from_json(renamed.as_bytes()).unwrap_err(), RecordError::Protocol { expected });
    }

    #[test]
    fn attack_14_a_contest_without_every_approval_is_not_approved() {
        let approved = Dealt::new(&[(2, 3)], 1, None, 10).contest;
        let mut file: serde_json::Value = serde_json::from_str(&approved.to_json()).unwrap();
        let approvals = file["approvals"].as_array_mut().unwrap();
        approvals.pop();
        let read = ApprovedContest::from_json(&serde_json::to_vec(&file).unwrap());
        assert!(matches!(read.unwrap_err(), RecordError::Contest(_)));
        // An approval of another contest.
        let other = approved.to_json().replacen("\"capacity\": 10", "\"capacity\": 11", 1);
        assert!(matches!(ApprovedContest::from_json(other.as_bytes()).unwrap_err(), RecordError::Contest(_)));
    }

    #[test]
    fn attack_20_lax_json_is_no_contest() {
        let json = Dealt::simple(2, 1).contest.contest().to_json();
        let twice = json.replacen("\"contest\"", "\"protocol\": \"urne/2 contest\", \"contest\"", 1);
        let unknown = json.replacen("\"contest\"", "\"more\": 1, \"contest\"", 1);
        let after = [&json, "{}"].concat();
        for lax in [twice, unknown, after] {
            let error = Contest::from_json(lax.as_bytes()).unwrap_err();
            assert!(matches!(error, RecordError::Json { .. }), "{lax}");
        }
        for length in 0..json.len() {
            let error = Contest::from_json(&json.as_bytes()[..length]).unwrap_err();
            assert!(matches!(error, RecordError::CutShort { .. }), "{length}");
        }
    }
}
