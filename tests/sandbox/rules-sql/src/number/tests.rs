//! Reading, printing, arithmetic.

use super::*;

fn text(input: &str) -> Option<String> {
    Some(match parse(input)? {
        Number::Int(i) => format!("i{i}"),
        Number::Decimal(d) => format!("d{d}"),
    })
}

#[test]
fn reads_and_prints() {
    for (input, expected) in [
        ("0", "i0"),
        ("-0", "i0"),
        ("-0.0", "d0.0"),
        ("10.0", "d10.0"),
        ("10.50", "d10.50"),
        ("1e3", "d1000"),
        ("1E+3", "d1000"),
        ("1.5e-3", "d0.0015"),
        ("1e-7", "d0.0000001"),
        ("1e-8", "d1E-8"),
        ("1.25e40", "d1.25E40"),
        (
            "9999999999999999999999999999999999",
            "i9999999999999999999999999999999999",
        ),
        (
            "10000000000000000000000000000000000",
            "d1.000000000000000000000000000000000E34",
        ),
        (
            "0.12345678901234567890123456789012345",
            "d0.1234567890123456789012345678901234",
        ),
        ("1e-1000", "d0"),
        ("9.99e999", "d9.99E999"),
    ] {
        assert_eq!(text(input).as_deref(), Some(expected), "{input}");
    }
    assert_eq!(text("1e1000"), None);
    assert_eq!(text("1e99999999999999999999"), None);
    assert_eq!(text("1e-99999999999999999999").as_deref(), Some("d0"));
    assert_eq!(text(&"9".repeat(2000)), None);
}

#[test]
fn numeric_strings_follow_the_documented_expression() {
    for ok in ["1", "-1", "1.5", "1e5", "1E-5", "-1.5e10", "007"] {
        assert!(parse_numeric_string(ok).is_some(), "{ok}");
    }
    for bad in [
        "", "+1", ".5", "5.", "1E+5", " 1", "1 ", "0x1", "1e", "--1", "1.e5", "NaN", "١",
    ] {
        assert!(parse_numeric_string(bad).is_none(), "{bad}");
    }
}

#[test]
fn arithmetic_is_decimal() {
    let d = |t: &str| match parse(t).unwrap() {
        Number::Int(i) => Decimal::from(i),
        Number::Decimal(d) => d,
    };
    assert_eq!(d("0.1").add(&d("0.2")).unwrap().to_string(), "0.3");
    assert_eq!(
        d("1").div(&d("3.0")).unwrap().to_string(),
        "0.3333333333333333333333333333333333"
    );
    assert_eq!(d("-7.5").rem(&d("2")).unwrap().to_string(), "-1.5");
    assert_eq!(d("9e999").mul(&d("10.0")), None);
    assert_eq!(d("1e-999").mul(&d("0.01")).unwrap().to_string(), "0");
    assert_eq!(d("1e999").floor(), None);
    assert_eq!(d("-1.5").round(), Some(-2));
    assert_eq!(d("1e999").trunc_places(3).to_string(), "1E999");
    assert_eq!(d("1E-999").ceil(), Some(1));
}
