//! What AWS draws at random is derived here, so that a stack always gets the same names.

use sha2::{Digest, Sha256};

/// A UUID (version 8: derived in an own way) that is the same for the same parts.
pub(crate) fn uuid(parts: &[&str]) -> String {
    let hex = digest(parts)
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    let cut = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-8{}-8{}-{}",
        cut(0, 8),
        cut(8, 12),
        cut(13, 16),
        cut(17, 20),
        cut(20, 32)
    )
}

/// Up to 32 digits and capital letters that are the same for the same parts.
pub(crate) fn letters(parts: &[&str], length: usize) -> String {
    let letters = digest(parts).into_iter().map(|byte| match byte % 36 {
        digit @ 0..10 => char::from(b'0' + digit),
        letter => char::from(b'A' + letter - 10),
    });
    letters.take(length).collect()
}

fn digest(parts: &[&str]) -> Vec<u8> {
    Sha256::digest(parts.join("\n").as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_and_others_do_not() {
        assert_eq!(uuid(&["a", "b"]), uuid(&["a", "b"]));
        assert_ne!(uuid(&["a", "b"]), uuid(&["ab"]));
        let id = uuid(&["a"]);
        assert_eq!(
            id.split('-').map(str::len).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        assert_eq!(letters(&["a"], 12).len(), 12);
    }
}
