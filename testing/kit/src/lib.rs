//! What the tests share, and xtask with them.
//!
//! [`tools`] knows where the programs are that tests run and where xtask puts them. [`cluster`] starts a real
//! Kubernetes API server on loopback, [`client`] talks to it, [`certs`] makes certificates that both sides trust,
//! [`daemon`] runs a program for as long as its handle lives, and [`warden`] ends what nobody is left to end.
//! [`corpus`] reads the AdmissionReviews that such a server once sent. Nothing here ships.

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
pub mod poll;
pub mod tools;
#[cfg(feature = "cluster")]
pub mod warden;
