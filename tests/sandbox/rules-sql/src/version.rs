//! The SQL versions of AWS IoT rules.

use std::fmt;
use std::str::FromStr;

/// Which dialect a rule is written in (`awsIotSqlVersion`).
///
/// Source: AWS IoT developer guide, "SQL versions".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SqlVersion {
    /// `2015-10-08`: no literals of arrays and objects, no nested queries, no functions of the 2016 version.
    V20151008,
    /// `2016-03-23`, recommended by AWS, and the default of this crate's command line.
    #[default]
    V20160323,
    /// `beta`: treated like [`SqlVersion::V20160323`].
    Beta,
}

impl SqlVersion {
    /// The text as a rule writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V20151008 => "2015-10-08",
            Self::V20160323 => "2016-03-23",
            Self::Beta => "beta",
        }
    }

    /// Whether the additions of 2016-03-23 are available.
    #[must_use]
    pub const fn has_2016(self) -> bool {
        !matches!(self, Self::V20151008)
    }
}

impl fmt::Display for SqlVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no SQL version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownVersion(String);

impl fmt::Display for UnknownVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown SQL version `{}`: write 2015-10-08, 2016-03-23 or beta",
            self.0
        )
    }
}

impl std::error::Error for UnknownVersion {}

impl FromStr for SqlVersion {
    type Err = UnknownVersion;

    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        match text {
            "2015-10-08" => Ok(Self::V20151008),
            "2016-03-23" => Ok(Self::V20160323),
            "beta" => Ok(Self::Beta),
            other => Err(UnknownVersion(other.to_owned())),
        }
    }
}
