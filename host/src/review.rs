//! AdmissionReview on the wire, to a request and back: what Kubernetes' JSON for it means
//! (`admission.k8s.io/v1`; v1beta1 has the same fields and is answered as v1).
//!
//! Policies are given the review's own bytes, so everything about them is validated here, once: that they are
//! JSON throughout, how deep they are, and that no field which decides something is there twice.

mod place;
mod response;
mod surrogates;
mod valid;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json, value::RawValue};

pub use place::Place;
pub use response::response;

/// The versions of the API, which have the same fields.
const VERSIONS: [&str; 2] = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"];

/// A review that cannot be read. The text is for whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// Not JSON, or JSON of another shape.
    #[error("the body is no AdmissionReview: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON that is something else.
    #[error("the body is no AdmissionReview: it is a {0}")]
    Kind(String),
    /// A field without which nothing can be judged.
    #[error("the review cannot be judged: it has no {0}")]
    Missing(&'static str),
    /// A deleted object that could not be put where policies look.
    #[error("the review cannot be judged: request.oldObject could not be read")]
    Deleted,
}

/// One request for admission.
#[derive(Clone, Debug)]
pub struct Request {
    /// The API server's name for this request; the answer repeats it.
    pub uid: String,
    /// The object's kind, such as `Deployment`.
    pub kind: Kind,
    /// The object's namespace; empty for objects of the cluster.
    pub namespace: String,
    /// The object's name; empty when the API server has yet to make one.
    pub name: String,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub operation: String,
    /// Whether nothing may come of the request but the answer.
    pub dry_run: bool,
    /// What policies are given: the whole review, valid JSON. In a deletion `request.object` is the object that
    /// goes.
    document: Vec<u8>,
    /// Where the review's `request` is in the document.
    request: std::ops::Range<usize>,
    depth: usize,
}

/// Group, version and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Kind {
    /// Such as `apps`; empty for the core group.
    pub group: String,
    /// Such as `v1`.
    pub version: String,
    /// Such as `Deployment`.
    pub kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'b> {
    #[serde(default)]
    api_version: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(borrow)]
    request: &'b RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRequest<'b> {
    uid: String,
    #[serde(default)]
    kind: Option<Kind>,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    operation: Option<String>,
    #[serde(default)]
    dry_run: Option<bool>,
    #[serde(default, borrow, deserialize_with = "present")]
    object: Option<&'b RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    old_object: Option<&'b RawValue>,
}

/// The one thing that is looked for inside an object.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    metadata: Option<NamedMetadata>,
}

#[derive(Deserialize)]
struct NamedMetadata {
    #[serde(default)]
    name: Option<String>,
}

// === impl Request ===

impl Request {
    /// Reads a review.
    ///
    /// # Errors
    /// Says what is wrong with the bytes, and where.
    pub fn parse(body: Vec<u8>) -> Result<Self, ReviewError> {
        let request = Self::read(body)?;
        // Policies are chosen by these two; without them none would be asked.
        for (field, text) in
            [("request.operation", &request.operation), ("request.kind.kind", &request.kind.kind)]
        {
            if text.is_empty() {
                return Err(ReviewError::Missing(field));
            }
        }
        Ok(request)
    }

    /// The review that Gatekeeper makes of an object which nobody sent: without an operation.
    ///
    /// # Errors
    /// When the object is nested too deep.
    pub fn offline(object: &Value) -> Result<Self, ReviewError> {
        let text = |path: &str| object.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let (group, version) = text("/apiVersion").split_once('/').unwrap_or(("", text("/apiVersion")));
        let mut request = json!({
            "uid": "",
            "kind": {"group": group, "version": version, "kind": text("/kind")},
            "name": text("/metadata/name"),
            "operation": "",
            "userInfo": {},
            "object": object,
            "oldObject": null,
        });
        let namespace = text("/metadata/namespace");
        if let (false, Some(fields)) = (namespace.is_empty(), request.as_object_mut()) {
            fields.insert("namespace".to_owned(), namespace.into());
        }
        Self::read(json!({"request": request}).to_string().into_bytes())
    }

