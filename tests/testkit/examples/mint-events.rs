//! Writes `events/jwt-authorizer/*.json` anew and prints their rows of `events/README.md`.
//!
//! Signatures of ECDSA and RSASSA-PSS are random, so every run writes other files of the same meaning.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for those who write tests"
)]

use std::fs;

use testkit::{authorizer, event_files};

fn main() {
    let folder = event_files::folder().join("jwt-authorizer");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    for file in authorizer::files() {
        fs::write(folder.join(&file.name), &file.event).unwrap();
        println!("{}", file.row());
    }
}
