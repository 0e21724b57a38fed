//! `fleet import`: a vendor's manifest into the allow-list.

use std::{fs::File, io::Read as _, path::Path};

use lexopt::prelude::*;
use sci_domain::admission::BatchId;
use sci_fleet::{import::Import, manifest, pace::PerSecond};
use sci_lambda::system_clock;

use crate::{
    DONE, NOT_DONE,
    common::{Common, RATE, json, operator, rate},
    failure::Failure,
    help,
    progress::Progress,
    stop,
};

pub(crate) async fn run(
    mut common: Common,
    mut arguments: lexopt::Parser,
    output: &mut String,
) -> Result<u8, Failure> {
    let (mut file, mut batch, mut dry_run, mut by) = (None, None, false, common.user());
    let (mut calls, mut as_json) = (RATE, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => {
                output.push_str(help::IMPORT);
                return Ok(DONE);
            }
            Long("batch") => {
                let id = BatchId::parse(arguments.value()?.string()?);
                batch = Some(id.map_err(Failure::usage)?);
            }
            Long("dry-run") => dry_run = true,
            Long("by") => by = Some(arguments.value()?.string()?),
            Long("rate") => calls = rate(&mut arguments)?,
            Long("json") => as_json = true,
            Long(name) => common.take(name.to_owned(), &mut arguments)?,
            Value(path) if file.is_none() => file = Some(path),
            other => return Err(other.unexpected().into()),
        }
    }
    let file = file.ok_or_else(|| Failure::usage("import needs a manifest"))?;
    let by = operator(by)?;
    let entries = manifest::read(&read(Path::new(&file))?, batch.as_ref());
    let entries = entries.map_err(Failure::Manifest)?;
    let import = Import {
        store: &common.store().await?,
        pace: &PerSecond::new(calls),
        clock: system_clock::now,
        by: &by,
        dry_run,
        stop: stop::on_ctrl_c(),
    };
    let mut progress = Progress::new();
    let summary = import.run(&entries, |summary| {
        progress.show(summary.done(), summary.devices)
    });
    let summary = summary.await;
    progress.end();
    match as_json {
        true => output.push_str(&json(&summary)),
        false => output.push_str(&summary.to_string()),
    }
    Ok(if summary.is_complete() {
        DONE
    } else {
        NOT_DONE
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |why| Failure::File(format!("failed to read {}: {why}", path.display()));
    let limit = u64::try_from(manifest::MAX_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    if read.map_err(unreadable)? > manifest::MAX_BYTES {
        let why = "a manifest has at most 256 MiB: split it";
        return Err(Failure::File(why.to_owned()));
    }
    Ok(bytes)
}
