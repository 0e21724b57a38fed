//! The Python handler as a subject, where the machine has what it needs.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{machine, subject::Subject};

/// The handler, and the versions of Python and boto3 that run it.
///
/// # Errors
/// Why there is none, for people. Nothing is installed.
pub fn subject(package: &Path) -> Result<(Subject, String), String> {
    const FACTS: &str = "import sys, boto3, botocore\n\
        print(sys.executable)\n\
        print('Python %d.%d.%d' % sys.version_info[:3], 'boto3', boto3.__version__, 'botocore', botocore.__version__)";
    let asked = Command::new("python3")
        .args(["-c", FACTS])
        .env_clear()
        .envs(machine::search_path().map(|path| ("PATH", path)))
        .stdin(Stdio::null())
        .output();
    let output = asked.map_err(|error| format!("python3 cannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (Some(program), Some(versions), true) = (
        text.lines().next(),
        text.lines().nth(1),
        output.status.success(),
    ) else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let last = complaint.lines().last().unwrap_or("no word").to_owned();
        return Err(format!("python3 has no boto3: {last}"));
    };
    let subject = Subject {
        function: "high-temp-processor",
        language: "Python",
        program: PathBuf::from(program),
        arguments: vec![package.join("python/high_temp_processor.py")],
        size: None,
    };
    Ok((subject, versions.to_owned()))
}
