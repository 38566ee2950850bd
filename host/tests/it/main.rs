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

/// What is kept between runs.
mod artefacts;
/// Policies with faults: each is named with its place.
mod broken;
/// The audit log of a running webhook.
mod audit;
/// `magtape build`: what it writes, OPA and the host take.
mod build;
/// `magtape capabilities`, OPA and the host agree.
mod capabilities;
/// The webhook's certificate, in a cluster and in files.
mod certificates;
/// `magtape check` as a user runs it.
mod check;
/// The webhook behind a real API server.
mod cluster;
/// Policies that are components: hostile ones, and those that ship.
mod components;
/// Policies as Rego, in ConfigMaps, in bundles and as templates.
mod dialects;
/// What does not go as it should while requests are judged.
mod conditions;
/// Policies from ConfigMaps of a real API server.
mod config_maps;
/// What installs the webhook in a cluster.
mod deploy;
/// The documents say what is so.
mod docs;
/// Stricter namespaces, and what administrators exempt.
mod exemptions;
/// What a real API server does not do on demand.
mod faults;
/// Hostile policies: each fails for itself alone.
mod guests;
/// Objects of the cluster, as policies read them.
mod cluster_data;
mod images;
/// What `GET /metrics` says.
mod metrics;
/// `magtape migrate check` as a user runs it.
mod migrate;
/// `magtape inspect` as a user runs it.
mod inspect;
/// What came with the program is used as it is.
mod installed;
/// What the layers of the library may use.
mod layers;
/// Who is told of decisions.
mod notify;
/// OPA itself and this engine say the same of every case and every sample.
mod opa_agrees;
/// Traces, as a collector gets them.
mod traces;
/// The pages of the shipped policies.
mod policy_pages;
/// Objects of a real API server, as policies read them.
mod replicated;
/// `magtape serve` over real TLS connections.
mod serve;
/// The webhook's life in a cluster, as those who run it see it.
mod stories;
/// `magtape test` as a user runs it.
mod suites;
/// The tables of testing/cases.
mod tables;
/// Policies that tenants bring.
mod tenants;
/// `magtape new`, the page on writing policies, and the tour.
mod writing;
