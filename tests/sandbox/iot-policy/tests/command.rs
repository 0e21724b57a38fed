//! The command line: its first line, its exit status, and every transcript of the README.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::Command;

/// Standard output, standard error and exit status.
fn run(arguments: &[&str]) -> (String, String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iot-policy"));
    let output = command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        text(output.stdout),
        text(output.stderr),
        output.status.code().unwrap(),
    )
}

fn simulate(arguments: &[&str]) -> (String, String, i32) {
    run(&[&["simulate", "--policy", "examples/device.json"], arguments].concat())
}

#[test]
fn the_readmes_transcripts_are_true() {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let mut shown = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for transcript in block.split("$ iot-policy ").skip(1) {
            let (command, expected) = transcript.split_once('\n').unwrap();
            let (output, errors, _) = run(&command.split(' ').collect::<Vec<_>>());
            assert_eq!(format!("{output}{errors}"), expected, "{command}");
            shown += 1;
        }
    }
    assert!(shown >= 5, "the README shows only {shown} commands");
}

#[test]
fn the_first_line_is_the_verdict() {
    let mine = [
        "--client-id",
        "t1",
        "--thing-name",
        "t1",
        "--action",
        "iot:Publish",
        "--resource",
    ];
    for (resource, verdict) in [
        ("topic/sensors/t1/data", "ALLOWED"),
        (
            "arn:aws:iot:eu-west-1:123456789012:topic/sensors/t1/data",
            "ALLOWED",
        ),
        ("topic/sensors/t1/diagnostics", "EXPLICIT_DENY"),
        ("topic/sensors/t2/data", "IMPLICIT_DENY"),
        ("*", "IMPLICIT_DENY"),
    ] {
        let (output, errors, status) = simulate(&[&mine[..], &[resource]].concat());
        assert_eq!(
            (output.lines().next(), errors.as_str(), status),
            (Some(verdict), "", 0),
            "{resource}"
        );
        assert!(
            output.lines().count() > 1,
            "the reason is missing: {output}"
        );
    }
}

#[test]
fn every_option_reaches_the_policy() {
    for (key, value, options) in [
        ("iot:ClientId", "c", &["--client-id", "c"][..]),
        (
            "iot:Connection.Thing.ThingName",
            "t",
            &["--thing-name", "t", "--exclusive"],
        ),
        (
            "iot:Connection.Thing.ThingTypeName",
            "x",
            &["--thing-name", "t", "--client-id", "t", "--thing-type", "x"],
        ),
        (
            "iot:Connection.Thing.Attributes[k]",
            "v=w",
            &["--thing-name", "t", "--exclusive", "--attribute", "k=v=w"],
        ),
        ("iot:Connection.Thing.IsAttached", "false", &[]),
        ("iot:CertificateId", "i", &["--certificate-id", "i"]),
        (
            "iot:Certificate.SerialNumber",
            "7",
            &["--serial-number", "7"],
        ),
        (
            "iot:Certificate.Subject.CommonName.1",
            "n",
            &["--subject", "CommonName=m", "--subject", "CommonName=n"],
        ),
        (
            "iot:Certificate.Issuer.Country",
            "DE",
            &["--issuer", "Country=DE"],
        ),
        (
            "iot:Certificate.Subject.AlternativeName.DNSName",
            "d",
            &["--subject-alternative", "DNSName=d"],
        ),
        (
            "iot:Certificate.Issuer.AlternativeName.IPAddress",
            "1",
            &["--issuer-alternative", "IPAddress=1"],
        ),
        ("aws:SourceIp", "192.0.2.1", &["--source-ip", "192.0.2.1"]),
        ("iot:DomainName", "h", &["--domain-name", "h"]),
        (
            "iot:ConnectAttributes",
            "LastWill",
            &["--connect-attribute", "LastWill"],
        ),
        (
            "iot:LastWillTopic",
            "arn:aws-cn:iot:r:1:topic/w",
            &[
                "--last-will-topic",
                "w",
                "--region",
                "r",
                "--account",
                "1",
                "--partition",
                "aws-cn",
            ],
        ),
    ] {
        let condition = serde_json::json!({"ForAnyValue:StringEquals": {key: value}});
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "iot:Connect", "Resource": "*", "Condition": condition,
        }});
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.json");
        std::fs::write(&file, policy.to_string()).unwrap();
        let ask = [
            "simulate",
            "--policy",
            file.to_str().unwrap(),
            "--action",
            "iot:Connect",
            "--resource",
            "client/x",
        ];
        let (output, errors, status) = run(&[&ask[..], options].concat());
        assert_eq!(
            (output.lines().next(), errors.as_str(), status),
            (Some("ALLOWED"), "", 0),
            "{key}: {output}"
        );
        if key != "iot:Connection.Thing.IsAttached" {
            let (output, ..) = run(&ask);
            assert_eq!(
                output.lines().next(),
                Some("IMPLICIT_DENY"),
                "{key} without its option: {output}"
            );
        }
    }
}

