//! Local AWS services.
