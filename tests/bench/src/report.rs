//! The figures as tables, with the ratios of this one run.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    cases::Case,
    measure::{Starts, Warm},
    subject::Subject,
    table::Table,
};

/// The figures of one subject.
#[derive(Debug)]
pub struct Figures {
    /// What was measured.
    pub subject: Subject,
    /// Its starts.
    pub starts: Starts,
    /// Its starts with AWS behind TLS.
    pub starts_tls: Starts,
    /// Each of its events, with a warm process.
    pub warm: Vec<(&'static Case, Warm)>,
    /// The warm process's most memory at its end, in KiB.
    pub memory: u64,
}

/// A figure of a subject in its row's unit.
type Read = fn(&Figures) -> Option<f64>;
/// A figure of an event in its row's unit.
type ReadWarm = fn(&Warm) -> f64;

const START: [(&str, Read); 12] = [
    ("binary, MB", |f| {
        f.subject.size.map(|size| count(size) / 1e6)
    }),
    ("start, wall min, ms", |f| Some(millis(f.starts.wall.min()))),
    ("start, wall p50, ms", |f| {
        Some(millis(f.starts.wall.percentile(50)))
    }),
    ("start, CPU min, ms", |f| Some(millis(f.starts.cpu.min()))),
    ("start, CPU p50, ms", |f| {
        Some(millis(f.starts.cpu.percentile(50)))
    }),
    ("start, network calls", |f| {
        Some(count(
            u64::try_from(f.starts.connections.max(f.starts.calls.len())).ok()?,
        ))
    }),
    ("first event, p50, ms", |f| {
        Some(millis(f.starts.first_latency.percentile(50)))
    }),
    ("first event, CPU p50, ms", |f| {
        Some(millis(f.starts.first_cpu.percentile(50)))
    }),
    ("first event over TLS, p50, ms", |f| {
        Some(millis(f.starts_tls.first_latency.percentile(50)))
    }),
    ("first event over TLS, CPU p50, ms", |f| {
        Some(millis(f.starts_tls.first_cpu.percentile(50)))
    }),
    ("peak memory after start, MiB", |f| {
        Some(count(f.starts.memory) / 1024.0)
    }),
    ("peak memory at the end, MiB", |f| {
        Some(count(f.memory) / 1024.0)
    }),
];

/// Every figure: a column for each subject, then how many times as much the last needs as the first.
#[must_use]
pub fn figures(all: &[Figures]) -> Table {
    let compared = compared(all);
    let names = all.iter().map(|f| f.subject.name());
    let ratio = compared
        .map(|(rust, python)| format!("{} / {}", python.subject.language, rust.subject.language));
    let mut table = Table::new(["".to_owned()].into_iter().chain(names).chain(ratio));
    let mut row = |label: String, values: Vec<Option<f64>>, ratio: Option<f64>| {
        let cells = values
            .iter()
            .map(|value| value.map_or(String::new(), number));
        let ratio = compared.map(|_| ratio.map_or(String::new(), |ratio| format!("{ratio:.1}")));
        table.row([label].into_iter().chain(cells).chain(ratio));
    };
    for (label, read) in START {
        let ratio = compared.and_then(|(rust, python)| divide(read(python)?, read(rust)?));
        row(label.to_owned(), all.iter().map(read).collect(), ratio);
    }
    for label in labels(all) {
        let parts: [(&str, ReadWarm); 3] = [
            ("p50, µs", |warm| micros(warm.latency.percentile(50))),
            ("p99, µs", |warm| micros(warm.latency.percentile(99))),
            ("CPU, µs", |warm| micros(warm.cpu.percentile(50))),
        ];
        for (part, read) in parts {
            let value = |f: &Figures| warm_of(f, label).map(read);
            let ratio = compared.and_then(|(rust, python)| divide(value(python)?, value(rust)?));
            row(
                format!("{label}, {part}"),
                all.iter().map(value).collect(),
                ratio,
            );
        }
    }
    table
}

/// How many calls of AWS each event makes, and which, in order. Subjects that are compared make the same, or it is a
/// fault.
#[must_use]
pub fn calls(all: &[Figures]) -> Table {
    let mut table = Table::new(["event", "AWS calls", "which"]);
    for label in labels(all) {
        let Some(warm) = all.iter().find_map(|f| warm_of(f, label)) else {
            continue;
        };
        let most = warm.calls.iter().map(Vec::len).max().unwrap_or_default();
        table.row([label.to_owned(), most.to_string(), in_words(&warm.calls)]);
    }
    table
}

/// What makes the figures worthless: a start that used the network, and subjects that are compared although they do
/// different work.
#[must_use]
pub fn faults(all: &[Figures]) -> Vec<String> {
    let mut faults = Vec::new();
    let starts = all
        .iter()
        .flat_map(|f| [(f, &f.starts), (f, &f.starts_tls)]);
    for (f, starts) in starts.filter(|(_, starts)| starts.used_the_network()) {
        faults.push(format!(
            "{} used the network before its first event: {} connections to AWS, calls {:?}, at most {} open sockets (1 is the Runtime API's)",
            f.subject.name(), starts.connections, starts.calls, starts.sockets
        ));
    }
    let Some((rust, python)) = compared(all) else {
        return faults;
    };
    for (case, warm) in &rust.warm {
        let theirs = warm_of(python, case.label).map(|warm| in_words(&warm.calls));
        let ours = in_words(&warm.calls);
        if theirs.as_ref().is_some_and(|theirs| *theirs != ours) {
            faults.push(format!(
                "\"{}\" is not compared fairly: {} calls {ours}, {} calls {}",
                case.label,
                rust.subject.name(),
                python.subject.name(),
                theirs.unwrap_or_default()
            ));
        }
    }
    faults
}

/// The two subjects that are the same function.
fn compared(all: &[Figures]) -> Option<(&Figures, &Figures)> {
    let python = all.iter().find(|f| f.subject.language == "Python")?;
    let rust = all
        .iter()
        .find(|f| f.subject.function == python.subject.function)?;
    Some((rust, python))
}

fn labels(all: &[Figures]) -> Vec<&'static str> {
    let mut labels: Vec<&str> = all
        .iter()
        .flat_map(|f| f.warm.iter().map(|(case, _)| case.label))
        .collect();
    let mut seen = BTreeSet::new();
    labels.retain(|label| seen.insert(*label));
    labels
}

fn warm_of<'a>(figures: &'a Figures, label: &str) -> Option<&'a Warm> {
    let mut warm = figures.warm.iter();
    warm.find(|(case, _)| case.label == label)
        .map(|(_, warm)| warm)
}

fn in_words(calls: &BTreeSet<Vec<String>>) -> String {
    let each: Vec<_> = calls.iter().map(|calls| calls.join(", ")).collect();
    each.join(" or ")
}

fn divide(dividend: f64, divisor: f64) -> Option<f64> {
    (divisor > 0.0).then(|| dividend / divisor)
}

fn number(value: f64) -> String {
    match value {
        value if value.fract() == 0.0 || value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// Sizes and counts are far below 2^52.
fn count(number: u64) -> f64 {
    number as f64
}
