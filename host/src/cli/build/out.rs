//! Where to, and in which form.

use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use anyhow::{anyhow, bail, ensure};

use super::{pack::Pack, write};
use crate::{
    args::BuildArgs,
    package::{self, ConfigMap, PackageError},
    policy::Candidate,
};

/// What `opa build` calls it.
const DEFAULT: &str = "bundle.tar.gz";

/// Kubernetes' bound on all annotations of an object. `kubectl apply` keeps the whole object in one, unless the server
/// is to apply it.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// What is written.
enum Form<'a> {
    /// One policy, packed like that.
    One(Pack),
    /// One policy, packed as it suits it.
    Stream,
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
    /// What the arguments ask for. `only_crates` says that there is nothing but crates among the paths.
    ///
    /// # Errors
    /// When it is no form that there is, or binary on a terminal.
    pub(super) fn new(args: &'a BuildArgs, only_crates: bool) -> anyhow::Result<Self> {
        let out = match (&args.configmap, args.output.as_deref()) {
            (Some(name), named) => Self::config_map(ConfigMap::new(name, &args.namespace)?, named)?,
            (None, Some(named)) => Self::binary(named)?,
            (None, None) if only_crates => Self { form: Form::Folder, path: Some(Path::new("")) },
            (None, None) => Self { form: Form::One(Pack::Bundle), path: Some(Path::new(DEFAULT)) },
        };
        ensure!(
            !(matches!(out.form, Form::Stream) && io::stdout().is_terminal()),
            "what is built is nothing for a terminal; redirect standard output or name a file"
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
        let form = if is_stdout(path) {
            return Ok(Self { form: Form::Stream, path: None });
        } else if ends_with(path, &[".tar.gz", ".tgz"]) {
            Form::One(Pack::Bundle)
        } else if ends_with(path, &[".wasm"]) {
            Form::One(Pack::Wasm)
        } else if ends_with(path, &[".wasm.gz"]) {
            Form::One(Pack::WasmGz)
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
        Ok(Self { form, path: Some(path) })
    }

    /// Whether a crate can be written like that, which is known before it is built.
    ///
    /// # Errors
    /// When it cannot.
    pub(super) fn admits_crates(&self) -> anyhow::Result<()> {
        let path = self.path.unwrap_or(Path::new(DEFAULT)).display();
        ensure!(
            !matches!(self.form, Form::One(Pack::Bundle)),
            "{path}: is a bundle of OPA's, and of a crate a component is made: write it to *.wasm, DIR/ or a ConfigMap"
        );
        Ok(())
    }

    /// Whether a module came from what an earlier run wrote here, into one of these files if it was a folder: that is no
    /// source.
    pub(super) fn is_earlier(&self, origin: &str, made: &[String]) -> bool {
        let Some(out) = self.path else { return false };
        let file = Path::new(origin.split_once(", document ").map_or(origin, |(file, _)| file));
        match self.form {
            Form::Folder => made.iter().any(|name| is_same(file, &out.join(name))),
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
        let large = matches!(self.form, Form::ConfigMap(_)) && bytes > MAX_ANNOTATIONS;
        let hint = if large { "; apply it with kubectl apply --server-side" } else { "" };
        let (what, place) = (self.what(candidates), self.place(&files));
        Ok(format!("wrote {what} of {count} {policies} to {place}: {bytes} bytes{hint}"))
    }

    /// The files, each with its content.
    fn files(&self, candidates: &[Candidate]) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
        let path = self.path.unwrap_or(Path::new("-"));
        let content = match &self.form {
            Form::Folder => return folder(path, candidates),
            Form::ConfigMap(map) => {
                map.yaml(&packed(candidates, |one| Pack::of(one).compressed())?)?.into_bytes()
            }
            Form::Stream => one(candidates).and_then(|one| Pack::of(one).content(one))?,
            Form::One(pack) => pack.content(one(candidates)?)?,
        };
        Ok(vec![(path.to_owned(), content)])
    }

    /// What is written, for people.
    fn what(&self, candidates: &[Candidate]) -> &'static str {
        let components = candidates.iter().filter(|one| Pack::of(one) == Pack::Wasm).count();
        match (&self.form, components) {
            (Form::ConfigMap(_), _) => "the ConfigMap",
            (Form::Folder, 0) => "the bundles",
            (Form::Folder, _) if components < candidates.len() => "the bundles and components",
            (Form::Folder, 2..) => "the components",
            (Form::One(Pack::WasmGz), 0) => "the compressed module",
            (Form::One(Pack::WasmGz), _) => "the compressed component",
            (Form::One(Pack::Wasm), 0) => "the module",
            (Form::One(Pack::Bundle) | Form::Stream, 0) => "the bundle",
            (Form::One(_) | Form::Stream | Form::Folder, _) => "the component",
        }
    }

    /// Where to, for people.
    fn place(&self, files: &[(PathBuf, Vec<u8>)]) -> String {
        match (self.path, files) {
            (None, _) => "standard output".to_owned(),
            (Some(folder), [(file, _)]) if folder.as_os_str().is_empty() => file.display().to_string(),
            (Some(folder), _) if folder.as_os_str().is_empty() => "this folder".to_owned(),
            (Some(path), _) => path.display().to_string(),
        }
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
            "there are {} policies, each a file of its own: name a directory, -o DIR/, or make a ConfigMap of them \
             with --configmap NAME",
            candidates.len()
        ),
    }
}

/// Each policy with its file's name.
fn packed(
    candidates: &[Candidate],
    pack: impl Fn(&Candidate) -> Pack,
) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let placed = |(origin, error): (String, PackageError)| anyhow!("{origin}: {error}");
    let endings = candidates.iter().map(|candidate| (candidate, pack(candidate).ending()));
    let names = package::file_names(endings).map_err(placed)?;
    let content = |(name, candidate)| Ok((name, pack(candidate).content(candidate)?));
    names.into_iter().zip(candidates).map(content).collect()
}

fn folder(path: &Path, candidates: &[Candidate]) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let files = packed(candidates, Pack::of)?;
    Ok(files.into_iter().map(|(name, content)| (path.join(name), content)).collect())
}
