//! Texts with patterns, most of them from the JDK's documentation.

use super::super::java_pattern;
use super::parse;

fn ms(text: &str, pattern: &str) -> Option<i64> {
    parse(&java_pattern::parse(pattern).unwrap(), text).unwrap()
}

#[test]
fn letters() {
    const DAY: i64 = 1_450_396_800_000; // 2015-12-18T00:00Z, a Friday
    const NOON: i64 = DAY + 12 * 3_600_000;
    for (text, pattern, expected) in [
        ("2015-12-18", "uuuu-MM-dd", DAY),
        ("2015-12-18", "yyyy-M-d", DAY),
        ("15-12-18", "yy-MM-dd", DAY),
        ("18Dec2015", "ddMMMyyyy", DAY),
        ("2015352", "yyyyDDD", DAY),
        ("Fri, 18 December 2015 AD", "EEE, d MMMM y G", DAY),
        ("Friday 20151218", "EEEE yyyyMMdd", DAY),
        ("20151218120000", "yyyyMMddHHmmss", NOON),
        ("2015-12-18 12 PM", "yyyy-MM-dd h a", NOON),
        ("2015-12-18 00 PM", "yyyy-MM-dd KK a", NOON),
        ("2015-12-18 24", "yyyy-MM-dd kk", DAY),
        ("2015-12-18 43200000", "yyyy-MM-dd A", NOON),
        ("2015-12-18 43200000000000", "yyyy-MM-dd N", NOON),
        (
            "2015-12-18T12:00:00.5",
            "yyyy-MM-dd'T'HH:mm:ss[.S]",
            NOON + 500,
        ),
        ("2015-12-18T12:00:00", "yyyy-MM-dd'T'HH:mm:ss[.SSS]", NOON),
        (
            "2015-12-18T12:00:00.123456",
            "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
            NOON + 123,
        ),
        ("2015-12-18T14:00+02", "yyyy-MM-dd'T'HH:mmX", NOON),
        ("2015-12-18T14:00+0200", "yyyy-MM-dd'T'HH:mmX", NOON),
        ("2015-12-18T14:00+0200", "yyyy-MM-dd'T'HH:mmZ", NOON),
        ("2015-12-18T14:00+02:00", "yyyy-MM-dd'T'HH:mmXXX", NOON),
        ("2015-12-18T12:00Z", "yyyy-MM-dd'T'HH:mmXXX", NOON),
        ("2015-12-18T14:00GMT+2", "yyyy-MM-dd'T'HH:mmO", NOON),
        (
            "2015-12-18T13:00[Europe/Paris]",
            "yyyy-MM-dd'T'HH:mm'['VV']'",
            NOON,
        ),
        ("2015-12-18T12:00 UTC", "yyyy-MM-dd'T'HH:mm z", NOON),
        ("2015-02-31", "yyyy-MM-dd", 1_425_081_600_000),
        ("1969-12-31T23:59:59.999", "uuuu-MM-dd'T'HH:mm:ss.SSS", -1),
    ] {
        assert_eq!(ms(text, pattern), Some(expected), "{text} {pattern}");
    }
}

#[test]
fn texts_that_do_not_fit() {
    for (text, pattern) in [
        ("2015-12-18x", "yyyy-MM-dd"),
        ("2015-13-18", "yyyy-MM-dd"),
        ("2015-12-32", "yyyy-MM-dd"),
        ("2015-12-18 25", "yyyy-MM-dd HH"),
        ("2015-12-18 03", "yyyy-MM-dd hh"),
        ("12:00", "HH:mm"),
        ("Thu 2015-12-18", "EEE yyyy-MM-dd"),
        ("18 december 2015", "d MMMM yyyy"),
        ("2015-12-18 PST", "yyyy-MM-dd z"),
        ("2015-12-18T14:00Z", "yyyy-MM-dd'T'HH:mmx"),
        ("", "yyyy"),
    ] {
        assert_eq!(ms(text, pattern), None, "{text} {pattern}");
    }
}

#[test]
fn patterns_that_are_none() {
    for (pattern, named) in [
        ("yyyy-ww", "`w`"),
        ("MMMMM", "narrow"),
        ("HHH", "too many letters `H`"),
        ("b", "`b`"),
        ("'open", "quote"),
        ("]", "`]`"),
        ("{", "reserved"),
        ("V", "VV"),
    ] {
        let reason = java_pattern::parse(pattern).unwrap_err();
        assert!(reason.contains(named), "{pattern}: {reason}");
    }
}
