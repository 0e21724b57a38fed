//! What every command is told, and what it works on.

use std::{collections::BTreeMap, num::NonZeroU32};

use lexopt::ValueExt as _;
use sci_adapters::{
    aws_clients::AwsClients,
    dynamodb_admission_store::{AdmissionTables, DynamoDbAdmissionStore},
};
use sci_domain::admission::SerialNumber;
use sci_lambda::Env;

use crate::failure::Failure;

/// The longest name of an operator, in bytes, as the functions have it.
const MAX_NAME: usize = 128;

/// The most calls in a second. A device takes six write request units, and a new table on demand takes 4,000 in a second.
///
/// Source: Amazon DynamoDB developer guide, "DynamoDB on-demand capacity mode", initial throughput.
const MAX_RATE: u32 = 500;

/// The options that all commands have.
pub(crate) struct Common {
    environment: BTreeMap<String, String>,
}

impl Common {
    pub(crate) fn new() -> Self {
        Self {
            environment: Env::from_process().texts().clone(),
        }
    }

    /// Takes the option `--name`, if it is one of these.
    pub(crate) fn take(
        &mut self,
        name: String,
        arguments: &mut lexopt::Parser,
    ) -> Result<(), Failure> {
        let variable = match name.as_str() {
            "allow-list-table" => "ALLOW_LIST_TABLE",
            "introducers-table" => "INTRODUCERS_TABLE",
            "audit-table" => "ENROLMENT_AUDIT_TABLE",
            _ => return Err(Failure::usage(format!("unknown option --{name}"))),
        };
        let table = arguments.value()?.string()?;
        self.environment.insert(variable.to_owned(), table);
        Ok(())
    }

    /// Region, credentials and endpoint are found the way the SDK finds them.
    pub(crate) async fn store(&self) -> Result<DynamoDbAdmissionStore, Failure> {
        let tables = AdmissionTables::read(&self.environment)?;
        let clients = AwsClients::load(&self.environment).await;
        Ok(DynamoDbAdmissionStore::new(clients.dynamodb(), tables))
    }

    /// The name of the user of this machine.
    pub(crate) fn user(&self) -> Option<String> {
        self.environment.get("USER").cloned()
    }
}

/// How many calls in a second, unless somebody says otherwise.
pub(crate) const RATE: NonZeroU32 = NonZeroU32::new(50).unwrap();

/// The value of `--rate`.
pub(crate) fn rate(arguments: &mut lexopt::Parser) -> Result<NonZeroU32, Failure> {
    let rate = NonZeroU32::new(arguments.value()?.parse()?);
    rate.filter(|rate| rate.get() <= MAX_RATE)
        .ok_or_else(|| Failure::usage(format!("--rate is 1 to {MAX_RATE}")))
}

/// The name of an operator, for the records.
pub(crate) fn operator(name: Option<String>) -> Result<String, Failure> {
    let good = |name: &String| {
        !name.trim().is_empty() && name.len() <= MAX_NAME && !name.chars().any(char::is_control)
    };
    name.filter(good)
        .ok_or_else(|| Failure::usage("--by must be a name of at most 128 bytes"))
}

pub(crate) fn serial_number(text: std::ffi::OsString) -> Result<SerialNumber, Failure> {
    SerialNumber::parse(text.string()?).map_err(Failure::usage)
}

/// What a command printed, as JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> String {
    // Texts, numbers and lists of them can always be written.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
