use serde_json::json;

use super::*;
use crate::compile::protocol::{Annotated, Rule};

/// A file by its package, its rules and what it uses, each word by word.
fn facts(package: &str, rules: &str, uses: &str) -> Analysed {
    let path = |text: &str| text.split('.').map(str::to_owned).collect();
    Analysed {
        package: path(package),
        rules: rules
            .split_whitespace()
            .map(|name| Rule { name: name.to_owned(), kind: "set".to_owned(), definitions: 1 })
            .collect(),
        uses: uses.split_whitespace().map(path).collect(),
        ..Analysed::default()
    }
}

fn roles_of(all: Vec<Analysed>) -> Vec<Role> {
    let rego = Rego { origin: "f".to_owned(), name: "f".to_owned(), text: String::new() };
    let files: Vec<_> = all.into_iter().map(|facts| File { rego: &rego, facts }).collect();
    roles(&files)
}

type Helpers = Vec<(usize, Vec<String>)>;

/// The helpers of the policies, by the number of the file; `None` for what is no policy.
fn helpers_of(all: Vec<Analysed>) -> Vec<Option<Helpers>> {
    let helpers = |role| match role {
        Role::Policy(unit) => Some(unit.helpers),
        _ => None,
    };
    roles_of(all).into_iter().map(helpers).collect()
}

const MAGTAPE: &str = "policy_metadata matches deny";

#[test]
fn the_rules_of_a_file_tell_its_entrypoints() {
    for (package, rules, expected) in [
        ("kubernetes.admission.a", MAGTAPE, vec!["deny", "matches", "policy_metadata"]),
        ("kubernetes.admission", "deny helper", vec!["deny"]),
        ("system", "main", vec!["main"]),
    ] {
        let Role::Policy(unit) = roles_of(vec![facts(package, rules, "")]).remove(0) else {
            panic!("{package} is a policy")
        };
        let path = package.replace('.', "/");
        let expected: Vec<_> = expected.into_iter().map(|rule| format!("{path}/{rule}")).collect();
        assert_eq!(unit.entrypoints, expected);
    }
}

#[test]
fn a_policy_is_compiled_with_what_it_uses() {
    let found = helpers_of(vec![
        facts("kubernetes.admission.a", MAGTAPE, "lib.k8s.is_pod"),
        facts("lib.k8s", "is_pod is_service", "lib.text.clean kubernetes.pods"),
        facts("lib.text", "clean", ""),
        facts("kubernetes.admission.b", MAGTAPE, "lib.text"),
    ]);
    let none = Vec::<String>::new;
    assert_eq!(found, [Some(vec![(1, none()), (2, none())]), None, None, Some(vec![(2, none())])]);
}

#[test]
fn a_file_of_the_same_package_gives_helpers_but_no_verdicts() {
    let found = helpers_of(vec![
        facts("kubernetes.admission", "deny", "kubernetes.admission.registries"),
        facts("kubernetes.admission", "deny registries", ""),
        facts("kubernetes.admission", "deny", ""),
    ]);
    let deny = vec!["deny".to_owned()];
    assert_eq!(found, [Some(vec![(1, deny)]), Some(vec![]), Some(vec![])]);
}

#[test]
fn a_magtape_package_may_be_in_several_files() {
    let a = "kubernetes.admission.a";
    let split = helpers_of(vec![facts(a, "policy_metadata matches", ""), facts(a, "deny", "")]);
    assert_eq!(split, [None, Some(vec![(0, vec![])])]);
    let further = helpers_of(vec![facts(a, MAGTAPE, ""), facts(a, "deny", "")]);
    assert_eq!(further, [Some(vec![(1, vec![])]), None]);
    let twice = helpers_of(vec![facts(a, MAGTAPE, ""), facts(a, MAGTAPE, "")]);
    assert_eq!(twice, [Some(vec![]), Some(vec![])]);
}

#[test]
fn what_asks_all_policies_is_no_policy() {
    let magtape = facts("magtape", "decisions", "kubernetes.admission");
    let found = roles_of(vec![magtape.clone(), facts("kubernetes.admission.a", MAGTAPE, "")]);
    assert_eq!(found[0], Role::Collector("data.kubernetes.admission".to_owned()));
    assert_eq!(roles_of(vec![magtape])[0], Role::Collector("data.kubernetes.admission".to_owned()));
    let main = facts("system", "main", "org.images.deny");
    assert!(matches!(roles_of(vec![main.clone()])[0], Role::Policy(_)));
    let found = roles_of(vec![main, facts("org.images", "deny", "")]);
    assert_eq!(found[0], Role::Collector("data.org.images.deny".to_owned()));
}

