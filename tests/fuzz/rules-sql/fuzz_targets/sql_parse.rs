//! Any text is a statement, a template or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules_sql::{SqlVersion, Statement, Template, TemplateFile, check};

fuzz_target!(|text: &str| {
    let _ = Statement::parse(text, SqlVersion::V20151008);
    let _ = Statement::parse(text, SqlVersion::V20160323);
    let _ = Template::parse(text);
    let _ = TemplateFile::parse(text).map(|file| check(&file));
});
