//! Whether both systems say the same of every review. Figures of systems that do different things say nothing.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{
    Reviews,
    client::{Connection, Protocol, Target},
    server::Server,
};

/// How many disagreements a failure shows.
const SHOWN: usize = 5;

/// Asks both about every review.
pub(super) async fn check(one: &Server, other: &Server, reviews: &Reviews) -> Result<()> {
    let (one, other) = (verdicts(one, reviews).await?, verdicts(other, reviews).await?);
    let differences: Vec<String> = reviews
        .iter()
        .zip(one.iter().zip(&other))
        .filter(|(_, (one, other))| allowed(one) != allowed(other))
        .map(|(review, (one, other))| format!("{}: {one} beside {other}", subject(review)))
        .collect();
    let (count, first) =
        (differences.len(), differences.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n"));
    ensure!(count == 0, "the systems disagree about {count} of {} reviews:\n{first}", reviews.len());
    let denied = one.iter().filter(|response| allowed(response) == Some(false)).count();
    ensure!(
        denied > 0 && denied < one.len(),
        "{denied} of {} reviews are denied: that shows nothing",
        one.len()
    );
    Ok(())
}

async fn verdicts(server: &Server, reviews: &Reviews) -> Result<Vec<Value>> {
    let target = Target::new(server, Protocol::Http1)?;
    let mut connections: Vec<Connection> = target.connect(1).await?;
    let connection = connections.first_mut().context("there is no connection")?;
    let mut verdicts = Vec::new();
    for review in reviews.iter() {
        let answer = connection.ask(&target, review.clone()).await.with_context(|| subject(review))?;
        let mut answer: Value = serde_json::from_slice(&answer).context("the answer is no JSON")?;
        let response = answer.get_mut("response").map(Value::take).unwrap_or_default();
        let (name, subject) = (server.system.name(), subject(review));
        ensure!(allowed(&response).is_some(), "{name} gave no verdict about {subject}: {answer}");
        verdicts.push(response);
    }
    Ok(verdicts)
}

fn allowed(response: &Value) -> Option<bool> {
    response.get("allowed")?.as_bool()
}

/// What a review is about, for people.
fn subject(review: &[u8]) -> String {
    let review: Value = serde_json::from_slice(review).unwrap_or_default();
    let text = |pointer| review.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("{} {} {}", text("/request/operation"), text("/request/kind/kind"), text("/request/name"))
}
