//! What a review costs inside one process: no HTTP, no TLS, one core, beside one parse into `serde_json::Value`.
//!
//! [`policies`] loads what judges, [`ways`] says what is done with a review, and the rest is here: rounds over the
//! whole corpus in which all ways take turns, so that whatever slows the machine down slows all of them down.

mod policies;
mod ways;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use magtape::{
    evaluate::{Policies, evaluate},
    policy::Target,
    review::Request,
    source::Embedded,
    verdict::Finding,
};
use magtape_testing::corpus;

use crate::{
    report::{Goal, Line},
    wire::{
        cores::{self, Cores},
        stats::median,
    },
};
use ways::Way;

/// How often each way goes over the corpus.
const ROUNDS: usize = 200;

/// How many policies the set has when it has grown.
const GROWN: usize = 200;

/// Far more than all policies need.
pub(crate) const BUDGET: Duration = Duration::from_secs(5);

/// The medians of what the ways take for the whole corpus, in microseconds a review.
struct Figures {
    value: f64,
    parse: f64,
    image: f64,
    twelve: f64,
    grown: f64,
    rust: f64,
    /// Policies that look at a review, in the mean.
    selected: f64,
}

/// Measures, in about half a minute.
pub(crate) async fn lines() -> Result<Vec<Line>> {
    let core = Cores::pick()?.load;
    let figures = cores::on(core, measure).await?;
    Ok(figures.lines())
}

fn measure() -> Result<Figures> {
    let reviews = corpus::corpus()?;
    let twelve = policies::embedded(Embedded::Rego)?;
    let rust = policies::embedded(Embedded::Rust)?;
    let grown = policies::grown(&twelve, GROWN)?;
    let selected = selected(&twelve, &reviews)?;
    let same = selected_of_each(&grown, &reviews)? == selected_of_each(&twelve, &reviews)?;
    ensure!(same, "the policies that were added are not to look at anything");
    ensure_none_fails(&twelve, &reviews)?;
    ensure_none_fails(&rust, &reviews)?;
    let mut ways = [
        Way::value(),
        Way::parse(),
        Way::image(),
        Way::verdict(&twelve),
        Way::verdict(&grown),
        Way::verdict(&rust),
    ];
    let mut totals = vec![Vec::with_capacity(ROUNDS); ways.len()];
    // The first round warms up. Every other goes the other way round, so that no way always comes after the same one.
    for round in 0..=ROUNDS {
        let mut turns: Vec<_> = ways.iter_mut().zip(&mut totals).collect();
        if round % 2 == 1 {
            turns.reverse();
        }
        for (way, totals) in turns {
            let total = total(way, &reviews)?;
            totals.extend((round > 0).then(|| total.as_secs_f64() * 1e6 / reviews.len() as f64));
        }
    }
    let medians: Vec<f64> = totals.iter().map(|totals| median(totals)).collect();
    let &[value, parse, image, twelve, grown, rust] = medians.as_slice() else {
        anyhow::bail!("a way was not measured")
    };
    Ok(Figures { value, parse, image, twelve, grown, rust, selected })
}

/// How long the whole corpus takes. Each review is copied before its time begins, since judging takes it over.
fn total(way: &mut Way<'_>, reviews: &[Vec<u8>]) -> Result<Duration> {
    let mut total = Duration::ZERO;
    for review in reviews {
        let body = review.clone();
        let started = Instant::now();
        way.take(body)?;
        total += started.elapsed();
    }
    Ok(total)
}

fn selected(policies: &Policies, reviews: &[Vec<u8>]) -> Result<f64> {
    let selected = selected_of_each(policies, reviews)?;
    Ok(selected.iter().sum::<usize>() as f64 / selected.len() as f64)
}

fn selected_of_each(policies: &Policies, reviews: &[Vec<u8>]) -> Result<Vec<usize>> {
    let count = |review: &Vec<u8>| {
        let request = Request::parse(review.clone())?;
        let target =
            Target { group: &request.kind.group, kind: &request.kind.kind, operation: &request.operation };
        Ok(policies.select(target).count())
    };
    reviews.iter().map(count).collect()
}

/// A policy that fails takes another time than one that answers.
fn ensure_none_fails(policies: &Policies, reviews: &[Vec<u8>]) -> Result<()> {
    for review in reviews {
        let request = Request::parse(review.clone()).context("a recorded review is none")?;
        for outcome in evaluate(policies, &request, BUDGET) {
            if let Finding::Failed(reason) = outcome.finding {
                anyhow::bail!(
                    "{} failed for {} {}: {reason}",
                    outcome.policy,
                    request.kind.kind,
                    request.name
                );
            }
        }
    }
    Ok(())
}

// === impl Figures ===

impl Figures {
    fn lines(&self) -> Vec<Line> {
        let ratio = |what: &str, part: f64, whole: f64, goal: Option<f64>, detail: String| Line {
            what: what.to_owned(),
            measured: part / whole,
            unit: "x",
            goal: goal.map(Goal::AtMost),
            detail,
        };
        let Self { value, parse, image, twelve, grown, rust, selected } = *self;
        let micros = |what: &str, micros: f64| format!("{what} {micros:.1} us a review");
        vec![
            ratio(
                "twelve policies, from bytes to answer, beside one parse into a serde_json::Value",
                twelve,
                value,
                Some(1.0),
                format!(
                    "{twelve:.1} us beside {value:.1} us a review; {selected:.1} policies look at a review"
                ),
            ),
            ratio(
                "200 policies, of which the same twelve match, beside twelve",
                grown,
                twelve,
                Some(1.1),
                format!("{grown:.1} us beside {twelve:.1} us a review"),
            ),
            ratio(
                "their twelve twins in Rust, beside one parse",
                rust,
                value,
                Some(0.7),
                format!("{rust:.1} us beside {value:.1} us a review"),
            ),
            ratio("reading the request alone", parse, value, None, micros("Request::parse", parse)),
            ratio(
                "the whole review as the policies' image, read and written",
                image,
                value,
                None,
                micros("Document::parse and Image::of", image),
            ),
        ]
    }
}
