use std::{future::Future, sync::mpsc, time::Duration};

use super::*;

const SOON: Duration = Duration::from_secs(10);

fn later() -> Instant {
    Instant::now() + SOON
}

/// Keeps the one thread busy until the sender is dropped.
fn occupy(evaluators: &Evaluators) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    let job = move || {
        started.send(()).unwrap();
        let _ = released.recv();
    };
    evaluators.pool.submit(job).unwrap();
    has_started.recv_timeout(SOON).unwrap();
    release
}

/// Answers with its input, and must not be asked when that is "never".
fn echo(input: &'static str, answer: oneshot::Sender<&'static str>) {
    assert_ne!(input, "never");
    answer.send(input).unwrap();
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future).await.unwrap()
}

#[tokio::test]
async fn work_is_answered_and_counted() {
    let evaluators = Evaluators::with(2, 1).unwrap();
    assert_eq!(soon(evaluators.run("a", later(), echo)).await, Ended::Answered("a"));
    assert_eq!(evaluators.counts(), Counts { accepted: 1, ..Counts::default() });
}

#[tokio::test]
async fn a_full_queue_gives_the_input_back_at_once() {
    let evaluators = Evaluators::with(1, 1).unwrap();
    let release = occupy(&evaluators);
    evaluators.pool.submit(|| {}).unwrap();
    assert_eq!(soon(evaluators.run("never", later(), echo)).await, Ended::Refused("never"));
    assert_eq!(evaluators.counts(), Counts { refused: 1, ..Counts::default() });
    drop(release);
}

#[tokio::test]
async fn what_runs_out_of_time_in_the_queue_is_given_back_and_never_judged() {
    let evaluators = Evaluators::with(1, 2).unwrap();
    let release = occupy(&evaluators);
    let deadline = Instant::now() + Duration::from_millis(20);
    assert_eq!(soon(evaluators.run("never", deadline, echo)).await, Ended::Expired("never"));
    drop(release);
    // Also when a thread is free and comes too late.
    assert_eq!(soon(evaluators.run("never", Instant::now(), echo)).await, Ended::Expired("never"));
    assert_eq!(evaluators.counts(), Counts { accepted: 2, expired: 2, ..Counts::default() });
}

#[tokio::test]
async fn what_nobody_waits_for_is_never_judged() {
    let evaluators = Evaluators::with(1, 2).unwrap();
    let release = occupy(&evaluators);
    let waited =
        tokio::time::timeout(Duration::from_millis(20), evaluators.run("never", later(), echo)).await;
    assert!(waited.is_err());
    drop(release);
    assert_eq!(soon(evaluators.run("after it", later(), echo)).await, Ended::Answered("after it"));
    assert_eq!(evaluators.counts(), Counts { accepted: 2, abandoned: 1, ..Counts::default() });
}

#[tokio::test]
async fn work_that_panics_is_lost_and_the_next_is_not() {
    let evaluators = Evaluators::with(1, 1).unwrap();
    let panics = |_: &str, _: oneshot::Sender<()>| panic!("a defect, for the test");
    assert_eq!(soon(evaluators.run("a", later(), panics)).await, Ended::Lost);
    assert_eq!(soon(evaluators.run("b", later(), echo)).await, Ended::Answered("b"));
}

#[tokio::test]
async fn work_that_was_begun_in_time_is_waited_for() {
    let evaluators = Evaluators::with(1, 1).unwrap();
    let (release, released) = mpsc::channel::<()>();
    let work = move |input: &'static str, answer: oneshot::Sender<_>| {
        let _ = released.recv();
        answer.send(input).unwrap();
    };
    let deadline = Instant::now() + Duration::from_secs(1);
    let run = evaluators.run("slow", deadline, work);
    let past = async {
        tokio::time::sleep_until(deadline.into()).await;
        // One turn more, in which the other future sees that its time is over.
        tokio::task::yield_now().await;
        drop(release);
    };
    assert_eq!(soon(async { tokio::join!(run, past).0 }).await, Ended::Answered("slow"));
}
