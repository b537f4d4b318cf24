//! The C interface, and what the page gives: the only unsafe code.
//!
//! ```text
//! ptr = allocate(len)         the page writes a request of so many bytes there
//! ptr = call(ptr, len)        takes the request, wipes it, and gives an answer: LE32(length) ‖ bytes
//! release(ptr)                wipes an answer that was read
//! ```
//!
//! Memory may have grown after each of them, so the page takes a new view of it every time.
#![allow(unsafe_code)]
// Each of the two modules that have it uses another half.
#![allow(dead_code)]

use std::cell::RefCell;
use std::convert::Infallible;
use std::io;

use urne::rand_core::{TryCryptoRng, TryRng};
use zeroize::{Zeroize, Zeroizing};

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Fills memory with random bytes of the browser's.
    safe fn fill(to: *mut u8, len: usize);
    /// Reads on in the file at hand: how many bytes, none at its end, less than none when it cannot be read.
    safe fn read(to: *mut u8, len: usize) -> isize;
    /// So many ballots are verified.
    safe fn progress(ballots: usize);
}

thread_local! {
    static PAGE: RefCell<crate::Page> = RefCell::default();
}

/// Room for a request.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(len: usize) -> *mut u8 {
    Box::into_raw(vec![0u8; len].into_boxed_slice()).cast()
}

/// Takes a request that stands in memory from [`allocate`], and answers it.
///
/// # Safety
///
/// `request` is from `allocate(len)`, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn call(request: *mut u8, len: usize) -> *mut u8 {
    // SAFETY: the page's word, as above.
    let request = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(request, len)) };
    let request = Zeroizing::new(request);
    let answer = Zeroizing::new(PAGE.with_borrow_mut(|page| page.call(&request)));
    // An answer that does not fit into an address space of 32 bits was not made.
    let length = u32::try_from(answer.len()).unwrap_or(u32::MAX);
    let mut framed = Vec::with_capacity(4 + answer.len());
    framed.extend(length.to_le_bytes());
    framed.extend_from_slice(&answer);
    Box::into_raw(framed.into_boxed_slice()).cast()
}

/// Wipes an answer.
///
/// # Safety
///
/// `answer` is from [`call`], its first four bytes as they were, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn release(answer: *mut u8) {
    // SAFETY: the page's word, as above.
    let mut answer = unsafe {
        let length = u32::from_le_bytes(answer.cast::<[u8; 4]>().read());
        Box::from_raw(std::ptr::slice_from_raw_parts_mut(answer, 4 + length as usize))
    };
    answer.zeroize();
}

/// The browser.
pub(crate) struct Host;

impl TryRng for Host {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        fill(bytes.as_mut_ptr(), bytes.len());
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        fill(bytes.as_mut_ptr(), bytes.len());
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        fill(to.as_mut_ptr(), to.len());
        Ok(())
    }
}

impl TryCryptoRng for Host {}

impl io::Read for Host {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let length = read(to.as_mut_ptr(), to.len());
        let length = usize::try_from(length).ok().filter(|length| *length <= to.len());
        length.ok_or_else(|| io::Error::other("the file cannot be read"))
    }
}

/// Tells the page how many ballots are verified.
pub(crate) fn tell(ballots: usize) {
    progress(ballots);
}
