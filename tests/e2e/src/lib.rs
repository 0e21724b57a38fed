//! Scenarios on real processes.
