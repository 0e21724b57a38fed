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
    /// Its starts with AWS behind TLS, if it calls AWS.
    pub starts_tls: Starts,
    /// Each of its events, with a warm process.
    pub warm: Vec<(Case, Warm)>,
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
        present(millis(f.starts_tls.first_latency.percentile(50)))
    }),
    ("first event over TLS, CPU p50, ms", |f| {
        present(millis(f.starts_tls.first_cpu.percentile(50)))
    }),
    ("peak memory after start, MiB", |f| {
        Some(count(f.starts.memory) / 1024.0)
    }),
    ("peak memory at the end, MiB", |f| {
        Some(count(f.memory) / 1024.0)
    }),
];

/// The figures of one function: a column for each subject, then how many times as much each other one needs as the first.
#[must_use]
pub fn figures(subjects: &[Figures]) -> Table {
    let languages: Vec<_> = subjects.iter().map(|f| f.subject.language).collect();
    let ratios = languages.iter().skip(1).map(|other| {
        let first = languages.first().unwrap_or(other);
        format!("{other} / {first}")
    });
    let header = languages.iter().map(|language| (*language).to_owned());
    let mut table = Table::new([String::new()].into_iter().chain(header).chain(ratios));
    let mut row = |label: String, values: Vec<Option<f64>>| {
        if values.iter().all(Option::is_none) {
            return;
        }
        let first = values.first().copied().flatten();
        let ratio = |other: &Option<f64>| Some(format!("{:.1}", divide((*other)?, first?)?));
        let ratios = values
            .iter()
            .skip(1)
            .map(|other| ratio(other).unwrap_or_default());
        let cells = values
            .iter()
            .map(|value| value.map_or(String::new(), number));
        table.row([label].into_iter().chain(cells).chain(ratios));
    };
    for (label, read) in START {
        row(label.to_owned(), subjects.iter().map(read).collect());
    }
    for label in labels(subjects) {
        let parts: [(&str, ReadWarm); 3] = [
            ("p50, µs", |warm| micros(warm.latency.percentile(50))),
            ("p99, µs", |warm| micros(warm.latency.percentile(99))),
            ("CPU, µs", |warm| micros(warm.cpu.percentile(50))),
        ];
        for (part, read) in parts {
            let values = subjects.iter().map(|f| warm_of(f, label).map(read));
            row(format!("{label}, {part}"), values.collect());
        }
    }
    table
}

/// How many calls of AWS each event of one function makes, and which, in order; nothing where no event makes any.
#[must_use]
pub fn calls(subjects: &[Figures]) -> Option<Table> {
    let warm = subjects.iter().flat_map(|f| &f.warm);
    if warm.flat_map(|(_, warm)| &warm.calls).all(Vec::is_empty) {
        return None;
    }
    let mut table = Table::new(["event", "AWS calls", "which"]);
    for label in labels(subjects) {
        let Some(warm) = subjects.iter().find_map(|f| warm_of(f, label)) else {
            continue;
        };
        let most = warm.calls.iter().map(Vec::len).max().unwrap_or_default();
        table.row([label.to_owned(), most.to_string(), in_words(&warm.calls)]);
    }
    Some(table)
}

/// What makes the figures of one function worthless: a start that used the network, and subjects that are compared
/// although they do different work.
#[must_use]
pub fn faults(subjects: &[Figures]) -> Vec<String> {
    let mut faults = Vec::new();
    let starts = subjects
        .iter()
        .flat_map(|f| [(f, &f.starts), (f, &f.starts_tls)]);
    for (f, starts) in starts.filter(|(_, starts)| starts.used_the_network()) {
        faults.push(format!(
            "{} used the network before its first event: {} connections to AWS, calls {:?}, at most {} open sockets (1 is the Runtime API's)",
            f.subject.name(), starts.connections, starts.calls, starts.sockets
        ));
    }
    let Some((first, others)) = subjects.split_first() else {
        return faults;
    };
    for (case, warm) in &first.warm {
        let ours = in_words(&warm.calls);
        for other in others {
            let theirs = warm_of(other, case.label).map(|warm| in_words(&warm.calls));
            if theirs.as_ref().is_some_and(|theirs| *theirs != ours) {
                faults.push(format!(
                    "\"{}\" is not compared fairly: {} calls {ours}, {} calls {}",
                    case.label,
                    first.subject.name(),
                    other.subject.name(),
                    theirs.unwrap_or_default()
                ));
            }
        }
    }
    faults
}

fn labels(subjects: &[Figures]) -> Vec<&'static str> {
    let cases = subjects.first().map(|first| first.warm.iter());
    cases
        .into_iter()
        .flatten()
        .map(|(case, _)| case.label)
        .collect()
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

/// Nothing takes no time at all: such a figure was not taken.
fn present(value: f64) -> Option<f64> {
    (value > 0.0).then_some(value)
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
