//! Go's regular expressions, read by Go's grammar and written down for `regex-syntax`. Pure.
//!
//! OPA's builtins and the patterns of Kubernetes' schemas are both Go's.

mod alphabet;
mod class;
mod escape;
mod syntax;

pub use syntax::{SyntaxError, Translation, translate};
