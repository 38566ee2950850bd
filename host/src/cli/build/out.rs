//! Where to, and in which form.

use std::{
    fmt,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow, bail, ensure};

use super::write;
use crate::{
    args::BuildArgs,
    package::{self, ConfigMap, PackageError},
    policy::Candidate,
    source::Rego,
};

/// What `opa build` calls it.
const DEFAULT: &str = "bundle.tar.gz";

/// Kubernetes' bound on all annotations of an object. `kubectl apply` keeps the whole object in one, unless the server
/// is to apply it.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// What is written.
enum Form<'a> {
    Bundle,
    Module,
    ModuleGz,
    Folder,
    ConfigMap(ConfigMap<'a>),
}

/// Where to, and in which form.
pub(super) struct Out<'a> {
    form: Form<'a>,
    /// A file or a folder; standard output when there is none.
    path: Option<&'a Path>,
}

// === impl Out ===

impl<'a> Out<'a> {
    /// What the arguments ask for.
    ///
    /// # Errors
    /// When it is no form that there is, or binary on a terminal.
    pub(super) fn new(args: &'a BuildArgs) -> anyhow::Result<Self> {
        let named = args.output.as_deref();
        let out = match &args.configmap {
            Some(name) => Self::config_map(ConfigMap::new(name, &args.namespace)?, named)?,
            None => Self::binary(named.unwrap_or(Path::new(DEFAULT)))?,
        };
        let text = matches!(out.form, Form::ConfigMap(_));
        let binary_on_terminal = out.path.is_none() && !text && io::stdout().is_terminal();
        ensure!(
            !binary_on_terminal,
            "a bundle is nothing for a terminal; redirect standard output or name a file"
        );
        Ok(out)
    }

    fn config_map(map: ConfigMap<'a>, named: Option<&'a Path>) -> anyhow::Result<Self> {
        let path = named.filter(|path| !is_stdout(path));
        if let Some(path) = path.filter(|path| !ends_with(path, &[".yaml", ".yml"])) {
            bail!("{}: a ConfigMap is written to a file *.yaml or to -", path.display());
        }
        Ok(Self { form: Form::ConfigMap(map), path })
    }

    fn binary(path: &'a Path) -> anyhow::Result<Self> {
        let form = if is_stdout(path) || ends_with(path, &[".tar.gz", ".tgz"]) {
            Form::Bundle
        } else if ends_with(path, &[".wasm"]) {
            Form::Module
        } else if ends_with(path, &[".wasm.gz"]) {
            Form::ModuleGz
        } else if path.is_dir() || ends_with(path, &["/"]) {
            Form::Folder
        } else if ends_with(path, &[".yaml", ".yml"]) {
            bail!("{}: a ConfigMap needs a name, --configmap NAME", path.display());
        } else {
            bail!(
                "{}: what is written is told from the ending: *.tar.gz, *.wasm, *.wasm.gz, *.yaml with --configmap, \
                 or a directory that ends in /",
                path.display()
            );
        };
        Ok(Self { form, path: Some(path).filter(|path| !is_stdout(path)) })
    }

    /// Whether a module came from what an earlier run made of the same `rego` and wrote here: that is no source.
    pub(super) fn is_earlier(&self, origin: &str, rego: &[Rego]) -> bool {
        let Some(out) = self.path else { return false };
        let file = Path::new(origin.split_once(", document ").map_or(origin, |(file, _)| file));
        match self.form {
            Form::Folder => rego.iter().any(|rego| is_same(file, &out.join(package::file_name(&rego.name)))),
            _ => is_same(file, out),
        }
    }

    /// Writes the policies, all or none, and tells what was written.
    ///
    /// # Errors
    /// When they do not fit the form, or cannot be written.
    pub(super) fn write(&self, candidates: &[Candidate]) -> anyhow::Result<String> {
        let files = self.files(candidates)?;
        let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
        match self.path {
            None => files.iter().try_for_each(|(_, content)| write::stdout(content))?,
            Some(_) => write::all(&files)?,
        }
        let count = candidates.len();
        let policies = if count == 1 { "policy" } else { "policies" };
        let place = self.path.map_or("standard output".to_owned(), |path| path.display().to_string());
        let large = matches!(self.form, Form::ConfigMap(_)) && bytes > MAX_ANNOTATIONS;
        let hint = if large { "; apply it with kubectl apply --server-side" } else { "" };
        Ok(format!("wrote {} of {count} {policies} to {place}: {bytes} bytes{hint}", self.form))
    }

    /// The files, each with its content.
    fn files(&self, candidates: &[Candidate]) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
        let path = self.path.unwrap_or(Path::new("-"));
        let content = match &self.form {
            Form::Folder => return folder(path, candidates),
            Form::ConfigMap(map) => map.yaml(&bundles(candidates)?)?.into_bytes(),
            Form::Bundle => package::bundle(one(candidates)?)?,
            Form::Module => module(one(candidates)?)?.to_vec(),
            Form::ModuleGz => package::gzip(module(one(candidates)?)?)?,
        };
        Ok(vec![(path.to_owned(), content)])
    }
}

impl fmt::Display for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::Bundle => "the bundle",
            Form::Module => "the module",
            Form::ModuleGz => "the compressed module",
            Form::Folder => "the bundles",
            Form::ConfigMap(_) => "the ConfigMap",
        })
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

fn ends_with(path: &Path, endings: &[&str]) -> bool {
    let text = path.as_os_str().as_encoded_bytes();
    endings.iter().any(|ending| text.ends_with(ending.as_bytes()))
}

fn one(candidates: &[Candidate]) -> anyhow::Result<&Candidate> {
    match candidates {
        [candidate] => Ok(candidate),
        _ => bail!(
            "there are {} policies, each a bundle of its own: name a directory, -o DIR/, or make a ConfigMap of them \
             with --configmap NAME",
            candidates.len()
        ),
    }
}

fn module(candidate: &Candidate) -> anyhow::Result<&[u8]> {
    package::module(candidate).with_context(|| candidate.origin.clone())
}

/// The bundle of each policy with its file's name.
fn bundles(candidates: &[Candidate]) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let placed = |(origin, error): (String, PackageError)| anyhow!("{origin}: {error}");
    let names = package::file_names(candidates).map_err(placed)?;
    names
        .into_iter()
        .zip(candidates)
        .map(|(name, candidate)| Ok((name, package::bundle(candidate)?)))
        .collect()
}

fn folder(path: &Path, candidates: &[Candidate]) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let bundles = bundles(candidates)?;
    Ok(bundles.into_iter().map(|(name, content)| (path.join(name), content)).collect())
}
