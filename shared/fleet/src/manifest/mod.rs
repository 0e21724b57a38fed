//! A vendor's manifest: which devices there are, where they belong, and the secrets that they sign their vouchers with.
//!
//! CSV with a header line, a JSON array of objects, or JSON lines. All of it is checked before any of it is used, and no
//! problem repeats what the manifest holds: where columns were mixed up, any cell may hold a secret.

mod check;
mod column;
mod csv_rows;
mod json_rows;
mod problem;
mod secret;

use sci_domain::admission::{BatchId, Entry};

pub use column::Column;
pub use problem::{MAX_SHOWN, Problem, Problems, What};

use check::Check;

/// The largest manifest, in bytes: a million devices and some.
pub const MAX_BYTES: usize = 256 << 20;

/// The devices of a manifest as new lines of the allow-list, in its order. `batch` is theirs where they name none.
///
/// # Errors
/// All problems that were found.
pub fn read(manifest: &[u8], batch: Option<&BatchId>) -> Result<Vec<Entry>, Problems> {
    // Excel puts a byte order mark in front.
    let manifest = manifest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(manifest);
    let mut check = Check::new(batch);
    let first = manifest.iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        // No header begins with these.
        Some(b'[') => json_rows::array(manifest, &mut check),
        Some(b'{') => json_rows::lines(manifest, &mut check),
        _ => csv_rows::read(manifest, &mut check),
    }
    check.finish()
}
