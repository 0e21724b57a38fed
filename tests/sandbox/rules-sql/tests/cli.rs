//! The command line, as a person uses it; and every transcript of the README.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str], stdin: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rules-sql"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

/// Standard output, standard error and exit code.
fn outcome(arguments: &[&str], stdin: &str) -> (String, String, i32) {
    let output = run(arguments, stdin.as_bytes());
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap(),
    )
}

#[test]
fn results_go_to_standard_output() {
    let topic = ["--topic", "a/b"];
    for (sql, payload, expected) in [
        (
            "SELECT temp AS t FROM 'a/+'",
            r#"{"temp":1.50}"#,
            "{\"t\":1.50}\n",
        ),
        (
            "SELECT * FROM 'a/+' WHERE temp > 2",
            r#"{"temp":1}"#,
            "NOMATCH\n",
        ),
        ("SELECT * FROM 'b/+'", "{}", "NOMATCH\n"),
        ("SELECT VALUE temp FROM 'a/+'", "{}", "UNDEFINED\n"),
    ] {
        let (out, err, code) = outcome(&[&[sql][..], &topic].concat(), payload);
        assert_eq!(
            (out.as_str(), err.as_str(), code),
            (expected, "", 0),
            "{sql}"
        );
    }
}

#[test]
fn bytes_go_through_as_they_are() {
    let output = run(&["SELECT * FROM 'a'", "--topic", "a"], &[0xff, 0x00]);
    assert_eq!(output.stdout, [0xff, 0x00, b'\n']);
}

#[test]
fn options_reach_the_functions() {
    let sql = "SELECT VALUE [clientid(), principal(), sourceip(), traceid(), accountid(), timestamp(), sql_version()] FROM 'a'";
    let options = "--topic a --client-id c --principal p --source-ip 192.0.2.1 --trace-id t --account-id 1 --now 5 --version beta";
    let arguments: Vec<&str> = std::iter::once(sql).chain(options.split(' ')).collect();
    let (out, _, _) = outcome(&arguments, "{}");
    assert_eq!(out, "[\"c\",\"p\",\"192.0.2.1\",\"t\",\"1\",5,\"beta\"]\n");
    let sql = "SELECT VALUE [get_mqtt_property('content_type'), get_mqtt_property('response_topic'), \
        get_mqtt_property('correlation_data'), get_mqtt_property('format_indicator'), get_user_properties()] FROM 'a'";
    let options = "--topic a --content-type t --response-topic r --correlation-data c --utf8 --user-property k=v=w --user-property k=x";
    let arguments: Vec<&str> = std::iter::once(sql).chain(options.split(' ')).collect();
    let (out, _, _) = outcome(&arguments, "{}");
    assert_eq!(
        out,
        "[\"t\",\"r\",\"Yw==\",\"UTF8_DATA\",[{\"k\":\"v=w\"},{\"k\":\"x\"}]]\n"
    );
    let seeded = [
        "SELECT VALUE newuuid() FROM 'a'",
        "--topic",
        "a",
        "--payload",
        "{}",
        "--seed",
        "7",
    ];
    assert_eq!(outcome(&seeded, ""), outcome(&seeded, ""));
}

#[test]
fn the_payload_may_be_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), r#"{"n":7}"#).unwrap();
    let path = file.path().to_str().unwrap();
    let (out, _, _) = outcome(
        &["SELECT n FROM 'a'", "--topic", "a", "--payload-file", path],
        "",
    );
    assert_eq!(out, "{\"n\":7}\n");
}

