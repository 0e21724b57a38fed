//! Everything that can be wrong with a manifest, and that none of it is repeated.

use sci_domain::admission::BatchId;
use sci_fleet::manifest::{MAX_SHOWN, read};

/// Random bytes, as hexadecimal digits.
const SECRET: &str = "5c82de195ce503c7faf9a8aa495e520c52ec4702f995f44446fa82af40ff88b7";
const OTHER: &str = "9c8044c2f4f3ccdfcea536334283036b97b9d2482d0aff342ed4488f854bd8b4";

const HEADER: &str = "serial_number,property_id,device_type,batch,voucher_secret";

fn problems(manifest: &str) -> Vec<String> {
    let batch = BatchId::parse("b").unwrap();
    let batch = manifest
        .starts_with("serial_number,property_id\n")
        .then_some(&batch);
    let problems = read(manifest.as_bytes(), batch).unwrap_err();
    assert_eq!(problems.count, problems.shown.len() as u64);
    problems.shown.iter().map(ToString::to_string).collect()
}

#[test]
fn every_problem_of_a_row_is_told_with_line_and_column() {
    let long = "p".repeat(110);
    for (rows, expected) in [
        (
            format!("0001,p,lock,b,{SECRET}\n0001,p,lock,b,{OTHER}"),
            vec!["line 3, serial_number: is the serial number of line 2"],
        ),
        (
            format!("0001,p,lock,b,{SECRET}\n0002,p,lock,b,{SECRET}"),
            vec![
                "line 3, voucher_secret: is the secret of line 2: whoever opens one of the devices could pass for the other",
            ],
        ),
        // Copied, in another spelling.
        (
            format!(
                "0001,p,lock,b,{SECRET}\n0002,p,lock,b,{}",
                SECRET.to_uppercase()
            ),
            vec![
                "line 3, voucher_secret: is the secret of line 2: whoever opens one of the devices could pass for the other",
            ],
        ),
        (
            "a-b,p/q,toaster,b c,short".to_owned(),
            vec![
                "line 2, serial_number: a serial number must match [a-zA-Z0-9_]{1,32}",
                "line 2, property_id: a property id must match [a-zA-Z0-9:_-]{1,128}",
                "line 2, device_type: must be environmental, camera or lock",
                "line 2, batch: a batch id must match [a-zA-Z0-9_-]{1,64}",
                "line 2, voucher_secret: must be base64url or hexadecimal digits",
            ],
        ),
        (
            ",,,,".to_owned(),
            vec![
                "line 2, serial_number: is missing",
                "line 2, property_id: is missing",
                "line 2, device_type: is missing",
                "line 2, batch: is missing",
            ],
        ),
        (
            format!("0001,{long},environmental,b,"),
            vec![
                "line 2, property_id: the thing sci-<property>-<type>-<serial> could not be named: \
                 a thing name must match [a-zA-Z0-9:_-]{1,128}",
            ],
        ),
        (
            format!("0001,p,lock,b,{}", &SECRET[2..]),
            vec!["line 2, voucher_secret: a device's secret must have 32 to 64 bytes"],
        ),
        (
            format!("0001,p,lock,b,{}", "00".repeat(32)),
            vec!["line 2, voucher_secret: is not random: it has at most 16 different bytes"],
        ),
        (
            "0001,p,lock,b\n\n0002,p,lock,b,,".to_owned(),
            vec![
                "line 2: has 4 fields, and the header 5",
                "line 4: has 6 fields, and the header 5",
            ],
        ),
        // A quote that is not closed takes the rest with it.
        (
            "\"0001,p,lock,b,\n0002,p,lock,b,".to_owned(),
            vec!["line 2: has 1 fields, and the header 5"],
        ),
        (
            "\"0\n1\",p,lock,b,\n0001,p,lock,x y,".to_owned(),
            vec![
                "line 2, serial_number: a serial number must match [a-zA-Z0-9_]{1,32}",
                "line 4, batch: a batch id must match [a-zA-Z0-9_-]{1,64}",
            ],
        ),
    ] {
        assert_eq!(problems(&format!("{HEADER}\n{rows}")), expected, "{rows}");
    }
}

#[test]
fn every_problem_of_a_header_is_told() {
    let names = "serial_number, property_id, device_type, batch and voucher_secret";
    let lacks = format!("the header lacks it; it names {names}, separated by commas");
    let unknown = |n| format!("line 1: name {n} of the header is none of {names}; is it a header?");
    for (manifest, expected) in [
        (
            "serial_number,property_id\n".to_owned(),
            vec![format!("line 1, device_type: {lacks}")],
        ),
        (
            format!("{HEADER},batch,color"),
            vec![
                "line 1, batch: the header names it twice".to_owned(),
                unknown(7),
            ],
        ),
        (
            HEADER.to_owned(),
            vec!["line 1: the manifest holds no device".to_owned()],
        ),
        (
            String::new(),
            vec!["line 1: the manifest holds no device".to_owned()],
        ),
        (
            "[]".to_owned(),
            vec!["line 1: the manifest holds no device".to_owned()],
        ),
    ] {
        assert_eq!(problems(&manifest), expected, "{manifest}");
    }
    // Semicolons, as some spreadsheets write them: one name.
    let semicolons = problems(&HEADER.replace(',', ";"));
    assert_eq!(semicolons[0], unknown(1));
    assert_eq!(semicolons.len(), 5);
}

