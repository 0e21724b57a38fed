//! The dependency direction, and that every function stands in all its places.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::Command,
};

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn cargo(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(args)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Each package of the workspace: its folder below the root and its normal dependencies.
fn packages() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let texts = |v: &Value| v.as_str().unwrap().to_owned();
    packages
        .iter()
        .map(|package| {
            let manifest = PathBuf::from(texts(&package["manifest_path"]));
            let folder = manifest
                .parent()
                .unwrap()
                .strip_prefix(root())
                .unwrap()
                .display()
                .to_string();
            let dependencies = package["dependencies"].as_array().unwrap();
            let normal = dependencies
                .iter()
                .filter(|d| d["kind"].is_null())
                .map(|d| texts(&d["name"]));
            (texts(&package["name"]), (folder, normal.collect()))
        })
        .collect()
}

fn functions() -> Vec<String> {
    let all = packages().into_iter();
    let functions: Vec<_> = all
        .filter(|(_, (folder, _))| folder.starts_with("functions/"))
        .collect();
    for (name, (folder, _)) in &functions {
        assert_eq!(
            folder,
            &format!("functions/{name}"),
            "a function's folder is its name"
        );
    }
    functions.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn nothing_that_is_deployed_depends_on_tests() {
    let packages = packages();
    for (name, (folder, dependencies)) in &packages {
        if !folder.starts_with("functions/") && !folder.starts_with("shared/") {
            continue;
        }
        for dependency in dependencies {
            let Some((target, _)) = packages.get(dependency) else {
                continue;
            };
            assert!(
                target.starts_with("shared/"),
                "{name} depends on {dependency} in {target}"
            );
        }
    }
    let ours = |name: &str| {
        let (_, dependencies) = &packages[name];
        dependencies
            .iter()
            .filter(|d| packages.contains_key(*d))
            .cloned()
            .collect::<Vec<_>>()
    };
    // The operators' command stands on what the functions are made of, and no other crate on it.
    for (name, (_, dependencies)) in &packages {
        assert!(!dependencies.contains("sci-fleet"), "{name}");
    }
    assert_eq!(ours("sci-domain"), [""; 0]);
    assert_eq!(ours("sci-adapters"), ["sci-domain"]);
    assert_eq!(ours("sci-iot-control"), ["sci-adapters", "sci-domain"]);
    assert_eq!(ours("sci-jwt"), ["sci-domain"]);
    assert_eq!(ours("sci-lambda"), ["sci-domain"]);
}

#[test]
fn the_domain_knows_no_aws_no_runtime_and_no_network() {
    for (package, banned) in [
        ("sci-domain", ["aws", "tokio", "hyper", "rustls"]),
        // It has its cryptography from aws-lc.
        ("sci-jwt", ["aws-sdk", "tokio", "hyper", "rustls"]),
    ] {
        let tree = cargo(&[
            "tree",
            "--package",
            package,
            "--edges",
            "normal",
            "--prefix",
            "none",
        ]);
        for banned in banned {
            assert!(
                !tree.lines().any(|line| line.starts_with(banned)),
                "{package} pulls {banned}:\n{tree}"
            );
        }
    }
}

/// The SDK's default features would bring these back.
#[test]
fn one_tls_stack() {
    let mut tree = String::new();
    for function in functions() {
        tree += &cargo(&[
            "tree",
            "--package",
            &function,
            "--edges",
            "normal",
            "--prefix",
            "none",
        ]);
    }
    for banned in [
        "rustls v0.21",
        "hyper v0.14",
        "ring v",
        "openssl v",
        "native-tls v",
    ] {
        assert!(
            !tree.lines().any(|line| line.starts_with(banned)),
            "the functions pull {banned}"
        );
    }
}

/// A feature that only tests switch on, of a crate on which the AWS SDK is built, would compile the SDK twice: once for
/// `cargo demo` and the functions, once for `cargo test`.
#[test]
fn tests_switch_no_feature_on_that_the_functions_are_built_without() {
    let features = |edges: &str| -> BTreeMap<String, String> {
        let format = "{p}|{f}";
        let tree = cargo(&[
            "tree",
            "--workspace",
            "--edges",
            edges,
            "--prefix",
            "none",
            "--format",
            format,
        ]);
        let lines = tree
            .lines()
            .filter_map(|line| line.trim_end_matches(" (*)").split_once('|'));
        lines
            .map(|(package, features)| (package.to_owned(), features.to_owned()))
            .collect()
    };
    let (deployed, tested) = (features("no-dev"), features("all"));
    assert!(deployed.len() > 100);
    for (package, features) in deployed {
        assert_eq!(tested.get(&package), Some(&features), "{package}");
    }
}

#[test]
fn every_function_stands_in_all_its_places() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let (template, readme) = (read("template.yaml"), read("functions/README.md"));
    for function in functions() {
        let mut logical_id: String = function
            .split('-')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        logical_id += "Function";
        assert!(
            template.contains(&format!("\n  {logical_id}:\n")),
            "template.yaml lacks {logical_id}"
        );
        assert!(
            template.contains(&format!("Binary: {function}")),
            "template.yaml builds no {function}"
        );
        assert!(
            readme.contains(&format!("`{function}`")),
            "functions/README.md lacks {function}"
        );
        let events = root().join("events").join(&function);
        assert!(
            events.read_dir().unwrap().next().is_some(),
            "{} is empty",
            events.display()
        );
        let main = read(&format!("functions/{function}/src/main.rs"));
        assert!(
            main.lines().count() <= 40,
            "{function}/src/main.rs must stay boring"
        );
    }
}