#[test]
fn errors_go_to_standard_error_with_an_exit_code() {
    for (arguments, code, part) in [
        (
            &["SELEC 1", "--topic", "a"][..],
            2,
            "line 1 column 1: expected SELECT, found `SELEC`",
        ),
        (
            &["SELECT 1", "--topic", "a/+"],
            1,
            "invalid topic of the message",
        ),
        (
            &["SELECT VALUE parse_time('b', 0) FROM 'a'", "--topic", "a"],
            1,
            "date pattern `b`",
        ),
        (&["SELECT 1"], 2, "--topic is missing"),
        (&["SELECT 1", "FROM"], 2, "put it in quotes"),
        (&[], 2, "no statement"),
        (
            &["SELECT 1", "--topic", "a", "--version", "2020-01-01"],
            2,
            "unknown SQL version",
        ),
        (&["SELECT 1", "--wrong"], 2, "--wrong"),
        (
            &["--template", "x.yaml", "--topic", "a"],
            2,
            "belong together",
        ),
        (
            &["check", "no-such-file.yaml"],
            2,
            "cannot read no-such-file.yaml",
        ),
        (&["check"], 2, "check needs a template file"),
        (
            &[
                "--template",
                "tests/templates/mixed.yaml",
                "--rule",
                "Nope",
                "--topic",
                "a",
            ],
            2,
            "no topic rule `Nope`",
        ),
        (
            &[
                "--template",
                "tests/templates/mixed.yaml",
                "--rule",
                "StageRule",
                "--topic",
                "a",
            ],
            2,
            "`Stage` is not known",
        ),
    ] {
        let (out, err, found) = outcome(arguments, "{}");
        assert_eq!((out.as_str(), found), ("", code), "{arguments:?}: {err}");
        assert!(
            err.starts_with("error: ") && err.contains(part),
            "{arguments:?}: {err}"
        );
        assert_eq!(err.lines().count(), 1, "{err}");
    }
}

#[test]
fn a_rule_of_a_template_by_logical_id_or_name() {
    for rule in ["HotRule", "hot_readings"] {
        let arguments = [
            "--template",
            "tests/templates/mixed.yaml",
            "--rule",
            rule,
            "--topic",
            "sensors/t1/data",
        ];
        assert_eq!(
            outcome(&arguments, r#"{"temp":31}"#).0,
            "{\"temp\":31,\"thing\":\"t1\"}\n"
        );
        assert_eq!(outcome(&arguments, r#"{"temp":30}"#).0, "NOMATCH\n");
    }
}

#[test]
fn check_names_every_kind_of_finding() {
    let (out, _, code) = outcome(&["check", "tests/templates/mixed.yaml"], "");
    assert_eq!(code, 1);
    let found: Vec<String> = out
        .lines()
        .map(|line| line.splitn(3, ": ").take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        found,
        [
            "HalvesRule missing-error-action",
            "HalvesRule int-division",
            "HalvesRule missing-alias",
            "HalvesRule unreachable-topic",
            "HalvesRule template-syntax",
            "MisspeltRule missing-version",
            "MisspeltRule unknown-function",
            "StageRule syntax",
            "Processor.Telemetry missing-error-action",
            "Processor.Telemetry syntax",
        ]
    );
}

#[test]
fn a_template_without_findings() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates/mixed.yaml"),
    )
    .unwrap();
    let (good, _) = text.split_once("  HalvesRule:").unwrap();
    std::fs::write(file.path(), good).unwrap();
    assert_eq!(
        outcome(&["check", file.path().to_str().unwrap()], ""),
        (String::new(), String::new(), 0)
    );
}

/// Runs every `console` block of the README: `$ command` lines, each followed by what it prints on either stream.
#[test]
fn the_transcripts_of_the_readme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let mut count = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for step in block.split("$ ").skip(1) {
            let mut lines = step.lines();
            let mut command = lines.next().unwrap().to_owned();
            while command.ends_with('\\') {
                command.pop();
                command.push_str(lines.next().unwrap().trim_start());
            }
            let expected: Vec<&str> = lines.filter(|l| !l.is_empty()).collect();
            let binary = env!("CARGO_BIN_EXE_rules-sql");
            let output = Command::new("sh")
                .args([
                    "-c",
                    &format!("({}) 2>&1", command.replace("cargo sql", binary)),
                ])
                .current_dir(root)
                .output()
                .unwrap();
            let found = String::from_utf8(output.stdout).unwrap();
            assert_eq!(found.lines().collect::<Vec<_>>(), expected, "$ {command}");
            count += 1;
        }
    }
    assert!(count >= 8, "only {count} transcripts");
}