#[test]
fn every_problem_of_json_is_told_with_its_line() {
    let good = r#""serial_number":"0001","property_id":"p","device_type":"lock","batch":"b""#;
    let names = "serial_number, property_id, device_type, batch and voucher_secret";
    for (manifest, expected) in [
        (
            "[\n\n1]".to_owned(),
            vec!["line 3: is no JSON object".to_owned()],
        ),
        (
            format!("[{{{good}}},\n{{\n{good}}}]"),
            vec!["line 2, serial_number: is the serial number of line 1".to_owned()],
        ),
        (
            format!("[\n{{{good}}},\n{{oops}}]"),
            vec!["line 3: no JSON from character 2 on".to_owned()],
        ),
        (
            format!("{{{good}}}\n{{oops}}\n[]"),
            vec![
                "line 2: no JSON from character 2 on".to_owned(),
                "line 3: is no JSON object".to_owned(),
            ],
        ),
        (
            format!("{{{good},\"color\":\"red\",\"batch\":\"b\"}}"),
            vec![
                format!("line 1: a key is none of {names}"),
                "line 1, batch: is there twice".to_owned(),
            ],
        ),
        (
            format!("{{{}}}", good.replace("\"0001\"", "1")),
            vec!["line 1, serial_number: must be text, in quotes".to_owned()],
        ),
    ] {
        assert_eq!(problems(&manifest), expected, "{manifest}");
    }
}

#[test]
fn a_batch_for_all_is_no_other_ones() {
    let batch = BatchId::parse("2026-11").unwrap();
    let manifest = format!("{HEADER}\n0001,p,lock,2026-11,\n0002,p,lock,,\n0003,p,lock,2026-12,\n");
    let problems = read(manifest.as_bytes(), Some(&batch)).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "line 4, batch: is not the batch that --batch gives\n1 problem; nothing was written"
    );
}

#[test]
fn what_is_not_utf_8_is_told() {
    let manifest = [HEADER.as_bytes(), b"\n0001,\xff,lock,b,\n"].concat();
    let problems = read(&manifest, None).unwrap_err();
    let expected = "line 2, property_id: is not UTF-8";
    assert!(problems.to_string().starts_with(expected), "{problems}");
    assert!(read(b"[{\"batch\":\"\xff\"}]", None).is_err());
}

#[test]
fn of_many_problems_the_first_are_told_and_all_are_counted() {
    let rows = "a-b,p,lock,b,\n".repeat(5 * MAX_SHOWN);
    let problems = read(format!("{HEADER}\n{rows}").as_bytes(), None).unwrap_err();
    assert_eq!((problems.count, problems.shown.len()), (500, MAX_SHOWN));
    let told = problems.to_string();
    assert!(
        told.ends_with("… and 400 more\n500 problems; nothing was written"),
        "{told}"
    );
}

/// Columns that were mixed up, a header that is missing, JSON that breaks off: a secret may stand anywhere.
#[test]
fn a_secret_is_never_repeated_wherever_it_stands() {
    let good = ["0001", "property-001", "lock", "2026-11", OTHER];
    let mut manifests = vec![
        format!("{SECRET}\n"),
        format!("0001,p,lock,b,{SECRET}\n0002,p,lock,b,{SECRET}\n"),
        format!("{HEADER}\n0001,p,lock,b,\"{SECRET}\n"),
        format!("{HEADER}\n0001,p,lock,b,{SECRET},\n"),
        format!("[\"{SECRET}\"]"),
        format!("[{{\"{SECRET}\":1}}]"),
        format!("[{{\"batch\":\"{SECRET}\""),
        format!("{{\"voucher_secret\":{SECRET}}}"),
        format!("{{\"voucher_secret\":[\"{SECRET}\"]}}"),
    ];
    for place in 0..good.len() {
        let mut cells = good;
        cells[place] = SECRET;
        // Twice, so that also those are wrong in which the cell itself is good.
        manifests.push(format!("{HEADER}\n{0}\n{0}\n", cells.join(",")));
        let mut cells = good;
        let broken = format!("{SECRET}=!");
        cells[place] = &broken;
        manifests.push(format!("{HEADER}\n{}\n", cells.join(",")));
        let mut names: Vec<_> = HEADER.split(',').collect();
        names[place] = SECRET;
        manifests.push(names.join(","));
    }
    for manifest in manifests {
        let problems = read(manifest.as_bytes(), None).unwrap_err();
        for told in [problems.to_string(), format!("{problems:?}")] {
            let told = told.to_lowercase();
            assert!(!told.contains(&SECRET[..16]), "{manifest}\n{told}");
        }
    }
}
