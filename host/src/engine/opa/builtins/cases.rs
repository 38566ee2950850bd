//! For the tests of the families: calls of builtins with value text in and out.

use super::{BuiltinError, State, find};
use crate::engine::opa::value::Value;

/// The arguments of a call, and the answer; `None` where the call is undefined.
pub(super) type Case<'t> = (&'t [&'t str], Option<&'t str>);

/// A state with no randomness cached and the limit of a megabyte.
pub(super) fn state() -> State {
    State {
        now_ns: 1_700_000_000_000_000_000,
        until: std::time::Instant::now() + std::time::Duration::from_secs(1),
        cached: Default::default(),
        max_output_bytes: 1 << 20,
    }
}

/// Calls the builtin with each case's arguments and compares the text of the answers.
pub(super) fn check(name: &str, cases: &[Case<'_>]) {
    let builtin = find(name).expect(name);
    for (args, want) in cases {
        let args: Vec<Value> = args.iter().map(|text| Value::parse(text).expect(text)).collect();
        let answer = (builtin.call)(&mut state(), &args).map(|value| value.dump());
        assert_eq!(answer.as_deref().ok(), *want, "{name}({args:?}): {answer:?}");
    }
}

/// The time at which the recorded answers were given, when the keys in them were valid.
const RECORDED_NS: i64 = 1_795_000_000_000_000_000;

/// One call at the time of the records.
pub(super) fn call(name: &str, args: &[Value], max_output_bytes: usize) -> Result<Value, BuiltinError> {
    let mut state = State { now_ns: RECORDED_NS, max_output_bytes, ..state() };
    (find(name).expect(name).call)(&mut state, args)
}

/// Holds every line of name, arguments and answer, as OPA gave it, against the builtin.
pub(super) fn check_recorded(answers: &str) {
    for line in answers.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, args, expected] = fields[..] else { panic!("{line}") };
        let Ok(Value::Array(args)) = Value::parse(args) else { panic!("{line}") };
        let answer = match call(name, &args, 1 << 20) {
            Ok(value) => value.to_string(),
            Err(BuiltinError::Undefined(_)) => "undefined".to_owned(),
            Err(limit) => limit.to_string(),
        };
        assert_eq!(answer, expected, "{line}");
    }
}
