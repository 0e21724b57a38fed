//! Formatting with Joda-Time patterns (`org.joda.time.format.DateTimeFormat`).

use std::fmt::Write as _;

use jiff::Zoned;

use super::names::{DAYS, MONTHS, nth, short};

/// Writes a moment by a pattern; the error says which part of the pattern is not supported.
pub(super) fn format(pattern: &str, moment: &Zoned, zone_name: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c| c != first).unwrap_or(rest.len());
        if first == '\'' {
            rest = quoted(rest, &mut out)?;
        } else if first.is_ascii_alphabetic() {
            field(first, run, moment, zone_name, &mut out)?;
            rest = rest.get(run..).unwrap_or_default();
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    Ok(out)
}

/// `'text'`, with `''` for a quote inside and outside; answers what follows.
fn quoted<'p>(pattern: &'p str, out: &mut String) -> Result<&'p str, String> {
    if let Some(rest) = pattern.strip_prefix("''") {
        out.push('\'');
        return Ok(rest);
    }
    let mut rest = pattern.get(1..).unwrap_or_default();
    loop {
        let end = rest.find('\'').ok_or("a quote is not closed")?;
        out.push_str(rest.get(..end).unwrap_or_default());
        rest = rest.get(end + 1..).unwrap_or_default();
        match rest.strip_prefix('\'') {
            Some(more) => {
                out.push('\'');
                rest = more;
            }
            None => return Ok(rest),
        }
    }
}

fn number(out: &mut String, value: impl Into<i64>, digits: usize) {
    let value = value.into();
    let sign = if value < 0 { "-" } else { "" };
    // Writing to a String does not fail.
    let _ = write!(out, "{sign}{:0digits$}", value.unsigned_abs());
}

/// Two letters write the last two digits.
fn year(out: &mut String, value: i64, count: usize) {
    if count == 2 {
        number(out, value.rem_euclid(100), 2);
    } else {
        number(out, value, count);
    }
}

fn text(out: &mut String, name: &str, count: usize) {
    out.push_str(if count >= 4 { name } else { short(name) });
}

fn field(
    letter: char,
    count: usize,
    at: &Zoned,
    zone_name: &str,
    out: &mut String,
) -> Result<(), String> {
    let full_year = i64::from(at.year());
    let year_of_era = if full_year > 0 {
        full_year
    } else {
        1 - full_year
    };
    let hour = at.hour();
    let clock = |hour: i8, last: i8| if hour % last == 0 { last } else { hour % last };
    match letter {
        'G' => out.push_str(if full_year > 0 { "AD" } else { "BC" }),
        'C' => number(out, year_of_era / 100, count),
        'Y' => year(out, year_of_era, count),
        'y' => year(out, full_year, count),
        'x' => year(out, i64::from(at.date().iso_week_date().year()), count),
        'w' => number(out, at.date().iso_week_date().week(), count),
        'e' => number(out, at.weekday().to_monday_one_offset(), count),
        'E' => text(out, nth(&DAYS, at.weekday().to_monday_one_offset()), count),
        'D' => number(out, at.day_of_year(), count),
        'M' if count >= 3 => text(out, nth(&MONTHS, at.month()), count),
        'M' => number(out, at.month(), count),
        'd' => number(out, at.day(), count),
        'a' => out.push_str(if hour < 12 { "AM" } else { "PM" }),
        'K' => number(out, hour % 12, count),
        'h' => number(out, clock(hour, 12), count),
        'H' => number(out, hour, count),
        'k' => number(out, clock(hour, 24), count),
        'm' => number(out, at.minute(), count),
        's' => number(out, at.second(), count),
        'S' => {
            let millis = format!("{:03}", at.millisecond());
            let digits: String = millis
                .chars()
                .chain(std::iter::repeat('0'))
                .take(count)
                .collect();
            out.push_str(&digits);
        }
        'z' if count >= 4 => {
            return Err(
                "full time zone names (`zzzz`) are not available: use z, Z or ZZ".to_owned(),
            );
        }
        'z' => out.push_str(&short_zone(at)?),
        'Z' if count >= 3 => out.push_str(zone_name),
        'Z' => offset(at, if count == 2 { ":" } else { "" }, out),
        other => {
            return Err(format!(
                "`{other}` is no letter of a Joda-Time pattern: put text in quotes"
            ));
        }
    }
    Ok(())
}

fn offset(at: &Zoned, separator: &str, out: &mut String) {
    let seconds = at.offset().seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    let _ = write!(
        out,
        "{sign}{:02}{separator}{:02}",
        minutes / 60,
        minutes % 60
    );
}

/// The time zone database has no letters for many zones; Java has. What is not known is not made up.
fn short_zone(at: &Zoned) -> Result<String, String> {
    let info = at.time_zone().to_offset_info(at.timestamp());
    let name = info.abbreviation();
    if at.time_zone().iana_name().is_none() {
        let mut text = String::new();
        offset(at, ":", &mut text);
        return Ok(text);
    }
    if name.starts_with(['+', '-']) {
        return Err(
            "this time zone has no short name in the time zone database: use Z or ZZ".to_owned(),
        );
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::zone;
    use super::format;
    use jiff::Timestamp;

    /// 2015-12-18T14:05:09.047Z, a Friday.
    fn at(pattern: &str, zone_name: &str) -> Result<String, String> {
        let moment = Timestamp::from_millisecond(1_450_447_509_047).unwrap();
        format(
            pattern,
            &moment.to_zoned(zone(zone_name).unwrap()),
            zone_name,
        )
    }

    #[test]
    fn every_letter() {
        for (pattern, expected) in [
            ("G", "AD"),
            ("C", "20"),
            ("YYYY YY", "2015 15"),
            ("xxxx ww w", "2015 51 51"),
            ("e E EEEE", "5 Fri Friday"),
            ("y yy yyy yyyy yyyyy", "2015 15 2015 2015 02015"),
            ("D DDDD", "352 0352"),
            ("M MM MMM MMMM", "12 12 Dec December"),
            ("d dd", "18 18"),
            ("a", "PM"),
            ("K h H k", "2 2 14 14"),
            ("mm m ss s", "05 5 09 9"),
            ("S SS SSS SSSSSS", "0 04 047 047000"),
            ("z Z ZZ ZZZ", "UTC +0000 +00:00 UTC"),
            ("'it''s' ''d''", "it's '18'"),
            ("2 . é", "2 . é"),
        ] {
            assert_eq!(at(pattern, "UTC").as_deref(), Ok(expected), "{pattern}");
        }
        assert_eq!(
            at("HH:mm z ZZ ZZZ", "Europe/Dublin").unwrap(),
            "14:05 GMT +00:00 Europe/Dublin"
        );
        assert_eq!(at("HH:mm Z", "-03:30").unwrap(), "10:35 -0330");
    }

    #[test]
    fn what_is_not_supported_is_named() {
        assert!(at("q", "UTC").unwrap_err().contains("`q`"));
        assert!(at("zzzz", "UTC").unwrap_err().contains("zzzz"));
        assert!(at("'open", "UTC").unwrap_err().contains("quote"));
        assert!(
            at("z", "America/Sao_Paulo")
                .unwrap_err()
                .contains("short name")
        );
    }
}
