//! A contest as its organiser describes it, as people review it, and as its trustees have approved it: JSON, in the
//! shapes of a record.

use alloc::string::String;
use alloc::vec::Vec;

use super::json::strict_object;
use super::make::approvals;
use super::read::{approved, check_protocol, read_contest};
use super::{ContestRecord, RecordError, SignatureRecord};
use crate::contest::{ApprovedContest, Contest, ContestDescription, Packing};
use crate::primitives::form::form_by;
use crate::primitives::{Text, UnixTime, VerifyingKey, labels};

struct ReviewedFile {
    protocol: Text,
    contest: ContestRecord,
}

strict_object!(ReviewedFile { protocol, contest });

struct DescriptionFile {
    election: Text,
    number: u64,
    title: Text,
    documents: Text,
    lists: Vec<Text>,
    opens_at: u64,
    closes_at: u64,
    grace: u64,
    capacity: u64,
    packing: Option<u8>,
    quorums: Option<Vec<u8>>,
    box_key: VerifyingKey,
    issuer_key: VerifyingKey,
}

strict_object!(DescriptionFile {
    election,
    number,
    title,
    documents,
    lists,
    opens_at,
    closes_at,
    grace,
    capacity,
    packing,
    quorums,
    box_key,
    issuer_key
});

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

impl ContestDescription {
    /// The description as an organiser writes it down, before there is a contest: one JSON object with the names and
    /// forms of a record's `contest`, but without its panels, and with `packing` and `quorums`, either of which may be
    /// `null`.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use urne::contest::ContestDescription;
    ///
    /// let json = br#"{
    ///     "election": "Council 2026", "number": 584, "title": "Town council", "documents": "",
    ///     "lists": ["Left bank", "Right bank"],
    ///     "opens_at": 1796112000, "closes_at": 1796749200, "grace": 1800, "capacity": 1000,
    ///     "packing": null, "quorums": null,
    ///     "box_key": "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c",
    ///     "issuer_key": "43a72e714401762df66b68c26dfbdf2682aaec9f2474eca4613e424a0fbafd3c"
    /// }"#;
    /// let description = ContestDescription::from_json(json)?;
    /// assert_eq!(description.lists, ["Left bank", "Right bank"]);
    /// assert_eq!(ContestDescription::from_json(description.to_json().as_bytes())?, description);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let description = self.clone();
        written(&DescriptionFile {
            election: description.election,
            number: description.number,
            title: description.title,
            documents: description.documents,
            lists: description.lists,
            opens_at: description.opens_at.seconds(),
            closes_at: description.closes_at.seconds(),
            grace: description.grace,
            capacity: description.capacity,
            packing: description.packing.map(Packing::get),
            quorums: description.quorums,
            box_key: description.box_key,
            issuer_key: description.issuer_key,
        })
    }

    /// Reads what [`to_json`](ContestDescription::to_json) gave: every name exactly once, no other. Whether there can be
    /// such a contest is for [`Contest::new`] to say.
    ///
    /// # Errors
    ///
    /// [`RecordError::Json`] with what is wrong, line and column, [`RecordError::CutShort`] for a file that ends early,
    /// [`RecordError::Number`] for a packing of 0.
    pub fn from_json(json: &[u8]) -> Result<Self, RecordError> {
        let file: DescriptionFile =
            serde_json::from_slice(json).map_err(|error| RecordError::json(&error))?;
        let packing = file.packing.map(|lists| {
            Packing::new(lists).ok_or(RecordError::Number { field: "packing", actual: lists.into() })
        });
        Ok(ContestDescription {
            election: file.election,
            number: file.number,
            title: file.title,
            documents: file.documents,
            lists: file.lists,
            opens_at: UnixTime::from_seconds(file.opens_at),
            closes_at: UnixTime::from_seconds(file.closes_at),
            grace: file.grace,
            capacity: file.capacity,
            packing: packing.transpose()?,
            quorums: file.quorums,
            box_key: file.box_key,
            issuer_key: file.issuer_key,
        })
    }
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

form_by! { from_json, to_json;
    Contest: "contest.json", RecordError;
    ApprovedContest: "approved.json", RecordError;
    super::ClosedRecord: "closed.json", RecordError;
    super::Record: "record.json", RecordError;
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
    fn descriptions_read_only_what_they_write() {
        let json = Dealt::new(&[(1, 2), (2, 3)], 4, None, 10).contest.contest().to_json();
        let contest = Contest::from_json(json.as_bytes()).unwrap();
        let full = contest.description().clone();
        let packing = full.packing.unwrap().get();
        assert!(full.quorums.is_some());
        let bare = ContestDescription { packing: None, quorums: None, ..full.clone() };
        for description in [full, bare] {
            let json = description.to_json();
            assert_eq!(ContestDescription::from_json(json.as_bytes()), Ok(description));
            for (name, _) in serde_json::from_str::<serde_json::Value>(&json).unwrap().as_object().unwrap() {
                // Without it, and with another beside it.
                let mut without: serde_json::Value = serde_json::from_str(&json).unwrap();
                without.as_object_mut().unwrap().remove(name);
                let missing = ContestDescription::from_json(&serde_json::to_vec(&without).unwrap());
                assert!(alloc::format!("{}", missing.unwrap_err()).contains(name), "{name}");
                let twice = json.replacen('{', &alloc::format!("{{\"{name}\": 1,"), 1);
                assert!(ContestDescription::from_json(twice.as_bytes()).is_err(), "{name} twice");
            }
            let unknown = json.replacen('{', "{\"panels\": [],", 1);
            assert!(ContestDescription::from_json(unknown.as_bytes()).is_err());
        }
        let json = contest.description().to_json();
        let none = json.replacen(&alloc::format!("\"packing\": {packing}"), "\"packing\": 0", 1);
        let error = RecordError::Number { field: "packing", actual: 0 };
        assert_eq!(ContestDescription::from_json(none.as_bytes()), Err(error));
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
