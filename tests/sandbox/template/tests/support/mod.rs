//! The repository's template, resolved.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "tests; each test binary uses its part"
)]

use sam_template::{Environment, Function, Parameters, Stack, Template};

pub(crate) const TEXT: &str = include_str!("../../../../../template.yaml");

pub(crate) fn environment() -> Environment {
    Environment::new("123456789012", "eu-west-1", "sci-iot")
}

pub(crate) fn with(parameters: &[(&str, &str)]) -> Stack {
    let parameters = parameters.iter().copied().collect::<Parameters>();
    Template::parse(TEXT)
        .unwrap()
        .resolve(&parameters, &environment())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Something of the size and shape of a 2,048-bit key.
pub(crate) fn public_key() -> String {
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        "MIIB".repeat(98)
    )
}

pub(crate) fn default_stack() -> Stack {
    with(&[])
}

pub(crate) fn function<'a>(stack: &'a Stack, binary: &str) -> &'a Function {
    let mut functions = stack.functions().iter();
    functions.find(|f| f.binary == binary).unwrap()
}
