//! What the load showed, as lines of the table.

use anyhow::{Context, Result};

use super::{
    client::Protocol,
    load::Ran,
    process::Resident,
    server::System,
    stats::{median, quantile},
};
use crate::report::{Goal, Line};

const THROUGHPUT: Goal = Goal::AtLeast(8.0);
const MEGABYTES: Goal = Goal::AtMost(40.0);
const MILLISECONDS: Goal = Goal::AtMost(1.0);

/// All runs of one system, asked in one way.
pub(super) struct Figures {
    pub(super) system: System,
    pub(super) protocol: Protocol,
    /// As many requests as it can answer.
    pub(super) saturated: Vec<Ran>,
    /// Half as many, at fixed moments.
    pub(super) half: Vec<Ran>,
}

/// Memory after ten thousand requests.
pub(super) struct Memory {
    /// `magtape serve`, which has compiled its policies when it started.
    pub(super) compiled_at_start: Resident,
    /// `magtape serve`, which has found them compiled.
    pub(super) compiled_before: Resident,
    pub(super) opa: Resident,
    pub(super) noop: Resident,
}

// === impl Figures ===

impl Figures {
    /// Nothing is measured yet.
    pub(super) fn new(system: System, protocol: Protocol) -> Self {
        Self { system, protocol, saturated: Vec::new(), half: Vec::new() }
    }

    /// Requests a second, as many as it can answer.
    pub(super) fn rate(&self) -> f64 {
        over(&self.saturated, Ran::rate)
    }

    /// The latency in milliseconds that this part of the requests does not exceed, at half the rate.
    fn latency(&self, part: f64) -> f64 {
        over(&self.half, |ran| quantile(&ran.latencies, part))
    }

    /// `magtape serve 9876 requests/s over HTTP/2 (its core 99 % busy, the load's 41 %)`.
    fn throughput(&self) -> String {
        let server = 100.0 * over(&self.saturated, |ran| ran.share(ran.server_cpu));
        let load = 100.0 * over(&self.saturated, |ran| ran.share(ran.load_cpu));
        let (name, rate, protocol) = (self.system.name(), self.rate(), self.protocol.name());
        format!(
            "{name} {rate:.0} requests/s over {protocol} (its core {server:.0} % busy, the load's {load:.0} %)"
        )
    }

    /// `magtape serve p50 0.21 ms, p99 0.55 ms at 4938 requests/s`.
    fn latencies(&self) -> String {
        let (name, p50, p99) = (self.system.name(), self.latency(0.5), self.latency(0.99));
        format!("{name} p50 {p50:.2} ms, p99 {p99:.2} ms at {:.0} requests/s", over(&self.half, Ran::rate))
    }
}

/// The lines.
pub(super) fn lines(figures: &[Figures], memory: &Memory) -> Result<Vec<Line>> {
    let find = |system, protocol| {
        let found = figures.iter().find(|figures| figures.system == system && figures.protocol == protocol);
        found.context("this was not measured")
    };
    let opa = find(System::Opa, Protocol::Http1)?;
    let mut lines = Vec::new();
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let (magtape, noop) = (find(System::Magtape, protocol)?, find(System::Noop, protocol)?);
        lines.push(throughput(magtape, opa, Some(THROUGHPUT)));
        lines.push(throughput(magtape, noop, None));
        lines.push(tail(magtape, &[noop, opa]));
    }
    lines.extend(resident(memory));
    Ok(lines)
}

fn throughput(magtape: &Figures, other: &Figures, goal: Option<Goal>) -> Line {
    Line {
        what: format!(
            "requests a second on one core, {}, beside {}",
            magtape.protocol.name(),
            other.system.name()
        ),
        measured: magtape.rate() / other.rate(),
        unit: "x",
        goal,
        detail: format!("{}; {}", magtape.throughput(), other.throughput()),
    }
}

fn tail(magtape: &Figures, others: &[&Figures]) -> Line {
    let details: Vec<String> = [&[magtape], others].concat().into_iter().map(Figures::latencies).collect();
    Line {
        what: format!("p99 at half the saturation rate, {}", magtape.protocol.name()),
        measured: magtape.latency(0.99),
        unit: "ms",
        goal: Some(MILLISECONDS),
        detail: details.join("; "),
    }
}

fn resident(memory: &Memory) -> [Line; 2] {
    let scale = format!("OPA server {:.1} MB, no-op webhook {:.1} MB", memory.opa.all, memory.noop.all);
    let line = |when: &str, resident: &Resident| Line {
        what: format!("memory after 10,000 requests, policies compiled {when}"),
        measured: resident.all,
        unit: "MB",
        goal: Some(MEGABYTES),
        detail: format!("{:.1} MB of it its own, the rest pages of files; {scale}", resident.own),
    };
    [line("at start", &memory.compiled_at_start), line("before", &memory.compiled_before)]
}

/// The middle over all runs.
fn over(runs: &[Ran], figure: impl Fn(&Ran) -> f64) -> f64 {
    median(&runs.iter().map(figure).collect::<Vec<_>>())
}
