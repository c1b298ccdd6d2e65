//! The command line of the sandbox.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run().into()
}
