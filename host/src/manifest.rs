//! Requests from files: manifests as people write them, and reviews as the API server sends them.
//!
//! A path is a file, a directory (its `.yaml`, `.yml` and `.json` files, below it too) or `-` for standard input.
//! A file has documents, and a document one object, a `List` of them, or an AdmissionReview. What cannot be read
//! is an error of its own place; everything else is judged.

mod files;
mod objects;

use std::path::PathBuf;

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

/// Reads everything at these inputs, in order. A directory without manifests is an error.
pub fn read(inputs: &[Input]) -> Vec<Document> {
    inputs.iter().flat_map(|input| files::find(input)).flat_map(document_of_file).collect()
}

fn document_of_file(found: files::Found) -> Vec<Document> {
    let whole = Place { source: found.source, document: 0, item: None };
    let unreadable = |reason| vec![Document { place: whole.clone(), request: Err(reason) }];
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

#[cfg(test)]
mod tests;
