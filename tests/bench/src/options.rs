//! The command line.

use std::path::PathBuf;

/// What to measure, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Starts of each subject.
    pub spawns: u32,
    /// Blocks of [`crate::measure::BLOCK`] invocations for each event.
    pub blocks: u32,
    /// What a function's name must contain to be measured; all of them if it is empty.
    pub only: String,
    /// Where the binaries are; none to build them.
    pub binaries: Option<PathBuf>,
    /// Whether cargo runs this as a benchmark, and not as a test.
    pub measures: bool,
}

/// How to call it.
pub const USAGE: &str =
    "usage: cargo bench -p bench [-- [--only TEXT] [--spawns N] [--blocks N] [--binaries FOLDER]]
  --only TEXT        only the functions whose name contains TEXT
  --spawns N         starts of each function (default 20)
  --blocks N         blocks of 25 invocations of each event (default 16)
  --binaries FOLDER  measure the binaries in FOLDER instead of building them";

impl Options {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// The argument that is wrong.
    pub fn read(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            spawns: 20,
            blocks: 16,
            only: String::new(),
            binaries: None,
            measures: false,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            let count = |text: String| {
                let number = text
                    .parse()
                    .ok()
                    .filter(|number| (1..=10_000).contains(number));
                number.ok_or(format!(
                    "{argument} needs a number from 1 to 10000, not {text}"
                ))
            };
            match argument.as_str() {
                // Cargo's own word for a benchmark run.
                "--bench" => options.measures = true,
                "--spawns" => options.spawns = count(value()?)?,
                "--blocks" => options.blocks = count(value()?)?,
                "--only" => options.only = value()?,
                "--binaries" => options.binaries = Some(value()?.into()),
                _ => return Err(format!("{argument} is unknown")),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, String> {
        Options::read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn values_are_read_and_what_is_wrong_is_named() {
        let options = read("--spawns 5 --binaries target/release --bench").unwrap();
        assert_eq!(
            (options.spawns, options.blocks, options.measures),
            (5, 16, true)
        );
        assert_eq!(options.binaries, Some("target/release".into()));
        for (line, named) in [
            ("--spawns", "--spawns needs a value"),
            (
                "--blocks 0",
                "--blocks needs a number from 1 to 10000, not 0",
            ),
            ("--fast", "--fast is unknown"),
        ] {
            assert_eq!(read(line).unwrap_err(), named);
        }
    }
}
