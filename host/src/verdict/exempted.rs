//! What an exemption makes of a violation: a warning.

/// The exemption that a violation fell under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exempted {
    /// Its name: a ConfigMap and a key in it, such as `legacy/batch`.
    pub name: String,
    /// When it ends, in RFC 3339; `None` if it does not.
    pub until: Option<String>,
    /// Why an administrator made it.
    pub reason: String,
}

// === impl Exempted ===

impl Exempted {
    /// The text of a violation as users read it then. `[FAIL]` goes, because scripts take it for a refusal.
    pub(super) fn tell(&self, message: &str) -> String {
        let message = message.strip_prefix("[FAIL] ").unwrap_or(message);
        let until =
            self.until.as_deref().map_or("without an end".to_owned(), |until| format!("until {until}"));
        format!("[EXEMPT] {message} - exempted {until}: {}", self.reason)
    }
}
