//! `magtape completions SHELL`

use std::io;

use clap::CommandFactory;

use crate::args::Args;

pub(super) fn run(shell: clap_complete::Shell) -> anyhow::Result<u8> {
    clap_complete::generate(shell, &mut Args::command(), "magtape", &mut io::stdout());
    Ok(super::OK)
}
