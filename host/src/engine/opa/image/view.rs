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

    /// The fields of an object whose keys are strings, which those of JSON documents are; nothing of any other value.
    pub(super) fn entries(self, object: u32) -> Option<Vec<(&'m [u8], u32)>> {
        if self.byte(object)? != 6 {
            return Some(Vec::new());
        }
        let (table, buckets) = (self.word(object.saturating_add(4))?, self.word(object.saturating_add(8))?);
        let length = self.word(object.saturating_add(12))? as usize;
        let mut found = Vec::new();
        for bucket in 0..buckets {
            let mut entry = self.word(table.saturating_add(bucket.saturating_mul(4)))?;
            while entry != 0 {
                let key = self.word(entry)?;
                let name = self.text(key.saturating_add(8), key.saturating_add(4))?;
                found.push((name, self.word(entry.saturating_add(4))?));
                entry = self.word(entry.saturating_add(8))?;
                // A module's memory may say anything, also that an entry comes after itself.
                if found.len() > length {
                    return None;
                }
            }
        }
        Some(found)
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
