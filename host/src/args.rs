//! What was typed.

mod notify;
mod serve;

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::verdict::DenyLevel;

pub use notify::NotifyArgs;
pub use serve::{OnFailure, PoliciesFrom, ServeArgs};

/// Judges Kubernetes objects by policies compiled to WebAssembly.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    max_term_width = 110,
    after_help = "Exit codes: 0 all is well, 1 something was denied, 2 usage or an error.\n\n\
                  Examples:\n  magtape check deploy/                  judge manifests before they reach a cluster\n  \
                  kustomize build . | magtape check -    judge what a tool renders\n  \
                  magtape serve --self-signed            try the webhook on this machine"
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge manifests and AdmissionReview files
    Check(CheckArgs),
    /// Answer admission requests of an API server over HTTPS
    Serve(Box<ServeArgs>),
    /// Run unit tests in Rego, Gatekeeper suites and tables of cases
    Test(TestArgs),
    /// Make a crate for a policy in Rust
    New(NewArgs),
    /// Compile Rego, or a crate in Rust, to what is shipped: a bundle, a module, a component or a ConfigMap
    Build(BuildArgs),
    /// Tell what is in a policy: dialect, metadata, parameters, what it needs of the host, size
    Inspect(InspectArgs),
    /// Tell what changes when this program takes the place of MagTape 2.4, OPA with kube-mgmt, or Gatekeeper
    Migrate(MigrateArgs),
    /// Print what policies may use, for `opa build --capabilities`
    Capabilities,
    /// Print the completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Which policies, with which data.
#[derive(Debug, ClapArgs)]
pub struct PolicyArgs {
    /// A policy file (.rego, .wasm, .wasm.gz, bundle .tar.gz, or .yaml with ConfigMaps, ConstraintTemplates and
    /// constraints) or a directory of them, or a set in the binary: embedded:rego, embedded:rust, embedded:hardening;
    /// repeatable. Without it, embedded:rust judges
    #[arg(long, value_name = "PATH")]
    pub policies: Vec<PathBuf>,

    /// What policies are configured with, as YAML or JSON: {NAME: {…}}; a policy's page says what it takes
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,

    /// A JSON object that policies read as `data`, such as {"kubernetes": {"namespaces": {…}}}
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,

    /// What a policy may use, as YAML or JSON: {default: {deadlineMilliseconds: 100}, policies: {NAME: {…}}};
    /// docs/configuration.md lists the limits
    #[arg(long, value_name = "FILE")]
    pub limits: Option<PathBuf>,

    /// Where compiled policies are kept between runs; magtape in XDG_CACHE_HOME or ~/.cache if nothing is said
    #[arg(long, value_name = "DIR", env = "MAGTAPE_CACHE")]
    pub cache: Option<PathBuf>,

    /// Which severities deny: OFF none, LOW only HIGH, MED also MED, HIGH all
    #[arg(long, value_name = "LEVEL", env = "MAGTAPE_DENY_LEVEL", default_value_t)]
    pub deny_level: DenyLevel,
}

/// What `check` takes.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Exit codes: 0 everything is allowed, 1 something is denied, 2 usage, input that could not be read, or \
                  a policy that failed. What could be judged is judged and reported in any case.\n\n\
                  Examples:\n  magtape check manifests/\n  magtape check --deny-level MED -o json app.yaml\n  \
                  helm template chart | magtape check --policies policies/ -"
)]
pub struct CheckArgs {
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,

    /// How to report
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,

    /// Files (YAML or JSON: manifests, lists, AdmissionReviews), directories, or - for standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// How `check` reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people, coloured on a terminal
    #[default]
    Text,
    /// For machines; docs/check.md, docs/build.md and docs/migrating.md describe it
    Json,
}

/// What `test` takes.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A PATH is a *_test.rego file, a Gatekeeper Suite, a table of cases, or a directory of them.\n\n\
                  Exit codes: 0 all tests passed, 1 some failed, 2 usage, or a test that could not be run.\n\n\
                  Examples:\n  magtape test policies/\n  magtape test --run 'allowed.*' suite.yaml\n  \
                  magtape test -o junit policies/ > report.xml"
)]
pub struct TestArgs {
    #[command(flatten)]
    pub(crate) policies: PolicyArgs,

    /// Only the tests whose name fits this regular expression
    #[arg(long, value_name = "REGEX")]
    pub run: Option<String>,

    /// How to report
    #[arg(short, long, value_enum, default_value_t)]
    pub output: TestOutput,

    /// Tests, suites, tables of cases, or directories of them
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// How `test` reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TestOutput {
    /// For people, coloured on a terminal
    #[default]
    Text,
    /// For machines; docs/test.md describes it
    Json,
    /// JUnit's XML, which CI systems read
    Junit,
}

