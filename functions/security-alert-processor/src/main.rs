//! Lambda function security-alert-processor.
fn main() {}
