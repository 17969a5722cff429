#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sockbook_fuzz::probe("notebook", bytes));
