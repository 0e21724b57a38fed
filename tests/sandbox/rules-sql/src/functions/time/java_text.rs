//! Reading texts by java.time patterns, with the resolver style SMART.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::java_pattern::{Element, Field, OffsetForm};
use super::names::{DAYS, MONTHS, short};
use super::{offset, zone};

/// What a text says.
#[derive(Debug, Clone, Default)]
struct Found {
    numbers: Vec<(Field, i64)>,
    nano_of_fraction: Option<i64>,
    day_name: Option<usize>,
    before_christ: bool,
    afternoon: Option<bool>,
    zone: Option<TimeZone>,
}

/// The time in ms since the epoch; `None` when the text does not fit the pattern or says no date.
pub(super) fn parse(elements: &[Element], text: &str) -> Result<Option<i64>, String> {
    let mut found = Found::default();
    Ok(match section(elements, text, &mut found) {
        Some("") => found.resolve(),
        _ => None,
    })
}

/// Reads elements; answers what follows.
fn section<'t>(elements: &[Element], mut text: &'t str, found: &mut Found) -> Option<&'t str> {
    for (place, element) in elements.iter().enumerate() {
        let following = elements.get(place + 1..).unwrap_or_default();
        text = match element {
            Element::Optional(inner) => {
                let mut attempt = found.clone();
                match section(inner, text, &mut attempt) {
                    Some(rest) => {
                        *found = attempt;
                        rest
                    }
                    None => text,
                }
            }
            other => one(other, following, text, found)?,
        };
    }
    Some(text)
}

fn one<'t>(
    element: &Element,
    following: &[Element],
    text: &'t str,
    found: &mut Found,
) -> Option<&'t str> {
    match element {
        Element::Literal(literal) => text.strip_prefix(literal.as_str()),
        Element::Number {
            field,
            min,
            max,
            signed,
        } => {
            let reserved = if min == max { 0 } else { reserved(following) };
            let (value, rest) = number(text, *min, *max, *signed, reserved)?;
            found.numbers.push((*field, value));
            Some(rest)
        }
        Element::ShortYear => {
            let (value, rest) = number(text, 2, 2, false, 0)?;
            found.numbers.push((Field::Year, 2000 + value));
            Some(rest)
        }
        Element::Fraction(digits) => {
            let (value, rest) = number(text, *digits, *digits, false, 0)?;
            let scale = 10_i64.checked_pow(u32::try_from(9_usize.checked_sub(*digits)?).ok()?)?;
            found.nano_of_fraction = Some(value * scale);
            Some(rest)
        }
        Element::MonthName { full } => {
            let (month, rest) = name(text, &MONTHS, *full)?;
            found
                .numbers
                .push((Field::Month, i64::try_from(month + 1).ok()?));
            Some(rest)
        }
        Element::DayName { full } => {
            let (day, rest) = name(text, &DAYS, *full)?;
            found.day_name = Some(day);
            Some(rest)
        }
        Element::Era { full } => {
            let names = if *full {
                ["Anno Domini", "Before Christ"]
            } else {
                ["AD", "BC"]
            };
            let era = names.iter().position(|n| text.starts_with(n))?;
            found.before_christ = era == 1;
            names.get(era).and_then(|n| text.strip_prefix(n))
        }
        Element::HalfDay => {
            let rest = text
                .strip_prefix("AM")
                .or_else(|| text.strip_prefix("PM"))?;
            found.afternoon = Some(text.starts_with('P'));
            Some(rest)
        }
        Element::Offset(form) => offset_form(*form, text, found),
        Element::LocalizedOffset => zone_text(text.strip_prefix("GMT").map(|_| text)?, found),
        Element::ZoneId | Element::ZoneName => zone_text(text, found),
        Element::Optional(_) => None,
    }
}

