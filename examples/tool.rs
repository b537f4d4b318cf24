//! What makes tools of the examples: output that may end early, files that are whole or not there, lines no wider
//! than the terminal, and an exit status that means something:
//!
//! | status | |
//! |---|---|
//! | 0 | everything happened as it must |
//! | 1 | something did not; standard error says what |
//! | 2 | the command line is wrong, or a file that it names cannot be read or written |
//! | 3 | of `audit` alone: a closed record, in which all that is there holds |
//! | 4 | standard output could not be written, or nobody reads on (`| head`); what was left to do is not done |
//!
//! There are no colours, so that there is nothing to turn off.
#![allow(dead_code)]

use std::any::Any;
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind, IsTerminal, Write, stderr, stdout};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Termination};
use std::str::FromStr;
use std::time::{Duration, Instant};

use console::Term;
use urne::primitives::escaped;

pub type Failure = Box<dyn Error>;

/// The command line, or a file that it names.
const FILES: u8 = 2;
/// Standard output.
const OUTPUT: u8 = 4;

/// Columns where there is no terminal, and the most and least that are made use of.
const COLUMNS: usize = 80;
const MOST_COLUMNS: usize = 100;
const LEAST_COLUMNS: usize = 40;

/// In place of std's, which panics where output ends early. It ends the example, with status 4.
macro_rules! print {
    ($($text:tt)*) => { $crate::tool::out(format_args!($($text)*)) };
}

/// In place of std's; see `print`.
macro_rules! println {
    () => { $crate::tool::out(format_args!("\n")) };
    ($($text:tt)*) => { $crate::tool::out(format_args!("{}\n", format_args!($($text)*))) };
}

/// In place of std's, which panics where standard error is full: what cannot be said there is not said.
macro_rules! eprintln {
    ($($text:tt)*) => { $crate::tool::err(format_args!("{}\n", format_args!($($text)*))) };
}

/// Standard output is lost. It unwinds as a panic does, but silently, so that secrets are wiped and unfinished files
/// removed on the way out.
struct Lost(io::Error);

/// On a terminal every line is broken where it ends; elsewhere it stays whole, for the tools that read on.
pub fn out(text: fmt::Arguments<'_>) {
    let mut out = stdout().lock();
    let printed = if out.is_terminal() {
        out.write_all(wrapped(&text.to_string(), width()).as_bytes())
    } else {
        out.write_fmt(text)
    };
    printed.unwrap_or_else(lost);
}

/// What was printed without the end of a line is seen too.
pub fn flush() {
    stdout().lock().flush().unwrap_or_else(lost);
}

fn lost(error: io::Error) {
    resume_unwind(Box::new(Lost(error)));
}

pub fn err(text: fmt::Arguments<'_>) {
    let _ = stderr().lock().write_fmt(text);
}

/// The command line: words, and options `--name`, with a value or without. What options there are the usage says,
/// which is also the help: `--name VALUE` in it, or `--name` alone in its line.
#[derive(Clone)]
pub struct Line {
    pub words: Vec<String>,
    /// In the order in which they were given.
    pub options: Vec<(String, String)>,
}

impl Line {
    /// At most so many words.
    pub fn read(usage: &'static str, most: usize) -> Result<Self, Failure> {
        let mut given = std::env::args_os().skip(1).map(|given| {
            given.into_string().map_err(|given| wrong(format!("not UTF-8: {}", shown(Path::new(&given)))))
        });
        let mut line = Line { words: Vec::new(), options: Vec::new() };
        while let Some(word) = given.next().transpose()? {
            let Some(option) = word.strip_prefix("--") else {
                line.words.push(word);
                continue;
            };
            if option == "help" {
                return Err(Usage::Help(usage).into());
            }
            let (name, value) =
                option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
            let value = match (takes_value(usage, name), value) {
                (Some(true), Some(value)) => value.to_owned(),
                (Some(true), None) => {
                    given.next().transpose()?.ok_or_else(|| wrong(format!("--{name} takes a value")))?
                }
                (Some(false), None) => String::new(),
                (Some(false), Some(_)) => return Err(wrong(format!("--{name} takes no value"))),
                (None, _) => return Err(wrong(format!("there is no option --{}", escaped(name)))),
            };
            line.options.push((name.to_owned(), value));
        }
        match line.words.get(most) {
            Some(more) => Err(wrong(format!("{} is a word too many", escaped(more)))),
            None => Ok(line),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| given == name)
    }

