//! The command as `cargo xtask conformance` calls it.

use std::process::Command;

#[test]
fn a_folder_without_cases_is_an_error_that_names_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_magtape-conformance")).args(["cases", "/nowhere"]).output();
    let output = output.expect("the command starts");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("/nowhere/cases.jsonl cannot be opened"), "{text}");
}

#[test]
fn every_listed_case_has_a_reason() {
    let listed = include_str!("../listed.txt").lines().filter(|line| !line.starts_with('#'));
    for line in listed {
        let reason = line.split_once(": ").map_or("", |(_, reason)| reason);
        assert!(reason.split(' ').count() > 4, "{line}");
    }
}
