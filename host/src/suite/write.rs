//! What `magtape test` says: as text, as JSON or as JUnit's XML.

mod json;
mod junit;
mod text;

pub use json::write as json;
pub use junit::write as junit;
pub use text::write as text;

#[cfg(test)]
mod tests;
