//! Decisions of the property IoT suite.
