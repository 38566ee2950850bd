use serde_json::json;

use super::*;
use crate::policy::gatekeeper::Constraint;

fn matching(matching: &Value) -> Match {
    let constraint = json!({
        "apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": "K8sTest",
        "metadata": {"name": "test"},
        "spec": {"match": matching},
    });
    Constraint::parse(&constraint).unwrap().matching
}

fn thing(namespace: &str, name: &str) -> Value {
    let mut thing = json!({"apiVersion": "group/v1", "kind": "Thing", "metadata": {"name": name}});
    if !namespace.is_empty() {
        thing["metadata"]["namespace"] = json!(namespace);
    }
    thing
}

fn labelled(mut object: Value, labels: Value) -> Value {
    object["metadata"]["labels"] = labels;
    object
}

fn namespace(name: &str, labels: Value) -> Value {
    labelled(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}), labels)
}

/// Each row: the matchers, the object, and whether it fits. The Namespace of the object is not known.
fn check(rows: &[(Value, Value, bool)]) {
    for (rule, object, expected) in rows {
        let reviewed = Reviewed { object: Some(object), ..Reviewed::default() };
        assert_eq!(matching(rule).admits(&reviewed), Ok(*expected), "{rule} {object}");
    }
}

#[test]
fn kinds_and_groups_belong_together() {
    let kinds = |kinds: Value| json!({ "kinds": kinds });
    check(&[
        (kinds(json!([{"apiGroups": ["*"], "kinds": ["*"]}])), thing("a", "n"), true),
        (kinds(json!([{}])), thing("a", "n"), true),
        (kinds(json!([{"kinds": ["Other"]}, {"apiGroups": ["*"]}])), thing("a", "n"), true),
        (kinds(json!([{"kinds": ["Thing", "Other"]}])), thing("a", "n"), true),
        (kinds(json!([{"apiGroups": ["group"], "kinds": ["Thing"]}])), thing("a", "n"), true),
        (
            kinds(
                json!([{"apiGroups": ["group"], "kinds": ["Other"]}, {"apiGroups": [""], "kinds": ["Thing"]}]),
            ),
            thing("a", "n"),
            false,
        ),
        (kinds(json!([{"apiGroups": ["group"], "kinds": ["thing"]}])), thing("a", "n"), false),
        (kinds(json!([{"apiGroups": ["group/v1"], "kinds": ["Thing"]}])), thing("a", "n"), false),
        (kinds(json!([{"apiGroups": [""], "kinds": ["Namespace"]}])), namespace("a", json!({})), true),
    ]);
}

#[test]
fn a_namespace_is_of_the_cluster() {
    let scope = |scope: &str| json!({ "scope": scope });
    check(&[
        (scope("*"), thing("a", "n"), true),
        (scope("Cluster"), thing("a", "n"), false),
        (scope("Cluster"), thing("", "n"), true),
        (scope("Cluster"), namespace("a", json!({})), true),
        (scope("Namespaced"), thing("a", "n"), true),
        (scope("Namespaced"), thing("", "n"), false),
        (scope("Namespaced"), namespace("a", json!({})), false),
    ]);
}

#[test]
fn an_object_in_no_namespace_fits_every_list_of_them() {
    let (included, excluded) =
        (json!({"namespaces": ["b", "a*"]}), json!({"excludedNamespaces": ["kube-*"]}));
    check(&[
        (included.clone(), thing("a", "n"), true),
        (included.clone(), thing("c", "n"), false),
        (included.clone(), thing("", "n"), true),
        (included.clone(), namespace("abc", json!({})), true),
        (included, namespace("c", json!({})), false),
        (excluded.clone(), thing("kube-system", "n"), false),
        (excluded.clone(), thing("a", "n"), true),
        (excluded.clone(), thing("", "kube-name"), true),
        (excluded.clone(), namespace("kube-system", json!({})), false),
        (excluded, namespace("a", json!({})), true),
        (json!({"namespaces": ["a*"], "excludedNamespaces": ["ab"]}), thing("ab", "n"), false),
        (json!({"namespaces": ["other"], "name": "n"}), thing("a", "n"), false),
    ]);
}

#[test]
fn a_name_may_be_one_that_is_generated() {
    let generated =
        |name: &str| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": name}});
    let name = |name: &str| json!({ "name": name });
    check(&[
        (name("name-foo"), thing("", "name-foo"), true),
        (name("name-*"), thing("", "name-foo"), true),
        (name("name-"), thing("", "name-foo"), false),
        (name("name-bar"), thing("", "name-foo"), false),
        (name("foo*"), generated("foo-bar-"), true),
        (name("foo*"), generated("fob-bar-"), false),
        (name("foo"), generated("foo"), false),
        (name("*foo"), generated("foo"), false),
        (name("*-bar*"), generated("fob-bar"), true),
    ]);
}

