//! The tables of testing/cases: one of inputs for each policy, with the messages it must give.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use magtape::{
    evaluate::{Policies, evaluate},
    review::Request,
    verdict::Finding,
};
use serde_json::{Value, json};

/// What a policy says of one review: nothing if it does not apply, or the messages in order.
pub(super) type Answer = Option<Vec<String>>;

/// One policy with the reviews that it is asked about.
pub(super) struct Table {
    /// The name of its folder.
    pub(super) policy: String,
    pub(super) cases: Vec<Case>,
}

pub(super) struct Case {
    pub(super) name: String,
    pub(super) review: Value,
    /// What is known of the cluster: objects by resource.
    pub(super) kubernetes: Value,
    /// What the policy is configured with.
    pub(super) parameters: Option<Value>,
    pub(super) expected: Option<Answer>,
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The tables in a folder, in order of their names.
pub(super) fn tables(folder: &str) -> Vec<Table> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files.iter().map(|file| table(file)).collect()
}

fn table(file: &Path) -> Table {
    let text = fs::read_to_string(file).unwrap();
    let table = magtape::yaml::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let cases = table["cases"].as_array().unwrap().iter().map(case).collect();
    Table { policy: table["policy"].as_str().unwrap().to_owned(), cases }
}

fn case(case: &Value) -> Case {
    let object = &case["object"];
    let api_version = object["apiVersion"].as_str().unwrap_or_default();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let mut request = json!({
        "uid": "u", "operation": "CREATE", "object": object,
        "kind": {"group": group, "version": version, "kind": case["kind"]},
    });
    if let Some(namespace) = object["metadata"]["namespace"].as_str() {
        request["namespace"] = namespace.into();
    }
    let violations = case["violations"].as_array().into_iter().flatten();
    // They are in order in the table already.
    let violations = violations.map(|text| text.as_str().unwrap().to_owned()).collect();
    let applies = case.get("matches").is_none_or(|matches| matches == true);
    Case {
        name: case["name"].as_str().unwrap().to_owned(),
        review: json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}),
        kubernetes: case["data"]["kubernetes"].clone(),
        parameters: case.get("parameters").cloned(),
        expected: Some(applies.then_some(violations)),
    }
}

/// What the only policy of a set says.
pub(super) fn answer(policies: &Policies, request: &Request, name: &str) -> Answer {
    let outcome = evaluate(policies, request, Duration::from_secs(10)).into_iter().next()?;
    match outcome.finding {
        Finding::NotApplicable => None,
        Finding::Passed => Some(Vec::new()),
        Finding::Violated(violations) => {
            Some(sorted(violations.into_iter().map(|violation| violation.message)))
        }
        Finding::Failed(reason) => panic!("{name}: failed: {reason}"),
    }
}

pub(super) fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}
