//! The AWS IoT rules SQL engine: parse, print, evaluate, lint.
//!
//! Pure: no I/O, no clock, no ambient randomness. What the engine needs to know about a message is in [`Message`];
//! functions that reach outside go through [`External`].
//!
//! ```
//! use rules_sql::{Evaluation, Message, NoExternal, Output, SqlVersion, Statement};
//!
//! let sql = "SELECT temp AS temperature, topic(2) AS thing FROM 'sensors/+/data' WHERE temp > 30";
//! let statement = Statement::parse(sql, SqlVersion::V20160323)?;
//! let message = Message::new("sensors/sensor-1/data", br#"{"temp":33.2}"#);
//! let Evaluation::Match(selected) = statement.evaluate(&message, &NoExternal)? else {
//!     unreachable!("33.2 is above 30")
//! };
//! let expected = r#"{"temperature":33.2,"thing":"sensor-1"}"#;
//! assert_eq!(selected.output, Output::Json(expected.to_owned()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ast;
mod ast_walk;
mod convert;
mod error;
mod eval;
mod external;
mod functions;
mod json;
mod lexer;
mod lint;
mod message;
mod number;
mod operators;
mod parser;
mod print;
mod problem;
mod statement;
mod template;
mod template_file;
mod value;
mod version;

pub use error::EvalError;
pub use external::{External, ExternalFailure, NoExternal, SecretType};
pub use json::{JsonProblem, MAX_DEPTH as MAX_JSON_DEPTH};
pub use lint::{Finding, Lint, check};
pub use message::{DEFAULT_ACCOUNT_ID, Message};
pub use number::{Decimal, MAX_EXPONENT, PRECISION};
pub use problem::{ParseError, Problem};
pub use statement::{Evaluation, InvalidRule, Output, Selected, Statement, Variables};
pub use template::Template;
pub use template_file::{InvalidTemplateFile, TemplateFile, TopicRule};
pub use value::{Members, Value};
pub use version::{SqlVersion, UnknownVersion};

/// Longest statement or template in bytes: SQL, actions and description of a rule together may have 128 KB.
/// Source: AWS IoT Core quotas, "Rule size".
pub const MAX_STATEMENT_BYTES: usize = 128 * 1024;
/// Deepest nesting of expressions. AWS documents no limit.
pub const MAX_STATEMENT_DEPTH: usize = 64;
/// Largest payload in bytes. Source: AWS IoT Core quotas, "Maximum publish payload size".
pub const MAX_PAYLOAD_BYTES: usize = 128 * 1024;
/// Largest value that an expression may make, in bytes of JSON. AWS documents no limit.
pub const MAX_RESULT_BYTES: usize = 1024 * 1024;