#[test]
fn bad_input_is_status_2_with_one_line() {
    let ask = ["--action", "iot:Publish", "--resource", "topic/a"];
    for (arguments, expected) in [
        (&["simulate"][..], "simulate needs --action"),
        (
            &[
                "simulate",
                "--action",
                "iot:Publish",
                "--resource",
                "topic/a",
            ],
            "simulate needs --policy",
        ),
        (
            &["simulate", "--policy", "examples/none.json"],
            "failed to read examples/none.json",
        ),
        (
            &["simulate", "--policy", "examples/template.yaml"],
            "examples/template.yaml: not a JSON policy document",
        ),
        (
            &["simulate", "--action", "iot:Fly"],
            "unknown action `iot:Fly`",
        ),
        (&["simulate", "--source-ip", "here"], "here"),
        (&["simulate", "--colour"], "unknown option `--colour`"),
        (&["lint"], "lint needs a policy document or --template"),
        (
            &["lint", "--template", "examples/device.json"],
            "examples/device.json: not a template",
        ),
        (&["lint", "--template", "../../../Cargo.toml"], "not "),
        (&["fly"], "fly"),
        (&[], "no command"),
    ] {
        let (output, errors, status) = run(arguments);
        assert_eq!((output.as_str(), status), ("", 2), "{arguments:?}");
        assert!(
            errors.starts_with("error: ") && errors.contains(expected),
            "{arguments:?}: {errors}"
        );
        assert_eq!(errors.lines().count(), 1, "{arguments:?}: {errors}");
    }
    for (arguments, expected) in [
        (&["--resource", "a"][..], "`a` is not a resource"),
        (&["--thing-type", "x"], "needs --thing-name"),
        (&["--attribute", "x"], "must have the form NAME=VALUE"),
        (&["--subject", "CN=x"], "unknown name `CN`"),
    ] {
        let (_, errors, status) = simulate(&[&ask[..], arguments].concat());
        assert_eq!(status, 2, "{arguments:?}");
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
    }
}

#[test]
fn lint_reports_by_its_status() {
    assert_eq!(
        run(&["lint", "examples/device.json"]),
        ("0 findings in 1 policy\n".to_owned(), String::new(), 0)
    );
    let (output, _, status) = run(&["lint", "examples/device.json", "examples/building.json"]);
    assert_eq!(status, 1);
    assert!(output.ends_with("3 findings in 2 policies\n"), "{output}");
    let (output, _, status) = run(&["lint", "--template", "examples/template.yaml"]);
    assert_eq!(status, 1);
    assert!(
        output.contains("topic/dev/${iot:ClientId}/*"),
        "!Sub, the parameter's default and `${{!` are resolved: {output}"
    );
}

#[test]
fn a_template_that_cannot_be_resolved_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("template.yaml");
    let lint = |document: &str| {
        let resource = format!(
            "Resources:\n  P:\n    Type: AWS::IoT::Policy\n    Properties:\n      PolicyDocument: {document}\n"
        );
        std::fs::write(&file, resource).unwrap();
        let (output, errors, status) = run(&["lint", "--template", file.to_str().unwrap()]);
        (format!("{output}{errors}"), status)
    };
    for (document, expected) in [
        (
            "!If [A, B, C]",
            "P: unsupported intrinsic `!If` in a policy document",
        ),
        ("!Sub {}", "P: malformed intrinsic `!Sub`"),
        (
            "{Version: !Sub '${iot:ClientId}'}",
            "write `${!iot:ClientId}`",
        ),
        ("{Version: !Sub '${open'}", "`${` without `}`"),
        ("{Version: '2012-10-17'}", "P: `Statement` is missing"),
        ("&a [*a]", "unsupported YAML"),
    ] {
        let (text, status) = lint(document);
        assert!(text.contains(expected), "{document}: {text}");
        assert_eq!(status, 2, "{document}");
    }
    let statement = "{Effect: Allow, Action: 'iot:Connect', Resource: {'Fn::Sub': ['arn:aws:iot:${R}:1:client/a', {R: {Ref: 'AWS::Region'}}]}}";
    let (text, status) = lint(&format!(
        "{{Version: '2012-10-17', Statement: {statement}}}"
    ));
    assert_eq!((text.as_str(), status), ("0 findings in 1 policy\n", 0));
}
