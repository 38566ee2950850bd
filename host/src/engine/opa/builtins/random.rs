//! Random answers that stay the same for one evaluation, as OPA's evaluation cache keeps them.
//!
//! The cache holds a digest of the question, and no more than so many of them, so that a policy which asks
//! forever new questions cannot fill the host's memory.

use sha2::{Digest as _, Sha256};

use super::{BuiltinError, State};
use crate::engine::opa::value::Value;

/// A policy asks for one or two; OPA itself has no limit.
const MAX_ANSWERS: usize = 10_000;

/// The answer that `name` gave to `question` before, or else the one that `make` makes of random bytes.
pub(super) fn once(
    state: &mut State,
    name: &'static str,
    question: &str,
    make: impl FnOnce([u8; 16]) -> Value,
) -> Result<Value, BuiltinError> {
    let key = (name, vec![format!("{:x?}", Sha256::digest(question)).into()]);
    if let Some(answer) = state.cached.get(&key) {
        return Ok(answer.clone());
    }
    if state.cached.len() >= MAX_ANSWERS {
        return Err(BuiltinError::Limit("too many random answers in one evaluation".to_owned()));
    }
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| BuiltinError::undefined(format!("no randomness: {error}")))?;
    let answer = make(bytes);
    state.cached.insert(key, answer.clone());
    Ok(answer)
}
