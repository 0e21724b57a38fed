//! Histories.

use sci_domain::admission::{
    AdmissionStore, Subject,
    audit::{Broken, Head, Record, verify},
};
use serde_json::json;

use super::{record, serial, store};
use crate::scripted::Scripted;

#[tokio::test(flavor = "current_thread")]
async fn a_history_is_read_page_by_page_and_on_while_it_grows() {
    let mut records = vec![record(Head::EMPTY)];
    for nth in 0..3 {
        let next = record(records[nth].head());
        records.push(next);
    }
    let item = |record: &Record| {
        json!({
            "subject": { "S": record.subject.as_str() },
            "sequence": { "N": record.sequence.to_string() },
            "record": { "S": record.text }, "hash": { "S": record.hash.to_string() },
        })
    };
    let page = |records: &[Record], more: bool| {
        let items: Vec<_> = records.iter().map(item).collect();
        let mut page = json!({ "Items": items, "Count": items.len() });
        if more {
            let last = item(records.last().unwrap());
            page["LastEvaluatedKey"] =
                json!({ "subject": last["subject"], "sequence": last["sequence"] });
        }
        (200, page.to_string())
    };
    let head_of = |record: &Record| {
        let head = json!({
            "subject": { "S": record.subject.as_str() }, "sequence": { "N": "0" },
            "last": { "N": record.sequence.to_string() },
            "hash": { "S": record.hash.to_string() },
        });
        (200, json!({ "Item": head }).to_string())
    };
    let subject = Subject::device(&serial());
    // The fourth is appended after the records were read and before the head is.
    let server = Scripted::start([
        page(&records[..2], true),
        page(&records[2..3], false),
        head_of(&records[3]),
        page(&records[3..], false),
        head_of(&records[3]),
    ]);
    let (read, head) = store(&server).history(&subject).await.unwrap();
    assert_eq!(read, records);
    assert_eq!(head, records[3].head());
    let operations: Vec<_> = server.asked().into_iter().map(|asked| asked.0).collect();
    assert_eq!(
        operations,
        ["Query", "Query", "GetItem", "Query", "GetItem"]
    );
    let after = |nth| server.json(nth)["ExpressionAttributeValues"][":last"]["N"].clone();
    assert_eq!((after(0), after(3)), (json!("0"), json!("3")));
    assert_eq!(server.json(1)["ExclusiveStartKey"]["sequence"]["N"], "2");
    for nth in 0..5 {
        assert_eq!(server.json(nth)["ConsistentRead"], true);
    }

    // One that really was cut off is told as it is, and so is a head that was set back.
    for (kept, told) in [(&records[..2], &records[3]), (&records[..], &records[1])] {
        let nothing = || page(&[], false);
        let answers = [page(kept, false), head_of(told), nothing(), head_of(told)];
        let again = [nothing(), head_of(told)];
        let server = Scripted::start(answers.into_iter().chain(again));
        let (read, head) = store(&server).history(&subject).await.unwrap();
        assert_eq!((read.as_slice(), head), (kept, told.head()));
    }
    // A record that somebody altered so that it cannot be read is told as one, and the others with it.
    for attribute in ["record", "hash"] {
        let mut broken = item(&records[0]);
        broken.as_object_mut().unwrap().remove(attribute);
        let page = json!({ "Items": [broken, item(&records[1])] }).to_string();
        let server = Scripted::start([(200, page), head_of(&records[1])]);
        let (read, head) = store(&server).history(&subject).await.unwrap();
        assert_eq!(read[1..], records[1..2]);
        let altered = Err(Broken::Altered { sequence: 1 });
        assert_eq!(verify(&subject, &read, head), altered, "{attribute}");
    }
}
