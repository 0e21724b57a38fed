//! A manifest as CSV (RFC 4180) with a header line.

use std::{borrow::Cow, collections::BTreeMap};

use csv::{ByteRecord, ReaderBuilder};

use super::{
    Column, What,
    check::{Check, Row},
};

pub(super) fn read(text: &[u8], check: &mut Check<'_>) {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        // Other numbers of fields are problems of ours, with a line.
        .flexible(true)
        .from_reader(text);
    let mut record = ByteRecord::new();
    let mut columns = None;
    // Nothing but reading fails, and this text is in memory.
    while matches!(reader.read_byte_record(&mut record), Ok(true)) {
        let line = line_of(text, &record);
        let Some(columns) = &columns else {
            let Some(header) = header(&record, line, check) else {
                return;
            };
            columns = Some(header);
            continue;
        };
        if let Some(row) = row(&record, columns, line, check) {
            check.row(&row);
        }
    }
}

/// The line on which `record` begins. The reader's own position lies before the blank lines that it skipped.
fn line_of(text: &[u8], record: &ByteRecord) -> u64 {
    let Some(position) = record.position() else {
        return 1;
    };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let blanks = text.iter().skip(from);
    let blanks = blanks.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let skipped = blanks.fold(0, |lines, byte| lines + u64::from(*byte == b'\n'));
    position.line() + skipped
}

/// The columns in their order, if all that must be there are.
fn header(record: &ByteRecord, line: u64, check: &mut Check<'_>) -> Option<Vec<Column>> {
    let mut columns = Vec::new();
    let mut good = true;
    for (name, place) in record.iter().zip(1..) {
        let column = std::str::from_utf8(name).ok().and_then(Column::parse);
        let (column, what) = match column {
            None => (None, What::HeaderUnknown(place)),
            Some(column) if columns.contains(&column) => (Some(column), What::HeaderTwice),
            Some(column) => {
                columns.push(column);
                continue;
            }
        };
        check.problem(line, column, what);
        good = false;
    }
    let optional = |column| {
        column == Column::VoucherSecret || column == Column::Batch && check.batch_is_given()
    };
    let lacking = Column::ALL
        .into_iter()
        .filter(|column| !columns.contains(column) && !optional(*column));
    for column in lacking.collect::<Vec<_>>() {
        check.problem(line, column, What::HeaderLacks);
        good = false;
    }
    good.then_some(columns)
}

fn row<'a>(
    record: &'a ByteRecord,
    columns: &[Column],
    line: u64,
    check: &mut Check<'_>,
) -> Option<Row<'a>> {
    let (found, expected) = (record.len(), columns.len());
    if found != expected {
        check.problem(line, None, What::Fields { found, expected });
        return None;
    }
    let mut cells = BTreeMap::new();
    let mut good = true;
    for (cell, column) in record.iter().zip(columns) {
        match std::str::from_utf8(cell) {
            Ok("") => {}
            Ok(text) => drop(cells.insert(*column, Cow::Borrowed(text))),
            Err(_) => {
                check.problem(line, *column, What::NotUtf8);
                good = false;
            }
        }
    }
    good.then_some(Row { line, cells })
}
