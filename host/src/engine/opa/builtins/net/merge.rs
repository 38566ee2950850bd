//! Networks merged into the fewest that hold the same addresses, as `net.cidr_merge` does it.
//!
//! A network that neither overlaps nor touches another comes back as it is; what was merged becomes the
//! aligned networks of its range.

use super::network::{Network, is_mapped};

/// A range of addresses, with its network while nothing was merged into it.
struct Range {
    first: u128,
    last: u128,
    network: Option<Network>,
}

/// The texts of the merged networks.
pub(super) fn merge(networks: Vec<Network>) -> Vec<String> {
    let mut ranges: Vec<Range> = networks
        .into_iter()
        .map(|network| Range { first: network.first(), last: network.last(), network: Some(network) })
        .collect();
    ranges.sort_by_key(|range| (range.last, range.first));
    let mut merged: Vec<Range> = Vec::new();
    // From the end, so that a range that begins early swallows all that it reaches back over.
    for range in ranges.into_iter().rev() {
        match merged.last_mut() {
            Some(next) if before(next.first) <= range.last => {
                next.first = next.first.min(range.first);
                next.network = None;
            }
            _ => merged.push(range),
        }
    }
    merged.into_iter().flat_map(texts).collect()
}

/// The address before, which neither IPv4 nor IPv6 has for its first.
fn before(address: u128) -> u128 {
    let is_first = address == 0 || (is_mapped(address) && !is_mapped(address.wrapping_sub(1)));
    if is_first { address } else { address - 1 }
}

fn texts(range: Range) -> Vec<String> {
    match range.network {
        Some(network) => vec![network.to_string()],
        None => cover(range.first, range.last),
    }
}

/// The fewest aligned networks that make up the range.
fn cover(mut first: u128, last: u128) -> Vec<String> {
    let bits = if is_mapped(first) { 32 } else { 128 };
    let mut networks = Vec::new();
    loop {
        let alignment = first.trailing_zeros().min(bits);
        // The largest power of two that fits in what is left; the whole of IPv6 has no such number.
        let room = match (last - first).checked_add(1) {
            Some(size) => size.ilog2().min(bits),
            None => bits,
        };
        let host = alignment.min(room);
        let network = Network::aligned(first, bits - host, bits);
        let end = network.last();
        networks.push(network.to_string());
        if end >= last {
            return networks;
        }
        first = end + 1;
    }
}
