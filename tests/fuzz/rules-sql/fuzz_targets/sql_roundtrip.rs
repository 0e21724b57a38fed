//! What parses is printed as a text that parses to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules_sql::{SqlVersion, Statement, Template};

fuzz_target!(|text: &str| {
    if let Ok(statement) = Statement::parse(text, SqlVersion::V20160323) {
        let printed = statement.to_string();
        // Escapes can make the text longer than a statement may be.
        if printed.len() <= rules_sql::MAX_STATEMENT_BYTES {
            assert_eq!(
                Statement::parse(&printed, SqlVersion::V20160323),
                Ok(statement),
                "{printed}"
            );
        }
    }
    if let Ok(template) = Template::parse(text) {
        let printed = template.to_string();
        if printed.len() <= rules_sql::MAX_STATEMENT_BYTES {
            assert_eq!(Template::parse(&printed), Ok(template), "{printed}");
        }
    }
});
