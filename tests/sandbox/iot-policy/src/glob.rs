//! `*` and `?` against a text, without backtracking.
//!
//! The pattern is cut at its `*` into segments. The first is anchored at the start, the last at the end, and each one
//! between is taken at its leftmost place, which is never worse than a later one. Every character of the text is passed
//! once by segments of plain text (`str::find` is linear); a segment with `?` costs its length at each place.

/// A compiled pattern: `*` is any run of characters, also empty and also across `/`; `?` is exactly one character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    segments: Vec<Segment>,
}

/// A stretch without `*`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Segment {
    pieces: Vec<Piece>,
    characters: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    AnyCharacter,
}

impl Glob {
    /// Reads a pattern in which every `*` and `?` is a wildcard.
    #[must_use]
    pub fn parse(pattern: &str) -> Self {
        let mut builder = Builder::default();
        for character in pattern.chars() {
            match character {
                '*' => builder.any_run(),
                '?' => builder.any_character(),
                other => builder.text(other.encode_utf8(&mut [0; 4])),
            }
        }
        builder.finish()
    }

    /// Whether the whole of `text` is covered.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let Some((first, others)) = self.segments.split_first() else {
            return text.is_empty();
        };
        let Some(mut rest) = first.strip(text) else {
            return false;
        };
        let Some((last, middle)) = others.split_last() else {
            return rest.is_empty();
        };
        for segment in middle {
            match segment.strip_leftmost(rest) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        last.ends(rest)
    }
}

/// Builds a [`Glob`] piece by piece, so that literal text can hold `*` and `?`.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    done: Vec<Segment>,
    current: Segment,
}

impl Builder {
    pub(crate) fn text(&mut self, text: &str) {
        self.current.characters += text.chars().count();
        if let Some(Piece::Text(last)) = self.current.pieces.last_mut() {
            last.push_str(text);
        } else if !text.is_empty() {
            self.current.pieces.push(Piece::Text(text.to_owned()));
        }
    }

    pub(crate) fn any_character(&mut self) {
        self.current.characters += 1;
        self.current.pieces.push(Piece::AnyCharacter);
    }

    pub(crate) fn any_run(&mut self) {
        self.done.push(std::mem::take(&mut self.current));
    }

    pub(crate) fn finish(mut self) -> Glob {
        self.done.push(self.current);
        Glob {
            segments: self.done,
        }
    }
}

impl Segment {
    /// What follows when `text` begins with this segment.
    fn strip<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.pieces
            .iter()
            .try_fold(text, |rest, piece| match piece {
                Piece::Text(wanted) => rest.strip_prefix(wanted.as_str()),
                Piece::AnyCharacter => {
                    let mut characters = rest.chars();
                    characters.next().map(|_| characters.as_str())
                }
            })
    }

    /// What follows the leftmost place where this segment stands in `text`.
    fn strip_leftmost<'t>(&self, text: &'t str) -> Option<&'t str> {
        if let [Piece::Text(wanted)] = self.pieces.as_slice() {
            return text.split_once(wanted.as_str()).map(|(_, after)| after);
        }
        let mut rest = text;
        loop {
            if let Some(after) = self.strip(rest) {
                return Some(after);
            }
            // Too short to hold the segment anywhere further on: keeps a long segment from costing its square.
            if rest.len() < self.characters {
                return None;
            }
            let mut characters = rest.chars();
            characters.next()?;
            rest = characters.as_str();
        }
    }

    /// Whether `text` ends in this segment.
    fn ends(&self, text: &str) -> bool {
        let Some(before) = self.characters.checked_sub(1) else {
            return true;
        };
        let tail = text.char_indices().rev().nth(before);
        let tail = tail.and_then(|(start, _)| text.get(start..));
        tail.and_then(|tail| self.strip(tail))
            .is_some_and(str::is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "a/b/c", true),
            ("?", "é", true),
            ("?", "", false),
            ("a?", "a/", true),
            ("a*c", "abbc", true),
            ("a*c", "ac", true),
            ("a*c", "a", false),
            ("a*a", "a", false),
            ("some/*/topic", "some/x/y/topic", true),
            ("some/*/topic", "some/+/topic", true),
            ("some/+/topic", "some/x/topic", false),
            ("a#", "ab", false),
            ("*a?b*", "xaacb-acb", true),
            ("**a**", "a", true),
            ("*ab", "aab", true),
            ("*?ab", "ab", false),
        ] {
            assert_eq!(
                Glob::parse(pattern).matches(text),
                expected,
                "{pattern} on {text}"
            );
        }
    }

    #[test]
    fn a_pattern_made_to_backtrack_is_answered_at_once() {
        let pattern = format!("{}b", "a*".repeat(1000));
        assert!(!Glob::parse(&pattern).matches(&"a".repeat(100_000)));
        let pattern = format!("*{}b*", "?".repeat(1000));
        assert!(!Glob::parse(&pattern).matches(&"a".repeat(10_000)));
    }
}
