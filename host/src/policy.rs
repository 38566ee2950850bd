//! What a policy is, apart from its code: a name, a severity, a code, and what it looks at. Pure.

mod annotations;
mod candidate;
mod data_reads;
pub mod dialect;
pub mod exemption;
pub mod gatekeeper;
mod glob;
mod metadata;
mod reads;
mod set;

pub use crate::digest::Digest;
pub use annotations::Annotations;
pub use candidate::{Candidate, Constrained};
pub use data_reads::{DataReads, Need, Pattern};
pub use glob::Glob;
pub use metadata::{Metadata, MetadataError};
pub use reads::Reads;
pub use set::{Entry, PolicySet, Target};

/// A loaded policy's identity: where it came from and what it says of itself.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Where it was loaded from, for people: a path, `embedded`, a ConfigMap's key.
    pub origin: String,
    /// The digest of the module it was loaded from.
    pub digest: Digest,
    /// What it says of itself.
    pub metadata: Metadata,
}
