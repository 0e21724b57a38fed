//! The allow-list, the introducers and the audit of admission in DynamoDB.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use sci_domain::{
    admission::{
        AdmissionStore, Commit, Committed, Device, Entry, Introducer, IntroducerId, Loaded,
        SerialNumber, Subject,
        audit::{Head, Record},
    },
    ports::PortFailure,
    settings::InvalidSetting,
    timestamp::Timestamp,
};

use crate::{
    aws_clients::Lazily,
    dynamodb_audit::{head_from, head_key, head_put, record_put},
    dynamodb_batch_get::batch_get,
    dynamodb_entry::{DUE_SHARD, entry_from, entry_key, entry_put},
    dynamodb_introducer::{charge_update, introducer_from, introducer_key},
    dynamodb_item::{BrokenItem, n, s, text},
    dynamodb_put::{ConditionalPut, Item},
    dynamodb_transaction::{Transacted, transact},
    sdk_error::{failure, misconfigured},
};

/// The sparse index of the allow-list: hash `due_shard`, range `due_at`, keys only.
const DUE_INDEX: &str = "due";

const LOAD: &str = "load what an admission looks at";
const DEVICE: &str = "load a device of the allow-list";
const COMMIT: &str = "write an admission's decision";
const DUE: &str = "look for devices that are due";

/// The tables by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionTables {
    /// The allow-list: hash `serial_number`, index `due` (hash `due_shard`, range `due_at`, keys only).
    pub allow_list: String,
    /// The introducers: hash `introducer`.
    pub introducers: String,
    /// The audit: hash `subject`, range `sequence`.
    pub audit: String,
}

impl AdmissionTables {
    /// Reads the names from `environment`: `ALLOW_LIST_TABLE`, `INTRODUCERS_TABLE` and `ENROLMENT_AUDIT_TABLE`.
    ///
    /// # Errors
    /// The first one that is missing.
    pub fn read(environment: &BTreeMap<String, String>) -> Result<Self, InvalidSetting> {
        let table = |name: &'static str| {
            let value = environment.get(name).map(|value| value.trim().to_owned());
            value
                .filter(|value| !value.is_empty())
                .ok_or(InvalidSetting {
                    name,
                    rule: "the name of a DynamoDB table",
                })
        };
        Ok(Self {
            allow_list: table("ALLOW_LIST_TABLE")?,
            introducers: table("INTRODUCERS_TABLE")?,
            audit: table("ENROLMENT_AUDIT_TABLE")?,
        })
    }
}

/// [`AdmissionStore`] in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoDbAdmissionStore {
    pub(crate) client: Lazily<Client>,
    pub(crate) tables: AdmissionTables,
}

/// What one read found, by table.
type Found = HashMap<String, Vec<Item>>;

impl DynamoDbAdmissionStore {
    /// A store on `tables`.
    #[must_use]
    pub const fn new(client: Lazily<Client>, tables: AdmissionTables) -> Self {
        Self { client, tables }
    }

    fn entry_in(&self, found: &Found) -> Result<Option<Entry>, BrokenItem> {
        let item = found.get(&self.tables.allow_list);
        item.and_then(|items| items.first())
            .map(entry_from)
            .transpose()
    }

    fn introducer_in(&self, found: &Found) -> Result<Option<Introducer>, BrokenItem> {
        let item = found.get(&self.tables.introducers);
        item.and_then(|items| items.first())
            .map(introducer_from)
            .transpose()
    }

    fn head_in(&self, found: &Found, subject: &Subject) -> Result<Head, BrokenItem> {
        let heads = found.get(&self.tables.audit);
        for head in heads.into_iter().flatten() {
            if text(head, "subject")? == subject.as_str() {
                return head_from(head);
            }
        }
        Ok(Head::EMPTY)
    }
}

