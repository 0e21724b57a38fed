//! The form of `kid` and `jti`: names that others choose and that reach tables and logs.

/// Whether `text` is 1 to 128 printable ASCII characters (0x20 to 0x7e).
pub(crate) fn is_identifier(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
}
