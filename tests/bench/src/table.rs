//! Tables that read well on a terminal and are Markdown, so that the README can show one as it was printed.

use std::fmt;

/// Rows of cells under a header. Numbers stand right.
#[derive(Debug, Clone)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Self {
            rows: vec![header.into_iter().map(Into::into).collect()],
        }
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    fn is_number(&self, column: usize) -> bool {
        let body = self.rows.iter().skip(1);
        let mut cells = body.filter_map(|row| row.get(column).filter(|cell| !cell.is_empty()));
        cells.all(|cell| cell.parse::<f64>().is_ok())
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        widths
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, width) in widths.iter().enumerate() {
                let cell = row.get(column).map_or("", String::as_str);
                match self.is_number(column) {
                    false => write!(f, "| {cell:<width$} ")?,
                    true => write!(f, "| {cell:>width$} ")?,
                }
            }
            writeln!(f, "|")?;
            if number == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let right = if self.is_number(column) { ":" } else { "-" };
                    write!(f, "| {}{right} ", "-".repeat(width.saturating_sub(1)))?;
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_short_rows_are_filled() {
        let mut table = Table::new(["what", "Rust"]);
        table.row(["start, µs", "12.0"]);
        table.row(["size"]);
        assert_eq!(
            table.to_string(),
            "| what      | Rust |\n| --------- | ---: |\n| start, µs | 12.0 |\n| size      |      |\n"
        );
    }
}
