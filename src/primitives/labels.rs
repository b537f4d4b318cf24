//! Every name that the protocol hashes, in one place.
//!
//! The first group holds domain separators (transcript names and hash tags), the second the labels of
//! items inside a transcript. None of them may change: a changed label is another protocol.

/// Version of the protocol, as it stands in a record.
pub(crate) const PROTOCOL: &str = "urne/2";
/// The same in a closed record, which is not counted yet.
pub(crate) const PROTOCOL_CLOSED: &str = "urne/2 closed";
/// What the JSON of a contest says of itself, before it is approved.
#[cfg(feature = "serde")]
pub(crate) const PROTOCOL_CONTEST: &str = "urne/2 contest";
/// What the JSON of an approved contest says of itself.
#[cfg(feature = "serde")]
pub(crate) const PROTOCOL_APPROVED: &str = "urne/2 approved contest";
/// First byte of a ballot, and second of every other form.
pub(crate) const WIRE_VERSION: u8 = 2;

pub(crate) const GENERATOR: &[u8] = b"urne/2 generator";
pub(crate) const SIGNATURE: &[u8] = b"urne/2 signature";
pub(crate) const CONTEST: &[u8] = b"urne/2 contest";
pub(crate) const CREDENTIAL: &[u8] = b"urne/2 credential";
pub(crate) const ACTIVATION: &[u8] = b"urne/2 activation";
/// Entries of a shard of a roll, in an audit in parts; no part of the protocol.
pub(crate) const ROLL_SHARD: &[u8] = b"urne/2 roll shard";
pub(crate) const ROLL: &[u8] = b"urne/2 roll";
pub(crate) const OPENING: &[u8] = b"urne/2 opening";
pub(crate) const CREDENTIALS: &[u8] = b"urne/2 credentials";
pub(crate) const BALLOT: &[u8] = b"urne/2 ballot";
pub(crate) const REFERENCE: &[u8] = b"urne/2 reference";
pub(crate) const BATCH: &[u8] = b"urne/2 batch";
pub(crate) const HEAD: &[u8] = b"urne/2 head";
pub(crate) const SIGNING: &[u8] = b"urne/2 signing";
pub(crate) const SIGNINGS: &[u8] = b"urne/2 signings";
/// Entries of a box's own log, the key of their tags, the tags, and the weights of activations that are
/// verified together when the log is read: this implementation's and not the protocol's.
pub(crate) const LOG: &[u8] = b"urne/2 log";
pub(crate) const LOG_KEY: &[u8] = b"urne/2 log key";
pub(crate) const LOG_TAG: &[u8] = b"urne/2 log tag";
pub(crate) const ACTIVATIONS: &[u8] = b"urne/2 activations";
pub(crate) const CLOSING: &[u8] = b"urne/2 closing";
pub(crate) const CEREMONY: &[u8] = b"urne/2 ceremony";
pub(crate) const COMMITMENT: &[u8] = b"urne/2 commitment";
pub(crate) const SHARE: &[u8] = b"urne/2 share";
pub(crate) const POSSESSION: &[u8] = b"urne/2 possession";
pub(crate) const COMPLAINT: &[u8] = b"urne/2 complaint";
pub(crate) const KEY: &[u8] = b"urne/2 key";
pub(crate) const DECRYPTION: &[u8] = b"urne/2 decryption";
pub(crate) const FACTORS: &[u8] = b"urne/2 factors";
/// The tag of what a role stores; this implementation's and not the protocol's.
pub(crate) const STORED: &[u8] = b"urne/2 stored";
/// Private transcripts from which secrets are drawn. Never seen on the wire.
pub(crate) const SECRETS: &[u8] = b"urne/2 secrets";

/// What a trustee's signature is for.
pub(crate) const PURPOSE_APPROVAL: &[u8] = b"approval";
pub(crate) const PURPOSE_COMMITMENT: &[u8] = b"commitment";
pub(crate) const PURPOSE_KEY: &[u8] = b"key";
pub(crate) const PURPOSE_ENDORSEMENT: &[u8] = b"endorsement";
pub(crate) const PURPOSE_FACTORS: &[u8] = b"factors";

/// Names of the generators.
pub(crate) const GENERATOR_BLIND: &[u8] = b"blind";
pub(crate) const GENERATOR_NONCE: &[u8] = b"nonce";
pub(crate) const GENERATOR_CREDENTIAL: &[u8] = b"credential";
pub(crate) const GENERATOR_QUADRATIC: &[u8] = b"quadratic";
pub(crate) const GENERATOR_CHOICE: &[u8] = b"choice";

/// Labels of items inside a transcript.
pub(crate) mod item {
    pub(crate) const PURPOSE: &[u8] = b"purpose";
    pub(crate) const DIGEST: &[u8] = b"digest";
    pub(crate) const KEY: &[u8] = b"key";
    pub(crate) const KEYS: &[u8] = b"keys";
    pub(crate) const T: &[u8] = b"T";
    pub(crate) const T1: &[u8] = b"T1";
    pub(crate) const T2: &[u8] = b"T2";
    pub(crate) const C: &[u8] = b"c";
    pub(crate) const CONTEST: &[u8] = b"contest";
    pub(crate) const CODE: &[u8] = b"code";
    pub(crate) const SECRET: &[u8] = b"secret";
    pub(crate) const CREDENTIAL: &[u8] = b"credential";
    pub(crate) const NONCE: &[u8] = b"nonce";
    pub(crate) const CIPHERTEXT: &[u8] = b"ciphertext";
    pub(crate) const Y: &[u8] = b"y";
    pub(crate) const A: &[u8] = b"A";
    pub(crate) const B: &[u8] = b"B";
    pub(crate) const W: &[u8] = b"w";
    pub(crate) const S: &[u8] = b"S";
    pub(crate) const E: &[u8] = b"e";
    pub(crate) const X: &[u8] = b"x";
    pub(crate) const RESPONSES: &[u8] = b"responses";
    pub(crate) const BALLOT: &[u8] = b"ballot";
    pub(crate) const WEIGHT: &[u8] = b"weight";
    pub(crate) const CEREMONY: &[u8] = b"ceremony";
    pub(crate) const FROM: &[u8] = b"from";
    pub(crate) const TO: &[u8] = b"to";
    pub(crate) const COMMITMENTS: &[u8] = b"commitments";
    pub(crate) const MASK: &[u8] = b"mask";
    pub(crate) const TRUSTEE: &[u8] = b"trustee";
    pub(crate) const SHARES: &[u8] = b"shares";
    pub(crate) const CLOSING: &[u8] = b"closing";
    pub(crate) const COUNT: &[u8] = b"count";
    pub(crate) const SUMS: &[u8] = b"sums";
    pub(crate) const FACTORS: &[u8] = b"factors";
    pub(crate) const STORED: &[u8] = b"stored";
    pub(crate) const TAG: &[u8] = b"tag";
    /// Private transcripts only.
    pub(crate) const WITNESS: &[u8] = b"witness";
    pub(crate) const RNG: &[u8] = b"rng";
    pub(crate) const DRAW: &[u8] = b"draw";
    pub(crate) const STATEMENT: &[u8] = b"statement";
    pub(crate) const HOLDER: &[u8] = b"holder";
}
