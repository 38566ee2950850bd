//! Random questions, by family of builtins.

use fastrand::Rng;
use magtape::engine::opa::value::Value;

use super::{
    array,
    random::{number, pick, text, value},
};

/// A builtin with arguments.
pub(crate) struct Question {
    pub(crate) builtin: &'static str,
    pub(crate) arguments: Vec<Value>,
}

/// What makes a question of a family.
pub(crate) type Family = fn(&mut Rng) -> Question;

/// Every family by its name.
pub(crate) const ALL: &[(&str, Family)] =
    &[("sprintf", sprintf), ("time", time), ("units", units), ("strings", strings), ("sets", sets)];

const ZONES: [&str; 8] = [
    "UTC",
    "",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Nowhere",
];

const LAYOUTS: [&str; 14] = [
    "2006-01-02T15:04:05Z07:00",
    "RFC3339",
    "RFC3339Nano",
    "RFC1123Z",
    "ANSIC",
    "RFC850",
    "Mon Jan _2 15:04:05 MST 2006",
    "2006-002 3:04PM",
    "02/01/06 15:04:05.000",
    "15:04:05.999999999 -0700",
    "January 2, 2006",
    "Monday 06 1 2",
    "2006-01-02 15:04:05.999 -07:00:00",
    "",
];

// === impl Question ===

impl Question {
    fn new(builtin: &'static str, arguments: Vec<Value>) -> Self {
        Self { builtin, arguments }
    }

    /// The arguments as the text of one array.
    pub(crate) fn arguments_text(&self) -> String {
        array(self.arguments.clone()).dump()
    }
}

fn sprintf(random: &mut Rng) -> Question {
    let format: String = (0..random.usize(1..4)).map(|_| directive(random)).collect();
    let arguments = (0..random.usize(..4)).map(|_| value(random, 2)).collect();
    Question::new("sprintf", vec![format.into(), array(arguments)])
}

fn directive(random: &mut Rng) -> String {
    const FLAGS: [&str; 8] = ["", "", "+", "-", "#", " ", "0", "+0"];
    const SIZES: [&str; 12] = ["", "", "", "5", "12", ".3", "8.2", "*", ".*", "[2]", "[1]*", ".0"];
    // Not p: of a big integer it prints an address of the process that runs OPA.
    const VERBS: [&str; 23] = [
        "v", "v", "d", "s", "q", "x", "X", "t", "T", "f", "F", "e", "E", "g", "G", "b", "o", "O", "c", "U",
        "%", "!", "é",
    ];
    let words = text(random).replace('%', "");
    format!("{words}%{}{}{}", pick(random, &FLAGS), pick(random, &SIZES), pick(random, &VERBS))
}

fn time(random: &mut Rng) -> Question {
    let zoned = |random: &mut Rng| {
        let mut parts = vec![instant(random)];
        parts.extend((random.u8(..4) > 0).then(|| pick(random, &ZONES).into()));
        parts.extend((parts.len() == 2 && random.bool()).then(|| pick(random, &LAYOUTS).into()));
        if parts.len() == 1 && random.bool() { parts.remove(0) } else { array(parts) }
    };
    match random.u8(..9) {
        0 => Question::new("time.date", vec![zoned(random)]),
        1 => Question::new("time.clock", vec![zoned(random)]),
        2 => Question::new("time.weekday", vec![zoned(random)]),
        3 => Question::new("time.format", vec![zoned(random)]),
        4 => Question::new("time.diff", vec![zoned(random), zoned(random)]),
        5 => {
            let mut part = || Value::from(i64::from(random.i16(-400..400)));
            let (years, months, days) = (part(), part(), part());
            Question::new("time.add_date", vec![instant(random), years, months, days])
        }
        6 => Question::new("time.parse_duration_ns", vec![duration(random).into()]),
        7 => Question::new("time.parse_rfc3339_ns", vec![timestamp(random).into()]),
        _ => Question::new("time.parse_ns", vec![pick(random, &LAYOUTS).into(), timestamp(random).into()]),
    }
}

