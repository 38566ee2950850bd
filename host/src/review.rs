//! AdmissionReview on the wire, to a request and back. The only file that knows Kubernetes' JSON for it
//! (`admission.k8s.io/v1`; v1beta1 has the same fields and is answered as v1).
//!
//! Policies are given the review's own bytes, so everything about them is validated here, once: that they are
//! JSON throughout, how deep they are, and that no field which decides something is there twice.

mod place;
mod response;
mod valid;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub use place::Place;
pub use response::response;

/// A review that cannot be read. The text is for whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// Not JSON, or JSON of another shape.
    #[error("the body is no AdmissionReview: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON that is something else.
    #[error("the body is no AdmissionReview: it is a {0}")]
    Kind(String),
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
        let depth = valid::depth(&body)?;
        let wire: Wire<'_> = serde_json::from_slice(&body)?;
        if let Some(kind) = wire.kind.filter(|kind| kind != "AdmissionReview") {
            return Err(ReviewError::Kind(kind.chars().take(80).collect()));
        }
        let request: WireRequest<'_> = serde_json::from_str(wire.request.get())?;
        let operation = request.operation.clone().unwrap_or_default();
        let deleted = (operation == "DELETE").then(|| with_deleted(&body, wire.request, &request)).flatten();
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
            document: deleted.unwrap_or(body),
        })
    }

    /// What policies are given: the review as JSON text.
    pub fn document(&self) -> &[u8] {
        &self.document
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
fn with_deleted(body: &[u8], request: &RawValue, fields: &WireRequest<'_>) -> Option<Vec<u8>> {
    let old = fields.old_object.map(RawValue::get).filter(|old| *old != "null")?;
    match fields.object.map(RawValue::get) {
        None => {
            let after_brace = offset_in(body, request.get())? + 1;
            let member = format!("\"object\":{old},");
            splice(body, after_brace..after_brace, &member)
        }
        Some("null") => {
            let start = offset_in(body, fields.object?.get())?;
            splice(body, start..start + "null".len(), old)
        }
        Some(_) => None,
    }
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
