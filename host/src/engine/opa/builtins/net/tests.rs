use super::*;
use crate::engine::opa::builtins::cases::{check, state};
