//! Feeds the way of a request: `cargo +nightly fuzz run pipeline`.
#![no_main]

#[path = "../entries/bytes.rs"]
mod bytes;
#[path = "../entries/pipeline.rs"]
mod pipeline;
#[path = "../entries/request.rs"]
mod request;
#[path = "../entries/verdict.rs"]
mod verdict;

libfuzzer_sys::fuzz_target!(|data: &[u8]| pipeline::feed(data));
