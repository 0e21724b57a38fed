//! Builds the functions and finds their binaries.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use tokio::process::Command;

/// Why the functions could not be built.
#[derive(Debug)]
pub enum BuildFailed {
    /// `cargo` could not be started.
    Start(std::io::Error),
    /// `cargo build` failed; its own words are on stderr.
    Compile,
    /// The build made no binary of this name.
    NoBinary(String),
}

impl fmt::Display for BuildFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(_) => f.write_str("failed to start cargo: is it on the PATH?"),
            Self::Compile => f.write_str("cargo build failed: see its messages above"),
            Self::NoBinary(name) => write!(f, "cargo build made no binary named {name}"),
        }
    }
}

impl std::error::Error for BuildFailed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start(source) => Some(source),
            _ => None,
        }
    }
}

/// Builds `binaries` in one cargo call, in the dev profile (an eighth of a release build's time), and returns the
/// executables. Without `--package`, so that features are those of the whole workspace and nothing is compiled twice.
/// Cargo's progress goes to stderr.
///
/// # Errors
/// [`BuildFailed`].
pub async fn build(
    workspace: &Path,
    binaries: &[String],
) -> Result<BTreeMap<String, PathBuf>, BuildFailed> {
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    cargo
        .current_dir(workspace)
        .args(["build", "--message-format=json-render-diagnostics"]);
    for binary in binaries {
        cargo.args(["--bin", binary]);
    }
    let output = cargo
        .stderr(Stdio::inherit())
        .stdin(Stdio::null())
        .output()
        .await;
    let output = output.map_err(BuildFailed::Start)?;
    if !output.status.success() {
        return Err(BuildFailed::Compile);
    }
    let mut found = BTreeMap::new();
    for line in output.stdout.split(|byte| *byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else {
            continue;
        };
        let executable = message.get("executable").and_then(Value::as_str);
        let name = message.pointer("/target/name").and_then(Value::as_str);
        if let (Some(executable), Some(name)) = (executable, name) {
            found.insert(name.to_owned(), PathBuf::from(executable));
        }
    }
    match binaries.iter().find(|name| !found.contains_key(*name)) {
        Some(missing) => Err(BuildFailed::NoBinary(missing.clone())),
        None => Ok(found),
    }
}
