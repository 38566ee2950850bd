use serde_json::json;

use super::*;

fn found(text: &str) -> Found {
    let mut found = Found::default();
    read("f.yaml", text, &mut found);
    found
}

#[test]
fn labelled_config_maps_are_policies_and_data() {
    let found = found(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {openpolicyagent.org/policy: rego}}\n\
         data: {one.rego: package one, two: package two, one_test.rego: package one_test}\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d, namespace: shop, labels: \
         {openpolicyagent.org/data: opa}}\ndata: {k: '{\"x\": 1}'}\n---\napiVersion: v1\nkind: ConfigMap\n\
         metadata: {name: w, labels: {openpolicyagent.org/policy: wasm}}\nbinaryData: {p.wasm: AGFzbQ==}\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n",
    );
    let rego: Vec<_> = found.rego.iter().map(|rego| (rego.origin.as_str(), rego.name.as_str())).collect();
    assert_eq!(rego, [("f.yaml, document 1: a/one.rego", "a/one"), ("f.yaml, document 1: a/two", "a/two")]);
    assert_eq!(Value::Object(found.data), json!({"shop": {"d": {"k": {"x": 1}}}}));
    assert_eq!((found.modules[0].name.as_str(), &*found.modules[0].wasm), ("w/p", &b"\0asm"[..]));
    assert!(found.errors.is_empty(), "{:?}", found.errors);
}

#[test]
fn lists_and_gatekeeper_objects_are_found() {
    let found = found(
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: templates.gatekeeper.sh/v1, kind: ConstraintTemplate}\n\
         - {apiVersion: constraints.gatekeeper.sh/v1beta1, kind: K8sRepos}\n- {apiVersion: v1, kind: Pod}\n",
    );
    assert_eq!((found.templates.len(), found.constraints.len()), (1, 1));
    assert_eq!(found.constraints[0].origin, "f.yaml, document 1, item 2");
}

#[test]
fn what_is_wrong_is_named() {
    for (text, origin, expected) in [
        ("a: [", "f.yaml, document 1", "line "),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {openpolicyagent.org/policy: yes}}",
            "f.yaml, document 1",
            "",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {openpolicyagent.org/policy: rgo}}",
            "f.yaml, document 1",
            "the label openpolicyagent.org/policy is \"rgo\"",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {openpolicyagent.org/policy: \
             wasm}}\nbinaryData: {x.wasm: '!'}",
            "f.yaml, document 1: a/x.wasm",
            "is no base64",
        ),
    ] {
        if let Some(error) = found(text).errors.first() {
            assert_eq!(error.origin, origin);
            assert!(error.reason.starts_with(expected), "{error}");
        } else {
            assert_eq!(expected, "");
        }
    }
}

#[test]
fn lists_are_opened_in_one_other_list() {
    let list = |kind: &str, item: &str| format!("{{apiVersion: v1, kind: {kind}, items: [{item}]}}");
    let denies = "{apiVersion: constraints.gatekeeper.sh/v1beta1, kind: K8sDenyList}";
    let twice = list("List", &list("ConfigMapList", denies));
    for (text, constraints, errors) in [
        (list("List", denies), 1, &[][..]),
        (twice.clone(), 1, &[]),
        (list("PodList", denies), 0, &[]),
        (
            list("List", &format!("{twice}, {denies}")),
            1,
            &["f.yaml, document 1, item 1, item 1: is a list in a list"],
        ),
    ] {
        let found = found(&text);
        assert_eq!((found.constraints.len(), found.errors.len()), (constraints, errors.len()), "{text}");
        for (error, expected) in found.errors.iter().zip(errors) {
            assert!(error.to_string().starts_with(expected), "{error}");
        }
    }
}

#[test]
fn a_config_map_that_gives_nothing_is_an_error() {
    for (label, rest, expected) in [
        ("policy: rego", "", ": has nothing in data; add Rego there"),
        ("policy: wasm", "binaryData: {}", ": has nothing in binaryData; add compiled policies there"),
        ("data: opa", "data: {}", ": has nothing in data; add data documents there"),
        ("policy: rego", "data: [p]", ": data must map keys to strings"),
        ("policy: rego", "binaryData: {p.rego: cGFja2FnZSBw}", "/p.rego: is in binaryData; by its labels"),
        ("policy: wasm", "data: {p.wasm: AGFzbQ==}", "/p.wasm: is in data; by its labels"),
        ("data: opa", "binaryData: {k: e30=}", "/k: is in binaryData; by its labels"),
        ("policy: rego", "data: {p.rego: {package: p}}", "/p.rego: its value in data is no string; quote it"),
        ("policy: wasm", "binaryData: {p.wasm: 1}", "/p.wasm: its value in binaryData is no string"),
        ("data: opa", "data: {k: {x: 1}}", "/k: its value in data is no string"),
    ] {
        let found = found(&format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, labels: {{openpolicyagent.org/{label}}}}}\n{rest}"
        ));
        let errors: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].starts_with(&format!("f.yaml, document 1: a{expected}")), "{errors:?}");
    }
}
