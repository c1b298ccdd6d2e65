//! What the sandbox costs, in figures that can be compared: ratios measured within one run, because
//! figures of different machines and moments cannot be.
//!
//! Each measurement runs in a process of its own, so that none works on the memory another left.
//!
//! `cargo bench -p lingminban-sandbox --bench ratios [part of a measurement's name]`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

mod faults;
mod filings;
mod forecast;
mod http_cost;
mod judgement;
mod kept;
mod listing;
mod load;
mod machine;
mod memory;
mod spaces;
mod start;
mod yardstick;

use std::{env, process::Command};

const MEASUREMENTS: [(&str, fn()); 13] = [
    ("http-cost", http_cost::measure),
    ("stored-application", memory::stored_application),
    ("many-requests", memory::many_requests),
    ("journal", memory::journal),
    ("kept", kept::measure),
    ("listing", listing::measure),
    ("fault-step", faults::measure),
    ("forecast", forecast::measure),
    ("start", start::process),
    ("space", start::space),
    ("clock", spaces::clock),
    ("together", spaces::together),
    ("judgement", judgement::measure),
];

/// Names the one measurement a process is to make.
const ONE: &str = "LINGMINBAN_BENCH_ONE";

fn main() {
    if let Ok(one) = env::var(ONE) {
        let found = MEASUREMENTS.iter().find(|(name, _)| *name == one);
        return found.expect("a measurement").1();
    }
    let wanted = env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let own = env::current_exe().unwrap();
    for (name, _) in MEASUREMENTS {
        if wanted.as_ref().is_none_or(|part| name.contains(part)) {
            println!("\n== {name}");
            let status = Command::new(&own).env(ONE, name).status().unwrap();
            assert!(status.success(), "{name} failed");
        }
    }
}
