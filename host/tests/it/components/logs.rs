//! What components log: each line cut, and no more than some of them.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use magtape::engine::component::Component;
use tracing_subscriber::fmt::MakeWriter;

use super::{Bench, documents, guest};
use crate::guests::BUDGET;

/// What was written, by whoever.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

// === impl Log ===

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// The lines that a guest logs in one evaluation.
fn lines(name: &str) -> Vec<String> {
    let bench = Bench::new();
    let component = Component::load(&bench.engine, &bench.long, &guest::wasm(name), name).unwrap();
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_ansi(false).without_time().with_writer(log.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        component.evaluate(documents(), Duration::ZERO, BUDGET).unwrap();
    });
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_long_line_is_cut_and_stays_one_line() {
    let lines = lines("log-long");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with(" INFO policy: aaaaaaaa        aaaa"), "{}", lines[0]);
    assert!(lines[0].contains("aaaa… policy=\"log-long\""), "{}", lines[0]);
    assert!((1024..1200).contains(&lines[0].len()), "{} bytes", lines[0].len());
}

#[test]
fn what_is_too_many_is_dropped() {
    let lines = lines("log-many");
    assert_eq!(lines.len(), 33, "{lines:?}");
    let said = lines.iter().filter(|line| line.contains("once more")).count();
    assert_eq!(said, 32);
    assert!(lines[32].contains("logs more than 32 lines, and the rest is dropped"), "{}", lines[32]);
}
