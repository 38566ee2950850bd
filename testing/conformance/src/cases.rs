//! Runs every case and counts how each ended.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::anyhow;
use magtape::{
    engine::{
        Engine, Fault, Limits,
        opa::{Image, LoadError, Module, value::Value},
    },
    json::Document,
};

use crate::{
    listed,
    record::{self, Record},
    table::{self, Progress, Row},
};

/// Some of OPA's cases compute for long, and the machine may be busy.
const DEADLINE: Duration = Duration::from_secs(20);

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Passed,
    Failed(String),
    Listed,
    Refused,
    NotCompilable,
}

/// Runs the cases of `folder` whose topic has `topic` in its name, and prints what came of them.
pub(crate) fn run(folder: &Path, topic: &str, verbose: bool) -> anyhow::Result<bool> {
    let records: Vec<Record> =
        record::read(folder)?.into_iter().filter(|record| record.topic.contains(topic)).collect();
    let limits = Arc::new(Limits { deadline: DEADLINE, ..Limits::default() });
    let engine = Engine::new(limits.memory_bytes)?;
    let progress = Progress::new(records.len());
    let rows = Mutex::new(Vec::new());
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(record) = records.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let end = end(&engine, &limits, folder, record);
                    let row = Row { id: record.id.clone(), topic: record.topic.clone(), end };
                    rows.lock().unwrap_or_else(PoisonError::into_inner).push(row);
                    progress.step();
                }
            });
        }
    });
    progress.finish();
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    let stale = apply_list(&mut rows);
    Ok(table::print(&mut rows, &stale, verbose)?)
}

/// Takes the listed cases out of the failed ones; answers those that are on the list and pass.
fn apply_list(rows: &mut [Row]) -> Vec<String> {
    let listed = listed::read();
    let mut stale = Vec::new();
    for row in rows.iter_mut().filter(|row| listed.contains_key(row.id.as_str())) {
        if row.end == End::Passed {
            stale.push(row.id.clone());
        } else {
            row.end = End::Listed;
        }
    }
    stale
}

fn end(engine: &Engine, limits: &Arc<Limits>, folder: &Path, record: &Record) -> End {
    if record.not_compilable.is_some() {
        return End::NotCompilable;
    }
    match answer(engine, limits, folder, record) {
        Ok(answer) => compare(record, answer),
        Err(error) => match error.downcast_ref::<LoadError>() {
            Some(LoadError::Builtin { reason, .. }) if !reason.is_empty() => End::Refused,
            _ => End::Failed(format!("{error:#}")),
        },
    }
}

fn answer(
    engine: &Engine,
    limits: &Arc<Limits>,
    folder: &Path,
    record: &Record,
) -> anyhow::Result<Result<Value, Fault>> {
    let module = record.module.as_ref().ok_or_else(|| anyhow!("a record without module"))?;
    let wasm = std::fs::read(folder.join(module))?;
    let data = record.data.as_ref().map_or("{}", |data| data.get());
    let module = Module::load(engine, limits, &wasm, data.as_bytes())?;
    let (_, &entrypoint) = module.entrypoints().first_key_value().ok_or_else(|| anyhow!("no entrypoint"))?;
    let now = Duration::from_nanos(u64::try_from(record.now_ns)?);
    let mut run = module.start(now, DEADLINE)?;
    if let Some(input) = &record.input {
        let text = input.get().as_bytes();
        // As the webhook does it: the host's own image where it can be had.
        let image = run.image_base().zip(Document::parse(text).ok());
        let taken = image.is_some_and(|(base, document)| run.set_image(&Image::of(&document, base), None));
        if !taken {
            run.set_input(text)?;
        }
    }
    if let Some(input) = &record.input_term {
        run.set_input_value(&Value::parse(input)?)?;
    }
    Ok(run.bindings(entrypoint))
}

fn compare(record: &Record, answer: Result<Value, Fault>) -> End {
    match (&record.want, &record.error, answer) {
        (_, Some(_), Err(Fault::Abort(_))) => End::Passed,
        (_, Some(error), other) => End::Failed(format!("wanted an abort ({}), got {other:?}", error.code)),
        (Some(want), None, Ok(got)) => match Value::parse(want) {
            Ok(want) if sorted(record, want.clone()) == sorted(record, got.clone()) => End::Passed,
            Ok(want) => End::Failed(format!("wanted {want}\n    got    {got}")),
            Err(error) => End::Failed(format!("the record's answer cannot be read: {error}")),
        },
        (_, _, Err(fault)) => End::Failed(format!("wanted {:?}, got a fault: {fault}", record.want)),
        (None, None, Ok(_)) => End::Failed("the record has no answer".to_owned()),
    }
}

/// Where the case says so, the order inside a binding that is an array means nothing.
fn sorted(record: &Record, bindings: Value) -> Value {
    let sort = |value| match value {
        Value::Array(mut items) if record.sort_bindings => {
            items.sort();
            Value::Array(items)
        }
        other => other,
    };
    match bindings {
        Value::Set(items) => Value::Set(
            items
                .into_iter()
                .map(|binding| match binding {
                    Value::Object(map) => {
                        Value::Object(map.into_iter().map(|(name, value)| (name, sort(value))).collect())
                    }
                    other => other,
                })
                .collect(),
        ),
        other => other,
    }
}
