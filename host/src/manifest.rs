//! Requests from files: manifests as people write them, and reviews as the API server sends them.
//!
//! A path is a file, a directory (its `.yaml`, `.yml` and `.json` files, below it too) or `-` for standard input.
//! A file has documents, and a document one object, a `List` of them, or an AdmissionReview. What cannot be read
//! is an error of its own place; everything else is judged.

mod files;
mod objects;

use std::path::PathBuf;

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

/// Reads everything at these inputs, in order. A directory without manifests is an error.
pub fn read(inputs: &[Input]) -> Vec<Document> {
    objects(inputs).into_iter().map(Document::from).collect()
}

/// The objects at these inputs as they are written, in order.
pub fn objects(inputs: &[Input]) -> Vec<Object> {
    inputs.iter().flat_map(|input| files::find(input)).flat_map(objects_of_file).collect()
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
