//! The corpus: every known attack on a JWT authorizer as a row, with the rule or the mistake of others that it stands for,
//! and what must become of it.
//!
//! `cargo test -p jwt-authorizer --test attacks` runs it, and `teeth.rs` shows that it can fail.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod alg;
mod character_sets;
mod claims;
mod devices;
mod differential;
mod encoding;
mod event_types;
mod events;
mod header_extensions;
mod header_keys;
mod issuer;
mod json;
mod oracle;
mod outcome;
mod revocation;
mod row;
mod rsa;
mod signatures;
mod signatures_curves;
mod signatures_rsa;
mod sources;
mod stores;
mod subject;
#[path = "../support/mod.rs"]
mod support;
mod teeth;
mod time;

use std::{collections::BTreeSet, io::ErrorKind, net::TcpListener, sync::LazyLock};

use row::Row;

/// The rows, and a listener to which the keys in their headers point.
struct Corpus {
    rows: Vec<Row>,
    canary: TcpListener,
}

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| {
    let canary = TcpListener::bind("127.0.0.1:0").unwrap();
    canary.set_nonblocking(true).unwrap();
    let address = canary.local_addr().unwrap().to_string();
    let groups = [
        ("alg", alg::rows()),
        ("header-keys", header_keys::rows(&address)),
        ("header-extensions", header_extensions::rows()),
        ("encoding", encoding::rows()),
        ("json", json::rows()),
        ("issuer", issuer::rows()),
        ("time", time::rows()),
        ("subject", subject::rows()),
        ("signatures", signatures::rows()),
        ("sources", sources::rows()),
        ("events", events::rows()),
        ("revocation", revocation::rows()),
        ("stores", stores::rows()),
        ("devices", devices::rows()),
    ];
    let rows = groups.into_iter().flat_map(|(group, rows)| {
        rows.into_iter().map(move |row| Row {
            name: format!("{group}/{}", row.name.escape_debug()),
            ..row
        })
    });
    Corpus {
        rows: rows.collect(),
        canary,
    }
});

impl Corpus {
    /// Whether somebody called the canary since this was asked last.
    fn was_called(&self) -> bool {
        match self.canary.accept() {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                false
            }
        }
    }
}

/// Ports that hang are waited for on a paused clock.
#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn every_row_has_its_outcome_and_no_row_can_fail_unseen() {
    let mut wrong = Vec::new();
    for row in &CORPUS.rows {
        let outcome = outcome::of(row).await;
        let expected = &row.expected;
        let mut faults = outcome.faults;
        if outcome.decision != *expected {
            faults.push(format!(
                "expected {expected:?}, found {:?}",
                outcome.decision
            ));
        }
        let told = faults
            .into_iter()
            .map(|fault| format!("{} ({}): {fault}", row.name, row.source));
        wrong.extend(told);
    }
    let count = CORPUS.rows.len();
    assert!(
        wrong.is_empty(),
        "{} faults in {count} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(!CORPUS.was_called(), "somebody fetched a key");

    // Here, because the canary is everybody's.
    teeth::every_mistake_is_noticed();
    teeth::every_lax_library_is_noticed();
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn two_implementations_agree_on_what_is_nearly_a_row() {
    let (count, admitted) = differential::two_implementations_agree().await;
    println!("{count} events compared, {admitted} let in");
}

#[test]
fn every_row_has_a_name_of_its_own_and_a_source() {
    let rows = &CORPUS.rows;
    let mut names = BTreeSet::new();
    let twice: Vec<_> = rows
        .iter()
        .map(|row| &row.name)
        .filter(|name| !names.insert(*name))
        .collect();
    assert!(twice.is_empty(), "{twice:?}");
    assert!(rows.iter().all(|row| !row.source.is_empty()));
    // So that a group that gets lost is missed.
    assert!(rows.len() >= 1800, "{}", rows.len());
}
