//! `magtape test` as a user runs it: what is in this repository passes, and what does not pass is told exactly.

mod fixtures;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};

use fixtures::{GATEKEEPER, REGO, TABLES, TEXT};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn test(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_magtape"))
        .arg("test")
        .args(arguments)
        .current_dir(folder)
        .env("MAGTAPE_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8([&*output.stdout, &*output.stderr].concat()).unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(output)))
}

/// A folder with these files.
fn folder(files: &[&[(&str, &str)]]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files.iter().flat_map(|files| files.iter()) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The full names of the tests that ended so.
fn names<'r>(report: &'r Value, outcome: &str) -> Vec<&'r str> {
    let cases =
        report["suites"].as_array().unwrap().iter().flat_map(|suite| suite["cases"].as_array().unwrap());
    cases.filter(|case| case["outcome"] == outcome).map(|case| case["fullName"].as_str().unwrap()).collect()
}

#[test]
fn the_tests_of_this_repository_pass() {
    const SHIPPED: &[&str] = &["--policies", "embedded:rego", "--policies", "embedded:hardening"];
    const TWINS: &[&str] = &["--policies", "embedded:rust", "--policies", "embedded:hardening"];
    for (path, policies, kind, suites, skipped) in [
        ("testing/cases", SHIPPED, "cases", 28, 0),
        ("testing/cases", TWINS, "cases", 28, 0),
        ("testing/gatekeeper", &[], "gatekeeper", 14, 2),
        ("testing/examples", &[], "rego", 2, 0),
        ("policies-rego", &[], "rego", 12, 0),
    ] {
        let output = test(&root(), &[&["-o", "json", path], policies].concat());
        let report = report(&output);
        let not_passed = [names(&report, "failed"), names(&report, "error")].concat();
        assert!(code(&output) == 0 && not_passed.is_empty(), "{path}: {not_passed:?}: {}", report["errors"]);
        let found = report["suites"].as_array().unwrap();
        assert!(
            found.len() >= suites && found.iter().all(|suite| suite["kind"] == kind),
            "{path}: {}",
            found.len()
        );
        assert_eq!(report["summary"]["skipped"], skipped, "{path}");
    }
}

#[test]
fn what_does_not_pass_is_told_as_text() {
    let folder = folder(&[REGO, GATEKEEPER, TABLES]);
    let output = test(folder.path(), &["rego", "gatekeeper", "tables"]);
    let text = text(&output);
    let (told, seconds) = text.rsplit_once(" (").unwrap();
    assert_eq!(told, TEXT);
    assert!(seconds.ends_with(" s)\n"), "{seconds}");
    assert_eq!(code(&output), 2);
}

#[test]
fn json_has_each_test_with_its_place() {
    let folder = folder(&[REGO, TABLES]);
    let output = test(folder.path(), &["-o", "json", "rego", "tables/own.yaml"]);
    let mut report = report(&output);
    assert!(report["summary"]["seconds"].take().is_number());
    assert_eq!(
        report["summary"],
        json!({"suites": 2, "cases": 6, "passed": 3, "failed": 1, "skipped": 1, "errors": 1, "seconds": null})
    );
    assert_eq!(report["errors"], json!([]));
    let suite = &mut report["suites"][0];
    assert_eq!((&suite["kind"], &suite["source"]), (&json!("rego"), &json!("rego/labels_test.rego")));
    let case = &mut suite["cases"][1];
    assert!(case["seconds"].take().is_number());
    assert_eq!(
        *case,
        json!({
            "test": "data.labels_test", "name": "test_limit", "fullName": "data.labels_test.test_limit",
            "outcome": "failed", "message": "`data.limits.length == 4` does not hold",
            "place": "rego/labels_test.rego:10:2", "output": "the limit is 3\n", "seconds": null,
        })
    );
    let names: Vec<_> =
        report["suites"][1]["cases"].as_array().unwrap().iter().map(|case| &case["name"]).collect();
    assert_eq!(names, [&json!("a deletion"), &json!("an update")]);
}

