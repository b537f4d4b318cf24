//! The terminal: titled screens, wrapped text, and questions that a script or a person answers.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read, stdin};

use urne::UnixTime;

use crate::clock::{Clock, after, countdown, parse_duration};
use crate::common::{CLOSES_AT, Failure};
use crate::script::{Event, Typed};
use crate::tool;

/// The widest that the screens get.
const WIDTH: usize = 78;
/// The longest line that is taken from a keyboard, in bytes.
const LONGEST: u64 = 2_000;
/// What a question takes in a script, in seconds.
const SCRIPTED_PACE: u64 = 9;
/// The clock of the demonstration goes no further: a year after the end.
const LATEST: UnixTime = UnixTime::from_seconds(1_702_053_000);

enum Input {
    Keyboard,
    Script(VecDeque<Typed>),
}

/// What the voter of the script has read and can type.
#[derive(Default)]
pub struct AtHand {
    pub captcha: String,
    pub letter: String,
    pub mail: String,
}

pub struct Console {
    pub clock: Clock,
    pub at_hand: AtHand,
    input: Input,
    witnessed: Vec<Event>,
}

impl Console {
    pub fn keyboard(start: UnixTime) -> Result<Self, Failure> {
        Ok(Console::new(Clock::new(start, true)?, Input::Keyboard))
    }

    pub fn script(start: UnixTime, script: Vec<Typed>) -> Result<Self, Failure> {
        Ok(Console::new(Clock::new(start, false)?, Input::Script(script.into())))
    }

    fn new(clock: Clock, input: Input) -> Self {
        Console { clock, at_hand: AtHand::default(), input, witnessed: Vec::new() }
    }

    /// Notes that something happened which the script must have shown.
    pub fn witness(&mut self, event: Event) {
        self.witnessed.push(event);
    }

    /// In a script: that everything was typed, and that exactly these things happened, in order.
    pub fn check_script(&self, expected: &[Event]) -> Result<(), Failure> {
        let Input::Script(left) = &self.input else { return Ok(()) };
        if !left.is_empty() {
            return Err(format!("the script has {} lines that nobody asked for", left.len()).into());
        }
        if self.witnessed != expected {
            return Err(format!("expected {expected:?}, witnessed {:?}", self.witnessed).into());
        }
        Ok(())
    }

    /// A new screen, with its title, the time, and the countdown.
    pub fn screen(&self, title: &str) -> Result<(), Failure> {
        let now = self.clock.now();
        let time = self.clock.time(now)?;
        let date = format!("{}, {}", self.clock.date(now)?, &time[..5]);
        let left = CLOSES_AT.seconds().saturating_sub(now.seconds());
        let state = match left {
            0 => "Le vote est clos.".to_owned(),
            left => format!("Fermeture du vote dans {}", countdown(left)),
        };
        let inner = width() - 4;
        println!("\n┌─{}─┐", "─".repeat(inner));
        match inner.checked_sub(title.chars().count() + date.chars().count() + 1) {
            Some(gap) => println!("│ {title} {:gap$}{date} │", ""),
            None => println!("│ {title:<inner$} │\n│ {date:<inner$} │"),
        }
        println!("│ {state:<inner$} │");
        println!("└─{}─┘", "─".repeat(inner));
        Ok(())
    }

    /// A paragraph.
    pub fn say(&self, text: &str) {
        for line in wrap(text, width() - 4) {
            println!("  {line}");
        }
    }

    /// A refusal, marked so that it is seen.
    pub fn refuse(&self, text: &str) {
        self.hanging("✗", text);
    }

    /// Something that holds.
    pub fn done(&self, text: &str) {
        self.hanging("✓", text);
    }

    /// A contest with its title.
    pub fn entry(&self, number: u64, title: &str) {
        self.hanging(&number.to_string(), title);
    }

    fn hanging(&self, mark: &str, text: &str) {
        let indent = mark.chars().count();
        for (position, line) in wrap(text, width() - 5 - indent).iter().enumerate() {
            println!("  {:indent$} {line}", if position == 0 { mark } else { "" });
        }
    }

    /// A letter or an e-mail.
    pub fn message(&self, heading: &str, text: &[&str]) {
        let inner = width() - 8;
        let fill = inner.saturating_sub(heading.chars().count() + 3);
        println!("\n    ╭─ {heading} {}╮", "─".repeat(fill));
        for line in text.iter().flat_map(|paragraph| wrap(paragraph, inner - 2)) {
            println!("    │ {line:<width$} │", width = inner - 2);
        }
        println!("    ╰{}╯\n", "─".repeat(inner));
    }

