//! The command as a process, as far as it needs no AWS: what it says of bad input, and that it never says a secret.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{fs, process::Command};

use tempfile::TempDir;

const SECRET: &str = "5c82de195ce503c7faf9a8aa495e520c52ec4702f995f44446fa82af40ff88b7";

/// Standard output, standard error and exit status; without tables, Region or credentials.
fn run(folder: &TempDir, arguments: &[&str]) -> (String, String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleet"));
    let output = command
        .args(arguments)
        .env_clear()
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        text(output.stdout),
        text(output.stderr),
        output.status.code().unwrap(),
    )
}

#[test]
fn help_is_there_for_every_command() {
    let folder = TempDir::new().unwrap();
    let (overview, errors, status) = run(&folder, &["--help"]);
    assert_eq!((errors.as_str(), status), ("", 0));
    for command in ["import", "history", "verify", "claim", "decide"] {
        assert!(overview.contains(&format!("cargo fleet {command} ")));
        let (help, _, status) = run(&folder, &[command, "--help"]);
        assert_eq!(status, 0, "{command}");
        for part in [
            "usage: cargo fleet",
            "example",
            "Needs",
            "dynamodb:",
            "exit status: 0",
        ] {
            assert!(help.contains(part), "{command} --help lacks {part}");
        }
        let lines = overview.lines().chain(help.lines());
        assert!(
            lines
                .map(|line| line.chars().count())
                .all(|width| width <= 128),
            "{command}"
        );
    }
}

#[test]
fn bad_input_ends_with_3_and_says_why() {
    let folder = TempDir::new().unwrap();
    let good = "serial_number,property_id,device_type,batch\n0001,p,lock,b\n";
    fs::write(folder.path().join("good.csv"), good).unwrap();
    fs::write(folder.path().join("key.pem"), SECRET).unwrap();
    let id = "0".repeat(64);
    let expires = "--expires=2040-01-01";
    for (arguments, why) in [
        (vec![], "no command"),
        (vec!["bogus"], "unknown command"),
        (vec!["import"], "import needs a manifest"),
        (vec!["import", "good.csv"], "--by must be a name"),
        (
            vec!["import", "good.csv", "--by", "\n"],
            "--by must be a name",
        ),
        (
            vec!["import", "good.csv", "--by=ada", "--rate=0"],
            "--rate is 1 to 500",
        ),
        (
            vec!["import", "good.csv", "--by=ada", "--rate=501"],
            "--rate is 1 to 500",
        ),
        (
            vec!["import", "good.csv", "--by=ada", "--batch=a/b"],
            "a batch id must match",
        ),
        (
            vec!["import", "none.csv", "--by=ada"],
            "failed to read none.csv",
        ),
        (
            vec!["import", "good.csv", "good.csv"],
            "unexpected argument",
        ),
        (
            vec!["import", "good.csv", "--by=ada"],
            "the setting ALLOW_LIST_TABLE must be the name of a DynamoDB table; give it, or --allow-list-table",
        ),
        (vec!["history"], "history needs a serial number"),
        (vec!["history", "a-b"], "a serial number must match"),
        (vec!["history", "0042", "--rate=1"], "unknown option --rate"),
        (vec!["verify"], "verify needs subjects, or --all"),
        (
            vec!["verify", "--all", "0042"],
            "verify needs subjects, or --all",
        ),
        (vec!["verify", "claim#0042"], "a subject is"),
        (
            vec!["claim", "add"],
            "claim needs add, suspend, resume or show",
        ),
        (vec!["claim", "add", "0042"], "64 hexadecimal digits"),
        (
            vec!["claim", "drop", &id],
            "claim add, suspend, resume or show",
        ),
        (
            vec!["claim", "show", &id, "--quota=1"],
            "only claim add takes a policy",
        ),
        (
            vec!["claim", "suspend", &id, "--json"],
            "only claim show takes --json",
        ),
        (
            vec!["claim", "add", &id, "--batch=b", "--quota=1"],
            "claim add needs --expires",
        ),
        (
            vec!["claim", "add", &id, "--batch=b", expires],
            "claim add needs --quota",
        ),
        (
            vec!["claim", "add", &id, "--quota=1", expires],
            "claim add needs --batch",
        ),
        (
            vec![
                "claim",
                "add",
                &id,
                "--batch=b",
                "--quota=1",
                "--expires=2020-01-01",
            ],
            "--expires is in the past",
        ),
        (
            vec!["claim", "add", &id, "--batch=b", "--quota=0", expires],
            "a quota is at least 1",
        ),
        (
            vec![
                "claim",
                "add",
                &id,
                "--batch=b",
                "--quota=1",
                expires,
                "--lease=59",
            ],
            "--lease is 60 to 86400",
        ),
        (
            vec!["claim", "add", &id, "--reprovisioning=maybe"],
            "--reprovisioning is",
        ),
        (
            vec!["claim", "add", &id, "--expires=soon"],
            "a time is 2027-12-31 or",
        ),
        (
            vec!["claim", "add", &id, "--factory-key=key.pem"],
            "key.pem: the factory key must be a P-256 public key",
        ),
        (
            vec!["decide", "0042"],
            "decide needs a serial number and a decision",
        ),
        (
            vec!["decide", "0042", "forgive"],
            "decide keep, replace, block, quarantine or release",
        ),
        (vec!["decide", "0042", "keep"], "--by must be a name"),
    ] {
        let (output, errors, status) = run(&folder, &arguments);
        assert_eq!((output.as_str(), status), ("", 3), "{arguments:?} {errors}");
        assert!(
            errors.starts_with("error: ") && errors.contains(why),
            "{arguments:?} {errors}"
        );
        assert!(!errors.contains(SECRET), "{arguments:?}");
    }
}

#[test]
fn a_manifest_with_problems_is_refused_before_anything_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let manifest = format!(
        "serial_number,property_id,device_type,batch,voucher_secret\n\
         0001,p,lock,b,{SECRET}\n0002,p,toaster,{SECRET},{SECRET}\n{SECRET}\n"
    );
    fs::write(folder.path().join("vendor.csv"), manifest).unwrap();
    let (output, errors, status) = run(&folder, &["import", "vendor.csv", "--by=ada"]);
    assert_eq!((output.as_str(), status), ("", 3));
    let expected = "\
error: the manifest cannot be used
line 3, device_type: must be environmental, camera or lock
line 3, voucher_secret: is the secret of line 2: whoever opens one of the devices could pass for the other
line 4: has 1 fields, and the header 5
3 problems; nothing was written
";
    // The batch of line 3 has the form of one, and is not shown either.
    assert_eq!(errors, expected);
}
