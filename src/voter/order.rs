//! A session's steps in the wrong order do not type-check.
//!
//! In the right order, from one screen to the next, everything does:
//!
//! ```
//! use urne::voter::*;
//! use urne::ballot::ChallengedBallot;
//! use urne::{ActivationNonce, Choice, Receipt, UnixTime, VotingCode, rand_core::CryptoRng};
//!
//! fn enter(session: VoterSession, code: &VotingCode, nonce: &ActivationNonce, rng: &mut dyn CryptoRng) {
//!     let _: EnteredCode = session.enter_code(code, nonce, rng);
//! }
//! fn activated(entered: EnteredCode) -> Result<ActiveSession, NotActivated> {
//!     entered.activated(&[])
//! }
//! fn choose(session: ActiveSession, now: UnixTime) -> Result<Participation, NotChosen> {
//!     session.choose(584, now)
//! }
//! fn activate_selection(participation: Participation) -> Selection {
//!     participation.activate_selection()
//! }
//! fn select(selection: Selection) -> Result<Review, NotSelected> {
//!     selection.select(Choice::Blank)
//! }
//! fn seal(review: Review, rng: &mut dyn CryptoRng) -> Result<SealedChoice, NotSealed> {
//!     review.seal(rng)
//! }
//! fn cast(sealed: SealedChoice, now: UnixTime) -> Casting {
//!     sealed.cast(now).stored()
//! }
//! fn challenge(sealed: SealedChoice) -> Challenging {
//!     sealed.challenge()
//! }
//! fn noted(challenging: Challenging) -> (ChallengedBallot, Selection) {
//!     challenging.noted()
//! }
//! fn acknowledge(casting: Casting, receipt: Receipt, now: UnixTime) -> ActiveSession {
//!     casting.acknowledge(receipt, now, 60).unwrap().0
//! }
//! ```
//!
//! No contest without a code that was entered and activated:
//!
//! ```compile_fail,E0599
//! fn choose(session: urne::VoterSession, now: urne::UnixTime) {
//!     let _ = session.choose(584, now);
//! }
//! ```
//!
//! ```compile_fail,E0599
//! fn choose(entered: urne::voter::EnteredCode, now: urne::UnixTime) {
//!     let _ = entered.choose(584, now);
//! }
//! ```
//!
//! No selection before it is activated:
//!
//! ```compile_fail,E0599
//! fn select(participation: urne::voter::Participation) {
//!     let _ = participation.select(urne::Choice::Blank);
//! }
//! ```
//!
//! Nothing sealed that was not confirmed:
//!
//! ```compile_fail,E0599
//! fn seal(selection: urne::voter::Selection, rng: &mut dyn urne::rand_core::CryptoRng) {
//!     let _ = selection.seal(rng);
//! }
//! ```
//!
//! Nothing cast that was not sealed:
//!
//! ```compile_fail,E0599
//! fn cast(review: urne::voter::Review, now: urne::UnixTime) {
//!     let _ = review.cast(now);
//! }
//! ```
//!
//! Nothing opened that the box has not noted, nor cast after it was to be opened:
//!
//! ```compile_fail,E0599
//! fn open(challenging: urne::voter::Challenging) {
//!     let _ = challenging.expose_bytes();
//! }
//! ```
//!
//! ```compile_fail,E0599
//! fn cast(challenging: urne::voter::Challenging, now: urne::UnixTime) {
//!     let _ = challenging.cast(now);
//! }
//! ```
//!
//! No bytes to send before the dossier is stored:
//!
//! ```compile_fail,E0599
//! fn ballot(unsent: urne::Unsent<urne::voter::Casting>) {
//!     let _ = unsent.ballot();
//! }
//! ```
//!
//! No way back once a ballot is cast:
//!
//! ```compile_fail,E0599
//! fn back(casting: urne::voter::Casting) {
//!     let _ = casting.back();
//! }
//! ```
//!
//! A ballot is cast once, and not after it was opened, nor opened after it was cast:
//!
//! ```compile_fail,E0382
//! fn twice(sealed: urne::voter::SealedChoice, now: urne::UnixTime) {
//!     let _ = sealed.cast(now);
//!     let _ = sealed.cast(now);
//! }
//! ```
//!
//! ```compile_fail,E0382
//! fn opened(sealed: urne::voter::SealedChoice, now: urne::UnixTime) {
//!     let _ = sealed.challenge();
//!     let _ = sealed.cast(now);
//! }
//! ```
//!
//! ```compile_fail,E0382
//! fn cast(sealed: urne::voter::SealedChoice, now: urne::UnixTime) {
//!     let _ = sealed.cast(now);
//!     let _ = sealed.challenge();
//! }
//! ```
