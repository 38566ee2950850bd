//! What was found, for people: each policy, then the module that it is in.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};

use super::{
    Inspection,
    facts::{self, Asked, Described, Facts, Has, Inspected, ToldBy},
    parameters,
};
use crate::{
    engine::{component, opa},
    policy::{Metadata, Reads},
    report::printable,
};

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
    let Described { origin, name, asked, metadata } = described;
    writeln!(out, "{BOLD}{}{BOLD:#}", printable(name))?;
    metadata.as_ref().map_or(Ok(()), |metadata| said(metadata, out))?;
    match asked {
        Asked::Rules { package, dialect, told_by, reads, data_reads } => {
            line(out, "dialect", &format!("{dialect}, {}", told(*told_by)))?;
            line(out, "package", &package.replace('/', "."))?;
            line(out, "reads", &reads.as_ref().unwrap_or(&Reads::whole()).to_string())?;
            let data = data_reads.as_ref().filter(|data| !data.patterns().is_empty());
            data.map_or(Ok(()), |data| line(out, "", &data.to_string()))?;
        }
        Asked::Exports { parameters } => {
            line(out, "dialect", "component")?;
            let lines = parameters.as_ref().map(parameters::lines).unwrap_or_default();
            column(out, "parameters", lines.iter().map(|line| printable(line)))?;
        }
    }
    line(out, "origin", origin)
}

/// What it says of itself.
fn said(metadata: &Metadata, out: &mut impl Write) -> io::Result<()> {
    let texts = [("title", &metadata.title), ("description", &metadata.description), ("url", &metadata.url)];
    for (key, text) in texts {
        text.as_ref().map_or(Ok(()), |text| line(out, key, text))?;
    }
    line(out, "severity", metadata.severity.as_str())?;
    line(out, "errcode", &metadata.errcode)?;
    line(out, "targets", &list(&metadata.targets))?;
    line(out, "operations", &list(&metadata.operations))?;
    if metadata.needs.is_empty() { Ok(()) } else { line(out, "needs", &list(&metadata.needs)) }
}

fn line(out: &mut impl Write, key: &str, value: &str) -> io::Result<()> {
    field(out, key, &printable(value))
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
    let kind = match inspected.facts {
        Facts::Opa(_) => "module",
        Facts::Component(_) => "component",
    };
    writeln!(out, "{DIM}{kind}{DIM:#} {}", printable(&inspected.origin))?;
    field(out, "size", &format!("{} bytes", inspected.bytes))?;
    field(out, "SHA-256", &inspected.digest.to_string())?;
    let memory = inspected.memory_bytes.map(|bytes| format!("{bytes} bytes once it is loaded"));
    field(out, "memory", &memory.unwrap_or_else(|| format!("{RED}cannot be loaded{RED:#}")))?;
    if let Some(constraints) = inspected.constraints {
        field(out, "constraints", &constraints.to_string())?;
    }
    match &inspected.facts {
        Facts::Opa(Some(facts)) => of_opa(facts, out)?,
        Facts::Component(Some(facts)) => of_component(facts, out)?,
        Facts::Opa(None) | Facts::Component(None) => {}
    }
    writeln!(out)
}

fn of_opa(facts: &opa::Facts, out: &mut impl Write) -> io::Result<()> {
    field(out, "ABI", &format!("{}.{}", facts.abi.0, facts.abi.1))?;
    column(out, "entrypoints", facts.entrypoints.iter().map(|path| printable(path)))?;
    let width = facts.builtins.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    column(out, "builtins", facts.builtins.iter().map(|name| builtin(name, width)))
}

fn of_component(facts: &component::Facts, out: &mut impl Write) -> io::Result<()> {
    if let Some(version) = &facts.world {
        line(out, "world", &format!("magtape:policy {version}"))?;
    }
    column(out, "imports", facts.imports.iter().map(|name| printable(name)))
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
