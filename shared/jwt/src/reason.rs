//! The table form of this crate's reasons: variant, stable code and text side by side, so that none can be forgotten.

/// Defines an enum of reasons with `ALL`, `code`, `Display` and `Error`.
macro_rules! reasons {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident => $code:literal: $text:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable code: it names a metric dimension and never changes its spelling.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $text,)+
                })
            }
        }

        impl std::error::Error for $name {}
    };
}

pub(crate) use reasons;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::{InvalidKeySet, KeyDefect, Rejection};

    #[test]
    fn codes_are_unique_and_kebab_case_and_texts_are_fragments() {
        let reasons = Rejection::ALL
            .iter()
            .map(|reason| (reason.code(), reason.to_string()))
            .chain(KeyDefect::ALL.iter().map(|d| (d.code(), d.to_string())))
            .chain(InvalidKeySet::ALL.iter().map(|e| (e.code(), e.to_string())));
        let mut codes = BTreeSet::new();
        for (code, text) in reasons {
            let kebab = code.split('-').all(|word| {
                !word.is_empty()
                    && word
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            });
            assert!(kebab, "{code}");
            assert!(codes.insert(code), "{code} stands twice");
            assert!(!text.ends_with('.') && text.is_ascii(), "{text}");
        }
    }
}
