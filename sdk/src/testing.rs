//! Runs a policy in a test, natively: no WebAssembly and no host.
//!
//! ```
//! use magtape_sdk::{Document, Error, Metadata, Policy, Severity, Violation, testing::Case};
//! # struct Named;
//! # impl Policy for Named {
//! #     const METADATA: Metadata = Metadata::new("named", Severity::Low, "ORG1002");
//! #     type Parameters = ();
//! #     fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
//! #         let named = document.value().has("/metadata/labels/app");
//! #         Ok((!named).then(|| Violation::new("Label app is missing")).into_iter().collect())
//! #     }
//! # }
//!
//! let service = Case::object("{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}");
//! assert_eq!(service.messages::<Named>(), ["Label app is missing"]);
//! ```

#![allow(
    clippy::indexing_slicing,
    reason = "a test reads null where nothing is, and fails where nothing can be set"
)]

pub(crate) mod documents;

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::{Document, Error, Level, Parameters, Policy, Value, Violation};
use documents::Host;

/// A request for admission, with what the host would know beside it. Texts are YAML, of which JSON is a part; one that
/// cannot be read fails the test.
#[derive(Clone, Debug)]
#[must_use = "a case says something only when a policy judges it"]
pub struct Case {
    review: Json,
    parameters: Json,
    data: Json,
    now: Duration,
}

/// What came of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What the policy has against the object; `None` when it does not apply.
    pub violations: Option<Vec<Violation>>,
    /// What it logged.
    pub log: Vec<(Level, String)>,
}

// === impl Case ===

impl Case {
    /// The creation of an object.
    pub fn object(object: &str) -> Self {
        let object = parse(object, "the object");
        let api_version = object["apiVersion"].as_str().unwrap_or_default();
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let metadata = &object["metadata"];
        let request = json!({
            "uid": "00000000-0000-0000-0000-000000000000",
            "kind": {"group": group, "version": version, "kind": object["kind"]},
            "name": metadata["name"].as_str().unwrap_or_default(),
            "namespace": metadata["namespace"].as_str().unwrap_or_default(),
            "operation": "CREATE",
            "userInfo": {"username": "test"},
            "object": object,
        });
        Self::of(json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}))
    }

    /// An AdmissionReview as the API server sends it.
    pub fn review(review: &str) -> Self {
        Self::of(parse(review, "the review"))
    }

    fn of(review: Json) -> Self {
        Self { review, parameters: json!({}), data: json!({}), now: Duration::ZERO }
    }

    /// Sets a field of the review's request: `.field("/operation", "DELETE")`, `.field("/userInfo/username", "ann")`.
    pub fn field(mut self, pointer: &str, value: &str) -> Self {
        let value = parse(value, "the field");
        let mut place = &mut self.review["request"];
        for key in pointer.split('/').skip(1) {
            place = &mut place[key];
        }
        *place = value;
        self
    }

    /// Makes it an update of that object.
    pub fn updates(self, old_object: &str) -> Self {
        self.field("/operation", "UPDATE").field("/oldObject", old_object)
    }

    /// What the policy is configured with.
    pub fn parameters(self, parameters: &str) -> Self {
        Self { parameters: parse(parameters, "the parameters"), ..self }
    }

    /// The objects of a kind in the cluster, as [`lookup`](crate::lookup) answers them.
    pub fn objects(mut self, kind: &str, objects: &str) -> Self {
        self.data[kind] = parse(objects, "the objects");
        self
    }

    /// The time of the evaluation, since 1970-01-01T00:00:00Z; otherwise it is that.
    pub fn at(self, now: Duration) -> Self {
        Self { now, ..self }
    }

    /// Asks a policy. Targets and operations of its metadata are not looked at.
    ///
    /// # Errors
    /// When the policy cannot judge the object, or its parameters do not fit.
    pub fn evaluate<P: Policy>(&self) -> Result<Evaluation, Error> {
        let (answer, log) = documents::with(self.host(P::METADATA.needs), || {
            let document = Document::new();
            if !P::applies(&document) {
                return Ok(None);
            }
            let parameters = match P::Parameters::none() {
                Some(none) => none,
                None => P::Parameters::read(Value::new(documents::parameters()))?,
            };
            P::evaluate(&document, parameters).map(Some)
        });
        answer.map(|violations| Evaluation { violations, log })
    }

    /// The texts of what a policy has against the object, sorted; none when it does not apply. It fails the test when the
    /// policy cannot judge the object.
    pub fn messages<P: Policy>(&self) -> Vec<String> {
        let evaluation =
            self.evaluate::<P>().unwrap_or_else(|error| fail(&format!("the policy failed: {error}")));
        let violations = evaluation.violations.unwrap_or_default();
        let mut messages: Vec<String> = violations.iter().map(|one| one.message().to_owned()).collect();
        messages.sort();
        messages
    }

    /// Gives the document to a function, to try accessors.
    pub fn with<T>(&self, look: impl FnOnce(&Document) -> T) -> T {
        documents::with(self.host(&[]), || look(&Document::new())).0
    }

    fn host(&self, needs: &[&str]) -> Host {
        let now = u64::try_from(self.now.as_nanos()).unwrap_or(u64::MAX);
        let mut host = Host::new(self.review.clone(), self.parameters.clone(), now);
        for kind in needs {
            host.declare(kind, self.data.get(*kind).cloned());
        }
        host
    }
}

fn parse(text: &str, what: &str) -> Json {
    serde_norway::from_str(text).unwrap_or_else(|error| fail(&format!("{what} is no YAML: {error}")))
}

#[allow(clippy::panic, reason = "this is a test")]
fn fail(reason: &str) -> ! {
    panic!("{reason}")
}
