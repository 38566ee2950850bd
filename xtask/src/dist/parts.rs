//! What the program is made of: its crates, and the Go modules of the Rego compiler, as Cargo and Go tell them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{command, rego_compiler};

/// The package of which the program is.
const PROGRAM: &str = "magtape";

/// A crate or a Go module.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) version: String,
    /// Its package URL (<https://github.com/package-url/purl-spec>).
    pub(super) purl: String,
    /// An SPDX expression, of those that say one.
    pub(super) licence: Option<String>,
    /// Where its sources are, of crates.
    pub(super) folder: Option<PathBuf>,
    /// The package URLs of the parts that it uses itself.
    pub(super) uses: Vec<String>,
}

/// The program's crates, of which the first is its own, in order after that. Crates that only tests use are none of them.
pub(super) fn crates() -> Result<Vec<Part>> {
    let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform"];
    let mut cargo = command::cargo(&arguments);
    cargo.arg(target()?);
    let metadata: Value = serde_json::from_str(&command::output(cargo)?).context("cargo metadata")?;
    let by_id = |list: &str| -> BTreeMap<&str, &Value> {
        let entries = metadata.pointer(list).and_then(Value::as_array).into_iter().flatten();
        entries.map(|entry| (text(entry, "id"), entry)).collect()
    };
    let (packages, nodes) = (by_id("/packages"), by_id("/resolve/nodes"));
    let is_program = |package: &&&Value| text(package, "name") == PROGRAM;
    let program = packages.values().find(is_program).context("cargo metadata has no magtape")?;
    let purls: BTreeMap<_, _> = packages.iter().map(|(id, package)| (*id, purl(package))).collect();
    let (mut parts, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![text(program, "id")]);
    while let Some(id) = open.pop() {
        let Some(package) = packages.get(id).filter(|_| seen.insert(id)) else { continue };
        let uses = nodes.get(id).map(|node| used(node)).unwrap_or_default();
        let purl_of = |id: &&str| purls.get(id).cloned();
        parts.push(part(package, uses.iter().filter_map(purl_of).collect()));
        open.extend(uses);
    }
    if let Some((_, others)) = parts.split_first_mut() {
        others.sort_by(|one, other| one.purl.cmp(&other.purl));
    }
    Ok(parts)
}

/// The Go modules in the Rego compiler, in order.
pub(super) fn go_modules() -> Result<Vec<Part>> {
    let format = "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}";
    let mut list = rego_compiler::go(&["list", "-deps", "-f", format, "."]);
    list.env("GOOS", "wasip1").env("GOARCH", "wasm");
    let listed = command::output(list)?;
    let standard = command::output(rego_compiler::go(&["env", "GOVERSION"]))?;
    let standard = format!("std {}", standard.trim().trim_start_matches("go"));
    let modules: BTreeSet<_> = listed.lines().chain([standard.as_str()]).collect();
    let pairs = modules.iter().filter_map(|line| line.split_once(' '));
    let part = |(name, version): (&str, &str)| Part {
        name: name.to_owned(),
        version: version.to_owned(),
        purl: format!("pkg:golang/{name}@{version}"),
        licence: None,
        folder: None,
        uses: Vec::new(),
    };
    Ok(pairs.map(part).collect())
}

/// What this machine builds for.
fn target() -> Result<String> {
    let mut rustc = Command::new("rustc");
    rustc.arg("-vV");
    let said = command::output(rustc)?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV names no host")
}

/// The packages of a node that it is linked with or that write code for it; not those of its tests and build scripts.
fn used(node: &Value) -> Vec<&str> {
    let uses = node.get("deps").and_then(Value::as_array).into_iter().flatten();
    let is_linked = |used: &&Value| {
        let kinds = used.get("dep_kinds").and_then(Value::as_array).into_iter().flatten();
        kinds.into_iter().any(|kind| kind.get("kind").is_none_or(Value::is_null))
    };
    uses.filter(is_linked).map(|used| text(used, "pkg")).collect()
}

fn part(package: &Value, uses: Vec<String>) -> Part {
    let licence = package.get("license").and_then(Value::as_str);
    let manifest = Path::new(text(package, "manifest_path"));
    Part {
        name: text(package, "name").to_owned(),
        version: text(package, "version").to_owned(),
        purl: purl(package),
        // Some still write a slash, which SPDX does not know.
        licence: licence.map(|licence| licence.replace(" / ", "/").replace('/', " OR ")),
        folder: manifest.parent().map(Path::to_owned),
        uses,
    }
}

fn purl(package: &Value) -> String {
    format!("pkg:cargo/{}@{}", text(package, "name"), text(package, "version"))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
