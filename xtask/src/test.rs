//! `cargo xtask test`: everything that must hold. A new kind of check is one more line in [`STEPS`].

use anyhow::Result;
use magtape_testing::tools::Tool;

use crate::oracle::{self, Share};
use crate::policies::{self, Mode};
use crate::steps::{self, Step};
use crate::{cluster, command, deploy, dist, rego_compiler, tools};

const STEPS: &[Step] = &[
    Step {
        name: "tools",
        about: "opa, etcd, helm, prometheus and programs of Kubernetes are built",
        run: build_tools,
    },
    Step {
        name: "compiler",
        about: "the Rego compiler is built, and its tests pass",
        run: rego_compiler::test,
    },
    Step { name: "format", about: "the code is formatted", run: check_format },
    Step { name: "lint", about: "clippy has nothing to say", run: lint },
    Step { name: "policies", about: "the compiled policies are what their sources say", run: check_policies },
    Step { name: "deploy", about: "deploy/install.yaml is what deploy/base renders to", run: check_deploy },
    Step { name: "test", about: "all tests pass, those on a real API server too", run: run_tests },
    Step { name: "image", about: "what is in the image judges a review", run: try_image },
    Step { name: "oracle", about: "a tenth of OPA's own cases end as in OPA", run: check_conformance },
    Step { name: "fuzz", about: "a minute of random questions is answered as OPA does", run: fuzz },
];

/// Runs all steps.
pub(crate) fn run() -> Result<()> {
    steps::run_all(STEPS)
}

fn build_tools() -> Result<()> {
    let opa = tools::ensure(Tool::Opa)?;
    steps::say(format_args!("opa {}: {}", Tool::Opa.version(), opa.display()))?;
    cluster::build()
}

fn check_format() -> Result<()> {
    command::run(command::cargo(&["fmt", "--all", "--check"]))
}

fn lint() -> Result<()> {
    command::run(command::cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

fn check_policies() -> Result<()> {
    policies::run(Mode::Check)
}

fn check_deploy() -> Result<()> {
    deploy::run(deploy::Mode::Check)
}

fn run_tests() -> Result<()> {
    command::run(command::cargo(&["test", "--workspace"]))
}

fn try_image() -> Result<()> {
    match dist::can_build_image() {
        Ok(()) => dist::try_image(),
        // The one thing that a machine may lack without the rest being worth less.
        Err(reason) => steps::say(format_args!("THE IMAGE IS NOT TRIED HERE: {reason:#}")),
    }
}

fn check_conformance() -> Result<()> {
    oracle::conformance(Share::Tenth, "", false)
}

fn fuzz() -> Result<()> {
    oracle::fuzz(60, 1, "")
}
