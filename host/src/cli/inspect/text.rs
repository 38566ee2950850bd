//! What was found, for people: each policy, then the module that it is in.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};

use super::{
    Inspection,
    facts::{self, Described, Has, Inspected, ToldBy},
};
use crate::{policy::Reads, report::printable};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();

/// Writes everything.
pub(super) fn write(inspection: &Inspection, out: &mut impl Write) -> io::Result<()> {
    for inspected in &inspection.modules {
        inspected.policies.iter().try_for_each(|described| policy(described, out))?;
        module(inspected, out)?;
    }
    for problem in &inspection.errors {
        let (place, reason) = (printable(&problem.place), printable(&problem.reason));
        writeln!(out, "{RED}error{RED:#}   {BOLD}{place}{BOLD:#}: {reason}")?;
    }
    Ok(())
}

fn policy(described: &Described, out: &mut impl Write) -> io::Result<()> {
    let Described { origin, name, package, dialect, told_by, reads, metadata } = described;
    writeln!(out, "{BOLD}{}{BOLD:#}", printable(name))?;
    let mut line = |key: &str, value: &str| field(out, key, &printable(value));
    if let Some(metadata) = metadata {
        let texts =
            [("title", &metadata.title), ("description", &metadata.description), ("url", &metadata.url)];
        for (key, text) in texts {
            text.as_ref().map_or(Ok(()), |text| line(key, text))?;
        }
        line("severity", metadata.severity.as_str())?;
        line("errcode", &metadata.errcode)?;
        line("targets", &list(&metadata.targets))?;
        line("operations", &list(&metadata.operations))?;
    }
    line("dialect", &format!("{dialect}, {}", told(*told_by)))?;
    line("package", &package.replace('/', "."))?;
    line("reads", &reads.as_ref().unwrap_or(&Reads::whole()).to_string())?;
    line("origin", origin)
}

fn told(by: ToldBy) -> &'static str {
    match by {
        ToldBy::Rules => "told from its rules",
        ToldBy::Annotation => "stated by an annotation",
        ToldBy::Template => "of a ConstraintTemplate",
    }
}

fn list(names: &BTreeSet<String>) -> String {
    if names.is_empty() {
        return "all".to_owned();
    }
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn module(inspected: &Inspected, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{DIM}module{DIM:#} {}", printable(&inspected.origin))?;
    field(out, "size", &format!("{} bytes", inspected.bytes))?;
    field(out, "SHA-256", &inspected.digest.to_string())?;
    let memory = inspected.memory_bytes.map(|bytes| format!("{bytes} bytes once it is loaded"));
    field(out, "memory", &memory.unwrap_or_else(|| format!("{RED}cannot be loaded{RED:#}")))?;
    if let Some(constraints) = inspected.constraints {
        field(out, "constraints", &constraints.to_string())?;
    }
    if let Some(facts) = &inspected.facts {
        field(out, "ABI", &format!("{}.{}", facts.abi.0, facts.abi.1))?;
        column(out, "entrypoints", facts.entrypoints.iter().map(|path| printable(path)))?;
        let width = facts.builtins.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        column(out, "builtins", facts.builtins.iter().map(|name| builtin(name, width)))?;
    }
    writeln!(out)
}

fn builtin(name: &str, width: usize) -> String {
    let shown = printable(name);
    match facts::has(name) {
        Has::Yes => format!("{shown:width$}  {GREEN}provided{GREEN:#}"),
        Has::No(reason) => format!("{shown:width$}  {RED}refused{RED:#}: {reason}"),
    }
}

/// One below the other, the name beside the first.
fn column(out: &mut impl Write, name: &str, values: impl Iterator<Item = String>) -> io::Result<()> {
    let names = [name].into_iter().chain(std::iter::repeat(""));
    let mut values = names.zip(values).peekable();
    if values.peek().is_none() {
        return field(out, name, "none");
    }
    values.try_for_each(|(name, value)| field(out, name, &value))
}

fn field(out: &mut impl Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "  {DIM}{name:11}{DIM:#}  {value}")
}
