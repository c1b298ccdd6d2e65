//! What the fuzz targets assert, over random bytes and on a stable compiler, for about a second.
//! `fuzz/` runs the same entries for longer and learns from what they reach.

#[path = "../fuzz/entries/bytes.rs"]
mod bytes;
#[path = "../fuzz/entries/identifiers.rs"]
mod identifiers;
#[path = "../fuzz/entries/pipeline.rs"]
mod pipeline;
#[path = "../fuzz/entries/request.rs"]
mod request;
#[path = "../fuzz/entries/verdict.rs"]
mod verdict;

use proptest::{collection::vec, prelude::*};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn identifiers_stand_any_text(data in vec(any::<u8>(), 0..48)) {
        identifiers::feed(&data);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_pipeline_stands_any_request(data in vec(any::<u8>(), 0..512)) {
        pipeline::feed(&data);
    }
}
