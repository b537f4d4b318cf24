//! What the voter of the script types, from the first screen to the close, and what must come of it.

use urne::UnixTime;

use crate::console::AtHand;

/// 1 December 2022, 10:12 in Paris: the first visit.
pub const FIRST_VISIT: UnixTime = UnixTime::from_seconds(1_669_885_920);
/// 3 December 2022, 09:23 in Paris: 5 days, 7 hours and 37 minutes before the close.
pub const SECOND_VISIT: UnixTime = UnixTime::from_seconds(1_670_055_780);

/// A line that is typed.
pub enum Typed {
    Text(&'static str),
    /// The digits on the screen.
    Captcha,
    /// The voting code of the letter.
    Letter,
    /// The same with one character for another.
    LetterMistyped,
    /// What the last e-mail said.
    Mail,
    /// Nothing is typed before this time.
    Until(UnixTime),
}

/// The character of the code that is mistyped, from 1.
const MISTYPED: usize = 23;

impl Typed {
    pub fn line(&self, at_hand: &AtHand) -> String {
        match self {
            Typed::Text(text) => (*text).to_owned(),
            Typed::Captcha => at_hand.captcha.clone(),
            Typed::Letter => at_hand.letter.clone(),
            Typed::LetterMistyped => mistype(&at_hand.letter),
            Typed::Mail => at_hand.mail.clone(),
            Typed::Until(_) => String::new(),
        }
    }
}

/// As people type: in capitals, with spaces, and with one character wrong.
fn mistype(code: &str) -> String {
    let plain: Vec<char> = code.chars().filter(|c| *c != '-').collect();
    let typed = plain.iter().enumerate().map(|(position, right)| match (position + 1, right) {
        (MISTYPED, 'q') => 'p',
        (MISTYPED, _) => 'q',
        (_, right) => *right,
    });
    let groups: Vec<String> = typed.collect::<Vec<_>>().chunks(5).map(|it| it.iter().collect()).collect();
    groups.join(" ").to_uppercase()
}

/// Something that the script must show.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    CaptchaWrong,
    PasswordWeak,
    PasswordSet,
    PasswordWrong,
    PasswordReissued,
    CodeMistyped { position: Option<usize> },
    CodeActivated,
    CodeExpired,
    CodeRevoked,
    IdentityRefused,
    CodeReissued,
    SelectionInert,
    ChoiceChanged,
    Voted { number: u64 },
    SecondVoteRefused,
    EmargementAgain,
    DepositProofAgain,
    BallotTested,
    Complaint,
}

pub fn script() -> Vec<Typed> {
    use Typed::{Captcha, Letter, LetterMistyped, Mail, Text, Until};
    const MAIL: Typed = Text("camille.durand@universite.example");
    const PASSWORD: Typed = Text("une urne et quatre scrutins");
    const NEW_PASSWORD: Typed = Text("le bulletin de décembre");
    vec![
        // First visit: a captcha misread, the password set, the portal looked at.
        MAIL,
        Text("12345"),
        MAIL,
        Captcha,
        Text("urne"),
        PASSWORD,
        PASSWORD,
        Text("1"),
        Text("2"),
        Text("3"),
        Text("4"),
        Text("584"),
        Text("10"),
        Text(""),
        Text(""),
        // The code of the letter, mistyped once; the CAPA.
        Text("5"),
        LetterMistyped,
        Letter,
        Text("231"),
        Text("3"),
        Text("P 3"),
        Text("V"),
        Text("3"),
        Text("J"),
        Text("Q"),
        Text("7"),
        Text("8"),
        // Second visit: password forgotten, letter lost.
        Until(SECOND_VISIT),
        Text(""),
        MAIL,
        Captcha,
        Text("une urne et cinq scrutins"),
        Text("oublié"),
        Mail,
        NEW_PASSWORD,
        NEW_PASSWORD,
        Text("5"),
        Text("R"),
        Text("06E1234567ABD"),
        Text("06E1234567ABC"),
        // The first code by e-mail comes too late, and has revoked that of the letter.
        Text(":attendre 125 s"),
        Mail,
        Letter,
        Text("R"),
        Text("2 84 07 75 123"),
        Mail,
        Text("305"),
        Text("V"),
        Text("2"),
        Text("J"),
        // UNSA, put to the test; once more, and then blank instead.
        Text("584"),
        Text("V"),
        Text("10"),
        Text("T"),
        Text("10"),
        Text("R"),
        Text("0"),
        Text("J"),
        Text("712"),
        Text("V"),
        Text("1"),
        Text("J"),
        Text("584"),
        Text("E 584"),
        Text("D 584"),
        Text("Q"),
        Text("6"),
        Text("Mon premier code de réassort est arrivé après ses deux minutes."),
        Text("9"),
    ]
}

pub const EXPECTED: [Event; 25] = [
    Event::CaptchaWrong,
    Event::PasswordWeak,
    Event::PasswordSet,
    Event::CodeMistyped { position: Some(MISTYPED) },
    Event::CodeActivated,
    Event::SelectionInert,
    Event::Voted { number: 231 },
    Event::PasswordWrong,
    Event::PasswordReissued,
    Event::PasswordSet,
    Event::IdentityRefused,
    Event::CodeReissued,
    Event::CodeExpired,
    Event::CodeRevoked,
    Event::CodeReissued,
    Event::CodeActivated,
    Event::Voted { number: 305 },
    Event::BallotTested,
    Event::ChoiceChanged,
    Event::Voted { number: 584 },
    Event::Voted { number: 712 },
    Event::SecondVoteRefused,
    Event::EmargementAgain,
    Event::DepositProofAgain,
    Event::Complaint,
];
