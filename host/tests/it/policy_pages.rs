//! docs/policies: each shipped policy has a page, and what it calls failing and passing is.
//!
//! An example is judged by the whole set that its policy is in, so that it shows that one fault and no other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/policies")
}

/// The pages by their codes.
fn pages() -> BTreeMap<String, String> {
    let names =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let codes =
        names.filter(|name| name != "README.md").map(|name| name.strip_suffix(".md").unwrap().to_owned());
    codes
        .map(|code| (code.clone(), fs::read_to_string(folder().join(format!("{code}.md"))).unwrap()))
        .collect()
}

/// What the page's first table says.
fn row<'p>(page: &'p str, name: &str) -> &'p str {
    let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {name} | ")));
    row.unwrap_or_else(|| panic!("no row {name}: {page}")).trim_end_matches(" |").trim_matches('`')
}

/// The first fence of that language after a line.
fn block<'p>(page: &'p str, after: &str, language: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("\n{after}\n"))?;
    let (_, rest) = rest.split_once(&format!("```{language}\n"))?;
    Some(rest.split_once("```")?.0)
}

fn magtape(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_magtape"))
        .args(arguments)
        .env("MAGTAPE_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .env_remove("MAGTAPE_DENY_LEVEL")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// The violations of an example: code and severity.
fn judged(page: &str, example: &str) -> BTreeSet<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let (object, data) = (folder.path().join("object.yaml"), folder.path().join("data.json"));
    fs::write(&object, example).unwrap();
    // What stands under "Example" before the first object is the cluster's.
    let known = block(page, "## Example", "json").unwrap_or("{}");
    fs::write(&data, known).unwrap();
    let (object, data) = (object.to_str().unwrap(), data.to_str().unwrap());
    let answer = magtape(&["check", "-o", "json", "--policies", row(page, "Set"), "--data", data, object]);
    assert_eq!(answer["errors"], Value::Array(Vec::new()));
    assert_eq!(answer["summary"]["failed"], 0, "{answer}");
    let violations = answer["results"][0]["violations"].as_array().unwrap();
    let text = |violation: &Value, field: &str| violation[field].as_str().unwrap().to_owned();
    violations.iter().map(|violation| (text(violation, "errcode"), text(violation, "severity"))).collect()
}

#[test]
fn every_example_fails_or_passes_as_it_says() {
    for (code, page) in pages() {
        assert!(page.starts_with(&format!("# {code} ")), "{code}");
        assert_eq!(row(&page, "Code"), code);
        let severity = row(&page, "Severity").to_owned();
        let fails = judged(&page, block(&page, "Fails:", "yaml").unwrap());
        assert_eq!(fails, [(code.clone(), severity)].into(), "what fails on the page of {code}");
        let passes = judged(&page, block(&page, "Passes:", "yaml").unwrap());
        assert_eq!(passes, [].into(), "what passes on the page of {code}");
    }
}

#[test]
fn every_policy_has_a_page_and_every_page_its_parts() {
    let inspected = magtape(&["inspect", "-o", "json", "embedded:rego", "embedded:hardening"]);
    let mut codes = BTreeSet::new();
    let mut left = vec![&inspected];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(fields) => {
                codes.extend(fields.get("errcode").and_then(Value::as_str).map(str::to_owned));
                left.extend(fields.values());
            }
            _ => {}
        }
    }
    let pages = pages();
    assert_eq!(codes, pages.keys().cloned().collect());
    let index = fs::read_to_string(folder().join("README.md")).unwrap();
    for (code, page) in &pages {
        for part in [
            "\n## Example\n",
            "\n## Why\n",
            "\n## How to mend it\n",
            "\n## Edge cases\n",
            "\n| Parameters | ",
        ] {
            assert!(page.contains(part), "the page of {code} has no {part:?}");
        }
        let title = page.lines().next().unwrap().split_once(&format!("{code} ")).unwrap().1;
        let entry = format!("| [{code}]({code}.md) | {} | {title} |", row(page, "Severity"));
        assert!(index.contains(&entry), "the index has no {entry}");
    }
}
