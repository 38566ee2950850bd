use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use super::*;
use crate::notify::{notification::tests::notification, sink::Delivery};

/// Before the second try.
const WAIT: Duration = Duration::from_millis(100);

/// A sink that ends each try as it is told to, and keeps when that was.
#[derive(Default)]
struct Scripted {
    ends: Mutex<Vec<Result<Delivered, Fault>>>,
    tries: Mutex<Vec<Instant>>,
    hanging: AtomicUsize,
}

// === impl Scripted ===

impl Sink for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn wants(&self, _: &Notification) -> bool {
        true
    }

    fn deliver<'a>(&'a self, _: &'a Notification) -> Delivery<'a> {
        let mut ends = self.ends.lock().unwrap();
        let end = if ends.is_empty() { None } else { Some(ends.remove(0)) };
        self.tries.lock().unwrap().push(Instant::now());
        match end {
            Some(end) => Box::pin(std::future::ready(end)),
            None => {
                self.hanging.fetch_add(1, Ordering::Relaxed);
                Box::pin(std::future::pending())
            }
        }
    }
}

fn lane(ends: Vec<Result<Delivered, Fault>>) -> (Arc<Scripted>, Arc<Lane>) {
    let sink = Arc::new(Scripted { ends: Mutex::new(ends), ..Scripted::default() });
    let lane = Lane { first_wait: WAIT, ..Lane::new(Arc::clone(&sink) as Arc<dyn Sink>) };
    (sink, Arc::new(lane))
}

fn passing() -> Result<Delivered, Fault> {
    Err(Fault::passing("busy"))
}

async fn until(lane: &Lane, is: impl Fn(&SinkCounts) -> bool) -> SinkCounts {
    loop {
        let counts = lane.counts();
        if is(&counts) {
            return counts;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Seconds between the tries.
fn waits(sink: &Scripted) -> Vec<f64> {
    let tries = sink.tries.lock().unwrap();
    tries.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect()
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_again_and_what_lasts_is_not() {
    let asked = Err(Fault::Passing { cause: "busy".to_owned(), wait: Some(Duration::from_secs(1)) });
    let ends = vec![passing(), passing(), asked, Ok(Delivered::Told)];
    let (sink, lane) = lane(ends);
    let worker = tokio::spawn(work(Arc::clone(&lane)));
    lane.put(&Arc::new(notification("web")));
    let counts = until(&lane, |counts| counts.sent == 1).await;
    assert_eq!((counts.retried, counts.failed, counts.dropped, counts.queued), (3, 0, 0, 0));
    assert!(counts.last_success.is_some());
    let waits = waits(&sink);
    // Not sooner; how much later is up to the machine.
    assert!(waits[0] >= 0.05 && waits[1] >= 0.1 && waits[2] >= 1.0, "{waits:?}");

    sink.ends.lock().unwrap().push(Err(Fault::Lasting("gone".to_owned())));
    lane.put(&Arc::new(notification("web")));
    let counts = until(&lane, |counts| counts.failed == 1).await;
    assert_eq!(counts.retried, 3);
    sink.ends.lock().unwrap().extend((0..MAX_TRIES).map(|_| passing()));
    lane.put(&Arc::new(notification("web")));
    let counts = until(&lane, |counts| counts.failed == 2).await;
    assert_eq!(counts.retried, 3 + u64::from(MAX_TRIES) - 1);
    sink.ends.lock().unwrap().push(Ok(Delivered::Nobody));
    lane.put(&Arc::new(notification("web")));
    lane.close();
    worker.await.unwrap();
    assert_eq!(lane.counts().sent, 1, "nobody is not told");
}

#[tokio::test]
async fn a_sink_that_hangs_holds_a_few_and_the_rest_is_bounded() {
    let (sink, lane) = lane(Vec::new());
    let worker = tokio::spawn(work(Arc::clone(&lane)));
    let one = Arc::new(notification("web"));
    for _ in 0..10_000 {
        lane.put(&one);
        tokio::task::yield_now().await;
    }
    let counts = until(&lane, |counts| counts.queued == 256).await;
    assert_eq!(sink.hanging.load(Ordering::Relaxed), AT_ONCE);
    assert_eq!(counts.dropped, 10_000 - 256 - AT_ONCE as u64);
    worker.abort();
    lane.close();
    assert_eq!((lane.abandon(), lane.counts().dropped), (256 + AT_ONCE, 10_000));
}

#[tokio::test]
async fn at_the_end_everything_is_tried_once_more_and_not_waited_for() {
    let asked = Err(Fault::Passing { cause: "busy".to_owned(), wait: Some(Duration::from_secs(3600)) });
    let (sink, lane) = lane(vec![asked, passing()]);
    let worker = tokio::spawn(work(Arc::clone(&lane)));
    lane.put(&Arc::new(notification("web")));
    until(&lane, |counts| counts.retried == 1 && counts.queued == 1).await;
    lane.close();
    worker.await.unwrap();
    assert_eq!((sink.tries.lock().unwrap().len(), lane.counts().failed), (2, 1));
}
