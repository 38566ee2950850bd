//! What a policy has against an object.

/// One thing that is wrong with an object.
///
/// ```
/// use magtape_sdk::Violation;
///
/// let image = "nginx";
/// let violation = Violation::new(format!("Image {image:?} has no tag"))
///     .field("spec.containers[0].image")
///     .detail("image", image);
/// assert_eq!(violation.message(), "Image \"nginx\" has no tag");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a violation counts only when `evaluate` returns it"]
pub struct Violation {
    message: String,
    field: Option<String>,
    details: Vec<(String, Detail)>,
    /// The details as a JSON object, without the brace at its end; empty when there are none. It is written as they come, so
    /// that a component whose policy says no details has no code for them.
    json: String,
}

/// Something said of a violation for machines.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// `true` or `false`
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
}

// === impl Violation ===

impl Violation {
    /// A violation with its text for people. Severity and code are the policy's: the host shows
    /// `[FAIL] LOW - text (MT1001)`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), field: None, details: Vec::new(), json: String::new() }
    }

    /// Where in the object it is, such as `spec.containers[0].image`.
    pub fn field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// Says something more for machines, under a name of the policy's choice.
    pub fn detail(mut self, name: impl Into<String>, detail: impl Into<Detail>) -> Self {
        let (name, detail) = (name.into(), detail.into());
        write(&name, &detail, &mut self.json);
        self.details.push((name, detail));
        self
    }

    /// The violations sorted by their texts, without those whose text was there before: a policy that names containers says
    /// the same of two containers of one name, and people should read it once, as they do from a set of Rego.
    pub fn distinct(violations: impl IntoIterator<Item = Violation>) -> Vec<Violation> {
        let mut distinct: Vec<Violation> = Vec::new();
        for violation in violations {
            // A sort of std's would make a module larger by a quarter.
            let place = distinct.binary_search_by(|other| other.message.cmp(&violation.message));
            if let Err(place) = place {
                distinct.insert(place, violation);
            }
        }
        distinct
    }

    /// Its text.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it is, if the policy said so.
    pub fn place(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// What else is said of it.
    pub fn details(&self) -> &[(String, Detail)] {
        &self.details
    }

    #[cfg_attr(not(target_family = "wasm"), allow(dead_code, reason = "only a component hands them over"))]
    pub(crate) fn into_parts(self) -> (String, Option<String>, Option<String>) {
        let details = (!self.json.is_empty()).then(|| self.json + "}");
        (self.message, self.field, details)
    }
}

// === impl Detail ===

impl From<bool> for Detail {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Detail {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<String> for Detail {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for Detail {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

/// Adds a member to a JSON object, or begins it.
fn write(name: &str, detail: &Detail, json: &mut String) {
    json.push(if json.is_empty() { '{' } else { ',' });
    quote(name, json);
    json.push(':');
    match detail {
        Detail::Boolean(value) => json.push_str(if *value { "true" } else { "false" }),
        Detail::Integer(value) => json.push_str(&value.to_string()),
        Detail::Text(value) => quote(value, json),
    }
}

/// Writes a string of JSON (RFC 8259, section 7).
pub(crate) fn quote(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        let mut bytes = [0; 4];
        let written = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            control if control < ' ' => {
                text.push_str(if control < '\u{10}' { "\\u000" } else { "\\u001" });
                char::from_digit(u32::from(control) & 15, 16).unwrap_or('0').encode_utf8(&mut bytes)
            }
            other => other.encode_utf8(&mut bytes),
        };
        text.push_str(written);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_texts_the_first_stays() {
        let violations = ["b", "a", "b", "a"].into_iter().zip(["0", "1", "2", "3"]);
        let distinct = Violation::distinct(violations.map(|(text, field)| Violation::new(text).field(field)));
        let places: Vec<_> = distinct.iter().map(|one| (one.message(), one.place())).collect();
        assert_eq!(places, [("a", Some("1")), ("b", Some("0"))]);
    }

    #[test]
    fn details_are_json() {
        let violation =
            Violation::new("").detail("image", "a\"\\\n\u{1b}ü").detail("port", 80).detail("host", true);
        let parsed: serde_json::Value = serde_json::from_str(&violation.into_parts().2.unwrap()).unwrap();
        assert_eq!(parsed, serde_json::json!({"image": "a\"\\\n\u{1b}ü", "port": 80, "host": true}));
    }
}
