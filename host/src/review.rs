//! AdmissionReview on the wire, to a request and back: what Kubernetes' JSON for it means
//! (`admission.k8s.io/v1`; v1beta1 has the same fields and is answered as v1).
//!
//! What policies are given is the review's own text, so everything about it is validated here, once: that it is JSON
//! throughout, how deep it is, and that no field which decides something is there twice.

mod error;
mod place;
mod response;
mod surrogates;

use std::{borrow::Cow, ops::Range, sync::Arc};

use serde_json::json;

use crate::json::{Document, Kind as JsonKind, Value};

pub use error::ReviewError;
pub use place::Place;
pub use response::response;

/// The versions of the API, which have the same fields.
const VERSIONS: [&str; 2] = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"];

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
    /// What policies are given: the whole review. In a deletion `request.object` is the object that goes.
    document: Arc<Document>,
    /// Where the review's `request` is in the document.
    request: Range<usize>,
}

/// Group, version and kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// Such as `apps`; empty for the core group.
    pub group: String,
    /// Such as `v1`.
    pub version: String,
    /// Such as `Deployment`.
    pub kind: String,
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

    /// The kind of the object's first owner, as the object itself says it. Whoever sends an object may write any.
    pub fn first_owner_kind(&self) -> Option<String> {
        let owners = self.document.root().pointer("/request/object/metadata/ownerReferences")?;
        owners.elements().next()?.get("kind")?.string().map(Cow::into_owned)
    }

    /// The review that Gatekeeper makes of an object which nobody sent: without an operation.
    ///
    /// # Errors
    /// When the object is nested too deep.
    pub fn offline(object: &serde_json::Value) -> Result<Self, ReviewError> {
        let text = |path: &str| object.pointer(path).and_then(serde_json::Value::as_str).unwrap_or_default();
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
        let document = document(body)?;
        let request = request(&document)?;
        let [uid, kind, namespace, name, operation, dry_run, object, old_object] = fields(
            request,
            "request.",
            ["uid", "kind", "namespace", "name", "operation", "dryRun", "object", "oldObject"],
        )?;
        let operation = string(operation, "request.operation")?;
        let uid = present(uid).ok_or(ReviewError::Missing("request.uid"))?;
        let shown = present(object).or(present(old_object));
        let name = Some(string(name, "request.name")?).filter(|name| !name.is_empty());
        let name = name.or_else(|| name_of(shown?)).unwrap_or_default();
        let (uid, kind) = (string(Some(uid), "request.uid")?, Kind::read(kind)?);
        let (namespace, dry_run) = (string(namespace, "request.namespace")?, dry_run_of(dry_run)?);
        let mut span = request.span();
        let spliced = (operation == "DELETE")
            .then(|| with_deleted(document.text(), request, object, present(old_object)))
            .flatten();
        let document = match spliced {
            Some(text) => {
                span.end += text.len() - document.text().len();
                Document::parse(text)?
            }
            None => document,
        };
        Ok(Self {
            uid,
            kind,
            namespace,
            name,
            operation,
            dry_run,
            document: Arc::new(document),
            request: span,
        })
    }

    /// What policies are given: the review.
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// The review's `request` alone, as JSON text.
    pub fn text(&self) -> &str {
        self.document.text().get(self.request.clone()).unwrap_or_default()
    }
}

// === impl Kind ===

impl Kind {
    fn read(kind: Option<Value<'_>>) -> Result<Self, ReviewError> {
        let Some(kind) = present(kind) else { return Ok(Self::default()) };
        let [group, version, name] = fields(kind, "request.kind.", ["group", "version", "kind"])?;
        Ok(Self {
            group: string(group, "request.kind.group")?,
            version: string(version, "request.kind.version")?,
            kind: string(name, "request.kind.kind")?,
        })
    }