/// The digits that numbers of fixed width directly behind take (java.time's adjacent value parsing).
fn reserved(following: &[Element]) -> usize {
    following
        .iter()
        .map_while(|e| match e {
            Element::Number { min, max, .. } if min == max => Some(*min),
            Element::ShortYear => Some(2),
            Element::Fraction(digits) => Some(*digits),
            _ => None,
        })
        .sum()
}

fn number(
    text: &str,
    min: usize,
    max: usize,
    signed: bool,
    reserved: usize,
) -> Option<(i64, &str)> {
    let (negative, plus, digits) = match text.as_bytes().first() {
        Some(b'-') if signed => (true, false, text.get(1..)?),
        Some(b'+') if signed => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let available = digits.bytes().take_while(u8::is_ascii_digit).count();
    let length = available
        .saturating_sub(reserved)
        .max(min)
        .min(max)
        .min(available);
    if length < min || (plus && length <= min) {
        return None;
    }
    // Without a sign, four letters of a year stand for four digits (SignStyle.EXCEEDS_PAD).
    if min >= 4 && length > min && !plus && !negative {
        return None;
    }
    let (value, rest) = digits.split_at_checked(length)?;
    let value: i64 = value.parse().ok()?;
    Some((if negative { -value } else { value }, rest))
}

fn name<'t>(text: &'t str, names: &[&str], full: bool) -> Option<(usize, &'t str)> {
    names.iter().enumerate().find_map(|(number, name)| {
        let name = if full { *name } else { short(name) };
        Some((number, text.strip_prefix(name)?))
    })
}

fn offset_form<'t>(form: OffsetForm, text: &'t str, found: &mut Found) -> Option<&'t str> {
    if form.zulu
        && let Some(rest) = text.strip_prefix('Z')
    {
        found.zone = Some(TimeZone::UTC);
        return Some(rest);
    }
    let mut lengths: Vec<usize> = Vec::new();
    if form.seconds {
        lengths.push(if form.colon { 9 } else { 7 });
    }
    if form.minutes != Some(false) {
        lengths.push(if form.colon { 6 } else { 5 });
    }
    if form.minutes.is_none() {
        lengths.push(3);
    }
    let (value, rest) = lengths.iter().find_map(|length| {
        let (head, rest) = text.split_at_checked(*length)?;
        let colons = head.matches(':').count();
        let expected = if form.colon { (*length - 3) / 3 } else { 0 };
        if colons != expected {
            return None;
        }
        // Eight digits with seconds have no form without colons there.
        let head = if *length == 7 {
            let (hours, minutes, seconds) = (head.get(..3)?, head.get(3..5)?, head.get(5..)?);
            offset(&format!("{hours}:{minutes}:{seconds}"))?
        } else {
            offset(head)?
        };
        Some((head, rest))
    })?;
    found.zone = Some(value.to_time_zone());
    Some(rest)
}

/// The longest text that names a zone. Abbreviations other than UTC and GMT are ambiguous and not read.
fn zone_text<'t>(text: &'t str, found: &mut Found) -> Option<&'t str> {
    let length = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || "/_+-:".contains(c)))
        .unwrap_or(text.len());
    let (head, rest) = text.split_at_checked(length)?;
    found.zone = Some(zone(head)?);
    Some(rest)
}

impl Found {
    /// The value of a field; `None` also when it was given twice with different values.
    fn get(&self, field: Field) -> Option<i64> {
        let mut values = self
            .numbers
            .iter()
            .filter(|(f, _)| *f == field)
            .map(|(_, v)| *v);
        let first = values.next()?;
        values.all(|v| v == first).then_some(first)
    }

