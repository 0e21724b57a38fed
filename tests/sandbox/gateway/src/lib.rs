//! The AWS IoT Core gateway.
