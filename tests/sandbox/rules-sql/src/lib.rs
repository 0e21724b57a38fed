//! The AWS IoT rules SQL engine.
