//! `fleet verify`: whether the audit's chains are whole.

use lexopt::prelude::*;
use sci_adapters::dynamodb_admission_store::DynamoDbAdmissionStore;
use sci_domain::{
    admission::{AdmissionStore as _, IntroducerId, SerialNumber, Subject},
    ports::PortFailure,
};
use sci_fleet::{
    pace::{PerSecond, Stop, patiently},
    verify::{Subjects, verify},
};

use crate::{
    BROKEN, DONE, NOT_DONE,
    common::{Common, RATE, json, rate},
    failure::Failure,
    help,
    progress::Progress,
    stop,
};

/// Whose chain somebody named.
enum Named {
    Device(SerialNumber),
    Introducer(IntroducerId),
}

pub(crate) async fn run(
    mut common: Common,
    mut arguments: lexopt::Parser,
    output: &mut String,
) -> Result<u8, Failure> {
    let (mut all, mut named) = (false, Vec::new());
    let (mut calls, mut as_json) = (RATE, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => {
                output.push_str(help::VERIFY);
                return Ok(DONE);
            }
            Long("all") => all = true,
            Long("rate") => calls = rate(&mut arguments)?,
            Long("json") => as_json = true,
            Long(name) => common.take(name.to_owned(), &mut arguments)?,
            Value(text) => named.push(Named::parse(&text.string()?)?),
            other => return Err(other.unexpected().into()),
        }
    }
    if all != named.is_empty() {
        return Err(Failure::usage("verify needs subjects, or --all"));
    }
    let (store, pace, stop) = (
        common.store().await?,
        PerSecond::new(calls),
        stop::on_ctrl_c(),
    );
    let subjects = match all {
        true => listed(&store, &pace, &stop).await?,
        false => looked_up(&store, &pace, &stop, named).await?,
    };
    let mut progress = Progress::new();
    let verified = verify(&store, &pace, &stop, &subjects, |verified| {
        progress.show(verified.done(), verified.subjects);
    });
    let verified = verified.await;
    progress.end();
    match as_json {
        true => output.push_str(&json(&verified)),
        false => output.push_str(&verified.to_string()),
    }
    Ok(if verified.broken.count > 0 {
        BROKEN
    } else if verified.is_complete() {
        DONE
    } else {
        NOT_DONE
    })
}

impl Named {
    fn parse(text: &str) -> Result<Self, Failure> {
        if let Some(introducer) = IntroducerId::parse(text) {
            return Ok(Self::Introducer(introducer));
        }
        let serial = SerialNumber::parse(text.strip_prefix("serial#").unwrap_or(text));
        serial.map(Self::Device).map_err(|_| {
            Failure::usage(
                "a subject is a serial number, claim#<certificate id> or ca#<certificate id>",
            )
        })
    }
}

async fn looked_up(
    store: &DynamoDbAdmissionStore,
    pace: &PerSecond,
    stop: &Stop,
    named: Vec<Named>,
) -> Result<Subjects, PortFailure> {
    let mut subjects = Subjects::new();
    for named in named {
        match named {
            Named::Introducer(id) => drop(subjects.insert(Subject::introducer(id), None)),
            Named::Device(serial) => {
                let device = patiently(pace, stop, || store.device(&serial)).await?;
                let version = device.map(|device| device.entry.version);
                subjects.insert(Subject::device(&serial), version);
            }
        }
    }
    Ok(subjects)
}

/// All chains that there are, and those that there should be.
async fn listed(
    store: &DynamoDbAdmissionStore,
    pace: &PerSecond,
    stop: &Stop,
) -> Result<Subjects, PortFailure> {
    let mut subjects = Subjects::new();
    // Before the chains are read: a chain then has at least the records that belong to the version.
    let mut from = None;
    loop {
        let page = patiently(pace, stop, || store.listed(from.clone())).await?;
        let devices = page.items.into_iter();
        subjects.extend(devices.map(|(serial, version)| (Subject::device(&serial), Some(version))));
        from = page.next;
        if from.is_none() || stop.is_asked() {
            break;
        }
    }
    from = None;
    loop {
        let page = patiently(pace, stop, || store.audited(from.clone())).await?;
        for subject in page.items {
            subjects.entry(subject).or_insert(None);
        }
        from = page.next;
        if from.is_none() || stop.is_asked() {
            return Ok(subjects);
        }
    }
}
