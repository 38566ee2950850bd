//! What a standard library asks WASI for when it starts: no arguments, no environment, no directories, the time of the
//! evaluation, and numbers that only look random. Everything else of WASI ends the evaluation when it is called.
//! (<https://github.com/WebAssembly/WASI/tree/main/wasip2>)

use wasmtime::{
    StoreContextMut,
    component::{
        Component, ComponentType, Lift, Linker, LinkerInstance, Lower, ResourceType, Val,
        types::{ComponentInstance, ComponentItem},
    },
};

use super::{super::Fault, host::Host};

/// What a component may import; `magtape:policy` in the version that `version` has checked.
const PACKAGES: [&str; 6] =
    ["magtape:policy/", "wasi:cli/", "wasi:clocks/", "wasi:filesystem/", "wasi:io/", "wasi:random/"];

/// What all of WASI is called.
const WASI: &str = "wasi:";

/// Random bytes that are had in one call.
const MAX_RANDOM_BYTES: u64 = 64 * 1024;

/// A time since 1970, as `wasi:clocks/wall-clock` has it.
#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

type Context<'c> = StoreContextMut<'c, Host>;
type Interface<'l> = LinkerInstance<'l, Host>;

/// Whether these are imports that policies get.
///
/// # Errors
/// Names one that is not.
pub(super) fn check(imports: &[String]) -> Result<(), String> {
    let foreign = |name: &&String| !PACKAGES.iter().any(|package| name.starts_with(package));
    match imports.iter().find(foreign) {
        Some(foreign) => Err(format!("imports {foreign}, which policies do not get")),
        None => Ok(()),
    }
}

/// Adds what the component imports of WASI: what is answered, in whatever version of 0.2, and the rest, which ends the
/// evaluation when it is called.
///
/// # Errors
/// Names an import that is no interface.
pub(super) fn add_to(
    linker: &mut Linker<Host>,
    component: &Component,
    engine: &wasmtime::Engine,
) -> wasmtime::Result<()> {
    // What is answered takes the place of what ends the evaluation.
    linker.allow_shadowing(true);
    let imported = component.component_type();
    for (name, import) in imported.imports(engine).filter(|(name, _)| name.starts_with(WASI)) {
        let ComponentItem::ComponentInstance(functions) = import.ty else {
            return Err(wasmtime::Error::msg(format!("imports {name}, which is no interface")));
        };
        let mut interface = linker.instance(name)?;
        refuse(&mut interface, name, &functions, engine)?;
        answer(&mut interface, name)?;
    }
    Ok(())
}

/// Adds an interface whose functions end the evaluation.
fn refuse(
    interface: &mut Interface<'_>,
    name: &str,
    functions: &ComponentInstance,
    engine: &wasmtime::Engine,
) -> wasmtime::Result<()> {
    for (function, item) in functions.exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(_) => {
                let fault = Fault::Trap(format!("called {name}#{function}, which policies do not get"));
                interface.func_new(function, move |_, _, _, _| Err(fault.clone().into()))?;
            }
            ComponentItem::Resource(_) => {
                interface.resource(function, ResourceType::host::<()>(), |_, _| Ok(()))?;
            }
            // Types need nothing of the host, and whatever else there is has no place in an interface of WASI.
            _ => {}
        }
    }
    Ok(())
}

/// Adds what is answered of an interface.
fn answer(interface: &mut Interface<'_>, name: &str) -> wasmtime::Result<()> {
    // Versions of 0.2 only ever add functions.
    match name.split_once("@0.2.").map(|(name, _)| name) {
        Some("wasi:cli/environment") => environment(interface),
        Some("wasi:cli/exit") => interface.func_wrap("exit", |_: Context<'_>, (_,): (Result<(), ()>,)| {
            Err::<(), _>(Fault::Abort("it asked to exit".to_owned()).into())
        }),
        Some("wasi:filesystem/preopens") => interface.func_new("get-directories", |_, _, _, answers| {
            answers.fill(Val::List(Vec::new()));
            Ok(())
        }),
        Some("wasi:clocks/wall-clock") => wall_clock(interface),
        Some("wasi:clocks/monotonic-clock") => monotonic_clock(interface),
        Some("wasi:random/random") => random(interface, "get-random"),
        Some("wasi:random/insecure") => random(interface, "get-insecure-random"),
        Some("wasi:random/insecure-seed") => {
            interface.func_wrap("insecure-seed", |mut context: Context<'_>, (): ()| {
                let state = &mut context.data_mut().random;
                Ok(((next(state), next(state)),))
            })
        }
        _ => Ok(()),
    }
}

fn environment(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.func_wrap("get-environment", |_: Context<'_>, (): ()| Ok((Vec::<(String, String)>::new(),)))?;
    interface.func_wrap("get-arguments", |_: Context<'_>, (): ()| Ok((Vec::<String>::new(),)))?;
    interface.func_wrap("initial-cwd", |_: Context<'_>, (): ()| Ok((None::<String>,)))
}

fn wall_clock(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    let now = |context: Context<'_>, (): ()| Ok((Datetime::of(context.data().nanoseconds()),));
    interface.func_wrap("now", now)?;
    interface.func_wrap("resolution", |_: Context<'_>, (): ()| Ok((Datetime::of(1),)))
}

fn monotonic_clock(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.func_wrap("now", |context: Context<'_>, (): ()| Ok((context.data().nanoseconds(),)))?;
    interface.func_wrap("resolution", |_: Context<'_>, (): ()| Ok((1_u64,)))
}

fn random(interface: &mut Interface<'_>, prefix: &str) -> wasmtime::Result<()> {
    interface.func_wrap(&format!("{prefix}-u64"), |mut context: Context<'_>, (): ()| {
        Ok((next(&mut context.data_mut().random),))
    })?;
    interface.func_wrap(&format!("{prefix}-bytes"), |mut context: Context<'_>, (length,): (u64,)| {
        bytes(context.data_mut(), length).map(|bytes| (bytes,))
    })
}

fn bytes(host: &mut Host, length: u64) -> wasmtime::Result<Vec<u8>> {
    host.count_call()?;
    if length > MAX_RANDOM_BYTES {
        return Err(
            Fault::Answer(format!("asked for {length} random bytes, more than {MAX_RANDOM_BYTES}")).into()
        );
    }
    Ok((0..length).map(|_| next(&mut host.random).to_be_bytes()[0]).collect())
}

/// `SplitMix64` (Steele, Lea, Flood, 2014): the same numbers for the same time of evaluation.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

// === impl Datetime ===

impl Datetime {
    fn of(nanoseconds: u64) -> Self {
        const SECOND: u64 = 1_000_000_000;
        let rest = u32::try_from(nanoseconds % SECOND).unwrap_or_default();
        Self { seconds: nanoseconds / SECOND, nanoseconds: rest }
    }
}
