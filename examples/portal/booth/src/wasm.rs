//! The C interface by which a page asks, of both modules.
//!
//! ```text
//! ptr = allocate(len)         the page writes a request of so many bytes there
//! ptr = call(ptr, len)        takes the request, wipes it, and gives an answer: LE32(length) ‖ bytes
//! release(ptr)                wipes an answer that was read
//! ```
//!
//! Memory may have grown after each of them, so the page takes a new view of it every time.
#![allow(unsafe_code)]

use zeroize::{Zeroize, Zeroizing};

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
    let answer = Zeroizing::new(crate::answer(&Zeroizing::new(request)));
    // An answer that does not fit into an address space of 32 bits was not made.
    let length = u32::try_from(answer.len()).unwrap_or(u32::MAX);
    let framed = [&length.to_le_bytes()[..], &answer[..]].concat();
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
