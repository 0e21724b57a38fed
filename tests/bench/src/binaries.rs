//! Builds the functions the way they are deployed, and finds the executables.

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::machine;

/// Why there are no binaries.
#[derive(Debug)]
pub enum NoBinary {
    /// Cargo could not be started.
    Start(io::Error),
    /// The build failed; cargo said why.
    Compile,
    /// There is no executable of this name.
    Missing(String),
}

impl fmt::Display for NoBinary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(_) => f.write_str("failed to start cargo: is it on the PATH?"),
            Self::Compile => {
                f.write_str("failed to build the functions: see cargo's messages above")
            }
            Self::Missing(name) => write!(f, "failed to find an executable named {name}"),
        }
    }
}

impl Error for NoBinary {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Start(source) => Some(source),
            Self::Compile | Self::Missing(_) => None,
        }
    }
}

/// Builds executables, each given by its name and its package, with the release profile in one cargo call, which shares
/// their dependencies. Answers their paths in order. Cargo's progress is visible on standard error.
///
/// # Errors
/// [`NoBinary`].
pub fn build(workspace: &Path, wanted: &[(&str, &str)]) -> Result<Vec<PathBuf>, NoBinary> {
    let mut cargo = Command::new(machine::cargo());
    cargo
        .current_dir(workspace)
        .args([
            "build",
            "--release",
            "--message-format=json-render-diagnostics",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    for (_, package) in wanted {
        cargo.args(["--package", package]);
    }
    let output = cargo.output().map_err(NoBinary::Start)?;
    if !output.status.success() {
        return Err(NoBinary::Compile);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let find = |(name, _): &(&str, &str)| {
        let of_name = |message: &&Value| {
            message.pointer("/target/name").and_then(Value::as_str) == Some(*name)
        };
        let mut of_name = messages.iter().filter(of_name);
        let path = of_name.find_map(|message| message.get("executable")?.as_str());
        path.map(PathBuf::from)
            .ok_or_else(|| NoBinary::Missing((*name).to_owned()))
    };
    wanted.iter().map(find).collect()
}

/// The same executables in `folder`, built before.
///
/// # Errors
/// The first that is missing.
pub fn find(folder: &Path, wanted: &[(&str, &str)]) -> Result<Vec<PathBuf>, NoBinary> {
    let find = |(name, _): &(&str, &str)| {
        let path = folder.join(name);
        match path.is_file() {
            true => Ok(path),
            false => Err(NoBinary::Missing(path.display().to_string())),
        }
    };
    wanted.iter().map(find).collect()
}
