//! Holds the engine against OPA.
//!
//! `cases` runs what `oracle conformance` wrote: every case of OPA's own suites as a Wasm module with the answer
//! that OPA's evaluator gave. `fuzz` asks the engine and a running `oracle serve` the same random questions.
//! `cargo xtask conformance` and `cargo xtask fuzz` prepare the oracle and call this.

mod cases;
mod fuzz;
mod listed;
mod record;
mod table;

use std::{io::Write, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

/// Holds the engine against OPA.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the cases that `oracle conformance` wrote
    Cases {
        /// The folder with cases.jsonl and modules/
        folder: PathBuf,
        /// Only topics whose name has this text
        #[arg(long, default_value = "")]
        topic: String,
        /// Print what every case that did not pass wanted and got
        #[arg(long)]
        verbose: bool,
    },
    /// Ask the engine and OPA the same random questions
    Fuzz {
        /// The oracle's binary
        oracle: PathBuf,
        /// For how long
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// The seed; the same seed asks the same questions in the same order
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only families whose name has this text
        #[arg(long, default_value = "")]
        family: String,
    },
}

fn main() -> ExitCode {
    let passed = match Args::parse().command {
        Command::Cases { folder, topic, verbose } => cases::run(&folder, &topic, verbose),
        Command::Fuzz { oracle, seconds, seed, family } => {
            fuzz::run(&oracle, Duration::from_secs(seconds), seed, &family)
        }
    };
    match passed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to tell it to when standard error is gone.
            let _ = writeln!(anstream::stderr().lock(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}
