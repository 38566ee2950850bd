//! `magtape completions SHELL`

use std::io::{self, Write};

use clap::CommandFactory;

use crate::args::Args;

pub(super) fn run(shell: clap_complete::Shell) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "magtape", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(super::OK)
}
