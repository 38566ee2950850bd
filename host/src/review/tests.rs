use serde_json::{Value, json};

use super::*;
use crate::verdict::{
    Audit, DenyLevel, Exempted, Failure, Finding, Outcome, Severity, Verdict, Violation, examples,
};

fn outcome(errcode: &str, finding: Finding) -> Outcome {
    Outcome { errcode: errcode.to_owned(), ..examples::outcome("p", finding) }
}

fn parse(review: &Value) -> Result<Request, ReviewError> {
    Request::parse(review.to_string().into_bytes())
}

fn document(request: &Request) -> Value {
    serde_json::from_str(request.document().text()).unwrap()
}

#[test]
fn a_creation_is_read_and_its_bytes_are_kept() {
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "u", "kind": {"group": "apps", "version": "v1", "kind": "Deployment"}, "namespace": "demo",
        "operation": "CREATE", "dryRun": true, "object": {"metadata": {"name": "web"}}, "oldObject": null}});
    let request = parse(&review).unwrap();
    assert_eq!((request.uid.as_str(), request.kind.api_version().as_str()), ("u", "apps/v1"));
    assert_eq!((request.namespace.as_str(), request.name.as_str(), request.dry_run), ("demo", "web", true));
    assert_eq!(request.document().text(), review.to_string());
    assert_eq!(request.document().depth(), 4);
}

#[test]
fn a_deletion_shows_policies_the_object_that_goes() {
    for object in [json!({"object": null}), json!({})] {
        let mut review = json!({"kind": "AdmissionReview", "request": {
            "uid": "u", "operation": "DELETE", "kind": {"kind": "Pod"}, "oldObject": {"metadata": {"name": "web"}, "text": "ü\"}"}}});
        review["request"].as_object_mut().unwrap().extend(object.as_object().unwrap().clone());
        let request = parse(&review).unwrap();
        assert_eq!(document(&request)["request"]["object"], review["request"]["oldObject"]);
        assert_eq!(document(&request)["request"]["oldObject"], review["request"]["oldObject"]);
        assert_eq!(request.name, "web");
    }
}

#[test]
fn what_may_be_missing_is_empty() {
    for fields in [
        json!({}),
        json!({"object": null, "oldObject": null, "operation": "DELETE"}),
        json!({"namespace": null, "name": null}),
        json!({"object": {"metadata": {"ownerReferences": []}}}),
        json!({"object": {"metadata": "odd"}}),
    ] {
        let mut request = json!({"uid": "u", "operation": "CREATE", "kind": {"kind": "Pod"}});
        request.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let request = parse(&json!({"request": request})).unwrap();
        assert_eq!((request.namespace.as_str(), request.name.as_str()), ("", ""));
    }
}

#[test]
fn what_is_no_review_is_refused_with_a_reason() {
    let deep = format!("{{\"request\":{{\"uid\":\"u\",\"object\":{}{}}}}}", "[".repeat(200), "]".repeat(200));
    for (body, expected) in [
        ("", "the text ends"),
        ("[]", "the body is no AdmissionReview"),
        ("{}", "it has no request"),
        (r#"{"kind":"Pod","request":{"uid":"u"}}"#, "it is a Pod"),
        (r#"{"apiVersion":"v9","request":{"uid":"u"}}"#, "it is a v9"),
        (r#"{"request":{"uid":"u","kind":{"kind":"Pod"}}}"#, "it has no request.operation"),
        (r#"{"request":{"uid":"u","operation":"CREATE"}}"#, "it has no request.kind.kind"),
        (r#"{"request":{}}"#, "it has no request.uid"),
        (r#"{"request":{"uid":7,"operation":"CREATE"}}"#, "request.uid must be a string"),
        (r#"{"request":[]}"#, "request must be an object"),
        (r#"{"request":{"uid":"u","dryRun":"yes"}}"#, "request.dryRun must be a boolean"),
        (
            r#"{"request":{"uid":"u","kind":{"kind":"Pod","kind":"Node"}}}"#,
            "request.kind.kind is there twice",
        ),
        (r#"{"request":{"uid":"u","obj\u0065ct":{},"object":{}}}"#, "request.object is there twice"),
        (r#"{"request":{"uid":"u","object":{},"object":{}}}"#, "request.object is there twice"),
        (r#"{"request":{"uid":"u"},"request":{"uid":"v"}}"#, "request is there twice"),
        (r#"{"request":{"uid":"u"}} x"#, "something after the document"),
        (r#"{"request":{"uid":"u","x":[1,]}}"#, "no value"),
        (r#"{"request":{"uid":"u","x":"\ud800"}}"#, "half of a surrogate pair"),
        (deep.as_str(), "nested too deep"),
    ] {
        let error = Request::parse(body.as_bytes().to_vec()).unwrap_err().to_string();
        assert!(error.contains(expected), "{body}: {error}");
    }
    assert!(Request::parse(b"{\"request\":{\"uid\":\"u\",\"x\":\"\xff\"}}".to_vec()).is_err());
}

#[test]
fn the_answer_has_a_status_only_when_it_denies() {
    let mut verdict = Verdict { allowed: true, message: String::new(), warnings: Vec::new() };
    let allowed: Value = serde_json::from_slice(&response("u", &verdict, None).unwrap()).unwrap();
    assert_eq!(
        allowed,
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
               "response": {"uid": "u", "allowed": true}})
    );
    verdict = Verdict { allowed: false, message: "m".to_owned(), warnings: vec!["m".to_owned()] };
    let violation = |code: &str| Violation::new("m", Severity::High, code);
    let exempted = Exempted { name: "legacy/batch".to_owned(), until: None, reason: "…".to_owned() };
    let exempt = Violation { exempted: Some(Arc::new(exempted)), ..violation("MT2") };
    let outcomes = [
        outcome("MT2", Finding::Violated(vec![violation("MT2"), exempt])),
        outcome("MT1", Finding::Violated(vec![violation("MT1")])),
        outcome("MT1", Finding::Violated(vec![violation("MT1")])),
        outcome("MT3", Finding::Failed(Failure::new("trap", "a reason that is not for everybody"))),
        outcome("MT4", Finding::Passed),
    ];
    assert_eq!(Audit::of(&outcomes[4..], DenyLevel::Low), None, "nobody has anything to say");
    let audit = Audit::of(&outcomes, DenyLevel::Low);
    let denied: Value = serde_json::from_slice(&response("u", &verdict, audit.as_ref()).unwrap()).unwrap();
    assert_eq!(
        denied["response"],
        json!({"uid": "u", "allowed": false, "warnings": ["m"],
               "auditAnnotations": {"violated": "MT1,MT2", "failed": "MT3", "exemptions": "legacy/batch",
                   "deny-level": "LOW"},
               "status": {"message": "m", "reason": "Forbidden", "code": 403}})
    );
}
