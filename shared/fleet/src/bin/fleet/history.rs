//! `fleet history`: what happened to a device.

use lexopt::prelude::*;
use sci_fleet::{history, text};

use crate::{
    BROKEN, DONE, NOT_DONE,
    common::{Common, json, serial_number},
    failure::Failure,
    help,
};

pub(crate) async fn run(
    mut common: Common,
    mut arguments: lexopt::Parser,
    output: &mut String,
) -> Result<u8, Failure> {
    let (mut serial, mut as_json) = (None, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => {
                output.push_str(help::HISTORY);
                return Ok(DONE);
            }
            Long("json") => as_json = true,
            Long(name) => common.take(name.to_owned(), &mut arguments)?,
            Value(text) if serial.is_none() => serial = Some(serial_number(text)?),
            other => return Err(other.unexpected().into()),
        }
    }
    let serial = serial.ok_or_else(|| Failure::usage("history needs a serial number"))?;
    let history = history::read(&common.store().await?, &serial).await?;
    if as_json {
        output.push_str(&json(&history));
    } else if let Some(history) = &history {
        output.push_str(&text::history(history));
    } else {
        output.push_str("Not on the allow-list, and nothing is recorded of it.\n");
    }
    Ok(match history {
        Some(history) if history.flaw.is_some() => BROKEN,
        Some(_) => DONE,
        None => NOT_DONE,
    })
}
