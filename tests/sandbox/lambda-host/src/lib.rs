//! Runs Lambda binaries.
