//! Places in a document, written as people write them: `spec.parameters.repos[0]`.

use std::fmt;

use serde_json::Value;

use crate::shorten;

/// Longer names and values are cut in messages.
pub(super) const MAX_SHOWN: usize = 60;

/// A place, linked to the one around it, so that a walk through a document copies no names.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    Root(&'p str),
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    pub(super) fn key(&'p self, key: &'p str) -> Self {
        Path::Key(self, key)
    }

    pub(super) fn index(&'p self, index: usize) -> Self {
        Path::Index(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root(name) => f.write_str(name),
            Path::Key(parent, key) => write!(f, "{parent}{}", step(key)),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// The step to a field: `.name`, or `["a b"]` for names that would be misread.
pub(super) fn step(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
    if !name.is_empty() && name.len() <= MAX_SHOWN && name.chars().all(is_plain) {
        return format!(".{name}");
    }
    format!("[{:?}]", shorten::to_chars(name, MAX_SHOWN))
}

/// A value as messages show it: `the number 3`, `the string "x"`, `a list`.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the string {:?}", shorten::to_chars(text, MAX_SHOWN)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_unmistakable() {
        let root = Path::Root("spec");
        let (list, item) = (root.key("repos"), root.key("app.kubernetes.io/name"));
        assert_eq!(list.index(3).to_string(), "spec.repos[3]");
        assert_eq!(item.to_string(), r#"spec["app.kubernetes.io/name"]"#);
        assert_eq!(root.key("a\nb").to_string(), r#"spec["a\nb"]"#);
        assert_eq!(root.key("").to_string(), r#"spec[""]"#);
    }

    #[test]
    fn values_are_told_apart_and_cut() {
        for (value, text) in [
            (json!(null), "null"),
            (json!(true), "true"),
            (json!(1.5), "the number 1.5"),
            (json!("a\"b"), r#"the string "a\"b""#),
            (json!([1]), "a list"),
            (json!({}), "an object"),
        ] {
            assert_eq!(shown(&value), text);
        }
        assert_eq!(shown(&json!("ä".repeat(90))).chars().count(), "the string \"\"".len() + 60);
    }
}
