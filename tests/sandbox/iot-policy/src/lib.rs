//! The AWS IoT Core policy engine.
