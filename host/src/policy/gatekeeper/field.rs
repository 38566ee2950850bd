//! A field of a document together with its place, so that what is wrong with it can be said.
//!
//! As in the API server, `null` is the same as nothing.

use serde_json::Value;

use super::{
    error::GatekeeperError,
    path::{shown, step},
};

/// Deeper documents are refused: everything that walks through them does so recursively.
pub(super) const MAX_DEPTH: usize = 128;

/// A field that may be there.
#[derive(Clone, Debug)]
pub(super) struct Field<'v> {
    path: String,
    value: Option<&'v Value>,
}

impl<'v> Field<'v> {
    /// A whole document; the paths of its fields start with their names.
    pub(super) fn document(document: &'v Value) -> Result<Self, GatekeeperError> {
        let root = Self { path: String::new(), value: Some(document) };
        if !document.is_object() {
            return Err(GatekeeperError::new(
                "document",
                format!("must be an object, is {}", shown(document)),
            ));
        }
        if is_deeper(document, MAX_DEPTH) {
            return Err(GatekeeperError::new(
                "document",
                format!("is nested deeper than {MAX_DEPTH} levels"),
            ));
        }
        Ok(root)
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The value as it is written.
    pub(super) fn written(&self) -> Option<&'v Value> {
        self.value
    }

    /// The value, unless it is absent or `null`.
    pub(super) fn value(&self) -> Option<&'v Value> {
        self.value.filter(|value| !value.is_null())
    }

    /// A field of this one, which has to be an object if it is there.
    pub(super) fn get(&self, name: &str) -> Result<Field<'v>, GatekeeperError> {
        Ok(self.child(name, self.object()?.and_then(|object| object.get(name))))
    }

    /// Like [`Field::get`] for a way of several names.
    pub(super) fn find(&self, names: &[&str]) -> Result<Field<'v>, GatekeeperError> {
        names.iter().try_fold(self.clone(), |field, name| field.get(name))
    }

    /// All fields of this one, which has to be an object if it is there.
    pub(super) fn fields(&self) -> Result<Vec<(&'v str, Field<'v>)>, GatekeeperError> {
        let fields = self.object()?.into_iter().flatten();
        Ok(fields.map(|(name, value)| (name.as_str(), self.child(name, Some(value)))).collect())
    }

    /// The elements, none when it is absent.
    pub(super) fn items(&self) -> Result<Vec<Field<'v>>, GatekeeperError> {
        let items = match self.value() {
            None => return Ok(Vec::new()),
            Some(value) => value.as_array().ok_or_else(|| self.must_be("a list"))?,
        };
        let item = |(index, value)| Field { path: format!("{}[{index}]", self.path), value: Some(value) };
        Ok(items.iter().enumerate().map(item).collect())
    }

    pub(super) fn text(&self) -> Result<Option<&'v str>, GatekeeperError> {
        let text = |value: &'v Value| value.as_str().ok_or_else(|| self.must_be("a string"));
        self.value().map(text).transpose()
    }

    pub(super) fn flag(&self) -> Result<Option<bool>, GatekeeperError> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| self.must_be("true or false"));
        self.value().map(flag).transpose()
    }

    /// A text that has to be there and must not be blank.
    pub(super) fn required(&self) -> Result<&'v str, GatekeeperError> {
        let text = self.text()?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| self.must_be("a string that is not empty"))
    }

    /// A list of texts, empty when it is absent.
    pub(super) fn texts(&self) -> Result<Vec<String>, GatekeeperError> {
        let text = |item: Field<'v>| {
            let text = item.text()?.ok_or_else(|| item.must_be("a string"))?;
            Ok(text.to_owned())
        };
        self.items()?.into_iter().map(text).collect()
    }

    /// Refuses fields of other names: a misspelt one would be without effect.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), GatekeeperError> {
        match self.fields()?.into_iter().find(|(name, _)| !known.contains(name)) {
            Some((_, unknown)) => {
                Err(unknown.wrong(format!("is not known here; there is {}", known.join(", "))))
            }
            None => Ok(()),
        }
    }

    /// The error that something else is expected here.
    pub(super) fn must_be(&self, expected: &str) -> GatekeeperError {
        match self.value() {
            Some(value) => self.wrong(format!("must be {expected}, is {}", shown(value))),
            None => self.wrong(format!("must be {expected}, is missing")),
        }
    }

    /// An error at this place.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> GatekeeperError {
        GatekeeperError::new(&self.path, problem)
    }

    fn object(&self) -> Result<Option<&'v serde_json::Map<String, Value>>, GatekeeperError> {
        let object = |value: &'v Value| value.as_object().ok_or_else(|| self.must_be("an object"));
        self.value().map(object).transpose()
    }

    fn child(&self, name: &str, value: Option<&'v Value>) -> Field<'v> {
        let path = format!("{}{}", self.path, step(name));
        let path = if self.path.is_empty() { path.trim_start_matches('.').to_owned() } else { path };
        Field { path, value }
    }
}

/// Whether a value is nested deeper than that; a scalar has one level.
pub(super) fn is_deeper(value: &Value, levels: usize) -> bool {
    let Some(left) = levels.checked_sub(1) else { return true };
    match value {
        Value::Array(items) => items.iter().any(|item| is_deeper(item, left)),
        Value::Object(fields) => fields.values().any(|field| is_deeper(field, left)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_is_nothing() {
        let document = json!({"a": null, "b": [null]});
        let root = Field::document(&document).unwrap();
        assert!(root.get("a").unwrap().text().unwrap().is_none());
        assert!(root.find(&["a", "b", "c"]).unwrap().items().unwrap().is_empty());
        let error = root.get("b").unwrap().texts().unwrap_err();
        assert_eq!(error.to_string(), "b[0]: must be a string, is missing");
    }

    #[test]
    fn a_document_of_any_depth_is_an_answer() {
        let mut document = json!({});
        for _ in 0..MAX_DEPTH {
            document = json!({ "a": document });
        }
        let error = Field::document(&document).unwrap_err().to_string();
        assert_eq!(error, "document: is nested deeper than 128 levels");
        assert_eq!(
            Field::document(&json!([])).unwrap_err().to_string(),
            "document: must be an object, is a list"
        );
    }
}
