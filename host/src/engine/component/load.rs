//! From bytes to a component that is ready to be instantiated.

use std::{borrow::Cow, panic, sync::Arc, time::Duration};

use wasmtime::component::{HasSelf, Linker};
use wit_component::ComponentEncoder;

use super::{
    super::{
        ArtefactCache, EngineError, Fault, Limits, artefacts, clock, high_water::HighWater, shelf::Shelf,
    },
    bindings::{Metadata, Policy, PolicyPre, Violation},
    config,
    host::{Documents, Host, shortened},
    resettable::resettable,
    run::{self, Sandbox},
    shape, version, wasi,
};

/// How a component begins, and how the module of a guest begins that is to become one.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// What wit-bindgen leaves in a module that is to become a component.
const WORLD: &str = "component-type";

/// Time to read a policy's own description, once.
const METADATA_DEADLINE: Duration = Duration::from_secs(1);

/// wasmtime's engine for components, with all that they may import.
pub(in super::super) struct Engine {
    wasmtime: wasmtime::Engine,
    linker: Linker<Host>,
}

/// A policy's component: compiled, linked, and ready to be instantiated.
pub struct Component {
    pre: PolicyPre<Host>,
    /// For sandboxes that are put back after an evaluation, when that can be done.
    shelf: Option<Shelf<Sandbox>>,
    limits: Arc<Limits>,
    name: Arc<str>,
    /// The most bytes of memory that an evaluation had.
    high_water: HighWater,
}

/// Why a component cannot serve as a policy.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// More bytes than a module may have.
    #[error("the component has {size} bytes, more than the {limit} that are allowed")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Not WebAssembly that the engine accepts.
    #[error("not a valid component: {0}")]
    Invalid(String),
    /// A module that does not become a component.
    #[error("does not become a component: {0}")]
    Encode(String),
    /// It was built for another version of the world.
    #[error("{0}")]
    Version(String),
    /// It imports what no policy gets, or does not export what a policy has.
    #[error("is no policy: {0}; its world is magtape:policy/policy of the SDK's wit/policy.wit")]
    World(String),
    /// The engine does not start on this machine.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Whether these are the bytes of a component, or of a module that is to become one; others are OPA's.
pub fn is_component(wasm: &[u8]) -> bool {
    wasm.starts_with(COMPONENT) || (is_module(wasm) && has_world(wasm))
}

fn is_module(wasm: &[u8]) -> bool {
    wasm.starts_with(MODULE)
}

fn has_world(wasm: &[u8]) -> bool {
    let payloads = wasmparser::Parser::new(0).parse_all(wasm).map_while(Result::ok);
    let mut custom = payloads.filter_map(|payload| match payload {
        wasmparser::Payload::CustomSection(section) => Some(section.name().starts_with(WORLD)),
        _ => None,
    });
    custom.any(|is_world| is_world)
}

// === impl Engine ===

impl Engine {
    pub(in super::super) fn new(memory_bytes: usize) -> Result<Self, EngineError> {
        let config = config::config(memory_bytes).map_err(EngineError::new)?;
        let wasmtime = wasmtime::Engine::new(&config).map_err(EngineError::new)?;
        clock::spawn(&wasmtime).map_err(EngineError::new)?;
        let linker = linker(&wasmtime).map_err(EngineError::new)?;
        Ok(Self { wasmtime, linker })
    }

    fn compile(
        &self,
        wasm: &[u8],
        cache: Option<&ArtefactCache>,
    ) -> wasmtime::Result<wasmtime::component::Component> {
        let compile = || wasmtime::component::Component::from_binary(&self.wasmtime, wasm);
        match cache {
            Some(cache) => cache.find_or(&self.wasmtime, &artefacts::digest(wasm), compile),
            None => compile(),
        }
    }
}

fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Host>> {
    let mut linker = Linker::new(engine);
    Policy::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host)?;
    Ok(linker)
}

// === impl Component ===

