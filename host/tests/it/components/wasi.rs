//! What a standard library gets of WASI: nothing that differs between two evaluations of the same time.

use std::time::Duration;

use magtape::engine::component::Component;

use super::{Bench, documents, guest};
use crate::guests::BUDGET;

/// The numbers that the guest `wasi` says at that time.
fn numbers(component: &Component, now: Duration) -> Vec<u64> {
    let violations = component.evaluate(documents(), now, BUDGET).unwrap().unwrap();
    let words = violations[0].message.split_whitespace();
    words.map(|word| u64::from_str_radix(word, 16).unwrap()).collect()
}

#[test]
fn all_that_it_asks_for_depends_on_the_time_of_the_evaluation_alone() {
    let bench = Bench::new();
    let component = Component::load(&bench.engine, &bench.long, &guest::wasm("wasi"), "wasi").unwrap();
    let now = Duration::new(1_700_000_000, 123_456_789);
    let first = numbers(&component, now);
    let [arguments, variables, directories, seconds, nanoseconds, monotonic, random @ ..] = &first[..] else {
        panic!("{first:?}")
    };
    assert_eq!((arguments, variables, directories), (&0, &0, &0));
    assert_eq!((*seconds, *nanoseconds), (now.as_secs(), u64::from(now.subsec_nanos())));
    assert_eq!(u128::from(*monotonic), now.as_nanos());
    assert_eq!(random.len(), 4);
    let distinct: std::collections::BTreeSet<_> = random.iter().collect();
    assert_eq!(distinct.len(), 4, "{random:?}");
    assert_eq!(numbers(&component, now), first);
    let later = numbers(&component, now + Duration::from_nanos(1));
    assert!(later[6..].iter().all(|number| !random.contains(number)), "{later:?}");
}