    /// Group and version as in a manifest: `apps/v1`, or `v1` for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// The body, checked, without what the JSON parser in OPA's modules gets wrong.
fn document(body: Vec<u8>) -> Result<Document, ReviewError> {
    let document = Document::parse(body)?;
    if !document.has_surrogate_pairs() {
        return Ok(document);
    }
    let resolved = surrogates::resolve(document.text().as_bytes());
    Ok(resolved.map(Document::parse).transpose()?.unwrap_or(document))
}

/// The `request` of a review.
fn request(document: &Document) -> Result<Value<'_>, ReviewError> {
    if document.root().kind() != JsonKind::Object {
        return Err(ReviewError::Kind("value, not an object".to_owned()));
    }
    let [version, kind, request] = fields(document.root(), "", ["apiVersion", "kind", "request"])?;
    let (version, kind) = (string(version, "apiVersion")?, string(kind, "kind")?);
    let ours = (version.is_empty() || VERSIONS.contains(&version.as_str()))
        && (kind.is_empty() || kind == "AdmissionReview");
    if !ours {
        return Err(ReviewError::Kind(format!("{version} {kind}").trim().chars().take(80).collect()));
    }
    let request = present(request).ok_or(ReviewError::Missing("request"))?;
    match request.kind() {
        JsonKind::Object => Ok(request),
        _ => Err(ReviewError::Type { field: "request", wanted: "an object" }),
    }
}

/// The fields of these names, none of which may be there twice: two readers could take different ones.
fn fields<'d, const N: usize>(
    object: Value<'d>,
    place: &'static str,
    names: [&'static str; N],
) -> Result<[Option<Value<'d>>; N], ReviewError> {
    let mut found = [None; N];
    for (key, value) in object.members() {
        let Some((name, slot)) = names.iter().zip(&mut found).find(|(name, _)| key.is(name)) else {
            continue;
        };
        if slot.replace(value).is_some() {
            return Err(ReviewError::Twice(format!("{place}{name}")));
        }
    }
    Ok(found)
}

/// What is there and not null.
fn present(value: Option<Value<'_>>) -> Option<Value<'_>> {
    value.filter(|value| !value.is_null())
}

/// What a string says; empty when it is null or not there.
fn string(value: Option<Value<'_>>, field: &'static str) -> Result<String, ReviewError> {
    let Some(value) = present(value) else { return Ok(String::new()) };
    value.string().map(Into::into).ok_or(ReviewError::Type { field, wanted: "a string" })
}

fn dry_run_of(value: Option<Value<'_>>) -> Result<bool, ReviewError> {
    match value.map(Value::kind) {
        None | Some(JsonKind::Null) => Ok(false),
        Some(JsonKind::Boolean(dry_run)) => Ok(dry_run),
        Some(_) => Err(ReviewError::Type { field: "request.dryRun", wanted: "a boolean" }),
    }
}

/// The one thing that is looked for inside an object.
fn name_of(object: Value<'_>) -> Option<String> {
    Some(object.get("metadata")?.get("name")?.string()?.into_owned())
}

/// The review with the object that is deleted as its `object`, which the API server leaves null. Policies then
/// see it where they look for objects.
fn with_deleted(
    body: &str,
    request: Value<'_>,
    object: Option<Value<'_>>,
    old: Option<Value<'_>>,
) -> Option<String> {
    let old = body.get(whole(old?))?;
    match object {
        None => {
            let brace = request.span().start + 1;
            splice(body, brace..brace, &format!("\"object\":{old},"))
        }
        Some(null) if null.is_null() => splice(body, null.span(), old),
        Some(_) => None,
    }
}

/// Where a value is, with the quotes of a string.
fn whole(value: Value<'_>) -> Range<usize> {
    match (value.kind(), value.span()) {
        (JsonKind::String | JsonKind::Escaped, inside) => inside.start - 1..inside.end + 1,
        (_, span) => span,
    }
}

fn splice(body: &str, range: Range<usize>, with: &str) -> Option<String> {
    Some([body.get(..range.start)?, with, body.get(range.end..)?].concat())
}

#[cfg(test)]
mod tests;
