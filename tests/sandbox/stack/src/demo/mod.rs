//! The demo: a day in the life of the suite, told and checked.

mod day;
mod evidence;
mod ledger;
mod onboarding;
mod story;
mod tokens;
mod verdict;

pub use story::{DemoFailed, run};
