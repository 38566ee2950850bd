//! OPA's annotations, `# METADATA`
//! (<https://www.openpolicyagent.org/docs/policy-language#metadata>): where dialects without a place of their own
//! have title, severity and code.

use serde_json::{Map, Value};

/// What is annotated of a package, a document or a rule; the narrower scope is laid over the wider one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations(Map<String, Value>);

// === impl Annotations ===

impl Annotations {
    /// Lays narrower annotations, OPA's JSON object for one of them, over these; `custom` field by field.
    pub fn narrow(&mut self, over: &Value) {
        let Value::Object(over) = over else { return };
        for (key, value) in over {
            match (self.0.get_mut(key), value) {
                (Some(Value::Object(custom)), Value::Object(value)) if key == "custom" => {
                    custom.extend(value.clone());
                }
                _ => {
                    self.0.insert(key.clone(), value.clone());
                }
            }
        }
    }

    /// A text that OPA knows, `title` or `description`.
    pub fn text(&self, field: &str) -> Option<String> {
        self.0.get(field).and_then(Value::as_str).map(str::to_owned)
    }

    /// The first of `related_resources`.
    pub fn url(&self) -> Option<String> {
        let reference = self.0.get("related_resources")?.get(0)?.get("ref")?;
        reference.as_str().map(str::to_owned)
    }

    /// OPA's JSON object of them; empty when nothing is annotated.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A field below `custom`, which is where this host's own are.
    pub fn custom(&self, field: &str) -> Option<&Value> {
        self.0.get("custom")?.get(field)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_narrower_scope_is_laid_over_the_wider() {
        let mut annotations = Annotations::default();
        annotations.narrow(&json!({"title": "package", "custom": {"severity": "LOW", "errcode": "A1"}}));
        annotations.narrow(&json!({"title": "rule", "custom": {"severity": "MED"}}));
        annotations.narrow(&json!({"related_resources": [{"ref": "https://example.com"}]}));
        assert_eq!(annotations.text("title").unwrap(), "rule");
        assert_eq!(annotations.custom("severity"), Some(&json!("MED")));
        assert_eq!(annotations.custom("errcode"), Some(&json!("A1")));
        assert_eq!(annotations.url().unwrap(), "https://example.com");
    }
}