    /// The values of an option, in the order in which they were given.
    pub fn all<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<Vec<T>, Failure> {
        self.options
            .iter()
            .filter(|(given, _)| given == name)
            .map(|(_, value)| value_of(name, value))
            .collect()
    }

    /// The value of an option that may be given once.
    pub fn option<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<Option<T>, Failure> {
        let mut values = self.all(name)?;
        if values.len() > 1 { Err(wrong(format!("--{name} is given twice"))) } else { Ok(values.pop()) }
    }

    /// The value of an option that must be there.
    pub fn one<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<T, Failure> {
        self.option(name)?.ok_or_else(|| wrong(format!("--{name} is needed")))
    }
}

/// Whether there is an option of this name, and whether it takes a value.
fn takes_value(usage: &str, name: &str) -> Option<bool> {
    usage.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        words.find(|word| word.strip_prefix("--") == Some(name)).map(|_| words.next().is_some())
    })
}

/// Reads a value of an option.
pub fn value_of<T: FromStr<Err: fmt::Display>>(name: &str, value: &str) -> Result<T, Failure> {
    value.parse().map_err(|error| wrong(format!("--{name} {}: {error}", escaped(value))))
}

/// What is wrong with the command line, or the help that it asks for: [`run`] knows what to do with either.
#[derive(Debug)]
enum Usage {
    Help(&'static str),
    Wrong(String),
}

pub fn wrong(what: impl Into<String>) -> Failure {
    Usage::Wrong(what.into()).into()
}

/// Whether an error is one of the command line.
pub fn is_usage(error: &Failure) -> bool {
    error.is::<Usage>()
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Usage::Help(text) => f.write_str(text),
            Usage::Wrong(what) => write!(f, "{what}; see --help"),
        }
    }
}

impl Error for Usage {}

/// Runs an example. Its error is said in words, after this mark.
pub fn run<T: Termination>(mark: &str, work: impl FnOnce() -> Result<T, Failure>) -> ExitCode {
    let work = || {
        let outcome = work();
        flush();
        outcome
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => done.report(),
        Ok(Err(error)) => catch_unwind(AssertUnwindSafe(|| failed(mark, &*error)))
            .unwrap_or_else(|reason| unfinished(mark, reason)),
        Err(reason) => unfinished(mark, reason),
    }
}

