//! `fleet claim`: who may introduce devices.

mod add;
mod show;

use lexopt::prelude::*;
use sci_domain::admission::{AdmissionStore as _, CertificateId, IntroducerId};

use crate::{DONE, NOT_DONE, common::Common, failure::Failure, help};

use add::Add;

/// What is done with an introducer.
enum Action {
    Add,
    Suspend,
    Resume,
    Show,
}

pub(crate) async fn run(
    mut common: Common,
    mut arguments: lexopt::Parser,
    output: &mut String,
) -> Result<u8, Failure> {
    let (mut action, mut id) = (None, None);
    let (mut authority, mut as_json) = (false, false);
    let mut add = Add::default();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => {
                output.push_str(help::CLAIM);
                return Ok(DONE);
            }
            Long("ca") => authority = true,
            Long("json") => as_json = true,
            Long(name) => {
                let name = name.to_owned();
                if !add.take(&name, &mut arguments)? {
                    common.take(name, &mut arguments)?;
                }
            }
            Value(text) if action.is_none() => action = Some(Action::parse(&text.string()?)?),
            Value(text) if id.is_none() => id = Some(certificate(&text.string()?)?),
            other => return Err(other.unexpected().into()),
        }
    }
    let (Some(action), Some(id)) = (action, id) else {
        let usage = "claim needs add, suspend, resume or show, and the id of a certificate";
        return Err(Failure::usage(usage));
    };
    let id = match authority {
        true => IntroducerId::Authority(id),
        false => IntroducerId::Claim(id),
    };
    if !matches!(action, Action::Add) && !add.is_empty() {
        return Err(Failure::usage("only claim add takes a policy"));
    }
    if !matches!(action, Action::Show) && as_json {
        return Err(Failure::usage("only claim show takes --json"));
    }
    let (good, told) = match action {
        Action::Add => {
            let introducer = add.introducer(id)?;
            let added = common.store().await?.add_introducer(&introducer).await?;
            let told = match added {
                true => "added",
                false => "is there already, and stays as it is",
            };
            (added, format!("{id}: {told}\n"))
        }
        Action::Suspend => switch(&common, id, true).await?,
        Action::Resume => switch(&common, id, false).await?,
        Action::Show => {
            let loaded = common.store().await?.load(None, id).await?;
            match loaded.introducer {
                Some(introducer) => {
                    let records = loaded.introducer_chain.sequence;
                    (true, show::show(&introducer, records, as_json))
                }
                None => (false, unknown(id)),
            }
        }
    };
    output.push_str(&told);
    Ok(if good { DONE } else { NOT_DONE })
}

async fn switch(
    common: &Common,
    id: IntroducerId,
    suspended: bool,
) -> Result<(bool, String), Failure> {
    let store = common.store().await?;
    let told = match (store.switch_introducer(id, suspended).await?, suspended) {
        (false, _) => return Ok((false, unknown(id))),
        (true, true) => "suspended: it introduces nobody from now on",
        (true, false) => "active",
    };
    Ok((true, format!("{id}: {told}\n")))
}

fn unknown(id: IntroducerId) -> String {
    format!("{id}: there is no such introducer\n")
}

impl Action {
    fn parse(text: &str) -> Result<Self, Failure> {
        match text {
            "add" => Ok(Self::Add),
            "suspend" => Ok(Self::Suspend),
            "resume" => Ok(Self::Resume),
            "show" => Ok(Self::Show),
            _ => Err(Failure::usage("claim add, suspend, resume or show")),
        }
    }
}

/// The id of a certificate, or its ARN, which ends with it.
fn certificate(text: &str) -> Result<CertificateId, Failure> {
    let id = text.rsplit('/').next().unwrap_or_default();
    CertificateId::parse(id)
        .map_err(|_| Failure::usage("a certificate's id has 64 hexadecimal digits in lower case"))
}
