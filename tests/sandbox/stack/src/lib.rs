//! The local AWS.
