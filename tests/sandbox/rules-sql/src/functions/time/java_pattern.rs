//! Reading `java.time.format.DateTimeFormatter` patterns (JDK 11).

/// A number in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// `u`
    Year,
    /// `y`
    YearOfEra,
    Month,
    Day,
    DayOfYear,
    /// `H`
    Hour,
    /// `k`, 1 to 24
    ClockHour,
    /// `K`, 0 to 11
    HalfdayHour,
    /// `h`, 1 to 12
    HalfdayClockHour,
    Minute,
    Second,
    /// `A`
    MilliOfDay,
    /// `n`
    Nano,
    /// `N`
    NanoOfDay,
}

/// How an offset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OffsetForm {
    /// Whether hours and minutes are joined by a colon.
    pub(super) colon: bool,
    /// Whether minutes must, may or must not be there; `None`: may.
    pub(super) minutes: Option<bool>,
    /// Whether seconds may be there.
    pub(super) seconds: bool,
    /// Whether `Z` stands for zero.
    pub(super) zulu: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    Literal(String),
    /// Between `min` and `max` digits; with `sign`, a minus or, beyond `min` digits, a plus may stand before.
    Number {
        field: Field,
        min: usize,
        max: usize,
        signed: bool,
    },
    /// `yy`: two digits from 2000 to 2099.
    ShortYear,
    Fraction(usize),
    MonthName {
        full: bool,
    },
    DayName {
        full: bool,
    },
    Era {
        full: bool,
    },
    HalfDay,
    Offset(OffsetForm),
    /// `O`: `GMT+8` or `GMT+08:00`
    LocalizedOffset,
    /// `VV`
    ZoneId,
    /// `z`
    ZoneName,
    Optional(Vec<Element>),
}

/// Reads a pattern; the error says which part of it is not supported.
pub(super) fn parse(pattern: &str) -> Result<Vec<Element>, String> {
    let mut open: Vec<Vec<Element>> = vec![Vec::new()];
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c| c != first).unwrap_or(rest.len());
        let mut used = first.len_utf8();
        let element = match first {
            '\'' => {
                let (text, length) = quoted(rest)?;
                used = length;
                Some(Element::Literal(text))
            }
            '[' if open.len() > 16 => {
                return Err("optional sections are nested too deep".to_owned());
            }
            '[' => {
                open.push(Vec::new());
                None
            }
            ']' => {
                let section = open.pop().filter(|_| !open.is_empty());
                Some(Element::Optional(section.ok_or("`]` without `[`")?))
            }
            '{' | '}' | '#' => return Err(format!("`{first}` is reserved: put it in quotes")),
            letter if letter.is_ascii_alphabetic() => {
                used = run;
                Some(field(letter, run)?)
            }
            other => Some(Element::Literal(other.to_string())),
        };
        if let Some((element, section)) = element.zip(open.last_mut()) {
            section.push(element);
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    // Sections that are still open end with the pattern (as in Java).
    while open.len() > 1 {
        if let (Some(section), Some(outer)) = (open.pop(), open.last_mut()) {
            outer.push(Element::Optional(section));
        }
    }
    Ok(open.pop().unwrap_or_default())
}

/// The text in quotes and the length of the whole in bytes.
fn quoted(pattern: &str) -> Result<(String, usize), String> {
    if pattern.starts_with("''") {
        return Ok(("'".to_owned(), 2));
    }
    let mut text = String::new();
    let mut at = 1;
    loop {
        let rest = pattern.get(at..).unwrap_or_default();
        let end = rest.find('\'').ok_or("a quote is not closed")?;
        text.push_str(rest.get(..end).unwrap_or_default());
        at += end + 1;
        if !pattern.get(at..).is_some_and(|r| r.starts_with('\'')) {
            return Ok((text, at));
        }
        text.push('\'');
        at += 1;
    }
}

const fn number(field: Field, min: usize, max: usize, signed: bool) -> Element {
    Element::Number {
        field,
        min,
        max,
        signed,
    }
}

/// The fields that are written with one or two letters.
const fn small(letter: char) -> Option<Field> {
    Some(match letter {
        'd' => Field::Day,
        'H' => Field::Hour,
        'k' => Field::ClockHour,
        'K' => Field::HalfdayHour,
        'h' => Field::HalfdayClockHour,
        'm' => Field::Minute,
        's' => Field::Second,
        'M' | 'L' => Field::Month,
        _ => return None,
    })
}

fn field(letter: char, count: usize) -> Result<Element, String> {
    let too_many = || Err(format!("too many letters `{letter}`"));
    if let (Some(field), 1 | 2) = (small(letter), count) {
        return Ok(if count == 1 {
            number(field, 1, 19, true)
        } else {
            number(field, 2, 2, false)
        });
    }
    Ok(match (letter, count) {
        ('u' | 'y', 2) => Element::ShortYear,
        ('u', _) if count <= 19 => number(Field::Year, count, 19, true),
        ('y', _) if count <= 19 => number(Field::YearOfEra, count, 19, true),
        ('M' | 'L', 3 | 4) => Element::MonthName { full: count == 4 },
        ('E', 1..=4) => Element::DayName { full: count == 4 },
        ('G', 1..=4) => Element::Era { full: count == 4 },
        ('M' | 'L' | 'E' | 'G', 5) => {
            return Err(format!("narrow names (five `{letter}`) are not supported"));
        }
        ('D', 1) => number(Field::DayOfYear, 1, 19, true),
        ('D', 2 | 3) => number(Field::DayOfYear, count, 3, false),
        ('a', 1) => Element::HalfDay,
        ('S', 1..=9) => Element::Fraction(count),
        ('A', 1..=19) => number(Field::MilliOfDay, count, 19, false),
        ('n', 1..=19) => number(Field::Nano, count, 19, false),
        ('N', 1..=19) => number(Field::NanoOfDay, count, 19, false),
        ('X' | 'x', 1..=5) => Element::Offset(OffsetForm {
            colon: matches!(count, 3 | 5),
            minutes: if count == 1 { None } else { Some(true) },
            seconds: count >= 4,
            zulu: letter == 'X',
        }),
        ('Z', 1..=3) => Element::Offset(OffsetForm {
            colon: false,
            minutes: Some(true),
            seconds: false,
            zulu: false,
        }),
        ('Z', 4) | ('O', 1 | 4) => Element::LocalizedOffset,
        ('Z', 5) => Element::Offset(OffsetForm {
            colon: true,
            minutes: Some(true),
            seconds: true,
            zulu: true,
        }),
        ('V', 2) => Element::ZoneId,
        ('V', _) => return Err("a zone id is written `VV`".to_owned()),
        ('z', 1..=3) => Element::ZoneName,
        ('z', 4) => {
            return Err("full time zone names (`zzzz`) are not supported: use VV".to_owned());
        }
        ('Y' | 'w' | 'W' | 'e' | 'c' | 'F' | 'Q' | 'q' | 'p', _) => {
            return Err(format!(
                "the letter `{letter}` (weeks, quarters, padding) is not supported: write the date with years, months and days"
            ));
        }
        _ if small(letter).is_some() || "uyDaSAnNXxZOzEG".contains(letter) => return too_many(),
        _ => {
            return Err(format!(
                "`{letter}` is no letter of a java.time pattern: put text in quotes"
            ));
        }
    })
}