#[test]
fn what_is_no_policy_is_named() {
    for (file, expected) in [
        (facts("a.b", "allow denny", ""), "found package a.b with allow, denny"),
        (facts("a.b", "violation", ""), "has Gatekeeper's rule violation"),
        (facts("kubernetes.admission.a", "policy_metadata deny", ""), "lacks the rule matches"),
        (facts("kubernetes.admission.a", "policy_metadata matches", ""), "lacks the rule deny"),
    ] {
        let Role::Neither(reason) = roles_of(vec![file]).remove(0) else { panic!("is no policy") };
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn an_annotation_states_the_dialect() {
    let annotated = |dialect: &str| Analysed {
        annotations: vec![Annotated {
            scope: "package".to_owned(),
            rule: String::new(),
            annotations: json!({"custom": {"dialect": dialect}}),
        }],
        ..facts("a", "violation deny", "")
    };
    let Role::Policy(unit) = roles_of(vec![annotated("gatekeeper")]).remove(0) else { panic!("is a policy") };
    assert_eq!(unit.entrypoints, ["a/violation"]);
    assert_eq!(roles_of(vec![annotated("library")]), [Role::Library]);
    let Role::Neither(reason) = roles_of(vec![annotated("gk")]).remove(0) else { panic!("is no policy") };
    assert!(reason.contains("unknown dialect \"gk\""), "{reason}");
}

#[test]
fn a_file_that_takes_helpers_of_a_policy_gathers_nothing() {
    let lib = || facts("kubernetes.admission.lib", "host_network", "");
    let misspelt = facts("kubernetes.admission.images", "dney", "kubernetes.admission.lib.host_network");
    assert!(matches!(roles_of(vec![misspelt, lib()])[0], Role::Neither(_)));
    let of_policy = facts("team.b", "violations", "team.a.is_pod");
    assert!(matches!(roles_of(vec![of_policy, facts("team.a", "deny is_pod", "")])[0], Role::Neither(_)));
    let main = facts("system", "main", "kubernetes.admission.lib.host_network");
    let found = roles_of(vec![main, lib()]);
    assert!(matches!(found[..], [Role::Policy(_), Role::Library]), "{found:?}");
    let own_rules = facts("system", "main extra", "org.images.deny");
    assert!(matches!(roles_of(vec![own_rules, facts("org.images", "deny", "")])[0], Role::Policy(_)));
}

#[test]
fn main_is_asked_before_deny_where_opa_asks_it() {
    let Role::Policy(unit) = roles_of(vec![facts("system", "main deny", "")]).remove(0) else {
        panic!("is a policy")
    };
    assert_eq!(unit.entrypoints, ["system/main"]);
}

#[test]
fn only_what_a_policy_needs_is_a_library() {
    let collector = facts("magtape", "decisions", "kubernetes.admission");
    let found = roles_of(vec![collector, facts("kubernetes.admission.images", "dney", "")]);
    assert!(matches!(found[..], [Role::Collector(_), Role::Neither(_)]), "{found:?}");
    let each_other = vec![facts("a", "dney helper", "b.helper"), facts("b", "dnye helper", "a.helper")];
    assert!(roles_of(each_other).iter().all(|role| matches!(role, Role::Neither(_))));
}

#[test]
fn what_is_said_of_one_definition_is_not_taken_for_all() {
    let annotated = |scope: &str, definitions: usize| Analysed {
        annotations: vec![Annotated {
            scope: scope.to_owned(),
            rule: "deny".to_owned(),
            annotations: json!({"custom": {"severity": "LOW"}}),
        }],
        rules: vec![Rule { name: "deny".to_owned(), kind: "set".to_owned(), definitions }],
        ..facts("a", "", "")
    };
    assert!(matches!(roles_of(vec![annotated("rule", 1)])[0], Role::Policy(_)));
    assert!(matches!(roles_of(vec![annotated("document", 2)])[0], Role::Policy(_)));
    let Role::Neither(reason) = roles_of(vec![annotated("rule", 2)]).remove(0) else { panic!("is refused") };
    assert!(reason.contains("one of 2 definitions of deny"), "{reason}");
}

#[test]
fn of_two_rules_that_decide_one_is_not_forgotten() {
    let Role::Neither(reason) = roles_of(vec![facts("a", "deny violation", "")]).remove(0) else {
        panic!("is refused")
    };
    assert!(reason.contains("has both deny and violation"), "{reason}");
}
