//! The host's documents: in a component those that the host holds, in a test those of a `Case`.

#[cfg(target_family = "wasm")]
pub(crate) use crate::guest::documents::*;
#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::testing::documents::*;

/// A value in one of the documents of this evaluation.
pub(crate) type Node = u32;
