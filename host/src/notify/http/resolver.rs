//! From names to addresses that may be reached.

use std::{
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use tokio::sync::Semaphore;

use super::super::{Fault, Network, network::is_allowed};

/// Questions to name servers at a time. Each has a thread, also when nobody waits for its answer any more.
const AT_ONCE: usize = 4;

/// Asks as the system does, and gives only addresses that may be reached.
pub(super) struct Resolver {
    networks: Arc<[Network]>,
    permits: Arc<Semaphore>,
}

/// None of the addresses of a name may be reached.
#[derive(Debug, thiserror::Error)]
#[error("its address is neither public nor in a network that was allowed")]
pub(super) struct NotAllowed;

/// Checks a host that is an address itself, for which no resolver is asked.
pub(super) fn check(url: &Url, networks: &[Network]) -> Result<(), Fault> {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match address {
        Ok(address) if !is_allowed(address, networks) => Err(Fault::Lasting(NotAllowed.to_string())),
        _ => Ok(()),
    }
}

// === impl Resolver ===

impl Resolver {
    pub(super) fn new(networks: Arc<[Network]>) -> Self {
        Self { networks, permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (networks, permits) = (Arc::clone(&self.networks), Arc::clone(&self.permits));
        Box::pin(async move {
            let permit = permits.acquire_owned().await?;
            let asked = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                (name.as_str(), 0).to_socket_addrs()
            });
            let found = asked.await??;
            let allowed: Vec<SocketAddr> = found.filter(|at| is_allowed(at.ip(), &networks)).collect();
            if allowed.is_empty() {
                return Err(NotAllowed.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
