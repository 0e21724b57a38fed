//! What the function is sent: `{"type":"reading"}` by the two telemetry rules, `sweep` by a schedule, `acknowledge` by
//! people.

use sci_domain::{
    alarm::AlarmFamily,
    measure::{Celsius, OutOfRange, RelativeHumidity},
    reading::Reading,
    refusal::{Reason, Refusal},
};
use sci_lambda::{fields::Fields, operation::Operation, rule_event};

/// A checked event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A device measured.
    Reading(Reading),
    /// A schedule or a person asks for something.
    Operation(Operation),
}

impl Event {
    /// Reads and checks an event, given as JSON text.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(event: &str) -> Result<Self, Refusal> {
        let fields = Fields::parse(event)?;
        let kind = fields.text("type")?;
        if let Some(operation) = Operation::read(&kind, &fields, AlarmFamily::Temperature) {
            return operation.map(Self::Operation);
        }
        match kind.as_str() {
            "reading" => reading(&fields).map(Self::Reading),
            _ => Err(Refusal::new(
                Reason::UnknownEventType,
                "type must be reading, sweep or acknowledge",
            )),
        }
    }
}

fn reading(fields: &Fields<'_>) -> Result<Reading, Refusal> {
    let environmental = match fields.text("source")?.as_str() {
        "sensors" => false,
        "environmental" => true,
        _ => {
            return Err(Refusal::new(
                Reason::UnknownEventType,
                "source must be sensors or environmental",
            ));
        }
    };
    if environmental {
        fields.require("claimed_property")?;
        fields.require("device_timestamp")?;
    } else {
        fields.require("claimed_device")?;
    }
    let origin = rule_event::origin(fields, |thing| {
        if environmental {
            format!("sci/properties/{thing}/environmental")
        } else {
            format!("sensors/{thing}/data")
        }
    })?;
    check_unit(fields)?;
    let temperature = Celsius::new(fields.number("temperature")?)
        .map_err(|error| out_of_range("temperature", error, Reason::TemperatureOutOfRange))?;
    let humidity = fields.optional_number("humidity")?;
    let humidity = humidity.map(RelativeHumidity::new).transpose();
    Ok(Reading {
        origin,
        temperature,
        humidity: humidity
            .map_err(|error| out_of_range("humidity", error, Reason::HumidityOutOfRange))?,
    })
}

fn check_unit(fields: &Fields<'_>) -> Result<(), Refusal> {
    match fields.optional_text("unit")?.as_deref().map(str::trim) {
        None => Ok(()),
        Some(unit) if ["c", "°c", "celsius"].contains(&unit.to_lowercase().as_str()) => Ok(()),
        Some(_) => Err(Refusal::new(
            Reason::UnitMixUp,
            "unit must be C: this suite does not convert",
        )),
    }
}

fn out_of_range(name: &str, error: OutOfRange, outside: Reason) -> Refusal {
    let reason = match error {
        OutOfRange::NotFinite => Reason::NumberOutOfRange,
        OutOfRange::LooksLikeKelvin => Reason::UnitMixUp,
        OutOfRange::Outside { .. } => outside,
    };
    Refusal::new(reason, format!("{name}: {error}"))
}
