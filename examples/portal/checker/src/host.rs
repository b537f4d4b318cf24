//! What the browser gives: the file at hand, piece by piece; and what it is told.
#![allow(unsafe_code)]

use std::io;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Reads on in the file: how many bytes, none at its end, less than none when it cannot be read.
    safe fn read(to: *mut u8, len: usize) -> isize;
    /// So many ballots are verified.
    pub(crate) safe fn progress(ballots: usize);
}

/// The file at hand.
pub(crate) struct Record;

impl io::Read for Record {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = read(to.as_mut_ptr(), to.len());
        let length = usize::try_from(length).ok().filter(|length| *length <= to.len());
        length.ok_or_else(|| io::Error::other("the file cannot be read"))
    }
}
