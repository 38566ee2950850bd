//! Builtins under the values that no honest policy hands to them: whatever they answer, they answer it soon,
//! within the limit, and never by a panic.

use std::time::{Duration, Instant};

use magtape::engine::opa::{
    builtins::{self, Builtin, BuiltinError, State},
    value::Value,
};

/// What one builtin may answer here.
const ANSWER_BYTES: usize = 64 * 1024;

/// The text of an answer may have six characters for one, as in `\u0001`, and a list has a comma for each
/// item.
const DUMP_BYTES: usize = 8 * ANSWER_BYTES;

/// Each call takes microseconds; this much only on a busy machine.
const BOUND: Duration = Duration::from_secs(2);

/// Values by their text.
#[rustfmt::skip]
const VALUES: &[&str] = &[
    "null", "true", "0", "-1", "1", "2.5", "-0.0", "9223372036854775807", "-9223372036854775808", "1e400",
    "-1e400", "1e-400", "1e9223372036854775807", "1e99999999999999999999", "123456789012345678901234567890",
    "[]", "{}", "set()", "[0]", r#"["",""]"#, "[[[1]]]", r#"[-9223372036854775808,"Asia/Tokyo"]"#,
    r#"[9223372036854775807,"","RFC1123"]"#, "{1}", r#"{"a","b"}"#, "{{1}}", "{1:2}", r#"{"":{"":[]}}"#,
    r#"{"a":{"b":[1,{"c":null}]}}"#, r#"[{"op":"add","path":"","value":1}]"#,
    r#"[{"op":"move","from":"/a","path":"/a/b"}]"#, r##"{"type":"object","$ref":"#"}"##,
    r#"{"$ref":"http://localhost/"}"#, r#"{"pattern":"(a*)*b"}"#,
];

/// Strings: formats, patterns, times, sizes, versions, addresses, tokens, documents, paths; most are broken.
#[rustfmt::skip]
const STRINGS: &[&str] = &[
    "", "a", "%", "%!", "%[", "%[99999999999]*.*d", "%1000000d", "%.1000000f", "\0", "é", "\u{10ffff}",
    "((((", "a{1000}{1000}", "(a*)*b", "[[:alpha:]", "\\pN{1000}", "2006-01-02T15:04:05Z",
    "9999999999-99-99", "1h", "-2562048h", "0.0000000000001ns", "1e1000Ki", "99999999999999999999999Ei",
    "1.2.3", "999999999999999999999.0.0-a+b", "10.0.0.0/8", "::/0", "0.0.0.0/0", "256.1.1.1", "e30.e30.e30",
    "eyJhbGciOiJub25lIn0.e30.", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", "&a [*a, *a]",
    "a: &a [1]\nb: *a", "{", "[1,", "====", "%zz", "a=b&c", "*", "**/a", "{a,b", "[!", "\\", "xn--",
    "file:///",
];

fn odd_values() -> Vec<Value> {
    let parsed = VALUES.iter().map(|text| Value::parse(text).unwrap());
    let strings = STRINGS.iter().map(|&text| Value::from(text));
    let long_strings =
        [("a", 100_000), ("(", 10_000), ("[", 100_000), ("9", 100_000), ("a-1.", 20_000), (" ", 100_000)];
    let long_strings = long_strings.map(|(part, count)| Value::from(part.repeat(count)));
    let large = [
        format!("[{}0]", "0,".repeat(20_000)),
        format!("[{}\"\"]", "\"aaaaaaaaaa\",".repeat(5_000)),
        format!("[{},1]", "9".repeat(100_000)),
        format!("{}{}", "[".repeat(200), "]".repeat(200)),
        format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200)),
    ];
    let large = large.map(|text| Value::parse(&text).unwrap());
    parsed.chain(strings).chain(long_strings).chain(large).collect()
}

fn state() -> State {
    State {
        now_ns: i64::MAX,
        until: std::time::Instant::now() + std::time::Duration::from_secs(1),
        cached: Default::default(),
        max_output_bytes: ANSWER_BYTES,
    }
}

/// All combinations for up to two operands; for more, every value in every place, beside others in turn.
fn operands(values: &[Value], arity: usize) -> Vec<Vec<&Value>> {
    let count = values.len();
    let rounds = count.pow(u32::try_from(arity.min(2)).unwrap());
    let pick = |round: usize, place: usize| match place {
        0 => &values[round % count],
        1 => &values[round / count],
        _ => &values[(round * (place + 2) + round / count) % count],
    };
    (0..rounds).map(|round| (0..arity).map(|place| pick(round, place)).collect()).collect()
}

fn call(builtin: &Builtin, operands: &[Value]) -> Result<Duration, String> {
    let started = Instant::now();
    let answer = (builtin.call)(&mut state(), operands);
    let after = started.elapsed();
    if after > BOUND {
        return Err(format!("took {after:?}"));
    }
    match answer {
        Ok(value) if value.dump().len() > DUMP_BYTES => Err(format!("answered {} bytes", value.dump().len())),
        Ok(value) if Value::parse(&value.dump()).as_ref() != Ok(&value) => {
            Err("answered what cannot be read".to_owned())
        }
        Ok(_) | Err(BuiltinError::Undefined(_) | BuiltinError::Limit(_)) => Ok(after),
    }
}

#[test]
fn every_builtin_takes_every_odd_value() {
    let values = odd_values();
    let mut wrong = Vec::new();
    let mut longest = (Duration::ZERO, String::new());
    let mut calls = 0;
    for builtin in builtins::all() {
        for operands in operands(&values, builtin.arity) {
            let shown = || {
                format!(
                    "{}({})",
                    builtin.name,
                    operands.iter().map(|value| shortened(value)).collect::<Vec<_>>().join(" ; ")
                )
            };
            let owned: Vec<Value> = operands.iter().map(|&value| value.clone()).collect();
            calls += 1;
            match std::panic::catch_unwind(|| call(builtin, &owned)) {
                Ok(Ok(after)) if after > longest.0 => longest = (after, shown()),
                Ok(Ok(_)) => {}
                Ok(Err(how)) => wrong.push(format!("{} {how}", shown())),
                Err(_) => wrong.push(format!("{} panicked", shown())),
            }
        }
    }
    println!("{calls} calls of builtins; the longest took {} ms: {}", longest.0.as_millis(), longest.1);
    assert!(wrong.is_empty(), "{} calls:\n{}", wrong.len(), wrong[..wrong.len().min(100)].join("\n"));
}

fn shortened(value: &Value) -> String {
    value.dump().chars().take(60).collect()
}