/// The elements of a document, each with its attributes as text; fails unless every element is closed in turn.
fn elements(xml: &str) -> Vec<(String, String)> {
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap();
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for tag in body.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap();
        assert!(!text.contains('>') && !text.contains('"'), "{text} is not escaped");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (name, attributes) =
            tag.trim_end_matches('/').split_once(' ').unwrap_or((tag.trim_end_matches('/'), ""));
        assert_eq!(attributes.matches('"').count() % 2, 0, "{attributes}");
        found.push((name.to_owned(), attributes.to_owned()));
        if !tag.ends_with('/') {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    found
}

#[test]
fn junit_has_each_test_once() {
    let folder = folder(&[REGO, GATEKEEPER, TABLES]);
    let output = test(folder.path(), &["-o", "junit", "rego", "gatekeeper", "tables"]);
    let elements = elements(std::str::from_utf8(&output.stdout).unwrap());
    let count = |wanted: &str| elements.iter().filter(|(name, _)| name == wanted).count();
    let counts =
        ["testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"].map(count);
    assert_eq!(counts, [1, 5, 28, 6, 12, 3, 1]);
    assert!(
        elements[0]
            .1
            .starts_with("name=\"magtape test\" tests=\"28\" failures=\"6\" errors=\"12\" skipped=\"3\"")
    );
    let rego = &elements.iter().find(|(name, _)| name == "testcase").unwrap().1;
    assert!(rego.starts_with("classname=\"data.labels_test\" name=\"test_owner\" time=\""), "{rego}");
    // A person sees what could not be run when the report goes to a file.
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("error: tables/nobody.yaml: no policy \"nobody\" is loaded"), "{errors}");
}

#[test]
fn a_broken_template_is_an_error_of_its_test_alone() {
    let template = GATEKEEPER[0].1.replace("sprintf(", "sprintf((");
    let test_with = |name: &str, template: &str| {
        let case = "{name: a, object: pod.yaml, assertions: [{violations: 2}]}";
        format!("- {{name: {name}, template: {template}, constraint: constraint.yaml, cases: [{case}]}}\n")
    };
    let head = "apiVersion: test.gatekeeper.sh/v1alpha1\nkind: Suite\ntests:\n";
    let suite = format!("{head}{}{}", test_with("broken", "broken.yaml"), test_with("good", "template.yaml"));
    let files = [("gatekeeper/broken.yaml", &*template), ("gatekeeper/suite.yaml", &*suite)];
    let output = test(folder(&[GATEKEEPER, &files]).path(), &["-o", "json", "gatekeeper"]);
    let report = report(&output);
    // A suite without a name is called as its file.
    assert_eq!(
        (names(&report, "error"), names(&report, "passed")),
        (vec!["suite/broken"], vec!["suite/good/a"])
    );
    let message = report["suites"][0]["cases"][0]["message"].as_str().unwrap();
    assert!(
        message.starts_with("gatekeeper/broken.yaml") && message.contains("rego_parse_error"),
        "{message}"
    );
}

#[test]
fn the_exit_code_tells_how_it_went() {
    let folder = folder(&[REGO, GATEKEEPER, TABLES]);
    for (arguments, expected) in [
        (&["--run", "test_owner", "rego"][..], 0),
        (&["--run", "later", "rego"], 0),
        (&["--run", "owners/(labels/both|refused)$", "gatekeeper"], 0),
        (&["--run", "test_limit", "rego"], 1),
        (&["--run", "own.rego", "tables/own.yaml", "tables/nobody.yaml"], 0),
        (&["rego"], 2),
        (&["--run", "nothing has this name", "rego"], 2),
        (&["--run", "(", "rego"], 2),
        (&["--limits", "nowhere.yaml", "rego"], 2),
        (&["nowhere"], 2),
        (&["gatekeeper/pod.yaml"], 2),
        (&["rego/labels.rego"], 2),
        (&["rego/limits"], 2),
        (&[], 2),
    ] {
        let output = test(folder.path(), arguments);
        assert_eq!(code(&output), expected, "{arguments:?}: {}", text(&output));
    }
}

