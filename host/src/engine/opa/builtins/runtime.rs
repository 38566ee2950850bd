//! `opa.runtime`: what OPA tells a policy of its own process
//! (<https://www.openpolicyagent.org/docs/policy-reference#opa>). Here that is nothing: neither the environment
//! nor the configuration of the host is any of a policy's business.

use super::{Builtin, BuiltinError, State};
use crate::engine::opa::value::Value;

pub(super) const BUILTINS: &[Builtin] = &[Builtin { name: "opa.runtime", arity: 0, call: runtime }];

fn runtime(_: &mut State, _: &[Value]) -> Result<Value, BuiltinError> {
    Ok(Value::Object(Default::default()))
}
