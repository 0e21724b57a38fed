//! Reading texts by java.time patterns, with the resolver style SMART.

mod resolve;

use jiff::tz::TimeZone;

use self::resolve::Found;

use super::java_pattern::{Element, Field, OffsetForm};
use super::names::{DAYS, MONTHS, short};
use super::{offset, zone};

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

#[cfg(test)]
mod tests;