#[test]
fn data_is_laid_over_that_of_the_tests() {
    let data = [("over.json", "{\"limits\": {\"length\": 4}}")];
    let folder = folder(&[REGO, &data]);
    let output = test(folder.path(), &["--data", "over.json", "--run", "test_limit", "rego"]);
    assert_eq!(code(&output), 0, "{}", text(&output));
}

#[test]
fn a_table_may_name_a_policy_in_many_ways() {
    let module = "policies-rego/dist/mt2001-privileged-pod.wasm";
    let cases = "cases: [{name: passes, kind: Pod, object: {apiVersion: v1, kind: Pod}}]";
    for (policy, policies, expected) in [
        ("policy-privileged-pod", None, Ok(())),
        ("MT2001", None, Ok(())),
        ("mt2001-privileged-pod", None, Ok(())),
        ("mt2001-privileged-pod", Some(module), Ok(())),
        ("mt2001-privileged-pod", Some("policies-rego/mt2001-privileged-pod/policy.rego"), Ok(())),
        ("../module.wasm", None, Ok(())),
        ("MT1009", Some(module), Err("no policy \"MT1009\" is loaded")),
        ("../nowhere.wasm", None, Err("no policy \"../nowhere.wasm\" is loaded")),
        ("../tables", None, Err("holds no policy")),
    ] {
        let folder = folder(&[&[("tables/t.yaml", &*format!("policy: {policy}\n{cases}\n"))]]);
        fs::copy(root().join(module), folder.path().join("module.wasm")).unwrap();
        let named = policies.map(|path| root().join(path).display().to_string());
        let named: Vec<&str> = named.iter().flat_map(|path| ["--policies", path]).collect();
        let output = test(folder.path(), &[&named[..], &["tables"]].concat());
        let told = text(&output);
        match expected {
            Ok(()) => assert_eq!(code(&output), 0, "{policy}: {told}"),
            Err(reason) => assert!(code(&output) == 2 && told.contains(reason), "{policy}: {told}"),
        }
    }
}

#[test]
fn folders_that_do_not_fit_together_are_run_one_by_one() {
    let policy = |verdict: &str| format!("package p\n\n{verdict}\n");
    let test_of =
        |rule: &str| format!("package p_test\n\nimport data.lib\nimport data.p\nimport rego.v1\n\n{rule}\n");
    let files = [
        ("d/a/p.rego", policy("deny := \"a\"")),
        ("d/a/p_test.rego", test_of("test_a if p.deny == lib.name")),
        ("d/b/p.rego", policy("deny(x) := x")),
        ("d/b/p_test.rego", test_of("test_b if p.deny(1) == 1")),
        ("d/lib/lib.rego", "package lib\n\nname := \"a\"\n".to_owned()),
    ];
    let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let output = test(folder(&[&files]).path(), &["-o", "json", "d"]);
    assert_eq!(
        names(&report(&output), "passed"),
        ["data.p_test.test_a", "data.p_test.test_b"],
        "{}",
        text(&output)
    );
    assert_eq!(code(&output), 0);
    // What cannot be read is an error all the same; the tests that do not need it are run.
    files.push(("d/c/broken.rego", "package c\n\na ="));
    let output = test(folder(&[&files]).path(), &["-o", "json", "d"]);
    let report = report(&output);
    let errors = report["errors"].as_array().unwrap();
    assert_eq!(names(&report, "passed").len(), 2);
    assert!(
        !errors.is_empty() && errors.iter().all(|error| error["place"] == "d/c/broken.rego:3:3"),
        "{errors:?}"
    );
    assert_eq!(code(&output), 2);
}