/// What `new` takes.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "What it makes builds, passes its test and can be loaded as it is; docs/writing-policies.md goes on from \
                  there.\n\nExamples:\n  magtape new team-label\n  \
                  magtape new team-label --path policies/team-label --sdk ../magtape/sdk"
)]
pub struct NewArgs {
    /// What the crate and its policy are called: lower case letters, digits and -
    #[arg(value_name = "NAME")]
    pub name: String,

    /// The crate's folder, new or empty; NAME if nothing is said
    #[arg(long, value_name = "DIR")]
    pub path: Option<PathBuf>,

    /// The folder of the SDK, instead of the release that belongs to this program: sdk in a clone of its repository
    #[arg(long, value_name = "DIR", env = "MAGTAPE_SDK")]
    pub sdk: Option<PathBuf>,
}

/// What `build` takes.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  magtape build policy.rego -o policy.tar.gz\n  \
                  magtape build policy.rego -o policy.wasm\n  \
                  magtape build team-label                            a crate, to team-label.wasm\n  \
                  magtape build policies/ --configmap my-policies | kubectl apply --server-side -f -")]
pub struct BuildArgs {
    /// Where to: a bundle *.tar.gz, a module or component *.wasm or *.wasm.gz, a ConfigMap *.yaml, a directory for one
    /// file a policy, or - for standard output. If nothing is said, bundle.tar.gz, or NAME.wasm for each crate
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,

    /// Write a ConfigMap of this name, ready for kubectl apply
    #[arg(long, value_name = "NAME")]
    pub configmap: Option<String>,

    /// The ConfigMap's namespace
    #[arg(long, value_name = "NAMESPACE", requires = "configmap", default_value = "magtape-system")]
    pub namespace: String,

    /// Where compiled policies are kept between runs; magtape in XDG_CACHE_HOME or ~/.cache if nothing is said
    #[arg(long, value_name = "DIR", env = "MAGTAPE_CACHE")]
    pub cache: Option<PathBuf>,

    /// Rego files, or directories of them; crates, each by its folder
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// What `inspect` takes.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Exit codes: 0 every policy can be loaded, 2 one cannot.\n\n\
                  Examples:\n  magtape inspect policy.tar.gz\n  magtape inspect -o json policies/")]
pub struct InspectArgs {
    /// How to report
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,

    /// Where compiled policies are kept between runs; magtape in XDG_CACHE_HOME or ~/.cache if nothing is said
    #[arg(long, value_name = "DIR", env = "MAGTAPE_CACHE")]
    pub cache: Option<PathBuf>,

    /// Policies in any form that --policies takes
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// What `migrate` takes.
#[derive(Debug, ClapArgs)]
pub struct MigrateArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: MigrateCommand,
}

/// What `migrate` does.
#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// List what changes, and what has to be done before; writes nothing
    Check(MigrateCheckArgs),
}

/// What `migrate check` takes.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Exit codes: 0 nothing needs action, 1 something does, 2 usage, or something that could not be read.\n\n\
                  Examples:\n  magtape migrate check install.yaml policies/\n  \
                  kustomize build overlays/production | magtape migrate check -\n  \
                  magtape migrate check --cluster                         MagTape in magtape-system\n  \
                  magtape migrate check --cluster --namespace opa -o json"
)]
pub struct MigrateCheckArgs {
    /// Read the install where it runs, by the current kubeconfig; nothing is written
    #[arg(long, conflicts_with = "paths")]
    pub cluster: bool,

    /// The namespace of the install
    #[arg(long, value_name = "NAMESPACE", default_value = "magtape-system")]
    pub namespace: String,

    /// How to report
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Output,

    /// Where compiled policies are kept between runs; magtape in XDG_CACHE_HOME or ~/.cache if nothing is said
    #[arg(long, value_name = "DIR", env = "MAGTAPE_CACHE")]
    pub cache: Option<PathBuf>,

    /// Manifests of the install: files, directories, or - for standard input
    #[arg(value_name = "PATH", required_unless_present = "cluster")]
    pub paths: Vec<PathBuf>,
}

/// As MagTape's settings have it.
fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_uppercase().as_str() {
        "TRUE" => Ok(true),
        "FALSE" => Ok(false),
        _ => Err("expected TRUE or FALSE".to_owned()),
    }
}

/// A time such as 5m; `expected` says in words which bounds it has.
fn duration(text: &str, bounds: &RangeInclusive<Duration>, expected: &str) -> Result<Duration, String> {
    let parsed: jiff::SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    let duration = Duration::try_from(parsed).map_err(|error| error.to_string())?;
    if bounds.contains(&duration) { Ok(duration) } else { Err(format!("expected {expected}")) }
}