fn failed(mark: &str, error: &(dyn Error + 'static)) -> ExitCode {
    let usage = error.downcast_ref::<Usage>();
    if let Some(Usage::Help(text)) = usage {
        print!("{}", wrapped(text, columns(&Term::stdout())));
        flush();
        return ExitCode::SUCCESS;
    }
    eprintln!("{mark} {error}");
    if usage.is_some() || error.is::<FileError>() { ExitCode::from(FILES) } else { ExitCode::FAILURE }
}

fn unfinished(mark: &str, reason: Box<dyn Any + Send>) -> ExitCode {
    match reason.downcast::<Lost>() {
        Ok(lost) => {
            if lost.0.kind() != ErrorKind::BrokenPipe {
                eprintln!("{mark} standard output: {}", lost.0);
            }
            ExitCode::from(OUTPUT)
        }
        Err(panic) => resume_unwind(panic),
    }
}

/// A file that cannot be read or written.
#[derive(Debug)]
pub struct FileError {
    file: PathBuf,
    error: io::Error,
}

impl FileError {
    pub fn new(file: &Path, error: io::Error) -> Self {
        FileError { file: file.to_owned(), error }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", shown(&self.file), self.error)
    }
}

impl Error for FileError {}

/// A file's name, which may be anybody's choice.
pub fn shown(file: &Path) -> String {
    escaped(file.as_os_str().as_encoded_bytes()).to_string()
}

/// A file to be written, opened before the work that fills it. It is written beside its place and moved there when it
/// is whole and durable, so that nobody finds half of it, and what was there before stays if the work fails. What is
/// no plain file (a device, a pipe) is written where it is.
pub struct OutFile {
    place: PathBuf,
    beside: Option<PathBuf>,
    file: File,
}

impl OutFile {
    pub fn open(place: &Path) -> Result<Self, FileError> {
        let named = |error| FileError::new(place, error);
        let there = fs::metadata(place);
        if there.is_ok_and(|there| !there.is_file()) {
            let file = File::options().write(true).open(place).map_err(named)?;
            return Ok(OutFile { place: place.to_owned(), beside: None, file });
        }
        // Behind a link, if it is one.
        let place = fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
        let mut name = place.file_name().ok_or_else(|| named(ErrorKind::InvalidFilename.into()))?.to_owned();
        name.push(".part");
        let beside = place.with_file_name(name);
        let file = File::create(&beside).map_err(named)?;
        Ok(OutFile { place, beside: Some(beside), file })
    }

    pub fn write(mut self, bytes: impl AsRef<[u8]>) -> Result<(), FileError> {
        self.fill(bytes.as_ref()).map_err(|error| FileError::new(&self.place, error))
    }

    fn fill(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        let Some(beside) = &self.beside else { return Ok(()) };
        self.file.sync_all()?;
        fs::rename(beside, &self.place)?;
        self.beside = None;
        sync_folder(&self.place)
    }
}

/// A file's name is durable when its folder is. Not every system opens folders.
fn sync_folder(of: &Path) -> io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Makes a folder where it is missing. Its own name is in another, which is to be durable too, even if the folder is
/// there: a crash may have come before that. So outer ones come first, each synced before there is anything in it.
fn make_folder(folder: &Path) -> Result<(), FileError> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let (mut made, there) = (Ok(()), folder.is_dir());
    if !there {
        make_folder(folder.parent().unwrap_or(Path::new("")))?;
        made = fs::create_dir(folder);
        if folder.is_dir() {
            made = Ok(()); // or another has made it
        }
    }
    match made.and_then(|()| sync_folder(folder)) {
        // Who may not read the outer folder has not made this one in it.
        Err(error) if there && error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        done => done.map_err(|error| FileError::new(folder, error)),
    }
}

/// Writes a whole file, in folders that are made where they are missing: nobody finds half of it, and it survives a
/// power cut.
pub fn put(place: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    let place = place.as_ref();
    make_folder(place.parent().unwrap_or(Path::new("")))?;
    Ok(OutFile::open(place)?.write(bytes)?)
}

/// The same in a folder in which others write too, and may have put a link or a pipe in its place: it comes over
/// whatever is there, by way of a new file whose name nobody can know before.
pub fn put_over(place: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    let place = place.as_ref();
    make_folder(place.parent().unwrap_or(Path::new("")))?;
    // std's maps are seeded by the system, so that nobody can choose what collides.
    let random = RandomState::new().build_hasher().finish();
    let beside = place.with_file_name(format!(".{random:016x}.part"));
    let file = File::create_new(&beside).map_err(|error| FileError::new(place, error))?;
    Ok(OutFile { place: place.to_owned(), beside: Some(beside), file }.write(bytes)?)
}

/// Held while the process lives: of two with one memory, one would forget what the other did.
pub fn lock(folder: &Path) -> Result<File, Failure> {
    make_folder(folder)?;
    let file = folder.join("lock");
    let alone = File::create(&file).map_err(|error| FileError::new(&file, error))?;
    alone.try_lock().map_err(|error| format!("{}: in use? {error}", shown(folder)))?;
    Ok(alone)
}

