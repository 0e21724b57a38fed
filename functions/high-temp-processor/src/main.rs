//! Lambda function high-temp-processor.
fn main() {}
