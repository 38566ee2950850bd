//! Walks a whole document to see that it is JSON: syntax, escapes, UTF-8, and no deeper than serde_json's
//! limit of 128 levels. Keeps nothing but the depth.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// How deep `json` is nested; a scalar has no depth.
///
/// # Errors
/// Where the text stops being JSON.
pub(super) fn depth(json: &[u8]) -> serde_json::Result<usize> {
    serde_json::from_slice::<Valid>(json).map(|valid| valid.0)
}

/// Any value. Unlike `serde::de::IgnoredAny` it has strings decoded and depth counted.
struct Valid(usize);

struct Walk;

// === impl Valid ===

impl<'de> Deserialize<'de> for Valid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

// === impl Walk ===

impl<'de> Visitor<'de> for Walk {
    type Value = Valid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Valid, E> {
        Ok(Valid(0))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Valid, E> {
        Ok(Valid(0))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Valid, E> {
        Ok(Valid(0))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Valid, E> {
        Ok(Valid(0))
    }

    fn visit_str<E>(self, _: &str) -> Result<Valid, E> {
        Ok(Valid(0))
    }

    fn visit_unit<E>(self) -> Result<Valid, E> {
        Ok(Valid(0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Valid, A::Error> {
        let mut inner = 0;
        while let Some(item) = items.next_element::<Valid>()? {
            inner = inner.max(item.0);
        }
        Ok(Valid(inner + 1))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Valid, A::Error> {
        let mut inner = 0;
        while let Some((_, value)) = entries.next_entry::<Valid, Valid>()? {
            inner = inner.max(value.0);
        }
        Ok(Valid(inner + 1))
    }
}