fn instant(random: &mut Rng) -> Value {
    match random.u8(..4) {
        0 => random.i64(..).into(),
        1 => (random.i64(-4_000_000_000..8_000_000_000) * 1_000_000_000).into(),
        2 => (super::NOW_NS + random.i64(-1_000_000_000_000_000..1_000_000_000_000_000)).into(),
        _ => number(random),
    }
}

fn duration(random: &mut Rng) -> String {
    const UNITS: [&str; 9] = ["ns", "us", "µs", "ms", "s", "m", "h", "d", ""];
    let part = |random: &mut Rng| match random.u8(..3) {
        0 => format!("{}{}", random.u32(..), pick(random, &UNITS)),
        1 => format!("{}.{}{}", random.u8(..), random.u32(..), pick(random, &UNITS)),
        _ => format!(".{}{}", random.u16(..), pick(random, &UNITS)),
    };
    let sign = pick(random, &["", "-", "+"]).to_owned();
    sign + &(0..random.usize(1..4)).map(|_| part(random)).collect::<String>()
}

fn timestamp(random: &mut Rng) -> String {
    let mut part = |range: std::ops::Range<u16>| random.u16(range);
    let (year, month, day) = (part(1700..2300), part(0..14), part(0..33));
    let (hour, minute, second) = (part(0..25), part(0..61), part(0..61));
    let fraction = match part(0..3) {
        0 => String::new(),
        digits => format!(".{}", part(0..999) * digits),
    };
    let zone = pick(random, &["Z", "+02:00", "-07:30", "z", "", "+25:00", " MST", "+0100"]);
    match random.u8(..3) {
        0 => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"),
        1 => format!("{day:02}/{month:02}/{:02} {hour:02}:{minute:02}:{second:02}{fraction}", year % 100),
        _ => format!("Mon, {day:02} Jan {year:04} {hour:02}:{minute:02}:{second:02} {zone}"),
    }
}

fn units(random: &mut Rng) -> Question {
    const SUFFIXES: [&str; 22] = [
        "", "m", "K", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "KB", "MB", "KiB", "MiB", "ki", "b",
        "B", "mi", " K", "x",
    ];
    let number = match random.u8(..5) {
        0 => random.u32(..).to_string(),
        1 => format!("{}.{}", random.u16(..), random.u16(..)),
        2 => format!("-{}", random.u16(..)),
        3 => format!("{}e{}", random.u8(..), random.u8(..20)),
        _ => format!(".{}", random.u8(..)),
    };
    let quote = pick(random, &["", "", "", "\""]);
    let text = format!("{quote}{number}{}{quote}", pick(random, &SUFFIXES));
    Question::new(if random.bool() { "units.parse" } else { "units.parse_bytes" }, vec![text.into()])
}

fn strings(random: &mut Rng) -> Question {
    let words = |random: &mut Rng| array((0..random.usize(..4)).map(|_| text(random).into()).collect());
    match random.u8(..6) {
        0 => Question::new("strings.any_prefix_match", vec![text(random).into(), words(random)]),
        1 => Question::new("strings.any_suffix_match", vec![words(random), words(random)]),
        2 => Question::new("strings.count", vec![text(random).into(), text(random).into()]),
        3 => Question::new("indexof_n", vec![text(random).into(), text(random).into()]),
        4 => Question::new("urlquery.encode", vec![text(random).into()]),
        _ => Question::new("hex.encode", vec![text(random).into()]),
    }
}

fn sets(random: &mut Rng) -> Question {
    match random.u8(..4) {
        0 => Question::new("object.subset", vec![value(random, 3), value(random, 3)]),
        1 => Question::new("array.flatten", vec![value(random, 3)]),
        2 => Question::new("semver.compare", vec![version(random).into(), version(random).into()]),
        _ => Question::new("json.patch", vec![value(random, 3), array(vec![])]),
    }
}

fn version(random: &mut Rng) -> String {
    let tail = pick(random, &["", "-rc.1", "-alpha", "+build", "-1.02", ".1", "-"]);
    format!("{}.{}.{}{tail}", random.u8(..12), random.u8(..12), random.u8(..12))
}
