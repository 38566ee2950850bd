//! What the tests share, and xtask with them.
//!
//! [`tools`] knows where the programs are that tests run and where xtask puts them. [`cluster`] starts a real
//! Kubernetes API server on loopback, [`client`] talks to it, [`certs`] makes certificates that both sides trust,
//! [`daemon`] runs a program for as long as its handle lives, and [`warden`] ends what nobody is left to end. [`mock`]
//! plays the faults of an API server that a real one does not have when they are needed. [`corpus`] reads the
//! AdmissionReviews that a real one once sent. Nothing here ships.

#[cfg(feature = "cluster")]
pub mod certs;
#[cfg(feature = "cluster")]
pub mod client;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod corpus;
#[cfg(feature = "cluster")]
pub mod daemon;
#[cfg(feature = "cluster")]
mod kubeconfig;
#[cfg(feature = "cluster")]
pub mod mock;
#[cfg(feature = "cluster")]
pub mod poll;
pub mod tools;
#[cfg(feature = "cluster")]
pub mod warden;
