//! The integration tests, one module a topic.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test stops at the first surprise; clippy.toml says so for test functions, and this for what they call"
)]

/// `magtape capabilities`, OPA and the host agree.
mod capabilities;
/// `magtape check` as a user runs it.
mod check;
/// The webhook behind a real API server.
mod cluster;
/// The documents say what is so.
mod docs;
/// Hostile policies: each fails for itself alone.
mod guests;
/// What the layers of the library may use.
mod layers;
/// OPA itself and this engine say the same of every case and every sample.
mod opa_agrees;
/// `magtape serve` over real TLS connections.
mod serve;
