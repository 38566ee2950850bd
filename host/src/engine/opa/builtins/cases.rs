//! For the tests of the families: calls of builtins with value text in and out.

use super::{State, find};
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
