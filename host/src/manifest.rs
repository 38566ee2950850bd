//! Requests from files: manifests as people write them, and reviews as the API server sends them.
//!
//! A path is a file, a directory (its `.yaml`, `.yml` and `.json` files, below it too) or `-` for standard input.
//! A file has documents, and a document one object, a `List` of them, or an AdmissionReview. What cannot be read
//! is an error of its own place; everything else is judged. In a directory there may be other things beside manifests:
//! charts, and documents of somebody else's. They are left out, and named.

mod files;
mod objects;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{
    review::{Place, Request},
    yaml,
};

/// Where to read: a path, or `-`.
pub type Input = PathBuf;

/// One object to judge, or what stood in the way of judging it.
#[derive(Debug)]
pub struct Document {
    /// Where it is.
    pub place: Place,
    /// The request that creates the object, or the one that the review holds.
    pub request: Result<Request, String>,
}

/// One object as it is written, or what stood in the way of reading it.
#[derive(Debug)]
pub struct Object {
    /// Where it is.
    pub place: Place,
    /// The object, or any other document.
    pub object: Result<Value, String>,
}

/// Something in a directory that is nothing to judge.
#[derive(Debug)]
pub struct LeftOut {
    /// Where it is.
    pub place: String,
    /// What it is, and what to do if it is to be judged.
    pub reason: String,
}

/// Reads everything at these inputs, in order. A directory without manifests is an error.
pub fn read(inputs: &[Input]) -> (Vec<Document>, Vec<LeftOut>) {
    let (objects, left_out) = objects(inputs);
    (objects.into_iter().map(Document::from).collect(), left_out)
}

/// The objects at these inputs as they are written, in order.
pub fn objects(inputs: &[Input]) -> (Vec<Object>, Vec<LeftOut>) {
    let (mut all, mut left_out) = (Vec::new(), Vec::new());
    for input in inputs {
        let (files, charts) = files::find(input);
        left_out.extend(charts.iter().map(|path| chart(path)));
        for file in files {
            let is_named = file.is_named;
            let is_other = |object: &Object| {
                let is_whole = !is_named && object.place.item.is_none();
                is_whole && object.object.as_ref().is_ok_and(objects::is_none)
            };
            let (others, objects): (Vec<_>, Vec<_>) = objects_of_file(file).into_iter().partition(is_other);
            left_out.extend(others.into_iter().map(other));
            all.extend(objects);
        }
    }
    (all, left_out)
}

fn chart(path: &Path) -> LeftOut {
    let place = path.display().to_string();
    let reason =
        "left out: it is a Helm chart; what `helm template` makes of it can be given as -".to_owned();
    LeftOut { place, reason }
}

fn other(object: Object) -> LeftOut {
    let reason = "left out: it has neither apiVersion nor kind, so it is no Kubernetes object".to_owned();
    LeftOut { place: object.place.to_string(), reason }
}

fn objects_of_file(found: files::Found) -> Vec<Object> {
    let whole = Place { source: found.source, document: 0, item: None };
    let unreadable = |reason| vec![Object { place: whole.clone(), object: Err(reason) }];
    let text = match found.text {
        Ok(text) => text,
        Err(reason) => return unreadable(reason),
    };
    match yaml::documents(&text) {
        Err(error) => unreadable(error.to_string()),
        Ok(split) if split.is_empty() => unreadable("holds no document".to_owned()),
        Ok(split) => (1..)
            .zip(split)
            .flat_map(|(document, (line, text))| {
                objects::read(Place { document, ..whole.clone() }, line, text)
            })
            .collect(),
    }
}

// === impl Document ===

impl From<Object> for Document {
    fn from(Object { place, object }: Object) -> Self {
        Self { place, request: object.and_then(objects::request) }
    }
}

#[cfg(test)]
mod tests;
