//! A network as Go's `net.IPNet` is one, as numbers.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// The first of the IPv6 addresses that map IPv4 ones: `::ffff:0:0`.
const MAPPED: u128 = 0xffff_0000_0000;

/// A network. The address is kept as an IPv6 number, IPv4 mapped, which is also the order in which OPA sorts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: u128,
    ones: u32,
    /// 32 where the text was IPv4, 128 where it was IPv6.
    bits: u32,
}

// === impl Network ===

impl Network {
    /// Reads CIDR notation as Go's `net.ParseCIDR`; the bits beyond the prefix are dropped.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, ones) = text.split_once('/')?;
        if ones.is_empty() || !ones.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (address, bits) = match address.parse().ok()? {
            IpAddr::V4(address) => (mapped(address), 32),
            IpAddr::V6(address) => (address.into(), 128),
        };
        let ones = ones.parse().ok().filter(|ones| *ones <= bits)?;
        let network = Self { address, ones, bits };
        Some(Self { address: network.first(), ..network })
    }

    /// An IPv4 address with the mask of its class, as Go's `IP.DefaultMask`; the address keeps its bits.
    pub(super) fn of_class(address: IpAddr) -> Option<Self> {
        let address = to_v4(address)?;
        let ones = match address.octets().first()? {
            ..0x80 => 8,
            ..0xc0 => 16,
            _ => 24,
        };
        Some(Self { address: mapped(address), ones, bits: 32 })
    }

    /// The network from one prefix on an aligned address.
    pub(super) fn aligned(address: u128, ones: u32, bits: u32) -> Self {
        Self { address, ones, bits }
    }

    pub(super) fn first(&self) -> u128 {
        self.address & !self.host_mask()
    }

    pub(super) fn last(&self) -> u128 {
        self.address | self.host_mask()
    }

    /// The address of a number, IPv4 where it maps one.
    pub(super) fn address(&self, number: u128) -> IpAddr {
        let address = Ipv6Addr::from(number);
        address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4)
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let number = match address {
            IpAddr::V4(address) => mapped(address),
            IpAddr::V6(address) => address.into(),
        };
        self.contains_number(number)
    }

    /// Whether the network holds the first and the last address of the other.
    pub(super) fn contains_network(&self, other: &Self) -> bool {
        self.contains_number(other.first()) && self.contains_number(other.last())
    }

    /// Go compares addresses of the same family only, after taking mapped ones for IPv4.
    fn contains_number(&self, number: u128) -> bool {
        is_mapped(number) == is_mapped(self.first()) && (self.first()..=self.last()).contains(&number)
    }

    fn host_mask(&self) -> u128 {
        // A shift by all 128 bits gives nothing, which stands for "every bit".
        1u128.checked_shl(self.bits - self.ones).map_or(u128::MAX, |size| size - 1)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Go shows a mapped network by its last 32 bits.
        let ones = if self.bits == 128 && is_mapped(self.address) {
            self.ones.saturating_sub(96)
        } else {
            self.ones
        };
        write!(f, "{}/{ones}", self.address(self.address))
    }
}

/// Whether the number maps an IPv4 address.
pub(super) fn is_mapped(number: u128) -> bool {
    number >> 32 == MAPPED >> 32
}

fn mapped(address: Ipv4Addr) -> u128 {
    MAPPED | u128::from(u32::from(address))
}

fn to_v4(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(address) => address.to_ipv4_mapped(),
    }
}