    fn read(body: Vec<u8>) -> Result<Self, ReviewError> {
        let depth = valid::depth(&body)?;
        let body = surrogates::resolve(&body).unwrap_or(body);
        let wire: Wire<'_> = serde_json::from_slice(&body)?;
        let ours = wire.api_version.as_deref().is_none_or(|version| VERSIONS.contains(&version))
            && wire.kind.as_deref().is_none_or(|kind| kind == "AdmissionReview");
        if !ours {
            let stated = [wire.api_version, wire.kind].into_iter().flatten().collect::<Vec<_>>().join(" ");
            return Err(ReviewError::Kind(stated.chars().take(80).collect()));
        }
        let request: WireRequest<'_> = serde_json::from_str(wire.request.get())?;
        let operation = request.operation.clone().unwrap_or_default();
        let deleted = (operation == "DELETE")
            .then(|| with_deleted(&body, wire.request, &request))
            .transpose()?
            .flatten();
        let start = offset_in(&body, wire.request.get()).ok_or(ReviewError::Deleted)?;
        let grown = deleted.as_ref().map_or(0, |deleted| deleted.len() - body.len());
        let span = start..start + wire.request.get().len() + grown;
        let object = request.object.filter(|object| object.get() != "null").or(request.old_object);
        let name = request.name.filter(|name| !name.is_empty()).or_else(|| object.and_then(name_of));
        Ok(Self {
            uid: request.uid,
            kind: request.kind.unwrap_or_default(),
            namespace: request.namespace.unwrap_or_default(),
            name: name.unwrap_or_default(),
            operation,
            dry_run: request.dry_run.unwrap_or_default(),
            depth,
            request: span,
            document: deleted.unwrap_or(body),
        })
    }

    /// What policies are given: the review as JSON text.
    pub fn document(&self) -> &[u8] {
        &self.document
    }

    /// The review's `request` alone, as JSON text.
    pub fn text(&self) -> &[u8] {
        self.document.get(self.request.clone()).unwrap_or_default()
    }

    /// How deep it is nested; a scalar has no depth.
    pub fn depth(&self) -> usize {
        self.depth
    }
}

// === impl Kind ===

impl Kind {
    /// Group and version as in a manifest: `apps/v1`, or `v1` for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// Tells a field that is null, whose place in the text matters, from one that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

fn name_of(object: &RawValue) -> Option<String> {
    serde_json::from_str::<Named>(object.get()).ok()?.metadata?.name
}

/// The review with the object that is deleted as its `object`, which the API server leaves null. Policies then
/// see it where they look for objects.
fn with_deleted(
    body: &[u8],
    request: &RawValue,
    fields: &WireRequest<'_>,
) -> Result<Option<Vec<u8>>, ReviewError> {
    let Some(old) = fields.old_object.map(RawValue::get).filter(|old| *old != "null") else {
        return Ok(None);
    };
    let spliced = match fields.object.map(RawValue::get) {
        None => offset_in(body, request.get())
            .and_then(|brace| splice(body, brace + 1..brace + 1, &format!("\"object\":{old},"))),
        Some(null @ "null") => {
            offset_in(body, null).and_then(|start| splice(body, start..start + null.len(), old))
        }
        Some(_) => return Ok(None),
    };
    spliced.map(Some).ok_or(ReviewError::Deleted)
}

/// Where `part`, a slice of `whole`, begins in it.
fn offset_in(whole: &[u8], part: &str) -> Option<usize> {
    (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize).filter(|offset| *offset < whole.len())
}

fn splice(body: &[u8], range: std::ops::Range<usize>, with: &str) -> Option<Vec<u8>> {
    let (before, after) = (body.get(..range.start)?, body.get(range.end..)?);
    Some([before, with.as_bytes(), after].concat())
}

#[cfg(test)]
mod tests;
