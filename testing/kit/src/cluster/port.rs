//! A free port for a program that cannot choose one itself.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};

/// Below the range from which systems serve "any free port": a listener of another test cannot take the port in
/// the moment between this look and the program's own.
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// A port that nothing listens on, from a random one upwards.
pub(super) fn free() -> Result<u16> {
    // Two hashers never have the same keys; that is all the randomness needed here.
    let random = RandomState::new().hash_one(()) % u64::from(COUNT);
    let start = u16::try_from(random)?;
    (0..COUNT)
        .map(|step| FIRST + (start + step) % COUNT)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .context("no port is free on loopback")
}
