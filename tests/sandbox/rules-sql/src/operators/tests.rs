//! Every operator on every pair of types: what the tables do not list is Undefined.

use super::apply;
use crate::ast::Operator;
use crate::json;
use crate::value::Value;
use crate::version::SqlVersion;

/// One or two values of every type; the order is that of the rows and columns below.
const VALUES: [&str; 10] = [
    "6",
    "1.5",
    "true",
    "\"TRUE\"",
    "\"4\"",
    "\"x\"",
    "[1]",
    "{\"a\":1}",
    "null",
    "undefined",
];

fn value(text: &str) -> Value {
    match text {
        "undefined" => Value::Undefined,
        json => json::read(json.as_bytes(), SqlVersion::V20151008).unwrap(),
    }
}

/// A result in short: `T`, `F`, `.` for Undefined, else the JSON text with `d` before a Decimal.
fn short(value: &Value) -> String {
    let text = json::write(value, 1000).unwrap();
    match value {
        Value::Undefined => ".".to_owned(),
        Value::Boolean(true) => "T".to_owned(),
        Value::Boolean(false) => "F".to_owned(),
        Value::Decimal(_) => format!("d{text}"),
        _ => text,
    }
}

fn table(operator: Operator) -> Vec<String> {
    VALUES
        .iter()
        .map(|left| {
            VALUES
                .iter()
                .map(|right| short(&apply(operator, &value(left), &value(right)).unwrap()))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

#[test]
fn logical() {
    let and = [
        ". . . . . . . . . .",
        ". . . . . . . . . .",
        ". . T T . . . . . .",
        ". . T T . . . . . .",
        ". . . . . . . . . .",
        ". . . . . . . . . .",
        ". . . . . . . . . .",
        ". . . . . . . . . .",
        ". . . . . . . . . .",
        ". . . . . . . . . .",
    ];
    assert_eq!(table(Operator::And), and);
    assert_eq!(table(Operator::Or), and);
}

#[test]
fn ordered() {
    assert_eq!(
        table(Operator::Greater),
        [
            "F T . . T . . . . .",
            "F F . . F . . . . .",
            ". . . . . . . . . .",
            ". . . . . . . . . .",
            "F T . . F . . . . .",
            ". . . . . . . . . .",
            ". . . . . . . . . .",
            ". . . . . . . . . .",
            ". . . . . . . . . .",
            ". . . . . . . . . .",
        ]
    );
    for (operator, mirrored) in [
        (Operator::Greater, Operator::Less),
        (Operator::GreaterOrEqual, Operator::LessOrEqual),
    ] {
        for left in VALUES {
            for right in VALUES {
                let one = apply(operator, &value(left), &value(right));
                assert_eq!(
                    one,
                    apply(mirrored, &value(right), &value(left)),
                    "{left} {right}"
                );
            }
        }
    }
}

#[test]
fn equality() {
    for (row, left) in VALUES.iter().enumerate() {
        for (column, right) in VALUES.iter().enumerate() {
            let equal = apply(Operator::Equal, &value(left), &value(right)).unwrap();
            let unequal = apply(Operator::NotEqual, &value(left), &value(right)).unwrap();
            if row == 9 || column == 9 {
                assert_eq!((equal, unequal), (Value::Undefined, Value::Undefined));
            } else {
                assert_eq!(equal, Value::Boolean(row == column), "{left} = {right}");
                assert_eq!(unequal, Value::Boolean(row != column), "{left} <> {right}");
            }
        }
    }
}

#[test]
fn contained() {
    let lists = [
        ("6", "[5,6.0]", "T"),
        ("1.5", "[1.50]", "T"),
        ("\"x\"", "[\"X\"]", "F"),
        ("\"4\"", "[4]", "F"),
        ("[1]", "[[1]]", "T"),
        ("{\"a\":1}", "[{\"a\":1.0}]", "T"),
        ("true", "[true]", "."),
        ("null", "[null]", "."),
        ("undefined", "[1]", "."),
        ("6", "6", "."),
        ("6", "{\"a\":6}", "."),
        ("6", "undefined", "."),
        ("6", "[]", "F"),
    ];
    for (left, right, expected) in lists {
        let found = apply(Operator::In, &value(left), &value(right)).unwrap();
        assert_eq!(short(&found), expected, "{left} IN {right}");
    }
}

#[test]
fn plus() {
    let x = r#""6x""#;
    assert_eq!(
        short(&apply(Operator::Add, &value("6"), &value("\"x\"")).unwrap()),
        x
    );
    assert_eq!(
        table(Operator::Add),
        [
            r#"12 d7.5 . "6TRUE" "64" "6x" . . . ."#,
            r#"d7.5 d3.0 . "1.5TRUE" "1.54" "1.5x" . . . ."#,
            r#". . . "trueTRUE" "true4" "truex" . . . ."#,
            r#""TRUE6" "TRUE1.5" "TRUEtrue" "TRUETRUE" "TRUE4" "TRUEx" "TRUE[1]" "TRUE{\"a\":1}" . ."#,
            r#""46" "41.5" "4true" "4TRUE" "44" "4x" "4[1]" "4{\"a\":1}" . ."#,
            r#""x6" "x1.5" "xtrue" "xTRUE" "x4" "xx" "x[1]" "x{\"a\":1}" . ."#,
            r#". . . "[1]TRUE" "[1]4" "[1]x" . . . ."#,
            r#". . . "{\"a\":1}TRUE" "{\"a\":1}4" "{\"a\":1}x" . . . ."#,
            ". . . . . . . . . .",
            ". . . . . . . . . .",
        ]
    );
}

#[test]
fn arithmetic() {
    let undefined = ". . . . . . . . . .";
    let rows = |first: &str, second: &str, text: &str| {
        let mut rows = vec![undefined.to_owned(); 10];
        rows[0] = format!("{first} . . . . .");
        rows[1] = format!("{second} . . . . .");
        rows[4] = format!("{text} . . . . .");
        rows
    };
    assert_eq!(
        table(Operator::Subtract),
        rows("0 d4.5 . . d2", "d-4.5 d0.0 . . d-2.5", "d-2 d2.5 . . d0")
    );
    assert_eq!(
        table(Operator::Multiply),
        rows("36 d9.0 . . d24", "d9.0 d2.25 . . d6.0", "d24 d6.0 . . d16")
    );
    assert_eq!(
        table(Operator::Divide),
        rows(
            "1 d4 . . d1.5",
            "d0.25 d1 . . d0.375",
            "d0.6666666666666666666666666666666667 d2.666666666666666666666666666666667 . . d1"
        )
    );
    assert_eq!(
        table(Operator::Modulo),
        rows("0 d0.0 . . d2", "d1.5 d0.0 . . d1.5", "d4 d1.0 . . d0")
    );
}
