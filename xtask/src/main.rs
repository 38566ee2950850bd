//! The project's own tasks: `cargo xtask <task>`.
//!
//! Each task is a list of named steps that are timed and stop at the first failure, so that what runs on a
//! desk, in CI and in the documentation is one command. Exit code 0: all held; 1: a step failed; 2: usage.

mod bench;
mod cluster;
mod command;
mod deny;
mod deploy;
mod dist;
mod notes;
mod oracle;
mod policies;
mod rego_compiler;
mod repository;
mod soak;
mod steps;
mod test;
mod tools;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::oracle::Share;
use crate::policies::Mode;

/// The project's own tasks.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", after_help = EXAMPLES)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask test               everything that must hold before a change is merged
  cargo xtask policies           after a change to policies-rego/*/policy.rego
  cargo xtask policies --check   whether policies-rego/dist is what its sources say
  cargo xtask conformance        all of OPA's own cases on the engine
  cargo xtask fuzz --seed 7      ten minutes of random questions to the engine and to OPA
  cargo xtask bench --part wire  what a request over TLS costs, beside an OPA server
  cargo xtask soak               ten minutes of changing policies and requests: nothing fails or grows
  cargo xtask dist               the program as it is distributed, with its policies compiled
  cargo xtask dist --image       the same, and as an image
  cargo xtask deploy             after a change to deploy/base
  cargo xtask deny               licences and advisories of what it is made of
  cargo xtask cluster --run      a Kubernetes API server to try things on

What tests need besides Rust is built with Go, once, into MAGTAPE_CACHE
(or magtape in XDG_CACHE_HOME, or ~/.cache/magtape), in a folder for each version.";

#[derive(Subcommand)]
enum Task {
    /// Runs every check and every test: the one command for it
    ///
    /// Builds the tools that tests need (opa, etcd, helm, and programs of Kubernetes; once), then checks formatting,
    /// lints and the compiled policies, and runs all tests. Stops at the first step that fails, with exit code 1.
    Test,
    /// Checks and tests the Rego policies and compiles them into policies-rego/dist
    ///
    /// Uses OPA, which is built into the cache folder if it is not there.
    Policies {
        /// Write nothing, and fail when a compiled policy is not what its source compiles to
        #[arg(long)]
        check: bool,
    },
    /// Runs OPA's own conformance cases on the engine
    ///
    /// OPA compiles each case to Wasm and says what its own evaluator answers; the engine runs the module. A case
    /// that ends otherwise fails, unless testing/conformance/listed.txt has it with a reason.
    Conformance {
        /// Only a fixed tenth of the cases, of every topic
        #[arg(long)]
        tenth: bool,
        /// Only topics whose name has this text
        #[arg(long, default_value = "")]
        topic: String,
        /// Print all of what a failed case wanted and got
        #[arg(long)]
        verbose: bool,
    },
    /// Asks the engine and OPA the same random questions
    Fuzz {
        /// For how long
        #[arg(long, default_value_t = 600)]
        seconds: u64,
        /// The same seed asks the same questions
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only families whose name has this text: sprintf, time, units, strings, sets, policies
        #[arg(long, default_value = "")]
        family: String,
    },
    /// Measures what judging costs, beside OPA, a webhook that does nothing, and the API server's own policies
    ///
    /// Prints a table. A run of all parts also writes docs/benchmarks.json and docs/benchmarks.svg. Nothing else
    /// should run on the machine meanwhile, which has to have two cores. OPA, etcd and kube-apiserver are built
    /// into the cache folder if they are not there.
    Bench {
        /// One part: inprocess, wire, apiserver or check
        #[arg(long, default_value = "all", conflicts_with = "record")]
        part: String,
        /// Measure nothing, and record testing/corpus/reviews.jsonl anew
        #[arg(long)]
        record: bool,
    },
    /// Runs two replicas behind a real API server while policies change, and fails when a request does or memory grows
    ///
    /// ConfigMaps with policies are created, edited, broken, mended and deleted, three changes a second, and forty
    /// requests a second are judged and held against policies that never change. Prints a line each half minute:
    /// requests, failures, latency, and the memory of each replica. What it runs is built if it is not there.
    Soak {
        /// For so many minutes
        #[arg(long, default_value_t = 10)]
        minutes: u64,
    },
    /// Builds the Wasm module that the host compiles Rego with, if it is not there
    ///
    /// It is host/rego-compiler, built with Go: once into the cache folder, and copied to
    /// target/rego-compiler, where a host built in this tree looks for it.
    RegoCompiler,
    /// Builds what is distributed: the program with compiled policies and the Rego compiler, as an archive
    ///
    /// It is laid out and packed in target/dist. What the program would compile at its first start is compiled here,
    /// by the program itself.
    Dist {
        /// The profile of Cargo's that the program is built with; release builds faster, dev in no time
        #[arg(long, value_name = "NAME", default_value = "dist")]
        profile: String,
        /// Also build the image, by buildah, without a container engine
        #[arg(long)]
        image: bool,
        /// What the image is built on: one with glibc, or scratch, which gets the libraries of this machine
        #[arg(
            long,
            value_name = "IMAGE",
            requires = "image",
            default_value = "gcr.io/distroless/cc-debian12"
        )]
        base: String,
    },
    /// Builds the image on nothing, of the program that tests run, and has what is in it judge a review
    ///
    /// It is unpacked and started without a container engine, as its user and with a root that cannot be written; that
    /// takes root. buildah is installed if it is not there and this runs as root.
    Image,
    /// Prints what CHANGELOG.md says of a version, for its release
    Notes {
        /// The release's tag, such as v1.2.3; the version has to be the one of this tree
        #[arg(long)]
        tag: String,
    },
    /// Checks licences, sources and advisories of all crates, by deny.toml
    ///
    /// Uses cargo-deny, which is built into the cache folder if it is not there. Where the database of advisories cannot be
    /// had, the copy that was had last is asked, and its age is said.
    Deny,
    /// Renders deploy/base into deploy/install.yaml
    ///
    /// Uses kubectl, which is built into the cache folder if it is not there.
    Deploy {
        /// Write nothing, and fail when the file is not what the base renders to
        #[arg(long)]
        check: bool,
    },
    /// Builds what tests in a cluster run, if it is not there: etcd, kube-apiserver, kube-controller-manager, kubectl, helm
    Cluster {
        /// Also start them on loopback, say how to use them, and end them on Ctrl-C
        #[arg(long)]
        run: bool,
    },
}

fn main() -> ExitCode {
    match run(Args::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell it to when stderr is gone.
            let _ = writeln!(anstream::stderr().lock(), "\n{}: {error:#}", steps::failed("error"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    repository::enter()?;
    match task {
        Task::Test => test::run(),
        Task::Policies { check } => policies::run(if check { Mode::Check } else { Mode::Write }),
        Task::Conformance { tenth, topic, verbose } => {
            oracle::conformance(if tenth { Share::Tenth } else { Share::All }, &topic, verbose)
        }
        Task::Fuzz { seconds, seed, family } => oracle::fuzz(seconds, seed, &family),
        Task::Bench { part, record } => {
            bench::run(if record { bench::Task::Record } else { bench::Task::Measure }, &part)
        }
        Task::Soak { minutes } => soak::run(minutes),
        Task::Dist { profile, image, base } => dist::run(&profile, image.then_some(base.as_str())),
        Task::Notes { tag } => notes::run(&tag),
        Task::Image => dist::try_image(),
        Task::Deploy { check } => deploy::run(if check { deploy::Mode::Check } else { deploy::Mode::Write }),
        Task::Deny => deny::run(),
        Task::RegoCompiler => rego_compiler::run(),
        Task::Cluster { run } => cluster::run(run),
    }
}
