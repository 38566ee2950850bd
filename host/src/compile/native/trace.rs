//! Where failed tests ended. It is a help only, so that whatever goes wrong here means that it is not known.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::Value;

use super::{
    dialect::Dialect,
    errors::Location,
    job::Job,
    unit_tests::{Outcome, outcomes},
};
use crate::compile::protocol::Expression;

/// A step of an evaluation.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Event {
    op: String,
    node: Value,
    location: Location,
    #[serde(rename = "QueryID")]
    query: u64,
    #[serde(rename = "ParentID")]
    parent: u64,
}

/// The expression that each test ended at, if it failed. These tests are run once more: OPA's steps take far more
/// space than anything else it says.
pub(super) fn failed(job: &Job<'_>, dialect: Dialect, tests: &[Outcome]) -> Vec<Option<Expression>> {
    let failed: Vec<_> = tests.iter().filter(|test| test.fail).map(pattern).collect();
    let traced = match failed.is_empty() {
        true => Vec::new(),
        false => traced(job, dialect, &failed.join("|")),
    };
    let trace = |test: &Outcome| traced.iter().find(|other| other.location == test.location);
    let mut trees = BTreeMap::new();
    tests.iter().map(|test| expression(job, dialect, furthest(trace(test)?)?, &mut trees)).collect()
}

/// A regular expression for one test. OPA numbers tests of the same name, but looks for them without the number.
fn pattern(test: &Outcome) -> String {
    let name = test.name.split_once('#').map_or(test.name.as_str(), |(name, _)| name);
    let escape = |letter: char| match letter {
        letter if letter.is_alphanumeric() || letter == '_' => String::from(letter),
        letter => format!("\\x{{{:x}}}", u32::from(letter)),
    };
    let name = format!("{}.{name}", test.package);
    format!("^{}$", name.chars().map(escape).collect::<String>())
}

fn traced(job: &Job<'_>, dialect: Dialect, run: &str) -> Vec<Outcome> {
    let traced = outcomes(job, dialect, &["--verbose", &format!("--run={run}")]);
    traced.ok().and_then(|(traced, _)| traced).unwrap_or_default()
}

fn expression(
    job: &Job<'_>,
    dialect: Dialect,
    place: Location,
    trees: &mut BTreeMap<String, Option<Value>>,
) -> Option<Expression> {
    let tree = trees.entry(place.file.clone()).or_insert_with(|| tree(job, dialect, &place.file));
    let expression = source(tree.as_ref()?, &place)?;
    Some(Expression { line: place.row, column: place.col, expression })
}

fn tree(job: &Job<'_>, dialect: Dialect, file: &str) -> Option<Value> {
    let parsed = job.parse(file, dialect, "locations,-comments").ok()?;
    serde_json::from_slice(&parsed.stdout).ok()
}

/// The last of the rule's own expressions that was reached: a failure before it was only one of several values that
/// were tried. The rule is what the test's query, which has number zero, asks for.
fn furthest(test: &Outcome) -> Option<Location> {
    let events = test.trace.iter().filter_map(|event| Event::deserialize(event).ok());
    let own = events.filter(|event| event.op == "Fail" && event.query != 0 && event.parent == 0);
    let index = |event: &Event| event.node.get("index").and_then(Value::as_u64);
    own.filter(|event| index(event).is_some()).max_by_key(index).map(|event| event.location)
}

/// The text of the expression at a place.
fn source(tree: &Value, place: &Location) -> Option<String> {
    let below = || match tree {
        Value::Array(nodes) => nodes.iter().find_map(|node| source(node, place)),
        Value::Object(parts) => parts.values().find_map(|node| source(node, place)),
        _ => None,
    };
    let location = tree.get("location").filter(|_| tree.get("terms").is_some());
    let here = location.filter(|location| Location::deserialize(*location).is_ok_and(|own| own == *place));
    let text = here.and_then(|location| location.get("text")?.as_str());
    let text = text.and_then(|text| String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok());
    text.or_else(below)
}
