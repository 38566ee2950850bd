//! `magtape capabilities`: what policies may use, for `opa build --capabilities`.

use std::io::Write;

use crate::engine::opa::capabilities;

pub(super) fn run() -> anyhow::Result<u8> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &capabilities()?)?;
    writeln!(out)?;
    Ok(super::OK)
}