/// The names in a folder, in order, but for files that are being written aside. A missing folder has none.
pub fn names(folder: &Path) -> Result<Vec<String>, Failure> {
    let there: Vec<fs::DirEntry> = match fs::read_dir(folder).and_then(Iterator::collect) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        there => there.map_err(|error| FileError::new(folder, error))?,
    };
    let mut names: Vec<_> = there.iter().filter_map(|file| file.file_name().into_string().ok()).collect();
    names.retain(|name| !name.ends_with(".part"));
    names.sort_unstable();
    Ok(names)
}

/// Reads a whole file.
pub fn read(place: impl AsRef<Path>) -> Result<Vec<u8>, Failure> {
    Ok(fs::read(&place).map_err(|error| FileError::new(place.as_ref(), error))?)
}

/// What another may have taken away already.
pub fn remove(file: &Path) -> Result<(), Failure> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(FileError::new(file, error).into()),
        _ => Ok(()),
    }
}

/// Where that cannot be known, nothing may be done as if it were not there.
pub fn exists(file: &Path) -> Result<bool, Failure> {
    Ok(file.try_exists().map_err(|error| FileError::new(file, error))?)
}

impl Drop for OutFile {
    fn drop(&mut self) {
        if let Some(unfinished) = &self.beside {
            let _ = fs::remove_file(unfinished);
        }
    }
}

/// How wide lines on standard output may be.
pub fn width() -> usize {
    columns(&Term::stdout())
}

fn columns(of: &Term) -> usize {
    let seen = of.size_checked().filter(|_| of.is_term());
    seen.map_or(COLUMNS, |(_, columns)| columns.into()).clamp(LEAST_COLUMNS, MOST_COLUMNS)
}

/// Every line that is wider broken between words, its rest as far in as its beginning.
pub fn wrapped(text: &str, width: usize) -> String {
    let mut all = String::new();
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let words = line.trim_start();
        let indent = &line[..line.len() - words.len()];
        let mut column = 0;
        for word in words.split(' ') {
            let wide = console::measure_text_width(word);
            if column > 0 && column + 1 + wide > width {
                all.push('\n');
                column = 0;
            }
            all.push_str(if column == 0 { indent } else { " " });
            column += wide + if column == 0 { indent.len() } else { 1 };
            all.push_str(word);
        }
        all.push_str(end);
    }
    all
}

/// How often progress is shown.
const EVERY: Duration = Duration::from_millis(100);

/// How far something has come, on standard error, where somebody looks. Only whole units are shown.
pub struct Progress {
    of: Option<u64>,
    done: Cell<u64>,
    term: Term,
    start: Instant,
    next: Cell<Duration>,
    shown: Cell<usize>,
}

impl Progress {
    /// Of so many; `None` if nobody knows how many there will be.
    pub fn new(of: Option<u64>) -> Self {
        let (done, next, shown) = (Cell::new(0), Cell::new(EVERY), Cell::new(0));
        Progress { of, done, term: Term::stderr(), start: Instant::now(), next, shown }
    }

    pub fn inc(&self, more: u64) {
        self.set_position(self.done.get().saturating_add(more));
    }

    pub fn set_position(&self, done: u64) {
        self.done.set(done);
        let elapsed = self.start.elapsed();
        if elapsed < self.next.get() || !self.term.is_term() {
            return;
        }
        self.next.set(elapsed + EVERY);
        let line = match self.of {
            Some(of) => bar(done, of, elapsed),
            None => format!("    {done} in {} s", elapsed.as_secs()),
        };
        let length = line.chars().count();
        err(format_args!("\r{line}{}", " ".repeat(self.shown.get().saturating_sub(length))));
        self.shown.set(length);
    }

    /// Leaves no trace.
    pub fn finish_and_clear(self) {}
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.get() > 0 {
            err(format_args!("\r{}\r", " ".repeat(self.shown.get())));
        }
    }
}

fn bar(done: u64, of: u64, elapsed: Duration) -> String {
    const LENGTH: usize = 20;
    let full = (1..=20).filter(|part| done * 20 >= of * part).count();
    let left = (elapsed.as_secs() * of.saturating_sub(done)).checked_div(done).unwrap_or(0);
    format!("    {}{} {done}/{of}, {left} s left", "█".repeat(full), "░".repeat(LENGTH - full))
}
