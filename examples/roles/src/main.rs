//! The roles of an election, each with its own memory, in one program. `README.md` says who writes which file for whom.

#[macro_use]
#[path = "../../tool.rs"]
mod tool;

mod ballot_box;
mod ceremony;
mod closing;
mod desk;
mod issuer;
mod office;
mod requests;
mod sealed;
mod trustee;
mod voter;

use std::process::ExitCode;

use clap::{Arg, ArgAction, Command};

const STEPS: &str = "\
The steps, in the order of an election; each does all contests on the board:
  ceremony identity LABEL --seat J     a trustee's identity key; asks for two passphrases: delegate, substitute
  office   ceremony LABEL --slots M --panel T/N …    who takes part; prints the digest
  ceremony next LABEL --digest HEX     commit, reveal, check and confirm or complain, take the key
  office   conclude LABEL              the key, or the culprit
  issuer   new    box new              their keys; each asks for a passphrase
  office   contest LABEL --description FILE --booklet FILE    for review; prints NUMBER=FINGERPRINT
  trustee  approve --fingerprint …     the contests that this person has reviewed
  office   approve                     the approved contests
  issuer   issue --voters FILE         a code for every voter, and the rolls
  box      propose    issuer open    box open --anchors DIR    the rolls are opened
  trustee  keep-openings --voters FILE
  issuer   letters                     the codes that are not sent yet
  box      serve --anchors DIR         answers, until the process is ended by whatever it may be
  voter    challenge VOTER --letter FILE --fingerprint … --choice … --opened FILE
  voter    check-challenge --letter FILE --reference … --fingerprint … --choice … --opened FILE
  voter    vote VOTER --letter FILE --fingerprint … --choice …
  voter    resume --fingerprint …      sends again what was not acknowledged
  issuer   reissue VOTER               a new code, for a person who was identified by other means
  box      close --anchors DIR         the closed records
  trustee  given                       the digests of the closings this trustee was given
  voter    check --fingerprint …       in the closed records, or the counted ones
  voter    hand-over    trustee show-heads    heads that closings must extend
  issuer   sign-closings --given-at SECONDS --complaints SECONDS
  trustee  endorse --given-at SECONDS --complaints SECONDS --voters FILE
  trustee  ready    trustee give-factors
  office   publish                     the records
  auditor  audit --fingerprint …
  voter    check-code --letter FILE --reference … --fingerprint …";

const OPTIONS: [(&str, &str, &str); 20] = [
    ("exchange", "DIR", "all messages: `board` is for everybody to read, `post` goes from role to role [exchange]"),
    ("own", "DIR", "the role's own folder, which nobody else reads [own]"),
    ("anchors", "DIR", "where the box's anchors are, on another disk than its own folder"),
    ("seat", "J", "the trustee's number, as the bureau is seated"),
    ("slots", "M", "the most slots that a contest under the key may have"),
    ("panel", "T/N", "how many of how many trustees open a tally; once a panel"),
    ("digest", "HEX", "the ceremony's, as the trustees have compared it among themselves"),
    ("description", "FILE", "a contest: the fields of its JSON but for documents, packing, panels and keys"),
    ("booklet", "FILE", "what each list stands for"),
    ("voters", "FILE", "the electoral list: a line a voter, with the numbers of their contests"),
    ("fingerprint", "NUMBER=HEX", "a contest that is meant, as the trustees publish it; once a contest"),
    ("choice", "NUMBER=LIST", "what is chosen, or NUMBER=blank; once a contest"),
    ("letter", "FILE", "the voter's code"),
    ("opened", "FILE", "an opened ballot, for the second device alone"),
    ("reference", "REFERENCE", "a ballot's, as the first device has shown it"),
    ("given-at", "SECONDS", "when this person was given the closed records, as it is in the minutes"),
    ("complaints", "SECONDS", "how long complaints are taken from then on, as agreed with the dates"),
    ("later", "SECONDS", "FOR TESTS ONLY: how far the clock is ahead"),
    ("work-factor", "LOG", "FOR TESTS ONLY: new passphrases are sealed with so little work"),
    ("without-anchor", "NUMBER", "DANGEROUS: a box whose anchor is lost; its log may have lost its end"),
];

fn main() -> ExitCode {
    tool::run("Error:", || {
        let places = ["role", "step", "name"].map(|name| Arg::new(name).required(name != "name"));
        let options = OPTIONS.map(|(name, value, help)| {
            Arg::new(name).long(name).value_name(value).help(help).action(ArgAction::Append)
        });
        let command = Command::new("roles").args(places).args(options).after_help(STEPS);
        let desk = desk::Desk::new(command.try_get_matches()?)?;
        match desk.one("role")? {
            "office" | "auditor" => office::run(&desk),
            "ceremony" => ceremony::run(&desk),
            "trustee" => trustee::run(&desk),
            "issuer" => issuer::run(&desk),
            "box" => ballot_box::run(&desk),
            "voter" => voter::run(&desk),
            _ => desk.unknown(),
        }
    })
}
