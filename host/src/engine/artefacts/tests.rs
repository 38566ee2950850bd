use std::{os::unix::fs::PermissionsExt as _, sync::Arc};

use wasmtime::{Config, Module, component::Component};

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
        cache.keep(&name(&engine, &digest(WASM)), &Module::from_binary(&engine, WASM).unwrap());
        Self { cache, engine, _folder: folder }
    }

    fn folder(&self) -> &Path {
        self.cache.folder().unwrap()
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(self.folder()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    fn file(&self) -> PathBuf {
        self.files().pop().unwrap()
    }

    fn found(&self) -> bool {
        found(&self.cache, &self.engine, WASM)
    }
}

fn found(cache: &ArtefactCache, engine: &Engine, wasm: &[u8]) -> bool {
    cache.find::<Module>(engine, &name(engine, &digest(wasm))).is_some()
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
    assert!(found(&cache, &engine, WASM));
    assert!(!found(&cache, &engine, b"another"));
    let other = Engine::new(Config::new().epoch_interruption(true)).unwrap();
    assert!(!found(&cache, &other, WASM));
}

#[test]
fn the_folder_is_made_for_its_owner_alone() {
    let fixture = Fixture::new();
    let mode = fs::metadata(fixture.folder()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);
}

#[test]
fn a_folder_that_others_can_write_is_refused() {
    let fixture = Fixture::new();
    for (mode, opens) in [(0o777, false), (0o770, false), (0o702, false), (0o755, true), (0o700, true)] {
        set_mode(fixture.folder(), mode);
        let opened = ArtefactCache::open(fixture.folder());
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
    set_mode(fixture.folder(), 0o777);
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
    fs::remove_dir_all(cache.folder().unwrap()).unwrap();
    cache.keep(&name(&engine, &digest(WASM)), &Module::from_binary(&engine, WASM).unwrap());
    assert!(!found(&cache, &engine, WASM));
}

/// What was installed, with this cache for what is not there.
fn installed(fixture: &Fixture, kept: ArtefactCache) -> ArtefactCache {
    kept.with_installed(fixture.folder())
}

/// What is there, and when it was last written.
fn state(fixture: &Fixture) -> (PathBuf, Vec<u8>, SystemTime) {
    let file = fixture.file();
    (file.clone(), fs::read(&file).unwrap(), fs::metadata(&file).unwrap().modified().unwrap())
}

fn compile(cache: &ArtefactCache, engine: &Engine) -> bool {
    let mut compiled = false;
    let compile = || {
        compiled = true;
        Module::from_binary(engine, WASM)
    };
    cache.find_or(engine, &digest(WASM), compile).unwrap();
    compiled
}

#[test]
fn what_was_installed_is_found_and_left_as_it_is() {
    let fixture = Fixture::new();
    let (folder, engine) = (tempfile::tempdir().unwrap(), &fixture.engine);
    set_modified(&fixture.file(), 1000);
    let before = state(&fixture);
    let kept = ArtefactCache::open(&folder.path().join("cache")).unwrap();
    for cache in [installed(&fixture, kept.clone()), installed(&fixture, ArtefactCache::default())] {
        assert!(!compile(&cache, engine));
    }
    assert_eq!(state(&fixture), before);
    assert_eq!(fs::read_dir(kept.folder().unwrap()).unwrap().count(), 0);
    assert!(compile(&kept, engine) && !compile(&kept, engine));
}

#[test]
fn what_was_installed_and_is_broken_stays_and_is_compiled() {
    let fixture = Fixture::new();
    let (folder, engine) = (tempfile::tempdir().unwrap(), &fixture.engine);
    fs::write(fixture.file(), "no module").unwrap();
    let before = state(&fixture);
    let nowhere = installed(&fixture, ArtefactCache::default());
    assert!(compile(&nowhere, engine) && compile(&nowhere, engine));
    let kept = installed(&fixture, ArtefactCache::open(&folder.path().join("cache")).unwrap());
    assert!(compile(&kept, engine) && !compile(&kept, engine));
    assert_eq!(state(&fixture), before);
}

#[test]
fn what_was_installed_where_others_can_write_is_not_used() {
    let fixture = Fixture::new();
    let open = || installed(&fixture, ArtefactCache::default());
    for (mode, found) in [(0o777, false), (0o775, false), (0o755, true), (0o555, true)] {
        set_mode(fixture.folder(), mode);
        assert_eq!(!compile(&open(), &fixture.engine), found, "{mode:o}");
    }
    let opened = open();
    for (mode, found) in [(0o666, false), (0o664, false), (0o644, true), (0o444, true)] {
        set_mode(&fixture.file(), mode);
        assert_eq!(!compile(&opened, &fixture.engine), found, "{mode:o}");
    }
    set_mode(fixture.folder(), 0o777);
    assert!(compile(&opened, &fixture.engine), "since it was opened");
}

#[test]
fn the_newest_file_that_is_believed_is_found_and_what_was_installed_first() {
    let places = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [kept, came] = [0, 1].map(|at| places[at].path().canonicalize().unwrap());
    for (place, folder, hours) in
        [(&kept, "a-1", 3), (&kept, "a-2", 2), (&kept, "b-3", 1), (&came, "a-1", 9), (&came, "a-0", 9)]
    {
        fs::create_dir(place.join(folder)).unwrap();
        fs::write(place.join(folder).join("file"), "").unwrap();
        set_modified(&place.join(folder).join("file"), hours);
    }
    fs::create_dir_all(came.join("a-1/other")).unwrap();
    let cache = ArtefactCache::open(&kept).unwrap().with_installed(&came);
    let newest = || cache.newest_beside("a-", "file");
    assert_eq!(cache.newest_beside("a-", "other"), None, "a folder is no file");
    set_mode(&came.join("a-0"), 0o777);
    assert_eq!(newest(), Some(came.join("a-1/file")));
    set_mode(&came.join("a-1/file"), 0o666);
    assert_eq!(newest(), Some(kept.join("a-2/file")), "none that was installed is believed");
    set_mode(&kept.join("a-2"), 0o775);
    assert_eq!(newest(), Some(kept.join("a-1/file")));
    set_mode(&kept, 0o777);
    assert_eq!(newest(), None);
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

#[test]
fn a_component_is_kept_as_well() {
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";
    let folder = tempfile::tempdir().unwrap();
    let cache = ArtefactCache::open(folder.path()).unwrap();
    let engine = Engine::default();
    let compile = || Component::from_binary(&engine, EMPTY);
    cache.find_or(&engine, &digest(EMPTY), compile).unwrap();
    let never = || -> wasmtime::Result<Component> { panic!("it is kept") };
    cache.find_or(&engine, &digest(EMPTY), never).unwrap();
    // What is kept of a module is no component, whatever its name.
    cache.keep(&name(&engine, &digest(WASM)), &Module::from_binary(&engine, WASM).unwrap());
    assert!(cache.find::<Component>(&engine, &name(&engine, &digest(WASM))).is_none());
}
