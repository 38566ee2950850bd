//! `magtape capabilities`: what policies may use, for `opa build --capabilities`.

use std::io::Write;

use crate::engine::opa::capabilities;

pub(super) fn run() -> anyhow::Result<u8> {
    let text = serde_json::to_string_pretty(&capabilities()?)?;
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(super::OK)
}
