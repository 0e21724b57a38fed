//! Access of devices that carry tokens: what a token's scopes allow one thing to do, and for how long.

mod scope;

pub use scope::{Scope, Scopes};
