//! What of a tenant's ConfigMaps is loaded at all, before anything is compiled.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use crate::{kube::objects::Key, reload::ConfigMaps};

/// ConfigMaps of one namespace. Each is read by itself, and followed.
pub(super) const MAX_CONFIG_MAPS: usize = 16;

/// Keys of all of them together. Each is a file to be compiled, which takes ten seconds at most.
const MAX_FILES: usize = 32;

/// The text of all of them together, base64 as it is; a ConfigMap has at most 1 MiB.
const MAX_BYTES: usize = 1024 * 1024;

/// Bundles, which are many files in one key.
const BUNDLES: [&str; 2] = [".tar.gz", ".tgz"];

/// What is loaded, and what is wrong with each of the others.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    pub(super) config_maps: ConfigMaps,
    pub(super) errors: BTreeMap<Key, Vec<String>>,
}

/// Those that are within the caps, in order of their names.
pub(super) fn admit(all: &ConfigMaps) -> Admitted {
    let mut admitted = Admitted::default();
    let (mut files, mut bytes) = (0_usize, 0_usize);
    for (key, config_map) in all {
        let of_this = Size::of(config_map);
        let fits = files.saturating_add(of_this.files) <= MAX_FILES
            && bytes.saturating_add(of_this.bytes) <= MAX_BYTES;
        let error = if of_this.has_bundle {
            "has a bundle; policies of a tenant are Rego, or .wasm or .wasm.gz".to_owned()
        } else if admitted.config_maps.len() >= MAX_CONFIG_MAPS {
            too_many()
        } else if !fits {
            format!(
                "is left out: the policies of a namespace have at most {MAX_FILES} files and {MAX_BYTES} bytes \
                 together, in order of the names of their ConfigMaps"
            )
        } else {
            files += of_this.files;
            bytes += of_this.bytes;
            admitted.config_maps.insert(key.clone(), Arc::clone(config_map));
            continue;
        };
        admitted.errors.insert(key.clone(), vec![error]);
    }
    admitted
}

/// What is told to those of which nothing is read.
pub(super) fn too_many() -> String {
    format!(
        "is left out: a namespace has at most {MAX_CONFIG_MAPS} ConfigMaps with policies, in order of their names"
    )
}

struct Size {
    files: usize,
    bytes: usize,
    has_bundle: bool,
}

// === impl Size ===

impl Size {
    fn of(config_map: &Value) -> Self {
        let entries = ["data", "binaryData"]
            .into_iter()
            .filter_map(|field| config_map.get(field)?.as_object())
            .flatten();
        let mut size = Self { files: 0, bytes: 0, has_bundle: false };
        for (key, value) in entries {
            size.files += 1;
            size.bytes = size.bytes.saturating_add(value.as_str().map_or(0, str::len));
            size.has_bundle |= BUNDLES.iter().any(|ending| key.ends_with(ending));
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn admitted(maps: Vec<Value>) -> Admitted {
        let key = |number: usize| ("team".to_owned(), format!("m{number:02}"));
        admit(&maps.into_iter().enumerate().map(|(number, map)| (key(number), Arc::new(map))).collect())
    }

    fn names(admitted: &Admitted) -> Vec<&str> {
        admitted.config_maps.keys().map(|(_, name)| name.as_str()).collect()
    }

    #[test]
    fn what_is_within_the_caps_is_loaded() {
        let small = json!({"data": {"a.rego": "package a"}});
        let large = json!({"data": {"a.rego": "x".repeat(700 * 1024)}});
        let many: serde_json::Map<String, Value> =
            (0..31).map(|n| (format!("{n}.rego"), "x".into())).collect();
        let bundle = json!({"binaryData": {"a.tar.gz": "eA=="}});
        let all = admitted(vec![large.clone(), bundle, large, small.clone()]);
        assert_eq!(names(&all), ["m00", "m03"]);
        let errors: Vec<&str> = all.errors.values().map(|errors| errors[0].as_str()).collect();
        assert!(errors[0].starts_with("has a bundle") && errors[1].contains("1048576 bytes"), "{errors:?}");

        let all = admitted(vec![json!({ "data": many }), small.clone(), small.clone()]);
        assert_eq!(names(&all), ["m00", "m01"]);
        let all = admitted(vec![small; 17]);
        assert_eq!((all.config_maps.len(), all.errors.len()), (16, 1));
    }
}
