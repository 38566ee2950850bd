use magtape_sdk::{Document, Metadata, Violation, lookup};

use super::*;

/// Wants an owner among the namespaces that it looks up, and does not apply to objects without a name.
struct Owned;

impl Policy for Owned {
    const METADATA: Metadata = Metadata::new("policy-owned", Severity::Med, "ORG1001")
        .targets(&["Pod", "apps/Deployment"])
        .needs(&["v1/namespaces"]);
    type Parameters = ();

    fn applies(document: &Document) -> bool {
        document.value().has("/metadata/name")
    }

    fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
        let namespaces = lookup("v1/namespaces").ok_or("no namespaces")?;
        let owner = namespaces.get(&document.namespace()).map(|namespace| namespace.show("/owner"));
        Ok(owner.is_none().then(|| Violation::new("has no owner")).into_iter().collect())
    }
}

const UNOWNED: &str =
    "data: {kubernetes: {namespaces: {}}}, violations: ['[FAIL] MED - has no owner (ORG1001)']";

/// A table with one case, of an object in the namespace `shop`.
fn table(kind: &str, rest: &str) -> String {
    let object = "{apiVersion: apps/v1, metadata: {name: web, namespace: shop}}";
    format!("{{policy: p, cases: [{{name: the case, kind: {kind}, object: {object}, {rest}}}]}}")
}

#[test]
fn what_agrees_passes() {
    check::<Owned>(&table("Pod", UNOWNED));
    check::<Owned>(&table("Deployment", UNOWNED));
    check::<Owned>(&table("Pod", "data: {kubernetes: {namespaces: {shop: {owner: x}}}}, violations: []"));
    check::<Owned>(&table("Service", "matches: false, violations: []"));
    check::<Owned>(
        "{policy: p, cases: [{name: a, kind: Pod, object: null, matches: false, violations: []}]}",
    );
}

#[test]
#[should_panic(
    expected = "the case\n  expected\n    nothing\n  given\n    [FAIL] MED - has no owner (ORG1001)\n"
)]
fn another_answer_is_shown() {
    check::<Owned>(&table("Pod", "data: {kubernetes: {namespaces: {}}}, violations: []"));
}

#[test]
#[should_panic(expected = "given\n    does not apply")]
fn a_kind_that_is_no_target_is_not_asked() {
    check::<Owned>(&table("Service", "violations: []"));
}

#[test]
#[should_panic(expected = "failed: no namespaces")]
fn a_policy_that_fails_is_named() {
    check::<Owned>(&table("Pod", "violations: []"));
}

#[test]
#[should_panic(expected = "unknown field `violation`")]
fn an_unknown_field_fails() {
    check::<Owned>(&table("Pod", "violation: []"));
}

#[test]
#[should_panic(expected = "has no cases")]
fn a_table_without_cases_fails() {
    check::<Owned>("{policy: p, cases: []}");
}
