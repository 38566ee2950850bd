//! Writes OPA's values one behind the other.

const NULL: u8 = 1;
const BOOLEAN: u8 = 2;
const NUMBER: u8 = 3;
const STRING: u8 = 4;
const ARRAY: u8 = 5;
const OBJECT: u8 = 6;

const NUMBER_INTEGER: u8 = 1;
const NUMBER_TEXT: u8 = 2;

/// Buckets of an object that has at most five entries.
const MIN_BUCKETS: usize = 8;

/// Keys that are remembered. The objects of a review have some hundred different ones.
const RECENT: usize = 128;

/// An address in a guest.
pub(super) type Address = u32;

/// An image while it is written.
pub(super) struct Writer {
    /// Where its first byte belongs.
    base: Address,
    bytes: Vec<u8>,
    null: Option<Address>,
    booleans: [Option<Address>; 2],
    /// The numbers 0, 1, 2 …, which elements of arrays have as their indices.
    indices: Vec<Address>,
    /// Of the object that is being written: bucket and entry, in the order of the image.
    order: Vec<(u32, u32)>,
    /// Keys that were written, by their hashes.
    recent: [Option<Key>; RECENT],
}

/// A key of an object with its value.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    key: Key,
    value: Address,
}

/// A string that was written, with what its place among keys depends on.
#[derive(Clone, Copy)]
pub(super) struct Key {
    address: Address,
    hash: u32,
    start: u32,
    length: u32,
}

// === impl Writer ===

