//! What handlers in other languages need, in folders beside them that are not part of the repository.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

use crate::subject::Subject;

/// What to do about packages that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Install them, which takes a package registry and some seconds.
    Install,
    /// Do without the handlers.
    Skip,
}

/// The handlers of a language, and the versions of what runs them.
pub type Handlers = (Vec<Subject>, String);

/// Runs `program` in `folder` and answers what it wrote to its standard output.
///
/// # Errors
/// What it complained about at last, for people.
pub(crate) fn run(
    folder: &Path,
    program: impl AsRef<OsStr>,
    arguments: &[&str],
) -> Result<String, String> {
    let name = format!("{} {}", program.as_ref().display(), arguments.join(" "));
    let run = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output();
    let output = run.map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let mut lines = complaint.lines().rev();
        let last = lines.find(|line| !line.trim().is_empty());
        return Err(format!("{name}: {}", last.unwrap_or("no word")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
