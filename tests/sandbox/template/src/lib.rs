//! Reads the resources out of a SAM template.
