//! MagTape judges Kubernetes objects by policies compiled to WebAssembly.
//!
//! One request goes this way, and so does one document of a file:
//!
//! ```text
//! bytes -> json::Document                       checked once
//!       -> review::Request                      what it asks for
//!       -> evaluate                             the policies for it, each in its own sandbox: engine
//!       => Vec<verdict::Outcome>
//!       -> verdict::decide                      by the deny level
//!       -> review::response, or report
//!       -> decision::Observer                    told after the answer
//! ```
//!
//! `source` finds policies, `compile` makes modules of Rego, `evaluate::Loader` makes them ready. The modules below are in reading order; what a
//! module may use is said in ARCHITECTURE.md and held by a test.

pub mod parallel;
mod shorten;
pub mod conditions;
pub mod go_regex;
mod der;
pub mod json;
pub mod digest;
pub mod verdict;
pub mod policy;
pub mod inventory;
pub mod review;
pub mod decision;
pub mod metrics;
pub mod yaml;
pub mod engine;
pub mod evaluate;
pub mod source;
pub mod compile;
pub mod package;
pub mod manifest;
pub mod kube;
pub mod notify;
pub mod certificates;
pub mod server;
pub mod report;
pub mod suite;
pub mod telemetry;
pub mod audit;
pub mod trace;
pub mod reload;
pub mod cluster;
pub mod migrate;
pub mod config;
pub mod run;
pub mod args;
pub mod cli;
