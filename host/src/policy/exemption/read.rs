//! From a document to an exemption. What is not understood exempts nothing.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Exemption;
use crate::{policy::glob::Glob, verdict::Exempted};

/// As many as one webhook takes: each is looked at for each request.
pub const MAX_EXEMPTIONS: usize = 1000;

/// In one list of an exemption.
const MAX_ENTRIES: usize = 100;

/// A reason is part of every warning, of which the API server passes on 256 characters each.
const MAX_REASON_CHARS: usize = 200;

/// Names of policies are no longer.
const MAX_CHARS: usize = 253;

/// Why a document is no exemption.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExemptionError {
    /// A field is missing, unknown or of another type.
    #[error("{0}; there are policies, codes, namespaces, kinds, names, until and reason")]
    Shape(String),
    /// It exempts from nothing.
    #[error("names neither policies nor codes; say what it exempts from")]
    FromNothing,
    /// It holds nowhere.
    #[error("namespaces is empty; name some, or \"*\" for all and for objects of the cluster")]
    Nowhere,
    /// A list is too long.
    #[error("{0} has more than {MAX_ENTRIES} entries; split the exemption")]
    TooMany(&'static str),
    /// An entry of namespaces or names.
    #[error("{field} has {text:?}: an entry is a name in which * stands for any run of characters")]
    Name {
        /// The list.
        field: &'static str,
        /// The entry, or its start.
        text: String,
    },
    /// An entry of policies, codes or kinds.
    #[error("{field} has {text:?}: an entry is one name, without wildcards or blanks")]
    Plain {
        /// The list.
        field: &'static str,
        /// The entry, or its start.
        text: String,
    },
    /// The end.
    #[error(
        "until is {0:?}: it is a date such as 2030-01-31, to the end of that day in UTC, or a time such as \
             2030-01-31T18:00:00Z"
    )]
    Until(String),
    /// The reason.
    #[error("reason must say why, in one line of at most {MAX_REASON_CHARS} characters")]
    Reason,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    policies: Vec<String>,
    #[serde(default)]
    codes: Vec<String>,
    namespaces: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default, deserialize_with = "given")]
    names: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    until: Option<String>,
    reason: String,
}

/// A field that is there and empty is an error: it would mean all names, or no end.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

// === impl Exemption ===

impl Exemption {
    /// Reads an exemption. `name` is what users are told of it.
    ///
    /// # Errors
    /// What is wrong, and how it is written.
    pub fn parse(name: &str, document: &Value) -> Result<Self, ExemptionError> {
        let written =
            Written::deserialize(document).map_err(|error| ExemptionError::Shape(error.to_string()))?;
        if written.policies.is_empty() && written.codes.is_empty() {
            return Err(ExemptionError::FromNothing);
        }
        if written.namespaces.is_empty() {
            return Err(ExemptionError::Nowhere);
        }
        let until = written.until.as_deref().map(end).transpose()?;
        Ok(Self {
            policies: plain("policies", written.policies)?,
            codes: plain("codes", written.codes)?,
            namespaces: globs("namespaces", &written.namespaces)?,
            kinds: plain("kinds", written.kinds)?,
            names: names(written.names)?,
            until,
            told: Arc::new(Exempted {
                name: name.to_owned(),
                until: until.map(|until| until.to_string()),
                reason: reason(&written.reason)?,
            }),
        })
    }
}

fn bounded<T>(field: &'static str, entries: &[T]) -> Result<(), ExemptionError> {
    if entries.len() > MAX_ENTRIES { Err(ExemptionError::TooMany(field)) } else { Ok(()) }
}

fn plain(field: &'static str, entries: Vec<String>) -> Result<Vec<String>, ExemptionError> {
    bounded(field, &entries)?;
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '*' | '?');
    let odd =
        |entry: &&String| entry.is_empty() || entry.chars().count() > MAX_CHARS || entry.contains(is_odd);
    match entries.iter().find(odd) {
        Some(entry) => Err(ExemptionError::Plain { field, text: entry.chars().take(40).collect() }),
        None => Ok(entries),
    }
}

fn globs(field: &'static str, entries: &[String]) -> Result<Vec<Glob>, ExemptionError> {
    bounded(field, entries)?;
    let glob = |entry: &String| {
        let wrong = || ExemptionError::Name { field, text: entry.chars().take(40).collect() };
        Glob::parse(entry).ok_or_else(wrong)
    };
    entries.iter().map(glob).collect()
}

/// A list that lost its last entry must not come to mean all names.
fn names(written: Option<Vec<String>>) -> Result<Vec<Glob>, ExemptionError> {
    match written {
        None => Ok(Vec::new()),
        Some(entries) if entries.is_empty() => {
            Err(ExemptionError::Shape("names is empty; leave it out for all names".to_owned()))
        }
        Some(entries) => globs("names", &entries),
    }
}

fn reason(text: &str) -> Result<String, ExemptionError> {
    let text = text.trim();
    let fits =
        !text.is_empty() && text.chars().count() <= MAX_REASON_CHARS && !text.contains(char::is_control);
    fits.then(|| text.to_owned()).ok_or(ExemptionError::Reason)
}

/// The first moment at which it holds no more.
fn end(text: &str) -> Result<Timestamp, ExemptionError> {
    let wrong = || ExemptionError::Until(text.chars().take(40).collect());
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp);
    }
    // A civil date reads the date of a time without a zone as well, which would end later than it says.
    let date: Date = text.parse().ok().filter(|_| text.len() == "2030-01-31".len()).ok_or_else(wrong)?;
    let next = date.checked_add(1.day()).map_err(|_| wrong())?;
    next.to_zoned(TimeZone::UTC).map(|end| end.timestamp()).map_err(|_| wrong())
}
