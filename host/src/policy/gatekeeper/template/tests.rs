use serde_json::json;

use super::*;

fn document() -> Value {
    json!({
        "apiVersion": "templates.gatekeeper.sh/v1",
        "kind": "ConstraintTemplate",
        "metadata": {"name": "k8sallowedrepos", "annotations": {"description": "Images come from these."}},
        "spec": {
            "crd": {"spec": {
                "names": {"kind": "K8sAllowedRepos"},
                "validation": {"openAPIV3Schema": {
                    "type": "object",
                    "properties": {"repos": {"type": "array", "items": {"type": "string"}}},
                }},
            }},
            "targets": [{
                "target": "admission.k8s.gatekeeper.sh",
                "rego": "package k8sallowedrepos",
                "libs": ["package lib.a"],
            }],
        },
    })
}

/// The document with another value at a place.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = document();
    *document.pointer_mut(pointer).unwrap() = value;
    document
}

fn target(target: Value) -> Value {
    let mut all = json!({"target": "admission.k8s.gatekeeper.sh"});
    all.as_object_mut().unwrap().extend(target.as_object().unwrap().clone());
    with("/spec/targets/0", all)
}

fn constraint(kind: &str, parameters: Value) -> Constraint {
    let constraint = json!({
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": kind,
        "metadata": {"name": "test"},
        "spec": {"parameters": parameters},
    });
    Constraint::parse(&constraint).unwrap()
}

#[test]
fn a_template_is_read() {
    let template = Template::parse(&document()).unwrap();
    assert_eq!((template.name.as_str(), template.kind.as_str()), ("k8sallowedrepos", "K8sAllowedRepos"));
    assert_eq!((template.rego.as_str(), template.version), ("package k8sallowedrepos", RegoVersion::V0));
    assert_eq!(template.libs, ["package lib.a"]);
    assert_eq!(template.annotations["description"], "Images come from these.");
    assert!(template.operations.is_empty());
}

#[test]
fn code_of_other_engines_is_left_out() {
    let cel = json!({"engine": "K8sNativeValidation", "source": {"validations": []}});
    let rego = |source: Value| json!({"engine": "Rego", "source": source});
    let v1 = rego(json!({"rego": "package a", "libs": ["package lib.b"], "version": "v1"}));
    for (given, rego, libs, version) in [
        (json!({"code": [cel, v1]}), "package a", vec!["package lib.b"], RegoVersion::V1),
        (
            json!({"code": [rego(json!({"rego": "package a"}))], "rego": ""}),
            "package a",
            vec![],
            RegoVersion::V0,
        ),
        (json!({"code": [v1], "rego": "package b"}), "package b", vec![], RegoVersion::V0),
    ] {
        let template = Template::parse(&target(given)).unwrap();
        assert_eq!((template.rego.as_str(), template.version), (rego, version));
        assert_eq!(template.libs, libs);
    }
}

#[test]
fn operations_may_be_named() {
    let operations = |operations: Value| {
        let template = target(json!({"rego": "package a", "operations": operations}));
        Template::parse(&template).map(|template| template.operations.into_iter().collect::<Vec<_>>())
    };
    assert_eq!(operations(json!(["UPDATE", "CREATE"])).unwrap(), ["CREATE", "UPDATE"]);
    assert!(operations(json!(["CREATE", "*"])).unwrap().is_empty());
    let error = operations(json!(["create"])).unwrap_err().to_string();
    assert!(error.starts_with("spec.targets[0].operations[0]: must be one of *, CREATE"), "{error}");
}

#[test]
fn what_is_wrong_is_named() {
    let cel = json!([{"engine": "K8sNativeValidation", "source": {}}]);
    for (document, expected) in [
        (
            with("/kind", json!("Constraint")),
            "kind: must be ConstraintTemplate, is the string \"Constraint\"",
        ),
        (
            with("/apiVersion", json!("templates.gatekeeper.sh/v2")),
            "apiVersion: must be templates.gatekeeper.sh/v1, v1beta1 or v1alpha1, is the string \
             \"templates.gatekeeper.sh/v2\"",
        ),
        (
            with("/metadata/name", json!("repos")),
            "metadata.name: must be k8sallowedrepos, the kind K8sAllowedRepos in lower case, is the string \"repos\"",
        ),
        (
            with("/spec/crd/spec/names/kind", json!(null)),
            "spec.crd.spec.names.kind: must be a string that is not empty, is missing",
        ),
        (
            with("/spec/targets", json!([])),
            "spec.targets: must have exactly one target, admission.k8s.gatekeeper.sh",
        ),
        (
            with("/spec/targets", json!([{}, {}])),
            "spec.targets: must have exactly one target, admission.k8s.gatekeeper.sh",
        ),
        (
            target(json!({"target": "other", "rego": "package a"})),
            "spec.targets[0].target: must be admission.k8s.gatekeeper.sh, is the string \"other\"",
        ),
        (target(json!({})), "spec.targets[0]: has neither rego nor code; this host runs Rego"),
        (
            target(json!({ "code": cel })),
            "spec.targets[0]: has code for K8sNativeValidation only; this host runs Rego",
        ),
        (target(json!({"rego": 1})), "spec.targets[0].rego: must be a string, is the number 1"),
        (
            target(json!({"rego": " "})),
            "spec.targets[0].rego: must be a string that is not empty, is the string \" \"",
        ),
        (
            target(json!({"rego": "package a", "libs": [1]})),
            "spec.targets[0].libs[0]: must be a string, is the number 1",
        ),
        (
            target(json!({"code": [{"engine": "Rego", "source": {"rego": "package a", "version": "v2"}}]})),
            "spec.targets[0].code[0].source.version: must be v0 or v1, is the string \"v2\"",
        ),
        (
            with("/spec/crd/spec/validation/openAPIV3Schema/properties/repos/type", json!("list")),
            "spec.crd.spec.validation.openAPIV3Schema.properties.repos.type: must be array, boolean, integer, number, \
             object or string, is the string \"list\"",
        ),
    ] {
        assert_eq!(Template::parse(&document).unwrap_err().to_string(), expected);
    }
}

#[test]
fn parameters_are_those_of_its_own_constraints() {
    let template = Template::parse(&document()).unwrap();
    let (parameters, notes) =
        template.parameters(&constraint("K8sAllowedRepos", json!({"repos": ["a"], "repo": 1}))).unwrap();
    assert_eq!(parameters, json!({"repos": ["a"]}));
    assert_eq!(notes, ["spec.parameters.repo: the schema does not know this field, it is dropped"]);
    let error = template.parameters(&constraint("K8sAllowedRepos", json!({"repos": [3]}))).unwrap_err();
    assert_eq!(error.to_string(), "spec.parameters.repos[0]: must be a string, is the number 3");
    let error = template.parameters(&constraint("K8sOther", json!({}))).unwrap_err();
    assert_eq!(error.to_string(), "kind: must be K8sAllowedRepos, as the template has it, is K8sOther");
}

#[test]
fn older_versions_have_legacy_schemas() {
    for (version, is_read) in [("v1", false), ("v1beta1", true), ("v1alpha1", true)] {
        let mut document = with("/spec/crd/spec/validation/openAPIV3Schema/type", json!(null));
        document["apiVersion"] = json!(format!("templates.gatekeeper.sh/{version}"));
        assert_eq!(Template::parse(&document).is_ok(), is_read, "{version}");
    }
}
