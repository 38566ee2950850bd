//! The `magtape` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    magtape::cli::main()
}
