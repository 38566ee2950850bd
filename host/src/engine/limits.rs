//! What one evaluation may use. Every number has a reason; docs/adr/0002-snapshot-and-limits.md tells more.

use std::time::Duration;

use super::Fault;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The bounds of one evaluation of one policy. Whatever goes over one of them ends as a fault that says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Linear memory of a sandbox. A parsed review takes eight times its text and a request may have 8 MiB.
    pub memory_bytes: usize,
    /// From the start of an evaluation to its end. The API server waits ten seconds for a webhook, and a
    /// policy usually needs some 50 microseconds.
    #[serde(
        rename = "deadlineMilliseconds",
        serialize_with = "to_milliseconds",
        deserialize_with = "milliseconds"
    )]
    pub deadline: Duration,
    /// The text of the input document. The webhook takes 8 MiB, and a deletion repeats the object that goes.
    pub input_bytes: usize,
    /// How deep the input document may be nested. Objects are some twenty levels deep, and the JSON reader ends
    /// after 127.
    pub input_depth: usize,
    /// The text of one entrypoint's answer. The API server shows at most 4 KiB of warnings.
    pub result_bytes: usize,
    /// The text of all arguments of one call of a builtin, which the host reads while no deadline can interrupt
    /// it. No object that is stored in a cluster is larger than 1.5 MiB.
    pub argument_bytes: usize,
    /// The text or the number of items that one builtin may answer.
    pub builtin_bytes: usize,
    /// Calls from the guest into builtins; a policy that loops over an object makes some thousands.
    pub host_calls: u32,
    /// A policy module as it is loaded. OPA's are 140 to 400 KB, and compiling takes seconds and hundreds of
    /// megabytes for one of these.
    pub module_bytes: usize,
}

impl Limits {
    /// Whether a document of that size and depth may be an input.
    ///
    /// # Errors
    /// Which limit it goes over.
    pub fn admit(&self, bytes: usize, depth: usize) -> Result<(), Fault> {
        if bytes > self.input_bytes {
            return Err(Fault::Input(format!(
                "the input document has {bytes} bytes, more than {}",
                self.input_bytes
            )));
        }
        if depth > self.input_depth {
            return Err(Fault::Input(format!(
                "the input document is nested {depth} levels deep, more than {}",
                self.input_depth
            )));
        }
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 128 * 1024 * 1024,
            deadline: Duration::from_secs(1),
            input_bytes: 16 * 1024 * 1024,
            input_depth: 127,
            result_bytes: 1024 * 1024,
            argument_bytes: 2 * 1024 * 1024,
            builtin_bytes: 1024 * 1024,
            host_calls: 100_000,
            module_bytes: 4 * 1024 * 1024,
        }
    }
}

fn to_milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}
