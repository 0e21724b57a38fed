//! Every file of `events/jwt-authorizer` on ports in memory, and the events and answers of AWS's documentation.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

#[path = "contract/allowed.rs"]
mod allowed;
#[path = "contract/aws_types.rs"]
mod aws_types;
#[path = "contract/denied.rs"]
mod denied;
mod support;

use jwt_authorizer::run;
use sci_domain::timestamp::Timestamp;
use sci_lambda::metrics::Count;
use support::World;
use testkit::{
    authorizer, event_files,
    log_scan::LogScan,
    tokens::{NOW, map_tokens, renew},
};

const NAME: &str = "jwt-authorizer";

/// What became of a file.
struct Replayed {
    /// The answer as it is sent.
    answer: String,
    /// What is counted.
    counts: Vec<Count>,
    /// The log, searched for secrets already.
    log: String,
}

async fn replay(event: &str, world: &World) -> Replayed {
    let logs = LogScan::start();
    let (answer, counts) = run::answer(&world.authorizer(), event).await;
    // A token's own name is logged as a digest, and only where the token is believed.
    logs.assert_clean(&["insecure-token", "insecure-revoked"]);
    Replayed {
        answer: serde_json::to_string(&answer).unwrap(),
        counts,
        log: logs.text(),
    }
}

/// A file and its world.
struct File {
    name: String,
    event: String,
    world: World,
}

/// The files whose names begin with `prefix`, as `events/README.md` lists them.
fn files(prefix: &str) -> Vec<File> {
    let files = event_files::rows(NAME).into_iter().map(|row| {
        let name = row.split('`').nth(1).unwrap().to_owned();
        File {
            event: event_files::event(NAME, &name),
            world: World {
                signing_required: row.contains("`TOKEN_SIGNING=required`"),
                ..World::default()
            },
            name,
        }
    });
    files.filter(|file| file.name.starts_with(prefix)).collect()
}

#[test]
fn the_files_are_those_of_the_table() {
    let table = authorizer::files();
    let rows: Vec<_> = table.iter().map(authorizer::EventFile::row).collect();
    assert_eq!(event_files::rows(NAME), rows);
    for file in table {
        let found = event_files::event(NAME, &file.name);
        assert_eq!(read(&found), read(&file.event), "{}", file.name);
    }
}

/// The event with its tokens in readable form and without signatures, which are random for some algorithms.
fn read(event: &str) -> String {
    map_tokens(event, |token| {
        let mut segments: Vec<_> = token.split('.').collect();
        if segments.len() > 2 {
            segments.remove(2);
        }
        segments.join(".")
    })
}

/// The deployed function is tested with files that were moved to the present.
#[tokio::test(flavor = "current_thread")]
async fn a_renewed_file_has_the_same_outcome() {
    fn tomorrow() -> Timestamp {
        Timestamp::from_millis((NOW + 86_400) * 1000).unwrap()
    }
    for file in files("") {
        let today = replay(&file.event, &file.world).await;
        let renewed = renew(&file.event, NOW + 86_400);
        let world = World {
            clock: tomorrow,
            ..file.world
        };
        let later = replay(&renewed, &world).await;
        assert_eq!(later.answer, today.answer, "{}", file.name);
        assert_eq!(later.counts, today.counts, "{}", file.name);
    }
}
