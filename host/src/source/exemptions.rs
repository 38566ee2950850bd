//! Exemptions in ConfigMaps.

use serde_json::Value;

use crate::{policy::exemption::Exemption, yaml};

/// The label of their ConfigMaps; its value is `true`.
pub const LABEL: &str = "magtape.io/exemption";

/// What one ConfigMap has.
#[derive(Debug, Default)]
pub struct Read {
    /// Its exemptions, in order of its keys.
    pub exemptions: Vec<Exemption>,
    /// What is wrong with the others.
    pub errors: Vec<String>,
}

/// Reads each key of `data` as one exemption. What is wrong with one leaves the others alone.
pub fn read(config_map: &Value) -> Read {
    let mut read = Read::default();
    let label = config_map.pointer("/metadata/labels").and_then(|labels| labels.get(LABEL));
    if label.and_then(Value::as_str) != Some("true") {
        let value = label.and_then(Value::as_str).unwrap_or_default();
        read.errors.push(format!("the label {LABEL} is {value:?}; it must be \"true\", or go"));
        return read;
    }
    let name = config_map.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
    for key in entries(config_map, "binaryData").map(|(key, _)| key) {
        read.errors.push(format!("{key}: is in binaryData; exemptions belong in data"));
    }
    for (key, text) in entries(config_map, "data") {
        match document(text).and_then(|document| {
            Exemption::parse(&format!("{name}/{key}"), &document).map_err(|error| error.to_string())
        }) {
            Ok(exemption) => read.exemptions.push(exemption),
            Err(reason) => read.errors.push(format!("{key}: {reason}")),
        }
    }
    if read.exemptions.is_empty() && read.errors.is_empty() {
        read.errors.push("has nothing in data; add an exemption there, or remove the label".to_owned());
    }
    read
}

fn entries<'v>(config_map: &'v Value, field: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    config_map.get(field).and_then(Value::as_object).into_iter().flatten()
}

fn document(text: &Value) -> Result<Value, String> {
    let text = text.as_str().ok_or("is no string")?;
    let documents = yaml::documents(text).map_err(|error| error.to_string())?;
    // A second one would be passed over without a word.
    match documents.as_slice() {
        [(_, document)] => yaml::parse(document).map_err(|error| error.to_string()),
        [] => Err("is empty".to_owned()),
        _ => Err("has several documents; give each exemption a key of its own".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(label: &str, data: Value) -> Value {
        json!({"metadata": {"name": "legacy", "labels": {LABEL: label}}, "data": data})
    }

    const GOOD: &str = "codes: [MT1010]\nnamespaces: [batch]\nuntil: 2030-01-31\nreason: moves in June\n";

    #[test]
    fn each_key_is_an_exemption_of_its_own() {
        let read =
            read(&map("true", json!({"a": GOOD, "b": "reason: [", "c": "reason: x", "d": "", "e": GOOD})));
        let names: Vec<&str> = read.exemptions.iter().map(Exemption::name).collect();
        assert_eq!(names, ["legacy/a", "legacy/e"]);
        let [b, c, d] = &read.errors[..] else { panic!("{:?}", read.errors) };
        assert!(
            b.starts_with("b: line ") && c.starts_with("c: missing field") && d == "d: is empty",
            "{b} {c} {d}"
        );
    }

    #[test]
    fn what_is_no_exemption_is_told() {
        let two = format!("{GOOD}---\n{GOOD}");
        for (config_map, expected) in [
            (map("yes", json!({"a": GOOD})), "the label magtape.io/exemption is \"yes\""),
            (map("", json!({"a": GOOD})), "the label magtape.io/exemption is \"\""),
            (map("true", json!({})), "has nothing in data"),
            (map("true", json!({ "a": two })), "a: has several documents"),
        ] {
            let read = read(&config_map);
            assert!(read.exemptions.is_empty());
            assert!(read.errors[0].starts_with(expected), "{:?}", read.errors);
        }
        let mut binary = map("true", json!({"a": GOOD}));
        binary["binaryData"] = json!({"b": "eA=="});
        assert_eq!(read(&binary).errors, ["b: is in binaryData; exemptions belong in data"]);
    }
}
