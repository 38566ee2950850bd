//! OPA itself and this engine say the same of every case in testing/cases and of every sample, and both say what
//! the cases expect by hand.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command, sync::Arc, time::Duration};

use magtape::{
    engine::{Engine, Limits},
    evaluate::{Loader, Policies, PolicyLimits},
    manifest,
    policy::Candidate,
    review::Request,
    source::Embedded,
};
use magtape_testing::tools::Tool;
use serde_json::{Value, json};

use crate::tables::{Answer, Case, Table, answer, root, sorted, tables};

/// Asks a policy about every case. Comprehensions, so that undefined is an empty list and not the end of the
/// query; functions, because `with` does not reach into a comprehension of the query itself.
const DRIVER: &str = "
package driver

answers := [answer | some case in input.cases; answer := {\"applies\": applies(case), \"deny\": deny(case)}]

applies(case) := [true |
    data.POLICY.matches == true with input as case.review with data.kubernetes.namespaces as case.namespaces
]

deny(case) := [info |
    some info in deny_of(case)
]

deny_of(case) := infos if {
    infos := data.POLICY.deny with input as case.review with data.kubernetes.namespaces as case.namespaces
}
";

/// What OPA itself answers, all cases of a table in one run.
fn ask_opa(table: &Table) -> Vec<Answer> {
    let rego = rego(table);
    let source = fs::read_to_string(&rego).unwrap();
    let package = source.lines().find_map(|line| line.strip_prefix("package ")).unwrap();
    let cases: Vec<Value> = table
        .cases
        .iter()
        .map(|case| json!({"review": case.review, "namespaces": namespaces(case)}))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("input.json");
    fs::write(&input, json!({ "cases": cases }).to_string()).unwrap();
    let driver = folder.path().join("driver.rego");
    fs::write(&driver, DRIVER.replace("POLICY", package)).unwrap();
    let output = Command::new(Tool::Opa.built().unwrap())
        .args(["eval", "--format", "json", "--data"])
        .arg(&rego)
        .arg("--data")
        .arg(&driver)
        .arg("--input")
        .arg(&input)
        .arg("data.driver.answers")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    json["result"][0]["expressions"][0]["value"].as_array().unwrap().iter().map(opa_answer).collect()
}

fn opa_answer(answer: &Value) -> Answer {
    if answer["applies"].as_array().unwrap().is_empty() {
        return None;
    }
    let messages = answer["deny"].as_array().unwrap().iter();
    Some(sorted(messages.map(|info| info["msg"].as_str().unwrap().to_owned())))
}

fn rego(table: &Table) -> PathBuf {
    root().join("policies-rego").join(&table.policy).join("policy.rego")
}

fn namespaces(case: &Case) -> Value {
    case.kubernetes.get("namespaces").cloned().unwrap_or_else(|| json!({}))
}

/// What the engine answers. Cases are grouped by their data, which is loaded with the policy.
fn ask_engine(loader: &Loader, table: &Table) -> Vec<Answer> {
    let mut policies = Embedded::Rego.policies().into_iter();
    let candidate = policies.find(|candidate| candidate.name == table.policy).unwrap();
    let mut loaded: BTreeMap<String, Policies> = BTreeMap::new();
    let ask = |case: &Case| {
        let data = json!({"kubernetes": {"namespaces": namespaces(case)}});
        let policies = loaded.entry(data.to_string()).or_insert_with(|| {
            let mut policies = Policies::new();
            let data = data.as_object().cloned().unwrap();
            loader.add(&mut policies, &Candidate { data, ..candidate.clone() }).unwrap();
            policies
        });
        let request = Request::parse(case.review.to_string().into_bytes()).unwrap();
        answer(policies, &request, &case.name)
    };
    table.cases.iter().map(ask).collect()
}

fn loader() -> Loader {
    let limits = Arc::new(Limits { deadline: Duration::from_secs(10), ..Limits::default() });
    Loader::new(Engine::new(limits.memory_bytes).unwrap(), PolicyLimits::uniform(&limits))
}

fn compare(loader: &Loader, table: &Table) -> usize {
    let (opa, engine) = (ask_opa(table), ask_engine(loader, table));
    assert_eq!((opa.len(), engine.len()), (table.cases.len(), table.cases.len()));
    for ((case, opa), engine) in table.cases.iter().zip(&opa).zip(&engine) {
        let place = format!("{}: {}", table.policy, case.name);
        assert_eq!(opa, engine, "OPA (left) and the engine (right) of {place}");
        if let Some(expected) = &case.expected {
            assert_eq!(engine, expected, "the engine (left) and the case (right) of {place}");
        }
    }
    table.cases.len()
}

#[test]
fn of_every_case() {
    let loader = loader();
    let compared: usize = tables("testing/cases").iter().map(|table| compare(&loader, table)).sum();
    println!("{compared} cases compared");
    assert!(compared > 600, "only {compared} cases were found");
}

#[test]
fn of_every_sample() {
    let loader = loader();
    let samples = manifest::read(&[root().join("testing/samples")]).0;
    let reviews: Vec<(String, Value)> = samples
        .into_iter()
        .map(|document| (document.place.to_string(), document.request.unwrap()))
        .map(|(place, request)| (place, serde_json::from_str(request.document().text()).unwrap()))
        .collect();
    assert!(reviews.len() > 15, "only {} samples were found", reviews.len());
    for table in tables("testing/cases") {
        let case = |(name, review): &(String, Value)| Case {
            name: name.clone(),
            review: review.clone(),
            kubernetes: Value::Null,
            parameters: None,
            expected: None,
        };
        compare(&loader, &Table { cases: reviews.iter().map(case).collect(), policy: table.policy });
    }
}

/// The guest reads the review's own bytes, so its JSON parser must read every spelling as the host's does.
#[test]
fn of_every_way_to_write_a_string() {
    let loader = loader();
    let candidate = Embedded::Rego
        .policies()
        .into_iter()
        .find(|candidate| candidate.origin.ends_with("mt1001-liveness-probe"));
    let mut policies = Policies::new();
    loader.add(&mut policies, &candidate.unwrap()).unwrap();
    for spelling in [
        r"\u0061\u00e9\u4e16\ud83d\ude00",
        r#"\"\\\/\b\f\n\r\t"#,
        r"\u0000\u001f\u007f\uffff",
        "\u{7f}\u{85}\u{2028}\u{feff}é世😀",
        r"\ud800\udc00\udbff\udfff",
    ] {
        let body = format!(
            r#"{{"request":{{"uid":"u","operation":"CREATE","kind":{{"kind":"Pod"}},"object":{{"spec":{{"containers":[{{"name":"{spelling}"}}]}}}}}}}}"#
        );
        let name: String = serde_json::from_str(&format!("\"{spelling}\"")).unwrap();
        let request = Request::parse(body.into_bytes()).unwrap();
        let expected = format!("[FAIL] LOW - Liveness Probe missing for container \"{name}\" (MT1001)");
        assert_eq!(answer(&policies, &request, spelling), Some(vec![expected]), "{spelling}");
    }
}
