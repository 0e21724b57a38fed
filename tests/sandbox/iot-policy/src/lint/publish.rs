//! Publishing straight into rules.

use super::tail::covers;
use super::{Add, Code, is_about};
use crate::Action;
use crate::document::Statement;

/// A rule that no policy means.
const STRANGE_RULE: &str = "topic/$aws/rules/\u{1}strange/x";

pub(super) fn check(statement: &Statement, add: Add<'_>) {
    if is_about(statement, Action::Publish) && covers(statement, STRANGE_RULE) {
        let message =
            "iot:Publish is allowed on `$aws/rules/<any rule>/…`, past the rule's own topic filter";
        add(Code::BroadBasicIngest, message.to_owned());
    }
}