/// Each call with the IAM actions that it needs.
impl AdmissionStore for DynamoDbAdmissionStore {
    /// `dynamodb:BatchGetItem` on the three tables.
    async fn load(
        &self,
        serial: Option<&SerialNumber>,
        introducer: IntroducerId,
    ) -> Result<Loaded, PortFailure> {
        let device = serial.map(Subject::device);
        let subject = Subject::introducer(introducer);
        let heads = device.iter().chain([&subject]).map(head_key).collect();
        let entry = serial.map(|serial| (self.tables.allow_list.clone(), vec![entry_key(serial)]));
        let keys = [
            (
                self.tables.introducers.clone(),
                vec![introducer_key(introducer)],
            ),
            (self.tables.audit.clone(), heads),
        ];
        let keys = keys.into_iter().chain(entry);
        let found = batch_get(self.client.get(), LOAD, keys).await?;
        let read = || {
            Ok(Loaded {
                entry: self.entry_in(&found)?,
                introducer: self.introducer_in(&found)?,
                device_chain: match &device {
                    Some(device) => self.head_in(&found, device)?,
                    None => Head::EMPTY,
                },
                introducer_chain: self.head_in(&found, &subject)?,
            })
        };
        read().map_err(|error: BrokenItem| misconfigured(LOAD, error))
    }

    /// `dynamodb:BatchGetItem` on the allow-list and the audit.
    async fn device(&self, serial: &SerialNumber) -> Result<Option<Device>, PortFailure> {
        let subject = Subject::device(serial);
        let keys = [
            (self.tables.allow_list.clone(), vec![entry_key(serial)]),
            (self.tables.audit.clone(), vec![head_key(&subject)]),
        ];
        let found = batch_get(self.client.get(), DEVICE, keys).await?;
        let read = || {
            let chain = self.head_in(&found, &subject)?;
            let entry = self.entry_in(&found)?;
            Ok(entry.map(|entry| Device { entry, chain }))
        };
        read().map_err(|error: BrokenItem| misconfigured(DEVICE, error))
    }

    /// `dynamodb:PutItem` on the audit, and on the allow-list where an entry changes; `dynamodb:UpdateItem` on the
    /// introducers where a lease is counted. `TransactWriteItems` has no action of its own.
    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, PortFailure> {
        let Commit {
            entry,
            charge,
            record,
        } = commit;
        let tables = &self.tables;
        let mut items = Vec::with_capacity(4);
        let put = |put: ConditionalPut| put.transacted().map_err(|e| misconfigured(COMMIT, e));
        if let Some(entry) = entry {
            let entry = entry_put(&tables.allow_list, entry);
            items.push(put(entry.map_err(|e| misconfigured(COMMIT, e))?)?);
        }
        if let Some(charge) = charge {
            let update = charge_update(&tables.introducers, &charge);
            items.push(update.map_err(|e| misconfigured(COMMIT, e))?);
        }
        items.push(put(record_put(&tables.audit, record))?);
        items.push(put(head_put(&tables.audit, record))?);
        Ok(match transact(self.client.get(), COMMIT, items).await? {
            Transacted::Written => Committed::Written,
            Transacted::Lost(_) => Committed::Conflict,
        })
    }

    /// `dynamodb:Query` on the index of the allow-list.
    async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<SerialNumber>, PortFailure> {
        let answer = self
            .client
            .get()
            .query()
            .table_name(&self.tables.allow_list)
            .index_name(DUE_INDEX)
            .key_condition_expression("#shard = :shard AND #due <= :now")
            .expression_attribute_names("#shard", "due_shard")
            .expression_attribute_names("#due", "due_at")
            .expression_attribute_values(":shard", s(DUE_SHARD))
            .expression_attribute_values(":now", n(now.as_millis()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| failure(DUE, error))?;
        let serial = |item: &Item| {
            let serial = text(item, "serial_number")?;
            SerialNumber::parse(serial).map_err(|_| BrokenItem::Attribute("serial_number"))
        };
        let serials: Result<_, _> = answer.items().iter().map(serial).collect();
        serials.map_err(|error| misconfigured(DUE, error))
    }

    /// `dynamodb:Query` and `dynamodb:GetItem` on the audit.
    async fn history(&self, subject: &Subject) -> Result<(Vec<Record>, Head), PortFailure> {
        self.whole_chain(subject).await
    }
}
