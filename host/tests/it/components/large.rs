//! Large documents: no deadline interrupts the host, so what it does in one call is bounded.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use magtape::{
    engine::{
        Limits,
        component::{Component, Documents},
    },
    json::Document,
};

use super::{Bench, MUCH, documents, guest};
use crate::guests::{BOUND, BUDGET, DEADLINE};

/// As large as requests may be.
const BYTES: usize = 8 * 1024 * 1024;

/// What takes long to read, in one way or another.
fn reviews() -> [(&'static str, String); 4] {
    let keys: Vec<String> = (0..BYTES / 14).map(|key| format!("\"\\u0061{key}\":1")).collect();
    [
        ("numbers", format!("[{}1]", "1,".repeat(BYTES / 2))),
        ("objects", format!("[{}{{}}]", "{\"a\":1},".repeat(BYTES / 8))),
        ("escaped keys", format!("{{{}}}", keys.join(","))),
        ("a text", format!("\"{}\"", "a\\n".repeat(BYTES / 3))),
    ]
}

#[test]
fn calls_of_the_host_end_soon() {
    let bench = Bench::new();
    let limits = Arc::new(Limits { memory_bytes: MUCH, deadline: DEADLINE, ..Limits::default() });
    for (what, review) in reviews() {
        let review = Arc::new(Document::parse(review).unwrap());
        for name in ["finds", "reads", "elements", "members", "shows", "jsons"] {
            let name = format!("loop-of-{name}");
            let component = Component::load(&bench.engine, &limits, &guest::wasm(&name), &name).unwrap();
            let started = Instant::now();
            let documents = Documents { review: Arc::clone(&review), ..documents() };
            let fault = component.evaluate(documents, Duration::ZERO, BUDGET).unwrap_err();
            println!("{name} on {what}: {} ms: {fault}", started.elapsed().as_millis());
            assert!(started.elapsed() < BOUND, "{name} on {what}: {:?}", started.elapsed());
        }
    }
}
