//! The webhook's certificate: where it comes from, how it is kept new, and how connections get it.
//!
//! `files` follows files, `keeper` the Secrets of a cluster, where the replica that leads does what `plan` says with an
//! `authority` of its own. Whatever cannot be used is named in the log, and the last certificate that could stays.
//! Nothing here reads requests.

mod authority;
mod files;
mod identity;
mod keeper;
mod pem;
mod plan;
mod secrets;
mod self_signed;
mod template;
mod tls;

pub use authority::{Authority, Lifetimes, Signed};
pub use files::{Files, follow, trust};
pub use identity::{Bundle, Identity};
pub use keeper::{Kept, Settings, keep};
pub use pem::{Certificate, Pem, Secret, Validity};
pub use plan::{State, Step, next};
pub use secrets::{Seen, Whose};
pub use self_signed::self_signed;
pub use template::{Template, TemplateError};
pub use tls::{Ends, Peer, Tls};

use crate::conditions::Condition;

/// A certificate that does not serve.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A text that is no usable PEM.
    #[error("{place}: {reason}")]
    Unreadable {
        /// The file, or the key of a Secret.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// Chain and key do not go together, or are of a kind that is not supported.
    #[error("{chain} cannot be used with {key}: {reason}")]
    Unpaired {
        /// Where the chain is.
        chain: String,
        /// Where the key is.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// The API server would not accept it.
    #[error("the API server would not accept the certificate: {0}")]
    Distrusted(String),
    /// A name that no certificate can be for.
    #[error("{0:?} is no name that a certificate can be for")]
    Name(String),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// A certificate could not be made.
    #[error("a certificate could not be made: {0}")]
    Making(#[from] rcgen::Error),
}

/// Says what is wrong once in the log, until it is something else or nothing.
fn complain(condition: &Condition, text: &str) {
    if condition.fails(text) {
        tracing::warn!("{text}");
    }
}
