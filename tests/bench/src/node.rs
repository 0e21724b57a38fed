//! The authorizer in JavaScript as a subject, where the machine has what it needs.

use std::path::Path;

use crate::{
    authorizer,
    installed::{Handlers, Missing, run},
    subject::Subject,
};

/// The authorizer, with its packages in `node/node_modules`.
///
/// # Errors
/// Why there is none, for people.
pub fn handlers(package: &Path, missing: Missing) -> Result<Handlers, String> {
    const FACTS: &str = "const version = (name) => name + ' ' + require('./package.json').dependencies[name];\
        console.log('Node ' + process.versions.node + ', ' + version('aws-jwt-verify') + ', ' + version('@aws-sdk/client-dynamodb'));\
        console.log(process.execPath)";
    let folder = package.join("node");
    // Fails unless exactly the packages of package-lock.json are there.
    if let Err(incomplete) = run(&folder, "npm", &["ls", "--all"]) {
        if missing == Missing::Skip {
            return Err(incomplete);
        }
        run(
            &folder,
            "npm",
            &["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        )?;
    }
    let facts = run(&folder, "node", &["--eval", FACTS])?;
    let mut lines = facts.lines();
    let (Some(versions), Some(program)) = (lines.next(), lines.next()) else {
        return Err("node says nothing about itself".to_owned());
    };
    let handler = |function| Subject {
        function,
        language: "Node",
        program: program.into(),
        arguments: vec![folder.join("jwt_authorizer.mjs")],
        size: None,
    };
    let handlers = [authorizer::FUNCTION, authorizer::ALONE].map(handler);
    Ok((handlers.into(), versions.to_owned()))
}