#[test]
fn objects_are_as_users_send_them() {
    check(&[
        (json!({"source": "All"}), thing("a", "n"), true),
        (json!({"source": "Original"}), thing("a", "n"), true),
        (json!({"source": "Generated"}), thing("a", "n"), false),
    ]);
}

#[test]
fn labels_are_the_objects_own() {
    let rule = json!({"labelSelector": {"matchLabels": {"app": "a"}}});
    check(&[
        (rule.clone(), labelled(thing("", "n"), json!({"app": "a"})), true),
        (rule.clone(), labelled(thing("", "n"), json!({"app": "A"})), false),
        (rule, thing("", "n"), false),
        (json!({"labelSelector": {}}), thing("", "n"), true),
    ]);
}

#[test]
fn labels_of_the_namespace_are_looked_up() {
    let rule = json!({"namespaceSelector": {"matchLabels": {"team": "a"}}});
    check(&[
        (rule.clone(), thing("", "n"), true),
        (rule.clone(), namespace("n", json!({"team": "a"})), true),
        (rule.clone(), namespace("n", json!({"team": "b"})), false),
    ]);
    for (labels, expected) in
        [(json!({"team": "a"}), true), (json!({"team": "b"}), false), (json!({}), false)]
    {
        let (object, known) = (thing("shop", "n"), namespace("shop", labels));
        let reviewed =
            Reviewed { object: Some(&object), namespace_object: Some(&known), ..Reviewed::default() };
        assert_eq!(matching(&rule).admits(&reviewed), Ok(expected));
    }
}

#[test]
fn an_unknown_namespace_is_an_error_only_where_it_matters() {
    let object = thing("shop", "n");
    let reviewed = Reviewed { namespace: "shop", object: Some(&object), ..Reviewed::default() };
    let selector = json!({"matchLabels": {"team": "a"}});
    let error = matching(&json!({"namespaceSelector": selector})).admits(&reviewed).unwrap_err();
    assert!(error.contains("namespace \"shop\", which is not known: replicate Namespaces"), "{error}");
    for other in [json!({"name": "x"}), json!({"kinds": [{"kinds": ["Pod"]}]}), json!({"scope": "Cluster"})] {
        let mut rule = other;
        rule["namespaceSelector"] = selector.clone();
        assert_eq!(matching(&rule).admits(&reviewed), Ok(false), "{rule}");
    }
}

#[test]
fn the_request_says_what_the_object_does_not() {
    let rule = json!({"kinds": [{"apiGroups": ["apps"], "kinds": ["Deployment"]}], "namespaces": ["shop"]});
    let object = json!({"metadata": {}});
    let reviewed = Reviewed {
        group: "apps",
        version: "v1",
        kind: "Deployment",
        namespace: "shop",
        object: Some(&object),
        ..Reviewed::default()
    };
    assert_eq!(matching(&rule).admits(&reviewed), Ok(true));
    assert_eq!(matching(&rule).admits(&Reviewed { namespace: "other", ..reviewed }), Ok(false));
    assert_eq!(matching(&rule).admits(&Reviewed { group: "", ..reviewed }), Ok(false));
}

#[test]
fn either_the_object_or_what_it_was_has_to_fit() {
    let rule = json!({"labelSelector": {"matchLabels": {"app": "a"}}});
    let (with, without, null) = (labelled(thing("", "n"), json!({"app": "a"})), thing("", "n"), json!(null));
    for (object, old_object, expected) in [
        (Some(&with), Some(&with), true),
        (Some(&with), Some(&without), true),
        (Some(&without), Some(&with), true),
        (Some(&without), Some(&without), false),
        (Some(&without), None, false),
        (Some(&null), Some(&with), true),
        (None, Some(&without), false),
    ] {
        let reviewed = Reviewed { object, old_object, ..Reviewed::default() };
        assert_eq!(matching(&rule).admits(&reviewed), Ok(expected));
    }
    let none = Reviewed { object: Some(&null), ..Reviewed::default() };
    assert!(matching(&rule).admits(&none).unwrap_err().contains("neither object nor oldObject"));
    assert_eq!(Match::default().admits(&none), Ok(true));
}
