//! Guests in the text format that do what OPA's compiler never would, and some things that it does.

mod guests;

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use super::*;

/// Long enough for every guest that ends.
const DEADLINE: Duration = Duration::from_millis(300);

/// Small, so that what runs into a limit does so soon.
fn limits() -> RegoLimits {
    RegoLimits { memory_bytes: 4 * 1024 * 1024, request_bytes: 1000, answer_bytes: 1000 }
}

fn load(body: &str) -> Result<RegoCompiler, EngineError> {
    let wasm = wat::parse_str(guests::module(body)).unwrap();
    RegoCompiler::load(&wasm, None, limits(), &mut |_| ())
}

fn ask(body: &str, request: &[u8]) -> Result<Vec<u8>, RegoFault> {
    load(body).unwrap().ask(request, Clock::Fixed, DEADLINE)
}

#[test]
fn an_answer_is_what_the_guest_writes() {
    assert_eq!(ask(guests::ECHO, b"{}"), Ok(b"{}".to_vec()));
    assert_eq!(ask(guests::ECHO, &[b' '; 1000]), Ok(vec![b' '; 1000]));
    let exits = format!("{} (call $exit (i32.const 0))", guests::ECHO);
    assert_eq!(ask(&exits, b"{}"), Ok(b"{}".to_vec()));
}

#[test]
fn whatever_the_guest_does_ends_as_a_fault() {
    let answer = |text: &str| RegoFault::Answer(text.to_owned());
    let trap = |text: &str| RegoFault::Trap(text.to_owned());
    let deadline = RegoFault::Deadline(DEADLINE);
    for (body, fault) in [
        ("(loop br 0)", deadline.clone()),
        (guests::MEMORY, RegoFault::Memory(limits().memory_bytes)),
        (guests::ENDLESS_OUTPUT, answer("answers more than 1000 bytes")),
        (guests::LONG_OUTPUT, answer("answers more than 1000 bytes")),
        ("", answer("ended without an answer")),
        ("(call $exit (i32.const 0))", answer("ended without an answer")),
        (guests::EXIT_3, answer("ended with exit code 3: alas")),
        ("unreachable", trap("wasm trap: wasm `unreachable` instruction executed")),
        ("(drop (i32.load (i32.const -1)))", trap("wasm trap: out of bounds memory access")),
        ("(call $start)", trap("wasm trap: call stack exhausted")),
        (guests::MANY_RANDOM_BYTES, trap("requested len 65537 exceeds limit 65536")),
        (guests::SLEEP, deadline.clone()),
        (guests::SLEEP_UNTIL, deadline.clone()),
        (guests::SLEEP_UNTIL_NEVER, deadline.clone()),
        (guests::SLEEP_FOR_EVER, deadline.clone()),
        (guests::NAP_FOREVER, deadline.clone()),
    ] {
        let started = Instant::now();
        assert_eq!(ask(body, b"{}"), Err(fault), "{body}");
        assert!(started.elapsed() < Duration::from_secs(5), "{body}: {:?}", started.elapsed());
    }
}

