//! The process itself, as Linux tells of it; nothing on other systems. The `prometheus` crate has the same, in whole
//! seconds of the processor only.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus::{
    Result,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use super::family::{Family, Kind, Sample, family};

const FAMILIES: [Family; 6] = [
    process("process_cpu_seconds_total", "Seconds of a processor that were used.", Kind::Counter),
    process("process_resident_memory_bytes", "Bytes of memory that are in use.", Kind::Gauge),
    process("process_virtual_memory_bytes", "Bytes of address space.", Kind::Gauge),
    process("process_open_fds", "Open file descriptors.", Kind::Gauge),
    process("process_max_fds", "File descriptors that may be open.", Kind::Gauge),
    process("process_start_time_seconds", "Unix time at which the process began.", Kind::Gauge),
];

/// Where `proc(5)` has these, counted from the field behind the name of the program.
const USER: usize = 11;
const SYSTEM: usize = 12;
const START: usize = 19;
const ADDRESSES: usize = 20;
const RESIDENT: usize = 21;

pub(super) struct Process {
    descs: Vec<Desc>,
    /// The Unix time at which the system began.
    booted: Option<f64>,
}

const fn process(name: &'static str, help: &'static str, kind: Kind) -> Family {
    Family { name, help, kind, labels: &[] }
}

// === impl Process ===

impl Process {
    pub(super) fn new() -> Result<Self> {
        let desc = |family: &Family| {
            Desc::new(family.name.to_owned(), family.help.to_owned(), Vec::new(), Default::default())
        };
        Ok(Self { descs: FAMILIES.iter().map(desc).collect::<Result<_>>()?, booted: booted() })
    }

    fn values(&self) -> Option<[Option<f64>; 6]> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        // The name is in brackets and may have some itself.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let field = |at: usize| fields.get(at)?.parse::<f64>().ok();
        let ticks = rustix::param::clock_ticks_per_second() as f64;
        Some([
            Some((field(USER)? + field(SYSTEM)?) / ticks),
            Some(field(RESIDENT)? * rustix::param::page_size() as f64),
            field(ADDRESSES),
            open_files(),
            most_files(),
            self.booted.and_then(|booted| Some(booted + field(START)? / ticks)),
        ])
    }
}

impl Collector for Process {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let values = self.values().unwrap_or_default();
        let samples = values.map(|value| value.map_or_else(Vec::new, Sample::one));
        FAMILIES.iter().zip(samples).map(|(of, samples)| family(of, samples)).collect()
    }
}

fn booted() -> Option<f64> {
    let up = fs::read_to_string("/proc/uptime").ok()?;
    let up: f64 = up.split_whitespace().next()?.parse().ok()?;
    Some(SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs_f64() - up)
}

fn open_files() -> Option<f64> {
    // One of them is open to count them.
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as f64)
}

fn most_files() -> Option<f64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    files.split_whitespace().next()?.parse().ok()
}
