#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| urne_fuzz::targets::verify(data));
