//! The programs that tests run and that are not built by Cargo: their versions, and their places in the cache.
//!
//! `cargo xtask` builds them there; tests only look. Both go by the rule below, so nothing is passed between
//! them. The folder carries the version: a new version is a new folder, and an old clone still finds its own.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

/// A program of a fixed version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Open Policy Agent: compiles and tests the Rego policies, and is what the engine is compared with.
    Opa,
    /// The store of the API server.
    Etcd,
    /// Kubernetes' API server.
    KubeApiserver,
    /// Kubernetes' controllers.
    KubeControllerManager,
    /// Reads the webhook's metrics and answers what dashboards ask.
    Prometheus,
    /// Checks and tests the rules for it.
    Promtool,
    /// Kubernetes' command line, which has kustomize in it.
    Kubectl,
    /// Renders and installs the chart.
    Helm,
}

// === impl Tool ===

impl Tool {
    /// The program's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opa => "opa",
            Self::Etcd => "etcd",
            Self::KubeApiserver => "kube-apiserver",
            Self::KubeControllerManager => "kube-controller-manager",
            Self::Kubectl => "kubectl",
            Self::Helm => "helm",
            Self::Prometheus => "prometheus",
            Self::Promtool => "promtool",
        }
    }

    /// The version that is built. Those of all but OPA are the ones in `testing/cluster/*/go.mod`.
    pub fn version(self) -> &'static str {
        match self {
            Self::Opa => "1.22.0",
            Self::Etcd => "3.6.16",
            Self::KubeApiserver | Self::KubeControllerManager | Self::Kubectl => "1.35.4",
            Self::Helm => "3.22.0",
            // Of the line with long-term support; its module is v0.305.2.
            Self::Prometheus | Self::Promtool => "3.5.2",
        }
    }

    /// Where the program is, or will be once it is built.
    ///
    /// # Errors
    /// When there is no cache folder.
    pub fn path(self) -> Result<PathBuf> {
        let folder = match self {
            Self::Opa | Self::Etcd | Self::Helm => self.name(),
            Self::KubeApiserver | Self::KubeControllerManager | Self::Kubectl => "kubernetes",
            Self::Prometheus | Self::Promtool => "prometheus",
        };
        Ok(cache_folder()?.join(format!("{folder}-{}", self.version())).join(self.name()))
    }

    /// Where the program is.
    ///
    /// # Errors
    /// When it is not built; the text says which command builds it.
    pub fn built(self) -> Result<PathBuf> {
        let (name, version, path) = (self.name(), self.version(), self.path()?);
        let task = if self == Self::Opa { "policies" } else { "cluster" };
        ensure!(
            path.is_file(),
            "{name} {version} is not built ({} does not exist): run `cargo xtask {task}`, which builds it",
            path.display()
        );
        Ok(path)
    }
}

/// The folder that holds what is too big to build with every clone: `MAGTAPE_CACHE`, else `magtape` in
/// `XDG_CACHE_HOME`, else `~/.cache/magtape`.
///
/// # Errors
/// When none of the three variables is set, or the folder is not an absolute path.
pub fn cache_folder() -> Result<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("MAGTAPE_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("magtape")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/magtape")))
        .context("there is no cache folder: set MAGTAPE_CACHE to one, or HOME")?;
    // Cargo runs tests in another folder than xtask.
    ensure!(folder.is_absolute(), "the cache folder {} must be an absolute path", folder.display());
    Ok(folder)
}
