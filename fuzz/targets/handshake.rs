#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| rtmp_fuzz::handshakes::both_roles(data));
