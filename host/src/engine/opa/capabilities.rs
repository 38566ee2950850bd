//! What this host can run, in OPA's own form for `opa build --capabilities`
//! (<https://www.openpolicyagent.org/docs/deployments#capabilities>).
//!
//! `capabilities/opa-1.22.json` is what `opa capabilities --current` prints, without the descriptions. Each
//! builtin in it is native to a Wasm module, or provided here, or refused with a reason; a test holds the three
//! against OPA.

use serde_json::{Value, json};

use super::builtins;

const OPA: &str = include_str!("capabilities/opa-1.22.json");

/// The capabilities: OPA's, without the builtins that this host refuses, with the ABI versions it reads.
///
/// # Errors
/// Never: the file is part of the program.
pub fn capabilities() -> serde_json::Result<Value> {
    let mut capabilities: Value = serde_json::from_str(OPA)?;
    if let Some(list) = capabilities.get_mut("builtins").and_then(Value::as_array_mut) {
        list.retain(|builtin| {
            builtin.get("name").and_then(Value::as_str).is_some_and(|name| builtins::refusal(name).is_none())
        });
    }
    if let Some(map) = capabilities.as_object_mut() {
        let versions: Vec<Value> =
            (0..=3).map(|minor| json!({"version": 1, "minor_version": minor})).collect();
        map.insert("wasm_abi_versions".to_owned(), versions.into());
        // No policy may ask for an address: nothing here opens connections for a guest.
        map.insert("allow_net".to_owned(), json!([]));
    }
    Ok(capabilities)
}
