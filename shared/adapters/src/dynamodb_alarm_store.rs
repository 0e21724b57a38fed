//! Alarms, readings and property settings in DynamoDB.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{Client, error::BuildError, types::KeysAndAttributes};
use sci_domain::{
    alarm::{AlarmFamily, AlarmKey},
    ports::{AlarmStore, Commit, Committed, FailureKind, Loaded, PortFailure},
    thing::PropertyId,
    timestamp::{Millis, Timestamp},
};

use crate::{
    aws_clients::Lazily,
    dynamodb_item::{
        BrokenItem, alarm_from, alarm_item, n, notification_item, overrides_from, reading_item, s,
        text,
    },
    dynamodb_put::{Condition, ConditionalPut, Item, Role, write},
    sdk_error::{failure, misconfigured, other},
};

/// The sparse index of the table of alarms: hash `kind`, range `due_at`.
pub const DUE_INDEX: &str = "due";

/// How often keys that DynamoDB left unread are asked for again.
const UNPROCESSED_ROUNDS: u32 = 4;

/// The tables by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Rows of readings: hash `deviceId`, range `timestamp`. None for a function that stores no readings.
    pub high_temps: Option<String>,
    /// Alarms: hash `alarm_id`, index [`DUE_INDEX`].
    pub alarms: String,
    /// Notifications that wait for delivery: hash `notification_id`.
    pub outbox: String,
    /// Settings of properties: hash `property_id`.
    pub properties: String,
}

/// [`AlarmStore`] and [`sci_domain::ports::Outbox`] in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoDbAlarmStore {
    pub(crate) client: Lazily<Client>,
    pub(crate) tables: Tables,
    reading_ttl: Millis,
}

impl DynamoDbAlarmStore {
    /// A store on `tables`; rows of readings may be deleted `reading_ttl` after they were received.
    #[must_use]
    pub const fn new(client: Lazily<Client>, tables: Tables, reading_ttl: Millis) -> Self {
        Self {
            client,
            tables,
            reading_ttl,
        }
    }

    async fn load_alarm(&self, key: Item) -> Result<Loaded, PortFailure> {
        let answer = self
            .client
            .get()
            .get_item()
            .table_name(&self.tables.alarms)
            .set_key(Some(key))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failure(LOAD, error))?;
        let alarm = answer.item.as_ref().map(alarm_from).transpose();
        Ok(Loaded {
            alarm: alarm.map_err(broken_alarm)?,
            overrides: Default::default(),
        })
    }

    /// Both items in one call.
    async fn load_both(&self, key: Item, property: Item) -> Result<Loaded, PortFailure> {
        let mut wanted =
            wanted(&self.tables, key, property).map_err(|error| misconfigured(LOAD, error))?;
        let mut loaded = Loaded::default();
        for round in 0..UNPROCESSED_ROUNDS {
            let answer = self
                .client
                .get()
                .batch_get_item()
                .set_request_items(Some(wanted))
                .send()
                .await
                .map_err(|error| failure(LOAD, error))?;
            for (table, items) in answer.responses.unwrap_or_default() {
                let Some(item) = items.into_iter().next() else {
                    continue;
                };
                if table == self.tables.alarms {
                    loaded.alarm = Some(alarm_from(&item).map_err(broken_alarm)?);
                } else {
                    loaded.overrides = overrides_from(item);
                }
            }
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(loaded);
            }
            tokio::time::sleep(Duration::from_millis(25 << round)).await;
        }
        Err(other(
            LOAD,
            FailureKind::Throttled,
            "DynamoDB left keys unread",
        ))
    }

    fn puts(&self, commit: &Commit<'_>) -> Result<Vec<(Role, ConditionalPut)>, PortFailure> {
        let mut puts = Vec::with_capacity(3);
        if let Some(reading) = commit.reading {
            let table = self.tables.high_temps.clone();
            let table = table.ok_or_else(|| {
                misconfigured("store a reading", "this function has no table of readings")
            })?;
            let put = ConditionalPut {
                table,
                item: reading_item(reading, self.reading_ttl),
                condition: Some(Condition::Absent("deviceId")),
            };
            puts.push((Role::Reading, put));
        }
        let Some(write) = &commit.alarm else {
            return Ok(puts);
        };
        let not_json = |error| misconfigured("write an alarm as JSON", Box::new(error) as Box<_>);
        let put = ConditionalPut {
            table: self.tables.alarms.clone(),
            item: alarm_item(write).map_err(not_json)?,
            condition: Some(Condition::successor(
                "alarm_id",
                "version",
                write.alarm.version,
            )),
        };
        puts.push((Role::Alarm, put));
        if let Some(notification) = write.notification {
            let put = ConditionalPut {
                table: self.tables.outbox.clone(),
                item: notification_item(notification).map_err(not_json)?,
                condition: None,
            };
            puts.push((Role::Notification, put));
        }
        Ok(puts)
    }
}

const LOAD: &str = "load an alarm";

fn broken_alarm(error: BrokenItem) -> PortFailure {
    misconfigured(LOAD, error)
}

/// The alarm as of the last completed write; settings change rarely and may be a second old.
fn wanted(
    tables: &Tables,
    alarm: Item,
    property: Item,
) -> Result<HashMap<String, KeysAndAttributes>, BuildError> {
    let alarm = KeysAndAttributes::builder()
        .keys(alarm)
        .consistent_read(true)
        .build()?;
    let property = KeysAndAttributes::builder().keys(property).build()?;
    Ok(HashMap::from([
        (tables.alarms.clone(), alarm),
        (tables.properties.clone(), property),
    ]))
}

impl AlarmStore for DynamoDbAlarmStore {
    async fn load(
        &self,
        key: &AlarmKey,
        property: Option<&PropertyId>,
    ) -> Result<Loaded, PortFailure> {
        let alarm = Item::from([("alarm_id".to_owned(), s(key.to_string()))]);
        match property {
            None => self.load_alarm(alarm).await,
            Some(property) => {
                let property = Item::from([("property_id".to_owned(), s(property.as_str()))]);
                self.load_both(alarm, property).await
            }
        }
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<Committed, PortFailure> {
        let puts = self.puts(&commit)?;
        write(self.client.get(), puts).await
    }

    async fn due(
        &self,
        family: AlarmFamily,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<AlarmKey>, PortFailure> {
        const DUE: &str = "look for alarms that are due";
        let answer = self
            .client
            .get()
            .query()
            .table_name(&self.tables.alarms)
            .index_name(DUE_INDEX)
            .key_condition_expression("#kind = :family AND #due <= :now")
            .expression_attribute_names("#kind", "kind")
            .expression_attribute_names("#due", "due_at")
            .expression_attribute_values(":family", s(family.as_str()))
            .expression_attribute_values(":now", n(now.as_millis()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| failure(DUE, error))?;
        let key = |item: &Item| {
            let id = text(item, "alarm_id").map_err(|error| misconfigured(DUE, error))?;
            AlarmKey::parse(id).ok_or_else(|| misconfigured(DUE, "an alarm_id cannot be read"))
        };
        answer.items().iter().map(key).collect()
    }
}