    fn date(&self) -> Option<Date> {
        let year = match (self.get(Field::Year), self.get(Field::YearOfEra)) {
            (Some(year), None) => year,
            (None, Some(year)) if year < 1 => return None,
            (None, Some(year)) if self.before_christ => 1 - year,
            (None, Some(year)) => year,
            (Some(year), Some(of_era)) if year == of_era => year,
            _ => return None,
        };
        let year = i16::try_from(year).ok()?;
        let first = Date::new(year, 1, 1).ok()?;
        let date = match (
            self.get(Field::Month),
            self.get(Field::Day),
            self.get(Field::DayOfYear),
        ) {
            (None, None, Some(day)) => {
                if !(1..=i64::from(first.days_in_year())).contains(&day) {
                    return None;
                }
                let days = i32::try_from(day - 1).ok()?;
                first.checked_add(jiff::Span::new().days(days)).ok()?
            }
            (Some(month), Some(day), _) => {
                let month = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
                if !(1..=31).contains(&day) {
                    return None;
                }
                // SMART: the 31st of a shorter month is its last day.
                let day = i8::try_from(day).ok()?.min(month.days_in_month());
                Date::new(year, month.month(), day).ok()?
            }
            _ => return None,
        };
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
        let fits = self.day_name.is_none_or(|day| day == weekday);
        fits.then_some(date)
    }

    /// The hour; `None` when it is out of range or its half of the day is missing.
    fn hour(&self) -> Option<Option<i64>> {
        let half = |value: i64, range: std::ops::RangeInclusive<i64>| {
            let afternoon = self.afternoon?;
            range
                .contains(&value)
                .then_some(value % 12 + if afternoon { 12 } else { 0 })
        };
        if let Some(hour) = self.get(Field::Hour) {
            return (0..24).contains(&hour).then_some(Some(hour));
        }
        if let Some(hour) = self.get(Field::ClockHour) {
            return (1..=24).contains(&hour).then_some(Some(hour % 24));
        }
        if let Some(hour) = self.get(Field::HalfdayClockHour) {
            return half(hour, 1..=12).map(Some);
        }
        if let Some(hour) = self.get(Field::HalfdayHour) {
            return half(hour, 0..=11).map(Some);
        }
        Some(None)
    }

    /// Nanoseconds since midnight; midnight when the text says no time.
    fn nano_of_day(&self) -> Option<i64> {
        const SECOND: i64 = 1_000_000_000;
        if let Some(nano) = self.get(Field::NanoOfDay) {
            return (0..86_400 * SECOND).contains(&nano).then_some(nano);
        }
        if let Some(milli) = self.get(Field::MilliOfDay) {
            return (0..86_400_000)
                .contains(&milli)
                .then_some(milli * 1_000_000);
        }
        let hour = self.hour()?.unwrap_or(0);
        let minute = self.get(Field::Minute).unwrap_or(0);
        let second = self.get(Field::Second).unwrap_or(0);
        let nano = self.nano_of_fraction.or(self.get(Field::Nano)).unwrap_or(0);
        let in_range =
            (0..60).contains(&minute) && (0..60).contains(&second) && (0..SECOND).contains(&nano);
        in_range.then_some((hour * 3600 + minute * 60 + second) * SECOND + nano)
    }

