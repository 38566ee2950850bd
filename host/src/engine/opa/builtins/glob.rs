//! `glob.quote_meta`: a text as a glob that matches just that text.
//!
//! Defined by OPA's policy reference ("Glob"): `* ? \ [ ] { }` get a backslash, as `QuoteMeta` of
//! github.com/gobwas/glob does it. Matching itself (`glob.match`) is compiled into the modules.

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[Builtin { name: "glob.quote_meta", arity: 1, call: quote_meta }];

fn quote_meta(state: &mut State, args: &[Value]) -> Result<Value, BuiltinError> {
    let [Value::String(text)] = args else {
        return Err(BuiltinError::undefined("glob.quote_meta takes a string"));
    };
    // Quoting doubles the text at most.
    if text.len() > state.max_output_bytes / 2 {
        return Err(BuiltinError::Limit("the quoted glob is too large".to_owned()));
    }
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '\\' | '[' | ']' | '{' | '}') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    Ok(quoted.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::opa::builtins::cases::state;

    #[test]
    fn only_what_is_special_outside_of_brackets_is_quoted() {
        for (text, want) in
            [("", ""), ("*.github.com", r"\*.github.com"), (r"a?[!b-c]{d,e}\f", r"a\?\[!b-c\]\{d,e\}\\f")]
        {
            assert_eq!(quote_meta(&mut state(), &[text.into()]), Ok(want.into()), "{text}");
        }
        assert!(quote_meta(&mut state(), &[Value::Null]).is_err());
    }
}
