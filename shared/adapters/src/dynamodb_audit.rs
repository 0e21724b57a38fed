//! The audit's chains as items: the records of a subject from sequence 1 on, and their head at sequence 0.

use sci_domain::{
    admission::{
        Digest, Subject,
        audit::{Head, Record},
    },
    ports::PortFailure,
};

use crate::{
    dynamodb_admission_store::DynamoDbAdmissionStore,
    dynamodb_item::{BrokenItem, item, n, number, s, text},
    dynamodb_put::{Condition, ConditionalPut, Item},
    sdk_error::failure,
};

/// Records in one answer: a few hundred bytes each, so that an answer stays well below DynamoDB's 1 MB.
const PAGE: i32 = 100;

/// How often a chain that does not end where its head says is looked at again.
const LOOKS: u32 = 3;

const HISTORY: &str = "read the history of a subject";

pub(crate) fn head_key(subject: &Subject) -> Item {
    item([("subject", s(subject.as_str())), ("sequence", n(0))])
}

/// Reads a head.
///
/// # Errors
/// Names the attribute that is missing or cannot be read.
pub(crate) fn head_from(item: &Item) -> Result<Head, BrokenItem> {
    Ok(Head {
        sequence: number(item, "last")?,
        hash: hash_from(item)?,
    })
}

/// Reads a record of a history. One whose attributes are not what we write is a record that somebody altered: it has no
/// text or a hash that is none's, so that the check of the chain says so instead of nobody being able to read the rest.
fn record_from(subject: &Subject, item: &Item) -> Record {
    Record {
        subject: subject.clone(),
        sequence: number(item, "sequence").unwrap_or(u64::MAX),
        text: text(item, "record").unwrap_or_default().to_owned(),
        hash: hash_from(item).unwrap_or(Head::EMPTY.hash),
    }
}

/// Reads the head of a history, in the same way.
fn told_head_from(item: &Item) -> Head {
    Head {
        sequence: number(item, "last").unwrap_or(0),
        hash: hash_from(item).unwrap_or(Head::EMPTY.hash),
    }
}

fn hash_from(item: &Item) -> Result<Digest, BrokenItem> {
    Digest::parse(text(item, "hash")?).map_err(|_| BrokenItem::Attribute("hash"))
}

/// Writes `record` if its place is free.
pub(crate) fn record_put(table: &str, record: &Record) -> ConditionalPut {
    ConditionalPut {
        table: table.to_owned(),
        item: item([
            ("subject", s(record.subject.as_str())),
            ("sequence", n(record.sequence)),
            ("record", s(&record.text)),
            ("hash", s(record.hash.to_string())),
        ]),
        condition: Some(Condition::Absent("subject")),
    }
}

/// Moves the head to `record` if that is the next one.
pub(crate) fn head_put(table: &str, record: &Record) -> ConditionalPut {
    let mut head = head_key(&record.subject);
    head.extend(item([
        ("last", n(record.sequence)),
        ("hash", s(record.hash.to_string())),
    ]));
    ConditionalPut {
        table: table.to_owned(),
        item: head,
        condition: Some(Condition::successor("subject", "last", record.sequence)),
    }
}

impl DynamoDbAdmissionStore {
    /// All records and the head. They are read one after the other, and somebody may append in between: a chain that
    /// seems broken is read on before that is said.
    pub(crate) async fn whole_chain(
        &self,
        subject: &Subject,
    ) -> Result<(Vec<Record>, Head), PortFailure> {
        let mut records = Vec::new();
        let mut head = Head::EMPTY;
        for _ in 0..LOOKS {
            self.read_on(subject, &mut records).await?;
            head = self.head(subject).await?;
            if records.last().map_or(Head::EMPTY, Record::head) == head {
                break;
            }
        }
        Ok((records, head))
    }

    /// Reads what follows `records`.
    async fn read_on(
        &self,
        subject: &Subject,
        records: &mut Vec<Record>,
    ) -> Result<(), PortFailure> {
        let last = records.last().map_or(0, |record| record.sequence);
        let mut from = None;
        loop {
            let page = self
                .client
                .get()
                .query()
                .table_name(&self.tables.audit)
                .consistent_read(true)
                .key_condition_expression("#subject = :subject AND #sequence > :last")
                .expression_attribute_names("#subject", "subject")
                .expression_attribute_names("#sequence", "sequence")
                .expression_attribute_values(":subject", s(subject.as_str()))
                .expression_attribute_values(":last", n(last))
                .limit(PAGE)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|error| failure(HISTORY, error))?;
            let read = page.items().iter().map(|item| record_from(subject, item));
            records.extend(read);
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(());
            }
        }
    }

    async fn head(&self, subject: &Subject) -> Result<Head, PortFailure> {
        let answer = self
            .client
            .get()
            .get_item()
            .table_name(&self.tables.audit)
            .set_key(Some(head_key(subject)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failure(HISTORY, error))?;
        Ok(answer.item.as_ref().map_or(Head::EMPTY, told_head_from))
    }
}

#[cfg(test)]
mod tests {
    use sci_domain::admission::{
        SerialNumber,
        audit::{Broken, Fact, Happened, append, verify},
    };

    use super::*;

    #[test]
    fn an_item_that_somebody_altered_breaks_the_chain_and_hides_nothing() {
        let subject = Subject::device(&SerialNumber::parse("0042").unwrap());
        let fact = Fact {
            at: sci_domain::timestamp::Timestamp::default(),
            happened: Happened::Imported,
            reason: String::new(),
            serial: None,
            introducer: None,
            certificate: None,
            key: None,
            client: None,
            by: None,
        };
        let first = append(&subject, Head::EMPTY, fact.clone()).unwrap();
        let second = append(&subject, first.head(), fact).unwrap();
        let (first, second, head) = (
            record_put("audit", &first).item,
            record_put("audit", &second).item,
            head_put("audit", &second).item,
        );
        let told = |first: &Item, head: &Item| {
            let records = [first, &second].map(|item| record_from(&subject, item));
            verify(&subject, &records, told_head_from(head)).map(|facts| facts.len())
        };
        assert_eq!(told(&first, &head), Ok(2));
        for (name, value) in [
            ("record", None),
            ("record", Some(n(1))),
            ("hash", None),
            ("hash", Some(s("none"))),
        ] {
            let mut altered = first.clone();
            altered.remove(name);
            altered.extend(value.map(|value| (name.to_owned(), value)));
            assert_eq!(told(&altered, &head), Err(Broken::Altered { sequence: 1 }));
        }
        let mut altered = head.clone();
        altered.remove("last");
        let (expected, found) = (0, 2);
        assert_eq!(told(&first, &altered), Err(Broken::Cut { expected, found }));
        altered.extend([("last".to_owned(), n(2)), ("hash".to_owned(), s("none"))]);
        let expected = 2;
        assert_eq!(told(&first, &altered), Err(Broken::Cut { expected, found }));
    }
}
