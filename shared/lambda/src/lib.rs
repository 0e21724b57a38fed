//! Lambda edge helpers.
