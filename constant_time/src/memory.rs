//! Telling valgrind's memcheck which memory holds secrets.
//!
//! memcheck follows undefined bits through every operation and reports a branch or an address that
//! depends on one. Marked undefined, a secret is followed in the same way (Langley's ctgrind, 2010). The
//! marks exist in valgrind only: the program never sees a changed bit.

#[cfg(not(target_arch = "x86_64"))]
compile_error!("valgrind's client requests are written for x86-64 here");

use std::arch::asm;

/// Numbers of valgrind's requests: the core's, and those of the tool `MC`.
const RUNNING_ON_VALGRIND: usize = 0x1001;
const MEMCHECK: usize = 0x4d43_0000;
const MAKE_UNDEFINED: usize = MEMCHECK + 1;
const MAKE_DEFINED: usize = MEMCHECK + 2;
const GET_BITS: usize = MEMCHECK + 8;

/// Whether this process runs under valgrind, without which nothing would be checked.
#[must_use]
pub fn is_watched() -> bool {
    request(RUNNING_ON_VALGRIND, [0; 3]) != 0
}

/// Marks a value as secret.
pub fn make_secret<T: ?Sized>(value: &mut T) {
    let length = size_of_val(value);
    request(MAKE_UNDEFINED, [std::ptr::from_mut(value).cast::<u8>() as usize, length, 0]);
}

/// Marks a value as public.
pub fn make_public<T: ?Sized>(value: &mut T) {
    let length = size_of_val(value);
    request(MAKE_DEFINED, [std::ptr::from_mut(value).cast::<u8>() as usize, length, 0]);
}

/// For each byte, whether any of its bits depends on a secret.
#[must_use]
pub fn secret_bytes(bytes: &[u8]) -> Vec<bool> {
    let mut bits = vec![0u8; bytes.len()];
    let answer = request(GET_BITS, [bytes.as_ptr() as usize, bits.as_mut_ptr() as usize, bytes.len()]);
    assert_eq!(answer, 1, "memcheck does not say what is secret");
    bits.into_iter().map(|bits| bits != 0).collect()
}

/// A request to valgrind: rotations that together leave `rdi` as it was, and an exchange of `rbx` with
/// itself. Valgrind knows this sequence, and a processor does nothing on it.
fn request(number: usize, [a, b, c]: [usize; 3]) -> usize {
    let request = [number, a, b, c, 0, 0];
    let mut answer = 0;
    // SAFETY: the sequence changes no register but `rdx`, which holds the answer, and flags. Under
    // valgrind, the requests above read `request` and the bytes they are given, which are alive; of the
    // program's memory GET_BITS alone writes any, the `bits` of its one caller.
    unsafe {
        asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") request.as_ptr(),
            inout("rdx") answer,
            options(nostack),
        );
    }
    answer
}
