//! Builds the programs that tests run into the cache folder, once for each version.
//!
//! A program is built beside its place and renamed into it when it is whole, under a lock: neither an
//! interrupted build nor two at a time leave half a program where tests look.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use magtape_testing::tools::{self, Tool};

use crate::{command, steps};

/// The version number that Kubernetes' own build sets, which the API server tells its clients.
const KUBERNETES_VERSION: &str = "k8s.io/component-base/version";

/// The same of Prometheus.
const PROMETHEUS_VERSION: &str = "github.com/prometheus/common/version.Version";
/// The Kubernetes whose client Helm has, `1.NUMBER`; its own build sets it, and charts ask for it. It goes by
/// `k8s.io/client-go` in testing/cluster/helm/go.mod.
const HELM_KUBERNETES: &str = "37";

/// Makes sure that a program is built, and says where it is.
pub(crate) fn ensure(tool: Tool) -> Result<PathBuf> {
    let path = tool.path()?;
    if !path.is_file() {
        let _lock = lock()?;
        // Whoever held the lock may have built it.
        if !path.is_file() {
            build(tool, &path).with_context(|| format!("cannot build {} {}", tool.name(), tool.version()))?;
        }
    }
    Ok(path)
}

/// Held until it is dropped.
fn lock() -> Result<File> {
    let folder = tools::cache_folder()?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if file.try_lock().is_err() {
        steps::say("waiting for another build in the same cache folder")?;
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

fn build(tool: Tool, path: &Path) -> Result<()> {
    go_is_there()?;
    let minutes = match tool {
        Tool::Opa | Tool::Helm => "two minutes",
        Tool::Etcd | Tool::KubeControllerManager | Tool::Kubectl => "one minute",
        Tool::KubeApiserver | Tool::Prometheus => "four minutes",
        Tool::Promtool => "one minute, after prometheus",
    };
    steps::say(format_args!(
        "building {} {} into {}: about {minutes} on two cores, and its sources are downloaded first",
        tool.name(),
        tool.version(),
        path.display()
    ))?;
    let partial = path.with_file_name("partial");
    fs::create_dir_all(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    command::run(build_command(tool, &partial))?;
    fs::rename(partial.join(tool.name()), path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    fs::remove_dir_all(&partial).with_context(|| format!("cannot remove {}", partial.display()))
}

/// The command that builds a program into `folder`.
fn build_command(tool: Tool, folder: &Path) -> Command {
    let mut command = Command::new("go");
    // Nothing here needs C, and so nobody needs a C compiler for it.
    command.env("CGO_ENABLED", "0");
    match tool {
        Tool::Opa => {
            let module = format!("github.com/open-policy-agent/opa@v{}", tool.version());
            command.env("GOBIN", folder).args(["install", "-trimpath", "-ldflags", "-s -w", &module]);
        }
        Tool::Etcd => in_module(&mut command, "etcd", folder, "-s -w", "go.etcd.io/etcd/server/v3", tool),
        Tool::Helm => {
            let flags = helm_flags(tool.version());
            in_module(&mut command, "helm", folder, &flags, "helm.sh/helm/v3/cmd/helm", tool);
        }
        Tool::KubeApiserver | Tool::KubeControllerManager | Tool::Kubectl => {
            let flags = kubernetes_flags(tool.version());
            let package = format!("k8s.io/kubernetes/cmd/{}", tool.name());
            in_module(&mut command, "kubernetes", folder, &flags, &package, tool);
        }
        Tool::Prometheus | Tool::Promtool => {
            let flags = format!("-s -w -X {PROMETHEUS_VERSION}={}", tool.version());
            let package = format!("github.com/prometheus/prometheus/cmd/{}", tool.name());
            in_module(&mut command, "prometheus", folder, &flags, &package, tool);
        }
    }
    command
}

/// Builds a package that a Go module of this repository pins; `go install` refuses packages whose module has
/// replacements.
fn in_module(command: &mut Command, module: &str, folder: &Path, flags: &str, package: &str, tool: Tool) {
    command
        .current_dir(Path::new("testing/cluster").join(module))
        .args(["build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o"])
        .arg(folder.join(tool.name()))
        .arg(package);
}

/// Without them Kubernetes' programs say that they are v0.0.0.
fn kubernetes_flags(version: &str) -> String {
    let mut numbers = version.split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    let set = |name: &str, value: &str| format!(" -X {KUBERNETES_VERSION}.{name}={value}");
    [
        "-s -w".to_owned(),
        set("gitVersion", &format!("v{version}")),
        set("gitMajor", major),
        set("gitMinor", minor),
    ]
    .concat()
}

/// Without them Helm says that it is an early version, for Kubernetes 1.20.
fn helm_flags(version: &str) -> String {
    let module = "helm.sh/helm/v3";
    let client = format!("{module}/pkg/chartutil.k8sVersion");
    format!(
        "-s -w -X {module}/internal/version.version=v{version} -X {client}Major=1 -X {client}Minor={HELM_KUBERNETES}"
    )
}

/// Says what to do where Go is not.
pub(crate) fn go_is_there() -> Result<()> {
    match Command::new("go").arg("version").output() {
        Ok(output) if output.status.success() => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!(
                "Go is not there: install Go 1.26 or newer (https://go.dev/doc/install), so that `go version` works"
            )
        }
        Ok(output) => {
            bail!("`go version` fails ({}): {}", output.status, String::from_utf8_lossy(&output.stderr))
        }
        Err(error) => Err(error).context("cannot start go"),
    }
}
