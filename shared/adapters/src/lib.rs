//! AWS adapters for the ports of `sci-domain`.