    /// Asks, and gives the line that was typed, without the spaces around it.
    pub fn ask(&mut self, prompt: &str) -> Result<String, Failure> {
        loop {
            self.pass_time();
            print!("  {prompt} ▸ ");
            tool::flush();
            let line = match &mut self.input {
                Input::Keyboard => match keyboard_line(&mut stdin().lock())? {
                    Ok(line) => line,
                    Err(why) => {
                        self.refuse(why);
                        continue;
                    }
                },
                Input::Script(script) => {
                    let typed = script.pop_front().ok_or("the script has no answer left")?;
                    let line = typed.line(&self.at_hand);
                    println!("{line}");
                    if !line.is_empty() {
                        self.clock.advance(SCRIPTED_PACE);
                    }
                    line
                }
            };
            let Some(command) = line.strip_prefix(':') else { return Ok(line) };
            self.command(command)?;
        }
    }

    /// In a script: goes to the time of the next line, if it has one.
    fn pass_time(&mut self) {
        if let Input::Script(script) = &mut self.input
            && let Some(Typed::Until(time)) = script.front()
        {
            self.clock.advance_to(*time);
            script.pop_front();
            println!("\n  … le temps passe …\n");
        }
    }

    /// What can be typed at any question to move the demonstration's clock.
    fn command(&mut self, command: &str) -> Result<(), Failure> {
        match command.split_once(' ') {
            Some(("attendre", duration)) => match parse_duration(duration) {
                Some(seconds) if after(self.clock.now(), seconds) > LATEST => {
                    let latest = self.clock.date(LATEST)?;
                    println!("    L'horloge de la démonstration s'arrête le {latest}.");
                }
                Some(seconds) => {
                    self.clock.advance(seconds);
                    println!("    Horloge avancée : {}", self.clock.date_and_time(self.clock.now())?);
                }
                None => println!(
                    "    Écrivez « :attendre 3 » (en minutes), « :attendre 90 s », « 2 h » ou « 4 j »."
                ),
            },
            _ if command == "heure" => {
                println!("    {}", self.clock.date_and_time(self.clock.now())?);
            }
            _ => println!("    Commandes : « :attendre 3 » et « :heure »."),
        }
        Ok(())
    }
}

/// What was typed, without the spaces around it, or why it is not taken.
fn keyboard_line(keyboard: &mut impl BufRead) -> Result<Result<String, &'static str>, Failure> {
    let mut bytes = Vec::new();
    keyboard.by_ref().take(LONGEST).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Err("fin de la saisie".into());
    }
    if bytes.len() as u64 == LONGEST && bytes.last() != Some(&b'\n') {
        skip_line(keyboard)?;
        return Ok(Err("Cette ligne est trop longue : elle n'est pas prise en compte."));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(Err("Cette saisie contient un octet qui n'est pas un caractère : recommencez."));
    };
    let text = text.trim();
    if text.contains(char::is_control) {
        return Ok(Err("Cette saisie contient un caractère de commande : recommencez."));
    }
    Ok(Ok(text.to_owned()))
}

/// Reads on to the end of a line, without keeping it.
fn skip_line(keyboard: &mut impl BufRead) -> io::Result<()> {
    loop {
        let some = keyboard.fill_buf()?;
        let end = some.iter().position(|byte| *byte == b'\n');
        let read = end.map_or(some.len(), |end| end + 1);
        keyboard.consume(read);
        if end.is_some() || read == 0 {
            return Ok(());
        }
    }
}

fn width() -> usize {
    tool::width().min(WIDTH)
}

/// Lines of at most so many characters. No line begins with a sign that French sets after a space.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let glued = matches!(word.chars().next(), Some(':' | ';' | '!' | '?' | '»' | '%'));
        match words.last_mut() {
            Some(before) if glued || before.ends_with('«') => {
                before.push(' ');
                before.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let mut lines = vec![String::new()];
    for word in words {
        let last = lines.len() - 1;
        let room = lines[last].is_empty() || lines[last].chars().count() + 1 + word.chars().count() <= width;
        if !room {
            lines.push(word);
            continue;
        }
        if !lines[last].is_empty() {
            lines[last].push(' ');
        }
        lines[last].push_str(&word);
    }
    lines
}
