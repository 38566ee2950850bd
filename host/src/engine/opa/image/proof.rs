//! Holds a module to the layout that images have: the same document, read by the module itself and by the host, must
//! be the same structs.

use wasmtime::Store;

use super::{
    super::{abi::Abi, host::Host, value::Value},
    Base, Image, read,
    view::View,
};
use crate::json::Document;

/// A document with everything that documents have: each type, empty and long, escapes, keys that share a bucket, so
/// many keys that an object has to grow twice, and one key twice.
pub(super) const PROBE: &str = r#"{"a":null,"b":[true,false,[],{}],"c":{"d":-0.50e+3,"e":12345678901234567890123,
"f":0},"g":"","h":"a\u00e9\ud83d\ude00\n\"\\\/é😀","i":[0,1,2,3,4,5,6,7,8,9,10,11,12],"j":{"1":1,"2":2,"3":3,"4":4,
"5":5,"6":6},"k":{"k0":0,"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k9":9,"k10":10,"k11":11,"k12":12,
"k13":13,"k14":14,"k15":15,"k16":16,"k17":17,"k18":18,"k19":19,"k20":20,"k21":21,"k22":22,"k23":23},"a":[{"b":"c"}]}"#;

/// Deeper than the probe is.
const MAX_DEPTH: usize = 16;

/// What JSON does not have: sets, and keys that are no strings.
const ANSWER: &str =
    r#"{"empty":set(),"in":{"set":{1,"b",{"c"},[true,null]}},"a":{-7:{[1]}},"many":{0,1,2,3,4,5,6,7}}"#;

/// More than the text of the probes has.
const PROBE_BYTES: usize = 64 * 1024;

/// Whether the module has its values in memory as images have them, and its answers as they are read. Leaves values
/// behind.
///
/// # Errors
/// When the guest fails.
pub(in super::super) fn is_layout_of(abi: &Abi, store: &mut Store<Host>) -> wasmtime::Result<bool> {
    let Ok(document) = Document::parse(PROBE) else { return Ok(false) };
    let root = abi.parse_json(&mut *store, PROBE.as_bytes())?;
    let root = u32::try_from(root).unwrap_or_default();
    let [base, ..] = Base::ALL;
    if !holds(abi.memory.data(&*store), root, &Image::of(&document, base)) {
        return Ok(false);
    }
    let answer = abi.put_text(&mut *store, ANSWER)?;
    let read = read::value(abi.memory.data(&*store), answer, &mut { PROBE_BYTES });
    Ok(read.ok() == Value::parse(ANSWER).ok())
}

/// Whether the document at `root` in a guest's memory is what the image has, struct by struct.
pub(super) fn holds(memory: &[u8], root: u32, image: &Image) -> bool {
    let guest = View { memory, base: 0 };
    let host = View { memory: &image.bytes, base: image.base.0 };
    same(guest, root, host, image.root, MAX_DEPTH).is_some_and(|same| same)
}

/// `None` when an address leads out of the memory.
fn same(a: View<'_>, left: u32, b: View<'_>, right: u32, depth: usize) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    let kind = kind(a.byte(left)?);
    if kind != self::kind(b.byte(right)?) {
        return Some(false);
    }
    match kind {
        1 => Some(true),
        2 => Some(a.byte(left.saturating_add(1))? == b.byte(right.saturating_add(1))?),
        3 => same_number(a, left, b, right),
        4 => Some(
            a.text(left.saturating_add(8), left.saturating_add(4))?
                == b.text(right.saturating_add(8), right.saturating_add(4))?,
        ),
        5 => same_array(a, left, b, right, depth),
        6 => same_object(a, left, b, right, depth),
        _ => Some(false),
    }
}

/// Interned strings and booleans are strings and booleans; the host's are never interned.
fn kind(byte: u8) -> u8 {
    match byte {
        8 => 4,
        9 => 2,
        other => other,
    }
}

fn same_number(a: View<'_>, left: u32, b: View<'_>, right: u32) -> Option<bool> {
    let repr = a.byte(left.saturating_add(1))?;
    if repr != b.byte(right.saturating_add(1))? {
        return Some(false);
    }
    match repr {
        1 => Some(a.bytes(left.saturating_add(8), 8)? == b.bytes(right.saturating_add(8), 8)?),
        2 => Some(
            a.text(left.saturating_add(8), left.saturating_add(12))?
                == b.text(right.saturating_add(8), right.saturating_add(12))?,
        ),
        _ => Some(false),
    }
}

fn same_array(a: View<'_>, left: u32, b: View<'_>, right: u32, depth: usize) -> Option<bool> {
    let length = a.word(left.saturating_add(8))?;
    if length != b.word(right.saturating_add(8))? {
        return Some(false);
    }
    for number in 0..length {
        let x = a.word(left.saturating_add(4))?.saturating_add(number * 8);
        let y = b.word(right.saturating_add(4))?.saturating_add(number * 8);
        let indices = same(a, a.word(x)?, b, b.word(y)?, depth)?;
        if !indices || !same(a, a.word(x.saturating_add(4))?, b, b.word(y.saturating_add(4))?, depth)? {
            return Some(false);
        }
    }
    Some(true)
}

fn same_object(a: View<'_>, left: u32, b: View<'_>, right: u32, depth: usize) -> Option<bool> {
    let buckets = a.word(left.saturating_add(8))?;
    if buckets != b.word(right.saturating_add(8))?
        || a.word(left.saturating_add(12))? != b.word(right.saturating_add(12))?
    {
        return Some(false);
    }
    for number in 0..buckets {
        let mut x = a.word(a.word(left.saturating_add(4))?.saturating_add(number * 4))?;
        let mut y = b.word(b.word(right.saturating_add(4))?.saturating_add(number * 4))?;
        while x != 0 && y != 0 {
            let keys = same(a, a.word(x)?, b, b.word(y)?, depth)?;
            if !keys || !same(a, a.word(x.saturating_add(4))?, b, b.word(y.saturating_add(4))?, depth)? {
                return Some(false);
            }
            (x, y) = (a.word(x.saturating_add(8))?, b.word(y.saturating_add(8))?);
        }
        if x != y {
            return Some(false);
        }
    }
    Some(true)
}
