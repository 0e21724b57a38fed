//! `fleet decide`: an operator's word about a device.

use lexopt::prelude::*;
use sci_domain::admission::{
    Command, Word,
    upkeep::{Commanded, command},
};
use sci_lambda::system_clock;

use crate::{
    DONE, NOT_DONE,
    common::{Common, operator, serial_number},
    failure::Failure,
    help,
};

pub(crate) async fn run(
    mut common: Common,
    mut arguments: lexopt::Parser,
    output: &mut String,
) -> Result<u8, Failure> {
    let (mut serial, mut what, mut by) = (None, None, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => {
                output.push_str(help::DECIDE);
                return Ok(DONE);
            }
            Long("by") => by = Some(arguments.value()?.string()?),
            Long(name) => common.take(name.to_owned(), &mut arguments)?,
            Value(text) if serial.is_none() => serial = Some(serial_number(text)?),
            Value(text) if what.is_none() => {
                let unknown =
                    || Failure::usage("decide keep, replace, block, quarantine or release");
                what = Some(Command::parse(&text.string()?).ok_or_else(unknown)?);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let (Some(serial), Some(what)) = (serial, what) else {
        return Err(Failure::usage(
            "decide needs a serial number and a decision",
        ));
    };
    let by = Word {
        at: system_clock::now(),
        by: operator(by)?,
    };
    let (status, told) = match command(&common.store().await?, &serial, what, &by).await? {
        Commanded::Done => (DONE, "done".to_owned()),
        Commanded::Unknown => (NOT_DONE, "not on the allow-list".to_owned()),
        Commanded::Refused(why) => (NOT_DONE, format!("does not fit its state: {}", why.code())),
    };
    output.push_str(&format!("{serial}: {}: {told}\n", what.as_str()));
    Ok(status)
}
