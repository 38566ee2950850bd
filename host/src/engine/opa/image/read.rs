//! Reads values where they lie in a guest's memory. The guest may have put anything there.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        super::Fault,
        value::{Number, Value},
    },
    view::View,
};

/// Deeper values are refused, so that a guest cannot overflow the host's stack; also those that contain themselves.
const MAX_DEPTH: usize = 256;

/// Reads the value at an address, of at most `room` bytes of text, and leaves what is left of them.
pub(in super::super) fn value(memory: &[u8], address: i32, room: &mut usize) -> Result<Value, Fault> {
    let mut reader = Reader { view: View { memory, base: 0 }, limit: *room, room };
    #[allow(
        clippy::cast_sign_loss,
        reason = "an address of a 32-bit guest is unsigned; wasmtime types it i32"
    )]
    reader.value(address as u32, MAX_DEPTH)
}

/// The value of the only binding in the bindings at an address, named `result`: where it is, or that there is none.
/// `None` for bindings of any other form.
pub(in super::super) fn result(memory: &[u8], bindings: i32) -> Option<Option<i32>> {
    let view = View { memory, base: 0 };
    let bindings = u32::try_from(bindings).ok()?;
    if view.byte(bindings)? != 7 {
        return None;
    }
    let buckets = view.word(bindings.saturating_add(4))?;
    match view.word(bindings.saturating_add(12))? {
        0 => Some(None),
        1 => {
            let count = view.word(bindings.saturating_add(8))?;
            let mut first =
                (0..count.min(MOST_BUCKETS)).map(|number| view.word(buckets.saturating_add(number * 4)));
            let entry = first.find(|entry| *entry != Some(0))??;
            let value = view.field(view.word(entry)?, b"result")?;
            Some(Some(i32::try_from(value).ok()?))
        }
        _ => None,
    }
}

/// More than a set of one element has.
const MOST_BUCKETS: u32 = 64;

struct Reader<'m, 'r> {
    view: View<'m>,
    limit: usize,
    room: &'r mut usize,
}

// === impl Reader ===

impl Reader<'_, '_> {
    fn value(&mut self, address: u32, depth: usize) -> Result<Value, Fault> {
        let depth = depth.checked_sub(1).ok_or_else(|| answer("a value that is nested too deep"))?;
        // Also what has no text costs something, so that a list of itself ends.
        self.take(2)?;
        match there(self.view.byte(address))? {
            1 => Ok(Value::Null),
            2 | 9 => Ok(Value::Bool(there(self.view.byte(address.saturating_add(1)))? != 0)),
            3 => self.number(address).map(Value::Number),
            4 | 8 => self.text(address.saturating_add(8), address.saturating_add(4)).map(Value::String),
            5 => self.array(address, depth).map(Value::Array),
            6 => self.object(address, depth).map(Value::Object),
            7 => self.set(address, depth).map(Value::Set),
            other => Err(answer(&format!("a value of the unknown type {other}"))),
        }
    }

    fn number(&mut self, address: u32) -> Result<Number, Fault> {
        match there(self.view.byte(address.saturating_add(1)))? {
            1 => {
                let bytes = there(self.view.bytes(address.saturating_add(8), 8))?;
                let bytes = bytes.try_into().map_err(|_| answer("a number of odd size"))?;
                Ok(Number::from(i64::from_le_bytes(bytes)))
            }
            2 => {
                let text = self.text(address.saturating_add(8), address.saturating_add(12))?;
                Number::parse_guest(&text).ok_or_else(|| answer("a number that is none"))
            }
            other => Err(answer(&format!("a number of the unknown form {other}"))),
        }
    }

    /// The text whose address and length are there.
    fn text(&mut self, address: u32, length: u32) -> Result<String, Fault> {
        self.take(there(self.view.word(length))? as usize)?;
        let text = there(self.view.text(address, length))?;
        std::str::from_utf8(text).map(str::to_owned).map_err(|_| answer("text that is not UTF-8"))
    }

    fn array(&mut self, address: u32, depth: usize) -> Result<Vec<Value>, Fault> {
        let elements = there(self.view.word(address.saturating_add(4)))?;
        let length = there(self.view.word(address.saturating_add(8)))?;
        let element = |number: u32| elements.saturating_add(number.saturating_mul(8)).saturating_add(4);
        (0..length).map(|number| self.value(there(self.view.word(element(number)))?, depth)).collect()
    }

    fn object(&mut self, address: u32, depth: usize) -> Result<BTreeMap<Value, Value>, Fault> {
        let mut object = BTreeMap::new();
        self.entries(address, 8, |reader, entry| {
            let key = reader.value(there(reader.view.word(entry))?, depth)?;
            let value = reader.value(there(reader.view.word(entry.saturating_add(4)))?, depth)?;
            object.insert(key, value);
            Ok(())
        })?;
        Ok(object)
    }

    fn set(&mut self, address: u32, depth: usize) -> Result<BTreeSet<Value>, Fault> {
        let mut set = BTreeSet::new();
        self.entries(address, 4, |reader, entry| {
            set.insert(reader.value(there(reader.view.word(entry))?, depth)?);
            Ok(())
        })?;
        Ok(set)
    }

    /// Every entry of a table of buckets; the address of the next one is `next` bytes into it.
    fn entries(
        &mut self,
        table: u32,
        next: u32,
        mut read: impl FnMut(&mut Self, u32) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let buckets = there(self.view.word(table.saturating_add(4)))?;
        let count = there(self.view.word(table.saturating_add(8)))?;
        for number in 0..count {
            let mut entry = there(self.view.word(buckets.saturating_add(number.saturating_mul(4))))?;
            while entry != 0 {
                read(self, entry)?;
                entry = there(self.view.word(entry.saturating_add(next)))?;
            }
        }
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        let left = self
            .room
            .checked_sub(bytes)
            .ok_or_else(|| answer(&format!("text longer than allowed (limit {} bytes)", self.limit)))?;
        *self.room = left;
        Ok(())
    }
}

fn there<T>(found: Option<T>) -> Result<T, Fault> {
    found.ok_or_else(|| answer("an address behind its memory"))
}

fn answer(what: &str) -> Fault {
    Fault::Answer(format!("handed over {what}"))
}
