//! What components take of memory while they wait.
//!
//! It is measured in a process of its own, since other tests take memory as well:
//! `cargo test -p magtape --test it components::memory -- --nocapture` prints the figures.

use std::{env, fs, path::Path, process::Command, sync::Arc};

use magtape::{
    engine::{ArtefactCache, Engine, Limits},
    evaluate::{Loader, PolicyLimits},
    policy::Candidate,
    source::Embedded,
};

use super::{encoder::section, one};

/// Names the folder of the cache to the process that measures; nobody else has it.
const MEASURE: &str = "MAGTAPE_TEST_MEASURE";

/// Policies that are loaded at one time.
const POLICIES: usize = 100;

/// Resident memory that they may take together, in KiB.
const BOUND: usize = 60 * 1024;

/// The shipped policies again and again, no two of them with the same bytes.
fn candidates() -> Vec<Candidate> {
    let shipped: Vec<_> =
        [Embedded::Rust, Embedded::Hardening].iter().flat_map(|set| set.policies()).collect();
    let numbered = |(number, mut candidate): (usize, Candidate)| {
        section(&mut candidate.wasm, "number", number.to_string().as_bytes());
        candidate
    };
    shipped.into_iter().cycle().take(POLICIES).enumerate().map(numbered).collect()
}

/// Resident memory of this process in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Prints what loading takes, in a process that does nothing else.
#[test]
fn measured() {
    let Some(folder) = env::var_os(MEASURE) else { return };
    let cache = (!folder.is_empty()).then(|| ArtefactCache::open(Path::new(&folder)).unwrap());
    let engine = Engine::with_cache(Limits::default().memory_bytes, cache).unwrap();
    let loader = Loader::new(engine, PolicyLimits::uniform(&Arc::default()));
    let candidates = candidates();
    // The engine itself, and what compiling one takes.
    let first = loader.load(&one(Embedded::Rust, "mt1001"));
    let before = resident();
    let loaded: Vec<_> =
        candidates.iter().flat_map(|candidate| loader.load(candidate)).map(Result::unwrap).collect();
    let after = resident();
    println!("loaded {} policies: from {before} to {after} KiB", loaded.len() + first.len() - 1);
    println!("took {}", after.saturating_sub(before));
}

/// What the policies take in a process with that cache; without any when it has no name.
fn measure(cache: &Path) -> usize {
    let mut process = Command::new(env::current_exe().unwrap());
    process.args(["components::memory::measured", "--exact", "--nocapture"]).env(MEASURE, cache);
    let output = process.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let taken = text.lines().find_map(|line| line.split_once("took ")).unwrap_or_else(|| panic!("{text}"));
    taken.1.trim().parse().unwrap()
}

#[test]
fn a_hundred_policies_are_small() {
    let cache = tempfile::tempdir().unwrap();
    let compiled = measure(Path::new(""));
    let kept = measure(cache.path());
    let found = measure(cache.path());
    println!(
        "{POLICIES} policies take {compiled} KiB when they are compiled, {kept} when they are kept as well,"
    );
    println!("and {found} when they are found");
    assert!(found < BOUND, "{found} KiB");
}
