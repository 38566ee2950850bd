//! Asks the Rego compiler, wherever it is, or remembers what it answered.

use std::{
    fs,
    path::Path,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    answers::{self, Answers},
    locate::{self, Place},
    native,
    protocol::{Op, Request},
};
use crate::{
    engine::{
        ArtefactCache,
        opa::capabilities,
        rego::{Clock, RegoCompiler, RegoLimits},
    },
    parallel,
};

/// The form of questions and answers; kept answers of another are not looked at.
const FORM: &str = concat!("3 ", env!("CARGO_PKG_VERSION"));

/// A policy usually needs 50 milliseconds.
const COMPILE: Duration = Duration::from_secs(10);

/// All unit tests of a set; each of them has five seconds.
const TESTS: Duration = Duration::from_secs(300);

/// What takes a while, for whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The compiler itself is made ready, once on a machine, for so long by now.
    Preparing(Duration),
    /// So many policies of all that there are have been compiled.
    Compiling {
        /// Those that have been.
        done: usize,
        /// All.
        all: usize,
    },
}

/// Why the compiler gave no answer. What it finds wrong with a policy is an answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CompilerError {
    /// There is none.
    #[error("is Rego source: {0}")]
    Missing(String),
    /// It could not be started.
    #[error("the Rego compiler {place} does not start: {reason}")]
    Start {
        /// Its file.
        place: String,
        /// Why.
        reason: String,
    },
    /// It failed.
    #[error("no answer: {0}")]
    Fault(String),
}

type Progress = Box<dyn Fn(Step) + Send + Sync>;

/// OPA's compiler. It is looked for when it is first needed, and started when an answer is not known yet.
pub struct Compiler {
    cache: Option<ArtefactCache>,
    answers: Option<Answers>,
    place: OnceLock<Result<(Place, String), CompilerError>>,
    guest: Mutex<Option<Result<std::sync::Arc<RegoCompiler>, CompilerError>>>,
    capabilities: Option<Value>,
    progress: Progress,
}

// === impl Compiler ===

impl Compiler {
    /// A compiler that keeps what it learns in `cache`, and tells `progress` of what takes a while.
    pub fn new(cache: Option<ArtefactCache>, progress: impl Fn(Step) + Send + Sync + 'static) -> Self {
        let answers = cache.clone().map(Answers::new);
        Self {
            cache,
            answers,
            place: OnceLock::new(),
            guest: Mutex::new(None),
            capabilities: capabilities().ok(),
            progress: Box::new(progress),
        }
    }

    /// Does the same for all of them, several at a time, keeps their order, and tells how far it is.
    pub(super) fn each<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
        parallel::each(items, work, &|done| self.progress(Step::Compiling { done, all: items.len() }))
    }

    fn progress(&self, step: Step) {
        (self.progress)(step);
    }

    /// What modules may use.
    pub fn capabilities(&self) -> Option<&Value> {
        self.capabilities.as_ref()
    }

    /// Asks, unless the answer is known.
    ///
    /// # Errors
    /// When there is no compiler, or it does not answer.
    pub fn ask<T: DeserializeOwned>(&self, request: &Request<'_>) -> Result<T, CompilerError> {
        let (place, identity) = self.place.get_or_init(|| self.find()).as_ref().map_err(Clone::clone)?;
        let fault = |error: serde_json::Error| CompilerError::Fault(error.to_string());
        let bytes = serde_json::to_vec(request).map_err(fault)?;
        // The time of day is part of a unit test's answer.
        let answers = self.answers.as_ref().filter(|_| request.op != Op::Test);
        let key = answers::key(identity, &bytes);
        let known = answers.and_then(|answers| answers.get(&key));
        if let Some(answer) = known.and_then(|answer| serde_json::from_slice(&answer).ok()) {
            return Ok(answer);
        }
        let answer = match place {
            Place::Guest(path) => self.ask_guest(path, request.op, bytes)?,
            Place::Opa(path) => native::ask(path, request).map_err(CompilerError::Fault)?,
        };
        let parsed = serde_json::from_slice(&answer).map_err(fault)?;
        if let Some(answers) = answers {
            answers.put(&key, &answer);
        }
        Ok(parsed)
    }

    fn find(&self) -> Result<(Place, String), CompilerError> {
        let place = locate::find(self.cache.as_ref()).map_err(CompilerError::Missing)?;
        let identity = format!("{FORM} {}", place.identity());
        Ok((place, identity))
    }

    fn ask_guest(&self, path: &Path, op: Op, request: Vec<u8>) -> Result<Vec<u8>, CompilerError> {
        let (clock, within) = if op == Op::Test { (Clock::Real, TESTS) } else { (Clock::Fixed, COMPILE) };
        let guest = self.guest(path)?;
        guest.ask(&request, clock, within).map_err(|fault| CompilerError::Fault(fault.to_string()))
    }

    /// The compiler, ready. One that did not start is not started again for each policy.
    fn guest(&self, path: &Path) -> Result<std::sync::Arc<RegoCompiler>, CompilerError> {
        let mut guest = self.guest.lock().unwrap_or_else(PoisonError::into_inner);
        guest.get_or_insert_with(|| self.start(path).map(std::sync::Arc::new)).clone()
    }

    fn start(&self, path: &Path) -> Result<RegoCompiler, CompilerError> {
        let failed = |reason: String| CompilerError::Start { place: path.display().to_string(), reason };
        let wasm = fs::read(path).map_err(|cause| failed(cause.to_string()))?;
        let mut progress = |elapsed| self.progress(Step::Preparing(elapsed));
        let loaded = RegoCompiler::load(&wasm, self.cache.as_ref(), RegoLimits::default(), &mut progress);
        // What follows the first line is wasmtime's list of the bytes in question.
        loaded.map_err(|error| failed(error.to_string().lines().next().unwrap_or_default().to_owned()))
    }
}
