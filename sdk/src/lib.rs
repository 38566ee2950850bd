//! Write admission policies for [MagTape](https://github.com/tmobile/magtape) in Rust.
//!
//! A policy is a type that implements [`Policy`]: constant [`Metadata`], and a function from a [`Document`] to what the
//! policy has against it. [`export!`] makes a WebAssembly component of it.
//!
//! ```
//! use magtape_sdk::{Document, Error, Metadata, Policy, Severity, Violation, export, testing::Case};
//!
//! struct HostNetwork;
//!
//! impl Policy for HostNetwork {
//!     const METADATA: Metadata = Metadata::new("policy-host-network", Severity::High, "ORG1001")
//!         .targets(&["Pod", "Deployment"])
//!         .title("Host network")
//!         .description("A Pod in the host's network is not held by network policies.");
//!     type Parameters = ();
//!
//!     fn evaluate(document: &Document, (): ()) -> Result<Vec<Violation>, Error> {
//!         let Some(pod) = document.pod_spec() else { return Ok(Vec::new()) };
//!         let shared = pod.value.boolean("/hostNetwork").unwrap_or(false);
//!         Ok(shared
//!             .then(|| Violation::new("Pod shares the host's network").field(pod.path("hostNetwork")))
//!             .into_iter()
//!             .collect())
//!     }
//! }
//!
//! export!(HostNetwork);
//!
//! # fn main() {
//! let pod = Case::object("{apiVersion: v1, kind: Pod, spec: {hostNetwork: true}}");
//! assert_eq!(pod.messages::<HostNetwork>(), ["Pod shares the host's network"]);
//! # }
//! ```
//!
//! # Two ways to read an object
//!
//! The host holds the review. [`Value`] is a place in it, and asks the host for what it reads, so a policy that looks at ten
//! fields of a review of 7 KB copies ten fields. [`Document::object`] makes a typed value of the whole object, such as a
//! `k8s_openapi` type, which costs more time and a larger module:
//!
//! ```
//! use k8s_openapi::api::apps::v1::Deployment;
//! use magtape_sdk::{Document, Error, Violation};
//!
//! fn evaluate(document: &Document) -> Result<Vec<Violation>, Error> {
//!     let deployment = document.object::<Deployment>()?;
//!     let replicas = deployment.spec.and_then(|spec| spec.replicas).unwrap_or(1);
//!     Ok((replicas < 2).then(|| Violation::new("Deployment has one replica")).into_iter().collect())
//! }
//! # let _ = evaluate;
//! ```
//!
//! # What a policy may do
//!
//! It has no files, no network and no environment. Each evaluation runs in an instance of its own, so statics do not
//! last, and panics, endless loops and too much memory end that evaluation and nothing else. Beside the review it has
//! [`log`], [`now`] and the objects of the cluster that its metadata declares ([`lookup`]).

#[cfg(target_family = "wasm")]
mod allocator;
mod documents;
mod host;
mod metadata;
mod parameters;
mod policy;
mod review;
mod value;
mod violation;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod guest;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
mod workload;

pub use host::{Level, log, lookup, now};
pub use metadata::{Metadata, Operation, Severity};
#[doc(hidden)]
pub use parameters::{Field, Given, schema_of};
pub use parameters::{Parameters, Property};
pub use policy::{Error, Policy};
pub use review::{Document, Kind};
#[doc(hidden)]
pub use serde;
pub use value::{Content, Value};
pub use violation::{Detail, Violation};
pub use workload::{Container, ContainerKind, PodSpec, WORKLOADS};

/// The example on the crate's page is tested with those in here.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Page;
