//! Every letter of a Joda-Time pattern.

use super::super::zone;
use super::format;
use jiff::Timestamp;

/// 2015-12-18T14:05:09.047Z, a Friday.
fn at(pattern: &str, zone_name: &str) -> Result<String, String> {
    let moment = Timestamp::from_millisecond(1_450_447_509_047).unwrap();
    format(
        pattern,
        &moment.to_zoned(zone(zone_name).unwrap()),
        zone_name,
    )
}

#[test]
fn every_letter() {
    for (pattern, expected) in [
        ("G", "AD"),
        ("C", "20"),
        ("YYYY YY", "2015 15"),
        ("xxxx ww w", "2015 51 51"),
        ("e E EEEE", "5 Fri Friday"),
        ("y yy yyy yyyy yyyyy", "2015 15 2015 2015 02015"),
        ("D DDDD", "352 0352"),
        ("M MM MMM MMMM", "12 12 Dec December"),
        ("d dd", "18 18"),
        ("a", "PM"),
        ("K h H k", "2 2 14 14"),
        ("mm m ss s", "05 5 09 9"),
        ("S SS SSS SSSSSS", "0 04 047 047000"),
        ("z Z ZZ ZZZ", "UTC +0000 +00:00 UTC"),
        ("'it''s' ''d''", "it's '18'"),
        ("2 . é", "2 . é"),
    ] {
        assert_eq!(at(pattern, "UTC").as_deref(), Ok(expected), "{pattern}");
    }
    assert_eq!(
        at("HH:mm z ZZ ZZZ", "Europe/Dublin").unwrap(),
        "14:05 GMT +00:00 Europe/Dublin"
    );
    assert_eq!(at("HH:mm Z", "-03:30").unwrap(), "10:35 -0330");
}

#[test]
fn what_is_not_supported_is_named() {
    assert!(at("q", "UTC").unwrap_err().contains("`q`"));
    assert!(at("zzzz", "UTC").unwrap_err().contains("zzzz"));
    assert!(at("'open", "UTC").unwrap_err().contains("quote"));
    assert!(
        at("z", "America/Sao_Paulo")
            .unwrap_err()
            .contains("short name")
    );
}
