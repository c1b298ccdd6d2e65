//! Feeds the identifier parsers: `cargo +nightly fuzz run identifiers`.
#![no_main]

#[path = "../entries/bytes.rs"]
#[allow(dead_code, reason = "requests need more kinds of decisions than texts")]
mod bytes;
#[path = "../entries/identifiers.rs"]
mod identifiers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| identifiers::feed(data));
