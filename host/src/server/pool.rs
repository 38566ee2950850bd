//! A fixed number of threads and one bounded queue. Handing a job over never waits, and a job that panics harms
//! nothing but itself.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

type Job = Box<dyn FnOnce() + Send>;

/// The threads. They end when it is dropped and the queue is empty.
pub(super) struct Pool {
    shared: Arc<Shared>,
}

/// As many jobs wait as may wait.
#[derive(Debug)]
pub(super) struct Full;

struct Shared {
    length: usize,
    queue: Mutex<Queue>,
    changed: Condvar,
}

struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

// === impl Pool ===

impl Pool {
    /// Threads of that name and a queue of that length.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub(super) fn new(name: &str, threads: usize, length: usize) -> io::Result<Self> {
        let queue = Queue { jobs: VecDeque::with_capacity(length), closed: false };
        let shared = Arc::new(Shared { length, queue: Mutex::new(queue), changed: Condvar::new() });
        let pool = Self { shared };
        for number in 0..threads {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new().name(format!("{name}-{number}")).spawn(move || shared.work())?;
        }
        Ok(pool)
    }

    /// How many jobs wait.
    pub(super) fn waiting(&self) -> usize {
        self.shared.lock().jobs.len()
    }

    /// Puts a job at the end of the queue, where a thread that is free finds it.
    pub(super) fn submit(&self, job: impl FnOnce() + Send + 'static) -> Result<(), Full> {
        let mut queue = self.shared.lock();
        if queue.jobs.len() >= self.shared.length {
            return Err(Full);
        }
        queue.jobs.push_back(Box::new(job));
        drop(queue);
        self.shared.changed.notify_one();
        Ok(())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // The threads are not waited for: this may be the last act of one of them.
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

// === impl Shared ===

impl Shared {
    fn work(&self) {
        while let Some(job) = self.next() {
            // The panic itself has been reported by the hook; whoever waits for the job sees that it is gone.
            let _ = catch_unwind(AssertUnwindSafe(job));
        }
    }

    /// The next job, as soon as there is one; none when there will be none.
    fn next(&self) -> Option<Job> {
        let waiting = |queue: &mut Queue| queue.jobs.is_empty() && !queue.closed;
        let queue = self.changed.wait_while(self.lock(), waiting);
        queue.unwrap_or_else(PoisonError::into_inner).jobs.pop_front()
    }

    /// Nothing panics while it holds the queue, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    /// Keeps the one thread of a pool busy until the sender is dropped.
    fn occupy(pool: &Pool) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel::<()>();
        let (started, has_started) = mpsc::channel();
        pool.submit(move || {
            started.send(()).unwrap();
            let _ = released.recv();
        })
        .unwrap();
        has_started.recv_timeout(SOON).unwrap();
        release
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_takes_jobs_again_when_there_is_room() {
        let pool = Pool::new("test", 1, 2).unwrap();
        let release = occupy(&pool);
        let (done, all) = mpsc::channel();
        for number in 0..2 {
            let done = done.clone();
            pool.submit(move || done.send(number).unwrap()).unwrap();
        }
        assert!(pool.submit(|| {}).is_err(), "two wait, and no more may");
        drop(release);
        assert_eq!(
            [all.recv_timeout(SOON), all.recv_timeout(SOON)],
            [Ok(0), Ok(1)],
            "first come, first served"
        );
        pool.submit(move || done.send(2).unwrap()).unwrap();
        assert_eq!(all.recv_timeout(SOON), Ok(2));
    }

    #[test]
    fn a_job_that_panics_costs_neither_the_thread_nor_the_pool() {
        let pool = Pool::new("test", 1, 8).unwrap();
        let thread_of = || {
            let (told, tells) = mpsc::channel();
            pool.submit(move || told.send(thread::current().id()).unwrap()).unwrap();
            tells.recv_timeout(SOON).unwrap()
        };
        let before = thread_of();
        pool.submit(|| panic!("a defect, for the test")).unwrap();
        assert_eq!(thread_of(), before);
    }

    #[test]
    fn what_is_queued_when_the_pool_goes_is_done() {
        let pool = Pool::new("test", 1, 8).unwrap();
        let release = occupy(&pool);
        let (done, all) = mpsc::channel();
        for number in 0..8 {
            let done = done.clone();
            pool.submit(move || done.send(number).unwrap()).unwrap();
        }
        drop((pool, release, done));
        assert_eq!(all.iter().collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
    }
}
