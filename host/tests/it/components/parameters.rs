//! Parameters that do not fit are refused with a text that names the policy and the field.

use magtape::source::Embedded;
use magtape::{
    evaluate::{Loader, Policies, PolicyLimits, PolicyParameters, evaluate},
    policy::Candidate,
};
use serde_json::{Value, json};

use super::{Bench, guest, one};
use crate::guests::{BUDGET, request};

/// Loads a guest with these parameters; answers the first thing it says of a request, or why it is refused.
fn said(bench: &Bench, name: &str, parameters: Value) -> Result<Option<String>, String> {
    let candidate = Candidate::new(format!("folder/{name}.wasm"), guest::wasm(name));
    load(bench, &candidate, json!({format!("hostile-{name}"): parameters}))
}

fn load(bench: &Bench, candidate: &Candidate, parameters: Value) -> Result<Option<String>, String> {
    let parameters = PolicyParameters::parse(parameters)?;
    let limits = PolicyLimits::uniform(&bench.long);
    let loader = Loader::new(bench.engine.clone(), limits).with_parameters(parameters);
    let mut policies = Policies::new();
    loader.add(&mut policies, candidate).map_err(|error| error.to_string())?;
    let outcomes = evaluate(&policies, &request(), BUDGET);
    let violations = outcomes.first().map(|outcome| outcome.violations()).unwrap_or_default();
    Ok(violations.first().map(|violation| violation.message.clone()))
}

#[test]
fn what_does_not_fit_is_named() {
    let bench = Bench::new();
    for (guest, parameters, expected) in [
        ("parameters", json!({}), "parameters.registry"),
        ("parameters", json!({"registry": 1}), "parameters.registry"),
        ("parameters", json!({"registry": null}), "parameters.registry"),
        ("parameters", json!({"registry": "r", "count": "many"}), "parameters.count"),
        ("parameters", json!({"registry": "r", "count": 1.5}), "parameters.count"),
        ("parameters", json!({"registry": "r", "names": "web"}), "parameters.names"),
        ("parameters", json!({"registry": "r", "names": ["web", {}]}), "parameters.names[1]"),
        (
            "parameters",
            json!({"registry": "r", "registries": []}),
            "parameters.registries: the schema does not know this field",
        ),
        ("counter", json!({}), "it takes no parameters"),
        ("counter", json!({"count": 1}), "it takes no parameters"),
    ] {
        let refused = said(&bench, guest, parameters.clone()).unwrap_err();
        println!("{parameters}: {refused}");
        assert!(refused.starts_with(&format!("folder/{guest}.wasm: ")), "{refused}");
        assert!(refused.contains(&format!("hostile-{guest}")), "{refused}");
        assert!(refused.contains(expected), "{refused}");
    }
}

#[test]
fn what_fits_is_what_the_policy_reads() {
    let bench = Bench::new();
    for (parameters, expected) in [
        (json!({"registry": "r"}), r#"{"registry":"r"}"#),
        (json!({"registry": "ü\u{7}", "count": -3}), r#"{"count":-3,"registry":"ü\u0007"}"#),
        (json!({"registry": "", "names": []}), r#"{"names":[],"registry":""}"#),
    ] {
        let said = said(&bench, "parameters", parameters).unwrap().unwrap();
        assert_eq!(said, format!("[FAIL] LOW - {expected} (HOSTILE)"));
    }
}

#[test]
fn of_a_policy_that_ships_too() {
    let bench = Bench::new();
    let candidate = one(Embedded::Hardening, "mt3009");
    let refused =
        |parameters| load(&bench, &candidate, json!({"policy-allowed-registries": parameters})).unwrap_err();
    assert!(refused(json!({"registries": "docker.io"})).contains("parameters.registries"));
    assert!(refused(json!({"registry": ["docker.io"]})).contains("parameters.registry"));
}

/// `magtape build` and `magtape inspect` load policies that are configured elsewhere.
#[test]
fn a_policy_that_nobody_asks_needs_none() {
    let bench = Bench::new();
    let load = |name: &str, parameters| {
        let limits = PolicyLimits::uniform(&bench.long);
        let loader = Loader::new(bench.engine.clone(), limits).with_parameters(parameters);
        let candidate = Candidate::new(name, guest::wasm(name));
        loader.add(&mut Policies::new(), &candidate).map_err(|error| error.to_string())
    };
    assert_eq!(load("parameters", PolicyParameters::unknown()), Ok(()));
    assert!(load("parameters", PolicyParameters::default()).unwrap_err().contains("parameters.registry"));
    assert!(load("schema-not-structural", PolicyParameters::unknown()).is_err(), "a schema has to be one");
}
