//! What modules may use.

use serde_json::{Map, Value, json};

use crate::compile::protocol::Op;

/// What the question decides; all else is the program's own.
const ASKED: [&str; 3] = ["allow_net", "builtins", "wasm_abi_versions"];

/// The program's own capabilities, within those of the question.
pub(super) fn limited(own: Map<String, Value>, asked: &Value, op: Op) -> Value {
    let mut limits = own;
    for key in ASKED {
        if let Some(value) = asked.get(key) {
            limits.insert(key.to_owned(), value.clone());
        }
    }
    if let (Op::Test, Some(Value::Array(list))) = (op, limits.get_mut("builtins")) {
        permit_tests(list);
    }
    limits.into()
}

/// Adds what only tests can use: a policy's own `print` is left out of its module.
fn permit_tests(list: &mut Vec<Value>) {
    for builtin in test_builtins() {
        if list.iter().all(|known| known.get("name") != builtin.get("name")) {
            list.push(builtin);
        }
    }
}

fn test_builtins() -> [Value; 3] {
    let any = json!({"type": "any"});
    let (set, array) = (json!({"of": any, "type": "set"}), json!({"dynamic": any, "type": "array"}));
    let printed = json!({"dynamic": set, "type": "array"});
    [
        json!({"name": "print", "decl": {"variadic": any, "type": "function"}}),
        json!({"name": "internal.print", "decl": {"args": [printed], "type": "function"}}),
        json!({"name": "internal.test_case", "decl": {"args": [array], "type": "function"}}),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_the_programs_and_builtins_are_asked_for() {
        let own = json!({"builtins": [{"name": "a"}, {"name": "b"}], "future_keywords": ["in"]});
        let own = own.as_object().unwrap();
        let asked = json!({"builtins": [{"name": "b"}], "future_keywords": ["or"], "allow_net": []});
        let limits = limited(own.clone(), &asked, Op::Compile);
        assert_eq!(limits, json!({"builtins": [{"name": "b"}], "future_keywords": ["in"], "allow_net": []}));
        let limits = limited(own.clone(), &asked, Op::Test);
        let names: Vec<_> =
            limits["builtins"].as_array().unwrap().iter().map(|builtin| &builtin["name"]).collect();
        assert_eq!(names, ["b", "print", "internal.print", "internal.test_case"]);
    }
}
