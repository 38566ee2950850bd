//! Random values of the kinds that policies meet.

use fastrand::Rng;
use magtape::engine::opa::value::{Number, Value};

/// One of `items`, or nothing of none.
pub(crate) fn pick<'i>(random: &mut Rng, items: &[&'i str]) -> &'i str {
    random.choice(items).copied().unwrap_or_default()
}

/// A number in one of many spellings.
pub(crate) fn number(random: &mut Rng) -> Value {
    let text = match random.u8(..8) {
        0 => random.i64(-10..10).to_string(),
        1 => random.i64(..).to_string(),
        2 => format!("{}{}", random.i64(..), random.u64(..)),
        3 => format!("{}.{}", random.i32(..), random.u16(..)),
        4 => format!("{}e{}", random.i8(..), random.i16(-400..400)),
        5 => format!("{}.{:02}E+{}", random.i8(..), random.u8(..100), random.u8(..30)),
        6 => format!("{}.0", random.i8(..)),
        _ => random.u8(..).to_string(),
    };
    Number::parse(&text).map_or(Value::Null, Value::Number)
}

/// Text of a few characters, some of them odd.
pub(crate) fn text(random: &mut Rng) -> String {
    const ODD: [&str; 16] =
        ["a", "B", "7", " ", "\"", "\\", "\n", "é", "世", "\u{7f}", "%", "😀", "\u{200b}", "\u{0}", "-", "_"];
    (0..random.usize(..6)).map(|_| pick(random, &ODD)).collect()
}

/// Any value, nested at most `depth` deep.
pub(crate) fn value(random: &mut Rng, depth: usize) -> Value {
    match random.u8(..if depth == 0 { 5 } else { 8 }) {
        0 => Value::Null,
        1 => random.bool().into(),
        2 | 3 => number(random),
        4 => text(random).into(),
        5 => Value::Array((0..random.usize(..4)).map(|_| value(random, depth - 1)).collect()),
        6 => Value::Set((0..random.usize(..4)).map(|_| value(random, depth - 1)).collect()),
        _ => Value::Object(
            (0..random.usize(..4)).map(|_| (text(random).into(), value(random, depth - 1))).collect(),
        ),
    }
}

/// A JSON document, nested at most `depth` deep.
pub(crate) fn json(random: &mut Rng, depth: usize) -> serde_json::Value {
    match random.u8(..if depth == 0 { 5 } else { 9 }) {
        0 => serde_json::Value::Null,
        1 => random.bool().into(),
        2 => random.i64(-1000..1000).into(),
        3 => random.f64().into(),
        4 => text(random).into(),
        5 | 6 => (0..random.usize(..4)).map(|_| json(random, depth - 1)).collect(),
        _ => {
            const KEYS: [&str; 10] =
                ["name", "kind", "metadata", "labels", "spec", "containers", "image", "x", "a b", "é"];
            let entry = |random: &mut Rng| (pick(random, &KEYS).to_owned(), json(random, depth - 1));
            (0..random.usize(..5)).map(|_| entry(random)).collect::<serde_json::Map<_, _>>().into()
        }
    }
}
