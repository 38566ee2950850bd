//! Reads OPA's values in memory. Addresses may be anything; those that lead out of the memory give nothing.

use super::write::fnv1a;

/// Memory that begins at an address.
#[derive(Clone, Copy)]
pub(super) struct View<'m> {
    pub(super) memory: &'m [u8],
    pub(super) base: u32,
}

// === impl View ===

impl<'m> View<'m> {
    pub(super) fn bytes(self, address: u32, length: u32) -> Option<&'m [u8]> {
        let start = address.checked_sub(self.base)? as usize;
        self.memory.get(start..start.checked_add(length as usize)?)
    }

    pub(super) fn byte(self, address: u32) -> Option<u8> {
        self.bytes(address, 1)?.first().copied()
    }

    pub(super) fn word(self, address: u32) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(address, 4)?.try_into().ok()?))
    }

    /// The text whose address and length are there.
    pub(super) fn text(self, address: u32, length: u32) -> Option<&'m [u8]> {
        self.bytes(self.word(address)?, self.word(length)?)
    }

    /// The value of an object's field.
    pub(super) fn field(self, object: u32, name: &[u8]) -> Option<u32> {
        if self.byte(object)? != 6 {
            return None;
        }
        let bucket = fnv1a(name).checked_rem(self.word(object.saturating_add(8))?)?;
        let mut entry = self.word(self.word(object.saturating_add(4))?.saturating_add(bucket * 4))?;
        while entry != 0 {
            let key = self.word(entry)?;
            if self.text(key.saturating_add(8), key.saturating_add(4))? == name {
                return self.word(entry.saturating_add(4));
            }
            entry = self.word(entry.saturating_add(8))?;
        }
        None
    }
}
