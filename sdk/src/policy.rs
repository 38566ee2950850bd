//! What a policy is to this crate.

use std::fmt;

use serde::de::{Expected, Unexpected};

use crate::{Document, Metadata, Parameters, Violation};

/// An admission policy. [`export!`](crate::export) makes a component of it.
pub trait Policy {
    /// What it is: its name, severity and code, and what it looks at.
    const METADATA: Metadata;

    /// What it is configured with; `()` for nothing. See [`parameters!`](crate::parameters).
    type Parameters: Parameters;

    /// Whether it applies to the review at all, beyond what the metadata's targets and operations say. It is asked
    /// before [`evaluate`](Policy::evaluate), and only makes a difference in reports.
    fn applies(document: &Document) -> bool {
        let _ = document;
        true
    }

    /// What it has against the object; nothing when that is in order.
    ///
    /// # Errors
    /// When it cannot tell. The host reports the policy as failed, and its failure policy decides about the object.
    fn evaluate(document: &Document, parameters: Self::Parameters) -> Result<Vec<Violation>, Error>;
}

/// Why a policy cannot judge an object. Everything that is shown as text becomes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

/// Makes a WebAssembly component of a [`Policy`]: once in the crate, with the name of the type. In a test it does nothing.
#[macro_export]
macro_rules! export {
    ($policy:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Component;

            impl $crate::guest::Guest for Component {
                fn metadata() -> $crate::guest::Metadata {
                    $crate::guest::metadata::<$policy>()
                }

                fn evaluate() -> Result<Option<Vec<$crate::guest::Violation>>, String> {
                    $crate::guest::evaluate::<$policy>()
                }
            }

    $crate::guest::export!(Component with_types_in $crate::guest);
        };

        #[cfg(not(target_family = "wasm"))]
        const _: fn() = || {
            fn is_policy<P: $crate::Policy>() {}
            is_policy::<$policy>();
        };
    };
}

// === impl Error ===

impl Error {
    /// An error with that text.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<String> for Error {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

impl From<&str> for Error {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::new(reason)
    }

    /// serde would write the value that was found. For that a component would have to know how floats are written, which
    /// makes it larger by half.
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format_args!("found {}, expected {expected}", called(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }
}

fn called(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Unit => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}
