//! Whether both say the same of every review. Figures of programs that do different things say nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::Site;

/// The texts of the violations of each file.
type Violations = BTreeMap<String, BTreeSet<String>>;

/// Runs both and compares.
pub(super) fn check(site: &Site) -> Result<()> {
    let magtape = violations(&output(site.magtape())?, "results", "source", magtape_texts)?;
    let opa = violations(&output(site.opa())?, "result", "path", opa_texts)?;
    ensure!(magtape.len() == opa.len(), "{} files were judged, {} by OPA", magtape.len(), opa.len());
    for ((file, ours), theirs) in magtape.iter().zip(opa.values()) {
        ensure!(ours == theirs, "they disagree about {file}: {ours:?} beside {theirs:?}");
    }
    ensure!(magtape.values().any(|texts| !texts.is_empty()), "nothing is violated: that shows nothing");
    Ok(())
}

fn output(mut command: Command) -> Result<Value> {
    let output = command.output().context("cannot start a program")?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("a program's answer is no JSON")
}

fn violations(
    answer: &Value,
    list: &str,
    name: &str,
    texts: impl Fn(&Value) -> Option<BTreeSet<String>>,
) -> Result<Violations> {
    let files = answer.get(list).and_then(Value::as_array).context("the answer has no list of files")?;
    let file = |file: &Value| {
        let name = file.get(name).and_then(Value::as_str).context("a file has no name")?;
        let texts = texts(file).with_context(|| format!("nothing is said of {name}"))?;
        Ok((name.to_owned(), texts))
    };
    files.iter().map(file).collect()
}

fn magtape_texts(file: &Value) -> Option<BTreeSet<String>> {
    let violations = file.get("violations")?.as_array()?.iter();
    violations.map(|violation| Some(violation.get("message")?.as_str()?.to_owned())).collect()
}

fn opa_texts(file: &Value) -> Option<BTreeSet<String>> {
    file.get("result")?.as_array()?.iter().map(|text| Some(text.as_str()?.to_owned())).collect()
}
