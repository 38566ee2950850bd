use serde_json::{Value, json};

use super::*;
use crate::verdict::{Failure, FailurePolicy, decide, examples::outcome};

fn report() -> Report {
    let violation = |severity: Severity, text: &str| {
        Violation::new(format!("[FAIL] {severity} - {text} (MT1)"), severity, "MT1")
    };
    let outcomes = vec![
        outcome(
            "a",
            Finding::Violated(vec![
                violation(Severity::Low, "low\u{1b}[2J"),
                violation(Severity::High, "high"),
            ]),
        ),
        outcome("b", Finding::Failed(Failure::new("trap", "trapped: unreachable"))),
    ];
    Report {
        level: DenyLevel::Low,
        results: vec![Judged {
            place: Place { source: "f.yaml".to_owned(), document: 2, item: None },
            kind: Kind { group: "apps".to_owned(), version: "v1".to_owned(), kind: "Deployment".to_owned() },
            namespace: "demo".to_owned(),
            name: "web".to_owned(),
            verdict: decide(&outcomes, DenyLevel::Low, FailurePolicy::Fail),
            outcomes,
        }],
        errors: vec![Problem { place: "g.yaml, document 1".to_owned(), reason: "is no JSON".to_owned() }],
    }
}

#[test]
fn json_has_the_documented_shape() {
    let mut out = Vec::new();
    write_json(&report(), &mut out).unwrap();
    let json: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        json,
        json!({
            "results": [{
                "source": "f.yaml", "document": 2,
                "object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "demo", "name": "web"},
                "allowed": false, "denyLevel": "LOW",
                "violations": [
                    {"policy": "a", "errcode": "MT1", "severity": "HIGH", "enforcement": "deny", "message": "[FAIL] HIGH - high (MT1)"},
                    {"policy": "a", "errcode": "MT1", "severity": "LOW", "enforcement": "deny",
                     "message": "[FAIL] LOW - low\u{1b}[2J (MT1)"},
                ],
                "failed": [{"policy": "b", "error": "trapped: unreachable"}],
            }],
            "errors": [{"place": "g.yaml, document 1", "error": "is no JSON"}],
            "summary": {"objects": 1, "denied": 1, "violations": 2, "failed": 1, "errors": 1},
        })
    );
}

#[test]
fn text_is_grouped_by_object_and_steers_no_terminal() {
    let mut out = Vec::new();
    write_text(&report(), &mut anstream::StripStream::new(&mut out)).unwrap();
    let expected = "\
DENIED  Deployment demo/web  f.yaml, document 2
  HIGH MT1      high  a
  LOW  MT1      low\u{fffd}[2J  a
  FAIL b could not be evaluated: trapped: unreachable
error   g.yaml, document 1: is no JSON

1 object judged at deny level LOW: 1 denied, 0 allowed; 2 violations (1 HIGH, 0 MED, 1 LOW); 1 evaluation failed; 1 error
";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}
