//! The handlers in Python as subjects, where the machine has what they need.

use std::path::Path;

use crate::{
    authorizer,
    installed::{Handlers, Missing, run},
    subject::Subject,
};

/// The handlers, with an environment of their own in `python/venv`.
///
/// # Errors
/// Why there are none, for people.
pub fn handlers(package: &Path, missing: Missing) -> Result<Handlers, String> {
    const FACTS: &str = "import sys, boto3, cryptography, jwt\n\
        print('Python %d.%d.%d,' % sys.version_info[:3], 'boto3', boto3.__version__ + ',', 'PyJWT', jwt.__version__ + ',', \
        'cryptography', cryptography.__version__)";
    let folder = package.join("python");
    let interpreter = folder.join("venv/bin/python");
    let pip = |more: &[&str]| {
        let quiet = [
            "-m",
            "pip",
            "--quiet",
            "--disable-pip-version-check",
            "install",
        ];
        run(
            &folder,
            &interpreter,
            &[&quiet, more, &["-r", "requirements.txt"]].concat(),
        )
    };
    // Without a registry, what is there already will do, and it must be what is wanted.
    if let Err(incomplete) = pip(&["--no-index"]) {
        if missing == Missing::Skip {
            return Err(incomplete);
        }
        run(&folder, "python3", &["-m", "venv", "venv"])?;
        pip(&[])?;
    }
    let versions = run(&folder, &interpreter, &["-c", FACTS])?;
    let handler = |function, script| Subject {
        function,
        language: "Python",
        program: interpreter.clone(),
        arguments: vec![folder.join(script)],
        size: None,
    };
    let handlers = vec![
        handler("high-temp-processor", "high_temp_processor.py"),
        handler(authorizer::FUNCTION, "jwt_authorizer.py"),
        handler(authorizer::ALONE, "jwt_authorizer.py"),
    ];
    Ok((handlers, versions.trim_end().to_owned()))
}