    fn resolve(&self) -> Option<i64> {
        let date = self.date()?;
        let nanos = self.nano_of_day()?;
        let time = Time::midnight()
            .checked_add(jiff::SignedDuration::from_nanos(nanos))
            .ok()?;
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        let moment = DateTime::from_parts(date, time).to_zoned(zone).ok()?;
        Some(moment.timestamp().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::super::java_pattern;
    use super::parse;

    fn ms(text: &str, pattern: &str) -> Option<i64> {
        parse(&java_pattern::parse(pattern).unwrap(), text).unwrap()
    }

    #[test]
    fn letters() {
        const DAY: i64 = 1_450_396_800_000; // 2015-12-18T00:00Z, a Friday
        const NOON: i64 = DAY + 12 * 3_600_000;
        for (text, pattern, expected) in [
            ("2015-12-18", "uuuu-MM-dd", DAY),
            ("2015-12-18", "yyyy-M-d", DAY),
            ("15-12-18", "yy-MM-dd", DAY),
            ("18Dec2015", "ddMMMyyyy", DAY),
            ("2015352", "yyyyDDD", DAY),
            ("Fri, 18 December 2015 AD", "EEE, d MMMM y G", DAY),
            ("Friday 20151218", "EEEE yyyyMMdd", DAY),
            ("20151218120000", "yyyyMMddHHmmss", NOON),
            ("2015-12-18 12 PM", "yyyy-MM-dd h a", NOON),
            ("2015-12-18 00 PM", "yyyy-MM-dd KK a", NOON),
            ("2015-12-18 24", "yyyy-MM-dd kk", DAY),
            ("2015-12-18 43200000", "yyyy-MM-dd A", NOON),
            ("2015-12-18 43200000000000", "yyyy-MM-dd N", NOON),
            (
                "2015-12-18T12:00:00.5",
                "yyyy-MM-dd'T'HH:mm:ss[.S]",
                NOON + 500,
            ),
            ("2015-12-18T12:00:00", "yyyy-MM-dd'T'HH:mm:ss[.SSS]", NOON),
            (
                "2015-12-18T12:00:00.123456",
                "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
                NOON + 123,
            ),
            ("2015-12-18T14:00+02", "yyyy-MM-dd'T'HH:mmX", NOON),
            ("2015-12-18T14:00+0200", "yyyy-MM-dd'T'HH:mmX", NOON),
            ("2015-12-18T14:00+0200", "yyyy-MM-dd'T'HH:mmZ", NOON),
            ("2015-12-18T14:00+02:00", "yyyy-MM-dd'T'HH:mmXXX", NOON),
            ("2015-12-18T12:00Z", "yyyy-MM-dd'T'HH:mmXXX", NOON),
            ("2015-12-18T14:00GMT+2", "yyyy-MM-dd'T'HH:mmO", NOON),
            (
                "2015-12-18T13:00[Europe/Paris]",
                "yyyy-MM-dd'T'HH:mm'['VV']'",
                NOON,
            ),
            ("2015-12-18T12:00 UTC", "yyyy-MM-dd'T'HH:mm z", NOON),
            ("2015-02-31", "yyyy-MM-dd", 1_425_081_600_000),
            ("1969-12-31T23:59:59.999", "uuuu-MM-dd'T'HH:mm:ss.SSS", -1),
        ] {
            assert_eq!(ms(text, pattern), Some(expected), "{text} {pattern}");
        }
    }

    #[test]
    fn texts_that_do_not_fit() {
        for (text, pattern) in [
            ("2015-12-18x", "yyyy-MM-dd"),
            ("2015-13-18", "yyyy-MM-dd"),
            ("2015-12-32", "yyyy-MM-dd"),
            ("2015-12-18 25", "yyyy-MM-dd HH"),
            ("2015-12-18 03", "yyyy-MM-dd hh"),
            ("12:00", "HH:mm"),
            ("Thu 2015-12-18", "EEE yyyy-MM-dd"),
            ("18 december 2015", "d MMMM yyyy"),
            ("2015-12-18 PST", "yyyy-MM-dd z"),
            ("2015-12-18T14:00Z", "yyyy-MM-dd'T'HH:mmx"),
            ("", "yyyy"),
        ] {
            assert_eq!(ms(text, pattern), None, "{text} {pattern}");
        }
    }

    #[test]
    fn patterns_that_are_none() {
        for (pattern, named) in [
            ("yyyy-ww", "`w`"),
            ("MMMMM", "narrow"),
            ("HHH", "too many letters `H`"),
            ("b", "`b`"),
            ("'open", "quote"),
            ("]", "`]`"),
            ("{", "reserved"),
            ("V", "VV"),
        ] {
            let reason = java_pattern::parse(pattern).unwrap_err();
            assert!(reason.contains(named), "{pattern}: {reason}");
        }
    }
}
