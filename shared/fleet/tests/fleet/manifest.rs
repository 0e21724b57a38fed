//! Manifests that are good, in every form, and texts of any kind.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use proptest::{collection::btree_map, option, prelude::*};
use sci_domain::{
    admission::{BatchId, DeviceKind, DeviceSecret, Entry, Placement, SerialNumber, State},
    thing::PropertyId,
};
use sci_fleet::manifest::read;
use serde_json::json;
use testkit::onboarding;

fn hex(secret: &DeviceSecret) -> String {
    secret.expose().iter().map(|b| format!("{b:02x}")).collect()
}

fn base64url(secret: &DeviceSecret) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(secret.expose())
}

#[test]
fn the_same_devices_are_read_from_every_form() {
    let (first, second) = (onboarding::entry("0001", "2026-11"), {
        let mut entry = onboarding::entry("0002", "2026-11");
        entry.placement.kind = DeviceKind::Lock;
        entry.secret = None;
        entry
    });
    let secret = first.secret.as_ref().unwrap();
    let (hex, base64url) = (hex(secret), base64url(secret));
    let csv = format!(
        "serial_number,property_id,device_type,batch,voucher_secret\n\
         0001,property-001,environmental,2026-11,{hex}\n\
         0002,property-001,lock,2026-11,\n"
    );
    let other_order = format!(
        "\u{feff}voucher_secret,device_type,\"property_id\",serial_number\r\n\r\n\
         {base64url},environmental,property-001,0001\r\n,\"lock\",property-001,0002"
    );
    let object = |entry: &Entry, secret| {
        json!({
            "serial_number": entry.serial, "property_id": "property-001", "batch": "2026-11",
            "device_type": entry.placement.kind, "voucher_secret": secret,
        })
    };
    let objects = [
        object(&first, json!(base64url)),
        object(&second, json!(null)),
    ];
    let array = serde_json::to_string_pretty(&objects).unwrap();
    let lines = format!("\n{}\r\n\n{}", objects[0], objects[1]);
    let batch = BatchId::parse("2026-11").unwrap();
    for (manifest, batch) in [
        (csv.as_str(), None),
        (&csv, Some(&batch)),
        (&other_order, Some(&batch)),
        (&array, None),
        (&lines, None),
    ] {
        let entries = read(manifest.as_bytes(), batch).unwrap();
        assert_eq!(entries, [first.clone(), second.clone()], "{manifest}");
    }
}

/// Names as they may be, and random secrets.
fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let secret = prop::collection::vec(any::<u8>(), 32..=64);
    let placed = ("[a-zA-Z0-9:_-]{1,70}", 0..3_usize, "[a-zA-Z0-9_-]{1,64}");
    let device = (placed, option::of(secret));
    btree_map("[a-zA-Z0-9_]{1,32}", device, 1..20).prop_map(|devices| {
        let entry = |(serial, ((property, kind, batch), secret)): (String, ((_, usize, _), _))| {
            let _: &String = &property;
            let _: &String = &batch;
            Entry {
                serial: SerialNumber::parse(serial).unwrap(),
                placement: Placement {
                    property: PropertyId::parse(property).unwrap(),
                    kind: DeviceKind::ALL[kind],
                },
                batch: BatchId::parse(batch).unwrap(),
                secret: Option::<Vec<u8>>::map(secret, |secret| DeviceSecret::new(secret).unwrap()),
                state: State::Allowed,
                retiring: Vec::new(),
                retry: None,
                version: 1,
            }
        };
        devices.into_iter().map(entry).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_as_csv_reads_back(entries in entries()) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record(["serial_number", "property_id", "device_type", "batch", "voucher_secret"])
            .unwrap();
        for (entry, n) in entries.iter().zip(0..) {
            let secret = entry.secret.as_ref().map(if n % 2 == 0 { hex } else { base64url });
            let kind = entry.placement.kind.as_str();
            let property = entry.placement.property.as_str();
            let secret = secret.unwrap_or_default();
            writer
                .write_record([entry.serial.as_str(), property, kind, entry.batch.as_str(), &secret])
                .unwrap();
        }
        let manifest = writer.into_inner().unwrap();
        prop_assert_eq!(read(&manifest, None), Ok(entries));
    }

    #[test]
    fn no_bytes_stop_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, None);
        for beginning in ["serial_number,property_id,device_type,batch\n", "[", "{", "[{\"batch\":"] {
            let _ = read(&[beginning.as_bytes(), &bytes].concat(), None);
        }
    }

    /// Whatever is wrong, and wherever: of each problem the line is one of the manifest's.
    #[test]
    fn no_text_stops_the_reader_and_lines_are_the_manifests(text in "[\\[\\]{}\":,\na-c0-9\r ]{0,200}") {
        let manifest = format!("serial_number,property_id,device_type,batch\n{text}");
        for manifest in [manifest, text] {
            if let Err(problems) = read(manifest.as_bytes(), None) {
                prop_assert!(problems.count > 0);
                let lines = u64::try_from(manifest.split('\n').count()).unwrap();
                for problem in problems.shown {
                    prop_assert!((1..=lines).contains(&problem.line), "{} {:?}", problem, manifest);
                }
            }
        }
    }
}
