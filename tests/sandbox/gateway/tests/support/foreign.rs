//! Clients that others have written.

/// Passes on whether a foreign client is there. Says so on stderr when it is not; with `REQUIRE_FOREIGN_CLIENTS` set, as in
/// CI, that is a failure.
///
/// # Panics
/// When the client is missing and required.
pub fn found(found: bool, missing: &str) -> bool {
    #[expect(clippy::disallowed_methods, reason = "a test's switch")]
    let required = std::env::var_os("REQUIRE_FOREIGN_CLIENTS").is_some();
    assert!(found || !required, "{missing}");
    if !found {
        // Past the test harness, which hides what a passing test prints.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("SKIPPED: {missing} to run this test\n").as_bytes(),
        );
    }
    found
}