#[test]
fn memory_from_the_start_counts() {
    let wasm = wat::parse_str(r#"(module (memory (export "memory") 65) (func (export "_start")))"#).unwrap();
    let compiler = RegoCompiler::load(&wasm, None, limits(), &mut |_| ()).unwrap();
    assert_eq!(compiler.ask(b"{}", Clock::Fixed, DEADLINE), Err(RegoFault::Memory(limits().memory_bytes)));
}

#[test]
fn a_start_function_has_the_same_deadline() {
    let text = r#"(module (memory (export "memory") 1) (func $loop (loop br 0)) (start $loop))"#;
    let compiler = RegoCompiler::load(&wat::parse_str(text).unwrap(), None, limits(), &mut |_| ()).unwrap();
    assert_eq!(compiler.ask(b"{}", Clock::Fixed, DEADLINE), Err(RegoFault::Deadline(DEADLINE)));
}

#[test]
fn a_request_that_is_too_long_is_not_asked() {
    let fault = RegoFault::Request { bytes: 1001, limit: 1000 };
    assert_eq!(ask("(loop br 0)", &[b' '; 1001]), Err(fault));
}

/// Error 8 of WASI's is a bad descriptor.
#[test]
fn there_is_nothing_around_the_guest() {
    for (question, call, answer) in [
        ("variables", guests::VARIABLES, 0),
        ("arguments", guests::ARGUMENTS, 1),
        ("a folder", "(call $prestat (i32.const 3) (i32.const 512))", 8),
        ("a file", guests::OPEN, 8),
        ("a connection", "(call $accept (i32.const 3) (i32.const 0) (i32.const 512))", 8),
        ("writing its input", "(call $write (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 512))", 8),
    ] {
        assert_eq!(ask(&guests::tell(call), b"{}"), Ok(vec![b'0' + answer]), "{question}");
    }
}

#[test]
fn the_same_question_has_the_same_answer_unless_the_guest_sees_the_time() {
    let compiler = load(guests::CLOCK_AND_RANDOM).unwrap();
    let fixed = compiler.ask(b"{}", Clock::Fixed, DEADLINE).unwrap();
    assert_eq!(compiler.ask(b"{}", Clock::Fixed, DEADLINE).unwrap(), fixed);
    assert_eq!((fixed.get(..8).unwrap(), fixed.len()), (&[0; 8][..], 24));
    let real = compiler.ask(b"{}", Clock::Real, DEADLINE).unwrap();
    assert_ne!(real.get(..8), fixed.get(..8));
    assert_eq!(real.get(8..), fixed.get(8..));
}

#[test]
fn each_question_starts_afresh() {
    let compiler = load(guests::COUNT).unwrap();
    for _ in 0..3 {
        assert_eq!(compiler.ask(b"{}", Clock::Fixed, DEADLINE), Ok(b"1".to_vec()));
    }
}

#[test]
fn questions_can_be_asked_at_the_same_time_and_within_a_runtime() {
    let compiler = load(&format!("{} {}", guests::NAP, guests::ECHO)).unwrap();
    let asked = || assert_eq!(compiler.ask(b"{}", Clock::Fixed, DEADLINE), Ok(b"{}".to_vec()));
    thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(asked))));
    for mut builder in
        [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()]
    {
        let runtime = builder.build().unwrap();
        runtime.block_on(async { asked() });
    }
}

#[test]
fn what_is_no_compiler_is_not_loaded() {
    for (text, reason) in [
        (r#"(module (import "env" "open" (func)))"#, "unknown import: `env::open`"),
        (r#"(module (memory i64 1))"#, "memory64"),
    ] {
        let loaded = RegoCompiler::load(&wat::parse_str(text).unwrap(), None, limits(), &mut |_| ());
        let error = loaded.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(reason), "{error}");
    }
    assert!(RegoCompiler::load(b"no module", None, limits(), &mut |_| ()).is_err());
    let without =
        RegoCompiler::load(&wat::parse_str("(module)").unwrap(), None, limits(), &mut |_| ()).unwrap();
    assert!(matches!(without.ask(b"{}", Clock::Fixed, DEADLINE), Err(RegoFault::Trap(_))));
}

#[test]
fn the_compiler_comes_from_the_cache_the_second_time() {
    let folder = tempfile::tempdir().unwrap();
    let cache = ArtefactCache::open(&folder.path().join("cache")).unwrap();
    let wasm = wat::parse_str(guests::module(guests::ECHO)).unwrap();
    for _ in 0..2 {
        let compiler = RegoCompiler::load(&wasm, Some(&cache), limits(), &mut |_| ()).unwrap();
        assert_eq!(compiler.ask(b"{}", Clock::Fixed, DEADLINE), Ok(b"{}".to_vec()));
        assert_eq!(compiler.digest(), artefacts::digest(&wasm));
        assert_eq!(std::fs::read_dir(cache.folder().unwrap()).unwrap().count(), 1);
    }
}

#[test]
fn whoever_waits_is_told_until_the_work_ends() {
    let (enough, told) = mpsc::channel();
    let mut times = Vec::new();
    let mut progress = |elapsed| {
        times.push(elapsed);
        if times.len() == 3 {
            enough.send(()).unwrap();
        }
    };
    assert_eq!(telling(&mut progress, move || told.recv_timeout(Duration::from_secs(60))), Some(Ok(())));
    assert!(times.len() >= 3 && times.is_sorted(), "{times:?}");
    assert_eq!(telling(&mut |_| (), || panic!("as a code generator might")), None::<()>);
}
