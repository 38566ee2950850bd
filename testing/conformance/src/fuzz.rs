//! Asks the engine and OPA the same random questions, in batches, until the time is up.

mod families;
mod oracle;
mod policies;
mod random;

use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use magtape::engine::opa::{
    builtins::{self, BuiltinError, State},
    value::Value,
};
use serde_json::json;

use families::Question;
use oracle::{Answer, Oracle};
use policies::Policies;

/// Questions in one batch: enough to keep the pipe full, few enough to fit into it.
const BATCH: usize = 200;

/// Differences that are printed; more of them say nothing new.
const SHOWN: usize = 20;

/// The clock that both sides use: 28 February 2024, a leap year.
pub(crate) const NOW_NS: i64 = 1_709_210_096_789_012_345;

/// Asks for `time`; prints how many questions were asked, and every difference.
pub(crate) fn run(oracle: &Path, time: Duration, seed: u64, family: &str) -> anyhow::Result<bool> {
    let mut oracle = Oracle::start(oracle)?;
    let mut random = fastrand::Rng::with_seed(seed);
    let families: Vec<_> = families::ALL.iter().filter(|(name, _)| name.contains(family)).collect();
    let policies = "policies".contains(family).then(|| Policies::compile(&mut oracle)).transpose()?;
    let (mut asked, mut differences) = (BTreeMap::new(), Vec::new());
    let started = Instant::now();
    while started.elapsed() < time && differences.len() < SHOWN {
        for (name, question) in &families {
            let questions: Vec<Question> = (0..BATCH).map(|_| question(&mut random)).collect();
            differences.extend(ask_builtins(&mut oracle, &questions)?);
            *asked.entry(*name).or_insert(0) += questions.len();
        }
        if let Some(policies) = &policies {
            differences.extend(policies.ask(&mut oracle, &mut random, BATCH / 4)?);
            *asked.entry("policies").or_insert(0) += BATCH / 4 * policies.count();
        }
    }
    report(&asked, &differences, seed)?;
    Ok(differences.is_empty())
}

fn ask_builtins(oracle: &mut Oracle, questions: &[Question]) -> anyhow::Result<Vec<String>> {
    let requests = questions.iter().map(|question| {
        json!({"op": "builtin", "name": question.builtin, "args": question.arguments_text(), "now_ns": NOW_NS})
    });
    let answers = oracle.ask(requests.collect())?;
    let differences = questions.iter().zip(answers).filter_map(|(question, theirs)| {
        let ours = call(question);
        (ours != theirs).then(|| {
            format!(
                "{}({})\n    OPA    {theirs}\n    engine {ours}",
                question.builtin,
                question.arguments_text()
            )
        })
    });
    Ok(differences.collect())
}

/// The engine's own answer.
fn call(question: &Question) -> Answer {
    let mut state = State {
        now_ns: NOW_NS,
        until: std::time::Instant::now() + std::time::Duration::from_secs(60),
        cached: BTreeMap::new(),
        max_output_bytes: 1024 * 1024,
    };
    let Some(builtin) = builtins::find(question.builtin) else {
        return Answer::Error("the engine has no such builtin".to_owned());
    };
    match (builtin.call)(&mut state, &question.arguments) {
        Ok(value) => Answer::Value(value),
        Err(BuiltinError::Undefined(_)) => Answer::Undefined,
        Err(BuiltinError::Limit(reason)) => Answer::Error(reason),
    }
}

fn report(asked: &BTreeMap<&str, usize>, differences: &[String], seed: u64) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    for difference in differences {
        writeln!(out, "DIFFERS {difference}")?;
    }
    for (name, count) in asked {
        writeln!(out, "{name:12} {count:9} questions")?;
    }
    let all: usize = asked.values().sum();
    writeln!(out, "fuzz: {} passed, {} failed (seed {seed})", all - differences.len(), differences.len())
}

/// A list of values as an array.
pub(crate) fn array(values: Vec<Value>) -> Value {
    Value::Array(values)
}