impl Writer {
    /// A writer of what begins at `base`, with room for so many bytes.
    pub(super) fn new(base: Address, room: usize) -> Self {
        Self {
            base,
            bytes: Vec::with_capacity(room),
            null: None,
            booleans: [None; 2],
            indices: Vec::new(),
            order: Vec::new(),
            recent: [None; RECENT],
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn null(&mut self) -> Address {
        if let Some(address) = self.null {
            return address;
        }
        let address = self.put(&[NULL, 0, 0, 0]);
        *self.null.insert(address)
    }

    pub(super) fn boolean(&mut self, value: bool) -> Address {
        if let Some(address) = self.booleans.get(usize::from(value)).copied().flatten() {
            return address;
        }
        let address = self.put(&[BOOLEAN, u8::from(value), 0, 0]);
        if let Some(known) = self.booleans.get_mut(usize::from(value)) {
            *known = Some(address);
        }
        address
    }

    /// A number keeps its text, as the runtime's own parser does.
    pub(super) fn number(&mut self, text: &[u8]) -> Address {
        let start = self.text(text);
        self.words([u32::from_le_bytes([NUMBER, NUMBER_TEXT, 0, 0]), 0, start, length(text), 0, 0])
    }

    /// A string, and what its place among keys depends on. Equal strings that come close to each other, as keys do, are
    /// one struct.
    pub(super) fn key(&mut self, text: &[u8]) -> Key {
        let hash = fnv1a(text);
        let slot = hash as usize % RECENT;
        if let Some(key) = self.recent.get(slot).copied().flatten()
            && key.hash == hash
            && self.slice(key.start, key.length) == text
        {
            return key;
        }
        let (start, length) = (self.text(text), length(text));
        let key = Key { address: self.string_at(start, length), hash, start, length };
        if let Some(slot) = self.recent.get_mut(slot) {
            *slot = Some(key);
        }
        key
    }

    /// A string that is no key.
    pub(super) fn string(&mut self, text: &[u8]) -> Address {
        let start = self.text(text);
        self.string_at(start, length(text))
    }

    fn string_at(&mut self, start: Address, length: u32) -> Address {
        self.words([u32::from_le_bytes([STRING, 0, 0, 0]), length, start])
    }

    /// The text of a string or a number.
    fn text(&mut self, text: &[u8]) -> Address {
        let address = self.put(text);
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        address
    }

    pub(super) fn array(&mut self, values: &[Address]) -> Address {
        let count = count(values.len());
        self.number_up_to(values.len());
        let elements = self.here();
        for (value, index) in values.iter().zip(&self.indices) {
            self.bytes.extend_from_slice([*index, *value].map(u32::to_le_bytes).as_flattened());
        }
        let elements = if values.is_empty() { 0 } else { elements };
        self.words([u32::from_le_bytes([ARRAY, 0, 0, 0]), elements, count, count])
    }

    /// An object of these entries; the last one of a key counts.
    pub(super) fn object(&mut self, entries: &[Entry]) -> Address {
        let mut buckets = buckets(entries.len());
        self.sort(entries, buckets);
        let distinct = self.order.len();
        if buckets != self::buckets(distinct) {
            buckets = self::buckets(distinct);
            self.sort(entries, buckets);
        }
        let table = self.here();
        let first = table + count(buckets) * 4;
        self.bytes.resize(self.bytes.len() + buckets * 4, 0);
        let order = std::mem::take(&mut self.order);
        let mut previous = None;
        for (position, (bucket, entry)) in order.iter().enumerate() {
            let here = first + count(position) * 12;
            if previous != Some(*bucket) {
                self.set(table + bucket * 4, here);
                previous = Some(*bucket);
            }
            let last = order.get(position + 1).is_none_or(|(next, _)| next != bucket);
            let Some(entry) = entries.get(*entry as usize) else { continue };
            self.words([entry.key.address, entry.value, if last { 0 } else { here + 12 }]);
        }
        self.order = order;
        self.words([u32::from_le_bytes([OBJECT, 0, 0, 0]), table, count(buckets), count(distinct)])
    }

    /// Puts the entries into the order of the image, without those that a later one replaces.
    fn sort(&mut self, entries: &[Entry], buckets: usize) {
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        let bucket = |entry: &Entry| entry.key.hash % count(buckets);
        order.extend(entries.iter().zip(0..).map(|(entry, number)| (bucket(entry), number)));
        let key = |number: u32| {
            let key = entries.get(number as usize).map(|entry| entry.key);
            key.map_or(&[][..], |key| self.slice(key.start, key.length))
        };
        // Equal keys stay in the order of the text, so that the last of them is known.
        order.sort_by(|(left, a), (right, b)| left.cmp(right).then_with(|| key(*a).cmp(key(*b))));
        let mut kept: usize = 0;
        for at in 0..order.len() {
            let Some(current) = order.get(at).copied() else { break };
            let previous = kept.checked_sub(1).and_then(|kept| order.get_mut(kept));
            match previous {
                Some(previous) if previous.0 == current.0 && key(previous.1) == key(current.1) => {
                    *previous = current
                }
                _ => {
                    if let Some(place) = order.get_mut(kept) {
                        *place = current;
                    }
                    kept += 1;
                }
            }
        }
        order.truncate(kept);
        self.order = order;
    }

    /// Makes sure that there are indices for so many elements.
    fn number_up_to(&mut self, length: usize) {
        while self.indices.len() < length {
            let header = u32::from_le_bytes([NUMBER, NUMBER_INTEGER, 0, 0]);
            let index = self.words([header, 0, count(self.indices.len()), 0, 0, 0]);
            self.indices.push(index);
        }
    }

    fn words<const N: usize>(&mut self, words: [u32; N]) -> Address {
        let address = self.here();
        self.bytes.extend_from_slice(words.map(u32::to_le_bytes).as_flattened());
        address
    }

    fn put(&mut self, bytes: &[u8]) -> Address {
        let address = self.here();
        self.bytes.extend_from_slice(bytes);
        address
    }

    fn here(&self) -> Address {
        self.base.saturating_add(count(self.bytes.len()))
    }

    fn slice(&self, start: Address, length: u32) -> &[u8] {
        let start = (start - self.base) as usize;
        self.bytes.get(start..start + length as usize).unwrap_or_default()
    }

    fn set(&mut self, at: Address, word: u32) {
        let start = (at - self.base) as usize;
        if let Some(place) = self.bytes.get_mut(start..start + 4) {
            place.copy_from_slice(&word.to_le_bytes());
        }
    }
}

/// How many buckets an object of so many entries has: it grows when the next entry would fill more than 70 %.
fn buckets(entries: usize) -> usize {
    let mut buckets = MIN_BUCKETS;
    while entries.saturating_mul(10) > buckets * 7 {
        buckets *= 2;
    }
    buckets
}

/// FNV-1a as the runtime has it, on 32 bits.
pub(super) fn fnv1a(text: &[u8]) -> u32 {
    text.iter().fold(0x811c_9dc5, |hash: u32, byte| hash.wrapping_mul(0x0100_0193) ^ u32::from(*byte))
}

/// A number of bytes or values; a document is far smaller than 4 GiB.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn length(text: &[u8]) -> u32 {
    count(text.len())
}

// === impl Entry ===

impl Entry {
    pub(super) fn new(key: Key, value: Address) -> Self {
        Self { key, value }
    }
}
