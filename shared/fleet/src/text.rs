//! Text for a terminal.

use std::fmt::Write as _;

use sci_domain::{admission::IntroducerId, admission::audit::Fact};

use crate::{
    history::History,
    present::{Holder, Present},
};

/// What was stored, without what a terminal would obey: whoever can alter a record must not write on an operator's screen.
pub(crate) fn shown(text: &str) -> String {
    let visible = |c: char| match c {
        // Marks that turn the direction of what follows.
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '?',
        c if c.is_control() => '?',
        c => c,
    };
    text.chars().map(visible).collect()
}

/// The first digits of a digest, which tell certificates of one device apart.
fn short(digest: impl ToString) -> String {
    digest.to_string().chars().take(12).collect()
}

fn introducer(id: IntroducerId) -> String {
    match id {
        IntroducerId::Claim(id) => format!("claim#{}", short(id)),
        IntroducerId::Authority(id) => format!("ca#{}", short(id)),
    }
}

/// A history as a table, with the present below it.
#[must_use]
pub fn history(history: &History) -> String {
    let mut text = String::new();
    if let Some(flaw) = &history.flaw {
        let _ = writeln!(
            text,
            "THE CHAIN OF {} IS BROKEN: {flaw}.\nWhat follows is what can be read, and cannot be relied upon.\n",
            history.serial_number
        );
    }
    let header = [
        "#",
        "time",
        "what",
        "reason",
        "certificate",
        "introducer",
        "by",
    ];
    let mut rows = vec![header.map(str::to_owned)];
    for line in &history.records {
        let number = line.sequence.to_string();
        rows.push(match &line.fact {
            Some(fact) => row(number, fact),
            None => {
                let mut row = <[String; 7]>::default();
                [row[0], row[1]] = [number, "cannot be read".to_owned()];
                row
            }
        });
    }
    table(&mut text, &rows);
    text.push('\n');
    match &history.present {
        Some(device) => present(&mut text, device),
        None => {
            let _ = writeln!(text, "Not on the allow-list.");
        }
    }
    text
}

fn row(number: String, fact: &Fact) -> [String; 7] {
    let what = serde_json::to_value(fact.happened).ok();
    let what = what.as_ref().and_then(|what| what.as_str());
    [
        number,
        fact.at.to_string(),
        what.unwrap_or_default().to_owned(),
        shown(&fact.reason),
        fact.certificate.map(short).unwrap_or_default(),
        fact.introducer.map(introducer).unwrap_or_default(),
        fact.by.as_deref().map(shown).unwrap_or_default(),
    ]
}

fn table(text: &mut String, rows: &[[String; 7]]) {
    let mut widths = [0; 7];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

fn present(text: &mut String, device: &Present) {
    let mut line = |what: &str, value: &str| {
        let _ = writeln!(text, "{what:<13}{value}");
    };
    let since = device
        .since
        .as_deref()
        .map(|since| format!(" since {since}"));
    let by = device.by.as_deref().map(|by| format!(" by {}", shown(by)));
    line(
        "state",
        &[Some(device.state.to_owned()), since, by]
            .map(Option::unwrap_or_default)
            .concat(),
    );
    line(
        "thing",
        device.thing.as_deref().unwrap_or("cannot be named"),
    );
    line("batch", device.batch.as_str());
    line(
        "voucher",
        if device.has_secret {
            "with a secret of its own"
        } else {
            "no secret"
        },
    );
    if let Some(lease) = &device.lease {
        line("lease", &holder(lease));
    }
    if let Some(live) = &device.live {
        line("works with", &holder(live));
    }
    if let Some(case) = &device.case {
        line("second key", &holder(&case.holder));
        let by = case.decided_by.as_deref().map(shown).unwrap_or_default();
        match case.decision {
            Some(decision) => line("decided", &format!("{decision} by {by}")),
            None => line("decided", "not yet: keep, replace or block"),
        }
    }
    for certificate in &device.retiring {
        line("retiring", &format!("certificate {}", short(certificate)));
    }
}

fn holder(holder: &Holder) -> String {
    let until = holder.until.as_deref();
    let until = until
        .map(|until| format!(" until {until}"))
        .unwrap_or_default();
    format!(
        "certificate {}, key {}, since {}{until}",
        short(holder.certificate),
        short(holder.key),
        holder.since
    )
}
