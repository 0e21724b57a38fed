//! From the fields of a text to a moment.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::super::java_pattern::Field;

/// What a text says.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) numbers: Vec<(Field, i64)>,
    pub(super) nano_of_fraction: Option<i64>,
    pub(super) day_name: Option<usize>,
    pub(super) before_christ: bool,
    pub(super) afternoon: Option<bool>,
    pub(super) zone: Option<TimeZone>,
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

    /// The time in ms since the epoch; a text without a zone is in UTC.
    pub(super) fn resolve(&self) -> Option<i64> {
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
