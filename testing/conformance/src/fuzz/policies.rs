//! Random documents through a handful of policies, compiled once by OPA.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, anyhow};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fastrand::Rng;
use magtape::engine::{
    Engine, Limits,
    opa::{Entrypoint, Module},
};
use serde_json::json;

use super::{
    NOW_NS,
    oracle::{Answer, Oracle},
    random,
};

/// Policies that between them do what policies do: walk, collect, compare, count, print, and call the host. They
/// collect in sets, because a module visits an object in the order of its own hash table.
const SOURCES: &[&str] = &[
    "package p\n\nx := {sprintf(\"%v is %v\", [path, value]) | [path, value] := walk(input)}",
    "package p\n\nx contains msg if {\n\tsome c in input.spec.containers\n\tnot startswith(c.image, \"a\")\n\tmsg := \
     sprintf(\"%v: %s %d\", [c.name, c.image, count(c)])\n}",
    "package p\n\nx := {\"keys\": object.keys(input), \"type\": type_name(input), \"n\": count(input)}",
    "package p\n\nx := json.unmarshal(json.marshal(input))",
    "package p\n\nx := {k | some k, v in input; v == input[_]; not is_object(v)}",
    "package p\n\nx := array.flatten(sort([v | some v in input]))",
    "package p\n\ndefault x := \"none\"\n\nx := lower(concat(\",\", sort([s | some s in input; is_string(s)]))) if \
     object.subset(input, {\"name\": input.name})",
];

/// The policies on both sides.
pub(crate) struct Policies {
    compiled: Vec<(&'static str, Module, Entrypoint)>,
}

// === impl Policies ===

impl Policies {
    pub(crate) fn compile(oracle: &mut Oracle) -> anyhow::Result<Self> {
        let limits = Arc::new(Limits::default());
        let engine = Engine::new(limits.memory_bytes)?;
        let compile = |source: &&'static str| {
            let request = json!({"op": "compile", "modules": modules(source), "entrypoints": ["p/x"]});
            let answer = oracle.ask_raw(vec![request])?.pop().unwrap_or_default();
            let wasm = answer.get("wasm").and_then(serde_json::Value::as_str);
            let wasm = wasm.ok_or_else(|| anyhow!("the oracle did not compile {source}: {answer}"))?;
            let module = Module::load(&engine, &limits, &STANDARD.decode(wasm)?, b"{}")?;
            let entrypoint = module.entrypoints().get("p/x").copied().context("no entrypoint p/x")?;
            Ok((*source, module, entrypoint))
        };
        Ok(Self { compiled: SOURCES.iter().map(compile).collect::<anyhow::Result<_>>()? })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.compiled.len()
    }

    /// Asks both sides about random documents; answers the differences.
    pub(crate) fn ask(
        &self,
        oracle: &mut Oracle,
        random: &mut Rng,
        count: usize,
    ) -> anyhow::Result<Vec<String>> {
        let mut differences = Vec::new();
        for (source, module, entrypoint) in &self.compiled {
            let inputs: Vec<_> = (0..count).map(|_| random::json(random, 4)).collect();
            let requests = inputs.iter().map(|input| {
                json!({"op": "eval", "modules": modules(source), "query": "data.p.x", "input": input, "now_ns": NOW_NS})
            });
            for (input, theirs) in inputs.iter().zip(oracle.ask(requests.collect())?) {
                let ours = evaluate(module, *entrypoint, input);
                if ours != theirs {
                    differences.push(format!(
                        "{source}\n    input  {input}\n    OPA    {theirs}\n    engine {ours}"
                    ));
                }
            }
        }
        Ok(differences)
    }
}

fn modules(source: &str) -> serde_json::Value {
    json!([{"name": "p.rego", "source": source}])
}

fn evaluate(module: &Module, entrypoint: Entrypoint, input: &serde_json::Value) -> Answer {
    let answer = module.start(Duration::ZERO, Duration::from_secs(5)).and_then(|mut run| {
        run.set_input(input.to_string().as_bytes())?;
        run.evaluate(entrypoint)
    });
    match answer {
        Ok(Some(value)) => Answer::Value(value),
        Ok(None) => Answer::Undefined,
        Err(fault) => Answer::Error(fault.to_string()),
    }
}
