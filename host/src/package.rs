//! What a policy is shipped in: a bundle as `opa build` writes it, the module or the component alone, or a ConfigMap of
//! those. Bytes in, bytes out; the same policy gives the same bytes.

mod bundle;
mod configmap;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use flate2::{Compression, write::GzEncoder};

use crate::policy::{Annotations, Candidate};

pub use bundle::{bundle, manifest};
pub use configmap::ConfigMap;

/// Why a policy cannot be shipped like that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// A module alone holds less than the policy consists of.
    #[error("has {0}, which a module alone cannot hold; write a bundle, *.tar.gz")]
    Lost(String),
    /// A component is a policy without data.
    #[error(
        "has a data document, which a component cannot hold; leave it out of what is built, and give it with --data \
         where the policy is used"
    )]
    ComponentData,
    /// Nothing, or a hidden file, which nobody would read from its folder.
    #[error("would be written to {0:?}, a hidden file; rename the policy's file")]
    Hidden(String),
    /// Two policies would be one file.
    #[error("would be written to {file}, like {other}; name the folder above them, or rename one")]
    SameFile {
        /// The file.
        file: String,
        /// Where the other policy came from.
        other: String,
    },
    /// A name that is none for the key of a ConfigMap.
    #[error(
        "{0:?} is no key of a ConfigMap: letters, digits, '-', '_' and '.', at most 253 of them; rename the policy's \
         file"
    )]
    Key(String),
    /// Not what an object may be called.
    #[error("{0:?} is no name of a ConfigMap: lower case letters, digits, '-' and '.', at most 253 of them")]
    Name(String),
    /// Not what a namespace may be called.
    #[error("{0:?} is no name of a namespace: lower case letters, digits and '-', at most 63 of them")]
    Namespace(String),
    /// More than a ConfigMap may hold.
    #[error(
        "the policies have {bytes} bytes, {over} more than the {limit} that Kubernetes lets a ConfigMap hold; build \
         several ConfigMaps, each of a part of the policies",
        over = bytes - limit
    )]
    TooLarge {
        /// Their bytes, with their keys.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

/// The file for a policy of that name: with `-` for `/`.
pub fn file_name(policy: &str, ending: &str) -> String {
    format!("{}{ending}", policy.replace('/', "-"))
}

/// The file for each policy, given with the ending of its form.
///
/// # Errors
/// When one would be hidden or two would have the same file: where the (second) policy came from, and why.
pub fn file_names<'c>(
    policies: impl Iterator<Item = (&'c Candidate, &'c str)>,
) -> Result<Vec<String>, (String, PackageError)> {
    let mut holders: BTreeMap<String, String> = BTreeMap::new();
    let name = |(candidate, ending): (&Candidate, &str)| {
        let Candidate { origin, name, .. } = candidate;
        let file = file_name(name, ending);
        if file.starts_with('.') {
            return Err((origin.clone(), PackageError::Hidden(file)));
        }
        match holders.insert(file.clone(), origin.clone()) {
            None => Ok(file),
            Some(other) => Err((origin.clone(), PackageError::SameFile { file, other })),
        }
    };
    policies.map(name).collect()
}

/// The module alone.
///
/// # Errors
/// When the policy is more than its module: without its data or what is annotated it would judge otherwise.
pub fn module(candidate: &Candidate) -> Result<&[u8], PackageError> {
    if !candidate.data.is_empty() {
        return Err(PackageError::Lost("a data document".to_owned()));
    }
    let annotated = candidate.annotations.values().flat_map(annotated).collect::<Vec<_>>();
    if annotated.is_empty() {
        return Ok(&candidate.wasm);
    }
    Err(PackageError::Lost(format!("{} among its annotations", annotated.join(", "))))
}

/// The component alone.
///
/// # Errors
/// When the policy has data as well: it would judge otherwise without them.
pub fn component(candidate: &Candidate) -> Result<&[u8], PackageError> {
    if candidate.data.is_empty() { Ok(&candidate.wasm) } else { Err(PackageError::ComponentData) }
}

/// Compressed, the same bytes for the same bytes.
///
/// # Errors
/// Never: it is written to memory.
pub fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::best());
    gz.write_all(bytes)?;
    gz.finish()
}

/// The fields below `custom`, which may change how a policy judges.
fn annotated(annotations: &Annotations) -> Vec<&str> {
    let custom = annotations.fields().get("custom").and_then(serde_json::Value::as_object);
    custom.into_iter().flatten().map(|(field, _)| field.as_str()).collect()
}

#[cfg(test)]
mod tests;
