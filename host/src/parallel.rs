//! The same work for many items, on as many threads as there are processors. Only where nobody's request waits.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Does `work` for each item and keeps their order; `done` hears after each how many are done.
pub fn each<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    done: &(dyn Fn(usize) + Sync),
) -> Vec<R> {
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let worker = || {
        let mut made = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return made };
            made.push((index, work(item)));
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let mut made: Vec<(usize, R)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let own = worker();
        let of_others = others.into_iter().flat_map(|other| match other.join() {
            Ok(made) => made,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        own.into_iter().chain(of_others).collect()
    });
    made.sort_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_kept_and_all_are_counted() {
        let items: Vec<usize> = (0..100).collect();
        let most = AtomicUsize::new(0);
        let made = each(&items, |item| item * 2, &|done| {
            most.fetch_max(done, Ordering::Relaxed);
        });
        assert_eq!(made, (0..100).map(|item| item * 2).collect::<Vec<_>>());
        assert_eq!(most.into_inner(), 100);
        assert!(each(&[] as &[u8], |item| *item, &|_| {}).is_empty());
    }
}
