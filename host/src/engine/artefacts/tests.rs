use std::{os::unix::fs::PermissionsExt as _, sync::Arc};

use wasmtime::Config;

use super::*;
use crate::engine::{Limits, opa};

const WASM: &[u8] = b"\0asm\x01\0\0\0";

struct Fixture {
    cache: ArtefactCache,
    engine: Engine,
    _folder: tempfile::TempDir,
}

// === impl Fixture ===

impl Fixture {
    /// A cache with the empty module in it.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = ArtefactCache::open(&folder.path().join("cache")).unwrap();
        let engine = Engine::default();
        cache.keep(&digest(WASM), &Module::from_binary(&engine, WASM).unwrap());
        Self { cache, engine, _folder: folder }
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(self.cache.folder()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    fn file(&self) -> PathBuf {
        self.files().pop().unwrap()
    }

    fn found(&self) -> bool {
        self.cache.find(&self.engine, &digest(WASM)).is_some()
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn set_modified(path: &Path, hours_ago: u64) -> SystemTime {
    let at = SystemTime::now() - Duration::from_hours(hours_ago);
    File::open(path).unwrap().set_modified(at).unwrap();
    fs::metadata(path).unwrap().modified().unwrap()
}

#[test]
fn a_module_is_found_by_what_it_was_compiled_of_and_how() {
    let Fixture { cache, engine, _folder } = Fixture::new();
    assert!(cache.find(&engine, &digest(WASM)).is_some());
    assert!(cache.find(&engine, &digest(b"another")).is_none());
    let other = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    assert!(cache.find(&other, &digest(WASM)).is_none());
}

#[test]
fn the_folder_is_made_for_its_owner_alone() {
    let fixture = Fixture::new();
    let mode = fs::metadata(fixture.cache.folder()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);
}

#[test]
fn a_folder_that_others_can_write_is_refused() {
    let fixture = Fixture::new();
    for (mode, opens) in [(0o777, false), (0o770, false), (0o702, false), (0o755, true), (0o700, true)] {
        set_mode(fixture.cache.folder(), mode);
        let opened = ArtefactCache::open(fixture.cache.folder());
        assert_eq!(opened.is_ok(), opens, "{mode:o}");
        assert!(opens || opened.unwrap_err().contains("others can write it"), "{mode:o}");
    }
}

#[test]
fn what_is_no_folder_is_refused() {
    let fixture = Fixture::new();
    assert!(ArtefactCache::open(&fixture.file()).unwrap_err().contains("cache"));
    assert!(ArtefactCache::open(&fixture.file().join("below")).is_err());
}

#[test]
fn nothing_is_read_once_others_can_write_the_folder_or_the_file() {
    let fixture = Fixture::new();
    set_mode(fixture.cache.folder(), 0o777);
    assert!(!fixture.found());

    let fixture = Fixture::new();
    set_mode(&fixture.file(), 0o622);
    assert!(!fixture.found());
    assert_eq!(fixture.files().len(), 0);
}

#[test]
fn a_file_that_is_broken_is_removed() {
    let whole = fs::read(Fixture::new().file()).unwrap();
    for (bytes, what) in [
        (&b""[..], "empty"),
        (&b"no module"[..], "no module"),
        (whole.get(..whole.len() / 2).unwrap(), "half"),
        (&vec![0; whole.len()], "zeroes"),
    ] {
        let fixture = Fixture::new();
        fs::write(fixture.file(), bytes).unwrap();
        assert!(!fixture.found(), "{what}");
        assert_eq!(fixture.files().len(), 0, "{what}");
    }
}

#[test]
fn a_hit_is_noted_once_a_day() {
    let fixture = Fixture::new();
    for (hours, noted) in [(1, false), (23, false), (25, true), (1000, true)] {
        let before = set_modified(&fixture.file(), hours);
        assert!(fixture.found());
        let after = fs::metadata(fixture.file()).unwrap().modified().unwrap();
        assert_eq!(after > before, noted, "{hours}");
    }
}

#[test]
fn a_folder_that_takes_nothing_is_no_error() {
    let Fixture { cache, engine, _folder } = Fixture::new();
    fs::remove_dir_all(cache.folder()).unwrap();
    cache.keep(&digest(WASM), &Module::from_binary(&engine, WASM).unwrap());
    assert!(cache.find(&engine, &digest(WASM)).is_none());
}

/// A policy is compiled before and after its snapshot. The second is only ever found again if the snapshot of the same
/// module and data is the same each time.
#[test]
fn a_policy_that_is_loaded_again_is_not_compiled_again() {
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies-rego/dist/mt1006-port-name-mismatch.wasm");
    let wasm = fs::read(policy).unwrap();
    let fixture = Fixture::new();
    let limits = Arc::new(Limits::default());
    let load = |data: &str| {
        // A new engine each time, as in another process.
        let cache = Some(fixture.cache.clone());
        let engine = crate::engine::Engine::with_cache(limits.memory_bytes, cache).unwrap();
        opa::Module::load(&engine, &limits, &wasm, data.as_bytes()).unwrap();
        fixture.files().len() - 1
    };
    let data = r#"{"z": [1, 2.5, "ü"], "a": {"b": null}, "c": [{}, [], true]}"#;
    assert_eq!([load(data), load(data), load("{}"), load(data), load("{}")], [2, 2, 3, 3, 3]);
}
