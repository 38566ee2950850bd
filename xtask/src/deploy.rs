//! `cargo xtask deploy`: deploy/install.yaml, which is deploy/base as one file.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use magtape_testing::tools::Tool;

use crate::{command, repository, steps, tools};

const HEADER: &str = "# Written by `cargo xtask deploy` from deploy/base, where changes belong.\n";

/// What to do with what was rendered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Check,
}

/// Renders deploy/base, and writes it or compares it with what is there.
pub(crate) fn run(mode: Mode) -> Result<()> {
    let kubectl = tools::ensure(Tool::Kubectl)?;
    let rendered = command::output(command::program(&kubectl, &["kustomize", "deploy/base"]))?;
    let (text, path) = (format!("{HEADER}{rendered}"), install());
    let is_same = fs::read_to_string(&path).is_ok_and(|there| there == text);
    match mode {
        Mode::Check => ensure!(
            is_same,
            "deploy/install.yaml is not what deploy/base renders to: run `cargo xtask deploy`, and commit it"
        ),
        Mode::Write => {
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            steps::say(format_args!("{} is {}", path.display(), if is_same { "as it was" } else { "new" }))?;
        }
    }
    Ok(())
}

fn install() -> PathBuf {
    repository::path("deploy/install.yaml")
}
