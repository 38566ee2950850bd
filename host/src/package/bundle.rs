//! OPA's bundles (<https://www.openpolicyagent.org/docs/management-bundles>), in the layout of `opa build -t wasm`.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use crate::policy::{Annotations, Candidate};

/// The policy as a bundle: manifest, data and module, without times or owners, so that it has the same bytes whoever
/// builds it.
///
/// # Errors
/// Never: it is written to memory.
pub fn bundle(candidate: &Candidate) -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    append(&mut tar, "/.manifest", &line(&annotate(candidate))?)?;
    append(&mut tar, "/data.json", &line(&candidate.data)?)?;
    append(&mut tar, "/policy.wasm", &candidate.wasm)?;
    tar.into_inner()?.finish()
}

/// The manifest of a module with these entrypoints that came without one.
pub fn manifest(entrypoints: &[String]) -> Value {
    let resolver = |entrypoint| json!({"entrypoint": entrypoint, "module": "/policy.wasm"});
    let resolvers: Vec<Value> = entrypoints.iter().map(resolver).collect();
    json!({"revision": "", "roots": [""], "wasm": resolvers})
}

fn line(document: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(document)?;
    text.push(b'\n');
    Ok(text)
}

fn append<W: Write>(tar: &mut Builder<W>, path: &str, content: &[u8]) -> io::Result<()> {
    let mut header = Header::new_ustar();
    // OPA's paths are absolute, which the library's own setter refuses.
    if let Some(fields) = header.as_ustar_mut() {
        fields.name.iter_mut().zip(path.bytes()).for_each(|(slot, byte)| *slot = byte);
    }
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(content.len() as u64);
    header.set_cksum();
    tar.append(&header, content)
}

/// The manifest with what the host reads of annotations. OPA leaves those of a package in its Rego, which is not
/// shipped. They follow what OPA wrote, so that they decide.
fn annotate(candidate: &Candidate) -> Value {
    let mut manifest = candidate.manifest.clone();
    let mut annotated = BTreeSet::new();
    let resolvers = manifest.get_mut("wasm").and_then(Value::as_array_mut);
    for resolver in resolvers.into_iter().flatten().rev() {
        let entrypoint = resolver.get("entrypoint").and_then(Value::as_str).unwrap_or_default();
        let Some((package, _)) = entrypoint.rsplit_once('/') else { continue };
        let Some(annotation) = candidate.annotations.get(package).and_then(annotation) else { continue };
        if annotated.insert(package.to_owned()) {
            add(resolver, annotation);
        }
    }
    manifest
}

fn add(resolver: &mut Value, annotation: Value) {
    let Some(resolver) = resolver.as_object_mut() else { return };
    let list = resolver.entry("annotations").or_insert_with(|| json!([]));
    if let Some(list) = list.as_array_mut() {
        list.push(annotation);
    }
}

/// What is annotated of a package, as OPA writes it; `None` when there is nothing.
fn annotation(annotations: &Annotations) -> Option<Value> {
    let mut fields = annotations.fields().clone();
    if fields.is_empty() {
        return None;
    }
    fields.insert("scope".to_owned(), "package".into());
    Some(fields.into())
}
