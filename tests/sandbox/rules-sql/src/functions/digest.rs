//! Digests of texts, in lowercase hexadecimal.

use sha2::digest::Digest;

use super::{Function, Outcome, argument};
use crate::convert::to_text;
use crate::value::Value;

macro_rules! digest {
    ($name:literal, $algorithm:ty, $examples:expr) => {
        Function::new(
            $name,
            &[1],
            |_, arguments| digest::<$algorithm>(arguments),
            $examples,
        )
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    digest!(
        "md2",
        md2::Md2,
        &[
            (r#"md2("hello")"#, r#""a9046c73e00331af68917d3804f70655""#),
            ("md2(null)", "UNDEFINED")
        ]
    ),
    digest!(
        "md5",
        md5::Md5,
        &[(r#"md5("hello")"#, r#""5d41402abc4b2a76b9719d911017c592""#)]
    ),
    digest!(
        "sha1",
        sha1::Sha1,
        &[(
            r#"sha1("hello")"#,
            r#""aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d""#
        )]
    ),
    digest!(
        "sha224",
        sha2::Sha224,
        &[(
            r#"sha224("hello")"#,
            r#""ea09ae9cc6768c50fcee903ed054556e5bfc8347907f12598aa24193""#
        )]
    ),
    digest!(
        "sha256",
        sha2::Sha256,
        &[(
            r#"sha256("hello")"#,
            r#""2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#
        )]
    ),
    digest!(
        "sha384",
        sha2::Sha384,
        &[(
            r#"sha384("hello")"#,
            r#""59e1748777448c69de6b800d7a33bbfb9ff1b463e44354c3553bcdb9c666fa90125a3c79f90397bdf5f6a13de828684f""#
        )]
    ),
    digest!(
        "sha512",
        sha2::Sha512,
        &[(
            r#"sha512("hello")"#,
            r#""9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043""#
        )]
    ),
];

fn digest<D: Digest>(arguments: &[Value]) -> Outcome {
    Ok(match to_text(argument(arguments, 0))? {
        Some(text) => {
            let bytes = D::digest(text.as_bytes());
            Value::from(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
        }
        None => Value::Undefined,
    })
}
