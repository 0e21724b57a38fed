//! Fakes, clocks and checks that the tests share.