impl Component {
    /// Loads a component, or a module that is to become one. `name` is for the log.
    ///
    /// # Errors
    /// When it is no policy, speaks another version of the world, or imports what no policy gets.
    pub fn load(
        engine: &super::super::Engine,
        limits: &Arc<Limits>,
        wasm: &[u8],
        name: &str,
    ) -> Result<Self, ComponentError> {
        if wasm.len() > limits.module_bytes {
            return Err(ComponentError::TooLarge { size: wasm.len(), limit: limits.module_bytes });
        }
        let resettable = is_module(wasm).then(|| resettable(wasm, limits.memory_bytes)).flatten();
        let shelf = resettable.as_ref().map(|_| Shelf::new(&engine.room));
        let wasm =
            resettable.transpose().map_err(ComponentError::Encode)?.map_or(Cow::Borrowed(wasm), Cow::Owned);
        let wasm = &*encoded(wasm)?;
        shape::check(wasm).map_err(ComponentError::Invalid)?;
        let imports = version::imports(wasm).map_err(ComponentError::Invalid)?;
        let version = version::check(imports.iter().map(String::as_str));
        version.map_err(|reason| ComponentError::Version(shortened(reason)))?;
        wasi::check(&imports).map_err(|reason| ComponentError::World(shortened(reason)))?;
        let (components, cache) = engine.components()?;
        let invalid = |error: wasmtime::Error| ComponentError::Invalid(shortened(format!("{error:#}")));
        let component = components.compile(wasm, cache).map_err(invalid)?;
        let world = |error: wasmtime::Error| ComponentError::World(shortened(format!("{error:#}")));
        let mut linker = components.linker.clone();
        wasi::add_to(&mut linker, &component, &components.wasmtime).map_err(world)?;
        let pre = linker.instantiate_pre(&component).and_then(PolicyPre::new).map_err(world)?;
        let (limits, high_water) = (Arc::clone(limits), HighWater::default());
        Ok(Self { pre, shelf, limits, name: name.into(), high_water })
    }

    /// What the policy says of itself.
    ///
    /// # Errors
    /// Whatever it did wrong.
    pub fn metadata(&self) -> Result<Metadata, Fault> {
        run::metadata(&self.pre, Host::new(&self.limits, &self.name, Duration::ZERO, METADATA_DEADLINE))
    }

    /// Judges a review in an instance that is as new; `None` when the policy does not apply to it. `now` counts from 1970;
    /// `within` is the time that is left, if that is less than the policy's deadline.
    ///
    /// # Errors
    /// Whatever the policy did wrong, or ran out of; and why it cannot judge the review.
    pub fn evaluate(
        &self,
        documents: Documents,
        now: Duration,
        within: Duration,
    ) -> Result<Option<Vec<Violation>>, Fault> {
        self.limits.admit(documents.review.text().len(), documents.review.depth())?;
        let mut host = Host::new(&self.limits, &self.name, now, within.min(self.limits.deadline));
        host.documents = Some(documents);
        let (answer, bytes) = run::evaluate(&self.pre, self.shelf.as_ref(), host);
        self.high_water.note(bytes);
        answer
    }

    /// The most bytes of memory that an evaluation had so far.
    pub fn high_water_bytes(&self) -> usize {
        self.high_water.bytes()
    }

    /// The bounds of its evaluations.
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }
}

/// The component that a module is to become; one that is a component already stays as it is.
///
/// # Errors
/// When the module does not become one.
pub fn encoded(wasm: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>, ComponentError> {
    if is_module(&wasm) { encode(&wasm).map(Cow::Owned) } else { Ok(wasm) }
}

/// Makes a component of a module, as wit-bindgen's users do with `wasm-tools component new`.
fn encode(wasm: &[u8]) -> Result<Vec<u8>, ComponentError> {
    // The encoder is written for modules that compilers made. Whatever it makes of others stays here.
    let encoded = panic::catch_unwind(|| {
        ComponentEncoder::default().validate(true).module(wasm).and_then(|encoder| encoder.encode())
    });
    match encoded {
        Ok(encoded) => encoded.map_err(|error| ComponentError::Encode(shortened(format!("{error:#}")))),
        Err(_) => Err(ComponentError::Encode("its description of itself makes no sense".to_owned())),
    }
}
