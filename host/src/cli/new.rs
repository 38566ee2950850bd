//! `magtape new`: makes a crate for a policy in Rust that builds, passes its tests and can be loaded as it is.

mod name;
mod sdk;

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, anyhow, bail};

use crate::{
    args::NewArgs,
    report::{Problem, printable},
};
use sdk::Sdk;

/// The files of a crate with their templates.
const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("new/Cargo.toml.in")),
    (".cargo/config.toml", include_str!("new/config.toml.in")),
    (".gitignore", include_str!("new/gitignore.in")),
    ("src/lib.rs", include_str!("new/lib.rs.in")),
    ("README.md", include_str!("new/README.md.in")),
];

pub(super) fn run(args: &NewArgs) -> anyhow::Result<u8> {
    name::check(&args.name).map_err(|reason| anyhow!("{:?} {reason}", args.name))?;
    let sdk = args.sdk.as_deref().map_or(Ok(Sdk::Released), Sdk::in_folder)?;
    let folder = args.path.as_deref().unwrap_or(Path::new(&args.name));
    let place = || format!("{}", folder.display());
    vacant(folder).with_context(place)?;
    for (file, template) in FILES {
        let text = template
            .replace("@name@", &args.name)
            .replace("@rust@", env!("CARGO_PKG_RUST_VERSION"))
            .replace("@sdk@", &sdk.dependency());
        write(&folder.join(file), &text).with_context(|| folder.join(file).display().to_string())?;
    }
    if let Sdk::Released = sdk {
        super::note(&[Problem { place: "magtape-sdk".to_owned(), reason: sdk::RELEASED.to_owned() }]);
    }
    tell(&args.name, folder)?;
    Ok(super::OK)
}

/// Nothing that is there is written over.
fn vacant(folder: &Path) -> anyhow::Result<()> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            bail!("is there, and no folder; name another with --path DIR")
        }
        Err(error) => Err(error.into()),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => bail!("is there, and not empty; name another folder with --path DIR"),
        },
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    File::create_new(path)?.write_all(text.as_bytes())
}

fn tell(name: &str, folder: &Path) -> io::Result<()> {
    let folder = folder.display().to_string();
    let folder = printable(&folder);
    writeln!(
        anstream::stdout().lock(),
        "made the policy {name} in {folder}: src/lib.rs has it, with its tests. Next:\n\n  cd {folder}\n  cargo test\n  \
         magtape build .\n  magtape check --policies {name}.wasm FILE.yaml"
    )
}
